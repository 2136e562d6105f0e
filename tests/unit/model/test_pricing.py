"""Dynamic prices: each factor, and what they make of the buy price."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.errors import DomainError
from tests.model.pricing import (
    demand_factor,
    history_factor,
    load_factor,
    price_factor,
    solar_yield,
    stability_factor,
    supply_factor,
    time_factor,
    wind_yield,
)

HOUR = 3600
MIDNIGHT = 1_704_067_200

powers = st.integers(0, 2**64 - 1)
capacities = st.integers(0, 2**64 - 1)
irradiances = st.integers(0, 1_500)
temperatures = st.integers(-8_000, 6_000)
speeds = st.integers(0, 10_000)
factors = st.integers(5_000, 20_000)


# Load


@pytest.mark.parametrize(
    ("demand", "supply", "factor"),
    [
        (0, 1_000, 10_000),
        (1_000, 1_000, 15_000),
        (500, 1_000, 12_500),
        (1, 3, 11_666),
        (999, 1_000, 14_995),
        (1_001, 1_000, 15_000),
        (2**64 - 1, 1_000, 15_000),
        (0, 0, 10_000),
        (2**64 - 1, 0, 10_000),
    ],
)
def test_load_factor__of_demand__half_as_much_again_at_capacity(
    demand: int, supply: int, factor: int
) -> None:
    assert load_factor(demand, supply) == factor


@given(powers, powers)
def test_load_factor__more_demand__never_cheaper(demand: int, supply: int) -> None:
    assert 10_000 <= load_factor(demand, supply) <= load_factor(demand + 1, supply) <= 15_000


# History


@pytest.mark.parametrize(
    ("buy", "smoothed", "token", "oracle", "factor"),
    [
        (300_000, 290_000, 6, 6, 9_666),
        (300_000, 29_000_000, 6, 8, 9_666),
        (300_000, 290_000, 8, 6, 20_000),
        (30_000_000, 290_000, 8, 6, 9_666),
        (3 * 10**17, 290_000, 18, 6, 9_666),
        (300_000, 300_000, 6, 6, 10_000),
        (300_000, 150_000, 6, 6, 5_000),
        (300_000, 149_999, 6, 6, 5_000),
        (300_000, 150_030, 6, 6, 5_001),
        (300_000, 600_000, 6, 6, 20_000),
        (300_000, 600_001, 6, 6, 20_000),
        (1, 1, 6, 18, 5_000),
        (0, 1, 6, 6, 10_000),
    ],
)
def test_history_factor__any_decimals__between_half_and_twice(
    buy: int, smoothed: int, token: int, oracle: int, factor: int
) -> None:
    found = history_factor(buy, smoothed, token_decimals=token, oracle_decimals=oracle)
    assert found == factor


@given(st.integers(1, 2**32), st.integers(0, 2**96 - 1))
def test_history_factor__dearer_history__never_cheaper(buy: int, smoothed: int) -> None:
    decimals = {"token_decimals": 6, "oracle_decimals": 8}
    factor = history_factor(buy, smoothed, **decimals)
    assert 5_000 <= factor <= history_factor(buy, smoothed + 1, **decimals) <= 20_000


# Demand


@pytest.mark.parametrize(
    ("demand", "supply", "factor"),
    [
        (0, 0, 10_000),
        (2**64 - 1, 0, 10_000),
        (0, 1, 5_000),
        (1_000, 1_000, 10_000),
        (1_234, 1_000, 12_340),
        (1, 3, 5_000),
        (2, 3, 6_666),
        (50_009, 100_000, 5_000),
        (50_010, 100_000, 5_001),
        (199_999, 100_000, 19_999),
        (200_001, 100_000, 20_000),
        (2**64 - 1, 1, 20_000),
    ],
)
def test_demand_factor__of_supply__demand_over_it_within_bounds(
    demand: int, supply: int, factor: int
) -> None:
    assert demand_factor(demand, supply) == factor


@given(powers, st.integers(1, 2**64 - 1), st.integers(1, 2**64))
def test_demand_factor__more_demand_or_less_supply__never_cheaper(
    demand: int, supply: int, more: int
) -> None:
    factor = demand_factor(demand, supply)
    assert 5_000 <= factor <= 20_000
    assert factor <= demand_factor(demand + more, supply)
    if demand > 0:
        assert factor >= demand_factor(demand, supply + more)


# Supply


@pytest.mark.parametrize(
    ("irradiance", "temperature", "share"),
    [
        (0, 6_000, 0),
        (1, 0, 10),
        # 800 W/m2 are 25 degrees: a cell of exactly 25 C, then a twentieth of a degree warmer.
        (800, 0, 8_000),
        (800, 2, 8_000),
        (800, 3, 7_999),
        (800, 2_000, 7_360),
        (1_000, -625, 10_000),
        (1_000, 2_500, 8_750),
        (1_000, 6_000, 7_350),
        # Beyond 1000 W/m2 cold panels give no more than their capacity, hot ones come up to it.
        (1_500, -8_000, 10_000),
        (1_300, 2_500, 10_000),
        (1_200, 6_000, 8_520),
        (1_500, 6_000, 10_000),
    ],
)
def test_solar_yield__of_sun_and_air__less_where_the_cell_is_hot(
    irradiance: int, temperature: int, share: int
) -> None:
    assert solar_yield(irradiance, temperature) == share


@given(irradiances, temperatures)
def test_solar_yield__of_the_formula_in_fractions__the_same_but_for_rounding(
    irradiance: int, temperature: int
) -> None:
    cell = Fraction(temperature, 100) + Fraction(45 - 20, 800) * irradiance
    loss = max(Fraction(0), cell - 25) * Fraction(4, 1000)
    exact = min(Fraction(1), Fraction(irradiance, 1000) * (1 - loss)) * 10_000
    # The derating is rounded by less than a basis point of at most 15000, the yield by less than 1.
    assert exact - 1 < solar_yield(irradiance, temperature) < exact + Fraction(3, 2)


@given(st.integers(0, 1_499), st.integers(-8_000, 5_999))
def test_solar_yield__more_sun__never_less_and_more_heat_never_more(
    irradiance: int, temperature: int
) -> None:
    share = solar_yield(irradiance, temperature)
    assert 0 <= share <= 10_000
    assert share <= solar_yield(irradiance + 1, temperature)
    assert share >= solar_yield(irradiance, temperature + 1)


@pytest.mark.parametrize(
    ("speed", "share"),
    [
        (0, 0),
        (299, 0),
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
def test_wind_yield__of_speed__cubic_up_to_the_rated_one(speed: int, share: int) -> None:
    assert wind_yield(speed) == share


@given(st.integers(0, 2_499))
def test_wind_yield__more_wind_below_the_cut_out__never_less(speed: int) -> None:
    assert 0 <= wind_yield(speed) <= wind_yield(speed + 1) <= 10_000


@pytest.mark.parametrize(
    ("solar", "wind", "others", "factor"),
    [
        (0, 0, 0, 10_000),
        # 500 W/m2 at 0 C yield 5000, 6 m/s yield 1111.
        (1_000, 0, 0, 10_000),
        (0, 1_000, 0, 13_889),
        (0, 0, 1_000, 5_000),
        (1_000, 1_000, 2_000, 8_473),
        (1, 0, 2, 6_667),
        (2**64 - 1, 2**64 - 1, 2**64 - 1, 9_630),
    ],
)
def test_supply_factor__of_a_mix__by_its_expected_share(
    solar: int, wind: int, others: int, factor: int
) -> None:
    weather = {"irradiance": 500, "temperature": 0, "wind_speed": 600}
    assert supply_factor(solar=solar, wind=wind, others=others, **weather) == factor


@given(capacities, capacities, capacities, irradiances, temperatures, speeds)
def test_supply_factor__any_grid_and_weather__within_bounds(
    solar: int, wind: int, others: int, irradiance: int, temperature: int, speed: int
) -> None:
    weather = {"irradiance": irradiance, "temperature": temperature, "wind_speed": speed}
    factor = supply_factor(solar=solar, wind=wind, others=others, **weather)
    assert 5_000 <= factor <= 15_000


@given(
    *(capacities, capacities, capacities),
    *(st.integers(0, 1_499), temperatures, st.integers(0, 2_499)),
)
def test_supply_factor__more_sun_or_wind__never_dearer(
    solar: int, wind: int, others: int, irradiance: int, temperature: int, speed: int
) -> None:
    def factor(irradiance: int, speed: int) -> int:
        weather = {"irradiance": irradiance, "temperature": temperature, "wind_speed": speed}
        return supply_factor(solar=solar, wind=wind, others=others, **weather)

    assert factor(irradiance + 1, speed) <= factor(irradiance, speed)
    assert factor(irradiance, speed + 1) <= factor(irradiance, speed)


# Time


def test_time_factor__over_a_day__mean_is_ten_thousand() -> None:
    assert sum(time_factor(MIDNIGHT + hour * HOUR) for hour in range(24)) == 24 * 10_000


@pytest.mark.parametrize(
    ("first", "last", "factor"),
    [
        (0, 5, 8_000),
        (6, 6, 10_500),
        (7, 8, 11_500),
        (9, 10, 10_000),
        (11, 14, 9_000),
        (15, 15, 10_000),
        (16, 16, 10_500),
        (17, 20, 13_000),
        (21, 21, 11_000),
        (22, 22, 10_000),
        (23, 23, 9_000),
    ],
)
def test_time_factor__of_an_hour__holds_from_its_first_second_to_its_last(
    first: int, last: int, factor: int
) -> None:
    for day in (0, MIDNIGHT):
        for hour in range(first, last + 1):
            begin = day + hour * HOUR
            assert time_factor(begin) == time_factor(begin + HOUR - 1) == factor


# Stability


@pytest.mark.parametrize(
    ("frequency", "voltage", "factor"),
    [
        (5_000, 100, 10_000),
        (4_999, 100, 10_100),
        (5_001, 100, 9_900),
        (5_000, 99, 10_200),
        (5_000, 101, 9_800),
        (4_990, 105, 10_000),
        (4_901, 100, 19_900),
        (4_900, 100, 20_000),
        (4_899, 100, 20_000),
        (5_049, 100, 5_100),
        (5_050, 100, 5_000),
        (5_051, 100, 5_000),
        (4_500, 50, 20_000),
        (5_500, 150, 5_000),
    ],
)
def test_stability_factor__of_frequency_and_voltage__dearer_below_nominal(
    frequency: int, voltage: int, factor: int
) -> None:
    assert stability_factor(frequency, 5_000, voltage) == factor
    assert stability_factor(frequency + 1_000, 6_000, voltage) == factor, "as far from 60 Hz"


@given(st.integers(4_500, 5_499), st.integers(50, 149))
def test_stability_factor__more_frequency_or_voltage__never_dearer(
    frequency: int, voltage: int
) -> None:
    factor = stability_factor(frequency, 5_000, voltage)
    assert 5_000 <= factor <= 20_000
    assert factor >= stability_factor(frequency + 1, 5_000, voltage)
    assert factor >= stability_factor(frequency, 5_000, voltage + 1)


# The price


PAR = dict.fromkeys(("load", "history", "demand", "supply", "time", "stability"), 10_000)


@pytest.mark.parametrize(
    ("changes", "factor"),
    [
        ({}, 10_000),
        ({"demand": 20_000}, 13_000),
        ({"supply": 20_000}, 13_000),
        ({"time": 20_000}, 12_000),
        ({"stability": 20_000}, 12_000),
        ({"load": 15_000}, 15_000),
        ({"history": 20_000}, 20_000),
        ({"history": 5_000}, 10_000),
        ({"load": 15_000, "history": 20_000, "demand": 20_000, "stability": 5_001}, 36_000),
        ({"load": 11_666, "demand": 12_340, "time": 8_000}, 12_018),
    ],
)
def test_price_factor__of_factors__their_product_and_never_below_one(
    changes: dict[str, int], factor: int
) -> None:
    assert price_factor(**{**PAR, **changes}) == factor


@given(st.integers(10_000, 15_000), st.tuples(*[factors] * 5))
def test_price_factor__any_factors__dearer_ones_never_cheaper(
    load: int, given_factors: tuple[int, ...]
) -> None:
    values = dict(zip(PAR, (load, *given_factors), strict=True))
    factor = price_factor(**values)
    assert 10_000 <= factor <= 60_000
    for name, value in values.items():
        highest = 15_000 if name == "load" else 20_000
        assert factor <= price_factor(**{**values, name: min(highest, value + 1)})


# What no oracle accepts


@pytest.mark.parametrize(
    ("function", "values"),
    [
        (demand_factor, (-1, 1)),
        (demand_factor, (1, -1)),
        (demand_factor, (-1, 0)),
        (load_factor, (-1, 1)),
        (load_factor, (1, -1)),
        (load_factor, (-1, 0)),
        (time_factor, (-1,)),
        (stability_factor, (4_499, 5_000, 100)),
        (stability_factor, (6_601, 6_000, 100)),
        (stability_factor, (5_000, 5_000, 49)),
        (stability_factor, (5_000, 5_000, 151)),
        (solar_yield, (-1, 0)),
        (solar_yield, (1_501, 0)),
        (solar_yield, (0, -8_001)),
        (solar_yield, (0, 6_001)),
        (solar_yield, (0, 0.5)),
        (wind_yield, (-1,)),
        (wind_yield, (10_001,)),
    ],
)
def test_factors__of_what_no_oracle_accepts__are_refused(
    function: Callable[..., int], values: tuple[int, ...]
) -> None:
    with pytest.raises(DomainError):
        function(*values)


@pytest.mark.parametrize("name", PAR)
@pytest.mark.parametrize("value", [4_999, 20_001])
def test_price_factor__factor_out_of_bounds__is_refused(name: str, value: int) -> None:
    with pytest.raises(DomainError, match=name):
        price_factor(**{**PAR, name: value})


@pytest.mark.parametrize("values", [(-1, 0, 6, 6), (1, -1, 6, 6), (1, 1, -1, 6), (1, 1, 6, -1)])
def test_history_factor__negative__is_refused(values: tuple[int, int, int, int]) -> None:
    buy, smoothed, token, oracle = values
    with pytest.raises(DomainError):
        history_factor(buy, smoothed, token_decimals=token, oracle_decimals=oracle)


@pytest.mark.parametrize("name", ["solar", "wind", "others"])
def test_supply_factor__negative_capacity__is_refused(name: str) -> None:
    mix = dict.fromkeys(("solar", "wind", "others"), 1) | {name: -1}
    with pytest.raises(DomainError, match=name):
        supply_factor(**mix, irradiance=0, temperature=0, wind_speed=0)
