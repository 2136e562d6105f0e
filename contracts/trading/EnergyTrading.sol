// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import {IEnergyTrading} from "../interfaces/IEnergyTrading.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {Costs} from "../libraries/Costs.sol";
import {EnergyOrders} from "../libraries/EnergyOrders.sol";
import {LockWord, LockWordLibrary} from "../types/LockWord.sol";
import {OrderWord} from "../types/OrderWord.sol";
import {MAX_PAIR_ENERGY} from "../types/PairWord.sol";
import {TransactionWord, TransactionWordLibrary} from "../types/TransactionWord.sol";
import {Energy, Price} from "../types/Units.sol";
import {SignedOrders} from "./SignedOrders.sol";

/// @title EnergyTrading
/// @notice See {IEnergyTrading}; comments here are for maintainers. Matches on-chain and signed orders into trades:
/// pair by pair, or in batches.
/// @dev A batch is processed in steps, so that one call locks all its money and two of its trades share a storage word:
///
///     admit    check each order by itself: its signer or owner, its validity now, its limit price
///     reserve  check each fill, and reserve energy and money of its two orders
///     lock     the money of all signed orders, in one call
///     agree    store a trade for each fill, and the unmatched part of each order
contract EnergyTrading is SignedOrders {
    /// @dev The data that the steps of a batch share. `taken` is the Wh of each fill, 0 if it is rejected; `total` is
    /// their sum.
    struct Round {
        bool skip;
        uint256 price;
        uint256 collateralPrice;
        bytes32 domain;
        bytes32 periodHash;
        uint256 start;
        Entry[] entries;
        uint256[] taken;
        uint256 total;
    }

    /* CONSTRUCTOR */

    constructor(address authority_, ISettlement settlement, Parameters memory parameters)
        SignedOrders(authority_, settlement, parameters)
    {}

    /* KEEPER */

    /// @inheritdoc IEnergyTrading
    function settleBatch(Batch calldata batch, bool skip) external restricted returns (uint256 matched) {
        _requireRunning();
        _requireOpenGate(batch.period, batch.start);
        SignedOrder[] calldata signedOrders = batch.signedOrders;
        Fill[] calldata fills = batch.fills;
        if (fills.length == 0) revert EnergyTrading_NoFills();
        uint256 startSlot = batch.start / _slotLength;
        bool late = _isLate(startSlot);

        // slither-disable-next-line uninitialized-local: filled below; the rest stays 0
        Round memory round;
        round.skip = skip;
        round.price = batch.price;
        round.collateralPrice = late ? 0 : COLLATERAL_PER_KWH;
        round.entries = new Entry[](signedOrders.length + batch.storedOrders.length);
        round.taken = new uint256[](fills.length);
        TransactionWord terms = TransactionWordLibrary.terms(Price.wrap(batch.price), startSlot, batch.period, late);
        _admitSigned(signedOrders, batch, round);
        _admitStored(signedOrders.length, batch.storedOrders, terms, round);
        _reserve(fills, round);
        _lock(signedOrders, round);
        matched = _agree(fills, signedOrders.length, terms, round);
        _bookOrders(signedOrders, round);
        if (matched > 0) _announce(batch, matched, round.total);
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
        // slither-disable-next-line incorrect-equality: numbers of accounts
        if (buy.trader() == sell.trader()) revert EnergyTrading_SelfTrade(buyOrderId, sellOrderId);
        if (Price.unwrap(buy.price()) < Price.unwrap(sell.price())) {
            revert EnergyTrading_NotCrossing(Price.unwrap(buy.price()), Price.unwrap(sell.price()));
        }
        Price price = buyOrderId < sellOrderId ? buy.price() : sell.price();
        Energy fill = buy.remaining().atMost(sell.remaining());
        uint256 cost = Costs.costDown(fill, price);
        // slither-disable-next-line incorrect-equality: exactly 0 is what costs nothing
        if (cost == 0) revert EnergyTrading_Dust(Energy.unwrap(fill), Price.unwrap(price));

        bool late = _isLate(buy.startSlot());
        TransactionWord terms = TransactionWordLibrary.terms(price, buy.startSlot(), buy.kind(), late);
        uint256 id = _addTransaction(terms.between(buy.trader(), sell.trader(), fill));
        _fillOrder(buyOrderId, buy, fill, cost);
        _fillOrder(sellOrderId, sell, fill, late ? 0 : Costs.costDown(fill, Price.wrap(COLLATERAL_PER_KWH)));
        emit OrdersMatched(id, buyOrderId, sellOrderId, Energy.unwrap(fill), Price.unwrap(price));
    }

    /// @inheritdoc IEnergyTrading
    /// @dev Calls this contract, so that both functions share the checks and a pair that reverts changes nothing.
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

    /* INTERNAL: THE STEPS OF A BATCH */

    function _admitSigned(SignedOrder[] calldata orders, Batch calldata batch, Round memory round) private {
        round.domain = _domainSeparatorV4();
        round.periodHash = EnergyOrders.hashOf(batch.period);
        round.start = batch.start;
        bytes[] calldata contractSignatures = batch.contractSignatures;
        // slither-disable-next-line uninitialized-local: starts at 0
        uint256 latest;
        for (uint256 i = 0; i < orders.length; ++i) {
            SignedOrder calldata order = orders[i];
            // Plus one, so that the first value is above 0. A nonce that is too large is rejected in any order.
            uint256 sorting = ((uint256(uint160(order.trader)) << 96) | uint96(order.nonce)) + 1;
            if (sorting <= latest) revert EnergyTrading_Unsorted(i);
            latest = sorting;
            _admitOrder(order, contractSignatures, round, round.entries[i]);
        }
    }

    function _admitOrder(
        SignedOrder calldata order,
        bytes[] calldata contractSignatures,
        Round memory round,
        Entry memory entry
    ) private {
        bool isBuy = order.orderType == OrderType.BUY;
        bytes32 structHash = EnergyOrders.structHash(order, isBuy, round.periodHash, round.start);
        entry.orderId = uint256(MessageHashUtils.toTypedDataHash(round.domain, structHash));
        entry.isBuy = isBuy;
        Refusal refusal = _admit(order, entry, round.price, contractSignatures);
        if (refusal != Refusal.NONE) _refuse(round, entry, refusal);
    }

    /// @param first index of the first on-chain order.
    function _admitStored(uint256 first, uint256[] calldata orderIds, TransactionWord terms, Round memory round)
        private
    {
        for (uint256 i = 0; i < orderIds.length; ++i) {
            uint256 orderId = orderIds[i];
            if (i > 0 && orderId <= orderIds[i - 1]) revert EnergyTrading_Unsorted(first + i);
            OrderWord order = _orders[orderId];
            Entry memory entry = round.entries[first + i];
            entry.orderId = orderId;
            entry.account = order.trader();
            // slither-disable-next-line incorrect-equality: an enum
            entry.isBuy = order.side() == uint256(OrderType.BUY);
            entry.open = Energy.unwrap(order.remaining());
            Refusal refusal = _refusalOf(order, terms);
            if (refusal != Refusal.NONE) _refuse(round, entry, refusal);
        }
    }

    function _refusalOf(OrderWord order, TransactionWord terms) private view returns (Refusal) {
        if (!order.exists()) return Refusal.NO_SUCH_ORDER;
        if (order.status() != uint256(OrderStatus.ACTIVE)) return Refusal.NOT_ACTIVE;
        if (order.startSlot() != terms.startSlot() || order.kind() != terms.kind()) return Refusal.OTHER_PERIOD;
        if (block.timestamp > order.expiry()) return Refusal.EXPIRED;
        (uint256 price, uint256 limit) = (Price.unwrap(terms.price()), Price.unwrap(order.price()));
        // slither-disable-next-line incorrect-equality: an enum
        bool isBuy = order.side() == uint256(OrderType.BUY);
        return (isBuy ? price > limit : price < limit) ? Refusal.WORSE_THAN_LIMIT : Refusal.NONE;
    }

    function _reserve(Fill[] calldata fills, Round memory round) private {
        Entry[] memory entries = round.entries;
        for (uint256 i = 0; i < fills.length; ++i) {
            Fill calldata fill = fills[i];
            Entry memory buy = _entryAt(entries, fill.buy);
            Entry memory sell = _entryAt(entries, fill.sell);
            if (buy.account == 0 || sell.account == 0) continue;
            uint256 amount = fill.amount;
            if (_isRefused(round, buy, sell, amount)) continue;
            round.taken[i] = amount;
            _take(buy, amount, round.price);
            _take(sell, amount, round.collateralPrice);
        }
    }

    /// @dev Whether a fill of two admitted orders is rejected; the orders themselves stay in the batch.
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
        } else if (amount > buy.open) {
            refusal = Refusal.OVERFILLED;
        } else if (amount > sell.open) {
            (refusal, by) = (Refusal.OVERFILLED, sell);
        } else if (amount > MAX_PAIR_ENERGY) {
            refusal = Refusal.TOO_LARGE;
        } else if (Costs.costDownBounded(amount, round.price) == 0) {
            refusal = Refusal.DUST;
        } else {
            return false;
        }
        _report(round, by.orderId, refusal);
        return true;
    }

    /// @dev Reserves a fill of an order, which has enough open energy.
    function _take(Entry memory entry, uint256 amount, uint256 price) private pure {
        unchecked {
            entry.open -= amount;
            entry.taken += amount;
            entry.kept += Costs.costDownBounded(amount, price);
        }
    }

    /// @dev Removes orders that cannot pay from the batch.
    function _lock(SignedOrder[] calldata orders, Round memory round) private {
        LockWord[] memory locks = new LockWord[](orders.length);
        Entry[] memory entries = round.entries;
        uint256 count;
        for (uint256 i = 0; i < orders.length; ++i) {
            Entry memory entry = entries[i];
            if (entry.taken == 0) continue;
            locks[count] = LockWordLibrary.pack(entry.account, entry.kept, orders[i].nonce, entry.isBuy);
            ++count;
        }
        if (count == 0) return;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(locks, count) // the rest stays unused
        }
        ISettlement.LockRefusal[] memory refusals = SETTLEMENT.lockMany(locks);
        if (refusals.length == 0) return;
        count = 0;
        for (uint256 i = 0; i < orders.length; ++i) {
            Entry memory entry = entries[i];
            if (entry.taken == 0) continue;
            ISettlement.LockRefusal refusal = refusals[count];
            ++count;
            if (refusal != ISettlement.LockRefusal.NONE) _refuse(round, entry, _asRefusal(refusal));
        }
    }

    /// @param signedCount number of signed orders.
    function _agree(Fill[] calldata fills, uint256 signedCount, TransactionWord terms, Round memory round)
        private
        returns (uint256 matched)
    {
        Batching memory batching = _openBatch(terms);
        for (uint256 i = 0; i < fills.length; ++i) {
            uint256 amount = round.taken[i];
            if (amount == 0) continue;
            Entry memory buy = round.entries[fills[i].buy];
            Entry memory sell = round.entries[fills[i].sell];
            if (buy.account == 0 || sell.account == 0) {
                _giveBack(buy, amount, round.price, fills[i].buy < signedCount);
                _giveBack(sell, amount, round.collateralPrice, fills[i].sell < signedCount);
                continue;
            }
            uint256 id = _addToBatch(batching, buy.account, sell.account, amount);
            emit OrdersMatched(id, buy.orderId, sell.orderId, amount, round.price);
            unchecked {
                round.total += amount; // as many as fit into the fills
            }
        }
        return _closeBatch(batching);
    }

    function _announce(Batch calldata batch, uint256 matched, uint256 total) private {
        emit BatchSettled(batch.orderSet, batchCount, batch.period, batch.start, batch.price, total, matched);
    }

    /// @dev Releases a fill whose other order could not pay.
    function _giveBack(Entry memory entry, uint256 amount, uint256 price, bool isSigned) private {
        if (entry.account == 0) return;
        uint256 money = Costs.costDownBounded(amount, price);
        entry.open += amount;
        entry.taken -= amount;
        entry.kept -= money;
        // slither-disable-next-line reentrancy-no-eth: Settlement.unlock makes no calls
        if (isSigned && money > 0) SETTLEMENT.unlock(entry.account, money);
    }

    function _bookOrders(SignedOrder[] calldata signedOrders, Round memory round) private {
        Entry[] memory entries = round.entries;
        for (uint256 i = 0; i < entries.length; ++i) {
            Entry memory entry = entries[i];
            if (entry.account == 0 || entry.taken == 0) continue;
            if (i < signedOrders.length) {
                _noteFilled(signedOrders[i], entry);
            } else {
                _fillOrder(entry.orderId, _orders[entry.orderId], Energy.wrap(entry.taken), entry.kept);
            }
        }
    }

    /* INTERNAL */

    function _entryAt(Entry[] memory entries, uint256 place) private pure returns (Entry memory) {
        if (place >= entries.length) revert EnergyTrading_NoSuchPlace(place, entries.length);
        return entries[place];
    }

    /// @dev Removes an order from the batch.
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
}
