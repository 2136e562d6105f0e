"""A trading bot as a user of the package writes it; type checkers must find nothing in it."""

from energy_grid.client import (
    Account,
    Energy,
    EnergyGrid,
    OrderType,
    Period,
    PeriodKind,
    Price,
    errors,
    events,
)


class Bot:
    """Buys energy for a period at its limit price, and settles what it has bought."""

    def __init__(self, market: EnergyGrid, account: Account, limit: Price) -> None:
        self.market, self.account, self.limit = market, account, limit
        self.cursor: str | None = None

    def offers(self, period: Period) -> dict[int, Energy]:
        """What is left of the sell orders that the limit price reaches, by their numbers."""
        orders, terms = self.market.trading.get_orders(1, self.market.trading.order_count())
        return {
            number: Energy(rest.remaining)
            for number, (order, rest) in enumerate(zip(orders, terms, strict=True), 1)
            if order.order_type is OrderType.SELL and order.price <= self.limit
            if rest.start == period.start and rest.remaining > 0
        }

    def buy(self, energy: Energy, period: Period) -> int | None:
        """Place an order and match it with the offers; None without the money for it."""
        plan = self.market.place_order(
            self.account, OrderType.BUY, energy=energy, price=self.limit, period=period
        )
        try:
            order = plan.execute().order_id
        except errors.Settlement_InsufficientBalance as refusal:
            print(f"{refusal.needed - refusal.available} base units are missing")
            return None
        for offer in self.offers(period):
            trade = self.market.match_orders(self.account, order, offer).execute()
            print(f"trade {trade.transaction_id}: {Energy(trade.amount)}")
        return order

    def cancel(self, order: int) -> bool:
        """Cancel what is left of an order; False if nothing is."""
        try:
            cancelled = self.market.cancel_order(self.account, order).execute()
        except errors.EnergyTrading_NotActive:
            return False
        return cancelled.order_id == order

    def next_trade(self, order: int) -> int:
        """Wait for the next trade of an order."""
        matches = self.market.follow(
            events.EnergyTrading_OrdersMatched, after=self.cursor, buy_id=order
        )
        matched = next(matches)
        self.cursor = matched.cursor
        return matched.transaction_id

    def settle(self, trades: list[int]) -> int:
        """Settle trades once their days are final; gives how many days of accounts it closed."""
        return len(self.market.settle_trades(self.account, trades).execute())


def main() -> None:
    """Trade the next hour on a local chain."""
    with EnergyGrid.connect("local") as market:
        bot = Bot(market, Account.local(11), market.price("0.25"))
        order = bot.buy(Energy.kwh("1.5"), Period.next(PeriodKind.HOURLY, market.node.time))
        if order is not None and not bot.cancel(order):
            bot.settle([bot.next_trade(order)])


if __name__ == "__main__":
    main()
