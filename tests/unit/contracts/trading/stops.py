"""What pausing and shutting down must refuse, and what they must leave open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from eth_account.signers.local import LocalAccount

from energy_grid.chain.abi import checksum
from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.costs import collateral, cost_down
from energy_grid.domain.enums import StopLevel
from energy_grid.domain.orders import OrderStatus, OrderType, TransactionStatus
from tests.support.market import MONDAY, Receipt
from tests.support.parties import outsiders
from tests.unit.contracts.trading.desk import (
    AMOUNT,
    CREATE,
    CREATE_NOW,
    FOREVER,
    FUNDS,
    PRICE,
    SETTLE,
    SETTLE_SLOTS,
    Desk,
    refuses,
)

__all__ = [
    "Business",
    "Stop",
    "assert_exits_open",
    "assert_new_refused",
    "level",
    "others",
    "pause",
    "shut_down",
    "unpause",
]

# `pause` or `shut_down`.
Stop = Callable[[Desk], Receipt]


@dataclass(frozen=True, slots=True, kw_only=True)
class Business:
    """What is under way when the market stops: orders to cancel, one of them expired, two that
    cross, and transactions to settle, for 1000 Wh that were produced."""

    own: int
    expired: int
    buy: int
    sell: int
    transactions: tuple[int, int, int]

    @classmethod
    def begin(cls, desk: Desk) -> Business:
        business = cls(
            own=desk.buy(),
            expired=desk.buy(trader=desk.rival, expiry=MONDAY + 600),
            buy=desk.buy(price=PRICE + 1),
            sell=desk.sell(price=PRICE + 1),
            transactions=(desk.agree(300), desk.agree(300), desk.agree(AMOUNT)),
        )
        desk.produce(1000, at=desk.start + 600)
        return business


def level(desk: Desk) -> StopLevel:
    found: StopLevel = desk.market.trading.call("stopLevel")
    return found


def pause(desk: Desk, sender: str | LocalAccount | None = None) -> Receipt:
    return _restricted(desk, "pause", sender or desk.market.roles[Role.GUARDIAN])


def unpause(desk: Desk, sender: str | LocalAccount | None = None) -> Receipt:
    return _restricted(desk, "unpause", sender or desk.market.roles[Role.GUARDIAN])


def shut_down(desk: Desk, sender: str | LocalAccount | None = None) -> Receipt:
    return _restricted(desk, "shutdown", sender or desk.market.roles[Role.ADMIN])


def others(desk: Desk, role: Role) -> list[str]:
    """Everybody who does not hold a role: those with other roles, the deployer, and people."""
    holders = outsiders(desk.market, role)
    deployer = desk.market.node.rpc("eth_accounts")[0]
    people = (desk.buyer, desk.stranger)
    return [*holders, checksum(deployer), *(person.address for person in people)]


def assert_new_refused(desk: Desk, business: Business, stopped: StopLevel) -> None:
    """Orders and matches are refused, whatever else is wrong with them."""
    trading = desk.market.trading
    for trader, side in ((desk.buyer, OrderType.BUY), (desk.seller, OrderType.SELL)):
        for amount in (AMOUNT, 0):
            for function, period in ((CREATE_NOW, ()), (CREATE, (0, desk.end))):
                arguments = (amount, PRICE, FOREVER, side, *period)
                with refuses(desk.market, errors.EmergencyStop_Stopped, level=stopped):
                    desk.market.do(trader, trading, function, *arguments)
    for pair in ((business.buy, business.sell), (0, 0)):
        with refuses(desk.market, errors.EmergencyStop_Stopped, level=stopped):
            desk.market.do(desk.keeper, trading, "matchOrders", *pair)
    for pairs in (([business.buy], [business.sell]), ([], []), ([1], [])):
        with refuses(desk.market, errors.EmergencyStop_Stopped, level=stopped):
            desk.market.do(desk.keeper, trading, "matchMany", *pairs)


def assert_exits_open(desk: Desk, business: Business) -> None:
    """Everything ends as it would have, and everybody can take out all that is theirs."""
    market, trading = desk.market, desk.market.trading
    first, second, third = business.transactions
    # Cancelling, by the owner and, once expired, by anyone.
    market.do(desk.buyer, trading, "cancelOrder", business.own)
    market.do(desk.stranger, trading, "cancelOrder", business.expired)
    assert desk.order(business.own).status is OrderStatus.CANCELLED
    assert desk.order(business.expired).status is OrderStatus.CANCELLED
    # Settling what is metered, in all forms, and what is not once it is final.
    market.do(desk.keeper, trading, SETTLE, first)
    market.do(desk.keeper, trading, SETTLE_SLOTS, second, 1)
    market.do(desk.keeper, trading, "settleMany", [third], 1)
    assert [desk.transaction(number).delivered for number in (first, second, third)] == [
        *(300, 300, 400)
    ]
    market.go_to(market.closable_at(desk.slot))
    market.do(desk.keeper, trading, SETTLE, third)
    assert desk.transaction(third).status is TransactionStatus.SETTLED
    market.do(desk.stranger, trading, "cancelOrder", business.buy)
    market.do(desk.stranger, trading, "cancelOrder", business.sell)
    market.do(desk.keeper, market.settlement, "closeSlot", desk.seller.address, desk.slot)

    paid = 2 * cost_down(300, PRICE) + cost_down(400, PRICE)
    compensation = collateral(AMOUNT - 400, desk.collateral)
    for trader, money in (
        (desk.buyer, FUNDS - paid + compensation),
        (desk.seller, FUNDS + paid - compensation),
        (desk.rival, FUNDS),
    ):
        assert desk.money(trader) == (money, 0)
        before = market.dollar.call("balanceOf", trader.address)
        market.do(trader, market.settlement, "withdraw", money, trader.address)
        assert market.dollar.call("balanceOf", trader.address) == before + money


def _restricted(desk: Desk, function: str, sender: str | LocalAccount) -> Receipt:
    return desk.market.do(sender, desk.market.trading, function)
