"""Those of the neighbourhood who trade: they sign orders, and bring them to the engine's door."""

from __future__ import annotations

from collections import Counter

from energy_grid.backend.neighbourhood.village import SEED, Village
from energy_grid.backend.store.database import Database
from energy_grid.backend.trading_engine.door import Door
from energy_grid.backend.trading_engine.states import OrderState
from energy_grid.client import EnergyGrid
from energy_grid.demo.bidding import Offer, offer, traders
from energy_grid.demo.calendar import HOUR_SECONDS
from energy_grid.demo.opening import home_region
from energy_grid.demo.seeded_random import draw_below
from energy_grid.domain.orders import OrderTerms
from energy_grid.domain.periods import DAY_SECONDS, Period, PeriodKind
from energy_grid.market.keeper_chain import ChainOrders
from energy_grid.market.signing import sign_order

__all__ = ["Traders"]

# Seconds before an hour begins: the first and the last moment for its orders.
_FIRST, _LAST = 2 * HOUR_SECONDS, 1200


class Traders:
    """A fifth of the households trades every hour of the day.

    Each expects what the same hour of the day before has brought, as `energy_grid.demo.bidding`
    does it, and draws a limit anew every day: from the feed-in tariff to what energy from the grid
    costs, less the fees of a trade.

    Args:
        end: Unix seconds; there are no orders for what begins then or later.
    """

    def __init__(
        self, market: EnergyGrid, database: Database, village: Village, end: int | None = None
    ) -> None:
        self._market, self._village, self._end = market, village, end
        known = ChainOrders(market.node, market.trading, market.settlement)
        self._door = Door(market, database, known)
        self._trading = {*traders([each.household for each in village.people], SEED)}
        self._wallets = {each.household.number: each.wallet for each in village.people}
        self._next = 0
        self.states: Counter[OrderState] = Counter()
        """What the engine answered to all orders since the start."""

    def order(self, now: int) -> None:
        """Bring orders for every hour that begins soon; the same ones again after a start."""
        first = -(-(now + _LAST) // HOUR_SECONDS) * HOUR_SECONDS
        for hour in range(max(first, self._next), now + _FIRST + 1, HOUR_SECONDS):
            if self._end is None or hour < self._end:
                self._order(hour)
            self._next = hour + HOUR_SECONDS

    def _order(self, hour: int) -> None:
        market, period = self._market, Period(kind=PeriodKind.HOURLY, start=hour)
        for each in self._offers(hour):
            wallet = self._wallets[each.household]
            terms = OrderTerms(
                trader=wallet.address,
                order_type=each.order_type,
                amount=each.wh,
                price=each.price,
                expiry=period.last_order,
                period=period,
            )
            # One order an hour: no nonce comes twice.
            signed = sign_order(wallet, terms, hour // HOUR_SECONDS, market.trading_domain)
            self.states[self._door.submit(signed).state] += 1

    def _offers(self, hour: int) -> list[Offer]:
        day, at = divmod(hour, DAY_SECONDS)
        tariff = self._market.tariffs.tariff_of(home_region(self._market), day)
        steps = tariff.buy - tariff.network_fee - tariff.protocol_fee - tariff.feed_in
        made = (
            offer(
                profile,
                at // HOUR_SECONDS,
                tariff.feed_in + draw_below(steps + 1, SEED, "limit", day, number),
            )
            for profile in self._village.profiles(day - 1)
            if (number := profile.household.number) in self._trading
        )
        return [each for each in made if each is not None]
