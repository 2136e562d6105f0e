"""Grid prices: the grid's own, and price discovery."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.errors import DomainError
from tests.model.pricing import (
    demand_factor,
    dynamic_price,
    market_price,
    smoothed_base,
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


# The grid's own price


@pytest.mark.parametrize(
    ("load", "capacity", "price"),
    [
        (0, 1000, 300_001),
        (1000, 1000, 450_001),
        (500, 1000, 375_001),
        (1, 3, 350_001),
        (999, 1000, 449_851),
        (1001, 1000, 450_001),
        (10**9, 1000, 450_001),
        (0, 0, 300_001),
        (500, 0, 300_001),
    ],
)
def test_dynamic_price__normal__rises_with_the_load(load: int, capacity: int, price: int) -> None:
    assert dynamic_price(300_001, load, capacity, emergency=False) == price


@pytest.mark.parametrize("capacity", [0, 1000])
def test_dynamic_price__emergency__is_three_times_the_base(capacity: int) -> None:
    assert dynamic_price(300_001, 500, capacity, emergency=True) == 900_003


@given(st.integers(0, 10**12), st.integers(1, 10**9), st.data())
def test_dynamic_price__within_capacity__stays_below_one_and_a_half(
    base: int, capacity: int, data: st.DataObject
) -> None:
    load = data.draw(st.integers(0, capacity))
    price = dynamic_price(base, load, capacity, emergency=False)
    assert base <= price <= base + base // 2
    assert price <= dynamic_price(base, load + 1, capacity, emergency=False)


@pytest.mark.parametrize("values", [(-1, 0, 1), (1, -1, 1), (1, 0, -1)])
def test_dynamic_price__negative__is_refused(values: tuple[int, int, int]) -> None:
    with pytest.raises(DomainError):
        dynamic_price(*values, emergency=False)


# The base


@pytest.mark.parametrize(
    ("tariff", "smoothed", "token", "oracle", "base"),
    [
        (300_000, 290_000, 6, 6, 290_000),
        (300_000, 29_000_000, 6, 8, 290_000),
        (300_000, 29_000_099, 6, 8, 290_000),
        (300_000, 290_000, 8, 6, 600_000),
        (30_000_000, 290_000, 8, 6, 29_000_000),
        (3 * 10**17, 290_000, 18, 6, 29 * 10**16),
        (300_000, 29 * 10**16 - 1, 6, 18, 289_999),
        (300_000, 150_000, 6, 6, 150_000),
        (300_000, 149_999, 6, 6, 150_000),
        (300_001, 149_999, 6, 6, 150_001),
        (300_001, 600_002, 6, 6, 600_002),
        (300_001, 600_003, 6, 6, 600_002),
        (1, 1, 6, 18, 1),
        (1, 2**96 - 1, 6, 6, 2),
    ],
)
def test_smoothed_base__any_decimals__converted_and_kept_near_the_tariff(
    tariff: int, smoothed: int, token: int, oracle: int, base: int
) -> None:
    found = smoothed_base(tariff, smoothed, token_decimals=token, oracle_decimals=oracle)
    assert found == base


@given(st.integers(1, 2**62), st.integers(0, 2**96 - 1))
def test_smoothed_base__any_history__between_half_the_tariff_and_twice(
    tariff: int, smoothed: int
) -> None:
    base = smoothed_base(tariff, smoothed, token_decimals=6, oracle_decimals=8)
    assert tariff <= 2 * base
    assert base <= 2 * tariff
    assert base <= smoothed_base(tariff, smoothed + 1, token_decimals=6, oracle_decimals=8)


# Demand


@pytest.mark.parametrize(
    ("demand", "supply", "factor"),
    [
        (0, 0, 10_000),
        (1, 0, 20_000),
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


@given(powers, powers, st.integers(1, 2**64))
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
    assert stability_factor(frequency, voltage) == factor


@given(st.integers(4_500, 5_499), st.integers(50, 149))
def test_stability_factor__more_frequency_or_voltage__never_dearer(
    frequency: int, voltage: int
) -> None:
    factor = stability_factor(frequency, voltage)
    assert 5_000 <= factor <= 20_000
    assert factor >= stability_factor(frequency + 1, voltage)
    assert factor >= stability_factor(frequency, voltage + 1)


# The price


@pytest.mark.parametrize(
    ("demand", "supply", "time", "stability", "price"),
    [
        (10_000, 10_000, 10_000, 10_000, 300_001),
        (20_000, 10_000, 10_000, 10_000, 390_001),
        (10_000, 20_000, 10_000, 10_000, 390_001),
        (10_000, 10_000, 20_000, 10_000, 360_001),
        (10_000, 10_000, 10_000, 20_000, 360_001),
        (5_000, 5_000, 5_000, 5_000, 150_000),
        (20_000, 20_000, 20_000, 20_000, 600_002),
    ],
)
def test_market_price__of_factors__weighted_three_three_two_two(
    demand: int, supply: int, time: int, stability: int, price: int
) -> None:
    found = market_price(300_001, demand=demand, supply=supply, time=time, stability=stability)
    assert found == price


@given(st.integers(0, 2**64), st.tuples(factors, factors, factors, factors))
def test_market_price__any_factors__between_half_the_base_and_twice(
    base: int, given_factors: tuple[int, int, int, int]
) -> None:
    names = ("demand", "supply", "time", "stability")
    price = market_price(base, **dict(zip(names, given_factors, strict=True)))
    assert base // 2 <= price <= 2 * base
    for name, factor in zip(names, given_factors, strict=True):
        dearer = dict(zip(names, given_factors, strict=True)) | {name: min(20_000, factor + 1)}
        assert price <= market_price(base, **dearer)


# What no oracle accepts


@pytest.mark.parametrize(
    ("function", "values"),
    [
        (demand_factor, (-1, 1)),
        (demand_factor, (1, -1)),
        (demand_factor, (-1, 0)),
        (time_factor, (-1,)),
        (stability_factor, (4_499, 100)),
        (stability_factor, (5_501, 100)),
        (stability_factor, (5_000, 49)),
        (stability_factor, (5_000, 151)),
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


@pytest.mark.parametrize("name", ["demand", "supply", "time", "stability"])
@pytest.mark.parametrize("value", [4_999, 20_001])
def test_market_price__factor_out_of_bounds__is_refused(name: str, value: int) -> None:
    values = dict.fromkeys(("demand", "supply", "time", "stability"), 10_000) | {name: value}
    with pytest.raises(DomainError, match=name):
        market_price(1, **values)


@pytest.mark.parametrize("values", [(-1, 0, 6, 6), (1, -1, 6, 6), (1, 1, -1, 6), (1, 1, 6, -1)])
def test_smoothed_base__negative__is_refused(values: tuple[int, int, int, int]) -> None:
    tariff, smoothed, token, oracle = values
    with pytest.raises(DomainError):
        smoothed_base(tariff, smoothed, token_decimals=token, oracle_decimals=oracle)


@pytest.mark.parametrize("name", ["solar", "wind", "others"])
def test_supply_factor__negative_capacity__is_refused(name: str) -> None:
    mix = dict.fromkeys(("solar", "wind", "others"), 1) | {name: -1}
    with pytest.raises(DomainError, match=name):
        supply_factor(**mix, irradiance=0, temperature=0, wind_speed=0)
