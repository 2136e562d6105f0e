"""SmartMeter.getLifetime: whatever happens to meters, a model that simply adds up agrees."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from eth_account.signers.local import LocalAccount
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    precondition,
)

from energy_grid.chain.contract import Call
from energy_grid.contracts.errors import error_class
from energy_grid.domain.periods import is_final
from tests.model.slots import day_of_reading, slot_of_reading
from tests.support.examples import ChainMachine, Drive, rewound, rule
from tests.support.market import MONDAY, Market, actor
from tests.unit.contracts.metering.registrar import (
    daily,
    deactivate,
    energy,
    latest,
    lifetime,
    move,
    rotate,
)

HOUR, DAY = 3600, 86_400
POWER = 1_000_000

# What is wrong with a reading that another one of its meter has overtaken.
OVERTAKEN = ("NotNewer", "Replayed", "Conflicting", "TooSoon")

Reading = tuple[int, int, int, int, int]
INTERVAL = 60
OWNERS = tuple(actor(f"owner {n}") for n in range(3))

owners = st.sampled_from(OWNERS)
# Which meter, of however many there are.
picks = st.integers(0, 1000)
waits = st.sampled_from([1, 58, 60, 600, 1800, HOUR, HOUR, DAY, DAY + 1, 3 * DAY + 5 * HOUR])
shares = st.sampled_from([0, 0, 1, 333, 1000])


@dataclass(slots=True)
class Meter:
    """What the model knows of a meter; its history is in the books."""

    number: int
    key: LocalAccount
    owner: LocalAccount
    reading: Reading
    active: bool = True

    def refusal(self, reading: Reading, now: int) -> str | None:
        """Why a reading of plausible content is refused."""
        at, before = reading[0], self.reading[0]
        if not self.active:
            return "InactiveMeter"
        if at < before or (at == before and self.reading[3] == 0):
            return "NotNewer"
        if at == before:
            return "Replayed" if reading == self.reading else "Conflicting"
        if at - before < INTERVAL:
            return "TooSoon"
        if is_final(slot_of_reading(at, HOUR), now, HOUR, HOUR):
            return "TooOld"
        return None


class MetersOnChain(ChainMachine):
    """Meters on the chain, and books in which every reading is entered once."""

    @initialize()
    def open(self) -> None:
        self.undo = rewound(self.market)
        self.undo.__enter__()
        self.now = MONDAY + 20 * HOUR
        self.market.go_to(self.now)
        self.meters: list[Meter] = []
        # Wh produced and consumed, by owner, by owner and slot, by meter and day.
        self.books: dict[tuple[str | int, ...], list[int]] = defaultdict(lambda: [0, 0])
        for owner in OWNERS[:2]:
            self.register(owner)

    def teardown(self) -> None:
        if hasattr(self, "undo"):
            try:
                self.compare()
            finally:
                self.undo.__exit__(None, None, None)

    def next_second(self) -> Market:
        self.now += 1
        return self.market.at(self.now)

    def wait(self, seconds: int) -> None:
        """So long; after a whole hour or day, at the very second at which a slot or day ends."""
        self.now += seconds - 1
        if seconds in (HOUR, DAY):
            self.now -= (self.now + 1) % seconds

    def pick(self, number: int) -> Meter:
        return self.meters[number % len(self.meters)]

    def new_key(self) -> LocalAccount:
        return actor(f"key made at {self.now}")

    @precondition(lambda self: len(self.meters) < 10)
    @rule(owner=owners)
    def register(self, owner: LocalAccount) -> None:
        key = self.new_key()
        self.next_second().register_meter(owner, key, rated_power=POWER)
        nothing = (self.now, 0, 0, 0, 0)
        self.meters.append(Meter(len(self.meters) + 1, key, owner, nothing))

    @rule(
        pick=picks,
        wait=waits,
        back=st.sampled_from([0, 0, 0, 0, 0, 1, 600, HOUR]),
        shares=st.tuples(shares, shares),
        signed=st.booleans(),
    )
    def read(self, pick: int, wait: int, back: int, shares: Sequence[int], *, signed: bool) -> None:
        """A reading, some time later, of then or of some time ago; its energies are shares of the
        most there can be."""
        self.wait(wait)
        meter = self.pick(pick)
        at = self.now + 1 - back
        most = max(POWER * (at - meter.reading[0]) // HOUR, 0)
        consumed, produced = (most * share // 1000 for share in shares)
        self.submit(meter, (at, consumed, produced, 5000, 2300), signed=signed)

    @rule(wait=waits, back=st.sampled_from([0, 0, 1]), shares=st.tuples(shares, shares))
    def read_all(self, wait: int, back: int, shares: Sequence[int]) -> None:
        self.wait(wait)
        for meter in range(len(self.meters)):
            self.read(meter, 1, back, shares, signed=bool(meter % 2))

    @rule(pick=picks, more=st.sampled_from([0, 0, 1]), signed=st.booleans())
    def read_again(self, pick: int, more: int, *, signed: bool) -> None:
        """The latest reading, as it was or with another Wh."""
        meter = self.pick(pick)
        at, consumed, produced, frequency, voltage = meter.reading
        if frequency:
            again = (at, consumed, produced + more, frequency, voltage)
            self.submit(meter, again, signed=signed)

    @rule(pick=picks, owner=owners)
    def move(self, pick: int, owner: LocalAccount) -> None:
        meter = self.pick(pick)
        if meter.active:
            move(self.next_second(), meter.key, owner)
            meter.owner = owner

    @rule(pick=picks)
    def rotate(self, pick: int) -> None:
        meter = self.pick(pick)
        if meter.active:
            key = self.new_key()
            rotate(self.next_second(), meter.key, key)
            meter.key = key

    @rule(pick=picks, really=st.sampled_from([True, False, False]))
    def deactivate(self, pick: int, *, really: bool) -> None:
        meter = self.pick(pick)
        if meter.active and really:
            deactivate(self.next_second(), meter.key)
            meter.active = False

    def submit(self, meter: Meter, reading: Reading, *, signed: bool) -> None:
        market = self.next_second()
        refusal = meter.refusal(reading, self.now)
        try:
            receipt = market.send(*self.submission(meter, reading, signed=signed))
        except error_class(f"SmartMeter_{refusal or 'NoReadings'}"):
            assert refusal
            assert not (signed and refusal in OVERTAKEN)
            return
        if signed and refusal in OVERTAKEN:
            (skipped,) = market.events(receipt, market.meters, "ReadingSkipped")
            assert skipped["conflicting"] == (refusal == "Conflicting")
            return
        assert refusal is None, f"{reading} of {meter} was recorded"
        at, consumed, produced, *_ = reading
        for page in (
            (meter.owner.address,),
            (meter.owner.address, slot_of_reading(at, HOUR)),
            (meter.number, day_of_reading(at)),
        ):
            self.books[page][0] += produced
            self.books[page][1] += consumed
        meter.reading = reading

    def submission(
        self, meter: Meter, reading: Reading, *, signed: bool
    ) -> tuple[LocalAccount, Call]:
        contract = self.market.meters
        if not signed:
            return meter.key, contract.prepare("submitReading", reading)
        entry = self.market.signed_reading(meter.key, reading)
        return actor("relay"), contract.prepare("submitSignedReadings", [entry])

    def compare(self) -> None:
        market = self.market
        for owner in OWNERS:
            total = tuple(self.books[owner.address,])
            assert lifetime(market, owner) == total
            pages = self.pages(owner.address)
            slots = [energy(market, owner, slot) for slot in pages]
            assert slots == list(pages.values())
            assert tuple(sum(column) for column in zip((0, 0), *slots, strict=True)) == total
            keys = {one.key.address for one in self.meters if one.active and one.owner == owner}
            registered = market.meters.call("getMeters", owner.address)
            assert (set(registered), len(registered)) == (keys, len(keys))
        for meter in self.meters:
            assert latest(market, meter.key) == meter.reading
            info = market.meters.call("getMeter", meter.key.address)
            assert (info[0], info[4]) == (meter.number, meter.active)
            pages = self.pages(meter.number)
            assert [daily(market, meter.key, day) for day in pages] == list(pages.values())
        assert market.meters.call("meterCount") == len(self.meters)

    def pages(self, whose: str | int) -> dict[int, tuple[int, int]]:
        """By slot or day, what an owner or a meter has in the books."""
        return {
            int(page[1]): (produced, consumed)
            for page, (produced, consumed) in self.books.items()
            if page[0] == whose and len(page) == 2
        }


def test_get_lifetime__whatever_happens__every_reading_counts_once(
    hourly_market: Market, drive: Drive
) -> None:
    drive(MetersOnChain, hourly_market, examples=25, steps=40)


def test_get_lifetime__as_many_meters_as_allowed__all_count(
    market: Market, prosumer: LocalAccount
) -> None:
    meters = [market.register_meter(prosumer, actor(f"meter {n}")) for n in range(32)]
    at = MONDAY + HOUR
    market.go_to(at)
    for n, meter in enumerate(meters):
        market.read_meter(meter, timestamp=at, produced=1000 * n + 1, consumed=n)

    produced = sum(1000 * n + 1 for n in range(32))
    assert lifetime(market, prosumer) == (produced, sum(range(32)))
