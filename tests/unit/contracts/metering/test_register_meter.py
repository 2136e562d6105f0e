"""SmartMeter.registerMeter."""

from __future__ import annotations

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
    latest,
    lifetime,
    register,
    rotate,
)
from tests.unit.contracts.metering.signatures import (
    NOBODY,
    OTHER_DOMAINS,
    Signature,
    damaged,
    typed,
)

REGION = b"NORTH".ljust(32, b"\0")
POWER = 1_000_000
LARGEST_POWER = 2**31 - 1
MAX_METERS = 32

DEVICE = actor("device")


def message_of(
    market: Market,
    meter: str,
    account: str,
    *,
    region: bytes = REGION,
    rated_power: int = POWER,
    **domain: Any,
) -> SignableMessage:
    fields = {
        "meter": ("address", meter),
        "account": ("address", account),
        "region": ("bytes32", region),
        "ratedPower": ("uint256", rated_power),
    }
    return typed(market, "MeterRegistration", fields, **domain)


def signed(market: Market, meter: LocalAccount, account: str, **terms: Any) -> bytes:
    return Signature.by(meter, message_of(market, meter.address, account, **terms)).long


def test_register_meter__all_well__meter_is_there(market: Market, prosumer: LocalAccount) -> None:
    region = b"Sud-Ouest".ljust(32, b"\0")
    signature = signed(market, DEVICE, prosumer.address, region=region, rated_power=12_345)

    receipt = register(
        market.at(MONDAY + 60),
        DEVICE.address,
        prosumer.address,
        signature,
        region=region,
        rated_power=12_345,
    )

    events = market.events(receipt, market.meters, "MeterRegistered")
    assert [dict(event.arguments) for event in events] == [
        {
            "meter": DEVICE.address,
            "account": prosumer.address,
            "region": region,
            "number": 1,
            "rated_power": 12_345,
        }
    ]
    info = market.meters.call("getMeter", DEVICE.address)
    assert info == (1, prosumer.address, region, 12_345, True)
    assert market.meters.call("getMeters", prosumer.address) == (DEVICE.address,)
    assert market.meters.call("meterCount") == 1
    assert latest(market, DEVICE) == (MONDAY + 60, 0, 0, 0, 0)
    assert daily(market, DEVICE, MONDAY // 86_400) == (0, 0)
    assert lifetime(market, prosumer) == (0, 0)


def test_register_meter__several__numbered_in_order(market: Market) -> None:
    for number in (1, 2, 3):
        account = actor(f"household {number % 2}")
        meter = market.register_meter(account, actor(f"meter {number}"))
        assert market.meters.call("getMeter", meter.address)[:2] == (number, account.address)
        assert market.meters.call("meterCount") == number


def test_register_meter__returns__its_number(market: Market, prosumer: LocalAccount) -> None:
    market.register_meter(prosumer)
    signature = signed(market, DEVICE, prosumer.address)
    call = market.meters.prepare(
        "registerMeter", DEVICE.address, prosumer.address, REGION, POWER, signature
    )

    assert market.meters.simulate(call, market.roles[Role.METER_REGISTRAR]) == 2


def test_register_meter__registered_meanwhile__counts_from_then(
    market: Market, prosumer: LocalAccount
) -> None:
    """What the device has signed is no registration yet."""
    meter = market.at(MONDAY + 1800).register_meter(prosumer)

    with refused(
        errors.SmartMeter_NotNewer,
        meter=meter.address,
        timestamp=MONDAY + 1700,
        latest=MONDAY + 1800,
    ):
        market.read_meter(meter, timestamp=MONDAY + 1700, produced=1)


@pytest.mark.parametrize("caller", ["stranger", "prosumer", "device"])
def test_register_meter__by_others__refused(
    market: Market, prosumer: LocalAccount, caller: str
) -> None:
    signature = signed(market, DEVICE, prosumer.address)
    terms = (DEVICE.address, prosumer.address, REGION, POWER, signature)

    with refused(errors.AccessManagedUnauthorized, caller=actor(caller).address):
        market.do(actor(caller), market.meters, "registerMeter", *terms)


def test_register_meter__account_is_zero__refused(market: Market) -> None:
    with refused(errors.SmartMeter_ZeroAccount):
        register(market, DEVICE.address, NOBODY, signed(market, DEVICE, NOBODY))


def test_register_meter__account_is_settlement__refused(market: Market) -> None:
    settlement = market.settlement.address

    with refused(errors.Settlement_BadRecipient, to=settlement):
        register(market, DEVICE.address, settlement, signed(market, DEVICE, settlement))


def test_register_meter__account_is_new__gets_a_number(
    market: Market, prosumer: LocalAccount
) -> None:
    assert market.settlement.call("numberOf", prosumer.address) == 0

    market.register_meter(prosumer)

    number = market.settlement.call("numberOf", prosumer.address)
    assert number == market.settlement.call("accountCount")
    assert market.settlement.call("accountAt", number) == prosumer.address


def test_register_meter__account_has_a_number__keeps_it(
    market: Market, prosumer: LocalAccount
) -> None:
    market.deposit(prosumer, 1)
    before = market.settlement.call("numberOf", prosumer.address)

    market.register_meter(prosumer)

    assert market.settlement.call("numberOf", prosumer.address) == before
    assert market.settlement.call("accountCount") == before


def test_register_meter__as_many_as_allowed__the_next_is_refused(
    market: Market, prosumer: LocalAccount
) -> None:
    meters = [market.register_meter(prosumer, actor(f"meter {n}")) for n in range(MAX_METERS)]
    registered = market.meters.call("getMeters", prosumer.address)
    assert set(registered) == {meter.address for meter in meters}

    with refused(errors.SmartMeter_TooManyMeters, account=prosumer.address, maximum=MAX_METERS):
        market.register_meter(prosumer, DEVICE)
    # The bound is an account's, and on active meters.
    market.register_meter(actor("neighbor"), actor("neighbor's meter"))
    deactivate(market, meters[7])
    market.register_meter(prosumer, DEVICE)
    assert len(market.meters.call("getMeters", prosumer.address)) == MAX_METERS


@pytest.mark.parametrize("power", [0, LARGEST_POWER + 1, 2**32, 2**255, 2**256 - 1])
def test_register_meter__rated_power_out_of_range__refused(
    market: Market, prosumer: LocalAccount, power: int
) -> None:
    with refused(errors.SmartMeter_BadParameter, name=b"ratedPower".ljust(32, b"\0"), value=power):
        market.register_meter(prosumer, DEVICE, rated_power=power)


@pytest.mark.parametrize("power", [1, LARGEST_POWER])
def test_register_meter__rated_power_at_its_bounds__registered(
    market: Market, prosumer: LocalAccount, power: int
) -> None:
    market.register_meter(prosumer, DEVICE, rated_power=power)

    assert market.meters.call("getMeter", DEVICE.address) == (
        *(1, prosumer.address, REGION, power),
        True,
    )


@pytest.mark.parametrize("account", ["prosumer", "neighbor"])
def test_register_meter__key_in_use__refused(
    market: Market, meter: LocalAccount, account: str
) -> None:
    with refused(errors.SmartMeter_AlreadyRegistered, meter=meter.address):
        market.register_meter(actor(account), meter)


def test_register_meter__key_of_a_deactivated_meter__refused(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    deactivate(market, meter)

    with refused(errors.SmartMeter_AlreadyRegistered, meter=meter.address):
        market.register_meter(prosumer, meter)


def test_register_meter__key_rotated_away__another_meter(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    market.at(MONDAY + 1000).read_meter(meter, timestamp=MONDAY + 1000, produced=5)
    rotate(market, meter, actor("new key"))
    neighbor = actor("neighbor")

    market.at(MONDAY + 2000).register_meter(neighbor, meter)

    assert market.meters.call("getMeter", meter.address)[:2] == (2, neighbor.address)
    assert latest(market, meter) == (MONDAY + 2000, 0, 0, 0, 0)
    assert daily(market, meter, MONDAY // 86_400) == (0, 0)
    assert (lifetime(market, neighbor), lifetime(market, prosumer)) == ((0, 0), (5, 0))


def test_register_meter__signed_by_another_key__refused(
    market: Market, prosumer: LocalAccount
) -> None:
    message = message_of(market, DEVICE.address, prosumer.address)

    with refused(errors.SmartMeter_WrongSignature, meter=DEVICE.address, signer=prosumer.address):
        signature = Signature.by(prosumer, message).long
        register(market, DEVICE.address, prosumer.address, signature)


@pytest.mark.parametrize(
    "other",
    [
        {"meter": actor("other device").address},
        {"account": actor("thief").address},
        {"region": b"SOUTH".ljust(32, b"\0")},
        {"rated_power": POWER + 1},
    ],
)
def test_register_meter__signed_for_something_else__refused(
    market: Market, prosumer: LocalAccount, other: dict[str, Any]
) -> None:
    terms: dict[str, Any] = {"meter": DEVICE.address, "account": prosumer.address}
    signature = Signature.by(DEVICE, message_of(market, **terms | other))
    signer = signature.signer(message_of(market, **terms))
    assert signer != DEVICE.address

    with refused(errors.SmartMeter_WrongSignature, meter=DEVICE.address, signer=signer):
        register(market, DEVICE.address, prosumer.address, signature.long)


@pytest.mark.parametrize("place", OTHER_DOMAINS)
def test_register_meter__signed_for_another_domain__refused(
    market: Market, prosumer: LocalAccount, place: str
) -> None:
    terms = (DEVICE.address, prosumer.address)
    signature = Signature.by(DEVICE, message_of(market, *terms, **OTHER_DOMAINS[place]))
    signer = signature.signer(message_of(market, *terms))
    assert signer != DEVICE.address

    with refused(errors.SmartMeter_WrongSignature, meter=DEVICE.address, signer=signer):
        register(market, *terms, signature.long)


@pytest.mark.parametrize("length", [0, 1, 64, 66, 130])
def test_register_meter__signature_of_another_length__refused(
    market: Market, prosumer: LocalAccount, length: int
) -> None:
    signature = (signed(market, DEVICE, prosumer.address) * 2)[:length]

    with refused(errors.SmartMeter_WrongSignature, meter=DEVICE.address, signer=NOBODY):
        register(market, DEVICE.address, prosumer.address, signature)


def test_register_meter__compact_signature__refused(market: Market, prosumer: LocalAccount) -> None:
    message = message_of(market, DEVICE.address, prosumer.address)
    r, vs = Signature.by(DEVICE, message).compact

    with refused(errors.SmartMeter_WrongSignature, meter=DEVICE.address, signer=NOBODY):
        register(market, DEVICE.address, prosumer.address, r + vs)


@pytest.mark.parametrize("position", [*range(0, 64, 7), 31, 32, 64])
def test_register_meter__a_byte_flipped__refused(
    market: Market, prosumer: LocalAccount, position: int
) -> None:
    flipped = bytearray(signed(market, DEVICE, prosumer.address))
    flipped[position] ^= 0x40
    message = message_of(market, DEVICE.address, prosumer.address)
    signer = Signature.from_long(bytes(flipped)).signer(message)
    assert signer != DEVICE.address

    with refused(errors.SmartMeter_WrongSignature, meter=DEVICE.address, signer=signer):
        register(market, DEVICE.address, prosumer.address, bytes(flipped))


@pytest.mark.parametrize("damage", damaged(Signature(1, 1, 27)))
def test_register_meter__damaged_signature__refused(
    market: Market, prosumer: LocalAccount, damage: str
) -> None:
    message = message_of(market, DEVICE.address, prosumer.address)
    signature = damaged(Signature.by(DEVICE, message))[damage]
    signer = signature.signer(message)
    # Only turning the parity gives somebody: whoever has that key.
    assert (signer == NOBODY) == (damage != "the other parity")
    assert signer != DEVICE.address

    with refused(errors.SmartMeter_WrongSignature, meter=DEVICE.address, signer=signer):
        register(market, DEVICE.address, prosumer.address, signature.long)


@pytest.mark.parametrize("v", [0, 1, 26, 29, 255])
def test_register_meter__v_of_another_kind__refused(
    market: Market, prosumer: LocalAccount, v: int
) -> None:
    signature = signed(market, DEVICE, prosumer.address)[:64] + bytes([v])

    with refused(errors.SmartMeter_WrongSignature, meter=DEVICE.address, signer=NOBODY):
        register(market, DEVICE.address, prosumer.address, signature)


@pytest.mark.parametrize("signature", [b"", bytes(65), bytes(64) + b"\x1b"])
def test_register_meter__nobody_signs_for_nobody__refused(
    market: Market, prosumer: LocalAccount, signature: bytes
) -> None:
    with refused(errors.SmartMeter_WrongSignature, meter=NOBODY, signer=NOBODY):
        register(market, NOBODY, prosumer.address, signature)


def test_register_meter__signed_by_the_package__same_bytes(
    market: Market, prosumer: LocalAccount
) -> None:
    domain = signing.meter_domain(market.node.chain_id, market.meters.address)

    signature = signing.sign_registration(
        Account(bytes(DEVICE.key)), prosumer.address, "NORTH", POWER, domain
    )

    assert signature == signed(market, DEVICE, prosumer.address)
    register(market, DEVICE.address, prosumer.address, signature)


def test_register_meter__several_things_wrong__refused_in_order(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    settlement = market.settlement.address
    with pytest.raises(errors.SmartMeter_ZeroAccount):
        register(market, meter.address, NOBODY, b"", rated_power=0)
    with pytest.raises(errors.SmartMeter_BadParameter):
        register(market, meter.address, settlement, b"", rated_power=0)
    with pytest.raises(errors.SmartMeter_AlreadyRegistered):
        register(market, meter.address, settlement, b"")
    with pytest.raises(errors.SmartMeter_WrongSignature):
        register(market, DEVICE.address, settlement, b"")
