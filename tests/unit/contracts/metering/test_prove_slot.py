"""SmartMeter.proveSlot: what is in the tree counts, and nothing else.

That nothing counts twice: test_prove_slot_once.py; what it does to money: test_prove_slot_late.py.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from energy_grid.contracts import errors
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.support.stacks import deploy_stack
from tests.unit.contracts.metering.gateways import (
    POWER,
    Leaf,
    Tree,
    anchor,
    anchor_root,
    assign,
    counted,
    gateway_at,
    logged,
    prove,
    prove_leaf,
    register_gateway,
    replace_gateway,
)
from tests.unit.contracts.metering.registrar import energy, lifetime, read_at_end
from tests.unit.contracts.metering.signatures import NOBODY

HOUR = 3600
SLOT = MONDAY // HOUR
END = MONDAY + HOUR
MOST = 2**256 - 1
LARGEST_POWER = 2**31 - 1
NEIGHBOUR = actor("neighbour")


@pytest.fixture
def leaf(prosumer: LocalAccount) -> Leaf:
    return Leaf(account=prosumer.address, slot=SLOT, produced=700, consumed=30)


@pytest.fixture
def tree(market: Market, gateway: LocalAccount, leaf: Leaf) -> Tree:
    """Anchored at the slot's end, with six households more."""
    return anchor(market, gateway, leaf)


def wrong(leaf: Leaf, tree: Tree) -> dict[str, object]:
    """The values of WrongProof."""
    return {"account": leaf.account, "slot": leaf.slot, "root": tree.root}


# Nothing is anchored


def test_prove_slot__account_of_no_gateway__refused(market: Market, tree: Tree) -> None:
    for account in (NEIGHBOUR.address, NOBODY):
        leaf = Leaf(account=account, slot=SLOT)
        with refused(errors.SmartMeter_NotAnchored, account=account, slot=SLOT, gateway=0):
            prove_leaf(market, leaf, [])


def test_prove_slot__slot_before_the_assignment__refused(
    market: Market, gateway: LocalAccount, leaf: Leaf
) -> None:
    """The gateway has anchored the slot, but did not read the account in it."""
    assign(market.at(END), NEIGHBOUR)
    before = leaf.but(account=NEIGHBOUR.address)
    tree = anchor(market, gateway, leaf, before)

    with refused(errors.SmartMeter_NotAnchored, account=before.account, slot=SLOT, gateway=0):
        prove(market, tree, before)


@pytest.mark.parametrize("slot", [SLOT - 1, SLOT + 1, 2**32 + SLOT, 2**224 + SLOT, MOST])
def test_prove_slot__slot_not_anchored__refused(
    market: Market, tree: Tree, leaf: Leaf, slot: int
) -> None:
    gateway = 0 if slot < SLOT else 1
    with refused(errors.SmartMeter_NotAnchored, account=leaf.account, slot=slot, gateway=gateway):
        prove_leaf(market, leaf.but(slot=slot), tree.proof(leaf))


def test_prove_slot__anchored_by_another_gateway__refused(
    market: Market, gateway: LocalAccount, leaf: Leaf
) -> None:
    register_gateway(market, actor("second gateway"))
    tree = anchor(market, actor("second gateway"), leaf)

    with refused(errors.SmartMeter_NotAnchored, account=leaf.account, slot=SLOT, gateway=1):
        prove(market, tree, leaf)


# The proof does not lead there


@pytest.mark.parametrize(
    "values",
    [
        {"produced": 701},
        {"produced": 699},
        {"consumed": 31},
        {"consumed": 29},
        {"produced": 30, "consumed": 700},
        {"salt": keccak(text="another salt")},
        {"salt": bytes(32)},
        {"produced": MOST},
    ],
)
def test_prove_slot__other_values__refused(
    market: Market, tree: Tree, leaf: Leaf, values: dict[str, int]
) -> None:
    with refused(errors.SmartMeter_WrongProof, **wrong(leaf, tree)):
        prove_leaf(market, leaf.but(**values), tree.proof(leaf))


def test_prove_slot__leaf_of_another_account__refused(
    market: Market, gateway: LocalAccount, leaf: Leaf
) -> None:
    """Each with the other's energy, salt and proof."""
    assign(market, NEIGHBOUR)
    other = leaf.but(account=NEIGHBOUR.address, produced=5)
    tree = anchor(market, gateway, leaf, other)

    for mine, taken in ((leaf, other), (other, leaf)):
        with refused(errors.SmartMeter_WrongProof, **wrong(mine, tree)):
            prove_leaf(market, replace(taken, account=mine.account), tree.proof(taken))


def test_prove_slot__leaf_of_another_slot__refused(
    market: Market, gateway: LocalAccount, leaf: Leaf, tree: Tree
) -> None:
    later = leaf.but(slot=SLOT + 1)
    other = anchor(market, gateway, later.but(produced=9))

    with refused(errors.SmartMeter_WrongProof, **wrong(later, other)):
        prove_leaf(market, later, tree.proof(leaf))
    # Also if the gateway puts it into the tree of the wrong slot.
    misplaced = anchor(market, gateway, leaf.but(slot=SLOT + 2), leaf)
    with refused(errors.SmartMeter_WrongProof, **wrong(later.but(slot=SLOT + 2), misplaced)):
        prove_leaf(market, leaf.but(slot=SLOT + 2, produced=9), misplaced.proof(leaf))


def test_prove_slot__tree_of_another_market__refused(
    market: Market, gateway: LocalAccount, leaf: Leaf, tree: Tree
) -> None:
    """What one market's gateway has anchored is nothing in another."""
    other = deploy_stack(market, market.dollar)
    register_gateway(other, gateway)
    # Assigned there from this slot on, too late for the first one.
    assign(other, actor("prosumer"))

    with refused(errors.SmartMeter_NotAnchored, account=leaf.account, slot=SLOT, gateway=0):
        prove(other, tree, leaf)
    with refused(errors.SmartMeter_NotAnchored, account=leaf.account, slot=SLOT + 1, gateway=1):
        prove_leaf(other, leaf.but(slot=SLOT + 1), tree.proof(leaf))


@pytest.mark.parametrize(
    "damage",
    ["reversed", "first gone", "last gone", "empty", "one more", "itself", "root", "doubled"],
)
def test_prove_slot__damaged_proof__refused(
    market: Market, tree: Tree, leaf: Leaf, damage: str
) -> None:
    proof = tree.proof(leaf)
    assert len(proof) == 3
    damaged = {
        "reversed": proof[::-1],
        "first gone": proof[1:],
        "last gone": proof[:-1],
        "empty": [],
        "one more": [*proof, bytes(32)],
        "itself": [leaf.hash, *proof],
        "root": [*proof, tree.root],
        "doubled": proof * 2,
    }[damage]

    with refused(errors.SmartMeter_WrongProof, **wrong(leaf, tree)):
        prove_leaf(market, leaf, damaged)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_prove_slot__a_bit_of_the_proof_flipped__refused(
    market: Market, tree: Tree, leaf: Leaf, place: int
) -> None:
    proof = tree.proof(leaf)
    proof[place] = bytes([proof[place][0] ^ 1]) + proof[place][1:]

    with refused(errors.SmartMeter_WrongProof, **wrong(leaf, tree)):
        prove_leaf(market, leaf, proof)


def test_prove_slot__hash_of_an_inner_node__is_no_leaf(
    market: Market, gateway: LocalAccount, leaf: Leaf
) -> None:
    """Roots of leaves hashed once, and of the bare encoding, are not what is checked: an inner
    node has 64 bytes, a leaf's inside 32, and its encoding 160."""
    encoded = b"".join(
        (
            bytes.fromhex(leaf.account[2:]).rjust(32, b"\0"),
            *(value.to_bytes(32) for value in (leaf.slot, leaf.produced, leaf.consumed)),
            leaf.salt,
        )
    )
    once = keccak(encoded)
    assert keccak(once) == leaf.hash
    anchor_root(market.at(END), gateway, SLOT, once)

    with refused(errors.SmartMeter_WrongProof, account=leaf.account, slot=SLOT, root=once):
        prove_leaf(market, leaf, [])


def test_prove_slot__leaf_of_one_side_as_proof_of_the_other__both_lead_there(
    market: Market, gateway: LocalAccount, leaf: Leaf
) -> None:
    """In a tree of two the leaves are each other's proofs, whichever is the lower."""
    assign(market, NEIGHBOUR)
    other = leaf.but(account=NEIGHBOUR.address, produced=5)
    tree = anchor(market, gateway, leaf, other, others=0)
    assert tree.proof(leaf) == [other.hash]

    prove_leaf(market, leaf, [other.hash])
    prove_leaf(market, other, [leaf.hash])

    assert energy(market, NEIGHBOUR, SLOT) == (5, 30)


# Plausibility


@pytest.mark.parametrize(
    ("power", "most"), [(1, 1), (999, 999), (1000, 1000), (POWER, POWER), (LARGEST_POWER,) * 2]
)
@pytest.mark.parametrize("side", ["produced", "consumed"])
def test_prove_slot__as_much_as_the_power_gives__and_no_more(
    market: Market, gateway: LocalAccount, prosumer: LocalAccount, power: int, most: int, side: str
) -> None:
    assign(market, prosumer, 1, power)
    assign(market, NEIGHBOUR, 1, power)
    leaf = Leaf(account=prosumer.address, slot=SLOT).but(**{side: most + 1})
    fits = Leaf(account=NEIGHBOUR.address, slot=SLOT).but(**{side: most})
    tree = anchor(market, gateway, leaf, fits)

    with refused(
        errors.SmartMeter_ImplausibleEnergy, meter=prosumer.address, energy=most + 1, maximum=most
    ):
        prove(market, tree, leaf)
    prove(market, tree, fits)

    assert sorted(energy(market, NEIGHBOUR, SLOT)) == [0, most]
    assert not counted(market, prosumer, SLOT)


def test_prove_slot__both_sides_at_once__are_looked_at_each(
    market: Market, gateway: LocalAccount, prosumer: LocalAccount
) -> None:
    leaf = Leaf(account=prosumer.address, slot=SLOT, produced=POWER, consumed=POWER)

    prove(market, anchor(market, gateway, leaf), leaf)

    assert energy(market, prosumer, SLOT) == (POWER, POWER)


@pytest.mark.parametrize(
    ("power", "most"), [(1, 1), (3, 1), (4, 1), (5, 2), (LARGEST_POWER, 2**29)]
)
def test_prove_slot__quarter_hours__rounded_up(
    quarter_hours: Market, prosumer: LocalAccount, power: int, most: int
) -> None:
    market, key = quarter_hours, actor("gateway")
    register_gateway(market, key)
    assign(market, prosumer, 1, power)
    assign(market, NEIGHBOUR, 1, power)
    slot = market.slot(MONDAY)
    leaf = Leaf(account=prosumer.address, slot=slot, produced=most + 1)
    fits = Leaf(account=NEIGHBOUR.address, slot=slot, produced=most)
    tree = anchor(market, key, leaf, fits)

    with refused(
        errors.SmartMeter_ImplausibleEnergy, meter=prosumer.address, energy=most + 1, maximum=most
    ):
        prove(market, tree, leaf)
    prove(market, tree, fits)

    assert energy(market, NEIGHBOUR, slot) == (most, 0)


def test_prove_slot__power_changed_since__that_of_the_slot(
    market: Market, gateway: LocalAccount, prosumer: LocalAccount
) -> None:
    assign(market, prosumer, 1, 10)
    leaf = Leaf(account=prosumer.address, slot=SLOT, produced=11)
    tree = anchor(market, gateway, leaf)
    assign(market, prosumer, 1, 11)
    later = leaf.but(slot=SLOT + 1)

    with refused(
        errors.SmartMeter_ImplausibleEnergy, meter=prosumer.address, energy=11, maximum=10
    ):
        prove(market, tree, leaf)
    prove(market, anchor(market, gateway, later), later)


@pytest.mark.parametrize("value", [2**56, 2**128, MOST])
def test_prove_slot__absurd_energy__refused(
    market: Market, gateway: LocalAccount, prosumer: LocalAccount, value: int
) -> None:
    leaf = Leaf(account=prosumer.address, slot=SLOT, consumed=value)
    tree = anchor(market, gateway, leaf)

    with refused(
        errors.SmartMeter_ImplausibleEnergy, meter=prosumer.address, energy=value, maximum=POWER
    ):
        prove(market, tree, leaf)


# All is well


def test_prove_slot__well__counts(
    market: Market, prosumer: LocalAccount, tree: Tree, leaf: Leaf
) -> None:
    assert not counted(market, prosumer, SLOT)

    receipt = prove(market, tree, leaf)

    values = {"account": leaf.account, "slot": SLOT, "produced": 700, "consumed": 30}
    assert logged(market, receipt) == [("SlotProven", values)]
    assert market.settlement.events(receipt.logs) == []
    assert energy(market, prosumer, SLOT) == (700, 30)
    assert lifetime(market, prosumer) == (700, 30)
    assert counted(market, prosumer, SLOT)
    # It is the proof that says all; no meter was read.
    assert read_at_end(market, prosumer, SLOT) == 0


@pytest.mark.parametrize("households", [*range(8), 15, 16, 17])
def test_prove_slot__trees_of_any_size__every_leaf_is_proven(
    market: Market, gateway: LocalAccount, leaf: Leaf, households: int
) -> None:
    """A tree of one leaf has an empty proof."""
    tree = anchor(market, gateway, leaf, others=households)
    assert bool(tree.proof(leaf)) == bool(households)

    prove(market, tree, leaf)
    for other in tree.leaves[1:]:
        with pytest.raises(errors.SmartMeter_NotAnchored):
            prove(market, tree, other)


def test_prove_slot__leaf_several_times_in_the_tree__counts_once(
    market: Market, gateway: LocalAccount, prosumer: LocalAccount, leaf: Leaf
) -> None:
    tree = anchor(market, gateway, leaf, leaf, leaf)
    proofs = {tree.merkle.proof(n) for n in range(3)}
    assert len(proofs) > 1
    prove(market, tree, leaf)

    for proof in proofs:
        with refused(errors.Settlement_SlotProven, account=leaf.account, slot=SLOT):
            prove_leaf(market, leaf, proof)
    assert energy(market, prosumer, SLOT) == (700, 30)


def test_prove_slot__of_nothing__is_counted(
    market: Market, gateway: LocalAccount, prosumer: LocalAccount, leaf: Leaf
) -> None:
    nothing = leaf.but(produced=0, consumed=0)
    tree = anchor(market, gateway, nothing)

    prove(market, tree, nothing)

    assert counted(market, prosumer, SLOT)
    with refused(errors.Settlement_SlotProven, account=leaf.account, slot=SLOT):
        prove(market, tree, nothing)


def test_prove_slot__gateway_replaced_or_suspended_since__counts(
    market: Market, prosumer: LocalAccount, tree: Tree, leaf: Leaf
) -> None:
    replace_gateway(market, 1, actor("new key"))
    assert gateway_at(market, 1) == actor("new key").address
    assign(market, prosumer, 0)

    prove(market, tree, leaf)

    assert energy(market, prosumer, SLOT) == (700, 30)


@pytest.mark.parametrize("days", [0, 1, 400])
def test_prove_slot__at_any_time__counts(
    market: Market, prosumer: LocalAccount, tree: Tree, leaf: Leaf, days: int
) -> None:
    market.go_to(END + 60 + days * 86_400)

    prove(market, tree, leaf)

    assert energy(market, prosumer, SLOT) == (700, 30)


def test_prove_slot__several_things_wrong__refused_in_order(
    market: Market, gateway: LocalAccount, prosumer: LocalAccount, leaf: Leaf
) -> None:
    absurd = leaf.but(produced=MOST)
    with pytest.raises(errors.SmartMeter_NotAnchored):
        prove_leaf(market, absurd, [])
    tree = anchor(market, gateway, leaf, absurd)
    prove(market, tree, leaf)
    with pytest.raises(errors.SmartMeter_WrongProof):
        prove_leaf(market, absurd, [])
    with pytest.raises(errors.SmartMeter_ImplausibleEnergy):
        prove(market, tree, absurd)
