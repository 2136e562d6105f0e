"""What becomes of a service that waits, fails, or is stopped."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from math import inf
from pathlib import Path

import pytest

from energy_grid.backend.store.database import Database, DatabaseGoneError
from energy_grid.errors import EnergyGridError, InputError, NodeUnreachableError
from energy_grid.serve.leader import Leader
from energy_grid.serve.lines import Lines, secrets_of
from energy_grid.serve.runner import Runner
from energy_grid.serve.settings import Settings, load_settings, written
from tests.support.services import Steps


def fails(error: Exception) -> Callable[[], float]:
    def step() -> float:
        raise error

    return step


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path}/store.db")
    yield opened
    opened.close()


def test_run__of_a_service_that_must_wait__goes_on(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[str] = []

    def end() -> float:
        runner.stop()
        return 0.0

    service = Steps(
        fails(NodeUnreachableError("no node answers")),
        fails(NodeUnreachableError("no node answers")),
        fails(DatabaseGoneError("the disk is full")),
        fails(OSError(28, "No space left on device")),
        lambda: 0.25,
        end,
    )
    runner = Runner({"steps": lambda: service}, database, lines.append)
    monkeypatch.setattr("energy_grid.serve.runner._LONGEST_SECONDS", 0.002)
    runner.run()
    assert lines == [
        "steps: waiting, no node answers",
        "steps: waiting, the disk is full",
        "steps: waiting, [Errno 28] No space left on device",
        "steps: running",
    ]
    assert runner.running[0].steps == 2


def test_run__whose_node_and_database_do_not_answer_yet__waits_for_them(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[str] = []

    def end() -> float:
        runner.stop()
        return 0.0

    prepared = iter((fails(DatabaseGoneError("no database answers")), lambda: 0.0))
    made = iter((fails(NodeUnreachableError("no node answers")), lambda: Steps(end)))
    runner = Runner(
        {"steps": lambda: next(made)()},  # type: ignore[return-value]
        database,
        lines.append,
        prepare=lambda: next(prepared)(),
    )
    monkeypatch.setattr("energy_grid.serve.runner._LONGEST_SECONDS", 0.002)
    runner.run()
    assert lines == [
        "steps: waiting, no database answers",
        "steps: waiting, no node answers",
        "steps: running",
    ]


def test_run__of_a_service_that_fails__stops_all_others(database: Database) -> None:
    lines: list[str] = []
    makers = {
        "endless": lambda: Steps(*[lambda: 60.0] * 2),
        "steps": lambda: Steps(fails(EnergyGridError("the chain changed"))),
    }
    runner = Runner(makers, database, lines.append)
    with pytest.raises(EnergyGridError, match="the chain changed"):
        runner.run()
    assert "steps: failed, the chain changed" in lines
    assert runner.running[1].describe() == "steps: failed, the chain changed"


def test_run__of_a_role_that_another_leads__stands_by(database: Database) -> None:
    lines: list[str] = []
    other = Leader(database, "steps")
    assert other.leads()
    runner = Runner({"steps": Steps}, database, lines.append)
    thread = threading.Thread(target=runner.run)
    thread.start()
    while not lines:
        thread.join(0.01)
    runner.stop()
    thread.join()
    assert lines == ["steps: standby"]
    other.close()
    mine = Leader(database, "steps")
    assert mine.leads()
    mine.close()


def test_run__without_the_chain_for_long__lets_another_lead(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("energy_grid.serve.runner._LONGEST_SECONDS", 0.01)
    monkeypatch.setattr("energy_grid.serve.runner._PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr("energy_grid.serve.runner._STANDBY_SECONDS", 0.01)
    lines: list[str] = []
    gone = fails(NodeUnreachableError("no node answers"))
    runner = Runner({"steps": lambda: Steps(*[gone] * 1000)}, database, lines.append)
    thread = threading.Thread(target=runner.run)
    thread.start()
    while not lines:
        thread.join(0.001)
    other = Leader(database, "steps")
    while not other.leads():
        thread.join(0.001)
    while lines[-1] != "steps: standby":
        thread.join(0.001)
    runner.stop()
    thread.join()
    other.close()
    assert lines[0] == "steps: waiting, no node answers"


def test_lines__nobody_reads__says_so_once(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    told: list[str] = []
    with os.fdopen(writer, "w") as stream:
        monkeypatch.setattr("sys.stdout", stream)
        lines = Lines(as_json=False, hidden=(), on_closed=lambda: told.append("closed"))
        lines("a")
        lines("b")
    assert told == ["closed"]


def test_lines__hide_what_is_secret(capsys: pytest.CaptureFixture[str]) -> None:
    hidden = secrets_of(
        "postgresql://me:p%40ss@host/name", "https://node.example/v2/abcdef?key=12345"
    )
    Lines(as_json=False, hidden=hidden)("p@ss p%40ss v2/abcdef key=12345 me")
    Lines(as_json=True, hidden=hidden)("p@ss")
    plain, as_json = capsys.readouterr().out.splitlines()
    assert plain.split(" ", 1)[1] == "*** *** *** *** me"
    assert json.loads(as_json)["message"] == "***"


def test_settings__options_before_environment_before_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "serve.toml"
    file.write_text('host = "file"\nport = 1\nspeed = 2.5\n')
    monkeypatch.setenv("ENERGY_GRID_PORT", "2")
    monkeypatch.setenv("ENERGY_GRID_FINALITY", "3")
    found = load_settings(file, {"finality": 4})
    assert (found.host, found.port, found.finality, found.speed) == ("file", 2, 4, 2.5)
    assert load_settings(None, {"speed": "max"}).speed == inf
    assert found.store == "sqlite:///energy-grid-data/store.db"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("hosts = 1", "the configuration's hosts: extra inputs are not permitted"),
        ("port = 70000", "the configuration's port: input should be less than or equal to 65535"),
        ("port", "is no TOML"),
        ("speed = 0", "the configuration's speed: input should be greater than 0"),
        ('speed = "fast"', "the configuration's speed: input should be a valid number"),
    ],
)
def test_settings__what_does_not_fit__is_said(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "serve.toml"
    file.write_text(content)
    with pytest.raises(InputError, match=message):
        load_settings(file, {})


def test_default_file__is_the_default(tmp_path: Path) -> None:
    file = tmp_path / "serve.toml"
    lines = written(None, {}).splitlines()
    names = tuple(f"# {name} = " for name in Settings.model_fields)
    settings = [each.removeprefix("# ") for each in lines if each.startswith(names)]
    assert len(settings) == len(names)
    file.write_text("\n".join(each for each in settings if not each.startswith("deployment")))
    assert load_settings(file, {}) == load_settings(None, {})


def test_written__of_a_file_and_options__says_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, other = tmp_path / "serve.toml", tmp_path / "other.toml"
    file.write_text(
        """
        folder = 'C:\\data "of" ü'
        speed = "max"
        roles = ["indexer", "engine"]
        [[reporters]]
        reports = "price"
        account = "env:PRICE"
        every = 60
        """
    )
    given = {"port": 9000, "deployment": Path("some.json")}
    expected = load_settings(file, given)
    monkeypatch.setenv("ENERGY_GRID_DATABASE", "postgresql://me:secret@host/name")
    other.write_text(written(file, given))
    assert "me:secret" not in other.read_text()
    monkeypatch.delenv("ENERGY_GRID_DATABASE")
    assert load_settings(other, {}) == expected
    for bad, why in ((tmp_path / "none", "No such file"), (tmp_path, "Is a directory")):
        with pytest.raises(InputError, match=f"cannot read the configuration {bad}: {why}"):
            written(bad, {})


def test_settings__list_in_the_environment_that_is_no_json__says_how(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ENERGY_GRID_ROLES", "indexer")
    with pytest.raises(InputError, match=r"ENERGY_GRID_ROLES is no JSON: .*'\[\"indexer\"\]'"):
        load_settings(None, {})
