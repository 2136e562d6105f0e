// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice An amount of energy in watt-hours (Wh). A type of its own, so that energy cannot be added to money.
type Energy is uint256;

/// @notice A price in base units of the settlement token per kilowatt-hour (kWh).
type Price is uint256;

using {addEnergy as +, subEnergy as -, lessEnergy as <, equalEnergy as ==, atMost} for Energy global;

// Wh in one kWh: prices are per kWh, amounts in Wh.
uint256 constant WH_PER_KWH = 1000;

// One hundred percent in basis points.
uint256 constant BPS = 10_000;

function addEnergy(Energy a, Energy b) pure returns (Energy) {
    return Energy.wrap(Energy.unwrap(a) + Energy.unwrap(b));
}

function subEnergy(Energy a, Energy b) pure returns (Energy) {
    return Energy.wrap(Energy.unwrap(a) - Energy.unwrap(b));
}

function lessEnergy(Energy a, Energy b) pure returns (bool) {
    return Energy.unwrap(a) < Energy.unwrap(b);
}

function equalEnergy(Energy a, Energy b) pure returns (bool) {
    return Energy.unwrap(a) == Energy.unwrap(b);
}

function atMost(Energy a, Energy b) pure returns (Energy) {
    return a < b ? a : b;
}
