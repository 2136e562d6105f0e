"""What a household and its device do to come into the market."""

from __future__ import annotations

from typing import Any

from eth_account.messages import encode_typed_data

from energy_grid.api.values import time_of
from energy_grid.chain.accounts import Account
from energy_grid.contracts.smart_meter import Registration
from energy_grid.domain.hashing import keccak
from energy_grid.market.signing import sign_registration
from tests.integration.backend.api.conftest import Api

__all__ = ["agree", "enrol", "prove"]


def enrol(api: Api, id: str, holder: Account, device: Account) -> None:
    """Do all that a household does, until the registrar's turn comes."""
    accepted = api.post(f"/enrolments/{id}/acceptance", None, holder).json()
    proven = prove(api, accepted, device).json()
    assert agree(api, proven, holder).json()["state"] == "AGREED"


def prove(api: Api, enrolment: Any, device: Account, **changes: Any) -> Any:
    """Hand in what a device signs, or what it should not; the answer."""
    grid = api.exchange.grid
    values = {
        "meter": enrolment["meter"],
        "account": enrolment["account"],
        "region": enrolment["region"],
        "rated_power": enrolment["rated_power_w"],
        "settlement": enrolment["is_settlement"],
        "consumption": 1500,
        "production": 20,
        "deadline": grid.node.time + 86_400,
        **changes,
    }
    terms = Registration(**values)
    body = {
        "import_wh": terms.consumption,
        "export_wh": terms.production,
        "deadline": time_of(terms.deadline).isoformat().replace("+00:00", "Z"),
        "proof": f"0x{sign_registration(device, terms, grid.meter_domain).hex()}",
    }
    return api.post(f"/enrolments/{enrolment['id']}/proof", body)


def agree(api: Api, enrolment: Any, who: Account) -> Any:
    """Agree as a wallet does, of what it is shown alone; the answer."""
    found = encode_typed_data(full_message=enrolment["typed_data"])
    digest = keccak(b"\x19" + found.version + found.header + found.body)
    consent = f"0x{who.sign(digest).long.hex()}"
    return api.post(f"/enrolments/{enrolment['id']}/consent", {"consent": consent})
