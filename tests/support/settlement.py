"""Short ways into states of Settlement, and what it owes and holds.

Functions of modules are called from the modules' own addresses, so that a state needs no trade.
"""

from __future__ import annotations

from eth_account.signers.local import LocalAccount

from energy_grid.chain.contract import EventLog, structure
from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.slots import SlotEnergy
from tests.support.market import Market, Receipt

__all__ = [
    "close",
    "closed_event",
    "energy_of",
    "holdings",
    "incur_debt",
    "last_closable",
    "liabilities",
    "limit_outflow",
    "lock",
    "move_energy",
    "number_of",
    "open_account",
    "queue",
    "read_at_end",
    "record",
    "treasury",
]


def number_of(market: Market, account: LocalAccount) -> int:
    return int(market.settlement.call("numberOf", account.address))


def open_account(market: Market, account: LocalAccount) -> int:
    """The account's number, given by the meter module if it has none."""
    if number_of(market, account) == 0:
        market.do(market.meters.address, market.settlement, "openAccount", account.address)
    return number_of(market, account)


def record(
    market: Market,
    account: LocalAccount,
    slot: int,
    *,
    produced: int = 0,
    consumed: int = 0,
    at_end: bool = False,
) -> Receipt:
    """Metered energy (Wh) in a slot, from the meter module."""
    reading = (open_account(market, account), slot, produced, consumed, at_end)
    return market.do(market.meters.address, market.settlement, "recordMetered", *reading)


def read_at_end(market: Market, account: LocalAccount, slot: int) -> int:
    """How many meters were read exactly at the slot's end."""
    return int(market.settlement.call("metersReadAtEnd", account.address, slot))


def move_energy(
    market: Market, seller: LocalAccount, buyer: LocalAccount, slot: int, amount: int
) -> Receipt:
    """Deliver sold energy (Wh) in a slot that has begun, for nothing."""
    delivery = (
        open_account(market, seller),
        open_account(market, buyer),
        *(slot, slot + 1, amount, 0, 0),
    )
    return market.do(market.trading.address, market.settlement, "deliver", delivery)


def energy_of(market: Market, account: LocalAccount, slot: int) -> SlotEnergy:
    return structure(SlotEnergy, market.settlement.call("energyOf", account.address, slot))


def lock(market: Market, account: LocalAccount, amount: int, *, buying: bool = True) -> Receipt:
    """Lock money as for an order, from the trading module."""
    number = open_account(market, account)
    return market.do(market.trading.address, market.settlement, "lock", number, amount, buying)


def limit_outflow(market: Market, limit: int) -> None:
    """Governance sets how much may leave at once per window."""
    market.do(market.roles[Role.ADMIN], market.settlement, "setOutflowLimit", limit)


def queue(
    market: Market, account: LocalAccount, amount: int, to: LocalAccount | None = None
) -> int:
    """The number of a withdrawal that the outflow limit, then zero, makes wait."""
    limit_outflow(market, 0)
    recipient = (to or account).address
    receipt = market.do(account, market.settlement, "withdraw", amount, recipient)
    return int(market.events(receipt, market.settlement, "WithdrawalQueued")[0]["id"])


def last_closable(market: Market) -> int:
    """The newest slot that can be closed."""
    return market.slot(market.now - 2 * market.grace) - 1


def close(market: Market, account: LocalAccount, slot: int) -> EventLog:
    """Close a slot; how it was balanced."""
    receipt = market.do(account, market.settlement, "closeSlot", account.address, slot)
    return closed_event(market, receipt)


def closed_event(market: Market, receipt: Receipt) -> EventLog:
    """The one SlotClosed of a transaction."""
    (event,) = market.events(receipt, market.settlement, "SlotClosed")
    return event


def incur_debt(market: Market, account: LocalAccount, *, consumed: int = 1000) -> int:
    """Close a slot in which the account drew energy (Wh) that it cannot pay for; its debt."""
    slot = last_closable(market)
    record(market, account, slot, consumed=consumed)
    close(market, account, slot)
    return int(market.settlement.call("debtOf", account.address))


def treasury(market: Market) -> tuple[int, int]:
    """Fees and grid revenue that can be collected."""
    fees, grid_revenue = market.settlement.call("treasuryOwed")
    return fees, grid_revenue


def liabilities(market: Market) -> int:
    """All that Settlement owes: to accounts, to waiting withdrawals, to the treasury."""
    settlement = market.settlement
    numbers = [(number,) for number in range(1, settlement.call("accountCount") + 1)]
    accounts = [(account,) for account in settlement.call_many("accountAt", numbers)]
    owed = sum(sum(settlement.call_many(view, accounts)) for view in ("balanceOf", "lockedOf"))
    return int(owed) + _waiting(market) + sum(treasury(market))


def holdings(market: Market) -> int:
    """What Settlement has of the settlement token."""
    return int(market.dollar.call("balanceOf", market.settlement.address))


def _waiting(market: Market) -> int:
    amount = 0
    for identifier in range(1, market.settlement.call("withdrawalCount") + 1):
        try:
            amount += market.settlement.call("queuedWithdrawal", identifier)[2]
        except errors.Settlement_NoSuchWithdrawal:
            continue
    return amount
