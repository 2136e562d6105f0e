"""``energy-grid money``: the settlement token, and the balance of an account in the market."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import RenderableType

from energy_grid.chain.networks import native_coin
from energy_grid.cli.answers import Answer, facts, numbered, stacked, table
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.options import Address, Recipient, duration, money, number
from energy_grid.cli.reads import ask
from energy_grid.cli.session import Planned, Session, View, approved, event_of, events_of
from energy_grid.cli.times import format_time
from energy_grid.domain.account_words import account_state, owed
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.units import format_decimal, format_duration
from energy_grid.errors import ChainError, EnergyGridError, InputError

if TYPE_CHECKING:
    from energy_grid.chain.tx.receipts import Receipt
    from energy_grid.client import Account
    from energy_grid.contracts import events
    from energy_grid.contracts.settlement import QueuedWithdrawal

__all__ = ["balances_of", "balances_rows", "cash", "queued_of", "queued_table"]

cash = CommandGroup("money")

_NATIVE_DECIMALS = 18
_EXACT, _MAX_DAYS = 1000, 400

Amount = Annotated[str, money("--amount", "How much")]
Withdrawal = Annotated[int, number("WITHDRAWAL", "The number of a queued withdrawal.", 1)]
For = Annotated[
    str | None,
    typer.Option("--for", metavar="ADDRESS", help="Whose balance; the sender's by default."),
]


@cash.does("faucet")
def faucet(session: Session, amount: Amount) -> Planned[Any]:
    """Get test money, if the market uses the test dollar."""
    token, units = session.market.money, session.parse_tokens(amount)
    try:
        limit = token.faucet_limit()
    except ChainError:
        raise EnergyGridError(
            f"{token.symbol()} is not the test dollar and has no faucet: ask a holder for some"
        ) from None
    if units > limit:
        raise InputError(f"the faucet gives at most {session.tokens(limit)} at once")

    def message(_: Any) -> str:
        held = session.tokens(token.balance_of(session.address))
        return f"Got {session.tokens(units)}: {session.address} has {held} in its wallet"

    return session.plan(token.faucet(units), message)


@cash.does("send")
def send(session: Session, to: Address, amount: Amount) -> Planned[Any]:
    """Send money from wallet to wallet; balances in the market stay the same."""
    address, units = session.address_of(to), session.parse_tokens(amount)
    _afford(session, units)
    call = session.market.money.transfer(address, units)
    return session.plan(call, lambda _: f"Sent {session.tokens(units)} to {address}")


@cash.does("deposit")
def deposit(session: Session, amount: Amount, owner: For = None) -> Planned[Any]:
    """Deposit money in the market, to buy energy and to back what is sold."""
    settlement, units = session.market.settlement, session.parse_money(amount)
    address = session.recipient(owner)
    _afford(session, units * session.market.token_units)
    signer = _permitting(session) if address == session.address else None
    if signer is None:
        plan = session.market.deposit(session.who, units, address)
    else:
        plan = session.market.deposit_with_permit(signer, units)

    def message(receipts: list[Receipt]) -> str:
        repaid = sum(log["amount"] for log in events_of(settlement, receipts, "DebtRepaid"))
        debt = f", of which {session.exact_money(repaid)} paid a debt" if repaid else ""
        available = session.money(settlement.balance_of(address))
        return (
            f"Deposited {session.money(units)}{debt}: {address} can use"
            f" {available}{approved(plan, session.money(units))}"
        )

    return Planned(plan, message)


@cash.does("withdraw")
def withdraw(session: Session, amount: Amount, to: Recipient = None) -> Planned[Any]:
    """Withdraw money from the market; above the outflow limit it is queued."""
    units, address = session.parse_money(amount), session.recipient(to)

    def message(queued: events.Settlement_WithdrawalQueued | None) -> str:
        if queued is None:
            left = session.money(session.market.settlement.balance_of(session.address))
            return (
                f"Withdrew {session.money(units)} to {address}; the balance in the market is {left}"
            )
        return (
            f"Queued {session.money(units)} to {address} as withdrawal {queued.id}, above"
            f" the outflow limit: claim it from {format_time(queued.executable_at)} on"
        )

    return Planned(session.market.withdraw(session.who, units, address), message)


@cash.does("claim")
def claim(session: Session, withdrawal: Withdrawal) -> Planned[Any]:
    """Pay out a queued withdrawal that is due (anybody)."""
    known = session.market.settlement.queued_withdrawal(withdrawal)
    paid = f"{session.money(known.amount)} to {known.to}"
    plan = session.market.claim_withdrawal(session.who, withdrawal)
    return Planned(plan, lambda _: f"Paid withdrawal {withdrawal}: {paid}")


@cash.does("cancel")
def cancel(session: Session, withdrawal: Withdrawal) -> Planned[Any]:
    """Return a queued withdrawal to the balance in the market (its owner)."""
    settlement = session.market.settlement

    def message(receipts: list[Receipt]) -> str:
        amount = event_of(settlement, receipts, "WithdrawalCancelled")["amount"]
        return f"Cancelled withdrawal {withdrawal}: {session.money(amount)} are back in the balance"

    return session.plan(settlement.cancel_withdrawal(withdrawal), message)


@cash.does("postpone")
def postpone(
    session: Session,
    withdrawal: Withdrawal,
    extra: Annotated[int, duration("How much longer it waits, at most 7d", "--by")],
) -> Planned[Any]:
    """Let a queued withdrawal wait longer, once (guardian)."""
    settlement = session.market.settlement

    def message(receipts: list[Receipt]) -> str:
        at = event_of(settlement, receipts, "WithdrawalLengthened")["executable_at"]
        return f"Withdrawal {withdrawal} can be claimed from {format_time(at)}"

    return session.plan(settlement.lengthen_withdrawal(withdrawal, extra), message)


@cash.does("repay")
def repay(session: Session, amount: Amount) -> Planned[Any]:
    """Pay a debt out of the wallet; this works while deposits are stopped."""
    units = session.parse_money(amount)
    plan = session.market.repay_debt(session.who, units)

    def message(paid: events.Settlement_DebtRepaid) -> str:
        return (
            f"Paid {session.exact_money(paid.amount)}; {session.exact_money(paid.debt)} of debt"
            f" left{approved(plan, session.money(units))}"
        )

    return Planned(plan, message)


@cash.shows("show")
def show(view: View, account: Address) -> Answer:
    """Show an account's wallet, balance in the market, queued withdrawals and debt."""
    address = view.address_of(account)
    balances = balances_of(view, address)
    waiting = queued_of(view, address)
    document = {"account": address, **balances, "queued": numbered("withdrawal_id", waiting)}
    rows = {"account": address, **balances_rows(view, balances)}
    return Answer(document=document, shown=stacked(facts(rows), *queued_table(view, waiting)))


@cash.shows("limits")
def limits(view: View) -> Answer:
    """Show how much can be withdrawn at once, and how long a larger withdrawal waits."""
    settlement = view.market.settlement
    names = ("outflowLimit", "availableOutflow", "OUTFLOW_WINDOW", "WITHDRAWAL_DELAY")
    limit, free, window, delay, allowance, cap = ask(
        view, *((settlement, name) for name in (*names, "ALLOWANCE", "ALLOWANCE_CAP"))
    )
    document = {
        "outflow_limit": limit,
        "available_outflow": free,
        "outflow_window": window,
        "withdrawal_delay": delay,
        "allowance": allowance,
        "allowance_cap": cap,
    }
    rows = {
        "outflow limit": f"{view.money(limit)} in {format_duration(window)}; now"
        f" {view.money(free)} can be withdrawn at once",
        "above it": f"a withdrawal waits {format_duration(delay)} in the queue",
        "allowance": f"{view.money(allowance)} of each metered account leave even then,"
        f" {view.money(cap)} in all",
    }
    return Answer(document=document, shown=facts(rows))


def balances_of(view: View, address: str) -> dict[str, int]:
    """The balances of an account by place; the native currency in wei.

    What open days may cost is not available. What stands in days that are not closed and what the
    grid account owes are rounded down.
    """
    from energy_grid.market.trader_accounts import TraderAccounts

    market = view.market
    wallet, balance, debt, (number, word, owes, security) = ask(
        view,
        (market.money, "balanceOf", address),
        (market.settlement, "balanceOf", address),
        (market.settlement, "debtOf", address),
        (market.settlement, "accountOf", address),
    )
    income, cover = _open_days(view, number, account_state(word).day) if number else (0, 0)
    available = TraderAccounts(market.settlement).read([address])[address].available
    return {
        "native_wei": market.node.balance(address),
        "wallet": wallet,
        "balance": balance,
        "available": available,
        "income": income // _EXACT,
        "cover": cover // _EXACT,
        "security": security // _EXACT,
        "receivable": owed(owes).receivable // _EXACT,
        "debt": debt,
    }


def balances_rows(view: View, balances: dict[str, int]) -> dict[str, str]:
    """`balances_of` as rows."""
    rows = {
        "for gas": f"{format_decimal(balances['native_wei'], _NATIVE_DECIMALS)}"
        f" {native_coin(view.market.node.chain_id)}",
        "wallet": view.tokens(balances["wallet"]),
        "balance": f"{view.money(balances['balance'])}{_held(view, balances)}",
    }
    if balances["income"] or balances["cover"]:
        rows["open days"] = (
            f"{view.money(balances['income'])} of income,"
            f" {view.money(balances['cover'])} locked as cover"
        )
    if balances["security"]:
        rows["security"] = f"{view.money(balances['security'])} for its meter"
    if balances["receivable"]:
        rows["receivable"] = f"{view.money(balances['receivable'])}, from the grid account"
    if balances["debt"]:
        rows["debt"] = f"{view.money(balances['debt'])}: it blocks buying and withdrawing"
    return rows


def _held(view: View, balances: dict[str, int]) -> str:
    if balances["available"] == balances["balance"]:
        return ""
    return (
        f", of which {view.money(balances['available'])} are available: open days may cost the rest"
    )


def _open_days(view: View, number: int, first: int) -> tuple[int, int]:
    """Income and cover of the days that are not closed, in exact money."""
    market = view.market
    end = (market.node.time + market.tariffs.horizon()) // DAY_SECONDS + 1
    days = range(first, max(end, first))[-_MAX_DAYS:]
    found = ask(view, *((market.settlement, "dayMoneyOf", number, each) for each in days))
    return sum(each[0] for each in found), sum(each[1] for each in found)


def queued_of(view: View, address: str) -> list[tuple[int, QueuedWithdrawal]]:
    """The queued withdrawals of an account."""
    from energy_grid.market.account_queries import withdrawals_of

    return withdrawals_of(view.market.settlement, address, view.market.deployment.first_block)


def queued_table(
    view: View, waiting: Sequence[tuple[int, QueuedWithdrawal]]
) -> list[RenderableType]:
    """Queued withdrawals as a table, where there are any."""
    rows = [
        (str(each), view.money(known.amount), known.to, format_time(known.executable_at))
        for each, known in waiting
    ]
    return [table((">withdrawal", ">amount", "to", "can be claimed from"), rows)] if rows else []


def _permitting(session: Session) -> Account | None:
    """The account that signs a permit, if the token supports permits and the key is here."""
    from energy_grid.market.signing import domain_of

    if not session.can_sign:
        return None
    token = session.market.money
    try:
        token.nonces(session.address), domain_of(token)
    except ChainError:
        return None
    return session.key()


def _afford(session: Session, units: int) -> None:
    held = session.market.money.balance_of(session.address)
    if held < units:
        raise EnergyGridError(
            f"{session.address} has {session.tokens(held)} in its wallet, and this needs"
            f" {session.tokens(units)}"
        )
