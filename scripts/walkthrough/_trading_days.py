"""Trades are settled by the closing of both accounts' days."""

from __future__ import annotations

from energy_grid.client import errors
from energy_grid.domain.orders import TransactionStatus
from energy_grid.market.days import closed_day
from scripts._walkthrough.houses import DAY, HOUR, House, day_in_words, live, today
from scripts._walkthrough.stage import Stage
from scripts._walkthrough.tokens import CENT, dollars

__all__ = ["tell_of_thursday", "tell_of_wednesday"]

_WEDNESDAY = {11: 4000, 12: 3000}
_THURSDAY = {11: 4000, 12: 4000}
_ALL_DAY = dict.fromkeys(range(24), -2000)
# Transactions of batch n are numbered from n times this on.
_FIRST = 2**32


def tell_of_wednesday(stage: Stage, houses: dict[str, House]) -> None:
    """What was sold for Wednesday's noon is produced, and the day closes."""
    market, trading, settlement = stage.market, stage.market.trading, stage.market.settlement
    prosumer, consumer, debtor, _ = houses.values()
    wednesday = today(stage) + 1
    stage.chapter("Wednesday: what was sold is produced")
    stage.refuses(
        "settling before the day is over",
        errors.Settlement_NothingToClose,
        stage.keeper,
        trading.settle_transaction(1),
    )
    nets = {prosumer: _WEDNESDAY, consumer: {12: -2000}, debtor: _ALL_DAY}
    live(stage, "meters are read", (wednesday + 1) * DAY, nets)
    stage.wait_until((wednesday + 1) * DAY + HOUR)
    before = settlement.balance_of(prosumer.address)
    events = stage.does(
        "on Thursday the first trade is settled: both accounts close",
        stage.keeper,
        trading.settle_transaction(1),
        "TransactionSettled",
    )
    got = settlement.balance_of(prosumer.address) - before
    stage.check(got == 3 * 25 * CENT + 195 * CENT, f"the prosumer has got {got}")
    stage.shows("what the prosumer has got: 75 cents, and its cover", dollars(got))
    closed = [closed_day(one) for one in events if one.event == "DayClosed"]
    found = next(one for one in closed if one.day == wednesday and one.account == consumer.address)
    stage.check((found.money, found.from_grid) == (0, 0), f"{found}")
    stage.shows("the consumer's day: what it used was bought", day_in_words(found))
    stage.refuses(
        "once more",
        errors.EnergyTrading_AlreadySettled,
        stage.keeper,
        trading.settle_transaction(1),
    )
    stage.does(
        "the second: the neighbour, who has no meter, feeds in what it has bought",
        stage.keeper,
        trading.settle_transaction(2),
        "TransactionSettled",
    )
    stage.shows("both", trading.get_transactions(1, 10))
    close = settlement.close_through([debtor.address], wednesday)
    stage.does("the debtor's day costs more than it has", stage.keeper, close, "DebtIncurred")
    nets = {prosumer: _THURSDAY, consumer: {12: -2000}}
    live(
        stage,
        "the night and the morning of Thursday",
        market.node.time // DAY * DAY + 9 * HOUR,
        nets,
    )


def tell_of_thursday(stage: Stage, houses: dict[str, House]) -> None:
    """What was sold in batches for Thursday's noon is produced, and the day closes."""
    trading, settlement = stage.market.trading, stage.market.settlement
    prosumer, consumer, *_ = houses.values()
    thursday = today(stage)
    stage.chapter("Trades of batches are settled as all others")
    nets = {prosumer: _THURSDAY, consumer: {12: -2000}}
    live(stage, "the rest of Thursday", (thursday + 1) * DAY, nets)
    stage.wait_until((thursday + 1) * DAY + HOUR)
    before = settlement.balance_of(prosumer.address)
    for number in (_FIRST, _FIRST + 1, 3 * _FIRST):
        call = trading.settle_transaction(number)
        stage.does("a trade of a batch", stage.keeper, call, "TransactionSettled")
    # 3.9 kWh at 26 cents, and the cover of each.
    got = settlement.balance_of(prosumer.address) - before
    stage.check(got == 3900 * 90 * CENT // 1000, f"the prosumer has got {got}")
    stage.shows("what the prosumer has got: 26 cents a kWh, and its cover", dollars(got))
    for number in (_FIRST, _FIRST + 1, 2 * _FIRST, 3 * _FIRST):
        status = trading.get_transaction(number).status
        stage.check(status is TransactionStatus.SETTLED, f"trade {number} is {status}")
