"""What is under way when the market is shut down, and the way out of it."""

from __future__ import annotations

from dataclasses import dataclass

from energy_grid.client import OrderType, Period, PeriodKind, errors
from energy_grid.domain.enums import StopLevel
from scripts._walkthrough.common import only
from scripts._walkthrough.stage import Stage
from scripts._walkthrough.tokens import CENT

__all__ = ["Open", "leave_open", "tell_of_the_way_out", "tomorrow"]

_HOUR = 3600
_DAY = 24 * _HOUR


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
    call = stage.market.prepare_order(
        OrderType.BUY, energy=10_000, price=30 * CENT, period=tomorrow(stage)
    )
    ordered = stage.does("the consumer orders 10 kWh of tomorrow", consumer, call)
    numbers = []
    for name, person, side in (
        ("the prosumer offers", prosumer, OrderType.SELL),
        ("the neighbour wants", neighbour, OrderType.BUY),
    ):
        call = stage.market.prepare_order(side, energy=1000, price=25 * CENT)
        happened = stage.does(f"{name} 1 kWh of this hour at 25 cents", person, call)
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
    stage.wait(2 * _HOUR)
    happened = stage.does(
        "without a reading of the prosumer the neighbour gets 25 cents back, and 3 of collateral",
        neighbour,
        trading.settle_transaction(left.transaction),
    )
    ended = only(happened, "TransactionSettled")
    stage.check(
        (ended["refund"], ended["compensation"]) == (25 * CENT, 3 * CENT), f"it ended so: {ended}"
    )
    for person in (prosumer, consumer, neighbour):
        locked = settlement.locked_of(person.address)
        stage.check(locked == 0, f"{locked} are locked still")
    held = stage.market.energy_token.balance_of(spot.address)
    stage.check(held == 0, f"the spot market holds {held} Wh still")
    stage.says("All money of the three is theirs to withdraw, and no energy is held.")


def tomorrow(stage: Stage) -> Period:
    """The day after the one that it is."""
    return Period(kind=PeriodKind.DAILY, start=stage.now - stage.now % _DAY + _DAY)
