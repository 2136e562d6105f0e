"""Certificates that are retired for credits; those of gas, and of a producer that leaves."""

from __future__ import annotations

from energy_grid.client import EnergyType, errors
from energy_grid.domain.units import format_day
from scripts._walkthrough.houses import DAY, SLOT, House, publish
from scripts._walkthrough.plants import Plant
from scripts._walkthrough.run import START
from scripts._walkthrough.stage import Stage

__all__ = ["retires", "tell_of_gas", "tell_of_the_end"]

MONDAY = START // DAY + 6


def retires(stage: Stage, plant: Plant, next_day: int, wh: int) -> int:
    """The plant makes so much in the last quarter of a day, and the house uses and retires it; the
    number of the retirement."""
    end, house, certificates = next_day * DAY, plant.house, stage.market.certificates
    before = house.loses(end - SLOT)
    stage.wait_until(end)
    consent = stage.market.meters.submit_with_consent(before, 0, b"")
    stage.does("nobody has read the day but for its last quarter", house.holder, consent)
    house.read_to = end
    publish(
        stage,
        f"{format_day(next_day - 1)}: the house takes 8 Wh from the grid",
        [house.loses(end, imported=8)],
    )
    issue = certificates.issue(plant.lives(end, given=wh))
    stage.does(f"{plant.name} has made {wh:,} Wh", house.holder, issue, "CertificatesIssued")
    call = certificates.retire(house.address, [plant.certificate(end)], [wh])
    stage.does("the house has used all of it", house.holder, call, "CertificatesRetired")
    return certificates.retirement_count()


def tell_of_gas(stage: Stage, prosumer: House) -> None:
    """A device beside the turbine that is not clean."""
    carbon, generator = stage.market.carbon, Plant(stage, prosumer, "the gas engine")
    stage.chapter("Sunday: what burns gas earns no credits")
    generator.gets_meter()
    generator.becomes_device(EnergyType.NATURAL_GAS)
    number = retires(stage, generator, MONDAY, 400)
    stage.refuses(
        "credits for it",
        errors.CarbonCredits_UncleanProducer,
        stage.person("the relay"),
        carbon.issue_carbon_credits(prosumer.address, [number]),
        producer=prosumer.address,
        energy_type=EnergyType.NATURAL_GAS,
    )


def tell_of_the_end(stage: Stage, turbine: Plant) -> None:
    """What was earned before remains, whenever it is issued."""
    carbon, prosumer, anybody = stage.market.carbon, turbine.house, stage.person("the relay")
    stage.chapter("Tuesday: a producer leaves")
    monday = retires(stage, turbine, MONDAY + 1, 1500)
    deregister = carbon.deregister_clean_energy_producer(prosumer.address)
    stage.does(
        "the prosumer's turbine is taken down", stage.safe, deregister, "CleanProducerDeregistered"
    )
    stage.refuses(
        "twice",
        errors.CarbonCredits_NotRegistered,
        stage.safe,
        deregister,
        producer=prosumer.address,
    )
    stage.shows("the days that count: from, until", carbon.clean_producer(prosumer.address))
    tuesday = retires(stage, turbine, MONDAY + 2, 300)
    stage.refuses(
        "the day on which it has left",
        errors.CarbonCredits_DayNotClean,
        anybody,
        carbon.issue_carbon_credits(prosumer.address, [tuesday]),
        day=MONDAY + 1,
    )
    before = carbon.balance_of(prosumer.address)
    issue = carbon.issue_carbon_credits(prosumer.address, [monday])
    stage.does("the day before counts: 1.5 kWh at 400 g", anybody, issue, "CarbonCreditsIssued")
    stage.check(carbon.balance_of(prosumer.address) == before + 600, "it was not 600 g")
