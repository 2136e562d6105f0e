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
from tests.unit.contracts.trading.model_comparison import comparison_of
from tests.unit.contracts.trading.traders import (
    AMOUNT,
    DAY,
    FOREVER,
    FUNDS,
    HOUR,
    PRICE,
    Traders,
    Transaction,
    endow,
    open_traders,
    refuses,
    together,
)

BUY, SELL = OrderType.BUY, OrderType.SELL
EXPIRY = MONDAY + 1000


def match(traders: Traders, buy: int, sell: int) -> Receipt:
    return traders.market.do(traders.keeper, traders.market.trading, "matchOrders", buy, sell)


# Orders that cannot be matched


@pytest.mark.parametrize("missing", [0, 3, FOREVER])
def test_match_orders__missing_order__is_refused(traders: Traders, missing: int) -> None:
    buy, sell = traders.buy(), traders.sell()
    for pair in ((missing, sell), (buy, missing), (missing, missing)):
        with refuses(traders.market, errors.EnergyTrading_NoSuchOrder, order_id=missing):
            match(traders, *pair)


@pytest.mark.parametrize("side", OrderType)
def test_match_orders__cancelled_order__is_refused(traders: Traders, side: OrderType) -> None:
    buy, sell = traders.buy(), traders.sell()
    order, owner = (buy, traders.buyer) if side is BUY else (sell, traders.seller)
    traders.market.do(owner, traders.market.trading, "cancelOrder", order)
    with refuses(
        traders.market,
        errors.EnergyTrading_NotActive,
        order_id=order,
        status=OrderStatus.CANCELLED,
    ):
        match(traders, buy, sell)


@pytest.mark.parametrize("side", OrderType)
def test_match_orders__filled_order__is_refused(traders: Traders, side: OrderType) -> None:
    traders.agree()
    other = traders.market.order(traders.rival, 1 - side, AMOUNT, PRICE, start=traders.start)
    filled = 1 if side is BUY else 2
    with refuses(
        traders.market,
        errors.EnergyTrading_NotActive,
        order_id=filled,
        status=OrderStatus.FILLED,
    ):
        match(traders, *((filled, other) if side is BUY else (other, filled)))


def test_match_orders__swapped_or_same_side__is_refused(traders: Traders) -> None:
    buy, sell = traders.buy(), traders.sell()
    buy_too, sell_too = traders.buy(trader=traders.rival), traders.sell(trader=traders.rival)
    for pair, wrong, side in (
        ((sell, buy), sell, SELL),
        ((sell, sell_too), sell, SELL),
        ((buy, buy_too), buy_too, BUY),
    ):
        with refuses(
            traders.market, errors.EnergyTrading_WrongSide, order_id=wrong, order_type=side
        ):
            match(traders, *pair)


def test_match_orders__one_order_twice__is_refused(traders: Traders) -> None:
    for order, side in ((traders.buy(), BUY), (traders.sell(), SELL)):
        with refuses(
            traders.market, errors.EnergyTrading_WrongSide, order_id=order, order_type=side
        ):
            match(traders, order, order)


@pytest.mark.parametrize("time", [EXPIRY - 1, EXPIRY])
@pytest.mark.parametrize("side", OrderType)
def test_match_orders__until_the_expiry__are_matched(
    traders: Traders, side: OrderType, time: int
) -> None:
    buy = traders.buy(expiry=EXPIRY if side is BUY else FOREVER)
    sell = traders.sell(expiry=EXPIRY if side is SELL else FOREVER)
    traders.market.at(time)
    match(traders, buy, sell)
    assert traders.market.trading.call("transactionCount") == 1


@pytest.mark.parametrize("time", [EXPIRY + 1, EXPIRY + 2, MONDAY + 50 * HOUR])
@pytest.mark.parametrize("side", OrderType)
def test_match_orders__after_the_expiry__is_refused(
    traders: Traders, side: OrderType, time: int
) -> None:
    buy = traders.buy(
        expiry=EXPIRY if side is BUY else FOREVER, kind=PeriodKind.WEEKLY, start=MONDAY
    )
    sell = traders.sell(
        expiry=EXPIRY if side is SELL else FOREVER, kind=PeriodKind.WEEKLY, start=MONDAY
    )
    with refuses(
        traders.market,
        errors.EnergyTrading_Expired,
        order_id=buy if side is BUY else sell,
        expiry=EXPIRY,
        time=time,
    ):
        traders.market.at(time)
        match(traders, buy, sell)


def test_match_orders__around_the_end_of_the_period__the_gate_closes_with_it(
    traders: Traders,
) -> None:
    buy, sell = traders.buy(), traders.sell()
    with refuses(
        traders.market,
        errors.EnergyTrading_Expired,
        order_id=buy,
        expiry=traders.end - 1,
        time=traders.end,
    ):
        with rewound(traders.market):
            traders.market.at(traders.end - 1)
            match(traders, buy, sell)
            assert traders.market.trading.call("transactionCount") == 1
        traders.market.at(traders.end)
        match(traders, buy, sell)


def test_match_orders__both_wrong__names_the_buy_order(traders: Traders) -> None:
    buy, sell = traders.buy(expiry=EXPIRY), traders.sell(expiry=EXPIRY + 1)
    with refuses(
        traders.market,
        errors.EnergyTrading_Expired,
        order_id=buy,
        expiry=EXPIRY,
        time=EXPIRY + 2,
    ):
        traders.market.at(EXPIRY + 2)
        match(traders, buy, sell)


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
    traders: Traders, buying: dict[str, int], selling: dict[str, int]
) -> None:
    buy, sell = traders.buy(**buying), traders.sell(**selling)
    with refuses(traders.market, errors.EnergyTrading_PeriodMismatch, buy_id=buy, sell_id=sell):
        match(traders, buy, sell)


def test_match_orders__quarter_and_its_hour__is_refused(quarter_hour_traders: Traders) -> None:
    buy = quarter_hour_traders.buy(kind=PeriodKind.QUARTER_HOURLY)
    sell = quarter_hour_traders.sell(kind=PeriodKind.HOURLY)
    with refuses(
        quarter_hour_traders.market, errors.EnergyTrading_PeriodMismatch, buy_id=buy, sell_id=sell
    ):
        match(quarter_hour_traders, buy, sell)

    match(quarter_hour_traders, buy, quarter_hour_traders.sell(kind=PeriodKind.QUARTER_HOURLY))
    assert quarter_hour_traders.transaction(1).period is PeriodKind.QUARTER_HOURLY


def test_match_orders__of_one_trader__is_refused(traders: Traders) -> None:
    buy, sell = traders.buy(), traders.sell(trader=traders.buyer)
    with refuses(traders.market, errors.EnergyTrading_SelfTrade, buy_id=buy, sell_id=sell):
        match(traders, buy, sell)


@pytest.mark.parametrize("first", OrderType)
def test_match_orders__bid_below_the_ask__is_refused(traders: Traders, first: OrderType) -> None:
    if first is BUY:
        buy, sell = traders.buy(price=PRICE - 1), traders.sell(price=PRICE)
    else:
        sell, buy = traders.sell(price=PRICE), traders.buy(price=PRICE - 1)
    with refuses(
        traders.market, errors.EnergyTrading_NotCrossing, buy_price=PRICE - 1, sell_price=PRICE
    ):
        match(traders, buy, sell)


@pytest.mark.parametrize("above", [0, 1])
@pytest.mark.parametrize("first", OrderType)
def test_match_orders__bid_at_or_above_the_ask__is_matched_at_the_earlier_price(
    traders: Traders, first: OrderType, above: int
) -> None:
    if first is BUY:
        buy, sell = traders.buy(price=PRICE + above), traders.sell(price=PRICE)
    else:
        sell, buy = traders.sell(price=PRICE), traders.buy(price=PRICE + above)
    match(traders, buy, sell)
    assert traders.transaction(1).price == (PRICE + above if first is BUY else PRICE)


def test_match_orders__fill_that_costs_nothing__is_refused(traders: Traders) -> None:
    buy = traders.buy(1001, 1)
    match(traders, buy, traders.sell(1000, 1))
    assert traders.terms(buy).remaining == 1
    sell = traders.sell(1000, 1, trader=traders.rival)
    with refuses(traders.market, errors.EnergyTrading_Dust, amount=1, price=1):
        match(traders, buy, sell)


def test_match_orders__dust__is_measured_at_the_match_price(traders: Traders) -> None:
    # Both orders are worth something by themselves, the fill is not at the earlier one's price.
    sell = traders.sell(1000, 1)
    buy = traders.buy(999, 1_000_000)
    with refuses(traders.market, errors.EnergyTrading_Dust, amount=999, price=1):
        match(traders, buy, sell)
    later = traders.sell(1000, 1)
    match(traders, buy, later)
    assert traders.transaction(1).price == 1_000_000


# What a match does


def test_match_orders__crossing__makes_a_transaction(traders: Traders) -> None:
    buy, sell = traders.buy(1500, 260_000), traders.sell(2000, 240_000)
    receipt = match(traders, buy, sell)

    assert traders.emitted(receipt) == ["OrdersMatched"]
    assert traders.logged(receipt, traders.market.trading, "OrdersMatched") == [
        {"transaction_id": 1, "buy_id": buy, "sell_id": sell, "amount": 1500, "price": 260_000}
    ]
    assert traders.market.trading.call("transactionCount") == 1
    assert traders.transaction(1) == Transaction(
        *(traders.buyer.address, traders.seller.address, 1500, 0, 260_000),
        *(PeriodKind.HOURLY, traders.start, traders.end, 0, TransactionStatus.MATCHED),
    )
    assert (traders.order(buy).status, traders.terms(buy).remaining) == (OrderStatus.FILLED, 0)
    assert (traders.order(sell).status, traders.terms(sell).remaining) == (OrderStatus.ACTIVE, 500)
    # What was placed stays as it was.
    assert (traders.order(buy).amount, traders.order(sell).amount) == (1500, 2000)


@pytest.mark.parametrize(
    ("bought", "sold", "statuses"),
    [
        (1000, 1000, (OrderStatus.FILLED, OrderStatus.FILLED)),
        (1000, 1001, (OrderStatus.FILLED, OrderStatus.ACTIVE)),
        (1001, 1000, (OrderStatus.ACTIVE, OrderStatus.FILLED)),
    ],
)
def test_match_orders__amounts__the_smaller_one_is_filled(
    traders: Traders, bought: int, sold: int, statuses: tuple[OrderStatus, OrderStatus]
) -> None:
    buy, sell = traders.buy(bought), traders.sell(sold)
    match(traders, buy, sell)
    assert traders.transaction(1).amount == 1000
    assert (traders.order(buy).status, traders.order(sell).status) == statuses
    assert (traders.terms(buy).remaining, traders.terms(sell).remaining) == (
        bought - 1000,
        sold - 1000,
    )


@pytest.mark.parametrize("kind", [PeriodKind.HOURLY, PeriodKind.DAILY, PeriodKind.WEEKLY])
def test_match_orders__any_kind_of_period__is_the_transactions(
    traders: Traders, kind: PeriodKind
) -> None:
    period = Period(kind=kind, start=MONDAY)
    traders.agree(kind=kind, start=MONDAY)
    found = traders.transaction(1)
    assert (found.period, found.start, found.end) == (kind, MONDAY, period.end)


@pytest.mark.parametrize("trader", ["buyer", "seller", "rival", "stranger"])
def test_match_orders__by_anyone__is_carried_out(traders: Traders, trader: str) -> None:
    buy, sell = traders.buy(), traders.sell()
    traders.market.do(getattr(traders, trader), traders.market.trading, "matchOrders", buy, sell)
    assert traders.market.trading.call("transactionCount") == 1


@pytest.mark.parametrize("large", OrderType)
def test_match_orders__many_partial_matches__never_overfill(
    traders: Traders, large: OrderType
) -> None:
    amount, part, price = 10_007, 1_301, 99_991
    order = traders.market.order(traders.buyer, large, amount, price, start=traders.start)
    filled = 0
    while filled < amount:
        other = traders.market.order(traders.seller, 1 - large, part, price, start=traders.start)
        match(traders, *((order, other) if large is BUY else (other, order)))
        fill = traders.transaction(traders.market.trading.call("transactionCount")).amount
        assert fill == min(part, amount - filled)
        filled += fill
        assert traders.terms(order).remaining == amount - filled
    assert (filled, traders.order(order).status) == (amount, OrderStatus.FILLED)

    # The last of the others has a rest, and nothing to match it with.
    assert traders.terms(other).remaining == part - amount % part
    with refuses(
        traders.market,
        errors.EnergyTrading_NotActive,
        order_id=order,
        status=OrderStatus.FILLED,
    ):
        match(traders, *((order, other) if large is BUY else (other, order)))


def test_match_orders__twice_in_one_block__fills_once(traders: Traders) -> None:
    buy, sell = traders.buy(1000), traders.sell(1000)
    call = traders.market.trading.prepare("matchOrders", buy, sell)
    assert together(traders.market, (traders.keeper, call), (traders.stranger, call)) == [
        True,
        False,
    ]
    assert traders.market.trading.call("transactionCount") == 1


def test_match_orders__largest_order__is_matched_whole(traders: Traders) -> None:
    amount, price = 2**40 - 1, 2**64 - 1
    for trader in (traders.buyer, traders.seller):
        endow(traders.market, trader, 2**103)
    buy, sell = traders.buy(amount, price), traders.sell(amount, price)
    match(traders, buy, sell)
    found = traders.transaction(1)
    assert (found.amount, found.price) == (amount, price)
    assert traders.money(traders.buyer)[1] == cost_down(amount, price)
    assert traders.money(traders.seller)[1] == collateral(amount, traders.collateral)


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
    traders: Traders, first: OrderType, bought: int, sold: int, bid: int, ask: int
) -> None:
    if first is BUY:
        buy, sell = traders.buy(bought, bid), traders.sell(sold, ask)
    else:
        sell, buy = traders.sell(sold, ask), traders.buy(bought, bid)
    before = traders.money(traders.buyer), traders.money(traders.seller)
    match(traders, buy, sell)

    fill, price = min(bought, sold), bid if first is BUY else ask
    released = released_on_fill(bought, fill, bid)
    kept = cost_down(fill, price)
    locked = cost_up(bought - fill, bid) + kept
    assert traders.money(traders.buyer) == (FUNDS - locked, locked)
    assert traders.money(traders.buyer)[0] - before[0][0] == released - kept >= 0

    released = released_on_fill(sold, fill, traders.collateral)
    kept = collateral(fill, traders.collateral)
    locked = cost_up(sold - fill, traders.collateral) + kept
    assert traders.money(traders.seller) == (FUNDS - locked, locked)
    assert traders.money(traders.seller)[0] - before[1][0] == released - kept >= 0


def test_match_orders__buyer_in_debt__what_goes_back_pays_the_debt(traders: Traders) -> None:
    market, start = traders.market, MONDAY + 20 * HOUR
    sell = traders.sell(2000, 100_000, start=start)
    market.deposit(traders.stranger, 500_000)
    buy = traders.buy(2000, 250_000, trader=traders.stranger, start=start)
    market.go_to(MONDAY + 5 * HOUR)
    debt = incur_debt(market, traders.stranger, consumed=700)
    assert debt == 210_000
    revenue = market.settlement.call("treasuryOwed")[1]

    receipt = match(traders, buy, sell)

    # 500,000 were locked, 200,000 are the price.
    assert traders.logged(receipt, market.settlement, "DebtRepaid") == [
        {"account": traders.stranger.address, "amount": debt, "debt": 0}
    ]
    assert traders.money(traders.stranger) == (90_000, 200_000)
    assert market.settlement.call("treasuryOwed")[1] == revenue + debt


@pytest.mark.parametrize("kind", [PeriodKind.DAILY, PeriodKind.WEEKLY])
@pytest.mark.parametrize("after", [-1, 0, 1])
def test_match_orders__once_slots_of_the_period_can_be_closed__keeps_no_collateral(
    traders: Traders, kind: PeriodKind, after: int
) -> None:
    amount, price = 1999, 250_001
    buy, sell = (
        traders.buy(amount, price, kind=kind, start=MONDAY),
        traders.sell(amount, price, kind=kind, start=MONDAY),
    )
    closable = traders.market.closable_at(traders.market.slot(MONDAY))
    assert closable == MONDAY + 3 * HOUR
    traders.market.at(closable + after)
    match(traders, buy, sell)
    assert traders.transaction(1).late == (after >= 0)
    cost = cost_down(amount, price)
    assert traders.money(traders.buyer) == (FUNDS - cost, cost)
    held = 0 if after >= 0 else collateral(amount, traders.collateral)
    assert traders.money(traders.seller) == (FUNDS - held, held)


def test_match_orders__late_in_parts__keeps_collateral_for_the_rest_only(traders: Traders) -> None:
    terms = {"kind": PeriodKind.DAILY, "start": MONDAY}
    sell = traders.sell(3000, **terms)
    match(traders, traders.buy(1000, **terms), sell)
    traders.market.go_to(MONDAY + 5 * HOUR)
    match(traders, traders.buy(999, **terms), sell)
    assert [traders.transaction(number).late for number in (1, 2)] == [False, True]
    locked = cost_up(1001, traders.collateral) + collateral(1000, traders.collateral)
    assert traders.money(traders.seller) == (FUNDS - locked, locked)


@pytest.mark.parametrize("time", [MONDAY + HOUR, MONDAY + 2 * HOUR - 1])
def test_match_orders__of_an_hour__is_never_late(traders: Traders, time: int) -> None:
    buy, sell = traders.buy(), traders.sell()
    traders.market.at(time)
    match(traders, buy, sell)
    assert traders.transaction(1).late is False


@pytest.mark.parametrize("after", [-1, 0])
def test_match_orders__of_an_hour_of_quarters__is_late_once_its_first_can_be_closed(
    market: Market, after: int
) -> None:
    parameters = StackParameters(slot_length=900, grace=900)
    traders = open_traders(deploy_stack(market, market.dollar, parameters))
    buy, sell = traders.buy(), traders.sell()
    closable = traders.start + 3 * 900
    assert closable == traders.market.closable_at(traders.slot) < traders.end
    traders.market.at(closable + after)
    match(traders, buy, sell)
    assert traders.transaction(1).late == (after >= 0)
    held = 0 if after >= 0 else collateral(AMOUNT, traders.collateral)
    assert traders.money(traders.seller) == (FUNDS - held, held)


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
def test_match_orders__random_orders__leave_the_state_of_the_model(
    market: Market,
    collateral_per_kwh: int,
    placed: list[tuple[int, OrderType, int, int]],
    pairs: list[tuple[int, int]],
) -> None:
    with rewound(market):
        parameters = StackParameters(collateral_per_kwh=collateral_per_kwh)
        traders = open_traders(deploy_stack(market, market.dollar, parameters))
        comparison = comparison_of(traders)
        period = Period(kind=PeriodKind.HOURLY, start=traders.start)
        for trader, side, amount, price in placed:
            comparison.place(comparison.accounts[trader], side, amount, price, period)
        for buy, sell in [
            *pairs,
            *comparison.settlement_model.book.best_pairs(period, comparison.next),
        ]:
            matched = comparison.match(buy, sell)
            if matched is not None:
                bid, ask = traders.order(buy).price, traders.order(sell).price
                assert ask <= traders.transaction(matched).price <= bid
            comparison.assert_same()


@pytest.mark.anvil
def test_match_orders__among_many_orders__costs_the_same_gas(
    market: Market, traders: Traders
) -> None:
    busy = deploy_stack(market, market.dollar, StackParameters(order_burst=1000))
    for trader in (traders.buyer, traders.seller):
        busy.deposit(trader, FUNDS)
    pairs = [
        (
            busy.buy(traders.buyer, 1000, 1000, start=traders.start),
            busy.sell(traders.seller, 1000, 1000, start=traders.start),
        )
        for _ in range(120)
    ]

    def cost(buy: int, sell: int) -> int:
        return busy.do(traders.keeper, busy.trading, "matchOrders", buy, sell).gas_used

    figures = [cost(*pair) for pair in pairs]
    assert figures[3] == figures[50] == figures[118]
