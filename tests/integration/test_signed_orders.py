"""Signed orders where others have the say: the contract, a node that signs, a contract wallet."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from energy_grid.chain.accounts import Account
from energy_grid.chain.contract_wallets import is_confirmed
from energy_grid.chain.roles import Role
from energy_grid.contracts.energy_trading import EnergyTrading
from energy_grid.contracts.errors import EnergyTrading_Refused
from energy_grid.contracts.settlement import Settlement
from energy_grid.domain.batch import Batch, Fill, Refusal
from energy_grid.domain.orders import OrderTerms, OrderType
from energy_grid.domain.periods import Period, PeriodKind
from energy_grid.domain.signed_orders import SignedOrder, order_hash, trading_domain, typed_data
from energy_grid.market.batch_calls import hash_order, settle_batch
from energy_grid.market.order_status import signed_order_status
from energy_grid.market.signing import Domain, domain_of, order_signer, sign_order
from tests.support.market import MONDAY, Market, actor
from tests.support.safes import of_safe
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
    assert f"0x{hash_order(trading, terms, nonce).hex()}" == vector["digest"]
    assert domain_of(trading) == domain


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
    domain = domain_of(trading)
    assert domain == trading_domain(CHAIN, market.trading.address)
    order = sign_order(OWNERS[0], TERMS, 5, domain)
    assert order_hash(TERMS, 5, domain) == hash_order(trading, TERMS, 5)
    assert order_signer(order, domain) == TERMS.trader


def test_is_confirmed__by_a_safe__what_enough_owners_have_signed(market: Market) -> None:
    node, safe = market.node, market.roles[Role.REGISTRAR]
    trading = EnergyTrading(node, market.trading.address)
    gas = trading.signature_gas()
    assert gas == 100_000
    question = order_hash(replace(TERMS, trader=safe), 0, domain_of(trading))
    signature = of_safe(safe, CHAIN, question, OWNERS)
    assert is_confirmed(node, safe, question, signature, gas=gas)
    assert not is_confirmed(node, safe, question, signature[:65], gas=gas)
    assert not is_confirmed(node, safe, question, b"", gas=gas)
    other = order_hash(replace(TERMS, trader=safe), 1, domain_of(trading))
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


# What stands in an order's way, as the contract tells it


@pytest.fixture
def day(market: Market) -> Period:
    """Tomorrow; a seller has all it takes, and a trader has 10 dollars."""
    market.deposit(actor("seller"), 100_000_000)
    market.deposit(actor("trader"), 10_000_000)
    return Period(kind=PeriodKind.DAILY, start=MONDAY + 86_400)


def _signed(market: Market, day: Period, who: str = "trader", **changes: Any) -> SignedOrder:
    """An order of an actor, by default a BUY of 2.4 kWh."""
    key = Account(bytes(actor(who).key))
    nonce = changes.pop("nonce", 0)
    terms = replace(TERMS, trader=key.address, order_type=OrderType.BUY, period=day)
    terms = replace(terms, **({"expiry": day.last_order, "amount": 2400} | changes))
    return sign_order(key, terms, nonce, trading_domain(CHAIN, market.trading.address))


def _batch(market: Market, day: Period, order: SignedOrder, amount: int) -> Batch:
    """One fill of the order, at its limit, with somebody who can pay."""
    buying = order.terms.order_type is OrderType.BUY
    side, price = OrderType.SELL if buying else OrderType.BUY, order.terms.price
    other = _signed(
        market,
        day,
        "seller",
        order_type=side,
        price=price,
        amount=24 * 2**20,
        nonce=2 * price + side,
    )
    signed = tuple(sorted((order, other), key=lambda each: each.sorting_key))
    places = signed.index(order), signed.index(other)
    buy, sell = places if buying else places[::-1]
    return Batch(
        period=day,
        price=price,
        order_set=bytes(32),
        signed_orders=signed,
        stored_orders=(),
        fills=(Fill(buy=buy, sell=sell, amount=amount),),
    )


def _trade(market: Market, day: Period, order: SignedOrder, amount: int) -> None:
    trading = EnergyTrading(market.node, market.trading.address)
    call = settle_batch(trading, _batch(market, day, order, amount), False)
    market.send(market.roles[Role.KEEPER], call)


def _both(market: Market, day: Period, order: SignedOrder) -> tuple[Refusal, Any]:
    """What the package says of the rest of an order, and the contract."""
    trading = EnergyTrading(market.node, market.trading.address)
    settlement = Settlement(market.node, market.settlement.address)
    status = signed_order_status(order, domain_of(trading), trading, settlement)
    rest = order.terms.amount - status.filled
    call = settle_batch(trading, _batch(market, day, order, rest), False)
    name, reply = int.from_bytes(status.order_hash, "big"), Refusal.NONE
    try:
        trading.simulate(call, market.roles[Role.KEEPER])
    except EnergyTrading_Refused as refusal:
        reply = refusal.reason if refusal.order_id == name else None
    return status.refusal, reply


def test_status__of_nonces__as_the_contract(market: Market, day: Period) -> None:
    spent = (Refusal.NONCE_SPENT, Refusal.NONCE_SPENT)
    order = _signed(market, day, nonce=3)
    assert _both(market, day, order) == (Refusal.NONE, Refusal.NONE)
    _trade(market, day, order, 960)
    assert _both(market, day, order) == (Refusal.NONE, Refusal.NONE)
    assert _both(market, day, _signed(market, day, nonce=3, price=1)) == spent
    _trade(market, day, order, 1440)
    assert _both(market, day, order) == spent
    at_once = _signed(market, day, nonce=4)
    _trade(market, day, at_once, 2400)
    assert _both(market, day, at_once) == spent
    market.do(actor("trader"), market.trading, "cancelSigned", [5])
    assert _both(market, day, _signed(market, day, nonce=5)) == spent
    market.do(actor("trader"), market.trading, "cancelSignedBelow", 8)
    below = (Refusal.BELOW_FLOOR, Refusal.BELOW_FLOOR)
    assert _both(market, day, _signed(market, day, nonce=7)) == below
    assert _both(market, day, _signed(market, day, nonce=8)) == (Refusal.NONE, Refusal.NONE)


def test_status__of_time_and_signature__as_the_contract(market: Market, day: Period) -> None:
    order = _signed(market, day)
    expired = replace(order.terms, expiry=MONDAY - 1)
    forged = replace(order, nonce=1)
    wallet = replace(order, by_contract=True)
    for bad, refusal in (
        (replace(order, terms=expired), Refusal.EXPIRED),
        (_signed(market, day, amount=2401), Refusal.INVALID_AMOUNT),
        (forged, Refusal.WRONG_SIGNATURE),
        (wallet, Refusal.WRONG_SIGNATURE),
    ):
        assert _both(market, day, bad) == (refusal, refusal)
    safe = market.roles[Role.REGISTRAR]
    terms = replace(order.terms, trader=safe)
    question = order_hash(terms, 0, trading_domain(CHAIN, market.trading.address))
    signature = of_safe(safe, CHAIN, question, OWNERS)
    by_safe = SignedOrder(terms=terms, nonce=0, signature=signature, by_contract=True)
    unknown = (Refusal.UNKNOWN_ACCOUNT, Refusal.UNKNOWN_ACCOUNT)
    assert _both(market, day, by_safe) == unknown
    market.give_money(actor("trader"), 1_000_000)
    market.do(actor("trader"), market.settlement, "depositFor", safe, 1_000_000)
    assert _both(market, day, by_safe) == (Refusal.NONE, Refusal.NONE)
    assert _both(market, day, _signed(market, day, "stranger")) == unknown


@pytest.mark.parametrize("length", [0, 65, 130, 1000])
def test_status__of_a_contract_wallet__which_has_the_gas_that_it_has_on_the_chain(
    market: Market, day: Period, length: int
) -> None:
    # Confirms if the first instruction leaves it exactly 99,998: a unit more or less, and not.
    wallet = "0x" + "66" * 20
    magic = "7f1626ba7e" + "00" * 28
    market.give_money(actor("trader"), 1_000_000)
    market.do(actor("trader"), market.settlement, "depositFor", wallet, 1_000_000)
    terms = replace(_signed(market, day).terms, trader=wallet)
    signature = bytes(length // 2) + b"\1" * (length - length // 2)
    order = SignedOrder(terms=terms, nonce=0, signature=signature, by_contract=True)
    for gas, refusal in (
        (99_997, Refusal.WRONG_SIGNATURE),
        (99_998, Refusal.NONE),
        (99_999, Refusal.WRONG_SIGNATURE),
    ):
        code = f"0x5a62{gas:06x}14{magic}025f5260205ff3"
        market.node.rpc("anvil_setCode", wallet, code)
        assert _both(market, day, order) == (refusal, refusal)


@pytest.mark.parametrize("side", OrderType)
def test_status__of_money__as_the_contract(market: Market, day: Period, side: OrderType) -> None:
    # 10 dollars pay for 40 kWh, or are the cover of 15.384 kWh: 0.9 less 0.25 for each kWh.
    most = {OrderType.BUY: 39_984, OrderType.SELL: 15_384}[side]
    short = (Refusal.INSUFFICIENT_BALANCE, Refusal.INSUFFICIENT_BALANCE)
    enough = _signed(market, day, order_type=side, amount=most)
    assert _both(market, day, enough) == (Refusal.NONE, Refusal.NONE)
    more = _signed(market, day, order_type=side, amount=most + 24)
    assert _both(market, day, more) == short
    grid = market.grid.address
    buying = side is OrderType.BUY
    trader = actor("trader").address
    market.do(grid, market.settlement, "setSideBlocked", trader, not buying, True)
    assert _both(market, day, enough) == (Refusal.NONE, Refusal.NONE)
    market.do(grid, market.settlement, "setSideBlocked", trader, buying, True)
    assert _both(market, day, more) == (Refusal.SIDE_BLOCKED, Refusal.SIDE_BLOCKED)
