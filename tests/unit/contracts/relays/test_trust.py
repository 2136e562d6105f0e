"""The forwarder has no role and is no module: no signature reaches what is not a household's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from energy_grid.chain.accounts import Account
from tests.support.artifacts import artifact
from tests.support.core.callers import Entry, entries
from tests.support.core.chain import Reverted, refused
from tests.support.core.meter_suite import REGISTRAR
from tests.support.core.relay_suite import RELAY, Street, key

ADMIN_ROLE = 0
ADMIN = key("admin")
TRUSTING = {
    *("Settlement", "Communities", "SmartMeter"),
    *("EnergyTrading", "GridManagement", "PeerToPeerTrading"),
}
# Not deployed here, and they trust nobody.
OTHERS = ("StabilityMaintenance", "GridOperatorVerification")
# What the caller alone may do, and no role: the errors' first value is the caller.
MODULES = {
    *("Settlement_OnlyModule", "GridManagement_OnlyOracle", "GridManagement_OnlyStability"),
    *("AccessManagedUnauthorized", "SmartMeter_UnknownMeter", "SmartMeter_WrongCaller"),
}


@pytest.fixture(scope="module")
def made() -> Street:
    street = Street()
    street.market.manager.grantRole(ADMIN_ROLE, ADMIN.address, 0, by=REGISTRAR)
    return street


@pytest.fixture
def street(made: Street) -> Iterator[Street]:
    with made.unchanged():
        yield made


def _split(kinds: str) -> Iterator[str]:
    """The fields of a struct."""
    depth, start = 0, 0
    for place, sign in enumerate(kinds):
        depth += (sign == "(") - (sign == ")")
        if sign == "," and not depth:
            yield kinds[start:place]
            start = place + 1
    yield kinds[start:]


def _nothing(kind: str) -> Any:
    """The least value of a type."""
    if kind.endswith("]"):
        return []
    if kind.startswith("("):
        return tuple(map(_nothing, _split(kind[1:-1])))
    least = {"bool": False, "bytes": b"", "string": "", "address": "0x" + 40 * "0"}
    return least.get(kind, bytes(32) if kind.startswith("bytes") else 0)


def _call(street: Street, contract: str, signature: str) -> bytes:
    function = street[contract].abi.function(signature)
    return function.encode([_nothing(kind) for kind in function.inputs.types])


def _all(street: Street) -> list[tuple[str, Entry]]:
    return [
        (contract, entry) for contract in street.market.contracts for entry in entries(contract)
    ]


def _error(street: Street, by: str, contract: str, data: bytes) -> str:
    with street.unchanged():
        try:
            street.chain.send(by, street[contract].address, data)
        except Reverted as refusal:
            return refusal.name
    return ""


def test_restricted_functions__by_a_role_holders_signature__are_refused(street: Street) -> None:
    forwarder, count = street.forwarder.address, 0
    for contract, entry in _all(street):
        if not entry.restricted:
            continue
        count += 1
        data = _call(street, contract, entry.signature)
        assert not entry.asks_holder, entry
        assert _error(street, ADMIN.address, contract, data) != "AccessManagedUnauthorized", entry
        request = street.request(ADMIN, street[contract].address, data)
        if contract in TRUSTING:
            with refused("FailedCall"):
                street.send(request)
        else:
            with refused("ERC2771UntrustfulTarget", street[contract].address, forwarder):
                street.send(request)
        reason = street.reason(ADMIN.address, contract, data)
        assert reason == ("AccessManagedUnauthorized", (forwarder,)), entry
    assert count > 30


def test_sources__name_every_function_that_needs_a_role(street: Street) -> None:
    """Who has no role is refused by all that the sources call restricted, and by nothing else."""
    for contract, entry in _all(street):
        data = _call(street, contract, entry.signature)
        needs_role = _error(street, RELAY, contract, data) == "AccessManagedUnauthorized"
        by_authority = entry.signature == "setAuthority(address)"
        assert needs_role == (entry.restricted or by_authority), (contract, entry)


def test_callers_alone__by_signature__are_refused_by_name(street: Street) -> None:
    """What neither asks for a role nor for the holder, and looks at the caller: the modules'."""
    found = set()
    for contract, entry in _all(street):
        if contract in TRUSTING and entry.asks_sender and not entry.restricted:
            data = _call(street, contract, entry.signature)
            if contract == "SmartMeter" and entry.signature.startswith("submitReading"):
                data = data[:4] + street.chain.now.to_bytes(32, "big") + data[36:]
            name, values = street.reason(ADMIN.address, contract, data)
            assert values[0] == street.forwarder.address, (contract, entry)
            assert not entry.asks_holder, entry
            found.add(name)
    assert found == MODULES


def test_trust__is_in_the_forwarder_alone(street: Street) -> None:
    forwarder = street.forwarder.address
    deployed = {
        **street.market.contracts,
        "Token": street.market.token,
        "Manager": street.market.manager,
    }
    trusting = set()
    for name, contract in deployed.items():
        if "isTrustedForwarder(address)" not in contract.abi.functions:
            continue
        trusting.add(name)
        assert contract.isTrustedForwarder(forwarder)
        for other in RELAY, ADMIN.address, REGISTRAR, contract.address, "0x" + 40 * "0":
            assert not contract.isTrustedForwarder(other)
    assert trusting == {*TRUSTING, "Token"}


@pytest.mark.parametrize("name", OTHERS)
def test_other_contracts__trust_no_forwarder(name: str) -> None:
    names = [entry.get("name") for entry in artifact(name).abi.entries]
    assert "isTrustedForwarder" not in names
    assert not any(entry.asks_holder for entry in entries(name))


@pytest.mark.parametrize("name", ["EnergyToken", "manager", "forwarder"])
def test_request__to_what_trusts_nobody__is_refused(street: Street, name: str) -> None:
    """Such as a token: the forwarder may have an allowance by mistake."""
    found = street.market.contracts.get(name)
    target = found or getattr(street.market, name)
    request = street.request(ADMIN, target.address, b"\0" * 4)
    with refused("ERC2771UntrustfulTarget", target.address, street.forwarder.address):
        street.send(request)


def test_no_forwarder__nobody_speaks_for_others() -> None:
    """With the zero address as forwarder a request has no way in."""
    street = Street()
    chain, market = street.chain, street.market
    nobody: Account = key("nobody")
    alone = chain.deploy(
        "Communities",
        (
            *(market["Settlement"].address, market["EnergyAccounts"].address),
            *(market["Tariffs"].address, market["SmartMeter"].address, "0x" + 40 * "0"),
        ),
    )
    data = alone.abi.function("join").encode([1])
    request = street.request(nobody, alone.address, data)
    with refused("ERC2771UntrustfulTarget", alone.address, street.forwarder.address):
        street.send(request)
