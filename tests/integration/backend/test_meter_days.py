"""A gateway's days: anchored once, with leaves in three places, whenever it is ended."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from energy_grid.backend.indexer.indexer import Indexer, forget
from energy_grid.backend.meter_gateway.days import MeterDays, NoProofError, proof_of
from energy_grid.backend.meter_gateway.intake import Intake, Received
from energy_grid.backend.meter_gateway.judging import Limits
from energy_grid.backend.meter_gateway.keeping import ReadingKeeping, erase
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.journal import DatabaseJournal
from energy_grid.backend.store.registers import QUARANTINED, REGISTERS
from energy_grid.backend.store.views import VIEWS
from energy_grid.chain.accounts import Account
from energy_grid.chain.multicall import past_events
from energy_grid.client import EnergyGrid
from energy_grid.contracts.smart_meter import MeterReading, SignedReading
from energy_grid.domain.day_leaves import Measured, Sealed, open_leaf
from energy_grid.domain.merkle import root_of_proof
from energy_grid.market.day_store import DayStore, NoStoredDayError, load_published
from tests.integration.conftest import BUYER, OWNERS, SELLER
from tests.support.killing import KilledError, dying
from tests.support.market import MONDAY, Market

GATEWAY = Account.local(6)
HOUR, DAY, LATE = 3_600, 86_400, 900
TUESDAY = MONDAY // DAY + 1
DEVICES = {BUYER: Account.local(16), SELLER: Account.local(17)}
# Wh of import and export an hour.
HOURLY = {BUYER: (300, 0), SELLER: (0, 500)}
# What a register showed on Tuesday at midnight.
BEFORE = 12_000


@dataclass(frozen=True, slots=True)
class World:
    """A community of two whose gateway has a store, in which all their readings are."""

    market: Market
    grid: EnergyGrid
    file: Path
    database: Database
    community: int

    def index(self) -> None:
        indexer = Indexer(self.grid, self.database, finality=64)
        while not indexer.step():
            pass

    def read(self, account: Account, times: range) -> None:
        """Let the gateway store readings."""
        limits = Limits(domain=self.grid.meter_domain, frequency=5000, voltage=2300)
        found = [signed(self.grid, account, at) for at in times]
        now = self.market.node.time
        Intake(self.database, limits).take([Received(each.meter, each, now) for each in found])

    @contextmanager
    def days(self, folder: Path, **more: Any) -> Iterator[MeterDays]:
        """The service in a process of its own."""
        with closing(EnergyGrid.connect(self.grid.node.url, self.file)) as own:
            places = {name: folder / name for name in ("folder", "published", "backup")}
            more = {"wait": LATE, "quiet": 0, **places, **more}
            yield MeterDays(own, self.database, GATEWAY, **more)

    def anchored(self) -> list[tuple[int, bytes]]:
        """The day and the root of each event."""
        contract = self.grid.community_days
        return [
            (each["day"], bytes(each["root"])) for each in past_events(contract, "DayAnchored", 0)
        ]


def signed(grid: EnergyGrid, account: Account, at: int) -> SignedReading:
    hours = (at - TUESDAY * DAY) // HOUR
    imported, exported = (BEFORE + each * hours for each in HOURLY[account])
    usual = {"timestamp": at, "grid_frequency": 5000, "voltage": 2300}
    reading = MeterReading(consumption=imported, production=exported, **usual)
    return grid.sign_reading(DEVICES[account], reading)


def hours(day: int, days: int = 1) -> range:
    """The bounds of all slots of days."""
    return range(day * DAY, (day + days) * DAY + 1, HOUR)


@pytest.fixture
def world(market: Market, grid: EnergyGrid, file: Path, database: Database) -> World:
    """It is Wednesday, some minutes after midnight; nothing of Tuesday is anchored."""
    market.node.set_balance(GATEWAY.address, 10**21)
    registrar = grid.acting_safe(OWNERS)
    for account, device in DEVICES.items():
        grid.deposit(account, grid.coins("90")).execute()
        grid.register_meter(registrar, device, account, region="home", rated_power=5000).execute()
    plan = grid.create_community_with_gateway(SELLER, "home", 5000, GATEWAY.address)
    made = World(market, grid, file, database, plan.execute())
    for account in (BUYER, SELLER):
        grid.join_community(account, made.community).execute()
    market.go_to(TUESDAY * DAY + 2 * HOUR)
    first = [signed(grid, each, TUESDAY * DAY) for each in DEVICES]
    grid.submit_readings(BUYER, first).execute()
    grid.close_days(BUYER, [each.address for each in DEVICES]).execute()
    market.go_to((TUESDAY + 1) * DAY + LATE + 10)
    made.index()
    return made


def test_day__over_and_late_readings_waited_for__is_anchored_once(
    world: World, tmp_path: Path
) -> None:
    for account in DEVICES:
        world.read(account, hours(TUESDAY))
    with world.days(tmp_path) as days:
        assert days.step() == 0
        assert days.step() > 0
        assert days.describe() == "anchored 1 day, sent 0 readings"
    ((day, root),) = world.anchored()
    assert day == TUESDAY
    for stored in (
        DayStore(tmp_path / "folder").load(world.community, day, root),
        DayStore(tmp_path / "backup").load(world.community, day, root),
        load_published(tmp_path / "published", root),
    ):
        assert all(isinstance(each, Measured) for each in stored.leaves.leaves)
    with world.days(tmp_path) as days:
        assert days.step() > 0
    assert len(world.anchored()) == 1


def test_day__before_late_readings_were_waited_for__is_not_anchored(
    world: World, tmp_path: Path
) -> None:
    with world.days(tmp_path) as days:
        days._wait = LATE + 100
        assert days.step() > 0
    assert world.anchored() == []


def test_member__with_a_reading_too_few__has_no_measured_leaf_and_it_is_said(
    world: World, tmp_path: Path
) -> None:
    world.read(BUYER, hours(TUESDAY))
    world.read(SELLER, hours(TUESDAY)[:-1])
    said: list[str] = []
    with world.days(tmp_path, log=said.append) as days:
        days.step()
        assert days.metrics()["absent_total"] == 1
    assert "1 of 25 readings are missing" in said[0]


def test_day__whose_readings_still_come_in__waits_for_them(world: World, tmp_path: Path) -> None:
    world.read(BUYER, hours(TUESDAY))
    with world.days(tmp_path, quiet=600) as days:
        for part in (hours(TUESDAY)[:9], hours(TUESDAY)[9:20]):
            world.read(SELLER, part)
            assert days.step() > 0
        assert world.anchored() == []
        world.read(SELLER, hours(TUESDAY)[20:])
        assert days.step() == 0
    assert kinds_of(world, tmp_path) == [Measured, Measured]


def kinds_of(world: World, folder: Path) -> list[type]:
    """What kinds the leaves have that are anchored now."""
    root = world.grid.community_days.day_of(world.community, TUESDAY).root
    return [type(each) for each in load_published(folder / "published", root).leaves.leaves]


def test_member__whose_readings_come_late__is_in_a_second_root_which_is_the_last(
    world: World, tmp_path: Path
) -> None:
    world.read(BUYER, hours(TUESDAY))
    world.read(SELLER, hours(TUESDAY)[:-1])
    half = world.grid.community_days.challenge() // 2
    with world.days(tmp_path) as days:
        assert days.step() == 0
        world.index()
        anchored_at = world.grid.community_days.day_of(world.community, TUESDAY).anchored_at
        assert sorted(each.__name__ for each in kinds_of(world, tmp_path)) == ["Absent", "Measured"]
        world.read(SELLER, hours(TUESDAY))
        world.market.go_to(anchored_at + half - LATE)
        assert days.step() > 0
        world.market.go_to(anchored_at + half + HOUR)
        assert days.step() == 0
        assert days.describe() == "anchored 1 day (1 without a measured leaf), sent 0 readings"
    assert kinds_of(world, tmp_path) == [Measured, Measured]
    world.index()
    # Whoever brings something later still does not begin the challenge a third time.
    world.market.go_to(anchored_at + 2 * half + 2 * HOUR)
    with world.days(tmp_path) as days:
        assert days.step() > 0
    assert [day for day, _ in world.anchored()] == [TUESDAY, TUESDAY]


def test_day__without_anything_late__keeps_its_root(world: World, tmp_path: Path) -> None:
    world.read(BUYER, hours(TUESDAY))
    with world.days(tmp_path, sealed=[BUYER.address]) as days:
        assert days.step() == 0
        world.index()
        world.read(SELLER, hours(TUESDAY)[:-1])
        world.market.go_to((TUESDAY + 1) * DAY + 5 * HOUR)
        assert days.step() > 0
    assert len(world.anchored()) == 1


def test_device__whose_key_was_rotated_on_the_day__is_measured_by_both_keys(
    world: World, tmp_path: Path
) -> None:
    former, present = DEVICES[SELLER], Account.local(18)
    noon = TUESDAY * DAY + 12 * HOUR
    world.read(BUYER, hours(TUESDAY))
    world.read(SELLER, range(TUESDAY * DAY, noon, HOUR))
    draft = world.grid.sign_consent(SELLER, world.grid.draft_rotation(former.address, present))
    world.grid.complete_draft(world.grid.acting_safe(OWNERS), draft).execute()
    world.index()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(DEVICES, SELLER, present)
        world.read(SELLER, range(noon, (TUESDAY + 1) * DAY + 1, HOUR))
        with world.days(tmp_path) as days:
            assert days.step() == 0
    assert kinds_of(world, tmp_path) == [Measured, Measured]
    root = world.grid.community_days.day_of(world.community, TUESDAY).root
    nets = load_published(tmp_path / "published", root).leaves.nets
    assert nets.sum(axis=1).tolist() == [24 * -300, 24 * 500]


def test_member__whose_leaf_is_secret__opens_it_with_the_proof(
    world: World, tmp_path: Path
) -> None:
    for account in DEVICES:
        world.read(account, hours(TUESDAY))
    with world.days(tmp_path, sealed=[BUYER.address]) as days:
        days.step()
    world.index()
    ((_, root),) = world.anchored()
    stored = load_published(tmp_path / "published", root)
    (place,) = [at for at, leaf in enumerate(stored.leaves.leaves) if isinstance(leaf, Sealed)]
    _, proof = proof_of(world.database, tmp_path / "folder", BUYER.address, TUESDAY)
    opened, nets = open_leaf(stored.leaves, place, proof.opening)
    assert sum(nets) == -24 * 300
    assert opened.last.imported - opened.first.imported == 24 * 300
    day, other = proof_of(world.database, tmp_path / "backup", SELLER.address, TUESDAY)
    assert (day.community, day.root) == (world.community, root)
    assert other.opening == b""
    assert root_of_proof(other.record, other.proof) == root


def test_proof__of_a_day_that_is_not_anchored__is_said(world: World, tmp_path: Path) -> None:
    with pytest.raises(NoProofError, match="no gateway has anchored 2024-01-02"):
        proof_of(world.database, tmp_path / "folder", BUYER.address, TUESDAY)


def test_proof__of_leaves_that_are_elsewhere__is_said(world: World, tmp_path: Path) -> None:
    for account in DEVICES:
        world.read(account, hours(TUESDAY))
    with world.days(tmp_path) as days:
        days.step()
    world.index()
    with pytest.raises(NoProofError, match="is not on this machine: ask the gateway"):
        proof_of(world.database, tmp_path / "empty", BUYER.address, TUESDAY)


def test_erase__leaves_what_a_day_still_needs(world: World) -> None:
    world.read(BUYER, hours(TUESDAY - 1, 3))
    meter, end = DEVICES[BUYER].address, (TUESDAY + 1) * DAY
    known = VIEWS["measured"]
    with world.database.reading() as connection:
        closed = connection.scalar(select(func.max(VIEWS["days"].c.day)))
    assert closed == TUESDAY - 1

    def times() -> list[int]:
        with world.database.reading() as connection:
            wanted = select(REGISTERS.c.time).where(REGISTERS.c.meter == meter)
            return sorted(connection.scalars(wanted))

    # The block that has closed Monday may still be replaced.
    assert erase(world.grid, world.database, [meter], end, finality=10_000) == 0
    assert erase(world.grid, world.database, [meter], end, finality=1) == 24
    assert times()[0] == TUESDAY * DAY
    assert erase(world.grid, world.database, [meter], end, finality=1) == 0
    # What is on the chain as well is there once.
    with world.database.reading() as connection:
        shown = connection.scalars(select(known.c.time).where(known.c.meter == meter)).all()
    assert sorted(shown) == times()


def test_old_readings__are_erased_by_themselves(world: World) -> None:
    world.read(BUYER, hours(TUESDAY - 1, 2))
    meter = DEVICES[BUYER].address
    now = (TUESDAY + 30) * DAY
    for days, kept in ((0, 49), (40, 49), (29, 25), (10, 25)):
        ReadingKeeping(world.grid, world.database, days, 1, lambda: now).step()
        with world.database.reading() as connection:
            count = select(func.count()).where(REGISTERS.c.meter == meter)
            assert connection.scalar(count) == kept


def test_readings_aside__of_a_key_that_never_became_a_meter__are_erased(world: World) -> None:
    stranger, at = Account.local(19), (TUESDAY + 1) * DAY
    reading = MeterReading(
        timestamp=at, consumption=1, production=0, grid_frequency=5000, voltage=2300
    )
    found = world.grid.sign_reading(stranger, reading)
    limits = Limits(domain=world.grid.meter_domain, frequency=5000, voltage=2300)
    Intake(world.database, limits).take([Received(stranger.address, found, at)])

    def aside() -> int:
        with world.database.reading() as connection:
            return connection.scalar(select(func.count()).select_from(QUARANTINED)) or 0

    for days, kept in ((31, 1), (29, 0)):
        ReadingKeeping(world.grid, world.database, days, 1, lambda: at + 30 * DAY).step()
        assert aside() == kept


def test_leaves__lost__come_back_from_the_backup(world: World, tmp_path: Path) -> None:
    for account in DEVICES:
        world.read(account, hours(TUESDAY))
    with world.days(tmp_path) as days:
        days.step()
    (tmp_path / "folder").rename(tmp_path / "lost")
    world.market.go_to((TUESDAY + 2) * DAY + LATE + 10)
    world.index()
    for account in DEVICES:
        world.read(account, hours(TUESDAY + 1))
    said: list[str] = []
    with world.days(tmp_path, log=said.append) as days:
        days.step()
    assert said == ["meter_days: the leaves of 2024-01-02 are back from the backup"]
    (_, _), (day, root) = world.anchored()
    stored = DayStore(tmp_path / "folder").load(world.community, day, root)
    assert all(isinstance(each, Measured) and each.continues for each in stored.leaves.leaves)


@contextmanager
def files_too(tick: Callable[[], None]) -> Iterator[None]:
    """Let what is brought to the disk count as a moment, too."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("fsync", "rename", "mkdir"):
            real = getattr(os, name)

            def called(*given: Any, real: Any = real, **named: Any) -> Any:
                tick()
                return real(*given, **named)

            patch.setattr(os, name, called)
        yield


def killed(world: World, service: MeterDays, moment: int) -> bool:
    """Take a step that is ended at a moment; whether it was."""
    left = moment

    def tick() -> None:
        nonlocal left
        left -= 1
        if left <= 0:
            raise KilledError

    try:
        with dying(world.database, service._market.node, moment), files_too(tick):
            service.step()
    except KilledError:
        return True
    return False


def test_day__ended_at_any_moment__root_is_sent_once_and_no_leaf_is_lost(
    world: World, tmp_path: Path
) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    start = world.market.node.snapshot()
    moment, times = random.Random(seed).randrange(1, 5), 0
    while True:
        world.market.node.revert(start)
        start = world.market.node.snapshot()
        DatabaseJournal(world.database, "meter_days", lambda: 0).forget()
        forget(world.database)
        world.index()
        for account in DEVICES:
            world.read(account, hours(TUESDAY))
        folder = tmp_path / str(moment)
        folder.mkdir()
        with world.days(folder, sealed=[BUYER.address]) as days:
            is_killed = killed(world, days, moment)
        for day, root in world.anchored():
            # What is on the chain was durable in both places before.
            DayStore(folder / "folder").load(world.community, day, root)
            DayStore(folder / "backup").load(world.community, day, root)
            load_published(folder / "published", root)
        with world.days(folder, sealed=[BUYER.address]) as days:
            while not days.step():
                pass
        ((day, root),) = world.anchored()
        assert day == TUESDAY
        for place in ("folder", "backup"):
            DayStore(folder / place).load(world.community, day, root)
        if not is_killed:
            break
        times += 1
        moment += 5
    assert times > 5


def test_leaves__that_no_backup_has__are_not_made_up(world: World, tmp_path: Path) -> None:
    for account in DEVICES:
        world.read(account, hours(TUESDAY))
    with world.days(tmp_path) as days:
        days.step()
    for name in ("folder", "backup"):
        (tmp_path / name).rename(tmp_path / f"lost {name}")
    world.market.go_to((TUESDAY + 2) * DAY + LATE + 10)
    world.index()
    with world.days(tmp_path) as days, pytest.raises(NoStoredDayError):
        days.step()


def test_account__without_a_gateway__has_its_readings_on_the_chain_in_order(
    market: Market, grid: EnergyGrid, file: Path, database: Database, tmp_path: Path
) -> None:
    market.node.set_balance(GATEWAY.address, 10**21)
    registrar = grid.acting_safe(OWNERS)
    grid.deposit(BUYER, grid.coins("90")).execute()
    device = DEVICES[BUYER]
    grid.register_meter(registrar, device, BUYER, region="home", rated_power=5000).execute()
    world = World(market, grid, file, database, 0)
    market.go_to(TUESDAY * DAY + 5 * HOUR + LATE)
    world.index()
    times = [*hours(TUESDAY)][:6]
    for at in (times[0], times[1], times[3], times[5]):
        world.read(BUYER, range(at, at + 1))
    with world.days(tmp_path) as days:
        # What comes after a gap would need the holder's consent: it waits.
        assert days.step() == 0
        assert grid.meters.get_meter(device.address).read_to == times[1] // HOUR
        assert days.step() > 0
    world.read(BUYER, range(times[2], times[2] + 1))
    with world.days(tmp_path) as days:
        assert days.step() == 0
        assert grid.meters.get_meter(device.address).read_to == times[3] // HOUR
        assert days.metrics()["sent_total"] == 2
        assert days.step() > 0


def test_account__that_asks_for_it__has_its_readings_sent_although_a_gateway_reads_it(
    world: World, tmp_path: Path
) -> None:
    world.read(BUYER, hours(TUESDAY))
    world.read(SELLER, hours(TUESDAY))
    with world.days(tmp_path, on_chain=[BUYER.address]) as days:
        # The chain lets them wait for the gateway's day, and the meter is left alone then.
        days.step()
        assert days.metrics()["sent_total"] == 24
        world.index()
        assert days.step() > 0


def test_erase__leaves_what_a_closed_day_has_not_read(world: World, tmp_path: Path) -> None:
    market, grid, meter = world.market, world.grid, DEVICES[BUYER].address
    # The gateway was out for days: accounts have closed alone, unread.
    market.go_to((TUESDAY + 6) * DAY + LATE + 10)
    grid.close_days(SELLER, [each.address for each in DEVICES]).execute()
    for account in DEVICES:
        world.read(account, hours(TUESDAY))
    for _ in range(3):
        market.node.mine()
    world.index()
    assert erase(grid, world.database, [meter], (TUESDAY + 6) * DAY, finality=1) == 0
    with world.days(tmp_path, on_chain=[BUYER.address]) as days:
        days.step()
    assert grid.meters.get_meter(meter).read_to == (TUESDAY + 1) * 24
