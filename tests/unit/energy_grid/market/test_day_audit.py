"""The audit of a community's day: it agrees with real days, and names what was forged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from energy_grid.chain.abi import load
from energy_grid.domain.account_words import DayResult, day_result
from energy_grid.domain.day_leaves import DayLeaves, Registers, seal_leaves
from energy_grid.domain.enums import Reason
from energy_grid.domain.merkle import leaf_tree
from energy_grid.market.day_audit import DayAudit, DayRecord, DayState, compare, leaves_in
from tests.model.market import DAY, Tariff
from tests.support.core.chain import Chain
from tests.support.core.day_auditor import DayAuditor
from tests.support.core.gateway_street import GatewayStreet
from tests.support.core.trading_world import BUY, CREATE_FOR, DAILY, HOURLY, SELL

TARIFF = Tariff(buy=300, feed_in=100, network_fee=20)
START, RATED, MONEY = 20_000 * DAY + 5_000, 10_000, 10**12
Curves = dict[int, list[int]]


def results(audit: DayAudit) -> list[DayResult]:
    """Members' days as the chain has them."""
    return [day_result(*words) for words in audit.record.words.values()]


def street_of(slot: int = 3600, *, is_static: bool = False, homes: int = 4) -> GatewayStreet:
    """Homes with money for trades, and credits that are worth something."""
    return GatewayStreet(
        *(Chain(START), TARIFF),
        homes=homes,
        slot=slot,
        is_static=is_static,
        money=MONEY,
        credit=80,
    )


def curves_of(street: GatewayStreet, *without: int, turn: int = 0) -> Curves:
    """A day of all homes but some: the first two export by day, all import at night."""
    slots, found = DAY // street.slot, {}
    scale = street.slot / 3600
    for home, number in enumerate(street.numbers):
        if number in without:
            continue
        by_day = 2_000 - 350 * home if home < 2 else -130 - 17 * home
        found[number] = [
            int(scale * (by_day - slot if 6 <= (slot + turn) * scale < 18 else -211 - home))
            for slot in range(slots)
        ]
    return found


def audited(
    street: GatewayStreet,
    day: int,
    leaves: DayLeaves,
    *,
    meanwhile: Callable[[], object] = lambda: None,
    forgets: bool = False,
) -> tuple[DayRecord, DayState]:
    """Anchor and settle a day; ``meanwhile`` happens between both."""
    days = street.days
    days.anchor(day, leaves)
    meanwhile()
    numbers = [leaf.number for leaf in leaves.leaves]
    auditor = DayAuditor(street.market, forgets=forgets)
    before = auditor.state(days.community, day, numbers)
    days.settle(day, leaves)
    record = auditor.record(days.community, day, leaves.encode())
    return record, auditor.state(days.community, day, numbers) if forgets else before


def agreed(street: GatewayStreet, day: int, leaves: DayLeaves, **options: Any) -> DayAudit:
    """The audit of a day without differences."""
    found = compare(*audited(street, day, leaves, **options))
    assert found.differences == ()
    assert found.agrees
    assert found.left_out == ()
    return found


def trade(street: GatewayStreet, kind: int, start: int, wh: int) -> None:
    """The first home sells to the third one."""
    trading, expiry = street.market["EnergyTrading"], start - 1
    for home, side in (0, SELL), (2, BUY):
        trading.call(
            CREATE_FOR, wh, 100, expiry, side, kind, start, by=street.holders[home].address
        )
    newest = trading.orderCount()
    trading.matchOrders(newest, newest - 1)


@pytest.mark.parametrize("is_static", [False, True], ids=["dynamic", "static"])
@pytest.mark.parametrize("slot", [900, 3600])
def test_compare__days_with_trades_and_credits__agree(slot: int, is_static: bool) -> None:
    street = street_of(slot, is_static=is_static)
    days, day, settlement = street.days, street.first_day, street.settlement
    for holder in (street.holders[0], street.holders[2]):
        settlement.setKeeps(True, by=holder.address)
    if is_static:
        communities = street.market["Communities"]
        for home, bps in (1, 1_111), (2, 3_333), (3, 5_000):
            member = street.holders[home].address
            communities.setCoefficient(days.community, member, bps, by=street.market.supplier)
            communities.acceptCoefficient(bps, by=member)
    trade(street, DAILY, (day + 2) * DAY, 50 * DAY // slot)
    trade(street, HOURLY, (day + 2) * DAY + 12 * 3600, 4_000 * 3600 // slot)
    found = [agreed(street, day + at, days.leaves(curves_of(street, turn=at))) for at in range(4)]
    assert [each.closed for each in found] == [4] * 4
    first = [results(each)[0] for each in found]
    assert first[2].position < 0 == first[1].position
    assert any(each.kept for each in first)
    assert any(each.drawn for each in first)
    assert all(each.shared for each in found[1:])


def test_compare__whom_a_day_passes_over__are_found_with_their_reasons() -> None:
    street = street_of(homes=8)
    days, day, numbers = street.days, street.first_day, street.numbers
    silent, late, contradicted, absent, sealed, jumps, wrong = numbers[1:]
    stranger = 99
    days.run(day, curves_of(street, silent, late, jumps))
    # One is closed with a gap, others stay open.
    street.settlement.closeThrough([street.holders[1].address], day)
    days.numbers.append(stranger)
    days.registers[stranger] = days.registers[jumps] = Registers(7, 7)
    meters = street.market.meters
    curves = curves_of(street, absent)
    curves[wrong][7] = -RATED - 1
    leaves = days.leaves({**curves, stranger: [0] * 24})
    leaves, _ = seal_leaves(leaves, {sealed: bytes(32)})
    place = numbers.index(contradicted)

    def contradict() -> None:
        signed = meters.sign_reading(street.devices[place], meters.reading((day + 2) * DAY, (1, 1)))
        records = leaves.records()
        leaf = records[place], b"", list(leaf_tree(records).proof(place))
        days.contract.contradict(days.community, day + 1, leaf, signed)

    found = agreed(street, day + 1, leaves, meanwhile=contradict)
    assert found.record.passed_over == {
        silent: Reason.GAP,
        late: Reason.OTHER_DAY,
        contradicted: Reason.CONTRADICTED,
        absent: Reason.ABSENT,
        sealed: Reason.SEALED,
        jumps: Reason.OTHER_DAY,
        wrong: Reason.NETS_NOT_BELIEVABLE,
        stranger: Reason.NOT_A_MEMBER,
    }
    assert (found.members, found.closed) == (9, 1)


def test_compare__registers_from_nowhere__and_positions_too_large__agree() -> None:
    street = street_of()
    days, day, numbers = street.days, street.first_day, street.numbers
    days.registers[numbers[1]] = Registers(1, 1)
    trade(street, DAILY, (day + 2) * DAY, 2**24 * 24)
    first = agreed(street, day, days.leaves(curves_of(street)))
    assert first.record.passed_over == {numbers[1]: Reason.OTHER_REGISTERS}
    agreed(street, day + 1, days.leaves(curves_of(street)))
    last = agreed(street, day + 2, days.leaves(curves_of(street)))
    assert last.record.passed_over == {
        numbers[0]: Reason.POSITION_TOO_LARGE,
        numbers[1]: Reason.OTHER_DAY,
        numbers[2]: Reason.POSITION_TOO_LARGE,
    }


def test_compare__late_charges__are_in_the_money() -> None:
    """A day that closed alone is read late from its leaf: the next one brings what it cost."""
    street = street_of()
    days, day, member = street.days, street.first_day, street.numbers[1]
    sealed, openings = seal_leaves(days.leaves(curves_of(street)), {member: bytes(32)})
    agreed(street, day, sealed)
    street.settlement.closeThrough([street.holders[1].address], day)
    records = sealed.records()
    leaf = records[1], openings[member], list(leaf_tree(records).proof(1))
    days.contract.readLate(days.community, day, leaf)
    energy = street.market["EnergyAccounts"]
    assert energy.pendingOf(member) != 0
    days.measured.discard(member)
    found = agreed(street, day + 1, days.leaves(curves_of(street)))
    assert member in found.record.words
    assert energy.pendingOf(member) == 0


def forged(record: DayRecord, number: int, closed: int = 0, flows: int = 0) -> DayRecord:
    """With bits of a member's words turned over."""
    words = dict(record.words)
    words[number] = words[number][0] ^ closed, words[number][1] ^ flows
    return replace(record, words=words)


def test_compare__a_forged_word__is_named_with_the_member_and_both_values() -> None:
    street = street_of()
    record, state = audited(street, street.first_day, street.days.leaves(curves_of(street)))
    number = street.numbers[1]
    result = day_result(*record.words[number])

    def differences(closed: int = 0, flows: int = 0) -> list[tuple[object, ...]]:
        found = compare(forged(record, number, closed, flows), state)
        assert not found.agrees
        return [(each.number, each.figure, each.found, each.computed) for each in found.differences]

    assert differences(closed=1) == [(number, "money", result.money ^ 1, result.money)]
    assert differences(closed=1 << 100) == [(number, "net", result.net ^ 1, result.net)]
    assert differences(closed=1 << 184) == [(number, "deemed", result.deemed ^ 1, result.deemed)]
    assert differences(flows=1) == [(number, "given", result.given ^ 1, result.given)]
    assert differences(flows=1 << 120) == [(number, "unused bits", "set", "none")]


def test_compare__a_forged_leaf__differs_in_its_root_and_its_member() -> None:
    street = street_of()
    record, state = audited(street, street.first_day, street.days.leaves(curves_of(street)))
    second = 2 * len(record.leaves) // 4
    # The last lane of the second member's nets is slot 16, in which it imports.
    data = bytearray(record.leaves)
    data[second - 1] ^= 1
    found = compare(replace(record, leaves=bytes(data)), state)
    number = street.numbers[1]
    assert {each.number for each in found.differences if each.figure == "net"} == {number}
    assert (found.differences[0].number, found.differences[0].figure) == (None, "root")
    assert found.differences[0].found == f"0x{record.root.hex()}"
    assert (number, "passed over", "NONE", "NETS_NOT_BELIEVABLE") in {
        (each.number, each.figure, each.found, each.computed) for each in found.differences
    }


def test_compare__forged_events__are_named() -> None:
    street = street_of()
    days, day, (first, second, *_) = street.days, street.first_day, street.numbers
    record, state = audited(street, day, days.leaves(curves_of(street, first)))

    def passed(of: DayRecord) -> list[tuple[object, ...]]:
        found = compare(of, state).differences
        return [(each.number, each.found, each.computed) for each in found if "p" in each.figure]

    other = replace(record, passed_over={first: Reason.GAP})
    assert passed(other) == [(first, "GAP", "ABSENT")]
    words = {number: each for number, each in record.words.items() if number != second}
    assert (second, "no answer", "NONE") in passed(replace(record, words=words))
    both = replace(record, passed_over={**record.passed_over, second: Reason.SEALED})
    assert passed(both) == [(second, "SEALED", "NONE")]
    nobody = compare(replace(record, passed_over={**record.passed_over, 77: Reason.GAP}), state)
    assert [(each.number, each.figure, each.found) for each in nobody.differences] == [
        (77, "leaf", "settled")
    ]


def test_compare__registers_that_do_not_go_on__differ() -> None:
    street = street_of()
    days, day = street.days, street.first_day
    days.run(day, curves_of(street))
    record, state = audited(street, day + 1, days.leaves(curves_of(street)))
    assert state.members is not None
    members = replace(state.members, continued=bytes(32))
    found = compare(record, replace(state, members=members)).differences
    assert [(each.figure, each.found) for each in found] == [
        ("registers of the day before", "0x" + 64 * "0")
    ]


@pytest.mark.parametrize("is_static", [False, True], ids=["dynamic", "static"])
def test_compare__a_node_without_old_states__says_what_it_leaves_out(is_static: bool) -> None:
    street = street_of(is_static=is_static)
    days, day, number = street.days, street.first_day, street.numbers[1]
    street.settlement.setKeeps(True, by=street.holders[0].address)
    record, state = audited(street, day, days.leaves(curves_of(street)), forgets=True)
    found = compare(record, state)
    assert found.agrees
    assert "money" in found.left_out
    assert ("energy shared" in found.left_out) == is_static
    wrong = compare(forged(record, number, closed=1 << 100), state).differences
    assert [(each.number, each.figure) for each in wrong] == [(number, "net")]
    taken = compare(forged(record, number, flows=1), state).agrees
    assert taken == is_static
    assert compare(forged(record, number, closed=1), state).agrees


def settle_call(community: int, day: int, leaves: bytes) -> bytes:
    """The data of settleDay."""
    return load("CommunityDays").function("settleDay").encode((community, day, leaves))


def test_leaves_in__a_call_wherever_it_stands__is_found() -> None:
    leaves = bytes(range(1, 128))
    call, other = settle_call(3, 20_000, leaves), settle_call(3, 20_001, b"\7")
    wrapped = b"\1\2\3\4" + 7 * b"\0" + other + call + 5 * b"\0"
    assert list(leaves_in(call, 3, 20_000)) == [leaves]
    assert list(leaves_in(wrapped, 3, 20_000)) == [leaves]
    assert list(leaves_in(wrapped, 3, 20_001)) == [b"\7"]
    assert list(leaves_in(wrapped, 4, 20_000)) == []
    assert list(leaves_in(call + call, 3, 20_000)) == [leaves, leaves]


def test_leaves_in__a_call_that_is_cut_off_or_points_nowhere__has_none() -> None:
    call = settle_call(3, 20_000, bytes(range(1, 33)))
    assert list(leaves_in(call[:-1], 3, 20_000)) == []
    assert list(leaves_in(call[:68], 3, 20_000)) == []
    far = call[:68] + (2**255).to_bytes(32) + call[100:]
    assert list(leaves_in(far, 3, 20_000)) == []
    inside = call[:68] + bytes(32) + call[100:]
    assert list(leaves_in(inside, 3, 20_000)) == []
    empty = settle_call(3, 20_000, b"")
    assert list(leaves_in(empty, 3, 20_000)) == []
