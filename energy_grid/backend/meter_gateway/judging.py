"""Which readings count: pure rules, as SmartMeter has them, before anything is sent.

    message --signature, topic, time--> known meter --neighbours in time--> counts
                   |                                        |
              quarantined                          the same again: nothing
                                                   anything else:  quarantined

Two readings of a meter are neighbours if none that counts lies between them. Registers only rise,
modulo 2^48, and by no more than rated power times the time between. So what counts does not depend
on the order in which messages come, unless they contradict each other: then what came first counts.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from energy_grid.contracts.smart_meter import MeterReading, SignedReading
from energy_grid.domain.day_leaves import REGISTER_END
from energy_grid.domain.typed_data import Domain
from energy_grid.domain.units import format_time
from energy_grid.errors import InputError
from energy_grid.market.signing import reading_signer

__all__ = ["Known", "Limits", "Reason", "Verdict", "judge_alone", "judge_beside"]

_HOUR_SECONDS = 3600
# Each register shows whole Wh: two of them rise by one each between two instants.
_ROUNDING_WH = 2
# Percent of nominal frequency and voltage, as GridLevels has them.
_FREQUENCIES, _VOLTAGES = (90, 110), (50, 150)


class Reason(StrEnum):
    """Why a reading does not count."""

    WRONG_TOPIC = "WRONG_TOPIC"
    WRONG_KEY = "WRONG_KEY"
    UNKNOWN_METER = "UNKNOWN_METER"
    FUTURE = "FUTURE"
    TOO_OLD = "TOO_OLD"
    IMPLAUSIBLE = "IMPLAUSIBLE"
    CONTRADICTION = "CONTRADICTION"
    BACKWARDS = "BACKWARDS"
    JUMP = "JUMP"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a reading does not count, for programs and in a line for people."""

    reason: Reason
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What holds for all meters of a market.

    Attributes:
        frequency: the nominal one of regions that have none of their own, in centihertz.
        voltage: likewise, in decivolts.
        ahead: seconds that a device's clock may be ahead.
        oldest: seconds after which a reading comes too late for anything.
    """

    domain: Domain
    frequency: int
    voltage: int
    ahead: int = 60
    oldest: int = 30 * 86_400


@dataclass(frozen=True, slots=True)
class Known:
    """A meter of the market.

    Attributes:
        rated_power: W.
        frequency: nominal in its region, in centihertz.
        voltage: nominal in its region, in decivolts.
    """

    rated_power: int
    frequency: int
    voltage: int


def judge_alone(
    topic_meter: str, signed: SignedReading, known: Known | None, received_at: int, limits: Limits
) -> Verdict | None:
    """What is wrong with a reading whatever else the meter has sent; None if nothing is.

    Args:
        topic_meter: whom the topic belongs to.
        known: the meter of the market that has this key now; before its registration, and after
            a rotation, none has.
    """
    reading = signed.reading
    if signed.meter != topic_meter:
        return Verdict(Reason.WRONG_TOPIC, f"it is of {signed.meter}, whose topic is another")
    try:
        signer = reading_signer(signed, limits.domain)
    except InputError as error:
        return Verdict(Reason.WRONG_KEY, str(error))
    if signer != signed.meter:
        return Verdict(Reason.WRONG_KEY, f"the key of {signer} has signed it")
    if known is None:
        return Verdict(
            Reason.UNKNOWN_METER,
            "no meter of the market has this key now: register the meter, or rotate its key",
        )
    if reading.timestamp > received_at + limits.ahead:
        return Verdict(
            Reason.FUTURE,
            f"it is of {format_time(reading.timestamp)}, and came at {format_time(received_at)}:"
            " set the device's clock",
        )
    if reading.timestamp < received_at - limits.oldest:
        return Verdict(Reason.TOO_OLD, f"it is of {format_time(reading.timestamp)}: too late")
    return _quality(reading, known, limits)


def judge_beside(
    reading: MeterReading, others: Sequence[MeterReading], rated_power: int
) -> Verdict | None:
    """What is wrong with a reading beside others that count; None if nothing is.

    Args:
        others: in the order of time, none at the same time.
        rated_power: of the meter, in W.
    """
    place = bisect_left(others, reading.timestamp, key=lambda each: each.timestamp)
    if place:
        verdict = _rise(others[place - 1], reading, rated_power)
        if verdict is not None:
            return verdict
    return _rise(reading, others[place], rated_power) if place < len(others) else None


def _rise(earlier: MeterReading, later: MeterReading, rated_power: int) -> Verdict | None:
    imported = (later.consumption - earlier.consumption) % REGISTER_END
    exported = (later.production - earlier.production) % REGISTER_END
    between = f"from {format_time(earlier.timestamp)} to {format_time(later.timestamp)}"
    if max(imported, exported) >= REGISTER_END // 2:
        return Verdict(
            Reason.BACKWARDS,
            f"registers fall {between}: {earlier.consumption}, {earlier.production} Wh, then"
            f" {later.consumption}, {later.production} Wh",
        )
    elapsed = later.timestamp - earlier.timestamp
    most = rated_power * elapsed // _HOUR_SECONDS + _ROUNDING_WH
    if imported + exported > most:
        return Verdict(
            Reason.JUMP,
            f"registers rise by {imported + exported} Wh {between}: {rated_power} W allow"
            f" {most} Wh",
        )
    return None


def _quality(reading: MeterReading, known: Known, limits: Limits) -> Verdict | None:
    """By what is nominal in the region, and by the market's default: what either allows counts."""
    for of in (known, limits):
        is_plausible = _is_within(reading.grid_frequency, of.frequency, *_FREQUENCIES)
        if is_plausible and _is_within(reading.voltage, of.voltage, *_VOLTAGES):
            return None
    return Verdict(
        Reason.IMPLAUSIBLE,
        f"{reading.grid_frequency} centihertz, {reading.voltage} decivolts are impossible where"
        f" {known.frequency} centihertz, {known.voltage} decivolts are nominal",
    )


def _is_within(value: int, nominal: int, lowest: int, highest: int) -> bool:
    return nominal * lowest <= value * 100 <= nominal * highest
