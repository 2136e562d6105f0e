// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IWeatherOracle} from "../interfaces/IWeatherOracle.sol";
import {BPS} from "../types/Units.sol";

/// @title MarketPricing
/// @notice The factor of the buy price by load, price history, demand, supply, time of day and stability. Factors and
/// yields are basis points: a factor of 10000 leaves the price as it is, a yield of 10000 is the full capacity. Every
/// `/` rounds down, and each formula divides as shown (except the cell temperature); `clamp` is to 5000..20000.
///
///     loadFactor       10000 + 10000 * min(demand, supply) / (2 * supply); a supply of 0 is not known: 10000
///       10000 .. 15000 kW of the region (GridOracle). Not fresh: 10000.
///     historyFactor    clamp(10000 * smoothed * tokenUnit / (oracleUnit * buy)); units: 10^decimals. The PriceOracle's
///       5000 .. 20000  moving average compared with the tariff's buy price. Not fresh, or no buy price: 10000.
///     demandFactor     clamp(10000 * demand / supply); a supply of 0 is not known: 10000
///       5000 .. 20000  kW of the region (GridOracle): scarcity raises the price. Not fresh: 10000.
///     solarYield       min(10000, 10 * irradiance * (10000 - derating) / 10000), irradiance in W/m2
///       0 .. 10000     derating = max(0, 8 * temperature + 25 * irradiance - 20000) / 20, at most 3275
///                      Full at the 1000 W/m2 of which the capacity speaks, less 0.4 % per degree of the cell above
///                      25 C (crystalline silicon). The cell is irradiance / 32 degrees warmer than the air: a nominal
///                      operating cell temperature of 45 C, (45 - 20) / 800. In eighths of a hundredth of a degree,
///                      the cell is at 8 * temperature + 25 * irradiance. The cap comes last, as an inverter's does:
///                      so more sun never yields less. cloudCover does not enter: measured irradiance has the
///                      clouds in it.
///     windYield        10000 * (v^3 - 300^3) / (1200^3 - 300^3) between 300 and 1200; 10000 up to 2500; else 0
///       0 .. 10000     v in hundredths of a m/s. A common turbine: cuts in at 3 m/s, rated at 12 m/s, cuts out above
///                      25 m/s; in between by the cube, as the power of wind.
///     supplyFactor     15000 - (solar * solarYield + wind * windYield + others * 10000) / (solar + wind + others)
///       5000 .. 15000  Wh per slot of the confirmed producers of the grid. The weather enters here: the quotient is
///                      the expected share of the capacity in the region's weather (WeatherOracle); at half of it,
///                      the price stays. Other energy types count in full. Not fresh, or no capacity: 10000.
///     timeFactor       hour of the day in UTC  0- 5     6  7- 8 9-10 11-14    15    16 17-20    21    22    23
///       8000 .. 13000  factor                  8000 10500 11500 10000 9000 10000 10500 13000 11000 10000  9000
///                      Night, morning peak, midday solar dip, evening peak; 10000 on average over a day.
///     stabilityFactor  clamp(10000 + 100 * (nominal - frequency) + 200 * (100 - voltage))
///       5000 .. 20000  Centihertz and percent of nominal (GridOracle): 1 % per centihertz below 50 Hz and 2 % per
///                      percent of undervoltage more, above as much less: either says that energy is missing, or that
///                      there is too much of it. Not fresh: 10000.
///     factor           max(10000, load * history * (3000 * demand + 3000 * supply + 2000 * time + 2000 * stability)
///       10000 .. 60000 / 10^12): a weighted average of four factors, moved by two. The tariff limits it further.
///
/// Inputs are within what their oracle accepts (IWeatherOracle, IGridOracle, IPriceOracle), capacities below 2^96; so,
/// with a token of up to 40 decimals, nothing overflows. `tests/model/pricing.py` is the same in Python.
library MarketPricing {
    uint256 private constant MIN_FACTOR = BPS / 2;
    uint256 private constant MAX_FACTOR = 2 * BPS;
    uint256 private constant MAX_SUPPLY_FACTOR = BPS + BPS / 2;

    uint256 private constant DEMAND_WEIGHT = 3_000;
    uint256 private constant SUPPLY_WEIGHT = 3_000;
    uint256 private constant TIME_WEIGHT = 2_000;
    uint256 private constant STABILITY_WEIGHT = 2_000;

    /// @dev One byte per hour, in percent.
    bytes24 private constant PERCENT_BY_HOUR = hex"50505050505069737364645a5a5a5a6469828282826e645a";

    uint256 private constant CUT_IN = 300;
    uint256 private constant RATED = 1_200;
    uint256 private constant CUT_OUT = 2_500;

    uint256 private constant NOMINAL_VOLTAGE = 100;
    uint256 private constant PER_CENTIHERTZ = 100;
    uint256 private constant PER_VOLTAGE_PERCENT = 200;

    /* THE FACTOR OF THE PRICE */

    function factor(uint256 load, uint256 history, uint256 demand, uint256 supply, uint256 time, uint256 stability)
        internal
        pure
        returns (uint256)
    {
        uint256 weighted =
            DEMAND_WEIGHT * demand + SUPPLY_WEIGHT * supply + TIME_WEIGHT * time + STABILITY_WEIGHT * stability;
        return Math.max(BPS, (load * history * weighted) / BPS ** 3);
    }

    /* FACTORS */

    function loadFactor(uint256 demand, uint256 supply) internal pure returns (uint256) {
        if (supply == 0) return BPS;
        return BPS + (BPS * Math.min(demand, supply)) / (2 * supply);
    }

    function historyFactor(uint256 buy, uint256 smoothed, uint256 tokenUnit, uint256 oracleUnit)
        internal
        pure
        returns (uint256)
    {
        if (buy == 0) return BPS;
        return _clamp((BPS * smoothed * tokenUnit) / (oracleUnit * buy));
    }

    function demandFactor(uint256 demand, uint256 supply) internal pure returns (uint256) {
        if (supply == 0) return BPS;
        return _clamp((BPS * demand) / supply);
    }

    function supplyFactor(uint256 solar, uint256 wind, uint256 others, IWeatherOracle.Weather memory weather)
        internal
        pure
        returns (uint256)
    {
        uint256 capacity = solar + wind + others;
        if (capacity == 0) return BPS;
        uint256 expected = others * BPS;
        expected += solar * solarYield(weather.irradiance, weather.temperature);
        expected += wind * windYield(weather.windSpeed);
        return MAX_SUPPLY_FACTOR - expected / capacity;
    }

    /// @param timestamp Unix seconds.
    function timeFactor(uint256 timestamp) internal pure returns (uint256) {
        // slither-disable-next-line divide-before-multiply: BPS / 100 is exact
        return uint256(uint8(PERCENT_BY_HOUR[(timestamp / 1 hours) % 24])) * (BPS / 100);
    }

    /// @param frequency,nominal centihertz.
    /// @param voltage percent of nominal.
    function stabilityFactor(uint256 frequency, uint256 nominal, uint256 voltage) internal pure returns (uint256) {
        // Additions come before subtractions, so no intermediate result is negative.
        uint256 raised = BPS + PER_CENTIHERTZ * nominal + PER_VOLTAGE_PERCENT * NOMINAL_VOLTAGE;
        return _clamp(Math.saturatingSub(raised, PER_CENTIHERTZ * frequency + PER_VOLTAGE_PERCENT * voltage));
    }

    /* YIELDS */

    function solarYield(uint256 irradiance, int256 temperature) internal pure returns (uint256) {
        // An irradiance is at most 1500: the cast is safe.
        int256 heat = 8 * temperature + 25 * int256(irradiance) - 20_000;
        // Cast and divided only if not negative: there, rounding down and towards zero are the same.
        uint256 derating = heat > 0 ? uint256(heat) / 20 : 0;
        return Math.min(BPS, (10 * irradiance * (BPS - derating)) / BPS);
    }

    function windYield(uint256 speed) internal pure returns (uint256) {
        if (speed < CUT_IN || speed > CUT_OUT) return 0;
        if (speed >= RATED) return BPS;
        return (BPS * (speed ** 3 - CUT_IN ** 3)) / (RATED ** 3 - CUT_IN ** 3);
    }

    /* INTERNAL */

    function _clamp(uint256 value) private pure returns (uint256) {
        return Math.max(MIN_FACTOR, Math.min(value, MAX_FACTOR));
    }
}
