"""EnergyTrading.matchOrders."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from energy_grid.contracts import errors
from energy_grid.domain.costs import collateral, cost_down, cost_up
from energy_grid.domain.orders import OrderStatus, OrderType, TransactionStatus
from energy_grid.domain.periods import Period, PeriodKind
from tests.model.costs import released_on_fill
from tests.support.examples import on_chain, rewound
from tests.support.market import MONDAY, Market, Receipt
from tests.support.settlement import incur_debt
from tests.support.stacks import StackParameters, deploy_stack
from tests.unit.contracts.trading.desk import (
    AMOUNT,
    DAY,
    FOREVER,
    FUNDS,
    HOUR,
    PRICE,
    Desk,
    Transaction,
    endow,
    open_desk,
    refuses,
    together,
)
from tests.unit.contracts.trading.mirror import mirror_of

BUY, SELL = OrderType.BUY, OrderType.SELL
EXPIRY = MONDAY + 1000


def match(desk: Desk, buy: int, sell: int) -> Receipt:
    return desk.market.do(desk.keeper, desk.market.trading, "matchOrders", buy, sell)


# Orders that cannot be matched


@pytest.mark.parametrize("missing", [0, 3, FOREVER])
def test_match_orders__missing_order__is_refused(desk: Desk, missing: int) -> None:
    buy, sell = desk.buy(), desk.sell()
    for pair in ((missing, sell), (buy, missing), (missing, missing)):
        with refuses(desk.market, errors.EnergyTrading_NoSuchOrder, order_id=missing):
            match(desk, *pair)


@pytest.mark.parametrize("side", OrderType)
def test_match_orders__cancelled_order__is_refused(desk: Desk, side: OrderType) -> None:
    buy, sell = desk.buy(), desk.sell()
    order, owner = (buy, desk.buyer) if side is BUY else (sell, desk.seller)
    desk.market.do(owner, desk.market.trading, "cancelOrder", order)
    with refuses(
        desk.market,
        errors.EnergyTrading_NotActive,
        order_id=order,
        status=OrderStatus.CANCELLED,
    ):
        match(desk, buy, sell)


@pytest.mark.parametrize("side", OrderType)
def test_match_orders__filled_order__is_refused(desk: Desk, side: OrderType) -> None:
    desk.agree()
    other = desk.market.order(desk.rival, 1 - side, AMOUNT, PRICE, start=desk.start)
    filled = 1 if side is BUY else 2
    with refuses(
        desk.market,
        errors.EnergyTrading_NotActive,
        order_id=filled,
        status=OrderStatus.FILLED,
    ):
        match(desk, *((filled, other) if side is BUY else (other, filled)))


def test_match_orders__swapped_or_same_side__is_refused(desk: Desk) -> None:
    buy, sell = desk.buy(), desk.sell()
    buy_too, sell_too = desk.buy(trader=desk.rival), desk.sell(trader=desk.rival)
    for pair, wrong, side in (
        ((sell, buy), sell, SELL),
        ((sell, sell_too), sell, SELL),
        ((buy, buy_too), buy_too, BUY),
    ):
        with refuses(desk.market, errors.EnergyTrading_WrongSide, order_id=wrong, order_type=side):
            match(desk, *pair)


def test_match_orders__one_order_twice__is_refused(desk: Desk) -> None:
    for order, side in ((desk.buy(), BUY), (desk.sell(), SELL)):
        with refuses(desk.market, errors.EnergyTrading_WrongSide, order_id=order, order_type=side):
            match(desk, order, order)


@pytest.mark.parametrize("time", [EXPIRY - 1, EXPIRY])
@pytest.mark.parametrize("side", OrderType)
def test_match_orders__until_the_expiry__are_matched(
    desk: Desk, side: OrderType, time: int
) -> None:
    buy = desk.buy(expiry=EXPIRY if side is BUY else FOREVER)
    sell = desk.sell(expiry=EXPIRY if side is SELL else FOREVER)
    desk.market.at(time)
    match(desk, buy, sell)
    assert desk.market.trading.call("transactionCount") == 1


@pytest.mark.parametrize("time", [EXPIRY + 1, EXPIRY + 2, MONDAY + 50 * HOUR])
@pytest.mark.parametrize("side", OrderType)
def test_match_orders__after_the_expiry__is_refused(desk: Desk, side: OrderType, time: int) -> None:
    buy = desk.buy(expiry=EXPIRY if side is BUY else FOREVER, kind=PeriodKind.WEEKLY, start=MONDAY)
    sell = desk.sell(
        expiry=EXPIRY if side is SELL else FOREVER, kind=PeriodKind.WEEKLY, start=MONDAY
    )
    with refuses(
        desk.market,
        errors.EnergyTrading_Expired,
        order_id=buy if side is BUY else sell,
        expiry=EXPIRY,
        time=time,
    ):
        desk.market.at(time)
        match(desk, buy, sell)


def test_match_orders__around_the_end_of_the_period__the_gate_closes_with_it(desk: Desk) -> None:
    buy, sell = desk.buy(), desk.sell()
    with refuses(
        desk.market,
        errors.EnergyTrading_Expired,
        order_id=buy,
        expiry=desk.end - 1,
        time=desk.end,
    ):
        with rewound(desk.market):
            desk.market.at(desk.end - 1)
            match(desk, buy, sell)
            assert desk.market.trading.call("transactionCount") == 1
        desk.market.at(desk.end)
        match(desk, buy, sell)


def test_match_orders__both_wrong__names_the_buy_order(desk: Desk) -> None:
    buy, sell = desk.buy(expiry=EXPIRY), desk.sell(expiry=EXPIRY + 1)
    with refuses(
        desk.market,
        errors.EnergyTrading_Expired,
        order_id=buy,
        expiry=EXPIRY,
        time=EXPIRY + 2,
    ):
        desk.market.at(EXPIRY + 2)
        match(desk, buy, sell)


# Pairs that cannot be matched


@pytest.mark.parametrize(
    ("buying", "selling"),
    [
        ({"start": MONDAY + HOUR}, {"start": MONDAY + 2 * HOUR}),
        ({"start": MONDAY + 2 * HOUR}, {"start": MONDAY + HOUR}),
        ({"start": MONDAY, "kind": PeriodKind.DAILY}, {"start": MONDAY}),
        ({"start": MONDAY}, {"start": MONDAY, "kind": PeriodKind.WEEKLY}),
        (
            {"start": MONDAY, "kind": PeriodKind.DAILY},
            {"start": MONDAY, "kind": PeriodKind.WEEKLY},
        ),
        (
            {"start": MONDAY, "kind": PeriodKind.DAILY},
            {"start": MONDAY + DAY, "kind": PeriodKind.DAILY},
        ),
    ],
)
def test_match_orders__other_period__is_refused(
    desk: Desk, buying: dict[str, int], selling: dict[str, int]
) -> None:
    buy, sell = desk.buy(**buying), desk.sell(**selling)
    with refuses(desk.market, errors.EnergyTrading_PeriodMismatch, buy_id=buy, sell_id=sell):
        match(desk, buy, sell)


def test_match_orders__quarter_and_its_hour__is_refused(quarter_desk: Desk) -> None:
    buy = quarter_desk.buy(kind=PeriodKind.QUARTER_HOURLY)
    sell = quarter_desk.sell(kind=PeriodKind.HOURLY)
    with refuses(
        quarter_desk.market, errors.EnergyTrading_PeriodMismatch, buy_id=buy, sell_id=sell
    ):
        match(quarter_desk, buy, sell)

    match(quarter_desk, buy, quarter_desk.sell(kind=PeriodKind.QUARTER_HOURLY))
    assert quarter_desk.transaction(1).period is PeriodKind.QUARTER_HOURLY


def test_match_orders__of_one_trader__is_refused(desk: Desk) -> None:
    buy, sell = desk.buy(), desk.sell(trader=desk.buyer)
    with refuses(desk.market, errors.EnergyTrading_SelfTrade, buy_id=buy, sell_id=sell):
        match(desk, buy, sell)


@pytest.mark.parametrize("first", OrderType)
def test_match_orders__bid_below_the_ask__is_refused(desk: Desk, first: OrderType) -> None:
    if first is BUY:
        buy, sell = desk.buy(price=PRICE - 1), desk.sell(price=PRICE)
    else:
        sell, buy = desk.sell(price=PRICE), desk.buy(price=PRICE - 1)
    with refuses(
        desk.market, errors.EnergyTrading_NotCrossing, buy_price=PRICE - 1, sell_price=PRICE
    ):
        match(desk, buy, sell)


@pytest.mark.parametrize("above", [0, 1])
@pytest.mark.parametrize("first", OrderType)
def test_match_orders__bid_at_or_above_the_ask__is_matched_at_the_earlier_price(
    desk: Desk, first: OrderType, above: int
) -> None:
    if first is BUY:
        buy, sell = desk.buy(price=PRICE + above), desk.sell(price=PRICE)
    else:
        sell, buy = desk.sell(price=PRICE), desk.buy(price=PRICE + above)
    match(desk, buy, sell)
    assert desk.transaction(1).price == (PRICE + above if first is BUY else PRICE)


def test_match_orders__fill_that_costs_nothing__is_refused(desk: Desk) -> None:
    buy = desk.buy(1001, 1)
    match(desk, buy, desk.sell(1000, 1))
    assert desk.terms(buy).remaining == 1
    sell = desk.sell(1000, 1, trader=desk.rival)
    with refuses(desk.market, errors.EnergyTrading_Dust, amount=1, price=1):
        match(desk, buy, sell)


def test_match_orders__dust__is_measured_at_the_match_price(desk: Desk) -> None:
    # Both orders are worth something by themselves, the fill is not at the earlier one's price.
    sell = desk.sell(1000, 1)
    buy = desk.buy(999, 1_000_000)
    with refuses(desk.market, errors.EnergyTrading_Dust, amount=999, price=1):
        match(desk, buy, sell)
    later = desk.sell(1000, 1)
    match(desk, buy, later)
    assert desk.transaction(1).price == 1_000_000


# What a match does


def test_match_orders__crossing__makes_a_transaction(desk: Desk) -> None:
    buy, sell = desk.buy(1500, 260_000), desk.sell(2000, 240_000)
    receipt = match(desk, buy, sell)

    assert desk.emitted(receipt) == ["OrdersMatched"]
    assert desk.logged(receipt, desk.market.trading, "OrdersMatched") == [
        {"transaction_id": 1, "buy_id": buy, "sell_id": sell, "amount": 1500, "price": 260_000}
    ]
    assert desk.market.trading.call("transactionCount") == 1
    assert desk.transaction(1) == Transaction(
        *(desk.buyer.address, desk.seller.address, 1500, 0, 260_000),
        *(PeriodKind.HOURLY, desk.start, desk.end, 0, TransactionStatus.MATCHED),
    )
    assert (desk.order(buy).status, desk.terms(buy).remaining) == (OrderStatus.FILLED, 0)
    assert (desk.order(sell).status, desk.terms(sell).remaining) == (OrderStatus.ACTIVE, 500)
    # What was placed stays as it was.
    assert (desk.order(buy).amount, desk.order(sell).amount) == (1500, 2000)


@pytest.mark.parametrize(
    ("bought", "sold", "statuses"),
    [
        (1000, 1000, (OrderStatus.FILLED, OrderStatus.FILLED)),
        (1000, 1001, (OrderStatus.FILLED, OrderStatus.ACTIVE)),
        (1001, 1000, (OrderStatus.ACTIVE, OrderStatus.FILLED)),
    ],
)
def test_match_orders__amounts__the_smaller_one_is_filled(
    desk: Desk, bought: int, sold: int, statuses: tuple[OrderStatus, OrderStatus]
) -> None:
    buy, sell = desk.buy(bought), desk.sell(sold)
    match(desk, buy, sell)
    assert desk.transaction(1).amount == 1000
    assert (desk.order(buy).status, desk.order(sell).status) == statuses
    assert (desk.terms(buy).remaining, desk.terms(sell).remaining) == (bought - 1000, sold - 1000)


@pytest.mark.parametrize("kind", [PeriodKind.HOURLY, PeriodKind.DAILY, PeriodKind.WEEKLY])
def test_match_orders__any_kind_of_period__is_the_transactions(
    desk: Desk, kind: PeriodKind
) -> None:
    period = Period(kind=kind, start=MONDAY)
    desk.agree(kind=kind, start=MONDAY)
    found = desk.transaction(1)
    assert (found.period, found.start, found.end) == (kind, MONDAY, period.end)


@pytest.mark.parametrize("trader", ["buyer", "seller", "rival", "stranger"])
def test_match_orders__by_anyone__is_carried_out(desk: Desk, trader: str) -> None:
    buy, sell = desk.buy(), desk.sell()
    desk.market.do(getattr(desk, trader), desk.market.trading, "matchOrders", buy, sell)
    assert desk.market.trading.call("transactionCount") == 1


@pytest.mark.parametrize("large", OrderType)
def test_match_orders__many_partial_matches__never_overfill(desk: Desk, large: OrderType) -> None:
    amount, part, price = 10_007, 1_301, 99_991
    order = desk.market.order(desk.buyer, large, amount, price, start=desk.start)
    filled = 0
    while filled < amount:
        other = desk.market.order(desk.seller, 1 - large, part, price, start=desk.start)
        match(desk, *((order, other) if large is BUY else (other, order)))
        fill = desk.transaction(desk.market.trading.call("transactionCount")).amount
        assert fill == min(part, amount - filled)
        filled += fill
        assert desk.terms(order).remaining == amount - filled
    assert (filled, desk.order(order).status) == (amount, OrderStatus.FILLED)

    # The last of the others has a rest, and nothing to match it with.
    assert desk.terms(other).remaining == part - amount % part
    with refuses(
        desk.market,
        errors.EnergyTrading_NotActive,
        order_id=order,
        status=OrderStatus.FILLED,
    ):
        match(desk, *((order, other) if large is BUY else (other, order)))


def test_match_orders__twice_in_one_block__fills_once(desk: Desk) -> None:
    buy, sell = desk.buy(1000), desk.sell(1000)
    call = desk.market.trading.prepare("matchOrders", buy, sell)
    assert together(desk.market, (desk.keeper, call), (desk.stranger, call)) == [True, False]
    assert desk.market.trading.call("transactionCount") == 1


def test_match_orders__largest_order__is_matched_whole(desk: Desk) -> None:
    amount, price = 2**40 - 1, 2**64 - 1
    for trader in (desk.buyer, desk.seller):
        endow(desk.market, trader, 2**103)
    buy, sell = desk.buy(amount, price), desk.sell(amount, price)
    match(desk, buy, sell)
    found = desk.transaction(1)
    assert (found.amount, found.price) == (amount, price)
    assert desk.money(desk.buyer)[1] == cost_down(amount, price)
    assert desk.money(desk.seller)[1] == collateral(amount, desk.collateral)


# Money


@pytest.mark.parametrize("first", OrderType)
@pytest.mark.parametrize(
    ("bought", "sold", "bid", "ask"),
    [
        (2000, 2000, 250_000, 250_000),
        (1999, 1301, 250_001, 249_999),
        (7, 11, 999_999, 1_001),
        (1301, 1999, 333_334, 333_333),
        (1, 1, 1999, 1001),
    ],
)
def test_match_orders__money__keeps_what_it_costs_and_frees_the_rest(
    desk: Desk, first: OrderType, bought: int, sold: int, bid: int, ask: int
) -> None:
    if first is BUY:
        buy, sell = desk.buy(bought, bid), desk.sell(sold, ask)
    else:
        sell, buy = desk.sell(sold, ask), desk.buy(bought, bid)
    before = desk.money(desk.buyer), desk.money(desk.seller)
    match(desk, buy, sell)

    fill, price = min(bought, sold), bid if first is BUY else ask
    released = released_on_fill(bought, fill, bid)
    kept = cost_down(fill, price)
    locked = cost_up(bought - fill, bid) + kept
    assert desk.money(desk.buyer) == (FUNDS - locked, locked)
    assert desk.money(desk.buyer)[0] - before[0][0] == released - kept >= 0

    released = released_on_fill(sold, fill, desk.collateral)
    kept = collateral(fill, desk.collateral)
    locked = cost_up(sold - fill, desk.collateral) + kept
    assert desk.money(desk.seller) == (FUNDS - locked, locked)
    assert desk.money(desk.seller)[0] - before[1][0] == released - kept >= 0


def test_match_orders__buyer_in_debt__what_goes_back_pays_the_debt(desk: Desk) -> None:
    market, start = desk.market, MONDAY + 20 * HOUR
    sell = desk.sell(2000, 100_000, start=start)
    market.deposit(desk.stranger, 500_000)
    buy = desk.buy(2000, 250_000, trader=desk.stranger, start=start)
    market.go_to(MONDAY + 5 * HOUR)
    debt = incur_debt(market, desk.stranger, consumed=700)
    assert debt == 210_000
    revenue = market.settlement.call("treasuryOwed")[1]

    receipt = match(desk, buy, sell)

    # 500,000 were locked, 200,000 are the price.
    assert desk.logged(receipt, market.settlement, "DebtRepaid") == [
        {"account": desk.stranger.address, "amount": debt, "debt": 0}
    ]
    assert desk.money(desk.stranger) == (90_000, 200_000)
    assert market.settlement.call("treasuryOwed")[1] == revenue + debt


@pytest.mark.parametrize("kind", [PeriodKind.DAILY, PeriodKind.WEEKLY])
@pytest.mark.parametrize("after", [-1, 0, 1])
def test_match_orders__once_slots_of_the_period_can_be_closed__keeps_no_collateral(
    desk: Desk, kind: PeriodKind, after: int
) -> None:
    amount, price = 1999, 250_001
    buy, sell = (
        desk.buy(amount, price, kind=kind, start=MONDAY),
        desk.sell(amount, price, kind=kind, start=MONDAY),
    )
    closable = desk.market.closable_at(desk.market.slot(MONDAY))
    assert closable == MONDAY + 3 * HOUR
    desk.market.at(closable + after)
    match(desk, buy, sell)
    assert desk.transaction(1).late == (after >= 0)
    cost = cost_down(amount, price)
    assert desk.money(desk.buyer) == (FUNDS - cost, cost)
    held = 0 if after >= 0 else collateral(amount, desk.collateral)
    assert desk.money(desk.seller) == (FUNDS - held, held)


def test_match_orders__late_in_parts__keeps_collateral_for_the_rest_only(desk: Desk) -> None:
    terms = {"kind": PeriodKind.DAILY, "start": MONDAY}
    sell = desk.sell(3000, **terms)
    match(desk, desk.buy(1000, **terms), sell)
    desk.market.go_to(MONDAY + 5 * HOUR)
    match(desk, desk.buy(999, **terms), sell)
    assert [desk.transaction(number).late for number in (1, 2)] == [False, True]
    locked = cost_up(1001, desk.collateral) + collateral(1000, desk.collateral)
    assert desk.money(desk.seller) == (FUNDS - locked, locked)


@pytest.mark.parametrize("time", [MONDAY + HOUR, MONDAY + 2 * HOUR - 1])
def test_match_orders__of_an_hour__is_never_late(desk: Desk, time: int) -> None:
    buy, sell = desk.buy(), desk.sell()
    desk.market.at(time)
    match(desk, buy, sell)
    assert desk.transaction(1).late is False


@pytest.mark.parametrize("after", [-1, 0])
def test_match_orders__of_an_hour_of_quarters__is_late_once_its_first_can_be_closed(
    market: Market, after: int
) -> None:
    parameters = StackParameters(slot_length=900, grace=900)
    desk = open_desk(deploy_stack(market, market.dollar, parameters))
    buy, sell = desk.buy(), desk.sell()
    closable = desk.start + 3 * 900
    assert closable == desk.market.closable_at(desk.slot) < desk.end
    desk.market.at(closable + after)
    match(desk, buy, sell)
    assert desk.transaction(1).late == (after >= 0)
    held = 0 if after >= 0 else collateral(AMOUNT, desk.collateral)
    assert desk.money(desk.seller) == (FUNDS - held, held)


@settings(on_chain, max_examples=15)
@given(
    collateral_per_kwh=st.sampled_from([0, 1, 30_000, 99_991]),
    placed=st.lists(
        st.tuples(
            st.integers(0, 2),
            st.sampled_from(OrderType),
            st.one_of(st.integers(1, 40), st.integers(1, 10_000)),
            st.one_of(st.integers(1, 1500), st.integers(1, 500_000)),
        ),
        min_size=2,
        max_size=10,
    ),
    pairs=st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=6),
)
def test_match_orders__random_orders__leave_the_books_of_the_model(
    market: Market,
    collateral_per_kwh: int,
    placed: list[tuple[int, OrderType, int, int]],
    pairs: list[tuple[int, int]],
) -> None:
    with rewound(market):
        parameters = StackParameters(collateral_per_kwh=collateral_per_kwh)
        desk = open_desk(deploy_stack(market, market.dollar, parameters))
        mirror = mirror_of(desk)
        period = Period(kind=PeriodKind.HOURLY, start=desk.start)
        for trader, side, amount, price in placed:
            mirror.place(mirror.traders[trader], side, amount, price, period)
        for buy, sell in [*pairs, *mirror.ledger.book.best_pairs(period, mirror.next)]:
            matched = mirror.match(buy, sell)
            if matched is not None:
                bid, ask = desk.order(buy).price, desk.order(sell).price
                assert ask <= desk.transaction(matched).price <= bid
            mirror.assert_same()


@pytest.mark.anvil
def test_match_orders__among_many_orders__costs_the_same_gas(market: Market, desk: Desk) -> None:
    busy = deploy_stack(market, market.dollar, StackParameters(order_burst=1000))
    for trader in (desk.buyer, desk.seller):
        busy.deposit(trader, FUNDS)
    pairs = [
        (
            busy.buy(desk.buyer, 1000, 1000, start=desk.start),
            busy.sell(desk.seller, 1000, 1000, start=desk.start),
        )
        for _ in range(120)
    ]

    def cost(buy: int, sell: int) -> int:
        return busy.do(desk.keeper, busy.trading, "matchOrders", buy, sell).gas_used

    figures = [cost(*pair) for pair in pairs]
    assert figures[3] == figures[50] == figures[118]
