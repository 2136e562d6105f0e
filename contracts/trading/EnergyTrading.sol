// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IEnergyTrading} from "../interfaces/IEnergyTrading.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {Costs} from "../libraries/Costs.sol";
import {EnergyOrders} from "../libraries/EnergyOrders.sol";
import {Slots} from "../libraries/Slots.sol";
import {LockWord, LockWordLibrary} from "../types/LockWord.sol";
import {OrderWord} from "../types/OrderWord.sol";
import {TransactionWord, TransactionWordLibrary} from "../types/TransactionWord.sol";
import {Energy, Price} from "../types/Units.sol";
import {SignedOrders} from "./SignedOrders.sol";

/// @title EnergyTrading
/// @notice See {IEnergyTrading}; comments here are for maintainers. Makes transactions of stored and signed orders, and
/// settles them.
/// @dev Transactions are never deleted: a finished one costs nothing, and its word stays readable.
///
///     MATCHED --settle, delivered in full or period final--> SETTLED
///
/// A late transaction keeps no collateral: slots of its period may have been closed before it was made, which is not
/// the seller's failing, and whoever matches late could have closed them.
contract EnergyTrading is SignedOrders {
    using SafeCast for uint256;

    /// @dev An order in a batch, in memory. `account` is 0 once it is out.
    /// @param before Wh filled before of a signed order; a stored order's word.
    /// @param open Wh that can be filled.
    /// @param amount Wh that the fills take.
    /// @param kept money that the transactions of these fills hold.
    /// @param locked money that was locked for it, if it is a signed order.
    struct Entry {
        uint256 orderId;
        uint256 account;
        bool isBuy;
        uint256 before;
        uint256 open;
        uint256 amount;
        uint256 kept;
        uint256 locked;
    }

    /// @dev What the steps of a batch share. `taken` are the Wh of each fill, 0 where it is refused.
    struct Round {
        bool skip;
        Price price;
        Price collateralPrice;
        Entry[] entries;
        uint256[] taken;
    }

    /* CONSTANTS AND IMMUTABLES */

    uint256 private constant DEFAULT_MAX_SLOTS = 48;

    uint256 private immutable _grace;

    /* STORAGE */

    mapping(uint256 id => TransactionWord word) private _transactions;

    /* CONSTRUCTOR */

    constructor(address authority_, ISettlement settlement, Parameters memory parameters)
        SignedOrders(authority_, settlement, parameters)
    {
        _grace = settlement.GRACE();
    }

    /* KEEPER */

    /// @inheritdoc IEnergyTrading
    function settleBatch(Batch calldata batch, bool skip) external restricted returns (uint256 matched) {
        _requireRunning();
        _requireOpenGate(batch.period, batch.start);
        if (batch.fills.length == 0) revert EnergyTrading_NoFills();
        uint256 startSlot = batch.start / _slotLength;
        bool late = Slots.isClosable(startSlot, _slotLength, _grace, block.timestamp);

        Round memory round;
        round.skip = skip;
        round.price = Price.wrap(batch.price);
        round.collateralPrice = Price.wrap(late ? 0 : COLLATERAL_PER_KWH);
        round.entries = new Entry[](batch.signedOrders.length + batch.storedOrders.length);
        round.taken = new uint256[](batch.fills.length);
        _admitSigned(batch, round);
        _admitStored(batch, startSlot, round);
        _reserve(batch.fills, round);
        _lockSigned(batch.signedOrders, round);
        uint256 amount;
        (matched, amount) =
            _agree(batch.fills, round, TransactionWordLibrary.terms(round.price, startSlot, batch.period, late));
        _bookOrders(batch, round);
        emit BatchSettled(batch.orderSet, batch.period, batch.start, batch.price, amount, matched, _transactionCount);
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
        _transactions[id] = TransactionWordLibrary.terms(price, buy.startSlot(), buy.kind(), late)
            .between(buy.trader(), sell.trader(), fill);
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
    function getTransaction(uint256 transactionId) external view returns (Transaction memory) {
        return _describe(_existingTransaction(transactionId));
    }

    /// @inheritdoc IEnergyTrading
    function transactionCount() external view returns (uint256) {
        return _transactionCount;
    }

    /// @inheritdoc IEnergyTrading
    function getTransactions(uint256 first, uint256 count) external view returns (Transaction[] memory page) {
        page = new Transaction[](_pageLength(first, count, _transactionCount));
        for (uint256 i = 0; i < page.length; ++i) {
            page[i] = _describe(_transactions[first + i]);
        }
    }

    /* INTERNAL: BATCHES */

    /// @dev Looks at the signed orders of a batch.
    function _admitSigned(Batch calldata batch, Round memory round) private {
        bytes32 domain = _domainSeparatorV4();
        bytes32 period = EnergyOrders.hashOf(batch.period);
        uint256 latest;
        for (uint256 i = 0; i < batch.signedOrders.length; ++i) {
            SignedOrder calldata order = batch.signedOrders[i];
            uint256 sorting = (uint256(uint160(order.trader)) << 96) | uint96(order.nonce);
            if (i > 0 && sorting <= latest) revert EnergyTrading_Unsorted(i);
            latest = sorting;

            Entry memory entry = round.entries[i];
            bytes32 orderHash =
                MessageHashUtils.toTypedDataHash(domain, EnergyOrders.structHash(order, period, batch.start));
            Refusal refusal;
            (entry.account, entry.before, refusal) = _examine(order, orderHash, batch.price, batch.contractSignatures);
            (entry.orderId, entry.isBuy) = (uint256(orderHash), order.orderType == OrderType.BUY);
            if (refusal != Refusal.NONE) {
                _refuse(round, entry, refusal);
            } else {
                entry.open = order.amount - entry.before;
            }
        }
    }

    /// @dev Looks at the stored orders of a batch.
    function _admitStored(Batch calldata batch, uint256 startSlot, Round memory round) private {
        uint256 first = batch.signedOrders.length;
        for (uint256 i = 0; i < batch.storedOrders.length; ++i) {
            uint256 orderId = batch.storedOrders[i];
            if (i > 0 && orderId <= batch.storedOrders[i - 1]) revert EnergyTrading_Unsorted(first + i);
            OrderWord order = _orders[orderId];
            Entry memory entry = round.entries[first + i];
            (entry.orderId, entry.before) = (orderId, OrderWord.unwrap(order));
            (entry.isBuy, entry.account) = (order.side() == uint256(OrderType.BUY), order.trader());
            Refusal refusal = _refusalOf(order, batch, startSlot);
            if (refusal != Refusal.NONE) {
                _refuse(round, entry, refusal);
            } else {
                entry.open = Energy.unwrap(order.remaining());
            }
        }
    }

    function _refusalOf(OrderWord order, Batch calldata batch, uint256 startSlot) private view returns (Refusal) {
        if (!order.exists()) return Refusal.NO_SUCH_ORDER;
        if (order.status() != uint256(OrderStatus.ACTIVE)) return Refusal.NOT_ACTIVE;
        if (order.startSlot() != startSlot || order.kind() != batch.period) return Refusal.OTHER_PERIOD;
        if (block.timestamp > order.expiry()) return Refusal.EXPIRED;
        uint256 limit = Price.unwrap(order.price());
        bool isBuy = order.side() == uint256(OrderType.BUY);
        return (isBuy ? batch.price > limit : batch.price < limit) ? Refusal.WORSE_THAN_LIMIT : Refusal.NONE;
    }

    /// @dev Adds up what the fills take of each order, and the money that their transactions will hold of it.
    function _reserve(Fill[] calldata fills, Round memory round) private {
        for (uint256 i = 0; i < fills.length; ++i) {
            Fill calldata fill = fills[i];
            (Entry memory buy, Entry memory sell) = _sidesOf(fill, round.entries);
            if (buy.account == 0 || sell.account == 0) continue;
            if (_isRefused(round, buy, sell, fill.amount)) continue;
            round.taken[i] = fill.amount;
            Energy amount = Energy.wrap(fill.amount);
            (buy.amount, buy.kept) = (buy.amount + fill.amount, buy.kept + Costs.costDown(amount, round.price));
            sell.amount += fill.amount;
            sell.kept += Costs.costDown(amount, round.collateralPrice);
        }
    }

    /// @dev Whether a fill of two admitted orders is refused; the orders themselves stay in.
    function _isRefused(Round memory round, Entry memory buy, Entry memory sell, uint256 amount)
        private
        returns (bool)
    {
        Refusal refusal;
        Entry memory by = buy;
        if (!buy.isBuy) {
            refusal = Refusal.WRONG_SIDE;
        } else if (sell.isBuy) {
            (refusal, by) = (Refusal.WRONG_SIDE, sell);
        } else if (buy.account == sell.account) {
            refusal = Refusal.SELF_TRADE;
        } else if (amount > buy.open - buy.amount) {
            refusal = Refusal.OVERFILLED;
        } else if (amount > sell.open - sell.amount) {
            (refusal, by) = (Refusal.OVERFILLED, sell);
        } else if (Costs.costDown(Energy.wrap(amount), round.price) == 0) {
            refusal = Refusal.DUST;
        }
        if (refusal == Refusal.NONE) return false;
        _report(round, by.orderId, refusal);
        return true;
    }

    /// @dev Locks the money of all signed orders in one call; those that cannot pay are out.
    function _lockSigned(SignedOrder[] calldata orders, Round memory round) private {
        LockWord[] memory locks = new LockWord[](orders.length);
        uint256 count;
        for (uint256 i = 0; i < orders.length; ++i) {
            Entry memory entry = round.entries[i];
            if (entry.amount == 0) continue;
            entry.locked = entry.kept;
            locks[count] = LockWordLibrary.pack(entry.account, entry.kept, orders[i].nonce, entry.isBuy);
            ++count;
        }
        if (count == 0) return;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(locks, count) // the rest stays unused
        }
        ISettlement.LockRefusal[] memory refusals = SETTLEMENT.lockMany(locks);
        count = 0;
        for (uint256 i = 0; i < orders.length; ++i) {
            Entry memory entry = round.entries[i];
            if (entry.amount == 0) continue;
            ISettlement.LockRefusal refusal = refusals[count];
            ++count;
            if (refusal != ISettlement.LockRefusal.NONE) _refuse(round, entry, _asRefusal(refusal));
        }
    }

    /// @dev Makes the transactions. A fill whose other side could not pay gives back what it took.
    function _agree(Fill[] calldata fills, Round memory round, TransactionWord terms)
        private
        returns (uint256 matched, uint256 total)
    {
        uint256 id = _transactionCount;
        for (uint256 i = 0; i < fills.length; ++i) {
            uint256 taken = round.taken[i];
            if (taken == 0) continue;
            Entry memory buy = round.entries[fills[i].buy];
            Entry memory sell = round.entries[fills[i].sell];
            Energy amount = Energy.wrap(taken);
            if (buy.account == 0 || sell.account == 0) {
                (buy.amount, buy.kept) = (buy.amount - taken, buy.kept - Costs.costDown(amount, round.price));
                (sell.amount, sell.kept) =
                (sell.amount - taken, sell.kept - Costs.costDown(amount, round.collateralPrice));
                continue;
            }
            ++matched;
            total += taken;
            _transactions[++id] = terms.between(buy.account, sell.account, amount);
            emit OrdersMatched(id, buy.orderId, sell.orderId, taken, Price.unwrap(round.price));
        }
        _transactionCount = id.toUint40();
    }

    /// @dev Notes in every order what was filled of it, and frees what its transactions do not hold.
    function _bookOrders(Batch calldata batch, Round memory round) private {
        uint256 signedCount = batch.signedOrders.length;
        for (uint256 i = 0; i < round.entries.length; ++i) {
            Entry memory entry = round.entries[i];
            if (entry.account == 0) continue;
            if (i < signedCount) {
                if (entry.locked > entry.kept) SETTLEMENT.unlock(entry.account, entry.locked - entry.kept);
                if (entry.amount == 0) continue;
                _noteFilled(batch.signedOrders[i], bytes32(entry.orderId), entry.account, entry.before + entry.amount);
            } else if (entry.amount > 0) {
                _fillOrder(entry.orderId, OrderWord.wrap(entry.before), Energy.wrap(entry.amount), entry.kept);
            }
        }
    }

    function _sidesOf(Fill calldata fill, Entry[] memory entries)
        private
        pure
        returns (Entry memory buy, Entry memory sell)
    {
        uint256 place = Math.max(fill.buy, fill.sell);
        if (place >= entries.length) revert EnergyTrading_NoSuchPlace(place, entries.length);
        (buy, sell) = (entries[fill.buy], entries[fill.sell]);
    }

    /// @dev Takes an order out of the batch.
    function _refuse(Round memory round, Entry memory entry, Refusal refusal) private {
        entry.account = 0;
        _report(round, entry.orderId, refusal);
    }

    function _report(Round memory round, uint256 orderId, Refusal refusal) private {
        if (!round.skip) revert EnergyTrading_Refused(orderId, refusal);
        emit OrderSkipped(orderId, refusal);
    }

    function _asRefusal(ISettlement.LockRefusal refusal) private pure returns (Refusal) {
        if (refusal == ISettlement.LockRefusal.BELOW_FLOOR) return Refusal.NONCE_SPENT;
        if (refusal == ISettlement.LockRefusal.SIDE_BLOCKED) return Refusal.SIDE_BLOCKED;
        if (refusal == ISettlement.LockRefusal.IN_DEBT) return Refusal.IN_DEBT;
        return Refusal.INSUFFICIENT_BALANCE;
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
}
