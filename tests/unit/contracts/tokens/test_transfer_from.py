"""transferFrom, of each token."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.contract import Contract
from energy_grid.contracts import errors
from tests.support.market import Market, Receipt, actor
from tests.support.refusals import refused

HOLDER, SPENDER, FRIEND = actor("holder"), actor("spender"), actor("friend")
NOBODY = "0x" + "00" * 20
SUPPLY, ALLOWED = 1000, 100
UNLIMITED = 2**256 - 1


def allow(market: Market, token: Contract, amount: int = ALLOWED) -> None:
    market.do(HOLDER, token, "approve", SPENDER.address, amount)


def move(market: Market, token: Contract, amount: int, *, to: str = FRIEND.address) -> Receipt:
    return market.do(SPENDER, token, "transferFrom", HOLDER.address, to, amount)


@pytest.mark.parametrize("spender", [SPENDER, HOLDER], ids=["spender", "holder"])
def test_transfer_from__not_allowed__is_refused(
    market: Market, token: Contract, spender: LocalAccount
) -> None:
    values = {"spender": spender.address, "allowance": 0, "needed": 1}
    with refused(errors.ERC20InsufficientAllowance, **values):
        market.do(spender, token, "transferFrom", HOLDER.address, FRIEND.address, 1)


def test_transfer_from__more_than_allowed__is_refused(market: Market, token: Contract) -> None:
    allow(market, token)
    values = {"spender": SPENDER.address, "allowance": ALLOWED, "needed": ALLOWED + 1}
    with refused(errors.ERC20InsufficientAllowance, **values):
        move(market, token, ALLOWED + 1)


def test_transfer_from__more_than_held__is_refused(market: Market, token: Contract) -> None:
    allow(market, token, UNLIMITED)
    values = {"sender": HOLDER.address, "balance": SUPPLY, "needed": SUPPLY + 1}
    with refused(errors.ERC20InsufficientBalance, **values):
        move(market, token, SUPPLY + 1)


def test_transfer_from__to_nobody__is_refused(market: Market, token: Contract) -> None:
    allow(market, token)
    with refused(errors.ERC20InvalidReceiver, receiver=NOBODY):
        move(market, token, 1, to=NOBODY)


@pytest.mark.parametrize("amount", [0, 1, ALLOWED])
def test_transfer_from__allowed__is_used_up(market: Market, token: Contract, amount: int) -> None:
    allow(market, token)
    parts = ("transferFrom", HOLDER.address, FRIEND.address, amount)
    assert token.call(*parts, sender=SPENDER.address) is True
    receipt = move(market, token, amount)
    (event,) = market.events(receipt, token, "Transfer")
    assert event.arguments == {"from": HOLDER.address, "to": FRIEND.address, "value": amount}
    assert token.call("balanceOf", FRIEND.address) == amount
    assert token.call("allowance", HOLDER.address, SPENDER.address) == ALLOWED - amount


def test_transfer_from__without_end__is_never_used_up(market: Market, token: Contract) -> None:
    allow(market, token, UNLIMITED)
    move(market, token, SUPPLY)
    assert token.call("allowance", HOLDER.address, SPENDER.address) == UNLIMITED
