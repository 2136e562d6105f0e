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
import {Energy, Price} from "../types/Units.sol";

/// @title OrderBook
/// @notice The part of {IEnergyTrading} about on-chain orders; comments here are for maintainers.
/// @dev Orders are never deleted: a finished order has no further cost, and its word stays readable.
///
///     ACTIVE --filled, nothing remains--> FILLED
///     ACTIVE --cancelOrder--------------> CANCELLED
///
/// Money of an order with r Wh remaining: a BUY locks costUp(r, its price), a SELL costUp(r, COLLATERAL_PER_KWH). A
/// fill of f keeps costDown(f, agreed price) and costDown(f, COLLATERAL_PER_KWH) locked for the trade; the order's lock
/// falls by at least that, since ceil(x + y) - ceil(x) >= floor(y), and the difference goes back at once.
abstract contract OrderBook is IEnergyTrading, EmergencyStop {
    using SafeCast for uint256;

    /// @dev EnergyTrading's data of a trader; 4 + 4 + 5 = 13 bytes, one word.
    struct Trader {
        uint32 number;
        uint32 quota;
        uint40 quotaUpdated;
    }

    /* CONSTANTS AND IMMUTABLES */

    uint256 private constant MAX_ORDER_REFILL = 1 days;

    ISettlement public immutable SETTLEMENT;
    uint256 public immutable COLLATERAL_PER_KWH;
    uint256 public immutable ORDER_BURST;
    uint256 public immutable ORDER_REFILL;
    uint256 internal immutable _slotLength;

    /* STORAGE */

    // slot 0, after EmergencyStop's 22 bytes: 5 + 4 = 9 bytes. Matching reads the stop and counts in one word.
    uint40 private _orderCount;
    uint32 internal _transactionCount;

    mapping(uint256 id => OrderWord word) internal _orders;
    mapping(address account => Trader trader) internal _traders;

    /* CONSTRUCTOR */

    constructor(address authority_, ISettlement settlement, Parameters memory parameters) EmergencyStop(authority_) {
        if (parameters.orderBurst == 0 || parameters.orderBurst > type(uint32).max) {
            revert EnergyTrading_BadParameter("orderBurst", parameters.orderBurst);
        }
        if (parameters.orderRefill == 0 || parameters.orderRefill > MAX_ORDER_REFILL) {
            revert EnergyTrading_BadParameter("orderRefill", parameters.orderRefill);
        }
        // A new account's bucket was last filled at time 0, so it is full only if enough time has passed since.
        if (parameters.orderBurst * parameters.orderRefill > block.timestamp) {
            revert EnergyTrading_BadParameter("orderBurst", parameters.orderBurst);
        }
        SETTLEMENT = settlement;
        COLLATERAL_PER_KWH = parameters.collateralPerKwh.toUint64();
        ORDER_BURST = parameters.orderBurst;
        ORDER_REFILL = parameters.orderRefill;
        _slotLength = settlement.SLOT_LENGTH();
    }

    /* TRADERS */

    /// @inheritdoc IEnergyTrading
    function createOrder(uint256 amount, uint256 price, uint256 expiry, OrderType orderType)
        external
        returns (uint256)
    {
        // slither-disable-next-line weak-prng: the current hour, no randomness
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
        // slither-disable-next-line incorrect-equality: numbers of accounts
        bool isOwner = _traders[msg.sender].number == order.trader();
        if (!isOwner && block.timestamp <= order.expiry()) revert EnergyTrading_NotOwner(orderId, msg.sender);

        _orders[orderId] = order.withStatus(uint256(OrderStatus.CANCELLED));
        SETTLEMENT.unlock(order.trader(), _lockOf(order, order.remaining()));
        emit OrderCancelled(orderId, msg.sender, Energy.unwrap(order.remaining()));
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
    function orderCount() external view returns (uint256) {
        return _orderCount;
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
        // slither-disable-next-line incorrect-equality: exactly 0 is what costs nothing
        if (Costs.costDown(order.amount(), order.price()) == 0) revert EnergyTrading_Dust(amount, price);

        orderId = ++_orderCount;
        _orders[orderId] = order;
        SETTLEMENT.lock(order.trader(), _lockOf(order, order.amount()), orderType == OrderType.BUY);
        emit OrderCreated(orderId, msg.sender, orderType, amount, price, expiry, period, start);
    }

    /// @dev The expiry of an order is never after its period; the gate closes at the period's end.
    function _effectiveExpiry(uint256 expiry, PeriodKind period, uint256 start) private view returns (uint256) {
        uint256 end = _requireOpenGate(period, start);
        if (expiry < block.timestamp) revert EnergyTrading_ExpiryInPast(expiry, block.timestamp);
        return Math.min(expiry, end - 1);
    }

    /// @return end of the period, exclusive.
    function _requireOpenGate(PeriodKind period, uint256 start) internal view returns (uint256 end) {
        if (!Slots.isAligned(period, start, _slotLength)) revert EnergyTrading_MisalignedPeriod(period, start);
        end = start + Slots.lengthOf(period);
        if (block.timestamp >= end) revert EnergyTrading_GateClosed(end, block.timestamp);
    }

    /// @dev Uses one order of the account's quota.
    /// @return number the account's number, read from Settlement at the first order only.
    function _useQuota(address account) private returns (uint256 number) {
        Trader memory trader = _traders[account];
        (uint256 quota, uint256 updated) = _quotaOf(trader);
        // slither-disable-next-line incorrect-equality: a count
        if (quota == 0) revert EnergyTrading_RateLimited(account, updated + ORDER_REFILL);
        number = trader.number;
        // slither-disable-next-line incorrect-equality: 0 is no number
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
        // slither-disable-next-line incorrect-equality: an enum
        bool isBuy = order.side() == uint256(OrderType.BUY);
        return Costs.costUp(remaining, isBuy ? order.price() : Price.wrap(COLLATERAL_PER_KWH));
    }

    /// @dev Fills an order; `kept` of its locked money stays locked for the trade, the excess is unlocked.
    function _fillOrder(uint256 orderId, OrderWord order, Energy fill, uint256 kept) internal {
        OrderWord rest = order.afterFill(fill);
        // slither-disable-next-line incorrect-equality: the whole amount is filled, never more
        if (Energy.unwrap(rest.remaining()) == 0) rest = rest.withStatus(uint256(OrderStatus.FILLED));
        _orders[orderId] = rest;
        uint256 excess = _lockOf(order, order.remaining()) - _lockOf(order, rest.remaining()) - kept;
        // slither-disable-next-line reentrancy-no-eth: Settlement.unlock makes no calls
        if (excess > 0) SETTLEMENT.unlock(order.trader(), excess);
    }

    function _existingOrder(uint256 orderId) internal view returns (OrderWord order) {
        order = _orders[orderId];
        if (!order.exists()) revert EnergyTrading_NoSuchOrder(orderId);
    }

    function _activeOrder(uint256 orderId) internal view returns (OrderWord order) {
        order = _existingOrder(orderId);
        if (order.status() != uint256(OrderStatus.ACTIVE)) {
            revert EnergyTrading_NotActive(orderId, OrderStatus(order.status()));
        }
    }

    function _matchableOrder(uint256 orderId, OrderType side) internal view returns (OrderWord order) {
        order = _activeOrder(orderId);
        if (order.side() != uint256(side)) revert EnergyTrading_WrongSide(orderId, OrderType(order.side()));
        if (block.timestamp > order.expiry()) {
            revert EnergyTrading_Expired(orderId, order.expiry(), block.timestamp);
        }
    }

    /* INTERNAL: VIEWS */

    function _describe(OrderWord order) internal view returns (Order memory) {
        return Order({
            trader: SETTLEMENT.accountAt(order.trader()),
            amount: Energy.unwrap(order.amount()),
            price: Price.unwrap(order.price()),
            expiry: order.expiry(),
            orderType: OrderType(order.side()),
            status: OrderStatus(order.status())
        });
    }

    function _describeTerms(OrderWord order) internal view returns (OrderTerms memory) {
        uint256 start = order.startSlot() * _slotLength;
        return OrderTerms({
            remaining: Energy.unwrap(order.remaining()),
            period: order.kind(),
            start: start,
            end: start + Slots.lengthOf(order.kind())
        });
    }

    function _pageLength(uint256 first, uint256 count, uint256 last) internal pure returns (uint256) {
        if (first == 0 || first > last) return 0;
        return Math.min(count, last - first + 1);
    }
}
