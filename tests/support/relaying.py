"""Households without native coin, in front of the relay."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import RowMapping, select

from energy_grid.backend.relay_service.budget import RelayLimits
from energy_grid.backend.relay_service.door import RelayDoor
from energy_grid.backend.relay_service.service import RelayService
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.relays import RELAYED_CALLS
from energy_grid.chain.accounts import Account
from energy_grid.chain.contract import Call
from energy_grid.client import EnergyGrid
from energy_grid.market.consent_files import calls_document
from energy_grid.market.relays import SignedCall
from energy_grid.market.signing import domain_of, sign_request
from tests.support.market import DAY, Market

__all__ = ["DOLLAR", "HOUSES", "RELAY", "Relaying", "document_of"]

RELAY = Account.local(16)
# Nobody has given these any native coin.
HOUSES = [Account.local(number) for number in range(45, 50)]
DOLLAR = 10**6
_LIMITS = RelayLimits(gas=500_000_000, account_gas=2_000_000)


def document_of(signed: SignedCall) -> dict[str, Any]:
    """A call as it is sent over HTTP."""
    (document,) = calls_document([signed], (1, signed.request.to))["calls"]
    return dict(document)


class _Service(RelayService):
    """One in front of which something happens after its calls were tried."""

    before_sending: Callable[[], object] | None = None

    def _send(self, attempts: Any, now: int) -> bool:
        action, self.before_sending = self.before_sending, None
        if action is not None:
            action()
        return super()._send(attempts, now)


class Relaying:
    """The relay's door and service, beside a market and a store; each house has 30 dollars."""

    def __init__(self, market: Market, grid: EnergyGrid, database: Database) -> None:
        self.market, self.grid, self.database = market, grid, database
        self.lines: list[str] = []
        market.node.set_balance(RELAY.address, 10**21)
        for house in HOUSES:
            grid.plan(Account.local(10), grid.money.faucet(30 * DOLLAR)).execute()
            grid.plan(Account.local(10), grid.money.transfer(house.address, 30 * DOLLAR)).execute()
            assert market.node.balance(house.address) == 0

    def door(self, limits: RelayLimits = _LIMITS) -> RelayDoor:
        """A door with its limits."""
        return RelayDoor(self.grid, self.database, limits)

    def service(self, limits: RelayLimits = _LIMITS) -> _Service:
        """A service that has just been started."""
        return _Service(
            self.grid,
            self.database,
            RELAY,
            limits=limits,
            finality=8,
            log=self.lines.append,
        )

    def run(self, service: RelayService | None = None) -> None:
        """Until nothing is left that can be done now."""
        service = service or self.service()
        while service.step() == 0.0:
            pass

    def deposit(self, house: Account, dollars: int = 20) -> SignedCall:
        """A deposit with its permit in it."""
        call = self.grid.prepare_deposit_with_permit(house, dollars * DOLLAR)
        (signed,) = self.grid.sign_calls(house, [call])
        return signed

    def signed(
        self,
        house: Account,
        call: Call,
        *,
        nonce: int | None = None,
        gas: int = 3_000_000,
        deadline: int | None = None,
    ) -> SignedCall:
        """A call that is not tried before."""
        forwarder = self.grid.forwarder
        nonce = forwarder.nonces(house.address) if nonce is None else nonce
        until = self.grid.node.time + 3600 if deadline is None else deadline
        place = call.to, call.data
        request = sign_request(house, place, gas, nonce, until, domain_of(forwarder))
        return SignedCall(request=request, nonce=nonce)

    def withdraw(self, house: Account, dollars: int, **options: Any) -> SignedCall:
        """A call to get money back."""
        call = self.grid.settlement.withdraw(dollars * DOLLAR, house.address)
        return self.signed(house, call, **options)

    def rows(self) -> Sequence[RowMapping]:
        """All calls in the store, as they came."""
        with self.database.reading() as connection:
            wanted = select(RELAYED_CALLS).order_by(RELAYED_CALLS.c.number)
            return connection.execute(wanted).mappings().all()

    def states(self) -> list[str]:
        """Of all calls."""
        return [row["state"] for row in self.rows()]

    def held(self, house: Account) -> int:
        """Dollars in a house's settlement account."""
        return self.grid.settlement.balance_of(house.address) // DOLLAR

    def tomorrow(self) -> None:
        """Let the next day of the chain begin."""
        now = self.market.now
        self.market.go_to((now // DAY + 1) * DAY + 60)
