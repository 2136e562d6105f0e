"""GovernanceToken.mint"""

from __future__ import annotations

import pytest

from energy_grid.chain.contract import Contract
from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from tests.support.market import Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.governance.proposals import QUARTER, Proposals, local_key

HEIR = actor("heir").address
NOBODY = "0x" + "00" * 20
MOST = 2**208 - 1  # that votes are counted up to


def test_mint__by_anybody_but_governance__refused(market: Market, token: Contract) -> None:
    holders = [holder for role, holder in market.roles.items() if role is not Role.ADMIN]
    voter, owner = local_key(5).address, local_key(1).address
    governor = market.contracts["GridGovernor"].address
    for caller in (*holders, voter, owner, governor, token.address, HEIR):
        with refused(errors.AccessManagedUnauthorized, caller=caller):
            market.do(caller, token, "mint", HEIR, 1)


@pytest.mark.parametrize("amount", [0, 1, QUARTER])
def test_mint__by_governance__there_are_more(
    market: Market, token: Contract, governance: str, amount: int
) -> None:
    supply = token.call("totalSupply")

    receipt = market.do(governance, token, "mint", HEIR, amount)

    (event,) = market.events(receipt, token, "Transfer")
    assert event.arguments == {"from": NOBODY, "to": HEIR, "value": amount}
    assert token.call("balanceOf", HEIR) == amount
    assert token.call("totalSupply") == supply + amount


def test_mint__by_a_vote__there_are_more(proposals: Proposals) -> None:
    proposals.decide([proposals.token.prepare("mint", HEIR, 5)])

    assert proposals.token.call("balanceOf", HEIR) == 5


def test_mint__above_the_cap__refused(market: Market, token: Contract, governance: str) -> None:
    cap, supply = token.call("cap"), token.call("totalSupply")
    with refused(errors.ERC20ExceededCap, increased_supply=cap + 1, cap=cap):
        market.do(governance, token, "mint", HEIR, cap + 1 - supply)
    market.do(governance, token, "mint", HEIR, cap - supply)
    assert token.call("totalSupply") == cap


def test_mint__more_than_votes_can_count__refused(market: Market, governance: str) -> None:
    token = market.deploy("GovernanceToken", market.access.address, 2**256 - 1, [HEIR], [MOST - 1])
    market.do(governance, token, "mint", HEIR, 1)
    with refused(errors.ERC20ExceededSafeSupply, increased_supply=MOST + 1, cap=MOST):
        market.do(governance, token, "mint", HEIR, 1)


def test_mint__to_nobody__refused(market: Market, token: Contract, governance: str) -> None:
    with refused(errors.ERC20InvalidReceiver, receiver=NOBODY):
        market.do(governance, token, "mint", NOBODY, 1)
