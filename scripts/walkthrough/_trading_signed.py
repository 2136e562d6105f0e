"""Orders that are signed and cost nothing, and the keeper who brings them in, in batches."""

from __future__ import annotations

from dataclasses import replace

from energy_grid.client import (
    OrderType,
    SignedOrder,
    errors,
)
from energy_grid.domain.batch import Fill, Refusal
from energy_grid.domain.batch_clearing import OpenOrder
from energy_grid.domain.signed_orders import NonceState, fields_of, order_hash
from energy_grid.market.batch_calls import hash_order, settle_batch
from energy_grid.market.order_sets import root_of
from energy_grid.market.signing import domain_of, sign_order
from scripts._walkthrough.common import only
from scripts._walkthrough.stage import Stage
from scripts._walkthrough.tokens import CENT, DOLLAR
from scripts.walkthrough._trading_batches import batch_of, noon, open_order, signed, terms_of
from scripts.walkthrough._trading_refusals import tell_of_refusals

__all__ = ["tell_of_signed_orders"]

# Transactions of batch n are numbered from n times this on.
_FIRST = 2**32


def tell_of_signed_orders(stage: Stage) -> None:
    """Orders off the chain for Thursday's noon, and three batches of them."""
    _signing(stage)
    _voiding(stage)
    rest = _a_batch(stage)
    _batches_that_are_none(stage, rest)
    tell_of_refusals(stage)
    _going_on(stage, rest)
    _a_wallet(stage, rest)


def _signing(stage: Stage) -> None:
    market, trading, consumer = stage.market, stage.market.trading, stage.person("the consumer")
    stage.chapter("Thursday, 9:00: orders that are only signed")
    stage.says("A signed order stays off the chain, costs no gas and locks no money until it")
    stage.says("trades. This is what the consumer's wallet shows it:")
    terms = terms_of(stage, consumer, OrderType.BUY, 2000, 30 * CENT)
    stage.says(", ".join(f"{name} {value}" for name, value in fields_of(terms, 0).items()))
    domain = domain_of(trading)
    stage.shows("for whom it is", domain)
    name = hash_order(trading, terms, 0)
    stage.shows("the hash that it signs, by which it is known", name)
    stage.check(name == order_hash(terms, 0, domain), "the package signs something else")
    order = sign_order(consumer, terms, 0, domain)
    stage.shows("what has become of its nonce", trading.nonce_state(consumer.address, 0))
    stage.shows("how it stands", market.signed_order_status(order))


def _voiding(stage: Stage) -> None:
    trading, consumer, stranger = (
        stage.market.trading,
        stage.person("the consumer"),
        stage.person("a stranger"),
    )
    stage.chapter("A signed order is cancelled")
    stage.does(
        "the consumer cancels its signed order",
        consumer,
        trading.cancel_signed([0]),
        "SignedOrderCancelled",
    )
    stage.shows("what has become of its nonce", trading.nonce_state(consumer.address, 0))
    stage.refuses(
        "voiding it twice",
        errors.EnergyTrading_NonceSpent,
        consumer,
        trading.cancel_signed([0]),
        trader=consumer.address,
        nonce=0,
    )
    stage.refuses(
        "a nonce that no order can have",
        errors.EnergyTrading_NonceTooLarge,
        consumer,
        trading.cancel_signed([2**40]),
    )
    stage.does(
        "all of the consumer's with a nonce below 10, known or not",
        consumer,
        trading.cancel_signed_below(10),
        "SignedOrdersCancelledBelow",
    )
    stage.shows("the lowest nonce that counts", trading.signed_floor_of(consumer.address))
    state = trading.nonce_state(consumer.address, 9)
    stage.check(state is NonceState.CANCELLED, f"nonce 9 is {state}")
    stage.refuses(
        "the same of a stranger without an account",
        errors.Settlement_UnknownAccount,
        stranger,
        trading.cancel_signed_below(10),
    )


def _a_batch(stage: Stage) -> SignedOrder:
    """The first batch; gives the prosumer's order, of which 1 kWh is left."""
    trading, settlement = stage.market.trading, stage.market.settlement
    prosumer, consumer, neighbour = (
        stage.person(name) for name in ("the prosumer", "the consumer", "the neighbour")
    )
    stage.chapter("A keeper's batch")
    stage.says("A keeper clears signed and on-chain orders of a period at one price: the prosumer")
    stage.says("has signed 4 kWh at 25 cents or more, the consumer 2 kWh at 30 or less.")
    sale = signed(stage, prosumer, OrderType.SELL, 4000, 25 * CENT, nonce=0)
    wish = signed(stage, consumer, OrderType.BUY, 2000, 30 * CENT, nonce=10)
    stored = stage.market.prepare_order(
        OrderType.BUY, energy=1000, price=28 * CENT, period=noon(stage)
    )
    before = settlement.balance_of(consumer.address)
    ordered = stage.does(
        "the neighbour places an on-chain order for 1 kWh at 28 or less", neighbour, stored
    )
    number = only(ordered, "OrderCreated")["order_id"]
    hashes = [order_hash(one.terms, one.nonce, domain_of(trading)) for one in (sale, wish)]
    considered = [
        open_order(int.from_bytes(hashes[0]), sale.terms),
        open_order(int.from_bytes(hashes[1]), wish.terms),
        OpenOrder(
            id=number,
            trader=neighbour.address,
            order_type=OrderType.BUY,
            price=28 * CENT,
            open_wh=1000,
        ),
    ]
    batch = batch_of(stage, [(wish, sale, 2000), (number, sale, 1000)], root_of(considered))
    stage.does(
        "both buy from the prosumer at 26 cents; the keeper publishes the order set's root",
        stage.keeper,
        settle_batch(trading, batch, skip=False),
        "BatchSettled",
        "OrdersMatched",
    )
    paid = before - settlement.balance_of(consumer.address)
    stage.check(paid == 52 * CENT, f"the consumer has paid {paid}")
    stage.shows("batches so far", trading.batch_count())
    stage.shows("what its trades share", trading.get_batch(1))
    stage.shows("the trades", trading.get_transactions(_FIRST, 10))
    filled = trading.filled(hashes[0])
    stage.check(filled == 3000, f"{filled} Wh of the prosumer's are filled")
    stage.shows("what of the prosumer's order is filled, in Wh", filled)
    states = (trading.nonce_state(prosumer.address, 0), trading.nonce_state(consumer.address, 10))
    stage.check(states == (NonceState.PARTIAL, NonceState.FILLED), f"the nonces are {states}")
    stage.shows("the states of the prosumer's nonce, and of the consumer's", states)
    return sale


def _batches_that_are_none(stage: Stage, sale: SignedOrder) -> None:
    trading, consumer, keeper = stage.market.trading, stage.person("the consumer"), stage.keeper
    wishes = [signed(stage, consumer, OrderType.BUY, 500, 30 * CENT, nonce=at) for at in (11, 12)]
    stage.chapter("Batches that revert as a whole")
    good = batch_of(stage, [(wishes[0], sale, 500), (wishes[1], sale, 500)])
    upside_down = tuple(reversed(good.signed_orders))
    for what, error, batch in (
        ("one without a trade", errors.EnergyTrading_NoFills, replace(good, fills=())),
        (
            "one that names an order which is not in it",
            errors.EnergyTrading_NoSuchPlace,
            replace(good, fills=(Fill(buy=7, sell=0, amount=1),)),
        ),
        (
            "one whose orders do not ascend",
            errors.EnergyTrading_Unsorted,
            replace(good, signed_orders=upside_down),
        ),
    ):
        stage.refuses(what, error, keeper, settle_batch(trading, batch, skip=True))
    stage.refuses(
        "one of a stranger, who is no keeper",
        errors.AccessManagedUnauthorized,
        consumer,
        settle_batch(trading, good, skip=False),
        caller=consumer.address,
    )
    stage.refuses_to_answer(
        "a batch that is not there",
        errors.EnergyTrading_NoSuchBatch,
        lambda: trading.get_batch(2),
        batch_id=2,
    )


def _going_on(stage: Stage, sale: SignedOrder) -> None:
    trading, settlement, consumer, neighbour = (
        stage.market.trading,
        stage.market.settlement,
        stage.person("the consumer"),
        stage.person("the neighbour"),
    )
    stage.chapter("A batch that skips an order")
    stage.says("One order must not hold up all others: a keeper can have it skipped.")
    wish = signed(stage, consumer, OrderType.BUY, 500, 30 * CENT, nonce=11)
    greedy = signed(stage, neighbour, OrderType.BUY, 500, 20 * CENT, nonce=0)
    batch = batch_of(stage, [(wish, sale, 500), (greedy, sale, 500)])
    before = settlement.balance_of(consumer.address)
    call = settle_batch(trading, batch, skip=True)
    matched = trading.simulate(call, stage.keeper.address)
    stage.shows("how many of two trades come about", matched)
    happened = stage.does(
        "the neighbour's limit is 20 cents: the consumer alone buys", stage.keeper, call
    )
    skipped = only(happened, "OrderSkipped")
    stage.check(skipped["reason"] is Refusal.WORSE_THAN_LIMIT, f"skipped: {skipped}")
    stage.check(only(happened, "BatchSettled")["matched"] == matched == 1, "more came about")
    paid = before - settlement.balance_of(consumer.address)
    stage.check(paid == 13 * CENT, f"the consumer has paid {paid}")


def _a_wallet(stage: Stage, sale: SignedOrder) -> None:
    market, trading = stage.market, stage.market.trading
    wallet_owner = stage.person("the wallet owner", money="5")
    stage.chapter("A contract that trades")
    stage.says("A wallet can be a contract, such as a Safe. It has no key: it is asked whether a")
    stage.says("signature counts (EIP-1271), with so little gas that it cannot block others.")
    stage.shows("how much gas", trading.signature_gas())
    wallet = stage.deploy(
        "one that confirms what the wallet owner signs", "WalletDouble", wallet_owner.address
    )
    deposit = market.settlement.deposit_for(wallet.address, 5 * DOLLAR)
    stage.does(
        "the wallet owner pays 5 dollars into its account", wallet_owner, deposit, "AccountOpened"
    )
    terms = replace(
        terms_of(stage, wallet_owner, OrderType.BUY, 500, 30 * CENT), trader=wallet.address
    )
    name = order_hash(terms, 0, market.trading_domain)
    order = SignedOrder(
        terms=terms, nonce=0, signature=wallet_owner.sign(name).long, by_contract=True
    )
    stage.shows("how its order stands", market.signed_order_status(order))
    stage.does(
        "it buys 0.4 of 0.5 kWh",
        stage.keeper,
        settle_batch(trading, batch_of(stage, [(order, sale, 400)]), skip=False),
        "BatchSettled",
    )
    stage.check(trading.filled(name) == 400, "the wallet bought otherwise")
    friend = stage.person("a friend")
    stage.does(
        "the wallet owner hands it to a friend",
        wallet_owner,
        wallet.prepare("setOwner", friend.address),
    )
    stage.refuses(
        "the wallet owner's earlier signatures no longer count",
        errors.EnergyTrading_Refused,
        stage.keeper,
        settle_batch(trading, batch_of(stage, [(order, sale, 100)]), skip=False),
        order_id=int.from_bytes(name),
        reason=Refusal.WRONG_SIGNATURE,
    )
