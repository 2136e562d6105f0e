"""Every bench works at tiny sizes; speed is never tested. The gas on the page is exact."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from energy_grid.chain.rpc.anvil import Anvil
from tests.bench import run
from tests.bench.analytics import measure_city, measure_year
from tests.bench.analytics import page as year_page
from tests.bench.clearing import measure_clearing
from tests.bench.gateway_days import measure_gateway_days
from tests.bench.indexing import measure_indexing
from tests.bench.metering import measure_metering
from tests.bench.page import gas_section, growth, page
from tests.bench.pages import measure_paints
from tests.bench.readings import measure_signed_readings
from tests.bench.results import Results, this_machine
from tests.bench.sending import measure_sending
from tests.bench.simulating import measure_simulation
from tests.bench.simulating import page as simulation_page
from tests.bench.startup import measure_startup
from tests.bench.store import measure_store, saved
from tests.bench.store import page as store_page
from tests.bench.trades import measure_trades
from tests.bench.web import measure_reads, measure_stream
from tests.bench.web3_choice import measure_decoding, measure_imports, measure_requests
from tests.support.artifacts import ROOT
from tests.support.market import Market

pytestmark = pytest.mark.anvil

_PAGE = ROOT / "docs" / "bench.md"
_SECTION = re.compile(r"^## Gas$.*?(?=^## )", re.MULTILINE | re.DOTALL)


@pytest.fixture
def figures(snapshots: Path) -> tuple[dict[str, int], dict[str, int]]:
    """The committed gas, ours and of the minimal contracts."""
    gas, floors = (
        json.loads((snapshots / f"{name}.json").read_text()) for name in ("gas", "floors")
    )
    return gas, floors


def test_store__tiny_sizes__everything_is_measured_and_shown() -> None:
    found = measure_store(quick=True)
    assert all(min(each["size"], each["rate"]) > 0 for each in found["kinds"])
    assert all(each["rows"] and each["plan"] for each in found["reads"]["found"])
    assert found["engine"]["orders"] == 48
    assert "With 48 open orders" in store_page(found)


def test_year__tiny_sizes__everything_is_measured_and_shown() -> None:
    found = measure_year(households=10, days=3, seconds_each=0.2)
    assert {each.database for each in found.rows} == {*found.summing} == {"sqlite", "postgresql"}
    assert all(min(each.p50, each.core) > 0 for each in found.rows)
    city = measure_city(households=200, days=2)
    assert all(city.seconds.values())
    text = year_page(found, city, this_machine())
    assert "200 households have closed 2 days" in text
    assert "10 households have closed 3 days" in text
    assert text.count("\n| the page") == 2


def test_simulation__two_weeks__everything_is_measured_and_shown() -> None:
    rows = measure_simulation(weeks=2, turns=1)
    assert [row.slots for row in rows] == [2 * 7 * 96] * 3
    assert all(row.simulated > row.alone > 0 for row in rows)
    assert "| with a battery each | 92 | 1,344 |" in simulation_page(rows, this_machine())


def test_store_page__committed_figures__is_up_to_date() -> None:
    assert (ROOT / "docs" / "store.md").read_text() == store_page(saved())


def test_benches__tiny_sizes__everything_is_measured_and_shown(
    market: Market,
    figures: tuple[dict[str, int], dict[str, int]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trades = measure_trades(market, run.QUICK_TRADES)
    assert [row.trades for row in trades] == [2, 8]
    assert all(row.per_second > 0 for row in trades)
    readings = measure_signed_readings(market, meters=2, rounds=2, recoveries=2)
    assert readings.readings == 4
    assert min(readings.signed, readings.verified, readings.recorded) > 0
    gateway_days = measure_gateway_days(turns=1)
    assert [row.slots for row in gateway_days] == [24, 96]
    assert all(row.build > 0 < row.root for row in gateway_days)
    indexing = measure_indexing(count=10, turns=1)
    assert [row.database for row in indexing] == ["sqlite", "postgresql"]
    assert all(min(row.stored, row.read) > 0 and row.events > 100 for row in indexing)
    clearing = measure_clearing(run.QUICK_SIZES, turns=1)
    assert [row.orders for row in clearing] == list(run.QUICK_SIZES)
    sending = measure_sending(count=4, turns=1)
    assert [row.mining for row in sending] == ["by hand", "every 0.25 s"]
    metering = measure_metering(devices=5, slots=2)
    assert all(min(row.stored, row.delivered) > 0 for row in metering)
    reads = measure_reads(households=4, periods=1, rounds=1, seconds=0.2)
    assert [row.name for row in reads] == ["market", "book", "trades", "prices", "all in turn"]
    assert all(min(row.most, row.p99, row.bare_p99) > 0 for row in reads)
    # Not a tiny size: so many have to be told everything once, however slow the machine is.
    stream = measure_stream(listeners=1_000, events=3, pause=0.05)
    assert (stream.listeners, stream.lost, stream.doubled) == (1_000, 0, 0)
    paints = measure_paints(rounds=1)
    assert all(min(row.seconds, row.program_bytes) > 0 for row in paints)
    startup = measure_startup(turns=1)
    assert all(min(row.seconds, row.bare) > 0 for row in startup)

    results = Results(
        machine=this_machine(),
        gas=figures[0],
        floors=figures[1],
        clearing=clearing,
        trades=trades,
        sending=sending,
        signed_readings=readings,
        gateway_days=gateway_days,
        indexing=indexing,
        startup=startup,
        metering=metering,
        reads=reads,
        stream=stream,
        paints=paints,
    )
    text = page(results)
    assert gas_section(*figures) in text
    assert results.machine.day in text
    assert f"| {startup[0].name} | {startup[0].seconds:.2f} |" in text
    assert f"| {trades[1].batches_of} | {trades[1].keepers} | {trades[1].trades} |" in text
    monkeypatch.setattr(run, "measure", lambda *, quick: results if quick else None)
    run.main(["--quick", "--folder", str(tmp_path)])
    assert (tmp_path / "bench.md").read_text() == text
    assert (tmp_path / "bench.png").read_bytes().startswith(b"\x89PNG")


def test_bench_page__gas__is_the_committed_one(
    figures: tuple[dict[str, int], dict[str, int]], pytestconfig: pytest.Config
) -> None:
    text = _PAGE.read_text()
    expected = _SECTION.sub(lambda _: gas_section(*figures) + "\n", text)
    if pytestconfig.getoption("--update-snapshots"):
        _PAGE.write_text(expected)
        text = expected
    assert len(_SECTION.findall(text)) == 1
    assert text == expected


def test_web3_choice__tiny_sizes__everything_is_measured() -> None:
    assert min(measure_imports(processes=1).values()) > 0
    with Anvil() as node:
        assert min(measure_requests(node, requests=5).values()) > 0
        assert min(measure_decoding(node, logs=10).values()) > 0


@pytest.mark.parametrize(("costs", "exponent"), [((1, 2, 20), 1.0), ((5, 3, 300), 2.0)])
def test_growth__two_largest_sizes__exponent(costs: tuple[float, ...], exponent: float) -> None:
    assert growth((1, 10, 100), costs) == pytest.approx(exponent)
