"""Carbon credits: what clean production avoids, gram by gram, until somebody uses it up."""

from __future__ import annotations

from energy_grid.client import EnergyType, MeterReading, errors
from energy_grid.contracts.carbon_credits import CleanProducer, Retirement
from energy_grid.market.signing import sign_registration
from scripts._walkthrough.command import walkthrough
from scripts._walkthrough.common import show_authority
from scripts._walkthrough.run import START
from scripts._walkthrough.stage import Stage, Story
from scripts._walkthrough.tokens import NOBODY, show_erc20, show_permits

HOUR = 3600
NORTH = "NORTH"
# Wh that the prosumer's cells produce, by the hour of the day in which they do.
PRODUCED = {9: 2000, 10: 2500, 11: 3001, 12: 1999, 13: 1001, 14: 1500}
TRADE_FAIR = "the power of our stand at the trade fair"


def tell(stage: Stage) -> None:
    """The prosumer's roof earns credits each hour; a firm retires some of them for its guests."""
    _who_is_clean(stage)
    _her_roof_is_metered(stage)
    _what_a_kwh_avoids(stage)
    _credits_are_issued(stage)
    _for_many_slots(stage)
    _they_change_hands(stage)
    carbon, prosumer = stage.market.carbon, stage.person("the prosumer")
    show_erc20(stage, carbon, prosumer, 1000)
    show_permits(stage, carbon, prosumer, 250)
    _they_are_used_up(stage)
    _under_suspicion(stage)
    _the_end(stage)
    show_authority(stage, [carbon], carbon.register_clean_energy_producer(prosumer.address))
    _more_than_the_world(stage)


def _slot(stage: Stage, hour: int) -> int:
    """That begins at an hour of the story's day."""
    return stage.market.slot(START + hour * HOUR)


def _who_is_clean(stage: Stage) -> None:
    market, carbon = stage.market, stage.market.carbon
    prosumer, consumer, gas_producer, storage_owner = map(
        stage.person, ("the prosumer", "the consumer", "the gas producer", "the storage owner")
    )
    register = carbon.register_clean_energy_producer
    stage.wait_until(START + 9 * HOUR)
    stage.chapter("Tuesday, 9:00: who produces cleanly")
    stage.says("A clean producer is one in GridManagement, of anything but natural gas, and has")
    stage.says("no storage, which gives back what others have made. The registrar, the Safe,")
    stage.says("decides.")
    stage.shows("where producers are known: GridManagement", carbon.grid())
    stage.shows("where their energy is counted: Settlement", carbon.settlement())
    for who, capacity, energy_type in (
        (prosumer, 6000, EnergyType.SOLAR),
        (gas_producer, 9000, EnergyType.NATURAL_GAS),
        (storage_owner, 4000, EnergyType.WIND),
    ):
        call = market.grid.register_producer(capacity, energy_type)
        stage.does(f"a producer of {energy_type.name}, {capacity} Wh an hour", who, call)
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
    stage.shows(
        "whether the prosumer is a clean producer",
        carbon.is_clean_energy_producer(prosumer.address),
    )
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
    wanted = CleanProducer(from_slot=_slot(stage, 10), until_slot=0, milligrams=0)
    stage.check(found == wanted, f"what counts of the prosumer: {found}")
    stage.shows("what counts of it: from the next slot on", found)


def _her_roof_is_metered(stage: Stage) -> None:
    market, prosumer, meter = (
        stage.market,
        stage.person("the prosumer"),
        stage.person("the prosumer's meter"),
    )
    stage.chapter("Only what is metered counts")
    proof = sign_registration(meter, prosumer.address, NORTH, 10_000, market.meter_domain)
    register = market.meters.register_meter(meter.address, prosumer.address, NORTH, 10_000, proof)
    stage.does("the prosumer's roof has a meter", stage.safe, register)
    for hour in (9, 10):
        _produces(stage, hour)


def _what_a_kwh_avoids(stage: Stage) -> None:
    market, carbon = stage.market, stage.market.carbon
    stage.chapter("What a clean kWh avoids")
    stage.says("The emission factor is the grid's mix, in g CO2e per kWh. Governance sets it for")
    stage.says("slots to come; those that are over keep theirs.")
    stage.shows("factors there were", carbon.emission_factor_count())
    stage.shows("the first one: from which slot on, and how much", carbon.emission_factor_at(0))
    stage.does(
        "a vote has raised it to 400 g",
        stage.governance,
        carbon.set_emission_factor(400),
        "EmissionFactorSet",
    )
    running = market.slot()
    factors = [carbon.emission_factor_of(slot) for slot in (running, running + 1)]
    stage.check(factors == [380, 400], f"factors: {factors}")
    stage.shows("in the running slot, and in the next one", factors)
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


def _produces(stage: Stage, hour: int) -> None:
    """Wait for the end of an hour, at which the meter is read."""
    end = START + (hour + 1) * HOUR
    stage.wait_until(end)
    reading = MeterReading(
        timestamp=end,
        consumption=0,
        production=PRODUCED[hour],
        grid_frequency=5000,
        voltage=2300,
    )
    stage.does(
        f"from {hour} to {hour + 1}: {PRODUCED[hour]} Wh",
        stage.person("the prosumer's meter"),
        stage.market.meters.submit_reading(reading),
    )


def _credits_are_issued(stage: Stage) -> None:
    carbon, prosumer, anybody = (
        stage.market.carbon,
        stage.person("the prosumer"),
        stage.person("the relay"),
    )
    ten, issue = _slot(stage, 10), carbon.issue_carbon_credits
    stage.chapter("Credits are issued")
    stage.says("Anybody can have them issued to the producer, slot by slot, each once. A slot")
    stage.says("must be final: an hour after its end nothing more is read of it.")
    stage.refuses(
        "from 10 to 11, at 11",
        errors.CarbonCredits_SlotNotFinal,
        anybody,
        issue(prosumer.address, [ten]),
        slot=ten,
        final_at=START + 12 * HOUR,
    )
    _produces(stage, 11)
    stage.refuses(
        "from 9 to 10, when the prosumer was not registered yet",
        errors.CarbonCredits_SlotNotClean,
        anybody,
        issue(prosumer.address, [ten - 1]),
        slot=ten - 1,
    )
    consumer = stage.person("the consumer")
    stage.refuses(
        "to the consumer, who never was",
        errors.CarbonCredits_NotRegistered,
        anybody,
        issue(consumer.address, [ten]),
        producer=consumer.address,
    )
    issued = issue(prosumer.address, [ten])
    stage.does("from 10 to 11: 2.5 kWh at 380 g", anybody, issued, "CarbonCreditsIssued")
    stage.check(carbon.balance_of(prosumer.address) == 950, "the prosumer has not 950 g")
    stage.shows("grams that the prosumer has", carbon.get_carbon_credits_balance(prosumer.address))
    stage.shows("whether the slot is credited", carbon.is_credited(prosumer.address, ten))
    stage.refuses("the same slot again", errors.CarbonCredits_NothingToIssue, anybody, issued)


def _for_many_slots(stage: Stage) -> None:
    market, prosumer, anybody = (
        stage.market,
        stage.person("the prosumer"),
        stage.person("the relay"),
    )
    carbon, ten = market.carbon, _slot(stage, 10)
    stage.chapter("Many slots at once")
    _produces(stage, 12)
    stage.wait_until(START + 14 * HOUR)
    open_slots = market.creditable_slots(prosumer.address, range(ten, ten + 24))
    stage.check(open_slots == [ten + 1, ten + 2], f"creditable: {open_slots}")
    stage.shows("slots of today that can be credited now", open_slots)
    stage.says("3001 Wh at 380 g are 1,140,380 mg, and 1999 Wh at 400 g are 799,600 mg.")
    issue = carbon.issue_carbon_credits(prosumer.address, [ten, *open_slots])
    events = stage.does(
        "both, and one that is skipped, as it was credited before",
        anybody,
        issue,
        "CarbonCreditsIssued",
    )
    (issued,) = (one for one in events if one.event == "CarbonCreditsIssued")
    stage.check((issued["slots"], issued["grams"]) == (2, 1939), f"issued: {issued.arguments}")
    stage.shows("what was issued: slots, Wh, g", (2, issued["energy"], issued["grams"]))
    left = carbon.clean_producer(prosumer.address).milligrams
    stage.check(left == 980, f"left: {left} mg")
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


def _they_are_used_up(stage: Stage) -> None:
    carbon, firm, guests = stage.market.carbon, stage.person("the firm"), stage.person("the guests")
    retire = carbon.retire
    stage.chapter("Credits are used up")
    stage.says("An account that claims avoided emissions retires credits: for a beneficiary and a")
    stage.says("reason, in a numbered record. They are gone then, so they cannot be claimed twice.")
    stage.does(
        "the firm retires 300 g for its guests",
        firm,
        retire(300, guests.address, TRADE_FAIR),
        "CarbonCreditsRetired",
    )
    stage.shows("retirements there were", carbon.retirement_count())
    found = carbon.retirement(1)
    wanted = Retirement(
        account=firm.address,
        beneficiary=guests.address,
        amount=300,
        time=stage.now,
        reason=TRADE_FAIR,
    )
    stage.check(found == wanted, f"the record is {found}")
    stage.shows("the record", found)
    stage.shows("grams retired for the guests", carbon.retired_for(guests.address))
    stage.shows("grams ever retired", carbon.total_retired())
    issued, supply, retired = carbon.total_issued(), carbon.total_supply(), carbon.total_retired()
    stage.check(issued == supply + retired == 2889, f"{issued} is not {supply} and {retired}")
    stage.shows("ever issued, still there, retired: the sum is right", (issued, supply, retired))
    for what, error, call in (
        ("nothing at all", errors.CarbonCredits_ZeroAmount, retire(0, guests.address, TRADE_FAIR)),
        ("for nobody", errors.CarbonCredits_ZeroBeneficiary, retire(1, NOBODY.address, TRADE_FAIR)),
        ("without a reason", errors.CarbonCredits_BadReason, retire(1, guests.address, "")),
        ("more than is left", errors.ERC20InsufficientBalance, retire(201, guests.address, "all")),
    ):
        stage.refuses(what, error, firm, call)
    stage.refuses_to_answer(
        "a record that does not exist",
        errors.CarbonCredits_NoSuchRetirement,
        lambda: carbon.retirement(2),
        id=2,
    )


def _under_suspicion(stage: Stage) -> None:
    market, prosumer, anybody = (
        stage.market,
        stage.person("the prosumer"),
        stage.person("the relay"),
    )
    carbon, slot = market.carbon, _slot(stage, 13)
    stage.chapter("A producer is suspended")
    _produces(stage, 13)
    stage.wait_until(START + 15 * HOUR)
    issue = carbon.issue_carbon_credits(prosumer.address, [slot])
    stage.does(
        "the grid authority suspends the prosumer as a producer",
        stage.safe,
        market.grid.deactivate_participant(prosumer.address, is_producer=True),
    )
    stage.refuses(
        "credits meanwhile: they could not be taken back",
        errors.CarbonCredits_InactiveProducer,
        anybody,
        issue,
        producer=prosumer.address,
    )
    stage.shows(
        "whether the prosumer is a clean producer",
        carbon.is_clean_energy_producer(prosumer.address),
    )
    stage.does(
        "all was well",
        stage.safe,
        market.grid.reactivate_participant(prosumer.address, is_producer=True),
    )
    before = carbon.balance_of(prosumer.address)
    stage.does(
        "the slot has waited: 1001 Wh at 400 g, and the 980 mg from before",
        anybody,
        issue,
        "CarbonCreditsIssued",
    )
    got = carbon.balance_of(prosumer.address) - before
    stage.check(got == 401, f"it brought {got} g")
    stage.shows("grams that it brought", got)


def _the_end(stage: Stage) -> None:
    carbon, prosumer, anybody = (
        stage.market.carbon,
        stage.person("the prosumer"),
        stage.person("the relay"),
    )
    stage.chapter("A producer leaves")
    _produces(stage, 14)
    deregister = carbon.deregister_clean_energy_producer(prosumer.address)
    stage.does(
        "the prosumer's roof is taken down", stage.safe, deregister, "CleanProducerDeregistered"
    )
    stage.refuses(
        "twice",
        errors.CarbonCredits_NotRegistered,
        stage.safe,
        deregister,
        producer=prosumer.address,
    )
    stage.shows("the slots that count: from, until", carbon.clean_producer(prosumer.address))
    stage.wait_until(START + 17 * HOUR)
    last = _slot(stage, 14)
    stage.refuses(
        "the hour in which it has left",
        errors.CarbonCredits_SlotNotClean,
        anybody,
        carbon.issue_carbon_credits(prosumer.address, [last + 1]),
        slot=last + 1,
    )
    before = carbon.balance_of(prosumer.address)
    issue = carbon.issue_carbon_credits(prosumer.address, [last])
    stage.does("the hour before counts: 1.5 kWh at 400 g", anybody, issue, "CarbonCreditsIssued")
    stage.check(carbon.balance_of(prosumer.address) == before + 600, "it was not 600 g")


def _more_than_the_world(stage: Stage) -> None:
    carbon, giant = stage.market.carbon, stage.person("a giant")
    stage.chapter("More than the world emits")
    stage.says("A record has room for 96 bits of grams. No meter earns as much: this chain lets")
    stage.says("us write a balance as it likes.")
    stage.node.rpc("anvil_dealERC20", giant.address, carbon.address, hex(2**97))
    stage.refuses(
        "2^96 g in one retirement",
        errors.SafeCastOverflowedUintDowncast,
        giant,
        carbon.retire(2**96, giant.address, "everything"),
        bits=96,
    )


story = Story(name="carbon", contracts=("CarbonCredits",), tell=tell)
cli = walkthrough(str(__doc__), story)
