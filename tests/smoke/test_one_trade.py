"""The shortest way through the whole market: `make test-quick` ends with it."""

from __future__ import annotations

from tests.support.market import DAY, MONDAY, Market, actor

HOUR = 3600
TUESDAY = MONDAY + DAY
PRICE = 200_000  # tUSD base units per kWh: 0.20 $


def test_market__one_trade__is_metered_closed_and_withdrawn(market: Market) -> None:
    seller, buyer = actor("seller"), actor("buyer")
    meters = {}
    for person in (seller, buyer):
        market.deposit(person, 100_000_000)
        meters[person] = market.register_meter(person)
    trade = market.match(
        market.buy(buyer, 1500, PRICE, start=TUESDAY),
        market.sell(seller, 1500, PRICE, start=TUESDAY),
    )
    market.go_to(market.closable_at(TUESDAY // DAY))
    market.measure(meters[seller], (0, 2000), *23 * [(0, 0)])
    market.measure(meters[buyer], (1800, 0), *23 * [(0, 0)])
    market.settle(trade)

    # 1.5 kWh at 0.20 $; of the rest, 0.5 kWh are fed in at 0.08 $, 0.3 kWh come at 0.30 $.
    assert market.balance(buyer) == 100_000_000 - 300_000 - 90_000
    assert market.balance(seller) == 100_000_000 + 300_000 + 40_000
    before = market.dollar.call("balanceOf", seller.address)
    market.do(seller, market.settlement, "withdraw", 10_340_000, seller.address)
    assert market.dollar.call("balanceOf", seller.address) == before + 10_340_000
