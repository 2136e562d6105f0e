"""Carbon credits: what clean energy avoids, gram by gram, until somebody uses it up."""

from __future__ import annotations

from energy_grid.client import EnergyType, errors
from energy_grid.contracts.carbon_credits import CleanProducer
from scripts._walkthrough.command import walkthrough
from scripts._walkthrough.common import show_authority
from scripts._walkthrough.houses import DAY, HOUR, House
from scripts._walkthrough.plants import Plant
from scripts._walkthrough.run import START
from scripts._walkthrough.stage import Stage, Story
from scripts._walkthrough.tokens import show_erc20, show_permits
from scripts.walkthrough._carbon_ends import retires, tell_of_gas, tell_of_the_end
from scripts.walkthrough._carbon_retired import tell_of_more_than_the_world, tell_of_retirement

TUESDAY = START // DAY
WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY, MONDAY = range(TUESDAY + 1, TUESDAY + 7)


def tell(stage: Stage) -> None:
    """The prosumer uses what its turbine makes, and earns credits; a firm retires some of them."""
    prosumer = House(stage, "the prosumer", "100")
    turbine = Plant(stage, prosumer, "the turbine")
    _who_is_clean(stage, prosumer)
    _a_device(stage, turbine)
    _what_a_kwh_avoids(stage)
    _credits_are_issued(stage, turbine)
    _for_many_days(stage, turbine)
    _they_change_hands(stage)
    carbon = stage.market.carbon
    show_erc20(stage, carbon, prosumer.holder, 1000)
    show_permits(stage, carbon, prosumer.holder, 250)
    tell_of_retirement(stage)
    tell_of_gas(stage, prosumer)
    tell_of_the_end(stage, turbine)
    show_authority(stage, [carbon], carbon.register_clean_energy_producer(prosumer.address))
    tell_of_more_than_the_world(stage)


def _who_is_clean(stage: Stage, prosumer: House) -> None:
    market, carbon = stage.market, stage.market.carbon
    consumer, gas_producer = map(stage.person, ("the consumer", "the gas producer"))
    register = carbon.register_clean_energy_producer
    stage.wait_until(START + 9 * HOUR)
    stage.chapter("Tuesday, 9:00: who produces cleanly")
    stage.says("A clean producer is one that GridManagement knows as confirmed, of anything but")
    stage.says("natural gas. The registrar's Safe decides.")
    stage.shows("where producers are known", carbon.grid())
    stage.shows("where certificates are", carbon.certificates())
    relayed = carbon.is_trusted_forwarder(market.forwarder.address)
    stage.shows("whether holders can call by a relay", relayed)
    for who, capacity, energy_type in (
        (prosumer.holder, 1000, EnergyType.WIND),
        (gas_producer, 9000, EnergyType.NATURAL_GAS),
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
        "the grid authority confirms both",
        [(stage.safe, confirm(each.address, True)) for each in (prosumer.holder, gas_producer)],
    )
    for what, who, error in (
        ("the consumer, who produces nothing", consumer, errors.CarbonCredits_NotProducer),
        ("the gas producer and its gas", gas_producer, errors.CarbonCredits_UncleanProducer),
    ):
        stage.refuses(what, error, stage.safe, register(who.address))
    call = register(prosumer.address)
    stage.does("the prosumer and its turbine", stage.safe, call, "CleanProducerRegistered")
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


def _a_device(stage: Stage, turbine: Plant) -> None:
    stage.chapter("Only what is certified and used counts")
    stage.says("A turbine's own meter certifies what it makes, slot by slot. Who has used as much")
    stage.says("in the same slot retires the certificates: that earns the credits.")
    turbine.house.deposits("100")
    turbine.house.gets_meter()
    turbine.gets_meter()
    turbine.becomes_device(EnergyType.WIND)
    number = retires(stage, turbine, WEDNESDAY + 1, 1000)
    stage.check(number == 1, f"it is retirement {number}")


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


def _credits_are_issued(stage: Stage, turbine: Plant) -> None:
    carbon, anybody = stage.market.carbon, stage.person("the relay")
    issue, prosumer = carbon.issue_carbon_credits, turbine.house
    stage.chapter("Credits are issued")
    stage.says("Anybody can have them issued to who has retired, each retirement once.")
    thursday = retires(stage, turbine, THURSDAY + 1, 2500)
    clean = [carbon.is_clean_on(prosumer.address, day) for day in (TUESDAY, WEDNESDAY)]
    stage.check(clean == [False, True], f"clean: {clean}")
    stage.shows("whether the prosumer was clean on Tuesday, and on Wednesday", clean)
    stage.refuses(
        "to the consumer, who has not used it",
        errors.CarbonCredits_NotTheirs,
        anybody,
        issue(stage.person("the consumer").address, [thursday]),
        retirement=thursday,
    )
    issued = issue(prosumer.address, [thursday])
    stage.does("Thursday: 2.5 kWh at 380 g", anybody, issued, "CarbonCreditsIssued")
    stage.check(carbon.balance_of(prosumer.address) == 950, "the prosumer has not 950 g")
    stage.shows("grams that the prosumer has", carbon.get_carbon_credits_balance(prosumer.address))
    stage.shows("whether the retirement is credited", carbon.is_credited(thursday))
    stage.refuses("the same again", errors.CarbonCredits_NothingToIssue, anybody, issued)


def _for_many_days(stage: Stage, turbine: Plant) -> None:
    market, anybody, prosumer = stage.market, stage.person("the relay"), turbine.house
    carbon = market.carbon
    stage.chapter("Many days at once")
    found = [retires(stage, turbine, day + 1, wh) for day, wh in ((FRIDAY, 3004), (SATURDAY, 1992))]
    left = market.creditable_retirements(prosumer.address)
    stage.check(left == [1, *found], f"creditable: {left}")
    stage.shows("retirements that can be credited now", left)
    stage.says("3004 Wh at 400 g are 1,201,600 mg, and 1992 Wh are 796,800 mg.")
    issue = carbon.issue_carbon_credits(prosumer.address, [found[0] - 1, *found])
    events = stage.does(
        "both, and one that is skipped, as it was credited before",
        anybody,
        issue,
        "CarbonCreditsIssued",
    )
    (issued,) = (one for one in events if one.event == "CarbonCreditsIssued")
    stage.check(issued["grams"] == 1998, f"issued: {issued.arguments}")
    stage.shows("what was issued: Wh, g", (issued["energy"], issued["grams"]))
    below = carbon.clean_producer(prosumer.address).milligrams
    stage.check(below == 400, f"left: {below} mg")
    stage.shows("mg that are left for the next time: nothing is lost to rounding", below)
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
