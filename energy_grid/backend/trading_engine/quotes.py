"""What the book of a period looks like, and what an order would bring in it; nothing changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from energy_grid.backend.store.database import Database
from energy_grid.backend.store.events import table_of
from energy_grid.backend.store.orders import SIGNED_ORDERS
from energy_grid.backend.trading_engine.book import open_order
from energy_grid.backend.trading_engine.states import LIVE
from energy_grid.client import EnergyGrid
from energy_grid.domain.batch_clearing import Cleared, OpenOrder, clear_orders
from energy_grid.domain.costs import EXACT, cost_down, cost_up
from energy_grid.domain.orders import OrderTerms, OrderType
from energy_grid.domain.periods import DAY_SECONDS, Period
from energy_grid.domain.signed_orders import SignedOrder, order_hash
from energy_grid.errors import EnergyGridError
from energy_grid.market.trader_accounts import TraderAccounts

__all__ = ["NoAccountError", "OrderQuote", "Quotes"]

_PAST_DAYS = 28
# What orders of one limit cannot share nobody knows beforehand: this seed stands for all.
_ANY_SEED = bytes(32)


class NoAccountError(EnergyGridError):
    """An address has no account in the market.

    Attributes:
        trader: the address.
    """

    def __init__(self, trader: str) -> None:
        self.trader = trader
        super().__init__(trader)

    def __str__(self) -> str:
        return f"{self.trader} has no account: a deposit opens one"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderQuote:
    """What an order would bring; money in base units, below 0 if the account pays.

    Attributes:
        terms: that were asked for, with the nonce that is free.
        at_limit: if all of it trades at its limit.
        reserved, available: what it would reserve, and what the account could.
        fills_now: Wh that trade if the book is cleared with it now.
        price_now: of that; None if nothing trades.
        money_now: for that.
        grid_alone: all of it with the grid.
        past: how many periods of this hour traded in the last 28 days.
        past_within: how many of them at a price within its limit.
    """

    terms: OrderTerms
    nonce: int
    at_limit: int
    reserved: int
    available: int
    fills_now: int
    price_now: int | None
    money_now: int
    grid_alone: int
    past: int
    past_within: int


class Quotes:
    """Reads books.

    Args:
        regions: of the market, by their numbers from 1 on.
    """

    def __init__(self, market: EnergyGrid, database: Database, regions: Sequence[str]) -> None:
        self._market, self._database, self._regions = market, database, regions
        self._accounts = TraderAccounts(market.settlement)

    def book(self, period: Period, region: int) -> list[OpenOrder]:
        """The signed orders of a period that can trade.

        Args:
            region: its number.
        """
        table = SIGNED_ORDERS.c
        wanted = select(SIGNED_ORDERS).where(
            *(table.start == period.start, table.kind == period.kind, table.region == region),
            *(table.state.in_(LIVE), ~table.withdrawn),
            table.expiry >= self._market.node.time,
        )
        with self._database.reading() as connection:
            rows = connection.execute(wanted).mappings().all()
        return [open_order(row, row["amount"] - row["filled"]) for row in rows]

    def cleared(self, period: Period, book: Sequence[OpenOrder]) -> Cleared:
        """What clearing a book now would give."""
        return clear_orders(book, len(period.slots(self._accounts.slot_length)), _ANY_SEED)

    def quote(
        self, trader: str, order_type: OrderType, *, energy: int, price: int, period: Period
    ) -> OrderQuote:
        """What an order would bring.

        Raises:
            DomainError: it is none, or could never trade.
            NoAccountError: the trader has no account.
        """
        market = self._market
        terms, nonce = market.order_terms(
            trader, order_type, energy=energy, price=price, period=period
        )
        account = self._accounts.read([trader])[trader]
        if not account.number:
            raise NoAccountError(trader)
        region, day = account.region, period.start // DAY_SECONDS
        balances = self._accounts.balances({trader: account}, [period])[period]
        tariff = market.tariffs.tariff_of(self._regions[region - 1], day)
        own = OpenOrder(
            id=int.from_bytes(order_hash(terms, nonce, market.trading_domain), "big"),
            trader=trader,
            order_type=order_type,
            price=price,
            open_wh=energy,
            signed=SignedOrder(terms=terms, nonce=nonce, signature=b""),
        )
        cleared = self.cleared(period, [*self.book(period, region), own])
        fills = cleared.fills.get(own.id, 0)
        fees = balances.terms[trader].fees

        def money(wh: int, rate: int) -> int:
            if own.is_buy:
                return -cost_up(wh, rate)
            left = rate - fees
            return cost_down(wh, left) if left >= 0 else -cost_up(wh, -left)

        past = self._past_prices(period)
        within = [one for one in past if (one <= price if own.is_buy else one >= price)]
        return OrderQuote(
            terms=terms,
            nonce=nonce,
            at_limit=money(energy, price),
            reserved=-(-balances.cost(own, energy, price) // EXACT),
            available=account.available,
            fills_now=fills,
            price_now=cleared.price if fills else None,
            money_now=money(fills, cleared.price or 0),
            grid_alone=(
                -cost_up(energy, tariff.buy) if own.is_buy else cost_down(energy, tariff.feed_in)
            ),
            past=len(past),
            past_within=len(within),
        )

    def _past_prices(self, period: Period) -> list[int]:
        """The prices of periods of the same kind and hour that were cleared, the last of each."""
        table = table_of("EnergyTrading", "BatchSettled").c
        now = self._market.node.time
        wanted = (
            select(table.start, table.price)
            .where(
                table.period == period.kind,
                table.start.between(now - _PAST_DAYS * DAY_SECONDS, now),
                (table.start - period.start) % DAY_SECONDS == 0,
            )
            .order_by(table.block, table.log_index)
        )
        with self._database.reading() as connection:
            return [*{row.start: int(row.price) for row in connection.execute(wanted)}.values()]
