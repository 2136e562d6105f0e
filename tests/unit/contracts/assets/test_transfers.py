"""Assets as ERC-721: approvals and moves. What moves end is in test_set_permission.py."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from tests.support.market import Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.assets.operations import (
    NOBODY,
    assets_of,
    hand_over,
    logged,
    updates,
)

AGENT, BUYER = actor("agent"), actor("buyer")


@pytest.mark.parametrize("role", [None, *Role])
def test_transfer__by_others__refused(
    market: Market, owner: LocalAccount, asset: int, role: Role | None
) -> None:
    """No role moves anybody's asset."""
    if role is not None and role not in market.roles:
        role = None
    caller = actor("stranger").address if role is None else market.roles[role]
    with refused(errors.ERC721InsufficientApproval, operator=caller, token_id=asset):
        market.send(caller, assets_of(market).transfer_from(owner.address, BUYER.address, asset))


def test_transfer__by_the_owner__is_the_buyers(
    market: Market, owner: LocalAccount, asset: int
) -> None:
    receipt = hand_over(market, owner, asset, BUYER.address)

    assert logged(market, receipt, "Transfer") == [
        {"from": owner.address, "to": BUYER.address, "token_id": asset}
    ]
    assert updates(market, receipt) == []
    assert assets_of(market).owner_of(asset) == BUYER.address
    assert assets_of(market).balance_of(owner.address) == 0
    assert assets_of(market).balance_of(BUYER.address) == 1


@pytest.mark.parametrize("data", [None, b"", b"with words"])
def test_safe_transfer__to_a_person__is_the_buyers(
    market: Market, owner: LocalAccount, asset: int, data: bytes | None
) -> None:
    words = () if data is None else (data,)
    call = assets_of(market).safe_transfer_from(owner.address, BUYER.address, asset, *words)
    market.send(owner, call)

    assert assets_of(market).owner_of(asset) == BUYER.address


@pytest.mark.parametrize("data", [None, b"with words"])
def test_safe_transfer__to_a_contract_that_knows_no_assets__refused(
    market: Market, owner: LocalAccount, asset: int, data: bytes | None
) -> None:
    words = () if data is None else (data,)
    settlement = market.settlement.address
    call = assets_of(market).safe_transfer_from(owner.address, settlement, asset, *words)
    with refused(errors.ERC721InvalidReceiver, receiver=settlement):
        market.send(owner, call)


def test_transfer__to_nobody__refused(market: Market, owner: LocalAccount, asset: int) -> None:
    with refused(errors.ERC721InvalidReceiver, receiver=NOBODY):
        hand_over(market, owner, asset, NOBODY)


def test_transfer__from_who_is_not_the_owner__refused(
    market: Market, owner: LocalAccount, asset: int
) -> None:
    call = assets_of(market).transfer_from(AGENT.address, BUYER.address, asset)
    with refused(
        errors.ERC721IncorrectOwner, sender=AGENT.address, token_id=asset, owner=owner.address
    ):
        market.send(owner, call)


def test_transfer__of_no_asset__refused(market: Market, owner: LocalAccount, asset: int) -> None:
    with refused(errors.ERC721NonexistentToken, token_id=2):
        hand_over(market, owner, 2, BUYER.address)


def test_approve__for_one__moves_it_once(market: Market, owner: LocalAccount, asset: int) -> None:
    assets = assets_of(market)
    receipt = market.send(owner, assets.approve(AGENT.address, asset))
    assert logged(market, receipt, "Approval") == [
        {"owner": owner.address, "approved": AGENT.address, "token_id": asset}
    ]
    assert assets.get_approved(asset) == AGENT.address

    market.send(AGENT, assets.transfer_from(owner.address, BUYER.address, asset))

    assert assets.owner_of(asset) == BUYER.address
    assert assets.get_approved(asset) == NOBODY
    with refused(errors.ERC721InsufficientApproval, operator=AGENT.address, token_id=asset):
        market.send(AGENT, assets.transfer_from(BUYER.address, owner.address, asset))


def test_approve__by_others__refused(market: Market, asset: int) -> None:
    with refused(errors.ERC721InvalidApprover, approver=AGENT.address):
        market.send(AGENT, assets_of(market).approve(AGENT.address, asset))


def test_set_approval_for_all__given_and_taken__moves_all_and_nothing(
    market: Market, owner: LocalAccount, asset: int
) -> None:
    assets = assets_of(market)
    assert not assets.is_approved_for_all(owner.address, AGENT.address)
    receipt = market.send(owner, assets.set_approval_for_all(AGENT.address, True))
    assert logged(market, receipt, "ApprovalForAll") == [
        {"owner": owner.address, "operator": AGENT.address, "approved": True}
    ]
    assert assets.is_approved_for_all(owner.address, AGENT.address)
    market.send(AGENT, assets.transfer_from(owner.address, BUYER.address, asset))
    hand_over(market, BUYER, asset, owner.address)

    market.send(owner, assets.set_approval_for_all(AGENT.address, False))
    with refused(errors.ERC721InsufficientApproval, operator=AGENT.address, token_id=asset):
        market.send(AGENT, assets.transfer_from(owner.address, BUYER.address, asset))


def test_set_approval_for_all__for_nobody__refused(market: Market, owner: LocalAccount) -> None:
    with refused(errors.ERC721InvalidOperator, operator=NOBODY):
        market.send(owner, assets_of(market).set_approval_for_all(NOBODY, True))


def test_balance_of__nobody__refused(market: Market) -> None:
    with refused(errors.ERC721InvalidOwner, owner=NOBODY):
        assets_of(market).balance_of(NOBODY)
