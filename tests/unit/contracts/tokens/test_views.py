"""What the tokens say of themselves."""

from __future__ import annotations

from energy_grid.chain.contract import Contract
from tests.support.market import Market
from tests.support.permits import assert_own_domain


def test_energy_token__one_unit__is_a_watt_hour(market: Market) -> None:
    expected = {
        "name": "Energy Credit",
        "symbol": "KWH",
        "decimals": 3,
        "SETTLEMENT": market.settlement.address,
        "totalSupply": 0,
    }
    assert {name: market.energy_token.call(name) for name in expected} == expected


def test_test_dollar__one_unit__is_a_millionth(market: Market) -> None:
    expected = {
        "name": "Test Dollar",
        "symbol": "tUSD",
        "decimals": 6,
        "FAUCET_LIMIT": 10_000_000_000,
    }
    assert {name: market.dollar.call(name) for name in expected} == expected


def test_domain__each_token__is_its_own(market: Market, token: Contract) -> None:
    assert_own_domain(market, token)
