"""SmartMeter.submitSignedReadings: the signature. The rest: test_submit_signed_readings.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from eth_account.messages import SignableMessage
from eth_account.signers.local import LocalAccount

from energy_grid.chain.accounts import Account
from energy_grid.contracts import errors
from energy_grid.contracts.smart_meter import MeterReading
from energy_grid.market import signing
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.metering.registrar import relay
from tests.unit.contracts.metering.signatures import (
    NOBODY,
    OTHER_DOMAINS,
    Signature,
    damaged,
    typed,
)

AT = MONDAY + 1000
FIELDS = ("timestamp", "consumption", "production", "gridFrequency", "voltage")
READING = (AT, 11, 22, 5012, 2345)


def message_of(
    market: Market, meter: str, reading: Sequence[int], **domain: Any
) -> SignableMessage:
    fields = {name: ("uint256", value) for name, value in zip(FIELDS, reading, strict=True)}
    return typed(market, "MeterReading", {"meter": ("address", meter), **fields}, **domain)


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
    """The prosumer's second meter has not signed the first one's reading."""
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
