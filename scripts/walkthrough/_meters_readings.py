"""What meters say: registers at the ends of slots, by themselves or signed, and what is refused."""

from __future__ import annotations

from dataclasses import replace

from energy_grid.client import MeterReading, errors
from energy_grid.errors import ContractError
from energy_grid.market.signing import sign_skipped_readings
from scripts._walkthrough.houses import DAY, HOUR, SLOT, House, publish, quiet, today
from scripts._walkthrough.stage import Stage

__all__ = ["tell_of_readings"]


def tell_of_readings(stage: Stage, prosumer: House) -> None:
    """A morning of readings, of which some are false, one is lost, and many come by a relay."""
    _it_is_read(stage, prosumer)
    _in_between(stage, prosumer)
    _impossible_readings(stage, prosumer)
    _brought_by_others(stage, prosumer)
    _skipped(stage, prosumer)
    _a_day(stage, prosumer)


def _it_is_read(stage: Stage, prosumer: House) -> None:
    meters, midnight = stage.market.meters, (today(stage) + 1) * DAY
    stage.chapter("Wednesday: it is read")
    stage.says("A meter has two registers, import and export, which only rise. Read at both ends")
    stage.says("of a quarter they say what it held.")
    stage.wait_until(midnight)
    for time, registers in ((midnight, (0, 0)), (midnight + SLOT, (100, 0))):
        stage.wait_until(time)
        stage.does(
            f"00:{time % DAY // 60:02d}, the meter itself: {registers[0]} Wh imported so far",
            prosumer.meter,
            meters.submit_reading(quiet(time, *registers)),
            "ReadingRecorded",
        )
    prosumer.loses(midnight + SLOT, imported=100)
    slot = midnight // SLOT
    found = stage.market.energy_accounts.net_of(prosumer.number, slot)
    stage.check(found == (True, -100), f"{found}")
    stage.shows("what EnergyAccounts has counted in the first quarter", found)


def _in_between(stage: Stage, prosumer: House) -> None:
    meters, meter = stage.market.meters, prosumer.meter
    time = prosumer.read_to + 300
    stage.chapter("Between the ends of quarters")
    stage.says("Such a reading is shown to people, and moves no energy.")
    stage.wait_until(time)
    reading = replace(quiet(time, 150), grid_frequency=4920, voltage=2430)
    stage.does(
        "49.20 Hz and 243 V are recorded, with an alert",
        meter,
        meters.submit_reading(reading),
        "ReadingRecorded",
        "PowerQualityAlert",
    )
    stage.shows("the latest reading", meters.get_latest_reading(meter.address))
    stage.shows(
        "as the meter asks for its own",
        meters.call("getLatestReading()", kind=MeterReading, sender=meter.address),
    )


def _impossible_readings(stage: Stage, prosumer: House) -> None:
    meters, meter = stage.market.meters, prosumer.meter
    stranger, last = stage.person("a stranger"), prosumer.read_to
    end = last + SLOT
    good = quiet(end, 300)
    stage.chapter("Readings that revert")
    stage.says("Of several things wrong with a reading the first is named. What lies on a bound")
    stage.says("is recorded.")
    stage.refuses(
        "a reading of a device that is not registered",
        errors.SmartMeter_UnknownMeter,
        stranger,
        meters.submit_reading(good),
        meter=stranger.address,
    )
    stage.refuses_to_answer(
        "what such a device has read",
        errors.SmartMeter_UnknownMeter,
        lambda: meters.get_latest_reading(stranger.address),
    )
    stage.wait_until(end)
    wrong: tuple[tuple[str, type[ContractError], MeterReading], ...] = (
        ("one of tomorrow", errors.SmartMeter_FromFuture, replace(good, timestamp=end + DAY)),
        (
            "one of before the latest",
            errors.SmartMeter_NotNewer,
            replace(good, timestamp=last - SLOT),
        ),
        ("the latest once more", errors.SmartMeter_Replayed, quiet(last, 100)),
        (
            "another one of the same second: the meter contradicts itself",
            errors.SmartMeter_Conflicting,
            quiet(last, 101),
        ),
        (
            "within a minute after the last one in between",
            errors.SmartMeter_TooSoon,
            quiet(last + 300 + meters.min_interval() - 1, 160),
        ),
        ("a register that has fallen", errors.SmartMeter_RegisterDecreased, quiet(end, 99)),
        ("one beyond its digits", errors.SmartMeter_RegisterTooLarge, quiet(end, 2**48)),
        (
            "2,501 Wh in a quarter, of 10 kW that give 2,500",
            errors.SmartMeter_ImplausibleEnergy,
            quiet(end, 2601),
        ),
        ("44.99 Hz", errors.SmartMeter_ImplausibleQuality, replace(good, grid_frequency=4499)),
        ("114.9 V", errors.SmartMeter_ImplausibleQuality, replace(good, voltage=1149)),
    )
    for what, error, reading in wrong:
        stage.refuses(what, error, meter, meters.submit_reading(reading), meter=meter.address)


def _brought_by_others(stage: Stage, prosumer: House) -> None:
    market, relay = stage.market, stage.person("the relay")
    send = market.meters.submit_signed_readings
    stage.chapter("Signed readings, which anybody can bring")
    stage.says("A meter without money signs its readings; the relay collects and sends them.")
    hour = prosumer.read_to - prosumer.read_to % HOUR + HOUR
    stage.wait_until(hour)
    signed = prosumer.readings(hour, {0: -800})
    stage.refuses("no readings at all", errors.SmartMeter_NoReadings, relay, send([]))
    forged = replace(signed[1], reading=replace(signed[1].reading, production=1900))
    stage.refuses(
        "one of two improved on the way: none is recorded",
        errors.SmartMeter_WrongSignature,
        relay,
        send([signed[0], forged]),
        meter=prosumer.meter.address,
    )
    publish(stage, "three as signed", signed)
    other = prosumer.signs(hour, exported=1)
    stage.wait_until(hour + SLOT)
    events = stage.does(
        "one that contradicts what is recorded is skipped, the next one is not",
        relay,
        send([other, *prosumer.readings(hour + SLOT)]),
        "ReadingSkipped",
        "ReadingRecorded",
    )
    skipped = next(one for one in events if one.event == "ReadingSkipped")
    reason = errors.error_classes()[skipped["reason"][:4]]
    stage.check(reason is errors.SmartMeter_Conflicting, f"skipped for {reason}")
    stage.shows("why, by the name of its error", reason.__name__)


def _skipped(stage: Stage, prosumer: House) -> None:
    market = stage.market
    start = prosumer.read_to
    end = start + HOUR
    stage.chapter("Readings that are lost")
    stage.says(
        "A later reading makes earlier ones worthless, so a stranger cannot publish it first."
    )
    stage.wait_until(end)
    signed = prosumer.loses(end, imported=400)
    stage.refuses(
        "the next one that there is",
        errors.SmartMeter_Skipped,
        prosumer.meter,
        market.meters.submit_reading(signed.reading),
        timestamp=end,
        due=start + SLOT,
    )
    relay, deadline = stage.person("the relay"), stage.now + HOUR
    stage.refuses(
        "a relay says that the holder agrees",
        errors.SmartMeter_NoConsent,
        relay,
        market.meters.submit_with_consent(signed, deadline, b""),
        account=prosumer.address,
    )
    consent = sign_skipped_readings(
        prosumer.holder, prosumer.meter.address, end, deadline, market.meter_domain
    )
    stage.does(
        "the relay, with the holder's signature",
        relay,
        market.meters.submit_with_consent(signed, deadline, consent),
        "ReadingRecorded",
    )


def _a_day(stage: Stage, prosumer: House) -> None:
    meters, meter, wednesday = stage.market.meters, prosumer.meter, today(stage)
    stage.chapter("Days and years")
    stage.wait_until(wednesday * DAY + 12 * HOUR)
    publish(stage, "the morning", prosumer.readings(stage.now, {9: 2000, 10: 3000, 11: 3000}))
    for what, function in (
        ("produced", "getDailyProduction()"),
        ("consumed", "getDailyConsumption()"),
    ):
        stage.shows(
            f"Wh {what} today, as the meter asks", meters.call(function, sender=meter.address)
        )
    midnight = (wednesday + 1) * DAY
    stage.wait_until(midnight)
    publish(stage, "and the rest, a little late", prosumer.readings(midnight, {19: -1000}))
    produced = meters.get_daily_production(meter.address, wednesday)
    stage.check(produced == 8000, f"produced on Wednesday: {produced}")
    stage.shows("Wh produced on Wednesday", produced)
    stage.shows("Wh consumed on Wednesday", meters.get_daily_consumption(meter.address, wednesday))
    stage.shows("the prosumer since its registration", meters.get_lifetime(prosumer.address))
