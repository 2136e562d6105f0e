"""Sends the demo's transactions and counts their gas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from typing import TypeVar

from energy_grid.chain.contract import Call
from energy_grid.chain.rpc.node import DevNode
from energy_grid.chain.tx.multisig import Actor, Multisig
from energy_grid.chain.tx.receipts import Receipt
from energy_grid.chain.tx.sender import Policy, Sender
from energy_grid.demo.gas import GasMeter
from energy_grid.market.plan import Plan

__all__ = ["GasCountingSender", "Operation", "Part"]

Result = TypeVar("Result")

_GAS_PER_ITEM, _GAS_BESIDES = 220_000, 100_000
# Anvil takes only up to 64 transactions of one request in their order.
_BATCH = 50


class Part(StrEnum):
    """What the gas of a day is for."""

    SETTLING = "reading, sharing and settling"
    TRADES = "trades and energy credits"
    RESPONSE = "demand response"
    CERTIFICATES = "certificates"
    ASSETS = "assets"
    GRID = "the grid's operator"


class Operation(StrEnum):
    """What is sent, in the order in which one leads to the other."""

    FUND = "fund the grid account"
    FAUCET = "faucet"
    DEPOSIT = "deposit with permit"
    METER = "register meter"
    PARTICIPANT = "register participant"
    CONFIRM = "confirm participant"
    FOUND = "found community with gateway"
    JOIN = "join community by signature"
    FIRST_READING = "first reading of a meter"
    FIRST_CLOSE = "close the day of joining"
    OPERATOR = "set up operator and event"
    DAYS_BEFORE = "all of the days before"
    KEEP = "choose to keep credits"
    PLANT = "register plant"
    DIVIDE = "divide plant into shares"
    SHARE = "hand over shares"
    ANCHOR = "anchor the day's leaves"
    SETTLE = "settle the day"
    TRADE = "trade signed orders"
    REDEEM = "redeem energy credits"
    EVENT = "announce and end event"
    HISTORY = "prove readings"
    VERIFY = "verify reduction"
    REWARD = "distribute rewards"
    CERTIFICATES = "issue and retire certificates"
    CREDITS = "issue carbon credits"
    RETIRE = "retire carbon credits"
    PLANT_READING = "relay readings of plants"
    REVENUE = "send revenue"
    CLAIM = "claim revenue"
    LOAD = "report load"
    FREQUENCY = "report frequency"
    BALANCE = "complete balancing action"


# All that is sent on the day or because of it; the rest happens once, or was for days before.
_OF_THE_DAY = {
    Part.SETTLING: (Operation.ANCHOR, Operation.SETTLE),
    Part.TRADES: (Operation.TRADE, Operation.REDEEM),
    Part.RESPONSE: (Operation.EVENT, Operation.HISTORY, Operation.VERIFY, Operation.REWARD),
    Part.CERTIFICATES: (Operation.CERTIFICATES, Operation.CREDITS, Operation.RETIRE),
    Part.ASSETS: (Operation.PLANT_READING, Operation.REVENUE, Operation.CLAIM),
    Part.GRID: (Operation.LOAD, Operation.FREQUENCY, Operation.BALANCE),
}


class GasCountingSender:
    """Sends on a node that mines on request, so that a list is mined in few blocks."""

    def __init__(self, sender: Sender) -> None:
        parts: dict[str, str] = dict.fromkeys(Operation, "")
        for part, operations in _OF_THE_DAY.items():
            parts |= dict.fromkeys(operations, part)
        self.gas = GasMeter(parts)
        self._sender = sender

    @classmethod
    def on(cls, node: DevNode) -> Sender:
        """A sender that has a list of calls mined in few blocks."""
        return Sender(node, policy=Policy(batch=_BATCH), after_send=node.mine)

    def send(
        self,
        operation: Operation,
        work: Sequence[tuple[Actor, Call]],
        *,
        sizes: Sequence[int] | None = None,
        limit: int = _GAS_BESIDES,
        each: int = _GAS_PER_ITEM,
    ) -> list[Receipt]:
        """Carry out calls of one kind; ``sizes`` says for how many items each is, if not for one.

        Args:
            limit: gas of each call, besides what its items may use: ``each`` for one.

        Raises:
            ContractError: one of them reverted.
        """
        items = sizes or [1] * len(work)
        # A limit that is named need not be estimated, which takes longer than sending.
        limited = [
            (account, replace(call, gas=limit + each * size))
            for (account, call), size in zip(work, items, strict=True)
        ]
        receipts = self._sender.send_many(limited)
        for receipt, size in zip(receipts, items, strict=True):
            self.gas.add(operation, receipt.gas_used, size)
        return receipts

    def carry_out(self, operation: Operation, plan: Plan[Result], items: int = 1) -> Result:
        """Carry out a plan of one transaction.

        Raises:
            ContractError: it reverted.
        """
        done = plan.carry_out()
        result = done.require()
        (receipt,) = done.receipts
        self.gas.add(operation, receipt.gas_used, items)
        return result

    def send_batches(
        self,
        operation: Operation,
        safe: Multisig,
        calls: Sequence[Call],
        *,
        at_once: int,
        each: int,
    ) -> None:
        """Have a Safe carry out calls of one kind, many with one transaction."""
        groups = [calls[first : first + at_once] for first in range(0, len(calls), at_once)]
        self.send(
            operation,
            [(safe, safe.batch(group)) for group in groups],
            sizes=[len(group) for group in groups],
            each=each,
        )
