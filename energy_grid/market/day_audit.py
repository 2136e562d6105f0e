"""The audit of a community's day: computed anew from the data of the call that settled it.

    leaves     stand in the call's data; their root is the one that the gateway anchored
    registers  continue those of the day before
    reasons    who was passed over, and why: memberships, meters, registers, nets, positions
    words      what each member shared, kept, drew, fed in and owes: energy and money

Nobody's files are needed, only a node: what members had before the day, and its prices, the chain
says at the block before. Nodes that keep no old states leave figures out; `DayAudit.left_out` says
which.

Needs numpy, as the leaves do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import chain

from energy_grid.chain.abi import load
from energy_grid.chain.contract import EventLog
from energy_grid.chain.multicall import ChainQuery, past_events, read_all
from energy_grid.chain.rpc.node import BlockId, RpcError
from energy_grid.domain.account_words import (
    AccountState,
    AccountTerms,
    DayResult,
    account_state,
    account_terms,
    day_result,
    day_words,
)
from energy_grid.domain.closing import (
    ClosingPrices,
    Flows,
    settle_slots,
    shared_price,
    summed,
)
from energy_grid.domain.costs import FACTOR_ONE, deficit_price
from energy_grid.domain.day_leaves import (
    DayLeaves,
    Leaf,
    Measured,
    Registers,
    Sealed,
    decode_leaves,
    faults,
    register_hash,
    split_leaves,
)
from energy_grid.domain.enums import Reason
from energy_grid.domain.merkle import leaf_tree
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.units import format_day
from energy_grid.errors import DomainError, EnergyGridError
from energy_grid.market.days import settled_words
from energy_grid.market.session import Market

__all__ = [
    "DayAudit",
    "DayRecord",
    "DayState",
    "Difference",
    "Members",
    "NestedCallError",
    "audit_day",
    "compare",
    "leaves_in",
    "read_record",
    "read_state",
]

# A tariff has the purchase price, feed-in and network fee lowest, 32 bits each; factors have 16.
_PRICES, _PRICE = (0, 32, 64), 2**32 - 1
_FACTOR, _FACTORS = 16, 16
_LANE, _LANES = 32, 8
_MAX_POSITION = 2**24
_WORD = 32
_SETTLE_DAY = load("CommunityDays").function("settleDay").selector
_BY_STATE = ("who was passed over and why", "credits kept and used", "deemed import", "money")


class NestedCallError(EnergyGridError):
    """The leaves do not stand in the data of the transaction that settled the day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRecord:
    """What the chain says of a settled day.

    Attributes:
        transaction: the hash of the one that settled it, in `block`; its event has `index` there.
        root: that the gateway anchored.
        leaves: the bytes that settled it.
        words: ClosedDayWord and DayFlowsWord of whom it closed, by account number.
        passed_over: why others were not, by account number.
        contradicted: a bit for each place whose leaf was.
    """

    community: int
    day: int
    transaction: str
    block: int
    index: int
    root: bytes
    leaves: bytes
    words: Mapping[int, tuple[int, int]]
    passed_over: Mapping[int, Reason]
    contradicted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """What accounts had before a day was settled, each by account number.

    Attributes:
        registers: of the meter's own newest boundary: its slot, and where they stood.
        pending: exact money that late readings have charged.
        continued: the hash of the registers of the community's newest settled day; None: not known,
            as that was settled in the same block.
    """

    accounts: Mapping[int, AccountState]
    terms: Mapping[int, AccountTerms]
    registers: Mapping[int, tuple[int, Registers]]
    pending: Mapping[int, int]
    continued: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayState:
    """What a day is computed from beside its leaves.

    Attributes:
        positions: bought less sold, slot by slot, by account number; -2^31: too large for a lane.
        coefficients: of the static key, in basis points by account number; None: the dynamic key,
            or not known any more, see `is_static`.
        deficit_prices: slot by slot.
        members: before the day was settled; None: the node has no such old state.
    """

    slot_seconds: int
    positions: Mapping[int, Sequence[int]]
    is_static: bool
    coefficients: Mapping[int, int] | None
    prices: ClosingPrices
    deficit_prices: Sequence[int]
    members: Members | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A figure that the chain has otherwise.

    Attributes:
        number: of the account; None: of all.
        found, computed: what the chain has, and what it should be.
    """

    number: int | None
    figure: str
    found: int | str
    computed: int | str


@dataclass(frozen=True, slots=True, kw_only=True)
class DayAudit:
    """The outcome of an audit.

    Attributes:
        members: how many leaves the day has.
        closed: how many of them were closed.
        shared: Wh that members have taken.
        left_out: what could not be computed without old states.
    """

    record: DayRecord
    members: int
    closed: int
    shared: int
    differences: tuple[Difference, ...]
    left_out: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether nothing differs."""
        return not self.differences


def leaves_in(data: bytes, community: int, day: int) -> Iterator[bytes]:
    """The leaves in each call of `settleDay` for a day in the data of a transaction.

    A call within another one stands there as it is, wherever it begins: in a multicall, a batch of
    a Safe, or what a relay passes on.
    """
    head = _SETTLE_DAY + community.to_bytes(_WORD) + day.to_bytes(_WORD)
    at = data.find(head)
    while at >= 0:
        call = data[at + len(_SETTLE_DAY) :]
        place = int.from_bytes(call[2 * _WORD : 3 * _WORD])
        begin = place + _WORD
        end = begin + int.from_bytes(call[place:begin])
        if place >= 3 * _WORD and begin < end <= len(call):
            yield call[begin:end]
        at = data.find(head, at + 1)


def audit_day(market: Market, community: int, day: int, leaves: bytes | None = None) -> DayAudit:
    """Compute a settled day of a community anew, from the chain alone.

    Args:
        leaves: that settled it, where they do not stand in the data of the transaction.

    Raises:
        EnergyGridError: the day is not settled.
        NestedCallError: its leaves must be given.
        LeafError, LeavesError: those that were given are none.
        ChainError: the node does not answer.
    """
    record = read_record(market, community, day, leaves)
    numbers = {
        leaf.number for leaf in decode_leaves(record.leaves, market.tariffs.slot_length()).leaves
    }
    known = sorted(numbers | record.words.keys())
    state = read_state(market, community, day, known, record.block - 1)
    if state.members is not None:
        state = replace(state, members=_just_before(market, record, state.members))
    return compare(record, state)


def compare(record: DayRecord, state: DayState) -> DayAudit:
    """Compute a day anew and compare it with what the chain has.

    Raises:
        LeafError, LeavesError: the bytes are no leaves.
    """
    leaves = decode_leaves(record.leaves, state.slot_seconds)
    nets = {leaf.number: row.tolist() for leaf, row in zip(leaves.leaves, leaves.nets, strict=True)}
    flows = _flows(record, state, nets)
    differences = [
        *_of_the_leaves(record, state, leaves),
        *_of_the_reasons(record, state, leaves),
        *chain.from_iterable(
            _of_the_words(record, state, number, flows[number], nets.get(number, []))
            for number in record.words
        ),
    ]
    left_out = list(_BY_STATE) if state.members is None else []
    if state.is_static and state.coefficients is None:
        left_out.append("energy shared")
    return DayAudit(
        record=record,
        members=len(leaves.leaves),
        closed=len(record.words),
        shared=sum(day_result(*words).taken for words in record.words.values()),
        differences=tuple(differences),
        left_out=tuple(left_out),
    )


def _flows(
    record: DayRecord, state: DayState, nets: Mapping[int, Sequence[int]]
) -> dict[int, Flows]:
    """The day of each account that the chain has closed, so that one fault stays one."""
    numbers = list(record.words)
    of_slots = len(state.deficit_prices)
    empty = [0] * of_slots
    rows = [nets.get(each, empty) for each in numbers]
    positions = [state.positions.get(each, empty) for each in numbers]
    known = state.coefficients
    coefficients = None if known is None else [known.get(each, 0) for each in numbers]
    flows = settle_slots(
        rows,
        positions,
        prices=state.prices,
        deficit_prices=state.deficit_prices,
        coefficients=coefficients,
        credits_=[_credits(record, state, each) for each in numbers],
    )
    return dict(zip(numbers, map(summed, zip(*flows, strict=True)), strict=True))


def _credits(record: DayRecord, state: DayState, number: int) -> int | None:
    """What an account that keeps them has; None: it does not, or they are not known."""
    known = state.members and state.members.accounts[number]
    return known.credits if known and known.keeps_on(record.day) else None


def _of_the_leaves(record: DayRecord, state: DayState, leaves: DayLeaves) -> Iterator[Difference]:
    # An exported 0 is decoded as 0: only the bytes themselves have the root.
    root = leaf_tree(split_leaves(record.leaves, state.slot_seconds)).root
    if root != record.root:
        yield _all("root", f"0x{record.root.hex()}", f"0x{root.hex()}")
    continued = leaves.continued_registers()
    found = state.members.continued if state.members is not None else None
    if found is not None and continued:
        linked = register_hash(record.day - 1, continued)
        if found != linked:
            yield _all("registers of the day before", f"0x{found.hex()}", f"0x{linked.hex()}")


def _of_the_reasons(record: DayRecord, state: DayState, leaves: DayLeaves) -> Iterator[Difference]:
    numbers = {leaf.number for leaf in leaves.leaves}
    for number in record.words.keys() | record.passed_over.keys():
        if number not in numbers:
            yield Difference(number=number, figure="leaf", found="settled", computed="none")
    terms = state.members.terms if state.members is not None else {}
    rated = {leaf.number: terms[leaf.number].rated_power for leaf in leaves.leaves if terms}
    unbelievable = {fault.number for fault in faults(leaves, rated)} if terms else set()
    for place, leaf in enumerate(leaves.leaves):
        is_contradicted = bool(record.contradicted >> place & 1)
        reason = _reason(record, state, leaf, is_contradicted, leaf.number in unbelievable)
        found = record.passed_over.get(leaf.number)
        if leaf.number in record.words:
            found = Reason.NONE if found is None else found
        if reason is not None and found != reason:
            yield Difference(
                number=leaf.number,
                figure="passed over",
                found="no answer" if found is None else found.name,
                computed=reason.name,
            )


def _reason(
    record: DayRecord, state: DayState, leaf: Leaf, is_contradicted: bool, is_unbelievable: bool
) -> Reason | None:
    """Why a member is passed over, if it is; None: only old states say it."""
    number, day, known = leaf.number, record.day, state.members
    if not isinstance(leaf, Measured):
        return Reason.SEALED if isinstance(leaf, Sealed) else Reason.ABSENT
    if is_contradicted or known is None:
        return Reason.CONTRADICTED if is_contradicted else None
    account, terms = known.accounts[number], known.terms[number]
    was_read = account.by_gateway and terms.community_on(day - 1) == record.community
    begin = day * len(state.deficit_prices)
    goes_on = (leaf.continues and was_read) or known.registers[number] == (begin, leaf.first)
    is_small = all(abs(each) < _MAX_POSITION for each in state.positions[number])
    faults_ = {
        Reason.NOT_A_MEMBER: terms.community_on(day) != record.community
        or not terms.is_metered(day),
        Reason.OTHER_DAY: account.day != day,
        Reason.GAP: terms.unread_days > 0,
        Reason.OTHER_REGISTERS: not goes_on,
        Reason.NETS_NOT_BELIEVABLE: is_unbelievable,
        Reason.POSITION_TOO_LARGE: not is_small,
    }
    return next((reason for reason, is_fault in faults_.items() if is_fault), Reason.NONE)


def _of_the_words(
    record: DayRecord, state: DayState, number: int, flows: Flows, nets: Sequence[int]
) -> Iterator[Difference]:
    """A member's two words, figure by figure where they differ."""
    words = record.words[number]
    found = asdict(day_result(*words))
    if state.members is not None:
        computed = _result(record, state, state.members, number, flows, nets)
        if day_words(number, computed) == words:
            return
        expected = asdict(computed)
    else:
        # What was kept and drawn is not known, only both sums.
        found["fed_in and kept"] = found["fed_in"] + found["kept"]
        found["from_grid and drawn"] = found["from_grid"] + found["drawn"]
        expected = {name: getattr(flows, name) for name in ("net", "position")}
        if not state.is_static or state.coefficients is not None:
            sums = {"fed_in and kept": flows.fed_in, "from_grid and drawn": flows.from_grid}
            expected |= {"taken": flows.taken, "given": flows.given} | sums
    differences = [
        Difference(number=number, figure=figure, found=found[figure], computed=value)
        for figure, value in expected.items()
        if found[figure] != value
    ]
    yield from differences
    if state.members is not None and not differences:
        yield Difference(number=number, figure="unused bits", found="set", computed="none")


def _result(
    record: DayRecord,
    state: DayState,
    known: Members,
    number: int,
    flows: Flows,
    nets: Sequence[int],
) -> DayResult:
    account, terms = known.accounts[number], known.terms[number]
    deemed = account.deemed
    # A mean of days that were read in time.
    if terms.late_to <= record.day * len(state.deficit_prices):
        deemed = (7 * deemed + sum(max(-net, 0) for net in nets)) // 8
    whole = flows._asdict() | {"money": flows.money - known.pending[number]}
    return DayResult(**whole, deemed=deemed)


def _all(figure: str, found: str, computed: str) -> Difference:
    return Difference(number=None, figure=figure, found=found, computed=computed)


def read_record(market: Market, community: int, day: int, leaves: bytes | None = None) -> DayRecord:
    """What the chain says of a settled day.

    Args:
        leaves: that settled it; by default those in the data of the transaction.

    Raises:
        EnergyGridError: the day is not settled.
        NestedCallError: the leaves are not in the data of the transaction.
    """
    contract, about = market.community_days, {"community": community, "day": day}
    anchored, passed, settled = (
        past_events(contract, name, market.deployment.first_block, **about)
        for name in ("DayAnchored", "MemberPassedOver", "DaySettled")
    )
    if not settled:
        raise EnergyGridError(
            f"{format_day(day)} of community {community} is not settled: audit it after that"
        )
    log, root = settled[0], anchored[-1]["root"]
    return DayRecord(
        community=community,
        day=day,
        transaction=log.transaction,
        block=log.block,
        index=log.index,
        root=root,
        leaves=_settled_leaves(market, log, root) if leaves is None else leaves,
        words=settled_words(log["words"]),
        passed_over={each["number"]: Reason(each["reason"]) for each in passed},
        contradicted=contract.day_of(community, day).contradicted,
    )


def _settled_leaves(market: Market, log: EventLog, root: bytes) -> bytes:
    sent = market.node.rpc("eth_getTransactionByHash", log.transaction)
    data = bytes.fromhex(sent["input"][2:]) if sent else b""
    found = list(leaves_in(data, log["community"], log["day"]))
    slot_seconds = market.tariffs.slot_length()
    for leaves in found:
        try:
            if leaf_tree(split_leaves(leaves, slot_seconds)).root == root:
                return leaves
        except DomainError:
            continue
    raise NestedCallError(
        f"the leaves do not stand in the data of transaction {log.transaction}: another contract"
        " has made its call of settleDay; name the published leaves with --leaves"
    )


def read_state(
    market: Market, community: int, day: int, numbers: Sequence[int], block: BlockId
) -> DayState:
    """What a day is computed from beside its leaves, at the end of a block before it was settled.

    Where the node does not have that state any more, the newest one says all that never changes.

    Args:
        numbers: of the accounts with leaves, ascending.

    Raises:
        ChainError: the node does not answer.
    """
    try:
        members = _members(market, community, numbers, block)
    except RpcError as error:
        if error.revert is not None or block == "latest":
            raise
        members, block = None, "latest"
    energy, communities, tariffs = market.energy_accounts, market.communities, market.tariffs
    terms = communities.terms_of(community, day, block_identifier=block)
    (tariff, factors), value, pages = read_all(
        market.node,
        [
            ChainQuery(tariffs, "dayOf", (terms.region, day)),
            ChainQuery(tariffs, "creditValueAt", (day,)),
            ChainQuery(energy, "positionsOn", (day, numbers)),
        ],
        block=block,
    )
    # Of days before an account's first open one, coefficients are not kept.
    coefficients = None
    if terms.is_static and members is not None:
        values = communities.coefficients_on(day, numbers, block_identifier=block)
        coefficients = dict(zip(numbers, values, strict=True))
    slot_seconds = tariffs.slot_length()
    slots = DAY_SECONDS // slot_seconds
    positions = _signed(pages)
    buy, feed_in, network_fee = (tariff >> shift & _PRICE for shift in _PRICES)
    return DayState(
        slot_seconds=slot_seconds,
        positions={
            number: positions[place * slots : (place + 1) * slots]
            for place, number in enumerate(numbers)
        },
        is_static=terms.is_static,
        coefficients=coefficients,
        prices=ClosingPrices(
            feed_in=feed_in,
            network_fee=network_fee,
            shared=shared_price(
                buy=buy, feed_in=feed_in, network_fee=network_fee, theta=terms.theta
            ),
            credit_value=value,
        ),
        deficit_prices=_deficit_prices(buy, factors, day * slots % _FACTORS, slots),
        members=members,
    )


def _members(market: Market, community: int, numbers: Sequence[int], block: BlockId) -> Members:
    settlement, energy, meters = market.settlement, market.energy_accounts, market.meters
    words, terms, continued, *rest = read_all(
        market.node,
        [
            ChainQuery(settlement, "wordsAt", (numbers,)),
            ChainQuery(energy, "termsOf", (numbers,)),
            ChainQuery(market.community_days, "registersOf", (community,)),
            *(ChainQuery(energy, "pendingOf", (number,)) for number in numbers),
            *(ChainQuery(meters, "registersOf", (number,)) for number in numbers),
        ],
        block=block,
    )
    pending, registers = rest[: len(numbers)], rest[len(numbers) :]
    return Members(
        accounts=dict(zip(numbers, map(account_state, words), strict=True)),
        terms=dict(zip(numbers, map(account_terms, terms), strict=True)),
        registers={
            number: (slot, Registers(*pair))
            for number, (slot, *pair) in zip(numbers, registers, strict=True)
        },
        pending=dict(zip(numbers, pending, strict=True)),
        continued=continued,
    )


def _just_before(market: Market, record: DayRecord, members: Members) -> Members:
    """Members once the days are closed that closed earlier in the very block of a settlement."""
    settlement, contract = market.settlement, market.community_days
    holders = settlement.call_many("accountAt", zip(members.accounts), kind=str)
    numbers = dict(zip(holders, members.accounts, strict=True))
    logs = market.node.logs(
        (settlement.address, contract.address), from_block=record.block, to_block=record.block
    )
    accounts, pending = dict(members.accounts), dict(members.pending)
    continued = members.continued
    for log in (*settlement.events(logs, "DayClosed"), *contract.events(logs, "DaySettled")):
        if log.index >= record.index:
            continue
        by_gateway = log.event == "DaySettled"
        if by_gateway:
            closed = settled_words(log["words"])
            continued = None if log["community"] == record.community else continued
        else:
            closed = {numbers.get(log["account"], 0): (log["closed"], log["flows"])}
        for number in closed.keys() & accounts.keys():
            result, account = day_result(*closed[number]), accounts[number]
            accounts[number] = replace(
                account,
                credits=account.credits + result.kept - result.drawn,
                day=log["day"] + 1,
                deemed=result.deemed,
                by_gateway=by_gateway,
            )
            pending[number] = 0
    return replace(members, accounts=accounts, pending=pending, continued=continued)


def _signed(words: Sequence[int]) -> list[int]:
    """Lanes of 32 bits in two's complement, eight a word, the first lowest."""
    sign = 1 << _LANE - 1
    lanes = [word >> _LANE * lane & (1 << _LANE) - 1 for word in words for lane in range(_LANES)]
    return [(each ^ sign) - sign for each in lanes]


def _deficit_prices(buy: int, pages: Sequence[int], first: int, slots: int) -> list[int]:
    """The price of each slot's deficits, rounded up.

    Args:
        pages: factors in basis points, 16 a word; 0: none.
        first: the place of the day's first slot in them.
    """
    factors = [page >> _FACTOR * lane & 0xFFFF for page in pages for lane in range(_FACTORS)]
    return [deficit_price(buy, each or FACTOR_ONE) for each in factors[first : first + slots]]
