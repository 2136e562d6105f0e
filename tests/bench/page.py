"""The page that shows what a run of the benches has found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import log

from tests.bench.results import Results
from tests.gas.suites import LIMITS

__all__ = ["gas_section", "growth", "page"]

BATCHES = (1, 10, 100)

_INTRO = """\
# Benchmarks

`make bench` measures everything here in one run, both sides of a comparison on the same machine and
the same chain, and writes this page and its picture. Ratios hold on any machine, seconds
and rates only on this one: {processor}, {cores} cores, Python {python}, numpy {numpy}, Anvil
{anvil}; {day} (UTC).

![Clearing, batches, readings and trades by their size](bench.png)
"""
_GAS = """\
## Gas

Gas of the whole transaction, in the steady state (see [the definition](gas.md)); batches per pair,
readings per reading, closings per account. The floor is a minimal contract with only the storage,
logs, hashes and signature checks that the operation needs (`tests/bench/contracts/Floors.sol`). It
has no roles, limits, stops, fees or modules. The limit is what was to be reached.
"""
_BY_SIZE = """\
By size: the pairs of a batch, or the accounts of a closing, share a fixed cost.
"""
_CLEARING = """\
## Clearing, compared with sorting

Clearing gives the price, the fills of all orders and the list of pairs. It cannot be faster than
sorting the orders: numpy's sort of the prices alone, and Python's of the orders.
"""
_TRADES = """\
## Trades settled, end to end

From the signed orders to the last payment: clearing, encoding, `settleBatch`, and
`closeThrough` of all accounts once the day is over, which pays all its trades. Keepers send
through the package's sender to one Anvil. Signing and checking signatures happen before, and have
their own columns. Every pair of a batch is of other accounts; closing is shared by the trades of a
day.
"""
_SENDING = """\
## The sender, compared with bare requests

Transactions a second with the same calls. The bare side signs beforehand and reads no
receipt. The sender signs, sends, and reads every receipt.
"""
_READINGS = """\
## Readings

Readings at slots' ends: signed by meters, verified, and recorded by relays in calls of 100:
"""
_GATEWAY = """\
## A gateway's day

From the registers of 100 members to the leaves of their day, and from these to the bytes and the
root. It cannot be faster than the hashes of the records and of their tree alone. The last columns
are a day of a million meters on one core, without and for checking the signatures of their readings
at all slots' ends.
"""
_INDEXING = """\
## The indexer

Events a second from the node into an empty store, beside the node's answer to one request for all
of them. The limit was 1,000.
"""
_METERING = """\
## Meters over MQTT

Signed readings a second from a broker into the store, verified and durable, beside the same
messages to somebody who does nothing with them. The limit was 500.
"""
_READS = """\
## Reads of the API

At half of what a bare route of FastAPI answers a second, in the same process: how long a read
takes, from when it was due. The limit for the ratio was 3. *Most* is as many as there are answers.
Reads that everybody may see are made once for all who ask within a quarter of a second.
"""
_STREAM = """\
## The stream

From the commit of a row until the last of all listeners has been told; a process reads the store
each quarter of a second for all of them.
"""
_PAINTS = """\
## Pages

From asking for a page until a browser without a cache has painted its largest part (LCP), node,
backend and browser on the same machine. The limits were 1 s, and 100,000 bytes of programs
compressed; here they are counted as they lie.
"""
_STARTUP = """\
## Starting

Processor time of a whole process in seconds, compared with an interpreter that imports a small part
of its standard library.
"""
_GROWTH = """\
## How it grows

Time is proportional to size^x; x between the two largest sizes:
"""


def page(results: Results) -> str:
    """The whole page in Markdown."""
    machine = results.machine
    return (
        "\n".join(
            [
                _INTRO.format(
                    processor=machine.processor,
                    cores=machine.cores,
                    python=machine.python,
                    numpy=machine.numpy,
                    anvil=machine.anvil,
                    day=machine.day,
                ),
                gas_section(results.gas, results.floors),
                _CLEARING,
                _clearing(results),
                _TRADES,
                _trades(results),
                _SENDING,
                _sending(results),
                _READINGS,
                _signed_readings(results),
                _GATEWAY,
                _gateway_days(results),
                _INDEXING,
                _indexing(results),
                _METERING,
                _metering(results),
                _READS,
                _reads(results),
                _STREAM,
                _stream(results),
                _PAINTS,
                _paints(results),
                _STARTUP,
                _startup(results),
                _GROWTH,
                _growth(results),
            ]
        ).rstrip("\n")
        + "\n"
    )


def gas_section(gas: Mapping[str, int], floors: Mapping[str, int]) -> str:
    """Ours, the floor, the limit and the ratio, of every operation that has a floor; by size."""
    table = _table(
        ("Operation", "Ours", "Floor", "Limit", "Ours / floor"),
        (
            (
                name,
                f"{gas[name]:,}",
                f"{floor:,}",
                f"{LIMITS[name]:,}" if name in LIMITS else "-",
                f"{gas[name] / floor:.2f}" if floor else "-",
            )
            for name, floor in sorted(floors.items())
        ),
    )
    pairs = [
        (f"a pair, {n} in a batch", gas[f"settleBatch, each of {n}, hour, used words"])
        for n in BATCHES
    ]
    by_size = _table(
        ("Gas of", ""),
        (
            *((name, f"{cost:,}") for name, cost in pairs),
            *(
                (f"an account's day of {slots} slots, {who}", f"{cost:,}")
                for slots in (24, 96)
                for who in ("one account", "each of 50")
                for cost in [gas[f"closeThrough, {slots} slots, {who}"]]
            ),
        ),
    )
    return "\n".join([_GAS, table, _BY_SIZE, by_size])


def growth(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """The exponent x for which cost grows as size^x, between the two largest sizes."""
    return log(costs[-1] / costs[-2]) / log(sizes[-1] / sizes[-2])


def _clearing(results: Results) -> str:
    return _table(
        ("Orders", "Pairs", "Ours, ms", "np.sort, ms", "sorted, ms", "/ np.sort", "/ sorted"),
        (
            (
                f"{row.orders:,}",
                f"{row.pairs:,}",
                *(f"{1e3 * one:,.2f}" for one in (row.clear, row.numpy_sort, row.python_sort)),
                f"{row.clear / row.numpy_sort:.1f}",
                f"{row.clear / row.python_sort:.2f}",
            )
            for row in results.clearing
        ),
    )


def _trades(results: Results) -> str:
    steps = ("clear", "encode", "agree", "close")
    return _table(
        (
            *("Pairs a batch", "Keepers", "Trades", "Signed / s", "Checked / s"),
            *("Clear, s", "Encode, s", "settleBatch, s", "closeThrough, s", "Trades / s"),
        ),
        (
            (
                *(f"{row.batches_of}", f"{row.keepers}", f"{row.trades:,}"),
                *(f"{2 * row.trades / took:,.0f}" for took in (row.sign, row.check)),
                *(f"{getattr(row, step):.3f}" for step in steps),
                f"{row.per_second:,.0f}",
            )
            for row in results.trades
        ),
    )


def _sending(results: Results) -> str:
    return _table(
        ("Blocks", "Bare / s", "Sender / s", "Ratio"),
        (
            (row.mining, f"{row.bare:,.0f}", f"{row.ours:,.0f}", f"{row.ours / row.bare:.2f}")
            for row in results.sending
        ),
    )


def _signed_readings(results: Results) -> str:
    found = results.signed_readings
    return _table(
        ("Readings", "Signed / s", "Verified off chain / s", "Recorded on chain / s"),
        [
            (
                f"{found.readings:,}",
                *(f"{one:,.0f}" for one in (found.signed, found.verified, found.recorded)),
            )
        ],
    )


def _gateway_days(results: Results) -> str:
    verified = results.signed_readings.verified
    return _table(
        (
            *("Slots", "Leaves, ms", "Bytes and root, ms", "Hashes alone, ms", "/ hashes"),
            *("A million: leaves and roots, s", "signatures, s"),
        ),
        (
            (
                f"{row.slots}",
                *(f"{1e3 * one:.2f}" for one in (row.build, row.root, row.hashes)),
                f"{(row.build + row.root) / row.hashes:.1f}",
                f"{1e6 / row.per_second:,.0f}",
                f"{1e6 * row.slots / verified:,.0f}",
            )
            for row in results.gateway_days
        ),
    )


def _indexing(results: Results) -> str:
    return _table(
        ("Database", "Events", "Stored / s", "Read alone / s", "Ratio"),
        (
            (
                *(row.database, f"{row.events:,}", f"{row.stored:,.0f}", f"{row.read:,.0f}"),
                f"{row.stored / row.read:.2f}",
            )
            for row in results.indexing
        ),
    )


def _metering(results: Results) -> str:
    return _table(
        ("Database", "Readings", "Stored / s", "Delivered alone / s", "Ratio"),
        (
            (
                *(row.database, f"{row.readings:,}", f"{row.stored:,.0f}", f"{row.delivered:,.0f}"),
                f"{row.stored / row.delivered:.2f}",
            )
            for row in results.metering
        ),
    )


def _reads(results: Results) -> str:
    return _table(
        ("Read", "Most / s", "Rate / s", "p50, ms", "p99, ms", "Bare p99, ms", "p99 / bare"),
        (
            (
                *(row.name, f"{row.most:,.0f}", f"{row.rate:,.0f}"),
                *(f"{1e3 * each:.1f}" for each in (row.p50, row.p99, row.bare_p99)),
                f"{row.ratio:.1f}",
            )
            for row in results.reads
        ),
    )


def _stream(results: Results) -> str:
    row = results.stream
    return _table(
        (
            *("Listeners", "Events", "p50, s", "Worst, s", "Lost", "Twice"),
            *("KB a listener", "Of a core, at an event a second"),
        ),
        [
            (
                *(f"{row.listeners:,}", f"{row.events}", f"{row.p50:.2f}", f"{row.worst:.2f}"),
                *(f"{row.lost}", f"{row.doubled}", f"{row.kilobytes:.0f}"),
                f"{row.load / row.per_second:.2f}",
            )
        ],
    )


def _paints(results: Results) -> str:
    return _table(
        ("Page", "Window", "Painted, s", "Programs, bytes"),
        (
            (f"`{row.page}`", row.size, f"{row.seconds:.2f}", f"{row.program_bytes:,}")
            for row in results.paints
        ),
    )


def _startup(results: Results) -> str:
    return _table(
        ("Process", "Seconds", "Bare, s", "Ratio"),
        (
            (row.name, f"{row.seconds:.2f}", f"{row.bare:.2f}", f"{row.ratio:.1f}")
            for row in results.startup
        ),
    )


def _growth(results: Results) -> str:
    books = [row.orders for row in results.clearing]
    found = {
        "clearing, by orders": growth(books, [row.clear for row in results.clearing]),
        "np.sort, by orders": growth(books, [row.numpy_sort for row in results.clearing]),
    }
    return _table(("What", "x"), ((name, f"{x:.2f}") for name, x in found.items()))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"
