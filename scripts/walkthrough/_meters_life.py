"""What becomes of meters: other keys, other devices, an end; a factory with many of them."""

from __future__ import annotations

from dataclasses import replace

from energy_grid.chain.contract import to_bytes32
from energy_grid.client import Account, errors
from energy_grid.contracts.smart_meter import Exchange
from energy_grid.market.signing import Rotation, sign_exchange, sign_rotation
from scripts._walkthrough.houses import DAY, House, quiet, today
from scripts._walkthrough.stage import Stage
from scripts.walkthrough._meters_registration import register

__all__ = ["tell_of_devices"]


def tell_of_devices(stage: Stage, prosumer: House) -> None:
    """A key is replaced, a device is exchanged, meters end; 32 of a factory."""
    _another_key(stage, prosumer)
    _another_device(stage, prosumer)
    _the_end_of_a_meter(stage, prosumer)
    _a_factory(stage)
    _at_deployment(stage)


def _another_key(stage: Stage, prosumer: House) -> None:
    market, old, new = stage.market, prosumer.meter, stage.person("the new key of the meter")
    meters, domain = market.meters, market.meter_domain
    stage.chapter("Thursday: a key is replaced")
    rotation = Rotation(meter=old.address, new_key=new.address)
    proof = sign_rotation(new, rotation, domain)
    stage.refuses(
        "a new key that has not agreed itself",
        errors.SmartMeter_WrongSignature,
        stage.safe,
        meters.rotate_meter_key(
            rotation.meter, rotation.new_key, sign_rotation(old, rotation, domain), b""
        ),
        meter=new.address,
    )
    stage.refuses(
        "one to which neither the old key nor the holder has agreed",
        errors.SmartMeter_NoConsent,
        stage.safe,
        meters.rotate_meter_key(rotation.meter, rotation.new_key, proof, b""),
        account=prosumer.address,
    )
    stage.does(
        "the holder agrees",
        prosumer.holder,
        meters.consent_to_rotation(rotation.meter, rotation.new_key),
        "MeterConsented",
    )
    rotate = meters.rotate_meter_key(rotation.meter, rotation.new_key, proof, b"")
    stage.does("the meter gets the new key", stage.safe, rotate, "MeterKeyRotated")
    stage.refuses(
        "a reading by the old key, from now on",
        errors.SmartMeter_UnknownMeter,
        old,
        meters.submit_reading(quiet(stage.now)),
    )
    prosumer.meter = new
    stage.shows("it is still meter 1, with all it has counted", meters.get_meter(new.address))


def _another_device(stage: Stage, prosumer: House) -> None:
    market, device = stage.market, stage.person("the second device")
    meters, domain = market.meters, market.meter_domain
    latest = meters.get_latest_reading(prosumer.meter.address)
    exchange = Exchange(
        meter=prosumer.meter.address,
        new_key=device.address,
        rated_power=8000,
        final_consumption=latest.consumption,
        final_production=latest.production,
        consumption=7,
        production=5,
        deadline=stage.now + 3600,
    )
    stage.chapter("A device is exchanged")
    stage.says("Number, account and history stay. What the old device has counted since its last")
    stage.says("reading is in the next one.")
    stronger = replace(exchange, rated_power=12_000)
    stage.refuses(
        "for one of 12 kW: a stronger connection is a new registration",
        errors.SmartMeter_PowerAbove,
        stage.safe,
        meters.exchange_meter(stronger, sign_exchange(device, stronger, domain), b""),
        rated_power=12_000,
        highest=10_000,
    )
    proof = sign_exchange(device, exchange, domain)
    stage.does(
        "the holder agrees", prosumer.holder, meters.consent_to_exchange(exchange), "MeterConsented"
    )
    stage.does(
        "for one of 8 kW, whose registers begin at 7 and 5",
        stage.safe,
        meters.exchange_meter(exchange, proof, b""),
        "MeterExchanged",
    )
    prosumer.meter = device
    stage.shows("meter 1 now", meters.get_meter(device.address))
    stage.shows("the prosumer's lifetime goes on", meters.get_lifetime(prosumer.address))


def _the_end_of_a_meter(stage: Stage, prosumer: House) -> None:
    meters, device = stage.market.meters, prosumer.meter
    roof, end = stage.person("the meter of the roof"), (today(stage) + 1) * DAY
    stage.chapter("Meters end")
    stage.does(
        "the registrar takes the roof's out",
        stage.safe,
        meters.deactivate_meter(roof.address),
        "MeterDeactivated",
    )
    stage.refuses(
        "a reading of it",
        errors.SmartMeter_InactiveMeter,
        roof,
        meters.submit_reading(quiet(stage.now)),
        meter=roof.address,
    )
    stage.refuses(
        "a stranger ends the prosumer's",
        errors.SmartMeter_NotHolder,
        stage.person("a stranger"),
        meters.detach_meter(device.address),
        account=prosumer.address,
    )
    stage.does(
        "the prosumer does, with the day",
        prosumer.holder,
        meters.detach_meter(device.address),
        "MeterDetached",
    )
    stage.refuses(
        "twice",
        errors.SmartMeter_Detached,
        prosumer.holder,
        meters.detach_meter(device.address),
        end=end,
    )


def _factory_meter(stage: Stage, number: int) -> Account:
    return stage.person(f"device {number} of the factory")


def _a_factory(stage: Stage) -> None:
    market, factory = stage.market, stage.person("the factory")
    devices = [_factory_meter(stage, number) for number in range(33)]
    calls = [
        market.meters.register_meter(*register(stage, one, factory, settlement=False))
        for one in devices
    ]
    stage.chapter("Many meters")
    everything = stage.safe.batch(calls[:32])
    stage.does(
        "32 for the machines of a factory, in one transaction of the Safe", stage.safe, everything
    )
    stage.shows("how many it has", market.meters.meter_set_of(factory.address)[0])
    stage.refuses(
        "one more",
        errors.SmartMeter_TooManyMeters,
        stage.safe,
        calls[32],
        account=factory.address,
        maximum=32,
    )


def _at_deployment(stage: Stage) -> None:
    market = stage.market
    modules = (
        market.contract("ERC2771Forwarder").address,
        market.tariffs.address,
        market.bands.address,
        market.settlement.address,
        market.energy_accounts.address,
        market.communities.address,
        market.community_days.address,
    )
    stage.chapter("What is checked at deployment")
    for what, name, value, parameters in (
        ("meters that may be read less than once a slot", "minInterval", 901, (901, 1, 1)),
        ("no security", "securityPerKw", 0, (60, 0, 1)),
        ("no power", "maxRatedPower", 0, (60, 1, 0)),
    ):
        stage.refuses_to_deploy(
            what,
            errors.SmartMeter_BadParameter,
            "SmartMeter",
            market.access.address,
            modules,
            parameters,
            name=to_bytes32(name),
            value=value,
        )
