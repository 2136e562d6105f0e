"""What a million meters and 200,000 orders an hour cost, by two designs: docs/scale.md.

    python -m tests.bench.scale

Computed from the committed gas and bytes (tests/gas/snapshots) and from public parameters, each
with its source; a test compares the page with what this gives.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.support.artifacts import ROOT

__all__ = ["Design", "Line", "Scenario", "designs", "main", "page"]

HOURS_A_YEAR = 8_760
_SNAPSHOTS = ROOT / "tests" / "gas" / "snapshots"
_PAGE = ROOT / "docs" / "scale.md"
_SIGNED = "submitSignedReadings, each of 100"
_SETTLE = "settleMany, each of 100, one delivered slot"

# Public parameters; where they come from is on the page.
TRANSACTION_GAS = 2**24
BASE_GAS_LIMIT, BASE_ELASTICITY, BLOCK_SECONDS = 400_000_000, 5, 2
BASE_DA_SCALAR = 148
OP_GAS_LIMIT, OP_ELASTICITY = 40_000_000, 2
BLOB_BYTES, BLOBS_TARGET, BLOBS_MAX, L1_BLOCK_SECONDS = 4_096 * 31, 14, 21, 12
BLOB_GAS_A_BYTE = 32 / 31
FLOOR_PER_TOKEN = 10
DRAFT_FLOORS = {"EIP-7976": 64, "EIP-8311": 96}  # per byte of any value
EVENTS_A_SECOND = 1_000
# What a signed transaction has besides its call: signature, recipient, nonce, fees.
ENVELOPE = 110
# A year's GB of one new word an hour: 32 bytes of key and 32 of value.
_YEARLY_WORD = 64 * HOURS_A_YEAR / 1e9
# Fee levels: gwei of the rollup and of Ethereum; dollars for an ETH.
FEES = {"quiet": (0.005, 0.5), "usual": (0.02, 2.0), "busy": (0.1, 20.0)}
DOLLARS_AN_ETH = 3_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What happens in an hour."""

    meters: int = 1_000_000
    orders: int = 200_000

    @property
    def trades(self) -> int:
        """Every order finds another one of its size."""
        return self.orders // 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One kind of work in an hour.

    Attributes:
        gas, size: of one; size in bytes as published, compressed, its share of a transaction too.
        transactions: in all.
        words: storage words that were zero before, each.
        rows: events for an indexer, each.
        kept: rows that a service keeps off the chain, each.
    """

    name: str
    count: int
    gas: float
    size: float
    transactions: int
    words: float = 0
    rows: int = 0
    kept: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """A way to run the market, and its work in an hour."""

    name: str
    lines: Sequence[Line]

    def total(self, field: str) -> float:
        """Sum over an hour of what one thing of each kind has."""
        return sum(line.count * getattr(line, field) for line in self.lines)

    @property
    def transactions(self) -> int:
        """Sent in an hour."""
        return sum(line.transactions for line in self.lines)


Sizes = Mapping[str, Mapping[str, int]]


def designs(scenario: Scenario, gas: Mapping[str, int], sizes: Sizes) -> list[Design]:
    """Everything on the chain; and signed orders in batches."""
    meters, orders, trades = scenario.meters, scenario.orders, scenario.trades
    fresh = gas["submitReading, first of a slot"] - gas["submitReading, same slot"]

    def size(name: str, shared_by: int = 1) -> float:
        return (sizes[name]["compressed"] + ENVELOPE) / shared_by

    readings = Line(
        name="readings, signed, 100 a call",
        count=meters,
        gas=gas[_SIGNED] + fresh,
        size=size("submitSignedReadings, 100 readings", 100),
        transactions=meters // 100,
        words=1,
        rows=1,
    )
    batches = Line(
        name="pairs in `settleBatch`, 100 a call",
        count=trades,
        gas=gas["settleBatch, each of 100"],
        size=size("settleBatch, 100 pairs", 100),
        transactions=trades // 100,
        words=0.5,  # two pairs share one
        rows=1,
        kept=2,
    )
    deliveries = Line(
        name="trades in `settleMany`, 100 a call",
        count=trades,
        gas=gas[_SETTLE],
        size=size("settleMany, 100 transactions", 100),
        transactions=trades // 100,
        rows=4,
    )
    placed = Line(
        name="`createOrder`",
        count=orders,
        gas=(gas["createOrder BUY"] + gas["createOrder SELL"]) / 2,
        size=size("createOrder"),
        transactions=orders,
        words=1,
        rows=1,
    )
    matched = Line(
        name="`matchOrders`",
        count=trades,
        gas=gas["matchOrders, both filled"],
        size=size("matchOrders"),
        transactions=trades,
        words=1,
        rows=1,
    )
    return [
        Design(name="A. All on the chain", lines=(readings, placed, matched, deliveries)),
        Design(name="B. Signed orders, batches", lines=(readings, batches, deliveries)),
    ]


def limits(design: Design) -> dict[str, float]:
    """The share of each capacity that a design uses in an hour."""
    return {name: design.total(field) / room for name, (field, room) in _capacities().items()}


def _capacities() -> dict[str, tuple[str, float]]:
    """What there is in an hour, and what uses it."""
    base_target = BASE_GAS_LIMIT / BASE_ELASTICITY
    return {
        "OP Mainnet's gas target": ("gas", 3600 / BLOCK_SECONDS * OP_GAS_LIMIT / OP_ELASTICITY),
        "Base's gas target": ("gas", 3600 / BLOCK_SECONDS * base_target),
        "Base's gas limit": ("gas", 3600 / BLOCK_SECONDS * BASE_GAS_LIMIT),
        "Base's data target": ("size", 3600 / BLOCK_SECONDS * base_target / BASE_DA_SCALAR),
        "all of Ethereum's blobs, target": (
            "size",
            3600 / L1_BLOCK_SECONDS * BLOBS_TARGET * BLOB_BYTES,
        ),
        f"an indexer of {EVENTS_A_SECOND:,} events a second": ("rows", 3600 * EVENTS_A_SECOND),
    }


def dollars_a_year(design: Design, scenario: Scenario, level: str) -> tuple[float, float]:
    """Of a household: for gas, and for published bytes at the reserve price of blobs."""
    rollup, ethereum = FEES[level]
    share = HOURS_A_YEAR * DOLLARS_AN_ETH / 1e9 / scenario.meters
    blob_gas_price = ethereum / 16
    return (
        share * design.total("gas") * rollup,
        share * design.total("size") * BLOB_GAS_A_BYTE * blob_gas_price,
    )


_HEAD = """\
# A million meters

The cost of {meters:,} meters and {orders:,} orders an hour on a rollup, in two designs that the
contracts support. `python -m tests.bench.scale` writes this page from the gas and the bytes that
the tests measure (`tests/gas/snapshots`). A test compares page and measurements.

Slots have one hour. Every meter sends one reading in each slot. Every order is of another account,
and another order fills it completely: {trades:,} trades, each delivered in one slot.
"""
_WORK = """\
## The work of an hour

Gas includes the transaction's own. Bytes are those of the call after zlib, plus {envelope} for
signature, recipient, nonce and fees. "New words" are storage words that were zero; every node
stores them for ever. Rows of an indexer are events. Rows kept off the chain are signed orders,
which only keepers have.

A signed reading is the first of its slot, so it writes a word that was zero, in addition to the
figure in the [gas page](gas.md).
"""
_BYTES = """\
## Bytes

The size of each call as it is sent, and after zlib (level 9). Orders and readings differ as
in a market. Signatures cannot be compressed. Rollups compress with brotli over many
transactions \\[7\\], which gives slightly fewer bytes.
"""
_FLOOR = """\
Ethereum charges at least {floor} gas a token of calldata \\[6\\] (a
zero byte is one token, others four). This minimum does not apply to our calls: `settleBatch` uses
{batch:.1f} times the minimum of its calldata, `submitSignedReadings` {readings:.1f} times. {drafts}
"""
_BREAKS = """\
## The first limits

The share of each capacity that an hour uses. Other users share the chain: near
100 % the market would use all of it, and fees would rise until others leave. Above a target the
base fee rises with every block. No protocol limits the state, which grows by the new
words and never shrinks: it is the first problem of a node's operator.
"""
_SIZES = """\
The size at which each design reaches its first limit, with orders in proportion to meters:
"""
_COST = """\
## What it costs a household

A year of a household, in dollars:

    {hours:,} h * (gas an hour * gas price + bytes an hour * 32/31 * blob gas price)
        / 1e9 * dollars an ETH / households

with prices in gwei. A blob of 131,072 gas carries 31 of 32 bytes. The blob gas price is
its reserve, a sixteenth of Ethereum's base fee \\[5\\]; it is higher when blobs are in
demand. The rollup's own surcharge, services, meters and staff are not included.
These are examples with {dollars:,} dollars an ETH, and no forecast:
"""
_LEFT_OUT = """\
## What is not counted

- Closing slots, which turns a surplus into energy credits ({surplus:,} gas) and bills a deficit
  ({deficit:,}; both less in a call for many slots). Closing has no deadline. Closing
  every slot of every account would use up to {closing:.0f} G gas an hour more, {closing_share:.0%}
  of Base's target.
- The first reading of a day, which costs about 30,000 gas more.
- Registering and funding a million accounts, which happens once.
- Cancelling signed orders: {cancel:,} gas each, which their traders pay.
- Orders that do not trade. Placing on-chain orders (A) costs the same, signed ones cost
  nothing.

A transaction has at most {cap:,} gas \\[1\\], enough for {most_pairs} pairs in a batch. So
{trades:,} trades need at least {fewest} transactions, in {blocks} blocks of Base's target.
"""
_SOURCES = """\
## Sources

As found in November 2026; each address is a public document.

1. Transaction gas limit 16,777,216: EIP-7825, <https://eips.ethereum.org/EIPS/eip-7825>
   (final); Base enforces it since 28 May 2026,
   <https://docs.base.org/base-chain/network-information/configuration-changelog>.
2. Base: about 400M gas a block, 2-second blocks,
   <https://docs.base.org/base-chain/network-information/throughput-and-limits>; elasticity 5,
   so a target of 80M, and 148 gas of data footprint a byte,
   <https://github.com/base/contract-deployments/pull/651> (25 March 2026); minimum base fee
   0.005 gwei since 19 February 2026 (changelog as above). The values on the chain were not
   read.
3. Data footprint (compressed bytes times a scalar count against the gas limit and its target),
   default scalar 400: <https://github.com/ethereum-optimism/docs/pull/1858> (November 2025).
4. OP Mainnet: 40M gas a block, elasticity 2, a plan to raise the limit:
   <https://github.com/ethereum-optimism/superchain-ops/pull/1446> (2 June 2026, open when
   found).
5. Blobs: 4,096 words of 32 bytes of which 31 carry data, 131,072 gas, EIP-4844,
   <https://eips.ethereum.org/EIPS/eip-4844>. Target and maximum 6 and 9 since Pectra, EIP-7691,
   <https://eips.ethereum.org/EIPS/eip-7691>; {target} and {maximum} since the second
   blob-parameter fork, EIP-8135,
   <https://github.com/ethereum/EIPs/blob/master/EIPS/eip-8135.md> (its numbers as in
   <https://docs.rs/crate/alloy-eips/2.0.1/source/src/eip7892.rs>; that it came on 7 January
   2026 was found in secondary sources only). At most 6 blobs a transaction with PeerDAS,
   EIP-7594, <https://eips.ethereum.org/EIPS/eip-7594>. Reserve price of blob gas, 8,192 /
   131,072 of the base fee: EIP-7918,
   <https://github.com/ethereum/EIPs/blob/master/EIPS/eip-7918.md>.
6. Calldata: EIP-7623, 10 gas a token at least, <https://eips.ethereum.org/EIPS/eip-7623>.
   Drafts that would raise it: EIP-7976 (64 a byte), <https://eips.ethereum.org/EIPS/eip-7976>,
   EIP-8311 (96), <https://eips.ethereum.org/EIPS/eip-8311>.
7. Fees of published data on the OP stack, and brotli: Fjord,
   <https://docs.base.org/base-chain/specs/upgrades/fjord/exec-engine>.
8. {events:,} events a second is what an indexer of this market is asked to keep up with; it is
   no public figure. Fee levels above the minimum, and the price of an ETH, are examples.
"""


def page(scenario: Scenario, gas: Mapping[str, int], sizes: Sizes) -> str:
    """The whole page in Markdown."""
    found = designs(scenario, gas, sizes)
    most = TRANSACTION_GAS // gas["settleBatch, each of 100"]
    fewest = -(-scenario.trades // most)
    batch_size = sizes["settleBatch, 100 pairs"]
    readings_size = sizes["submitSignedReadings, 100 readings"]
    closing = (gas["closeSlot, surplus to credits"] + gas["closeSlot, deficit from the grid"]) / 2
    parts = [
        _HEAD.format(
            meters=scenario.meters,
            orders=scenario.orders,
            trades=scenario.trades,
        ),
        _summary(found),
        _WORK.format(envelope=ENVELOPE),
        *(part for design in found for part in (f"### {design.name}\n", _lines(design))),
        _BYTES,
        _sizes(sizes),
        _FLOOR.format(
            floor=FLOOR_PER_TOKEN,
            batch=100 * gas["settleBatch, each of 100"] / _calldata_floor(batch_size),
            readings=100 * gas[_SIGNED] / _calldata_floor(readings_size),
            drafts=_drafts(gas, sizes),
        ),
        _BREAKS,
        _limits(found),
        _SIZES,
        _first_limits(found, scenario),
        _COST.format(hours=HOURS_A_YEAR, dollars=DOLLARS_AN_ETH),
        _costs(found, scenario),
        _LEFT_OUT.format(
            surplus=gas["closeSlot, surplus to credits"],
            deficit=gas["closeSlot, deficit from the grid"],
            closing=scenario.meters * closing / 1e9,
            closing_share=scenario.meters * closing / _capacities()["Base's gas target"][1],
            cancel=gas["cancelSigned, word in use"],
            cap=TRANSACTION_GAS,
            most_pairs=most,
            trades=scenario.trades,
            fewest=fewest,
            blocks=-(
                -scenario.trades
                * gas["settleBatch, each of 100"]
                * BASE_ELASTICITY
                // BASE_GAS_LIMIT
            ),
        ),
        _SOURCES.format(target=BLOBS_TARGET, maximum=BLOBS_MAX, events=EVENTS_A_SECOND),
    ]
    return "\n".join(wrapped(part) for part in parts)


def wrapped(text: str) -> str:
    """Paragraphs in lines of at most 100 characters; tables, lists and formulas as they are."""
    return "\n\n".join(
        textwrap.fill(part, 100, break_long_words=False, break_on_hyphens=False)
        + ("\n" if part.endswith("\n") else "")
        if part[:1].isalpha()
        else part
        for part in text.split("\n\n")
    )


def _summary(found: Sequence[Design]) -> str:
    rows: list[tuple[str, Any]] = [
        ("Gas, G", lambda design: f"{design.total('gas') / 1e9:.1f}"),
        ("Transactions", lambda design: f"{design.transactions:,}"),
        ("Published, MB", lambda design: f"{design.total('size') / 1e6:.1f}"),
        ("Blobs", lambda design: f"{design.total('size') / BLOB_BYTES:,.0f}"),
        ("New storage words", lambda design: f"{design.total('words'):,.0f}"),
        ("State in a year, GB", lambda design: f"{design.total('words') * _YEARLY_WORD:,.0f}"),
        ("Rows of an indexer", lambda design: f"{design.total('rows'):,.0f}"),
        ("in a year, G", lambda design: f"{design.total('rows') * HOURS_A_YEAR / 1e9:.1f}"),
        ("Rows kept off the chain", lambda design: f"{design.total('kept'):,.0f}"),
    ]
    return _table(
        ("An hour", *(design.name for design in found)),
        ((name, *(show(design) for design in found)) for name, show in rows),
    )


def _lines(design: Design) -> str:
    return _table(
        ("What", "Count", "Gas each", "Gas, G", "Bytes each", "MB", "Transactions", "New words"),
        (
            (
                line.name,
                f"{line.count:,}",
                f"{line.gas:,.0f}",
                f"{line.count * line.gas / 1e9:.2f}",
                f"{line.size:,.0f}",
                f"{line.count * line.size / 1e6:.1f}",
                f"{line.transactions:,}",
                f"{line.count * line.words:,.0f}",
            )
            for line in design.lines
        ),
    )


def _sizes(sizes: Sizes) -> str:
    return _table(
        ("Call", "Bytes", "Zero", "After zlib"),
        (
            (name, f"{one['all']:,}", f"{one['zero']:,}", f"{one['compressed']:,}")
            for name, one in sizes.items()
        ),
    )


def _calldata_floor(size: Mapping[str, int]) -> int:
    return 21_000 + FLOOR_PER_TOKEN * (size["zero"] + 4 * (size["all"] - size["zero"]))


def _drafts(gas: Mapping[str, int], sizes: Sizes) -> str:
    """What drafts of dearer calldata would make of the two calls with the most bytes."""
    output = []
    calls = {
        "`settleBatch`": (100 * gas["settleBatch, each of 100"], sizes["settleBatch, 100 pairs"]),
        "`submitSignedReadings`": (
            100 * gas[_SIGNED],
            sizes["submitSignedReadings, 100 readings"],
        ),
    }
    for draft, per_byte in DRAFT_FLOORS.items():
        raised = {
            name: 21_000 + per_byte * size["all"]
            for name, (used, size) in calls.items()
            if 21_000 + per_byte * size["all"] > used
        }
        if raised:
            rises = " and ".join(f"{name} to {cost:,} gas" for name, cost in raised.items())
            output.append(f"{draft} would raise {rises}.")
        else:
            output.append(f"{draft} would change nothing.")
    return "Of the drafts that would raise the price, " + " ".join(output)


def _limits(found: Sequence[Design]) -> str:
    shares = [limits(design) for design in found]
    return _table(
        ("Capacity", "In an hour", *(design.name for design in found)),
        (
            (name, _room(field, room), *(f"{share[name]:.0%}" for share in shares))
            for name, (field, room) in _capacities().items()
        ),
    )


def _room(field: str, room: float) -> str:
    if field == "gas":
        return f"{room / 1e9:,.0f} G gas"
    return f"{room / 1e6:,.0f} MB" if field == "size" else f"{room / 1e6:.1f}M rows"


def _first_limits(found: Sequence[Design], scenario: Scenario) -> str:
    """On Base: its targets, all blobs, and the indexer; OP Mainnet's gas by itself."""
    rows = []
    for design in found:
        shares = limits(design)
        alone = shares.pop("OP Mainnet's gas target")
        first, share = max(shares.items(), key=lambda item: item[1])
        rows.append(
            (
                design.name,
                first,
                f"{scenario.meters / share / 1e6:.1f}M meters",
                f"{scenario.meters / alone / 1e6:.1f}M meters",
            )
        )
    return _table(("Design", "First on Base", "at", "OP Mainnet's gas target, at"), rows)


def _costs(found: Sequence[Design], scenario: Scenario) -> str:
    rows = []
    for level, (rollup, ethereum) in FEES.items():
        costs = [dollars_a_year(design, scenario, level) for design in found]
        rows.append(
            (
                f"{level}: {rollup} gwei; Ethereum {ethereum}, blob gas {ethereum / 16:.4g}",
                *(f"{gas + data:,.2f} ({data:,.2f} for bytes)" for gas, data in costs),
            )
        )
    return _table(("Fees", *(design.name for design in found)), rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def main() -> None:
    """Write the page anew."""
    gas, sizes = (
        json.loads((_SNAPSHOTS / f"{name}.json").read_text()) for name in ("gas", "bytes")
    )
    _PAGE.write_text(page(Scenario(), gas, sizes))


if __name__ == "__main__":
    main()
