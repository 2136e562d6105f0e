"""What if: prices, keys, shares of panels and batteries; the model of the market pays the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.domain.battery import Battery
from energy_grid.domain.simulation import Home, Meter, Simulation, Terms, equip, meter, simulate
from energy_grid.errors import DomainError
from tests.model.market import DAY, Market, Rules, Tariff
from tests.support.toy_market import close, household
from tests.support.toy_market import meter as read

TERMS = Terms(grid_price=300_000, feed_in=80_000, network_fee=20_000, theta=2500)
BATTERY = Battery(power_w=2000, capacity_wh=4000, efficiency_percent=95)
RICH = 10**15
HOUR = 3600


def home(name: str, made: Sequence[int], used: Sequence[int], **more: Any) -> Home:
    return Home(name=name, generation_wh=made, load_wh=used, **more)


def simulated(*nets: Sequence[int], terms: Terms = TERMS, first_slot: int = 0) -> Simulation:
    meters = [
        Meter(name=str(at), nets_wh=row, generated_wh=0, used_wh=0) for at, row in enumerate(nets)
    ]
    return simulate(meters, terms, first_slot=first_slot, slot_seconds=HOUR)


def owners(homes: Sequence[Home]) -> str:
    return "".join("B" if each.battery else "P" if each.has_panels else "-" for each in homes)


@given(
    st.lists(st.lists(st.integers(-9000, 9000), min_size=24, max_size=24), min_size=1, max_size=4),
    st.integers(0, 10_000),
    st.integers(0, 100_000),
)
def test_simulate__any_day__is_what_the_model_of_the_market_pays(
    nets: list[list[int]], theta: int, fee: int
) -> None:
    names, day = [str(at) for at in range(len(nets))], 17_000
    market = Market(
        Rules(slot_seconds=HOUR), Tariff(buy=300_000, feed_in=80_000, network_fee=fee), 80_000
    )
    market.found("street", theta)
    market.fund_grid(RICH)
    for name, row in zip(names, nets, strict=True):
        household(market, name, money=RICH, member=True, rated=100_000, day=day)
        read(market, name, *row, day=day)
    close(market, *names, day=day)
    terms = Terms(grid_price=300_000, feed_in=80_000, network_fee=fee, theta=theta)
    found = simulated(*nets, terms=terms, first_slot=day * DAY // HOUR)
    assert [each.exact_bill for each in found.homes] == [
        RICH - market.accounts[name].worth for name in names
    ]


def test_simulate__one_gives_what_the_other_needs__pays_between_the_grid_s_prices() -> None:
    giver, taker = simulated([1000], [-1500]).homes
    # 0.08 + a quarter of 0.20, and the network's 0.02.
    assert TERMS.prices.shared == 130_000
    assert (giver.bill, giver.grid_alone) == (-130_000, -80_000)
    assert (taker.bill, taker.grid_alone) == (130_000 + 20_000 + 150_000, 450_000)
    assert (taker.imported_wh, taker.exported_wh, giver.exported_wh) == (1500, 0, 1000)


def test_simulate__static_key__limits_everybody_to_an_equal_part() -> None:
    nets = [1000], [-900], [-100], [-100]
    taken = [each.flows.taken for each in simulated(*nets).homes]
    assert taken == [0, 818, 90, 90]
    static = Terms(
        grid_price=300_000, feed_in=80_000, network_fee=20_000, theta=2500, is_static=True
    )
    assert [each.flows.taken for each in simulated(*nets, terms=static).homes] == [0, 250, 100, 100]


def test_simulate__dear_hours__cost_a_multiple_in_both_bills() -> None:
    factors = tuple(15_000 if hour == 18 else 10_000 for hour in range(24))
    terms = Terms(grid_price=300_000, feed_in=0, network_fee=0, theta=0, factors=factors)
    (found,) = simulated([-1000, -1000, 0], terms=terms, first_slot=24 * 400 + 17).homes
    assert found.bill == found.grid_alone == 300_000 + 450_000


def test_simulate__slots_of_two_days__are_two_days() -> None:
    assert simulated([0] * 24, first_slot=24).days == 1
    assert simulated([0] * 24, first_slot=23).days == 2
    assert simulated([-5] * 30).total.from_grid == 150


@pytest.mark.parametrize("count", [0, 161])
def test_simulate__more_than_a_community_has__is_rejected(count: int) -> None:
    with pytest.raises(DomainError, match=f"1 to 160 members, not {count}"):
        simulated(*([[0]] * count))


def test_meter__battery__moves_the_surplus_and_tells_what_it_has_and_lost() -> None:
    found = meter(
        home("a", [2000, 0, 0], [0, 500, 0], battery=BATTERY), seconds=HOUR, slot_seconds=HOUR
    )
    assert list(found.nets_wh) == [0, 0, 0]
    assert found.stored_wh == 1900 - 527
    assert found.lost_wh == 100 + 27
    assert found.generated_wh - found.used_wh == found.stored_wh + found.lost_wh


def test_meter__quarters_in_hours__are_summed_from_the_first_one_on() -> None:
    quarters = home("a", [100] * 8, [0] * 4 + [1, 2, 3, 400], battery=BATTERY)
    found = meter(quarters, seconds=900, slot_seconds=HOUR, first=4)
    assert list(found.nets_wh) == [0]
    assert (found.generated_wh, found.used_wh) == (400, 406)
    # What was there before is not what it has gained.
    assert found.stored_wh < 0 < found.lost_wh


def test_equip__shares__are_reached_by_the_first_owners_and_copies_in_turn() -> None:
    homes = [home(str(at), [at if at in (1, 3) else 0], [9]) for at in range(5)]
    more = equip(homes, panels=100, batteries=None, battery=None)
    assert [list(each.generation_wh) for each in more] == [[1], [1], [3], [3], [1]]
    fewer = equip(homes, panels=20, batteries=None, battery=None)
    assert owners(fewer) == "-P---"
    assert owners(equip(homes, panels=None, batteries=60, battery=BATTERY)) == "BB-B-"
    assert owners(equip(homes, panels=None, batteries=0, battery=None)) == "-P-P-"
    assert equip(homes, panels=None, batteries=None, battery=None) == homes


def test_equip__batteries__are_copies_of_those_there() -> None:
    small = Battery(power_w=1, capacity_wh=2, efficiency_percent=90)
    homes = [
        home("a", [1], [1], battery=small),
        home("b", [1], [1], battery=BATTERY),
        home("c", [0], [1]),
        home("d", [1], [1]),
    ]
    found = equip(homes, panels=None, batteries=100, battery=None)
    assert [each.battery for each in found] == [small, BATTERY, BATTERY, small]


@pytest.mark.parametrize(
    ("shares", "message"),
    [
        ({"panels": 50, "batteries": None}, "no household has panels"),
        ({"panels": None, "batteries": 50}, "no household has a battery"),
        ({"panels": 101, "batteries": None}, "101 % of the households: write 0 to 100"),
    ],
)
def test_equip__nothing_to_copy_or_no_share__is_rejected(
    shares: dict[str, Any], message: str
) -> None:
    with pytest.raises(DomainError, match=message):
        equip([home("a", [0], [1]), home("b", [0], [1])], battery=None, **shares)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"feed_in": 290_000}, "feed-in tariff of 290000 and a network fee of 20000"),
        ({"theta": 10_001}, "theta is 0 to 1"),
        ({"factors": (10_000,) * 23}, "24 hours"),
        ({"factors": (9_999,) * 24}, "24 hours"),
    ],
)
def test_terms__that_no_market_takes__are_rejected(change: dict[str, Any], message: str) -> None:
    known = {"grid_price": 300_000, "feed_in": 80_000, "network_fee": 20_000, "theta": 0}
    with pytest.raises(DomainError, match=message):
        Terms(**{**known, **change})
