"""``energy-grid forecast``, from files to figures."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from distributed import LocalCluster

from energy_grid.backend.analytics.workers import cores_for, here, workers
from energy_grid.cli.main import main

DAYS = 75
Output = pytest.CaptureFixture[str]


def _history(folder: Path, name: str, size: int) -> Path:
    rows = ["start_utc,load_wh,production_wh"]
    for hour in range(DAYS * 24):
        day, of_day = divmod(hour, 24)
        load = size * (2 if 17 <= of_day < 21 else 1) * (3 if day % 7 > 4 else 2) + hour * 7 % 31
        sun = max(0, 36 - (of_day - 12) ** 2) * (10 + day * 5 % 7)
        month, date = divmod(day, 28)
        rows.append(f"2026-{month + 3:02}-{date + 1:02}T{of_day:02}:00Z,{load},{sun}")
    file = folder / f"{name}.csv"
    file.write_text("\n".join(rows))
    return file


def test_forecast__histories_of_two_households__import_train_show_score(
    tmp_path: Path, capsys: Output
) -> None:
    folder = f"--folder={tmp_path / 'community'}"
    for command in ("show", "train"):
        assert main(["forecast", command, folder]) == 2
        error = capsys.readouterr().err
        assert "has no history: energy-grid forecast import FILE --name NAME --folder" in error
    for name, size in (("small", 100), ("large", 300)):
        assert (
            main(
                ["forecast", "import", f"{_history(tmp_path, name, size)}", "--name", name, folder]
            )
            == 0
        )
        assert "load of 1,920 hours from 2026-03-01T00:00Z" in capsys.readouterr().out
    assert main(["forecast", "import", f"{tmp_path / 'small.csv'}", "--name", "a/b", folder]) == 2
    assert "use letters, digits" in capsys.readouterr().err

    assert main(["forecast", "show", folder]) == 2
    assert "has no model: energy-grid forecast train --folder" in capsys.readouterr().err
    assert main(["forecast", "train", folder]) == 0
    first = capsys.readouterr().out.splitlines()
    assert first[0].endswith("1.json")
    assert [line.partition(":")[0] for line in first[1:]] == ["load", "production", "community"]
    assert main(["forecast", "train", folder]) == 0
    # The same histories give the same versions.
    again = capsys.readouterr().out.splitlines()
    assert again[0].endswith("2.json")
    assert again[1:] == first[1:]

    assert main(["forecast", "show", "small", "--json", folder]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert len(rows) == 2 * 48
    assert all(row["p10_wh"] <= row["p50_wh"] <= row["p90_wh"] for row in rows)
    assert {row["kind"] for row in rows} == {"load", "production"}
    assert main(["forecast", "show", folder]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1 + 48
    assert main(["forecast", "show", "nobody", folder]) == 2
    assert "no household 'nobody'" in capsys.readouterr().err


def test_forecast_train__panels_of_ten_days__says_so_and_trains_the_rest(
    tmp_path: Path, capsys: Output
) -> None:
    folder = f"--folder={tmp_path / 'community'}"
    rows = [row.split(",") for row in _history(tmp_path, "home", 200).read_text().splitlines()]
    parts = {"load": [row[:2] for row in rows], "sun": [row[::2] for row in rows[: 10 * 24 + 1]]}
    for name, part in parts.items():
        file = tmp_path / f"{name}.csv"
        file.write_text("\n".join(",".join(row) for row in part))
        assert main(["forecast", "import", f"{file}", "--name", name, folder]) == 0
    capsys.readouterr()
    assert main(["forecast", "train", folder]) == 0
    _, *lines = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["load", "community", "production"]
    assert lines[-1] == "production: 10 days of history; a model needs 60, so wait or import"


def test_forecast_score__a_held_out_week__of_every_kind(tmp_path: Path, capsys: Output) -> None:
    folder = f"--folder={tmp_path / 'community'}"
    file = _history(tmp_path, "home", 200)
    assert main(["forecast", "import", f"{file}", "--name", "home", folder]) == 0
    capsys.readouterr()
    assert main(["forecast", "score", "--weeks", "1", folder]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 * 3
    assert all("7-day mean" in line for line in lines[::2])
    assert main(["forecast", "score", "--weeks", "4", folder]) == 2
    assert "a model needs 60" in capsys.readouterr().err


def test_forecast__on_a_dask_cluster__is_the_same(tmp_path: Path, capsys: Output) -> None:
    folder = f"--folder={tmp_path / 'community'}"
    file = _history(tmp_path, "home", 200)
    assert main(["forecast", "import", f"{file}", "--name", "home", folder]) == 0
    capsys.readouterr()
    assert main(["forecast", "train", folder]) == 0
    here = capsys.readouterr().out.splitlines()
    assert main(["forecast", "show", "home", folder]) == 0
    shown = capsys.readouterr().out
    with _cluster() as address:
        for command, expected in (
            (["train"], [here[0].replace("1.json", "2.json"), *here[1:]]),
            (["show", "home"], shown.splitlines()),
        ):
            assert main(["forecast", *command, folder, "--scheduler", address]) == 0
            assert capsys.readouterr().out.splitlines() == expected
        assert main(["forecast", "score", "--weeks", "1", folder, "--scheduler", address]) == 0
    assert main(["forecast", "train", folder, "--scheduler", "tcp://127.0.0.1:1"]) == 2
    assert "no Dask scheduler answers at tcp://127.0.0.1:1" in capsys.readouterr().err


def test_workers__of_this_machine__are_sent_what_is_shared() -> None:
    with workers(cores=2) as run:
        assert run(_scaled, [1, 2, 3], by=[10]) == [10, 20, 30]
    with workers() as run:
        assert run is here
    assert (cores_for(1), cores_for(10**6)) == (1, os.cpu_count())


def _scaled(value: int, *, by: list[int]) -> int:
    return value * by[0]


@contextmanager
def _cluster() -> Iterator[str]:
    """The address of a cluster in this process."""
    with LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, protocol="tcp", dashboard_address=None
    ) as cluster:
        yield cluster.scheduler_address
