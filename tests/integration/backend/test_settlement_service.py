"""The settlement service on a market: what is due is done once, whatever dies or comes between."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from energy_grid.backend.indexer.indexer import Indexer, forget
from energy_grid.backend.settlement_service.service import SettlementService
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.journal import DatabaseJournal, OtherLeaderError
from energy_grid.chain.accounts import Account
from energy_grid.chain.roles import Role
from energy_grid.client import EnergyGrid
from energy_grid.contracts import events
from energy_grid.contracts.smart_meter import MeterReading, SignedReading
from energy_grid.market.day_store import DayStore, StoredDay, publish
from tests.integration.conftest import BUYER, OWNERS, SELLER
from tests.support.examples import Seeds
from tests.support.killing import KilledError, dying
from tests.support.market import DAY, HOME, MONDAY, Market, actor

KEEPER, RIVAL, GATEWAY = Account.local(7), Account.local(8), Account.local(6)
DEVICES = {BUYER: Account.local(16), SELLER: Account.local(17)}
HOUR, CHALLENGE, PATIENCE = 3_600, 21_600, 7_200
TUESDAY = MONDAY // DAY + 1
# Wh of import and export an hour.
HOURLY = {BUYER: (300, 0), SELLER: (0, 500)}
LIMIT = 10**9


@pytest.fixture
def paid(market: Market, grid: EnergyGrid) -> EnergyGrid:
    """A market whose keepers have gas."""
    for account in (KEEPER, RIVAL, GATEWAY):
        market.node.set_balance(account.address, 10**21)
    return grid


@contextmanager
def own(grid: EnergyGrid) -> Iterator[EnergyGrid]:
    """A connection of a service."""
    with EnergyGrid.connect(grid.node.url, grid.deployment) as mine:
        yield mine


def open_accounts(market: Market, count: int) -> Sequence[str]:
    """Accounts without meters, whose days close from today on."""
    found, payer = [actor(f"home {each}").address for each in range(count)], actor("payer of all")
    market.give_money(payer, count)
    for each in found:
        market.do(payer, market.settlement, "depositFor", each, 1)
    return found


def metered(market: Market, **homes: tuple[int, Sequence[tuple[int, int]]]) -> list[str]:
    """Accounts with money and a meter, whose Tuesday begins with these flows (Wh): then a gap."""
    meters = {}
    for name, (money, flows) in homes.items():
        market.deposit(actor(name), money)
        meters[name] = market.register_meter(actor(name)), flows
    market.go_to(TUESDAY * DAY + 12 * HOUR)
    for meter, flows in meters.values():
        if flows:
            market.measure(meter, *flows)
    return [actor(name).address for name in homes]


class World:
    """A store beside a chain, and services that come and go."""

    def __init__(self, grid: EnergyGrid, database: Database, folder: Path) -> None:
        self.grid, self.database, self.folder = grid, database, folder
        self.lines: list[str] = []
        self.indexer = Indexer(grid, database, finality=64)

    def service(
        self, market: EnergyGrid, who: Account = KEEPER, **options: Any
    ) -> SettlementService:
        return SettlementService(
            market,
            self.database,
            who,
            published=self.folder / "published",
            log=self.lines.append,
            **{"patience": PATIENCE, **options},
        )

    def index(self) -> None:
        while self.indexer.step() == 0.0:
            pass

    def run(self, service: SettlementService) -> None:
        """Until nothing is left that it can do now."""
        self.index()
        while service.step() == 0.0:
            self.index()

    def cursors(self, accounts: Sequence[str]) -> set[int]:
        """The first open days."""
        settlement = self.grid.settlement
        numbers = settlement.call_many("numberOf", zip(accounts), kind=int)
        return {*settlement.call_many("cursorAt", zip(numbers), kind=int)}

    def sent(self, who: Account = KEEPER) -> int:
        return self.grid.node.nonce(who.address)


@pytest.fixture
def world(paid: EnergyGrid, database: Database, tmp_path: Path) -> World:
    return World(paid, database, tmp_path)


def test_close__many_accounts__all_days_of_all_in_few_calls(market: Market, world: World) -> None:
    # In debt, with money, and with a gap.
    heavy = [(9_000, 0)] * 6
    homes = [*open_accounts(market, 70)]
    homes += metered(market, debtor=(1, heavy), payer=(10**7, [(2_000, 0)]), silent=(10**7, []))
    market.go_to((TUESDAY + 2) * DAY + 2 * HOUR)
    with own(world.grid) as mine:
        service = world.service(mine)
        world.run(service)
        assert world.cursors(homes) == {TUESDAY + 2}
        assert world.grid.settlement.debt_of(actor("debtor").address) > 0
        # Three days of 20 accounts a call; the two with the client's money have accounts too.
        assert world.sent() <= 5
        found = service.metrics()
        assert (found["due"], found["oldest_due_seconds"], found["aside"]) == (0, 0, 0)
        assert found["close_total"] >= len(homes)
        assert found["gas_today"] > 0
        assert "put aside" not in service.describe()
        # Nothing is due until the next day is final.
        assert service.step() > 0
        assert world.sent() == world.sent()
        market.go_to((TUESDAY + 3) * DAY + 2 * HOUR)
        world.run(service)
    assert world.cursors(homes) == {TUESDAY + 3}
    assert world.lines == []


def test_close__one_that_slept__closes_part_by_part(market: Market, world: World) -> None:
    (home,) = open_accounts(market, 1)
    market.go_to((TUESDAY + 130) * DAY + 2 * HOUR)
    with own(world.grid) as mine:
        world.run(world.service(mine))
    assert world.cursors([home]) == {TUESDAY + 130}
    assert world.sent() == 3


# Communities


def signed(grid: EnergyGrid, account: Account, at: int) -> SignedReading:
    """A reading of an account's device at a time."""
    imported, exported = (each * (at - TUESDAY * DAY) // HOUR for each in HOURLY[account])
    usual = {"timestamp": at, "grid_frequency": 5000, "voltage": 2300}
    reading = MeterReading(consumption=imported, production=exported, **usual)
    return grid.sign_reading(DEVICES[account], reading)


@pytest.fixture
def community(market: Market, paid: EnergyGrid) -> int:
    """Two homes whose gateway reads them from Tuesday on; Monday is closed."""
    grid, registrar = paid, paid.acting_safe(OWNERS)
    for account, device in DEVICES.items():
        grid.deposit(account, grid.coins("90")).execute()
        grid.register_meter(registrar, device, account, region="home", rated_power=5000).execute()
    number = grid.create_community_with_gateway(SELLER, "home", 5000, GATEWAY.address).execute()
    for account in DEVICES:
        grid.join_community(account, number).execute()
    market.go_to(TUESDAY * DAY + 2 * HOUR)
    grid.submit_readings(BUYER, [signed(grid, each, TUESDAY * DAY) for each in DEVICES]).execute()
    grid.close_days(BUYER, [each.address for each in DEVICES]).execute()
    return number


def anchor(
    market: Market,
    world: World,
    community: int,
    day: int,
    measured: Sequence[Account] = (*DEVICES,),
) -> StoredDay:
    """A day's leaves, from all readings of those who are measured."""
    market.go_to(max(market.now, (day + 1) * DAY + HOUR))
    store = DayStore(world.folder / "days")
    times = range(day * DAY, (day + 1) * DAY + 1, HOUR)
    readings = [signed(world.grid, account, at) for account in measured for at in times]
    stored = world.grid.build_day(store, community, day, readings)[0]
    world.grid.anchor_day(GATEWAY, store, community, day).execute()
    return stored


def test_settle__after_the_challenge__day_by_day_and_nobody_alone(
    market: Market, world: World, community: int
) -> None:
    # The seller is absent on Wednesday.
    for day, measured in ((TUESDAY, (*DEVICES,)), (TUESDAY + 1, (BUYER,))):
        publish(anchor(market, world, community, day, measured), world.folder / "published")
    members = [each.address for each in DEVICES]
    with own(world.grid) as mine:
        service = world.service(mine)
        market.go_to(market.now + CHALLENGE)
        world.run(service)
        found = service.metrics()
        assert world.cursors(members) == {TUESDAY + 2}
        alone = world.grid.settlement.history(events.Settlement_DayClosed)[-1]
        assert (alone.account, alone.day) == (SELLER.address, TUESDAY + 1)
        assert (found["settle_total"], found["due"], found["aside"]) == (2, 0, 0)
        market.go_to(market.now + PATIENCE)
        world.run(service)
    assert world.lines == []


def test_settle__leaves_missing__put_aside_and_the_others_go_on(
    market: Market, world: World, community: int
) -> None:
    homes = open_accounts(market, 3)
    stored = anchor(market, world, community, TUESDAY)
    market.go_to(market.now + CHALLENGE)
    with own(world.grid) as mine:
        service = world.service(mine)
        world.run(service)
        assert world.cursors(homes) == {TUESDAY + 1}
        found = service.metrics()
        assert (found["settle_total"], found["due"], found["aside"]) == (0, 1, 1)
        assert f"settle community {community} on 2024-01-02: " in service.describe()
        # Tried again at twice the distance each time; a new process knows that too.
        for failures in range(1, 5):
            assert len(world.lines) == failures
            assert "holds no day with root" in world.lines[-1]
            market.go_to(market.now + 600 * 2 ** (failures - 1) - 30)
            service = world.service(mine)
            world.run(service)
            assert len(world.lines) == failures
            market.go_to(market.now + 60)
            world.run(service)
        publish(stored, world.folder / "published")
        market.go_to(market.now + DAY)
        world.run(service)
        assert service.metrics()["aside"] == 0
    assert world.cursors([each.address for each in DEVICES]) == {TUESDAY + 1}


def test_read_late__passed_over__closed_alone_and_read_when_nobody_else_does(
    market: Market, world: World, community: int
) -> None:
    # Nobody anchors Tuesday: Wednesday's leaves find it open.
    wednesday = TUESDAY + 1
    publish(anchor(market, world, community, wednesday), world.folder / "published")
    market.go_to(market.now + CHALLENGE)
    with own(world.grid) as mine:
        service = world.service(mine)
        world.run(service)
        assert service.metrics()["settle_total"] == 1
        assert world.cursors([each.address for each in DEVICES]) == {TUESDAY}
        # Leaves of open days would bring no nets.
        market.go_to(market.now + PATIENCE)
        world.run(service)
        # Once Tuesday's deadline is over, both days close alone.
        market.go_to((TUESDAY + 4) * DAY + HOUR)
        world.run(world.service(mine, patience=10 * DAY))
        assert world.lines == []
        world.run(service)
        assert world.cursors([each.address for each in DEVICES]) == {wednesday + 1}
        # Only the holders may skip Tuesday, which nobody has read.
        assert ["CommunityDays: skipped" in line for line in world.lines] == [True] * 2
        readings = [signed(world.grid, BUYER, TUESDAY * DAY + at * HOUR) for at in range(1, 25)]
        world.grid.submit_readings(BUYER, readings).execute()
        market.go_to(market.now + 600)
        world.run(service)
        found = service.metrics()
        assert (found["read_total"], found["due"], found["aside"]) == (1, 1, 1)
        assert len(world.lines) == 3
    (read,) = world.grid.community_days.history(events.CommunityDays_LeafRead)
    assert read.number == world.grid.settlement.number_of(BUYER.address)


def test_read_late__the_members_have_done_it__nothing_is_left(
    market: Market, world: World, community: int
) -> None:
    publish(anchor(market, world, community, TUESDAY + 1), world.folder / "published")
    market.go_to(market.now + CHALLENGE)
    with own(world.grid) as mine:
        service = world.service(mine, patience=10 * DAY)
        world.run(service)
        market.go_to((TUESDAY + 4) * DAY + HOUR)
        world.run(service)
        for account in DEVICES:
            readings = [
                signed(world.grid, account, TUESDAY * DAY + at * HOUR) for at in range(1, 49)
            ]
            world.grid.submit_readings(account, readings).execute()
        market.go_to(market.now + 9 * DAY)
        world.run(service)
        assert (service.metrics()["read_total"], service.metrics()["aside"]) == (0, 0)
    assert world.lines == []


# Death, rivals, budgets


def test_killed_at_any_moment__ends_as_if_it_had_lived(
    market: Market, world: World, community: int, seeds: Seeds
) -> None:
    (seed,) = seeds(1)
    print(f"repeat with --hypothesis-seed={seed}")
    homes = open_accounts(market, 4)
    publish(anchor(market, world, community, TUESDAY), world.folder / "published")
    market.go_to(market.now + CHALLENGE)
    world.index()

    def live() -> tuple[Any, ...]:
        with own(world.grid) as mine:
            world.run(world.service(mine))
        everybody = [*homes, *(each.address for each in DEVICES)]
        balances = world.grid.settlement.call_many("accountOf", zip(everybody))
        return world.cursors(everybody), balances, world.sent()

    start = market.node.snapshot()
    alive = live()
    moment, times = random.Random(seed).randrange(1, 9), 0
    while True:
        start = set_back(market, world, start)
        with own(world.grid) as mine:
            service = world.service(mine)
            try:
                with dying(world.database, mine.node, moment):
                    service.step()
            except KilledError:
                times += 1
            else:
                break
        assert live() == alive, f"killed at {moment}"
        moment += 7
    assert times > 5


def set_back(market: Market, world: World, snapshot: str) -> str:
    """Everything is as it was: the chain, and a store that knows nothing else. A new snapshot."""
    market.node.revert(snapshot)
    forget(world.database)
    DatabaseJournal(world.database, "settlement", lambda: 0).forget()
    world.index()
    return market.node.snapshot()


def test_two_at_once__own_accounts__the_loser_pays_nothing(market: Market, world: World) -> None:
    homes = open_accounts(market, 10)
    market.go_to((TUESDAY + 1) * DAY + 2 * HOUR)
    world.index()
    with own(world.grid) as mine, own(world.grid) as others:
        first, second = world.service(mine), world.service(others, RIVAL)
        # The second one does all between the first one's estimate and its signing.
        before("eth_feeHistory", mine, lambda: world.run(second))
        with pytest.raises(OtherLeaderError):
            first.step()
        assert first.metrics()["aside"] == second.metrics()["aside"] == 0
        assert first.metrics()["close_total"] == 0
    assert world.cursors(homes) == {TUESDAY + 1}
    assert (world.sent(RIVAL), world.sent()) == (1, 0)
    closed = world.grid.settlement.history(events.Settlement_DayClosed)
    assert len({(each.account, each.day) for each in closed}) == len(closed)


def test_two_at_once__the_same_account__one_transaction(market: Market, world: World) -> None:
    homes = open_accounts(market, 10)
    market.go_to((TUESDAY + 1) * DAY + 2 * HOUR)
    world.index()
    with own(world.grid) as mine, own(world.grid) as others:
        first, second = world.service(mine), world.service(others)
        # The first one has signed, and the second one sends it.
        before("eth_sendRaw", mine, lambda: world.run(second))
        world.run(first)
        assert (first.metrics()["close_total"], second.metrics()["close_total"]) == (10, 0)
    assert world.cursors(homes) == {TUESDAY + 1}
    assert world.sent() == 1


def before(method: str, market: EnergyGrid, act: Callable[[], object]) -> None:
    """Have something done once, right before a node is asked something."""
    batch = market.node.rpc_batch

    def acting(calls: Any) -> list[Any]:
        if calls[0][0].startswith(method):
            market.node.rpc_batch = batch  # type: ignore[method-assign]
            act()
        return batch(calls)

    market.node.rpc_batch = acting  # type: ignore[method-assign]


def test_budget__is_never_exceeded__said_and_gone_on_with_the_next_day(
    market: Market, world: World
) -> None:
    homes = open_accounts(market, 130)
    # Whoever has a meter comes first, also the last one by address.
    name = next(f"home {at}" for at in count() if actor(f"home {at}").address > "0xFC")
    first = metered(market, **{name: (10**7, [(1_000, 0)])})
    market.go_to((TUESDAY + 1) * DAY + 2 * HOUR)
    with own(world.grid) as mine:
        whole = market.node.snapshot()
        world.run(world.service(mine))
        needed = int(DatabaseJournal(world.database, "settlement", lambda: 0).gas_since(0))
        set_back(market, world, whole)
        limit = needed * 4 // 5
        service = world.service(mine, gas_per_day=limit)
        world.run(service)
        assert limit * 0.4 < service.metrics()["gas_today"] <= limit
        assert service.metrics()["gas_per_day"] == limit
        *_, line = said = [*world.lines]
        assert len({*said}) == len(said)
        assert "the gas of today is spent" in line
        assert world.cursors(first) == {TUESDAY + 1}
        # A new process spends no more, and says it again.
        service = world.service(mine, gas_per_day=limit)
        world.run(service)
        assert len(world.lines) > len(said)
        assert world.lines[-1] == line
        sent, backlog = world.sent(), service.metrics()["due"]
        assert backlog > 0
        market.go_to((TUESDAY + 2) * DAY + 60)
        world.run(service)
        assert service.metrics()["due"] == 0
        assert world.sent() > sent
    assert world.cursors(homes) == {TUESDAY + 1}


def test_budget__call_above_it__is_divided__alone_put_aside(market: Market, world: World) -> None:
    homes = open_accounts(market, 8)
    market.go_to((TUESDAY + 1) * DAY + 2 * HOUR)
    with own(world.grid) as mine:
        world.run(world.service(mine, gas_per_day=60_000))
        assert world.sent() == 0
        assert len(world.lines) == 8
        assert "more than a call or a day may have" in world.lines[0]
        market.go_to(market.now + DAY)
        service = world.service(mine, gas_per_day=400_000)
        world.run(service)
        assert service.metrics()["aside"] > 0
    assert world.cursors(homes)


def test_budget__four_fifths__is_a_warning(market: Market, world: World) -> None:
    open_accounts(market, 130)
    market.go_to((TUESDAY + 1) * DAY + 2 * HOUR)
    with own(world.grid) as mine:
        whole = market.node.snapshot()
        service = world.service(mine)
        world.run(service)
        needed = service.metrics()["gas_today"]
        set_back(market, world, whole)
        world.run(world.service(mine, gas_per_day=int(needed * 1.24)))
    (line,) = world.lines
    assert line.endswith(f"{needed} of {int(needed * 1.24)} gas of today are spent")


# Money of the grid account


def test_serve__the_grid_account_has_money_again__pays_the_queue(
    market: Market, world: World
) -> None:
    sunny = {f"producer {each}": (1, [(0, 5_000)] * 3) for each in range(14)}
    metered(market, **sunny)
    market.go_to((TUESDAY + 1) * DAY + 2 * HOUR)
    settlement = world.grid.settlement
    with own(world.grid) as mine:
        service = world.service(mine)
        world.run(service)
        grid = settlement.grid_account()
        assert (grid.cash, grid.entries, service.metrics()["serve_total"]) == (0, 14, 0)
        # A little does not pay one of them whole, and comes with other calls.
        supplier = actor("supplier")
        market.give_money(supplier, 2 * grid.owed // 1000)
        market.do(supplier, market.settlement, "fundGrid", 2 * grid.owed // 1000)
        assert settlement.grid_account().entries > 0
        world.run(service)
        assert settlement.grid_account().entries == 0
        assert service.metrics()["serve_total"] == 1
        sent = world.sent()
        assert service.step() > 0
        assert world.sent() == sent


def test_collect__off_by_default__pays_the_fees_to_whom_it_is_told(
    market: Market, world: World
) -> None:
    later, treasury = TUESDAY + 20, actor("treasury").address
    admin, authority = market.roles[Role.ADMIN], market.roles[Role.GRID_AUTHORITY]
    buy, feed_in, network, _, *rest = market.tariffs.call("tariffOf", HOME, TUESDAY)
    tariff = (buy, feed_in, network, 10_000, *rest)
    market.do(authority, market.tariffs, "setTariff", HOME, tariff, later)
    market.do(admin, market.access, "grantRole", Role.TREASURY, KEEPER.address, 0)
    market.go_to(later * DAY + HOUR)
    for trader in ("seller", "buyer"):
        market.deposit(actor(trader), 50 * 10**6)
    noon, price = later * DAY + 12 * HOUR, buy - network
    orders = [
        place(actor(name), 10_000, price, start=noon)
        for name, place in (("buyer", market.buy), ("seller", market.sell))
    ]
    market.match(*orders)
    market.go_to((later + 1) * DAY + 2 * HOUR)
    fees = 10 * 10_000
    with own(world.grid) as mine:
        world.run(world.service(mine))
        assert world.grid.settlement.grid_account().protocol_fees == fees * 1000
        options: dict[str, Any] = {"collect_to": treasury, "collect_from": fees + 1}
        world.run(world.service(mine, **options))
        assert world.grid.money.balance_of(treasury) == 0
        service = world.service(mine, **options | {"collect_from": fees})
        world.run(service)
        assert service.metrics()["collect_total"] == 1
    assert world.grid.money.balance_of(treasury) == fees
    assert world.lines == []
