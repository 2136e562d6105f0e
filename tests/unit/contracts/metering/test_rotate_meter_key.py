"""SmartMeter.rotateMeterKey."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from eth_account.messages import SignableMessage
from eth_account.signers.local import LocalAccount

from energy_grid.chain.accounts import Account
from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.market import signing
from tests.support.market import MONDAY, Market, actor
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
SLOT = MONDAY // HOUR
TODAY = MONDAY // 86_400

NEW = actor("new key")


def message_of(market: Market, meter: str, key: str, **domain: Any) -> SignableMessage:
    fields = {"meter": ("address", meter), "newKey": ("address", key)}
    return typed(market, "MeterKeyRotation", fields, **domain)


@pytest.mark.parametrize("caller", ["stranger", "prosumer", "new key"])
def test_rotate_meter_key__by_others__refused(
    market: Market, meter: LocalAccount, caller: str
) -> None:
    signature = Signature.by(NEW, message_of(market, meter.address, NEW.address)).long
    arguments = (meter.address, NEW.address, signature)

    with refused(errors.AccessManagedUnauthorized, caller=actor(caller).address):
        market.do(actor(caller), market.meters, "rotateMeterKey", *arguments)


def test_rotate_meter_key__unknown_meter__refused(market: Market, prosumer: LocalAccount) -> None:
    with refused(errors.SmartMeter_UnknownMeter, meter=prosumer.address):
        rotate(market, prosumer, NEW)


def test_rotate_meter_key__key_rotated_away__refused(market: Market, meter: LocalAccount) -> None:
    rotate(market, meter, NEW)

    with refused(errors.SmartMeter_UnknownMeter, meter=meter.address):
        rotate(market, meter, actor("newer key"))


def test_rotate_meter_key__deactivated_meter__refused(market: Market, meter: LocalAccount) -> None:
    deactivate(market, meter)

    with refused(errors.SmartMeter_InactiveMeter, meter=meter.address):
        rotate(market, meter, NEW)


def test_rotate_meter_key__to_itself__refused(market: Market, meter: LocalAccount) -> None:
    with refused(errors.SmartMeter_AlreadyRegistered, meter=meter.address):
        rotate(market, meter, meter)


@pytest.mark.parametrize("deactivated", [False, True])
def test_rotate_meter_key__to_another_meter_s__refused(
    market: Market, meter: LocalAccount, *, deactivated: bool
) -> None:
    """Two meters never share a key, and a revoked key never comes back."""
    other = market.register_meter(actor("neighbor"))
    if deactivated:
        deactivate(market, other)

    with refused(errors.SmartMeter_AlreadyRegistered, meter=other.address):
        rotate(market, meter, other)


@pytest.mark.parametrize("signer", ["old key", "prosumer"])
def test_rotate_meter_key__not_signed_by_the_new_key__refused(
    market: Market, meter: LocalAccount, signer: str
) -> None:
    by = meter if signer == "old key" else actor(signer)
    signature = Signature.by(by, message_of(market, meter.address, NEW.address)).long

    with refused(errors.SmartMeter_WrongSignature, meter=NEW.address, signer=by.address):
        rotate(market, meter, NEW, signature)


@pytest.mark.parametrize("what", ["meter", "key"])
def test_rotate_meter_key__signed_for_something_else__refused(
    market: Market, meter: LocalAccount, what: str
) -> None:
    other = actor("something else").address
    terms = (other, NEW.address) if what == "meter" else (meter.address, other)
    signature = Signature.by(NEW, message_of(market, *terms))
    signer = signature.signer(message_of(market, meter.address, NEW.address))
    assert signer != NEW.address

    with refused(errors.SmartMeter_WrongSignature, meter=NEW.address, signer=signer):
        rotate(market, meter, NEW, signature.long)


@pytest.mark.parametrize("place", OTHER_DOMAINS)
def test_rotate_meter_key__signed_for_another_domain__refused(
    market: Market, meter: LocalAccount, place: str
) -> None:
    terms = (meter.address, NEW.address)
    signature = Signature.by(NEW, message_of(market, *terms, **OTHER_DOMAINS[place]))
    signer = signature.signer(message_of(market, *terms))
    assert signer != NEW.address

    with refused(errors.SmartMeter_WrongSignature, meter=NEW.address, signer=signer):
        rotate(market, meter, NEW, signature.long)


@pytest.mark.parametrize("length", [0, 64, 66])
def test_rotate_meter_key__signature_of_another_length__refused(
    market: Market, meter: LocalAccount, length: int
) -> None:
    signature = Signature.by(NEW, message_of(market, meter.address, NEW.address)).long

    with refused(errors.SmartMeter_WrongSignature, meter=NEW.address, signer=NOBODY):
        rotate(market, meter, NEW, (signature * 2)[:length])


@pytest.mark.parametrize("position", [0, 13, 31, 32, 50, 63, 64])
def test_rotate_meter_key__a_byte_flipped__refused(
    market: Market, meter: LocalAccount, position: int
) -> None:
    message = message_of(market, meter.address, NEW.address)
    flipped = bytearray(Signature.by(NEW, message).long)
    flipped[position] ^= 0x10
    signer = Signature.from_long(bytes(flipped)).signer(message)
    assert signer != NEW.address

    with refused(errors.SmartMeter_WrongSignature, meter=NEW.address, signer=signer):
        rotate(market, meter, NEW, bytes(flipped))


@pytest.mark.parametrize("damage", damaged(Signature(1, 1, 27)))
def test_rotate_meter_key__damaged_signature__refused(
    market: Market, meter: LocalAccount, damage: str
) -> None:
    message = message_of(market, meter.address, NEW.address)
    signature = damaged(Signature.by(NEW, message))[damage]
    signer = signature.signer(message)
    assert (signer == NOBODY) == (damage != "the other parity")
    assert signer != NEW.address

    with refused(errors.SmartMeter_WrongSignature, meter=NEW.address, signer=signer):
        rotate(market, meter, NEW, signature.long)


@pytest.mark.parametrize("v", [0, 1, 26, 29, 255])
def test_rotate_meter_key__v_of_another_kind__refused(
    market: Market, meter: LocalAccount, v: int
) -> None:
    good = Signature.by(NEW, message_of(market, meter.address, NEW.address))

    with refused(errors.SmartMeter_WrongSignature, meter=NEW.address, signer=NOBODY):
        rotate(market, meter, NEW, good.long[:64] + bytes([v]))


@pytest.mark.parametrize("signature", [b"", bytes(65), bytes(64) + b"\x1b"])
def test_rotate_meter_key__nobody_signs_for_nobody__refused(
    market: Market, meter: LocalAccount, signature: bytes
) -> None:
    registrar = market.roles[Role.METER_REGISTRAR]

    with refused(errors.SmartMeter_WrongSignature, meter=NOBODY, signer=NOBODY):
        market.do(registrar, market.meters, "rotateMeterKey", meter.address, NOBODY, signature)


def test_rotate_meter_key__signed_by_the_package__same_bytes(
    market: Market, meter: LocalAccount
) -> None:
    domain = signing.meter_domain(market.node.chain_id, market.meters.address)

    signature = signing.sign_rotation(Account(bytes(NEW.key)), meter.address, domain)

    assert signature == Signature.by(NEW, message_of(market, meter.address, NEW.address)).long
    rotate(market, meter, NEW, signature)


def test_rotate_meter_key__several_things_wrong__refused_in_order(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    with pytest.raises(errors.SmartMeter_UnknownMeter):
        rotate(market, prosumer, meter, b"")
    with pytest.raises(errors.SmartMeter_AlreadyRegistered):
        rotate(market, meter, meter, b"")
    other = market.register_meter(actor("neighbor"))
    deactivate(market, other)
    with pytest.raises(errors.SmartMeter_InactiveMeter):
        rotate(market, other, meter, b"")


def test_rotate_meter_key__all_well__new_key_is_the_meter(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    at = MONDAY + 1000
    market.at(at).read_meter(meter, timestamp=at, produced=100, consumed=20)
    before = market.meters.call("getMeter", meter.address)

    receipt = rotate(market, meter, NEW)

    events = market.events(receipt, market.meters, "MeterKeyRotated")
    assert [dict(event.arguments) for event in events] == [
        {"from": meter.address, "to": NEW.address, "number": before[0]}
    ]
    assert market.meters.call("getMeter", NEW.address) == before
    assert latest(market, NEW) == market.reading(timestamp=at, produced=100, consumed=20)
    assert daily(market, NEW, TODAY) == (100, 20)
    assert lifetime(market, prosumer) == (100, 20)
    assert market.meters.call("getMeters", prosumer.address) == (NEW.address,)
    assert market.meters.call("meterCount") == 1
    # Of the old key nothing is known.
    assert market.meters.call("getMeter", meter.address) == (0, NOBODY, bytes(32), 0, False)
    with refused(errors.SmartMeter_UnknownMeter, meter=meter.address):
        market.read_meter(meter, timestamp=at + 60, produced=1)


def test_rotate_meter_key__the_latest_reading_again__refused(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    at = MONDAY + 1000
    market.at(at).read_meter(meter, timestamp=at, produced=100)
    rotate(market, meter, NEW)

    with refused(errors.SmartMeter_Replayed, meter=NEW.address, timestamp=at):
        market.read_meter(NEW, timestamp=at, produced=100)
    with refused(errors.SmartMeter_Conflicting, meter=NEW.address, timestamp=at):
        market.read_meter(NEW, timestamp=at, produced=101)
    assert energy(market, prosumer, SLOT) == (100, 0)


def test_rotate_meter_key__energy__counts_from_the_latest_reading(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    """1 MW: what the time since the latest reading gives, whichever key that was."""
    at = MONDAY + 1800
    market.at(at).read_meter(meter, timestamp=at, produced=100)
    rotate(market.at(MONDAY + HOUR - 10), meter, NEW)
    market.go_to(MONDAY + HOUR)

    with refused(
        errors.SmartMeter_ImplausibleEnergy, meter=NEW.address, energy=500_001, maximum=500_000
    ):
        market.read_meter(NEW, timestamp=MONDAY + HOUR, produced=500_001)
    market.read_meter(NEW, timestamp=MONDAY + HOUR, produced=500_000)
    assert energy(market, prosumer, SLOT) == (500_100, 0)


def test_rotate_meter_key__many_times__one_history(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    keys = [meter, NEW, actor("newer key"), meter, NEW]
    for turn, (key, following) in enumerate(pairwise(keys)):
        at = MONDAY + turn * 50_000 + 1000
        market.at(at).read_meter(key, timestamp=at, produced=10**turn, consumed=1)
        rotate(market, key, following)

    assert market.meters.call("getMeters", prosumer.address) == (NEW.address,)
    assert market.meters.call("getMeter", NEW.address)[0] == 1
    assert lifetime(market, prosumer) == (1111, 4)
    assert [daily(market, NEW, TODAY + day) for day in range(3)] == [(11, 2), (1100, 2), (0, 0)]


def test_rotate_meter_key__before_any_reading__counts_from_registration(
    market: Market, meter: LocalAccount, since: int
) -> None:
    rotate(market, meter, NEW)

    assert latest(market, NEW) == (since, 0, 0, 0, 0)
    with refused(errors.SmartMeter_NotNewer, meter=NEW.address, timestamp=since, latest=since):
        market.at(since + 100).read_meter(NEW, timestamp=since, produced=1)
