"""EnergyToken.mint: Settlement banks a surplus."""

from __future__ import annotations

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.contracts.errors import Panic
from tests.support.market import Market, Receipt, actor
from tests.support.refusals import refused

HOLDER, STRANGER = actor("holder"), actor("stranger")
NOBODY = "0x" + "00" * 20


def mint(market: Market, account: str, amount: int) -> Receipt:
    settlement = market.settlement.address
    return market.do(settlement, market.energy_token, "mint", account, amount)


def test_mint__anybody_but_settlement__is_refused(market: Market) -> None:
    callers = [STRANGER.address, *(market.roles[role] for role in Role)]
    callers += [
        contract.address for name, contract in market.contracts.items() if name != "Settlement"
    ]
    for caller in callers:
        with refused(errors.EnergyToken_OnlySettlement, caller=caller):
            market.energy_token.call("mint", HOLDER.address, 1, sender=caller)


def test_mint__to_nobody__is_refused(market: Market) -> None:
    with refused(errors.ERC20InvalidReceiver, receiver=NOBODY):
        mint(market, NOBODY, 1)


def test_mint__more_than_256_bits__is_refused(market: Market) -> None:
    mint(market, HOLDER.address, 2**256 - 1)
    with refused(Panic, code=0x11):
        mint(market, STRANGER.address, 1)


def test_mint__settlement__adds_to_account_and_supply(market: Market) -> None:
    token = market.energy_token
    receipt = mint(market, HOLDER.address, 7)
    (event,) = market.events(receipt, token, "Transfer")
    assert event.arguments == {"from": NOBODY, "to": HOLDER.address, "value": 7}
    mint(market, STRANGER.address, 5)
    mint(market, HOLDER.address, 3)
    assert token.call("balanceOf", HOLDER.address) == 10
    assert token.call("totalSupply") == 15
