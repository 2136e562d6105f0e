"""Threat 68: closing in a bad order, not closing, and making closing fail for others."""

from __future__ import annotations

from functools import partial
from random import Random
from typing import Any

import pytest

from tests.model.market import Tariff
from tests.support.core.attack_suite import (
    DAY,
    HOUR,
    KWH,
    SELL,
    START,
    TODAY,
    Street,
    gain,
    twins,
)
from tests.support.core.chain import refused
from tests.support.examples import Seeds

HOMES = ("giver", "taker", "keeper", "debtor", "mute", "late")
DAYS = 3


def lived(*, cash: int = 10**9) -> Street:
    """Three days of households of every kind, of which nothing is closed yet."""
    street = Street(cash=cash)
    for name in HOMES:
        money = 8000 + 2160 if name == "debtor" else 10**7
        street.home(name, money=money, member=name != "keeper", keeps=name == "keeper")
    street.person("trader")
    street.chain.set_time(START)
    flows = {
        "giver": [3 * KWH + 1] * 24,
        "taker": [-2 * KWH - 1] * 24,
        "keeper": [KWH, -KWH, KWH] * 8,
        "debtor": [-8 * KWH] * 24,
        "mute": [-KWH] * 24,
        "late": [KWH, -KWH - 1] * 12,
    }
    street.trade("taker", "giver", 2 * KWH, 15, START + 12 * HOUR)
    street.trade("trader", "keeper", 8 * KWH, 20, START + 36 * HOUR)
    kept: dict[tuple[int, int], tuple[Any, ...]] = {}
    for day in range(DAYS):
        silent = {("mute", hour) for hour in range(24)}
        silent |= {("late", hour) for hour in range(24) if day >= 1}
        kept |= {
            (day, hour): reading
            for (name, hour), reading in street.live(flows, silent=silent).items()
            if name == "late"
        }
    street.wait()
    street.publish(*(reading for _, reading in sorted(kept.items(), key=lambda each: each[0])))
    return street


def bills(street: Street) -> list[tuple[int, ...]]:
    """What closings may not change: what accounts have, except in which form."""
    found: list[tuple[int, ...]] = []
    for name in street.holders:
        account = street.account(name)
        money = account["free"] + account["receivable"] - account["debt"] - account["pending"]
        found.append(
            (money, account["credits"], street["Settlement"].cursorAt(street.number(name)))
        )
    return found


def test_closed__in_any_order_and_in_any_groups__gives_the_same_bills(seeds: Seeds) -> None:
    """68: one by one, day by day, or all at once; those that give before those that take."""
    street = lived()

    def play(seed: int) -> list[tuple[int, ...]]:
        random = Random(seed)
        for _ in range(random.randint(0, 12)):
            group = random.sample([*street.holders], random.randint(1, 4))
            day = TODAY + random.randrange(DAYS)
            cursors = [street["Settlement"].cursorAt(street.number(name)) for name in group]
            if min(cursors) <= day:
                street.close(*group, day=day)
        if any(each[2] < TODAY + DAYS for each in bills(street)):
            street.close(day=TODAY + DAYS - 1)
        street.assert_solvent()
        return bills(street)

    first, *others = twins(street, *(partial(play, seed) for seed in seeds(12)))
    assert all(each == first for each in others)


def test_closed__with_an_empty_grid_account__only_the_time_of_payment_differs() -> None:
    """68: who closes first is paid first; nobody is paid less."""
    street = lived(cash=0)

    def play(order: list[str]) -> list[tuple[int, ...]]:
        for name in order:
            street.close(name, day=TODAY + DAYS - 1)
        street.assert_solvent()
        return bills(street)

    names = [*street.holders]
    there, back = twins(street, lambda: play(names), lambda: play(names[::-1]))
    assert there == back
    street.close("giver", day=TODAY + DAYS - 1)
    assert street.account("giver")["receivable"] > 0
    # Those that take pay it.
    street.close(day=TODAY + DAYS - 1)
    assert street.account("giver")["receivable"] == 0


def test_not_closing__an_own_account__changes_no_bill_and_holds_nobody_up() -> None:
    """68: a taker that is never closed by its owner: its givers are paid; anybody closes it."""
    street = lived()

    def play(*, lazy: bool) -> int:
        names = [name for name in street.holders if name != "taker" or not lazy]
        street.close(*names, day=TODAY + DAYS - 1)
        found = street.worth("giver")
        if lazy:
            # Its reserve grows with its open days; its money is not free meanwhile.
            taker = street.at("taker")
            held = street.account("taker")["free"] // 1000 - street.available(taker)
            assert held == 4 * 24 * KWH * 90 // 1000
            street.close("taker", day=TODAY + DAYS - 1)
        return found

    assert gain(street, lambda: play(lazy=True), lambda: play(lazy=False)) == 0


def test_odd_inputs__of_a_closing__are_passed_over() -> None:
    """68: unknown, repeated and empty addresses, contracts, accounts that are closed already, in
    debt, without data: the others close, once."""
    street = lived()
    settlement = street["Settlement"]
    odd = [
        "0x" + 40 * "0",
        "0x" + 39 * "0" + "1",
        settlement.address,
        street.token.address,
        *[street.at("giver")] * 3,
        *map(street.at, ("debtor", "mute", "late", "trader")),
    ]
    street.close("late", day=TODAY)

    def play(addresses: list[str]) -> int:
        settlement.closeThrough(addresses, TODAY + DAYS - 1)
        return street.worth("giver")

    alone = [street.at("giver")]
    assert gain(street, lambda: play(odd), lambda: play(alone)) == 0
    for addresses in ([], odd[:4]):
        with refused("Settlement_NothingToClose", TODAY):
            settlement.closeThrough(addresses, TODAY)
    # A day that is far away means all that are final.
    settlement.closeThrough(odd, 2**256 - 1)
    assert settlement.cursorAt(street.number("giver")) == TODAY + DAYS


@pytest.mark.parametrize("member", [False, True])
def test_debtor_and_mute__among_others__cost_the_others_nothing(member: bool) -> None:
    """68: neither a debtor nor a meter without data changes what its neighbours have."""
    street = Street()
    street.home("giver", member=True)
    street.home("taker", member=True)
    street.home("bad", money=8000 + 2160, member=member)
    street.chain.set_time(START)
    flows = {"giver": [KWH] * 24, "taker": [-KWH] * 24}

    def play(*, bad: bool) -> int:
        silent = {("bad", hour) for hour in range(24)} if bad else set()
        for day in range(2):
            street.live(flows, silent=silent)
            street.wait()
            street.close("bad", "giver", "taker", day=TODAY + day)
            street.chain.set_time(START + (day + 1) * DAY)
        return street.worth("giver", "taker")

    assert gain(street, lambda: play(bad=True), lambda: play(bad=False)) == 0


def test_full_credit_field__feeds_the_surplus_in_and_closes() -> None:
    """68: 2^40 - 1 Wh of credit, as a plant of 2 GW has after 22 days: the rest is fed in, the day
    closes, and so do the others in the same call."""
    street = Street()
    rated, most, days = 2**31 - 1, 2**40 - 1, 22
    street.home("plant", money=10**10, rated=rated, keeps=True)
    street.home("other")
    street.chain.set_time(START)
    flows = {"plant": [rated] * 24, "other": [-KWH] * 24}
    for day in range(days):
        street.live(flows)
        street.wait()
        before = street.worth("other")
        street.close(day=TODAY + day)
        assert street.worth("other") == before - 24 * KWH * 30
        street.chain.set_time(START + (day + 1) * DAY)
    plant = street.account("plant")
    assert plant["credits"] == most
    fed_in = days * 24 * rated - most
    security = plant["security"]
    assert plant["free"] + plant["receivable"] == 10**13 - security + fed_in * 8
    with refused("Settlement_CreditsFull", street.at("plant"), 0, 1):
        street["Settlement"].depositCredits(1, by=street.at("plant"))


def test_largest_values__of_meter_price_and_trade__close_all_the_same() -> None:
    """68: no word overflows by what one account does: the highest rated power, the dearest price
    the deployment allows, the largest position, thirty unread days."""
    dear = Tariff(buy=600_000_000, feed_in=8, network_fee=2, protocol_fee=1, max_factor=65_535)
    street = Street(dear)
    street.home("giant", money=10**10, rated=2**31 - 1)
    street.home("other", money=10**10)
    street.chain.set_time(START)
    silent = {("giant", hour) for hour in range(24)}
    for day in range(31):
        street.live({"other": [-1] * 24}, silent=silent)
        street.wait()
        street.close("giant", "other", day=TODAY + day)
        street.chain.set_time(START + (day + 1) * DAY)
    assert street.account("giant")["debt"] > 0
    assert street["Settlement"].cursorAt(street.number("other")) == TODAY + 31
    street.publish(street.reading("giant"))
    street.live()
    street.wait()
    street.close(day=TODAY + 31)
    assert street.account("giant")["debt"] == 0


def test_receivables__many_small_ones_of_an_attacker__delay_no_closing() -> None:
    """68: with an empty grid account every closing queues an entry; a call serves a bounded number,
    more than it adds, and the queue is served in order by anybody."""
    street = Street(cash=0)
    for number in range(12):
        street.home(f"dust {number}")
    street.home("victim")
    street.chain.set_time(START)
    flows = {f"dust {number}": [1] for number in range(12)} | {"victim": [KWH]}
    for day in range(3):
        street.live(flows)
        street.wait()
        for name in street.holders:
            street.close(name, day=TODAY + day)
        street.chain.set_time(START + (day + 1) * DAY)
    assert street["Settlement"].gridAccount()[4] == 39
    street.fund(10**6)
    while street["Settlement"].gridAccount()[4]:
        street["Settlement"].serve(10)
    assert street.account("victim")["receivable"] == 0
    assert street.worth("victim") == 10**10 + 3 * KWH * 8


def test_settled__trade_with_a_party_that_never_closes__is_settled_by_anybody() -> None:
    """68: `settleTransaction` closes both parties; the seller is paid without the buyer's help."""
    street = lived()
    trading = street["EnergyTrading"]
    trading.settleTransaction(1)
    assert street["Settlement"].cursorAt(street.number("giver")) == TODAY + 1
    with refused("EnergyTrading_AlreadySettled", 1):
        trading.settleTransaction(1)
    trading.settleTransaction(2)
    assert street["Settlement"].cursorAt(street.number("trader")) == TODAY + 2
    # A gap stops only the one who has it.
    with refused("Settlement_GapOpen", street.at("mute")):
        street.order("mute", SELL, KWH, 20, START + 10 * DAY)
    street.order("giver", SELL, KWH, 20, START + 10 * DAY)


def test_set_off__receivable__keeps_its_place_for_what_is_owed_later() -> None:
    """68: the documented bound. With an empty grid account, who exports, imports the worth of it,
    and exports again is paid at the place of the first export, before those who came in between:
    what was set off, and not more."""
    street = Street(cash=0)
    for name in ("first", "second"):
        street.home(name)
    street.chain.set_time(START)
    flows = ({"first": [30 * 8]}, {"first": [-8 * 8], "second": [30 * 8]}, {"first": [30 * 8]})
    for day, each in enumerate(flows):
        street.live(each)
        street.wait()
        street.close(day=TODAY + day)
        street.chain.set_time(START + (day + 1) * DAY)
    owed = 30 * 8 * 8
    first = street.account("first")["receivable"]
    assert (first, street.account("second")["receivable"]) == (owed, owed)
    street.give(street.supplier, 2)
    street["Settlement"].fundGrid(2, by=street.supplier)
    assert street.account("first")["receivable"] == 0
    assert street.account("second")["receivable"] == owed - (2000 - owed)
