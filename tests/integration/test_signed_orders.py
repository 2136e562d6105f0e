"""Signed orders where others have the say: the contract, a node that signs, a contract wallet."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from energy_grid.adapters.chain.accounts import Account
from energy_grid.adapters.chain.roles import Role
from energy_grid.adapters.chain.signing import Domain, order_signer, sign_order
from energy_grid.adapters.chain.trading import EnergyTrading
from energy_grid.adapters.chain.wallets import is_confirmed
from energy_grid.domain.orders import OrderTerms, OrderType
from energy_grid.domain.periods import Period, PeriodKind
from energy_grid.domain.signed_orders import order_hash, trading_domain, typed_data
from energy_grid.domain.typed_data import joined, struct_hash
from tests.support.market import MONDAY, Market
from tests.vectors.signed_orders import FILE

ORDERS = json.loads(FILE.read_text())["orders"]
NAMES = [vector["name"] for vector in ORDERS]
CHAIN = 31337
OWNERS = [Account.local(1), Account.local(3)]
TERMS = OrderTerms(
    trader=OWNERS[0].address,
    order_type=OrderType.SELL,
    amount=1500,
    price=250_000,
    expiry=MONDAY + 7199,
    period=Period(kind=PeriodKind.HOURLY, start=MONDAY + 3600),
)


def _of(vector: dict[str, Any]) -> tuple[OrderTerms, int, Domain]:
    fields, domain = vector["message"], vector["domain"]
    terms = OrderTerms(
        trader=fields["trader"],
        order_type=OrderType[fields["side"]],
        amount=int(fields["amountWh"]),
        price=int(fields["pricePerKwh"]),
        expiry=int(fields["validUntil"]),
        period=Period(kind=PeriodKind[fields["period"]], start=int(fields["deliveryStart"])),
    )
    place = trading_domain(domain["chainId"], domain["verifyingContract"])
    return terms, int(fields["nonce"]), place


@pytest.fixture
def on_any_chain(market: Market) -> Iterator[Market]:
    """A market whose chain's number may be set."""
    yield market
    market.node.rpc("anvil_setChainId", CHAIN)


@pytest.mark.parametrize("vector", ORDERS, ids=NAMES)
def test_hash_order__of_every_vector__is_its_digest(
    on_any_chain: Market, vector: dict[str, Any]
) -> None:
    node = on_any_chain.node
    terms, nonce, domain = _of(vector)
    # The contract as it would be at that address on that chain.
    node.rpc("anvil_setCode", domain.verifying_contract, _code(on_any_chain))
    node.rpc("anvil_setChainId", domain.chain_id)
    trading = EnergyTrading(node, domain.verifying_contract)
    assert f"0x{trading.hash_order(terms, nonce).hex()}" == vector["digest"]
    assert trading.domain() == domain


def _code(market: Market) -> str:
    return "0x" + market.node.code(market.trading.address).hex()


@pytest.mark.parametrize("vector", ORDERS, ids=NAMES)
def test_sign_order__of_every_vector__as_a_node_signs_the_typed_data(
    market: Market, vector: dict[str, Any]
) -> None:
    terms, nonce, domain = _of(vector)
    signed = market.node.rpc("eth_signTypedData_v4", terms.trader, typed_data(terms, nonce, domain))
    assert signed == vector["signature"]


def test_order__signed_by_a_key__is_its_trader_s(market: Market) -> None:
    trading = EnergyTrading(market.node, market.trading.address)
    domain = trading.domain()
    assert domain == trading_domain(CHAIN, market.trading.address)
    order = sign_order(OWNERS[0], TERMS, 5, domain)
    assert order_hash(TERMS, 5, domain) == trading.hash_order(TERMS, 5)
    assert order_signer(order, domain) == TERMS.trader


def test_is_confirmed__by_a_safe__what_enough_owners_have_signed(market: Market) -> None:
    node, safe = market.node, market.roles[Role.GUARDIAN]
    trading = EnergyTrading(node, market.trading.address)
    gas = trading.signature_gas()
    assert gas == 100_000
    question = order_hash(replace(TERMS, trader=safe), 0, trading.domain())
    signature = _of_safe(safe, question)
    assert is_confirmed(node, safe, question, signature, gas=gas)
    assert not is_confirmed(node, safe, question, signature[:65], gas=gas)
    assert not is_confirmed(node, safe, question, b"", gas=gas)
    other = order_hash(replace(TERMS, trader=safe), 1, trading.domain())
    assert not is_confirmed(node, safe, other, signature, gas=gas)
    # It needs about 30,000.
    assert is_confirmed(node, safe, question, signature, gas=40_000)
    assert not is_confirmed(node, safe, question, signature, gas=10_000)


def test_is_confirmed__by_an_account_without_code_or_another_contract__is_not(
    market: Market,
) -> None:
    for wallet in (TERMS.trader, market.trading.address):
        assert not is_confirmed(market.node, wallet, bytes(32), b"", gas=100_000)


@pytest.mark.parametrize(
    ("code", "confirmed"),
    [
        # Gives 32 bytes: the magic value and zeros; a one at their end; the magic value alone.
        ("7f1626ba7e" + "00" * 28 + "5f5260205ff3", True),
        ("7f1626ba7e" + "00" * 27 + "015f5260205ff3", False),
        ("7f1626ba7e" + "00" * 28 + "5f5260045ff3", False),
        # More than a word of the right beginning.
        ("7f1626ba7e" + "00" * 28 + "5f5260405ff3", True),
        ("60015f5260205ff3", False),
        ("5f5ffd", False),
        # Uses all the gas there is.
        ("5b5f56", False),
    ],
    ids=["magic", "changed", "short", "long", "one", "reverts", "loops"],
)
def test_is_confirmed__by_the_magic_value_alone(market: Market, code: str, confirmed: bool) -> None:
    wallet = "0x" + "77" * 20
    market.node.rpc("anvil_setCode", wallet, f"0x{code}")
    assert is_confirmed(market.node, wallet, bytes(32), b"\1", gas=100_000) is confirmed


def _of_safe(safe: str, question: bytes) -> bytes:
    """What two of its owners sign of a hash, in the order of their addresses."""
    place = struct_hash("EIP712Domain(uint256 chainId,address verifyingContract)", (CHAIN, safe))
    message = encode(["bytes32"], [question])
    hashed = struct_hash("SafeMessage(bytes message)", (keccak(message),))
    owners = sorted(OWNERS, key=lambda owner: int(owner.address, 16))
    return b"".join(owner.sign(joined(place, hashed)).long for owner in owners)
