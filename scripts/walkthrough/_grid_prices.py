"""The grid's story: what a deficit costs, and how oracles make the next slots dearer."""

from __future__ import annotations

from energy_grid.client import errors
from energy_grid.contracts.grid_oracle import GridState
from energy_grid.contracts.weather_oracle import Weather
from scripts._walkthrough.houses import HOME
from scripts._walkthrough.stage import Stage
from scripts._walkthrough.tokens import CENT, dollars

__all__ = ["tell_of_prices"]


def tell_of_prices(stage: Stage) -> None:
    """A tariff for later, and a round of the oracles that is charged from the next quarter on."""
    _a_tariff(stage)
    _a_round(stage)


def _a_tariff(stage: Stage) -> None:
    grid, tariffs = stage.market.grid, stage.market.tariffs
    stage.chapter("What a kWh costs")
    stage.says("The grid authority sets prices for days that nobody can trade yet.")
    day = stage.market.first_changeable_day()
    stage.does(
        "0.32 at home, from the first such day on",
        stage.safe,
        grid.set_base_price(32 * CENT),
        "BasePriceSet",
        within=[tariffs.set_buy_price(HOME, 32 * CENT)],
    )
    stage.does(
        "0.31 instead, by the region's name",
        stage.safe,
        grid.set_base_price_with_region(HOME, 31 * CENT),
        "BasePriceSet",
    )
    found = tariffs.tariff_of(HOME, day).buy
    stage.check(found == 31 * CENT, f"a kWh costs {found}")
    stage.shows("the price of that day", dollars(found))
    slot = stage.market.slot()
    stage.shows("of the running slot", dollars(grid.price_of(slot)))
    stage.shows("by the region's name", dollars(grid.price_of_with_region(HOME, slot)))
    stage.shows("now, by its name", dollars(grid.get_dynamic_price(HOME)))
    stage.refuses_to_answer(
        "in a region without a tariff",
        errors.Tariffs_UnknownRegion,
        lambda: grid.get_dynamic_price("nowhere"),
    )


def _a_round(stage: Stage) -> None:
    market, grid = stage.market, stage.market.grid
    stage.chapter("What oracles make of it")
    stage.says("When reporters agree on the state of a region's grid, the following slots are")
    stage.says("priced by it; a slot that has begun keeps its price.")
    stage.shows("without oracles, factors in basis points", grid.get_market_price(HOME))
    weather = Weather(irradiance=500, temperature=2_000, wind_speed=1_200, cloud_cover=3_000)
    state = GridState(demand=580, supply=600, frequency=4_980, voltage=98)
    prices, skies, grids = market.price_oracle, market.weather_oracle, market.grid_oracle
    reporters = stage.reporters[:3]
    stage.repeats(
        "reporters: 0.35 on the exchange",
        [(one, prices.submit_price(1, 350_000)) for one in reporters],
    )
    stage.repeats(
        "500 W/m2 of sun, a fresh wind",
        [(one, skies.submit_weather(HOME, 1, weather)) for one in reporters],
    )
    stage.repeats(
        "580 kW of demand, 600 of supply: two report",
        [(one, grids.submit_grid_state(HOME, 1, state)) for one in reporters[:2]],
    )
    stage.does(
        "and the third, which writes the factors of two hours",
        reporters[2],
        grids.submit_grid_state(HOME, 1, state),
        "FactorsWritten",
        within=[grid.on_grid_state(HOME)],
    )
    found = grid.get_market_price(HOME)
    stage.shows("with them", found)
    slot = market.slot()
    stage.check(grid.price_of(slot) == 30 * CENT, "the running slot has become dearer")
    expected = -(-30 * CENT * found.next_factor // 10_000)
    stage.check(
        grid.price_of(slot + 1) == expected > 30 * CENT, f"it costs {grid.price_of(slot + 1)}"
    )
    stage.shows(
        "a kWh now, and in the next slot", [dollars(grid.price_of(slot + each)) for each in (0, 1)]
    )
    status = grid.get_grid_status(HOME)
    stage.shows("the grid, by what reporters say", status)
    stage.refuses(
        "a stranger says that there is a new state",
        errors.GridManagement_OnlyOracle,
        stage.person("a stranger"),
        grid.on_grid_state(HOME),
    )
