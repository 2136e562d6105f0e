"""Rules 1 to 5 and 20: accounts, meters, registers, finality, gaps. Days of four hours."""

from __future__ import annotations

import pytest

from tests.model.market import FOREVER, Market
from tests.support.toy_market import (
    DAY,
    GRACE,
    HOUR,
    RICH,
    TODAY,
    close,
    household,
    meter,
    new_market,
    of_day,
    refused,
    settle,
)

FIRST = of_day(TODAY)
NOW = TODAY * DAY


@pytest.fixture
def market() -> Market:
    return new_market()


@pytest.fixture
def metered(market: Market) -> Market:
    """With one household, whose meter has shown its first registers."""
    household(market, "home")
    market.read("home", FIRST, (0, 0), NOW)
    return market


# Rule 2: meters, deposits


def test_attach__a_meter__speaks_from_the_next_day_on_and_binds_its_deposit(market: Market) -> None:
    account = market.open("home", NOW)
    market.deposit("home", 1000)
    market.attach("home", 8000, (5, 7), 600, NOW + DAY - 1)
    assert account.metered == (FIRST + 4, FOREVER)
    assert (account.free, account.security, account.registers) == (400, 600, (5, 7))
    # An eighth of four hours of 8 kW.
    assert account.deemed == 4000
    market.check()


def test_attach__more_than_the_free_money__is_refused(market: Market) -> None:
    market.open("home", NOW)
    market.deposit("home", 599)
    with refused("InsufficientBalance", "home", 600, 599):
        market.attach("home", 8000, (0, 0), 600, NOW)


def test_attach__a_second_meter__is_refused_until_the_first_is_gone(metered: Market) -> None:
    with refused("HasMeter", "home"):
        metered.attach("home", 8000, (0, 0), 0, NOW)
    metered.detach("home", NOW)
    with refused("HasMeter", "home"):
        metered.attach("home", 8000, (0, 0), 0, NOW)
    settle(metered, "home", 0, 0, 0, 0)
    metered.release_security("home", NOW + DAY + GRACE)
    metered.attach("home", 8000, (0, 0), 0, NOW + DAY)
    assert metered.accounts["home"].metered == (FIRST + 8, FOREVER)


def test_detach__at_a_day_bound__ends_what_the_meter_speaks_for(metered: Market) -> None:
    metered.detach("home", NOW)
    assert metered.accounts["home"].metered == (FIRST, FIRST + 4)
    with refused("NoMeter", "home"):
        metered.detach("home", NOW)
    meter(metered, "home", 0, 0, 0, 0)
    with refused("NoMeter", "home", FIRST + 5):
        metered.read("home", FIRST + 5, (0, 0), NOW + 2 * DAY)


def test_release_security__open_days__keep_it(market: Market) -> None:
    account = market.open("home", NOW - DAY)
    market.deposit("home", RICH)
    market.attach("home", 8000, (0, 0), 600, NOW - DAY)
    market.detach("home", NOW)
    meter(market, "home", 0, 0, 0)
    with refused("DaysOpen", "home", TODAY - 1):
        market.release_security("home", NOW + 9 * DAY)
    close(market, "home")
    # The last register may still come, for as long as a gap is open.
    open_from = NOW + DAY + 3 * DAY
    with refused("RegistersMissing", "home", open_from):
        market.release_security("home", open_from - 1)
    market.release_security("home", open_from)
    assert (account.security, account.metered, account.deemed) == (0, (0, 0), 0)
    # The last boundary never came: the day was closed at the mean import.
    assert account.free == RICH - 4000 * 30
    market.check()


def test_release_security__what_came_late__is_still_charged(metered: Market) -> None:
    metered.detach("home", NOW)
    close(metered, "home")
    metered.read("home", FIRST + 4, (5000, 0), NOW + 2 * DAY, consent=True)
    metered.release_security("home", NOW + 2 * DAY)
    account = metered.accounts["home"]
    assert account.pending == (5000 - 4000) * 30
    most = RICH - 5000 * 30
    with refused("InsufficientBalance", "home", most + 1, most):
        metered.withdraw("home", most + 1, NOW + 2 * DAY)
    metered.withdraw("home", most, NOW + 2 * DAY)
    metered.check()


def test_release_security__of_an_account_that_owes__pays_the_debt(market: Market) -> None:
    account = market.open("home", NOW - DAY)
    market.deposit("home", 600)
    market.attach("home", 8000, (0, 0), 600, NOW - DAY)
    market.detach("home", NOW)
    assert settle(market, "home", 0, 0, 0, -10) == -300
    assert account.debt == 300
    market.release_security("home", NOW + DAY + GRACE)
    assert (account.free, account.debt) == (300, 0)
    market.check()


def test_exchange__of_a_device__goes_on_where_the_old_one_ended(metered: Market) -> None:
    meter(metered, "home", -1000)
    with refused("RegisterDecreased", (999, 0)):
        metered.exchange("home", 8000, (999, 0), (50, 70))
    with refused("PowerAbove", 8001, 8000):
        metered.exchange("home", 8001, (1200, 10), (50, 70))
    metered.exchange("home", 7000, (1200, 10), (50, 70))
    metered.read("home", FIRST + 2, (350, 70), NOW + 2 * HOUR)
    account = metered.accounts["home"]
    assert account.net == {FIRST: -1000, FIRST + 1: -490}
    assert account.rated == 7000
    metered.check()
    with refused("NoMeter", "other"):
        metered.open("other", NOW)
        metered.exchange("other", 7000, (0, 0), (0, 0))


# Rules 3 and 4: boundary readings


def test_read__boundaries_in_order__give_each_slot_its_net_once(metered: Market) -> None:
    metered.read("home", FIRST + 1, (300, 100), NOW + HOUR)
    metered.read("home", FIRST + 2, (300, 600), NOW + 2 * HOUR)
    assert metered.accounts["home"].net == {FIRST: -200, FIRST + 1: 500}
    with refused("NotNewer", FIRST + 2, FIRST + 2):
        metered.read("home", FIRST + 2, (300, 600), NOW + 2 * HOUR)
    metered.check()


def test_read__before_the_slot_has_ended__is_refused(metered: Market) -> None:
    with refused("FromFuture", FIRST + 1):
        metered.read("home", FIRST + 1, (0, 0), NOW + HOUR - 1)
    metered.read("home", FIRST + 1, (0, 0), NOW + HOUR)


def test_read__registers__never_decrease(metered: Market) -> None:
    metered.read("home", FIRST + 1, (5, 5), NOW + HOUR)
    for registers in ((4, 6), (6, 4)):
        with refused("RegisterDecreased", registers):
            metered.read("home", FIRST + 2, registers, NOW + 2 * HOUR)


def test_read__more_than_the_rated_power__is_refused(metered: Market) -> None:
    with refused("Implausible", 8001, 8000):
        metered.read("home", FIRST + 1, (8000, 1), NOW + HOUR)
    metered.read("home", FIRST + 1, (7999, 1), NOW + HOUR)
    with refused("Implausible", 16_001, 16_000):
        metered.read("home", FIRST + 3, (24_000, 1), NOW + 3 * HOUR, consent=True)


def test_read__a_skipped_boundary__needs_the_holder_until_the_gap_is_over(metered: Market) -> None:
    anyone = NOW + HOUR + 3 * DAY
    with refused("Skipped", FIRST + 2, anyone):
        metered.read("home", FIRST + 2, (0, 0), anyone - 1)
    metered.read("home", FIRST + 2, (0, 0), anyone)
    metered.read("home", FIRST + 4, (0, 0), anyone, consent=True)


def test_read__registers_before_the_meter_counts__move_no_energy(market: Market) -> None:
    account = household(market, "home")
    market.read("home", FIRST - 2, (3000, 0), NOW - 2 * HOUR)
    market.read("home", FIRST, (4000, 0), NOW)
    market.read("home", FIRST + 1, (4500, 0), NOW + HOUR)
    assert account.net == {FIRST: -500}
    assert account.pending == 0
    market.check()


def test_read__the_first_boundary_is_missing__is_a_span(market: Market) -> None:
    account = household(market, "home")
    market.read("home", FIRST + 1, (4500, 100), NOW + HOUR, consent=True)
    assert not account.net
    assert account.pending == 4500 * 30 - 100 * 8
    market.check()


# Rule 5: finality


def test_is_final__grace_after_the_end__and_not_before(market: Market) -> None:
    final = NOW + HOUR + GRACE
    assert not market.is_final(FIRST, final - 1)
    assert market.is_final(FIRST, final)


def test_prolong__an_outage__delays_its_slots_once(market: Market) -> None:
    week = 7 * 86_400
    with refused("TooLong", week + 1):
        market.prolong(FIRST, FIRST + 2, week + 1, NOW)
    with refused("NothingProlonged"):
        market.prolong(FIRST, FIRST + 2, 0, NOW)
    for end in (FIRST, FIRST + week // HOUR + 1):
        with refused("BadRange", FIRST, end):
            market.prolong(FIRST, end, week, NOW)
    latest = FIRST + 24
    with refused("TooFarAhead", latest + 1, latest):
        market.prolong(latest + 1, latest + 2, week, NOW)
    final = NOW + HOUR + GRACE
    with refused("SlotFinal", FIRST):
        market.prolong(FIRST, FIRST + 2, week, final)
    market.prolong(FIRST, FIRST + 2, week, final - 1)
    for slot, late in ((FIRST - 1, 0), (FIRST, week), (FIRST + 1, week), (FIRST + 2, 0)):
        assert market.is_final(slot, (slot + 1) * HOUR + GRACE + late)
        assert not market.is_final(slot, (slot + 1) * HOUR + GRACE + late - 1)
    again = NOW + 2 * HOUR + GRACE + week
    with refused("OutageOpen", FIRST + 1):
        market.prolong(FIRST + 1, FIRST + 2, week, again - 1)
    with refused("SlotFinal", FIRST + 1):
        market.prolong(FIRST + 1, FIRST + 2, week, again)
    later = again // HOUR + 24
    market.prolong(later, later + week // HOUR, 1, again)


def test_prolong__readings_of_an_outage__still_count(metered: Market) -> None:
    metered.prolong(FIRST, FIRST + 4, 2 * DAY, NOW)
    metered.read("home", FIRST + 1, (500, 0), NOW + HOUR + GRACE + 2 * DAY - 1)
    assert metered.accounts["home"].net == {FIRST: -500}
    metered.read("home", FIRST + 2, (600, 0), NOW + 2 * HOUR + GRACE + 2 * DAY)
    assert metered.accounts["home"].net == {FIRST: -500}
    assert metered.accounts["home"].pending == 100 * 30


# Rule 20: missing readings


def test_close__without_registers__settles_the_position_alone(metered: Market) -> None:
    household(metered, "seller")
    metered.trade("home", "seller", range(FIRST, FIRST + 1), 1000, 20, NOW - 1)
    before = [metered.accounts[name].worth for name in ("home", "seller")]
    close(metered, "home", "seller")
    after = [metered.accounts[name].worth for name in ("home", "seller")]
    # The buyer has 1 kWh of surplus, the seller's deficit is that of its sale.
    assert [new - old for new, old in zip(after, before, strict=True)] == [8000, -30_000]


def test_read__late_and_in_order__trues_the_slot_up(metered: Market) -> None:
    """On time the buyer's 3 kWh would have been 1 kWh bought and 2 of the grid."""
    household(metered, "seller")
    metered.trade("home", "seller", range(FIRST, FIRST + 1), 1000, 20, NOW - 1)
    before = metered.accounts["home"].worth
    close(metered, "home")
    metered.read("home", FIRST + 1, (3000, 0), NOW + 2 * DAY)
    assert metered.accounts["home"].worth - before == -2000 * 30
    assert not any(metered.accounts["home"].net.values())
    close(metered, "home", day=TODAY + 1)
    assert metered.accounts["home"].pending == 0
    assert metered.accounts["home"].worth - before == -2000 * 30


@pytest.mark.parametrize(("keeps", "price"), [(False, 8), (True, 5)])
def test_read__late_export__earns_what_a_credit_is_worth(keeps: bool, price: int) -> None:
    market = new_market()
    account = household(market, "home", keeps=keeps)
    market.read("home", FIRST, (0, 0), NOW)
    market.read("home", FIRST + 1, (0, 700), NOW + HOUR + GRACE)
    assert (account.pending, account.credits) == (-700 * price, 0)
    market.check()


def test_read__late_in_a_community__is_not_shared(market: Market) -> None:
    for name in ("giver", "taker"):
        household(market, name, member=True)
    meter(market, "taker", -1000)
    market.read("giver", FIRST, (0, 0), NOW)
    market.read("giver", FIRST + 1, (0, 1000), NOW + HOUR + GRACE)
    assert market.accounts["giver"].pending == -8000
    assert settle(market, "taker") == -30_000


def test_read__a_span__pays_the_dearest_and_earns_the_lowest(metered: Market) -> None:
    metered.write_prices("home", 15_000, NOW + 3 * HOUR, NOW)
    metered.read("home", FIRST + 4, (1000, 400), NOW + 4 * HOUR, consent=True)
    account = metered.accounts["home"]
    assert account.pending == 1000 * 45 - 400 * 8
    close(metered, "home")
    assert account.worth == RICH - 1000 * 45 + 400 * 8


def test_read__a_span_over_days__earns_credit_value_if_any_day_keeps(metered: Market) -> None:
    metered.set_keeps("home", True, NOW)
    metered.read("home", FIRST + 4, (0, 0), NOW + DAY, consent=True)
    metered.read("home", FIRST + 8, (0, 1000), NOW + 2 * DAY, consent=True)
    assert metered.accounts["home"].pending == -5000


def test_close__after_the_gap__charges_deemed_import(metered: Market) -> None:
    """The boundary at the end of the first slot is the last register: days 1 to 3 have none."""
    meter(metered, "home", -100)
    account = metered.accounts["home"]
    for day in range(TODAY, TODAY + 3):
        close(metered, "home", day=day)
    assert account.worth == RICH - 100 * 30
    close(metered, "home", day=TODAY + 3)
    assert account.worth == RICH - 100 * 30 - 3 * 4000 * 30
    now, end = NOW + 4 * DAY + GRACE, of_day(TODAY + 4)
    # It stays until registers have caught up with the closed days.
    metered.read("home", end - 1, (600, 0), now, consent=True)
    assert account.deemed_money == 3 * 4000 * 30
    metered.read("home", end, (700, 0), now)
    assert account.deemed_money == 0
    close(metered, "home", day=TODAY + 4)
    assert account.worth == RICH - 700 * 30
    metered.check()


def test_close__unread_days_after_days_of_little__cost_what_a_silent_meter_pays(
    metered: Market,
) -> None:
    account = metered.accounts["home"]
    for day in range(TODAY, TODAY + 30):
        settle(metered, "home", -1, 0, 0, 0, day=day)
    assert account.deemed < 100
    before = account.worth
    for day in range(TODAY + 30, TODAY + 33):
        close(metered, "home", day=day)
    assert before - account.worth == 3 * 4000 * 30
    end = of_day(TODAY + 33)
    metered.read("home", end, (90_000, 0), NOW + 33 * DAY + GRACE, consent=True)
    assert before - account.worth == (90_000 - 30) * 30
    metered.check()


@pytest.mark.parametrize("closed", [1, 3])
def test_close__the_last_day_of_a_meter__is_deemed_without_its_register(
    metered: Market, closed: int
) -> None:
    """At its dearest price; whenever the register comes, it brings back the difference."""
    metered.detach("home", NOW)
    metered.write_prices("home", 15_000, NOW + HOUR + 1, NOW)
    account = metered.accounts["home"]
    for day in range(TODAY, TODAY + closed):
        close(metered, "home", day=day)
    assert account.deemed_money == 4000 * 45
    assert account.worth == RICH - 4000 * 45
    metered.read("home", FIRST + 4, (10, 0), NOW + 4 * DAY, consent=True)
    assert account.worth == RICH - 450
    metered.release_security("home", NOW + 4 * DAY)
    metered.check()


def test_attach__after_deemed_days__owes_the_new_meter_nothing(metered: Market) -> None:
    metered.detach("home", NOW)
    for day in range(TODAY, TODAY + 3):
        close(metered, "home", day=day)
    account, now = metered.accounts["home"], NOW + 4 * DAY
    metered.release_security("home", now)
    assert account.worth == RICH - 4000 * 30
    metered.attach("home", 8000, (0, 0), 0, now)
    first = of_day(TODAY + 5)
    metered.read("home", first, (0, 0), now + DAY)
    metered.read("home", first + 2, (10, 0), now + 2 * DAY, consent=True)
    assert account.worth == RICH - 4000 * 30 - 300
    metered.check()


def test_trade__with_a_gap__is_refused_until_registers_come(metered: Market) -> None:
    household(metered, "other")
    metered.read("other", FIRST, (0, 0), NOW)
    now = NOW + HOUR + GRACE
    slots = range(FIRST + 3, FIRST + 4)
    metered.withdraw("home", 1, now - 1)
    for blocked in (
        lambda: metered.withdraw("home", 1, now),
        lambda: metered.withdraw_credits("home", 0, now),
        lambda: metered.trade("home", "other", slots, 1, 20, now),
    ):
        with refused("GapOpen", "home", FIRST):
            blocked()
    metered.read("home", FIRST + 1, (0, 0), now)
    with refused("GapOpen", "other", FIRST):
        metered.trade("home", "other", slots, 1, 20, now)
    metered.read("other", FIRST + 1, (0, 0), now)
    metered.trade("home", "other", slots, 1, 20, now)


def test_close__days_read_fully_and_in_time__move_the_deemed_import(metered: Market) -> None:
    account = metered.accounts["home"]
    settle(metered, "home", -1000, 500, -3, 0)
    assert account.deemed == (7 * 4000 + 1003) // 8
    before = account.deemed
    meter(metered, "home", -1000, day=TODAY + 1)
    late = NOW + 2 * DAY + GRACE
    for number in (2, 3, 4):
        metered.read("home", of_day(TODAY + 1, number), (2003, 500), late)
    close(metered, "home", day=TODAY + 1)
    assert account.deemed == before
