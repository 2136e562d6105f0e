"""The clock of a local chain waits until every role has looked at its newest block."""

from __future__ import annotations

import threading
import time

from energy_grid.backend.pace import Pace
from energy_grid.backend.store.database import Database
from energy_grid.serve.runner import Runner
from tests.support.market import Market
from tests.support.services import Steps


def test_is_quiet__only_when_all_have_looked_at_the_newest_block(
    database: Database, market: Market
) -> None:
    node = market.node
    pace = Pace(database, node, ["one", "other"])
    head = pace.head()
    assert not pace.is_quiet()
    pace.rest("one", head)
    assert not pace.is_quiet()
    pace.rest("other", head)
    pace.rest("nobody", head)
    assert pace.is_quiet()
    node.mine()
    assert not pace.is_quiet()
    for role in ("one", "other"):
        pace.rest(role, head + 1)
    assert pace.is_quiet()


def test_wait__ends_with_a_block_or_a_stop_or_the_seconds(
    database: Database, market: Market
) -> None:
    pace, stop = Pace(database, market.node), threading.Event()
    began, head = time.monotonic(), pace.head()
    pace.wait(stop, head - 1, 600)
    pace.wait(stop, head, 0.01)
    stop.set()
    pace.wait(stop, head, 600)
    assert time.monotonic() - began < 60


def test_runner__notes_a_rest_only_after_a_step_that_left_nothing(
    database: Database, market: Market
) -> None:
    node = market.node
    pace = Pace(database, node, ["steps"])
    seen = []

    def works() -> float:
        seen.append(pace.is_quiet())
        return 0.0

    def mines() -> float:
        seen.append(pace.is_quiet())
        node.mine()
        return 600.0

    def rests() -> float:
        seen.append(pace.is_quiet())
        runner.stop()
        return 600.0

    service = Steps(works, mines, rests)
    runner = Runner({"steps": lambda: service}, database, lambda _: None, pace=pace)
    runner.run()
    # The second one has looked at the block before the one that it brought.
    assert seen == [False, False, False]
    assert pace.is_quiet()
