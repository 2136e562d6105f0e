"""approve, of each token."""

from __future__ import annotations

from energy_grid.chain.contract import Contract
from energy_grid.contracts import errors
from tests.support.market import Market, actor
from tests.support.refusals import refused

HOLDER, SPENDER = actor("holder"), actor("spender")
NOBODY = "0x" + "00" * 20


def test_approve__nobody__is_refused(market: Market, token: Contract) -> None:
    with refused(errors.ERC20InvalidSpender, spender=NOBODY):
        market.do(HOLDER, token, "approve", NOBODY, 1)


def test_approve__by_nobody__is_refused(market: Market, token: Contract) -> None:
    """No key controls this address; only a chain of tests can send from it."""
    with refused(errors.ERC20InvalidApprover, approver=NOBODY):
        market.do(NOBODY, token, "approve", SPENDER.address, 1)


def test_approve__again__is_replaced(market: Market, token: Contract) -> None:
    for amount in (5, 3, 2**256 - 1, 0):
        assert token.call("approve", SPENDER.address, amount, sender=HOLDER.address) is True
        receipt = market.do(HOLDER, token, "approve", SPENDER.address, amount)
        (event,) = market.events(receipt, token, "Approval")
        assert event.arguments == {
            "owner": HOLDER.address,
            "spender": SPENDER.address,
            "value": amount,
        }
        assert token.call("allowance", HOLDER.address, SPENDER.address) == amount
        assert token.call("allowance", SPENDER.address, HOLDER.address) == 0
