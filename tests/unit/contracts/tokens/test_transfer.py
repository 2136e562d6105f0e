"""transfer, of each token."""

from __future__ import annotations

import pytest

from energy_grid.chain.contract import Contract
from energy_grid.contracts import errors
from tests.support.market import Market, actor
from tests.support.refusals import refused

HOLDER, FRIEND = actor("holder"), actor("friend")
NOBODY = "0x" + "00" * 20
SUPPLY = 1000


def test_transfer__to_nobody__is_refused(market: Market, token: Contract) -> None:
    with refused(errors.ERC20InvalidReceiver, receiver=NOBODY):
        market.do(HOLDER, token, "transfer", NOBODY, 1)


def test_transfer__from_nobody__is_refused(market: Market, token: Contract) -> None:
    """No key controls this address; only a chain of tests can send from it."""
    with refused(errors.ERC20InvalidSender, sender=NOBODY):
        market.do(NOBODY, token, "transfer", FRIEND.address, 0)


@pytest.mark.parametrize("amount", [SUPPLY + 1, 2**256 - 1])
def test_transfer__more_than_held__is_refused(market: Market, token: Contract, amount: int) -> None:
    values = {"sender": HOLDER.address, "balance": SUPPLY, "needed": amount}
    with refused(errors.ERC20InsufficientBalance, **values):
        market.do(HOLDER, token, "transfer", FRIEND.address, amount)


@pytest.mark.parametrize("amount", [0, 1, SUPPLY])
def test_transfer__within_holdings__is_moved(market: Market, token: Contract, amount: int) -> None:
    supply = token.call("totalSupply")
    assert token.call("transfer", FRIEND.address, amount, sender=HOLDER.address) is True
    receipt = market.do(HOLDER, token, "transfer", FRIEND.address, amount)
    (event,) = market.events(receipt, token, "Transfer")
    assert event.arguments == {"from": HOLDER.address, "to": FRIEND.address, "value": amount}
    assert token.call("balanceOf", HOLDER.address) == SUPPLY - amount
    assert token.call("balanceOf", FRIEND.address) == amount
    assert token.call("totalSupply") == supply


def test_transfer__to_itself__changes_nothing(market: Market, token: Contract) -> None:
    market.do(HOLDER, token, "transfer", HOLDER.address, SUPPLY)
    assert token.call("balanceOf", HOLDER.address) == SUPPLY
