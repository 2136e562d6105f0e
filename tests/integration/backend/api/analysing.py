"""A street whose days have been read, traded and closed, for analytics of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from eth_account import Account as EthAccount
from eth_account.signers.local import LocalAccount

from energy_grid.backend.api.summing import sum_up
from energy_grid.chain.accounts import Account
from energy_grid.domain.periods import Period, PeriodKind
from tests.integration.backend.api.conftest import Api
from tests.integration.exchange import BUY, PRICE, SELL
from tests.support.market import DAY, HOME, MONDAY, actor

__all__ = ["SPAN", "Street", "summed", "traded_street"]

SPAN = "from=2024-01-01&to=2024-01-31"
_TEN = Period(kind=PeriodKind.HOURLY, start=MONDAY + DAY + 10 * 3600)


@dataclass(frozen=True, slots=True)
class Street:
    """Six traders, and five members of community 1 who do not trade; Tuesday is read and closed.

    Attributes:
        days: of each account the answer of its own path, for Tuesday.
    """

    api: Api
    traders: list[Account]
    members: list[Account]
    days: dict[str, Any]

    def get(self, name: str, query: str = "", who: Account | None = None) -> Any:
        """An answer of analytics."""
        found = self.api.get(f"/analytics/{name}?{SPAN}{query}", who)
        assert found.status_code == 200, found.text
        return found.json()

    def sum(self, name: str, whose: list[Account]) -> int:
        """What some have together, of Tuesday."""
        return sum(int(self.days[each.address][name]) for each in whose)


def summed(api: Api) -> None:
    """Do what the backend does once a minute."""
    sum_up(api.database, 0, 3600)


def traded_street(api: Api) -> Street:
    """Three buy and three sell; members draw by night, and give at noon."""
    exchange, market = api.exchange, api.exchange.market
    homes = [EthAccount.from_key(each._key.secret) for each in exchange.traders]
    members = [actor(f"member {number}") for number in range(5)]
    market.do(members[0], market.communities, "create", HOME, 5000, members[0].address)
    meters: dict[str, LocalAccount] = {}
    for place, each in enumerate((*homes, *members)):
        meters[each.address] = market.register_meter(each)
        if place >= len(homes):
            market.do(each, market.communities, "join", 1)
    for trader in range(6):
        side = BUY if trader < 3 else SELL
        price = PRICE + 10_000 - 1_000 * trader
        placed = api.place(
            exchange.order(trader, side, 100 + trader, price, period=_TEN, expiry=_TEN.last_order)
        )
        assert placed.status_code == 201, placed.text
    api.live()
    market.go_to(MONDAY + 2 * DAY + 8 * 3600)
    for place, each in enumerate((*homes, *members)):
        market.measure(meters[each.address], *(_flow(place, hour) for hour in range(24)))
    accounts = [each.address for each in (*homes, *members)]
    keeper = actor("keeper")
    market.do(keeper, market.settlement, "closeThrough", accounts, MONDAY // DAY + 1)
    api.live()
    people = [*exchange.traders, *(Account(bytes(each.key)) for each in members)]
    days = {
        each.address: api.get(f"/accounts/{each.address}/days", each).json()["items"][0]
        for each in people
    }
    assert {each["day"] for each in days.values()} == {"2024-01-02"}
    return Street(api, people[:6], people[6:], days)


def _flow(place: int, hour: int) -> tuple[int, int]:
    """What a house takes and gives in an hour, Wh."""
    if place < 3:
        return 100 + place, 0
    if place < 6:
        return 0, 90 + hour
    return (0, 300) if hour == 12 else (40 + place, 0)
