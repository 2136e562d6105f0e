"""A market whose settlement token has 18 decimals: its money has six, wallets have all of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from energy_grid.client import Coin, EnergyGrid, Money
from energy_grid.errors import DomainError
from tests.integration.conftest import BUYER, SELLER
from tests.integration.terminal import Terminal
from tests.support.market import Market
from tests.support.stacks import deploy_stack

UNITS = 10**12
OWNED = 20 * 10**18


@pytest.fixture
def market(market: Market) -> Market:
    """The governance token, which counts as most tokens do, is its money."""
    arguments = market.access.address, OWNED, [BUYER.address], [OWNED]
    return deploy_stack(market, market.deploy("GovernanceToken", *arguments))


@pytest.fixture
def grid(market: Market, file: Path) -> Iterator[EnergyGrid]:
    """A client; the buyer has all of the token."""
    market.mine_at_once(True)
    for account in (BUYER, SELLER):
        market.node.set_balance(account.address, 10**21)
    with EnergyGrid.connect(market.node.url, file) as grid:
        yield grid
    market.mine_at_once(False)


def test_money__of_a_token_of_18_decimals__moves_in_its_own_units(grid: EnergyGrid) -> None:
    assert grid.coin == Coin(decimals=6, symbol="GGT")
    assert (grid.token_coin.decimals, grid.token_units) == (18, UNITS)
    held = grid.settlement.address
    grid.deposit(BUYER, grid.coins("2.5")).execute()
    grid.deposit_with_permit(BUYER, grid.coins("1.5")).execute()
    assert grid.settlement.balance_of(BUYER.address) == 4_000_000
    assert grid.money.balance_of(held) == 4_000_000 * UNITS
    grid.fund_grid(BUYER, grid.coins(3)).execute()
    grid.withdraw(BUYER, grid.coins(1), SELLER.address).execute()
    assert grid.money.balance_of(SELLER.address) == 10**18
    assert grid.money.balance_of(held) == 6_000_000 * UNITS
    with pytest.raises(DomainError, match=r"has 13 GGT, and the call needs 14 GGT"):
        grid.deposit(BUYER, grid.coins(14)).execute()
    assert grid.money.allowance(BUYER.address, held) == 0


def test_money__in_the_tokens_coin__is_not_the_markets(grid: EnergyGrid) -> None:
    with pytest.raises(DomainError, match="is not in this market's"):
        grid.deposit(BUYER, Money.coins(1, grid.token_coin)).execute()


def test_command_line__shows_wallet_and_balance_in_whole_coins(
    grid: EnergyGrid, terminal: Terminal
) -> None:
    said = terminal.does("local:10", "money deposit --amount 2.5")
    assert said.startswith("Deposited 2.5 GGT")
    sent = terminal.does("local:10", f"money send {SELLER.address} --amount 0.000000000001")
    assert sent.startswith("Sent 0.000000000001 GGT")
    shown = terminal.shows(f"money show {BUYER.address}")
    assert "17.499999999999 GGT" in shown
    assert "2.5 GGT" in shown
