"""Fixtures of all tests, and the measure of what they exercised.

`pytest --interface-coverage` fails unless every external function was called and every custom
error raised; `--update-snapshots` writes the committed gas figures anew; `--soak CALLS` lets the
state machines go on for so many calls each, and the search for strategies through 50,000 worlds.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import hypothesis
import pytest

from tests.support.artifacts import BUILD, ROOT
from tests.support.chain import anvil_market, local_market
from tests.support.core.chain import Chain
from tests.support.coverage import InterfaceCoverage
from tests.support.databases import stop_servers
from tests.support.examples import Drive, Seeds, drive, seeds
from tests.support.market import Market

# Examples on a chain take as long as the machine is busy: their time says nothing about the code.
hypothesis.settings.register_profile("market", deadline=None, print_blob=True)
hypothesis.settings.load_profile("market")

_OF_A_TERMINAL = ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE")
_COVERAGE = pytest.StashKey[InterfaceCoverage]()
_SEEN = BUILD / "interface-coverage"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--interface-coverage",
        action="store_true",
        help="fail unless every external function is called and every custom error raised",
    )
    parser.addoption(
        "--update-snapshots", action="store_true", help="write the committed figures anew"
    )
    parser.addoption(
        "--soak", type=int, default=0, metavar="CALLS", help="of each state machine, at least"
    )


def pytest_configure(config: pytest.Config) -> None:
    _forget_the_shell()
    config.stash[_COVERAGE] = Chain.coverage = InterfaceCoverage()
    if not hasattr(config, "workerinput"):
        for path in _SEEN.glob("*.json"):
            path.unlink()


def _forget_the_shell() -> None:
    """Tests, and the processes that they start, do not depend on how the run was started."""
    # Below nohup, or in the background of a script, SIGINT is ignored, which tests send.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in [*os.environ]:
        if name in _OF_A_TERMINAL or name.startswith("ENERGY_GRID_"):
            del os.environ[name]
    # readline, which pytest imports, exports some of them without os.environ.
    for name in _OF_A_TERMINAL:
        os.unsetenv(name)
    os.environ["TERM"] = "xterm-256color"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--soak"):
        items[:] = [
            item
            for item in items
            if {"drive", "scale", "seeds"} & {*getattr(item, "fixturenames", ())}
        ]


def pytest_sessionfinish(session: pytest.Session) -> None:
    stop_servers()
    config = session.config
    coverage = config.stash[_COVERAGE]
    if hasattr(config, "workerinput"):
        coverage.save(_SEEN / f"{config.workerinput['workerid']}.json")
    elif config.getoption("--interface-coverage"):
        coverage.merge(_SEEN.glob("*.json"))
        missing = coverage.missing()
        for line in missing:
            print(f"\nnot covered: {line}", end="")
        print(f"\n{len(missing)} functions and errors of the contracts are not covered")
        if missing and session.exitstatus == 0:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def coverage(pytestconfig: pytest.Config) -> InterfaceCoverage:
    """Collects what this process exercises."""
    return pytestconfig.stash[_COVERAGE]


@pytest.fixture(scope="session")
def hourly_market(coverage: InterfaceCoverage) -> Iterator[Market]:
    with local_market(coverage) as market:
        yield market


@pytest.fixture(scope="session")
def hourly_anvil(coverage: InterfaceCoverage) -> Iterator[Market]:
    with anvil_market(coverage) as market:
        yield market


@pytest.fixture(scope="session")
def quarter_market(coverage: InterfaceCoverage) -> Iterator[Market]:
    with local_market(coverage, slot_length=900) as market:
        yield market


@pytest.fixture
def market(request: pytest.FixtureRequest) -> Iterator[Market]:
    """A freshly deployed market of hourly slots, on Monday at 00:00:00 UTC.

    In this process, but for tests with the marker `anvil`.
    """
    on_anvil = request.node.get_closest_marker("anvil") is not None
    yield from _restored(request.getfixturevalue("hourly_anvil" if on_anvil else "hourly_market"))


@pytest.fixture
def quarter_hours(quarter_market: Market) -> Iterator[Market]:
    """As `market` in this process, with slots of a quarter of an hour."""
    yield from _restored(quarter_market)


def _restored(market: Market) -> Iterator[Market]:
    before = market.node.snapshot()
    funded = set(market._funded)
    yield market
    market.node.revert(before)
    market._funded.clear()
    market._funded.update(funded)


@pytest.fixture(name="drive", scope="session")
def driver(pytestconfig: pytest.Config) -> Drive:
    """Runs a state machine at a market."""
    return partial(
        drive, first_seed=_first_seed(pytestconfig), calls=pytestconfig.getoption("--soak")
    )


@pytest.fixture(name="seeds", scope="session")
def seed_range(pytestconfig: pytest.Config) -> Seeds:
    """Seeds of a search."""
    soak = pytestconfig.getoption("--soak") > 0
    return partial(seeds, first_seed=_first_seed(pytestconfig), soak=soak)


def _first_seed(pytestconfig: pytest.Config) -> int | None:
    seed = pytestconfig.getoption("--hypothesis-seed")
    return None if seed is None else int(seed)


@pytest.fixture(scope="session")
def snapshots() -> Path:
    """Where committed figures are."""
    return ROOT / "tests" / "gas" / "snapshots"
