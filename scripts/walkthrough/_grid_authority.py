"""The grid's story: what the grid authority says of it, and what an unread meter says."""

from __future__ import annotations

from energy_grid.client import EnergyType, errors
from energy_grid.domain.enums import GridCondition
from scripts._walkthrough.houses import DAY, HOUR, House, today
from scripts._walkthrough.stage import Stage

__all__ = ["tell_authority", "tell_of_reputation"]


def tell_authority(stage: Stage) -> None:
    """Condition, metrics, participants and reputations."""
    grid, safe = stage.market.grid, stage.safe
    prosumer, consumer = stage.person("the prosumer"), stage.person("the consumer")
    stage.chapter("What the grid authority says")
    stage.does(
        "the grid is under stress",
        safe,
        grid.update_grid_status(GridCondition.STRESSED),
        "GridConditionSet",
    )
    figures = {"production": 7_500, "consumption": 3_400, "peak_load": 3_400}
    stage.does(
        "what the hour came to, 98.2 % of it used well",
        safe,
        grid.record_metrics(**figures, efficiency=9_820),
        "MetricsRecorded",
    )
    record = grid.get_metrics(1)
    stage.shows("record 1", record)
    stage.check(record.peak_load == 3_400, f"a peak of {record.peak_load} Wh was recorded")
    stage.refuses(
        "more than all used well",
        errors.GridManagement_BadEfficiency,
        safe,
        grid.record_metrics(**figures, efficiency=10_001),
        efficiency=10_001,
    )
    stage.refuses_to_answer(
        "a record that there is not",
        errors.GridManagement_NoSuchMetrics,
        lambda: grid.get_metrics(2),
        id=2,
    )
    stage.does(
        "the prosumer's reports were a little high: reputation 95",
        safe,
        grid.update_producer_reputation(prosumer.address, 95),
        "ReputationSet",
    )
    stage.refuses(
        "a reputation above 100",
        errors.GridManagement_BadScore,
        safe,
        grid.update_producer_reputation(prosumer.address, 101),
        score=101,
    )
    stage.shows(
        "its metered energy (it has no meter, and only declares)",
        grid.get_energy_production(prosumer.address),
    )
    stage.does(
        "the prosumer's roof is cleaned: its capacity leaves the grid's",
        safe,
        grid.deactivate_participant(prosumer.address, True),
        "ParticipantActiveSet",
    )
    capacity = grid.capacity_of(EnergyType.SOLAR)
    stage.shows("what is left of solar power", capacity)
    stage.check(capacity == 0, f"{capacity} Wh of solar power are left")
    stage.does("it runs again", safe, grid.reactivate_participant(prosumer.address, True))
    stage.shows(
        "since when it is active again: before, its devices earned no certificates",
        grid.active_since(prosumer.address, stage.now),
    )
    stage.does(
        "the consumer's connection is being repaired",
        safe,
        grid.deactivate_participant(consumer.address, False),
    )
    stage.refuses(
        "it draws nevertheless",
        errors.GridManagement_Inactive,
        consumer,
        grid.consume_energy(1),
        participant=consumer.address,
    )
    stage.does("it is repaired", safe, grid.reactivate_participant(consumer.address, False))
    stage.refuses(
        "it is repaired twice",
        errors.GridManagement_AlreadyActive,
        safe,
        grid.reactivate_participant(consumer.address, False),
        participant=consumer.address,
    )


def tell_of_reputation(stage: Stage, wind_producer: House) -> None:
    """What the market itself knows of a producer: a meter that is not read costs reputation."""
    grid, keeper = stage.market.grid, stage.keeper
    address = wind_producer.address
    stage.chapter("A meter that is not read costs reputation")
    stage.refuses(
        "anybody wants the wind producer's lowered, whose meter has just begun",
        errors.GridManagement_NoFault,
        keeper,
        grid.review_reputation(address),
        producer=address,
    )
    wednesday = today(stage) + 1
    stage.wait_until((wednesday + 1) * DAY + HOUR)
    close = stage.market.settlement.close_through([address], wednesday)
    stage.does("Wednesday closes, of which nothing was read", keeper, close, "DayClosed")
    stage.does("now it is", keeper, grid.review_reputation(address), "ReputationSet")
    reputation = grid.get_producer_info(address).reputation
    stage.check(reputation == 99, f"the wind producer's reputation is {reputation}")
    stage.shows("the wind producer's reputation", reputation)
    stage.refuses(
        "twice a day",
        errors.GridManagement_ReviewedToday,
        keeper,
        grid.review_reputation(address),
        day=wednesday + 1,
    )
