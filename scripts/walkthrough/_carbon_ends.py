"""A plant with a meter of its own, a producer under suspicion, and one that leaves."""

from __future__ import annotations

from energy_grid.client import errors
from scripts._walkthrough.houses import DAY, HOME, House, quiet
from scripts._walkthrough.run import START
from scripts._walkthrough.stage import Stage

__all__ = ["tell_of_a_plant", "tell_of_suspicion", "tell_of_the_end"]

TUESDAY = START // DAY
WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY, MONDAY = range(TUESDAY + 1, TUESDAY + 7)


def tell_of_a_plant(stage: Stage, prosumer: House) -> None:
    """All of what a sub-meter counts is credited."""
    market, carbon, roof = stage.market, stage.market.carbon, stage.person("the meter of the roof")
    stage.chapter("Sunday: a meter of the roof alone")
    stage.says("Where a sub-meter counts what a plant makes, all of it counts.")
    stage.does(
        "the roof gets a sub-meter",
        stage.safe,
        market.prepare_draft(
            market.sign_consent(
                prosumer.holder,
                market.draft_registration(
                    roof, prosumer.address, region=HOME, rated_power=4000, settlement=False
                ),
            )
        ),
        "MeterRegistered",
    )
    number = market.meters.get_meter(roof.address).number
    choose = carbon.set_production_meters
    for what, error, numbers in (
        ("nine of them", errors.CarbonCredits_TooManyMeters, list(range(1, 10))),
        ("one of them twice", errors.CarbonCredits_MetersUnordered, [number, number]),
        ("the meter of the connection", errors.CarbonCredits_NoSubMeter, [1]),
    ):
        stage.refuses(what, error, stage.safe, choose(prosumer.address, numbers))
    call = choose(prosumer.address, [number])
    stage.does("the registrar lets it count", stage.safe, call, "ProductionMetersSet")
    stage.shows("the numbers of the prosumer's", carbon.production_meters(prosumer.address))
    stage.wait_until(MONDAY * DAY)
    stage.does(
        "at midnight: 1001 Wh",
        roof,
        market.meters.submit_reading(quiet(MONDAY * DAY, 0, 1001)),
    )


def tell_of_suspicion(stage: Stage) -> None:
    """A suspended producer gets nothing until all is well."""
    market, prosumer, anybody = (
        stage.market,
        stage.person("the prosumer"),
        stage.person("the relay"),
    )
    carbon = market.carbon
    stage.chapter("Monday: a producer is suspended")
    issue = carbon.issue_carbon_credits(prosumer.address, [SUNDAY])
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
        "the day has waited: 1001 Wh at 400 g, and the 400 mg from before",
        anybody,
        issue,
        "CarbonCreditsIssued",
    )
    got = carbon.balance_of(prosumer.address) - before
    stage.check(got == 400, f"it brought {got} g")
    stage.shows("grams that it brought", got)


def tell_of_the_end(stage: Stage) -> None:
    """The last day counts, the day of leaving does not."""
    market, prosumer, anybody = (
        stage.market,
        stage.person("the prosumer"),
        stage.person("the relay"),
    )
    carbon, roof = market.carbon, stage.person("the meter of the roof")
    stage.chapter("Tuesday: a producer leaves")
    stage.wait_until((MONDAY + 1) * DAY)
    reading = quiet((MONDAY + 1) * DAY, 0, 2501)
    stage.does("at midnight: 1.5 kWh more", roof, market.meters.submit_reading(reading))
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
    stage.shows("the days that count: from, until", carbon.clean_producer(prosumer.address))
    stage.refuses(
        "the day on which it has left",
        errors.CarbonCredits_DayNotClean,
        anybody,
        carbon.issue_carbon_credits(prosumer.address, [MONDAY + 1]),
        day=MONDAY + 1,
    )
    before = carbon.balance_of(prosumer.address)
    issue = carbon.issue_carbon_credits(prosumer.address, [MONDAY])
    stage.does("the day before counts: 1.5 kWh at 400 g", anybody, issue, "CarbonCreditsIssued")
    stage.check(carbon.balance_of(prosumer.address) == before + 600, "it was not 600 g")
