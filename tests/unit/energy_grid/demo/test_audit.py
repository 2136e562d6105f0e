"""The check holds for true records, and each of its statements can fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import pytest

from energy_grid.contracts.peer_to_peer_trading import Trade
from energy_grid.demo.audit import audit, require
from energy_grid.demo.records import GridPurchase, MarketRecords, SpotTradeRecord
from energy_grid.domain.enums import OfferStatus, TradeStatus
from energy_grid.errors import CheckFailedError
from tests.model.costs import Fees
from tests.support.days import event_of, feeder_of, market_of, operate, plan_of


@cache
def true_records() -> MarketRecords:
    """A cloudy day after a sunny one: some trades fail and are compensated. In the evening some
    households are paid for a load reduction."""
    day, households = date(2016, 7, 5), 12
    event = event_of(day, households)
    plan = plan_of(day, households, event=event)
    market = market_of(plan, fees=Fees(protocol_bps=50, grid_per_kwh=10_000))
    operate(market, plan, feeder_of(plan, households, event))
    return market.read()


def failing(records: MarketRecords) -> list[str]:
    return [statement.claim for statement in audit(records) if not statement.holds]


def test_audit__true_records__hold_and_show_numbers() -> None:
    statements = audit(true_records(), "{} units".format)
    assert all(statement.holds and statement.numbers for statement in statements)
    # 24 slots each, and those in which three meters were read on the day before.
    assert any(f"{288 + 3 * 5} slots" in statement.numbers for statement in statements)
    assert any("units" in statement.numbers for statement in statements)
    assert any(trade.compensation for trade in true_records().trades)
    (event,) = true_records().events
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
        sold = true_records().deliveries[0]
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


def inside(attribute: str, change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A record, or the first of several, with one of its fields changed."""

    def changed(whole: Any) -> Any:
        if isinstance(whole, tuple):
            return (changed(whole[0]), *whole[1:])
        return replace(whole, **{attribute: change(getattr(whole, attribute))})

    return changed


def of_one(key: str, by: int) -> Callable[[dict[str, int]], dict[str, int]]:
    """The table with something added to an entry."""
    return lambda table: {**table, key: table.get(key, 0) + by}


def twice(rows: tuple[Any, ...]) -> tuple[Any, ...]:
    return (rows[0], *rows)


def without_first(rows: tuple[Any, ...]) -> tuple[Any, ...]:
    return rows[1:]


def neighbour() -> str:
    """A holder of shares who does not own the plant."""
    (shares,) = true_records().shares
    return next(holder for holder in shares.holdings if holder != shares.steward)


TAMPERED: dict[str, tuple[str, Callable[[Any], Any], str]] = {
    "a meter's energy raised": ("slots", entry(produced=1), "every slot has the energy"),
    "a reading hidden": ("metered", lambda table: dict(list(table.items())[1:]), "signed readings"),
    "energy sold twice": ("slots", entry(sold=10**6), "no slot has sold more"),
    "a slot left open": ("slots", entry(closed=-1), "every slot is closed"),
    "a closing hidden": ("closings", lambda table: dict(list(table.items())[1:]), "is closed"),
    "energy credits from nothing": ("closings", entry(minted=1), "in every slot"),
    "grid energy too cheap": ("closings", entry(from_grid=500, burned=-500), "costs the grid"),
    "a delivery forgotten": ("deliveries", lambda rows: rows[1:], "what was bought"),
    "a trade underpaid": ("payments", first(paid=-1), "paid at the prices agreed"),
    "a trade without its end": (
        "trades",
        lambda rows: (replace(rows[0], compensation=None), *rows[1:]),
        "every trade has ended",
    ),
    "a compensation too small": ("trades", first(amount=1000), "compensated"),
    "energy tokens from nowhere": ("energy", field(supply=1), "supply of energy tokens"),
    "energy tokens missing": ("energy", field(balances=-1), "supply of energy tokens"),
    "dollars printed": ("money", field(supply=1), "supply of test dollars"),
    "money taken from the settlement contract": (
        "treasury",
        field(holding=-1),
        "the settlement contract holds",
    ),
    "a fee vanished": ("treasury", field(fees=-1, holding=-1), "fees and grid revenue"),
    "an account robbed": ("accounts", first(available=-1), "for every account"),
    "money locked for good": ("accounts", first(available=-1, locked=1), "no money is locked"),
    "a reduction that no meter saw": (
        "events",
        rewarded(reduction_w=1),
        "every metered load reduction is its baseline less what the readings add up to",
    ),
    "a baseline inflated afterwards": (
        "events",
        rewarded(baseline_w=1),
        "every metered load reduction",
    ),
    "a wrong reward, paid": ("events", rewarded(reward=1, paid=1), "its share of the budget"),
    "a reward fixed and not paid": ("events", rewarded(paid=-1), "and was paid"),
    "a reward that no wallet has": ("accounts", first(wallet=-1), "every wallet has"),
    "a refund missing": ("events", first(refunded=-1), "add up to the budget"),
    "a budget larger than what it paid": ("events", first(budget=1), "add up to the budget"),
    "money left in demand response": (
        "escrow",
        field(holding=1),
        "the demand-response contract holds no money",
    ),
    "rewards still owed": (
        "escrow",
        field(escrowed=1),
        "the demand-response contract holds no money",
    ),
    "production from nowhere": (
        "assets",
        inside("production", lambda days: {slots: wh + 1 for slots, wh in days.items()}),
        "every plant has produced",
    ),
    "a plant taken from its shares": (
        "assets",
        lambda rows: tuple(replace(row, owner="thief") for row in rows),
        "a shared plant belongs to its shares",
    ),
    "a share from nowhere": (
        "shares",
        inside("holdings", lambda held: of_one(neighbour(), 1)(held)),
        "they add up to their number",
    ),
    "revenue kept back": ("shares", first(received=1), "the revenue of shares is the money sent"),
    "revenue not noticed": (
        "shares",
        inside("revenues", without_first),
        "the revenue of shares is",
    ),
    "revenue claimed twice": (
        "shares",
        inside("claimed", lambda table: of_one(neighbour(), table[neighbour()])(table)),
        "every holder has claimed its part",
    ),
    "a claim that no wallet has": (
        "shares",
        inside("claimed", lambda table: of_one(neighbour(), 1)(table)),
        "every wallet has",
    ),
    "revenue that nobody can take": (
        "shares",
        first(holding=100, received=100),
        "the revenue that no holder can claim",
    ),
    "more to take than there is": (
        "shares",
        inside("claimable", lambda table: of_one(neighbour(), 10)(table)),
        "the revenue that no holder can claim",
    ),
    "energy credits gone": (
        "accounts",
        first(energy_credits=-1),
        "energy credits + those on offer",
    ),
    "energy credits sold by nobody": (
        "spot",
        inside("purchases", first(wh=1)),
        "energy credits + those on offer",
    ),
    "the spot market robbed": ("spot", field(holding=-1), "the spot market holds"),
    "an offer forgotten": (
        "spot",
        inside("purchases", without_first),
        "energy credits offered on the spot market were sold",
    ),
    "energy given back twice": (
        "spot",
        inside("offers", first(returned=1)),
        "energy credits offered on the spot market were sold",
    ),
    "a spot price not kept": ("spot", inside("purchases", first(paid=-1)), "at the price asked"),
    "a spot payment short": ("spot_payments", first(paid=-1), "settlement accounts moved"),
    "a spot payment too many": ("spot_payments", twice, "settlement accounts moved"),
    "a spot fee vanished": ("spot_payments", first(fees=-1), "fees and grid revenue"),
    "a gram from nowhere": (
        "carbon",
        inside("producers", first(issued=1)),
        "carbon credits, with the part of a gram left over",
    ),
    "milligrams lost": (
        "carbon",
        inside("producers", first(remainder=-1)),
        "carbon credits, with the part of a gram left over",
    ),
    "a factor changed afterwards": (
        "carbon",
        inside("factors", lambda table: {slot: factor + 1 for slot, factor in table.items()}),
        "carbon credits, with the part of a gram left over",
    ),
    "a slot credited twice": (
        "carbon",
        inside("producers", first(times=1)),
        "carbon credits were issued once for each",
    ),
    "energy credited that nobody produced": (
        "carbon",
        inside("producers", first(energy=1)),
        "carbon credits were issued once for each",
    ),
    "credits from nowhere": ("carbon", field(supply=1), "carbon credits issued are those"),
    "credits in nobody's hands": ("carbon", field(balances=-1), "carbon credits issued are those"),
    "a retirement not recorded": (
        "carbon",
        inside("retirements", without_first),
        "carbon credits issued are those",
    ),
    "retired and still there": ("carbon", field(retired=-1), "carbon credits issued are those"),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_audit__tampered_records__fail_with_the_statement(name: str) -> None:
    attribute, change, claim = TAMPERED[name]
    records = true_records()
    broken = replace(records, **{attribute: change(getattr(records, attribute))})
    assert any(claim in failed for failed in failing(broken))
    with pytest.raises(CheckFailedError, match="the check failed: "):
        require(audit(broken))


def test_audit__every_statement__can_fail() -> None:
    records = true_records()
    seen = {
        claim
        for attribute, change, _ in TAMPERED.values()
        for claim in failing(replace(records, **{attribute: change(getattr(records, attribute))}))
    }
    assert seen == {statement.claim for statement in audit(records)}


def test_audit__energy_of_the_grid_at_once__is_distinguished_from_neighbours() -> None:
    records = true_records()
    sold = records.deliveries[0]
    key = (sold.buyer, sold.slot)
    purchase = GridPurchase(account=sold.buyer, slot=sold.slot, wh=100, cost=30_000)
    slots = {
        **records.slots,
        key: replace(records.slots[key], bought=records.slots[key].bought + 100),
    }
    with_purchase = replace(records, slots=slots, grid_purchases=(purchase,))
    assert not any("what was bought" in claim for claim in failing(with_purchase))
    assert any("what was bought" in claim for claim in failing(replace(records, slots=slots)))


def test_audit__true_records__have_every_kind_of_trade() -> None:
    """So that each statement is about something."""
    records = true_records()
    offers = [one.offer for one in records.spot.offers]
    assert {one.status for one in offers} == {OfferStatus.OPEN, OfferStatus.SOLD}
    assert any(0 < one.remaining < one.amount for one in offers)
    assert [one.trade.status for one in records.spot.trades] == [TradeStatus.COMPLETED]
    assert any(payment.fees for payment in records.spot_payments)
    (shares,) = records.shares
    assert 0 < shares.holding < len(shares.holdings)
    assert len({shares.claimed[holder] for holder in shares.holdings}) == 2
    assert any(one.remainder for one in records.carbon.producers)


def test_audit__revenue_not_yet_taken__counts_as_the_holders() -> None:
    records = true_records()
    (shares,) = records.shares
    waiting = shares.claimed[neighbour()]
    left = {holder: sum_ for holder, sum_ in shares.claimed.items() if holder != neighbour()}
    later = replace(
        shares,
        claimed=left,
        claimable={neighbour(): waiting},
        holding=shares.holding + waiting,
    )
    claims = failing(replace(records, shares=(later,)))
    # The model's wallet has it already.
    assert claims == ["every wallet has what was paid out to it, and what it had besides"]


def test_audit__shares_sold_on__their_old_revenue_stays_with_who_had_them() -> None:
    records = true_records()
    (shares,) = records.shares
    owner = {**shares.holdings, neighbour(): 0}
    owner[shares.steward] += shares.holdings[neighbour()]
    assert failing(replace(records, shares=(replace(shares, holdings=owner),))) == []


def test_audit__pending_trade__is_on_offer() -> None:
    records = true_records()
    seller = records.accounts[0]
    trade = Trade(
        seller=seller.address,
        buyer=records.accounts[1].address,
        amount=5,
        price=1,
        created_at=1,
        status=TradeStatus.PENDING,
    )
    spot = replace(
        records.spot,
        trades=(*records.spot.trades, SpotTradeRecord(id=2, trade=trade)),
        holding=records.spot.holding + 5,
    )
    without = (replace(seller, energy_credits=seller.energy_credits - 5), *records.accounts[1:])
    assert failing(replace(records, spot=spot, accounts=without)) == []
    emptied = replace(spot, holding=records.spot.holding)
    assert failing(replace(records, spot=emptied, accounts=without)) == [
        "the spot market holds what is on offer"
    ]


def test_audit__nobody_has_panels__says_nothing_of_plants() -> None:
    day, households = date(2016, 7, 6), [1, 2]
    plan = plan_of(day, households)
    market = market_of(plan)
    operate(market, plan, feeder_of(plan, households, None))
    statements = audit(market.read())
    assert all(statement.holds for statement in statements)
    for word in ("plant", "carbon credits", "offered on the spot market"):
        assert not any(word in statement.claim for statement in statements)
    assert any("spot market holds" in statement.claim for statement in statements)


def test_audit__no_event__says_only_that_demand_response_holds_nothing() -> None:
    records = replace(true_records(), events=())
    claims = [statement.claim for statement in audit(records)]
    assert "the demand-response contract holds no money any more" in claims
    assert not any("reward" in claim for claim in claims)


def test_audit__operators_word__is_paid_out_of_what_metered_reductions_leave() -> None:
    records = true_records()
    (event,) = records.events
    one, *_ = event.rewards
    metered = replace(one, reduction_w=600, reward=1_800_000, paid=1_800_000)
    word = replace(one, metered=False, reduction_w=300, reward=900_000, paid=900_000)
    over = replace(word, reduction_w=500, reward=750_000, paid=750_000)
    under = replace(word, reduction_w=300, reward=450_000, paid=450_000)
    for target_kw, parts in ((1, (metered, word)), (1, (metered, over, under))):
        reply = replace(
            event, target_kw=target_kw, reward_per_kw=3_000_000, budget=3_000_000, rewards=parts
        )
        claims = failing(replace(records, events=(reply,)))
        assert not any("its share of the budget" in claim for claim in claims), parts
    generous = replace(over, reward=750_001, paid=750_001)
    reply = replace(reply, rewards=(metered, generous, under))
    assert any("its share" in claim for claim in failing(replace(records, events=(reply,))))
