"""Threats 62, 64 and 67: who can move a price, which slots, and how far."""

from __future__ import annotations

from itertools import permutations

import pytest

from tests.model.market import up
from tests.support.core.attack_suite import (
    BUY,
    CREATE,
    DAY,
    EVER,
    HOME,
    HOUR,
    HOURLY,
    KWH,
    REGISTRAR,
    START,
    TARIFF,
    TODAY,
    Street,
    twins,
)
from tests.support.core.chain import refused
from tests.support.core.oracle_suite import factors, report, reporters

CALM = (100, 200, 5_000, 100)
"""Demand, supply, frequency, voltage of a region."""
SUN = (800, 2_000, 300, 40)
"""Irradiance, temperature, wind, clouds."""
NOON = START + 12 * HOUR


def test_declared__capacity_load_and_production__move_no_price() -> None:
    """62: a participant registers and declares as much as it likes, and a meter confirms it; the
    factors of the next slots are those of a market without it."""
    street = Street()
    street.home("owner", rated=10**9, money=10**10)
    street.chain.set_time(NOON)
    keys = reporters(street, 2)
    grid, owner = street["GridManagement"], street.at("owner")

    def play(*, declares: bool) -> int:
        if declares:
            grid.registerProducer(10**9, 0, by=owner)
            grid.registerConsumer(10**9, by=owner)
            grid.registerStorage(10**9, 10**9, 10**9, by=owner)
            grid.confirmByMeter(street.devices["owner"].address, True)
            grid.confirmByMeter(street.devices["owner"].address, False)
            grid.reportProduction(10**9, by=owner)
            grid.chargeStorage(10**9, by=owner)
            grid.dischargeStorage(10**9, by=owner)
        for key in keys:
            weather = street["WeatherOracle"]
            weather.submitWeather(HOME, weather.openRoundOf(HOME), SUN, by=key)
        for key in keys:
            report(street, key, (190, 200, 4_990, 98))
        found = factors(street)
        assert found[0] == 10_000 < found[1]
        return found[1]

    assert len(set(twins(street, lambda: play(declares=True), lambda: play(declares=False)))) == 1


def test_declared__consumption_beyond_a_meter__changes_no_bill() -> None:
    """62: `consumeEnergy` of a metered account is a lock; it is released when the day closes."""
    street = Street()
    street.home("owner")
    street.chain.set_time(START)
    grid, owner = street["GridManagement"], street.at("owner")

    def play(*, declares: bool) -> int:
        if declares:
            grid.registerConsumer(100 * KWH, by=owner)
            grid.call("consumeEnergy(uint256)", 100 * KWH, by=owner)
            assert street.account("owner")["to come"] == 100 * KWH * 30
        street.live({"owner": [-KWH]})
        street.wait()
        street.close()
        return street.worth("owner")

    assert len(set(twins(street, lambda: play(declares=True), lambda: play(declares=False)))) == 1


@pytest.mark.parametrize("lie", [(0, 2**64 - 1), (2**64 - 1, 0), (2**64 - 1, 1)])
def test_reporter__one_of_three_lies__the_factor_stays_honest(lie: tuple[int, int]) -> None:
    """67, 39: with a quorum of three, whoever lies and whenever: the medians, and so the factors,
    are within what the two honest reports give; alone, a reporter answers nothing."""
    street = Street(quorum=3)
    street.chain.set_time(NOON)
    keys = reporters(street, 3)
    states = (100, 200, 5_000, 100), (120, 200, 4_990, 99)

    def play(reports: list[tuple[int, ...]]) -> int:
        for key, state in zip(keys, reports, strict=True):
            report(street, key, state)
        return factors(street)[1]

    low, high = twins(street, lambda: play([states[0]] * 3), lambda: play([states[1]] * 3))
    false = (*lie, 4_500 if lie[0] else 5_500, 50 if lie[0] else 150)
    for order in permutations((false, *states)):
        found = twins(street, lambda order=order: play([*order]))[0]  # type: ignore[misc]
        assert low <= found <= high

    report(street, keys[0], false)
    assert factors(street) == [10_000] * 3


def test_reporter__one_of_two_lies__moves_the_mean() -> None:
    """67: the median of two is their mean, so an even quorum lets one reporter move the factor."""
    street = Street(quorum=2)
    street.chain.set_time(NOON)
    keys = reporters(street, 2)
    middle, lie = (150, *CALM[1:]), (200, *CALM[1:])

    def play(*told: tuple[int, ...]) -> int:
        for key, state in zip(keys, told, strict=True):
            report(street, key, state)
        return factors(street)[1]

    honest, moved, agreed = twins(
        street,
        lambda: play(CALM, CALM),
        lambda: play(CALM, lie),
        lambda: play(middle, middle),
    )
    assert honest < moved == agreed


def test_reporters__all_of_a_quorum_lie__cost_the_tariffs_factor_for_two_hours() -> None:
    """67: a whole quorum can make the following slots of MAX_AGE as dear as the tariff says, b * w,
    and no dearer; what has begun does not change, and silence ends it."""
    street = Street()
    street.home("owner")
    street.chain.set_time(START)
    street.live(hours=12)
    keys = reporters(street, 2)
    for key in keys:
        report(street, key, (2**64 - 1, 1, 4_500, 50))
    assert factors(street)[0] == 10_000
    assert max(factors(street)) <= TARIFF.max_factor
    reach = street["Tariffs"].MAX_AGE() // HOUR
    assert street["Tariffs"].factorOf(1, street.now // HOUR + reach + 1) == 10_000
    worst = up(max(factors(street)) * TARIFF.buy, 10_000)

    street.live({"owner": [-8 * KWH] * 12}, hours=12)
    street.wait()
    street.close()
    bill = 10**10 - street.worth("owner")
    assert bill == 8 * KWH * ((12 - reach + 1) * 30 + (reach - 1) * worst)


def test_emergency__by_the_authority__costs_the_factor_of_the_tariff_and_ends() -> None:
    """66, 67: each renewal reaches two hours; nothing is dearer than b * w, which holders know
    when they sign, and which their reserve counts with."""
    street = Street()
    street.home("owner")
    street.chain.set_time(START)

    def play(*, renewed: bool) -> int:
        for _ in range(24):
            if renewed:
                street.make_dear()
            street.live({"owner": [-KWH]}, hours=1)
        street.wait()
        street.close()
        return street.worth("owner")

    dear, calm = twins(street, lambda: play(renewed=True), lambda: play(renewed=False))
    # The first hour had begun.
    assert calm - dear == 23 * KWH * (90 - 30)
    street.make_dear()
    street.chain.set_time(START + 3 * HOUR)
    assert factors(street) == [10_000] * 3


@pytest.mark.parametrize("second", [0, 1, DAY // 2, DAY - 1])
def test_tariff_fee_value_theta_and_membership__of_a_tradable_slot__cannot_change(
    second: int,
) -> None:
    """64: by the key that may do everything, at any second of a day: the first day that may change
    begins when the horizon of trades has ended, and all days before stay as they are."""
    street = Street()
    street.home("member", member=True)
    street.person("manager")
    street["Communities"].setManager(street.community, street.at("manager"), by=street.supplier)
    street.chain.set_time(START + DAY)
    street.close(day=TODAY - 1)
    street.chain.set_time(START + DAY + second)
    tariffs, communities = street["Tariffs"], street["Communities"]
    last_tradable = (street.now + tariffs.HORIZON() - 1) // DAY
    first = communities.beyondHorizon()
    assert first * DAY >= street.now + tariffs.HORIZON() > (first - 1) * DAY
    assert first == last_tradable + 1
    manager, dearer = street.at("manager"), (600_000_000, 9, 100_000, 10_000, 65_535)
    days = range(TODAY - 1, first)
    before = [(tariffs.tariffOf(HOME, day), tariffs.creditValueAt(day)) for day in days]
    for day in days:
        with refused("Tariffs_WithinHorizon", day, first):
            tariffs.setTariff(HOME, dearer, day, by=REGISTRAR)
        with refused("Tariffs_WithinHorizon", day, first):
            tariffs.setCreditValue(0, day, by=REGISTRAR)
        with refused("Communities_WithinHorizon", day, first):
            communities.setTheta(street.community, 10_000, day, by=manager)
    tariffs.setTariff(HOME, dearer, first, by=REGISTRAR)
    tariffs.setCreditValue(0, first, by=REGISTRAR)
    communities.setTheta(street.community, 10_000, first, by=manager)
    street["GridManagement"].call("setBasePrice(uint256)", 500_000_000, by=REGISTRAR)
    communities.expel(street.community, street.at("member"), by=manager)
    assert before == [(tariffs.tariffOf(HOME, day), tariffs.creditValueAt(day)) for day in days]
    assert {communities.thetaAt(street.community, day) for day in days} == {5000}
    community, then, from_day = street["EnergyAccounts"].membershipOf(street.number("member"))
    assert (community, then, from_day) == (street.community, 0, first)
    assert tariffs.tariffOf(HOME, first)[0] == 500_000_000
    # Nor does a sooner plan replace a later one within the horizon, a day later.
    street.chain.set_time(street.now + DAY)
    with refused("Tariffs_WithinHorizon", first, first + 1):
        tariffs.setTariff(HOME, dearer, first, by=REGISTRAR)


def test_traded__in_the_last_hour_of_the_horizon__not_one_later() -> None:
    """64: no order's period ends after the horizon."""
    street = Street()
    street.person("owner")
    street.chain.set_time(START + 1800)
    latest = street.now + street["Tariffs"].HORIZON()
    end = latest // HOUR * HOUR
    street.order("owner", BUY, KWH, 1, end - HOUR)
    with refused("EnergyTrading_BeyondHorizon", end + HOUR, latest):
        street["EnergyTrading"].call(CREATE, KWH, 1, EVER, BUY, HOURLY, end, by=street.at("owner"))


def test_maximum_tariff__announced__reaches_nobody_who_leaves_before_it_holds() -> None:
    """66: the authority schedules the highest price there can be. A household that takes its meter
    off and its money out within the horizon has what it would have had without it."""
    street = Street()
    street.home("owner")
    street.chain.set_time(START)
    first = street["Communities"].beyondHorizon()
    settlement, owner = street["Settlement"], street.at("owner")

    def play(*, raised: bool) -> int:
        if raised:
            street["Tariffs"].setTariff(HOME, (600_000_000, 8, 2, 1, 65_535), first, by=REGISTRAR)
        for day in range(TODAY, first):
            if day == first - 1:
                street.detach("owner")
            street.live({"owner": [-KWH] * 24})
            street.wait()
            street.close(day=day)
            street.chain.set_time((day + 1) * DAY)
        street.wait()
        settlement.releaseSecurity(owner)
        settlement.withdraw(street.available(owner), owner, by=owner)
        return street.account("owner")["outside"]

    raised, calm = twins(street, lambda: play(raised=True), lambda: play(raised=False))
    assert raised == calm == 10**10 - (first - TODAY) * 24 * KWH * 30
