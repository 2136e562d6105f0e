"""Days close by what meters have shown: surplus is paid, deficits are charged, debts remain."""

from __future__ import annotations

from energy_grid.cli.times import format_time
from energy_grid.client import errors
from energy_grid.domain.account_words import account_state
from energy_grid.market.days import closed_day
from scripts._walkthrough.houses import DAY, HOUR, House, day_in_words, live, today
from scripts._walkthrough.packing import period_word
from scripts._walkthrough.stage import Impersonated, Stage
from scripts._walkthrough.tokens import CENT, DOLLAR, NOBODY, dollars, exact

__all__ = ["tell_of_days", "tell_of_payouts"]

_BALCONIES = 9
_REST = 15_448_000  # what the treasury can collect on Thursday
_SUNNY = {10: 3000, 11: 4000, 12: 4000, 13: 4000, 18: -1000, 19: -1000}
_EVENINGS = {18: -2000, 19: -2000, 20: -2000, 21: -2000}
_ALL_DAY = dict.fromkeys(range(24), -2000)


def tell_of_days(stage: Stage) -> dict[str, House]:
    """Two days of a street with a prosumer, a consumer, a debtor and nine balconies."""
    houses = {
        name: House(stage, name, money)
        for name, money in (("the prosumer", "0"), ("the consumer", "0"), ("the debtor", "60"))
    }
    balconies = [House(stage, f"balcony {number}", "2") for number in range(1, _BALCONIES + 1)]
    _meters(stage, houses, balconies)
    _wednesday(stage, houses, balconies)
    _it_closes(stage, houses, balconies)
    _receivables(stage, houses)
    _a_debt(stage, houses)
    return houses


def _meters(stage: Stage, houses: dict[str, House], balconies: list[House]) -> None:
    settlement = stage.market.settlement
    stage.chapter("Tuesday: meters answer with a security")
    stage.says("The grid account is the supplier's: it sells what is missing for 30 cents a kWh,")
    stage.says(
        "and takes surplus for 8. What a meter may cost is backed by money: a dollar per kW."
    )
    houses["the debtor"].deposits("15")
    stage.repeats(
        "nine owners of balcony panels pay in 2 dollars each",
        [(one.holder, settlement.deposit(2 * DOLLAR)) for one in balconies],
    )
    for house in houses.values():
        house.gets_meter()
    stage.repeats(
        "each of the nine gets one of 500 W",
        [(stage.safe, one.registration(power=500)) for one in balconies],
    )
    security = settlement.account_of(houses["the prosumer"].address).security
    stage.check(security == 4000 * DOLLAR, f"the security is {security}")
    stage.shows("what answers for the prosumer's meter", exact(security))
    stage.does(
        "the prosumer chooses to keep surplus as energy credits from tomorrow on",
        houses["the prosumer"].holder,
        settlement.set_keeps(True),
        "KeepsSet",
    )
    stage.does(
        "then takes that back",
        houses["the prosumer"].holder,
        settlement.set_keeps(False),
        "KeepsSet",
    )


def _wednesday(stage: Stage, houses: dict[str, House], balconies: list[House]) -> None:
    settlement = stage.market.settlement
    prosumer, consumer, debtor = houses.values()
    wednesday = today(stage) + 1
    stage.chapter("Wednesday: meters are read at the end of each quarter")
    stage.says("The prosumer feeds in 15 kWh and imports 2, each balcony feeds in 800 Wh; the")
    stage.says("consumer imports 8 kWh, and the debtor 48.")
    nets = {prosumer: _SUNNY, consumer: _EVENINGS, debtor: _ALL_DAY}
    together = nets | {one: {11: 400, 12: 400} for one in balconies}
    live(stage, "the morning", wednesday * DAY + 12 * HOUR, together)
    stage.does(
        "at noon the prosumer chooses credits from tomorrow on, when the week will be sunny",
        prosumer.holder,
        settlement.set_keeps(True),
        "KeepsSet",
    )
    kept = [settlement.keeps_at(prosumer.number, wednesday + each) for each in range(2)]
    stage.check(kept == [False, True], f"keeps: {kept}")
    stage.shows("whether it keeps today's, and tomorrow's", kept)
    stage.refuses(
        "more than it can take out while the day is open: three hours at 4 kW may be due",
        errors.Settlement_InsufficientBalance,
        prosumer.holder,
        settlement.withdraw(90 * DOLLAR, prosumer.address),
        available=85_200_000,
        needed=90 * DOLLAR,
    )
    stage.does(
        "Tuesday closes, on which nobody had a meter",
        stage.keeper,
        settlement.close_through([one.address for one in together], wednesday),
        "DayClosed",
        within=[settlement.close_day(wednesday - 1, [], [])],
    )
    live(stage, "the rest of the day", (wednesday + 1) * DAY, together)


def _it_closes(stage: Stage, houses: dict[str, House], balconies: list[House]) -> None:
    settlement, keeper = stage.market.settlement, stage.keeper
    prosumer = houses["the prosumer"]
    wednesday = today(stage) - 1
    owners = [*(one.address for one in balconies), prosumer.address]
    stage.chapter("Thursday: Wednesday closes")
    stage.refuses(
        "at midnight, while the last quarter can still be read",
        errors.Settlement_NothingToClose,
        keeper,
        settlement.close_through(owners, wednesday),
        day=wednesday,
    )
    stage.wait_until((wednesday + 1) * DAY + HOUR)
    stage.refuses(
        "the prosumer chooses anew before the days before its last choice are closed",
        errors.Settlement_KeepsPending,
        prosumer.holder,
        settlement.set_keeps(False),
        day=wednesday,
        keeps_from=wednesday + 1,
    )
    stage.shows("the prosumer's first open day", settlement.cursor_at(prosumer.number))
    events = stage.does(
        "an hour later anybody can close it: the balconies, and the prosumer",
        keeper,
        settlement.close_through(owners, wednesday),
        "DayClosed",
        "ReceivableQueued",
    )
    closed = [one for one in events if one.event == "DayClosed" and one["day"] == wednesday]
    found = closed_day(next(one for one in closed if one["account"] == prosumer.address))
    stage.check(found.money == 600_000_000, f"{found}")
    stage.shows("the prosumer's day", day_in_words(found))


def _grid(stage: Stage) -> tuple[str, str, int]:
    """Cash and receivables of the grid account, and the entries of their queue."""
    found = stage.market.settlement.grid_account()
    return exact(found.cash), exact(found.owed), found.entries


def _receivables(stage: Stage, houses: dict[str, House]) -> None:
    settlement, supplier = stage.market.settlement, stage.person("the supplier", money="20")
    prosumer = houses["the prosumer"]
    stage.chapter("The grid account lacks money")
    stage.shows("its cash, what it owes, and to how many", _grid(stage))
    stage.refuses(
        "the queue is to be served, with nothing",
        errors.Settlement_NothingToServe,
        stage.keeper,
        settlement.serve(10),
    )
    stage.does(
        "the supplier gives it a dollar: the first eight are paid",
        supplier,
        settlement.fund_grid(DOLLAR),
        "GridFunded",
        "ReceivablePaid",
    )
    stage.does(
        "anybody has the next ones paid, as far as it reaches",
        stage.keeper,
        settlement.serve(5),
        "ReceivablePaid",
    )
    left = settlement.grid_account()
    stage.check((left.cash, left.entries) == (0, 1), f"left: {left}")
    stage.shows("the grid account now", _grid(stage))
    yesterday = today(stage) - 1
    stage.does(
        "the consumer's day closes: its 2.40 dollars pay the rest of the prosumer's",
        stage.keeper,
        settlement.close_through([houses["the consumer"].address], yesterday),
        "DayClosed",
        "ReceivablePaid",
    )
    balance = settlement.balance_of(prosumer.address)
    stage.check(balance == 96 * DOLLAR + 60 * CENT, f"the prosumer has {balance}")
    stage.shows("what the prosumer has", dollars(balance))


def _a_debt(stage: Stage, houses: dict[str, House]) -> None:
    settlement, debtor = stage.market.settlement, houses["the debtor"]
    yesterday = today(stage) - 1
    stage.chapter("A debt")
    stage.does(
        "the debtor's day costs 14.40 dollars, of which it has 11",
        stage.keeper,
        settlement.close_through([debtor.address], yesterday),
        "DebtIncurred",
    )
    debt = settlement.debt_of(debtor.address)
    stage.check(debt == 340 * CENT, f"the debtor owes {debt}")
    stage.shows("what it owes", dollars(debt))
    stage.refuses(
        "the debtor takes a cent",
        errors.Settlement_InsufficientBalance,
        debtor.holder,
        settlement.withdraw(CENT, debtor.address),
        available=0,
    )
    noon = period_word(today(stage) * 96 + 48, 4, 20 * CENT)
    stage.refuses(
        "it places an order to buy",
        errors.Settlement_InDebt,
        Impersonated(settlement.trading_module()),
        settlement.lock_order(debtor.number, noon, False, 1),
        account=debtor.address,
        debt=debt,
    )
    stage.does(
        "it pays a dollar of its debt, which is always possible",
        debtor.holder,
        settlement.repay_debt(DOLLAR),
        "DebtRepaid",
    )
    stage.does(
        "the rest is paid first from what it deposits",
        debtor.holder,
        settlement.deposit(42 * DOLLAR),
        "DebtRepaid",
    )
    stage.refuses(
        "paying more",
        errors.Settlement_NoDebt,
        debtor.holder,
        settlement.repay_debt(1),
        account=debtor.address,
    )
    found = account_state(settlement.account_of(debtor.address).word)
    stage.check(found.free == 39_600 * DOLLAR, f"the debtor has {found.free}")
    stage.shows("the account", found)
    _the_treasury(stage)


def tell_of_payouts(stage: Stage) -> None:
    """What the treasury announces on Tuesday: all that it tries in the story."""
    settlement, bank = stage.market.settlement, stage.person("the bank").address
    stage.chapter("The treasury announces payouts")
    stage.says("Money that it collects is nobody's; still everybody is to see it first, and can")
    stage.says("leave meanwhile. A guardian can cancel it. So each call is scheduled.")
    treasury = stage.safe.named("treasury")
    stage.refuses(
        "a payout that was not",
        errors.AccessManagerNotScheduled,
        treasury,
        settlement.collect(1, bank),
    )
    stage.repeats(
        "it schedules five, a few of which are too much",
        (
            (treasury, stage.market.access.schedule(settlement.address, call.data, 0))
            for call in (
                settlement.collect(1, NOBODY.address),
                settlement.collect(0, bank),
                settlement.collect(_REST + 1, bank),
                settlement.collect(_REST, bank),
                settlement.collect(4 * DOLLAR, bank),
            )
        ),
    )
    for each in stage.market.scheduled_calls()[:1]:
        stage.shows("from when on", format_time(each.executable_at))


def _the_treasury(stage: Stage) -> None:
    token, settlement, bank = stage.market.money, stage.market.settlement, stage.person("the bank")
    stage.chapter("The treasury")
    stage.says(
        "What stays: the value of all credits, what is owed, and the payments of seven days."
    )
    cash = settlement.grid_account().cash
    rest = cash // 1000 - 1_176_000
    stage.check(rest == _REST, f"{rest} are left to collect")
    stage.shows("cash of the grid account", exact(cash))
    for what, error, amount, to in (
        ("collected to the zero address", errors.Settlement_BadRecipient, 1, NOBODY.address),
        ("nothing at all", errors.Settlement_ZeroAmount, 0, bank.address),
        ("a unit too much", errors.Settlement_CollectAbove, rest + 1, bank.address),
    ):
        stage.refuses(what, error, stage.safe, settlement.collect(amount, to))
    stage.does(
        "the treasury's Safe has the rest paid to the supplier's bank",
        stage.safe,
        settlement.collect(rest, bank.address),
        "TreasuryCollected",
    )
    paid = token.balance_of(bank.address)
    stage.check(paid == rest, f"the bank has got {paid}")
    stage.shows("what the bank has got", dollars(paid))
