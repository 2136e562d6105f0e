// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {BPS, Energy, Price, WH_PER_KWH} from "../types/Units.sol";

/// @title Costs
/// @notice The cost of energy, in base units of the settlement token. The name gives the rounding: debited or locked
/// money is rounded up, paid money is rounded down.
library Costs {
    function costUp(Energy amount, Price price) internal pure returns (uint256) {
        return Math.ceilDiv(Energy.unwrap(amount) * Price.unwrap(price), WH_PER_KWH);
    }

    function costDown(Energy amount, Price price) internal pure returns (uint256) {
        return (Energy.unwrap(amount) * Price.unwrap(price)) / WH_PER_KWH;
    }

    /// @notice {costDown} of an amount and a price that are both known to be below 2^128.
    function costDownBounded(uint256 amountWh, uint256 pricePerKwh) internal pure returns (uint256) {
        unchecked {
            return (amountWh * pricePerKwh) / WH_PER_KWH;
        }
    }

    /// @notice The cost of a further `step` after `before`, so that the steps of a delivery add up to the cost of the
    /// whole: `costDown(before + step) - costDown(before)`.
    function costOfStep(Energy before, Energy step, Price price) internal pure returns (uint256) {
        return costDown(before + step, price) - costDown(before, price);
    }

    function shareDown(uint256 money, uint256 bps) internal pure returns (uint256) {
        return (money * bps) / BPS;
    }
}
