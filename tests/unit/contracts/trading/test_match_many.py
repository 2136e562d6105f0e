"""EnergyTrading.matchMany."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from energy_grid.contracts import errors
from energy_grid.domain.orders import OrderStatus, OrderType
from energy_grid.errors import ContractError
from tests.support.examples import on_chain, rewound
from tests.support.market import MONDAY, Receipt
from tests.unit.contracts.trading.desk import FOREVER, HOUR, PRICE, Desk, books, refuses

BUY, SELL = OrderType.BUY, OrderType.SELL

Pairs = list[tuple[int, int]]


def match_many(desk: Desk, pairs: Pairs) -> Receipt:
    buys, sells = [buy for buy, _ in pairs], [sell for _, sell in pairs]
    return desk.market.do(desk.keeper, desk.market.trading, "matchMany", buys, sells)


def matched(desk: Desk, pairs: Pairs) -> int:
    """What it would return."""
    trading = desk.market.trading
    buys, sells = [buy for buy, _ in pairs], [sell for _, sell in pairs]
    call = trading.prepare("matchMany", buys, sells)
    return int(trading.simulate(call, desk.keeper.address))


def skipped(desk: Desk, receipt: Receipt) -> list[tuple[int, int, str]]:
    """The pairs passed over, and why."""
    return [
        (log["buy_id"], log["sell_id"], errors.error_classes()[log["reason"]].__name__)
        for log in desk.market.events(receipt, desk.market.trading, "MatchSkipped")
    ]


@pytest.mark.parametrize(("buys", "sells"), [([1], []), ([], [2]), ([1, 1], [2]), ([1], [2, 2])])
def test_match_many__lists_of_different_length__is_refused(
    desk: Desk, buys: list[int], sells: list[int]
) -> None:
    desk.buy()
    desk.sell()
    with refuses(
        desk.market, errors.EnergyTrading_LengthMismatch, buys=len(buys), sells=len(sells)
    ):
        desk.market.do(desk.keeper, desk.market.trading, "matchMany", buys, sells)


def test_match_many__no_pairs__does_nothing(desk: Desk) -> None:
    desk.buy()
    before = books(desk.market)
    assert matched(desk, []) == 0
    assert match_many(desk, []).logs == []
    assert books(desk.market) == before


def test_match_many__all_matchable__are_matched_in_their_order(desk: Desk) -> None:
    pairs = [(desk.buy(100 * part), desk.sell(100 * part)) for part in (1, 2, 3)]
    pairs.reverse()
    assert matched(desk, pairs) == 3
    receipt = match_many(desk, pairs)

    assert desk.emitted(receipt) == ["OrdersMatched"] * 3
    assert desk.logged(receipt, desk.market.trading, "OrdersMatched") == [
        {
            "transaction_id": number,
            "buy_id": buy,
            "sell_id": sell,
            "amount": 100 * (4 - number),
            "price": PRICE,
        }
        for number, (buy, sell) in enumerate(pairs, start=1)
    ]
    assert [desk.transaction(number).amount for number in (1, 2, 3)] == [300, 200, 100]


def test_match_many__pairs_that_cannot_be__are_passed_over_with_their_reason(desk: Desk) -> None:
    buy, sell = desk.buy(), desk.sell()
    expiry = MONDAY + 500
    expired = desk.buy(expiry=expiry)
    cancelled = desk.buy()
    desk.market.do(desk.buyer, desk.market.trading, "cancelOrder", cancelled)
    later = desk.sell(start=MONDAY + 2 * HOUR)
    own = desk.sell(trader=desk.buyer)
    dear = desk.sell(price=PRICE + 1)
    tiny, cheap = desk.sell(1000, 1), desk.buy(999, PRICE, trader=desk.rival)
    reasons = {
        (99, sell): "EnergyTrading_NoSuchOrder",
        (cancelled, sell): "EnergyTrading_NotActive",
        (sell, buy): "EnergyTrading_WrongSide",
        (expired, sell): "EnergyTrading_Expired",
        (buy, later): "EnergyTrading_PeriodMismatch",
        (buy, own): "EnergyTrading_SelfTrade",
        (buy, dear): "EnergyTrading_NotCrossing",
        (cheap, tiny): "EnergyTrading_Dust",
        (FOREVER, FOREVER): "EnergyTrading_NoSuchOrder",
    }
    desk.market.go_to(expiry + 1)
    assert matched(desk, list(reasons)) == 0
    before = books(desk.market)
    receipt = match_many(desk, list(reasons))
    assert skipped(desk, receipt) == [(*pair, reason) for pair, reason in reasons.items()]
    assert desk.emitted(receipt) == ["MatchSkipped"] * len(reasons)
    assert books(desk.market) == before

    # Between them, the one that can be matched is.
    pairs = list(reasons)
    pairs.insert(4, (buy, sell))
    assert matched(desk, pairs) == 1
    receipt = match_many(desk, pairs)
    assert len(skipped(desk, receipt)) == len(reasons)
    assert desk.order(buy).status is desk.order(sell).status is OrderStatus.FILLED
    assert desk.market.trading.call("transactionCount") == 1


def test_match_many__impossible_after_an_earlier_pair__is_passed_over(desk: Desk) -> None:
    buy, sell = desk.buy(1000), desk.sell(1500)
    other = desk.buy(700, trader=desk.rival)
    pairs = [(buy, sell), (buy, sell), (other, sell), (other, sell)]
    assert matched(desk, pairs) == 2
    receipt = match_many(desk, pairs)

    assert skipped(desk, receipt) == [
        (buy, sell, "EnergyTrading_NotActive"),
        (other, sell, "EnergyTrading_NotActive"),
    ]
    assert [desk.transaction(number).amount for number in (1, 2)] == [1000, 500]
    assert desk.terms(other).remaining == 200


@settings(on_chain, max_examples=12)
@given(
    placed=st.lists(
        st.tuples(
            st.integers(0, 2),
            st.sampled_from(OrderType),
            st.integers(1, 3000),
            st.sampled_from([1, 1001, PRICE, PRICE + 1]),
        ),
        min_size=2,
        max_size=8,
    ),
    pairs=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=12),
)
def test_match_many__any_pairs__leave_what_matching_one_by_one_leaves(
    desk: Desk, placed: list[tuple[int, OrderType, int, int]], pairs: Pairs
) -> None:
    market, traders = desk.market, (desk.buyer, desk.seller, desk.rival)
    with rewound(market):
        for trader, side, amount, price in placed:
            if amount * price >= 1000:
                market.order(traders[trader], side, amount, price, start=desk.start)
        pairs = [*pairs, *((buy, sell) for buy in range(1, 7) for sell in range(1, 7))]
        with rewound(market):
            reasons = []
            for buy, sell in pairs:
                try:
                    market.do(desk.keeper, market.trading, "matchOrders", buy, sell)
                except ContractError as refusal:
                    reasons.append((buy, sell, refusal.name))
            one_by_one = books(market)
        assert matched(desk, pairs) == len(pairs) - len(reasons)
        receipt = match_many(desk, pairs)
        assert books(market) == one_by_one
        assert skipped(desk, receipt) == reasons
