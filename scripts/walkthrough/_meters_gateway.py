"""What changes for a meter whose days a gateway reads."""

from __future__ import annotations

from energy_grid.client import errors
from scripts._walkthrough.houses import DAY, HOME, HOUR, SLOT, House, publish, quiet, today
from scripts._walkthrough.stage import Impersonated, Stage
from scripts.walkthrough._meters_registration import register

__all__ = ["tell_of_gateways"]

_OURS = 2


def tell_of_gateways(stage: Stage) -> None:
    """A neighbour joins a community with a gateway, and its own readings wait."""
    neighbour = House(stage, "the neighbour", "50")
    _it_joins(stage, neighbour)
    _its_own_readings_wait(stage, neighbour)
    _what_a_day_brings(stage, neighbour)


def _it_joins(stage: Stage, neighbour: House) -> None:
    market, stranger = stage.market, stage.person("a stranger")
    meters, communities = market.meters, market.communities
    stage.chapter("A gateway reads")
    stage.says("A community with a gateway closes whole days. Its members' own readings wait.")
    neighbour.deposits("40")
    neighbour.gets_meter()
    founds = communities.create_with_gateway(
        HOME, 5000, stranger.address, market.meters.address, False
    )
    stage.does("somebody founds one", stranger, founds, "GatewayCreated")
    number = neighbour.number
    stage.shows("who may say that a gateway reads", meters.communities())
    stage.refuses(
        "a stranger says it",
        errors.SmartMeter_WrongCaller,
        stranger,
        meters.set_read_by_gateway(number),
        caller=stranger.address,
        expected=meters.communities(),
    )
    stage.does(
        "the neighbour joins, which is its consent to the gateway",
        neighbour.holder,
        communities.join(_OURS),
        "Joined",
        within=[meters.set_read_by_gateway(number)],
    )


def _its_own_readings_wait(stage: Stage, neighbour: House) -> None:
    meters, midnight = stage.market.meters, (today(stage) + 1) * DAY
    stage.wait_until(midnight + HOUR)
    publish(stage, "its reading of midnight is the last one", neighbour.readings(midnight))
    stage.shows("slot and registers at it", meters.registers_of(neighbour.number))
    after = neighbour.signs(midnight + SLOT, imported=100)
    stage.refuses(
        "one of a quarter that the gateway will read",
        errors.SmartMeter_ReadByGateway,
        neighbour.meter,
        meters.submit_reading(after.reading),
        meter=neighbour.meter.address,
    )
    stage.shows("what it says: account, slot and registers", meters.reading_of(after))
    between = neighbour.signs(midnight + 60, imported=10)
    stage.refuses_to_answer(
        "what one says that is of no slot's end",
        errors.SmartMeter_NotBoundary,
        lambda: meters.reading_of(between),
        meter=neighbour.meter.address,
    )
    roof = stage.person("the neighbour's roof")
    terms = register(stage, roof, neighbour.holder, settlement=False)
    stage.does("its roof gets a meter", stage.safe, meters.register_meter(*terms))
    signed = stage.market.sign_reading(roof, quiet(midnight + SLOT))
    stage.refuses_to_answer(
        "what one of the roof says of the account",
        errors.SmartMeter_NotSettlement,
        lambda: meters.reading_of(signed),
        meter=roof.address,
    )


def _what_a_day_brings(stage: Stage, neighbour: House) -> None:
    meters, day = stage.market.meters, today(stage)
    number = neighbour.number
    stage.shows("who brings what a gateway has read", meters.community_days())
    days = Impersonated(meters.community_days())
    stage.does(
        "its registers go on at the end of a day",
        days,
        meters.move_to(number, (day + 1) * DAY // SLOT, 0, 0, 2000, 500, True),
        "RegistersMoved",
    )
    stage.shows("imported on that day", meters.get_daily_consumption(neighbour.meter.address, day))
    stage.does(
        "those of another day are kept",
        days,
        meters.keep_day(number, day + 1, 2000, 500, 5000, 600),
    )
    found = meters.get_daily_consumption(neighbour.meter.address, day + 1)
    stage.check(found == 3000, f"{found} Wh")
    stage.shows("imported on that one", found)
