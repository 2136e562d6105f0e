"""SmartMeter.submitSignedReadings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from eth_account.messages import SignableMessage
from eth_account.signers.local import LocalAccount

from energy_grid.adapters.chain import errors, signing
from energy_grid.adapters.chain.accounts import Account
from energy_grid.services.ports import MeterReading
from tests.support.market import MONDAY, Market, Receipt, actor
from tests.support.refusals import refused
from tests.unit.contracts.metering.registrar import (
    daily,
    deactivate,
    energy,
    latest,
    lifetime,
    rotate,
)
from tests.unit.contracts.metering.signatures import (
    NOBODY,
    OTHER_DOMAINS,
    Signature,
    damaged,
    typed,
)

HOUR = 3600
DAY = 86_400
SLOT = MONDAY // HOUR
AT = MONDAY + 1000
FIELDS = ("timestamp", "consumption", "production", "gridFrequency", "voltage")
READING = (AT, 11, 22, 5012, 2345)
# The most gas that a transaction may have (EIP-7825).
TRANSACTION_GAS = 2**24

Reading = Sequence[int]


def message_of(market: Market, meter: str, reading: Reading, **domain: Any) -> SignableMessage:
    fields = {name: ("uint256", value) for name, value in zip(FIELDS, reading, strict=True)}
    return typed(market, "MeterReading", {"meter": ("address", meter), **fields}, **domain)


def relay(market: Market, *readings: Any) -> Receipt:
    """Somebody who has nothing to do with the meters sends it."""
    return market.do(actor("relay"), market.meters, "submitSignedReadings", list(readings))


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


def test_submit_signed_readings__signed_by_the_package__same_bytes(
    market: Market, meter: LocalAccount
) -> None:
    domain = signing.meter_domain(market.node.chain_id, market.meters.address)
    names = ("timestamp", "consumption", "production", "grid_frequency", "voltage")
    reading = MeterReading(**dict(zip(names, READING, strict=True)))

    signed = signing.sign_reading(Account(bytes(meter.key)), reading, domain)

    address, _, r, vs = market.signed_reading(meter, READING)
    assert (signed.meter, signed.r, signed.vs) == (address, r, vs)
    assert signing.reading_signer(signed, domain) == meter.address


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


def test_submit_signed_readings__of_one_meter_later_first__refused(
    market: Market, meter: LocalAccount
) -> None:
    later = market.signed_reading(meter, (AT + 60, 1, 1, 5000, 2300))
    earlier = market.signed_reading(meter, (AT, 1, 1, 5000, 2300))
    market.go_to(AT + 100)

    with refused(errors.SmartMeter_NotNewer, meter=meter.address, timestamp=AT, latest=AT + 60):
        relay(market, later, earlier)


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


def test_submit_signed_readings__by_another_key__refused(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    market.go_to(AT)

    # Not even the account that the meter counts for can sign for it.
    with refused(errors.SmartMeter_WrongSignature, meter=meter.address, signer=prosumer.address):
        relay(market, market.signed_reading(meter, READING, signer=prosumer))


@pytest.mark.parametrize("place", OTHER_DOMAINS)
def test_submit_signed_readings__for_another_domain__refused(
    market: Market, meter: LocalAccount, place: str
) -> None:
    foreign = message_of(market, meter.address, READING, **OTHER_DOMAINS[place])
    signature = Signature.by(meter, foreign)
    signer = signature.signer(message_of(market, meter.address, READING))
    assert signer != meter.address
    market.go_to(AT)

    with refused(errors.SmartMeter_WrongSignature, meter=meter.address, signer=signer):
        relay(market, (meter.address, READING, *signature.compact))


@pytest.mark.parametrize("field", range(5))
@pytest.mark.parametrize("change", [-1, 1, 2**32, 2**128])
def test_submit_signed_readings__of_another_content__refused(
    market: Market, meter: LocalAccount, field: int, change: int
) -> None:
    other = [*READING]
    other[field] += change
    _, _, r, vs = market.signed_reading(meter, READING)
    signer = Signature.from_compact(r, vs).signer(message_of(market, meter.address, other))
    assert signer != meter.address
    market.go_to(AT + 100)

    with refused(errors.SmartMeter_WrongSignature, meter=meter.address, signer=signer):
        relay(market, (meter.address, other, r, vs))


def test_submit_signed_readings__of_another_meter__refused(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    """The prosumer's second meter has not said what the first has."""
    other = market.register_meter(prosumer, actor("second meter"))
    _, _, r, vs = market.signed_reading(meter, READING)
    signer = Signature.from_compact(r, vs).signer(message_of(market, other.address, READING))
    market.go_to(AT)

    with refused(errors.SmartMeter_WrongSignature, meter=other.address, signer=signer):
        relay(market, (other.address, READING, r, vs))


@pytest.mark.parametrize("position", [*range(0, 64, 7), 31, 32, 63])
@pytest.mark.parametrize("bits", [0x01, 0x80, 0xFF])
def test_submit_signed_readings__a_byte_flipped__refused(
    market: Market, meter: LocalAccount, position: int, bits: int
) -> None:
    _, _, r, vs = market.signed_reading(meter, READING)
    flipped = bytearray(r + vs)
    flipped[position] ^= bits
    r, vs = bytes(flipped[:32]), bytes(flipped[32:])
    message = message_of(market, meter.address, READING)
    signer = Signature.from_compact(r, vs).signer(message)
    assert signer != meter.address
    market.go_to(AT)

    with refused(errors.SmartMeter_WrongSignature, meter=meter.address, signer=signer):
        relay(market, (meter.address, READING, r, vs))


@pytest.mark.parametrize("damage", damaged(Signature(1, 1, 27)))
def test_submit_signed_readings__damaged_signature__refused(
    market: Market, meter: LocalAccount, damage: str
) -> None:
    message = message_of(market, meter.address, READING)
    r, vs = damaged(Signature.by(meter, message))[damage].compact
    signer = Signature.from_compact(r, vs).signer(message)
    assert signer != meter.address
    market.go_to(AT)

    with refused(errors.SmartMeter_WrongSignature, meter=meter.address, signer=signer):
        relay(market, (meter.address, READING, r, vs))


@pytest.mark.parametrize(
    "damage", ["s just above the half", "s of zero", "r of zero", "r of the order", "all zero"]
)
def test_submit_signed_readings__nobody_can_have_signed__refused(
    market: Market, meter: LocalAccount, damage: str
) -> None:
    message = message_of(market, meter.address, READING)
    r, vs = damaged(Signature.by(meter, message))[damage].compact
    market.go_to(AT)

    with refused(errors.SmartMeter_WrongSignature, meter=meter.address, signer=NOBODY):
        relay(market, (meter.address, READING, r, vs))


def test_submit_signed_readings__zero_meter__refused(market: Market) -> None:
    """Nobody has signed and nobody is the meter: the two are equal, but there is no such meter."""
    market.go_to(AT)

    with refused(errors.SmartMeter_UnknownMeter, meter=NOBODY):
        relay(market, (NOBODY, READING, bytes(32), bytes(32)))


def test_submit_signed_readings__of_no_meter__refused(
    market: Market, prosumer: LocalAccount
) -> None:
    market.go_to(AT)

    with refused(errors.SmartMeter_UnknownMeter, meter=prosumer.address):
        relay(market, market.signed_reading(prosumer, READING))


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


def test_submit_signed_readings__again__refused(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    signed = market.signed_reading(meter, READING)
    relay(market.at(AT), signed)

    with refused(errors.SmartMeter_Replayed, meter=meter.address, timestamp=AT):
        relay(market, signed)
    assert energy(market, prosumer, SLOT) == (22, 11)


def test_submit_signed_readings__twice_in_a_batch__refused(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    signed = market.signed_reading(meter, READING)
    market.go_to(AT)

    with refused(errors.SmartMeter_Replayed, meter=meter.address, timestamp=AT):
        relay(market, signed, signed)
    assert energy(market, prosumer, SLOT) == (0, 0)


def test_submit_signed_readings__already_read_directly__refused(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    market.at(AT).do(meter, market.meters, "submitReading", READING)

    with refused(errors.SmartMeter_Replayed, meter=meter.address, timestamp=AT):
        relay(market, market.signed_reading(meter, READING))
    with refused(errors.SmartMeter_Conflicting, meter=meter.address, timestamp=AT):
        relay(market, market.signed_reading(meter, (AT, 11, 23, *READING[3:])))
    with refused(errors.SmartMeter_NotNewer, meter=meter.address, timestamp=AT - 1, latest=AT):
        relay(market, market.signed_reading(meter, (AT - 1, *READING[1:])))
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


def test_submit_signed_readings__recorded_before_the_rotation__refused_after(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    key = actor("new key")
    relay(market.at(AT), market.signed_reading(meter, READING))
    rotate(market, meter, key)

    with refused(errors.SmartMeter_Replayed, meter=key.address, timestamp=AT):
        relay(market, market.signed_reading(key, READING))
    assert energy(market, prosumer, SLOT) == (22, 11)


def test_submit_signed_readings__meter_deactivated__refused(
    market: Market, meter: LocalAccount
) -> None:
    signed = market.signed_reading(meter, READING)
    deactivate(market, meter)
    market.go_to(AT)

    with refused(errors.SmartMeter_InactiveMeter, meter=meter.address):
        relay(market, signed)
