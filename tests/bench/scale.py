"""What a million meters cost a day, in quarter hours and in hours: docs/scale.md.

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

DAYS_A_YEAR, DAY_SECONDS = 365, 86_400
_SNAPSHOTS = ROOT / "tests" / "gas" / "snapshots"
_PAGE = ROOT / "docs" / "scale.md"
_READ = "submitSignedReadings, each of 100"
_PAIR = "settleBatch, each of 100, quarter hour"
_OF_A_COMMUNITY = 100
"""Its members share words of sums, of four slots each."""
# A household's day in one call, measured with a prototype: slots, gas.
_PROTOTYPE = {24: 13_615, 96: 28_090}

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
# A year's GB of one new word a day: 32 bytes of key and 32 of value.
_YEARLY_WORD = 64 * DAYS_A_YEAR / 1e9
# Fee levels: gwei of the rollup and of Ethereum; dollars for an ETH.
FEES = {"quiet": (0.005, 0.5), "usual": (0.02, 2.0), "busy": (0.1, 20.0)}
DOLLARS_AN_ETH = 3_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What happens in a day."""

    meters: int = 1_000_000
    trades: int = 2_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One kind of work in a day.

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
    """A way to run the market, and its work in a day."""

    name: str
    lines: Sequence[Line]

    def total(self, field: str) -> float:
        """Sum over a day of what one thing of each kind has."""
        return sum(line.count * getattr(line, field) for line in self.lines)

    @property
    def transactions(self) -> int:
        """Sent in a day."""
        return sum(line.transactions for line in self.lines)


Sizes = Mapping[str, Mapping[str, int]]


def designs(scenario: Scenario, gas: Mapping[str, int], sizes: Sizes) -> list[Design]:
    """Sharing alone, in quarter hours and in hours; quarter hours with trades."""
    meters, trades = scenario.meters, scenario.trades

    def size(name: str, shared_by: int) -> float:
        return (sizes[name]["compressed"] + ENVELOPE) / shared_by

    def readings(slots: int) -> Line:
        words = slots // 8
        day = {"first of a day": 1, "fresh word": words - 1, "used word": slots - words}
        return Line(
            name="readings, signed, 100 a call",
            count=meters * slots,
            gas=sum(n * gas[f"{_READ}, {word} in a community"] for word, n in day.items()) / slots,
            size=size("submitSignedReadings, 100 readings", 100),
            transactions=meters * slots // 100,
            # Nets, the day's registers, and the sums of the community.
            words=(words + 1 + slots / 4 / _OF_A_COMMUNITY) / slots,
            rows=1,
        )

    def closing(slots: int, traded: str = "") -> Line:
        return Line(
            name="accounts in `closeThrough`, 50 a call",
            count=meters,
            gas=gas[f"closeThrough, {slots} slots in a community{traded}, each of 50"],
            size=size("closeThrough, 50 accounts", 50),
            transactions=meters // 50,
            rows=1,
        )

    fresh = gas[f"{_PAIR}, fresh words"]
    money = gas[f"{_PAIR}, fresh words, and of the day's money"] - fresh
    pairs = Line(
        name="pairs in `settleBatch`, 100 a call",
        count=trades,
        gas=fresh + money * min(1, meters / trades),
        size=size("settleBatch, 100 pairs", 100),
        transactions=trades // 100,
        # Positions of both, half a word for the trade, the seller's money once a day.
        words=2.5 + min(1, meters / trades),
        rows=1,
        kept=2,
    )
    return [
        Design(name="A. Hours", lines=(readings(24), closing(24))),
        Design(name="B. Quarter hours", lines=(readings(96), closing(96))),
        Design(
            name="C. Quarter hours and trades",
            lines=(readings(96), pairs, closing(96, ", all traded")),
        ),
    ]


def limits(design: Design) -> dict[str, float]:
    """The share of each capacity that a design uses in a day."""
    return {name: design.total(field) / room for name, (field, room) in _capacities().items()}


def _capacities() -> dict[str, tuple[str, float]]:
    """What there is in a day, and what uses it."""
    base_target = BASE_GAS_LIMIT / BASE_ELASTICITY
    blocks = DAY_SECONDS / BLOCK_SECONDS
    return {
        "OP Mainnet's gas target": ("gas", blocks * OP_GAS_LIMIT / OP_ELASTICITY),
        "Base's gas target": ("gas", blocks * base_target),
        "Base's gas limit": ("gas", blocks * BASE_GAS_LIMIT),
        "Base's data target": ("size", blocks * base_target / BASE_DA_SCALAR),
        "all of Ethereum's blobs, target": (
            "size",
            DAY_SECONDS / L1_BLOCK_SECONDS * BLOBS_TARGET * BLOB_BYTES,
        ),
        f"an indexer of {EVENTS_A_SECOND:,} events a second": (
            "rows",
            DAY_SECONDS * EVENTS_A_SECOND,
        ),
    }


def dollars_a_year(design: Design, scenario: Scenario, level: str) -> tuple[float, float]:
    """Of a household: for gas, and for published bytes at the reserve price of blobs."""
    rollup, ethereum = FEES[level]
    share = DAYS_A_YEAR * DOLLARS_AN_ETH / 1e9 / scenario.meters
    blob_gas_price = ethereum / 16
    return (
        share * design.total("gas") * rollup,
        share * design.total("size") * BLOB_GAS_A_BYTE * blob_gas_price,
    )


_HEAD = """\
# A million meters

The cost of a day of {meters:,} meters on a rollup, closed account by account with signed readings:
what the contracts do today. `python -m tests.bench.scale` writes this page from the gas and the
bytes that the tests measure (`tests/gas/snapshots`). A test compares page and measurements.

Every meter sends one signed reading at the end of each slot. Every account is in a community of
{members}, which shares in each slot, and is closed once. In design C households also make
{trades:,} trades of a quarter hour, {per_account:.1f} orders each, all in words that were zero.
"""
_WORK = """\
## The work of a day

Gas includes the transaction's own. Bytes are those of the call after zlib, plus {envelope} for
signature, recipient, nonce and fees. "New words" are storage words that were zero; every node
stores them for ever. Rows of an indexer are events. Rows kept off the chain are signed orders,
which only keepers have.

A word has eight slots of an account, so one reading in eight writes a new word. The first of a
day also keeps the day's registers. See the [gas page](gas.md).
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

The share of each capacity that a day uses. Other users share the chain: near
100 % the market would use all of it, and fees would rise until others leave. Above a target the
base fee rises with every block. No protocol limits the state, which grows by the new
words and never shrinks: it is the first problem of a node's operator.
"""
_SIZES = """\
The size at which each design reaches its first limit, with trades in proportion to meters:
"""
_COST = """\
## What it costs a household

A year of a household, in dollars:

    {days} days * (gas a day * gas price + bytes a day * 32/31 * blob gas price)
        / 1e9 * dollars an ETH / households

with prices in gwei. A blob of 131,072 gas carries 31 of 32 bytes. The blob gas price is
its reserve, a sixteenth of Ethereum's base fee \\[5\\]; it is higher when blobs are in
demand. The rollup's own surcharge, services, meters and staff are not included.
These are examples with {dollars:,} dollars an ETH, and no forecast:
"""
_NEXT = """\
## What comes next

Readings are most of the cost: each is signed, checked and stored by itself. A household's
day costs {hours:,.0f} gas in hours and {quarters:,.0f} in quarter hours. The contracts do not yet
settle a community's day in one call. A prototype of that, in which a meter operator anchors a day
of readings that anybody can check, needs {prototype_hours:,} and {prototype_quarters:,} gas for a
household's day: {hours_ratio:.0f} and {quarters_ratio:.0f} times less. Prototypes have no roles
and no limits, so the product will need more.
"""
_LEFT_OUT = """\
## What is not counted

- Registering and funding a million accounts, which happens once.
- Cancelling signed orders: {cancel:,} gas each, which their traders pay.
- Orders that do not trade. Signed ones cost nothing.
- Oracles' submissions: a few in an hour, for a whole region.

A transaction has at most {cap:,} gas \\[1\\], enough for {most_readings} readings or {most_pairs}
pairs of orders.
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
    hours, quarters = (design.total("gas") / scenario.meters for design in found[:2])
    parts = [
        _HEAD.format(
            meters=scenario.meters,
            members=_OF_A_COMMUNITY,
            trades=scenario.trades,
            per_account=2 * scenario.trades / scenario.meters,
        ),
        _summary(found),
        _WORK.format(envelope=ENVELOPE),
        *(part for design in found for part in (f"### {design.name}\n", _lines(design))),
        _BYTES,
        _sizes(sizes),
        _FLOOR.format(
            floor=FLOOR_PER_TOKEN,
            drafts=_drafts(gas, sizes),
            **{
                name: used / _calldata_floor(size)
                for name, (used, size) in zip(
                    ("batch", "readings"), _largest(gas, sizes).values(), strict=True
                )
            },
        ),
        _BREAKS,
        _limits(found),
        _SIZES,
        _first_limits(found, scenario),
        _COST.format(days=DAYS_A_YEAR, dollars=DOLLARS_AN_ETH),
        _costs(found, scenario),
        _NEXT.format(
            hours=hours,
            quarters=quarters,
            prototype_hours=_PROTOTYPE[24],
            prototype_quarters=_PROTOTYPE[96],
            hours_ratio=hours / _PROTOTYPE[24],
            quarters_ratio=quarters / _PROTOTYPE[96],
        ),
        _LEFT_OUT.format(
            cancel=gas["cancelSigned, used word"],
            cap=TRANSACTION_GAS,
            most_readings=TRANSACTION_GAS // gas[f"{_READ}, fresh word in a community"],
            most_pairs=TRANSACTION_GAS // gas[f"{_PAIR}, fresh words"],
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
        ("Gas, G", lambda design: f"{design.total('gas') / 1e9:,.0f}"),
        ("Transactions", lambda design: f"{design.transactions:,}"),
        ("Published, MB", lambda design: f"{design.total('size') / 1e6:,.0f}"),
        ("Blobs", lambda design: f"{design.total('size') / BLOB_BYTES:,.0f}"),
        ("New storage words", lambda design: f"{design.total('words'):,.0f}"),
        ("State in a year, GB", lambda design: f"{design.total('words') * _YEARLY_WORD:,.0f}"),
        ("Rows of an indexer", lambda design: f"{design.total('rows'):,.0f}"),
        ("in a year, G", lambda design: f"{design.total('rows') * DAYS_A_YEAR / 1e9:.1f}"),
        ("Rows kept off the chain", lambda design: f"{design.total('kept'):,.0f}"),
    ]
    return _table(
        ("A day", *(design.name for design in found)),
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
                f"{line.count * line.gas / 1e9:,.1f}",
                f"{line.size:,.0f}",
                f"{line.count * line.size / 1e6:,.1f}",
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


def _largest(gas: Mapping[str, int], sizes: Sizes) -> dict[str, tuple[int, Mapping[str, int]]]:
    """Gas and bytes of the two calls with the most bytes, at their cheapest."""
    return {
        "`settleBatch`": (
            100 * gas[f"{_PAIR}, used words"],
            sizes["settleBatch, 100 pairs"],
        ),
        "`submitSignedReadings`": (
            100 * gas[f"{_READ}, used word"],
            sizes["submitSignedReadings, 100 readings"],
        ),
    }


def _drafts(gas: Mapping[str, int], sizes: Sizes) -> str:
    """What drafts of dearer calldata would make of the two calls with the most bytes."""
    output = []
    for draft, per_byte in DRAFT_FLOORS.items():
        raised = {
            name: 21_000 + per_byte * size["all"]
            for name, (used, size) in _largest(gas, sizes).items()
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
        ("Capacity", "In a day", *(design.name for design in found)),
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
