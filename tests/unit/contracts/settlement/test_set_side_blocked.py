"""setSideBlocked: the grid module ends, or allows, an account's new orders of one side."""

from __future__ import annotations

import pytest

from energy_grid.contracts import errors
from tests.support.market import MONDAY, Market, Receipt, actor
from tests.support.refusals import refused
from tests.support.settlement import incur_debt, lock, number_of

PROSUMER = actor("prosumer")


def block(
    market: Market, buying: bool, blocked: bool = True, *, account: str = PROSUMER.address
) -> Receipt:
    arguments = ("setSideBlocked", account, buying, blocked)
    return market.do(market.grid.address, market.settlement, *arguments)


def sides(market: Market) -> tuple[bool, bool]:
    """Whether buying and selling are blocked."""
    questions = [(PROSUMER.address, True), (PROSUMER.address, False)]
    buying, selling = market.settlement.call_many("isSideBlocked", questions)
    return buying, selling


def test_set_side_blocked__new_account__gets_a_number(market: Market) -> None:
    receipt = block(market, buying=True)
    (opened,) = market.events(receipt, market.settlement, "AccountOpened")
    assert opened["number"] == number_of(market, PROSUMER) == 1
    assert sides(market) == (True, False)


def test_set_side_blocked__nobody_and_settlement__are_refused(market: Market) -> None:
    for address in ("0x" + "00" * 20, market.settlement.address):
        with refused(errors.Settlement_BadRecipient, to=address):
            block(market, buying=True, account=address)


@pytest.mark.parametrize("buying", [True, False])
def test_set_side_blocked__one_side__leaves_the_other(market: Market, buying: bool) -> None:
    for blocked in (True, True, False, False):
        receipt = block(market, buying, blocked)
        (event,) = market.events(receipt, market.settlement, "SideBlocked")
        assert event.arguments == {
            "account": PROSUMER.address,
            "buying": buying,
            "blocked": blocked,
        }
        assert sides(market) == (blocked and buying, blocked and not buying)


def test_set_side_blocked__both__are_allowed_one_by_one(market: Market) -> None:
    block(market, buying=True)
    block(market, buying=False)
    assert sides(market) == (True, True)
    block(market, buying=True, blocked=False)
    assert sides(market) == (False, True)


def test_set_side_blocked__money_and_debt__stay(market: Market) -> None:
    market.deposit(PROSUMER, 1000)
    lock(market, PROSUMER, 300)
    market.go_to(MONDAY + 86_400)
    debt = incur_debt(market, PROSUMER)
    for blocked in (True, False):
        block(market, buying=True, blocked=blocked)
        block(market, buying=False, blocked=blocked)
        assert (market.balance(PROSUMER), market.locked(PROSUMER)) == (0, 300)
        assert market.settlement.call("debtOf", PROSUMER.address) == debt
    with refused(errors.Settlement_InDebt, account=PROSUMER.address, debt=debt):
        lock(market, PROSUMER, 0, buying=True)
