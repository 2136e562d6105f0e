"""Meters: who they are, what they say, and which readings are refused."""

from __future__ import annotations

from scripts._walkthrough.command import walkthrough
from scripts._walkthrough.common import show_authority
from scripts._walkthrough.houses import House
from scripts._walkthrough.stage import Stage, Story
from scripts.walkthrough._meters_gateway import tell_of_gateways
from scripts.walkthrough._meters_life import tell_of_devices
from scripts.walkthrough._meters_readings import tell_of_readings
from scripts.walkthrough._meters_registration import tell_of_registration


def tell(stage: Stage) -> None:
    """a house is metered from the first key to the last, and a factory by many meters."""
    prosumer = House(stage, "the prosumer", "100")
    tell_of_registration(stage, prosumer)
    tell_of_readings(stage, prosumer)
    tell_of_devices(stage, prosumer)
    tell_of_gateways(stage)
    meters = stage.market.meters
    show_authority(stage, [meters], meters.deactivate_meter(prosumer.meter.address))


story = Story(name="meters", contracts=("SmartMeter",), tell=tell)
cli = walkthrough(str(__doc__), story)
