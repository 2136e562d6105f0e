"""Random readings of random devices: SmartMeter and the model agree on each, and on its energy."""

from __future__ import annotations

from collections import defaultdict
from random import Random
from typing import Any

import pytest

from energy_grid.chain.accounts import Account
from tests.model.market import Account as Point
from tests.model.market import Market, Refused, Rules, Tariff
from tests.support.core.chain import Reverted
from tests.support.core.meter_suite import DAY, LIMIT, REFUSALS_OF, Meters
from tests.support.examples import Seeds, live_all

_WRAP = 2**48


class _Told(Market):
    """The model, and what its energy accounts are told by meters."""

    told: list[tuple[Any, ...]]
    numbers: dict[int, int]

    def _number(self, account: Point) -> int:
        return self.numbers[id(account)]

    def _meter(self, account: Point, slot: int, net: int) -> None:
        self.told.append(("Recorded", self._number(account), slot, net))
        super()._meter(account, slot, net)

    def _charge_late(self, account: Point, slot: int, net: int) -> None:
        self.told.append(("Recorded", self._number(account), slot, net))
        super()._charge_late(account, slot, net)

    def _charge_span(self, account: Point, span: range, imported: int, exported: int) -> None:
        whole = self._number(account), span.start, span.stop, imported, exported
        self.told.append(("SpanRecorded", *whole))
        super()._charge_span(account, span, imported, exported)


class _Device:
    """What boundaries have told of a device."""

    def __init__(self, key: Account, holder: Account, rated: int, now: int, slot: int) -> None:
        self.key, self.holder, self.rated = key, holder, rated
        self.known = 5_000, 700
        self.read_to = now // slot
        self.days: dict[int, list[int]] = defaultdict(lambda: [0, 0])
        self.total = [0, 0]

    def read(self, end: int, registers: tuple[int, int], day_slots: int) -> None:
        """A boundary reading was recorded."""
        for lane in range(2):
            rise = registers[lane] - self.known[lane]
            self.days[(end - 1) // day_slots][lane] += rise
            self.total[lane] += rise
        self.known, self.read_to = registers, end


class _World:
    def __init__(self, seed: int) -> None:
        self.draws = Random(seed)
        self.slot = self.draws.choice((900, 3_600))
        self.meters = Meters(slot=self.slot)
        self.chain = self.meters.chain
        self.rules = Rules(slot_seconds=self.slot)
        self.market = _Told(self.rules, Tariff(buy=300_000, feed_in=80_000), 0)
        self.market.told, self.market.numbers = [], {}
        self.keys = (Account.local(number) for number in range(1_000))
        self.devices: list[_Device] = []

    def attach(self) -> None:
        key, holder = next(self.keys), next(self.keys)
        rated = self.draws.choice((1, 4_000, 10_000, 2**31 - 1))
        now = self.chain.now
        account = self.market.open(holder.address, now)
        self.market.deposit(holder.address, 10**30)
        self.market.attach(holder.address, rated, (5_000, 700), 1_000, now)
        self.meters.register(key, holder, ratedPower=rated)
        first = account.metered[0]
        number = len(self.devices) + 1
        assert self.meters.told("Attached") == [("Attached", number, 1, first, rated)]
        self.market.numbers[id(account)] = number
        self.devices.append(_Device(key, holder, rated, now, self.slot))

    def exchange(self, device: _Device) -> None:
        new = next(self.keys)
        final = self._shown(device, self.chain.now // self.slot + 1)
        initial = self.draws.randrange(99), 0
        rated = self.draws.choice((device.rated, 4_000, 10_000))
        name, slots = device.holder.address, self.chain.now // self.slot + 1 - device.read_to
        most = device.rated * slots * self.slot // 3_600
        if sum(final) - sum(device.known) > most:
            # A bounded chain refuses what would make all later readings implausible.
            return
        self._both(
            lambda: self.market.exchange(name, rated, final, initial),
            lambda: self.meters.exchange(
                device.key, new, final, initial, rated=rated, consent=device.holder
            ),
        )
        if self.refused:
            return
        device.known = tuple(  # type: ignore[assignment]
            known - last + first
            for known, last, first in zip(device.known, final, initial, strict=True)
        )
        device.key, device.rated = new, rated

    def detach(self, device: _Device) -> None:
        self._both(
            lambda: self.market.detach(device.holder.address, self.chain.now),
            lambda: self.meters.meters.detachMeter(device.key.address, by=device.holder.address),
        )

    def _both(self, of_model: Any, of_chain: Any) -> None:
        names = []
        for call in (of_model, of_chain):
            try:
                call()
                names.append("")
            except (Refused, Reverted) as refusal:
                names.append(refusal.name.removeprefix("SmartMeter_"))
        self.refused = names[0]
        assert names[1] in REFUSALS_OF.get(names[0], names[:1]), names

    def _shown(self, device: _Device, end: int) -> tuple[int, int]:
        """What the device shows: now and then it jumps, or falls, by one too much."""
        most = device.rated * max(end - device.read_to, 0) * self.slot // 3_600
        imported = self.draws.randint(0, most)
        exported = self.draws.choice((0, self.draws.randint(0, most - imported), most - imported))
        match self.draws.randrange(24):
            case 0:
                exported = most - imported + 1
            case 1:
                imported = -1
            case 2:
                exported = -self.draws.randint(1, 9)
        # The registers that a new device carries on may be below zero, what it shows is not.
        known = device.known
        return max(known[0] + imported, 0), max(known[1] + exported, 0)

    def _draw_reading(self, device: _Device) -> tuple[int, tuple[int, int]]:
        newest = self.chain.now // self.slot
        ends = device.read_to + 1, device.read_to + 2, device.read_to, newest, newest + 1
        skipping = self.draws.randint(device.read_to, newest)
        end = self.draws.choices((*ends, skipping), (20, 2, 1, 1, 1, 2))[0]
        return end, self._shown(device, end)

    def boundary(self, device: _Device) -> None:
        if device.read_to >= self.chain.now // self.slot and self.draws.random() < 0.9:
            self.chain.set_time(self.chain.now + self.slot)
        end, registers = self._draw_reading(device)
        how = self.draws.choice(("alone", "alone", "signature", "holder"))
        reading = self.meters.reading(end * self.slot, registers)
        meters, signed = self.meters.meters, self.meters.sign_reading(device.key, reading)
        self.market.told = []

        def on_chain() -> None:
            if how == "alone":
                meters.submitReading(reading, by=device.key.address)
            elif how == "holder":
                meters.submitWithConsent(signed, 0, b"", by=device.holder.address)
            else:
                consent = self.meters.consent_to_skip(
                    device.holder, device.key.address, reading[0], LIMIT
                )
                meters.submitWithConsent(signed, LIMIT, consent)

        self._both(
            lambda: self.market.read(
                device.holder.address, end, registers, self.chain.now, consent=how != "alone"
            ),
            on_chain,
        )
        if not self.refused:
            assert self.meters.told() == self.market.told
            device.read(end, registers, self.rules.day_slots)

    def batch(self) -> None:
        """Readings of many devices: what is refused is skipped, and named."""
        self.market.told, signed, expected = [], [], []
        self.chain.set_time(self.chain.now + self.draws.randrange(5) * self.slot)
        for _ in range(self.draws.randint(1, 12)):
            device = self.draws.choice(self.devices)
            end, registers = self._draw_reading(device)
            signed.append(
                self.meters.sign_reading(
                    device.key, self.meters.reading(end * self.slot, registers)
                )
            )
            try:
                self.market.read(device.holder.address, end, registers, self.chain.now)
                device.read(end, registers, self.rules.day_slots)
            except Refused as refusal:
                expected.append((device.key.address, end * self.slot, refusal.name))
        self.meters.read_many(*signed)
        skipped = [
            (values["meter"], values["timestamp"], values["reason"])
            for _, event, values in self.chain.logs
            if event == "ReadingSkipped"
        ]
        assert [each[:2] for each in skipped] == [each[:2] for each in expected]
        for (*_, reason), (*_, name) in zip(skipped, expected, strict=True):
            found = self.chain.errors[bytes(reason[:4])].name.removeprefix("SmartMeter_")
            assert found in REFUSALS_OF.get(name, (name,))
        # Spans come at once, slots together: the order of each account is that of its readings.
        for number in range(1, len(self.devices) + 1):
            mine = [each for each in self.meters.told() if each[1] == number]
            assert mine == [each for each in self.market.told if each[1] == number]

    def between(self, device: _Device) -> None:
        """A reading between boundaries never changes what the model knows."""
        time = self.chain.now - self.draws.randrange(3)
        imported, exported = (max(value, 0) + self.draws.randrange(5) for value in device.known)
        if time % self.slot == 0:
            return
        refusal = ""
        try:
            self.meters.read(device.key, time, (imported, exported))
        except Reverted as reverted:
            refusal = reverted.name.removeprefix("SmartMeter_")
        if refusal:
            assert refusal in {
                *REFUSALS_OF["NoMeter"],
                *REFUSALS_OF["Implausible"],
                "NotNewer",
                "TooSoon",
            }
            return
        assert self.meters.told() == []
        reading = self.meters.reading(time, (imported, exported))
        latest = self.meters.meters.call("getLatestReading(address)", device.key.address)
        assert latest == reading

    def compare(self) -> None:
        """Registers, totals and days."""
        meters = self.meters.meters
        for device in self.devices:
            account = self.market.accounts[device.holder.address]
            assert (device.read_to, device.known) == (account.read_to, account.registers)
            info = meters.getMeter(device.key.address)
            assert info[7] == account.read_to
            assert meters.getLifetime(device.holder.address)[:2] == tuple(device.total)
            today = self.chain.now // DAY
            for day in {*list(device.days)[-3:], today, today - 1}:
                for lane, name in enumerate(("Consumption", "Production")):
                    found = meters.call(f"getDaily{name}(address,uint256)", device.key.address, day)
                    assert found == device.days[day][lane], (day, name)


def live(seed: int) -> None:
    """Boundaries and readings in between, in time or not, of devices that come and go."""
    world = _World(seed)
    draws = world.draws
    world.attach()
    for _ in range(150):
        device = draws.choice(world.devices)
        match draws.randrange(24):
            case 0 if len(world.devices) < 4:
                world.attach()
            case 1:
                world.exchange(device)
            case 2 if draws.random() < 0.3:
                world.detach(device)
            case 3 | 4:
                world.between(device)
            case 5 | 6:
                world.batch()
            case 7 | 8 | 9 | 10 | 11:
                steps = 1, world.slot // 2, world.slot, 3 * world.slot
                step = draws.choices((*steps, DAY, 31 * DAY), (4, 4, 9, 3, 1, 0.5))[0]
                world.chain.set_time(world.chain.now + step)
            case _:
                world.boundary(device)
        world.compare()


@pytest.mark.parametrize("seed", range(40))
def test_random_readings__agree_with_the_model(seed: int) -> None:
    live(seed)


def test_other_readings__agree_with_the_model(seeds: Seeds) -> None:
    """Other ones in every run; a hundred times as many in a soak."""
    live_all(seeds(5), live)
