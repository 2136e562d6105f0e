"""The shortest way through the whole market: `make test-quick` ends with it."""

from __future__ import annotations

from tests.support.market import MONDAY, Market, actor

HOUR = 3600
PRICE = 200_000  # tUSD base units per kWh: 0.20 $


def test_market__one_trade__is_delivered_paid_closed_and_withdrawn(market: Market) -> None:
    seller, buyer = actor("seller"), actor("buyer")
    for person in (seller, buyer):
        market.deposit(person, 10_000_000)
    seller_meter, buyer_meter = market.register_meter(seller), market.register_meter(buyer)
    start = MONDAY + HOUR
    slot = market.slot(start)

    transaction = market.match(
        market.buy(buyer, 1500, PRICE, start=start), market.sell(seller, 1500, PRICE, start=start)
    )
    market.go_to(start + HOUR)
    market.read_meter(seller_meter, timestamp=start + HOUR, produced=2000)
    market.read_meter(buyer_meter, timestamp=start + HOUR, consumed=1800)
    market.settle(transaction)
    market.go_to(market.closable_at(slot))
    for person in (seller, buyer):
        market.do(actor("keeper"), market.settlement, "closeSlot", person.address, slot)

    # 1.5 kWh at 0.20 $; the buyer's last 0.3 kWh come from the grid at 0.30 $.
    assert market.balance(seller) == 10_000_000 + 300_000
    assert market.balance(buyer) == 10_000_000 - 300_000 - 90_000
    assert market.energy_token.call("balanceOf", seller.address) == 500
    before = market.dollar.call("balanceOf", seller.address)
    market.do(seller, market.settlement, "withdraw", 10_300_000, seller.address)
    assert market.dollar.call("balanceOf", seller.address) == before + 10_300_000
