"""The check: it holds for a day that was lived, and finds every unit that is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from energy_grid.demo.audit import audit, require
from energy_grid.demo.records import MarketRecords, TradeRecord
from energy_grid.domain.day_leaves import Measured, Registers
from energy_grid.domain.merkle import leaf_tree
from energy_grid.errors import CheckFailedError
from energy_grid.market.day_audit import Difference
from tests.support.days import LivedDay, account_of, lived, plan_of

SUMMER = date(2016, 7, 6)


@pytest.fixture(scope="module")
def day() -> LivedDay:
    return lived(plan_of(SUMMER, 40))


def first(name: str, **changed: Any) -> Callable[[MarketRecords], MarketRecords]:
    """The first record of a kind, with other values."""

    def tamper(records: MarketRecords) -> MarketRecords:
        head, *rest = getattr(records, name)
        return replace(records, **{name: (replace(head, **changed), *rest)})

    return tamper


def more(name: str, field: str, by: int = 1) -> Callable[[MarketRecords], MarketRecords]:
    """The first record of a kind, with one number higher."""

    def tamper(records: MarketRecords) -> MarketRecords:
        head, *rest = getattr(records, name)
        changed = replace(head, **{field: getattr(head, field) + by})
        return replace(records, **{name: (changed, *rest)})

    return tamper


def within(name: str, field: str) -> Callable[[MarketRecords], MarketRecords]:
    """A single record with one number higher."""

    def tamper(records: MarketRecords) -> MarketRecords:
        found = getattr(records, name)
        return replace(records, **{name: replace(found, **{field: getattr(found, field) + 1})})

    return tamper


def entry(name: str, by: Any) -> Callable[[MarketRecords], MarketRecords]:
    """The last entry of a table, with another value."""

    def tamper(records: MarketRecords) -> MarketRecords:
        table = dict(getattr(records, name))
        key = list(table)[-1]
        value = table[key]
        table[key] = tuple(each + by for each in value) if isinstance(value, tuple) else value + by
        return replace(records, **{name: table})

    return tamper


def unread(records: MarketRecords) -> MarketRecords:
    """A joining day on which a meter should have spoken."""
    head, *rest = records.accounts
    early = replace(head, metered_from=head.metered_from - 1)
    positions = {**records.positions, (head.address, early.metered_from): 0}
    return replace(records, accounts=(early, *rest), positions=positions)


def of_the_day(**changed: Any) -> Callable[[MarketRecords], MarketRecords]:
    """The last settled day, with other values."""

    def tamper(records: MarketRecords) -> MarketRecords:
        *others, last = records.settled
        return replace(records, settled=(*others, replace(last, **changed)))

    return tamper


def leaf_changed(
    change: Callable[[Measured], Measured] = lambda leaf: leaf, more_wh: int = 0
) -> Callable[[MarketRecords], MarketRecords]:
    """The last settled day with another first leaf, or more in its last slot; its root fits."""

    def tamper(records: MarketRecords) -> MarketRecords:
        *others, last = records.settled
        first, *rest = last.leaves.leaves
        assert isinstance(first, Measured)
        nets = last.leaves.nets.copy()
        nets[0, -1] += more_wh
        leaves = replace(last.leaves, leaves=(change(first), *rest), nets=nets)
        changed = replace(last, leaves=leaves, root=leaf_tree(leaves.records()).root)
        return replace(records, settled=(*others, changed))

    return tamper


def jumped(leaf: Measured) -> Measured:
    """Registers that do not go on from the day before."""
    first, last = (Registers(one.imported + 1, one.exported) for one in (leaf.first, leaf.last))
    return replace(leaf, first=first, last=last)


def forgotten(records: MarketRecords) -> MarketRecords:
    """A member that was neither settled nor passed over."""
    *others, last = records.settled
    return replace(records, settled=(*others, replace(last, closed=last.closed[1:])))


def closed_twice(records: MarketRecords) -> MarketRecords:
    return replace(records, closed=(*records.closed, records.closed[-1]))


def of_a_reward(field: str) -> Callable[[MarketRecords], MarketRecords]:
    def tamper(records: MarketRecords) -> MarketRecords:
        (event,) = records.events
        part, *rest = event.rewards
        changed = replace(part, **{field: getattr(part, field) + 1})
        return replace(records, events=(replace(event, rewards=(changed, *rest)),))

    return tamper


def of_shares(**changed: Callable[[Any], Any]) -> Callable[[MarketRecords], MarketRecords]:
    def tamper(records: MarketRecords) -> MarketRecords:
        (shares,) = records.shares
        values = {name: change(getattr(shares, name)) for name, change in changed.items()}
        return replace(records, shares=(replace(shares, **values),))

    return tamper


def of_a_producer(field: str) -> Callable[[MarketRecords], MarketRecords]:
    def tamper(records: MarketRecords) -> MarketRecords:
        head, *rest = records.carbon.producers
        changed = replace(head, **{field: getattr(head, field) + 1})
        return replace(records, carbon=replace(records.carbon, producers=(changed, *rest)))

    return tamper


def unshared(records: MarketRecords) -> MarketRecords:
    """What one gives nobody takes."""
    head = next(each for each in records.closed if each.taken)
    closed = tuple(
        replace(each, taken=0, from_grid=each.from_grid + each.taken) if each is head else each
        for each in records.closed
    )
    return replace(records, closed=closed)


def foreign_trade(records: MarketRecords) -> MarketRecords:
    """A trade with an account that closes nothing."""
    buyer, slot = next(iter(records.positions))
    slots = range(slot, slot + 1)
    trade = TradeRecord(buyer=buyer, seller=account_of(999), slots=slots, wh=5, price=1)
    return replace(records, trades=(trade, *records.trades))


TAMPERED: list[tuple[Callable[[MarketRecords], MarketRecords], str]] = [
    (of_the_day(root=bytes(32)), "the leaves that settled a community's day"),
    (
        of_the_day(differences=(Difference(number=1, figure="money", found=1, computed=2),)),
        "every settled day, computed anew from its leaves",
    ),
    (leaf_changed(more_wh=1), "every leaf's slots are what the meter has signed"),
    (leaf_changed(more_wh=1), "every leaf's registers go on from the day before"),
    (leaf_changed(jumped), "every leaf's registers go on from the day before"),
    (forgotten, "every member's day was closed with the others'"),
    (forgotten, "every closing shared, kept, used, fed in and charged"),
    (unread, "every slot of a closed day was read in time"),
    (leaf_changed(more_wh=1), "every closing shared, kept, used, fed in and charged"),
    (entry("positions", 1), "every position is what the account has bought less"),
    (foreign_trade, "all accounts together bought what they sold"),
    (more("accounts", "cursor"), "every account has closed its days once and in order"),
    (closed_twice, "every account has closed its days once and in order"),
    (more("closed", "money"), "every closing shared, kept, used, fed in and charged"),
    (unshared, "every closing shared, kept, used, fed in and charged"),
    (more("closed", "kept"), "net + bought - sold + taken"),
    (more("closed", "from_grid"), "what all accounts together got from the grid"),
    (entry("deficit_prices", 1), "every closing shared, kept, used, fed in and charged"),
    (entry("thetas", 9), "every closing shared, kept, used, fed in and charged"),
    (more("accounts", "credits"), "energy credits are those that closings left"),
    (more("accounts", "redeemed"), "energy credits are those that closings left"),
    (within("grid", "cash"), "the grid account has what it was given and charged"),
    (within("grid", "funded"), "the grid account has what it was given and charged"),
    (more("accounts", "debt"), "nobody owes money"),
    (more("accounts", "receivable"), "nobody owes money"),
    (within("grid", "owed"), "nobody owes money"),
    (within("grid", "credits"), "all energy credits are in accounts or outside"),
    (within("energy", "balances"), "the supply of energy tokens"),
    (within("money", "minted"), "the supply of test dollars"),
    (within("grid", "holding"), "the settlement contract holds what it owes"),
    (more("accounts", "free"), "balance + security = deposits"),
    (more("accounts", "withdrawn"), "balance + security = deposits"),
    (more("accounts", "wallet"), "every wallet has what was paid out to it"),
    (of_a_reward("reduction_w"), "every metered load reduction is its baseline"),
    (of_a_reward("paid"), "every reward is its share of the budget"),
    (more("events", "refunded"), "rewards and the refund to the operator"),
    (within("escrow", "holding"), "the demand-response contract holds no money"),
    (
        lambda records: replace(
            records,
            assets=tuple(
                replace(one, production={day: wh + 1 for day, wh in one.production.items()})
                for one in records.assets
            ),
        ),
        "every plant has produced what the registers of its own meter say",
    ),
    (entry("produced", 1), "every plant has produced what the registers of its own meter say"),
    (of_shares(count=lambda count: count + 1), "a shared plant belongs to its shares"),
    (of_shares(address=lambda _: "elsewhere"), "a shared plant belongs to its shares"),
    (of_shares(received=lambda wh: wh + 1), "the revenue of shares is the money sent to them"),
    (of_shares(claimed=lambda _: {}), "every holder has claimed its part of the revenue"),
    (
        of_shares(holding=lambda money: money + 50),
        "the revenue that no holder can claim is below one unit per holder",
    ),
    (of_a_producer("remainder"), "carbon credits, with the part of a gram left over"),
    (of_a_producer("times"), "carbon credits were issued once for each retirement"),
    (of_a_producer("energy"), "carbon credits were issued once for each retirement"),
    (of_a_producer("certified"), "certificates were issued for all that a plant has produced"),
    (within("carbon", "issued"), "carbon credits issued are those that accounts hold"),
]


def test_audit__day_as_it_was__holds(day: LivedDay) -> None:
    require(audit(day.records, day.metered))


def test_audit__every_statement__can_fail(day: LivedDay) -> None:
    claims = {one.claim for one in audit(day.records, day.metered)}
    wrong = {
        one.claim
        for tamper, _ in TAMPERED
        for one in audit(tamper(day.records), day.metered)
        if not one.holds
    }
    assert claims == wrong


@pytest.mark.parametrize(
    ("tamper", "claim"), TAMPERED, ids=[f"{at} {claim}" for at, (_, claim) in enumerate(TAMPERED)]
)
def test_audit__one_number_wrong__is_found(
    tamper: Callable[[MarketRecords], MarketRecords], claim: str, day: LivedDay
) -> None:
    failed = [one for one in audit(tamper(day.records), day.metered) if not one.holds]
    assert any(one.claim.startswith(claim) for one in failed)
    with pytest.raises(CheckFailedError, match="the check failed: "):
        require(failed)


def test_audit__part_of_a_unit__is_written_as_such(day: LivedDay) -> None:
    records = day.records
    statements = audit(within("grid", "cash")(records), day.metered, str)
    (cash,) = (one for one in statements if one.claim.startswith("the grid account has"))
    assert cash.numbers.startswith(f"cash {records.grid.cash // 1000} and 1/1000 unit, but funded")
