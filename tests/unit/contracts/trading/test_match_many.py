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
from tests.unit.contracts.trading.traders import FOREVER, HOUR, PRICE, Traders, books, refuses

BUY, SELL = OrderType.BUY, OrderType.SELL

Pairs = list[tuple[int, int]]


def match_many(traders: Traders, pairs: Pairs) -> Receipt:
    buys, sells = [buy for buy, _ in pairs], [sell for _, sell in pairs]
    return traders.market.do(traders.keeper, traders.market.trading, "matchMany", buys, sells)


def matched(traders: Traders, pairs: Pairs) -> int:
    """What it would return."""
    trading = traders.market.trading
    buys, sells = [buy for buy, _ in pairs], [sell for _, sell in pairs]
    call = trading.prepare("matchMany", buys, sells)
    return int(trading.simulate(call, traders.keeper.address))


def skipped(traders: Traders, receipt: Receipt) -> list[tuple[int, int, str]]:
    """The pairs passed over, and why."""
    return [
        (log["buy_id"], log["sell_id"], errors.error_classes()[log["reason"]].__name__)
        for log in traders.market.events(receipt, traders.market.trading, "MatchSkipped")
    ]


@pytest.mark.parametrize(("buys", "sells"), [([1], []), ([], [2]), ([1, 1], [2]), ([1], [2, 2])])
def test_match_many__lists_of_different_length__is_refused(
    traders: Traders, buys: list[int], sells: list[int]
) -> None:
    traders.buy()
    traders.sell()
    with refuses(
        traders.market, errors.EnergyTrading_LengthMismatch, buys=len(buys), sells=len(sells)
    ):
        traders.market.do(traders.keeper, traders.market.trading, "matchMany", buys, sells)


def test_match_many__no_pairs__does_nothing(traders: Traders) -> None:
    traders.buy()
    before = books(traders.market)
    assert matched(traders, []) == 0
    assert match_many(traders, []).logs == []
    assert books(traders.market) == before


def test_match_many__all_matchable__are_matched_in_their_order(traders: Traders) -> None:
    pairs = [(traders.buy(100 * part), traders.sell(100 * part)) for part in (1, 2, 3)]
    pairs.reverse()
    assert matched(traders, pairs) == 3
    receipt = match_many(traders, pairs)

    assert traders.emitted(receipt) == ["OrdersMatched"] * 3
    assert traders.logged(receipt, traders.market.trading, "OrdersMatched") == [
        {
            "transaction_id": number,
            "buy_id": buy,
            "sell_id": sell,
            "amount": 100 * (4 - number),
            "price": PRICE,
        }
        for number, (buy, sell) in enumerate(pairs, start=1)
    ]
    assert [traders.transaction(number).amount for number in (1, 2, 3)] == [300, 200, 100]


def test_match_many__pairs_that_cannot_be__are_passed_over_with_their_reason(
    traders: Traders,
) -> None:
    buy, sell = traders.buy(), traders.sell()
    expiry = MONDAY + 500
    expired = traders.buy(expiry=expiry)
    cancelled = traders.buy()
    traders.market.do(traders.buyer, traders.market.trading, "cancelOrder", cancelled)
    later = traders.sell(start=MONDAY + 2 * HOUR)
    own = traders.sell(trader=traders.buyer)
    dear = traders.sell(price=PRICE + 1)
    tiny, cheap = traders.sell(1000, 1), traders.buy(999, PRICE, trader=traders.rival)
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
    traders.market.go_to(expiry + 1)
    assert matched(traders, list(reasons)) == 0
    before = books(traders.market)
    receipt = match_many(traders, list(reasons))
    assert skipped(traders, receipt) == [(*pair, reason) for pair, reason in reasons.items()]
    assert traders.emitted(receipt) == ["MatchSkipped"] * len(reasons)
    assert books(traders.market) == before

    # Between them, the one that can be matched is.
    pairs = list(reasons)
    pairs.insert(4, (buy, sell))
    assert matched(traders, pairs) == 1
    receipt = match_many(traders, pairs)
    assert len(skipped(traders, receipt)) == len(reasons)
    assert traders.order(buy).status is traders.order(sell).status is OrderStatus.FILLED
    assert traders.market.trading.call("transactionCount") == 1


def test_match_many__impossible_after_an_earlier_pair__is_passed_over(traders: Traders) -> None:
    buy, sell = traders.buy(1000), traders.sell(1500)
    other = traders.buy(700, trader=traders.rival)
    pairs = [(buy, sell), (buy, sell), (other, sell), (other, sell)]
    assert matched(traders, pairs) == 2
    receipt = match_many(traders, pairs)

    assert skipped(traders, receipt) == [
        (buy, sell, "EnergyTrading_NotActive"),
        (other, sell, "EnergyTrading_NotActive"),
    ]
    assert [traders.transaction(number).amount for number in (1, 2)] == [1000, 500]
    assert traders.terms(other).remaining == 200


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
    traders: Traders, placed: list[tuple[int, OrderType, int, int]], pairs: Pairs
) -> None:
    market, accounts = traders.market, (traders.buyer, traders.seller, traders.rival)
    with rewound(market):
        for trader, side, amount, price in placed:
            if amount * price >= 1000:
                market.order(accounts[trader], side, amount, price, start=traders.start)
        pairs = [*pairs, *((buy, sell) for buy in range(1, 7) for sell in range(1, 7))]
        with rewound(market):
            reasons = []
            for buy, sell in pairs:
                try:
                    market.do(traders.keeper, market.trading, "matchOrders", buy, sell)
                except ContractError as refusal:
                    reasons.append((buy, sell, refusal.name))
            one_by_one = books(market)
        assert matched(traders, pairs) == len(pairs) - len(reasons)
        receipt = match_many(traders, pairs)
        assert books(market) == one_by_one
        assert skipped(traders, receipt) == reasons
