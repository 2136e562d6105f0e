"""EnergyToken.burn: Settlement uses energy credits for a deficit."""

from __future__ import annotations

import pytest

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from tests.support.market import Market, Receipt, actor
from tests.support.refusals import refused

HOLDER, STRANGER = actor("holder"), actor("stranger")
NOBODY = "0x" + "00" * 20
ENERGY_CREDITS = 10


@pytest.fixture
def market(market: Market) -> Market:
    """The holder has energy credits."""
    market.do(
        market.settlement.address, market.energy_token, "mint", HOLDER.address, ENERGY_CREDITS
    )
    return market


def burn(market: Market, account: str, amount: int) -> Receipt:
    settlement = market.settlement.address
    return market.do(settlement, market.energy_token, "burn", account, amount)


def test_burn__anybody_but_settlement__is_refused(market: Market) -> None:
    callers = [STRANGER.address, HOLDER.address, *(market.roles[role] for role in Role)]
    callers += [
        contract.address for name, contract in market.contracts.items() if name != "Settlement"
    ]
    for caller in callers:
        with refused(errors.EnergyToken_OnlySettlement, caller=caller):
            market.energy_token.call("burn", HOLDER.address, 1, sender=caller)


def test_burn__of_nobody__is_refused(market: Market) -> None:
    with refused(errors.ERC20InvalidSender, sender=NOBODY):
        burn(market, NOBODY, 0)


def test_burn__more_than_the_balance__is_refused(market: Market) -> None:
    values = {"sender": HOLDER.address, "balance": ENERGY_CREDITS, "needed": ENERGY_CREDITS + 1}
    with refused(errors.ERC20InsufficientBalance, **values):
        burn(market, HOLDER.address, ENERGY_CREDITS + 1)


@pytest.mark.parametrize("amount", [0, 1, ENERGY_CREDITS])
def test_burn__settlement__takes_from_account_and_supply(market: Market, amount: int) -> None:
    token = market.energy_token
    receipt = burn(market, HOLDER.address, amount)
    (event,) = market.events(receipt, token, "Transfer")
    assert event.arguments == {"from": HOLDER.address, "to": NOBODY, "value": amount}
    assert token.call("balanceOf", HOLDER.address) == ENERGY_CREDITS - amount
    assert token.call("totalSupply") == ENERGY_CREDITS - amount
