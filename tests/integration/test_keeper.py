"""A keeper on a chain: what it drops, what trades, and what an audit says of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from energy_grid.chain.accounts import Account
from energy_grid.client import EnergyGrid
from energy_grid.contracts import errors
from energy_grid.domain.batch import BATCH_IDS, Batch, Fill, Refusal, Refused
from energy_grid.domain.batch_clearing import OpenOrder, Pair
from energy_grid.domain.orders import OrderType
from energy_grid.domain.signed_orders import NonceState, SignedOrder
from energy_grid.market.batch_calls import settle_batch
from energy_grid.market.batches import GasBound, Keeper, Settled, batches_of
from energy_grid.market.keeper_chain import newest_seed
from energy_grid.market.order_sets import Dropped, OrderSet, root_of
from tests.integration.exchange import BUY, HOUR, SELL, Exchange
from tests.support.market import MONDAY, Market, actor
from tests.support.signed_orders import by_wallet, deploy_wallet

# Of WalletDouble: confirms after using up some gas.
_THRIFTY = 10


@pytest.fixture
def exchange(market: Market, grid: EnergyGrid) -> Exchange:
    return Exchange(market, grid)


def reasons(dropped: list[Dropped]) -> dict[int, Refusal]:
    return {each.order.id: each.reason for each in dropped}


def look(exchange: Exchange, *orders: SignedOrder) -> tuple[list[OpenOrder], list[Dropped]]:
    seen = exchange.known.fetch(exchange.known.signed(orders))
    return (
        [each for each in seen if isinstance(each, OpenOrder)],
        [each for each in seen if isinstance(each, Dropped)],
    )


def test_settle__signed_and_stored__one_price_and_what_was_agreed(exchange: Exchange) -> None:
    number = exchange.market.order(exchange.traders[3], 1, 400, 200_000, start=HOUR.start)
    bid, small = exchange.order(0, BUY, 1000, 300_000), exchange.order(1, BUY, 200, 260_000)
    ask = exchange.order(2, SELL, 700, 240_000)
    book, dropped = look(exchange, bid, small, ask)
    assert dropped == []
    stored = exchange.known.stored(HOUR)
    assert [(order.id, order.open_wh) for order in stored] == [(number, 400)]
    session = exchange.settle(book + stored, HOUR)

    assert session.dropped == []
    (settled,) = session.settled
    assert settled.price == 260_000
    assert session.matched_wh == {
        exchange.id_of(bid): 1000,
        exchange.id_of(small): 100,
        exchange.id_of(ask): 700,
        number: 400,
    }
    assert [order.open_wh for order in look(exchange, small)[0]] == [100]
    (published,) = exchange.published
    assert published.root == root_of(published.orders)
    assert {order.id for order in published.orders} == {order.id for order in book + stored}
    found = exchange.audit(settled.transaction)
    assert found.findings == ()
    assert (found.volume, found.welfare) == (1100, found.optimum)
    assert exchange.grid.trading.get_transaction(BATCH_IDS).price == settled.price


def test_settle__orders_that_cannot_trade__dropped_and_reported_and_the_rest_trades(
    exchange: Exchange,
) -> None:
    bid, ask = exchange.order(0, BUY, 500), exchange.order(1, SELL, 900, 200_000)
    forged = exchange.order(2, BUY, 100, signer=3)
    cancelled = exchange.order(3, BUY, 100)
    expired = exchange.order(3, BUY, 100, expiry=MONDAY)
    exchange.grid.plan(exchange.traders[3], exchange.grid.trading.cancel_signed([0])).execute()
    book, dropped = look(exchange, bid, ask, forged, cancelled, expired)
    assert reasons(dropped) == {
        exchange.id_of(forged): Refusal.WRONG_SIGNATURE,
        exchange.id_of(cancelled): Refusal.NONCE_SPENT,
        exchange.id_of(expired): Refusal.EXPIRED,
    }
    assert {order.id for order in book} == {exchange.id_of(bid), exchange.id_of(ask)}
    session = exchange.settle(book, HOUR)
    assert session.matched_wh == {exchange.id_of(bid): 500, exchange.id_of(ask): 500}


def test_settle__bad_since_they_were_looked_at__found_by_simulation(exchange: Exchange) -> None:
    bid, ask = exchange.order(0, BUY, 500), exchange.order(1, SELL, 900, 200_000)
    cancelled, poor = exchange.order(2, BUY, 100, 400_000), exchange.order(3, BUY, 300, 400_000)
    voided = exchange.order(4, BUY, 100, 400_000)
    forged = exchange.order(5, BUY, 100, signer=3)
    book, _ = look(exchange, bid, ask, cancelled, poor, voided)
    book += exchange.known.signed([forged])
    trading, settlement = exchange.grid.trading, exchange.grid.settlement
    exchange.grid.plan(exchange.traders[2], trading.cancel_signed([0])).execute()
    left = 9_950_000
    exchange.grid.plan(
        exchange.traders[3], settlement.withdraw(left, exchange.traders[3].address)
    ).execute()
    exchange.grid.plan(exchange.traders[4], trading.cancel_signed_below(1)).execute()
    session = exchange.settle(book, HOUR)
    assert reasons(session.dropped) == {
        exchange.id_of(cancelled): Refusal.NONCE_SPENT,
        exchange.id_of(poor): Refusal.INSUFFICIENT_BALANCE,
        exchange.id_of(voided): Refusal.BELOW_FLOOR,
        exchange.id_of(forged): Refusal.WRONG_SIGNATURE,
    }
    assert session.matched_wh == {exchange.id_of(bid): 500, exchange.id_of(ask): 500}
    assert set(reasons(list(exchange.published[-1].dropped))) == set(reasons(session.dropped))
    assert exchange.audit(session.settled[0].transaction).findings == ()


def test_settle__cancelled_between_simulation_and_block__nothing_is_matched_and_tried_again(
    exchange: Exchange,
) -> None:
    first, second = exchange.order(0, BUY, 500, 300_000), exchange.order(1, BUY, 500)
    ask = exchange.order(2, SELL, 500, 200_000)
    book, _ = look(exchange, first, second, ask)
    trading = exchange.grid.trading

    def cancel() -> None:
        exchange.grid.plan(exchange.traders[0], trading.cancel_signed([0])).execute()

    exchange.before_sending = cancel
    session = exchange.settle(book, HOUR)
    assert reasons(session.dropped) == {exchange.id_of(first): Refusal.NONCE_SPENT}
    assert session.matched_wh == {exchange.id_of(second): 500, exchange.id_of(ask): 500}
    assert (trading.batch_count(), trading.get_batch(1).transactions) == (1, 1)
    assert trading.nonce_state(exchange.traders[0].address, 0) is NonceState.CANCELLED
    assert len(exchange.published) == 2
    assert exchange.audit(session.settled[0].transaction).findings == ()


def test_settle__in_parts_and_disturbed_in_the_middle__audit_finds_the_reason(
    exchange: Exchange,
) -> None:
    bids = [exchange.order(at, BUY, 100, 300_000 + at * 1000) for at in range(3)]
    asks = [exchange.order(at, SELL, 100, 200_000) for at in range(3, 6)]
    book, _ = look(exchange, *bids, *asks)
    trading = exchange.grid.trading
    sent = 0
    send = exchange.send

    def counting(call):
        nonlocal sent
        sent += 1
        if sent == 2:
            exchange.grid.plan(exchange.traders[0], trading.cancel_signed([0])).execute()
        return send(call)

    exchange.send = counting
    session = exchange.settle(book, HOUR, bound=GasBound(max_gas=500_000))
    assert len(session.settled) == 2
    assert reasons(session.dropped) == {exchange.id_of(bids[0]): Refusal.NONCE_SPENT}
    assert sum(match.wh for match in session.matches) == 200
    assert exchange.published[0].root == exchange.published[-1].root
    found = exchange.audit(session.settled[0].transaction)
    assert found.parts == 2
    assert found.findings == ()
    assert [each.reason for each in found.excused] == [Refusal.NONCE_SPENT]


def test_settle__orders_of_new_traders__cost_no_more_than_the_bound(exchange: Exchange) -> None:
    bids = [exchange.order(at, BUY, 100, 300_000) for at in range(3)]
    asks = [exchange.order(at, SELL, 100, 200_000) for at in range(3, 6)]
    book, _ = look(exchange, *bids, *asks)
    bound = GasBound()
    (batch,) = exchange.settle(book, HOUR).settled
    most = bound.base + sum(map(bound.of, book)) + len(batch.matches) * bound.fill
    # The bound is of the worst case; far above it, batches would be too small.
    assert most / 2 < batch.gas_used <= most


def test_settle__flood_of_bad_orders__the_chain_passes_over_them(exchange: Exchange) -> None:
    bid, ask = exchange.order(0, BUY, 500), exchange.order(1, SELL, 900, 200_000)
    bad = [exchange.order(2, BUY, 10, 400_000, signer=3) for _ in range(4)]
    book = exchange.known.signed([bid, ask, *bad])
    session = exchange.settle(book, HOUR, max_refusals=2)
    assert set(reasons(session.dropped).values()) == {Refusal.WRONG_SIGNATURE}
    assert len(session.dropped) == 4
    assert session.matched_wh == {exchange.id_of(bid): 500, exchange.id_of(ask): 500}


def test_settle__partly_filled_before__has_more_with_the_rest(exchange: Exchange) -> None:
    bid = exchange.order(0, BUY, 1000)
    first, second = exchange.order(1, SELL, 300), exchange.order(2, SELL, 900)
    book, _ = look(exchange, bid, first)
    exchange.settle(book, HOUR)
    stale = exchange.known.signed([bid])
    session = exchange.settle(stale + look(exchange, second)[0], HOUR)
    # What was thought open was not: the chain's word is taken, and the order kept.
    assert session.dropped == []
    assert session.matched_wh == {exchange.id_of(bid): 700, exchange.id_of(second): 700}
    assert exchange.audit(session.settled[0].transaction).findings == ()


def test_settle__no_keeper__is_refused_as_a_whole(exchange: Exchange) -> None:
    book, _ = look(exchange, exchange.order(0, BUY, 100), exchange.order(1, SELL, 100))
    exchange.keeper = exchange.traders[0]
    with pytest.raises(errors.AccessManagedUnauthorized):
        exchange.settle(book, HOUR)


def test_settle__nothing_crosses__sends_and_publishes_nothing(exchange: Exchange) -> None:
    book, _ = look(exchange, exchange.order(0, BUY, 100, 1000), exchange.order(1, SELL, 100))
    session = exchange.settle(book, HOUR)
    assert (session.settled, session.order_set, exchange.published) == ([], None, [])


# Audits of keepers that are not honest


def by_hand(exchange: Exchange, batch: Batch) -> str:
    (receipt,) = exchange.grid.plan(
        exchange.keeper, settle_batch(exchange.grid.trading, batch, skip=False)
    ).execute()
    return receipt.transaction


def planned(exchange: Exchange, *orders: SignedOrder) -> Batch:
    book, _ = look(exchange, *orders)
    keeper = Keeper(exchange.chain(), publish=exchange.published.append)
    (batch,) = keeper.plan(book, HOUR, newest_seed(exchange.grid.node))
    keeper.publish_set()
    return batch


def test_audit__order_left_out__is_found(exchange: Exchange) -> None:
    better, bid = exchange.order(0, BUY, 500, 300_000), exchange.order(1, BUY, 500, 260_000)
    ask = exchange.order(2, SELL, 500, 200_000)
    honest = planned(exchange, better, bid, ask)
    favoured = planned(exchange, bid, ask)
    found = exchange.audit(
        by_hand(exchange, replace(favoured, order_set=honest.order_set)), exchange.published[0]
    )
    assert [each.order.id for each in found.left_out] == [exchange.id_of(better)]
    assert (found.welfare, found.optimum) == (500 * 60_000, 500 * 100_000)
    assert any("welfare of 20000 was left" in line for line in found.findings)
    assert any("60.00 %" in line for line in found.findings)


def test_audit__order_kept_out_of_the_set__shows_only_to_its_trader(exchange: Exchange) -> None:
    exchange.order(0, BUY, 500, 300_000)
    batch = planned(exchange, exchange.order(1, BUY, 500), exchange.order(2, SELL, 500, 200_000))
    assert exchange.audit(by_hand(exchange, batch)).findings == ()


def test_audit__skewed_price__is_found(exchange: Exchange) -> None:
    bid, other = exchange.order(0, BUY, 500, 300_000), exchange.order(1, BUY, 500, 260_000)
    batch = planned(exchange, bid, other, exchange.order(2, SELL, 500, 200_000))
    found = exchange.audit(by_hand(exchange, replace(batch, price=210_000)))
    assert found.findings == (
        "the price 210000 is outside the marginal interval, 260000 to 300000",
    )
    assert found.welfare == found.optimum


def test_audit__forged_set__is_found(exchange: Exchange) -> None:
    better, bid = exchange.order(0, BUY, 500, 300_000), exchange.order(1, BUY, 500, 260_000)
    ask = exchange.order(2, SELL, 500, 200_000)
    planned(exchange, better, bid, ask)
    honest = exchange.published[-1]
    transaction = by_hand(exchange, replace(planned(exchange, bid, ask), order_set=honest.root))
    # Without the order that was passed over all would be well, but it is another root.
    forged = replace(
        honest, orders=tuple(o for o in honest.orders if o.id != exchange.id_of(better))
    )
    (line,) = exchange.audit(transaction, forged).findings
    assert "this is not the set that was cleared" in line
    cut = replace(
        honest,
        orders=tuple(replace(o, open_wh=1) if o.is_buy else o for o in honest.orders),
    )
    lines = " ".join(exchange.audit(transaction, cut).findings)
    for part in (
        "not the set",
        "the set has less than was open",
        "than was open according to the set",
    ):
        assert part in lines


def test_audit__traded_outside_the_set__is_found(exchange: Exchange) -> None:
    bid, ask = exchange.order(0, BUY, 500), exchange.order(1, SELL, 500)
    friend = exchange.order(2, SELL, 500)
    planned(exchange, bid, ask)
    honest = exchange.published[-1]
    batch = replace(planned(exchange, bid, friend), order_set=honest.root)
    lines = exchange.audit(by_hand(exchange, batch), honest).findings
    assert any(
        "not in the set" in line and f"{exchange.id_of(friend):064x}" in line for line in lines
    )


def test_audit__unsigned_orders_in_the_set__are_found(exchange: Exchange) -> None:
    bid, ask = exchange.order(0, BUY, 500), exchange.order(1, SELL, 500)
    invented = exchange.order(3, BUY, 500, 900_000, signer=4)
    batch = planned(exchange, bid, ask)
    padded = (*exchange.published[-1].orders, *exchange.known.signed([invented]))
    found = exchange.audit(
        by_hand(exchange, replace(batch, order_set=root_of(padded))),
        replace(exchange.published[-1], orders=padded),
    )
    (line,) = found.findings
    assert "without a valid signature" in line


def test_audit__dropped_without_a_reason__is_found(exchange: Exchange) -> None:
    bid, ask, better = (
        exchange.order(0, BUY, 500),
        exchange.order(1, SELL, 500),
        exchange.order(2, BUY, 500, 300_000),
    )
    batch = planned(exchange, bid, ask)
    (kept_out,) = exchange.known.signed([better])
    claim = Dropped(order=kept_out, reason=Refusal.INSUFFICIENT_BALANCE)
    found = exchange.audit(
        by_hand(exchange, batch), replace(exchange.published[-1], dropped=(claim,))
    )
    (line,) = found.findings
    assert line.startswith("dropped, though the chain shows no reason")


def test_plan__refused_batch__nothing_has_happened(exchange: Exchange) -> None:
    batch = planned(exchange, exchange.order(0, BUY, 500), exchange.order(1, SELL, 500))
    (fill,) = batch.fills
    wrong = replace(batch, fills=(Fill(buy=fill.sell, sell=fill.buy, amount=10),))
    assert isinstance(exchange.chain().simulate(wrong), Refused)
    assert isinstance(exchange.send_batch(wrong), Refused)
    assert exchange.grid.trading.batch_count() == 0
    assert isinstance(exchange.send_batch(batch), Settled)


def test_open_wh__each_way_to_be_over__is_reported(exchange: Exchange) -> None:
    trading, market = exchange.grid.trading, exchange.market
    placed = [
        market.order(exchange.traders[3], 1, 400, 200_000, start=HOUR.start) for _ in range(3)
    ]
    exchange.grid.plan(exchange.traders[3], trading.cancel_order(placed[1])).execute()
    bid, other = exchange.order(0, BUY, 1000, nonce=3), exchange.order(0, BUY, 900, nonce=3)
    whole = exchange.order(1, BUY, 400, 400_000)
    stored = exchange.known.stored(HOUR)
    assert [order.id for order in stored] == [placed[0], placed[2]]
    exchange.settle(stored + look(exchange, bid, whole)[0], HOUR)
    orders = [
        *exchange.known.signed([bid, other, whole]),
        *exchange.known.numbered(placed),
        OpenOrder(id=99, trader="0x", order_type=BUY, price=1, open_wh=1),
    ]
    assert exchange.known.open_wh(orders) == [
        600,
        Refusal.NONCE_SPENT,
        Refusal.NONCE_SPENT,
        Refusal.NOT_ACTIVE,
        Refusal.NOT_ACTIVE,
        Refusal.NOT_ACTIVE,
        Refusal.NO_SUCH_ORDER,
    ]
    with pytest.raises(errors.EnergyTrading_NoSuchOrder):
        exchange.known.numbered([99])


def test_fetch__stored_orders__end_with_their_expiry(exchange: Exchange) -> None:
    market = exchange.market
    expiry = market.now + 1000
    market.order(exchange.traders[3], 1, 400, 200_000, start=HOUR.start, expiry=expiry)
    (order,) = exchange.known.stored(HOUR)
    market.go_to(expiry)
    assert exchange.known.fetch([order]) == exchange.known.stored(HOUR) == [order]
    market.go_to(expiry + 1)
    assert exchange.known.fetch([order]) == [Dropped(order=order, reason=Refusal.EXPIRED)]
    assert exchange.known.stored(HOUR) == []


def test_fetch__no_account_or_no_money__is_reported(exchange: Exchange) -> None:
    exchange.traders.append(Account.local(16))
    unknown = exchange.order(6, BUY, 100)
    _, dropped = look(exchange, unknown)
    assert reasons(dropped) == {exchange.id_of(unknown): Refusal.UNKNOWN_ACCOUNT}
    exchange.fund(exchange.traders[6].address, 100)
    call = exchange.grid.settlement.withdraw(100, exchange.traders[6].address)
    exchange.market.node.set_balance(exchange.traders[6].address, 10**20)
    exchange.grid.plan(exchange.traders[6], call).execute()
    _, dropped = look(exchange, unknown)
    assert reasons(dropped) == {exchange.id_of(unknown): Refusal.INSUFFICIENT_BALANCE}
    # A seller's collateral is the chain's affair: its price may be nothing.
    assert look(exchange, exchange.order(6, SELL, 100))[1] == []


def test_settle__flood_without_money__makes_no_price_on_the_chain(exchange: Exchange) -> None:
    grid, flooder = exchange.grid, exchange.traders[3]
    bid, ask = exchange.order(0, BUY, 1000, 300_000), exchange.order(1, SELL, 4000, 240_000)
    flood = [exchange.order(3, BUY, 4000, 310_000) for _ in range(5)]
    left = grid.settlement.balance_of(flooder.address) - 1
    grid.plan(flooder, grid.settlement.withdraw(left, flooder.address)).execute()
    book, dropped = look(exchange, bid, ask, *flood)
    assert dropped == []
    session = exchange.settle(book, HOUR, max_refusals=2)
    (settled,) = session.settled
    assert (settled.price, settled.skipped) == (240_000, ())
    assert session.matched_wh == {exchange.id_of(bid): 1000, exchange.id_of(ask): 1000}
    assert reasons(session.dropped) == dict.fromkeys(
        map(exchange.id_of, flood), Refusal.INSUFFICIENT_BALANCE
    )
    assert exchange.audit(settled.transaction).is_optimal


def test_audit__price_of_a_bid_without_money__is_found_on_the_chain(exchange: Exchange) -> None:
    grid, accomplice = exchange.grid, exchange.traders[3]
    bid, ask = exchange.order(0, BUY, 1000, 300_000), exchange.order(1, SELL, 4000, 240_000)
    phantom = exchange.order(3, BUY, 4000, 310_000)
    left = grid.settlement.balance_of(accomplice.address) - 1
    grid.plan(accomplice, grid.settlement.withdraw(left, accomplice.address)).execute()
    book, _ = look(exchange, bid, ask, phantom)
    orders = tuple(sorted(book, key=lambda order: order.id))
    published = OrderSet(
        period=HOUR,
        price=300_000,
        root=root_of(orders),
        seed=newest_seed(grid.node),
        orders=orders,
    )
    first, second = sorted((bid, ask), key=lambda order: order.sorting_key)
    places = {first: 0, second: 1}
    batch = Batch(
        period=HOUR,
        price=300_000,
        order_set=published.root,
        signed_orders=(first, second),
        stored_orders=(),
        fills=(Fill(buy=places[bid], sell=places[ask], amount=1000),),
    )
    receipt = exchange.send(settle_batch(grid.trading, batch, skip=False))
    assert exchange.audit(receipt.transaction, published).findings == (
        "the price 300000 is outside the marginal interval, 240000 to 240000",
    )


@pytest.mark.parametrize("side", [BUY, SELL])
def test_balances__what_a_trader_can_spend__is_the_chain_s_to_the_wh(
    exchange: Exchange, side: OrderType
) -> None:
    known, price = exchange.known, 250_001
    other = SELL if side is BUY else BUY
    balances = known.balances(known.signed([exchange.order(0, side, 1)]), HOUR)
    (spare,) = balances.spare.values()
    rate = balances.terms[exchange.traders[0].address].rate(price, selling=side is SELL)
    assert spare == 10_000_000_000
    assert rate == (price if side is BUY else 900_000 - price)
    most = spare // rate
    exchange.fund(exchange.traders[1].address, 100_000_000)
    for wh, refusal in ((most, Refusal.NONE), (most + 1, Refusal.INSUFFICIENT_BALANCE)):
        orders = [exchange.order(0, side, wh, price), exchange.order(1, other, wh, price)]
        own = known.signed(orders)
        pair = Pair(
            buy=next(one.id for one in own if one.is_buy),
            sell=next(one.id for one in own if not one.is_buy),
            wh=wh,
        )
        (batch,) = batches_of(
            [pair],
            {one.id: one for one in own},
            period=HOUR,
            price=price,
            order_set=bytes(32),
            bound=GasBound(),
        )
        found = exchange.chain().simulate(batch)
        assert (found.reason if found else Refusal.NONE) is refusal


def test_settle__wallets_that_burn_gas_once_it_is_estimated__do_not_stop_the_batch(
    exchange: Exchange,
) -> None:
    market, owner = exchange.market, actor("owner of wallets")
    ask = exchange.order(0, SELL, 1000, 240_000)
    orders, wallets = [ask], [deploy_wallet(market, owner) for _ in range(10)]
    for wallet in wallets:
        exchange.fund(wallet.address, 1_000_000)
        terms = replace(ask.terms, trader=wallet.address, order_type=BUY, price=300_000, amount=100)
        orders.append(by_wallet(market, owner, terms, 0))
    book, dropped = look(exchange, *orders)
    assert dropped == []

    def burn() -> None:
        for wallet in wallets:
            market.do(owner, wallet, "behave", _THRIFTY, 90_000)

    exchange.before_sending = burn
    session = exchange.settle(book, HOUR)
    assert session.matched_wh[exchange.id_of(ask)] == 1000
