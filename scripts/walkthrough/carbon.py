"""Carbon credits: what clean production avoids, gram by gram, until somebody uses it up."""

from __future__ import annotations

from energy_grid.client import EnergyType, errors
from energy_grid.contracts.carbon_credits import CleanProducer
from energy_grid.domain.units import format_day
from scripts._walkthrough.command import walkthrough
from scripts._walkthrough.common import show_authority
from scripts._walkthrough.houses import DAY, HOUR, House, publish
from scripts._walkthrough.run import START
from scripts._walkthrough.stage import Stage, Story
from scripts._walkthrough.tokens import show_erc20, show_permits
from scripts.walkthrough._carbon_ends import tell_of_a_plant, tell_of_suspicion, tell_of_the_end
from scripts.walkthrough._carbon_retired import tell_of_more_than_the_world, tell_of_retirement

TUESDAY = START // DAY
WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY, MONDAY = range(TUESDAY + 1, TUESDAY + 7)


def tell(stage: Stage) -> None:
    """The prosumer's roof earns credits day by day; a firm retires some of them for its guests."""
    prosumer = House(stage, "the prosumer", "100")
    _who_is_clean(stage, prosumer)
    _a_meter(stage, prosumer)
    _what_a_kwh_avoids(stage)
    _credits_are_issued(stage, prosumer)
    _for_many_days(stage, prosumer)
    _they_change_hands(stage)
    carbon = stage.market.carbon
    show_erc20(stage, carbon, prosumer.holder, 1000)
    show_permits(stage, carbon, prosumer.holder, 250)
    tell_of_retirement(stage)
    tell_of_a_plant(stage, prosumer)
    tell_of_suspicion(stage)
    tell_of_the_end(stage)
    show_authority(stage, [carbon], carbon.register_clean_energy_producer(prosumer.address))
    tell_of_more_than_the_world(stage)


def _who_is_clean(stage: Stage, prosumer: House) -> None:
    market, carbon = stage.market, stage.market.carbon
    consumer, gas_producer, storage_owner = map(
        stage.person, ("the consumer", "the gas producer", "the storage owner")
    )
    register = carbon.register_clean_energy_producer
    stage.wait_until(START + 9 * HOUR)
    stage.chapter("Tuesday, 9:00: who produces cleanly")
    stage.says("A clean producer is one that GridManagement knows as confirmed, of anything but")
    stage.says("natural gas, and without a storage, which gives back what others have made. The")
    stage.says("registrar's Safe decides.")
    stage.shows("where producers are known", carbon.grid())
    stage.shows("where accounts are known", carbon.settlement())
    stage.shows("where energy is metered", carbon.meter())
    for who, capacity, energy_type in (
        (prosumer.holder, 1000, EnergyType.SOLAR),
        (gas_producer, 9000, EnergyType.NATURAL_GAS),
        (storage_owner, 4000, EnergyType.WIND),
    ):
        call = market.grid.register_producer(capacity, energy_type)
        stage.does(f"a producer of {energy_type.name}, {capacity} Wh a quarter", who, call)
    stage.refuses(
        "the prosumer, before anybody has confirmed it",
        errors.CarbonCredits_InactiveProducer,
        stage.safe,
        register(prosumer.address),
    )
    confirm = market.grid.confirm_participant
    stage.repeats(
        "the grid authority confirms all three",
        [
            (stage.safe, confirm(each.address, True))
            for each in (prosumer.holder, gas_producer, storage_owner)
        ],
    )
    stage.does(
        "the storage owner, of the wind, has a battery as well",
        storage_owner,
        market.grid.register_storage(10_000, 5000, 5000),
    )
    for what, who, error in (
        ("the consumer, who produces nothing", consumer, errors.CarbonCredits_NotProducer),
        ("the gas producer and its gas", gas_producer, errors.CarbonCredits_UncleanProducer),
        ("the storage owner and its battery", storage_owner, errors.CarbonCredits_IsStorage),
    ):
        stage.refuses(what, error, stage.safe, register(who.address))
    call = register(prosumer.address)
    stage.does("the prosumer and its roof", stage.safe, call, "CleanProducerRegistered")
    stage.refuses(
        "the prosumer once more",
        errors.CarbonCredits_AlreadyRegistered,
        stage.safe,
        call,
        producer=prosumer.address,
    )
    stage.shows("whether it is one now", carbon.is_clean_energy_producer(prosumer.address))
    found = carbon.clean_producer(prosumer.address)
    wanted = CleanProducer(from_day=WEDNESDAY, until_day=0, milligrams=0)
    stage.check(found == wanted, f"what counts of the prosumer: {found}")
    stage.shows("what counts of it: from the next day on", found)


def _a_meter(stage: Stage, prosumer: House) -> None:
    stage.chapter("Only what is metered counts")
    stage.says("Of a house with one meter, the export of a day less its import counts: a battery")
    stage.says("that stores grid energy earns nothing.")
    prosumer.deposits("100")
    prosumer.gets_meter()
    _lives(stage, prosumer, WEDNESDAY, {12: 2000})


def _lives(stage: Stage, prosumer: House, day: int, nets: dict[int, int]) -> None:
    """Wait for the end of a day, at which the meter's readings of it come in."""
    stage.wait_until((day + 1) * DAY)
    net = sum(nets.values())
    publish(
        stage, f"{format_day(day)}: {net:,} Wh", prosumer.readings(stage.now // HOUR * HOUR, nets)
    )


def _what_a_kwh_avoids(stage: Stage) -> None:
    carbon = stage.market.carbon
    stage.chapter("Thursday: what a clean kWh avoids")
    stage.says("The emission factor is the grid's mix, in g CO2e per kWh. Governance sets it for")
    stage.says("days to come; those that are over keep theirs.")
    stage.shows("factors there were", carbon.emission_factor_count())
    stage.shows("the first one: from which day on, and how much", carbon.emission_factor_at(0))
    stage.does(
        "a vote has raised it to 400 g",
        stage.governance,
        carbon.set_emission_factor(400),
        "EmissionFactorSet",
    )
    factors = [carbon.emission_factor_of(day) for day in (THURSDAY, FRIDAY)]
    stage.check(factors == [380, 400], f"factors: {factors}")
    stage.shows("today, and tomorrow", factors)
    stage.refuses(
        "a vote for more than any power station emits",
        errors.CarbonCredits_FactorTooHigh,
        stage.governance,
        carbon.set_emission_factor(2001),
        grams_per_kwh=2001,
        maximum=2000,
    )
    stage.refuses_to_answer(
        "a third factor, of two",
        errors.CarbonCredits_NoSuchFactor,
        lambda: carbon.emission_factor_at(2),
        index=2,
    )


def _credits_are_issued(stage: Stage, prosumer: House) -> None:
    carbon, anybody = stage.market.carbon, stage.person("the relay")
    issue = carbon.issue_carbon_credits
    stage.chapter("Credits are issued")
    stage.says("Anybody can have them issued to the producer, day by day, each once.")
    stage.refuses(
        "of today, which is not over",
        errors.CarbonCredits_DayNotClean,
        anybody,
        issue(prosumer.address, [THURSDAY]),
        day=THURSDAY,
    )
    _lives(stage, prosumer, THURSDAY, {10: 3500, 19: -1000})
    stage.refuses(
        "of Wednesday, the first day of the meter, whose first midnight nobody has read",
        errors.CarbonCredits_DayNotRead,
        anybody,
        issue(prosumer.address, [WEDNESDAY]),
        day=WEDNESDAY,
    )
    consumer = stage.person("the consumer")
    stage.refuses(
        "to the consumer, who never was a clean producer",
        errors.CarbonCredits_NotRegistered,
        anybody,
        issue(consumer.address, [THURSDAY]),
        producer=consumer.address,
    )
    energy = carbon.energy_of(prosumer.address, THURSDAY)
    stage.check(energy == 2500, f"{energy} Wh count")
    stage.shows("Wh that count of Thursday", energy)
    issued = issue(prosumer.address, [THURSDAY])
    stage.does("Thursday: 2.5 kWh at 380 g", anybody, issued, "CarbonCreditsIssued")
    stage.check(carbon.balance_of(prosumer.address) == 950, "the prosumer has not 950 g")
    stage.shows("grams that the prosumer has", carbon.get_carbon_credits_balance(prosumer.address))
    stage.shows("whether the day is credited", carbon.is_credited(prosumer.address, THURSDAY))
    stage.refuses("the same day again", errors.CarbonCredits_NothingToIssue, anybody, issued)


def _for_many_days(stage: Stage, prosumer: House) -> None:
    market, anybody = stage.market, stage.person("the relay")
    carbon = market.carbon
    stage.chapter("Many days at once")
    _lives(stage, prosumer, FRIDAY, {11: 3004})
    _lives(stage, prosumer, SATURDAY, {11: 1992})
    days = market.creditable_days(prosumer.address, range(TUESDAY, MONDAY))
    stage.check(days == [FRIDAY, SATURDAY], f"creditable: {days}")
    stage.shows("days that can be credited now", [format_day(each) for each in days])
    stage.says("3004 Wh at 400 g are 1,201,600 mg, and 1992 Wh are 796,800 mg.")
    issue = carbon.issue_carbon_credits(prosumer.address, [THURSDAY, *days])
    events = stage.does(
        "both, and one that is skipped, as it was credited before",
        anybody,
        issue,
        "CarbonCreditsIssued",
    )
    (issued,) = (one for one in events if one.event == "CarbonCreditsIssued")
    stage.check(issued["grams"] == 1998, f"issued: {issued.arguments}")
    stage.shows("what was issued: Wh, g", (issued["energy"], issued["grams"]))
    left = carbon.clean_producer(prosumer.address).milligrams
    stage.check(left == 400, f"left: {left} mg")
    stage.shows("mg that are left for the next time: nothing is lost to rounding", left)
    stage.shows("grams ever issued", carbon.total_issued())


def _they_change_hands(stage: Stage) -> None:
    carbon, prosumer, firm = (
        stage.market.carbon,
        stage.person("the prosumer"),
        stage.person("the firm"),
    )
    stage.chapter("Credits change hands")
    transfer = carbon.transfer_carbon_credits(firm.address, 500)
    stage.does(
        "the prosumer gives a firm 500 g, by the name of the source", prosumer, transfer, "Transfer"
    )
    stage.check(carbon.balance_of(firm.address) == 500, "the firm has not 500 g")
    stage.shows("grams that the firm has", carbon.get_carbon_credits_balance(firm.address))
    stage.says("They are a token as any other, too, of which one base unit is a gram:")


story = Story(name="carbon", contracts=("CarbonCredits",), tell=tell)
cli = walkthrough(str(__doc__), story)
