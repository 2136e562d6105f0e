// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IEnergyTrading} from "../interfaces/IEnergyTrading.sol";
import {Slots} from "../libraries/Slots.sol";
import {BatchWord, BatchWordLibrary} from "../types/BatchWord.sol";
import {OrderWord} from "../types/OrderWord.sol";
import {PeriodKind} from "../types/Periods.sol";
import {TradeWord} from "../types/TradeWord.sol";
import {OrderBook} from "./OrderBook.sol";

/// @title TradeBook
/// @notice The part of {IEnergyTrading} about trades; comments here are for maintainers.
/// @dev A trade is written once and never again: Settlement has moved its money at the match, and whether it is settled
/// follows from the days that both accounts have closed.
abstract contract TradeBook is OrderBook {
    /// @dev A trade, wherever it is stored.
    /// @param perSlot Wh in each slot; 0 if there is no such trade.
    struct Trade {
        uint256 buyer;
        uint256 seller;
        uint256 perSlot;
        uint256 price;
        PeriodKind kind;
        uint256 startSlot;
    }

    /// @dev A batch under construction.
    /// @param word the first trade of a word, until the second one is added.
    struct Batching {
        uint256 nextId;
        TradeWord word;
    }

    /* CONSTANTS */

    uint256 private constant MAX_DAYS = 7;
    /// @dev The bit of a trade's number at which the batch's number begins; 0 there for a single pair. Programs with
    /// floating-point numbers (JavaScript, JSON) can represent all trades of the first two million batches.
    uint256 private constant BATCH_AT = 32;

    /* STORAGE */

    mapping(uint256 halfOfId => TradeWord word) private _trades;
    /// @dev By the batch's number. There is no batch 0.
    mapping(uint256 batchId => BatchWord word) private _batches;
    /// @inheritdoc IEnergyTrading
    uint256 public batchCount;

    /* ANYONE */

    /// @inheritdoc IEnergyTrading
    function settleTransaction(uint256 transactionId) external {
        Trade memory trade = _existingTrade(transactionId);
        uint256 lastDay = _lastDay(trade);
        uint256 openDay = _openDay(trade);
        if (openDay > lastDay) revert EnergyTrading_AlreadySettled(transactionId);

        address[] memory accounts = new address[](2);
        accounts[0] = SETTLEMENT.accountAt(trade.buyer);
        accounts[1] = SETTLEMENT.accountAt(trade.seller);
        SETTLEMENT.closeThrough(accounts, Math.min(openDay + MAX_DAYS - 1, lastDay));
        if (_openDay(trade) > lastDay) emit TransactionSettled(transactionId);
    }

    /* VIEWS */

    /// @inheritdoc IEnergyTrading
    function getTransaction(uint256 transactionId) external view returns (Transaction memory) {
        return _describe(_existingTrade(transactionId));
    }

    /// @inheritdoc IEnergyTrading
    function transactionCount() external view returns (uint256) {
        return _transactionCount;
    }

    /// @inheritdoc IEnergyTrading
    function getTransactions(uint256 first, uint256 count) external view returns (Transaction[] memory page) {
        uint256 batchId = first >> BATCH_AT;
        uint256 last = _transactionCount;
        if (batchId != 0) last = (batchId << BATCH_AT) + _batches[batchId].trades() - 1;
        page = new Transaction[](_pageLength(first, count, last));
        for (uint256 i = 0; i < page.length; ++i) {
            page[i] = _describe(_load(first + i));
        }
    }

    /// @inheritdoc IEnergyTrading
    function getBatch(uint256 batchId) external view returns (BatchInfo memory) {
        BatchWord batch = _batches[batchId];
        if (!batch.exists()) revert EnergyTrading_NoSuchBatch(batchId);
        return BatchInfo({
            period: batch.kind(),
            start: batch.startSlot() * _slotLength,
            price: batch.price(),
            firstTransactionId: batchId << BATCH_AT,
            transactions: batch.trades()
        });
    }

    /* INTERNAL: STORAGE */

    /// @dev Stores a trade of a single pair.
    function _addTrade(uint256 buyOrderId, uint256 sellOrderId, uint256 perSlot) internal returns (uint256 id) {
        id = ++_transactionCount;
        _trades[id >> 1] = _trades[id >> 1].plus(id & 1, buyOrderId, sellOrderId, perSlot);
    }

    function _openBatch() internal view returns (Batching memory batching) {
        batching.nextId = (batchCount + 1) << BATCH_AT;
    }

    /// @dev Stores the next trade of a batch, or keeps it in memory until the second trade of its word.
    function _addToBatch(Batching memory batching, uint256 buyer, uint256 seller, uint256 perSlot)
        internal
        returns (uint256 id)
    {
        id = batching.nextId;
        unchecked {
            batching.nextId = id + 1;
        }
        batching.word = batching.word.plus(id & 1, buyer, seller, perSlot);
        // slither-disable-next-line incorrect-equality: parity: two trades share a word
        if (id & 1 == 1) {
            _trades[id >> 1] = batching.word;
            batching.word = TradeWord.wrap(0);
        }
    }

    /// @return count number of the batch's trades. If 0, no batch is stored.
    function _closeBatch(Batching memory batching, PeriodKind period, uint256 start, uint256 price)
        internal
        returns (uint256 count)
    {
        uint256 batchId = batchCount + 1;
        count = batching.nextId - (batchId << BATCH_AT);
        // slither-disable-next-line incorrect-equality: a count
        if (count == 0) return 0;
        batchCount = batchId;
        if (TradeWord.unwrap(batching.word) != 0) _trades[batching.nextId >> 1] = batching.word;
        _batches[batchId] = BatchWordLibrary.pack(price, start / _slotLength, period, count);
    }

    function _load(uint256 id) private view returns (Trade memory trade) {
        (trade.buyer, trade.seller, trade.perSlot) = _trades[id >> 1].at(id & 1);
        if (id >> BATCH_AT != 0) {
            BatchWord batch = _batches[id >> BATCH_AT];
            (trade.price, trade.kind, trade.startSlot) = (batch.price(), batch.kind(), batch.startSlot());
            return trade;
        }
        OrderWord buy = _orders[trade.buyer];
        OrderWord sell = _orders[trade.seller];
        trade.price = _priceOf(trade.buyer, buy, trade.seller, sell);
        (trade.kind, trade.startSlot) = (buy.kind(), buy.startSlot());
        (trade.buyer, trade.seller) = (buy.trader(), sell.trader());
    }

    function _existingTrade(uint256 id) private view returns (Trade memory trade) {
        trade = _load(id);
        // slither-disable-next-line incorrect-equality: exactly 0 is no trade
        if (trade.perSlot == 0) revert EnergyTrading_NoSuchTransaction(id);
    }

    /// @dev The earlier of two on-chain orders makes the price.
    function _priceOf(uint256 buyOrderId, OrderWord buy, uint256 sellOrderId, OrderWord sell)
        internal
        pure
        returns (uint256)
    {
        return buyOrderId < sellOrderId ? buy.price() : sell.price();
    }

    /* INTERNAL: VIEWS */

    function _endOf(Trade memory trade) private view returns (uint256) {
        return trade.startSlot * _slotLength + Slots.lengthOf(trade.kind);
    }

    function _lastDay(Trade memory trade) private view returns (uint256) {
        return (_endOf(trade) - 1) / Slots.DAY;
    }

    /// @dev The first day that one of the two accounts has not closed.
    function _openDay(Trade memory trade) private view returns (uint256) {
        return Math.min(SETTLEMENT.cursorAt(trade.buyer), SETTLEMENT.cursorAt(trade.seller));
    }

    function _describe(Trade memory trade) private view returns (Transaction memory) {
        return Transaction({
            buyer: SETTLEMENT.accountAt(trade.buyer),
            seller: SETTLEMENT.accountAt(trade.seller),
            amount: trade.perSlot * _slotsOf(trade.kind),
            price: trade.price,
            period: trade.kind,
            start: trade.startSlot * _slotLength,
            end: _endOf(trade),
            status: _openDay(trade) > _lastDay(trade) ? TransactionStatus.SETTLED : TransactionStatus.MATCHED
        });
    }
}
