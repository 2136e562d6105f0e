"""Threats 59, 65, 66, 67 and 73: what holders, strangers and operators can do with readings.

Buy 30, feed-in 8, network fee 2: a shared kWh earns 18 and costs 20. In thousandths, a Wh at a
price of 30 is 30.
"""

from __future__ import annotations

from functools import partial
from random import Random
from typing import Any

import pytest

from tests.support.core.attack_suite import (
    DAY,
    HOUR,
    KWH,
    REGISTRAR,
    START,
    TODAY,
    Street,
    gain,
    twins,
)
from tests.support.core.chain import refused
from tests.support.examples import Seeds

HOURS = 24
LAST = HOURS - 1


@pytest.fixture
def street() -> Street:
    """Owner and neighbour share; the day of their meters begins."""
    street = Street()
    for name in ("owner", "neighbour"):
        street.home(name, member=True)
    street.chain.set_time(START)
    return street


def settled(street: Street, day: int = TODAY + 1) -> int:
    """What the owner has when all is closed that was read."""
    street.wait()
    street.close(day=day)
    street.assert_solvent()
    return street.worth("owner")


def test_withheld__import_of_a_dear_hour__is_charged_at_the_dearest_price(street: Street) -> None:
    """59: no boundary between a dear hour and a cheap one, so that nobody sees which it was."""
    flows = {"owner": [-KWH, -KWH]}

    def play(silent: set[tuple[str, int]]) -> int:
        street.make_dear()
        kept = street.live(flows, hours=3, silent=silent)
        if kept:
            street.publish_by_consent("owner", street.reading("owner"))
        street.live(hours=45)
        return settled(street)

    # Hours 1 and 2 cost 90 a kWh, and hour 0 had begun: the span of hours 0 to 2 costs 90 in all.
    silent = {("owner", hour) for hour in range(3)}
    assert gain(street, lambda: play(silent), lambda: play(set())) == -KWH * (90 - 30)


def test_withheld__export_while_feed_in_falls__earns_the_lowest(street: Street) -> None:
    """59: a span over two tariffs, so that the lower feed-in meets nothing."""
    tariffs = street["Tariffs"]
    street.chain.set_time(START - DAY)
    fallen = tariffs.HORIZON() // DAY
    tariffs.setTariff(street.meters_home, (30, 6, 2, 1, 30_000), TODAY + fallen, by=REGISTRAR)
    street.chain.set_time(START)
    flows = {"owner": [8 * KWH]}

    def play(silent: set[tuple[str, int]]) -> int:
        for _ in range(fallen - 1):
            street.live()
        # The last hour before the fall has the export.
        street.live(hours=23)
        kept = street.live(flows, hours=2, silent=silent)
        if kept:
            street.publish_by_consent("owner", street.reading("owner"))
        street.live(hours=47)
        return settled(street, TODAY + fallen + 1)

    silent = {("owner", 0), ("owner", 1)}
    assert gain(street, lambda: play(silent), lambda: play(set())) == -8 * KWH * (8 - 6)


@pytest.mark.parametrize("net", [-KWH, KWH])
def test_delayed__readings_after_the_slots_are_final__cost_what_sharing_brings(
    street: Street, net: int
) -> None:
    """59: to know first what the neighbours did; late readings are not shared."""
    flows = {"owner": [net] * 4, "neighbour": [-net] * 4}

    def play(silent: set[tuple[str, int]]) -> int:
        kept = street.live(flows, silent=silent)
        street.wait()
        street.publish(*kept.values())
        street.live(hours=25)
        return settled(street)

    silent = {("owner", hour) for hour in range(HOURS)}
    lost = 4 * KWH * (18 - 8 if net > 0 else 30 - 20)
    assert gain(street, lambda: play(silent), lambda: play(set())) == -lost


def test_only_last__one_register_a_month__costs_the_dearest_and_all_sharing(street: Street) -> None:
    """59: thirty days silent, then one reading; the days were charged at their mean until then."""
    flows = {"owner": [-KWH, KWH] * 12, "neighbour": [KWH, -KWH] * 12}

    def play(*, silent: bool) -> int:
        hushed = {("owner", hour) for hour in range(HOURS)} if silent else set()
        for day in range(31):
            last = {("owner", LAST)} if day == 30 else set()
            street.live(flows, silent=hushed - last)
            street.wait()
            street.close(day=TODAY + day)
        street.chain.set_time(START + 31 * DAY)
        street.live()
        return settled(street, TODAY + 31)

    # Each day of twelve hours in and out: shared both ways, instead of bought and fed in.
    day = 12 * KWH * ((30 - 20) + (18 - 8))
    assert gain(street, lambda: play(silent=True), lambda: play(silent=False)) == -31 * day


def test_stranger__publishes_the_latest_reading_first__destroys_nothing(street: Street) -> None:
    """59, 68: a stranger has readings that are not published yet, and sends them in the worst
    order: the later boundary is skipped, and one in between is in the way of none."""
    flows = {"owner": [-KWH, 2 * KWH], "neighbour": [KWH, -2 * KWH]}
    silent = {("owner", 0), ("owner", 1)}

    def play(*, attacked: bool) -> int:
        kept = street.live(flows, hours=2, silent=silent)
        street.wait(600)
        if attacked:
            street.publish(kept["owner", 1], street.reading("owner"))
            names = [name for _, name, _ in street.chain.logs]
            assert names == ["ReadingSkipped", "ReadingRecorded"]
        street.publish(kept["owner", 0], kept["owner", 1])
        street.live(hours=HOURS - 2)
        return settled(street, TODAY)

    assert gain(street, lambda: play(attacked=True), lambda: play(attacked=False)) == 0


def test_two_exporters__one_withholds__gain_a_wh_by_rounding(street: Street) -> None:
    """59: the documented bound. Each of two exporters of one owner loses a part of a Wh to
    rounding; if one is silent the other gives the whole: 1 Wh * (c - f) a slot."""
    street.chain.set_time(START - HOUR)
    street.home("owner's other", member=True)
    street.chain.set_time(START)
    flows = {"owner": [1], "owner's other": [1], "neighbour": [-1]}

    silent = {("owner's other", hour) for hour in range(HOURS)}
    attack = gain(
        street,
        lambda: play_late(street, flows, silent, "owner", "owner's other"),
        lambda: play_late(street, flows, set(), "owner", "owner's other"),
    )
    assert attack == 1 * (18 - 8)


def test_many_exporters__all_but_one_withhold__gain_a_wh_for_each(street: Street) -> None:
    """59: the same bound for n accounts of one owner: (n - 1) Wh * (c - f) a slot. Five exporters
    of 10 Wh give 1 Wh each of the 9 that are needed; one alone gives all of them."""
    names = [f"owner {number}" for number in range(5)]
    street.chain.set_time(START - HOUR)
    for name in names:
        street.home(name, member=True)
    street.chain.set_time(START)
    flows = {name: [10] for name in names} | {"neighbour": [-9]}
    silent = {(name, hour) for name in names[1:] for hour in range(HOURS)}

    attack = gain(
        street,
        lambda: play_late(street, flows, silent, *names),
        lambda: play_late(street, flows, set(), *names),
    )
    assert attack == 4 * (18 - 8)


def test_many_importers__all_but_one_withhold__gain_a_wh_for_each_in_a_dear_hour(
    street: Street,
) -> None:
    """59: the same for takers, by what sharing is worth to them: (n - 1) Wh * (price - c - g) a
    slot. Five importers of 10 Wh take 1 Wh each of 9; one alone takes all of them."""
    names = [f"owner {number}" for number in range(5)]
    street.chain.set_time(START - HOUR)
    for name in names:
        street.home(name, member=True)
    street.make_dear()
    street.chain.set_time(START)
    flows = {name: [-10] for name in names} | {"neighbour": [9]}
    silent = {(name, hour) for name in names[1:] for hour in range(HOURS)}

    attack = gain(
        street,
        lambda: play_late(street, flows, silent, *names),
        lambda: play_late(street, flows, set(), *names),
    )
    assert attack == 4 * (90 - 20)


def play_late(
    street: Street, flows: dict[str, list[int]], silent: set[tuple[str, int]], *names: str
) -> int:
    """A day whose silent readings come when they are final; what the owners of names have."""
    kept = street.live(flows, silent=silent)
    street.wait()
    street.publish(*kept.values())
    street.close()
    return street.worth(*names)


def test_any_schedule__of_two_accounts__gains_rounding_at_most(
    street: Street, seeds: Seeds
) -> None:
    """59: readings of two accounts of one owner withheld at random, or late, among neighbours;
    the bound is 1 Wh a slot of what sharing is worth to a giver or a taker."""
    street.chain.set_time(START - HOUR)
    street.home("owner's other", member=True)
    street.chain.set_time(START)
    hours = 6
    for seed in seeds(20):
        random = Random(seed)
        flows = {
            name: [random.choice((-KWH, -1, 0, 1, 7, KWH)) for _ in range(hours)]
            for name in ("owner", "owner's other", "neighbour")
        }
        lost = {
            (name, hour)
            for name in ("owner", "owner's other")
            for hour in range(hours)
            if random.random() < 0.3
        }
        is_dear, publishes = random.random() < 0.5, random.random() < 0.5

        def play(
            silent: set[tuple[str, int]] = lost,
            flows: dict[str, list[int]] = flows,
            publishes: bool = publishes,
            is_dear: bool = is_dear,
        ) -> int:
            if is_dear:
                street.make_dear()
            kept = street.live(flows, hours=hours, silent=silent)
            street.wait()
            for (name, _), reading in sorted(kept.items(), key=lambda each: each[0][1]):
                if publishes:
                    street.publish_by_consent(name, reading)
            street.chain.set_time(START + (hours + 1) * HOUR)
            for name in ("owner", "owner's other", "neighbour"):
                street.publish_by_consent(name, street.reading(name))
            street.live(hours=2 * HOURS - hours - 1)
            settled(street)
            return street.worth("owner", "owner's other")

        rounding = hours * max(18 - 8, 90 - 20)
        # The last hour goes with the end of the day; it has no flow.
        assert gain(street, play, partial(play, set())) <= rounding, seed


def test_split_metering_point__plant_and_house_apart__loses_the_network_fee(street: Street) -> None:
    """65: what one meter would net out is shared between two accounts of one owner instead."""
    street.chain.set_time(START - HOUR)
    for name in ("plant", "house"):
        street.home(name, member=True)
    street.chain.set_time(START)
    makes, takes = [3 * KWH] * 4, [-2 * KWH] * 4

    def play(flows: dict[str, list[int]]) -> int:
        street.live(flows)
        settled(street, TODAY)
        return street.worth("owner", "plant", "house")

    split = {"plant": makes, "house": takes}
    whole = {"owner": [a + b for a, b in zip(makes, takes, strict=True)]}
    assert gain(street, lambda: play(split), lambda: play(whole)) == -4 * 2 * KWH * 2


def test_kept_back__supply_of_a_member__raises_no_price(street: Street) -> None:
    """65: theta is fixed, so an owner of two exporters that keeps one silent shares less, and at
    the same price."""
    street.chain.set_time(START - HOUR)
    street.home("owner's other", member=True)
    street.chain.set_time(START)
    flows = {name: [4 * KWH] * 2 for name in ("owner", "owner's other")}
    flows["neighbour"] = [-6 * KWH] * 2

    def play(silent: set[tuple[str, int]]) -> int:
        return play_late(street, flows, silent, "owner", "owner's other")

    silent = {("owner's other", hour) for hour in range(HOURS)}
    lost = 2 * 2 * KWH * (18 - 8)
    assert gain(street, lambda: play(silent), lambda: play(set())) == -lost


def test_outage__of_all_meters_under_a_flat_tariff__costs_nothing_beyond_sharing(
    street: Street,
) -> None:
    """73: readings that come in order when all is over true every slot up; if the guardian has
    prolonged the slots, sharing is not lost either."""
    flows = {"owner": [-KWH, KWH, -3 * KWH] * 8, "neighbour": [KWH, -KWH, KWH] * 8}
    silent = {(name, hour) for name in flows for hour in range(HOURS)}

    def play(*, outage: bool, prolonged: bool = False) -> int:
        if prolonged:
            first = TODAY * HOURS
            street["EnergyAccounts"].prolong(first, first + HOURS, 7 * DAY, by=REGISTRAR)
        kept = street.live(flows, silent=silent if outage else ())
        street.wait()
        street.publish(*kept.values())
        street.live(hours=25)
        street.chain.set_time(START + 8 * DAY + 900)
        return settled(street, TODAY)

    honest, dark, prolonged = twins(
        street,
        lambda: play(outage=False),
        lambda: play(outage=True),
        lambda: play(outage=True, prolonged=True),
    )
    assert prolonged == honest
    taken, given = 16 * KWH, 8 * KWH
    assert honest - dark == taken * (30 - 20) + given * (18 - 8)


def test_outage__of_a_household_that_does_not_share__costs_nothing(street: Street) -> None:
    """73: boundaries lost for good, and one register in the end, under a flat tariff."""
    street.chain.set_time(START - HOUR)
    street.home("hermit")
    street.chain.set_time(START)
    flows = {"hermit": [-KWH] * 5 + [KWH // 2] * 7}

    def play(*, outage: bool) -> int:
        silent = {("hermit", hour) for hour in range(HOURS)} if outage else set()
        street.live(flows, silent=silent)
        street.wait(HOUR)
        street.publish_by_consent("hermit", street.reading("hermit"))
        street.live(hours=23)
        settled(street)
        return street.worth("hermit")

    assert gain(street, lambda: play(outage=True), lambda: play(outage=False)) == 0


def test_stolen_key__of_a_device__costs_rated_power_until_the_holder_detaches(
    street: Street,
) -> None:
    """66, 67: the registrar gives a meter another key, which shows import at rated power. Each
    day costs 8 kW * 24 h * 30 at most; registers cannot rise faster, and the holder that detaches
    at once is charged for one day more."""
    false = {"owner": [-8 * KWH] * HOURS}
    too_much = street.shown["owner"][0] + 8 * KWH + 1

    def play(flows: dict[str, list[int]]) -> int:
        street.live(hours=1)
        street.chain.set_time(START + 2 * HOUR)
        street.publish(street.reading("owner", (too_much, 0)))
        assert [name for _, name, _ in street.chain.logs] == ["ReadingSkipped"]
        street.detach("owner")
        street.chain.set_time(START + HOUR)
        street.live(flows, hours=LAST)
        street.wait()
        street.close()
        street["Settlement"].releaseSecurity(street.at("owner"))
        return street.worth("owner")

    lost = -gain(street, lambda: play(false), lambda: play({}))
    assert lost == LAST * 8 * KWH * 30


def test_false_meter__of_an_accomplice__reaches_the_grid_accounts_cash_alone() -> None:
    """66: a registrar and an account make up export at any power. The supplier's cash pays for
    it as far as it reaches; deposits, pot, covers and securities of others are not touched."""
    street = Street(cash=10**5)
    street.home("neighbour", money=5 * 10**6)
    street.home("liar", rated=10**6)
    street.chain.set_time(START)
    before = street.worth("neighbour")
    street.live({"liar": [10**6] * HOURS})
    street.wait()
    street.close()
    cash, owed, *_ = street["Settlement"].gridAccount()
    # 24 MWh at 8, and the supplier had 10^5 units.
    assert (cash, owed) == (0, HOURS * 10**6 * 8 - 10**8)
    street.assert_solvent()
    assert street.worth("neighbour") == before
    free = street.account("neighbour")["free"] // 1000
    held = street.available(street.at("neighbour"))
    street["Settlement"].withdraw(held, street.at("neighbour"), by=street.at("neighbour"))
    # What stays is what its open day may cost: 7/8 of the first mean, 3 h of 8 kW, at 90.
    assert free - held == 24 * KWH * 7 // 8 * 90 // 1000


def test_false_meter__of_a_member__takes_the_place_of_honest_givers(street: Street) -> None:
    """66: a false exporter shares, too. A giver loses what sharing brings above feed-in, for what
    the false energy replaces; takers pay what they would have paid."""
    street.chain.set_time(START - HOUR)
    street.home("liar", member=True)
    street.chain.set_time(START)
    flows = {"owner": [KWH], "neighbour": [-KWH]}

    def play(*, false: bool) -> tuple[int, int]:
        street.live(flows | {"liar": [3 * KWH if false else 0]})
        settled(street, TODAY)
        return street.worth("owner"), street.worth("neighbour")

    honest, cheated = twins(street, lambda: play(false=False), lambda: play(false=True))
    assert honest[0] - cheated[0] == 3 * KWH // 4 * (18 - 8)
    assert honest[1] == cheated[1]


def test_one_meter_an_account__second_one__is_refused(street: Street) -> None:
    """65: a second settlement meter at the same account, and the same device at another."""
    number = street.number("owner")
    with refused("EnergyAccounts_HasMeter", number, 2**32 - 1):
        street.connect("owner")
    street.person("accomplice")
    device = street.devices["neighbour"]
    with refused("SmartMeter_AlreadyRegistered", device.address):
        street.meters.register(device, street.holders["accomplice"])


@pytest.mark.parametrize("read", [0, 1])
def test_silence__from_within_a_day__leaves_the_rest_of_that_day_unpaid(read: int) -> None:
    """59, 67: 8 kW for ever, of which a day without any reading pays three hours. A day with one
    reading pays what it shows."""
    street = Street()
    street.home("owner")
    street.chain.set_time(START)
    before, hours = street.worth("owner"), 32 * HOURS
    silent = [("owner", hour) for hour in range(read, hours)]
    street.live({"owner": [-8 * KWH] * hours}, hours=hours, silent=silent)
    street.wait()
    street.close(day=TODAY + 29 + read)
    assert before - street.worth("owner") == read * 8 * KWH * 30 + 30 * 3 * 8 * KWH * 30


@pytest.mark.parametrize("missing", [0, 1])
def test_late__all_but_the_last_register_of_a_meter__costs_both_charges(missing: int) -> None:
    """59, 73: half a kW for two days, charged as unread, then read late. The charge comes back with
    the last register alone."""
    street = Street()
    street.home("owner")
    street.chain.set_time(START)
    before, silent = street.worth("owner"), [("owner", hour) for hour in range(HOURS)]
    late: list[tuple[Any, ...]] = []
    for day in range(2):
        if day:
            street.detach("owner")
        late += street.live({"owner": [-500] * HOURS}, silent=silent).values()
    street.wait()
    street.close(day=TODAY + 1)
    deemed = 2 * 3 * 8 * KWH * 30
    assert before - street.worth("owner") == deemed
    street.publish(*late[: len(late) - missing])
    street.chain.set_time(START + 33 * DAY)
    street.close(day=TODAY + 31)
    street["Settlement"].releaseSecurity(street.at("owner"))
    read = (2 * HOURS - missing) * 500 * 30
    assert before - street.worth("owner") == read + deemed * missing
