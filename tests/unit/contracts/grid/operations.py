"""What participants and the authority do at the grid, in short, and what it says of itself then.

Energy in Wh, money in base units, prices in money per kWh.
"""

from __future__ import annotations

from typing import Any

from eth_account.signers.local import LocalAccount

from energy_grid.chain.contract import structure
from energy_grid.chain.roles import Role
from energy_grid.contracts.grid_management import (
    ConsumerInfo,
    GridStatus,
    ProducerInfo,
    StorageInfo,
)
from tests.support.market import MONDAY, Market, Receipt, actor

__all__ = [
    "BASE",
    "HOUR",
    "SLOT",
    "as_authority",
    "base_price_of",
    "charge",
    "charge_in_circles",
    "consume",
    "consumer_info",
    "discharge",
    "give",
    "logged",
    "price_of",
    "produce",
    "producer_info",
    "register_producer",
    "register_storage",
    "status",
    "storage_info",
]

HOUR = 3600
SLOT = MONDAY // HOUR
# The base price that the market is deployed with.
BASE = 300_000


def as_authority(market: Market, function: str, *arguments: Any) -> Receipt:
    """What only the grid authority may do."""
    return market.do(market.roles[Role.GRID_AUTHORITY], market.grid, function, *arguments)


def register_producer(
    market: Market, account: LocalAccount, capacity: int, energy_type: int = 0
) -> Receipt:
    return market.do(account, market.grid, "registerProducer", capacity, energy_type)


def register_storage(
    market: Market, account: LocalAccount, capacity: int, charge_rate: int, discharge_rate: int
) -> Receipt:
    return market.do(account, market.grid, "registerStorage", capacity, charge_rate, discharge_rate)


def produce(market: Market, producer: LocalAccount, amount: int) -> Receipt:
    return market.do(producer, market.grid, "reportProduction", amount)


def consume(market: Market, consumer: LocalAccount, amount: int) -> Receipt:
    return market.do(consumer, market.grid, "consumeEnergy", amount)


def charge(market: Market, owner: LocalAccount, amount: int) -> Receipt:
    return market.do(owner, market.grid, "chargeStorage", amount)


def discharge(market: Market, owner: LocalAccount, amount: int) -> Receipt:
    return market.do(owner, market.grid, "dischargeStorage", amount)


def charge_in_circles(market: Market, amount: int, times: int) -> None:
    """Draw `amount` so many times, though it is there only once, with a storage of its own."""
    owner = actor(f"circle of {amount} {times} times")
    register_storage(market, owner, amount, amount * times, amount * times)
    for turn in range(times):
        if turn > 0:
            discharge(market, owner, amount)
        charge(market, owner, amount)


def give(market: Market, account: LocalAccount, amount: int) -> None:
    """Put money into an account's balance, however much."""
    market.node.rpc("anvil_dealERC20", account.address, market.dollar.address, hex(amount))
    market.do(account, market.dollar, "approve", market.settlement.address, 2**256 - 1)
    market.do(account, market.settlement, "deposit", amount)


def status(market: Market) -> GridStatus:
    return structure(GridStatus, market.grid.call("getGridStatus"))


def producer_info(market: Market, account: LocalAccount) -> ProducerInfo:
    return structure(ProducerInfo, market.grid.call("getProducerInfo", account.address))


def consumer_info(market: Market, account: LocalAccount) -> ConsumerInfo:
    return structure(ConsumerInfo, market.grid.call("getConsumerInfo", account.address))


def storage_info(market: Market, account: LocalAccount) -> StorageInfo:
    return structure(StorageInfo, market.grid.call("getStorageInfo", account.address))


def price_of(market: Market, slot: int) -> int:
    return int(market.grid.call("priceOf", slot))


def base_price_of(market: Market, slot: int) -> int:
    return int(market.grid.call("basePriceOf", slot))


def logged(market: Market, receipt: Receipt, event: str) -> list[dict[str, Any]]:
    """The grid's events of one name, by the names of their values."""
    return [dict(one.arguments) for one in market.events(receipt, market.grid, event)]
