// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {PeriodKind} from "../types/Periods.sol";
import {IEmergencyStop} from "./IEmergencyStop.sol";
import {ISettlement} from "./ISettlement.sol";

/// @title IEnergyTrading
/// @notice The market: BUY and SELL orders for a delivery period, matched into trades. Amounts in Wh of the whole
/// period, prices in money per kWh (below 2^32), times in Unix seconds UTC.
///
/// A trade is firm and base-load: the same whole Wh in every slot of its period, so every amount is a multiple of the
/// period's slots. It changes the positions of both accounts; what meters show later changes nothing about it. Orders
/// are placed and matched until the period's first slot begins.
///
/// An **on-chain order** is stored here. A BUY locks its cost at its limit price. A SELL locks the cover that a trade
/// at its limit price would need: what the energy could cost at most, and the fees, beyond the price. Settlement holds
/// the money.
///
/// A **signed order** is a message off the chain and costs its trader nothing. The keeper submits it with
/// {settleBatch}, where it trades at one price with all others; its money is locked only then. Its EIP-712 type, in one
/// line, is
///
///     EnergyOrder(address trader,string side,uint256 amountWh,uint256 pricePerKwh,string period,
///                 uint256 deliveryStart,uint256 validUntil,uint256 nonce)
///
/// with side "BUY" or "SELL", period "HOURLY", "DAILY", "WEEKLY" or "QUARTER_HOURLY", times in Unix seconds UTC, in the
/// domain `EnergyGrid EnergyTrading`, version `1`. A nonce serves one order of a trader. The state of a nonce is:
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

    /// @notice An order as it was placed, with the status it has now. `expiry` is always before the order's period.
    struct Order {
        address trader;
        uint256 amount;
        uint256 price;
        uint256 expiry;
        OrderType orderType;
        OrderStatus status;
    }

    /// @notice The further terms of an order.
    /// @param remaining unmatched part, in Wh.
    /// @param start,end the delivery period, `end` exclusive.
    struct OrderTerms {
        uint256 remaining;
        PeriodKind period;
        uint256 start;
        uint256 end;
    }

    /// @notice A matched fill of two orders. It is SETTLED when both accounts have closed the last day of its period.
    /// @param amount energy, in Wh.
    /// @param price money per kWh.
    /// @param start,end the delivery period, `end` exclusive.
    struct Transaction {
        address buyer;
        address seller;
        uint256 amount;
        uint256 price;
        PeriodKind period;
        uint256 start;
        uint256 end;
        TransactionStatus status;
    }

    /// @notice The state of a signed order's nonce.
    enum NonceState {
        OPEN,
        PARTIAL,
        FILLED,
        CANCELLED
    }

    /// @notice Why an order, or a fill of it, cannot be part of a batch, or a pair not be matched.
    ///
    ///     WRONG_SIGNATURE       of another order, domain or key, or not confirmed by the trader's contract
    ///     NONCE_SPENT           filled or cancelled, its nonce has served another order, or is 2^40 or more
    ///     EXPIRED               the last second of its validity has passed
    ///     WORSE_THAN_LIMIT      the price of the batch is above a buyer's limit or below a seller's
    ///     UNKNOWN_ACCOUNT       the trader never had money in Settlement nor a meter
    ///     NO_SUCH_ORDER         on-chain order: there is none of this number
    ///     NOT_ACTIVE            on-chain order: filled or cancelled
    ///     OTHER_PERIOD          on-chain order: of another period than the batch
    ///     WRONG_SIDE            a fill names a BUY as its seller, or a SELL as its buyer
    ///     OVERFILLED            the fill is larger than the unmatched part of the order
    ///     SELF_TRADE            both sides of the fill are one account
    ///     INVALID_AMOUNT        a signed order, or a fill, that is not the same whole Wh in every slot of the period,
    ///                           at least 1 and below 2^31
    ///     BELOW_FLOOR           cancelled by {cancelSignedBelow}
    ///     SIDE_BLOCKED          the authority has deactivated the trader on this side
    ///     IN_DEBT               the buyer has a debt
    ///     GAP_OPEN              the newest final slot of the trader's meter was not read
    ///     POSITION_TOO_LARGE    the trader's position in a slot would be beyond what is stored
    ///     OTHER_REGION          the trader is in another region than the orders before
    ///     INSUFFICIENT_BALANCE  not enough available money for what the fills cost, or for their cover
    ///     REGION_CLOSED         the region's emergency protocol has closed this side
    ///
    /// The last eight are Settlement's.
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
        WRONG_SIDE,
        OVERFILLED,
        SELF_TRADE,
        INVALID_AMOUNT,
        BELOW_FLOOR,
        SIDE_BLOCKED,
        IN_DEBT,
        GAP_OPEN,
        POSITION_TOO_LARGE,
        OTHER_REGION,
        INSUFFICIENT_BALANCE,
        REGION_CLOSED
    }

    /// @notice A signed order; its delivery period is the batch's.
    /// @param trader the signer: a key's address, or a contract wallet (EIP-1271).
    /// @param amount Wh of the whole period; it can be filled in parts, over several batches.
    /// @param price limit, money per kWh.
    /// @param expiry the last second at which it can be filled.
    /// @param nonce below 2^40. Consecutive nonces cost the least gas: 112 share one storage word.
    /// @param r,vs a key's signature in the compact form of ERC-2098. If `vs` is zero, which no key's signature has,
    /// `r` is the index (from 0) of the signature in the batch's `contractSignatures`.
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

    /// @notice What one seller sells to one buyer. Orders are given by their index in the batch: first the signed ones,
    /// then the on-chain ones.
    /// @param amount Wh of the whole period.
    struct Fill {
        uint256 buy;
        uint256 sell;
        uint256 amount;
    }

    /// @notice Orders of one delivery period that trade at one price.
    /// @param price money per kWh, of every fill.
    /// @param orderSet Merkle root of the orders that the keeper has cleared, see {BatchSettled}. The contract only
    /// publishes it.
    /// @param signedOrders ascending by trader, then by nonce.
    /// @param storedOrders numbers of on-chain orders, ascending.
    /// @param contractSignatures signatures of contract wallets, of any length.
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

    /// @notice The common terms of a batch's trades.
    /// @param transactions number of its trades, numbered from `firstTransactionId` on.
    struct BatchInfo {
        PeriodKind period;
        uint256 start;
        uint256 price;
        uint256 firstTransactionId;
        uint256 transactions;
    }

    /// @notice Numbers fixed at deployment.
    /// @param orderBurst number of orders that an account can place at once.
    /// @param orderRefill seconds after which one more order is allowed.
    struct Parameters {
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
    /// @notice An order was cancelled with `remaining` Wh unmatched, by its owner or, once expired, by any account.
    event OrderCancelled(uint256 indexed orderId, address indexed by, uint256 remaining);
    /// @notice Two orders were matched into a trade. On-chain orders are given by their numbers, signed ones by their
    /// hashes.
    event OrdersMatched(
        uint256 indexed transactionId, uint256 indexed buyId, uint256 indexed sellId, uint256 amount, uint256 price
    );
    /// @notice {matchMany} skipped a pair; `reason` is the selector of {matchOrders}'s error.
    event MatchSkipped(uint256 indexed buyId, uint256 indexed sellId, bytes4 reason);
    /// @notice {settleTransaction} closed the last open day of a trade's period. Where the days were closed otherwise,
    /// the trade is settled without this event.
    event TransactionSettled(uint256 indexed transactionId);
    /// @notice A batch made `matched` trades of `amount` Wh in all at one price, numbered from `batchId * 2^32` on.
    /// `orderSet` is the root of a Merkle tree in OpenZeppelin's standard form with a leaf (bytes32 order, uint256 open
    /// Wh) for each order that the keeper has considered, traded or not, so anyone with the orders can check the
    /// clearing.
    event BatchSettled(
        bytes32 indexed orderSet,
        uint256 indexed batchId,
        PeriodKind period,
        uint256 start,
        uint256 price,
        uint256 amount,
        uint256 matched
    );
    /// @notice A batch skipped an order or one fill of it. A signed order is given by its hash.
    event OrderSkipped(uint256 indexed orderId, Refusal reason);
    /// @notice The trader cancelled its signed order with this nonce.
    event SignedOrderCancelled(address indexed trader, uint256 nonce);
    /// @notice The trader cancelled its signed orders with nonces below `nonce`.
    event SignedOrdersCancelledBelow(address indexed trader, uint256 nonce);

    /* ERRORS */

    /// @notice The constructor was given a value outside its bounds; `name` (ASCII) is the parameter.
    error EnergyTrading_BadParameter(bytes32 name, uint256 value);
    /// @notice The amount must be the same whole Wh in every slot of the period, below 2^31. The nearest valid amounts
    /// are `lower` and `higher`; 0 if there is none.
    error EnergyTrading_InvalidAmount(uint256 amount, uint256 lower, uint256 higher);
    /// @notice A price has at most `highest` money per kWh.
    error EnergyTrading_PriceTooHigh(uint256 price, uint256 highest);
    /// @notice The period cannot begin at `start` (Unix seconds): an hour begins at a full hour, a day at 00:00, a week
    /// on Monday 00:00, a quarter at a full quarter, all UTC.
    error EnergyTrading_MisalignedPeriod(PeriodKind period, uint256 start);
    /// @notice The period's gate closed at `start` (Unix seconds), when its first slot began.
    error EnergyTrading_GateClosed(uint256 start, uint256 time);
    /// @notice The period ends at `end`; what can be traded now ends at `latest` or before (Unix seconds).
    error EnergyTrading_BeyondHorizon(uint256 end, uint256 latest);
    /// @notice The order expired at `expiry`, and the time is `time` (Unix seconds). Any account can cancel it; place a
    /// new one for a later period.
    error EnergyTrading_Expired(uint256 orderId, uint256 expiry, uint256 time);
    /// @notice The expiry must not be before `time` (Unix seconds).
    error EnergyTrading_ExpiryInPast(uint256 expiry, uint256 time);
    /// @notice The trader has used up its quota of orders. It can place the next one at `nextOrderAt` (Unix seconds).
    error EnergyTrading_RateLimited(address trader, uint256 nextOrderAt);
    /// @notice There is no order of this number, see {orderCount}.
    error EnergyTrading_NoSuchOrder(uint256 orderId);
    /// @notice The order is filled or cancelled, see `status`.
    error EnergyTrading_NotActive(uint256 orderId, OrderStatus status);
    /// @notice Only the owner can cancel an order that has not expired.
    error EnergyTrading_NotOwner(uint256 orderId, address caller);
    /// @notice The order is a BUY where a SELL is needed, or the other way round; `orderType` is its side. Swap the two
    /// numbers.
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
    /// @notice Both accounts have closed the trade's period.
    error EnergyTrading_AlreadySettled(uint256 transactionId);

    /// @notice The order (its number, or the hash of a signed one) cannot be part of this batch.
    error EnergyTrading_Refused(uint256 orderId, Refusal reason);
    /// @notice The orders of a batch are not strictly ascending at index `place`.
    error EnergyTrading_Unsorted(uint256 place);
    /// @notice A fill refers to index `place`, but the batch has only `orders` orders, counted from 0.
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

    /// @notice Places an on-chain order for the next full hour.
    /// @param amount Wh of the whole hour, a multiple of its slots.
    /// @param price money per kWh: the most a buyer pays, the least a seller takes.
    /// @param expiry the last second at which it can be matched; never later than the last one before the hour.
    /// @param orderType BUY or SELL.
    /// @return orderId number of the order.
    function createOrder(uint256 amount, uint256 price, uint256 expiry, OrderType orderType)
        external
        returns (uint256 orderId);

    /// @notice Places an on-chain order for a delivery period.
    /// @param amount Wh of the whole period, a multiple of its slots.
    /// @param price money per kWh: the most a buyer pays, the least a seller takes.
    /// @param expiry the last second at which it can be matched (Unix seconds); never later than the last one before
    /// the period.
    /// @param orderType BUY or SELL.
    /// @param period length of the delivery period.
    /// @param start full UTC hour, UTC midnight, Monday 00:00 UTC, or full quarter, depending on `period`.
    /// @return orderId number of the order.
    function createOrder(
        uint256 amount,
        uint256 price,
        uint256 expiry,
        OrderType orderType,
        PeriodKind period,
        uint256 start
    ) external returns (uint256 orderId);

    /// @notice Cancels an active order and frees its money. Its owner may call this at any time, any account once the
    /// order has expired. Open while stopped.
    /// @param orderId number of the order, from 1 on.
    function cancelOrder(uint256 orderId) external;

    /// @notice Cancels signed orders of the caller by their nonces. Open while stopped.
    /// @param nonces of the orders, each below 2^40.
    function cancelSigned(uint256[] calldata nonces) external;

    /// @notice Cancels all signed orders of the caller with a nonce below this, present and future. The caller needs an
    /// account in Settlement. Open while stopped.
    /// @param nonce the first one that stays valid, below 2^40 and above {signedFloorOf}.
    function cancelSignedBelow(uint256 nonce) external;

    /* KEEPER */

    /// @notice Makes a trade of every fill, all at one price. The contract checks that each order was signed or placed
    /// by its trader, and that its amount, limit price, expiry and money allow the fills. Both sides of a fill get the
    /// same energy at the same price. The keeper chooses the orders and the price within their limits. Role: KEEPER.
    ///
    /// The first of these reasons that holds rejects an order. Signed: NONCE_SPENT (2^40 or more, filled, or cancelled
    /// by its nonce), EXPIRED, WORSE_THAN_LIMIT, INVALID_AMOUNT, WRONG_SIGNATURE, NONCE_SPENT (by another order),
    /// UNKNOWN_ACCOUNT. On-chain: NO_SUCH_ORDER, NOT_ACTIVE, OTHER_PERIOD, EXPIRED, WORSE_THAN_LIMIT. Then the fills,
    /// in their order: WRONG_SIDE, SELF_TRADE, INVALID_AMOUNT, OVERFILLED. Then Settlement books what is left, or
    /// refuses orders: BELOW_FLOOR, SIDE_BLOCKED, IN_DEBT, GAP_OPEN, POSITION_TOO_LARGE, INSUFFICIENT_BALANCE. The
    /// fills without them are booked again, until none is refused.
    /// @param batch the orders, their fills and the price.
    /// @param skip whether rejected orders are skipped with all their fills and reported as {OrderSkipped}; otherwise
    /// the call reverts with EnergyTrading_Refused.
    /// @return matched number of fills that became trades. If 0, no batch is stored.
    function settleBatch(Batch calldata batch, bool skip) external returns (uint256 matched);

    /* ANYONE */

    /// @notice Matches two crossing orders of one period at the price of the earlier one.
    /// @param buyOrderId number of the BUY order.
    /// @param sellOrderId number of the SELL order.
    function matchOrders(uint256 buyOrderId, uint256 sellOrderId) external;

    /// @notice As {matchOrders} for many pairs in the given order; pairs that cannot be matched are skipped.
    /// @param buyIds numbers of the BUY orders.
    /// @param sellIds numbers of the SELL orders, one for each BUY order.
    /// @return matched number of matched pairs.
    function matchMany(uint256[] calldata buyIds, uint256[] calldata sellIds) external returns (uint256 matched);

    /// @notice Closes days of both accounts of a trade, in order, up to the end of its period: at most 7 of each. The
    /// trade is settled when none is left. Reverts with AlreadySettled, or with Settlement_NothingToClose if no day is
    /// final yet. Open while stopped.
    /// @param transactionId number of the trade: from 1 on, or from `batchId * 2^32` on.
    function settleTransaction(uint256 transactionId) external;

    /* VIEWS */

    /// @notice An on-chain order with its status now.
    /// @param orderId number of the order, from 1 on.
    /// @return the order. Reverts with NoSuchOrder if there is none.
    function getOrder(uint256 orderId) external view returns (Order memory);
    /// @notice The unmatched part of an order, and its delivery period.
    /// @param orderId number of the order, from 1 on.
    /// @return its terms. Reverts with NoSuchOrder if there is none.
    function getOrderTerms(uint256 orderId) external view returns (OrderTerms memory);
    /// @notice A trade with its status now.
    /// @param transactionId number of the trade: from 1 on, or from `batchId * 2^32` on.
    /// @return the trade. Reverts with NoSuchTransaction if there is none.
    function getTransaction(uint256 transactionId) external view returns (Transaction memory);
    /// @notice Orders are numbered from 1; so are trades of single pairs, and batches. The trades of a
    /// batch are numbered from `batchId * 2^32` on.
    /// @return the number of orders.
    function orderCount() external view returns (uint256);
    /// @notice The number of trades of single pairs; they are numbered from 1 to this.
    /// @return the number.
    function transactionCount() external view returns (uint256);
    /// @notice The number of batches; they are numbered from 1 to this.
    /// @return the number.
    function batchCount() external view returns (uint256);
    /// @notice The common terms of a batch's trades.
    /// @param batchId number of the batch, from 1 on.
    /// @return the batch. Reverts with NoSuchBatch if there is none.
    function getBatch(uint256 batchId) external view returns (BatchInfo memory);
    /// @notice At most `count` orders from number `first` on.
    /// @param first number of the first one.
    /// @param count maximum number to return.
    /// @return the orders.
    /// @return the further terms of each.
    function getOrders(uint256 first, uint256 count) external view returns (Order[] memory, OrderTerms[] memory);
    /// @notice At most `count` trades from number `first` on: single pairs, or those of one batch.
    /// @param first number of the first one.
    /// @param count maximum number to return.
    /// @return the trades.
    function getTransactions(uint256 first, uint256 count) external view returns (Transaction[] memory);
    /// @notice The EIP-712 hash, in this contract's domain, that a trader signs for an order of a period.
    /// @param order the order; its signature is ignored.
    /// @param period length of the delivery period.
    /// @param start Unix seconds at which the delivery period begins.
    /// @return the hash that identifies the signed order.
    function hashOrder(SignedOrder calldata order, PeriodKind period, uint256 start) external view returns (bytes32);
    /// @notice The filled part of a signed order, by its hash, if it was filled in several parts. For an order that was
    /// filled at once this is 0, and {nonceState} is FILLED.
    /// @param orderHash see {hashOrder}.
    /// @return Wh.
    function filled(bytes32 orderHash) external view returns (uint256);
    /// @notice The state of a trader's nonce, including {signedFloorOf}.
    /// @param trader account of the trader.
    /// @param nonce number that the trader gave its signed order, below 2^40.
    /// @return the state.
    function nonceState(address trader, uint256 nonce) external view returns (NonceState);
    /// @notice Signed orders of a trader with a lower nonce are cancelled.
    /// @param trader account of the trader.
    /// @return the lowest nonce that is valid.
    function signedFloorOf(address trader) external view returns (uint256);
    /// @notice The number of orders that an account can place now.
    /// @param trader account of the trader.
    /// @return the number.
    function ordersLeft(address trader) external view returns (uint256);
    /// @notice The contract that holds the money.
    /// @return the contract.
    function SETTLEMENT() external view returns (ISettlement);
    /// @notice How far from now a period may end at most.
    /// @return seconds.
    function HORIZON() external view returns (uint256);
    /// @notice The gas limit of a contract wallet's signature check.
    /// @return gas.
    function SIGNATURE_GAS() external view returns (uint256);
    /// @notice The number of orders that an account can place at once.
    /// @return the number.
    function ORDER_BURST() external view returns (uint256);
    /// @notice The time after which an account may place one more order.
    /// @return seconds.
    function ORDER_REFILL() external view returns (uint256);
}
