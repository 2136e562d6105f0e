"""SmartMeter.submitSignedReadings. The signature: test_submit_signed_readings_signature.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from tests.support.market import MONDAY, Market, Receipt, actor
from tests.support.refusals import refused
from tests.unit.contracts.metering.registrar import (
    daily,
    deactivate,
    energy,
    latest,
    lifetime,
    relay,
    rotate,
)

HOUR = 3600
DAY = 86_400
SLOT = MONDAY // HOUR
AT = MONDAY + 1000
READING = (AT, 11, 22, 5012, 2345)
# The most gas that a transaction may have (EIP-7825).
TRANSACTION_GAS = 2**24


def skipped(market: Market, receipt: Receipt) -> list[tuple[str, int, bool]]:
    """What was passed over: meter, time, and whether it contradicts the latest reading."""
    events = market.events(receipt, market.meters, "ReadingSkipped")
    return [(event["meter"], event["timestamp"], event["conflicting"]) for event in events]


def test_submit_signed_readings__none__refused(market: Market) -> None:
    with refused(errors.SmartMeter_NoReadings):
        relay(market)


def test_submit_signed_readings__sent_by_anyone__counts_for_the_meter(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    receipt = relay(market.at(AT), market.signed_reading(meter, READING))

    assert latest(market, meter) == READING
    assert energy(market, prosumer, SLOT) == (22, 11)
    assert lifetime(market, prosumer) == (22, 11)
    recorded = market.events(receipt, market.meters, "ReadingRecorded")
    assert [dict(event.arguments) for event in recorded] == [
        {
            "meter": meter.address,
            "slot": SLOT,
            "timestamp": AT,
            "consumption": 11,
            "production": 22,
            "grid_frequency": 5012,
            "voltage": 2345,
        }
    ]


def test_submit_signed_readings__bad_power_quality__recorded_with_an_alert(
    market: Market, meter: LocalAccount
) -> None:
    receipt = relay(market.at(AT), market.signed_reading(meter, (AT, 0, 0, 4949, 2300)))

    alerts = market.events(receipt, market.meters, "PowerQualityAlert")
    assert [dict(event.arguments) for event in alerts] == [
        {"meter": meter.address, "timestamp": AT, "grid_frequency": 4949, "voltage": 2300}
    ]


def test_submit_signed_readings__of_several_meters__recorded_in_order(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    neighbor = actor("neighbor")
    other = market.register_meter(neighbor)
    third = market.register_meter(prosumer, actor("third"))
    market.go_to(AT)

    receipt = relay(
        market,
        market.signed_reading(other, (AT, 1, 0, 5000, 2300)),
        market.signed_reading(meter, (AT - 1, 2, 30, 5000, 2300)),
        market.signed_reading(third, (AT - 2, 400, 5000, 5000, 2300)),
    )

    recorded = market.events(receipt, market.meters, "ReadingRecorded")
    assert [event["meter"] for event in recorded] == [other.address, meter.address, third.address]
    assert energy(market, prosumer, SLOT) == (5030, 402)
    assert energy(market, neighbor, SLOT) == (0, 1)


def test_submit_signed_readings__of_one_meter_in_order__recorded(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    ends = [MONDAY + HOUR - 60, MONDAY + HOUR, MONDAY + HOUR + 60]
    readings = [(end, n, 10 * n, 5000, 2300) for n, end in enumerate(ends, start=1)]
    market.go_to(ends[-1])

    relay(market, *(market.signed_reading(meter, reading) for reading in readings))

    assert latest(market, meter) == readings[-1]
    assert [energy(market, prosumer, SLOT + n) for n in range(2)] == [(30, 3), (30, 3)]
    assert daily(market, meter, MONDAY // DAY) == (60, 6)


def test_submit_signed_readings__of_one_meter_later_first__earlier_is_passed_over(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    later = market.signed_reading(meter, (AT + 60, 1, 2, 5000, 2300))
    earlier = market.signed_reading(meter, (AT, 3, 4, 5000, 2300))
    market.go_to(AT + 100)

    receipt = relay(market, later, earlier)

    assert skipped(market, receipt) == [(meter.address, AT, False)]
    assert energy(market, prosumer, SLOT) == (2, 1)
    assert latest(market, meter) == (AT + 60, 1, 2, 5000, 2300)


BAD: Mapping[str, tuple[Callable[[Market, LocalAccount], Any], type[errors.DecodedError]]] = {
    "signature": (
        lambda market, meter: market.signed_reading(meter, READING, signer=actor("stranger")),
        errors.SmartMeter_WrongSignature,
    ),
    "meter": (
        lambda market, _: market.signed_reading(actor("stranger"), READING),
        errors.SmartMeter_UnknownMeter,
    ),
    "time": (
        lambda market, meter: market.signed_reading(meter, (AT + HOUR, *READING[1:])),
        errors.SmartMeter_FromFuture,
    ),
    "energy": (
        lambda market, meter: market.signed_reading(meter, (AT, 2**64, *READING[2:])),
        errors.SmartMeter_ImplausibleEnergy,
    ),
    "voltage": (
        lambda market, meter: market.signed_reading(meter, (*READING[:4], 0)),
        errors.SmartMeter_ImplausibleVoltage,
    ),
}


@pytest.mark.parametrize("position", [0, 1, 4])
@pytest.mark.parametrize("bad", BAD)
def test_submit_signed_readings__one_bad__none_recorded(
    market: Market, meter: LocalAccount, prosumer: LocalAccount, bad: str, position: int
) -> None:
    others = [market.register_meter(prosumer, actor(f"meter {n}")) for n in range(4)]
    make, refusal = BAD[bad]
    batch = [market.signed_reading(other, READING) for other in others]
    before = [latest(market, one) for one in (meter, *others)]
    market.go_to(AT)

    with pytest.raises(refusal):
        relay(market, *batch[:position], make(market, meter), *batch[position:])

    assert [latest(market, one) for one in (meter, *others)] == before
    assert energy(market, prosumer, SLOT) == (0, 0)
    assert lifetime(market, prosumer) == (0, 0)
    relay(market, *batch)
    assert energy(market, prosumer, SLOT) == (4 * 22, 4 * 11)


@pytest.mark.anvil
def test_submit_signed_readings__a_hundred__fit_in_one_transaction(market: Market) -> None:
    accounts = [actor(f"household {n}") for n in range(4)]
    meters = [market.register_meter(accounts[n % 4], actor(f"meter {n}")) for n in range(100)]
    batch = [
        market.signed_reading(meter, (AT, n, 100 + n, 5000, 2300)) for n, meter in enumerate(meters)
    ]
    market.go_to(AT)

    receipt = relay(market, *batch)

    assert receipt.gas_used < TRANSACTION_GAS
    assert len(market.events(receipt, market.meters, "ReadingRecorded")) == 100
    for n, account in enumerate(accounts):
        assert energy(market, account, SLOT) == (
            2500 + sum(range(n, 100, 4)),
            sum(range(n, 100, 4)),
        )


def test_submit_signed_readings__wrong_signature_and_more__signature_is_refused_first(
    market: Market, meter: LocalAccount
) -> None:
    stranger = actor("stranger")
    nonsense = (2**256 - 1, 2**256 - 1, 0, 0, 0)
    for claimed in (meter, actor("no meter")):
        with refused(
            errors.SmartMeter_WrongSignature, meter=claimed.address, signer=stranger.address
        ):
            relay(market, market.signed_reading(claimed, nonsense, signer=stranger))


# What another reading of the meter, of AT, has overtaken: seconds later, consumption, production,
# frequency and voltage, and whether the two contradict each other.
OVERTAKEN = {
    "the same": ((0, 11, 22, 5012, 2345), False),
    "other consumption": ((0, 12, 22, 5012, 2345), True),
    "other production": ((0, 11, 0, 5012, 2345), True),
    "other frequency": ((0, 11, 22, 5011, 2345), True),
    "other voltage": ((0, 11, 22, 5012, 2346), True),
    "impossible": ((0, 2**200, 2**200, 0, 0), True),
    "a second earlier": ((-1, 11, 22, 5012, 2345), False),
    "long before": ((-AT, 1, 1, 1, 1), False),
    "too soon": ((1, 11, 22, 5012, 2345), False),
    "one second too soon": ((59, 11, 22, 5012, 2345), False),
}


@pytest.mark.parametrize("case", OVERTAKEN)
def test_submit_signed_readings__one_is_overtaken__passed_over_and_the_rest_recorded(
    market: Market, meter: LocalAccount, prosumer: LocalAccount, case: str
) -> None:
    """Whoever sends one reading of a batch first does not make the batch fail."""
    others = [market.register_meter(prosumer, actor(f"meter {n}")) for n in range(2)]
    (later, *content), conflicting = OVERTAKEN[case]
    reading = (AT + later, *content)
    relay(market.at(AT), market.signed_reading(meter, READING))
    batch = [market.signed_reading(other, READING) for other in others]
    overtaken = market.signed_reading(meter, reading)
    market.go_to(AT + 100)

    receipt = relay(market, batch[0], overtaken, batch[1])

    assert skipped(market, receipt) == [(meter.address, AT + later, conflicting)]
    recorded = market.events(receipt, market.meters, "ReadingRecorded")
    assert [event["meter"] for event in recorded] == [other.address for other in others]
    assert latest(market, meter) == READING
    assert daily(market, meter, MONDAY // DAY) == (22, 11)
    assert energy(market, prosumer, SLOT) == (3 * 22, 3 * 11)


def test_submit_signed_readings__one_interval_after_the_latest__not_overtaken(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    relay(market.at(AT), market.signed_reading(meter, READING))

    receipt = relay(market.at(AT + 60), market.signed_reading(meter, (AT + 60, *READING[1:])))

    assert skipped(market, receipt) == []
    assert energy(market, prosumer, SLOT) == (44, 22)


@pytest.mark.parametrize("after", [-1, 0, 1, 59])
def test_submit_signed_readings__not_after_registration__passed_over(
    market: Market, meter: LocalAccount, prosumer: LocalAccount, since: int, after: int
) -> None:
    """Without a reading there is nothing to contradict."""
    market.go_to(AT)

    receipt = relay(market, market.signed_reading(meter, (since + after, *READING[1:])))

    assert skipped(market, receipt) == [(meter.address, since + after, False)]
    assert latest(market, meter) == (since, 0, 0, 0, 0)
    assert energy(market, prosumer, SLOT) == (0, 0)


def test_submit_signed_readings__overtaken_and_slot_final__passed_over(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    relay(market.at(AT), market.signed_reading(meter, READING))
    market.go_to(market.final_at(SLOT))

    receipt = relay(market, market.signed_reading(meter, (AT, 12, *READING[2:])))

    assert skipped(market, receipt) == [(meter.address, AT, True)]
    with refused(
        errors.SmartMeter_TooOld,
        meter=meter.address,
        timestamp=AT + 60,
        slot_final_at=market.final_at(SLOT),
    ):
        relay(market, market.signed_reading(meter, (AT + 60, *READING[1:])))
    assert energy(market, prosumer, SLOT) == (22, 11)


def test_submit_signed_readings__overtaken_with_a_wrong_signature__refused(
    market: Market, meter: LocalAccount
) -> None:
    """Nobody can make it look as if a meter contradicted itself."""
    stranger = actor("stranger")
    relay(market.at(AT), market.signed_reading(meter, READING))

    with refused(errors.SmartMeter_WrongSignature, meter=meter.address, signer=stranger.address):
        conflicting = (AT, 12, *READING[2:])
        relay(market, market.signed_reading(meter, conflicting, signer=stranger))


def test_submit_signed_readings__again_and_again__counts_once(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    signed = market.signed_reading(meter, READING)
    market.go_to(AT)

    receipt = relay(market, signed, signed, signed)

    assert skipped(market, receipt) == [(meter.address, AT, False)] * 2
    relay(market, signed)
    assert energy(market, prosumer, SLOT) == (22, 11)
    assert lifetime(market, prosumer) == (22, 11)


def test_submit_signed_readings__already_read_directly__counts_once(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    market.at(AT).do(meter, market.meters, "submitReading", READING)

    receipt = relay(
        market,
        market.signed_reading(meter, READING),
        market.signed_reading(meter, (AT, 11, 23, *READING[3:])),
        market.signed_reading(meter, (AT - 1, *READING[1:])),
    )

    assert skipped(market, receipt) == [
        (meter.address, AT, False),
        (meter.address, AT, True),
        (meter.address, AT - 1, False),
    ]
    assert energy(market, prosumer, SLOT) == (22, 11)


def test_submit_signed_readings__then_read_directly__refused(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    relay(market.at(AT), market.signed_reading(meter, READING))

    with refused(errors.SmartMeter_Replayed, meter=meter.address, timestamp=AT):
        market.do(meter, market.meters, "submitReading", READING)
    with refused(errors.SmartMeter_Conflicting, meter=meter.address, timestamp=AT):
        market.do(meter, market.meters, "submitReading", (AT, 12, *READING[2:]))
    assert energy(market, prosumer, SLOT) == (22, 11)


def test_submit_signed_readings__key_rotated_away__refused(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    """The old key signed it before it was replaced; its address is no meter any more."""
    key = actor("new key")
    signed = market.signed_reading(meter, READING)
    rotate(market, meter, key)
    market.go_to(AT)

    with refused(errors.SmartMeter_UnknownMeter, meter=meter.address):
        relay(market, signed)
    with refused(errors.SmartMeter_WrongSignature, meter=key.address, signer=meter.address):
        relay(market, market.signed_reading(key, READING, signer=meter))
    relay(market, market.signed_reading(key, READING))
    assert energy(market, prosumer, SLOT) == (22, 11)


def test_submit_signed_readings__recorded_before_the_rotation__counts_once(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    key = actor("new key")
    relay(market.at(AT), market.signed_reading(meter, READING))
    rotate(market, meter, key)

    receipt = relay(market, market.signed_reading(key, READING))

    assert skipped(market, receipt) == [(key.address, AT, False)]
    assert energy(market, prosumer, SLOT) == (22, 11)


def test_submit_signed_readings__meter_deactivated__refused(
    market: Market, meter: LocalAccount
) -> None:
    signed = market.signed_reading(meter, READING)
    deactivate(market, meter)
    market.go_to(AT)

    with refused(errors.SmartMeter_InactiveMeter, meter=meter.address):
        relay(market, signed)
