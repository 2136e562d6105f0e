// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IEnergyTrading} from "../interfaces/IEnergyTrading.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {ITariffs} from "../interfaces/ITariffs.sol";
import {EnergyOrders} from "../libraries/EnergyOrders.sol";
import {LegWord, LegWordLibrary} from "../types/LegWord.sol";
import {OrderWord} from "../types/OrderWord.sol";
import {PeriodWord} from "../types/PeriodWord.sol";
import {OrderBook} from "./OrderBook.sol";
import {SignedOrders} from "./SignedOrders.sol";

/// @title EnergyTrading
/// @notice See {IEnergyTrading}; comments here are for maintainers. Matches on-chain and signed orders into trades:
/// pair by pair, or in batches.
/// @dev A batch is processed in steps, so that one call books all its money and positions:
///
///     admit    check each order by itself: its signer or owner, its validity now, its limit price
///     reserve  check each fill, and reserve the energy of its two orders
///     book     money and positions of all orders, in one call; without those that it refuses, once more
///     agree    store a trade for each fill, and what is left of each order
contract EnergyTrading is SignedOrders {
    /// @dev The data that the steps of a batch share. `taken` is the Wh per slot of each fill, 0 if it is rejected;
    /// `total` is the Wh of all.
    struct Round {
        bool skip;
        uint256 price;
        uint256 slots;
        bytes32 domain;
        bytes32 periodHash;
        uint256 start;
        Entry[] entries;
        uint256[] taken;
        uint256 total;
    }

    /* CONSTRUCTOR */

    constructor(
        address authority_,
        address forwarder,
        ITariffs tariffs,
        ISettlement settlement,
        Parameters memory parameters
    ) OrderBook(authority_, forwarder, tariffs, settlement, parameters) {}

    /* KEEPER */

    /// @inheritdoc IEnergyTrading
    function settleBatch(Batch calldata batch, bool skip) external restricted returns (uint256 matched) {
        _requireRunning();
        SignedOrder[] calldata signedOrders = batch.signedOrders;
        Fill[] calldata fills = batch.fills;
        if (fills.length == 0) revert EnergyTrading_NoFills();
        _requirePrice(batch.price);

        // slither-disable-next-line uninitialized-local: filled below; the rest stays 0
        Round memory round;
        round.skip = skip;
        round.price = batch.price;
        round.slots = _requireOpenGate(batch.period, batch.start);
        round.entries = new Entry[](signedOrders.length + batch.storedOrders.length);
        round.taken = new uint256[](fills.length);
        _admitSigned(signedOrders, batch, round);
        _admitStored(signedOrders.length, batch, round);
        _reserve(fills, round);
        _book(batch, round);
        matched = _agree(batch, round);
        _storeOrders(signedOrders, round);
        if (matched > 0) _announce(batch, matched, round.total);
    }

    /* ANYONE */

    /// @inheritdoc IEnergyTrading
    function matchOrders(uint256 buyOrderId, uint256 sellOrderId) external {
        _requireRunning();
        OrderWord buy = _matchableOrder(buyOrderId, OrderType.BUY);
        OrderWord sell = _matchableOrder(sellOrderId, OrderType.SELL);
        if (!buy.isOfSamePeriod(sell)) revert EnergyTrading_PeriodMismatch(buyOrderId, sellOrderId);
        // slither-disable-next-line incorrect-equality: numbers of accounts
        if (buy.trader() == sell.trader()) revert EnergyTrading_SelfTrade(buyOrderId, sellOrderId);
        if (buy.price() < sell.price()) revert EnergyTrading_NotCrossing(buy.price(), sell.price());
        uint256 price = _priceOf(buyOrderId, buy, sellOrderId, sell);
        uint256 fill = Math.min(buy.remaining(), sell.remaining());

        LegWord[] memory legs = new LegWord[](2);
        legs[0] = LegWordLibrary.packStored(buy.trader(), fill, buy.locked(), false);
        legs[1] = LegWordLibrary.packStored(sell.trader(), fill, sell.locked(), true);
        // slither-disable-next-line reentrancy-no-eth: SETTLEMENT books and calls nobody outside of the market
        ISettlement.LegRefusal[] memory refusals = _tryBook(_periodOf(buy, price), legs);
        if (refusals.length > 0) {
            uint256 orderId = refusals[0].leg == 0 ? buyOrderId : sellOrderId;
            revert EnergyTrading_Refused(orderId, _asRefusal(refusals[0].reason));
        }
        uint256 id = _addTrade(buyOrderId, sellOrderId, fill);
        _fillOrder(buyOrderId, buy, fill);
        _fillOrder(sellOrderId, sell, fill);
        emit OrdersMatched(id, buyOrderId, sellOrderId, fill * _slotsOf(buy.kind()), price);
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
            uint256 sorting;
            unchecked {
                sorting = ((uint256(uint160(order.trader)) << 96) | uint96(order.nonce)) + 1;
            }
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
        uint256 memoryEnd;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            memoryEnd := mload(0x40)
        }
        bool isBuy = order.orderType == OrderType.BUY;
        bytes32 structHash = EnergyOrders.structHash(order, isBuy, round.periodHash, round.start);
        entry.orderId = uint256(MessageHashUtils.toTypedDataHash(round.domain, structHash));
        entry.isBuy = isBuy;
        Refusal refusal = _admit(order, entry, round.price, round.slots, contractSignatures);
        if (refusal != Refusal.NONE) _refuse(round, entry, refusal);
        // What was hashed is not needed again: memory costs more the more there is.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(0x40, memoryEnd)
        }
    }

    /// @param first index of the first on-chain order.
    function _admitStored(uint256 first, Batch calldata batch, Round memory round) private {
        uint256[] calldata orderIds = batch.storedOrders;
        for (uint256 i = 0; i < orderIds.length; ++i) {
            uint256 orderId = orderIds[i];
            if (i > 0 && orderId <= orderIds[i - 1]) revert EnergyTrading_Unsorted(first + i);
            OrderWord order = _orders[orderId];
            Entry memory entry = round.entries[first + i];
            entry.orderId = orderId;
            entry.account = order.trader();
            entry.isBuy = !order.isSell();
            entry.open = order.remaining();
            entry.terms = order.locked();
            Refusal refusal = _refusalOf(order, batch);
            if (refusal != Refusal.NONE) _refuse(round, entry, refusal);
        }
    }

    function _refusalOf(OrderWord order, Batch calldata batch) private view returns (Refusal) {
        if (!order.exists()) return Refusal.NO_SUCH_ORDER;
        if (order.status() != uint256(OrderStatus.ACTIVE)) return Refusal.NOT_ACTIVE;
        if (order.startSlot() * _slotLength != batch.start || order.kind() != batch.period) {
            return Refusal.OTHER_PERIOD;
        }
        if (block.timestamp > order.expiry()) return Refusal.EXPIRED;
        (uint256 price, uint256 limit) = (batch.price, order.price());
        return (order.isSell() ? price < limit : price > limit) ? Refusal.WORSE_THAN_LIMIT : Refusal.NONE;
    }

    function _reserve(Fill[] calldata fills, Round memory round) private {
        Entry[] memory entries = round.entries;
        uint256 slots = round.slots;
        for (uint256 i = 0; i < fills.length; ++i) {
            Fill calldata fill = fills[i];
            Entry memory buy = _entryAt(entries, fill.buy);
            Entry memory sell = _entryAt(entries, fill.sell);
            // slither-disable-next-line incorrect-equality: 0 is no account
            if (buy.account == 0 || sell.account == 0) continue;
            uint256 perSlot = fill.amount / slots;
            if (_isRefused(round, buy, sell, fill.amount, perSlot)) continue;
            round.taken[i] = perSlot;
            unchecked {
                (buy.open, buy.taken) = (buy.open - perSlot, buy.taken + perSlot);
                (sell.open, sell.taken) = (sell.open - perSlot, sell.taken + perSlot);
            }
        }
    }

    /// @dev Whether a fill of two admitted orders is rejected; the orders themselves stay in the batch.
    function _isRefused(Round memory round, Entry memory buy, Entry memory sell, uint256 amount, uint256 perSlot)
        private
        returns (bool)
    {
        Refusal refusal;
        Entry memory by = buy;
        if (!buy.isBuy) {
            refusal = Refusal.WRONG_SIDE;
        } else if (sell.isBuy) {
            (refusal, by) = (Refusal.WRONG_SIDE, sell);
            // slither-disable-next-line incorrect-equality: numbers of accounts
        } else if (buy.account == sell.account) {
            refusal = Refusal.SELF_TRADE;
        } else if (!_isValid(amount, perSlot, round.slots)) {
            refusal = Refusal.INVALID_AMOUNT;
        } else if (perSlot > buy.open) {
            refusal = Refusal.OVERFILLED;
        } else if (perSlot > sell.open) {
            (refusal, by) = (Refusal.OVERFILLED, sell);
        } else {
            return false;
        }
        _report(round, by.orderId, refusal);
        return true;
    }

    /// @dev Books the fills. Orders that Settlement refuses are removed from the batch, with their fills, until it
    /// takes the others: each round removes at least one. What goes with an order can make another one fail, whose
    /// position it would have made smaller.
    function _book(Batch calldata batch, Round memory round) private {
        PeriodWord period = _periodWord(batch.period, batch.start / _slotLength, batch.price);
        Entry[] memory entries = round.entries;
        LegWord[] memory legs = new LegWord[](entries.length);
        while (_writeLegs(legs, entries, batch.signedOrders.length) > 0) {
            ISettlement.LegRefusal[] memory refusals = _tryBook(period, legs);
            if (refusals.length == 0) return;
            uint256 leg = 0;
            uint256 next = 0;
            for (uint256 i = 0; i < entries.length && next < refusals.length; ++i) {
                // slither-disable-next-line incorrect-equality: nothing of the order is traded
                if (entries[i].taken == 0) continue;
                if (refusals[next].leg == leg) {
                    _refuse(round, entries[i], _asRefusal(refusals[next].reason));
                    ++next;
                }
                ++leg;
            }
            _giveBack(batch.fills, round);
        }
    }

    /// @dev Writes a leg for each order that trades, and ends the list after the last one.
    /// @param signedCount number of signed orders.
    function _writeLegs(LegWord[] memory legs, Entry[] memory entries, uint256 signedCount)
        private
        pure
        returns (uint256 count)
    {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(legs, mload(entries)) // as long as at first
        }
        for (uint256 i = 0; i < entries.length; ++i) {
            Entry memory entry = entries[i];
            // slither-disable-next-line incorrect-equality: nothing of the order is traded
            if (entry.taken == 0) continue;
            legs[count] = i < signedCount
                ? LegWordLibrary.packSigned(entry.account, entry.taken, entry.terms, !entry.isBuy)
                : LegWordLibrary.packStored(entry.account, entry.taken, entry.terms, !entry.isBuy);
            unchecked {
                ++count; // as many as entries
            }
        }
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(legs, count)
        }
    }

    /// @dev Releases the fills of orders that were removed; nothing of such an order is left.
    function _giveBack(Fill[] calldata fills, Round memory round) private pure {
        for (uint256 i = 0; i < fills.length; ++i) {
            Entry memory buy = round.entries[fills[i].buy];
            Entry memory sell = round.entries[fills[i].sell];
            if (buy.account != 0 && sell.account != 0) continue;
            uint256 perSlot = round.taken[i];
            round.taken[i] = 0;
            (buy.open, buy.taken) = (buy.open + perSlot, buy.taken - perSlot);
            (sell.open, sell.taken) = (sell.open + perSlot, sell.taken - perSlot);
        }
    }

    function _agree(Batch calldata batch, Round memory round) private returns (uint256 matched) {
        Fill[] calldata fills = batch.fills;
        Batching memory batching = _openBatch();
        for (uint256 i = 0; i < fills.length; ++i) {
            uint256 perSlot = round.taken[i];
            // slither-disable-next-line incorrect-equality: a fill that is left out
            if (perSlot == 0) continue;
            Fill calldata fill = fills[i];
            Entry memory buy = round.entries[fill.buy];
            Entry memory sell = round.entries[fill.sell];
            uint256 id = _addToBatch(batching, buy.account, sell.account, perSlot);
            emit OrdersMatched(id, buy.orderId, sell.orderId, fill.amount, round.price);
            unchecked {
                round.total += fill.amount; // as many as fit into the fills
            }
        }
        return _closeBatch(batching, batch.period, batch.start, batch.price);
    }

    function _storeOrders(SignedOrder[] calldata signedOrders, Round memory round) private {
        Entry[] memory entries = round.entries;
        for (uint256 i = 0; i < entries.length; ++i) {
            Entry memory entry = entries[i];
            // slither-disable-next-line incorrect-equality: nothing of the order is traded
            if (entry.taken == 0) continue;
            if (i < signedOrders.length) {
                _noteFilled(signedOrders[i], entry, round.slots);
            } else {
                _fillOrder(entry.orderId, _orders[entry.orderId], entry.taken);
            }
        }
    }

    function _announce(Batch calldata batch, uint256 matched, uint256 total) private {
        emit BatchSettled(batch.orderSet, batchCount, batch.period, batch.start, batch.price, total, matched);
    }

    /* INTERNAL */

    /// @return refusals of legs, if nothing was booked.
    function _tryBook(PeriodWord period, LegWord[] memory legs)
        private
        returns (ISettlement.LegRefusal[] memory refusals)
    {
        try SETTLEMENT.book(period, legs) {}
        catch (bytes memory reason) {
            bool isKnown = bytes4(reason) == ISettlement.Settlement_LegsRefused.selector;
            // solhint-disable-next-line no-inline-assembly
            assembly ("memory-safe") {
                let length := mload(reason)
                if iszero(isKnown) { revert(add(reason, 0x20), length) }
                reason := add(reason, 4) // without the selector
                mstore(reason, sub(length, 4))
            }
            refusals = abi.decode(reason, (ISettlement.LegRefusal[]));
        }
    }

    /// @dev Settlement's reasons are the last ones here, in the same order.
    function _asRefusal(ISettlement.Refusal reason) private pure returns (Refusal) {
        return Refusal(uint256(Refusal.INVALID_AMOUNT) + uint256(reason));
    }

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
}
