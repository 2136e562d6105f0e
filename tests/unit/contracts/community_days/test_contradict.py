"""CommunityDays.contradict."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from eth_utils.crypto import keccak

from energy_grid.chain.accounts import Account
from energy_grid.domain.day_leaves import seal_leaves
from tests.model.market import DAY
from tests.support.core.chain import refused
from tests.support.core.gateway_street import GATEWAY, GatewayStreet
from tests.unit.contracts.community_days.suite import (
    DAY_SLOTS,
    SLOT,
    curves,
    events,
    proven,
    signed,
)

_SALT = b"s" * 32


@pytest.mark.parametrize(
    ("home", "slots", "registers"),
    [
        # The first one exports 1,000 Wh a slot, the second one imports 400.
        (0, 0, (0, 1)),
        (0, 0, (1, 0)),
        (0, DAY_SLOTS, (0, 23_999)),
        (0, DAY_SLOTS, (1, 24_001)),
        (0, 1, (0, 999)),
        (0, 23, (0, 24_000)),
        (1, 0, (2**47, 0)),
        (1, DAY_SLOTS, (9_600, 1)),
        (1, 12, (4_799, 0)),
        (1, 9, (3_600, 1)),
    ],
)
def test_contradict__another_register__passes_the_member_over(
    street: GatewayStreet, home: int, slots: int, registers: tuple[int, int]
) -> None:
    days, day = street.days, street.first_day
    leaves = days.leaves(curves(street))
    days.anchor(day, leaves)
    reading = signed(street, home, day * DAY_SLOTS + slots, registers)
    days.contract.contradict(days.community, day, proven(leaves, home), reading)
    values = {"community": days.community, "day": day, "number": street.numbers[home]}
    slot = day * DAY_SLOTS + slots
    assert events(street) == [("LeafContradicted", {**values, "slot": slot})]
    assert days.contract.dayOf(days.community, day)[4] == 1 << home
    # Again, and of another leaf: both stand.
    days.contract.contradict(days.community, day, proven(leaves, home), reading)
    other = signed(street, 2, day * DAY_SLOTS, (3, 4))
    days.contract.contradict(days.community, day, proven(leaves, 2), other)
    assert days.contract.dayOf(days.community, day)[4] == 1 << home | 1 << 2


@pytest.mark.parametrize(
    ("home", "slots", "registers"),
    [
        (0, 0, (0, 0)),
        (0, DAY_SLOTS, (0, 24_000)),
        (0, 5, (0, 5_000)),
        # Between bounds both may have run in the same slot.
        (0, 5, (7, 5_007)),
        (1, 12, (4_800, 0)),
        (1, 23, (9_201, 1)),
        (1, DAY_SLOTS, (9_600, 0)),
    ],
)
def test_contradict__a_reading_that_agrees__is_refused(
    street: GatewayStreet, home: int, slots: int, registers: tuple[int, int]
) -> None:
    days, day = street.days, street.first_day
    leaves = days.leaves(curves(street))
    days.anchor(day, leaves)
    slot, number = day * DAY_SLOTS + slots, street.numbers[home]
    with refused("CommunityDays_NoContradiction", number, number, slot):
        days.contract.contradict(
            days.community, day, proven(leaves, home), signed(street, home, slot, registers)
        )


def test_contradict__of_another_day_or_account__is_refused(street: GatewayStreet) -> None:
    days, day = street.days, street.first_day
    leaves = days.leaves(curves(street))
    days.anchor(day, leaves)
    street.chain.set_time((day + 1) * DAY + SLOT)
    first, second = street.numbers[:2]
    for slot in (day * DAY_SLOTS - 1, (day + 1) * DAY_SLOTS + 1):
        with refused("CommunityDays_NoContradiction", first, first, slot):
            days.contract.contradict(
                days.community, day, proven(leaves, 0), signed(street, 0, slot, (9, 9))
            )
    slot = day * DAY_SLOTS + 1
    with refused("CommunityDays_NoContradiction", first, second, slot):
        days.contract.contradict(
            days.community, day, proven(leaves, 0), signed(street, 1, slot, (9, 9))
        )


def test_contradict__readings_that_no_device_signed__are_refused(street: GatewayStreet) -> None:
    days, day, meters = street.days, street.first_day, street.market.meters
    leaves = days.leaves(curves(street))
    days.anchor(day, leaves)
    leaf, device = proven(leaves, 0), street.devices[0]
    stranger = Account(keccak(text="another device"))
    reading = meters.reading(day * DAY, (9, 9))
    for name, values, said in (
        (
            "WrongSignature",
            (device.address, stranger.address),
            meters.sign_reading(device, reading, key=stranger),
        ),
        ("UnknownMeter", (stranger.address,), meters.sign_reading(stranger, reading)),
        (
            "NotBoundary",
            (device.address, day * DAY + 1),
            meters.sign_reading(device, meters.reading(day * DAY + 1, (9, 9))),
        ),
    ):
        with refused(f"SmartMeter_{name}", *values):
            days.contract.contradict(days.community, day, leaf, said)


def test_contradict__the_same_leaves_anchored_again__stay_contradicted(
    street: GatewayStreet,
) -> None:
    days, day, contract = street.days, street.first_day, street.days.contract
    leaves = days.leaves(curves(street))
    days.anchor(day, leaves)
    reading = signed(street, 1, (day + 1) * DAY_SLOTS, (9, 9))
    contract.contradict(days.community, day, proven(leaves, 1), reading)
    days.anchor(day, leaves)
    assert contract.dayOf(days.community, day)[4] == 0b10
    days.anchor(day, days.leaves(curves(street, street.numbers[1])))
    assert contract.dayOf(days.community, day)[4] == 0


def test_contradict__what_is_not_there__is_refused(street: GatewayStreet) -> None:
    days, day, contract = street.days, street.first_day, street.days.contract
    silent = street.numbers[2]
    leaves = days.leaves(curves(street, silent))
    reading = signed(street, 0, day * DAY_SLOTS, (9, 9))
    with refused("CommunityDays_NotAnchored", days.community, day):
        contract.contradict(days.community, day, proven(leaves, 0), reading)
    days.anchor(day, leaves)
    record, opening, proof = proven(leaves, 0)
    for false in (record[:-1] + b"\1", record[:5], b""):
        with refused("CommunityDays_WrongProof", keccak(false)):
            contract.contradict(days.community, day, (false, opening, proof), reading)
    with refused("CommunityDays_NotMeasured", silent):
        contract.contradict(days.community, day, proven(leaves, 2), reading)
    with refused("CommunityDays_NotMeasured", street.numbers[0]):
        contract.contradict(days.community, day, proven(leaves, 0, b"\1" * 200), reading)
    days.settle(day, leaves)
    with refused("CommunityDays_Settled", days.community, day):
        contract.contradict(days.community, day, proven(leaves, 0), reading)


@pytest.mark.parametrize(
    "record", [b"", b"\1", b"\1\0\0\0\0\7", b"\2\0\0\0\0\7" + b"\3" * 32, b"\1" * 125, b"\1" * 127]
)
def test_contradict__a_malformed_leaf_under_the_root__shows_nothing(
    street: GatewayStreet, record: bytes
) -> None:
    days, day = street.days, street.first_day
    street.chain.set_time((day + 1) * DAY)
    days.contract.anchor(days.community, day, keccak(record), by=GATEWAY)
    number = int.from_bytes(record[2:6]) if len(record) >= 6 else 0
    reading = signed(street, 0, day * DAY_SLOTS, (9, 9))
    for opening in (b"", b"\1" * 10, b"\1" * 158):
        with refused("CommunityDays_NotMeasured", number):
            days.contract.contradict(days.community, day, (record, opening, []), reading)


def test_contradict__a_sealed_leaf__is_opened(street: GatewayStreet) -> None:
    days, day, number = street.days, street.first_day, street.numbers[1]
    leaves, openings = seal_leaves(days.leaves(curves(street)), {number: _SALT})
    days.anchor(day, leaves)
    reading = signed(street, 1, day * DAY_SLOTS + 2, (799, 0))
    opening = openings[number]
    for false in _wrong_openings(opening):
        with refused("CommunityDays_NotMeasured", number):
            days.contract.contradict(days.community, day, proven(leaves, 1, false), reading)
    days.contract.contradict(days.community, day, proven(leaves, 1, opening), reading)
    assert days.contract.dayOf(days.community, day)[4] == 1 << 1


def _wrong_openings(opening: bytes) -> Sequence[bytes]:
    return b"", opening[:-1], opening + b"\0", opening[:-1] + b"\0", opening[:37], opening[-32:]


@pytest.mark.parametrize("at", [0, 1, 5])
def test_contradict__a_seal_on_another_leaf__shows_nothing(street: GatewayStreet, at: int) -> None:
    """Its status, place or number is not that of the sealed one."""
    days, day = street.days, street.first_day
    leaves = days.leaves(curves(street))
    measured = bytearray(leaves.records()[0])
    measured[at] ^= 2
    opening = bytes(measured) + _SALT
    record = b"\2\0" + street.numbers[0].to_bytes(4) + keccak(opening)
    street.chain.set_time((day + 1) * DAY)
    days.contract.anchor(days.community, day, keccak(record), by=GATEWAY)
    reading = signed(street, 0, day * DAY_SLOTS, (9, 9))
    with refused("CommunityDays_NotMeasured", street.numbers[0]):
        days.contract.contradict(days.community, day, (record, opening, []), reading)


@pytest.mark.parametrize("size", [6, 31, 37])
def test_contradict__a_seal_on_too_few_bytes__shows_nothing(
    street: GatewayStreet, size: int
) -> None:
    """Of a salt's length there would be nothing left, or less."""
    days, day = street.days, street.first_day
    opening = days.leaves(curves(street)).records()[0][:size]
    record = b"\2\0" + street.numbers[0].to_bytes(4) + keccak(opening)
    street.chain.set_time((day + 1) * DAY)
    days.contract.anchor(days.community, day, keccak(record), by=GATEWAY)
    reading = signed(street, 0, day * DAY_SLOTS, (9, 9))
    with refused("CommunityDays_NotMeasured", street.numbers[0]):
        days.contract.contradict(days.community, day, (record, opening, []), reading)
