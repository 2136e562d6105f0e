"""A market that VENs ask over HTTP, with a client that others wrote (PyPI openadr3)."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import openadr3
from eth_account.signers.local import LocalAccount

from energy_grid.backend.api.vtn.application import PREFIX
from energy_grid.backend.relay_service.budget import RelayLimits
from energy_grid.backend.relay_service.service import RelayService
from energy_grid.chain.accounts import Account
from energy_grid.domain.enums import EventKind
from tests.integration.backend.api.conftest import Api
from tests.support.market import HOME, actor
from tests.support.relaying import RELAY
from tests.unit.contracts.demand_response.scheme import RATE, Scheme, open_scheme

__all__ = ["Vtn", "account_of", "metered", "open_program", "schedule"]

_HOUR = 3600


@dataclass
class Vtn:
    """A market that VENs ask, at an address."""

    api: Api
    address: str
    ends: ExitStack

    @property
    def base(self) -> str:
        return f"{self.address}{PREFIX}"

    def issue(self, key: LocalAccount, **options: Any) -> dict[str, str]:
        """Credentials of an account for a VEN."""
        wanted = {"name": "Heat pump", **options}
        found = self.api.post(f"/accounts/{key.address}/vens", wanted, account_of(key))
        assert found.status_code == 201, found.text
        return dict(found.json())

    def client(self, given: dict[str, str]) -> openadr3.OpenADRClient:
        """A VEN with credentials."""
        token = openadr3.fetch_token(self.base, given["client_id"], given["client_secret"])
        found = self.ends.enter_context(openadr3.create_ven_client(self.base, token))
        # Its five seconds are too few for a busy machine, and it has no setting for them.
        found._http.timeout = 60
        return found

    def ven(self, key: LocalAccount, **options: Any) -> openadr3.OpenADRClient:
        """A VEN of an account."""
        return self.client(self.issue(key, **options))

    def relay(self) -> None:
        """Let the market's relay send what it has taken."""
        grid = self.api.exchange.grid
        self.api.exchange.market.node.set_balance(RELAY.address, 10**21)
        limits = RelayLimits(gas=500_000_000, account_gas=2_000_000)
        service = RelayService(
            grid, self.api.database, RELAY, limits=limits, finality=8, log=lambda _: None
        )
        while service.step() == 0.0:
            pass
        self.api.live()


def account_of(key: LocalAccount) -> Account:
    return Account(bytes(key.key))


def open_program(api: Api, *members: LocalAccount, watts: int = 1000) -> tuple[Scheme, int]:
    """A program of the houses' region that these have joined; its number."""
    scheme = open_scheme(api.exchange.market)
    scheme.operator = scheme.registered("operator of the home region", HOME)
    program = scheme.create(region=HOME)
    for each in members:
        scheme.do(each, "joinProgram", program, watts)
    return scheme, program


def schedule(
    scheme: Scheme,
    program: int,
    *,
    hours: int = 1,
    ramp: int = 0,
    ahead: int = 3,
    group: bytes = bytes(32),
    opt_in: bool = False,
    is_test: bool = False,
    price: int | None = None,
) -> int:
    """Announce an event some hours ahead; its number.

    Args:
        hours, ramp: it lasts, and is not measured at its beginning.
        price: per kWh of a price signal; None: it pays for a reduction of 1 kW.
    """
    start = (scheme.market.now // _HOUR + ahead) * _HOUR
    is_price = price is not None
    kind = EventKind.PRICE if is_price else EventKind.CAPACITY
    reward = price if is_price else 0 if program else RATE
    lengths = (start, hours * _HOUR, ramp * _HOUR)
    terms = (program, kind, 0 if is_price else 1, reward, *lengths, group, opt_in, is_test)
    scheme.do(scheme.operator, "scheduleEvent", terms)
    return int(scheme.view("eventCount"))


def metered(api: Api, name: str) -> LocalAccount:
    """Somebody with a meter."""
    key = actor(name)
    api.exchange.market.register_meter(key)
    api.live()
    return key
