"""What the tokens say of themselves."""

from __future__ import annotations

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from energy_grid.adapters.chain.contract import Contract
from tests.support.market import Market

NOBODY = "0x" + "00" * 20


def test_energy_token__one_unit__is_a_watt_hour(market: Market) -> None:
    expected = {
        "name": "Banked Energy",
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
    kind = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    name, chain_id = token.call("name"), market.node.chain_id
    separator = keccak(
        encode(
            ["bytes32", "bytes32", "bytes32", "uint256", "address"],
            [keccak(text=kind), keccak(text=name), keccak(text="1"), chain_id, token.address],
        )
    )
    assert token.call("DOMAIN_SEPARATOR") == separator
    # 0x0f: the first four of EIP-712's five fields.
    assert token.call("eip712Domain") == (
        *(b"\x0f", name, "1", chain_id, token.address, bytes(32), ()),
    )
