"""The views of SmartMeter."""

from __future__ import annotations

from tests.support.core.chain import CHAIN_ID, refused
from tests.support.core.meter_suite import (
    COMMUNITIES,
    COMMUNITY_DAYS,
    DAY,
    FORWARDER,
    HOME,
    LIMIT,
    REGISTRAR,
    START,
    Meters,
)
from tests.unit.contracts.metering.devices import (
    DEVICE,
    HOLDER,
    MIDNIGHT,
    NEW,
    REGISTERS,
    SLOT,
    STRANGER,
    TODAY,
    latest,
)


def test_get_daily__several_days_between_two_readings__belong_to_the_last(active: Meters) -> None:
    contract, today = active.meters, MIDNIGHT // DAY
    active.chain.set_time(MIDNIGHT + 5 * DAY)
    active.read(DEVICE, MIDNIGHT + SLOT, (5_300, 700))
    signed = active.sign_reading(DEVICE, active.reading(MIDNIGHT + 3 * DAY + SLOT, (9_300, 800)))
    contract.submitWithConsent(signed, LIMIT, b"", by=HOLDER.address)
    found = [
        contract.call("getDailyConsumption(address,uint256)", DEVICE.address, day)
        for day in range(today - 1, today + 5)
    ]
    assert found == [0, 300, 0, 0, 4_000, 0]
    assert contract.getLifetime(HOLDER.address) == (4_300, 100, 0, 0)


def test_views__asked_by_a_meter__its_own(active: Meters) -> None:
    active.read(DEVICE, MIDNIGHT + SLOT, (5_300, 750))
    contract = active.meters
    assert contract.call("getDailyConsumption()", by=DEVICE.address) == 300
    assert contract.call("getDailyProduction()", by=DEVICE.address) == 50
    assert tuple(contract.call("getLatestReading()", by=DEVICE.address)) == latest(active)
    for view in ("getLatestReading()", "getDailyConsumption()", "getDailyProduction()"):
        with refused("SmartMeter_UnknownMeter", STRANGER.address):
            contract.call(view, by=STRANGER.address)


def test_get_latest_reading__before_the_first__time_and_registers_of_registration() -> None:
    meters = Meters()
    meters.register(DEVICE, HOLDER)
    assert latest(meters) == (START, *REGISTERS, 0, 0)
    with refused("SmartMeter_NotNewer", DEVICE.address, START // SLOT * SLOT, START // SLOT * SLOT):
        meters.read(DEVICE, START // SLOT * SLOT, REGISTERS)


def test_views__of_no_meter__none_or_refused(meters: Meters) -> None:
    contract, address = meters.meters, STRANGER.address
    assert contract.getMeter(address) == (0, "0x" + 40 * "0", bytes(32), 0, False, 0, 0, 0, False)
    assert (contract.getMeters(address), contract.getLifetime(address)) == ((), (0, 0, 0, 0))
    assert (contract.meterSetOf(address), contract.metersIn(address, HOME)) == ((0, 0), 0)
    assert (contract.meterAt(0), contract.meterAt(1)) == ("0x" + 40 * "0",) * 2
    assert contract.meterCount() == 0
    for view, arguments in (
        ("getLatestReading(address)", ()),
        ("getDailyConsumption(address,uint256)", (TODAY,)),
        ("getDailyProduction(address,uint256)", (TODAY,)),
    ):
        with refused("SmartMeter_UnknownMeter", address):
            contract.call(view, address, *arguments)


def test_meter_set_of__meters_come_go_and_change_keys__time_of_the_last_change(
    registered: Meters,
) -> None:
    """A rotated key is the same meter, and what is inactive keeps its number."""
    contract = registered.meters
    registered.chain.set_time(START + 100)
    registered.register(NEW, HOLDER, settlement=False)
    assert contract.meterSetOf(HOLDER.address) == (2, START + 100)
    registered.chain.set_time(START + 200)
    proof = registered.rotation_proof(STRANGER, NEW.address)
    agreed = registered.rotation_proof(NEW, NEW.address, STRANGER.address)
    contract.rotateMeterKey(NEW.address, STRANGER.address, proof, agreed, by=REGISTRAR)
    assert contract.meterSetOf(HOLDER.address) == (2, START + 100)
    contract.deactivateMeter(STRANGER.address, by=REGISTRAR)
    assert contract.meterSetOf(HOLDER.address) == (1, START + 200)
    assert (contract.meterAt(2), contract.meterCount()) == (STRANGER.address, 2)


def test_views__fixed_at_deployment__as_deployed(meters: Meters) -> None:
    contract, double = meters.meters, meters.double.address
    assert [contract.call(name) for name in ("TARIFFS", "SETTLEMENT", "ENERGY")] == [double] * 3
    assert contract.COMMUNITIES() == COMMUNITIES
    assert contract.COMMUNITY_DAYS() == COMMUNITY_DAYS
    assert (contract.SLOT_LENGTH(), contract.MIN_INTERVAL()) == (SLOT, 60)
    assert contract.SECURITY_PER_KW() == 1_500
    assert [contract.securityFor(watts) for watts in (1, 1_000, 1_001)] == [2, 1_500, 1_502]
    assert contract.authority() == meters.manager.address
    assert contract.isConsumingScheduledOp() == bytes(4)
    assert contract.isTrustedForwarder(FORWARDER)
    assert not contract.isTrustedForwarder(STRANGER.address)
    assert contract.eip712Domain()[1:5] == (
        "EnergyGrid SmartMeter",
        "1",
        CHAIN_ID,
        contract.address,
    )
