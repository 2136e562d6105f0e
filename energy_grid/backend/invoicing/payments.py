"""Payments beside closed days: which events of the contracts are lines, and of whom.

What an account has in the market changes by its closed days and trades (see `lines`) and by these
events alone. So does what its wallet paid to the market's contracts, and got from them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, FromClause, null, select

from energy_grid.api.models import LineKind
from energy_grid.backend.invoicing.lines import Item
from energy_grid.backend.store.events import table_of
from energy_grid.domain.costs import EXACT

__all__ = ["TRANSFERS", "WALLET", "payment_events", "payment_kinds", "payments"]

_NOBODY = "0x" + 40 * "0"
TRANSFERS: frozenset[LineKind] = frozenset(("paid_in", "paid_out"))
"""Between a wallet and the account."""
WALLET: frozenset[LineKind] = frozenset(
    (
        *("reward", "aggregator_fee", "reward_budget", "budget_returned"),
        *("certificates_bought", "certificates_sold", "certificates_retired"),
        *("carbon_bought", "carbon_sold", "plant_revenue", "buyout_offered", "buyout_returned"),
        *("paid_for_others", "grid_funded", "fees_collected"),
    )
)
"""Beside the account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """Events that are lines.

    Attributes:
        event: by contract and name.
        who: has the line.
        found: where its values stand; None: in the event alone.
        unit: thousandths of a base unit for each of the product of `money`; below 0: paid.
        money: none: the line is of energy alone.
        wh: None: of no energy.
        price: base units per kWh; None: of none.
    """

    kind: LineKind
    event: tuple[str, str]
    who: Column[Any]
    found: FromClause | None = None
    unit: int = EXACT
    money: Sequence[Column[Any]] = ()
    wh: Column[Any] | None = None
    price: Column[Any] | None = None
    where: Sequence[ColumnElement[bool]] = ()

    def rows(
        self, connection: Connection, begin: int, end: int, only: Sequence[str] | None
    ) -> Iterator[tuple[str, int, Item]]:
        table = table_of(*self.event)
        wanted = (
            select(
                *(self.who, table.c.time),
                *(null() if each is None else each for each in (self.wh, self.price)),
                *self.money,
            )
            .select_from(table if self.found is None else self.found)
            .where(table.c.time >= begin, table.c.time < end, *self.where)
        )
        if only is not None:
            wanted = wanted.where(self.who.in_(only))
        for account, time, wh, price, *factors in connection.execute(wanted):
            money = self.unit * prod(map(int, factors)) if factors else 0
            of_energy, at = (None if each is None else int(each) for each in (wh, price))
            if money or of_energy:
                yield account, int(time), Item(self.kind, at, of_energy, money)


def _settlement() -> Iterator[_Source]:
    paid_in = table_of("Settlement", "Deposited").c
    event = ("Settlement", "Deposited")
    yield _Source(kind="paid_in", event=event, who=paid_in.account, money=(paid_in.amount,))
    yield _Source(
        kind="paid_for_others",
        event=event,
        who=paid_in.payer,
        unit=-EXACT,
        money=(paid_in.amount,),
        where=(paid_in.payer != paid_in.account,),
    )
    paid_out, event = table_of("Settlement", "Withdrawn").c, ("Settlement", "Withdrawn")
    yield _Source(
        kind="paid_out", event=event, who=paid_out.account, unit=-EXACT, money=(paid_out.amount,)
    )
    redeemed, event = table_of("Settlement", "CreditsRedeemed").c, ("Settlement", "CreditsRedeemed")
    yield _Source(
        kind="redeemed",
        event=event,
        who=redeemed.account,
        unit=1,
        money=(redeemed.money,),
        wh=redeemed.wh,
    )
    spot, event = table_of("Settlement", "SpotPaid").c, ("Settlement", "SpotPaid")
    for kind, fee in _FEES:
        yield _Source(kind=kind, event=event, who=spot.seller, unit=-1, money=(spot[fee],))
    funded, event = table_of("Settlement", "GridFunded").c, ("Settlement", "GridFunded")
    yield _Source(
        kind="grid_funded", event=event, who=funded.payer, unit=-EXACT, money=(funded.amount,)
    )
    got, event = table_of("Settlement", "TreasuryCollected").c, ("Settlement", "TreasuryCollected")
    for part in (got.fees, got.grid_revenue):
        yield _Source(kind="fees_collected", event=event, who=got.to, unit=1, money=(part,))


_FEES: Sequence[tuple[LineKind, str]] = (
    ("protocol_fee", "protocol_fee"),
    ("network_fee", "grid_fee"),
)


def _spot() -> Iterator[_Source]:
    """What `Settlement.SpotPaid` moves, with the energy that it is for."""
    contract = "PeerToPeerTrading"
    made, taken = (table_of(contract, f"EnergyOffer{each}") for each in ("Created", "Accepted"))
    offers = taken.join(made, made.c.offer_id == taken.c.offer_id)
    agreed, done = (table_of(contract, f"Trade{each}") for each in ("Created", "Completed"))
    trades = done.join(agreed, agreed.c.trade_id == done.c.trade_id)
    for event, found, seller, buyer, wh, price in (
        ("EnergyOfferAccepted", offers, made.c.seller, taken.c.buyer, taken.c.amount, made.c.price),
        *(
            ("TradeCompleted", trades, at.seller, at.buyer, at.amount, at.price)
            for at in (agreed.c,)
        ),
    ):
        sides: Sequence[tuple[LineKind, Column[Any], int]] = (
            ("spot_sold", seller, 1),
            ("spot_bought", buyer, -1),
        )
        for kind, who, unit in sides:
            yield _Source(
                kind=kind,
                event=(contract, event),
                found=found,
                who=who,
                unit=unit,
                money=(wh, price),
                wh=wh,
                price=price,
            )


def _credits() -> Iterator[_Source]:
    """Credits that become tokens, and come back."""
    moved, event = table_of("EnergyToken", "Transfer").c, ("EnergyToken", "Transfer")
    out, back = (moved["from"] == _NOBODY,), (moved.to == _NOBODY,)
    yield _Source(kind="tokens_out", event=event, who=moved.to, wh=moved.value, where=out)
    yield _Source(kind="tokens_in", event=event, who=moved["from"], wh=moved.value, where=back)


def _demand_response(escrow: str) -> Iterator[_Source]:
    contract = "DemandResponse"

    def event(name: str) -> tuple[Any, tuple[str, str]]:
        return table_of(contract, name), (contract, name)

    paid: Sequence[tuple[LineKind, str, str]] = (
        ("reward", "RewardPaid", "consumer"),
        ("reward", "ProgramRewardPaid", "participant"),
        ("aggregator_fee", "FeesPaid", "aggregator"),
    )
    for kind, name, who in paid:
        table, known = event(name)
        yield _Source(kind=kind, event=known, who=table.c[who], money=(table.c.amount,))
    program, of_program = event("ProgramCreated")
    yield _Source(
        kind="reward_budget",
        event=of_program,
        who=program.c.operator,
        unit=-EXACT,
        money=(program.c.budget,),
    )
    started, of_event = event("EventStarted")
    # The budget of an event of a program is the program's.
    yield _Source(
        kind="reward_budget",
        event=of_event,
        who=started.c.grid_operator,
        unit=-EXACT,
        money=(started.c.budget,),
        where=(started.c.program_id == 0,),
    )
    closed, of_closed = event("ProgramClosed")
    yield _Source(
        kind="budget_returned",
        event=of_closed,
        found=closed.join(program, program.c.program_id == closed.c.program_id),
        who=program.c.operator,
        money=(closed.c.refunded,),
    )
    refunded, of_refund = event("BudgetRefunded")
    yield _Source(
        kind="budget_returned",
        event=of_refund,
        who=refunded.c.grid_operator,
        money=(refunded.c.amount,),
        where=(refunded.c.to != escrow,),
    )


def _certificates(coin: str) -> Iterator[_Source]:
    contract, name = "CertificateMarket", "CertificatesSold"
    sold, offered = table_of(contract, name), table_of(contract, "CertificatesOffered")
    found = sold.join(offered, offered.c.offer_id == sold.c.offer_id)
    sides: Sequence[tuple[LineKind, LineKind, str, int]] = (
        ("certificates_sold", "carbon_sold", "seller", EXACT),
        ("certificates_bought", "carbon_bought", "buyer", -EXACT),
    )
    for of_energy, of_carbon, who, unit in sides:
        for kind, is_energy in ((of_energy, True), (of_carbon, False)):
            # Without a device they are g of carbon credits.
            device = offered.c.device
            yield _Source(
                kind=kind,
                event=(contract, name),
                found=found,
                who=sold.c[who],
                unit=unit,
                money=(sold.c.paid,),
                wh=sold.c.amount if is_energy else None,
                price=offered.c.price if is_energy else None,
                where=(offered.c.currency == coin, device != 0 if is_energy else device == 0),
            )
    event = ("EnergyCertificates", "CertificatesRetired")
    retired = table_of(*event).c
    yield _Source(kind="certificates_retired", event=event, who=retired.account, wh=retired.wh)


def _plants() -> Iterator[_Source]:
    """Plants that several own."""
    contract = "AssetShares"
    claimed, back = (table_of(contract, each).c for each in ("RevenueClaimed", "RefundWithdrawn"))
    event = (contract, "RevenueClaimed")
    yield _Source(kind="plant_revenue", event=event, who=claimed.account, money=(claimed.amount,))
    event = (contract, "RefundWithdrawn")
    yield _Source(kind="buyout_returned", event=event, who=back.bidder, money=(back.amount,))
    bid, divided = table_of(contract, "BuyoutOffered"), table_of("EnergyAssetNFT", "Fractionalized")
    yield _Source(
        kind="buyout_offered",
        event=(contract, "BuyoutOffered"),
        found=bid.join(divided, divided.c.shares == bid.c.address),
        who=bid.c.bidder,
        unit=-EXACT,
        money=(bid.c.price_per_share, divided.c.amount),
    )


def _sources(coin: str, escrow: str) -> Iterator[_Source]:
    yield from _settlement()
    yield from _spot()
    yield from _credits()
    yield from _demand_response(escrow)
    yield from _certificates(coin)
    yield from _plants()


def payment_events() -> frozenset[tuple[str, str]]:
    """By contract and name, which events are lines."""
    return frozenset(each.event for each in _sources(_NOBODY, _NOBODY))


def payment_kinds() -> frozenset[LineKind]:
    """The kinds of their lines."""
    return frozenset(each.kind for each in _sources(_NOBODY, _NOBODY))


def payments(
    connection: Connection,
    begin: int,
    end: int,
    coin: str,
    escrow: str,
    accounts: Iterable[str] | None = None,
) -> Iterator[tuple[str, int, Item]]:
    """What accounts were paid and have paid beside their closed days in a time: the account, when,
    and what; also who has no account.

    Args:
        begin, end: Unix seconds.
        coin: its contract; certificates that were sold for others are left out.
        escrow: DemandResponse, which holds what events return to their program.
        accounts: only of these.
    """
    only = None if accounts is None else list(accounts)
    for source in _sources(coin, escrow):
        yield from source.rows(connection, begin, end, only)
