"""SmartMeter.registersOf: registers in the account's terms."""

from __future__ import annotations

from energy_grid.chain.accounts import Account
from tests.support.core.meter_suite import DAY, REGISTRAR, START, Meters
from tests.unit.contracts.metering.devices import (
    DEVICE,
    HOLDER,
    MIDNIGHT,
    NEW,
    REGISTERS,
    SLOT,
    STRANGER,
)

FIRST = MIDNIGHT // SLOT
OTHER = Account.local(4)


def test_registers_of__an_account_without_a_settlement_meter__nothing(sub_meter: Meters) -> None:
    for number in (0, 1, 2):
        assert sub_meter.meters.registersOf(number) == (0, 0, 0)


def test_registers_of__device_exchanged_twice__go_on(registered: Meters) -> None:
    contract = registered.meters
    assert contract.registersOf(1) == (START // SLOT, *REGISTERS)
    registered.register(STRANGER, HOLDER, settlement=False)
    registered.chain.set_time(MIDNIGHT)
    registered.read(DEVICE, MIDNIGHT, (5_100, 710))
    registered.exchange(DEVICE, NEW, (5_130, 714), (7, 9))
    assert contract.registersOf(1) == (FIRST, 5_100, 710)
    registered.chain.set_time(MIDNIGHT + SLOT)
    registered.read(NEW, MIDNIGHT + SLOT, (27, 10))
    assert contract.registersOf(1) == (FIRST + 1, 5_150, 715)
    registered.exchange(NEW, OTHER, (30, 10), (2**48 - 1, 0))
    assert contract.registersOf(1) == (FIRST + 1, 5_150, 715)
    # A sub-meter is no account's point.
    registered.exchange(STRANGER, Account.local(5), REGISTERS, (1, 1))
    assert contract.registersOf(1) == (FIRST + 1, 5_150, 715)


def test_registers_of__an_account_beyond_48_bits__wraps(registered: Meters) -> None:
    contract = registered.meters
    registered.exchange(DEVICE, NEW, REGISTERS, (2**48 - 1, 2**48 - 1))
    registered.exchange(NEW, STRANGER, (2**48 - 1, 2**48 - 1), (0, 5))
    registered.chain.set_time(MIDNIGHT)
    registered.read(STRANGER, MIDNIGHT, (11, 18))
    assert contract.registersOf(1) == (FIRST, REGISTERS[0] + 11, REGISTERS[1] + 13)


def test_registers_of__another_meter__starts_with_its_own(registered: Meters) -> None:
    contract = registered.meters
    registered.exchange(DEVICE, NEW, REGISTERS, (1, 1))
    contract.detachMeter(NEW.address, by=HOLDER.address)
    registered.chain.set_time(MIDNIGHT)
    registered.read(NEW, MIDNIGHT, (101, 3))
    # The former meter's last boundary stands until there is another meter.
    assert contract.registersOf(1) == (FIRST, 5_100, 702)
    registered.chain.set_time(MIDNIGHT + DAY)
    registered.register(STRANGER, HOLDER, consumption=8, production=9)
    assert contract.registersOf(1) == (FIRST + 96, 8, 9)


def test_registers_of__former_meters_key_rotated__the_new_meter_stays(registered: Meters) -> None:
    """A detached meter stays active until its last boundary, and may get another key."""
    contract = registered.meters
    contract.detachMeter(DEVICE.address, by=HOLDER.address)
    registered.chain.set_time(MIDNIGHT + DAY)
    registered.register(NEW, HOLDER, consumption=8, production=9)
    proof = registered.rotation_proof(STRANGER, DEVICE.address)
    consent = registered.rotation_proof(DEVICE, DEVICE.address, STRANGER.address)
    contract.rotateMeterKey(DEVICE.address, STRANGER.address, proof, consent, by=REGISTRAR)
    assert contract.registersOf(1) == (FIRST + 96, 8, 9)
