"""Statements of a month in which everything happens that moves money: line by line the chain's."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from energy_grid.backend.invoicing.payments import payment_kinds
from energy_grid.backend.invoicing.statements import issued
from energy_grid.domain.costs import EXACT
from tests.integration.backend.api.conftest import Api
from tests.integration.backend.api.paying import FOR_LATE, LATE, MONTHS, Paid, paid_month
from tests.integration.drills.neighbourhood import BUYER, SELLER

_PARTS = {"lines": "money", "transfers": "transfers", "wallet": "wallet"}


@pytest.fixture
def paid(api: Api) -> Paid:
    return paid_month(api)


def lines_of(found: Any) -> list[Any]:
    return [line for part in _PARTS for line in found[part]]


def moneys(found: Any) -> dict[str, int]:
    """By kind."""
    kinds: dict[str, int] = defaultdict(int)
    for line in lines_of(found):
        kinds[line["kind"]] += int(line["money_thousandths"])
    return kinds


def test_statements__of_whatever_moves_money__are_what_accounts_and_wallets_have(
    paid: Paid,
) -> None:
    kinds = set()
    for name, who in paid.people.items():
        own, moved = paid.both(who, "money_thousandths"), paid.both(who, "transfers_thousandths")
        assert own + moved == paid.wealth(who), name
        beside, from_friends = paid.both(who, "wallet_thousandths"), FOR_LATE * (who == LATE)
        assert beside - moved == EXACT * (paid.moved(who) - from_friends), name
        for month in MONTHS:
            found = paid.statement(who, month)
            kinds |= set(moneys(found))
            for part, total in _PARTS.items():
                of_lines = sum(int(line["money_thousandths"]) for line in found[part])
                assert of_lines == int(found[f"{total}_thousandths"]), (name, part)
    assert payment_kinds() <= kinds


def test_payments__with_energy_at_a_price__are_what_it_comes_to(paid: Paid) -> None:
    found = paid.statement(BUYER, "2024-01")
    spot = {line["price_per_kwh"]: line for line in found["lines"] if line["kind"] == "spot_bought"}
    # 700 Wh of an offer, and 300 Wh of a trade.
    assert {at: line["energy_wh"] for at, line in spot.items()} == {"250001": 700, "199999": 300}
    for line in spot.values():
        value = line["energy_wh"] * int(line["price_per_kwh"])
        assert int(line["money_thousandths"]) == -value
    (bought,) = (line for line in found["wallet"] if line["kind"] == "certificates_bought")
    # A sale is rounded up to a whole unit.
    assert (bought["energy_wh"], bought["price_per_kwh"]) == (700, "25001")
    assert int(bought["money_thousandths"]) == -EXACT * -(-700 * 25_001 // 1000)
    (retired,) = (line for line in found["wallet"] if line["kind"] == "certificates_retired")
    assert (retired["energy_wh"], retired["money_thousandths"]) == (1_201, "0")


def test_correction__of_a_day_closed_after_its_statement__is_a_line_of_the_next(
    paid: Paid,
) -> None:
    january, february = (paid.statement(LATE, month) for month in MONTHS)
    assert january["lines"] == []
    assert {line["of_month"] for line in february["lines"]} == {"2024-01"}
    money = moneys(february)
    assert sum(money.values()) == int(february["money_thousandths"]) < 0


def test_operator__of_a_region__has_its_budgets_and_so_has_the_region(paid: Paid) -> None:
    scheme = paid.neighbourhood.scheme
    own = moneys(paid.statement(scheme.operator, "2024-01"))
    with paid.api.database.reading() as connection:
        region = issued(connection, "region:NORTH", "2024-01")
    assert region is not None
    budgets = moneys(region.model_dump())
    assert budgets == own
    assert sum(own.values()) == EXACT * paid.moved(scheme.operator)


def test_community__together__has_the_payments_of_its_members(paid: Paid) -> None:
    own = [moneys(paid.statement(each, "2024-01")) for each in (BUYER, SELLER)]
    with paid.api.database.reading() as connection:
        found = issued(connection, "community:2", "2024-01")
    assert found is not None
    together = moneys(found.model_dump())
    for kind in ("certificates_sold", "certificates_bought", "redeemed", "paid_out"):
        assert together[kind] == sum(each[kind] for each in own), kind
