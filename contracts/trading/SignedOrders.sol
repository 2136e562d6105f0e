// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {IEnergyTrading} from "../interfaces/IEnergyTrading.sol";
import {EnergyOrders} from "../libraries/EnergyOrders.sol";
import {AccountWord} from "../types/AccountWord.sol";
import {NONCES_PER_WORD, NonceWord} from "../types/NonceWord.sol";
import {PeriodKind} from "../types/Periods.sol";
import {TradeBook} from "./TradeBook.sol";

/// @title SignedOrders
/// @notice The part of {IEnergyTrading} about signed orders: their signatures, nonces and fills; comments here are for
/// maintainers.
/// @dev A filled or cancelled nonce never changes again. A partly filled order has its own word, stored by its hash, so
/// another order with the same nonce is rejected.
abstract contract SignedOrders is TradeBook, EIP712 {
    /// @dev A struct, so that code can keep a pointer to it without hashing its keys again.
    struct Nonces {
        NonceWord word;
    }

    /// @dev An order in a batch, in memory.
    /// @param account its trader's number; 0 once it is removed from the batch.
    /// @param open Wh per slot that can still be filled.
    /// @param taken Wh per slot of its fills.
    /// @param terms the nonce of a signed order, what an on-chain one has locked.
    /// @param nonceSlot where the nonce of a signed order is stored.
    struct Entry {
        uint256 orderId;
        uint256 account;
        bool isBuy;
        uint256 open;
        uint256 taken;
        uint256 terms;
        bytes32 nonceSlot;
    }

    /* CONSTANTS AND IMMUTABLES */

    /// @dev It must fit {AccountWord}'s floor.
    uint256 private constant MAX_NONCE = type(uint40).max;

    /// @inheritdoc IEnergyTrading
    /// @dev A Safe with three signatures needs 30,000.
    uint256 public constant SIGNATURE_GAS = 100_000;

    /* STORAGE */

    mapping(address trader => mapping(uint256 place => Nonces nonces)) private _nonces;
    /// @inheritdoc IEnergyTrading
    mapping(bytes32 orderHash => uint256 energy) public filled;

    /* CONSTRUCTOR */

    constructor() EIP712("EnergyGrid EnergyTrading", "1") {}

    /* TRADERS */

    /// @inheritdoc IEnergyTrading
    function cancelSigned(uint256[] calldata nonces) external {
        address trader = _holder();
        for (uint256 i = 0; i < nonces.length; ++i) {
            uint256 nonce = nonces[i];
            if (nonce > MAX_NONCE) revert EnergyTrading_NonceTooLarge(nonce);
            Nonces storage page = _nonces[trader][nonce / NONCES_PER_WORD];
            NonceWord word = page.word;
            if (_isSpent(word, nonce)) revert EnergyTrading_NonceSpent(trader, nonce);
            page.word = word.withState(nonce, uint256(NonceState.CANCELLED));
            emit SignedOrderCancelled(trader, nonce);
        }
    }

    /// @inheritdoc IEnergyTrading
    function cancelSignedBelow(uint256 nonce) external {
        address trader = _holder();
        uint256 number = _numberOf(trader);
        if (nonce > MAX_NONCE) revert EnergyTrading_NonceTooLarge(nonce);
        SETTLEMENT.raiseSignedFloor(number, nonce);
        emit SignedOrdersCancelledBelow(trader, nonce);
    }

    /* VIEWS */

    /// @inheritdoc IEnergyTrading
    function hashOrder(SignedOrder calldata order, PeriodKind period, uint256 start) external view returns (bytes32) {
        return _hashTypedDataV4(
            EnergyOrders.structHash(order, order.orderType == OrderType.BUY, EnergyOrders.hashOf(period), start)
        );
    }

    /// @inheritdoc IEnergyTrading
    function nonceState(address trader, uint256 nonce) external view returns (NonceState) {
        if (nonce > MAX_NONCE) revert EnergyTrading_NonceTooLarge(nonce);
        NonceWord word = _nonces[trader][nonce / NONCES_PER_WORD].word;
        if (!_isSpent(word, nonce) && nonce < signedFloorOf(trader)) return NonceState.CANCELLED;
        return NonceState(word.state(nonce));
    }

    /// @inheritdoc IEnergyTrading
    function signedFloorOf(address trader) public view returns (uint256) {
        // slither-disable-next-line unused-return: the rest does not matter here
        (, AccountWord word,,) = SETTLEMENT.accountOf(trader);
        return word.signedFloor();
    }

    /* INTERNAL */

    /// @dev Validates a signed order except for its money, and fills the entry with the data that the batch needs.
    /// @param price of every fill.
    /// @param slots number of the period's slots.
    function _admit(
        SignedOrder calldata order,
        Entry memory entry,
        uint256 price,
        uint256 slots,
        bytes[] calldata contractSignatures
    ) internal view returns (Refusal) {
        (address trader, uint256 nonce) = (order.trader, order.nonce);
        if (nonce > MAX_NONCE) return Refusal.NONCE_SPENT;
        Nonces storage nonces = _nonces[trader][nonce / NONCES_PER_WORD];
        NonceWord word = nonces.word;
        uint256 state = word.state(nonce);
        if (state > uint256(NonceState.PARTIAL)) return Refusal.NONCE_SPENT;
        if (block.timestamp > order.expiry) return Refusal.EXPIRED;
        if (entry.isBuy ? price > order.price : price < order.price) return Refusal.WORSE_THAN_LIMIT;
        uint256 open = order.amount / slots;
        if (!_isValid(order.amount, open, slots)) return Refusal.INVALID_AMOUNT;
        if (!_isSigned(trader, order, bytes32(entry.orderId), contractSignatures)) return Refusal.WRONG_SIGNATURE;
        if (state == uint256(NonceState.PARTIAL)) {
            uint256 done = filled[bytes32(entry.orderId)];
            if (done == 0) return Refusal.NONCE_SPENT;
            open -= done / slots;
        }
        uint256 account = word.account();
        if (account == 0) account = SETTLEMENT.numberOf(trader);
        if (account == 0) return Refusal.UNKNOWN_ACCOUNT;
        entry.account = account;
        entry.open = open;
        entry.terms = nonce;
        entry.nonceSlot = _slotOf(nonces);
        return Refusal.NONE;
    }

    /// @dev Stores the state of a signed order that a batch has filled.
    function _noteFilled(SignedOrder calldata order, Entry memory entry, uint256 slots) internal {
        Nonces storage nonces = _noncesAt(entry.nonceSlot);
        (uint256 nonce, uint256 open, NonceWord word) = (order.nonce, entry.open, nonces.word);
        if (open != 0 || word.state(nonce) == uint256(NonceState.PARTIAL)) {
            filled[bytes32(entry.orderId)] = order.amount - open * slots;
        }
        // slither-disable-next-line incorrect-equality: nothing is left of the order
        word = word.withState(nonce, uint256(open == 0 ? NonceState.FILLED : NonceState.PARTIAL));
        nonces.word = word.withAccount(entry.account);
    }

    function _slotOf(Nonces storage nonces) private pure returns (bytes32 slot) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            slot := nonces.slot
        }
    }

    function _noncesAt(bytes32 slot) private pure returns (Nonces storage nonces) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            nonces.slot := slot
        }
    }

    function _isSpent(NonceWord word, uint256 nonce) private pure returns (bool) {
        return word.state(nonce) > uint256(NonceState.PARTIAL);
    }

    /// @dev The trader's key signs in the compact form, also if the account has delegated code (EIP-7702).
    function _isSigned(
        address trader,
        SignedOrder calldata order,
        bytes32 orderHash,
        bytes[] calldata contractSignatures
    ) private view returns (bool) {
        if (order.vs != 0) {
            // slither-disable-next-line unused-return: an invalid signature has the zero signer
            (address signer,,) = ECDSA.tryRecover(orderHash, order.r, order.vs);
            return signer == trader && signer != address(0);
        }
        uint256 place = uint256(order.r);
        return place < contractSignatures.length && _isConfirmed(trader, orderHash, contractSignatures[place]);
    }

    /// @dev Calls a contract wallet (EIP-1271) with bounded gas and reads at most one word of its answer, so that the
    /// wallet cannot use up the caller's gas.
    function _isConfirmed(address wallet, bytes32 orderHash, bytes calldata signature) private view returns (bool) {
        bytes memory question = abi.encodeCall(IERC1271.isValidSignature, (orderHash, signature));
        bool answered;
        bytes32 answer;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            answered := staticcall(SIGNATURE_GAS, wallet, add(question, 0x20), mload(question), 0x00, 0x20)
            answered := and(answered, gt(returndatasize(), 0x1f))
            answer := mload(0x00)
        }
        return answered && answer == bytes32(IERC1271.isValidSignature.selector);
    }
}
