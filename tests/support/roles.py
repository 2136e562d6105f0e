"""Roles of the backend in processes of their own, which are ended at any moment.

They live on one local chain, whose clock waits for all of them. What is to be the same whether
they were ended or not, is in `Outcome`.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from math import inf
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import func, inspect, select

from energy_grid.backend.indexer.indexer import Indexer
from energy_grid.backend.neighbourhood.chain import LivingChain, living_chain
from energy_grid.backend.neighbourhood.village import Village
from energy_grid.backend.pace import Pace
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.details import CLOSED_DAYS
from energy_grid.backend.store.events import table_of
from energy_grid.backend.store.orders import CLEARINGS, SIGNED_ORDERS
from energy_grid.backend.trading_engine.states import ClearingState
from energy_grid.chain.rpc.node import DevNode
from energy_grid.client import EnergyGrid
from energy_grid.contracts.energy_trading import TransactionRecord
from energy_grid.domain.orders import OrderType
from energy_grid.domain.periods import DAY_SECONDS, Period, PeriodKind
from energy_grid.market.batch_audit import BatchAudit
from energy_grid.market.day_audit import DayAudit
from energy_grid.serve import runner
from energy_grid.serve.roles import Context, makers_of
from energy_grid.serve.settings import Settings
from tests.support.forks import Fork

__all__ = ["FIRST_DAY", "ROLES", "Outcome", "Town", "main"]

# A Monday.
FIRST_DAY = 19_723
ROLES = ("neighbourhood", "indexer", "engine", "settlement", "meters")
# Of which the clock waits: a role can have several services.
_SERVICES = (*ROLES, "meter_days")
_MINUTES = 20
_AFTER_LAST = 12 * 3600


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of some days.

    Attributes:
        days: what flowed and was paid, of each account and day that is closed.
        balances: of each account, and the grid's.
        trades: as the chain has them, without their numbers.
        failed: transactions that reverted.
    """

    days: Sequence[tuple[Any, ...]]
    balances: Sequence[Any]
    trades: Sequence[TransactionRecord]
    failed: Sequence[str]


@dataclass(frozen=True, slots=True)
class Town:
    """A chain with households on which roles are run.

    Args:
        days: so many are lived.
    """

    chain: LivingChain
    folder: Path
    households: int
    days: int

    @classmethod
    @contextmanager
    def open(cls, folder: Path, households: int, days: int) -> Iterator[Town]:
        with living_chain(folder / "chain", FIRST_DAY, lambda _: None, households) as chain:
            yield cls(chain, folder, households, days)

    def start(
        self, roles: Sequence[str], doubled: Sequence[str] = (), *, leads: bool = False
    ) -> Fork:
        """These roles in a process.

        Args:
            doubled: roles of which the clock waits for another process, too.
            leads: whether this is the other process, which leads whoever else does.
        """
        given = {
            "url": self.chain.node.url,
            "file": str(self.chain.file),
            "community": self.chain.community,
            "households": self.households,
            "folder": str(self.folder),
            "days": self.days,
            "roles": [*roles],
            "doubled": [*doubled],
            "leads": leads,
        }
        return Fork(["roles", json.dumps(given)], {}, self.folder, merged=True)

    def live(self, killed: Sequence[str], kills: int, random: Random, longest: float) -> None:
        """Let the days pass, while some of the roles are ended so often.

        Args:
            longest: seconds that one of their lives lasts at the most.
        """
        others = [role for role in ROLES if role not in killed]
        with ExitStack() as ends:
            processes = [self.start(others)] if others else []
            for each in processes:
                ends.callback(each.end)
            done = 0
            while done < kills and not self.is_over():
                victim = self.start(killed)
                until = time.monotonic() + random.uniform(0, longest)
                while time.monotonic() < until and not self.is_over():
                    assert victim.is_running, victim.printed("stdout")
                    time.sleep(0.01)
                victim.end()
                done += 1
            print(f"{', '.join(killed)}: ended {done} times")
            if killed:
                processes.append(self.start(killed))
                ends.callback(processes[-1].end)
            self._wait(processes)

    def live_audited(self) -> tuple[list[BatchAudit], list[DayAudit]]:
        """Let the days pass untouched; audits each batch and each day while the node still has the
        states of its time."""
        market = EnergyGrid.connect(self.chain.node.url, self.chain.file)
        batches: dict[str, BatchAudit] = {}
        days: dict[int, DayAudit] = {}
        settled = table_of("CommunityDays", "DaySettled")

        def look() -> None:
            with closing(Database(self._database)) as database, database.reading() as connection:
                # The roles have just begun.
                if not inspect(connection).has_table(CLEARINGS.name):
                    return
                done = select(CLEARINGS.c.root).where(CLEARINGS.c.state == ClearingState.DONE)
                roots = connection.scalars(done).all()
                ended = connection.scalars(select(settled.c.day)).all()
            for day in ended:
                if day not in days:
                    days[day] = market.audit_day(self.chain.community, day)
            for root in roots:
                if root not in batches:
                    file = self.folder / "published" / "orders" / f"{root}.jsonl"
                    batches[root] = market.audit_batch(market.batch_transaction(root), file)

        process = self.start(ROLES)
        try:
            self._wait([process], look)
        finally:
            process.end()
        look()
        return [*batches.values()], [*days.values()]

    def missed(self) -> list[Period]:
        """The periods of which two orders that were taken could still trade."""
        table = SIGNED_ORDERS.c
        with closing(Database(self._database)) as database, database.reading() as connection:
            rows = connection.execute(
                select(
                    table.kind,
                    table.start,
                    table.side,
                    func.max(table.price),
                    func.min(table.price),
                )
                .where(table.filled < table.amount)
                .group_by(table.kind, table.start, table.side)
            ).all()
        limits = {(kind, start, side): (high, low) for kind, start, side, high, low in rows}
        return [
            Period(kind=PeriodKind(kind), start=start)
            for (kind, start, side), (highest, _) in limits.items()
            if side == OrderType.BUY
            and (kind, start, OrderType.SELL) in limits
            and limits[kind, start, OrderType.SELL][1] <= highest
        ]

    def live_double(self, roles: Sequence[str]) -> None:
        """Let the days pass, with another one of some roles that leads as well."""
        with ExitStack() as ends:
            processes = [self.start(ROLES, roles), self.start(roles, leads=True)]
            for each in processes:
                ends.callback(each.end)
            self._wait(processes)
            assert all(f"{role}: running" in processes[1].printed("stdout") for role in roles)

    def _wait(self, processes: Sequence[Fork], look: Callable[[], object] = lambda: None) -> None:
        deadline = time.monotonic() + _MINUTES * 60
        while not self.is_over():
            look()
            for each in processes:
                assert each.is_running, each.printed("stdout")
            assert time.monotonic() < deadline, [each.printed("stdout") for each in processes]
            time.sleep(0.05)

    def is_over(self) -> bool:
        """Whether the days are lived, and nobody has anything to do."""
        end = (FIRST_DAY + self.days) * DAY_SECONDS + _AFTER_LAST
        if self.chain.node.time < end:
            return False
        with closing(Database(self._database)) as database:
            return Pace(database, self.chain.node, _SERVICES).is_quiet()

    @property
    def _database(self) -> str:
        return f"sqlite:///{self.folder / 'store.db'}"

    def outcome(self) -> Outcome:
        """What the chain says, by a store that is filled from it anew."""
        node, market = self.chain.node, EnergyGrid.connect(self.chain.node.url, self.chain.file)
        with closing(Database.open(f"sqlite:///{self.folder / 'fresh.db'}")) as fresh:
            indexer = Indexer(market, fresh, finality=64)
            while not indexer.step():
                pass
            places = ("block", "log_index", "time")
            columns = [each for each in CLOSED_DAYS.c if each.name not in places]
            with fresh.reading() as connection:
                days = connection.execute(select(*columns)).all()
                matched = table_of("EnergyTrading", "OrdersMatched").c.transaction_id
                numbers = connection.scalars(select(matched)).all()
        trades = market.trading.call_many("getTransaction", zip(numbers), kind=TransactionRecord)
        accounts = [each.wallet.address for each in self.chain.village.people]
        balances = [market.settlement.account_of(each) for each in accounts]
        blocks = node.rpc_batch(
            [("eth_getBlockReceipts", [hex(number)]) for number in range(node.block_number + 1)]
        )
        failed = [
            receipt["transactionHash"]
            for receipts in blocks
            for receipt in receipts
            if receipt["status"] != "0x1"
        ]
        return Outcome(
            days=sorted(map(tuple, days)),
            balances=[*balances, market.settlement.grid_account()],
            trades=sorted(trades, key=repr),
            failed=failed,
        )


def main() -> None:
    """In the process of some roles."""
    given = json.loads(sys.argv[1])
    folder, file = Path(given["folder"]), Path(given["file"])
    node = DevNode(given["url"])
    slot = EnergyGrid.connect(node.url, file).settlement.slot_length()
    settings = Settings(
        folder=folder, roles=given["roles"], speed=inf, days=given["days"], finality=64
    )
    with closing(Database.open(settings.store)) as database:
        pace = (_SecondPace if given["leads"] else Pace)(database, node)
        context = Context(
            settings=settings,
            database=database,
            connect=lambda: EnergyGrid.connect(node.url, file),
            log=lambda line: print(line, flush=True),
            chain=LivingChain(
                node=node,
                file=file,
                village=Village(slot, FIRST_DAY, given["households"]),
                community=given["community"],
            ),
            pace=pace,
        )
        makers = makers_of(context)
        if given["leads"]:
            runner.Leader = _Leading  # type: ignore[misc, assignment]
        pace.roles = {*_SERVICES} - {"neighbourhood"} | {_second(each) for each in given["doubled"]}
        runner.Runner(makers, database, print, pace=pace).run()


def _second(role: str) -> str:
    return f"second {role}"


class _SecondPace(Pace):
    """Of a process whose roles another one has, too."""

    def rest(self, role: str, block: int) -> None:
        super().rest(_second(role), block)


class _Leading:
    """Of any role, whoever else leads it."""

    def __init__(self, *_: object) -> None:
        pass

    def leads(self) -> bool:
        return True

    def close(self) -> None:
        pass
