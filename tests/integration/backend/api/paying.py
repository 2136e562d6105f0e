"""A January in which everything happens that can move an account's money."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from eth_account.signers.local import LocalAccount
from sqlalchemy import select

from energy_grid.backend.store.blocks import final_time
from energy_grid.backend.store.events import table_of
from energy_grid.chain.accounts import Account
from energy_grid.domain.account_words import account_state, owed
from tests.integration.backend.api.conftest import Api, invoicing_of
from tests.integration.drills.exits import Exits
from tests.integration.drills.neighbourhood import (
    BUYER,
    SELLER,
    STAGES,
    SUPPLIER,
    TUESDAY,
    Neighbourhood,
    open_town,
)
from tests.support.market import DAY, MONDAY, actor

__all__ = ["AGGREGATOR", "ASSISTED", "FOR_LATE", "LATE", "MONTHS", "Paid", "paid_month"]

MONTHS = ("2024-01", "2024-02")
ASSISTED, AGGREGATOR, LATE = actor("assisted"), actor("aggregator"), actor("late household")
_FEBRUARY, _MARCH = MONDAY + 31 * DAY, MONDAY + 60 * DAY
# What a friend pays into the account of the late household.
FOR_LATE = 1_234_567
_NOBODY = "0x" + 40 * "0"


@dataclass
class Paid:
    """After all was taken out, and both months were issued."""

    api: Api
    neighbourhood: Neighbourhood

    @property
    def people(self) -> dict[str, LocalAccount]:
        named = {"assisted": ASSISTED, "aggregator": AGGREGATOR, "late": LATE}
        return self.neighbourhood.people | named

    def statement(self, who: LocalAccount, month: str) -> Any:
        found = self.api.get(f"/statements/{who.address}/{month}", Account(bytes(who.key)))
        assert found.status_code == 200, found.text
        return found.json()

    def both(self, who: LocalAccount, name: str) -> int:
        """A sum of both months."""
        return sum(int(self.statement(who, month)[name]) for month in MONTHS)

    def wealth(self, who: LocalAccount) -> int:
        """What the market has of an account, less what it owes; exact."""
        known = self.api.exchange.grid.settlement.account_of(who.address)
        owes = owed(known.owed)
        return account_state(known.word).free + known.security + owes.receivable - owes.debt

    def moved(self, who: LocalAccount) -> int:
        """Coins that a wallet got from others less what it gave them, as the coin tells it."""
        sent = table_of("TestDollar", "Transfer").c
        others = (actor("payer").address, self.neighbourhood.shares.address)
        with self.api.database.reading() as connection:
            rows = connection.execute(
                select(sent["from"], sent.to, sent.value).where(sent["from"] != _NOBODY)
            ).all()
        # The plant's income comes from outside.
        inside = [row for row in rows if (row[0], row[1]) != others]
        got = sum(int(value) for _, to, value in inside if to == who.address)
        return got - sum(int(value) for from_, _, value in inside if from_ == who.address)


def paid_month(api: Api) -> Paid:
    """The neighbourhood of the drills lives, and is wound up."""
    neighbourhood = open_town(api.exchange.market)
    for name, step in STAGES.items():
        if step is not None:
            step(neighbourhood)
        if name == "on offer":
            _more(neighbourhood)
        if name == "verified":
            neighbourhood.pass_to(neighbourhood.scheme.event(3).end_time)
            neighbourhood.scheme.verify(3, ASSISTED, 300)
        if name == "closable, with a debt":
            neighbourhood.market.measure(actor(f"meter of {LATE.address}"), *[(100, 0)] * 24)
    _sell(neighbourhood)
    neighbourhood.scheme.do(ASSISTED, "leaveProgram", 1)
    Exits(neighbourhood).take_all()
    neighbourhood.scheme.do(AGGREGATOR, "claimFees", AGGREGATOR.address)
    _return_to_a_program(neighbourhood)
    _issue_both(api)
    return Paid(api, neighbourhood)


def _more(neighbourhood: Neighbourhood) -> None:
    """A house with an aggregator, one that is read late, and money from a friend."""
    market, scheme = neighbourhood.market, neighbourhood.scheme
    market.do(AGGREGATOR, scheme.enrolments, "acceptMember", 1, ASSISTED.address, 500, 1_000)
    scheme.do(ASSISTED, "joinThrough", 1, 500, AGGREGATOR.address, 1_000)
    market.register_meter(LATE)
    market.do(SUPPLIER, market.settlement, "depositFor", LATE.address, FOR_LATE)


def _sell(neighbourhood: Neighbourhood) -> None:
    """Certificates, and the carbon credits that some of them were retired for."""
    market, sales = neighbourhood.market, neighbourhood.sales
    certificates, coin = market.certificates, market.dollar.address
    for buyer in (BUYER, SELLER):
        market.do(buyer, market.dollar, "approve", sales.address, 10**9)
    market.do(SELLER, certificates, "setApprovalForAll", sales.address, True)
    slots = TUESDAY * 24, TUESDAY * 24 + 23
    market.do(SELLER, sales, "offerCertificates", neighbourhood.panels, *slots, 900, 25_001, coin)
    offer, hour = sales.call("offerCount"), TUESDAY * 24 + 2
    ids, values = [certificates.call("idOf", neighbourhood.panels, hour)], [700]
    market.do(BUYER, sales, "buyCertificates", offer, ids, values, 10**9)
    market.do(BUYER, market.carbon, "approve", sales.address, 10**9)
    market.do(BUYER, sales, "offerCredits", 20, 30_001, coin)
    market.do(SELLER, sales, "buyCredits", sales.call("offerCount"), 20, 10**9)


def _return_to_a_program(neighbourhood: Neighbourhood) -> None:
    """The budget of an event goes back to its program, and with it to the operator."""
    scheme = neighbourhood.scheme
    program = scheme.create(target=3)
    event = scheme.start_in(program)
    scheme.do(scheme.operator, "cancelEvent", event)
    for function, number in (("reclaimBudget", event), ("closeProgram", program)):
        scheme.do(scheme.operator, function, number, scheme.operator.address)


def _issue_both(api: Api) -> None:
    """January's, then what was closed late, with February's."""
    market = api.exchange.market
    market.go_to(_FEBRUARY + 8 * DAY)
    _issue(api)
    market.close(_FEBRUARY // DAY - 1, LATE)
    market.go_to(_MARCH + 8 * DAY)
    _issue(api)


def _issue(api: Api) -> None:
    """What the backend does once a minute."""
    api.live()
    final = final_time(api.database, 0)
    assert final is not None
    invoicing = invoicing_of(api.exchange.grid, api.database, [])
    while invoicing.issue(final):
        pass
