"""A gateway's days by the client: memberships, what is built and proven, audits of one block."""

from __future__ import annotations

from pathlib import Path

import pytest

from energy_grid.chain.accounts import Account
from energy_grid.client import EnergyGrid
from energy_grid.contracts.smart_meter import MeterReading, SignedReading
from energy_grid.domain.day_leaves import Absent, Measured
from energy_grid.errors import EnergyGridError
from energy_grid.market.communities import Membership
from energy_grid.market.day_audit import NestedCallError
from energy_grid.market.day_store import DayStore, StoredDay
from tests.integration.conftest import BUYER, OWNERS, SELLER
from tests.support.market import MONDAY, Market

GATEWAY, DEVICES = Account.local(6), {BUYER: Account.local(16), SELLER: Account.local(17)}
HOUR, DAY, CHALLENGE, DEADLINE = 3_600, 86_400, 21_600, 3 * 86_400
TUESDAY = MONDAY // DAY + 1
# Wh of import and export an hour.
HOURLY = {BUYER: (300, 0), SELLER: (0, 500)}


@pytest.fixture
def community(market: Market, grid: EnergyGrid) -> int:
    """One with a gateway, and nobody in it; its future members have meters from Tuesday on."""
    market.node.set_balance(GATEWAY.address, 10**21)
    registrar = grid.acting_safe(OWNERS)
    for account, device in DEVICES.items():
        grid.deposit(account, grid.coins("90")).execute()
        grid.register_meter(registrar, device, account, region="home", rated_power=5000).execute()
    plan = grid.create_community_with_gateway(SELLER, "home", 5000, GATEWAY.address)
    return plan.execute()


def signed(grid: EnergyGrid, account: Account, at: int) -> SignedReading:
    """A reading of an account's device at a time."""
    imported, exported = (each * (at - TUESDAY * DAY) // HOUR for each in HOURLY[account])
    usual = {"timestamp": at, "grid_frequency": 5000, "voltage": 2300}
    reading = MeterReading(consumption=imported, production=exported, **usual)
    return grid.sign_reading(DEVICES[account], reading)


def begin(market: Market, grid: EnergyGrid) -> None:
    """Tuesday's begin by own readings, and Monday closed."""
    market.go_to(TUESDAY * DAY + 2 * HOUR)
    grid.submit_readings(BUYER, [signed(grid, each, TUESDAY * DAY) for each in DEVICES]).execute()
    grid.close_days(BUYER, [each.address for each in DEVICES]).execute()


def build(grid: EnergyGrid, store: DayStore, community: int, day: int) -> StoredDay:
    """From all readings of a day."""
    times = range(day * DAY, (day + 1) * DAY + 1, HOUR)
    readings = [signed(grid, account, at) for account in DEVICES for at in times]
    return grid.build_day(store, community, day, readings)[0]


def test_memberships__joined_left_and_joined_again(
    market: Market, grid: EnergyGrid, community: int
) -> None:
    grid.join_community(SELLER, community).execute()
    grid.join_community(BUYER, community).execute()
    seller = Membership(account=SELLER.address, first_day=TUESDAY, end_day=None)
    buyer = Membership(account=BUYER.address, first_day=TUESDAY, end_day=None)
    assert grid.memberships(community) == [seller, buyer]
    begin(market, grid)
    grid.leave_community(BUYER).execute()
    (left,) = [each for each in grid.memberships(community) if each.account == BUYER.address]
    end = left.end_day
    assert end is not None
    assert [left.includes(day) for day in (TUESDAY - 1, TUESDAY, end - 1, end)] == [
        *(False, True, True, False)
    ]
    # It can join again once the days before are closed: here alone.
    market.go_to(end * DAY + DEADLINE)
    grid.close_days(BUYER, [BUYER.address]).execute()
    grid.join_community(BUYER, community).execute()
    first = end + DEADLINE // DAY + 1
    again = Membership(account=BUYER.address, first_day=first, end_day=None)
    assert grid.memberships(community) == [left, seller, again]
    assert not again.includes(first - 1)


def test_build_day__has_the_members_of_the_day_and_who_was_one_the_day_before(
    market: Market, grid: EnergyGrid, community: int, tmp_path: Path
) -> None:
    store, numbers = DayStore(tmp_path / "days"), {}
    grid.join_community(SELLER, community).execute()
    for account in DEVICES:
        numbers[account] = grid.settlement.number_of(account.address)
    begin(market, grid)
    grid.join_community(BUYER, community).execute()
    market.go_to((TUESDAY + 2) * DAY)
    stored = build(grid, store, community, TUESDAY)
    assert [leaf.number for leaf in stored.leaves.leaves] == [numbers[SELLER]]
    # From Wednesday on both are members.
    stored = build(grid, store, community, TUESDAY + 1)
    assert [leaf.number for leaf in stored.leaves.leaves] == sorted(numbers.values())
    grid.leave_community(SELLER).execute()
    (end,) = {each.end_day for each in grid.memberships(community)} - {None}
    market.go_to((end + 1) * DAY + 1)
    stored = build(grid, store, community, end - 1)
    grid.anchor_day(GATEWAY, store, community, end - 1).execute()
    last = {leaf.number: leaf.last for leaf in stored.leaves.leaves if isinstance(leaf, Measured)}
    leaves = {leaf.number: leaf for leaf in build(grid, store, community, end).leaves.leaves}
    assert leaves[numbers[SELLER]] == Absent(number=numbers[SELLER], first=last[numbers[SELLER]])
    assert isinstance(leaves[numbers[BUYER]], Measured)


def test_prove_history__slots__count_from_the_days_begin(
    market: Market, grid: EnergyGrid, community: int, tmp_path: Path
) -> None:
    grid.join_community(SELLER, community).execute()
    number = grid.settlement.number_of(SELLER.address)
    market.go_to((TUESDAY + 1) * DAY)
    stored = build(grid, DayStore(tmp_path / "days"), community, TUESDAY)
    prove = grid.community_days.abi.function("proveHistory")
    found = []
    for slots in (None, range(3, 5)):
        (call,) = grid.prove_history(BUYER, stored, number, slots).calls
        found.append(prove.inputs.decode(call.data[4:])[3:])
    begin_slot = TUESDAY * 24
    assert found == [(begin_slot, begin_slot + 24), (begin_slot + 3, begin_slot + 5)]
    assert market.slot_length == HOUR


def test_audit_day__two_days_settled_in_one_block__agree(
    market: Market, grid: EnergyGrid, community: int, tmp_path: Path
) -> None:
    """The second one begins with what the first one left: no state of a block has it."""
    store = DayStore(tmp_path / "days")
    for account in DEVICES:
        grid.join_community(account, community).execute()
    grid.plan(SELLER, grid.settlement.set_keeps(True)).execute()
    begin(market, grid)
    market.go_to((TUESDAY + 2) * DAY)
    days = [build(grid, store, community, TUESDAY)]
    with pytest.raises(EnergyGridError, match=f"2024-01-02 of community {community} is not s"):
        grid.audit_day(community, TUESDAY)
    grid.anchor_day(GATEWAY, store, community, TUESDAY).execute()
    days.append(build(grid, store, community, TUESDAY + 1))
    grid.anchor_day(GATEWAY, store, community, TUESDAY + 1).execute()
    market.go_to((TUESDAY + 2) * DAY + CHALLENGE + HOUR)
    market.mine_at_once(False)
    calls = [
        grid.community_days.settle_day(community, each.day, each.leaves.encode()) for each in days
    ]
    for call in calls:
        market.node.rpc(
            "eth_sendTransaction",
            {
                "from": BUYER.address,
                "to": call.to,
                "data": "0x" + call.data.hex(),
                "gas": hex(5_000_000),
            },
        )
    market.node.rpc("evm_mine")
    market.mine_at_once(True)
    first, second = (grid.audit_day(community, each.day) for each in days)
    assert first.record.block == second.record.block
    assert (first.differences, second.differences) == ((), ())
    assert (first.closed, second.closed, first.shared, second.shared) == (2, 2, 7_200, 7_200)


def test_audit_day__leaves_that_are_not_in_the_transaction__must_be_given(
    market: Market,
    grid: EnergyGrid,
    community: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = DayStore(tmp_path / "days")
    for account in DEVICES:
        grid.join_community(account, community).execute()
    begin(market, grid)
    market.go_to((TUESDAY + 1) * DAY)
    stored = build(grid, store, community, TUESDAY)
    grid.anchor_day(GATEWAY, store, community, TUESDAY).execute()
    market.go_to((TUESDAY + 1) * DAY + CHALLENGE + HOUR)
    grid.settle_day(BUYER, stored).execute()
    asked = grid.node.rpc

    def without_data(method: str, *parameters: object) -> object:
        found = asked(method, *parameters)
        return found | {"input": "0x12345678"} if method == "eth_getTransactionByHash" else found

    monkeypatch.setattr(grid.node, "rpc", without_data)
    with pytest.raises(NestedCallError, match="another contract has made its call of settleDay"):
        grid.audit_day(community, TUESDAY)
    assert grid.audit_day(community, TUESDAY, stored.leaves.encode()).agrees
