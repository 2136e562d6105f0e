"""Statements: their sums are the chain's, an issued one stays, and who sees which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from energy_grid.backend.invoicing.taxes import Tax
from energy_grid.backend.store.blocks import final_time
from energy_grid.backend.store.events import table_of
from energy_grid.chain.accounts import Account
from energy_grid.chain.roles import Role
from energy_grid.domain.account_words import account_state, owed
from energy_grid.domain.costs import EXACT
from tests.integration.backend.api.analysing import Street, traded_street
from tests.integration.backend.api.conftest import Api, invoicing_of
from tests.support.market import DAY, HOME, MONDAY, actor

_TAX = Tax(name="Stamp, of = all", per_kwh=20_500, to=frozenset(("household", "operator")))
_VAT = Tax(name="VAT", basis_points=1_900)
_THURSDAY = MONDAY + 3 * DAY
_FEBRUARY, _MARCH = MONDAY + 31 * DAY, MONDAY + 60 * DAY


@pytest.fixture
def taxes() -> list[Tax]:
    return [_TAX, _VAT]


@dataclass
class Town:
    """The street of analytics, whose statements are issued.

    Attributes:
        operator: of the region.
    """

    street: Street
    taxes: list[Tax]
    operator: Account

    @property
    def api(self) -> Api:
        return self.street.api

    @property
    def people(self) -> list[Account]:
        return [*self.street.traders, *self.street.members]

    def statement(self, subject: str, month: str, who: Account) -> Any:
        found = self.api.get(f"/statements/{subject}/{month}", who)
        assert found.status_code == 200, found.text
        return found.json()

    def close(self, time: int, through: int, *but: Account) -> None:
        """At a time all days of all but some are closed, through one of the year."""
        market = self.api.exchange.market
        market.go_to(time)
        accounts = [each.address for each in self.people if each not in but]
        day = MONDAY // DAY + through - 1
        market.do(actor("keeper"), market.settlement, "closeThrough", accounts, day)
        self.api.live()

    def january(self, *but: Account) -> None:
        """It is closed in time, except for some, and issued."""
        self.close(_FEBRUARY + 6 * DAY, 31, *but)
        self.issue(_FEBRUARY + 8 * DAY)

    def february(self, *but: Account) -> None:
        """The same, with what was left of January."""
        self.close(_MARCH + 6 * DAY, 60, *but)
        self.issue(_MARCH + 8 * DAY)

    def issue(self, time: int) -> None:
        """As the backend does once a minute, at a time."""
        self.api.exchange.market.go_to(time)
        self.api.live()
        grid, database = self.api.exchange.grid, self.api.database
        invoicing = invoicing_of(grid, database, self.taxes)
        final = final_time(database, 0)
        assert final is not None
        while invoicing.issue(final):
            pass

    def wealth(self, who: Account) -> int:
        """What an account has less what it owes, without tokens that went in or out; exact."""
        settlement = self.api.exchange.grid.settlement
        known = settlement.account_of(who.address)
        owes = owed(known.owed)
        found = account_state(known.word).free + known.security + owes.receivable - owes.debt
        paid = table_of("Settlement", "Deposited").c
        with self.api.database.reading() as connection:
            deposits = connection.scalars(
                select(paid.amount).where(paid.account == who.address)
            ).all()
        return int(found - EXACT * sum(deposits))


@pytest.fixture
def town(api: Api, taxes: list[Tax]) -> Town:
    """Tuesday was traded, Thursday is shared, and one member is read late; then meters are
    silent."""
    street = traded_street(api)
    market, manager = api.exchange.market, api.get("/communities").json()["items"][-1]["manager"]
    market.do(manager, market.communities, "setManager", 1, street.members[0].address)
    for each in street.members[:2]:
        market.do(each.address, market.settlement, "setKeeps", True)
    for hour in range(24):
        market.go_to(_THURSDAY + (hour + 1) * 3600 + 60)
        for place, each in enumerate((*street.traders[:3], *street.members[:4])):
            gap = [(200, 0)] * ((_THURSDAY - MONDAY - 2 * DAY) // 3600) if hour == 0 else []
            market.measure(meter_of(each), *gap, _flow(place, hour))
    market.go_to(MONDAY + 6 * DAY)
    market.measure(meter_of(street.members[4]), *[_flow(6, hour % 24) for hour in range(48)])
    operator = actor("operator of statements")
    market.do(operator, market.operators, "registerOperator", "Home Grid", HOME, 900)
    authority = market.roles[Role.GRID_AUTHORITY]
    market.do(authority, market.operators, "verifyOperator", operator.address)
    market.do(authority, market.operators, "setOperatorScore", operator.address, 100)
    return Town(street, taxes, Account(bytes(operator.key)))


def _flow(place: int, hour: int) -> tuple[int, int]:
    """Import and export of a house: at noon those in front give, the others take."""
    return (0, 900) if hour in (11, 12) and place % 5 < 4 else (150, 0)


def meter_of(who: Account) -> Any:
    return actor(f"meter of {who.address}")


def test_statement__of_a_month__adds_up_to_what_the_chain_has_moved(town: Town) -> None:
    town.january()
    kinds = set()
    for who in town.people:
        found = town.statement(who.address, "2024-01", who)
        assert (found["open_days"], found["unknown_wh"]) == (0, 0)
        # What closing cost the accounts' credits in February is in that month's.
        later = town.statement(who.address, "2024-02", who)
        assert {each["kind"] for each in later["lines"]} <= {"redeemed"}
        of_both = int(found["money_thousandths"]) + int(later["money_thousandths"])
        assert of_both == town.wealth(who), found
        of_lines = sum(int(each["money_thousandths"]) for each in found["lines"])
        assert of_lines == int(found["money_thousandths"])
        of_days = sum(int(each["money_thousandths"]) for each in found["days"])
        assert of_days == int(found["sum"]["money_thousandths"])
        kinds |= {each["kind"] for each in found["lines"]}
    assert kinds >= {
        *("grid", "bank", "kept", "shared_taken", "shared_given", "bought", "sold", "fed_in"),
        *("network_fee", "late"),
    }


def test_statement__line_by_line__is_energy_at_its_price(town: Town) -> None:
    town.january()
    for who in town.people:
        for line in town.statement(who.address, "2024-01", who)["lines"]:
            if line["price_per_kwh"] is not None:
                value = line["energy_wh"] * int(line["price_per_kwh"])
                assert abs(int(line["money_thousandths"])) == value, line


def test_issued__whatever_comes_later__stays_and_the_next_one_corrects(town: Town) -> None:
    (*_, late) = town.street.members
    town.january(late)
    january = town.statement(late.address, "2024-01", late)
    assert january["number"].startswith("2024-01-")
    assert january["open_days"] == 29
    everybody = {who.address: town.statement(who.address, "2024-01", who) for who in town.people}
    # Other taxes, later.
    town.taxes = []
    town.february()
    for who in town.people:
        assert town.statement(who.address, "2024-01", who) == everybody[who.address]
    february = town.statement(late.address, "2024-02", late)
    corrected = [each for each in february["lines"] if each["of_month"]]
    assert {each["of_month"] for each in corrected} == {"2024-01"}
    assert "late" in {each["kind"] for each in corrected}
    assert february["days"][0]["day"] == "2024-01-03"
    for who in town.people:
        both = [town.statement(who.address, month, who) for month in ("2024-01", "2024-02")]
        assert sum(int(each["money_thousandths"]) for each in both) == town.wealth(who)
    assert february["taxes"] == []
    assert "deemed" in {each["kind"] for each in february["lines"]}


def test_provisional__until_it_is_issued__has_no_number(town: Town) -> None:
    (who, *_) = town.people
    town.issue(_FEBRUARY)
    found = town.statement(who.address, "2024-01", who)
    assert (found["number"], found["issued_at"], found["open_days"]) == (None, None, 29)
    town.close(_FEBRUARY + 6 * DAY, 31)
    town.issue(_FEBRUARY + 7 * DAY - 3600)
    assert town.statement(who.address, "2024-01", who)["number"] is None
    town.issue(_FEBRUARY + 8 * DAY)
    assert town.statement(who.address, "2024-01", who)["issued_at"] == "2024-02-08T00:00:00Z"


def test_taxes__as_configured__are_lines_that_no_sum_counts(town: Town) -> None:
    town.january()
    (who, *_) = town.people
    found = town.statement(who.address, "2024-01", who)
    taken = [e for e in found["lines"] if e["kind"] in ("grid", "bank", "shared_taken", "bought")]
    fees = [each for each in found["lines"] if each["kind"] in ("network_fee", "protocol_fee")]
    wh = sum(each["energy_wh"] for each in taken)
    money = -sum(int(each["money_thousandths"]) for each in (*taken, *fees))
    stamp, vat = found["taxes"]
    assert (stamp["name"], vat["name"]) == (_TAX.name, _VAT.name)
    assert int(stamp["money_thousandths"]) == -wh * 20_500
    assert int(vat["money_thousandths"]) == -(money * 1_900 // 10_000)
    assert int(found["taxes_thousandths"]) == -wh * 20_500 - money * 1_900 // 10_000
    lines = sum(int(each["money_thousandths"]) for each in found["lines"])
    assert int(found["money_thousandths"]) == lines
    region = town.statement("region:home", "2024-01", town.operator)
    assert [each["name"] for each in region["taxes"]] == [_TAX.name]


def test_together__of_a_community_and_a_region__are_the_sums_of_theirs(town: Town) -> None:
    town.january()
    manager, members = town.street.members[0], town.street.members
    for subject, who, whose, since in (
        # Its members have joined for Tuesday.
        ("community:1", manager, members, "2024-01-02"),
        ("region:home", town.operator, town.people, "2024-01-01"),
    ):
        found = town.statement(subject, "2024-01", who)
        own = [town.statement(each.address, "2024-01", each) for each in whose]
        assert (found["accounts"], found["days"]) == (len(whose), [])
        days = [day for each in own for day in each["days"] if day["day"] >= since]
        for name, value in found["sum"].items():
            if name != "day":
                assert int(value) == sum(int(each[name]) for each in days), name
        before = sum(int(day["money_thousandths"]) for each in own for day in each["days"])
        before -= int(found["sum"]["money_thousandths"])
        money = sum(int(each["money_thousandths"]) for each in own)
        assert int(found["money_thousandths"]) == money - before
        assert int(found["wallet_thousandths"]) == 0


def test_who_sees__a_statement__its_account_or_who_answers_for_it(town: Town) -> None:
    town.january()
    manager, member, other = (*town.street.members[:2], town.street.traders[0])
    expected = {
        member.address: {member: 200, manager: 404, other: 404, town.operator: 404},
        "community:1": {manager: 200, member: 404, other: 404, town.operator: 404},
        "region:home": {town.operator: 200, manager: 404, member: 404},
        "community:2": {manager: 404},
        "region:moon": {town.operator: 404},
    }
    for subject, seen in expected.items():
        path = f"/statements/{subject}/2024-01"
        assert town.api.get(path).status_code == 401
        for who, status in seen.items():
            for each in (path, f"{path}/lines"):
                assert town.api.get(each, who).status_code == status, (each, who.address)


def test_together__before_it_is_issued_or_of_few__is_not_there(town: Town) -> None:
    manager = town.street.members[0]
    town.issue(_FEBRUARY)
    assert town.api.get("/statements/community:1/2024-01", manager).status_code == 404
    few = town.street.members[1:]
    town.january()
    town.february(*few)
    assert town.api.get("/statements/community:1/2024-01", manager).status_code == 200
    assert town.api.get("/statements/community:1/2024-02", manager).status_code == 404


def test_missing__says_why_and_when_to_ask_again(town: Town) -> None:
    (manager, *_), (who, *_) = town.street.members, town.people
    town.api.live()
    future = town.api.get(f"/statements/{who.address}/2024-02", who).json()
    assert future["detail"] == "2024-02 has not begun yet"
    early = town.api.get("/statements/community:1/2024-01", manager).json()
    assert early["detail"] == "2024-01 of community:1 is not issued"
    assert early["next"] == "ask from 2024-02-08 00:00:00 UTC on"
    # Who may not see it learns nothing of it.
    (other, *_) = town.street.traders
    for subject, asks in ((who.address, manager), ("community:1", other)):
        refused = town.api.get(f"/statements/{subject}/2024-01", asks).json()
        assert "or it is not yours" in refused["detail"]


def test_account__without_a_meter__has_its_payments_alone(town: Town) -> None:
    stranger = actor("stranger with money")
    town.api.exchange.market.deposit(stranger, 5_000_000)
    town.api.live()
    found = town.statement(stranger.address, "2024-01", Account(bytes(stranger.key)))
    assert (found["days"], found["lines"], found["open_days"]) == ([], [], 0)
    assert [each["kind"] for each in found["transfers"]] == ["paid_in"]


def test_together__with_corrections_of_few__names_no_month(town: Town) -> None:
    (*_, late) = town.street.members
    town.january(late)
    town.february()
    own = town.statement(late.address, "2024-02", late)
    together = town.statement("community:1", "2024-02", town.street.members[0])
    assert {each["of_month"] for each in own["lines"]} == {None, "2024-01"}
    assert {each["of_month"] for each in together["lines"]} == {None}
    whose = [town.statement(each.address, "2024-02", each) for each in town.street.members]
    total = sum(int(each["money_thousandths"]) for each in whose)
    assert int(together["money_thousandths"]) == total


def test_lines__as_a_file__are_those_of_the_statement(town: Town) -> None:
    town.january()
    (who, *_) = town.people
    found = town.statement(who.address, "2024-01", who)
    file = town.api.get(f"/statements/{who.address}/2024-01/lines?format=csv", who).text
    head, *rows = file.splitlines()
    assert head == "part,kind,name,of_month,price_per_kwh,energy_wh,money_thousandths"
    assert len(rows) == sum(len(found[each]) for each in ("lines", "transfers", "taxes"))
    money = sum(int(row.rpartition(",")[2]) for row in rows if row.startswith("account,"))
    assert money == int(found["money_thousandths"])
