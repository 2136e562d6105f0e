"""All benches in one run, and the page and picture of what they found.

python -m tests.bench.run           # what `make bench` does: docs/bench.md and docs/bench.png
python -m tests.bench.run --quick --folder DIR   # tiny sizes, to see that it works
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from tests.bench.chain import bench_market
from tests.bench.clearing import SIZES, measure_clearing
from tests.bench.floors import measure_floors
from tests.bench.gateway_days import measure_gateway_days
from tests.bench.indexing import measure_indexing
from tests.bench.metering import measure_metering
from tests.bench.page import page
from tests.bench.pages import measure_paints
from tests.bench.plot import draw
from tests.bench.readings import measure_signed_readings
from tests.bench.results import Results, this_machine
from tests.bench.sending import measure_sending
from tests.bench.startup import measure_startup
from tests.bench.trades import TRADES, Sizes, measure_trades
from tests.bench.web import measure_reads, measure_stream
from tests.gas.suites import gas_chain, measure_everything
from tests.support.artifacts import ROOT

__all__ = ["main", "measure"]

QUICK_SIZES = (100, 1_000)
QUICK_TRADES = (
    Sizes(pairs=2, batches_of=1, rounds=1, keepers=1),
    Sizes(pairs=4, batches_of=2, rounds=2, keepers=2),
)

Found = TypeVar("Found")


def measure(*, quick: bool = False) -> Results:
    """Everything; gas is the same in both cases, since it knows no small sizes."""
    gas = _step("gas", measure_everything)
    with gas_chain() as chain:
        floors = _step("floors", lambda: measure_floors(chain))
    with bench_market() as market:
        trades = _step("trades", lambda: measure_trades(market, QUICK_TRADES if quick else TRADES))
        amounts = (2, 2, 10) if quick else (200, 10, 5_000)
        readings = _step("readings", lambda: measure_signed_readings(market, *amounts))
    return Results(
        machine=this_machine(),
        gas=gas,
        floors=floors,
        trades=trades,
        signed_readings=readings,
        gateway_days=_step("gateway days", lambda: measure_gateway_days(1 if quick else 20)),
        indexing=_step(
            "indexing", lambda: measure_indexing(20, 1) if quick else measure_indexing()
        ),
        metering=_step("metering", lambda: measure_metering(5, 2) if quick else measure_metering()),
        reads=_step("reads", lambda: measure_reads(4, 1, 1, 0.2) if quick else measure_reads()),
        stream=_step("stream", lambda: measure_stream(5, 2, 0.05) if quick else measure_stream()),
        paints=_step("pages", lambda: measure_paints(1) if quick else measure_paints()),
        clearing=_step(
            "clearing",
            lambda: measure_clearing(QUICK_SIZES, 1) if quick else measure_clearing(SIZES),
        ),
        sending=_step(
            "sending", lambda: measure_sending(20, 1) if quick else measure_sending(turns=1)
        ),
        startup=_step("start-up", lambda: measure_startup(1) if quick else measure_startup()),
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print the page, and write it."""
    parser = argparse.ArgumentParser(description="All benches in one run.")
    parser.add_argument("--quick", action="store_true", help="tiny sizes, to see that it works")
    parser.add_argument("--folder", type=Path, default=ROOT / "docs", help="where to write")
    options = parser.parse_args(arguments)
    results = measure(quick=options.quick)
    text = page(results)
    (options.folder / "bench.md").write_text(text)
    draw(results, options.folder / "bench.png")
    print(text)


def _step(name: str, work: Callable[[], Found]) -> Found:
    start = time.perf_counter()
    found = work()
    print(f"{name}: {time.perf_counter() - start:.0f} s", file=sys.stderr)
    return found


if __name__ == "__main__":
    main()
