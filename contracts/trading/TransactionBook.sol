// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IEnergyTrading} from "../interfaces/IEnergyTrading.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {Costs} from "../libraries/Costs.sol";
import {Slots} from "../libraries/Slots.sol";
import {PairWord} from "../types/PairWord.sol";
import {TransactionWord} from "../types/TransactionWord.sol";
import {Energy, Price} from "../types/Units.sol";
import {OrderBook} from "./OrderBook.sol";

/// @title TransactionBook
/// @notice The part of {IEnergyTrading} about trades and their settlement; comments here are for maintainers.
/// @dev Trades are never deleted: a finished trade has no further cost, and its word stays readable.
///
///     MATCHED --settle, delivered in full or period final--> SETTLED
///
/// A trade of a pair has its own word. The trades of a batch share period and price, which are in the batch's header.
/// If the period is one slot, two trades share a word ({PairWord}), which halves the storage of a batch. The code works
/// with all of them as a {TransactionWord}.
///
/// A late trade has no collateral: slots of its period may have been closed before the match. The seller is not
/// responsible for that, and the account that matches late could have closed them.
abstract contract TransactionBook is OrderBook {
    /// @dev A batch under construction.
    /// @param isPaired whether two of its trades share a word.
    /// @param pair the first trade of a pair, until the second one is added.
    struct Batching {
        TransactionWord terms;
        bool isPaired;
        uint256 nextId;
        PairWord pair;
    }

    /* CONSTANTS AND IMMUTABLES */

    uint256 private constant DEFAULT_MAX_SLOTS = 48;
    /// @dev The bit of a trade's number at which the batch's number begins; 0 there for a single pair. Programs with
    /// floating-point numbers (JavaScript, JSON) can represent all trades of the first two million batches.
    uint256 private constant BATCH_AT = 32;

    uint256 private immutable _grace;

    /* STORAGE */

    mapping(uint256 id => TransactionWord word) private _transactions;
    mapping(uint256 halfOfId => PairWord word) private _pairs;
    /// @dev By the batch's number: the terms of its trades, with their number in place of the amount. There is no batch
    /// 0.
    mapping(uint256 batchId => TransactionWord header) private _batches;
    /// @inheritdoc IEnergyTrading
    uint256 public batchCount;

    /* CONSTRUCTOR */

    constructor(address authority_, ISettlement settlement, Parameters memory parameters)
        OrderBook(authority_, settlement, parameters)
    {
        _grace = settlement.GRACE();
    }

    /* ANYONE */

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
        uint256 batchId = first >> BATCH_AT;
        uint256 last = _transactionCount;
        if (batchId != 0) last = (batchId << BATCH_AT) + Energy.unwrap(_batches[batchId].amount()) - 1;
        page = new Transaction[](_pageLength(first, count, last));
        for (uint256 i = 0; i < page.length; ++i) {
            page[i] = _describe(_load(first + i));
        }
    }

    /// @inheritdoc IEnergyTrading
    function getBatch(uint256 batchId) external view returns (BatchInfo memory) {
        TransactionWord header = _batches[batchId];
        if (!header.exists()) revert EnergyTrading_NoSuchBatch(batchId);
        return BatchInfo({
            period: header.kind(),
            start: header.startSlot() * _slotLength,
            price: Price.unwrap(header.price()),
            late: header.isLate(),
            firstTransactionId: batchId << BATCH_AT,
            transactions: Energy.unwrap(header.amount())
        });
    }

    /* INTERNAL: STORAGE */

    /// @dev Stores a trade of a single pair.
    function _addTransaction(TransactionWord transaction) internal returns (uint256 id) {
        id = ++_transactionCount;
        _transactions[id] = transaction;
    }

    function _openBatch(TransactionWord terms) internal view returns (Batching memory) {
        uint256 firstId = (batchCount + 1) << BATCH_AT;
        return Batching({terms: terms, isPaired: _isOneSlot(terms), nextId: firstId, pair: PairWord.wrap(0)});
    }

    /// @dev Stores the next trade of a batch, or keeps it in memory until the second trade of its word.
    function _addToBatch(Batching memory batching, uint256 buyer, uint256 seller, uint256 amount)
        internal
        returns (uint256 id)
    {
        id = batching.nextId;
        unchecked {
            batching.nextId = id + 1;
        }
        if (!batching.isPaired) {
            _transactions[id] = batching.terms.between(buyer, seller, Energy.wrap(amount));
            return id;
        }
        batching.pair = batching.pair.plus(id & 1, buyer, seller, amount);
        // slither-disable-next-line incorrect-equality: parity: two trades share a word
        if (id & 1 == 1) {
            _pairs[id >> 1] = batching.pair;
            batching.pair = PairWord.wrap(0);
        }
    }

    /// @return count number of the batch's trades. If 0, no batch is stored.
    function _closeBatch(Batching memory batching) internal returns (uint256 count) {
        uint256 batchId = batchCount + 1;
        count = batching.nextId - (batchId << BATCH_AT);
        // slither-disable-next-line incorrect-equality: a count
        if (count == 0) return 0;
        batchCount = batchId;
        if (PairWord.unwrap(batching.pair) != 0) _pairs[batching.nextId >> 1] = batching.pair;
        _batches[batchId] = batching.terms.between(0, 0, Energy.wrap(count));
    }

    /// @dev Whether the trades of a batch fit into half a word.
    function _isOneSlot(TransactionWord terms) private view returns (bool) {
        // slither-disable-next-line incorrect-equality: two fixed lengths
        return Slots.lengthOf(terms.kind()) == _slotLength;
    }

    /// @dev Zero if there is no such trade.
    function _load(uint256 id) private view returns (TransactionWord) {
        if (id >> BATCH_AT == 0) return _transactions[id];
        TransactionWord header = _batches[id >> BATCH_AT];
        if (!header.exists() || !_isOneSlot(header)) return _transactions[id];
        return _pairs[id >> 1].at(id & 1, header);
    }

    function _save(uint256 id, TransactionWord transaction) private {
        if (id >> BATCH_AT == 0 || !_isOneSlot(transaction)) {
            _transactions[id] = transaction;
        } else {
            _pairs[id >> 1] = _pairs[id >> 1].with(id & 1, transaction);
        }
    }

    /* INTERNAL: SETTLING */

    /// @dev Whether slots of a period could be closed already.
    function _isLate(uint256 startSlot) internal view returns (bool) {
        return Slots.isClosable(startSlot, _slotLength, _grace, block.timestamp);
    }

    function _existingTransaction(uint256 id) private view returns (TransactionWord transaction) {
        transaction = _load(id);
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
        // slither-disable-next-line incorrect-equality: 0 means no progress
        if (amount == 0 && doneSlots == 0) return false;

        transaction = transaction.afterDelivery(Energy.wrap(amount), doneSlots);
        if (amount > 0) emit TransactionDelivered(id, amount);
        // slither-disable-next-line incorrect-equality: bounds that are never exceeded
        if (transaction.delivered() == transaction.amount() || transaction.cursor() == periodSlots) {
            transaction = transaction.settle();
            _finish(id, transaction);
        }
        _save(id, transaction);
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
