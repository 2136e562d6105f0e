"""Sends the demo's transactions and counts their gas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum

from energy_grid.chain.contract import Call
from energy_grid.chain.rpc.node import DevNode
from energy_grid.chain.tx.multisig import Actor
from energy_grid.chain.tx.receipts import Receipt
from energy_grid.chain.tx.sender import Policy, Sender
from energy_grid.demo.gas import GasMeter

__all__ = ["GasCountingSender", "Operation"]

_GAS_PER_ITEM, _GAS_BESIDES = 220_000, 100_000
# Anvil takes what comes in one request in its order, but only up to 64 transactions of it; and the
# order matters, since the earlier of two orders sets their price.
_BATCH = 50


class Operation(StrEnum):
    """What is sent, in the order in which one leads to the other."""

    FAUCET = "faucet"
    DEPOSIT = "deposit with permit"
    METER = "register meter"
    PARTICIPANT = "register participant"
    OPERATOR = "set up operator and event"
    EARLY_READING = "readings of the days before"
    EARLY_CLOSE = "slots of the days before"
    PLANT = "register plant"
    DIVIDE = "divide plant into shares"
    SHARE = "hand over shares"
    PLACE = "place order"
    MATCH = "match pairs"
    CANCEL = "cancel order"
    RELAY = "relay signed readings"
    SETTLE = "settle trades"
    CLOSE = "close slot"
    LOAD = "report load"
    FREQUENCY = "report frequency"
    BALANCE = "complete balancing action"
    EVENT = "announce and end event"
    VERIFY = "verify reduction"
    REWARD = "distribute rewards"
    CREDITS = "issue carbon credits"
    RETIRE = "retire carbon credits"
    ALLOW = "approve energy credits"
    TRADE = "trade energy credits"
    OFFER = "offer energy credits"
    ACCEPT = "buy energy credits"
    CANCEL_OFFER = "cancel offer"
    REVENUE = "send revenue"
    CLAIM = "claim revenue"


_OPENING = (
    Operation.FAUCET,
    Operation.DEPOSIT,
    Operation.METER,
    Operation.PARTICIPANT,
    Operation.OPERATOR,
    Operation.EARLY_READING,
    Operation.EARLY_CLOSE,
    Operation.PLANT,
    Operation.DIVIDE,
    Operation.SHARE,
)
_AFTERWARDS = (
    Operation.CREDITS,
    Operation.RETIRE,
    Operation.ALLOW,
    Operation.TRADE,
    Operation.OFFER,
    Operation.ACCEPT,
    Operation.CANCEL_OFFER,
    Operation.REVENUE,
    Operation.CLAIM,
)


class GasCountingSender:
    """Sends on a node that mines on request, so that a list is mined in few blocks."""

    def __init__(self, node: DevNode) -> None:
        others = {*_OPENING, *_AFTERWARDS}
        self.gas = GasMeter(_OPENING, (one for one in Operation if one not in others), _AFTERWARDS)
        self._sender = Sender(node, policy=Policy(batch=_BATCH), after_send=node.mine)

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
