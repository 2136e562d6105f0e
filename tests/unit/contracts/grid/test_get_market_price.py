"""GridManagement.getMarketPrice: the chain and `tests.model.pricing` agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.chain.roles import Role
from energy_grid.contracts.grid_management import MarketPrice
from energy_grid.domain.enums import EmergencyProtocol, EnergyType
from tests.support.examples import on_chain, rewound
from tests.support.market import MONDAY, Market, actor
from tests.unit.contracts.grid.market_prices import (
    NORTH,
    OracleAnswers,
    OracleMarket,
    enrol_reporters,
    expected_price,
    market_price,
    report_grid,
    report_price,
    report_weather,
)
from tests.unit.contracts.grid.operations import BASE, HOUR, as_authority, register_producer

DAY = 24 * HOUR
HIGHEST = (2**64 - 1) // 3
FRESHNESS = ("is_price_fresh", "is_weather_fresh", "is_grid_fresh")
NOTHING_FRESH = OracleAnswers(is_price_fresh=False, is_weather_fresh=False, is_grid_fresh=False)

powers = st.one_of(st.integers(0, 10_000), st.integers(0, 2**64 - 1))
answers = st.builds(
    OracleAnswers,
    # Mostly fresh.
    is_price_fresh=st.integers(0, 9).map(bool),
    smoothed=st.one_of(st.integers(0, 10**6), st.integers(0, 2**96 - 1)),
    decimals=st.sampled_from([0, 5, 6, 7, 8, 18, 24]),
    is_weather_fresh=st.integers(0, 9).map(bool),
    irradiance=st.integers(0, 1_500),
    temperature=st.integers(-8_000, 6_000),
    wind_speed=st.one_of(st.integers(300, 1_200), st.integers(0, 10_000)),
    cloud_cover=st.integers(0, 10_000),
    is_grid_fresh=st.integers(0, 9).map(bool),
    demand=powers,
    supply=powers,
    frequency=st.one_of(st.integers(4_900, 5_100), st.integers(4_500, 5_500)),
    voltage=st.integers(50, 150),
)
prices = st.one_of(st.integers(1, 10**6), st.integers(1, HIGHEST), st.just(HIGHEST))
capacities = st.lists(
    st.one_of(st.just(0), st.integers(1, 10**6), st.integers(1, 2**64 - 1)), max_size=7
)


CAPACITIES = (40_000, 30_000, 10_000, 5_000, 3_000, 2_000, 1_000)
SOUTH = b"SOUTH".ljust(32, b"\0")


@pytest.fixture
def oracle_market(market: Market) -> OracleMarket:
    """A grid at the base price of the market, with all energy types, at midnight."""
    oracle_market = OracleMarket.deploy(market, BASE)
    register_all(oracle_market.market, CAPACITIES)
    return oracle_market


@pytest.fixture
def reported(market: Market) -> Market:
    """The market's own grid and oracles, which have had a round each: the double's answers."""
    register_all(market, CAPACITIES)
    enrol_reporters(market)
    output = OracleAnswers()
    report_price(market, output.smoothed)
    report_weather(market, output)
    report_grid(market, output)
    return market


def register_all(market: Market, wh: Sequence[int]) -> None:
    """A producer of each capacity, in the order of the energy types; none where it is 0."""
    for kind, capacity in zip(EnergyType, wh, strict=False):
        if capacity > 0:
            register_producer(market, actor(f"{kind.name} plant"), capacity, kind)


def freshness(market: Market) -> tuple[bool, bool, bool]:
    """Of prices, weather and grid, as the answer says."""
    found = market_price(market)
    return found.is_price_fresh, found.is_weather_fresh, found.is_grid_fresh


def test_get_market_price__all_fresh__weighted_average_of_what_they_say(
    oracle_market: OracleMarket,
) -> None:
    """Worked out by hand."""
    oracle_market.set_answers(OracleAnswers(), at=MONDAY + 18 * HOUR)

    # Sun: heat of 8 * 1500 + 25 * 700 - 20000 derates by 475: 7000 * 9525 / 10000 = 6667.
    # Wind: 10000 * (650^3 - 300^3) / (1200^3 - 300^3) = 1455.
    # (40000 * 6667 + 30000 * 1455 + 21000 * 10000) / 91000 = 5717.
    assert market_price(oracle_market.market) == MarketPrice(
        price=250_000 * (3 * 12_500 + 3 * 9_283 + 2 * 13_000 + 2 * 10_700) // 10**5,
        smoothed_base=250_000,
        demand_factor=12_500,
        supply_factor=15_000 - 5_717,
        time_factor=13_000,
        stability_factor=10_700,
        is_price_fresh=True,
        is_weather_fresh=True,
        is_grid_fresh=True,
    )


def test_get_market_price__nothing_fresh__base_price_by_the_hour(
    oracle_market: OracleMarket,
) -> None:
    """What a double says beside "not fresh" does not count."""
    oracle_market.set_answers(NOTHING_FRESH, at=MONDAY + HOUR)

    assert market_price(oracle_market.market) == MarketPrice(
        price=BASE * 96 // 100,
        smoothed_base=BASE,
        demand_factor=10_000,
        supply_factor=10_000,
        time_factor=8_000,
        stability_factor=10_000,
        is_price_fresh=False,
        is_weather_fresh=False,
        is_grid_fresh=False,
    )


@pytest.mark.parametrize("name", FRESHNESS)
def test_get_market_price__one_not_fresh__its_own_part_is_left_out(
    oracle_market: OracleMarket, name: str
) -> None:
    oracle_market.set_answers(OracleAnswers(), at=MONDAY + HOUR)
    whole = market_price(oracle_market.market)
    one_less = replace(OracleAnswers(), **{name: False})
    oracle_market.set_answers(one_less, at=MONDAY + HOUR + 1)

    found = market_price(oracle_market.market)

    left_out = {
        "is_price_fresh": {"smoothed_base": BASE},
        "is_weather_fresh": {"supply_factor": 10_000},
        "is_grid_fresh": {"demand_factor": 10_000, "stability_factor": 10_000},
    }[name]
    assert replace(found, price=0) == replace(whole, price=0, **{name: False}, **left_out)
    assert found == expected_price(BASE, one_less, at=MONDAY + HOUR, capacities=CAPACITIES)
    assert found.price != whole.price


@pytest.mark.parametrize(
    ("smoothed", "base"),
    [
        (0, 150_001),
        (150_000, 150_001),
        (150_001, 150_001),
        (150_002, 150_002),
        (600_001, 600_001),
        (600_002, 600_002),
        (600_003, 600_002),
        (2**96 - 1, 600_002),
    ],
)
def test_get_market_price__history__kept_between_half_the_base_price_and_twice(
    market: Market, smoothed: int, base: int
) -> None:
    oracle_market = OracleMarket.deploy(market, 300_001)
    oracle_market.set_answers(OracleAnswers(smoothed=smoothed))

    assert market_price(market=oracle_market.market).smoothed_base == base


@pytest.mark.parametrize("oracle_decimals", [6, 8, 18])
@pytest.mark.parametrize("token_decimals", [6, 8, 18])
def test_get_market_price__decimals_of_oracle_and_token__converted(
    market: Market, oracle_decimals: int, token_decimals: int
) -> None:
    """0.25 in the oracle's money, and a last digit that only as fine a token shows."""
    tariff = 3 * 10 ** (token_decimals - 1)
    oracle_market = OracleMarket.deploy(market, tariff, token_decimals=token_decimals)
    smoothed = 25 * 10 ** (oracle_decimals - 2) + 1
    output = OracleAnswers(smoothed=smoothed, decimals=oracle_decimals)
    oracle_market.set_answers(output)

    found = market_price(oracle_market.market)

    finer = token_decimals - oracle_decimals
    last_digit = 10**finer if finer >= 0 else 0
    assert found.smoothed_base == 25 * 10 ** (token_decimals - 2) + last_digit
    expected = expected_price(tariff, output, at=MONDAY, token_decimals=token_decimals)
    assert found == expected


@pytest.mark.parametrize(
    ("demand", "supply", "factor"),
    [(0, 0, 10_000), (1, 0, 20_000), (0, 1, 5_000), (2, 3, 6_666), (2**64 - 1, 1, 20_000)],
)
def test_get_market_price__demand_and_supply__their_ratio_within_bounds(
    oracle_market: OracleMarket, demand: int, supply: int, factor: int
) -> None:
    oracle_market.set_answers(OracleAnswers(demand=demand, supply=supply))

    assert market_price(oracle_market.market).demand_factor == factor


@pytest.mark.parametrize(
    ("frequency", "voltage", "factor"),
    [
        (5_000, 100, 10_000),
        (4_999, 101, 9_900),
        (5_001, 99, 10_100),
        (4_901, 100, 19_900),
        (4_900, 100, 20_000),
        (5_049, 100, 5_100),
        (5_051, 100, 5_000),
        (4_500, 50, 20_000),
        (5_500, 150, 5_000),
    ],
)
def test_get_market_price__frequency_and_voltage__dearer_below_nominal(
    oracle_market: OracleMarket, frequency: int, voltage: int, factor: int
) -> None:
    oracle_market.set_answers(OracleAnswers(frequency=frequency, voltage=voltage))

    assert market_price(oracle_market.market).stability_factor == factor


def test_get_market_price__no_capacity__supply_factor_of_par(market: Market) -> None:
    oracle_market = OracleMarket.deploy(market, BASE)
    oracle_market.set_answers(OracleAnswers())

    assert market_price(oracle_market.market).supply_factor == 10_000
    assert market_price(oracle_market.market).is_weather_fresh


@pytest.mark.parametrize("kind", EnergyType)
def test_get_market_price__one_type_of_producer__as_its_weather_lets_expect(
    market: Market, kind: EnergyType
) -> None:
    oracle_market = OracleMarket.deploy(market, BASE)
    register_producer(oracle_market.market, actor("plant"), 7, kind)
    factors = {EnergyType.SOLAR: 14_900, EnergyType.WIND: 13_889}

    oracle_market.set_answers(OracleAnswers(irradiance=10, wind_speed=600))
    assert market_price(oracle_market.market).supply_factor == factors.get(kind, 5_000)


@pytest.mark.parametrize(
    ("irradiance", "temperature", "share"),
    [
        (0, 6_000, 0),
        (800, 0, 8_000),
        # Below 25 C nothing is derated, and a cell that is barely warmer by no basis point yet.
        (800, -8_000, 8_000),
        (800, 2, 8_000),
        (800, 3, 7_999),
        (1_000, 6_000, 7_350),
        (1_200, 6_000, 8_520),
        (1_500, 6_000, 10_000),
        (1_500, -8_000, 10_000),
    ],
)
def test_get_market_price__only_solar__by_irradiance_and_heat(
    market: Market, irradiance: int, temperature: int, share: int
) -> None:
    oracle_market = OracleMarket.deploy(market, BASE)
    register_producer(oracle_market.market, actor("plant"), 1, EnergyType.SOLAR)
    oracle_market.set_answers(OracleAnswers(irradiance=irradiance, temperature=temperature))

    assert market_price(oracle_market.market).supply_factor == 15_000 - share


@pytest.mark.parametrize(
    ("speed", "share"),
    [
        (0, 0),
        (300, 0),
        (301, 1),
        (600, 1_111),
        (1_199, 9_974),
        (1_200, 10_000),
        (2_500, 10_000),
        (2_501, 0),
        (10_000, 0),
    ],
)
def test_get_market_price__only_wind__cubic_up_to_the_rated_speed(
    market: Market, speed: int, share: int
) -> None:
    oracle_market = OracleMarket.deploy(market, BASE)
    register_producer(oracle_market.market, actor("plant"), 1, EnergyType.WIND)
    oracle_market.set_answers(OracleAnswers(wind_speed=speed))

    assert market_price(oracle_market.market).supply_factor == 15_000 - share


def test_get_market_price__cloud_cover__does_not_enter(oracle_market: OracleMarket) -> None:
    found = set()
    for cloud_cover in (0, 10_000):
        oracle_market.set_answers(OracleAnswers(cloud_cover=cloud_cover))
        found.add(market_price(oracle_market.market))

    assert len(found) == 1


@pytest.mark.parametrize("day", [0, 4])
def test_get_market_price__over_a_day__factor_of_each_hour_in_utc(
    oracle_market: OracleMarket, day: int
) -> None:
    oracle_market.set_answers(NOTHING_FRESH)
    midnight = MONDAY + (day + 1) * DAY
    factors = []
    for hour in range(24):
        for second in (0, HOUR - 1):
            oracle_market.market.go_to(midnight + hour * HOUR + second)
            factors.append(market_price(oracle_market.market).time_factor)

    assert factors[::2] == factors[1::2]
    assert factors[::2] == (
        [8_000] * 6
        + [10_500, 11_500, 11_500, 10_000, 10_000]
        + [9_000] * 4
        + [10_000, 10_500]
        + [13_000] * 4
        + [11_000, 10_000, 9_000]
    )


# An answer that differs says all by itself; making forty of them smaller would take minutes.
@on_chain
@given(
    tariff=prices,
    wh=capacities,
    states=st.lists(st.tuples(answers, st.integers(1, DAY)), min_size=40, max_size=40),
)
def test_get_market_price__any_state__as_the_domain_says(
    market: Market, *, tariff: int, wh: list[int], states: list[tuple[OracleAnswers, int]]
) -> None:
    with rewound(market):
        oracle_market = OracleMarket.deploy(market, tariff)
        register_all(oracle_market.market, wh)
        for output, later in states:
            now = oracle_market.set_answers(output, at=market.now + later).time

            found = market_price(oracle_market.market)

            assert found == expected_price(tariff, output, at=now, capacities=wh)
            assert found.smoothed_base // 2 <= found.price <= 2 * found.smoothed_base
            assert tariff // 4 <= found.price <= 4 * tariff


# Through the market's own oracles


def test_get_market_price__silent_oracles__base_price_by_the_hour(market: Market) -> None:
    register_all(market, CAPACITIES)

    assert market_price(market) == expected_price(BASE, NOTHING_FRESH, at=MONDAY)


def test_get_market_price__base_price_set__follows_at_once(market: Market) -> None:
    as_authority(market, "setBasePrice", 1_000)

    assert market_price(market).smoothed_base == 1_000
    assert market.grid.call("priceOf", market.slot(market.now)) == BASE


def test_get_market_price__emergency__does_not_enter(reported: Market) -> None:
    before = market_price(reported)
    as_authority(reported, "toggleEmergencyMode")
    as_authority(reported, "implementEmergencyProtocol", NORTH, EmergencyProtocol.ISLANDING)

    assert market_price(reported) == before
    assert reported.grid.call("getDynamicPrice") == 3 * BASE


def test_get_market_price__all_reported__as_the_domain_says(reported: Market) -> None:
    found = market_price(reported)

    assert found == expected_price(BASE, OracleAnswers(), at=reported.now, capacities=CAPACITIES)
    assert found.smoothed_base == 250_000


def test_get_market_price__another_region__has_no_weather_and_no_grid_state(
    reported: Market,
) -> None:
    output = OracleAnswers(is_weather_fresh=False, is_grid_fresh=False)
    assert market_price(reported, SOUTH) == expected_price(BASE, output, at=reported.now)

    output = OracleAnswers(irradiance=0, wind_speed=0, demand=0, supply=9, frequency=5_010)
    report_weather(reported, output, SOUTH)
    report_grid(reported, output, SOUTH)
    expected = expected_price(BASE, output, at=reported.now, capacities=CAPACITIES)
    assert market_price(reported, SOUTH) == expected
    assert market_price(reported) == expected_price(
        BASE, OracleAnswers(), at=reported.now, capacities=CAPACITIES
    )


def test_get_market_price__several_price_rounds__history_moves_the_base_slowly(
    reported: Market,
) -> None:
    # Each an eighth of the way, rounded towards the old value.
    for price, smoothed in ((290_000, 255_000), (290_000, 259_375), (240_003, 256_954)):
        report_price(reported, price)
        assert market_price(reported).smoothed_base == smoothed


def test_get_market_price__oracles_go_stale__one_after_the_other_left_out(market: Market) -> None:
    register_all(market, CAPACITIES)
    enrol_reporters(market)
    output = OracleAnswers()
    reports = (
        ("is_price_fresh", report_price(market, output.smoothed)),
        ("is_weather_fresh", report_weather(market, output)),
        ("is_grid_fresh", report_grid(market, output)),
    )
    for name, receipt in reports:
        last = receipt.time + market.price_oracle.call("MAX_AGE")
        market.go_to(last)
        assert market_price(market) == expected_price(BASE, output, at=last, capacities=CAPACITIES)
        market.go_to(last + 1)
        output = replace(output, **{name: False})
        assert market_price(market) == expected_price(BASE, output, at=last, capacities=CAPACITIES)
    assert freshness(market) == (False, False, False)


def test_get_market_price__held_rounds__left_out_until_confirmed(reported: Market) -> None:
    jump = OracleAnswers(smoothed=300_001, irradiance=0, demand=8_000)
    report_price(reported, 300_001)
    assert freshness(reported) == (False, True, True)
    report_weather(reported, jump)
    assert freshness(reported) == (False, False, True)
    report_grid(reported, jump)

    assert market_price(reported) == expected_price(BASE, NOTHING_FRESH, at=reported.now)

    guardian = reported.roles[Role.GUARDIAN]
    for oracle, feed in (
        (reported.price_oracle, bytes(32)),
        (reported.weather_oracle, NORTH),
        (reported.grid_oracle, NORTH),
    ):
        reported.do(guardian, oracle, "confirmRound", feed, 2)
    # An eighth of the jump of 50,001.
    output = replace(jump, smoothed=256_250)
    expected = expected_price(BASE, output, at=reported.now, capacities=CAPACITIES)
    assert market_price(reported) == expected


def test_get_market_price__producers_leave_and_return__supply_follows(reported: Market) -> None:
    plants = {kind: actor(f"{kind.name} plant").address for kind in EnergyType}
    left = dict(zip(EnergyType, CAPACITIES, strict=True))
    seen = {market_price(reported).supply_factor}
    for kind in EnergyType:
        as_authority(reported, "deactivateParticipant", plants[kind], True)
        left[kind] = 0
        expected = expected_price(
            BASE, OracleAnswers(), at=reported.now, capacities=tuple(left.values())
        )
        assert market_price(reported) == expected
        seen.add(expected.supply_factor)
    assert market_price(reported).supply_factor == 10_000
    assert len(seen) > 3

    as_authority(reported, "reactivateParticipant", plants[EnergyType.SOLAR], True)
    expected = expected_price(BASE, OracleAnswers(), at=reported.now, capacities=CAPACITIES[:1])
    assert market_price(reported) == expected
