"""Energy accounts: what was measured and traded slot by slot, what is late, and what is missing."""

from __future__ import annotations

from energy_grid.client import errors
from energy_grid.domain.trading_words import trading_state
from scripts._walkthrough.command import walkthrough
from scripts._walkthrough.common import show_authority
from scripts._walkthrough.houses import DAY, HOUR, SLOT, House, live, publish, today
from scripts._walkthrough.packing import boundary_word, leg_word, period_word
from scripts._walkthrough.stage import Impersonated, Stage, Story
from scripts.walkthrough._energy_gaps import tell_of_gaps
from scripts.walkthrough._energy_modules import tell_of_modules

_SUNNY = {10: 3000, 11: 3000, 12: 3000, 19: -2000}


def tell(stage: Stage) -> None:
    """a house is read in time, late, and not at all; an outage, and a month of silence."""
    houses = {
        name: House(stage, name, "100")
        for name in ("the prosumer", "the consumer", "the silent house")
    }
    _what_is_fixed(stage)
    _they_are_metered(stage, houses)
    _positions(stage, houses)
    _a_day(stage, houses)
    _an_outage(stage, houses)
    tell_of_gaps(stage, houses)
    tell_of_modules(stage, houses)
    energy = stage.market.energy_accounts
    slot = stage.now // SLOT
    show_authority(stage, [energy], energy.prolong(slot, slot + 1, HOUR))


def _what_is_fixed(stage: Stage) -> None:
    energy = stage.market.energy_accounts
    stage.chapter("What holds for every slot")
    stage.shows("seconds of a slot", energy.slot_length())
    stage.shows("seconds after it in which readings take part in sharing", energy.grace())
    stage.shows("by how many seconds an outage can prolong that", energy.max_extension())
    stage.shows("days without a reading that are charged together", energy.gap_days())


def _they_are_metered(stage: Stage, houses: dict[str, House]) -> None:
    energy = stage.market.energy_accounts
    prosumer, *_ = houses.values()
    stage.chapter("Tuesday: three houses get meters")
    for house in houses.values():
        house.deposits("90")
    first = (today(stage) + 1) * DAY // SLOT
    number = prosumer.number
    stage.does(
        "the prosumer's, which counts from midnight on",
        stage.safe,
        prosumer.registration(),
        "MeterRegistered",
        within=[energy.attach(number, 1, first, 4000)],
    )
    for house in list(houses.values())[1:]:
        house.gets_meter()
    stage.shows("the slots that the prosumer's meter speaks for", energy.metered_of(number))
    stage.shows("its region, and whether it is too large for a community", energy.region_of(number))
    communities = stage.market.communities
    stage.does(
        "it joins the community of the home region",
        prosumer.holder,
        communities.join(1),
        "Joined",
        within=[energy.set_community(number, 1, today(stage) + 1, False)],
    )
    stage.shows("its community: now, next, from which day", energy.membership_of(number))
    state = trading_state(energy.state_of(number))
    stage.check(not state.gap_open, "a gap is open")
    stage.shows("what trading asks of it", state)


def _positions(stage: Stage, houses: dict[str, House]) -> None:
    energy = stage.market.energy_accounts
    settlement = Impersonated(stage.market.settlement.address)
    prosumer, consumer, _ = houses.values()
    noon = ((today(stage) + 1) * DAY + 12 * HOUR) // SLOT
    stage.chapter("Trades are positions")
    stage.says("Settlement books both sides of a trade: what is bought counts as if it were")
    stage.says("produced at home. Here it acts by itself.")
    legs = [leg_word(prosumer.number, 500, sell=True), leg_word(consumer.number, 500, sell=False)]
    stage.does(
        "the prosumer sells the consumer 500 Wh in each quarter of Wednesday's noon",
        settlement,
        energy.book(period_word(noon, 4, 0), legs),
    )
    found = [energy.position_of(each.number, noon) for each in (prosumer, consumer)]
    stage.check(found == [-500, 500], f"positions: {found}")
    stage.shows("their positions in a quarter, in Wh", found)
    stage.refuses(
        "a trade of the running quarter",
        errors.EnergyAccounts_GateClosed,
        settlement,
        energy.book(period_word(stage.now // SLOT, 1, 0), legs),
    )
    stage.refuses(
        "one of nine quarters, which are of two pages",
        errors.EnergyAccounts_BadPeriod,
        settlement,
        energy.book(period_word(noon, 9, 0), legs),
    )


def _a_day(stage: Stage, houses: dict[str, House]) -> None:
    market = stage.market
    energy = market.energy_accounts
    prosumer, consumer, _ = houses.values()
    wednesday = today(stage) + 1
    stage.chapter("Wednesday: two houses are read")
    nets = {prosumer: _SUNNY, consumer: {12: -2000}}
    live(stage, "until 12:00", wednesday * DAY + 12 * HOUR, nets)
    noon = stage.now // SLOT
    stage.wait_until((noon + 1) * SLOT)
    end = (noon + 1) * SLOT
    stage.does(
        "a quarter later: what the contract of meters passes on",
        stage.person("the relay"),
        market.meters.submit_signed_readings(
            [one for each, net in nets.items() for one in each.readings(end, net)]
        ),
        within=[energy.record([boundary_word(noon, prosumer.number, 750)])],
    )
    found = energy.net_of(prosumer.number, noon)
    stage.check(found == (True, 750), f"{found}")
    stage.shows("the prosumer's first quarter of noon: read, and exported less imported", found)
    stage.shows("what members of the community have and lack in it", energy.sums_of(1, noon))
    stage.shows("all of it, for people", energy.energy_of(prosumer.address, noon))
    stage.shows("whether the quarter is final", energy.is_final(noon))
    live(stage, "until midnight", (wednesday + 1) * DAY, nets)
    stage.wait_until((wednesday + 1) * DAY + HOUR)
    stage.shows(
        "whether it is an hour after midnight, and all of the day",
        (energy.is_final(noon), energy.is_day_final(wednesday)),
    )
    stage.does(
        "the day closes, by the arithmetic of this contract",
        stage.keeper,
        market.settlement.close_through([consumer.address, prosumer.address], wednesday),
        "DayClosed",
        within=[energy.close_through([], wednesday)],
    )


def _an_outage(stage: Stage, houses: dict[str, House]) -> None:
    energy = stage.market.energy_accounts
    prosumer, *_ = houses.values()
    thursday = today(stage)
    first = thursday * DAY // SLOT
    stage.chapter("Thursday: an outage")
    stage.says("The relay's line is cut from midnight to six. The guardian gives readings of these")
    stage.says("hours a day more.")
    for what, error, call in (
        (
            "by nothing",
            errors.EnergyAccounts_NothingProlonged,
            energy.prolong(first, first + 24, 0),
        ),
        ("by 8 days", errors.EnergyAccounts_TooLong, energy.prolong(first, first + 24, 8 * DAY)),
        (
            "of the day after tomorrow",
            errors.EnergyAccounts_TooFarAhead,
            energy.prolong(first + 200, first + 201, DAY),
        ),
        ("of no hours", errors.EnergyAccounts_BadRange, energy.prolong(first, first, DAY)),
        (
            "of a quarter that is final",
            errors.EnergyAccounts_SlotFinal,
            energy.prolong(first - 1, first + 24, DAY),
        ),
    ):
        stage.refuses(what, error, stage.safe, call)
    stage.does(
        "the guardian's Safe prolongs them",
        stage.safe,
        energy.prolong(first, first + 24, DAY),
        "Prolonged",
    )
    stage.refuses(
        "a second outage before the first is over",
        errors.EnergyAccounts_OutageOpen,
        stage.safe,
        energy.prolong(first + 4, first + 8, DAY),
        slot=first + 23,
    )
    stage.wait_until(thursday * DAY + 8 * HOUR)
    publish(
        stage, "at eight the prosumer's readings of the night come in", prosumer.readings(stage.now)
    )
    found = energy.net_of(prosumer.number, first)
    stage.check(found.read, "the first quarter was not read")
    stage.shows("the first quarter: read in time", found)


story = Story(name="energy", contracts=("EnergyAccounts",), tell=tell)
cli = walkthrough(str(__doc__), story)
