"""SmartMeter: one slot of an account is counted by its meters or by a proof, never by both.

Direct, signed and anchored readings of one account come in any order; a model that knows only who
came first agrees.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import permutations

import pytest
from eth_account.signers.local import LocalAccount
from hypothesis import given, settings
from hypothesis import strategies as st

from energy_grid.contracts import errors
from tests.support.examples import on_chain, rewound
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.metering.gateways import (
    Leaf,
    Tree,
    anchor,
    assign,
    counted,
    dispute,
    prove,
    register_gateway,
)
from tests.unit.contracts.metering.registrar import (
    deactivate,
    energy,
    lifetime,
    move,
    read_at_end,
    relay,
)

HOUR = 3600
SLOT = MONDAY // HOUR
END = MONDAY + HOUR
KEY, NEIGHBOUR = actor("gateway"), actor("neighbour")
# What each way of counting says was produced.
PRODUCED = {"direct": 1, "signed": 10, "anchored": 100, "other leaf": 1000}


@pytest.fixture
def leaves(prosumer: LocalAccount) -> list[Leaf]:
    """Two of the prosumer: the gateway contradicts itself."""
    return [
        Leaf(account=prosumer.address, slot=SLOT, produced=PRODUCED[name])
        for name in ("anchored", "other leaf")
    ]


@pytest.fixture
def tree(
    market: Market, prosumer: LocalAccount, meter: LocalAccount, leaves: Sequence[Leaf]
) -> Tree:
    """All ways lead to the first slot: a gateway read the account in it, and after its end two
    meters came that have not been read since before."""
    move(market, meter, NEIGHBOUR)
    second = market.register_meter(NEIGHBOUR, actor("second meter"))
    register_gateway(market, KEY)
    assign(market, prosumer)
    tree = anchor(market, KEY, *leaves)
    assign(market, prosumer, 0)
    for device in (meter, second):
        move(market, device, prosumer)
    return tree


def read(market: Market, device: LocalAccount, produced: int, *, signed: bool = False) -> None:
    """By a meter, of the last second but one of the first slot."""
    reading = market.reading(timestamp=END - 1, produced=produced)
    if signed:
        relay(market, market.signed_reading(device, reading))
    else:
        market.do(device, market.meters, "submitReading", reading)


def count(market: Market, how: str, tree: Tree, meter: LocalAccount) -> None:
    """Try to have the first slot counted."""
    if how == "direct":
        read(market, meter, PRODUCED[how])
    elif how == "signed":
        read(market, actor("second meter"), PRODUCED[how], signed=True)
    else:
        prove(market, tree, tree.leaves[how == "other leaf"])


@pytest.mark.parametrize("order", permutations(PRODUCED), ids=" ".join)
def test_prove_slot_once__in_any_order__the_first_way_counts(
    market: Market,
    prosumer: LocalAccount,
    meter: LocalAccount,
    tree: Tree,
    order: tuple[str, ...],
) -> None:
    """Two meters of one account are two devices: their readings add up."""
    total, by_meters = 0, order[0] in ("direct", "signed")
    for how in order:
        if (how in ("direct", "signed")) == by_meters and (by_meters or how == order[0]):
            count(market, how, tree, meter)
            total += PRODUCED[how]
        else:
            error = errors.Settlement_SlotMetered if by_meters else errors.Settlement_SlotProven
            with refused(error, account=prosumer.address, slot=SLOT):
                count(market, how, tree, meter)
        assert energy(market, prosumer, SLOT) == lifetime(market, prosumer) == (total, 0)


def test_prove_slot_once__meter_read_nothing_at_the_slots_end__counts(
    market: Market, prosumer: LocalAccount, meter: LocalAccount, tree: Tree
) -> None:
    """It says that nothing is outstanding, so nothing can be proven beside it."""
    market.do(meter, market.meters, "submitReading", market.reading(timestamp=END))
    assert read_at_end(market, prosumer, SLOT) == 1

    with refused(errors.Settlement_SlotMetered, account=prosumer.address, slot=SLOT):
        prove(market, tree, tree.leaves[0])


def test_prove_slot_once__meter_read_nothing_within_the_slot__leaves_it_open(
    market: Market, prosumer: LocalAccount, meter: LocalAccount, tree: Tree
) -> None:
    read(market, meter, 0)
    assert not counted(market, prosumer, SLOT)

    prove(market, tree, tree.leaves[0])

    assert energy(market, prosumer, SLOT) == lifetime(market, prosumer) == (100, 0)


@pytest.mark.parametrize("timestamp", [END - 1, END])
def test_prove_slot_once__refused_reading__comes_with_the_next_one(
    market: Market, prosumer: LocalAccount, meter: LocalAccount, tree: Tree, timestamp: int
) -> None:
    """The device is not stuck: what it counted goes to the next slot."""
    prove(market, tree, tree.leaves[0])
    reading = market.reading(timestamp=timestamp, produced=4)
    with refused(errors.Settlement_SlotProven, account=prosumer.address, slot=SLOT):
        market.do(meter, market.meters, "submitReading", reading)

    market.at(END + 100).read_meter(meter, timestamp=END + 100, produced=4)

    assert [energy(market, prosumer, SLOT + n) for n in (0, 1)] == [(100, 0), (4, 0)]


def test_prove_slot_once__disputed__counts_by_no_way(
    market: Market, prosumer: LocalAccount, meter: LocalAccount, tree: Tree
) -> None:
    dispute(market, tree, *tree.leaves[:2])

    for how in PRODUCED:
        with refused(errors.Settlement_SlotProven, account=prosumer.address, slot=SLOT):
            count(market, how, tree, meter)
    assert energy(market, prosumer, SLOT) == (0, 0)


def test_prove_slot_once__gateway_comes_in_the_middle_of_a_slot__the_meter_counts(
    market: Market, prosumer: LocalAccount, meter: LocalAccount, leaves: Sequence[Leaf]
) -> None:
    """The meter's reading of the slot's first half is in the gateway's leaf, too."""
    market.at(MONDAY + 1800).read_meter(meter, timestamp=MONDAY + 1800, produced=5)
    deactivate(market, meter)
    register_gateway(market, KEY)
    assign(market, prosumer)
    tree = anchor(market, KEY, leaves[0])

    with refused(errors.Settlement_SlotMetered, account=prosumer.address, slot=SLOT):
        prove(market, tree, leaves[0])
    assert energy(market, prosumer, SLOT) == lifetime(market, prosumer) == (5, 0)


def test_prove_slot_once__accounts_and_slots__count_each_for_itself(
    market: Market, gateway: LocalAccount, prosumer: LocalAccount, leaves: Sequence[Leaf]
) -> None:
    assign(market, NEIGHBOUR)
    leaf = leaves[0]
    first = [leaf, leaf.but(account=NEIGHBOUR.address)]
    second = [one.but(slot=SLOT + 1) for one in first]
    for pair in (first, second):
        tree = anchor(market, gateway, *pair)
        for one in pair:
            prove(market, tree, one)

    for account in (prosumer, NEIGHBOUR):
        assert [energy(market, account, SLOT + n) for n in (0, 1)] == [(100, 0)] * 2
        assert lifetime(market, account) == (200, 0)


@dataclass
class Books:
    """What a model that knows only who came first has written down."""

    market: Market
    tree: Tree
    devices: Sequence[LocalAccount]
    produced: int = 0
    proven: bool = False
    metered: bool = False
    latest: dict[int, int] = field(default_factory=lambda: {0: MONDAY, 1: MONDAY})

    def read(self, which: int, amount: int, *, signed: bool) -> None:
        """A quarter of an hour after the device's latest reading, but not before the slot's end."""
        at = max(self.latest[which] + 900, END - 1)
        device, reading = self.devices[which], self.market.reading(timestamp=at, produced=amount)
        if signed:
            relay(self.market, self.market.signed_reading(device, reading))
        else:
            self.market.do(device, self.market.meters, "submitReading", reading)
        self.latest[which], self.produced = at, self.produced + amount
        if (at - 1) // HOUR == SLOT and (amount or at == END):
            assert not self.proven
            self.metered = True

    def prove(self, which: int) -> None:
        try:
            prove(self.market, self.tree, self.tree.leaves[which])
        except (errors.Settlement_SlotProven, errors.Settlement_SlotMetered):
            assert self.proven or self.metered
        else:
            assert not self.proven
            assert not self.metered
            self.proven, self.produced = True, self.produced + self.tree.leaves[which].produced

    def dispute(self) -> None:
        dispute(self.market, self.tree, *self.tree.leaves[:2])
        self.proven = self.proven or not self.metered


@settings(on_chain, max_examples=20)
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["read", "read", "prove", "dispute", "wait"]),
            st.integers(0, 1),
            st.booleans(),
            st.sampled_from([0, 1, 60, 250, 1700, HOUR]),
        ),
        max_size=14,
    )
)
def test_prove_slot_once__whatever_comes__all_sums_agree(
    market: Market,
    prosumer: LocalAccount,
    meter: LocalAccount,
    tree: Tree,
    steps: Sequence[tuple[str, int, bool, int]],
) -> None:
    with rewound(market):
        books = Books(market, tree, [meter, actor("second meter")])
        for kind, which, signed, amount in steps:
            # Refusals of readings have tests of their own; here nothing may come of them.
            with suppress(
                errors.SmartMeter_FromFuture,
                errors.SmartMeter_TooOld,
                errors.SmartMeter_NothingToDispute,
                errors.Settlement_SlotProven,
            ):
                if kind == "read":
                    books.read(which, amount, signed=signed)
                elif kind == "prove":
                    books.prove(which)
                elif kind == "dispute":
                    books.dispute()
                else:
                    market.go_to(market.now + amount + 1)
        slots = range(SLOT, market.slot(market.now) + 1)
        found = [energy(market, prosumer, slot)[0] for slot in slots]
        assert sum(found) == lifetime(market, prosumer)[0] == books.produced
        assert counted(market, prosumer, SLOT) == (books.proven or books.metered)
