"""``energy-grid money``: the settlement token, and an account's money in the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import RenderableType

from energy_grid.cli.answers import Answer, facts, numbered, stacked, table
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.desk import Desk, View, event_of, short
from energy_grid.cli.options import Address, Recipient, money, number
from energy_grid.cli.reads import ask
from energy_grid.domain.units import format_decimal, format_duration, format_time
from energy_grid.errors import ChainError, EnergyGridError, InputError

if TYPE_CHECKING:
    from energy_grid.client import Account
    from energy_grid.contracts.settlement import QueuedWithdrawal

__all__ = ["cash", "purse_of", "purse_rows", "queued_of", "queued_table"]

cash = CommandGroup("money", "Money: in the wallet, in the ledger of the market, and on its way.")

_BPS_DECIMALS = 2
_NATIVE_DECIMALS = 18

Amount = Annotated[str, money("--amount", "How much")]
Withdrawal = Annotated[int, number("WITHDRAWAL", "The number of a queued one.", 1)]
For = Annotated[
    str | None,
    typer.Option("--for", metavar="ADDRESS", help="Whose balance; the sender's by default."),
]


@cash.does("faucet")
def faucet(desk: Desk, amount: Amount) -> str:
    """Get test money, where the market's money is the test dollar."""
    token, units = desk.market.money, desk.parse_money(amount)
    try:
        most = token.faucet_limit()
    except ChainError:
        raise EnergyGridError(
            f"{token.symbol()} is not the test dollar and has no faucet: have some sent to you"
        ) from None
    if units > most:
        raise InputError(f"the faucet gives at most {desk.money(most)} at once")
    desk.send(token.faucet(units))
    held = desk.money(token.balance_of(desk.actor.address))
    return f"Got {desk.money(units)}: {short(desk.actor.address)} has {held} in its wallet"


@cash.does("send")
def send(desk: Desk, to: Address, amount: Amount) -> str:
    """Send money from wallet to wallet; the ledger is not touched."""
    address, units = desk.address(to), desk.parse_money(amount)
    _afford(desk, units)
    desk.send(desk.market.money.transfer(address, units))
    return f"Sent {desk.money(units)} to {short(address)}"


@cash.does("deposit")
def deposit(desk: Desk, amount: Amount, owner: For = None) -> str:
    """Pay money into the ledger, where it buys, and answers for what is sold."""
    settlement, units = desk.market.settlement, desk.parse_money(amount)
    address = desk.recipient(owner)
    _afford(desk, units)
    signer = _permitting(desk) if address == desk.actor.address else None
    if signer is None:
        receipt, approved = desk.pay(settlement.deposit_for(address, units), units)
    else:
        receipt = desk.send(desk.market.prepare_deposit_with_permit(signer, units))
        approved = ""
    repaid = sum(log["amount"] for log in settlement.events(receipt.logs, "DebtRepaid"))
    told = f", of which {desk.money(repaid)} paid a debt" if repaid else ""
    available = desk.money(settlement.balance_of(address))
    return f"Deposited {desk.money(units)}{told}: {short(address)} can use {available}{approved}"


@cash.does("withdraw")
def withdraw(desk: Desk, amount: Amount, to: Recipient = None) -> str:
    """Pay money out of the ledger; above the outflow limit it waits in a queue."""
    settlement, units, address = (
        desk.market.settlement,
        desk.parse_money(amount),
        desk.recipient(to),
    )
    receipt = desk.send(settlement.withdraw(units, address))
    waiting = settlement.events(receipt.logs, "WithdrawalQueued")
    if not waiting:
        left = desk.money(settlement.balance_of(desk.actor.address))
        return f"Withdrew {desk.money(units)} to {short(address)}; {left} left in the ledger"
    (queued,) = waiting
    return (
        f"Queued {desk.money(units)} to {short(address)} as withdrawal {queued['id']}, above the"
        f" outflow limit: claim it from {format_time(queued['executable_at'])} on"
    )


@cash.does("claim")
def claim(desk: Desk, withdrawal: Withdrawal) -> str:
    """Pay a queued withdrawal that is due to whom it is for (anybody)."""
    settlement = desk.market.settlement
    known = settlement.queued_withdrawal(withdrawal)
    desk.send(settlement.execute_withdrawal(withdrawal))
    return f"Paid withdrawal {withdrawal}: {desk.money(known.amount)} to {short(known.to)}"


@cash.does("cancel")
def cancel(desk: Desk, withdrawal: Withdrawal) -> str:
    """Take a queued withdrawal back into the ledger (who has queued it)."""
    settlement = desk.market.settlement
    receipt = desk.send(settlement.cancel_withdrawal(withdrawal))
    amount = event_of(settlement, receipt, "WithdrawalCancelled")["amount"]
    return f"Cancelled withdrawal {withdrawal}: {desk.money(amount)} went back to the balance"


@cash.does("repay")
def repay(desk: Desk, amount: Amount) -> str:
    """Pay a debt out of the wallet, which works while deposits are stopped, too."""
    settlement, units = desk.market.settlement, desk.parse_money(amount)
    receipt, approved = desk.pay(settlement.repay_debt(units), units)
    paid = event_of(settlement, receipt, "DebtRepaid")
    return f"Paid {desk.money(paid['amount'])}; {desk.money(paid['debt'])} of debt left{approved}"


@cash.shows("show")
def show(view: View, account: Address) -> Answer:
    """What an account has in its wallet and in the ledger, what waits, and what it owes."""
    address = view.address(account)
    purse = purse_of(view, address)
    waiting = queued_of(view, address)
    document = {"account": address, **purse, "queued": numbered("id", waiting)}
    rows = {"account": address, **purse_rows(view, purse)}
    return Answer(document=document, shown=stacked(facts(rows), *queued_table(view, waiting)))


@cash.shows("fees")
def fees(view: View) -> Answer:
    """What sellers pay, what may leave at once, and what the operator has not collected yet."""
    settlement = view.market.settlement
    names = ("protocolFeeBps", "gridFeePerKwh", "outflowLimit", "availableOutflow")
    fixed = ("treasuryOwed", "OUTFLOW_WINDOW", "WITHDRAWAL_DELAY")
    bps, per_kwh, limit, free, owed, window, delay = ask(
        view, *((settlement, name) for name in (*names, *fixed))
    )
    document = {
        "protocol_fee_bps": bps,
        "grid_fee_per_kwh": per_kwh,
        "outflow_limit": limit,
        "available_outflow": free,
        "outflow_window": window,
        "withdrawal_delay": delay,
        "uncollected_fees": owed[0],
        "uncollected_grid_revenue": owed[1],
    }
    rows = {
        "protocol fee": f"{format_decimal(bps, _BPS_DECIMALS)} % of what sellers are paid",
        "grid fee": f"{view.price(per_kwh)}, out of what sellers are paid",
        "outflow limit": f"{view.money(limit)} in {format_duration(window)}; now"
        f" {view.money(free)} can leave at once",
        "above it": f"waits {format_duration(delay)} in the queue",
        "not collected": f"{view.money(owed[0])} of fees, {view.money(owed[1])} for grid energy",
    }
    return Answer(document=document, shown=facts(rows))


def purse_of(view: View, address: str) -> dict[str, int]:
    """Money of an account by where it is; native money in wei."""
    market = view.market
    ledger = ("balanceOf", "lockedOf", "debtOf")
    wallet, *in_ledger = ask(
        view,
        (market.money, "balanceOf", address),
        *((market.settlement, name, address) for name in ledger),
    )
    known = dict(zip(("available", "locked", "debt"), in_ledger, strict=True))
    return {"native_wei": market.node.balance(address), "wallet": wallet, **known}


def purse_rows(view: View, purse: dict[str, int]) -> dict[str, str]:
    """`purse_of` in words."""
    rows = {
        "for gas": f"{format_decimal(purse['native_wei'], _NATIVE_DECIMALS)} of native money",
        "wallet": view.money(purse["wallet"]),
        "ledger": f"{view.money(purse['available'])} available, {view.money(purse['locked'])}"
        " locked for orders and transactions",
    }
    if purse["debt"]:
        rows["debt"] = f"{view.money(purse['debt'])}: it blocks buying and withdrawing"
    return rows


def queued_of(view: View, address: str) -> list[tuple[int, QueuedWithdrawal]]:
    """The withdrawals of an account that wait."""
    from energy_grid.market.account_queries import withdrawals_of

    return withdrawals_of(view.market.settlement, address, view.market.deployment.first_block)


def queued_table(
    view: View, waiting: Sequence[tuple[int, QueuedWithdrawal]]
) -> list[RenderableType]:
    """Queued withdrawals as a table, where there are any."""
    rows = [
        (str(each), view.money(known.amount), short(known.to), format_time(known.executable_at))
        for each, known in waiting
    ]
    return [table((">withdrawal", ">amount", "to", "can be claimed from"), rows)] if rows else []


def _permitting(desk: Desk) -> Account | None:
    """Who signs a permit, if the token takes any, and the actor's key is at hand."""
    from energy_grid.market.signing import domain_of

    if not desk.has_key():
        return None
    token = desk.market.money
    try:
        token.nonces(desk.actor.address), domain_of(token)
    except ChainError:
        return None
    return desk.key()


def _afford(desk: Desk, units: int) -> None:
    held = desk.market.money.balance_of(desk.actor.address)
    if held < units:
        raise EnergyGridError(
            f"{short(desk.actor.address)} has {desk.money(held)} in its wallet, and this takes"
            f" {desk.money(units)}"
        )
