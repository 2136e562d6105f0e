"""What the tests of EnergyTrading share: a buyer and a seller with money, a meter, and a period.

Amounts in Wh, money in base units, prices in money per kWh, times in Unix seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

from eth_account.signers.local import LocalAccount

from energy_grid.chain.contract import Call, Contract, EventLog
from energy_grid.chain.roles import Role
from energy_grid.chain.rpc.node import call_parameter
from energy_grid.contracts.errors import DecodedError
from energy_grid.domain.batch import BATCH_IDS
from energy_grid.domain.orders import OrderStatus, OrderType, TransactionStatus
from energy_grid.domain.periods import PeriodKind
from tests.support.market import MONDAY, Market, Receipt, actor
from tests.support.refusals import refused

__all__ = [
    "AMOUNT",
    "CREATE",
    "CREATE_NOW",
    "DAY",
    "FOREVER",
    "FUNDS",
    "HOUR",
    "PRICE",
    "RATED_POWER",
    "SETTLE",
    "SETTLE_SLOTS",
    "WEEK",
    "Energy",
    "Order",
    "Terms",
    "Traders",
    "Transaction",
    "all_transactions",
    "books",
    "endow",
    "of_batch",
    "open_traders",
    "refuses",
    "together",
]

CREATE = "createOrder(uint256,uint256,uint256,uint8,uint8,uint256)"
CREATE_NOW = "createOrder(uint256,uint256,uint256,uint8)"
SETTLE = "settleTransaction(uint256)"
SETTLE_SLOTS = "settleTransaction(uint256,uint256)"

HOUR, DAY, WEEK = 3600, 86_400, 604_800
FOREVER = 2**256 - 1

AMOUNT = 2_000
PRICE = 250_000
FUNDS = 1_000_000_000
# The largest that a meter can have, so that no reading here is implausible.
RATED_POWER = 2**31 - 1

_GAS = hex(1_000_000)
_GWEI = 10**9


class Order(NamedTuple):
    """`IEnergyTrading.Order`."""

    trader: str
    amount: int
    price: int
    expiry: int
    order_type: OrderType
    status: OrderStatus


class Terms(NamedTuple):
    """`IEnergyTrading.OrderTerms`."""

    remaining: int
    period: PeriodKind
    start: int
    end: int


class Transaction(NamedTuple):
    """`IEnergyTrading.Transaction`."""

    buyer: str
    seller: str
    amount: int
    delivered: int
    price: int
    period: PeriodKind
    start: int
    end: int
    settled_slots: int
    status: TransactionStatus
    late: bool = False


class Energy(NamedTuple):
    """`ISettlement.SlotEnergy`."""

    produced: int = 0
    consumed: int = 0
    sold: int = 0
    bought: int = 0
    closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Traders:
    """Traders at a market. Orders are for one hour that has not begun, by default."""

    market: Market
    buyer: LocalAccount
    seller: LocalAccount
    rival: LocalAccount
    meter: LocalAccount
    keeper: LocalAccount
    stranger: LocalAccount
    start: int = MONDAY + HOUR

    @property
    def end(self) -> int:
        """The first second after the usual period."""
        return self.start + HOUR

    @property
    def slot(self) -> int:
        """The first slot of the usual period."""
        return self.market.slot(self.start)

    @property
    def collateral(self) -> int:
        """What sellers lock per kWh."""
        return int(self.market.trading.call("COLLATERAL_PER_KWH"))

    # Orders

    def buy(
        self,
        amount: int = AMOUNT,
        price: int = PRICE,
        *,
        trader: LocalAccount | None = None,
        **terms: int,
    ) -> int:
        """Place a BUY order; its number."""
        return self.market.buy(
            trader or self.buyer, amount, price, **{"start": self.start, **terms}
        )

    def sell(
        self,
        amount: int = AMOUNT,
        price: int = PRICE,
        *,
        trader: LocalAccount | None = None,
        **terms: int,
    ) -> int:
        """Place a SELL order; its number."""
        terms = {"start": self.start, **terms}
        return self.market.sell(trader or self.seller, amount, price, **terms)

    def agree(
        self,
        amount: int = AMOUNT,
        price: int = PRICE,
        *,
        buyer: LocalAccount | None = None,
        seller: LocalAccount | None = None,
        **terms: int,
    ) -> int:
        """Place two orders that meet, and match them; the transaction's number."""
        buy = self.buy(amount, price, trader=buyer, **terms)
        return self.market.match(buy, self.sell(amount, price, trader=seller, **terms))

    def produce(self, wh: int, *, at: int, meter: LocalAccount | None = None) -> None:
        """The meter (the seller's) reports at exactly this second."""
        self.market.at(at).read_meter(meter or self.meter, timestamp=at, produced=wh)

    def settle(self, transaction: int, max_slots: int | None = None) -> Receipt:
        """The keeper settles, over at most so many slots if given."""
        if max_slots is None:
            return self.market.do(self.keeper, self.market.trading, SETTLE, transaction)
        return self.market.do(
            self.keeper, self.market.trading, SETTLE_SLOTS, transaction, max_slots
        )

    def set_fees(self, protocol_bps: int, grid_per_kwh: int) -> None:
        """The grid authority sets both fees."""
        authority = self.market.roles[Role.GRID_AUTHORITY]
        self.market.do(authority, self.market.settlement, "setFees", protocol_bps, grid_per_kwh)

    # What is read back

    def order(self, number: int) -> Order:
        return Order(*self.market.trading.call("getOrder", number))

    def terms(self, number: int) -> Terms:
        return Terms(*self.market.trading.call("getOrderTerms", number))

    def transaction(self, number: int) -> Transaction:
        return Transaction(*self.market.trading.call("getTransaction", number))

    def energy(self, account: LocalAccount, slot: int | None = None) -> Energy:
        slot = self.slot if slot is None else slot
        return Energy(*self.market.settlement.call("energyOf", account.address, slot))

    def money(self, account: LocalAccount) -> tuple[int, int]:
        """Available and locked."""
        return self.market.balance(account), self.market.locked(account)

    def debt(self, account: LocalAccount) -> int:
        return int(self.market.settlement.call("debtOf", account.address))

    def fees_owed(self) -> int:
        """What the treasury has of fees."""
        return int(self.market.settlement.call("treasuryOwed")[0])

    def number(self, account: LocalAccount) -> int:
        """The number that stands for an account in events of Settlement."""
        return int(self.market.settlement.call("numberOf", account.address))

    def logged(self, receipt: Receipt, contract: Contract, event: str) -> list[dict[str, Any]]:
        """The values of all events of one name."""
        return [dict(log.arguments) for log in self.market.events(receipt, contract, event)]

    def emitted(self, receipt: Receipt) -> list[str]:
        """Names of all events of the trading contract and Settlement, in order."""
        logs: list[EventLog] = []
        for contract in (self.market.trading, self.market.settlement, self.market.grid):
            logs += contract.events(receipt.logs)
        return [log.event for log in sorted(logs, key=lambda log: log.index)]


def open_traders(market: Market, *, funds: int = FUNDS, start: int = MONDAY + HOUR) -> Traders:
    """Traders at a market: the buyer, seller and rival have money, the seller has a meter."""
    accounts = [actor(role) for role in ("buyer", "seller", "rival")]
    for trader in accounts:
        market.deposit(trader, funds)
    buyer, seller, rival = accounts
    return Traders(
        market=market,
        buyer=buyer,
        seller=seller,
        rival=rival,
        meter=market.register_meter(seller, rated_power=RATED_POWER),
        keeper=actor("keeper"),
        stranger=actor("stranger"),
        start=start,
    )


def endow(market: Market, account: LocalAccount, amount: int) -> None:
    """Put money into an account's balance, however much."""
    market.node.rpc("anvil_dealERC20", account.address, market.dollar.address, hex(amount))
    market.do(account, market.dollar, "approve", market.settlement.address, FOREVER)
    market.do(account, market.settlement, "deposit", amount)


def together(market: Market, *sent: tuple[LocalAccount | str, Call]) -> list[bool]:
    """Carry out transactions in this order in one block; whether each succeeded."""
    node = market.node
    calls = [(sender if isinstance(sender, str) else sender.address, call) for sender, call in sent]
    for sender, _ in calls:
        market.node.set_balance(sender, 10**24)
    hashes = [
        node.rpc(
            "eth_sendTransaction",
            {
                **call_parameter(call.to, call.data, sender=sender),
                "gas": _GAS,
                # Who pays more comes first.
                "maxFeePerGas": hex((100 - position) * _GWEI),
                "maxPriorityFeePerGas": hex(_GWEI),
            },
        )
        for position, (sender, call) in enumerate(calls)
    ]
    node.mine()
    receipts = [node.rpc("eth_getTransactionReceipt", name) for name in hashes]
    assert len({receipt["blockNumber"] for receipt in receipts}) == 1
    places = [int(receipt["transactionIndex"], 16) for receipt in receipts]
    assert places == list(range(len(sent)))
    return [receipt["status"] == "0x1" for receipt in receipts]


@contextmanager
def refuses(market: Market, error: type[DecodedError], **values: Any) -> Iterator[None]:
    """What happens inside is refused with this error and all of these values, and the books stay
    as they were."""
    before = books(market)
    with refused(error, **values):
        yield
    assert books(market) == before


def of_batch(batch: int, place: int = 0) -> int:
    """The number of a transaction of a batch; places count from 0."""
    return batch * BATCH_IDS + place


def all_transactions(market: Market) -> list[Transaction]:
    """Those of pairs, then those of batches, each in the order of their numbers."""
    trading = market.trading
    firsts = [1, *(of_batch(batch + 1) for batch in range(trading.call("batchCount")))]
    pages = trading.call_many("getTransactions", [(first, FOREVER) for first in firsts])
    return [Transaction(*values) for page in pages for values in page]


def books(market: Market) -> list[Any]:
    """All that the views tell of orders, transactions, money, fees, and the energy traded.

    Not the storage roots: this node's also change when an empty word is read.
    """
    trading, settlement = market.trading, market.settlement
    batches = range(1, trading.call("batchCount") + 1)
    transactions = all_transactions(market)
    numbers = [(number,) for number in range(1, settlement.call("accountCount") + 1)]
    accounts = [(account,) for account in settlement.call_many("accountAt", numbers)]
    slots = [
        (who, slot)
        for transaction in transactions
        for who in (transaction.buyer, transaction.seller)
        for slot in range(market.slot(transaction.start), market.slot(transaction.end))
    ]
    return [
        *(trading.call("stopLevel"), trading.call("getOrders", 1, FOREVER), transactions),
        *(trading.call("orderCount"), trading.call("transactionCount"), accounts),
        trading.call_many("getBatch", [(batch,) for batch in batches]),
        *(settlement.call_many(view, accounts) for view in ("balanceOf", "lockedOf", "debtOf")),
        *(settlement.call("treasuryOwed"), settlement.call_many("energyOf", slots)),
    ]
