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
    """Shares in a community, buys energy ahead at its limit price, and closes what is final."""

    def __init__(self, market: EnergyGrid, account: Account, limit: Price) -> None:
        self.market, self.account, self.limit = market, account, limit
        self.cursor: str | None = None

    def share(self, community: int) -> int:
        """Join a community and keep surplus as credits; gives the first day."""
        self.market.keep_surplus(self.account, True).execute()
        return self.market.join_community(self.account, community).execute().day

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

    def close(self, community: int) -> dict[int, Energy]:
        """Close the final days of all members; gives the energy that they shared, by day."""
        joined = self.market.events(events.Communities_Joined, id=community)
        members = sorted({each.account for each in joined})
        shared: dict[int, Energy] = {}
        for bill in self.market.close_days(self.account, members).execute():
            shared[bill.day] = shared.get(bill.day, Energy(0)) + Energy(bill.given)
        return shared


def main() -> None:
    """Trade the next hour on a local chain."""
    with EnergyGrid.connect("local") as market:
        bot = Bot(market, Account.local(11), market.price("0.25"))
        order = bot.buy(Energy.kwh("1.5"), Period.next(PeriodKind.HOURLY, market.node.time))
        if order is not None and not bot.cancel(order):
            bot.settle([bot.next_trade(order)])


if __name__ == "__main__":
    main()
