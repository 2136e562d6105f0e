"""Tariffs: what energy costs on which day, and by how much a slot can be dearer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from energy_grid.chain.contract import from_bytes32, to_bytes32
from energy_grid.client import errors
from energy_grid.contracts.tariffs import Tariff
from energy_grid.errors import ContractError
from scripts._walkthrough.command import walkthrough
from scripts._walkthrough.common import show_authority
from scripts._walkthrough.houses import DAY, HOME, SLOT, today
from scripts._walkthrough.stage import Impersonated, Stage, Story
from scripts._walkthrough.tokens import CENT, DOLLAR, dollars

_COAST = Tariff(
    buy=32 * CENT, feed_in=9 * CENT, network_fee=2 * CENT, protocol_fee=CENT // 2, max_factor=20_000
)


def tell(stage: Stage) -> None:
    """two regions, a dearer winter that is known ahead, and an afternoon of scarcity."""
    _one_region(stage)
    _a_second_region(stage)
    _rules_of_a_tariff(stage)
    _a_dearer_winter(stage)
    _what_credits_are_worth(stage)
    _a_scarce_afternoon(stage)
    _the_least_favourable(stage)
    _at_deployment(stage)
    tariffs = stage.market.tariffs
    show_authority(stage, [tariffs], tariffs.set_credit_value(0, today(stage) + 30))
    _the_end_of_days(stage)


def _one_region(stage: Stage) -> None:
    tariffs = stage.market.tariffs
    stage.chapter("What holds from the beginning")
    stage.shows("regions", tariffs.region_count())
    stage.shows("the number of the home region", tariffs.region_id(HOME))
    stage.shows(
        "its tariff today: units per kWh, basis points", tariffs.tariff_of(HOME, today(stage))
    )
    stage.shows("what a kWh of credit is worth", dollars(tariffs.credit_value_at(today(stage))))
    stage.shows("seconds of a slot", tariffs.slot_length())
    stage.shows("no trade reaches further than so many seconds", tariffs.horizon())
    stage.shows("who writes the factors of slots", tariffs.grid())
    stage.shows("seconds for which they are written ahead", tariffs.max_age())
    stage.says("Nobody can set more than the ceilings of the deployment:")
    stage.shows("for a kWh", dollars(tariffs.max_buy()))
    stage.shows("for the network", dollars(tariffs.max_network_fee()))
    stage.shows("for the protocol", dollars(tariffs.max_protocol_fee()))


def _a_second_region(stage: Stage) -> None:
    tariffs = stage.market.tariffs
    stage.chapter("A second region")
    for what, name in (("one without a name", ""), ("home again", HOME)):
        stage.refuses(
            what, errors.Tariffs_RegionTaken, stage.safe, tariffs.add_region(name, _COAST)
        )
    stage.does(
        "the grid authority's Safe adds the coast",
        stage.safe,
        tariffs.add_region("coast", _COAST),
        "RegionAdded",
        "TariffSet",
    )
    stage.shows("its number", tariffs.find_region("coast"))
    stage.shows("the number of one that is not there", tariffs.find_region("nowhere"))
    stage.shows("the name of region 2", from_bytes32(tariffs.region_at(2)))
    stage.refuses_to_answer(
        "the number of one that is not there, where one is needed",
        errors.Tariffs_UnknownRegion,
        lambda: tariffs.region_id("nowhere"),
    )
    stage.refuses_to_answer(
        "the name of region 3",
        errors.Tariffs_NoSuchRegion,
        lambda: tariffs.region_at(3),
        id=3,
    )


def _rules_of_a_tariff(stage: Stage) -> None:
    tariffs = stage.market.tariffs
    day = stage.market.first_changeable_day()
    good = tariffs.tariff_of(HOME, day)
    stage.chapter("What a tariff must keep to")
    wrong: tuple[tuple[str, type[ContractError], Tariff], ...] = (
        (
            "surplus that costs more than it is bought for",
            errors.Tariffs_FeedInAbove,
            replace(good, feed_in=29 * CENT, network_fee=2 * CENT),
        ),
        ("a price above its ceiling", errors.Tariffs_BuyAbove, replace(good, buy=601 * DOLLAR)),
        ("a fee above its", errors.Tariffs_FeeAbove, replace(good, protocol_fee=2 * CENT)),
        (
            "a factor that makes it cheaper",
            errors.Tariffs_FactorBelowOne,
            replace(good, max_factor=9999),
        ),
        (
            "a feed-in below the worth of credits",
            errors.Tariffs_FeedInBelowCredit,
            replace(good, feed_in=7 * CENT),
        ),
    )
    for what, error, tariff in wrong:
        stage.refuses(what, error, stage.safe, tariffs.set_tariff(HOME, tariff, day))


def _a_dearer_winter(stage: Stage) -> None:
    tariffs, day = stage.market.tariffs, stage.market.first_changeable_day()
    stage.chapter("A dearer winter, known ahead")
    stage.says("What can be traded now depends on no price that could still change: a tariff is")
    stage.says("set for days beyond the horizon of 15 days alone.")
    winter = replace(tariffs.tariff_of(HOME, day), buy=36 * CENT)
    stage.refuses(
        "a day too early",
        errors.Tariffs_WithinHorizon,
        stage.safe,
        tariffs.set_tariff(HOME, winter, day - 1),
        day=day - 1,
        first=day,
    )
    stage.does(
        "36 cents from the first possible day on",
        stage.safe,
        tariffs.set_tariff(HOME, winter, day),
        "TariffSet",
    )
    prices = [tariffs.tariff_of(HOME, each).buy for each in (day - 1, day)]
    stage.check(prices == [30 * CENT, 36 * CENT], f"prices: {prices}")
    stage.shows("a kWh on the day before, and then", [dollars(each) for each in prices])
    found = tariffs.terms_of(1, day - 1, day)
    stage.check(found.max_buy == 108 * CENT, f"dearest: {found}")
    stage.shows("the dearest that a kWh can become until then", dollars(found.max_buy))
    grid = Impersonated(tariffs.grid())
    stage.refuses(
        "a stranger sets the price of GridManagement",
        errors.Tariffs_OnlyGrid,
        stage.person("a stranger"),
        tariffs.set_buy_price(HOME, 1),
    )
    stage.does(
        "GridManagement passes on a price of 33 cents, by its authority",
        grid,
        tariffs.set_buy_price(HOME, 33 * CENT),
        "TariffSet",
    )
    stage.shows("the tariff of that day now", tariffs.tariff_of(HOME, day))


def _what_credits_are_worth(stage: Stage) -> None:
    tariffs, day = stage.market.tariffs, stage.market.first_changeable_day()
    stage.chapter("What credits are worth never rises")
    stage.does(
        "7 cents, from the first possible day on",
        stage.safe,
        tariffs.set_credit_value(7 * CENT, day),
        "CreditValueSet",
    )
    stage.refuses(
        "8 again, later",
        errors.Tariffs_CreditValueRises,
        stage.safe,
        tariffs.set_credit_value(8 * CENT, day + 10),
        value=8 * CENT,
        last=7 * CENT,
    )
    values = [dollars(tariffs.credit_value_at(each)) for each in (day - 1, day)]
    stage.shows("on the day before, and then", values)


def _a_scarce_afternoon(stage: Stage) -> None:
    tariffs = stage.market.tariffs
    grid, slot = Impersonated(tariffs.grid()), stage.now // SLOT
    stage.chapter("An afternoon of scarcity")
    stage.says("GridManagement writes by how much the next slots are dearer; a slot that has")
    stage.says("begun keeps its price, and no factor is above the tariff's.")
    stage.refuses(
        "the running slot",
        errors.Tariffs_SlotsOutOfReach,
        grid,
        tariffs.write_factors(1, slot, slot + 1, 15_000),
        from_slot=slot,
        first=slot + 1,
    )
    for region, factor in ((1, 15_000), (2, 40_000)):
        stage.does(
            f"the next two hours: {factor / 10_000:.1f} times as much in region {region}",
            grid,
            tariffs.write_factors(region, slot + 1, slot + 9, factor),
            "FactorsWritten",
        )
    factors = [
        tariffs.factor_of(1, slot),
        tariffs.factor_of(1, slot + 1),
        tariffs.factor_of(2, slot + 1),
    ]
    stage.check(factors == [10_000, 15_000, 20_000], f"factors: {factors}")
    stage.shows("now, in the next slot, and on the coast: twice at most", factors)
    stage.shows("a kWh at home in the next slot", dollars(tariffs.deficit_price(1, slot + 1)))
    stage.shows("the same by its name", dollars(tariffs.price_of(HOME, slot + 1)))
    pages = tariffs.day_of(1, today(stage)).pages
    stage.check(len(pages) == 6, f"{len(pages)} pages")
    stage.shows("words in which EnergyAccounts reads the 96 factors of a day", len(pages))
    stage.refuses_to_answer(
        "the factor of a region that is not there",
        errors.Tariffs_NoSuchRegion,
        lambda: tariffs.factor_of(9, slot),
    )


def _the_least_favourable(stage: Stage) -> None:
    tariffs, first = stage.market.tariffs, today(stage) * DAY // SLOT
    stage.chapter("The least favourable prices of a span")
    stage.says("Slots whose registers are lost for good cost the dearest price among them.")
    found = tariffs.lowest_and_dearest(1, first, first + 20 * 96)
    stage.check(found == (8 * CENT, 45 * CENT), f"{found}")
    stage.shows("of twenty days: feed-in and deficit", [dollars(each) for each in found])
    stage.refuses_to_answer(
        "of none",
        errors.Tariffs_EmptySpan,
        lambda: tariffs.lowest_and_dearest(1, first, first),
    )


def _at_deployment(stage: Stage) -> None:
    market, tariff = stage.market, (30 * CENT, 8 * CENT, 0, 0, 30_000)
    stage.chapter("What is checked at deployment")

    def refused(what: str, name: str, value: int, parameters: Sequence[int]) -> None:
        arguments: list[Any] = [market.access.address, market.grid.address, parameters]
        stage.refuses_to_deploy(
            what,
            errors.Tariffs_BadParameter,
            "Tariffs",
            *arguments,
            to_bytes32(HOME),
            tariff,
            8 * CENT,
            name=to_bytes32(name),
            value=value,
        )

    refused("slots of 7 minutes", "slotLength", 420, (420, 7200, DOLLAR, 0, 0))
    refused("factors for two days", "maxAge", 2 * DAY, (900, 2 * DAY, DOLLAR, 0, 0))
    refused("prices that fit no word", "maxBuy", 2**31, (900, 7200, 2**31, 0, 0))


def _the_end_of_days(stage: Stage) -> None:
    tariffs = stage.market.tariffs
    stage.chapter("The end of days")
    stage.says("Days of tariffs take 16 bits, which last until the year 2149.")
    stage.refuses(
        "a tariff for a later day",
        errors.SafeCastOverflowedUintDowncast,
        stage.safe,
        tariffs.set_tariff(HOME, _COAST, 2**16),
        bits=16,
    )


story = Story(name="tariffs", contracts=("Tariffs",), tell=tell)
cli = walkthrough(str(__doc__), story)
