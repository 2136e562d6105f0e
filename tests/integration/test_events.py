"""Events of a deployed market, read and followed on a real node."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from energy_grid.chain.abi import contract_names, load
from energy_grid.chain.rpc.anvil import Anvil
from energy_grid.chain.rpc.node import DevNode
from energy_grid.client import (
    Account,
    DeploymentError,
    Energy,
    EnergyGrid,
    InputError,
    OrderType,
    PartialAnswerError,
    Price,
    ReorganisationError,
    events,
)
from energy_grid.contracts.energy_asset_nft import AssetTerms
from energy_grid.domain.enums import EnergyType
from tests.integration.conftest import BUYER, OWNERS, SELLER
from tests.support.chain import deployed_files
from tests.support.market import MONDAY, Market


class Enough(Exception):
    """The test has seen what it wanted."""


class Pauses:
    """Does the next thing in each pause; ends the following when there is none left."""

    def __init__(self, *things: Callable[[], object]) -> None:
        self._things = list(things)

    def __call__(self, _: float) -> None:
        if not self._things:
            raise Enough
        self._things.pop(0)()


def amounts(following: Iterator[Any]) -> list[int]:
    found: list[int] = []
    with pytest.raises(Enough):
        collect(following, found)
    return found


def collect(following: Iterator[Any], into: list[int]) -> None:
    for event in following:
        into.append(event.amount)


@pytest.fixture
def rich(grid: EnergyGrid) -> EnergyGrid:
    """A market with two accounts that have made deposits."""
    for amount in (1, 2):
        grid.deposit_with_permit(BUYER, amount).execute()
        grid.deposit_with_permit(SELLER, amount * 10).execute()
    return grid


def test_events__of_one_kind__are_typed_and_in_order(rich: EnergyGrid) -> None:
    found = rich.events(events.Settlement_Deposited)
    assert [(each.account, each.amount) for each in found] == [
        (BUYER.address, 1),
        (SELLER.address, 10),
        (BUYER.address, 2),
        (SELLER.address, 20),
    ]
    block = rich.node.block(found[0].block)
    assert (found[0].block_hash, found[0].address) == (block["hash"], rich.settlement.address)
    assert found[0].transaction in block["transactions"]
    first, last = found[1].block, found[2].block
    some = rich.events(events.Settlement_Deposited, from_block=first, to_block=last)
    assert some == found[1:3]
    with pytest.raises(PartialAnswerError, match="the node has no block"):
        rich.events(events.Settlement_Deposited, to_block=rich.node.block_number + 1)


def test_events__by_indexed_values__are_those_alone(rich: EnergyGrid) -> None:
    found = rich.events(events.Settlement_Deposited, account=SELLER.address)
    assert [each.amount for each in found] == [10, 20]
    assert rich.events(events.Settlement_Deposited, account=OWNERS[0].address) == []
    with pytest.raises(InputError, match="Deposited cannot be found by amount"):
        rich.events(events.Settlement_Deposited, amount=10)


def test_events__of_several_kinds_and_contracts__are_in_their_order(rich: EnergyGrid) -> None:
    rich.place_order(
        BUYER, OrderType.BUY, energy=Energy.kwh("0.001"), price=rich.price("0.001")
    ).execute()
    kinds = [events.Settlement_AccountOpened, events.EnergyTrading_OrderCreated]
    found = rich.events(kinds)
    assert [type(each) for each in found] == [kinds[0], kinds[0], kinds[1]]
    order = found[-1]
    assert isinstance(order, events.EnergyTrading_OrderCreated)
    assert (order.trader, order.order_type, order.amount) == (BUYER.address, OrderType.BUY, 1)
    assert str(Price(order.price, rich.coin)) == "0.001 tUSD/kWh"


def test_events__of_every_kind__can_be_asked_for(grid: EnergyGrid) -> None:
    kinds = [
        getattr(events, f"{contract}_{event.name}")
        for contract in contract_names()
        for event in load(contract).events.values()
    ]
    found = grid.events(kinds)
    assert {type(each) for each in found} >= {
        events.AccessManager_RoleGranted,
        events.Settlement_OutflowLimitSet,
        events.TestDollar_Transfer,
    }


def test_events__of_shares__are_those_of_all_divided_assets(
    market: Market, grid: EnergyGrid
) -> None:
    registrar = grid.acting_safe(OWNERS)
    grid.plan(SELLER, grid.grid.register_producer(10_000, EnergyType.SOLAR)).execute()
    terms = AssetTerms(
        kind=EnergyType.SOLAR,
        capacity=9_800,
        region="village",
        commissioned_at=MONDAY,
        value=10_000_000,
        lifetime=20 * 365 * 86_400,
        name="Roof",
    )
    assert grid.events(events.AssetShares_Transfer) == []
    places = []
    for number in (1, 2):
        grid.plan(registrar, grid.assets.mint(SELLER.address, terms)).execute()
        places.append(grid.fractionalize(SELLER, number, 100, name="Roof", symbol="ROOF").execute())
    found = grid.events(events.AssetShares_Transfer, to=SELLER.address)
    assert [(each.address, each.value) for each in found] == [(place, 100) for place in places]
    before = found[1].block - 1
    assert grid.events(events.AssetShares_Transfer, to_block=before) == found[:1]
    grid.plan(SELLER, grid.shares(2).transfer(BUYER.address, 30)).execute()
    following = grid.follow(events.AssetShares_Transfer, pause=Pauses())
    assert [each.value for each in islice(following, 3)] == [100, 100, 30]


def test_events__of_contracts_without_a_wrapper__or_that_are_not_there(grid: EnergyGrid) -> None:
    assert grid.contract("Settlement") is grid.settlement
    assert grid.contract("TestDollar") is grid.money
    assert {*grid.safes.values()} <= {*grid.contracts()}
    with pytest.raises(DeploymentError, match="has no Nothing"):
        grid.contract("Nothing")


def test_follow__what_was_and_what_comes__each_once(rich: EnergyGrid) -> None:
    found = amounts(
        rich.follow(
            events.Settlement_Deposited,
            account=BUYER.address,
            pause=Pauses(
                lambda: rich.deposit_with_permit(BUYER, 3).execute(),
                lambda: rich.deposit_with_permit(SELLER, 30).execute(),
                lambda: rich.deposit_with_permit(BUYER, 4).execute(),
            ),
        )
    )
    assert found == [1, 2, 3, 4]
    first = next(rich.follow(events.Settlement_Deposited))
    after = rich.follow(events.Settlement_Deposited, after=first.cursor, pause=Pauses())
    assert amounts(after) == [10, 2, 20, 3, 30, 4]
    with pytest.raises(InputError, match="not both"):
        rich.follow(events.Settlement_Deposited, after=first.cursor, from_block=1)


def test_follow__reorganised_below_what_was_followed__is_not_noticed(
    market: Market, rich: EnergyGrid
) -> None:
    kind = events.Settlement_Deposited
    last = rich.events(kind)[-1]

    def reorganise() -> None:
        market.node.rpc("anvil_reorg", 2, [])
        assert rich.node.block(last.block)["hash"] != last.block_hash

    pauses = Pauses(reorganise, lambda: market.node.mine(2))
    # The newest two blocks are deposits, and are replaced by empty ones before they are followed.
    assert amounts(rich.follow(kind, confirmations=2, pause=pauses)) == [1, 10]


def test_follow__reorganised_deeper__says_from_where_to_read_again(
    market: Market, rich: EnergyGrid
) -> None:
    kind = events.Settlement_Deposited
    reply = rich.events(kind)
    found: list[int] = []
    following = rich.follow(kind, pause=Pauses(lambda: market.node.rpc("anvil_reorg", 2, [])))
    with pytest.raises(ReorganisationError) as refusal:
        collect(following, found)
    assert found == [1, 10, 2, 20]
    assert refusal.value.from_block == reply[2].block
    again = rich.follow(kind, from_block=refusal.value.from_block, pause=Pauses())
    assert amounts(again) == []
    with pytest.raises(ReorganisationError):
        next(rich.follow(kind, after=reply[-1].cursor, pause=Pauses()))


def test_follow__a_node_that_is_restarted__goes_on_where_it_was(tmp_path: Path) -> None:
    deployed = deployed_files(3600)
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    anvil = Anvil(accounts=30, port=port, state=tmp_path / "state.json")
    node = anvil.start()
    try:
        node.rpc("anvil_loadState", deployed.state.read_text())
        with EnergyGrid.connect(node.url, deployed.deployment) as market:
            _deposits(market, 1, 2)
            pauses = Pauses(
                anvil.stop,
                lambda: None,
                anvil.start,
                lambda: _deposits(EnergyGrid(DevNode(market.node.url), market.deployment), 3),
            )
            assert amounts(market.follow(events.Settlement_Deposited, pause=pauses)) == [1, 2, 3]
    finally:
        anvil.stop()


def _deposits(market: EnergyGrid, *some: int) -> None:
    account = Account.local(11)
    for amount in some:
        market.plan(account, market.money.faucet(amount)).execute()
        market.deposit_with_permit(account, amount).execute()
