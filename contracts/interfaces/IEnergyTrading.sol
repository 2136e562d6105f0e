// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {PeriodKind} from "../types/Periods.sol";
import {IEmergencyStop} from "./IEmergencyStop.sol";
import {ISettlement} from "./ISettlement.sol";

/// @title IEnergyTrading
/// @notice The market: stored BUY and SELL orders for a delivery period, matched pair by pair into trades that
/// settle against metered energy. Amounts in Wh, prices in money per kWh, times in Unix seconds UTC.
///
/// A BUY locks its full cost, a SELL locks a collateral per kWh that is fixed for the market: what a seller answers for
/// is known when it places the order and does not grow with the price it is matched at. The money is Settlement's.
///
/// A **signed order** lives off the chain and costs its trader nothing: the keeper brings it in {settleBatch}, where it
/// trades at one price with all others, and only then is its money locked. Its EIP-712 type, in one line, is
///
///     EnergyOrder(address trader,string side,uint256 amountWh,uint256 pricePerKwh,string period,
///                 uint256 deliveryStart,uint256 validUntil,uint256 nonce)
///
/// with side "BUY" or "SELL", period "HOURLY", "DAILY", "WEEKLY" or "QUARTER_HOURLY", times in Unix seconds UTC, in the
/// domain `EnergyGrid EnergyTrading`, version `1`. A nonce serves one order of a trader; its state is found by trader
/// and nonce:
///
///     OPEN      --filled in part--> PARTIAL --filled--> FILLED
///     OPEN      --filled at once--> FILLED
///     OPEN, PARTIAL --cancelSigned, cancelSignedBelow--> CANCELLED
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

    /// @notice What the nonce of a signed order says of it.
    enum NonceState {
        OPEN,
        PARTIAL,
        FILLED,
        CANCELLED
    }

    /// @notice Why an order, or a fill of it, cannot be part of a batch.
    ///
    ///     WRONG_SIGNATURE       not the trader's: of another order, domain or key, or its contract does not confirm it
    ///     NONCE_SPENT           filled or cancelled, its nonce has served another order, or is 2^40 or more
    ///     EXPIRED               its last second is over
    ///     WORSE_THAN_LIMIT      the price of the batch is above a buyer's limit or below a seller's
    ///     UNKNOWN_ACCOUNT       the trader never had money in Settlement nor a meter
    ///     NO_SUCH_ORDER         stored order: there is none of this number
    ///     NOT_ACTIVE            stored order: filled or cancelled
    ///     OTHER_PERIOD          stored order: of another period than the batch
    ///     SIDE_BLOCKED          the authority has deactivated the trader on this side
    ///     IN_DEBT               a debtor cannot buy
    ///     INSUFFICIENT_BALANCE  not enough available money for what the fills cost, or for the collateral
    ///     WRONG_SIDE            a fill names a BUY as its seller, or a SELL as its buyer
    ///     OVERFILLED            the fill is larger than what is left of the order
    ///     SELF_TRADE            both sides of the fill are one account
    ///     DUST                  the fill is so small that it costs nothing
    ///     TOO_LARGE             one fill has at most 2^31 - 1 Wh; several can follow each other
    enum Refusal {
        NONE,
        WRONG_SIGNATURE,
        NONCE_SPENT,
        EXPIRED,
        WORSE_THAN_LIMIT,
        UNKNOWN_ACCOUNT,
        NO_SUCH_ORDER,
        NOT_ACTIVE,
        OTHER_PERIOD,
        SIDE_BLOCKED,
        IN_DEBT,
        INSUFFICIENT_BALANCE,
        WRONG_SIDE,
        OVERFILLED,
        SELF_TRADE,
        DUST,
        TOO_LARGE
    }

    /// @notice An order off the chain; its delivery period is that of the batch it is in.
    /// @param trader who has signed it: the address of a key, or a contract wallet (EIP-1271).
    /// @param amount Wh; it can be filled in parts, over several batches.
    /// @param price limit, money per kWh.
    /// @param expiry the last second at which it can be filled.
    /// @param nonce below 2^40. Orders of nonces that follow each other cost least: 112 share one storage word.
    /// @param r,vs a key's signature in the compact form of ERC-2098. With `vs` of zero, which no key's signature has,
    /// `r` is the place (from 0) in the batch's `contractSignatures`.
    struct SignedOrder {
        address trader;
        OrderType orderType;
        uint256 amount;
        uint256 price;
        uint256 expiry;
        uint256 nonce;
        bytes32 r;
        bytes32 vs;
    }

    /// @notice What one buyer gets of one seller. Orders are named by their place in the batch: first the signed ones,
    /// then the stored ones.
    /// @param amount Wh.
    struct Fill {
        uint256 buy;
        uint256 sell;
        uint256 amount;
    }

    /// @notice Orders of one delivery period that trade at one price.
    /// @param price money per kWh, of every fill.
    /// @param orderSet the set of orders that the keeper says it has cleared, see {BatchSettled}. The chain only
    /// publishes it.
    /// @param signedOrders ascending by trader, then by nonce.
    /// @param storedOrders numbers of stored orders, ascending.
    /// @param contractSignatures those of contract wallets, of any length.
    struct Batch {
        PeriodKind period;
        uint256 start;
        uint256 price;
        bytes32 orderSet;
        SignedOrder[] signedOrders;
        uint256[] storedOrders;
        Fill[] fills;
        bytes[] contractSignatures;
    }

    /// @notice What all trades of a batch share.
    /// @param transactions how many there are, numbered from `firstTransactionId` on.
    struct BatchInfo {
        PeriodKind period;
        uint256 start;
        uint256 price;
        bool late;
        uint256 firstTransactionId;
        uint256 transactions;
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

    /// @notice An order of `amount` Wh at a limit of `price` (money per kWh) was placed for the period that begins at
    /// `start`; `expiry` is the last second at which it can be matched (Unix seconds).
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
    /// @notice A trade came about. A stored order is named by its number, a signed one by its hash.
    event OrdersMatched(
        uint256 indexed transactionId, uint256 indexed buyId, uint256 indexed sellId, uint256 amount, uint256 price
    );
    /// @notice A pair of {matchMany} was passed over; `reason` is the selector of {matchOrders}'s error.
    event MatchSkipped(uint256 indexed buyId, uint256 indexed sellId, bytes4 reason);
    /// @notice `amount` Wh were delivered in this settling.
    event TransactionDelivered(uint256 indexed transactionId, uint256 amount);
    /// @notice A trade ended: money back to the buyer, and its compensation for what was not delivered.
    event TransactionSettled(uint256 indexed transactionId, uint256 delivered, uint256 refund, uint256 compensation);
    /// @notice `amount` Wh in `matched` trades, numbered from `batchId * 2^32` on, were agreed at one price.
    /// `orderSet` is the root of a Merkle tree in OpenZeppelin's standard form with a leaf (bytes32 order, uint256 open
    /// Wh) for each order that the keeper has considered, traded or not: whoever has the orders can clear them again.
    event BatchSettled(
        bytes32 indexed orderSet,
        uint256 indexed batchId,
        PeriodKind period,
        uint256 start,
        uint256 price,
        uint256 amount,
        uint256 matched
    );
    /// @notice An order was left out of a batch, or one fill of it: its number, or its hash if it is a signed one.
    event OrderSkipped(uint256 indexed orderId, Refusal reason);
    /// @notice The trader made its signed order with this nonce void.
    event SignedOrderCancelled(address indexed trader, uint256 nonce);
    /// @notice All signed orders of nonces below this are void.
    event SignedOrdersCancelledBelow(address indexed trader, uint256 nonce);

    /* ERRORS */

    /// @notice The constructor was given a value outside its bounds; `name` (ASCII) says which parameter.
    error EnergyTrading_BadParameter(bytes32 name, uint256 value);
    /// @notice The amount is so small that it costs nothing at this price.
    error EnergyTrading_Dust(uint256 amount, uint256 price);
    /// @notice The period cannot begin at `start` (Unix seconds): an hour begins at a full hour, a day at 00:00, a week
    /// on Monday 00:00, a quarter at a full quarter, all UTC.
    error EnergyTrading_MisalignedPeriod(PeriodKind period, uint256 start);
    /// @notice The gate of a period closes with its end.
    error EnergyTrading_GateClosed(uint256 end, uint256 time);
    /// @notice The order's last second was `expiry`, and it is `time` (Unix seconds). Anyone can cancel it; place a new
    /// one for a later period.
    error EnergyTrading_Expired(uint256 orderId, uint256 expiry, uint256 time);
    /// @notice The expiry must not be before `time` (Unix seconds).
    error EnergyTrading_ExpiryInPast(uint256 expiry, uint256 time);
    /// @notice The trader has placed all orders that it may for now. It can place the next one at `nextOrderAt` (Unix
    /// seconds).
    error EnergyTrading_RateLimited(address trader, uint256 nextOrderAt);
    /// @notice There is no order of this number, see {orderCount}.
    error EnergyTrading_NoSuchOrder(uint256 orderId);
    /// @notice The order is filled or cancelled, as `status` says.
    error EnergyTrading_NotActive(uint256 orderId, OrderStatus status);
    /// @notice Only the owner can cancel an order that has not expired.
    error EnergyTrading_NotOwner(uint256 orderId, address caller);
    /// @notice The order is a BUY where a SELL is needed, or the other way round; `orderType` is what it is. Swap the
    /// two numbers.
    error EnergyTrading_WrongSide(uint256 orderId, OrderType orderType);
    /// @notice The two orders are for different delivery periods.
    error EnergyTrading_PeriodMismatch(uint256 buyId, uint256 sellId);
    /// @notice Both orders are of one account.
    error EnergyTrading_SelfTrade(uint256 buyId, uint256 sellId);
    /// @notice The buyer's limit is below the seller's; both in money per kWh.
    error EnergyTrading_NotCrossing(uint256 buyPrice, uint256 sellPrice);
    /// @notice There must be as many buy orders as sell orders.
    error EnergyTrading_LengthMismatch(uint256 buys, uint256 sells);
    /// @notice There is no trade of this number, see {transactionCount} and {getBatch}.
    error EnergyTrading_NoSuchTransaction(uint256 transactionId);
    /// @notice The trade is settled: nothing is left to do.
    error EnergyTrading_AlreadySettled(uint256 transactionId);
    /// @notice Nothing can be delivered or ended now: try again after the next reading or once the period is final.
    error EnergyTrading_NothingToSettle(uint256 transactionId);

    /// @notice The order (its number, or the hash of a signed one) cannot be part of this batch.
    error EnergyTrading_Refused(uint256 orderId, Refusal reason);
    /// @notice The orders of a batch are not in ascending order at this place, or one is there twice.
    error EnergyTrading_Unsorted(uint256 place);
    /// @notice A fill names the order at `place`, but the batch has only `orders` orders, counted from 0.
    error EnergyTrading_NoSuchPlace(uint256 place, uint256 orders);
    /// @notice A batch must hold at least one fill.
    error EnergyTrading_NoFills();
    /// @notice There is no batch of this number, see {batchCount}.
    error EnergyTrading_NoSuchBatch(uint256 batchId);
    /// @notice The nonce of this trader is filled or cancelled already.
    error EnergyTrading_NonceSpent(address trader, uint256 nonce);
    /// @notice The nonce of a signed order must be below 2^40.
    error EnergyTrading_NonceTooLarge(uint256 nonce);

    /* TRADERS */

    /// @notice Places an order for the hour now running.
    /// @param amount Wh.
    /// @param price money per kWh: the most a buyer pays, the least a seller takes.
    /// @param expiry the last second at which it can be matched; later than the period's end means the period's end.
    /// @param orderType BUY or SELL.
    /// @return orderId number of the order.
    function createOrder(uint256 amount, uint256 price, uint256 expiry, OrderType orderType)
        external
        returns (uint256 orderId);

    /// @notice Places an order for a delivery period.
    /// @param amount Wh.
    /// @param price money per kWh: the most a buyer pays, the least a seller takes.
    /// @param expiry the last second at which it can be matched (Unix seconds); later than the period's end means the
    /// period's end.
    /// @param orderType BUY or SELL.
    /// @param period length of the delivery period.
    /// @param start full UTC hour, UTC midnight, Monday 00:00 UTC, or full quarter, as `period` says.
    /// @return orderId number of the order.
    function createOrder(
        uint256 amount,
        uint256 price,
        uint256 expiry,
        OrderType orderType,
        PeriodKind period,
        uint256 start
    ) external returns (uint256 orderId);

    /// @notice Ends an active order and frees its money: its owner at any time, once expired anyone. Always open.
    /// @param orderId number of the order, from 1 on.
    function cancelOrder(uint256 orderId) external;

    /// @notice Voids signed orders of the caller, by their nonces. Always open.
    /// @param nonces of the orders, each below 2^40.
    function cancelSigned(uint256[] calldata nonces) external;

    /// @notice Voids all signed orders of the caller with a nonce below this, made or not. The caller needs an account
    /// in Settlement. Always open.
    /// @param nonce the first one that stays valid, below 2^40 and above {signedFloorOf}.
    function cancelSignedBelow(uint256 nonce) external;

    /* KEEPER */

    /// @notice Makes a trade of every fill, all at one price. Of every order it is checked here that its trader
    /// has signed or placed it, and that amount, limit price, expiry and money allow it; both sides of a fill get the
    /// same energy at the same price. Which orders trade, and the price between their limits, is the keeper's choice.
    /// Role: KEEPER. What is agreed here is MATCHED; {settleTransaction} delivers it and pays, as for single pairs.
    ///
    /// Each order is refused for the first of these that holds. Signed: NONCE_SPENT (2^40 or more, filled, or cancelled
    /// by its nonce), EXPIRED, WORSE_THAN_LIMIT, WRONG_SIGNATURE, NONCE_SPENT (by another order), UNKNOWN_ACCOUNT.
    /// Stored: NO_SUCH_ORDER, NOT_ACTIVE, OTHER_PERIOD, EXPIRED, WORSE_THAN_LIMIT. Then the fills, in their order:
    /// WRONG_SIDE, SELF_TRADE, OVERFILLED, TOO_LARGE, DUST. Then the money of each signed order: NONCE_SPENT (below
    /// {signedFloorOf}), SIDE_BLOCKED, IN_DEBT, INSUFFICIENT_BALANCE.
    /// @param batch the orders, their fills and the price.
    /// @param skip whether what is refused is passed over with all fills that need it, and reported in events;
    /// otherwise the whole batch is refused.
    /// @return matched how many fills became trades; where none did, there is no batch.
    function settleBatch(Batch calldata batch, bool skip) external returns (uint256 matched);

    /* ANYONE */

    /// @notice Matches two crossing orders of one period at the price of the earlier one. A match made when slots of
    /// the period can be closed already carries no collateral.
    /// @param buyOrderId number of the BUY order.
    /// @param sellOrderId number of the SELL order.
    function matchOrders(uint256 buyOrderId, uint256 sellOrderId) external;

    /// @notice As {matchOrders} for many pairs in their order; pairs that cannot be matched are passed over.
    /// @param buyIds numbers of the BUY orders.
    /// @param sellIds numbers of the SELL orders, as many: one for each.
    /// @return matched how many were matched.
    function matchMany(uint256[] calldata buyIds, uint256[] calldata sellIds) external returns (uint256 matched);

    /// @notice Delivers what is metered, over at most 48 slots, and ends the trade when it is delivered in full
    /// or its period is final. Always open.
    /// @param transactionId number of the trade: from 1 on, or from `batchId * 2^32` on.
    function settleTransaction(uint256 transactionId) external;

    /// @notice As {settleTransaction}, over at most `maxSlots` slots.
    /// @param transactionId number of the trade: from 1 on, or from `batchId * 2^32` on.
    /// @param maxSlots bounds the gas: how many slots to go through.
    function settleTransaction(uint256 transactionId, uint256 maxSlots) external;

    /// @notice Settles many, each over at most `maxSlots` slots; those with nothing to settle are passed over.
    /// @param transactionIds numbers of the trades.
    /// @param maxSlots bounds the gas: how many slots to go through for each.
    function settleMany(uint256[] calldata transactionIds, uint256 maxSlots) external;

    /* VIEWS */

    /// @notice An order as it stands now.
    /// @param orderId number of the order, from 1 on.
    /// @return the order. It reverts for a number that is none.
    function getOrder(uint256 orderId) external view returns (Order memory);
    /// @notice What is left of an order, and its delivery period.
    /// @param orderId number of the order, from 1 on.
    /// @return its terms. It reverts for a number that is none.
    function getOrderTerms(uint256 orderId) external view returns (OrderTerms memory);
    /// @notice A trade as it stands now.
    /// @param transactionId number of the trade: from 1 on, or from `batchId * 2^32` on.
    /// @return the trade. It reverts for a number that is none.
    function getTransaction(uint256 transactionId) external view returns (Transaction memory);
    /// @notice Orders are numbered from 1; so are trades of single pairs, and batches. The trades of a
    /// batch are numbered from `batchId * 2^32` on.
    /// @return how many orders there are.
    function orderCount() external view returns (uint256);
    /// @notice How many trades of single pairs there are; they are numbered from 1 to this.
    /// @return how many.
    function transactionCount() external view returns (uint256);
    /// @notice How many batches there are; they are numbered from 1 to this.
    /// @return how many.
    function batchCount() external view returns (uint256);
    /// @notice What all trades of a batch share.
    /// @param batchId number of the batch, from 1 on.
    /// @return the batch. It reverts for a number that is none.
    function getBatch(uint256 batchId) external view returns (BatchInfo memory);
    /// @notice At most `count` orders from number `first` on.
    /// @param first number of the first one.
    /// @param count how many at most.
    /// @return the orders.
    /// @return the rest of what is known of each.
    function getOrders(uint256 first, uint256 count) external view returns (Order[] memory, OrderTerms[] memory);
    /// @notice At most `count` trades from number `first` on: single pairs, or those of one batch.
    /// @param first number of the first one.
    /// @param count how many at most.
    /// @return the trades.
    function getTransactions(uint256 first, uint256 count) external view returns (Transaction[] memory);
    /// @notice What a trader signs for an order of a period: the EIP-712 hash in this contract's domain.
    /// @param order the order; its signature is not looked at.
    /// @param period length of the delivery period.
    /// @param start Unix seconds at which the delivery period begins.
    /// @return the hash, by which a signed order is named.
    function hashOrder(SignedOrder calldata order, PeriodKind period, uint256 start) external view returns (bytes32);
    /// @notice Wh filled of a signed order, by its hash, where it was ever filled in part. Of one that was filled at
    /// once only the nonce is kept: 0 here, and {nonceState} FILLED.
    /// @param orderHash see {hashOrder}.
    /// @return Wh.
    function filled(bytes32 orderHash) external view returns (uint256);
    /// @notice What the nonce of a trader has come to, {signedFloorOf} included.
    /// @param trader account of the trader.
    /// @param nonce number that the trader gave its signed order, below 2^40.
    /// @return the state.
    function nonceState(address trader, uint256 nonce) external view returns (NonceState);
    /// @notice Signed orders of a trader with a lower nonce are void.
    /// @param trader account of the trader.
    /// @return the lowest nonce that is valid.
    function signedFloorOf(address trader) external view returns (uint256);
    /// @notice How many orders an account can place now.
    /// @param trader account of the trader.
    /// @return how many.
    function ordersLeft(address trader) external view returns (uint256);
    /// @notice The contract that holds the money.
    /// @return the contract.
    function SETTLEMENT() external view returns (ISettlement);
    /// @notice What a seller locks per kWh offered.
    /// @return money per kWh.
    function COLLATERAL_PER_KWH() external view returns (uint256);
    /// @notice The gas that a contract wallet has to confirm a signature.
    /// @return gas.
    function SIGNATURE_GAS() external view returns (uint256);
    /// @notice How many orders an account can place at once.
    /// @return how many.
    function ORDER_BURST() external view returns (uint256);
    /// @notice After how many seconds an account may place one more order.
    /// @return seconds.
    function ORDER_REFILL() external view returns (uint256);
}
