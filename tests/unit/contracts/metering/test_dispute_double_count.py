"""SmartMeter.disputeDoubleCount: a gateway has anchored two readings of one account in one slot.

Whose key answers for it when it was replaced: test_replace_gateway.py.
"""

from __future__ import annotations

from typing import Any

import pytest
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from energy_grid.contracts import errors
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.support.settlement import close
from tests.unit.contracts.metering.gateways import (
    Leaf,
    Tree,
    anchor,
    assign,
    counted,
    dispute,
    gateway_at,
    logged,
    number_of,
    prove,
    register_gateway,
)
from tests.unit.contracts.metering.registrar import deactivate, energy, lifetime
from tests.unit.contracts.metering.signatures import NOBODY

HOUR = 3600
SLOT = MONDAY // HOUR
END = MONDAY + HOUR
MOST = 2**256 - 1
NEIGHBOUR = actor("neighbour")


@pytest.fixture
def first(prosumer: LocalAccount) -> Leaf:
    return Leaf(account=prosumer.address, slot=SLOT, produced=700, consumed=30)


@pytest.fixture
def second(first: Leaf) -> Leaf:
    return first.but(produced=701)


def suspended(leaf: Leaf, key: LocalAccount, number: int = 1) -> tuple[str, dict[str, Any]]:
    values = {"gateway": number, "key": key.address, "account": leaf.account, "slot": leaf.slot}
    return "GatewaySuspended", values


def as_nothing(leaf: Leaf) -> tuple[str, dict[str, Any]]:
    values = {"account": leaf.account, "slot": leaf.slot, "produced": 0, "consumed": 0}
    return "SlotProven", values


def test_dispute_double_count__nothing_anchored__refused(
    market: Market, gateway: LocalAccount, first: Leaf, second: Leaf
) -> None:
    tree = Tree.of(first, second)

    with refused(errors.SmartMeter_NotAnchored, account=first.account, slot=SLOT, gateway=1):
        dispute(market, tree, first, second)
    with refused(errors.SmartMeter_NotAnchored, account=first.account, slot=MOST, gateway=1):
        market.do(
            actor("anybody"),
            market.meters,
            *("disputeDoubleCount", first.account, MOST),
            *(tree.reading(first), tree.reading(second)),
        )


def test_dispute_double_count__gateway_does_not_read_the_account__refused(
    market: Market, gateway: LocalAccount, first: Leaf, second: Leaf
) -> None:
    """What others anchor of an account counts for nothing, so it does no harm either."""
    register_gateway(market, actor("rogue"))
    tree = anchor(market, actor("rogue"), first, second)
    stray = [leaf.but(account=NEIGHBOUR.address) for leaf in (first, second)]

    with refused(errors.SmartMeter_NotAnchored, account=first.account, slot=SLOT, gateway=1):
        dispute(market, tree, first, second)
    with refused(errors.SmartMeter_NotAnchored, account=NEIGHBOUR.address, slot=SLOT, gateway=0):
        dispute(market, anchor(market, gateway, *stray), *stray)


@pytest.mark.parametrize("forged", ["first", "second"])
@pytest.mark.parametrize(
    "values", [{"produced": 702}, {"consumed": 31}, {"salt": keccak(text="other")}, {"slot": SLOT}]
)
def test_dispute_double_count__one_is_not_in_the_tree__refused(
    market: Market,
    gateway: LocalAccount,
    first: Leaf,
    second: Leaf,
    forged: str,
    values: dict[str, Any],
) -> None:
    tree = anchor(market, gateway, first, second)
    good = tree.reading(first)
    lie = second.but(**values)
    bad = (lie.produced, lie.consumed, lie.salt, tree.proof(first))
    pair = (bad, good) if forged == "first" else (good, bad)

    with refused(errors.SmartMeter_WrongProof, account=first.account, slot=SLOT, root=tree.root):
        market.do(
            actor("anybody"),
            market.meters,
            *("disputeDoubleCount", first.account, SLOT, *pair),
        )
    assert gateway_at(market, 1) == gateway.address


def test_dispute_double_count__leaves_of_two_accounts_or_slots__refused(
    market: Market, gateway: LocalAccount, first: Leaf
) -> None:
    assign(market, NEIGHBOUR)
    others = [first.but(account=NEIGHBOUR.address), first.but(slot=SLOT + 1)]
    tree = anchor(market, gateway, first, *others)

    for other in others:
        for pair in ((first, other), (other, first)):
            if pair[0].slot != SLOT:
                continue
            with refused(
                errors.SmartMeter_WrongProof, account=pair[0].account, slot=SLOT, root=tree.root
            ):
                dispute(market, tree, *pair)


def test_dispute_double_count__one_leaf_twice__refused(
    market: Market, gateway: LocalAccount, first: Leaf
) -> None:
    """Neither the same one, nor two equal ones: they count once, whichever is proven."""
    tree = anchor(market, gateway, first, first)
    pair = [
        (first.produced, first.consumed, first.salt, list(tree.merkle.proof(n))) for n in (0, 1)
    ]

    with refused(errors.SmartMeter_NoContradiction, account=first.account, slot=SLOT):
        dispute(market, tree, first, first)
    with refused(errors.SmartMeter_NoContradiction, account=first.account, slot=SLOT):
        market.do(
            actor("anybody"),
            market.meters,
            *("disputeDoubleCount", first.account, SLOT, *pair),
        )


@pytest.mark.parametrize(
    "values",
    [
        {"produced": 701},
        {"consumed": 29},
        {"produced": MOST},
        {"produced": 0, "consumed": 0},
        {"salt": keccak(text="another salt")},
    ],
)
def test_dispute_double_count__nothing_proven__suspends_and_counts_as_nothing(
    market: Market,
    gateway: LocalAccount,
    prosumer: LocalAccount,
    first: Leaf,
    values: dict[str, Any],
) -> None:
    """Also if both say the same and only the salt differs, or one is beyond all measure."""
    second = first.but(**values)
    tree = anchor(market, gateway, first, second)

    receipt = dispute(market, tree, first, second)

    assert logged(market, receipt) == [suspended(first, gateway), as_nothing(first)]
    assert market.settlement.events(receipt.logs) == []
    assert (gateway_at(market, 1), number_of(market, gateway)) == (NOBODY, 0)
    assert number_of(market, NOBODY) == 0
    assert counted(market, prosumer, SLOT)
    assert (energy(market, prosumer, SLOT), lifetime(market, prosumer)) == ((0, 0), (0, 0))
    for leaf in (first, second):
        with pytest.raises((errors.Settlement_SlotProven, errors.SmartMeter_ImplausibleEnergy)):
            prove(market, tree, leaf)


@pytest.mark.parametrize("proven", ["first", "second"])
def test_dispute_double_count__one_is_proven__it_stays(
    market: Market,
    gateway: LocalAccount,
    prosumer: LocalAccount,
    first: Leaf,
    second: Leaf,
    proven: str,
) -> None:
    tree = anchor(market, gateway, first, second)
    leaf = first if proven == "first" else second
    prove(market, tree, leaf)

    receipt = dispute(market, tree, first, second)

    assert logged(market, receipt) == [suspended(first, gateway)]
    assert energy(market, prosumer, SLOT) == lifetime(market, prosumer) == (leaf.produced, 30)
    with refused(errors.Settlement_SlotProven, account=first.account, slot=SLOT):
        prove(market, tree, second if leaf == first else first)


def test_dispute_double_count__counted_by_meters__it_stays(
    market: Market, meter: LocalAccount, prosumer: LocalAccount, first: Leaf, second: Leaf
) -> None:
    """The account got its gateway in a slot in which its own meter was read before."""
    market.at(MONDAY + 1000).read_meter(meter, timestamp=MONDAY + 1000, produced=5)
    deactivate(market, meter)
    key = actor("gateway")
    register_gateway(market, key)
    assign(market, prosumer)
    tree = anchor(market, key, first, second)

    receipt = dispute(market, tree, first, second)

    assert logged(market, receipt) == [suspended(first, key)]
    assert energy(market, prosumer, SLOT) == lifetime(market, prosumer) == (5, 0)


def test_dispute_double_count__slot_closed__counts_as_nothing(
    market: Market, gateway: LocalAccount, prosumer: LocalAccount, first: Leaf, second: Leaf
) -> None:
    tree = anchor(market, gateway, first, second)
    market.go_to(market.closable_at(SLOT))
    close(market, prosumer, SLOT)

    receipt = dispute(market, tree, second, first)

    assert logged(market, receipt) == [suspended(first, gateway), as_nothing(first)]
    (closed,) = market.settlement.events(receipt.logs)
    assert dict(closed.arguments) == {
        "account": first.account,
        "slot": SLOT,
        "minted": 0,
        "burned": 0,
        "from_grid": 0,
        "cost": 0,
        "paid": 0,
    }


def test_dispute_double_count__again__refused(
    market: Market, gateway: LocalAccount, first: Leaf, second: Leaf
) -> None:
    """Nobody can raise the alarm twice with the same leaves, in whatever order."""
    third = first.but(consumed=31)
    tree = anchor(market, gateway, first, second, third)
    dispute(market, tree, first, second)

    for pair in ((first, second), (second, first), (first, third)):
        with refused(errors.SmartMeter_NothingToDispute, account=first.account, slot=SLOT):
            dispute(market, tree, *pair)


def test_dispute_double_count__other_accounts__are_proven_as_before(
    market: Market, gateway: LocalAccount, first: Leaf, second: Leaf
) -> None:
    assign(market, NEIGHBOUR)
    of_neighbour = first.but(account=NEIGHBOUR.address, consumed=8)
    before = anchor(market, gateway, of_neighbour.but(slot=SLOT), first, second)
    later_slot = of_neighbour.but(slot=SLOT + 1)
    later = anchor(market, gateway, later_slot)

    dispute(market, before, first, second)
    prove(market, before, of_neighbour)
    prove(market, later, later_slot)

    assert [energy(market, NEIGHBOUR, SLOT + n) for n in (0, 1)] == [(700, 8)] * 2


def test_dispute_double_count__other_gateways__stay(
    market: Market, gateway: LocalAccount, first: Leaf, second: Leaf
) -> None:
    other = actor("second gateway")
    register_gateway(market, other)
    tree = anchor(market, gateway, first, second)

    dispute(market, tree, first, second)

    assert gateway_at(market, 2) == other.address
    assert number_of(market, other) == 2


def test_dispute_double_count__account_given_away_since__suspends_who_read_it_then(
    market: Market, gateway: LocalAccount, prosumer: LocalAccount, first: Leaf, second: Leaf
) -> None:
    other = actor("second gateway")
    register_gateway(market, other)
    tree = anchor(market, gateway, first, second)
    assign(market, prosumer, 2)

    receipt = dispute(market, tree, first, second)

    assert logged(market, receipt)[0] == suspended(first, gateway)
    assert [gateway_at(market, number) for number in (1, 2)] == [NOBODY, other.address]
