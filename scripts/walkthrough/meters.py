"""Meters: who they are, what they say, and which readings are refused."""

from __future__ import annotations

from dataclasses import replace

from energy_grid.client import Account, MeterReading, SignedReading, errors
from energy_grid.contracts.smart_meter import MeterInfo
from energy_grid.domain.units import format_time
from energy_grid.errors import ContractError
from energy_grid.market.signing import sign_registration, sign_rotation
from scripts._walkthrough.command import walkthrough
from scripts._walkthrough.common import show_authority
from scripts._walkthrough.stage import Stage, Story
from scripts._walkthrough.tokens import NOBODY

NORTH = "NORTH"
HOUR, DAY = 3600, 86_400
SOLAR = 10_000  # W that the prosumer's meter can see in either direction


def tell(stage: Stage) -> None:
    """a house is metered from the first key to the last, and a factory by many meters."""
    _what_is_fixed(stage)
    _a_meter_is_installed(stage)
    _it_is_read(stage)
    _impossible_readings(stage)
    _brought_by_others(stage)
    _a_day(stage)
    _keys_and_owners(stage)
    _a_factory(stage)
    _at_deployment(stage)
    meters = stage.market.meters
    show_authority(stage, [meters], meters.deactivate_meter(_meter(stage).address))
    _the_end_of_time(stage)


def _meter(stage: Stage) -> Account:
    """The prosumer's, by the key that it has at the end."""
    return stage.person("the new key of the prosumer's meter")


def _reading(
    timestamp: int,
    *,
    consumed: int = 0,
    produced: int = 0,
    frequency: int = 5000,
    voltage: int = 2300,
) -> MeterReading:
    """Wh since the reading before, in a quiet grid by default."""
    return MeterReading(
        timestamp=timestamp,
        consumption=consumed,
        production=produced,
        grid_frequency=frequency,
        voltage=voltage,
    )


def _what_is_fixed(stage: Stage) -> None:
    meters = stage.market.meters
    stage.chapter("What holds for every meter")
    stage.shows("seconds of a slot, by which energy is counted", meters.slot_length())
    stage.shows("seconds after it in which readings still come in", meters.grace())
    stage.shows("seconds that two readings of a meter are at least apart", meters.min_interval())
    stage.shows("voltage that is expected, in decivolts", meters.nominal_voltage())
    stage.shows("where what is read is counted: Settlement", meters.settlement())
    stage.shows("what everything that a meter signs is bound to", meters.call("eip712Domain"))


def _a_meter_is_installed(stage: Stage) -> None:
    market, prosumer, meter = (
        stage.market,
        stage.person("the prosumer"),
        stage.person("the prosumer's meter"),
    )
    meters = market.meters
    stage.wait_until(stage.now - stage.now % DAY + 9 * HOUR)
    stage.chapter("Tuesday, 9:00: the prosumer gets a meter")
    stage.says("A meter is known by the address of its key, which never leaves the device. With")
    stage.says("it the meter signs for whom, where and up to which power it counts; the")
    stage.says("registrar, which is the Safe here, brings that signature in.")
    proof = sign_registration(meter, prosumer.address, NORTH, SOLAR, market.meter_domain)
    stage.shows("how much of it is known before", meters.get_meter(meter.address))
    stage.refuses(
        "a meter for 12 kW with a signature for 10",
        errors.SmartMeter_WrongSignature,
        stage.safe,
        meters.register_meter(meter.address, prosumer.address, NORTH, 12_000, proof),
        meter=meter.address,
    )
    stage.refuses(
        "a meter that can see no power at all",
        errors.SmartMeter_BadParameter,
        stage.safe,
        meters.register_meter(meter.address, prosumer.address, NORTH, 0, proof),
        value=0,
    )
    stage.refuses(
        "a meter for the zero address",
        errors.SmartMeter_ZeroAccount,
        stage.safe,
        meters.register_meter(meter.address, NOBODY.address, NORTH, SOLAR, proof),
    )
    register = meters.register_meter(meter.address, prosumer.address, NORTH, SOLAR, proof)
    stage.does(
        "as signed: the prosumer's meter, NORTH, 10 kW", stage.safe, register, "MeterRegistered"
    )
    stage.refuses(
        "the same meter again",
        errors.SmartMeter_AlreadyRegistered,
        stage.safe,
        register,
        meter=meter.address,
    )
    known = MeterInfo(
        number=1, account=prosumer.address, region=NORTH, rated_power=SOLAR, active=True
    )
    stage.check(meters.get_meter(meter.address) == known, "the meter is not as registered")
    stage.shows("what is known of it now", known)
    stage.shows("meters there ever were", meters.meter_count())
    stage.shows("the key of meter 1", meters.meter_at(1))
    stage.shows("the prosumer's meters", meters.get_meters(prosumer.address))
    stage.shows("how many of them in NORTH", meters.meters_in(prosumer.address, NORTH))
    count, changed_at = meters.meter_set_of(prosumer.address)
    stage.shows("how many, and when that last changed", (count, format_time(changed_at)))
    stage.shows("its readings start from here", meters.get_latest_reading(meter.address))


def _it_is_read(stage: Stage) -> None:
    market, prosumer, meter = (
        stage.market,
        stage.person("the prosumer"),
        stage.person("the prosumer's meter"),
    )
    meters, slot, ten = market.meters, market.slot(), market.time_of(market.slot() + 1)
    stage.chapter("It is read")
    stage.says("A reading holds the Wh since the one before it, and counts in the slot that ends")
    stage.says("with it: one at 10:00:00 completes the hour from 9 to 10.")
    stage.wait_until(ten)
    stage.does(
        "10:00, the meter itself: 2.5 kWh produced, 0.4 consumed",
        meter,
        meters.submit_reading(_reading(ten, produced=2500, consumed=400)),
        "ReadingRecorded",
    )
    found = market.settlement.energy_of(prosumer.address, slot)
    stage.check((found.produced, found.consumed) == (2500, 400), f"counted: {found}")
    stage.shows("what Settlement has counted for the prosumer from 9 to 10", found)
    stage.shows(
        "its meters read at the very end of that hour: nothing is outstanding",
        market.settlement.meters_read_at_end(prosumer.address, slot),
    )
    stage.wait_until(ten + 900)
    stage.does(
        "10:15, in a troubled grid: 49.20 Hz and 243 V are recorded, with an alert",
        meter,
        meters.submit_reading(_reading(ten + 900, produced=700, frequency=4920, voltage=2430)),
        "ReadingRecorded",
        "PowerQualityAlert",
    )
    stage.shows("the latest reading", meters.get_latest_reading(meter.address))
    stage.shows(
        "as the meter asks for its own",
        meters.call("getLatestReading()", kind=MeterReading, sender=meter.address),
    )
    stage.shows(
        "Wh it has produced today", meters.call("getDailyProduction()", sender=meter.address)
    )
    stage.shows(
        "Wh it has consumed today", meters.call("getDailyConsumption()", sender=meter.address)
    )


def _impossible_readings(stage: Stage) -> None:
    market, meter = stage.market, stage.person("the prosumer's meter")
    meters = market.meters
    latest = meters.get_latest_reading(meter.address)
    at, stranger = latest.timestamp, stage.person("a stranger")
    stage.chapter("Readings that revert")
    stage.says("Of several things wrong with a reading the first is named, in this order. What")
    stage.says("lies on a bound is recorded.")

    def refused(what: str, error: type[ContractError], **fields: int) -> None:
        reading = replace(latest, **{"timestamp": at + 600, **fields})
        stage.refuses(what, error, meter, meters.submit_reading(reading), meter=meter.address)

    stage.refuses(
        "a reading of a device that is not registered",
        errors.SmartMeter_UnknownMeter,
        stranger,
        meters.submit_reading(latest),
        meter=stranger.address,
    )
    stage.refuses_to_answer(
        "what such a device has read",
        errors.SmartMeter_UnknownMeter,
        lambda: meters.get_latest_reading(stranger.address),
    )
    stage.wait_until(at + 1200)
    refused("one of tomorrow", errors.SmartMeter_FromFuture, timestamp=at + DAY)
    refused("one of before the latest", errors.SmartMeter_NotNewer, timestamp=at - 1)
    refused("the latest once more", errors.SmartMeter_Replayed, timestamp=at)
    refused(
        "another one of the same second: the meter contradicts itself",
        errors.SmartMeter_Conflicting,
        timestamp=at,
        production=701,
    )
    soon = at + meters.min_interval() - 1
    refused("one within a minute", errors.SmartMeter_TooSoon, timestamp=soon)
    refused(
        "2 kWh in ten minutes, of 10 kW that give 1,667 Wh",
        errors.SmartMeter_ImplausibleEnergy,
        production=2000,
    )
    refused("44.99 Hz", errors.SmartMeter_ImplausibleFrequency, grid_frequency=4499)
    refused("114.9 V", errors.SmartMeter_ImplausibleVoltage, voltage=1149)
    end = market.time_of(market.slot(at) + 1)
    stage.wait_until(end + meters.grace())
    refused("from 10 to 11, at 12:00: that slot is final", errors.SmartMeter_TooOld, timestamp=end)


def _brought_by_others(stage: Stage) -> None:
    market, meter, relay = (
        stage.market,
        stage.person("the prosumer's meter"),
        stage.person("the relay"),
    )
    stage.chapter("Signed readings, which anybody can bring")
    stage.says("A meter without money signs its readings; the relay collects and sends")
    stage.says("them.")
    noon = stage.now - stage.now % HOUR
    first = _signed(stage, meter, _reading(noon - 900, produced=4000))
    second = _signed(stage, meter, _reading(noon, produced=1800, consumed=90))
    send = market.meters.submit_signed_readings
    stage.refuses("no readings at all", errors.SmartMeter_NoReadings, relay, send([]))
    forged = replace(second, reading=replace(second.reading, production=1900))
    stage.refuses(
        "one of two improved on the way: none is recorded",
        errors.SmartMeter_WrongSignature,
        relay,
        send([first, forged]),
        meter=meter.address,
    )
    events = stage.does("both as signed", relay, send([first, second]), "ReadingRecorded")
    recorded = [one["production"] for one in events if one.event == "ReadingRecorded"]
    stage.check(recorded == [4000, 1800], f"recorded: {recorded}")
    other = _signed(stage, meter, _reading(noon, produced=1700, consumed=90))
    third = _signed(stage, meter, _reading(noon + 300, produced=500))
    stage.wait_until(noon + 300)
    events = stage.does(
        "those that others have overtaken are skipped, the next one is not",
        relay,
        send([first, other, third]),
        "ReadingSkipped",
        "ReadingRecorded",
    )
    skipped = [one["conflicting"] for one in events if one.event == "ReadingSkipped"]
    stage.check(skipped == [False, True], f"conflicting: {skipped}")
    stage.shows("whether those two contradict what is recorded", skipped)


def _signed(stage: Stage, meter: Account, reading: MeterReading) -> SignedReading:
    return stage.market.sign_reading(meter, reading)


def _a_day(stage: Stage) -> None:
    market, prosumer, meter = (
        stage.market,
        stage.person("the prosumer"),
        stage.person("the prosumer's meter"),
    )
    meters, today = market.meters, stage.now // DAY
    midnight = (today + 1) * DAY
    stage.chapter("Days and years")
    stage.wait_until(midnight)
    stage.does(
        "midnight: what the rest of the day has brought",
        meter,
        meters.submit_reading(_reading(midnight, produced=20_000, consumed=5000)),
    )
    produced = meters.get_daily_production(meter.address, today)
    stage.check(produced == 29_500, f"produced on Tuesday: {produced}")
    stage.shows("Wh produced on Tuesday", produced)
    stage.shows("Wh consumed on Tuesday", meters.get_daily_consumption(meter.address, today))
    stage.shows(
        "Wh produced on Wednesday", meters.call("getDailyProduction()", sender=meter.address)
    )
    stage.shows(
        "the prosumer since its registration: produced, consumed",
        meters.get_lifetime(prosumer.address),
    )


def _keys_and_owners(stage: Stage) -> None:
    market, prosumer, consumer = (
        stage.market,
        stage.person("the prosumer"),
        stage.person("the consumer"),
    )
    meters, old, new = market.meters, stage.person("the prosumer's meter"), _meter(stage)
    stage.chapter("A key is replaced, a house is sold, a meter is broken")
    by_old = sign_rotation(old, old.address, market.meter_domain)
    stage.refuses(
        "a new key that has not agreed itself",
        errors.SmartMeter_WrongSignature,
        stage.safe,
        meters.rotate_meter_key(old.address, new.address, by_old),
        meter=new.address,
    )
    by_new = sign_rotation(new, old.address, market.meter_domain)
    rotate = meters.rotate_meter_key(old.address, new.address, by_new)
    stage.does(
        "the prosumer's meter gets a new key, signed by it", stage.safe, rotate, "MeterKeyRotated"
    )
    stage.refuses(
        "the old key, from now on",
        errors.SmartMeter_UnknownMeter,
        old,
        meters.submit_reading(_reading(stage.now, consumed=1)),
    )
    stage.shows("it is still meter 1, with all it has counted", meters.get_meter(new.address))
    stage.shows("by its number it is found for good", meters.meter_at(1))
    lifetime = meters.get_lifetime(prosumer.address)
    move = meters.set_meter_account(new.address, consumer.address)
    stage.does(
        "the prosumer sells the house, and the meter, to the consumer",
        stage.safe,
        move,
        "MeterAccountSet",
    )
    at = stage.now + 3600
    stage.wait_until(at)
    stage.does(
        "what it reads now is the consumer's", new, meters.submit_reading(_reading(at, consumed=70))
    )
    stage.check(
        meters.get_lifetime(prosumer.address) == lifetime, "the prosumer's life has changed"
    )
    stage.check(meters.get_lifetime(consumer.address) == (0, 70), "the consumer's life is wrong")
    stage.shows(
        "what it has read for the prosumer stays its own", meters.get_lifetime(prosumer.address)
    )
    stage.shows(
        "the consumer since its registration: produced, consumed",
        meters.get_lifetime(consumer.address),
    )
    broken = stage.person("a meter that breaks")
    proof = sign_registration(broken, prosumer.address, NORTH, 5000, market.meter_domain)
    register = meters.register_meter(broken.address, prosumer.address, NORTH, 5000, proof)
    stage.does("the prosumer's new flat gets a meter", stage.safe, register)
    deactivate = meters.deactivate_meter(broken.address)
    stage.does("it breaks, and is taken out for good", stage.safe, deactivate, "MeterDeactivated")
    stage.refuses(
        "a reading of it",
        errors.SmartMeter_InactiveMeter,
        broken,
        meters.submit_reading(_reading(stage.now, consumed=1)),
        meter=broken.address,
    )
    stage.refuses("the key once more", errors.SmartMeter_AlreadyRegistered, stage.safe, register)


def _a_factory(stage: Stage) -> None:
    market, factory = stage.market, stage.person("the factory")
    devices = [stage.person(f"device {number} of the factory") for number in range(33)]
    proofs = [
        sign_registration(one, factory.address, NORTH, 100_000, market.meter_domain)
        for one in devices
    ]
    calls = [
        market.meters.register_meter(one.address, factory.address, NORTH, 100_000, proof)
        for one, proof in zip(devices, proofs, strict=True)
    ]
    stage.chapter("Many meters")
    everything = stage.safe.batch(calls[:32])
    stage.does("32 for a factory, in one transaction of the Safe", stage.safe, everything)
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
    stage.chapter("What is checked at deployment")
    stage.refuses_to_deploy(
        "meters that may be read less than once a slot",
        errors.SmartMeter_BadParameter,
        "SmartMeter",
        market.access.address,
        market.settlement.address,
        (HOUR + 1, 2300),
        value=HOUR + 1,
    )


def _the_end_of_time(stage: Stage) -> None:
    stage.chapter("The end of time")
    stage.says("Times of readings take 32 bits, which last until the year 2106.")
    stage.wait_until(2**32)
    stage.refuses(
        "a reading of that year",
        errors.SafeCastOverflowedUintDowncast,
        _meter(stage),
        stage.market.meters.submit_reading(_reading(2**32)),
        bits=32,
    )


story = Story(name="meters", contracts=("SmartMeter",), tell=tell)
cli = walkthrough(str(__doc__), story)
