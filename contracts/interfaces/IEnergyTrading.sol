// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {PeriodKind} from "../types/Periods.sol";
import {IEmergencyStop} from "./IEmergencyStop.sol";
import {ISettlement} from "./ISettlement.sol";

/// @title IEnergyTrading
/// @notice The market: stored BUY and SELL orders for a delivery period, matched pair by pair into transactions that
/// settle against metered energy. Amounts in Wh, prices in money per kWh, times in Unix seconds UTC.
///
/// A BUY locks its full cost, a SELL locks a collateral per kWh that is fixed for the market: what a seller answers for
/// is known when it places the order and does not grow with the price it is matched at. The money is Settlement's.
interface IEnergyTrading is IEmergencyStop {
    enum OrderType {
        BUY,
        SELL
    }

    enum OrderStatus {
        ACTIVE,
        FILLED,
        CANCELLED
    }

    enum TransactionStatus {
        MATCHED,
        SETTLED
    }

    /// @notice An order as it was placed, with the status it has now. `expiry` is never later than the last second of
    /// the order's period.
    struct Order {
        address trader;
        uint256 amount;
        uint256 price;
        uint256 expiry;
        OrderType orderType;
        OrderStatus status;
    }

    /// @notice The rest of what is known of an order.
    /// @param remaining what is not matched yet, in Wh.
    /// @param start,end the delivery period, `end` exclusive.
    struct OrderTerms {
        uint256 remaining;
        PeriodKind period;
        uint256 start;
        uint256 end;
    }

    /// @notice A matched fill of two orders.
    /// @param amount agreed, in Wh.
    /// @param delivered settled so far, in Wh.
    /// @param price money per kWh.
    /// @param settledSlots how many slots of the period are done with for good.
    /// @param late matched when slots of the period could be closed already (two grace times after the first one's
    /// end): it is settled like any other, and the seller answers for nothing.
    struct Transaction {
        address buyer;
        address seller;
        uint256 amount;
        uint256 delivered;
        uint256 price;
        PeriodKind period;
        uint256 start;
        uint256 end;
        uint256 settledSlots;
        TransactionStatus status;
        bool late;
    }

    /// @notice Numbers fixed at deployment.
    /// @param collateralPerKwh what a seller locks per kWh offered, money per kWh.
    /// @param orderBurst how many orders an account can place at once.
    /// @param orderRefill seconds after which one more order is allowed.
    struct Parameters {
        uint256 collateralPerKwh;
        uint256 orderBurst;
        uint256 orderRefill;
    }

    /* EVENTS */

    event OrderCreated(
        uint256 indexed orderId,
        address indexed trader,
        OrderType orderType,
        uint256 amount,
        uint256 price,
        uint256 expiry,
        PeriodKind period,
        uint256 start
    );
    /// @notice An order ended with `remaining` Wh unmatched, by its owner or, once expired, by anyone.
    event OrderCancelled(uint256 indexed orderId, address indexed by, uint256 remaining);
    event OrdersMatched(
        uint256 indexed transactionId, uint256 indexed buyId, uint256 indexed sellId, uint256 amount, uint256 price
    );
    /// @notice A pair of {matchMany} was passed over; `reason` is the selector of {matchOrders}'s error.
    event MatchSkipped(uint256 indexed buyId, uint256 indexed sellId, bytes4 reason);
    /// @notice `amount` Wh were delivered in this settling.
    event TransactionDelivered(uint256 indexed transactionId, uint256 amount);
    /// @notice A transaction ended: money back to the buyer, and its compensation for what was not delivered.
    event TransactionSettled(uint256 indexed transactionId, uint256 delivered, uint256 refund, uint256 compensation);

    /* ERRORS */

    error EnergyTrading_BadParameter(bytes32 name, uint256 value);
    /// @notice The amount is so small that it costs nothing at this price.
    error EnergyTrading_Dust(uint256 amount, uint256 price);
    error EnergyTrading_MisalignedPeriod(PeriodKind period, uint256 start);
    /// @notice The gate of a period closes with its end.
    error EnergyTrading_GateClosed(uint256 end, uint256 time);
    error EnergyTrading_Expired(uint256 orderId, uint256 expiry, uint256 time);
    error EnergyTrading_ExpiryInPast(uint256 expiry, uint256 time);
    error EnergyTrading_RateLimited(address trader, uint256 nextOrderAt);
    error EnergyTrading_NoSuchOrder(uint256 orderId);
    error EnergyTrading_NotActive(uint256 orderId, OrderStatus status);
    /// @notice Only the owner can cancel an order that has not expired.
    error EnergyTrading_NotOwner(uint256 orderId, address caller);
    error EnergyTrading_WrongSide(uint256 orderId, OrderType orderType);
    error EnergyTrading_PeriodMismatch(uint256 buyId, uint256 sellId);
    error EnergyTrading_SelfTrade(uint256 buyId, uint256 sellId);
    error EnergyTrading_NotCrossing(uint256 buyPrice, uint256 sellPrice);
    error EnergyTrading_LengthMismatch(uint256 buys, uint256 sells);
    error EnergyTrading_NoSuchTransaction(uint256 transactionId);
    error EnergyTrading_AlreadySettled(uint256 transactionId);
    /// @notice Nothing can be delivered or ended now: try again after the next reading or once the period is final.
    error EnergyTrading_NothingToSettle(uint256 transactionId);

    /* TRADERS */

    /// @notice Places an order for the hour now running.
    /// @param amount Wh.
    /// @param price money per kWh: the most a buyer pays, the least a seller takes.
    /// @param expiry the last second at which it can be matched; later than the period's end means the period's end.
    function createOrder(uint256 amount, uint256 price, uint256 expiry, OrderType orderType)
        external
        returns (uint256 orderId);

    /// @notice Places an order for a delivery period.
    /// @param start full UTC hour, UTC midnight, Monday 00:00 UTC, or full quarter, as `period` says.
    function createOrder(
        uint256 amount,
        uint256 price,
        uint256 expiry,
        OrderType orderType,
        PeriodKind period,
        uint256 start
    ) external returns (uint256 orderId);

    /// @notice Ends an active order and frees its money: its owner at any time, once expired anyone. Always open.
    function cancelOrder(uint256 orderId) external;

    /* ANYONE */

    /// @notice Matches two crossing orders of one period at the price of the earlier one. A match made when slots of
    /// the period can be closed already carries no collateral.
    function matchOrders(uint256 buyOrderId, uint256 sellOrderId) external;

    /// @notice As {matchOrders} for many pairs in their order; pairs that cannot be matched are passed over.
    /// @return matched how many were matched.
    function matchMany(uint256[] calldata buyIds, uint256[] calldata sellIds) external returns (uint256 matched);

    /// @notice Delivers what is metered, over at most 48 slots, and ends the transaction when it is delivered in full
    /// or its period is final. Always open.
    function settleTransaction(uint256 transactionId) external;

    /// @notice As {settleTransaction}, over at most `maxSlots` slots.
    function settleTransaction(uint256 transactionId, uint256 maxSlots) external;

    /// @notice Settles many, each over at most `maxSlots` slots; those with nothing to settle are passed over.
    function settleMany(uint256[] calldata transactionIds, uint256 maxSlots) external;

    /* VIEWS */

    function getOrder(uint256 orderId) external view returns (Order memory);
    function getOrderTerms(uint256 orderId) external view returns (OrderTerms memory);
    function getTransaction(uint256 transactionId) external view returns (Transaction memory);
    /// @notice Orders are numbered from 1; so are transactions.
    function orderCount() external view returns (uint256);
    function transactionCount() external view returns (uint256);
    /// @notice At most `count` orders from number `first` on.
    function getOrders(uint256 first, uint256 count) external view returns (Order[] memory, OrderTerms[] memory);
    /// @notice At most `count` transactions from number `first` on.
    function getTransactions(uint256 first, uint256 count) external view returns (Transaction[] memory);
    /// @notice How many orders an account can place now.
    function ordersLeft(address trader) external view returns (uint256);
    function SETTLEMENT() external view returns (ISettlement);
    function COLLATERAL_PER_KWH() external view returns (uint256);
    function ORDER_BURST() external view returns (uint256);
    function ORDER_REFILL() external view returns (uint256);
}
