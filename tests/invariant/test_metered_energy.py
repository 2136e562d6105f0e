"""The energy accounts' random lives once more, with SmartMeter between the devices and them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any

import pytest

from energy_grid.chain.accounts import Account
from tests.invariant import test_energy_model
from tests.invariant.test_energy_model import HOMES, Life
from tests.model.market import Refused, Tariff
from tests.support.core import energy_suite
from tests.support.core.chain import Chain, Reverted
from tests.support.core.energy_suite import EnergyWorld
from tests.support.core.meter_suite import LIMIT, Meters
from tests.support.core.tariff_suite import name as bytes32

_BEFORE = 8
"""Deployments before SmartMeter: six of the world, the double of Settlement, and GridBands."""
_NAMES = {
    "NoMeter": ("Detached", "InactiveMeter", "UnknownMeter"),
    "NotNewer": ("NotNewer", "Replayed", "Conflicting", "InactiveMeter"),
    "Implausible": ("ImplausibleEnergy",),
}


class _MeteredWorld(EnergyWorld):
    """Meters are devices with keys; holders consent by calls."""

    def __init__(self, tariff: Tariff, credit_value: int, *, slot: int) -> None:
        super().__init__(tariff, credit_value, slot=slot)
        self.double = self.chain.deploy("MarketDouble", slot)
        core = self.tariffs, self.double, self.energy
        self.suite = Meters(slot=slot, chain=self.chain, core=core, authority=self.manager)
        self.meters = self.suite.meters
        assert self.meters.address.lower() == energy_suite.METER.lower()
        self.devices: dict[str, Account] = {}
        self._keys = (Account(number.to_bytes(32, "big")) for number in count(1))
        self.refusals: set[str] = set()

    def open(self, name: str, money: int, region: str = "home") -> None:
        super().open(name, money, region)
        assert self.double.openAccount(self.address(name)) == self.numbers[name]

    def attach(self, name: str, rated: int, registers: tuple[int, int]) -> None:
        device, holder = next(self._keys), self.address(name)
        try:
            self.market.attach(name, rated, registers, 0, self.now)
        except Refused:
            return
        region = bytes32(self.account(name).region)
        registration = device.address, holder, region, rated, True, *registers, LIMIT
        self.meters.consentToMeter(registration, by=holder)
        proof = self.suite.registration_proof(device, registration)
        self.meters.registerMeter(registration, proof, b"", by=self.authority)
        self.devices[name] = device

    def exchange(self, name: str, rated: int, new: tuple[int, int]) -> bool:
        account = self.account(name)
        if not self.speaks(name):
            return False
        device, old = next(self._keys), self.devices[name].address
        # What a new device carries on may be below zero; what it shows at its own end is not.
        final = max(account.registers[0], 0), max(account.registers[1], 0)
        exchange = old, device.address, rated, *final, *new, LIMIT
        self.meters.consentToExchange(exchange, by=self.address(name))
        proof = self.suite.exchange_proof(device, exchange)
        self.both(
            lambda: self.market.exchange(name, rated, final, new),
            lambda: self.meters.exchangeMeter(exchange, proof, b"", by=self.authority),
        )
        self.devices[name] = device
        return True

    def detach(self, name: str) -> None:
        device = self.devices[name].address
        self.both(
            lambda: self.market.detach(name, self.now),
            lambda: self.meters.detachMeter(device, by=self.address(name)),
        )

    def read(
        self, readings: Sequence[tuple[str, int, tuple[int, int]]], *, consent: bool = False
    ) -> int:
        signed, expected = [], []
        for name, end, registers in readings:
            account, device = self.account(name), self.devices[name]
            self._tell_keeps(name, min(max(account.read_to, account.metered[0]), end - 1), end)
            reading = self.suite.reading(end * self.rules.slot_seconds, registers)
            signed.append(self.suite.sign_reading(device, reading))
            try:
                self.market.read(name, end, registers, self.now, consent=consent)
                expected.append("")
            except Refused as refusal:
                expected.append(refusal.name)
        if consent:
            for (name, *_), each, wanted in zip(readings, signed, expected, strict=True):
                self._compare_refusal(wanted, self._read_with_consent(name, each))
        elif readings:
            self.suite.read_many(*signed)
            found = {
                (values["meter"], values["timestamp"]): self.chain.errors[values["reason"][:4]].name
                for _, event, values in self.chain.logs
                if event == "ReadingSkipped"
            }
            for each, wanted in zip(signed, expected, strict=True):
                self._compare_refusal(wanted, found.get((each[0], each[1][0]), ""))
        return expected.count("")

    def _read_with_consent(self, name: str, signed: tuple[Any, ...]) -> str:
        try:
            self.meters.submitWithConsent(signed, 0, b"", by=self.address(name))
        except Reverted as refusal:
            return refusal.name
        return ""

    def _compare_refusal(self, wanted: str, found: str) -> None:
        self.refusals.add(wanted)
        assert found.removeprefix("SmartMeter_") in _NAMES.get(wanted, (wanted,))


@pytest.mark.parametrize("seed", range(4))
def test_random_lives_through_meters__agree_with_the_model(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(energy_suite, "METER", Chain(0).address_after(_BEFORE))
    monkeypatch.setattr(test_energy_model, "EnergyWorld", _MeteredWorld)
    life = Life(seed)
    is_hourly = life.world.rules.slot_seconds == 3600
    life.live(26 if is_hourly else 6)
    life.mute[life.draws.choice(HOMES)] = life.world.slot + 33 * life.world.rules.day_slots
    life.live(40 if is_hourly else 6)
    life.close()
    life.world.market.check()
    assert life.closed
