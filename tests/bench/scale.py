"""What a million meters cost a day, by account and through gateways: docs/scale.md.

    python -m tests.bench.scale

Computed from the committed gas and bytes (tests/gas/snapshots) and from public parameters, each
with its source; a test compares the page with what this gives.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from tests.bench.store import saved
from tests.support.artifacts import ROOT

__all__ = ["FEES", "Design", "Line", "Scenario", "designs", "main", "page", "sections"]

DAYS_A_YEAR, DAY_SECONDS, HOURS_A_DAY = 365, 86_400, 24
_SNAPSHOTS = ROOT / "tests" / "gas" / "snapshots"
_PAGE = ROOT / "docs" / "scale.md"
_READ = "submitSignedReadings, each of 100"
_PAIR = "settleBatch, each of 100, quarter hour"
_OF_A_COMMUNITY = 100
"""Its members share words of sums, of four slots each."""
_MOST_MEMBERS = 160
# Of a household and hour, from this page as it was on the day; the page gives them for a million.
FIRST_EDITION_DAY = "21 November 2026"
FIRST_EDITION = {
    "gas": 51_728.5,
    "size": 126.5,
    "transactions": 0.012,
    "words": 1.05,
    "rows": 1.5,
}
FIRST_EDITION_CLOSING = 67e9

# Public parameters; where they come from is on the page.
TRANSACTION_GAS, TRANSACTION_BYTES = 2**24, 2**17
BASE_GAS_LIMIT, BASE_ELASTICITY, BLOCK_SECONDS = 400_000_000, 5, 2
BASE_DA_SCALAR = 148
_OP = "OP Mainnet's gas target"
OP_GAS_LIMIT, OP_ELASTICITY = 40_000_000, 2
BLOB_BYTES, BLOBS_TARGET, BLOBS_MAX, L1_BLOCK_SECONDS = 4_096 * 31, 14, 21, 12
BLOB_GAS_A_BYTE = 32 / 31
FLOOR_PER_TOKEN = 10
DRAFT_FLOORS = {"EIP-7976": 64, "EIP-8311": 96}  # per byte of any value
# The slowest kind in PostgreSQL, as measured.
EVENTS_A_SECOND = int(
    min(each["rate"] for each in saved()["kinds"] if each["database"] == "postgresql")
)
_DATABASES = {"SQLite": "sqlite", "PostgreSQL": "postgresql"}
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
        rows: of an indexer, each.
        kind: of these rows, as `tests.bench.store` calls it; empty: unknown.
    """

    name: str
    count: int
    gas: float
    size: float
    transactions: int
    words: float = 0
    rows: float = 0
    kind: str = ""


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
    """The first edition; by account; through gateways in hours, in quarter hours, with trades."""
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
            kind="readings",
        )

    def closing(slots: int, traded: str = "") -> Line:
        return Line(
            name="accounts in `closeThrough`, 50 a call",
            count=meters,
            gas=gas[f"closeThrough, {slots} slots in a community{traded}, each of 50"],
            size=size("closeThrough, 50 accounts", 50),
            transactions=meters // 50,
            rows=1,
            kind="days, by account",
        )

    def gateway(slots: int, traded: str = "") -> tuple[Line, Line]:
        communities = meters // _OF_A_COMMUNITY
        return (
            Line(
                name="`anchor`, of a community",
                count=communities,
                gas=gas["anchor, a community's day"],
                size=size("anchor", 1),
                transactions=communities,
                # The root, and when.
                words=2,
                rows=1,
                kind="anchors",
            ),
            Line(
                name=f"members in `settleDay`, {_OF_A_COMMUNITY} a call",
                count=meters,
                gas=gas[f"settleDay, {slots} slots{traded}, each of {_OF_A_COMMUNITY}"],
                size=size(_settle_size(slots), _OF_A_COMMUNITY),
                transactions=communities,
                # Who was closed.
                words=1 / _OF_A_COMMUNITY,
                # An event has all of them.
                rows=1,
                kind="days, of communities",
            ),
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
        kind="trades",
    )
    history = {name: HOURS_A_DAY * of_an_hour for name, of_an_hour in FIRST_EDITION.items()}
    transactions = round(meters * history.pop("transactions"))
    first = Line(name="all of it", count=meters, transactions=transactions, **history)
    return [
        Design(name="A. First edition", lines=(first,)),
        Design(name="B. By account", lines=(readings(96), closing(96))),
        Design(name="C. Gateway, hours", lines=gateway(24)),
        Design(name="D. Gateway, quarter hours", lines=gateway(96)),
        Design(
            name="E. And trades",
            lines=(*gateway(96, ", all traded"), pairs),
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
        _OP: ("gas", blocks * OP_GAS_LIMIT / OP_ELASTICITY),
        "Base's gas target": ("gas", blocks * base_target),
        "Base's gas limit": ("gas", blocks * BASE_GAS_LIMIT),
        "Base's data target": ("size", blocks * base_target / BASE_DA_SCALAR),
        "all of Ethereum's blobs, target": (
            "size",
            DAY_SECONDS / L1_BLOCK_SECONDS * BLOBS_TARGET * BLOB_BYTES,
        ),
        "an indexer": ("rows", DAY_SECONDS * EVENTS_A_SECOND),
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

What a day of {meters:,} meters costs on a rollup. `python -m tests.bench.scale` writes this page.
Gas and bytes are what the tests measure (`tests/gas/snapshots`), the rest is arithmetic with public
parameters. A test compares page and measurements.

- **A. First edition.** The contracts before these, as this page had them on {edition_day}: slots
  of an hour, readings and orders signed, as many trades as E. It did not count closing, which
  would be up to {edition_closing:,.0f} G gas a day more.
- **B. By account.** Quarter hours. Every meter sends a signed reading at the end of each slot.
  Accounts are closed 50 in a call. No trades.
- **C. Gateway, hours.** A gateway anchors the day of each community of {members} members. One call
  settles it for all of them. No reading is sent. No trades.
- **D. Gateway, quarter hours.** The same.
- **E. And trades.** D with {trades:,} trades of a quarter hour, all in words that were zero.
  Settling is counted as if every member had a trade in every slot.
"""
_AFTER_SUMMARY = """\
State is storage words that were zero, which every node keeps for ever. Rows of an indexer are
readings, trades, anchors and closed accounts. A limit is given as the number of meters that
reaches it. Fee levels are [below](#what-it-costs-a-household).
"""
_WORK = """\
## The work of a day

Gas includes the transaction's own. Bytes are those of the call after zlib, plus {envelope} for
signature, recipient, nonce and fees. Curves of communities are the demo's in the bytes, and made up
in the [gas](gas.md); their calldata costs about the same.
"""
_BREAKS = """\
## What breaks first

The share of each capacity that a day uses. Other users share the chain: near 100 % the market would
use all of it, and fees would rise until others leave. Above a target the base fee rises with every
block. An indexer takes {events:,} rows a second \\[8\\].
"""
_ELSE = """\
- *All at once.* A community can be settled when its challenge time is over. If all did it in
  the same hour, D would use {hour_base:.0%} of Base's gas target in that hour, and {hour_op:.0%}
  of OP Mainnet's. They have three days.
- *Trades* are {trades:.1%} of E's gas and {trades_words:.1%} of its new words.
- *State.* No protocol limits it. A community and day take three new words: the root, when it was
  anchored, and who was closed. Accounts and registers have words that are used again.
- *A gateway* makes the leaves of a million meters in less than a minute on one core. To check the
  signatures of all their readings takes about an hour ([benchmarks](bench.md#a-gateways-day)).
  It signs two transactions for a community and day.
- *History.* Leaves are calldata, {leaves:,.0f} GB a year in D. Chains do not promise to keep it, so
  gateways must: nobody can prove a leaf that nobody has.
"""
_ONE = """\
## One transaction

A transaction has at most {cap:,} gas, and nodes pass on none above {bytes:,} bytes \\[1\\]. So many
members fit, each with the gas of one of {members}:
"""
_AFTER_ONE = """\
A community has at most {most} members; {less}. A transaction takes {readings} readings, or
{pairs} pairs of orders.

Ethereum charges at least {floor} gas a token of calldata \\[6\\] (a zero byte is one token, others
four). Our calls are above this minimum: {ratios}. {drafts}
"""
_BYTES = """\
## Bytes

The size of each call as it is sent, and after zlib (level 9). Orders, readings and curves differ
as in a market. Signatures cannot be compressed. Rollups compress with brotli over many
transactions \\[7\\], which gives slightly fewer bytes.
"""
_OFF = """\
## Off the chain

What one backend needs for all of them, by the bytes and times that were
[measured](store.md#each-row):
"""
_AFTER_OFF = """\
- *One indexer* on one core keeps up with all of them. It is at most {busy:.0%} busy, or {peak:.0%}
  in the hour in which all communities are settled, if that is one.
- *The disk* is what breaks first in B: readings are {readings:.0%} of its bytes.
  PostgreSQL has a partition for each month of them: what is older than anybody asks for can go
  (`ALTER TABLE readings DETACH PARTITION readings_2026_01`), and the chain has it still.
- *Reads* of sums grow with what they add up: ask for a month, not for everything
  ([measured](store.md#reads)).
- *The engine* is what breaks first in E: it asks the chain about every open order each second, and
  some {orders:,} fill a core ([measured](store.md#the-engine)). If two orders make a trade and
  stand for two hours, these are the orders of {meters:,} meters.
- *Settling* sends {calls:,.2f} transactions a second in D, and a sender manages hundreds
  ([benchmarks](bench.md#the-sender-compared-with-bare-requests)).

Then give each role a machine (`--role`), all with one PostgreSQL. No queue stands between them:
each role finds in the store what is due.
"""
_COST = """\
## What it costs a household

A year of a household, in dollars:

    {days} days * (gas a day * gas price + bytes a day * 32/31 * blob gas price)
        / 1e9 * dollars an ETH / households

with prices in gwei and {dollars:,} dollars an ETH. These are examples, and no forecast:
"""
_AFTER_COST = """\
Bytes are at most {share:.0%} of the cost. A blob of 131,072 gas carries 31 of 32 bytes. The blob
gas price is its reserve, a sixteenth of Ethereum's base fee \\[5\\]; it is higher when blobs are in
demand.

Not counted are

- the rollup's own surcharge, services, meters and staff,
- registering and funding a million accounts, which happens once,
- cancelling signed orders: {cancel:,} gas each, which their traders pay,
- orders that do not trade: signed ones cost nothing,
- oracles' submissions: a few in an hour, for a whole region,
- members of a gateway whose day is not settled with the others, and who close by themselves.
"""
_SOURCES = """\
## Sources

As found in November 2026; each address is a public document.

1. Transaction gas limit 16,777,216: EIP-7825, <https://eips.ethereum.org/EIPS/eip-7825>
   (final); Base enforces it since 28 May 2026,
   <https://docs.base.org/base-chain/network-information/configuration-changelog>. 128 KiB:
   `txMaxSize` of go-ethereum's pool,
   <https://github.com/ethereum/go-ethereum/blob/master/core/txpool/legacypool/legacypool.go>.
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
8. {events:,} rows a second is what our indexer brings into PostgreSQL on one core, of the kind
   that takes longest ([measured](store.md#each-row)). Fee levels above the minimum, and the price
   of an ETH, are examples.
"""


def page(scenario: Scenario, gas: Mapping[str, int], sizes: Sizes) -> str:
    """The whole page in Markdown."""
    found = designs(scenario, gas, sizes)
    *_, quarters, traded = found
    pairs = traded.lines[-1]
    hour = {
        name: HOURS_A_DAY * limits(quarters)[f"{name}'s gas target"]
        for name in ("Base", "OP Mainnet")
    }
    leaves = sizes[_settle_size(96)]["all"] * scenario.meters / _OF_A_COMMUNITY
    parts = [
        _HEAD.format(
            meters=scenario.meters,
            members=_OF_A_COMMUNITY,
            trades=scenario.trades,
            edition_day=FIRST_EDITION_DAY,
            edition_closing=HOURS_A_DAY * FIRST_EDITION_CLOSING / 1e9,
        ),
        _summary(found, scenario),
        _AFTER_SUMMARY,
        _BREAKS.format(events=EVENTS_A_SECOND),
        _limits(found),
        _ELSE.format(
            hour_base=hour["Base"],
            hour_op=hour["OP Mainnet"],
            trades=pairs.count * pairs.gas / traded.total("gas"),
            trades_words=pairs.count * pairs.words / traded.total("words"),
            leaves=leaves * DAYS_A_YEAR / 1e9,
        ),
        _OFF,
        _off(found[1:]),
        _after_off(found, scenario),
        _COST.format(days=DAYS_A_YEAR, dollars=DOLLARS_AN_ETH),
        _fees(),
        _AFTER_COST.format(
            share=max(
                data / (used + data)
                for level in FEES
                for used, data in (dollars_a_year(design, scenario, level) for design in found)
            ),
            cancel=gas["cancelSigned, used word"],
        ),
        _ONE.format(cap=TRANSACTION_GAS, bytes=TRANSACTION_BYTES, members=_OF_A_COMMUNITY),
        _sections(gas, sizes),
        _after_sections(gas, sizes),
        _WORK.format(envelope=ENVELOPE),
        _lines(found[1:]),
        _BYTES,
        _sizes(sizes),
        _SOURCES.format(target=BLOBS_TARGET, maximum=BLOBS_MAX, events=EVENTS_A_SECOND),
    ]
    return wrapped("\n".join(parts))


def wrapped(text: str) -> str:
    """Paragraphs in lines of at most 100 characters; tables, lists and formulas as they are."""
    return "\n\n".join(
        textwrap.fill(part, 100, break_long_words=False, break_on_hyphens=False)
        + ("\n" if part.endswith("\n") else "")
        if part[:1].isalpha()
        else part
        for part in text.split("\n\n")
    )


def _summary(found: Sequence[Design], scenario: Scenario) -> str:
    rows: list[tuple[str, Callable[[Design], str]]] = [
        *(
            (
                f"A household's year, {level} fees, $",
                lambda design, level=level: f"{sum(dollars_a_year(design, scenario, level)):,.2f}",
            )
            for level in FEES
        ),
        ("First limit on Base", lambda design: _first_limit(design, scenario)),
        (_OP, lambda design: _meters(scenario, limits(design)[_OP])),
        (
            "Gas of a household's day",
            lambda design: f"{design.total('gas') / scenario.meters:,.0f}",
        ),
        ("A day: gas, G", lambda design: f"{design.total('gas') / 1e9:,.0f}"),
        ("Transactions", lambda design: f"{design.transactions:,}"),
        ("Published, MB", lambda design: f"{design.total('size') / 1e6:,.0f}"),
        ("Blobs", lambda design: f"{design.total('size') / BLOB_BYTES:,.0f}"),
        ("State in a year, GB", lambda design: f"{design.total('words') * _YEARLY_WORD:,.1f}"),
        ("Rows of an indexer", lambda design: f"{design.total('rows'):,.0f}"),
    ]
    return _table(
        ("", *(design.name for design in found)),
        ((name, *(show(design) for design in found)) for name, show in rows),
    )


def _first_limit(design: Design, scenario: Scenario) -> str:
    """Of its targets, all blobs, and the indexer."""
    shares = limits(design)
    del shares[_OP]
    name, share = max(shares.items(), key=lambda item: item[1])
    return f"{name}: {_meters(scenario, share)}"


def _meters(scenario: Scenario, share: float) -> str:
    return f"{scenario.meters / share / 1e6:,.1f}M meters"


def _lines(found: Sequence[Design]) -> str:
    return _table(
        ("Design", "What", "Count", "Gas each", "Bytes each", "Transactions", "New words"),
        (
            (
                design.name[:1],
                line.name,
                f"{line.count:,}",
                f"{line.gas:,.0f}",
                f"{line.size:,.0f}",
                f"{line.transactions:,}",
                f"{line.count * line.words:,.0f}",
            )
            for design in found
            for line in design.lines
        ),
    )


def stored(design: Design, database: str) -> tuple[float, float]:
    """Seconds of an indexer in a day, and bytes of its rows."""
    kinds = {each["name"]: each for each in saved()["kinds"] if each["database"] == database}
    rows = [(line.count * line.rows, kinds[line.kind]) for line in design.lines]
    return (
        sum(count / kind["rate"] for count, kind in rows),
        sum(count * kind["size"] for count, kind in rows),
    )


def _off(found: Sequence[Design]) -> str:
    days = {
        (design.name, base): stored(design, base)
        for design in found
        for base in _DATABASES.values()
    }
    rows: list[tuple[str, Callable[[Design], str]]] = [
        ("Rows in an hour", lambda design: f"{design.total('rows') / HOURS_A_DAY:,.0f}"),
        ("Transactions in an hour", lambda design: f"{design.transactions / HOURS_A_DAY:,.0f}"),
        *(
            (
                f"An indexer is busy, {name}",
                lambda design, base=base: f"{days[design.name, base][0] / DAY_SECONDS:.1%}",
            )
            for name, base in _DATABASES.items()
        ),
        *(
            (
                f"Disk of a year, {name}, GB",
                lambda design, base=base: f"{days[design.name, base][1] * DAYS_A_YEAR / 1e9:,.0f}",
            )
            for name, base in _DATABASES.items()
        ),
    ]
    return _table(
        ("", *(design.name for design in found)),
        ((name, *(show(design) for design in found)) for name, show in rows),
    )


def _after_off(found: Sequence[Design], scenario: Scenario) -> str:
    _, by_account, _, quarters, _ = found
    busy = max(stored(each, "postgresql")[0] for each in found[1:])
    only = Design(name="", lines=by_account.lines[:1])
    engine = saved()["engine"]
    most = round(engine["orders"] / engine["idle"] / 1000) * 1000
    return _AFTER_OFF.format(
        busy=busy / DAY_SECONDS,
        peak=stored(quarters, "postgresql")[0] / (DAY_SECONDS / HOURS_A_DAY),
        readings=stored(only, "postgresql")[1] / stored(by_account, "postgresql")[1],
        orders=most,
        meters=int(round(scenario.meters * most / (4 * scenario.trades / HOURS_A_DAY), -3)),
        calls=quarters.transactions / DAY_SECONDS,
    )


def _fees() -> str:
    return _table(
        ("Fees", "The rollup's gas, gwei", "Ethereum's gas", "Blob gas"),
        (
            (level, f"{rollup}", f"{ethereum}", f"{ethereum / 16:.4g}")
            for level, (rollup, ethereum) in FEES.items()
        ),
    )


def _settle_size(slots: int) -> str:
    return f"settleDay, {_OF_A_COMMUNITY} members, {slots} slots"


def sections(gas: Mapping[str, int], sizes: Sizes) -> dict[str, tuple[int, int]]:
    """How many members fit a transaction, by gas and by bytes, by what is settled."""
    found: dict[str, tuple[int, int]] = {}
    for slots in (24, 96):
        for traded in ("", ", all traded"):
            name = f"{slots} slots{traded}"
            found[name] = (
                TRANSACTION_GAS // gas[f"settleDay, {name}, each of {_OF_A_COMMUNITY}"],
                (TRANSACTION_BYTES - ENVELOPE)
                * _OF_A_COMMUNITY
                // sizes[_settle_size(slots)]["all"],
            )
    return found


def _sections(gas: Mapping[str, int], sizes: Sizes) -> str:
    return _table(
        ("A day of", "By gas", "By bytes", "First limit"),
        (
            (name, f"{by_gas:,}", f"{by_bytes:,}", "gas" if by_gas <= by_bytes else "bytes")
            for name, (by_gas, by_bytes) in sections(gas, sizes).items()
        ),
    )


def _after_sections(gas: Mapping[str, int], sizes: Sizes) -> str:
    fit = {name: min(both) for name, both in sections(gas, sizes).items()}
    less = [f"{name}: {most}" for name, most in fit.items() if most < _MOST_MEMBERS]
    ratios = ", ".join(
        f"{name} {used / _calldata_floor(size):.1f} times"
        for name, (used, size) in _largest(gas, sizes).items()
    )
    return _AFTER_ONE.format(
        most=_MOST_MEMBERS,
        less=f"fewer fit with {'; '.join(less)}" if less else "so many always fit",
        readings=TRANSACTION_GAS // gas[f"{_READ}, fresh word in a community"],
        pairs=TRANSACTION_GAS // gas[f"{_PAIR}, fresh words"],
        floor=FLOOR_PER_TOKEN,
        ratios=ratios,
        drafts=_drafts(gas, sizes),
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
    """Gas and bytes of the calls with the most bytes, at their cheapest."""
    return {
        "`settleDay`": (
            _OF_A_COMMUNITY * gas[f"settleDay, 96 slots, each of {_OF_A_COMMUNITY}"],
            sizes[_settle_size(96)],
        ),
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
    """What drafts of dearer calldata would make of the calls with the most bytes."""
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
            (name, _room(field, room), *(f"{share[name]:.1%}" for share in shares))
            for name, (field, room) in _capacities().items()
        ),
    )


def _room(field: str, room: float) -> str:
    if field == "gas":
        return f"{room / 1e9:,.0f} G gas"
    return f"{room / 1e6:,.0f} MB" if field == "size" else f"{room / 1e6:.1f}M rows"


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
