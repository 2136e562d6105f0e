"""CarbonCredits' transfers, by the standard's name and by that of the source document, and its
permits (EIP-2612)."""

from __future__ import annotations

from typing import Any

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from tests.support.market import DAY, MONDAY, Market, actor
from tests.support.permits import Permit, sign_permit
from tests.support.refusals import refused
from tests.unit.contracts.carbon.credits import (
    balance,
    give_credits,
    issue,
    logged,
    register_producer,
    transfers,
)

BUYER, SPENDER = actor("buyer"), actor("spender")
DEADLINE = MONDAY + 10 * DAY
NAMES = ["transfer", "transferCarbonCredits"]


@pytest.fixture
def holder(market: Market) -> LocalAccount:
    """Has 1000 g, which somebody else was issued."""
    give_credits(market, actor("holder"), 1000)
    return actor("holder")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("amount", [0, 1, 1000])
def test_transfer__what_the_holder_has__moves(
    market: Market, holder: LocalAccount, name: str, amount: int
) -> None:
    assert market.carbon.call(name, BUYER.address, amount, sender=holder.address) is True

    receipt = market.do(holder, market.carbon, name, BUYER.address, amount)

    assert logged(market, receipt) == [transfers(holder, BUYER, amount)]
    assert (balance(market, holder), balance(market, BUYER)) == (1000 - amount, amount)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("amount", [1001, 2**256 - 1])
def test_transfer__more_than_there_is__refused(
    market: Market, holder: LocalAccount, name: str, amount: int
) -> None:
    with refused(
        errors.ERC20InsufficientBalance, sender=holder.address, balance=1000, needed=amount
    ):
        market.do(holder, market.carbon, name, BUYER.address, amount)


@pytest.mark.parametrize("name", NAMES)
def test_transfer__to_oneself__changes_nothing(
    market: Market, holder: LocalAccount, name: str
) -> None:
    market.do(holder, market.carbon, name, holder.address, 1000)

    assert balance(market, holder) == 1000


def test_transfer_from__approved__up_to_the_allowance(market: Market, holder: LocalAccount) -> None:
    ask = market.carbon.call
    assert ask("approve", SPENDER.address, 300, sender=holder.address) is True
    market.do(holder, market.carbon, "approve", SPENDER.address, 300)
    move = ("transferFrom", holder.address, BUYER.address, 299)
    assert ask(*move, sender=SPENDER.address) is True
    market.do(SPENDER, market.carbon, *move)

    with refused(errors.ERC20InsufficientAllowance, spender=SPENDER.address, allowance=1, needed=2):
        market.do(SPENDER, market.carbon, "transferFrom", holder.address, BUYER.address, 2)
    assert (balance(market, holder), balance(market, BUYER)) == (701, 299)


def test_transfer__credits__make_nobody_a_producer(market: Market, holder: LocalAccount) -> None:
    """What was earned belongs to the holder; the right to earn does not go with it."""
    register_producer(market, BUYER)
    market.do(holder, market.carbon, "transfer", BUYER.address, 1000)

    assert not market.carbon.call("isCleanEnergyProducer", BUYER.address)
    with refused(errors.CarbonCredits_NothingToIssue, account=BUYER.address):
        issue(market, BUYER, [])


def send_permit(market: Market, holder: LocalAccount, permit: Permit, amount: int) -> None:
    values = (permit.deadline, permit.v, permit.r, permit.s)
    spender = SPENDER.address
    market.do(BUYER, market.carbon, "permit", holder.address, spender, amount, *values)


def signed(market: Market, holder: LocalAccount, **changed: Any) -> Permit:
    terms = {"deadline": DEADLINE, **changed}
    return sign_permit(market.carbon, holder, SPENDER.address, 300, **terms)


def test_permit__signed_by_the_holder__allows_once(market: Market, holder: LocalAccount) -> None:
    permit = signed(market, holder)

    send_permit(market, holder, permit, 300)

    assert market.carbon.call("allowance", holder.address, SPENDER.address) == 300
    market.do(SPENDER, market.carbon, "transferFrom", holder.address, BUYER.address, 300)
    assert balance(market, BUYER) == 300
    with pytest.raises(errors.ERC2612InvalidSigner):
        send_permit(market, holder, permit, 300)


def test_permit__other_than_signed__refused(market: Market, holder: LocalAccount) -> None:
    with pytest.raises(errors.ERC2612InvalidSigner):
        send_permit(market, holder, signed(market, holder), 301)
    for other in ({"name": "Energy Credit"}, {"version": "2"}, {"chainId": 1}, {"nonce": 1}):
        with pytest.raises(errors.ERC2612InvalidSigner):
            send_permit(market, holder, signed(market, holder, **other), 300)
    # Of another token of the same market.
    elsewhere = sign_permit(market.energy_token, holder, SPENDER.address, 300, deadline=DEADLINE)
    with pytest.raises(errors.ERC2612InvalidSigner):
        send_permit(market, holder, elsewhere, 300)


def test_permit__deadline__is_the_last_second(market: Market, holder: LocalAccount) -> None:
    permit = signed(market, holder)
    with refused(errors.ERC2612ExpiredSignature, deadline=DEADLINE):
        send_permit(market.at(DEADLINE + 1), holder, permit, 300)


def test_permit__somebody_elses__refused(market: Market, holder: LocalAccount) -> None:
    permit = signed(market, holder, signer=SPENDER)
    with refused(errors.ERC2612InvalidSigner, signer=SPENDER.address, owner=holder.address):
        send_permit(market, holder, permit, 300)
