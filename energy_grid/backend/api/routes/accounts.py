"""Accounts: what each has, and what its days brought; nobody sees another's."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query
from sqlalchemy import select

from energy_grid.api.models import AccountDay, AccountSlot, Balances, Page, Proof
from energy_grid.api.values import Address, time_of
from energy_grid.backend.api.pages import Cursor, Limit, page_of
from energy_grid.backend.api.problems import ProblemError
from energy_grid.backend.api.visit import Holder
from energy_grid.backend.invoicing.statements import account_day
from energy_grid.backend.meter_gateway.days import NoProofError, proof_of
from energy_grid.backend.store.views import VIEWS
from energy_grid.chain.contract_wallets import is_contract_wallet
from energy_grid.domain.account_words import owed
from energy_grid.domain.costs import EXACT
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.units import format_day
from energy_grid.market.account_queries import slots_of
from energy_grid.market.trader_accounts import TraderAccounts

__all__ = ["ROUTER"]

ROUTER = APIRouter(prefix="/accounts/{account}", tags=["accounts"])
_DAYS = VIEWS["days"]
_Account = Annotated[Address, Path(description="Of the account that is signed in.")]


@ROUTER.get("")
def balances(visit: Holder, account: _Account) -> Balances:
    """What an account has now, in the newest block."""
    visit.require_self(account)
    market = visit.backend.market
    known = market.settlement.account_of(account)
    owes = owed(known.owed)
    return Balances(
        account=account,
        number=known.number or None,
        is_contract=is_contract_wallet(market.node.code(account)),
        native_wei=market.node.balance(account),
        wallet=market.money.balance_of(account),
        balance=market.settlement.balance_of(account),
        available=TraderAccounts(market.settlement).read([account])[account].available,
        debt=market.settlement.debt_of(account),
        receivable=owes.receivable // EXACT,
        security=known.security // EXACT,
        credits_wh=market.settlement.credits_of(account),
        carbon_grams=market.carbon.get_carbon_credits_balance(account),
        keeps_surplus=market.settlement.keeps_at(known.number, market.node.time // DAY_SECONDS + 1),
    )


@ROUTER.get("/days")
def days(
    visit: Holder, account: _Account, cursor: Cursor = None, limit: Limit = 31
) -> Page[AccountDay]:
    """The closed days of an account, the newest first: each is a line of its bill."""
    visit.require_self(account)
    wanted = select(_DAYS).where(_DAYS.c.account == account)
    return page_of(visit.backend.database, wanted, (_DAYS.c.day,), account_day, cursor, limit)


@ROUTER.get("/slots")
def slots(
    visit: Holder,
    account: _Account,
    day: Annotated[date, Query(description="Such as 2024-01-01.")],
) -> list[AccountSlot]:
    """The slots of a day that the chain has read, or in which something was traded.

    A community's gateway brings a day as a whole: then the meter's history has its slots.
    """
    visit.require_self(account)
    market = visit.backend.market
    begin = (day - date(1970, 1, 1)).days * DAY_SECONDS
    if not 0 <= begin <= market.node.time + market.tariffs.horizon():
        raise ProblemError(
            422,
            "invalid-request",
            f"there is nothing of {day}: days are from 1970 to the last one that can be traded",
            field="day",
        )
    numbers = range(market.slot(begin), market.slot(begin + DAY_SECONDS))
    return [
        AccountSlot(
            start=time_of(market.time_of(number)),
            is_read=found.read,
            net_wh=found.net,
            traded_wh=found.position,
            shared_taken_wh=found.taken,
            shared_given_wh=found.given,
        )
        for number, found in reversed(slots_of(market.energy_accounts, account, numbers))
    ]


@ROUTER.get("/proof")
def proof(
    visit: Holder,
    account: _Account,
    day: Annotated[date, Query(description="Such as 2024-01-01; it is over and anchored.")],
) -> Proof:
    """An account's leaf of a day that its gateway has anchored, with the proof of it.

    Whoever keeps it needs no gateway to have the day closed by it.
    """
    visit.require_self(account)
    backend = visit.backend
    number = (day - date(1970, 1, 1)).days
    try:
        stored, found = proof_of(backend.database, backend.leaves, account, number)
    except NoProofError as error:
        raise ProblemError(HTTPStatus.NOT_FOUND, "no-proof", str(error)) from None
    return Proof(
        community=stored.community,
        day=format_day(number),
        root=f"0x{stored.root.hex()}",
        record=f"0x{found.record.hex()}",
        opening=f"0x{found.opening.hex()}" if found.opening else None,
        proof=[f"0x{each.hex()}" for each in found.proof],
    )
