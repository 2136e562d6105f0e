"""What signed orders cost: in batches of several sizes and kinds, and to take back.

A pair is a buyer and a seller whose orders are filled whole, all pairs at one price, every order of
another account. Figures are of the second batch of the same traders: what they traded before is in
their words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from energy_grid.chain.contract import Call
from energy_grid.chain.roles import Role
from energy_grid.domain.batch import BATCH_IDS, Batch, Fill
from energy_grid.domain.orders import OrderTerms, OrderType
from energy_grid.domain.periods import Period, PeriodKind
from energy_grid.domain.signed_orders import SignedOrder
from tests.support.market import Market, Receipt, actor
from tests.support.signed_orders import batch_args, digest, sign

__all__ = ["Traders", "batch_call", "measure_batch_suite", "settle_batch"]

AMOUNT, PRICE = 1_500, 250_000
MONEY = 100_000_000
HOUR = 3600
SIZES = (1, 10, 100)
WALLET_PAIRS = 10
ORDER_SET = keccak(text="the orders that were cleared")
_NOBODY = "0x" + "0" * 40

Signer = Callable[[OrderTerms, int], SignedOrder]


def measure_batch_suite(market: Market) -> dict[str, int]:
    """Gas per pair, and of taking orders back."""
    period = Period(kind=PeriodKind.HOURLY, start=(market.now // HOUR + 1) * HOUR)
    households = key_traders(market, max(SIZES))
    figures = {"signed order, cost to its maker": 0}
    nonce = 0
    for pairs in sorted(SIZES, reverse=True):
        for _ in range(2):
            batch = households.signed_batch(pairs, period, nonce)
            nonce += 1
            gas = settle_batch(market, batch).gas_used
        figures[f"settleBatch, each of {pairs}"] = gas // pairs
    figures["settleMany, each of 100, one delivered slot"] = _deliveries(market, households, period)
    figures["settleBatch, each of 100, on-chain orders"] = _stored(market, households, period)
    figures[f"settleBatch, each of {WALLET_PAIRS}, Safes of two owners"] = _wallets(market, period)
    return {**figures, **_cancellations(market, households.accounts[0], nonce)}


def settle_batch(market: Market, batch: Batch) -> Receipt:
    """The keeper settles it; nothing is passed over."""
    return market.send(market.roles[Role.KEEPER], batch_call(market, batch))


def batch_call(market: Market, batch: Batch) -> Call:
    """The call that settles a batch."""
    return market.trading.prepare("settleBatch", batch_args(batch), False)


@dataclass(frozen=True)
class Traders:
    """Accounts with money, ascending by address: buyers at even places, sellers at odd ones."""

    accounts: Sequence[str]
    signers: Sequence[Signer]

    def terms(self, place: int, period: Period) -> OrderTerms:
        """What everybody asks for."""
        return OrderTerms(
            trader=self.accounts[place],
            order_type=OrderType(place % 2),
            amount=AMOUNT,
            price=PRICE,
            expiry=period.start + HOUR - 1,
            period=period,
        )

    def signed_batch(self, pairs: int, period: Period, nonce: int) -> Batch:
        """The first so many pairs, all orders signed."""
        places = range(2 * pairs)
        orders = tuple(self.signers[at](self.terms(at, period), nonce) for at in places)
        return _batch(period, pairs, signed_orders=orders)


def key_traders(market: Market, pairs: int) -> Traders:
    """Households whose keys sign."""
    accounts = [actor(f"household with a key {number}") for number in range(2 * pairs)]
    accounts.sort(key=lambda account: int(account.address, 16))
    _fund(market, [account.address for account in accounts])
    return Traders(
        accounts=[account.address for account in accounts],
        signers=[_key_signer(market, account) for account in accounts],
    )


def _key_signer(market: Market, account: LocalAccount) -> Signer:
    return lambda terms, nonce: sign(market, account, terms, nonce)


def _batch(period: Period, pairs: int, **orders: Any) -> Batch:
    fills = tuple(Fill(buy=2 * pair, sell=2 * pair + 1, amount=AMOUNT) for pair in range(pairs))
    parts = {"signed_orders": (), "stored_orders": (), **orders}
    return Batch(period=period, price=PRICE, order_set=ORDER_SET, fills=fills, **parts)


def _fund(market: Market, accounts: Sequence[str]) -> None:
    bank = actor("bank of the traders")
    market.give_money(bank, len(accounts) * MONEY)
    for account in accounts:
        market.do(bank, market.settlement, "depositFor", account, MONEY)


def _deliveries(market: Market, traders: Traders, period: Period) -> int:
    """Gas per transaction of the second batch, as of the first, in a slot that is metered."""
    pairs, slot = max(SIZES), market.slot(period.start)
    market.go_to(period.start)
    for place, account in enumerate(traders.accounts):
        number = market.settlement.call("numberOf", account)
        energy = (10 * AMOUNT, 0) if place % 2 else (0, 10 * AMOUNT)
        metered = (number, slot, *energy, False)
        market.do(market.meters.address, market.settlement, "recordMetered", *metered)
    for batch in (1, 2):
        numbers = list(range(batch * BATCH_IDS, batch * BATCH_IDS + pairs))
        settled = market.do(actor("keeper"), market.trading, "settleMany", numbers, 1)
        ended = market.events(settled, market.trading, "TransactionSettled")
        assert len(ended) == pairs
    return settled.gas_used // pairs


def _stored(market: Market, traders: Traders, period: Period) -> int:
    """Gas per pair of orders that were stored before, which their traders have paid for."""
    pairs, create = 100, "createOrder(uint256,uint256,uint256,uint8,uint8,uint256)"
    for _ in range(2):
        first = market.trading.call("orderCount") + 1
        for at in range(2 * pairs):
            terms = traders.terms(at, period)
            order = (terms.amount, terms.price, terms.expiry, terms.order_type, 0, period.start)
            market.do(terms.trader, market.trading, create, *order)
        batch = _batch(period, pairs, stored_orders=tuple(range(first, first + 2 * pairs)))
        gas = settle_batch(market, batch).gas_used
    return gas // pairs


def _wallets(market: Market, period: Period) -> int:
    """Gas per pair of Safes: each order is confirmed by two of the Safe's three owners."""
    owners = sorted(
        (actor(f"owner {number}") for number in range(3)), key=lambda one: int(one.address, 16)
    )
    safes = sorted(
        (_safe(market, owners, number) for number in range(2 * WALLET_PAIRS)),
        key=lambda address: int(address, 16),
    )
    _fund(market, safes)

    def confirm(terms: OrderTerms, nonce: int) -> SignedOrder:
        signature = b"".join(
            _safe_signature(market, owner, terms.trader, digest(market, terms, nonce))
            for owner in owners[:2]
        )
        return SignedOrder(terms=terms, nonce=nonce, signature=signature, by_contract=True)

    traders = Traders(accounts=safes, signers=[confirm] * len(safes))
    for nonce in range(2):
        batch = traders.signed_batch(WALLET_PAIRS, period, nonce)
        gas = settle_batch(market, batch).gas_used
    return gas // WALLET_PAIRS


def _safe(market: Market, owners: Sequence[LocalAccount], number: int) -> str:
    singleton, factory = market.contracts["Safe"], market.contracts["SafeProxyFactory"]
    handler = market.contracts["CompatibilityFallbackHandler"].address
    addresses = [owner.address for owner in owners]
    settings = (addresses, 2, _NOBODY, b"", handler, _NOBODY, 0, _NOBODY)
    initializer = singleton.abi.function("setup").encode(settings)
    terms = (singleton.address, initializer, number)
    made = market.do(actor("deployer of Safes"), factory, "createProxyWithNonce", *terms)
    (event,) = market.events(made, factory, "ProxyCreation")
    return str(event["proxy"])


def _safe_signature(market: Market, owner: LocalAccount, safe: str, order_hash: bytes) -> bytes:
    signed = owner.sign_typed_data(
        {"chainId": market.node.chain_id, "verifyingContract": safe},
        {"SafeMessage": [{"name": "message", "type": "bytes"}]},
        {"message": order_hash},
    )
    return bytes(signed.signature)


def _cancellations(market: Market, trader: str, unused: int) -> dict[str, int]:
    """A nonce of a word in use, one of a fresh word, and all below one."""
    figures = {}
    for nonce in (unused, unused + 1):
        cancelled = market.do(trader, market.trading, "cancelSigned", [nonce])
        figures["cancelSigned, word in use"] = cancelled.gas_used
    fresh = 10_000
    cancelled = market.do(trader, market.trading, "cancelSigned", [fresh])
    figures["cancelSigned, fresh word"] = cancelled.gas_used
    for nonce in (fresh, fresh + 1):
        raised = market.do(trader, market.trading, "cancelSignedBelow", nonce)
        figures["cancelSignedBelow"] = raised.gas_used
    return figures
