"""Energy credits: surplus that is kept, what it is worth, and the way out of a meter."""

from __future__ import annotations

from energy_grid.client import errors
from energy_grid.contracts.energy_token import EnergyToken
from energy_grid.market.days import closed_day
from scripts._walkthrough.houses import DAY, HOUR, House, day_in_words, live, today
from scripts._walkthrough.stage import Stage
from scripts._walkthrough.tokens import DOLLAR, dollars, exact, show_erc20, show_permits

__all__ = ["tell_of_credits"]

_SUNNIER = dict.fromkeys(range(9, 16), 4000) | {18: -1000, 19: -1000}


def tell_of_credits(stage: Stage, houses: dict[str, House]) -> None:
    """The prosumer keeps 28 kWh, uses two of them, and turns the rest into tokens and money."""
    _a_day_is_kept(stage, houses)
    _redeemed(stage, houses)
    _as_a_token(stage, houses["the prosumer"])
    _a_meter_goes(stage, houses)


def _a_day_is_kept(stage: Stage, houses: dict[str, House]) -> None:
    settlement = stage.market.settlement
    prosumer, consumer, debtor = houses.values()
    thursday = today(stage)
    stage.chapter("Thursday: surplus is kept")
    stage.says("A kept kWh covers a later one, for the difference between the two prices.")
    stage.refuses(
        "the consumer's security, while its meter counts",
        errors.Settlement_DaysOpen,
        stage.keeper,
        settlement.release_security(consumer.address),
        account=consumer.address,
        day=thursday,
    )
    for house in (prosumer, consumer):
        stage.does(
            f"{house.name} moves away tonight",
            house.holder,
            stage.market.meters.detach_meter(house.meter.address),
            "MeterDetached",
        )
    nets = {prosumer: _SUNNIER, consumer: {19: -1000}, debtor: {}}
    live(stage, "meters are read until midnight", (thursday + 1) * DAY, nets)
    stage.wait_until((thursday + 1) * DAY + HOUR)
    events = stage.does(
        "on Friday the prosumer's day closes",
        stage.keeper,
        settlement.close_through([prosumer.address], thursday),
        "DayClosed",
    )
    found = closed_day(next(one for one in events if one.event == "DayClosed"))
    stage.check(found.money == -2 * 220_000_000, f"{found}")
    stage.shows("it: credits covered two kWh, which cost 22 cents each", day_in_words(found))
    stage.shows("Wh of credit", settlement.credits_of(prosumer.address))


def _redeemed(stage: Stage, houses: dict[str, House]) -> None:
    settlement = stage.market.settlement
    prosumer, _consumer, _ = houses.values()
    stage.chapter("Credits are worth 8 cents, as far as the grid account reaches")
    cash = settlement.grid_account().cash
    stage.shows("the grid account's cash", exact(cash))
    stage.refuses(
        "all 26 kWh at once, for 2.08 dollars",
        errors.Settlement_GridAccountShort,
        prosumer.holder,
        settlement.redeem(26_000),
        available=cash // 1000,
        needed=2_080_000,
    )
    stage.refuses(
        "a Wh more than there is",
        errors.Settlement_CreditsMissing,
        prosumer.holder,
        settlement.redeem(26_001),
        available=26_000,
        wh=26_001,
    )
    before = settlement.balance_of(prosumer.address)
    stage.does(
        "the prosumer redeems 10 kWh",
        prosumer.holder,
        settlement.redeem(10_000),
        "CreditsRedeemed",
    )
    got = settlement.balance_of(prosumer.address) - before
    stage.check(got == 800_000, f"it brought {got}")
    stage.shows("what they brought", dollars(got))


def _as_a_token(stage: Stage, prosumer: House) -> None:
    settlement, friend = stage.market.settlement, stage.person("a friend")
    token = EnergyToken(stage.node, settlement.energy_token())
    stage.chapter("Credits outside of the account")
    stage.shows("their token", token.address)
    stage.shows("who alone makes and burns it", token.settlement())
    for what, call in (("makes some", token.mint), ("burns some", token.burn)):
        stage.refuses(
            f"a stranger {what}",
            errors.EnergyToken_OnlySettlement,
            stage.person("a stranger"),
            call(prosumer.address, 1),
        )
    stage.does(
        "the prosumer takes 6 kWh out of its account",
        prosumer.holder,
        settlement.withdraw_credits(6000),
        "Transfer",
        within=[token.mint(prosumer.address, 6000)],
    )
    show_erc20(stage, token, prosumer.holder, 1000)
    show_permits(stage, token, prosumer.holder, 1000)
    stage.chapter("And back")
    stage.does(
        "it gives a friend 1 kWh", prosumer.holder, token.transfer(friend.address, 1000), "Transfer"
    )
    stage.does(
        "who pays it into an account, which is opened for it",
        friend,
        settlement.deposit_credits(1000),
        "AccountOpened",
        within=[token.burn(friend.address, 1000)],
    )
    stage.check(settlement.credits_of(friend.address) == 1000, "the friend has no credit")
    stage.refuses(
        "more than an account can count",
        errors.Settlement_CreditsFull,
        friend,
        settlement.deposit_credits(2**40),
        room=2**40 - 1001,
    )


def _a_meter_goes(stage: Stage, houses: dict[str, House]) -> None:
    settlement, keeper = stage.market.settlement, stage.keeper
    prosumer, consumer, debtor = houses.values()
    stage.chapter("Friday: who has moved away gets its security back")
    stage.does(
        "Thursday closes for the consumer and the debtor",
        keeper,
        settlement.close_through([consumer.address, debtor.address], today(stage) - 1),
        "DayClosed",
    )
    for house in (prosumer, consumer):
        stage.does(
            f"anybody has {house.name}'s released",
            keeper,
            settlement.release_security(house.address),
            "SecurityReleased",
        )
    stage.refuses(
        "a second time",
        errors.Settlement_NoSecurity,
        keeper,
        settlement.release_security(consumer.address),
        account=consumer.address,
    )
    number = settlement.number_of(stage.person("balcony 1").address)
    stage.shows(
        "the first balcony's last slot: not read", stage.market.energy_accounts.gap_of(number)
    )
    stage.refuses(
        "its owner takes a cent, while nobody knows what it has used since",
        errors.Settlement_GapOpen,
        stage.person("balcony 1"),
        settlement.withdraw(DOLLAR // 100, stage.person("balcony 1").address),
    )
