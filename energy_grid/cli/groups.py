"""The command groups of ``energy-grid``, and the modules that define them.

This module imports no group, so that the list of commands prints at once.
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
    "demo": Entry("demo.command", "demo", "Share one day of real energy on a local chain.", "demo"),
    "simulate": Entry(
        "demo.simulate",
        "simulates",
        "What a community would have paid, off chain, and what its households pay without it.",
    ),
    "serve": Entry(
        "serve.command", "serve", "Run the backend of a market, day and night.", "server"
    ),
    "forecast": Entry(
        "backend.analytics.command",
        "forecasts",
        "What households will draw and feed in, from the histories of their meters.",
        "foresight",
    ),
    "analytics": Entry(
        "serve.analytics",
        "analytics",
        "The key figures of the store, for other programs.",
        "server",
    ),
    "market": Entry(
        "cli.market",
        "market",
        "The deployment: where it is, its numbers, and whether it runs.",
    ),
    "wallet": Entry("cli.wallet", "wallet", "Everything that an account has in the market."),
    "money": Entry(
        "cli.money",
        "cash",
        "Money: in the wallet, in the balance in the market, and queued for withdrawal.",
    ),
    "token": Entry(
        "cli.tokens",
        "tokens",
        "The tokens of the market; sends energy credits.",
    ),
    "participant": Entry(
        "cli.participants",
        "participants",
        "Producers, consumers and storages, and what they declare to the grid.",
    ),
    "meter": Entry(
        "backend.neighbourhood.command",
        "meters",
        "Meters: their accounts, keys, registers and readings.",
        "server",
    ),
    "community": Entry(
        "cli.communities",
        "communities",
        "Energy sharing: communities, their members, and the price among them.",
        "keeper",
    ),
    "gateway": Entry(
        "cli.gateway",
        "gateway",
        "Gateways: whole days of a community, read, settled and proven at once.",
        "keeper",
    ),
    "tariff": Entry(
        "cli.tariffs",
        "tariffs",
        "Tariffs of regions by day, and the value of energy credits.",
    ),
    "day": Entry(
        "cli.days",
        "days",
        "Days: the closing of an account's days, and what each day brought.",
    ),
    "credit": Entry(
        "cli.credits",
        "credits_",
        "Energy credits: surplus that an account keeps for later deficits.",
    ),
    "slot": Entry(
        "cli.slots",
        "slots",
        "Slots: metered, traded and shared energy of an account.",
    ),
    "book": Entry(
        "cli.book",
        "book",
        "On-chain orders: placed in the order book, and matched pair by pair.",
    ),
    "chain": Entry("cli.chain", "chains", "A chain on this machine."),
    "order": Entry(
        "cli.orders",
        "orders",
        "Signed orders: signing costs nothing, and a keeper trades them in batches.",
    ),
    "batch": Entry(
        "cli.batch_records",
        "batches",
        "All orders of a delivery period, traded at one price.",
        "keeper",
    ),
    "trade": Entry(
        "cli.trades",
        "trades",
        "Trades of matched orders, and their settlement.",
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
        "The spot market: energy credits for sale, to everybody or to one buyer.",
    ),
    "asset": Entry("cli.assets", "assets", "Production assets, their history, and their shares."),
    "certificates": Entry(
        "cli.certificates",
        "certificates",
        "Certificates of production: issued, sold, and retired against consumption.",
    ),
    "carbon": Entry(
        "cli.carbon",
        "carbon",
        "Carbon credits for clean production, and their retirement.",
    ),
    "operator": Entry("cli.operators", "operators", "Grid operators and their regions."),
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
        "Reports of prices, weather and the grid.",
    ),
    "role": Entry(
        "cli.roles", "roles", "Roles: their holders, and the functions that they may call."
    ),
    "govern": Entry("cli.govern", "govern", "Governance: proposals, votes, and their execution."),
    "safe": Entry(
        "cli.safe",
        "safe",
        "The Safes that hold the operators' roles, and the calls that their owners sign.",
    ),
    "migrate": Entry(
        "cli.migration",
        "migration",
        "Leaving a market for its successor: what all have, the way out and in, the audit.",
    ),
    "relay": Entry(
        "cli.relays",
        "relays",
        "Calls that accounts have signed with --relay, and another sends and pays for.",
    ),
    "key": Entry("cli.keys", "keys", "Encrypted key files (keystores), for --account FILE."),
    "send": Entry(
        "cli.keys",
        "signed",
        "Send a transaction that was signed elsewhere, from the output of --dry-run --json.",
    ),
    "transaction": Entry(
        "cli.transactions", "transactions", "Transactions: what wallets have sent to the market."
    ),
}
