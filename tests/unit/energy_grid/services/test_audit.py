"""The check holds for true books, and each of its statements can fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import pytest

from energy_grid.domain.costs import Fees
from energy_grid.errors import CheckFailedError
from energy_grid.services.audit import audit, require
from energy_grid.services.books import Books, GridPurchase
from tests.support.days import event_of, feeder_of, market_of, operate, plan_of


@cache
def true_books() -> Books:
    """A cloudy day after a sunny one: some trades fail and are compensated. In the evening some
    households are paid for drawing less."""
    day, households = date(2016, 7, 5), 12
    event = event_of(day, households)
    plan = plan_of(day, households, event=event)
    market = market_of(plan, fees=Fees(protocol_bps=50, grid_per_kwh=10_000))
    operate(market, plan, feeder_of(plan, households, event))
    return market.read()


def failing(books: Books) -> list[str]:
    return [statement.claim for statement in audit(books) if not statement.holds]


def test_audit__true_books__hold_and_show_numbers() -> None:
    statements = audit(true_books(), "{} units".format)
    assert all(statement.holds and statement.numbers for statement in statements)
    # 24 slots each, and those in which three meters were read on the day before.
    assert any(f"{288 + 3 * 5} slots" in statement.numbers for statement in statements)
    assert any("units" in statement.numbers for statement in statements)
    assert any(trade.compensation for trade in true_books().transactions)
    (event,) = true_books().events
    assert len(event.rewards) > 1
    assert all(part.metered and part.reward for part in event.rewards)
    require(statements)


def first(**changes: int) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
    """The rows with something added to fields of the first."""

    def change(rows: tuple[Any, ...]) -> tuple[Any, ...]:
        added = {name: getattr(rows[0], name) + by for name, by in changes.items()}
        return (replace(rows[0], **added), *rows[1:])

    return change


def entry(**changes: int) -> Callable[[dict[Any, Any]], dict[Any, Any]]:
    """The table with something added to fields of its first entry that sold something."""

    def change(table: dict[Any, Any]) -> dict[Any, Any]:
        sold = true_books().deliveries[0]
        key = (sold.seller, sold.slot)
        added = {name: getattr(table[key], name) + by for name, by in changes.items()}
        return table | {key: replace(table[key], **added)}

    return change


def field(**changes: int) -> Callable[[Any], Any]:
    return lambda whole: first(**changes)((whole,))[0]


def rewarded(**changes: int) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
    """The events with something added to fields of the first one's first reward."""

    def change(events: tuple[Any, ...]) -> tuple[Any, ...]:
        event, *others = events
        return (replace(event, rewards=first(**changes)(event.rewards)), *others)

    return change


TAMPERED: dict[str, tuple[str, Callable[[Any], Any], str]] = {
    "a meter's energy raised": ("slots", entry(produced=1), "every slot has the energy"),
    "a reading hidden": ("metered", lambda table: dict(list(table.items())[1:]), "signed readings"),
    "energy sold twice": ("slots", entry(sold=10**6), "no slot has sold more"),
    "a slot left open": ("slots", entry(closed=-1), "every slot is closed"),
    "a closing hidden": ("closings", lambda table: dict(list(table.items())[1:]), "is closed"),
    "energy banked from nothing": ("closings", entry(minted=1), "in every slot"),
    "grid energy too cheap": ("closings", entry(from_grid=500, burned=-500), "costs the grid"),
    "a delivery forgotten": ("deliveries", lambda rows: rows[1:], "what was bought"),
    "a trade underpaid": ("payments", first(paid=-1), "paid at the prices agreed"),
    "a trade without its end": (
        "transactions",
        lambda rows: (replace(rows[0], compensation=None), *rows[1:]),
        "every trade has ended",
    ),
    "a compensation too small": ("transactions", first(amount=1000), "compensated"),
    "energy tokens from nowhere": ("energy", field(supply=1), "supply of energy tokens"),
    "energy tokens missing": ("energy", field(balances=-1), "supply of energy tokens"),
    "dollars printed": ("money", field(supply=1), "supply of dollars"),
    "a vault robbed": ("treasury", field(holding=-1), "the vault holds"),
    "a fee vanished": ("treasury", field(fees=-1, holding=-1), "fees and grid revenue"),
    "an account robbed": ("accounts", first(available=-1), "for every account"),
    "money locked for good": ("accounts", first(available=-1, locked=1), "no money is locked"),
    "a reduction that no meter saw": (
        "events",
        rewarded(reduction_w=1),
        "every metered reduction is its baseline less what the readings add up to",
    ),
    "a baseline inflated afterwards": ("events", rewarded(baseline_w=1), "every metered reduction"),
    "a wrong reward, paid": ("events", rewarded(reward=1, paid=1), "its share of the budget"),
    "a reward fixed and not paid": ("events", rewarded(paid=-1), "and was paid"),
    "a reward paid to nobody": ("accounts", first(wallet=-1), "every household's wallet"),
    "a refund missing": ("events", first(refunded=-1), "are the budget"),
    "a budget larger than what it paid": ("events", first(budget=1), "are the budget"),
    "money left in demand response": ("escrow", field(holding=1), "demand response holds nothing"),
    "rewards still owed": ("escrow", field(escrowed=1), "demand response holds nothing"),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_audit__tampered_books__fail_with_the_statement(name: str) -> None:
    attribute, change, claim = TAMPERED[name]
    books = true_books()
    broken = replace(books, **{attribute: change(getattr(books, attribute))})
    assert any(claim in failed for failed in failing(broken))
    with pytest.raises(CheckFailedError, match="the check failed: "):
        require(audit(broken))


def test_audit__every_statement__can_fail() -> None:
    books = true_books()
    seen = {
        claim
        for attribute, change, _ in TAMPERED.values()
        for claim in failing(replace(books, **{attribute: change(getattr(books, attribute))}))
    }
    assert seen == {statement.claim for statement in audit(books)}


def test_audit__energy_of_the_grid_at_once__is_told_from_neighbours() -> None:
    books = true_books()
    sold = books.deliveries[0]
    key = (sold.buyer, sold.slot)
    purchase = GridPurchase(account=sold.buyer, slot=sold.slot, wh=100, cost=30_000)
    slots = {**books.slots, key: replace(books.slots[key], bought=books.slots[key].bought + 100)}
    with_purchase = replace(books, slots=slots, grid_purchases=(purchase,))
    assert not any("what was bought" in claim for claim in failing(with_purchase))
    assert any("what was bought" in claim for claim in failing(replace(books, slots=slots)))


def test_audit__no_event__says_only_that_demand_response_holds_nothing() -> None:
    books = replace(true_books(), events=())
    claims = [statement.claim for statement in audit(books)]
    assert "demand response holds nothing any more" in claims
    assert not any("reward" in claim for claim in claims)


def test_audit__operators_word__is_paid_out_of_what_metered_reductions_leave() -> None:
    books = true_books()
    (event,) = books.events
    one, *_ = event.rewards
    metered = replace(one, reduction_w=600, reward=1_800_000, paid=1_800_000)
    word = replace(one, metered=False, reduction_w=300, reward=900_000, paid=900_000)
    over = replace(word, reduction_w=500, reward=750_000, paid=750_000)
    under = replace(word, reduction_w=300, reward=450_000, paid=450_000)
    for target_kw, parts in ((1, (metered, word)), (1, (metered, over, under))):
        told = replace(
            event, target_kw=target_kw, reward_per_kw=3_000_000, budget=3_000_000, rewards=parts
        )
        claims = failing(replace(books, events=(told,)))
        assert not any("its share of the budget" in claim for claim in claims), parts
    generous = replace(over, reward=750_001, paid=750_001)
    told = replace(told, rewards=(metered, generous, under))
    assert any("its share" in claim for claim in failing(replace(books, events=(told,))))
