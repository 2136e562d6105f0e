// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IEnergyTrading} from "../interfaces/IEnergyTrading.sol";
import {PeriodKind} from "../types/Periods.sol";

/// @title EnergyOrders
/// @notice The EIP-712 form of signed orders. Side and period are words, not numbers, because a wallet shows them to
/// the signer.
library EnergyOrders {
    bytes32 private constant TYPEHASH = keccak256(
        "EnergyOrder(address trader,string side,uint256 amountWh,uint256 pricePerKwh,string period,"
        "uint256 deliveryStart,uint256 validUntil,uint256 nonce)"
    );
    bytes32 private constant BUY = keccak256("BUY");
    bytes32 private constant SELL = keccak256("SELL");
    bytes32 private constant HOURLY = keccak256("HOURLY");
    bytes32 private constant DAILY = keccak256("DAILY");
    bytes32 private constant WEEKLY = keccak256("WEEKLY");
    bytes32 private constant QUARTER_HOURLY = keccak256("QUARTER_HOURLY");

    /// @param isBuy the order's side.
    /// @param periodHash {hashOf} the delivery period.
    function structHash(IEnergyTrading.SignedOrder calldata order, bool isBuy, bytes32 periodHash, uint256 start)
        internal
        pure
        returns (bytes32 hash)
    {
        (bytes32 typehash, address trader, bytes32 side) = (TYPEHASH, order.trader, isBuy ? BUY : SELL);
        // Amount and price, expiry and nonce stand in calldata as the type says.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, typehash)
            mstore(add(data, 0x20), trader)
            mstore(add(data, 0x40), side)
            calldatacopy(add(data, 0x60), add(order, 0x40), 0x40)
            mstore(add(data, 0xa0), periodHash)
            mstore(add(data, 0xc0), start)
            calldatacopy(add(data, 0xe0), add(order, 0x80), 0x40)
            hash := keccak256(data, 0x120)
        }
    }

    /// @notice The hash of a period's name, the same for all orders of a batch.
    function hashOf(PeriodKind period) internal pure returns (bytes32) {
        if (period == PeriodKind.HOURLY) return HOURLY;
        if (period == PeriodKind.DAILY) return DAILY;
        if (period == PeriodKind.WEEKLY) return WEEKLY;
        return QUARTER_HOURLY;
    }
}
