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
from tests.support.callers import outsiders
from tests.support.market import MONDAY, Receipt
from tests.unit.contracts.trading.traders import (
    AMOUNT,
    CREATE,
    CREATE_NOW,
    FOREVER,
    FUNDS,
    PRICE,
    SETTLE,
    SETTLE_SLOTS,
    Traders,
    refuses,
)

__all__ = [
    "OngoingTrade",
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
Stop = Callable[[Traders], Receipt]


@dataclass(frozen=True, slots=True, kw_only=True)
class OngoingTrade:
    """What is under way when the market stops: orders to cancel, one of them expired, two that
    cross, and transactions to settle, for 1000 Wh that were produced."""

    own: int
    expired: int
    buy: int
    sell: int
    transactions: tuple[int, int, int]

    @classmethod
    def begin(cls, traders: Traders) -> OngoingTrade:
        ongoing = cls(
            own=traders.buy(),
            expired=traders.buy(trader=traders.rival, expiry=MONDAY + 600),
            buy=traders.buy(price=PRICE + 1),
            sell=traders.sell(price=PRICE + 1),
            transactions=(traders.agree(300), traders.agree(300), traders.agree(AMOUNT)),
        )
        traders.produce(1000, at=traders.start + 600)
        return ongoing


def level(traders: Traders) -> StopLevel:
    found: StopLevel = traders.market.trading.call("stopLevel")
    return found


def pause(traders: Traders, sender: str | LocalAccount | None = None) -> Receipt:
    return _restricted(traders, "pause", sender or traders.market.roles[Role.GUARDIAN])


def unpause(traders: Traders, sender: str | LocalAccount | None = None) -> Receipt:
    return _restricted(traders, "unpause", sender or traders.market.roles[Role.GUARDIAN])


def shut_down(traders: Traders, sender: str | LocalAccount | None = None) -> Receipt:
    return _restricted(traders, "shutdown", sender or traders.market.roles[Role.ADMIN])


def others(traders: Traders, role: Role) -> list[str]:
    """Everybody who does not hold a role: those with other roles, the deployer, and people."""
    holders = outsiders(traders.market, role)
    deployer = traders.market.node.rpc("eth_accounts")[0]
    people = (traders.buyer, traders.stranger)
    return [*holders, checksum(deployer), *(person.address for person in people)]


def assert_new_refused(traders: Traders, ongoing: OngoingTrade, stopped: StopLevel) -> None:
    """Orders and matches are refused, whatever else is wrong with them."""
    trading = traders.market.trading
    for trader, side in ((traders.buyer, OrderType.BUY), (traders.seller, OrderType.SELL)):
        for amount in (AMOUNT, 0):
            for function, period in ((CREATE_NOW, ()), (CREATE, (0, traders.end))):
                arguments = (amount, PRICE, FOREVER, side, *period)
                with refuses(traders.market, errors.EmergencyStop_Stopped, level=stopped):
                    traders.market.do(trader, trading, function, *arguments)
    for pair in ((ongoing.buy, ongoing.sell), (0, 0)):
        with refuses(traders.market, errors.EmergencyStop_Stopped, level=stopped):
            traders.market.do(traders.keeper, trading, "matchOrders", *pair)
    for pairs in (([ongoing.buy], [ongoing.sell]), ([], []), ([1], [])):
        with refuses(traders.market, errors.EmergencyStop_Stopped, level=stopped):
            traders.market.do(traders.keeper, trading, "matchMany", *pairs)


def assert_exits_open(traders: Traders, ongoing: OngoingTrade) -> None:
    """Everything ends as it would have, and everybody can take out all that is theirs."""
    market, trading = traders.market, traders.market.trading
    first, second, third = ongoing.transactions
    # Cancelling, by the owner and, once expired, by anyone.
    market.do(traders.buyer, trading, "cancelOrder", ongoing.own)
    market.do(traders.stranger, trading, "cancelOrder", ongoing.expired)
    assert traders.order(ongoing.own).status is OrderStatus.CANCELLED
    assert traders.order(ongoing.expired).status is OrderStatus.CANCELLED
    # Settling what is metered, in all forms, and what is not once it is final.
    market.do(traders.keeper, trading, SETTLE, first)
    market.do(traders.keeper, trading, SETTLE_SLOTS, second, 1)
    market.do(traders.keeper, trading, "settleMany", [third], 1)
    assert [traders.transaction(number).delivered for number in (first, second, third)] == [
        *(300, 300, 400)
    ]
    market.go_to(market.closable_at(traders.slot))
    market.do(traders.keeper, trading, SETTLE, third)
    assert traders.transaction(third).status is TransactionStatus.SETTLED
    market.do(traders.stranger, trading, "cancelOrder", ongoing.buy)
    market.do(traders.stranger, trading, "cancelOrder", ongoing.sell)
    market.do(traders.keeper, market.settlement, "closeSlot", traders.seller.address, traders.slot)

    paid = 2 * cost_down(300, PRICE) + cost_down(400, PRICE)
    compensation = collateral(AMOUNT - 400, traders.collateral)
    for trader, money in (
        (traders.buyer, FUNDS - paid + compensation),
        (traders.seller, FUNDS + paid - compensation),
        (traders.rival, FUNDS),
    ):
        assert traders.money(trader) == (money, 0)
        before = market.dollar.call("balanceOf", trader.address)
        market.do(trader, market.settlement, "withdraw", money, trader.address)
        assert market.dollar.call("balanceOf", trader.address) == before + money


def _restricted(traders: Traders, function: str, sender: str | LocalAccount) -> Receipt:
    return traders.market.do(sender, traders.market.trading, function)
