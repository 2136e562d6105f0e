// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {EmergencyStop} from "../access/EmergencyStop.sol";
import {Relayed} from "../access/Relayed.sol";
import {IEnergyTrading} from "../interfaces/IEnergyTrading.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {ITariffs} from "../interfaces/ITariffs.sol";
import {RateLimiter} from "../libraries/RateLimiter.sol";
import {Slots} from "../libraries/Slots.sol";
import {OrderWord, OrderWordLibrary} from "../types/OrderWord.sol";
import {OF_A_DAY, OF_A_WEEK, OF_SLOTS, PeriodWord, PeriodWordLibrary} from "../types/PeriodWord.sol";
import {PeriodKind} from "../types/Periods.sol";

/// @title OrderBook
/// @notice The part of {IEnergyTrading} about on-chain orders; comments here are for maintainers.
/// @dev Orders are never deleted: a finished order has no further cost, and its word stays readable.
///
///     ACTIVE --filled, nothing remains--> FILLED
///     ACTIVE --cancelOrder--------------> CANCELLED
///
/// Inside, amounts are in Wh of each slot of the period ("per slot"); outside, in Wh of the whole period. What an order
/// locks is proportional to what remains of it, and exact in thousandths: a fill unlocks its share, before the trade
/// takes what it needs.
abstract contract OrderBook is IEnergyTrading, EmergencyStop, Relayed {
    using SafeCast for uint256;

    /// @dev EnergyTrading's data of a trader; 4 + 4 + 5 = 13 bytes, one word.
    struct Trader {
        uint32 number;
        uint32 quota;
        uint40 quotaUpdated;
    }

    /* CONSTANTS AND IMMUTABLES */

    uint256 private constant MAX_ORDER_REFILL = 1 days;
    uint256 private constant MAX_PRICE = type(uint32).max;
    /// @dev Wh of an order in each slot: as much as a position can be.
    uint256 private constant MAX_PER_SLOT = (1 << 31) - 1;

    ISettlement public immutable SETTLEMENT;
    uint256 public immutable HORIZON;
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

    constructor(
        address authority_,
        address forwarder,
        ITariffs tariffs,
        ISettlement settlement,
        Parameters memory parameters
    ) EmergencyStop(authority_) Relayed(forwarder) {
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
        HORIZON = tariffs.HORIZON();
        ORDER_BURST = parameters.orderBurst;
        ORDER_REFILL = parameters.orderRefill;
        _slotLength = tariffs.SLOT_LENGTH();
    }

    /* TRADERS */

    /// @inheritdoc IEnergyTrading
    function createOrder(uint256 amount, uint256 price, uint256 expiry, OrderType orderType)
        external
        returns (uint256)
    {
        // slither-disable-next-line weak-prng: the next hour, no randomness
        uint256 start = block.timestamp - (block.timestamp % Slots.HOUR) + Slots.HOUR;
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
        address caller = _holder();
        // slither-disable-next-line incorrect-equality: numbers of accounts
        bool isOwner = _traders[caller].number == order.trader();
        if (!isOwner && block.timestamp <= order.expiry()) revert EnergyTrading_NotOwner(orderId, caller);

        _orders[orderId] = order.withStatus(uint256(OrderStatus.CANCELLED));
        uint256 remaining = order.remaining() * _slotsOf(order.kind());
        SETTLEMENT.unlockOrder(order.trader(), remaining * order.locked());
        emit OrderCancelled(orderId, caller, remaining);
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
        uint256 slots = _requireOpenGate(period, start);
        if (expiry < block.timestamp) revert EnergyTrading_ExpiryInPast(expiry, block.timestamp);
        _requirePrice(price);
        expiry = Math.min(expiry, start - 1);
        address trader = _holder();
        OrderWord order = OrderWordLibrary.pack(
            _useQuota(trader), _perSlot(amount, slots), price, expiry, start / _slotLength, period, uint256(orderType)
        );

        orderId = ++_orderCount;
        uint256 locked = SETTLEMENT.lockOrder(order.trader(), _periodOf(order, price), order.isSell(), order.amount());
        _orders[orderId] = order.withLocked(locked);
        emit OrderCreated(orderId, trader, orderType, amount, price, expiry, period, start);
    }

    /// @return slots number of the period's slots.
    function _requireOpenGate(PeriodKind period, uint256 start) internal view returns (uint256 slots) {
        if (!Slots.isAligned(period, start, _slotLength)) revert EnergyTrading_MisalignedPeriod(period, start);
        if (block.timestamp >= start) revert EnergyTrading_GateClosed(start, block.timestamp);
        uint256 end = start + Slots.lengthOf(period);
        uint256 latest = block.timestamp + HORIZON;
        if (end > latest) revert EnergyTrading_BeyondHorizon(end, latest);
        return _slotsOf(period);
    }

    function _requirePrice(uint256 price) internal pure {
        if (price > MAX_PRICE) revert EnergyTrading_PriceTooHigh(price, MAX_PRICE);
    }

    /// @dev The Wh of each slot, of an amount that was given for the whole period.
    function _perSlot(uint256 amount, uint256 slots) private pure returns (uint256 perSlot) {
        // slither-disable-next-line divide-before-multiply: the next valid amounts are multiples
        perSlot = amount / slots;
        if (_isValid(amount, perSlot, slots)) return perSlot;
        if (perSlot >= MAX_PER_SLOT) revert EnergyTrading_InvalidAmount(amount, MAX_PER_SLOT * slots, 0);
        revert EnergyTrading_InvalidAmount(amount, perSlot * slots, (perSlot + 1) * slots);
    }

    /// @dev Whether an amount is the same whole Wh in every slot, given what it is in one, rounded down.
    function _isValid(uint256 amount, uint256 perSlot, uint256 slots) internal pure returns (bool) {
        unchecked {
            // slither-disable-next-line incorrect-equality: whether it is a multiple
            return perSlot > 0 && perSlot <= MAX_PER_SLOT && perSlot * slots == amount;
        }
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
        if (number == 0) number = _numberOf(account);
        _traders[account] = Trader(number.toUint32(), uint32(quota - 1), uint40(updated));
    }

    function _numberOf(address account) internal view returns (uint256 number) {
        number = SETTLEMENT.numberOf(account);
        // slither-disable-next-line incorrect-equality: 0 is no number
        if (number == 0) revert ISettlement.Settlement_UnknownAccount(account);
    }

    function _quotaOf(Trader memory trader) private view returns (uint256 quota, uint256 updated) {
        return RateLimiter.refilled(trader.quota, trader.quotaUpdated, ORDER_BURST, ORDER_REFILL, block.timestamp);
    }

    /// @dev Stores what a fill leaves of an order.
    function _fillOrder(uint256 orderId, OrderWord order, uint256 fill) internal {
        order = order.afterFill(fill);
        // slither-disable-next-line incorrect-equality: the whole amount is filled, never more
        if (order.remaining() == 0) order = order.withStatus(uint256(OrderStatus.FILLED));
        _orders[orderId] = order;
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

    /// @dev An order expires before its period begins, so one that has not expired is before the gate.
    function _matchableOrder(uint256 orderId, OrderType side) internal view returns (OrderWord order) {
        order = _activeOrder(orderId);
        if (order.side() != uint256(side)) revert EnergyTrading_WrongSide(orderId, OrderType(order.side()));
        if (block.timestamp > order.expiry()) {
            revert EnergyTrading_Expired(orderId, order.expiry(), block.timestamp);
        }
    }

    /* INTERNAL: PERIODS */

    function _slotsOf(PeriodKind period) internal view returns (uint256) {
        return Slots.lengthOf(period) / _slotLength;
    }

    function _periodOf(OrderWord order, uint256 price) internal view returns (PeriodWord) {
        return _periodWord(order.kind(), order.startSlot(), price);
    }

    function _periodWord(PeriodKind period, uint256 startSlot, uint256 price) internal view returns (PeriodWord) {
        // slither-disable-next-line incorrect-equality: kinds of periods
        uint256 kind = period == PeriodKind.DAILY ? OF_A_DAY : period == PeriodKind.WEEKLY ? OF_A_WEEK : OF_SLOTS;
        return PeriodWordLibrary.pack(startSlot, _slotsOf(period), kind, price);
    }

    /* INTERNAL: VIEWS */

    function _describe(OrderWord order) internal view returns (Order memory) {
        return Order({
            trader: SETTLEMENT.accountAt(order.trader()),
            amount: order.amount() * _slotsOf(order.kind()),
            price: order.price(),
            expiry: order.expiry(),
            orderType: OrderType(order.side()),
            status: OrderStatus(order.status())
        });
    }

    function _describeTerms(OrderWord order) internal view returns (OrderTerms memory) {
        uint256 start = order.startSlot() * _slotLength;
        return OrderTerms({
            remaining: order.remaining() * _slotsOf(order.kind()),
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
