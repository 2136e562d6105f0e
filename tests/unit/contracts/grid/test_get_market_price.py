"""GridManagement.getMarketPrice: the chain and `tests.model.pricing` agree, whatever was said."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from energy_grid.domain.enums import EnergyType
from energy_grid.domain.grid_levels import BANDS
from tests.model import pricing
from tests.model.pricing import BPS
from tests.support.core.chain import Deployed
from tests.support.core.grid_suite import ADMIN, DAY, FORWARDER, STABILITY, TARIFF, GridWorld, name

HOUR = 3_600
FACTORS = (
    *("nextFactor", "loadFactor", "historyFactor", "demandFactor"),
    *("supplyFactor", "timeFactor", "stabilityFactor"),
)


class PricedGrid(GridWorld):
    """GridManagement whose oracles are a double, which says anything at once.

    Attributes:
        smoothed: the price oracle's moving average, None where it is not fresh.
        sky: irradiance, temperature, wind speed, cloud cover, or None.
        region: demand, supply, frequency, voltage, or None.
    """

    def __init__(self, *, token_decimals: int = 6, oracle_decimals: int = 6) -> None:
        super().__init__()
        # Money has six decimals at most, whatever its token has.
        of_money = min(token_decimals, 6)
        self.decimals = {"token_decimals": of_money, "oracle_decimals": oracle_decimals}
        self.smoothed: int | None = 250_000
        self.sky: tuple[int, ...] | None = (700, 1_500, 650, 2_500)
        self.region: tuple[int, ...] | None = (5_000, 4_000, 4_997, 98)
        token = self.chain.deploy("OracleDouble")
        self._tell(token, token_decimals)
        self.double = self.chain.deploy("GridDouble", token.address)
        self.oracle = self.chain.deploy("OracleDouble")
        places = FORWARDER, self.double.address, self.tariffs.address, self.double.address
        modules = *places, STABILITY, *[self.oracle.address] * 3, self.bands.address
        self.grid = self.chain.deploy("GridManagement", self.grid.authority(), modules)
        self.wh = dict.fromkeys(EnergyType, 0)

    def add(self, kind: EnergyType, wh: int) -> None:
        """A confirmed producer."""
        account = f"0x{100 + kind:040x}"
        self.grid.registerProducer(wh, kind, by=account)
        self.grid.confirmParticipant(account, True, by=ADMIN)
        self.wh[kind] = wh

    def _tell(self, oracle: Deployed, decimals: int) -> None:
        def known(value: Any, instead: Any) -> tuple[Any, Any]:
            return value is not None, instead if value is None else value

        price, nothing = known(self.smoothed, 7), (7, 7, 7, 7)
        weather, state = known(self.sky, nothing), known(self.region, nothing)
        oracle.tell((*price, decimals, *weather, *state))

    def found(self) -> dict[str, int]:
        """What the contract makes of it."""
        self._tell(self.oracle, self.decimals["oracle_decimals"])
        price, buy, factor, *rest = self.grid.getMarketPrice(name("home"))
        assert (price, buy, factor) == (TARIFF.buy, TARIFF.buy, BPS)
        fresh = [value is not None for value in (self.smoothed, self.sky, self.region)]
        assert rest[7:] == fresh
        return dict(zip(FACTORS, rest[:7], strict=True))

    def expected(self) -> dict[str, int]:
        """What the model makes of it."""
        history = load = demand = stability = supply = BPS
        if self.smoothed is not None:
            history = pricing.history_factor(TARIFF.buy, self.smoothed, **self.decimals)
        if self.region is not None:
            load = pricing.load_factor(*self.region[:2])
            demand = pricing.demand_factor(*self.region[:2])
            stability = pricing.stability_factor(
                self.region[2], self.bands_at("home").nominal_frequency, self.region[3]
            )
        if self.sky is not None:
            solar, wind = self.wh[EnergyType.SOLAR], self.wh[EnergyType.WIND]
            others = sum(self.wh.values()) - solar - wind
            values = zip(("irradiance", "temperature", "wind_speed"), self.sky, strict=False)
            supply = pricing.supply_factor(solar=solar, wind=wind, others=others, **dict(values))
        time = pricing.time_factor((self.running + 1) * self.slot_seconds)
        found = load, history, demand, supply, time, stability
        names = "load", "history", "demand", "supply", "time", "stability"
        following = pricing.price_factor(**dict(zip(names, found, strict=True)))
        return dict(zip(FACTORS, (following, *found), strict=True))


@pytest.fixture
def grid() -> PricedGrid:
    """Sun, wind and water."""
    grid = PricedGrid()
    for kind, wh in ((EnergyType.SOLAR, 4_000), (EnergyType.WIND, 2_000), (EnergyType.HYDRO, 500)):
        grid.add(kind, wh)
    return grid


def drawn(draws: Random, *ranges: tuple[int, int]) -> tuple[int, ...] | None:
    """A value of each range, now and then at its bounds; now and then nothing."""
    if draws.random() < 0.15:
        return None
    return tuple(
        draws.choice((low, high, draws.randint(low, high), draws.randint(low, high)))
        for low, high in ranges
    )


@pytest.mark.parametrize("seed", range(8))
def test_get_market_price__any_state__as_the_model_says(grid: PricedGrid, seed: int) -> None:
    draws = Random(seed)
    grid.add(EnergyType.NUCLEAR, draws.choice((1, 10**6, 2**64 - 1)))
    for _ in range(60):
        grid.chain.set_time(grid.now + draws.randint(1, DAY))
        smoothed = drawn(draws, (0, draws.choice((10**6, 2**96 - 1))))
        grid.smoothed = smoothed and smoothed[0]
        grid.sky = drawn(draws, (0, 1_500), (-8_000, 6_000), (0, 10_000), (0, 10_000))
        power = (0, draws.choice((10, 10**4, 2**64 - 1)))
        grid.region = drawn(draws, power, power, (4_500, 5_500), (50, 150))
        assert grid.found() == grid.expected()


@pytest.mark.parametrize("name_", ["smoothed", "sky", "region"])
def test_get_market_price__one_not_fresh__its_own_part_is_left_out(
    grid: PricedGrid, name_: str
) -> None:
    whole = grid.found()
    assert whole == grid.expected()
    setattr(grid, name_, None)
    left_out = {
        "smoothed": ("historyFactor",),
        "sky": ("supplyFactor",),
        "region": ("loadFactor", "demandFactor", "stabilityFactor"),
    }[name_]
    found = grid.found()
    assert found["nextFactor"] != whole["nextFactor"]
    assert {**found, "nextFactor": 0} == {**whole, **dict.fromkeys(left_out, BPS), "nextFactor": 0}


@pytest.mark.parametrize("oracle_decimals", [6, 8, 18])
@pytest.mark.parametrize(("token_decimals", "expected"), [(3, 5_000), (6, 8_333), (18, 8_333)])
def test_get_market_price__decimals_of_oracle_and_token__converted(
    token_decimals: int, oracle_decimals: int, expected: int
) -> None:
    """A quarter of the oracle's money; the buy price is 0.3 with six decimals."""
    grid = PricedGrid(token_decimals=token_decimals, oracle_decimals=oracle_decimals)
    grid.smoothed = 25 * 10 ** (oracle_decimals - 2)
    factor = grid.found()["historyFactor"]
    assert factor == grid.expected()["historyFactor"] == expected


@pytest.mark.parametrize("kind", EnergyType)
def test_get_market_price__one_type_of_producer__as_its_weather_lets_expect(
    kind: EnergyType,
) -> None:
    grid = PricedGrid()
    assert grid.found()["supplyFactor"] == BPS
    grid.add(kind, 7)
    grid.sky = (10, 1_500, 600, 0)
    factors = {EnergyType.SOLAR: 14_900, EnergyType.WIND: 13_889}
    assert grid.found()["supplyFactor"] == factors.get(kind, 5_000)


def test_get_market_price__cloud_cover__does_not_enter(grid: PricedGrid) -> None:
    grid.sky = (700, 1_500, 650, 0)
    without = grid.found()
    grid.sky = (700, 1_500, 650, 10_000)
    assert grid.found() == without


def test_get_market_price__over_a_day__factor_of_the_next_slots_hour_in_utc(
    grid: PricedGrid,
) -> None:
    midnight = (grid.now // DAY + 1) * DAY
    factors = []
    for hour in range(24):
        for second in (-900, HOUR - 901):
            grid.chain.set_time(midnight + hour * HOUR + second)
            factors.append(grid.found()["timeFactor"])
    assert factors[::2] == factors[1::2]
    assert factors[::2] == (
        [8_000] * 6
        + [10_500, 11_500, 11_500, 10_000, 10_000]
        + [9_000] * 4
        + [10_000, 10_500]
        + [13_000] * 4
        + [11_000, 10_000, 9_000]
    )


def test_get_market_price__of_60_hz__counts_from_its_nominal_frequency(grid: PricedGrid) -> None:
    grid.set_bands("home", BANDS["north-america"])
    for frequency in (5_900, 5_997, 6_000, 6_050):
        grid.region = 5_000, 4_000, frequency, 98
        assert grid.found() == grid.expected()
