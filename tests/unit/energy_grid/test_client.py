"""The SDK's face without a chain: what it exports, and what it refuses before it sends."""

from __future__ import annotations

from typing import Any, cast

import pytest

from energy_grid import client
from energy_grid.adapters.chain.accounts import Account
from energy_grid.adapters.chain.trading import EnergyTrading
from energy_grid.client import EnergyGrid, OrderType, errors
from energy_grid.errors import ContractError, DomainError

MOST_WH, HIGHEST_PRICE = 2**40 - 1, 2**64 - 1
PROSUMER = Account.local(11)


class Prepared(Exception):
    """An order came as far as its call."""


class Trading:
    """Stops where the order would be encoded."""

    def create_order(self, _: OrderType, **order: Any) -> None:
        raise Prepared(order["amount"], order["price"])


@pytest.fixture
def market() -> EnergyGrid:
    """A market without a node: only its trading is there, and that is no contract."""
    unconnected = EnergyGrid.__new__(EnergyGrid)
    unconnected.trading = cast(EnergyTrading, Trading())
    return unconnected


def test_errors__of_the_face__are_the_contracts() -> None:
    assert "errors" in client.__all__
    assert issubclass(errors.Settlement_InDebt, ContractError)


@pytest.mark.parametrize(
    ("wh", "price"), [(1, 1), (1500, 250_000), (MOST_WH, 1), (1, HIGHEST_PRICE)]
)
def test_place_order__within_the_limits__is_prepared(
    wh: int, price: int, market: EnergyGrid
) -> None:
    with pytest.raises(Prepared) as prepared:
        market.place_order(PROSUMER, OrderType.BUY, wh=wh, price=price)
    assert prepared.value.args == (wh, price)


@pytest.mark.parametrize(
    ("wh", "price", "says"),
    [
        (0, 1, f"wh must be from 1 to {MOST_WH}, not 0"),
        (MOST_WH + 1, 1, f"wh must be from 1 to {MOST_WH}, not {MOST_WH + 1}"),
        (-1, 1, "wh must not be negative: -1"),
        (1.5, 1, "wh must be an integer, not 1.5"),
        (1000.0, 1, "wh must be an integer, not 1000.0"),
        ("1000", 1, "wh must be an integer, not '1000'"),
        (1, 0, f"price must be from 1 to {HIGHEST_PRICE}, not 0"),
        (1, HIGHEST_PRICE + 1, f"price must be from 1 to {HIGHEST_PRICE}, not {HIGHEST_PRICE + 1}"),
        (1, -1, "price must not be negative: -1"),
        (1, 0.25, "price must be an integer, not 0.25"),
    ],
)
def test_place_order__outside_the_limits__is_refused_in_one_line(
    wh: Any, price: Any, says: str, market: EnergyGrid
) -> None:
    with pytest.raises(DomainError) as refusal:
        market.place_order(PROSUMER, OrderType.BUY, wh=wh, price=price)
    assert str(refusal.value) == says
