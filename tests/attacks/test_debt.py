"""Threats 61, 68 and 69: credits that are moved, debts that walk away.

Here the owner may leave its debts behind: `spoils` counts an account that owes more than it holds
as nothing, and what was taken outside in full.
"""

from __future__ import annotations

import pytest

from tests.support.core.attack_suite import (
    BUY,
    DAY,
    HOME,
    HOUR,
    KWH,
    REGISTRAR,
    RICH,
    SELL,
    START,
    TODAY,
    VALUE,
    Street,
    gain,
    twins,
)
from tests.support.core.chain import refused

DEAREST = 90
MEAN = 24 * KWH
"""What a new meter of 8 kW is taken to import in a day."""


@pytest.fixture
def street() -> Street:
    """The owner keeps credits; the day of the meters begins."""
    street = Street()
    street.home("owner", keeps=True)
    street.home("other", keeps=True)
    street.chain.set_time(START)
    return street


def day_of(street: Street, flows: dict[str, list[int]], *, day: int = TODAY) -> None:
    """A day that is lived and closed."""
    street.live(flows)
    street.wait()
    street.close(day=day)
    street.assert_solvent()
    street.chain.set_time((day + 1) * DAY)


def test_stored__grid_energy_of_a_cheap_hour__earns_the_credit_value(street: Street) -> None:
    """61: a battery charges at 30, gives back while the price is 90, and the credit is drawn in a
    dear hour of the next day: it is worth 5 then as ever, where the feed-in would be 8."""
    street.home("plain")
    for day in (TODAY, TODAY + 1):
        day_of(street, {}, day=day)

    def play(name: str) -> int:
        street.make_dear()
        day_of(street, {name: [-4 * KWH, 4 * KWH]}, day=TODAY + 2)
        street.make_dear()
        day_of(street, {name: [0, -4 * KWH]}, day=TODAY + 3)
        return street.worth(name)

    assert gain(street, lambda: play("owner"), lambda: play("plain")) == -4 * KWH * (8 - VALUE)


def test_credits__before_a_higher_tariff__are_worth_no_more_in_it(street: Street) -> None:
    """61: kept at 30, drawn when a kWh costs 60: drawing pays 60 less the value of the credit."""
    first = street["Communities"].beyondHorizon()
    street["Tariffs"].setTariff(street.meters_home, (60, 8, 2, 1, 30_000), first, by=REGISTRAR)
    day_of(street, {"owner": [4 * KWH]})
    assert street.account("owner")["credits"] == 4 * KWH
    for day in range(TODAY + 1, first):
        day_of(street, {}, day=day)
    before = street.worth("owner")
    day_of(street, {"owner": [-4 * KWH]}, day=first)
    assert street.account("owner")["credits"] == 0
    assert street.worth("owner") == before - 4 * KWH * 60


def test_withdrawn__before_open_days_are_billed__the_reserve_stays(street: Street) -> None:
    """69: what may be taken out is what the open days at the mean and the dearest price leave."""
    settlement, owner = street["Settlement"], street.at("owner")
    free = street.account("owner")["free"] // 1000
    reserve = MEAN * DEAREST // 1000
    assert street.available(owner) == free - reserve
    with refused("Settlement_InsufficientBalance", owner, free - reserve, free - reserve + 1):
        settlement.withdraw(free - reserve + 1, owner, by=owner)
    # The second day without a closing is reserved, too.
    street.live(hours=25)
    assert street.available(owner) == free - 2 * reserve


def test_withdrawn__and_a_day_consumed_at_rated_power__is_held_by_the_security(
    street: Street,
) -> None:
    """69: the owner takes out all it can, consumes at rated power, and never pays. When its day
    closes there is a debt, less than its security, and nothing more can be withdrawn."""
    settlement, owner = street["Settlement"], street.at("owner")
    flows = {"owner": [-8 * KWH] * 24}

    def play(*, leaves: bool) -> int:
        if leaves:
            settlement.withdraw(street.available(owner), owner, by=owner)
        day_of(street, flows)
        if leaves:
            with refused("Settlement_InsufficientBalance", owner, 0, 1):
                settlement.withdraw(1, owner, by=owner)
        return street.spoils("owner")

    walked = 8 * 24 * KWH * 30 - MEAN * DEAREST
    security = 8_000_000
    assert security > walked
    assert gain(street, lambda: play(leaves=True), lambda: play(leaves=False)) == 0


def test_walked_away__after_four_days__owes_them_less_reserve_and_security(
    street: Street,
) -> None:
    """69: the bound of what walks away, where nobody cuts the household off: each day adds at most
    rated power * 24 h * price; the reserve and the security pay first."""
    settlement, owner = street["Settlement"], street.at("owner")
    settlement.withdraw(street.available(owner), owner, by=owner)
    for day in range(4):
        day_of(street, {"owner": [-8 * KWH] * 24}, day=TODAY + day)
    bill, paid = 4 * 8 * 24 * KWH * 30, MEAN * DEAREST
    assert street.account("owner")["debt"] == bill - paid
    street.detach("owner")
    day_of(street, {}, day=TODAY + 4)
    settlement.releaseSecurity(owner)
    assert street.account("owner")["debt"] == bill - paid - 8_000_000


def test_queued__before_it_is_billed__is_no_more_than_could_be_withdrawn() -> None:
    """69: a withdrawal beyond the outflow limit, and beyond a household's allowance, waits. It
    leaves the same reserve as one that is paid at once; the bill's debt stands meanwhile, and
    what is cancelled pays it."""
    street = Street(outflow=1)
    street.home("owner", money=3 * RICH)
    street.chain.set_time(START)
    settlement, owner = street["Settlement"], street.at("owner")
    free = street.account("owner")["free"] // 1000
    most = free - MEAN * DEAREST // 1000
    with refused("Settlement_InsufficientBalance", owner, most, most + 1):
        settlement.withdraw(most + 1, owner, by=owner)
    settlement.withdraw(most, owner, by=owner)
    assert settlement.queuedWithdrawal(1)[2] == most
    day_of(street, {"owner": [-8 * KWH] * 24})
    debt = 8 * 24 * KWH * 30 - MEAN * DEAREST
    assert street.account("owner")["debt"] == debt
    settlement.cancelWithdrawal(1, by=owner)
    found = street.account("owner")
    assert (found["debt"], found["free"]) == (0, most * 1000 - debt)


def test_credits__of_a_debtor__neither_move_nor_stay(street: Street) -> None:
    """69: a debt takes existing credits at their value; tokens that come back pay it, too; while
    it stands nothing is withdrawn."""
    settlement, owner = street["Settlement"], street.at("owner")
    day_of(street, {"owner": [8 * KWH] * 24})
    kept = 192 * KWH
    assert street.account("owner")["credits"] == kept
    settlement.withdrawCredits(kept // 2, by=owner)
    settlement.withdraw(street.available(owner), owner, by=owner)
    settlement.setKeeps(False, by=owner)
    street.chain.set_time(START + DAY)
    street.live({"owner": [-8 * KWH] * 24})
    street.wait()
    street.close(day=TODAY + 1)
    # Half of the credits covered a part of it: 96 kWh drawn, then the rest at 30.
    found = street.account("owner")
    assert found["credits"] == 0
    assert found["debt"] > 0
    with refused("Settlement_InsufficientBalance", owner, 0, 0):
        settlement.withdrawCredits(1, by=owner)
    debt = found["debt"]
    street["EnergyToken"].approve(settlement.address, kept, by=owner)
    settlement.depositCredits(kept // 2, by=owner)
    paid = min(kept // 2, debt // VALUE) * VALUE
    assert street.account("owner")["debt"] == debt - paid
    with refused("Settlement_InDebt", owner, -(-(debt - paid) // 1000)):
        street.order("owner", BUY, KWH, 0, START + 3 * DAY)


def test_order__that_hides_money_from_a_bill__pays_it_when_cancelled(street: Street) -> None:
    """69: money locked in an own order is out of the bill's reach until the order ends, and no
    longer: neither the owner nor its accomplice gets it."""
    settlement, owner = street["Settlement"], street.at("owner")
    free = street.available(owner)
    late = START + 5 * DAY
    locked = 1000 * free // KWH // 1000 * 1000
    order = street.order("owner", BUY, KWH, locked // 1000, late)
    settlement.withdraw(street.available(owner), owner, by=owner)
    day_of(street, {"owner": [-8 * KWH] * 24})
    debt = street.account("owner")["debt"]
    assert debt == 8 * 24 * KWH * 30 - MEAN * DEAREST
    sell = street.order("other", SELL, KWH, 0, late)
    with refused("EnergyTrading_Refused", order, 15):
        street["EnergyTrading"].matchOrders(order, sell)
    street["EnergyTrading"].cancelOrder(order, by=owner)
    assert street.account("owner")["debt"] == 0
    assert street.account("owner")["free"] == locked // 1000 * KWH - debt


def test_sold__by_a_debtor_to_an_accomplice__is_refused(street: Street) -> None:
    """60, 69: even where the price is the cover, whoever owes neither sells nor buys."""
    settlement, owner = street["Settlement"], street.at("owner")
    settlement.withdraw(street.available(owner), owner, by=owner)
    day_of(street, {"owner": [-8 * KWH] * 24})
    noon = START + DAY + 12 * HOUR
    with refused("Settlement_InsufficientBalance", owner, 0, 0):
        street.order("owner", SELL, KWH, 93, noon)
    orders = [
        street.signed("other", BUY, KWH, 93, noon),
        street.signed("owner", SELL, KWH, 93, noon),
    ]
    assert street.batch(orders, [(0, 1, KWH)], 93, noon, skip=True) == 0
    assert street.refusals() == [19]


def test_debtor__in_a_community__is_suspended_by_anybody_and_changes_nobodys_share() -> None:
    """68, 69: a debtor goes on sharing until the horizon; its neighbours are paid as if it paid."""
    street = Street()
    street.home("debtor", money=8000 + 2160, member=True)
    street.home("giver", member=True)
    street.chain.set_time(START)
    debtor = street.at("debtor")
    flows = {"debtor": [-8 * KWH] * 24, "giver": [4 * KWH] * 24}

    def play(*, leaves: bool) -> int:
        if leaves:
            assert street.available(debtor) == 0
        else:
            street.deposit(debtor, 10**6)
        day_of(street, flows)
        assert (street.account("debtor")["debt"] > 0) == leaves
        if leaves:
            street["Communities"].suspend(debtor, by=street.at("giver"))
        day_of(street, flows, day=TODAY + 1)
        return street.worth("giver")

    poor, rich = twins(street, lambda: play(leaves=True), lambda: play(leaves=False))
    assert poor == rich


def test_withdrawn__after_a_silent_end_of_metering__waits_for_the_last_register() -> None:
    """60, 69: silent for two days at rated power, then detached. The days are closed at deemed
    import, and what they really cost is charged when somebody publishes the last register: until
    then, or for 30 days, the gap stays open, and money does not leave."""
    street = Street()
    owner = street.home("owner")
    street.chain.set_time(START)
    street.live({"owner": [-KWH]})
    settlement = street["Settlement"]
    hours = [-8 * KWH] * 24
    silent = {("owner", hour) for hour in range(24)}
    street.live({"owner": hours}, silent=silent)
    street.detach("owner")
    street.live({"owner": hours}, silent=silent)
    last = street.reading("owner")
    street.wait(2 * HOUR)
    street.close(day=TODAY + 2)
    end = (TODAY + 3) * 24
    assert street["EnergyAccounts"].gapOf(street.number("owner")) == (True, end - 1)
    with refused("Settlement_GapOpen", owner):
        settlement.withdraw(1, owner, by=owner)
    with refused("Settlement_GapOpen", owner):
        street.order("owner", BUY, KWH, 30, street.now // HOUR * HOUR + HOUR)

    def owed_and_left() -> tuple[int, int]:
        """What the account owes, and what it can withdraw."""
        return street.account("owner")["debt"], street.available(owner)

    def read() -> tuple[int, int]:
        street.publish_by_consent("owner", last)
        street.wait(DAY)
        street.close(day=TODAY + 3)
        settlement.releaseSecurity(owner)
        return owed_and_left()

    def unread() -> tuple[int, int]:
        street.chain.set_time(end * HOUR + 30 * DAY)
        settlement.releaseSecurity(owner)
        return owed_and_left()

    spent, deemed = (KWH + 2 * 24 * 8 * KWH) * 30, KWH * 30 + 2 * MEAN * 30
    assert twins(street, read, unread) == [(0, RICH - spent // 1000), (0, RICH - deemed // 1000)]


@pytest.mark.parametrize(("theta", "price"), [(None, 8), (5_000, 18), (10_000, 28)])
def test_circle__of_an_exporter_and_one_who_never_pays__earns_until_it_is_cut_off(
    theta: int | None, price: int
) -> None:
    """69: the documented bound. One owner has two meters behind each other, and lets the same
    energy pass through both: what one exports the grid account pays, what the other imports is
    never paid. Nothing is consumed, so it is a gain in cash: rated power * 24 h * the feed-in a
    day, or the shared price of a community of its own, less what the debtor has put in. A
    suspension has effect after the horizon."""
    street = Street()
    names = "debtor", "accomplice"
    street.home("debtor", money=8000)
    street.home("accomplice")
    if theta is not None:
        own = street["Communities"].create(HOME, theta, street.at("accomplice"))
        for name in names:
            street["Communities"].join(own, by=street.at(name))
    street.chain.set_time(START)
    before = street.spoils(*names)
    for day in range(6):
        day_of(street, {"debtor": [-8 * KWH] * 24, "accomplice": [8 * KWH] * 24}, day=TODAY + day)
        if theta is not None and not day:
            street["Communities"].suspend(street.at("debtor"))
    assert street.spoils(*names) - before == 6 * 8 * 24 * KWH * price - 8_000_000


def test_credits__bought_after_their_value_fell__cover_open_days_at_the_former_one() -> None:
    """61: the documented bound. A day that is not closed yet is covered at its own value, also by
    credits that came in later: the difference of the values, for own import of days that were open
    when the value fell. The day before the fall is open for the grace at least."""
    street = Street()
    for name in ("owner", "seller"):
        street.home(name, keeps=True)
    tariffs, settlement = street["Tariffs"], street["Settlement"]
    fall = street["Communities"].beyondHorizon()
    tariffs.setCreditValue(1, fall, by=REGISTRAR)
    street.chain.set_time(START)
    day_of(street, {"seller": [KWH]})
    for day in range(TODAY + 1, fall - 1):
        day_of(street, {}, day=day)
    street.live({"owner": [-KWH]})
    assert street.now == fall * DAY
    settlement.withdrawCredits(KWH, by=street.at("seller"))

    def play(*, buys: bool) -> int:
        """The seller gets what a credit is worth now."""
        if buys:
            street["EnergyToken"].transfer(street.at("owner"), KWH, by=street.at("seller"))
            settlement.depositCredits(KWH, by=street.at("owner"))
        street.wait()
        street.close("owner", day=fall - 1)
        return street.worth("owner") - buys * KWH * 1

    assert gain(street, lambda: play(buys=True), lambda: play(buys=False)) == KWH * (VALUE - 1)


def test_reserve__of_who_skips_a_boundary_a_day__stays_as_it_is(street: Street) -> None:
    """69: the documented bound. The mean follows days that were read in whole. With the holder's
    consent one boundary a day is skipped, which costs nothing under a flat tariff without sharing:
    the reserve stays at three hours of rated power, while the twin's rises to what it draws."""
    flows = {"owner": [-8 * KWH] * 24}

    def play(*, skips: bool) -> tuple[int, int]:
        """What the account has in all, and what of it cannot be withdrawn."""
        for day in range(TODAY, TODAY + 8):
            street.live(
                flows, hours=2, silent={("owner", hour) for hour in range(2)} if skips else ()
            )
            if skips:
                street.publish_by_consent("owner", street.reading("owner"))
            street.live(flows | {"owner": [-8 * KWH] * 22}, hours=22)
            street.wait()
            street.close(day=day)
            street.chain.set_time((day + 1) * DAY)
        free = street.account("owner")["free"]
        return street.worth("owner"), free // 1000 - street.available(street.at("owner"))

    skipped, read = twins(street, lambda: play(skips=True), lambda: play(skips=False))
    assert skipped[0] == read[0]
    assert skipped[1] == MEAN * DEAREST // 1000 < read[1] // 5
