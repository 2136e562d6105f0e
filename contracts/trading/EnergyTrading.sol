// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {EmergencyStop} from "../access/EmergencyStop.sol";
import {IEnergyTrading} from "../interfaces/IEnergyTrading.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {Costs} from "../libraries/Costs.sol";
import {RateLimiter} from "../libraries/RateLimiter.sol";
import {Slots} from "../libraries/Slots.sol";
import {OrderWord, OrderWordLibrary} from "../types/OrderWord.sol";
import {PeriodKind} from "../types/Periods.sol";
import {TransactionWord, TransactionWordLibrary} from "../types/TransactionWord.sol";
import {Energy, Price} from "../types/Units.sol";

/// @title EnergyTrading
/// @notice See {IEnergyTrading}; comments here are for maintainers.
/// @dev Orders and transactions are never deleted: a finished one costs nothing, and its word stays readable.
///
///     order        ACTIVE --match, nothing remains--> FILLED
///                  ACTIVE --cancelOrder-------------> CANCELLED
///     transaction  MATCHED --settle, delivered in full or period final--> SETTLED
///
/// Money of an order with r Wh remaining: a BUY locks costUp(r, its price), a SELL costUp(r, COLLATERAL_PER_KWH).
/// A fill of f keeps costDown(f, match price) and costDown(f, COLLATERAL_PER_KWH) for the transaction; the order's lock
/// falls by at least that, since ceil(x + y) - ceil(x) >= floor(y), and the difference goes back at once. A late
/// transaction keeps no collateral: slots of its period may have been closed before it was made, which is not the
/// seller's failing, and whoever matches late could have closed them.
contract EnergyTrading is IEnergyTrading, EmergencyStop {
    using SafeCast for uint256;

    /// @dev What EnergyTrading knows of a trader; 4 + 4 + 5 = 13 bytes, one word.
    struct Trader {
        uint32 number;
        uint32 quota;
        uint40 quotaUpdated;
    }

    /* CONSTANTS AND IMMUTABLES */

    uint256 private constant DEFAULT_MAX_SLOTS = 48;
    uint256 private constant MAX_ORDER_REFILL = 1 days;

    ISettlement public immutable SETTLEMENT;
    uint256 public immutable COLLATERAL_PER_KWH;
    uint256 public immutable ORDER_BURST;
    uint256 public immutable ORDER_REFILL;
    uint256 private immutable _slotLength;
    uint256 private immutable _grace;

    /* STORAGE */

    // slot 0, after EmergencyStop's 22 bytes: 5 + 5 = 10 bytes
    uint40 private _orderCount;
    uint40 private _transactionCount;

    mapping(uint256 id => OrderWord word) private _orders;
    mapping(uint256 id => TransactionWord word) private _transactions;
    mapping(address account => Trader trader) private _traders;

    /* CONSTRUCTOR */

    constructor(address authority_, ISettlement settlement, Parameters memory parameters) EmergencyStop(authority_) {
        if (parameters.orderBurst == 0 || parameters.orderBurst > type(uint32).max) {
            revert EnergyTrading_BadParameter("orderBurst", parameters.orderBurst);
        }
        if (parameters.orderRefill == 0 || parameters.orderRefill > MAX_ORDER_REFILL) {
            revert EnergyTrading_BadParameter("orderRefill", parameters.orderRefill);
        }
        // A new account's bucket counts as last filled at time 0: it is full only if it could have filled since.
        if (parameters.orderBurst * parameters.orderRefill > block.timestamp) {
            revert EnergyTrading_BadParameter("orderBurst", parameters.orderBurst);
        }
        SETTLEMENT = settlement;
        COLLATERAL_PER_KWH = parameters.collateralPerKwh.toUint64();
        ORDER_BURST = parameters.orderBurst;
        ORDER_REFILL = parameters.orderRefill;
        _slotLength = settlement.SLOT_LENGTH();
        _grace = settlement.GRACE();
    }

    /* TRADERS */

    /// @inheritdoc IEnergyTrading
    function createOrder(uint256 amount, uint256 price, uint256 expiry, OrderType orderType)
        external
        returns (uint256)
    {
        uint256 start = block.timestamp - (block.timestamp % Slots.HOUR);
        return _createOrder(amount, price, expiry, orderType, PeriodKind.HOURLY, start);
    }

    /// @inheritdoc IEnergyTrading
    function createOrder(
        uint256 amount,
        uint256 price,
        uint256 expiry,
        OrderType orderType,
        PeriodKind period,
        uint256 start
    ) external returns (uint256) {
        return _createOrder(amount, price, expiry, orderType, period, start);
    }

    /// @inheritdoc IEnergyTrading
    function cancelOrder(uint256 orderId) external {
        OrderWord order = _activeOrder(orderId);
        bool isOwner = _traders[msg.sender].number == order.trader();
        if (!isOwner && block.timestamp <= order.expiry()) revert EnergyTrading_NotOwner(orderId, msg.sender);

        _orders[orderId] = order.withStatus(uint256(OrderStatus.CANCELLED));
        SETTLEMENT.unlock(order.trader(), _lockOf(order, order.remaining()));
        emit OrderCancelled(orderId, msg.sender, Energy.unwrap(order.remaining()));
    }

    /* ANYONE */

    /// @inheritdoc IEnergyTrading
    function matchOrders(uint256 buyOrderId, uint256 sellOrderId) external {
        _requireRunning();
        OrderWord buy = _matchableOrder(buyOrderId, OrderType.BUY);
        OrderWord sell = _matchableOrder(sellOrderId, OrderType.SELL);
        if (buy.startSlot() != sell.startSlot() || buy.kind() != sell.kind()) {
            revert EnergyTrading_PeriodMismatch(buyOrderId, sellOrderId);
        }
        if (buy.trader() == sell.trader()) revert EnergyTrading_SelfTrade(buyOrderId, sellOrderId);
        if (Price.unwrap(buy.price()) < Price.unwrap(sell.price())) {
            revert EnergyTrading_NotCrossing(Price.unwrap(buy.price()), Price.unwrap(sell.price()));
        }
        Price price = buyOrderId < sellOrderId ? buy.price() : sell.price();
        Energy fill = buy.remaining().atMost(sell.remaining());
        uint256 cost = Costs.costDown(fill, price);
        if (cost == 0) revert EnergyTrading_Dust(Energy.unwrap(fill), Price.unwrap(price));

        uint256 id = ++_transactionCount;
        bool late = Slots.isClosable(buy.startSlot(), _slotLength, _grace, block.timestamp);
        _transactions[id] = TransactionWordLibrary.pack(buy, sell, fill, price, late);
        _fillOrder(buyOrderId, buy, fill, cost);
        _fillOrder(sellOrderId, sell, fill, late ? 0 : Costs.costDown(fill, Price.wrap(COLLATERAL_PER_KWH)));
        emit OrdersMatched(id, buyOrderId, sellOrderId, Energy.unwrap(fill), Price.unwrap(price));
    }

    /// @inheritdoc IEnergyTrading
    /// @dev Calls itself, so that one rule serves both forms and a refused pair leaves no trace.
    function matchMany(uint256[] calldata buyIds, uint256[] calldata sellIds) external returns (uint256 matched) {
        _requireRunning();
        if (buyIds.length != sellIds.length) revert EnergyTrading_LengthMismatch(buyIds.length, sellIds.length);
        for (uint256 i = 0; i < buyIds.length; ++i) {
            try this.matchOrders(buyIds[i], sellIds[i]) {
                ++matched;
            } catch (bytes memory reason) {
                emit MatchSkipped(buyIds[i], sellIds[i], bytes4(reason));
            }
        }
    }

    /// @inheritdoc IEnergyTrading
    function settleTransaction(uint256 transactionId) external {
        _requireProgress(transactionId, DEFAULT_MAX_SLOTS);
    }

    /// @inheritdoc IEnergyTrading
    function settleTransaction(uint256 transactionId, uint256 maxSlots) external {
        _requireProgress(transactionId, maxSlots);
    }

    /// @inheritdoc IEnergyTrading
    function settleMany(uint256[] calldata transactionIds, uint256 maxSlots) external {
        for (uint256 i = 0; i < transactionIds.length; ++i) {
            TransactionWord transaction = _existingTransaction(transactionIds[i]);
            if (!transaction.isSettled()) _settle(transactionIds[i], transaction, maxSlots);
        }
    }

    /* VIEWS */

    /// @inheritdoc IEnergyTrading
    function getOrder(uint256 orderId) external view returns (Order memory) {
        return _describe(_existingOrder(orderId));
    }

    /// @inheritdoc IEnergyTrading
    function getOrderTerms(uint256 orderId) external view returns (OrderTerms memory) {
        return _describeTerms(_existingOrder(orderId));
    }

    /// @inheritdoc IEnergyTrading
    function getTransaction(uint256 transactionId) external view returns (Transaction memory) {
        return _describe(_existingTransaction(transactionId));
    }

    /// @inheritdoc IEnergyTrading
    function orderCount() external view returns (uint256) {
        return _orderCount;
    }

    /// @inheritdoc IEnergyTrading
    function transactionCount() external view returns (uint256) {
        return _transactionCount;
    }

    /// @inheritdoc IEnergyTrading
    function getOrders(uint256 first, uint256 count)
        external
        view
        returns (Order[] memory orders, OrderTerms[] memory terms)
    {
        uint256 length = _pageLength(first, count, _orderCount);
        orders = new Order[](length);
        terms = new OrderTerms[](length);
        for (uint256 i = 0; i < length; ++i) {
            orders[i] = _describe(_orders[first + i]);
            terms[i] = _describeTerms(_orders[first + i]);
        }
    }

    /// @inheritdoc IEnergyTrading
    function getTransactions(uint256 first, uint256 count) external view returns (Transaction[] memory page) {
        page = new Transaction[](_pageLength(first, count, _transactionCount));
        for (uint256 i = 0; i < page.length; ++i) {
            page[i] = _describe(_transactions[first + i]);
        }
    }

    /// @inheritdoc IEnergyTrading
    function ordersLeft(address trader) external view returns (uint256 quota) {
        (quota,) = _quotaOf(_traders[trader]);
    }

    /* INTERNAL: ORDERS */

    function _createOrder(
        uint256 amount,
        uint256 price,
        uint256 expiry,
        OrderType orderType,
        PeriodKind period,
        uint256 start
    ) private returns (uint256 orderId) {
        _requireRunning();
        expiry = _effectiveExpiry(expiry, period, start);
        OrderWord order = OrderWordLibrary.pack(
            _useQuota(msg.sender),
            Energy.wrap(amount),
            Price.wrap(price),
            expiry,
            start / _slotLength,
            period,
            uint256(orderType)
        );
        if (Costs.costDown(order.amount(), order.price()) == 0) revert EnergyTrading_Dust(amount, price);

        orderId = ++_orderCount;
        _orders[orderId] = order;
        SETTLEMENT.lock(order.trader(), _lockOf(order, order.amount()), orderType == OrderType.BUY);
        emit OrderCreated(orderId, msg.sender, orderType, amount, price, expiry, period, start);
    }

    /// @dev An order never outlives its period: from the period's end on, its gate is closed.
    function _effectiveExpiry(uint256 expiry, PeriodKind period, uint256 start) private view returns (uint256) {
        if (!Slots.isAligned(period, start, _slotLength)) revert EnergyTrading_MisalignedPeriod(period, start);
        uint256 end = start + Slots.lengthOf(period);
        if (block.timestamp >= end) revert EnergyTrading_GateClosed(end, block.timestamp);
        if (expiry < block.timestamp) revert EnergyTrading_ExpiryInPast(expiry, block.timestamp);
        return Math.min(expiry, end - 1);
    }

    /// @dev Takes one order out of the account's quota.
    /// @return number the account's number, asked of Settlement at the first order only.
    function _useQuota(address account) private returns (uint256 number) {
        Trader memory trader = _traders[account];
        (uint256 quota, uint256 updated) = _quotaOf(trader);
        if (quota == 0) revert EnergyTrading_RateLimited(account, updated + ORDER_REFILL);
        number = trader.number;
        if (number == 0) {
            number = SETTLEMENT.numberOf(account);
            if (number == 0) revert ISettlement.Settlement_UnknownAccount(account);
        }
        _traders[account] = Trader(number.toUint32(), uint32(quota - 1), uint40(updated));
    }

    function _quotaOf(Trader memory trader) private view returns (uint256 quota, uint256 updated) {
        return RateLimiter.refilled(trader.quota, trader.quotaUpdated, ORDER_BURST, ORDER_REFILL, block.timestamp);
    }

    /// @dev The money that an order locks while `remaining` Wh of it are unmatched.
    function _lockOf(OrderWord order, Energy remaining) private view returns (uint256) {
        bool isBuy = order.side() == uint256(OrderType.BUY);
        return Costs.costUp(remaining, isBuy ? order.price() : Price.wrap(COLLATERAL_PER_KWH));
    }

    /// @dev Takes a fill out of an order; `kept` of the lock stays for the transaction, the excess goes back.
    function _fillOrder(uint256 orderId, OrderWord order, Energy fill, uint256 kept) private {
        OrderWord rest = order.afterFill(fill);
        if (Energy.unwrap(rest.remaining()) == 0) rest = rest.withStatus(uint256(OrderStatus.FILLED));
        _orders[orderId] = rest;
        uint256 excess = _lockOf(order, order.remaining()) - _lockOf(order, rest.remaining()) - kept;
        if (excess > 0) SETTLEMENT.unlock(order.trader(), excess);
    }

    function _existingOrder(uint256 orderId) private view returns (OrderWord order) {
        order = _orders[orderId];
        if (!order.exists()) revert EnergyTrading_NoSuchOrder(orderId);
    }

    function _activeOrder(uint256 orderId) private view returns (OrderWord order) {
        order = _existingOrder(orderId);
        if (order.status() != uint256(OrderStatus.ACTIVE)) {
            revert EnergyTrading_NotActive(orderId, OrderStatus(order.status()));
        }
    }

    function _matchableOrder(uint256 orderId, OrderType side) private view returns (OrderWord order) {
        order = _activeOrder(orderId);
        if (order.side() != uint256(side)) revert EnergyTrading_WrongSide(orderId, OrderType(order.side()));
        if (block.timestamp > order.expiry()) {
            revert EnergyTrading_Expired(orderId, order.expiry(), block.timestamp);
        }
    }

    /* INTERNAL: TRANSACTIONS */

    function _existingTransaction(uint256 id) private view returns (TransactionWord transaction) {
        transaction = _transactions[id];
        if (!transaction.exists()) revert EnergyTrading_NoSuchTransaction(id);
    }

    function _requireProgress(uint256 id, uint256 maxSlots) private {
        TransactionWord transaction = _existingTransaction(id);
        if (transaction.isSettled()) revert EnergyTrading_AlreadySettled(id);
        if (!_settle(id, transaction, maxSlots)) revert EnergyTrading_NothingToSettle(id);
    }

    /// @return progressed whether anything was delivered, ended, or moved on.
    function _settle(uint256 id, TransactionWord transaction, uint256 maxSlots) private returns (bool progressed) {
        uint256 periodSlots = Slots.lengthOf(transaction.kind()) / _slotLength;
        uint256 fromSlot = transaction.startSlot() + transaction.cursor();
        (uint256 amount, uint256 doneSlots) = SETTLEMENT.deliver(
            ISettlement.Delivery({
                seller: transaction.seller(),
                buyer: transaction.buyer(),
                fromSlot: fromSlot,
                toSlot: fromSlot + Math.min(maxSlots, periodSlots - transaction.cursor()),
                owed: Energy.unwrap(transaction.amount() - transaction.delivered()),
                delivered: Energy.unwrap(transaction.delivered()),
                price: Price.unwrap(transaction.price())
            })
        );
        if (amount == 0 && doneSlots == 0) return false;

        transaction = transaction.afterDelivery(Energy.wrap(amount), doneSlots);
        if (amount > 0) emit TransactionDelivered(id, amount);
        if (transaction.delivered() == transaction.amount() || transaction.cursor() == periodSlots) {
            transaction = transaction.settle();
            _finish(id, transaction);
        }
        _transactions[id] = transaction;
        return true;
    }

    function _finish(uint256 id, TransactionWord transaction) private {
        Energy undelivered = transaction.amount() - transaction.delivered();
        Price collateralPrice = Price.wrap(transaction.isLate() ? 0 : COLLATERAL_PER_KWH);
        uint256 refund = Costs.costDown(transaction.amount(), transaction.price())
            - Costs.costDown(transaction.delivered(), transaction.price());
        uint256 compensation = Costs.costDown(undelivered, collateralPrice);
        SETTLEMENT.finish(
            ISettlement.Ending({
                seller: transaction.seller(),
                buyer: transaction.buyer(),
                refund: refund,
                compensation: compensation,
                collateral: Costs.costDown(transaction.amount(), collateralPrice) - compensation,
                failed: Energy.unwrap(undelivered) > 0 && !transaction.isLate()
            })
        );
        emit TransactionSettled(id, Energy.unwrap(transaction.delivered()), refund, compensation);
    }

    /* INTERNAL: VIEWS */

    function _describe(OrderWord order) private view returns (Order memory) {
        return Order({
            trader: SETTLEMENT.accountAt(order.trader()),
            amount: Energy.unwrap(order.amount()),
            price: Price.unwrap(order.price()),
            expiry: order.expiry(),
            orderType: OrderType(order.side()),
            status: OrderStatus(order.status())
        });
    }

    function _describeTerms(OrderWord order) private view returns (OrderTerms memory) {
        uint256 start = order.startSlot() * _slotLength;
        return OrderTerms({
            remaining: Energy.unwrap(order.remaining()),
            period: order.kind(),
            start: start,
            end: start + Slots.lengthOf(order.kind())
        });
    }

    function _describe(TransactionWord transaction) private view returns (Transaction memory) {
        uint256 start = transaction.startSlot() * _slotLength;
        return Transaction({
            buyer: SETTLEMENT.accountAt(transaction.buyer()),
            seller: SETTLEMENT.accountAt(transaction.seller()),
            amount: Energy.unwrap(transaction.amount()),
            delivered: Energy.unwrap(transaction.delivered()),
            price: Price.unwrap(transaction.price()),
            period: transaction.kind(),
            start: start,
            end: start + Slots.lengthOf(transaction.kind()),
            settledSlots: transaction.cursor(),
            status: transaction.isSettled() ? TransactionStatus.SETTLED : TransactionStatus.MATCHED,
            late: transaction.isLate()
        });
    }

    function _pageLength(uint256 first, uint256 count, uint256 last) private pure returns (uint256) {
        if (first == 0 || first > last) return 0;
        return Math.min(count, last - first + 1);
    }
}
