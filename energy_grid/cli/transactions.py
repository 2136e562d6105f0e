"""``energy-grid transaction``: what a wallet has sent to the market."""

from __future__ import annotations

from energy_grid.cli.answers import Answer, event_documents, facts, listed, stacked
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.hashes import TransactionHash
from energy_grid.cli.session import View
from energy_grid.cli.times import format_time
from energy_grid.errors import EnergyGridError
from energy_grid.market.call_values import event_values
from energy_grid.market.call_words import measure

__all__ = ["transactions"]

transactions = CommandGroup("transaction")


@transactions.shows("show")
def show(view: View, name: TransactionHash) -> Answer:
    """Show a transaction: its sender, its call, and the events of the market in it."""
    from energy_grid.chain.abi import checksum
    from energy_grid.market.governance import ProposedCall

    node = view.market.node
    receipt = node.rpc("eth_getTransactionReceipt", name)
    sent = node.rpc("eth_getTransactionByHash", name)
    if receipt is None or sent is None:
        raise EnergyGridError("this chain has no mined transaction of this hash")
    block = int(receipt["blockNumber"], 16)
    time, gas = int(node.block(block)["timestamp"], 16), int(receipt["gasUsed"], 16)
    to = None if sent["to"] is None else checksum(sent["to"])
    call = ProposedCall(
        target=to or "",
        value=int(sent["value"], 16),
        data=bytes.fromhex(sent["input"].removeprefix("0x")),
    )
    words = "creates a contract" if to is None else measure(view, call)
    succeeded, events = bool(int(receipt["status"], 16)), view.market.events_in(receipt["logs"])
    document = {
        "transaction": name,
        "block": block,
        "time": time,
        "succeeded": succeeded,
        "sender": checksum(sent["from"]),
        "to": to,
        "value": call.value,
        "data": call.data,
        "call": words,
        "gas_used": gas,
        "gas_price": int(receipt["effectiveGasPrice"], 16),
        "events": event_documents(events),
    }
    rows = {
        "transaction": name,
        "block": f"{block}, {format_time(time)}",
        "sender": str(document["sender"]),
        "to": "a new contract" if to is None else view.named(to),
        "call": words,
        "result": f"{'succeeded' if succeeded else 'reverted'}, with {gas:,} gas",
    }
    lines = [
        (
            f"{each.contract}.{each.event}",
            ", ".join(map(" ".join, event_values(view, each).items())),
        )
        for each in events
    ]
    shown = stacked(facts(rows), listed(("event", "values"), lines, "It has no event."))
    return Answer(document=document, shown=shown)
