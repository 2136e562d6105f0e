"""What ``energy-grid`` has below it, and where: each part is imported when it is called.

Nothing is imported here, so that the list of the commands is there at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

__all__ = ["GROUPS", "Entry"]


class Entry(NamedTuple):
    """A group of commands, or a single command.

    Attributes:
        module: below ``energy_grid``; once it is imported, the group has all its commands.
        attribute: the name of the `CommandGroup` in it.
        summary: one line, for the list of the commands.
        extra: of the package, that some of its commands need.
    """

    module: str
    attribute: str
    summary: str
    extra: str = ""


GROUPS: Mapping[str, Entry] = {
    "demo": Entry("demo.command", "demo", "Trade one day of real energy on a local chain.", "demo"),
    "market": Entry(
        "cli.market",
        "market",
        "The deployment: where it is, its numbers, and whether it runs.",
    ),
    "wallet": Entry("cli.wallet", "wallet", "Everything that an account has in the market."),
    "money": Entry(
        "cli.money",
        "cash",
        "Money: in the wallet, in the ledger of the market, and on its way.",
    ),
    "token": Entry(
        "cli.tokens",
        "tokens",
        "The tokens of the market; banked energy, from hand to hand.",
    ),
    "participant": Entry(
        "cli.participants",
        "participants",
        "Producers, consumers and storages, and what they declare to the grid.",
    ),
    "meter": Entry(
        "cli.meters",
        "meters",
        "Meters: who they count for, their keys, their readings.",
    ),
    "slot": Entry(
        "cli.slots",
        "slots",
        "Slots: what was metered and traded in them, and their balance.",
    ),
    "book": Entry(
        "cli.book",
        "book",
        "The order book: orders that are stored on the chain, and matched pair by pair.",
    ),
    "chain": Entry("cli.chain", "chains", "A chain on this machine."),
    "order": Entry(
        "cli.orders",
        "orders",
        "Signed orders: they cost nothing, and a keeper trades them in batches.",
    ),
    "batch": Entry(
        "cli.batch_records",
        "batches",
        "All orders of a delivery period, traded at one price.",
        "keeper",
    ),
    "transaction": Entry(
        "cli.transactions",
        "transactions",
        "Matched orders: delivered and paid out of what meters have read.",
    ),
    "audit-batch": Entry(
        "cli.batches",
        "audits",
        "Clear a batch's published orders again; exit with 1 if the keeper could have done better.",
        "keeper",
    ),
    "offer": Entry(
        "cli.offers",
        "offers",
        "Banked energy for sale: to everybody, or to one buyer.",
    ),
    "asset": Entry("cli.assets", "assets", "Production assets, their history, and their shares."),
    "carbon": Entry(
        "cli.carbon",
        "carbon",
        "Carbon credits for clean production, and their retirement.",
    ),
    "gateway": Entry(
        "cli.gateways",
        "gateways",
        "Readings of many accounts in one anchor, and proofs of them.",
    ),
    "operator": Entry("cli.operators", "operators", "Who operates the grid where."),
    "grid": Entry(
        "cli.grid",
        "grid",
        "Load, capacity, balancing and stability of the grid, and its prices.",
    ),
    "dr": Entry(
        "cli.demand_response",
        "demand_response",
        "Demand response: consumers are paid for drawing less.",
    ),
    "oracle": Entry(
        "cli.oracles",
        "oracles",
        "What reporters say of prices, weather and the grid.",
    ),
    "role": Entry("cli.roles", "roles", "Roles: who holds them, and which functions they are for."),
    "govern": Entry("cli.govern", "govern", "Votes on the market's rules, and what comes of them."),
    "safe": Entry(
        "cli.safe",
        "safe",
        "The Safe that has the operators' roles, and what its owners sign.",
    ),
    "key": Entry("cli.keys", "keys", "Encrypted key files (keystores), for --account FILE."),
    "send": Entry(
        "cli.keys",
        "signed",
        "Send a transaction that was signed elsewhere, as --dry-run --json has shown it.",
    ),
}
