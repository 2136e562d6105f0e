"""What is under way when the market is shut down, and the way out of it."""

from __future__ import annotations

from dataclasses import dataclass

from energy_grid.client import OrderType, Period, PeriodKind, errors
from energy_grid.domain.enums import StopLevel
from scripts._walkthrough.common import only
from scripts._walkthrough.houses import DAY, HOUR
from scripts._walkthrough.stage import Stage
from scripts._walkthrough.tokens import CENT, dollars

__all__ = ["Open", "leave_open", "tell_of_the_way_out"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """Numbers of what is under way when the market is stopped."""

    order: int
    transaction: int
    offer: int


def leave_open(stage: Stage) -> Open:
    """A chapter with an order, a trade and an offer that are left as they are."""
    trading, spot, token = stage.market.trading, stage.market.spot, stage.market.energy_token
    prosumer, consumer, neighbour = (
        stage.person(name) for name in ("the prosumer", "the consumer", "the neighbour")
    )
    stage.chapter("Before something goes wrong")
    tomorrow = Period(kind=PeriodKind.DAILY, start=stage.now // DAY * DAY + DAY)
    call = stage.market.prepare_order(OrderType.BUY, energy=9600, price=30 * CENT, period=tomorrow)
    ordered = stage.does("the consumer orders 9.6 kWh of tomorrow", consumer, call)
    numbers = []
    for name, person, side in (
        ("the prosumer offers", prosumer, OrderType.SELL),
        ("the neighbour wants", neighbour, OrderType.BUY),
    ):
        call = stage.market.prepare_order(side, energy=1000, price=25 * CENT)
        happened = stage.does(f"{name} 1 kWh of the next hour at 25 cents", person, call)
        numbers.append(only(happened, "OrderCreated")["order_id"])
    sell, buy = numbers
    matched = stage.does("they are matched", neighbour, trading.match_orders(buy, sell))
    stage.does(
        "the prosumer allows 0.1 kWh of its credits", prosumer, token.approve(spot.address, 100)
    )
    offered = stage.does("and offers them", prosumer, spot.create_energy_offer(100, 27 * CENT))
    return Open(
        order=only(ordered, "OrderCreated")["order_id"],
        transaction=only(matched, "OrdersMatched")["transaction_id"],
        offer=only(offered, "EnergyOfferCreated")["offer_id"],
    )


def tell_of_the_way_out(stage: Stage, left: Open) -> None:
    """How all accounts end their orders and trades once the market is shut down."""
    trading, spot, settlement = stage.market.trading, stage.market.spot, stage.market.settlement
    prosumer, consumer, neighbour = (
        stage.person(name) for name in ("the prosumer", "the consumer", "the neighbour")
    )
    stage.chapter("Exits stay open")
    stage.refuses(
        "a new order",
        errors.EmergencyStop_Stopped,
        consumer,
        stage.market.prepare_order(OrderType.BUY, energy=1000, price=25 * CENT),
        level=StopLevel.SHUTDOWN,
    )
    stage.does(
        "the consumer cancels its order",
        consumer,
        trading.cancel_order(left.order),
        "OrderCancelled",
    )
    stage.does("and what it may have signed", consumer, trading.cancel_signed([99]))
    stage.does("the prosumer cancels its offer", prosumer, spot.cancel_energy_offer(left.offer))
    stage.wait_until(stage.now // DAY * DAY + DAY + HOUR)
    before = settlement.balance_of(prosumer.address), settlement.balance_of(neighbour.address)
    stage.does(
        "a day later the trade is settled; nothing was read of the prosumer",
        neighbour,
        trading.settle_transaction(left.transaction),
        "TransactionSettled",
    )
    got = settlement.balance_of(prosumer.address) - before[0]
    # 25 cents and the cover of 65, less the deficit at 30.
    stage.check(got == 60 * CENT, f"the prosumer has got {got}")
    stage.shows(
        "what the prosumer has got: price and cover, less 30 cents for the deficit", dollars(got)
    )
    fed_in = settlement.balance_of(neighbour.address) - before[1]
    stage.check(fed_in == 8 * CENT, f"the neighbour has got {fed_in}")
    stage.shows("the neighbour, whose kWh was fed in", dollars(fed_in))
    held = stage.market.energy_token.balance_of(spot.address)
    stage.check(held == 0, f"the spot market holds {held} Wh still")
    stage.says("No order locks money any more, and no energy is held.")
