"""The market of a trading day on a chain: each call sends what it says and waits for its blocks.

Households place and cancel their orders themselves; their meters sign the readings, which a
gateway relays. Matching, settling and closing are open to all; here the keeper does it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from energy_grid.chain.accounts import Account
from energy_grid.chain.rpc.node import DevNode
from energy_grid.chain.tx.receipts import Receipt
from energy_grid.client import EnergyGrid
from energy_grid.contracts.smart_meter import MeterReading, SignedReading
from energy_grid.demo.auction import Pair, PlacedOrder
from energy_grid.demo.bidding import Offer
from energy_grid.demo.residents import Resident
from energy_grid.demo.sender import GasCountingSender, Operation
from energy_grid.demo.trading_day import Fill, Reading
from energy_grid.domain.periods import Period

__all__ = ["GATEWAY", "KEEPER", "ChainMarket"]

GATEWAY, KEEPER = Account.local(6), Account.local(7)

# The profiles know energy alone: frequency in centihertz and voltage in decivolts are nominal.
_FREQUENCY, _VOLTAGE = 5000, 2300
_READINGS, _PAIRS, _TRADES = 50, 50, 50

Item = TypeVar("Item")


class ChainMarket:
    """`energy_grid.demo.trading_day.Market` on the contracts of a development node."""

    def __init__(
        self,
        node: DevNode,
        contracts: EnergyGrid,
        sender: GasCountingSender,
        people: Sequence[Resident],
    ) -> None:
        self._node = node
        self._contracts = contracts
        self._sender = sender
        self._people = {person.household.number: person for person in people}

    def advance_to(self, timestamp: int) -> None:
        """Set the chain's clock forward to a Unix second; nothing if it is past."""
        if self._node.time < timestamp:
            self._node.set_time(timestamp)

    def place(self, offers: Sequence[Offer], period: Period) -> list[PlacedOrder]:
        """Place each household's order; they come back with the ids that the chain gave them."""
        trading = self._contracts.trading
        receipts = self._sender.send(
            Operation.PLACE,
            [
                (
                    self._people[offer.household].wallet,
                    self._contracts.prepare_order(
                        offer.order_type, energy=offer.wh, price=offer.price, period=period
                    ),
                )
                for offer in offers
            ],
        )
        return [
            PlacedOrder(
                id=trading.events(receipt.logs, "OrderCreated")[0]["order_id"],
                household=offer.household,
                order_type=offer.order_type,
                wh=offer.wh,
                price=offer.price,
            )
            for offer, receipt in zip(offers, receipts, strict=True)
        ]

    def match(self, pairs: Sequence[Pair]) -> list[Fill]:
        """Match pairs in their order; gives what the chain did, which can be less."""
        trading = self._contracts.trading
        chunks = _chunks(pairs, _PAIRS)
        receipts = self._sender.send(
            Operation.MATCH,
            [
                (
                    KEEPER,
                    trading.match_many(
                        [pair.buy_id for pair in chunk], [pair.sell_id for pair in chunk]
                    ),
                )
                for chunk in chunks
            ],
            sizes=[len(chunk) for chunk in chunks],
        )
        return [
            Fill(
                transaction_id=log["transaction_id"],
                pair=Pair(
                    buy_id=log["buy_id"],
                    sell_id=log["sell_id"],
                    wh=log["amount"],
                    price=log["price"],
                ),
            )
            for receipt in receipts
            for log in trading.events(receipt.logs, "OrdersMatched")
        ]

    def cancel(self, orders: Sequence[PlacedOrder]) -> None:
        """Take orders back: each by the household that placed it."""
        trading = self._contracts.trading
        self._sender.send(
            Operation.CANCEL,
            [
                (self._people[order.household].wallet, trading.cancel_order(order.id))
                for order in orders
            ],
        )

    def report(self, readings: Sequence[Reading], operation: Operation = Operation.RELAY) -> None:
        """Have the readings signed by their meters and relayed."""
        chunks = _chunks([self._sign(reading) for reading in readings], _READINGS)
        self._sender.send(
            operation,
            [(GATEWAY, self._contracts.meters.submit_signed_readings(chunk)) for chunk in chunks],
            sizes=[len(chunk) for chunk in chunks],
        )

    def settle(self, transaction_ids: Sequence[int]) -> list[int]:
        """Settle what can be settled; gives those that are not at their end."""
        trading = self._contracts.trading
        chunks = _chunks(transaction_ids, _TRADES)
        receipts = self._sender.send(
            Operation.SETTLE,
            [(KEEPER, trading.settle_many(chunk, 1)) for chunk in chunks],
            sizes=[len(chunk) for chunk in chunks],
        )
        ended = _numbers(receipts, self._contracts)
        return [number for number in transaction_ids if number not in ended]

    def close(
        self, slot: int, households: Sequence[int], operation: Operation = Operation.CLOSE
    ) -> None:
        """Balance the slot of each household."""
        settlement = self._contracts.settlement
        self._sender.send(
            operation,
            [
                (KEEPER, settlement.close_slot(self._people[number].wallet.address, slot))
                for number in households
            ],
        )

    def _sign(self, reading: Reading) -> SignedReading:
        taken = MeterReading(
            timestamp=reading.timestamp,
            consumption=reading.consumed_wh,
            production=reading.produced_wh,
            grid_frequency=_FREQUENCY,
            voltage=_VOLTAGE,
        )
        return self._contracts.sign_reading(self._people[reading.household].meter, taken)


def _numbers(receipts: Iterable[Receipt], contracts: EnergyGrid) -> set[int]:
    """The transactions that have ended in these receipts."""
    return {
        log["transaction_id"]
        for receipt in receipts
        for log in contracts.trading.events(receipt.logs, "TransactionSettled")
    }


def _chunks(items: Sequence[Item], size: int) -> list[Sequence[Item]]:
    return [items[first : first + size] for first in range(0, len(items), size)]
