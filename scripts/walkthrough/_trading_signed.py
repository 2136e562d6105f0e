"""Orders that are signed and cost nothing, and the keeper who brings them in, in batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from energy_grid.client import (
    Account,
    MeterReading,
    OrderType,
    Period,
    PeriodKind,
    SignedOrder,
    errors,
)
from energy_grid.domain.batch import MAX_FILL, Batch, Fill, Refusal
from energy_grid.domain.batch_clearing import OpenOrder
from energy_grid.domain.orders import OrderTerms, TransactionStatus
from energy_grid.domain.signed_orders import NonceState, fields_of, order_hash
from energy_grid.market.batch_calls import hash_order, settle_batch
from energy_grid.market.order_sets import root_of
from energy_grid.market.signing import domain_of, sign_order
from scripts._walkthrough.common import only
from scripts._walkthrough.stage import Stage
from scripts._walkthrough.tokens import CENT, DOLLAR

__all__ = ["tell_of_signed_orders"]

_HOUR = 3600
_DAY = 24 * _HOUR
_PRICE = 26 * CENT
# Transactions of batch n are numbered from n times this on.
_FIRST = 2**32
_UNKNOWN_SET = bytes(32)
# Who buys, who sells: signed orders, or numbers of stored ones.
Pair = tuple[SignedOrder | int, SignedOrder | int, int]


def tell_of_signed_orders(stage: Stage) -> None:
    """Orders off the chain for the hour from 12:00, three batches of them, and their delivery."""
    stage.wait_until(stage.now - stage.now % _DAY + 12 * _HOUR)
    _signing(stage)
    _voiding(stage)
    rest = _a_batch(stage)
    _batches_that_are_none(stage, rest)
    _what_a_batch_refuses(stage)
    _going_on(stage, rest)
    _a_wallet(stage, rest)
    _delivered(stage)


def _signing(stage: Stage) -> None:
    market, trading, consumer = stage.market, stage.market.trading, stage.person("the consumer")
    stage.chapter("12:00: orders that are only signed")
    stage.says("A signed order stays off the chain, costs no gas and locks no money until it")
    stage.says("trades. This is what the consumer's wallet shows it:")
    terms = _terms(stage, consumer, OrderType.BUY, 2000, 30 * CENT)
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
    sale = _signed(stage, prosumer, OrderType.SELL, 4000, 25 * CENT, nonce=0)
    wish = _signed(stage, consumer, OrderType.BUY, 2000, 30 * CENT, nonce=10)
    stored = stage.market.prepare_order(OrderType.BUY, energy=1000, price=28 * CENT)
    ordered = stage.does(
        "the neighbour places an on-chain order for 1 kWh at 28 or less", neighbour, stored
    )
    number = only(ordered, "OrderCreated")["order_id"]
    hashes = [order_hash(one.terms, one.nonce, domain_of(trading)) for one in (sale, wish)]
    considered = [
        _open(int.from_bytes(hashes[0]), sale.terms),
        _open(int.from_bytes(hashes[1]), wish.terms),
        OpenOrder(
            id=number,
            trader=neighbour.address,
            order_type=OrderType.BUY,
            price=28 * CENT,
            open_wh=1000,
        ),
    ]
    batch = _batch(stage, [(wish, sale, 2000), (number, sale, 1000)], root_of(considered))
    stage.does(
        "both buy from the prosumer at 26 cents; the keeper publishes the order set's root",
        stage.keeper,
        settle_batch(trading, batch, skip=False),
        "BatchSettled",
        "OrdersMatched",
    )
    locked = settlement.locked_of(consumer.address)
    stage.check(locked == 52 * CENT, f"{locked} of the consumer's are locked")
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
    wishes = [_signed(stage, consumer, OrderType.BUY, 500, 30 * CENT, nonce=at) for at in (11, 12)]
    stage.chapter("Batches that revert as a whole")
    good = _batch(stage, [(wishes[0], sale, 500), (wishes[1], sale, 500)])
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


def _what_a_batch_refuses(stage: Stage) -> None:
    market, trading, keeper = stage.market, stage.market.trading, stage.keeper
    neighbour, debtor, blocked_consumer = (
        stage.person("the neighbour"),
        stage.person("the debtor"),
        stage.person("the blocked consumer", money="1"),
    )
    stage.chapter("A keeper can only do what traders have signed")
    stage.does(
        "the blocked consumer pays in a dollar", blocked_consumer, market.settlement.deposit(DOLLAR)
    )
    stage.does(
        "and is a consumer of the grid", blocked_consumer, market.grid.register_consumer(10_000)
    )
    stop = market.grid.deactivate_participant(blocked_consumer.address, is_producer=False)
    stage.does("the grid authority stops its purchases", stage.safe, stop)
    used = market.slot(stage.now - stage.now % _DAY + 9 * _HOUR)
    close = market.settlement.close_slot(debtor.address, used)
    stage.does("the debtor has a debt for what it used from 9 to 10", debtor, close, "DebtIncurred")
    stored = stage.market.prepare_order(
        OrderType.BUY,
        energy=1000,
        price=30 * CENT,
        period=Period(kind=PeriodKind.DAILY, start=stage.now - stage.now % _DAY + _DAY),
    )
    ordered = stage.does("the neighbour wants 1 kWh of tomorrow", neighbour, stored)
    tomorrow = only(ordered, "OrderCreated")["order_id"]
    cases = _of_one_order(stage, tomorrow) + _of_one_fill(stage)
    for what, reason, batch in cases:
        stage.refuses(
            what,
            errors.EnergyTrading_Refused,
            keeper,
            settle_batch(trading, batch, skip=False),
            reason=reason,
        )
    shown = {reason for _, reason, _ in cases} | {Refusal.NONE}
    stage.check(shown == set(Refusal), f"reasons left out: {set(Refusal) - shown}")
    stage.does("the neighbour cancels it", neighbour, trading.cancel_order(tomorrow))


def _of_one_order(stage: Stage, tomorrow: int) -> list[tuple[str, Refusal, Batch]]:
    """Batches with an order that cannot be in one."""
    consumer, sale = stage.person("the consumer"), _large_sale(stage)

    def of(order: SignedOrder | int) -> Batch:
        return _batch(stage, [(order, sale, 1000)])

    def wish(name: str, limit: int = 30 * CENT, nonce: int = 20) -> SignedOrder:
        return _signed(stage, stage.person(name), OrderType.BUY, 1000, limit, nonce=nonce)

    signed = wish("the consumer")
    dearer = replace(signed, terms=replace(signed.terms, price=99 * CENT))
    terms = replace(signed.terms, expiry=stage.now - 1)
    late = sign_order(consumer, terms, 20, stage.market.trading_domain)
    return [
        (
            "a limit of 99 cents, where the consumer has signed 30",
            Refusal.WRONG_SIGNATURE,
            of(dearer),
        ),
        (
            "a nonce of the consumer's that is filled",
            Refusal.NONCE_SPENT,
            of(wish("the consumer", nonce=10)),
        ),
        ("an order whose last second is over", Refusal.EXPIRED, of(late)),
        (
            "a limit of 20 cents",
            Refusal.WORSE_THAN_LIMIT,
            of(wish("the consumer", limit=20 * CENT)),
        ),
        ("an order without an account", Refusal.UNKNOWN_ACCOUNT, of(wish("a stranger"))),
        ("an on-chain order that is not there", Refusal.NO_SUCH_ORDER, of(9999)),
        ("an on-chain order that was filled", Refusal.NOT_ACTIVE, of(2)),
        ("an on-chain order for tomorrow", Refusal.OTHER_PERIOD, of(tomorrow)),
        ("the blocked consumer's order", Refusal.SIDE_BLOCKED, of(wish("the blocked consumer"))),
        ("the debtor's order", Refusal.IN_DEBT, of(wish("the debtor"))),
    ]


def _of_one_fill(stage: Stage) -> list[tuple[str, Refusal, Batch]]:
    """Batches with a fill that cannot be."""
    prosumer, consumer, sale = (
        stage.person("the prosumer"),
        stage.person("the consumer"),
        _large_sale(stage),
    )

    def wish(person: Account, wh: int = 1000) -> SignedOrder:
        return _signed(stage, person, OrderType.BUY, wh, 30 * CENT, nonce=22)

    cheap = _signed(stage, prosumer, OrderType.SELL, 1000, 1, nonce=21)
    dust = replace(_batch(stage, [(wish(consumer), cheap, 1)]), price=999)
    return [
        (
            "300 kWh for the consumer, who cannot pay them",
            Refusal.INSUFFICIENT_BALANCE,
            _batch(stage, [(wish(consumer, 300_000), sale, 300_000)]),
        ),
        (
            "the consumer as the seller",
            Refusal.WRONG_SIDE,
            _batch(stage, [(sale, wish(consumer), 1000)]),
        ),
        (
            "more than the consumer wants",
            Refusal.OVERFILLED,
            _batch(stage, [(wish(consumer), sale, 1001)]),
        ),
        (
            "the prosumer of itself",
            Refusal.SELF_TRADE,
            _batch(stage, [(wish(prosumer), sale, 1000)]),
        ),
        ("1 Wh at less than a unit", Refusal.DUST, dust),
        (
            "2 GWh and more at once",
            Refusal.TOO_LARGE,
            _batch(stage, [(wish(consumer, MAX_FILL + 1), sale, MAX_FILL + 1)]),
        ),
    ]


def _going_on(stage: Stage, sale: SignedOrder) -> None:
    trading, settlement, consumer, neighbour = (
        stage.market.trading,
        stage.market.settlement,
        stage.person("the consumer"),
        stage.person("the neighbour"),
    )
    stage.chapter("A batch that skips an order")
    stage.says("One order must not hold up all others: a keeper can have it skipped.")
    wish = _signed(stage, consumer, OrderType.BUY, 500, 30 * CENT, nonce=11)
    greedy = _signed(stage, neighbour, OrderType.BUY, 500, 20 * CENT, nonce=0)
    batch = _batch(stage, [(wish, sale, 500), (greedy, sale, 500)])
    call = settle_batch(trading, batch, skip=True)
    matched = trading.simulate(call, stage.keeper.address)
    stage.shows("how many of two trades come about", matched)
    happened = stage.does(
        "the neighbour's limit is 20 cents: the consumer alone buys", stage.keeper, call
    )
    skipped = only(happened, "OrderSkipped")
    stage.check(skipped["reason"] is Refusal.WORSE_THAN_LIMIT, f"skipped: {skipped}")
    stage.check(only(happened, "BatchSettled")["matched"] == matched == 1, "more came about")
    stage.check(
        settlement.locked_of(consumer.address) == 65 * CENT, "the consumer pays something else"
    )


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
        _terms(stage, wallet_owner, OrderType.BUY, 500, 30 * CENT), trader=wallet.address
    )
    name = order_hash(terms, 0, market.trading_domain)
    order = SignedOrder(
        terms=terms, nonce=0, signature=wallet_owner.sign(name).long, by_contract=True
    )
    stage.shows("how its order stands", market.signed_order_status(order))
    stage.does(
        "it buys 0.4 of 0.5 kWh",
        stage.keeper,
        settle_batch(trading, _batch(stage, [(order, sale, 400)]), skip=False),
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
        settle_batch(trading, _batch(stage, [(order, sale, 100)]), skip=False),
        order_id=int.from_bytes(name),
        reason=Refusal.WRONG_SIGNATURE,
    )


def _delivered(stage: Stage) -> None:
    market, trading, prosumer = stage.market, stage.market.trading, stage.person("the prosumer")
    one = market.time_of(market.slot() + 1)
    stage.wait_until(one)
    stage.chapter("13:00: batches are delivered as all else")
    reading = MeterReading(
        timestamp=one, consumption=0, production=5500, grid_frequency=5000, voltage=2300
    )
    meter = stage.person("the prosumer's meter")
    stage.does("the prosumer has made 5.5 kWh", meter, market.meters.submit_reading(reading))
    # Those of three batches, and the last of a single pair, which is for all of today.
    numbers = [_FIRST, _FIRST + 1, 2 * _FIRST, 3 * _FIRST, trading.transaction_count()]
    before = market.settlement.balance_of(prosumer.address)
    stage.does(
        "all trades of the three batches, and the one for today",
        stage.keeper,
        trading.settle_many(numbers, 24),
        "TransactionSettled",
    )
    # 3.9 kWh at 26 cents with the collateral of each, and 0.5 kWh at 25 cents.
    got = market.settlement.balance_of(prosumer.address) - before
    stage.check(
        got == 3900 * (_PRICE + 3 * CENT) // 1000 + 25 * CENT // 2, f"the prosumer has got {got}"
    )
    for number in numbers:
        status = trading.get_transaction(number).status
        stage.check(status is TransactionStatus.SETTLED, f"trade {number} is {status}")


def _terms(stage: Stage, trader: Account, side: OrderType, wh: int, price: int) -> OrderTerms:
    """What a trader asks for, of the hour now running, to its end."""
    period = Period.current(PeriodKind.HOURLY, stage.now)
    return OrderTerms(
        trader=trader.address,
        order_type=side,
        amount=wh,
        price=price,
        expiry=period.end - 1,
        period=period,
    )


def _signed(
    stage: Stage, trader: Account, side: OrderType, wh: int, price: int, *, nonce: int
) -> SignedOrder:
    terms = _terms(stage, trader, side, wh, price)
    return sign_order(trader, terms, nonce, stage.market.trading_domain)


def _large_sale(stage: Stage) -> SignedOrder:
    """The prosumer's, of more than anybody wants."""
    return _signed(stage, stage.person("the prosumer"), OrderType.SELL, 2**32, 25 * CENT, nonce=20)


def _open(name: int, terms: OrderTerms) -> OpenOrder:
    return OpenOrder(
        id=name,
        trader=terms.trader,
        order_type=terms.order_type,
        price=terms.price,
        open_wh=terms.amount,
    )


def _batch(stage: Stage, pairs: Sequence[Pair], order_set: bytes = _UNKNOWN_SET) -> Batch:
    """A batch of the hour now running: orders in the order that it wants, and fills by places."""
    every = [order for buy, sell, _ in pairs for order in (buy, sell)]
    signed = {one.sorting_key: one for one in every if isinstance(one, SignedOrder)}
    stored = sorted({one for one in every if isinstance(one, int)})
    places: list[object] = [*sorted(signed), *stored]

    def place(order: SignedOrder | int) -> int:
        return places.index(order if isinstance(order, int) else order.sorting_key)

    return Batch(
        period=Period.current(PeriodKind.HOURLY, stage.now),
        price=_PRICE,
        order_set=order_set,
        signed_orders=tuple(signed[key] for key in sorted(signed)),
        stored_orders=tuple(stored),
        fills=tuple(Fill(buy=place(buy), sell=place(sell), amount=wh) for buy, sell, wh in pairs),
    )
