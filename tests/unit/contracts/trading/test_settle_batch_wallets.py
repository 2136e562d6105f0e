"""EnergyTrading.settleBatch: orders of contract wallets (EIP-1271), also hostile (threat 22)."""

from __future__ import annotations

from dataclasses import replace
from enum import IntEnum
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_account.signers.local import LocalAccount

from energy_grid.chain.contract import Contract
from energy_grid.chain.rpc.node import call_parameter
from energy_grid.contracts import errors
from energy_grid.domain.batch import Refusal
from energy_grid.domain.orders import OrderType
from energy_grid.domain.signed_orders import NonceState, SignedOrder
from tests.support.market import actor
from tests.support.safes import deploy_safe
from tests.support.signed_orders import batch_args, digest, sign_digest
from tests.unit.contracts.trading.auction import CLEARING, Auction
from tests.unit.contracts.trading.tested_order import WH, assert_left_out, assert_taken
from tests.unit.contracts.trading.traders import AMOUNT, FUNDS, refuses

# What a wallet may spend is counted as the chain counts it.
pytestmark = pytest.mark.anvil

BUY, SELL = OrderType.BUY, OrderType.SELL
OWNER = actor("owner of a wallet")
# What the chain spends on a refused wallet besides the gas that it gives it.
OVERHEAD = 20_000


class Behaviour(IntEnum):
    """As in WalletDouble."""

    HONEST = 0
    REVERT = 1
    WRONG_VALUE = 2
    NEARLY = 3
    SHORT = 4
    NOTHING = 5
    LONG = 6
    RETURN_BOMB = 7
    REVERT_BOMB = 8
    GAS_BOMB = 9
    THRIFTY = 10
    REVERT_MAGIC = 11


HOSTILE = [
    *(Behaviour.REVERT, Behaviour.REVERT_MAGIC, Behaviour.WRONG_VALUE, Behaviour.NEARLY),
    *(Behaviour.SHORT, Behaviour.NOTHING, Behaviour.REVERT_BOMB, Behaviour.GAS_BOMB),
]


@pytest.fixture
def wallet(auction: Auction) -> Contract:
    """A contract wallet with money."""
    return auction.wallet(OWNER)


def behave(auction: Auction, wallet: Contract, how: Behaviour, burn: int = 0) -> None:
    auction.traders.market.do(OWNER, wallet, "behave", how, burn)


def order(auction: Auction, wallet: Contract, side: OrderType = SELL, **terms: Any) -> SignedOrder:
    return auction.of_wallet(wallet.address, OWNER, side, **terms)


def signature_gas(auction: Auction) -> int:
    return int(auction.trading.call("SIGNATURE_GAS"))


# Wallets that confirm


@pytest.mark.parametrize("side", OrderType)
def test_settle_batch__wallet_that_confirms__trades(
    auction: Auction, wallet: Contract, side: OrderType
) -> None:
    made = order(auction, wallet, side)
    assert_taken(auction, side, made)
    locked = auction.paid(WH) if side is BUY else auction.secured(WH)
    assert auction.money(wallet.address) == (FUNDS - locked, locked)
    assert auction.status(made) == (NonceState.PARTIAL, WH)


def test_settle_batch__several_wallets__each_has_its_signature(
    auction: Auction, wallet: Contract
) -> None:
    other = auction.wallet(auction.traders.rival)
    bid = auction.of_wallet(other.address, auction.traders.rival, BUY)
    asks = [order(auction, wallet, nonce=nonce) for nonce in (0, 1)]
    raw = batch_args(auction.batch((bid, asks[0], 700), (bid, asks[1], 800)))
    assert len(raw[7]) == 3
    auction.settle(raw)
    # In any places, with some that nobody names.
    again = batch_args(auction.batch((bid, asks[0], 100), (bid, asks[1], 200)))
    again[7] = [b"unused", *reversed(again[7]), b""]
    again[4] = [
        (*entry[:6], (3 - place).to_bytes(32), bytes(32)) for place, entry in enumerate(again[4])
    ]
    auction.settle(again)
    assert [auction.filled(one) for one in (bid, *asks)] == [1800, 800, 1000]


@pytest.mark.parametrize("length", [0, 1, 31, 32, 33, 64, 65, 66, 5000])
def test_settle_batch__wallets_signature__can_have_any_length(
    auction: Auction, wallet: Contract, length: int
) -> None:
    behave(auction, wallet, Behaviour.THRIFTY)
    assert_taken(auction, SELL, replace(order(auction, wallet), signature=b"\x01" * length))


def test_settle_batch__wallet_that_answers_more_than_a_word__trades(
    auction: Auction, wallet: Contract
) -> None:
    behave(auction, wallet, Behaviour.LONG)
    assert_taken(auction, SELL, order(auction, wallet))


def test_settle_batch__wallet_that_answers_at_great_length__harms_nobody(
    auction: Auction, wallet: Contract
) -> None:
    # It pays for the length of its answer out of its own gas; nobody reads more than a word.
    honest = _gas_of(auction, order(auction, wallet))
    behave(auction, wallet, Behaviour.RETURN_BOMB)
    assert _gas_of(auction, order(auction, wallet)) < honest + signature_gas(auction) + OVERHEAD


def test_settle_batch__wallet_within_its_gas__trades(auction: Auction, wallet: Contract) -> None:
    behave(auction, wallet, Behaviour.THRIFTY, signature_gas(auction) - 10_000)
    assert_taken(auction, SELL, order(auction, wallet))


@pytest.mark.parametrize("threshold", [1, 2, 3])
def test_settle_batch__order_of_a_safe__is_confirmed_by_its_owners(
    auction: Auction, threshold: int
) -> None:
    market = auction.traders.market
    owners = [actor(f"owner {number} of a Safe") for number in range(3)]
    safe = _deploy_safe(auction, owners, threshold)
    auction.fund(safe)
    terms = auction.terms(safe, SELL)

    def signed_by(signers: list[LocalAccount]) -> SignedOrder:
        signature = _safe_signature(auction, safe, signers, digest(market, terms, 0))
        return SignedOrder(terms=terms, nonce=0, signature=signature, by_contract=True)

    right = signed_by(owners[:threshold])
    wrong = [signed_by([auction.traders.stranger, *owners[1:threshold]])]
    if threshold > 1:
        wrong += [signed_by(owners[: threshold - 1]), signed_by([owners[0]] * threshold)]
    for one in wrong:
        assert_left_out_at_once(auction, one)
    assert_taken(auction, SELL, right)
    secured = auction.secured(WH)
    assert auction.money(safe) == (FUNDS - secured, secured)

    # Of the gas that it has, it needs less than half.
    question = _question(digest(market, terms, 0), right.signature)
    request = call_parameter(safe, question, sender=auction.trading.address)
    used = int(market.node.rpc("eth_estimateGas", request), 16) - 21_000
    assert used < signature_gas(auction) // 2


def _deploy_safe(auction: Auction, owners: list[LocalAccount], threshold: int) -> str:
    node = auction.traders.market.node
    node.set_automine(True)
    try:
        addresses = [owner.address for owner in owners]
        return deploy_safe(node, addresses, threshold, confirming=True)[0].address
    finally:
        node.set_automine(False)


def _safe_signature(
    auction: Auction, safe: str, signers: list[LocalAccount], order_hash: bytes
) -> bytes:
    """What the owners sign is a message of the Safe's own domain about the order's hash."""
    domain = {"chainId": auction.traders.market.node.chain_id, "verifyingContract": safe}
    types = {"SafeMessage": [{"name": "message", "type": "bytes"}]}
    signed = (
        signer.sign_typed_data(domain, types, {"message": order_hash}).signature
        for signer in sorted(signers, key=lambda signer: int(signer.address, 16))
    )
    return b"".join(map(bytes, signed))


def _question(order_hash: bytes, signature: bytes) -> bytes:
    selector = bytes.fromhex("1626ba7e")
    return selector + encode(["bytes32", "bytes"], [order_hash, signature])


def assert_left_out_at_once(auction: Auction, wrong: SignedOrder) -> None:
    """Refused for its signature, without a transaction."""
    raw = batch_args(auction.batch((auction.bid(), wrong, WH)))
    with pytest.raises(errors.EnergyTrading_Refused) as refusal:
        auction.trading.call("settleBatch", raw, False, sender=auction.keeper)
    assert refusal.value.arguments == {
        "order_id": auction.name(wrong),
        "reason": Refusal.WRONG_SIGNATURE,
    }


# Wallets that do not


@pytest.mark.parametrize("how", HOSTILE)
@pytest.mark.parametrize("side", OrderType)
def test_settle_batch__wallet_that_does_not_confirm__is_refused(
    auction: Auction, wallet: Contract, side: OrderType, how: Behaviour
) -> None:
    behave(auction, wallet, how)
    assert_left_out(auction, side, order(auction, wallet, side), Refusal.WRONG_SIGNATURE)


@pytest.mark.parametrize("how", [Behaviour.NOTHING, Behaviour.SHORT, Behaviour.REVERT])
def test_settle_batch__silent_wallet_after_one_that_confirms__does_not_borrow_its_answer(
    auction: Auction, how: Behaviour
) -> None:
    wallets = [auction.wallet(OWNER) for _ in range(2)]
    first, second = sorted(wallets, key=lambda wallet: int(wallet.address, 16))
    behave(auction, second, how)
    bid, left_out = auction.bid(nonce=1), order(auction, second)
    fills = ((bid, order(auction, first), 100), (bid, left_out, 100))
    receipt = auction.settle(auction.batch(*fills), skip=True)
    assert auction.skipped(receipt) == [(auction.name(left_out), Refusal.WRONG_SIGNATURE)]
    assert [seller for _, seller, _, _ in auction.fills()] == [first.address]


def test_settle_batch__wallet_that_needs_too_much_gas__is_refused(
    auction: Auction, wallet: Contract
) -> None:
    behave(auction, wallet, Behaviour.THRIFTY, signature_gas(auction))
    assert_left_out(auction, SELL, order(auction, wallet), Refusal.WRONG_SIGNATURE)


def test_settle_batch__wallet_whose_key_is_revoked_between_two_batches__is_refused(
    auction: Auction, wallet: Contract
) -> None:
    made, bid = order(auction, wallet), auction.bid()
    auction.trade((bid, made, 500))
    auction.traders.market.do(OWNER, wallet, "setOwner", auction.traders.rival.address)
    refusal = {"order_id": auction.name(made), "reason": Refusal.WRONG_SIGNATURE}
    with refuses(auction.traders.market, errors.EnergyTrading_Refused, **refusal):
        auction.trade((bid, made, 500))
    # What was filled stays; the new key answers for the rest.
    renewed = auction.of_wallet(wallet.address, auction.traders.rival, SELL)
    auction.trade((bid, renewed, 400))
    assert auction.status(made) == (NonceState.PARTIAL, 900)


def test_settle_batch__wallets_order_signed_as_by_a_key__is_refused(
    auction: Auction, wallet: Contract
) -> None:
    as_key = replace(order(auction, wallet), by_contract=False)
    assert_left_out(auction, SELL, as_key, Refusal.WRONG_SIGNATURE)


def test_settle_batch__wallets_signature_of_another_order__is_refused(
    auction: Auction, wallet: Contract
) -> None:
    right = order(auction, wallet)
    for wrong in (
        replace(right, nonce=1),
        replace(right, terms=replace(right.terms, amount=AMOUNT + 1)),
        replace(right, signature=b""),
        replace(right, signature=right.signature[:64]),
        replace(right, signature=right.signature + b"\x00"),
        # v of 0 or 1 is no signature.
        replace(right, signature=right.signature[:64] + bytes([right.signature[64] - 27])),
    ):
        assert_left_out_at_once(auction, wrong)


def test_settle_batch__another_wallet_of_the_same_owner__needs_a_signature_of_its_own(
    auction: Auction, wallet: Contract
) -> None:
    other = auction.wallet(OWNER)
    made = order(auction, wallet)
    replayed = replace(made, terms=replace(made.terms, trader=other.address))
    assert_left_out(auction, SELL, replayed, Refusal.WRONG_SIGNATURE)


@pytest.mark.parametrize("place", [1, 2, 2**64, 2**256 - 1])
@pytest.mark.parametrize("skip", [False, True])
def test_settle_batch__place_of_a_signature_that_is_none__is_refused(
    auction: Auction, wallet: Contract, place: int, skip: bool
) -> None:
    made = order(auction, wallet)
    raw = batch_args(auction.batch((auction.bid(), made, WH)))
    raw[4] = [
        (*entry[:6], place.to_bytes(32), bytes(32)) if entry[0] == wallet.address else entry
        for entry in raw[4]
    ]
    name = auction.name(made)
    if skip:
        left_out = auction.skipped(auction.settle(raw, skip=True))
        assert left_out == [(name, Refusal.WRONG_SIGNATURE)]
        assert auction.money(auction.traders.buyer) == (FUNDS, 0)
        return
    refusal = {"order_id": name, "reason": Refusal.WRONG_SIGNATURE}
    with refuses(auction.traders.market, errors.EnergyTrading_Refused, **refusal):
        auction.settle(raw)


@pytest.mark.parametrize("side", OrderType)
def test_settle_batch__account_without_code__confirms_nothing(
    auction: Auction, side: OrderType
) -> None:
    # A call of it succeeds, and answers nothing.
    trader = auction.traders.stranger
    auction.traders.market.deposit(trader, FUNDS)
    terms = auction.terms(trader, side)
    signature = sign_digest(trader, digest(auction.traders.market, terms, 0))
    wrong = SignedOrder(terms=terms, nonce=0, signature=signature, by_contract=True)
    assert_left_out(auction, side, wrong, Refusal.WRONG_SIGNATURE)


@pytest.mark.parametrize("contract", ["settlement", "trading", "dollar", "meters"])
def test_settle_batch__contract_that_is_no_wallet__confirms_nothing(
    auction: Auction, contract: str
) -> None:
    address = getattr(auction.traders.market, contract).address
    terms = auction.terms(address, SELL)
    signature = sign_digest(OWNER, digest(auction.traders.market, terms, 0))
    wrong = SignedOrder(terms=terms, nonce=0, signature=signature, by_contract=True)
    assert_left_out(auction, SELL, wrong, Refusal.WRONG_SIGNATURE)


@pytest.mark.parametrize(
    "precompile", [pytest.param(number, id=f"precompile {number}") for number in range(1, 11)]
)
def test_settle_batch__precompiled_contract__confirms_nothing(
    auction: Auction, precompile: int
) -> None:
    # The fourth answers with what it is asked, whose first bytes are the magic value.
    terms = auction.terms(f"0x{precompile:040x}", SELL)
    wrong = SignedOrder(terms=terms, nonce=0, signature=b"", by_contract=True)
    raw = batch_args(auction.batch((auction.bid(), wrong, WH)))
    with pytest.raises(errors.EnergyTrading_Refused) as refusal:
        auction.trading.call("settleBatch", raw, False, sender=auction.keeper)
    assert refusal.value.arguments["reason"] == Refusal.WRONG_SIGNATURE


# What they cost the others


@pytest.mark.parametrize(
    "how",
    [Behaviour.GAS_BOMB, Behaviour.REVERT_BOMB, Behaviour.REVERT],
)
def test_settle_batch__many_hostile_wallets__cost_no_more_than_their_gas(
    auction: Auction, how: Behaviour
) -> None:
    traders, count = auction.traders, 10
    wallets = [auction.wallet(OWNER) for _ in range(count)]
    bid = auction.bid(amount=100_000)
    honest = (auction.bid(traders.rival, nonce=1), auction.ask(), WH)
    fills = [(bid, order(auction, wallet), 100) for wallet in wallets]
    alone = auction.settle(auction.batch(honest)).gas_used

    for wallet in wallets:
        behave(auction, wallet, how)
    honest = (auction.bid(traders.rival, nonce=2), auction.ask(nonce=1), WH)
    receipt = auction.settle(auction.batch(*fills, honest), skip=True)
    assert receipt.gas_used < alone + count * (signature_gas(auction) + OVERHEAD) + 100_000
    assert auction.fills()[-1] == (traders.rival.address, traders.seller.address, WH, CLEARING)
    assert len(auction.skipped(receipt)) == count
    assert traders.money(traders.buyer) == (FUNDS, 0)


def _gas_of(auction: Auction, made: SignedOrder) -> int:
    """Gas of a batch that sells a little of the wallet's order, asked without a transaction."""
    call = auction.prepare(auction.batch((auction.bid(), made, WH)))
    request = call_parameter(call.to, call.data, sender=auction.keeper)
    return int(auction.traders.market.node.rpc("eth_estimateGas", request), 16)
