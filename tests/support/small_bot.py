"""A trading bot as a user of the package writes it; type checkers must find nothing in it."""

from energy_grid.client import Account, Energy, EnergyGrid, OrderType, Period, Price, errors, events


class Bot:
    """Buys energy of the running hour at its limit price, and settles what it has bought."""

    def __init__(self, market: EnergyGrid, account: Account, limit: Price) -> None:
        self.market, self.account, self.limit = market, account, limit

    def buy(self, energy: Energy, period: Period | None = None) -> int | None:
        """Place an order; None without the money for it."""
        plan = self.market.place_order(
            self.account, OrderType.BUY, energy=energy, price=self.limit, period=period
        )
        try:
            return plan.execute().order_id
        except errors.Settlement_InsufficientBalance as refusal:
            print(f"{refusal.needed - refusal.available} base units are missing")
            return None

    def settle(self, order: int) -> None:
        """Wait for a trade of an order, cancel what is left, and settle it if its day is final."""
        matched = next(self.market.follow(events.EnergyTrading_OrdersMatched, buy_id=order))
        print(f"trade {matched.transaction_id}: {Energy(matched.amount)}")
        left = self.market.cancel_order(self.account, order).execute().remaining
        print(f"{Energy(left)} unmatched")
        closed = self.market.settle_trades(self.account, [matched.transaction_id]).execute()
        print(f"{len(closed)} account days closed")


if __name__ == "__main__":
    with EnergyGrid.connect("local") as grid:
        bot = Bot(grid, Account.local(11), grid.price("0.25"))
        placed = bot.buy(Energy.kwh("1.5"))
        if placed is not None:
            bot.settle(placed)
