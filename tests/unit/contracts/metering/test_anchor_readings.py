"""SmartMeter.anchorReadings: a root for a slot that is over, once and in time."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.support.stacks import StackParameters, deploy_stack
from tests.unit.contracts.metering.gateways import (
    ROOT,
    Leaf,
    anchor,
    anchor_root,
    assign,
    dispute,
    logged,
    prove_leaf,
    register_gateway,
)
from tests.unit.contracts.metering.registrar import energy

HOUR = 3600
SLOT = MONDAY // HOUR
END = MONDAY + HOUR
DEADLINE = END + HOUR // 2
MOST = 2**256 - 1


@pytest.mark.parametrize("caller", ["stranger", "prosumer", "meter registrar"])
def test_anchor_readings__by_others__refused(
    market: Market, gateway: LocalAccount, caller: str
) -> None:
    market.go_to(END)

    with refused(errors.SmartMeter_NotAGateway, caller=actor(caller).address):
        anchor_root(market, actor(caller), SLOT)


def test_anchor_readings__by_a_suspended_gateway__refused(
    market: Market, gateway: LocalAccount, prosumer: LocalAccount
) -> None:
    leaf = Leaf(account=prosumer.address, slot=SLOT)
    other = leaf.but(produced=1)
    dispute(market, anchor(market, gateway, leaf, other), leaf, other)

    with refused(errors.SmartMeter_NotAGateway, caller=gateway.address):
        anchor_root(market.at(END + HOUR), gateway, SLOT + 1)


@pytest.mark.parametrize(("root", "count"), [(bytes(32), 1), (ROOT, 0), (bytes(32), 0)])
def test_anchor_readings__of_nothing__refused(
    market: Market, gateway: LocalAccount, root: bytes, count: int
) -> None:
    market.go_to(END)

    with refused(errors.SmartMeter_EmptyAnchor, root=root, count=count):
        anchor_root(market, gateway, SLOT, root, count)


@pytest.mark.parametrize("time", [END - HOUR + 100, END - 1])
def test_anchor_readings__slot_still_running__refused(
    market: Market, gateway: LocalAccount, time: int
) -> None:
    with refused(errors.SmartMeter_SlotNotOver, slot=SLOT, over=END):
        anchor_root(market.at(time), gateway, SLOT)


@pytest.mark.parametrize("slot", [2**32 - 1, 2**32, 2**32 + SLOT, 2**48, 2**64 + SLOT])
def test_anchor_readings__slot_of_another_time__refused(
    market: Market, gateway: LocalAccount, slot: int
) -> None:
    """No number is cut down to one that could be anchored."""
    market.go_to(END)

    with refused(errors.SmartMeter_SlotNotOver, slot=slot, over=(slot + 1) * HOUR):
        anchor_root(market, gateway, slot)


@pytest.mark.parametrize("slot", [MOST, MOST - 1, MOST // HOUR, 2**255])
def test_anchor_readings__slot_beyond_all_time__refused(
    market: Market, gateway: LocalAccount, slot: int
) -> None:
    """Where the slot's end is no number any more, it stands for never."""
    market.go_to(END)

    with refused(errors.SmartMeter_SlotNotOver, slot=slot, over=MOST):
        anchor_root(market, gateway, slot)


@pytest.mark.parametrize("time", [END, END + 1, DEADLINE - 1, DEADLINE])
def test_anchor_readings__in_time__is_anchored(
    market: Market, gateway: LocalAccount, time: int
) -> None:
    receipt = anchor_root(market.at(time), gateway, SLOT, ROOT, 1_000_000)

    assert receipt.time == time
    values = {"gateway": 1, "slot": SLOT, "root": ROOT, "count": 1_000_000}
    assert logged(market, receipt) == [("ReadingsAnchored", values)]
    assert market.meters.call("anchorOf", 1, SLOT) == ROOT


@pytest.mark.parametrize("time", [DEADLINE + 1, END + HOUR, END + 2 * HOUR, MONDAY + 86_400])
def test_anchor_readings__too_late__refused(
    market: Market, gateway: LocalAccount, time: int
) -> None:
    with refused(errors.SmartMeter_AnchorTooLate, slot=SLOT, deadline=DEADLINE):
        anchor_root(market.at(time), gateway, SLOT)


def test_anchor_readings__slot_0__too_late(market: Market, gateway: LocalAccount) -> None:
    with refused(errors.SmartMeter_AnchorTooLate, slot=0, deadline=HOUR + HOUR // 2):
        anchor_root(market, gateway, 0)


@pytest.mark.parametrize("grace", [1, 1801])
def test_anchor_readings__odd_grace__half_of_it_rounded_down(
    market: Market, prosumer: LocalAccount, grace: int
) -> None:
    stack = deploy_stack(market, market.dollar, StackParameters(grace=grace))
    key = actor("gateway")
    register_gateway(stack, key)
    deadline = END + grace // 2
    assert stack.meters.call("anchorDeadline", SLOT) == deadline

    anchor_root(stack.at(deadline), key, SLOT)
    with refused(errors.SmartMeter_AnchorTooLate, slot=SLOT + 1, deadline=deadline + HOUR):
        anchor_root(stack.at(deadline + HOUR + 1), key, SLOT + 1)


def test_anchor_readings__quarter_hours__half_a_grace_after_each(
    quarter_hours: Market, prosumer: LocalAccount
) -> None:
    """Several slots are open at a time, in any order."""
    market, key = quarter_hours, actor("gateway")
    register_gateway(market, key)
    first = market.slot(MONDAY)
    market.go_to(MONDAY + 3 * 900 - 10)
    for slot in (first + 1, first):
        anchor_root(market, key, slot)
        assert market.meters.call("anchorOf", 1, slot) == ROOT
    with refused(errors.SmartMeter_SlotNotOver, slot=first + 2, over=MONDAY + 3 * 900):
        anchor_root(market, key, first + 2)
    with refused(
        errors.SmartMeter_AnchorTooLate, slot=first - 1, deadline=MONDAY + market.grace // 2
    ):
        anchor_root(market, key, first - 1)


@pytest.mark.parametrize("root", [ROOT, b"\1" * 32])
def test_anchor_readings__twice__refused(
    market: Market, gateway: LocalAccount, root: bytes
) -> None:
    market.go_to(END)
    anchor_root(market, gateway, SLOT)

    with refused(errors.SmartMeter_AlreadyAnchored, gateway=1, slot=SLOT):
        anchor_root(market, gateway, SLOT, root)
    assert market.meters.call("anchorOf", 1, SLOT) == ROOT


def test_anchor_readings__several_gateways__each_its_own(
    market: Market, gateway: LocalAccount
) -> None:
    other = actor("second gateway")
    register_gateway(market, other)
    market.go_to(END)
    anchor_root(market, other, SLOT, b"\2" * 32)
    assert market.meters.call("anchorOf", 1, SLOT) == bytes(32)

    anchor_root(market, gateway, SLOT)

    anchors = [market.meters.call("anchorOf", number, SLOT) for number in (0, 1, 2, 3)]
    assert anchors == [bytes(32), ROOT, b"\2" * 32, bytes(32)]


def test_anchor_readings__garbage__harms_nobody_elses_accounts(
    market: Market, gateway: LocalAccount, prosumer: LocalAccount
) -> None:
    """What a gateway says of an account that it does not read counts for nothing."""
    rogue, neighbour = actor("rogue gateway"), actor("neighbour")
    register_gateway(market, rogue)
    assign(market, neighbour, 2)
    leaf = Leaf(account=prosumer.address, slot=SLOT, consumed=900)
    tree = anchor(market, rogue, leaf)

    with refused(errors.SmartMeter_NotAnchored, account=prosumer.address, slot=SLOT, gateway=1):
        prove_leaf(market, leaf, tree.proof(leaf))
    true = leaf.but(consumed=3)
    prove_leaf(market, true, anchor(market, gateway, true).proof(true))
    assert energy(market, prosumer, SLOT) == (0, 3)


def test_anchor_readings__several_things_wrong__refused_in_order(
    market: Market, gateway: LocalAccount
) -> None:
    anchor_root(market.at(DEADLINE), gateway, SLOT)
    with pytest.raises(errors.SmartMeter_NotAGateway):
        anchor_root(market, actor("stranger"), MOST, bytes(32))
    with pytest.raises(errors.SmartMeter_EmptyAnchor):
        anchor_root(market, gateway, MOST, bytes(32))
    with pytest.raises(errors.SmartMeter_AnchorTooLate):
        anchor_root(market, gateway, SLOT)
