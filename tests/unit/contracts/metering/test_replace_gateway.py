"""SmartMeter.replaceGateway: a key is stolen, lost or suspended, and slots are open."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.metering.gateways import (
    POWER,
    Leaf,
    Tree,
    anchor,
    anchor_root,
    assign,
    counted,
    dispute,
    gateway_at,
    gateway_of,
    logged,
    number_of,
    prove,
    register_gateway,
    replace_gateway,
)
from tests.unit.contracts.metering.registrar import energy
from tests.unit.contracts.metering.signatures import NOBODY

HOUR = 3600
SLOT = MONDAY // HOUR
END = MONDAY + HOUR
NEW, NEWER = actor("new key"), actor("newer key")


@pytest.fixture
def leaf(prosumer: LocalAccount) -> Leaf:
    return Leaf(account=prosumer.address, slot=SLOT, produced=700, consumed=30)


@pytest.mark.parametrize("caller", ["stranger", "gateway", "new key"])
def test_replace_gateway__by_others__refused(
    market: Market, gateway: LocalAccount, caller: str
) -> None:
    with refused(errors.AccessManagedUnauthorized, caller=actor(caller).address):
        market.do(actor(caller), market.meters, "replaceGateway", 1, NEW.address)


@pytest.mark.parametrize("number", [0, 2, 2**32 + 1, 2**256 - 1])
def test_replace_gateway__no_such_number__refused(
    market: Market, gateway: LocalAccount, number: int
) -> None:
    with refused(errors.SmartMeter_NoSuchGateway, gateway=number):
        replace_gateway(market, number, NEW)


def test_replace_gateway__key_is_zero__refused(market: Market, gateway: LocalAccount) -> None:
    with refused(errors.SmartMeter_ZeroGateway):
        replace_gateway(market, 1, NOBODY)
    assert gateway_at(market, 1) == gateway.address


def test_replace_gateway__key_of_another_gateway__refused(
    market: Market, gateway: LocalAccount
) -> None:
    register_gateway(market, NEW)

    with refused(errors.SmartMeter_GatewayTaken, key=NEW.address):
        replace_gateway(market, 1, NEW)
    assert [number_of(market, key) for key in (gateway, NEW)] == [1, 2]


def test_replace_gateway__by_its_own_key__stays(market: Market, gateway: LocalAccount) -> None:
    receipt = replace_gateway(market, 1, gateway)

    values = {"gateway": 1, "from": gateway.address, "to": gateway.address}
    assert logged(market, receipt) == [("GatewayReplaced", values)]
    assert (gateway_at(market, 1), number_of(market, gateway)) == (gateway.address, 1)


def test_replace_gateway__well__old_key_is_out_at_once(
    market: Market, gateway: LocalAccount, prosumer: LocalAccount
) -> None:
    receipt = replace_gateway(market, 1, NEW)

    values = {"gateway": 1, "from": gateway.address, "to": NEW.address}
    assert logged(market, receipt) == [("GatewayReplaced", values)]
    assert (gateway_at(market, 1), number_of(market, NEW)) == (NEW.address, 1)
    assert number_of(market, gateway) == 0
    assert market.meters.call("gatewayCount") == 1
    # Its accounts need no word of it.
    assert gateway_of(market, prosumer, SLOT) == (1, POWER)
    market.go_to(END)
    with refused(errors.SmartMeter_NotAGateway, caller=gateway.address):
        anchor_root(market, gateway, SLOT)


def test_replace_gateway__former_key__can_come_back(market: Market, gateway: LocalAccount) -> None:
    replace_gateway(market, 1, NEW)
    replace_gateway(market, 1, gateway)

    assert [number_of(market, key) for key in (gateway, NEW)] == [1, 0]


# Slots are open


@pytest.mark.parametrize("time", [MONDAY + 100, END - 1, END, END + HOUR // 2 - 5])
def test_replace_gateway__slot_not_anchored__the_new_key_does(
    market: Market, gateway: LocalAccount, prosumer: LocalAccount, leaf: Leaf, time: int
) -> None:
    replace_gateway(market.at(time), 1, NEW)

    market.go_to(max(market.now, END))
    with refused(errors.SmartMeter_NotAGateway, caller=gateway.address):
        anchor_root(market, gateway, SLOT)
    prove(market, anchor(market, NEW, leaf), leaf)

    assert energy(market, prosumer, SLOT) == (700, 30)


def test_replace_gateway__slot_anchored__stays_and_is_proven(
    market: Market, gateway: LocalAccount, prosumer: LocalAccount, leaf: Leaf
) -> None:
    tree = anchor(market, gateway, leaf)
    replace_gateway(market, 1, NEW)

    with refused(errors.SmartMeter_AlreadyAnchored, gateway=1, slot=SLOT):
        anchor_root(market, NEW, SLOT)
    prove(market, tree, leaf)

    assert energy(market, prosumer, SLOT) == (700, 30)


def test_replace_gateway__account_given_to_another_meanwhile__each_slot_has_its_gateway(
    market: Market, gateway: LocalAccount, prosumer: LocalAccount, leaf: Leaf
) -> None:
    first = anchor(market, gateway, leaf)
    second_gateway = actor("second gateway")
    register_gateway(market, second_gateway)
    assign(market, prosumer, 2, POWER)
    replace_gateway(market, 1, NEW)

    # Both gateways say something of the account in the slot in which it changed hands.
    output, counts = leaf.but(slot=SLOT + 1, produced=1), leaf.but(slot=SLOT + 1, produced=2)
    tree = anchor(market, NEW, output)
    root = anchor(market, second_gateway, counts).root
    with refused(errors.SmartMeter_WrongProof, account=prosumer.address, slot=SLOT + 1, root=root):
        prove(market, tree, output)
    prove(market, Tree.of(counts), counts)
    prove(market, first, leaf)

    assert [energy(market, prosumer, SLOT + n) for n in range(2)] == [(700, 30), (2, 30)]


# The old key has contradicted itself


def test_replace_gateway__suspended__the_new_key_anchors_what_is_open(
    market: Market, gateway: LocalAccount, prosumer: LocalAccount, leaf: Leaf
) -> None:
    neighbour = actor("neighbour")
    assign(market, neighbour)
    of_neighbour = leaf.but(account=neighbour.address, produced=5)
    other = leaf.but(produced=701)
    tree = anchor(market, gateway, leaf, other, of_neighbour)
    dispute(market, tree, leaf, other)
    market.go_to(END + HOUR)
    with refused(errors.SmartMeter_NotAGateway, caller=gateway.address):
        anchor_root(market, gateway, SLOT + 1)

    receipt = replace_gateway(market, 1, NEW)

    values = {"gateway": 1, "from": NOBODY, "to": NEW.address}
    assert logged(market, receipt) == [("GatewayReplaced", values)]
    # What was anchored stays, and can still be proven of the others.
    prove(market, tree, of_neighbour)
    assert energy(market, neighbour, SLOT) == (5, 30)
    next_slot = leaf.but(slot=SLOT + 1)
    prove(market, anchor(market, NEW, next_slot), next_slot)
    assert energy(market, prosumer, SLOT + 1) == (700, 30)


@pytest.mark.parametrize("taken_over", [False, True])
def test_replace_gateway__contradictions_of_the_old_key__leave_the_new_one(
    market: Market, gateway: LocalAccount, prosumer: LocalAccount, leaf: Leaf, *, taken_over: bool
) -> None:
    """Nobody can suspend a new key with what the old one has anchored, however much that is; the
    leaves count for nothing all the same. Also if the new one has anchored a slot that was over
    when it came."""
    neighbours = [actor(f"neighbour {n}") for n in range(2)]
    pairs = [(leaf, leaf.but(produced=701))]
    for neighbour in neighbours:
        assign(market, neighbour)
        pairs.append((leaf.but(account=neighbour.address), leaf.but(account=neighbour.address)))
        pairs[-1] = (pairs[-1][0], pairs[-1][1].but(consumed=31))
    tree = anchor(market, gateway, *(one for pair in pairs for one in pair))
    dispute(market, tree, *pairs[0])
    market.go_to(END + HOUR)
    replace_gateway(market, 1, NEW)
    if taken_over:
        anchor_root(market, NEW, SLOT + 1)

    for neighbour, pair in zip(neighbours, pairs[1:], strict=True):
        receipt = dispute(market, tree, *pair)
        values = {"account": neighbour.address, "slot": SLOT, "produced": 0, "consumed": 0}
        assert logged(market, receipt) == [("SlotProven", values)]
        assert counted(market, neighbour, SLOT)
    for pair in pairs:
        with refused(errors.SmartMeter_NothingToDispute, account=pair[0].account, slot=SLOT):
            dispute(market, tree, *pair)
    assert (gateway_at(market, 1), number_of(market, NEW)) == (NEW.address, 1)


@pytest.mark.parametrize("time", [END - 1, END, END + 100])
def test_replace_gateway__contradiction_of_the_new_key__suspends_it(
    market: Market, gateway: LocalAccount, leaf: Leaf, time: int
) -> None:
    """In a slot that was running when it came, and in one that was over."""
    replace_gateway(market.at(time), 1, NEW)
    other = leaf.but(produced=701)
    tree = anchor(market, NEW, leaf, other)

    receipt = dispute(market, tree, leaf, other)

    values = {"gateway": 1, "key": NEW.address, "account": leaf.account, "slot": SLOT}
    assert logged(market, receipt)[0] == ("GatewaySuspended", values)
    assert (gateway_at(market, 1), number_of(market, NEW)) == (NOBODY, 0)


def test_replace_gateway__twice_while_a_slot_is_open__who_anchored_it_answers(
    market: Market, gateway: LocalAccount, leaf: Leaf
) -> None:
    market.go_to(END)
    replace_gateway(market, 1, NEW)
    other = leaf.but(produced=701)
    tree = anchor(market, NEW, leaf, other)
    replace_gateway(market, 1, NEWER)

    dispute(market, tree, leaf, other)
    assert gateway_at(market, 1) == NEWER.address

    with refused(errors.SmartMeter_NothingToDispute, account=leaf.account, slot=SLOT):
        dispute(market, tree, leaf, other)


def test_replace_gateway__suspended_key_given_again__is_forgiven(
    market: Market, gateway: LocalAccount, leaf: Leaf
) -> None:
    """The registrar has looked into it."""
    other = leaf.but(produced=701)
    tree = anchor(market, gateway, leaf, other)
    dispute(market, tree, leaf, other)
    replace_gateway(market, 1, gateway)

    with refused(errors.SmartMeter_NothingToDispute, account=leaf.account, slot=SLOT):
        dispute(market, tree, leaf, other)
    assert gateway_at(market, 1) == gateway.address
