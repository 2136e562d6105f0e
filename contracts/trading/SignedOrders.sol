// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {IEnergyTrading} from "../interfaces/IEnergyTrading.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {EnergyOrders} from "../libraries/EnergyOrders.sol";
import {NONCES_PER_WORD, NonceWord} from "../types/NonceWord.sol";
import {PeriodKind} from "../types/Periods.sol";
import {OrderBook} from "./OrderBook.sol";

/// @title SignedOrders
/// @notice The part of {IEnergyTrading} about orders off the chain: what is signed, by whom, and what has become of it;
/// comments here are for maintainers.
/// @dev A filled or cancelled nonce stays so for good; only nonces filled in part have a word of their own, by the
/// order's hash, so that another order of the same nonce finds it taken.
abstract contract SignedOrders is OrderBook, EIP712 {
    /* CONSTANTS AND IMMUTABLES */

    /// @dev So that it fits {AccountWord}'s floor.
    uint256 private constant MAX_NONCE = type(uint40).max;

    /// @inheritdoc IEnergyTrading
    /// @dev A Safe of three needs 30,000.
    uint256 public constant SIGNATURE_GAS = 100_000;

    /* STORAGE */

    mapping(address trader => mapping(uint256 place => NonceWord word)) private _nonces;
    /// @inheritdoc IEnergyTrading
    mapping(bytes32 orderHash => uint256 energy) public filled;

    /* CONSTRUCTOR */

    constructor(address authority_, ISettlement settlement, Parameters memory parameters)
        OrderBook(authority_, settlement, parameters)
        EIP712("EnergyGrid EnergyTrading", "1")
    {}

    /* TRADERS */

    /// @inheritdoc IEnergyTrading
    function cancelSigned(uint256[] calldata nonces) external {
        for (uint256 i = 0; i < nonces.length; ++i) {
            uint256 nonce = nonces[i];
            if (nonce > MAX_NONCE) revert EnergyTrading_NonceTooLarge(nonce);
            NonceWord word = _nonces[msg.sender][nonce / NONCES_PER_WORD];
            if (_isSpent(word, nonce)) revert EnergyTrading_NonceSpent(msg.sender, nonce);
            _nonces[msg.sender][nonce / NONCES_PER_WORD] = word.withState(nonce, uint256(NonceState.CANCELLED));
            emit SignedOrderCancelled(msg.sender, nonce);
        }
    }

    /// @inheritdoc IEnergyTrading
    function cancelSignedBelow(uint256 nonce) external {
        uint256 number = SETTLEMENT.numberOf(msg.sender);
        if (number == 0) revert ISettlement.Settlement_UnknownAccount(msg.sender);
        if (nonce > MAX_NONCE) revert EnergyTrading_NonceTooLarge(nonce);
        SETTLEMENT.raiseSignedFloor(number, nonce);
        emit SignedOrdersCancelledBelow(msg.sender, nonce);
    }

    /* VIEWS */

    /// @inheritdoc IEnergyTrading
    function hashOrder(SignedOrder calldata order, PeriodKind period, uint256 start) external view returns (bytes32) {
        return _hashTypedDataV4(EnergyOrders.structHash(order, EnergyOrders.hashOf(period), start));
    }

    /// @inheritdoc IEnergyTrading
    function nonceState(address trader, uint256 nonce) external view returns (NonceState) {
        if (nonce > MAX_NONCE) revert EnergyTrading_NonceTooLarge(nonce);
        NonceWord word = _nonces[trader][nonce / NONCES_PER_WORD];
        if (!_isSpent(word, nonce) && nonce < SETTLEMENT.signedFloorOf(trader)) return NonceState.CANCELLED;
        return NonceState(word.state(nonce));
    }

    /// @inheritdoc IEnergyTrading
    function signedFloorOf(address trader) external view returns (uint256) {
        return SETTLEMENT.signedFloorOf(trader);
    }

    /* INTERNAL */

    /// @dev Looks at everything about a signed order but its money.
    /// @return account the trader's number.
    /// @return done Wh filled so far.
    /// @return refusal why it cannot be filled; then the number and the energy mean nothing.
    function _examine(SignedOrder calldata order, bytes32 orderHash, uint256 price, bytes[] calldata contractSignatures)
        internal
        view
        returns (uint256 account, uint256 done, Refusal refusal)
    {
        uint256 nonce = order.nonce;
        if (nonce > MAX_NONCE) return (0, 0, Refusal.NONCE_SPENT);
        NonceWord word = _nonces[order.trader][nonce / NONCES_PER_WORD];
        if (_isSpent(word, nonce)) return (0, 0, Refusal.NONCE_SPENT);
        if (block.timestamp > order.expiry) return (0, 0, Refusal.EXPIRED);
        if (order.orderType == OrderType.BUY ? price > order.price : price < order.price) {
            return (0, 0, Refusal.WORSE_THAN_LIMIT);
        }
        if (!_isSigned(order, orderHash, contractSignatures)) return (0, 0, Refusal.WRONG_SIGNATURE);
        if (word.state(nonce) == uint256(NonceState.PARTIAL)) {
            done = filled[orderHash];
            if (done == 0) return (0, 0, Refusal.NONCE_SPENT);
        }
        account = word.account();
        if (account == 0) account = SETTLEMENT.numberOf(order.trader);
        if (account == 0) refusal = Refusal.UNKNOWN_ACCOUNT;
    }

    /// @dev Notes that `done` Wh of an order are filled.
    function _noteFilled(SignedOrder calldata order, bytes32 orderHash, uint256 account, uint256 done) internal {
        uint256 nonce = order.nonce;
        NonceWord word = _nonces[order.trader][nonce / NONCES_PER_WORD];
        bool isWhole = done == order.amount;
        if (!isWhole || word.state(nonce) == uint256(NonceState.PARTIAL)) filled[orderHash] = done;
        word = word.withAccount(account).withState(nonce, uint256(isWhole ? NonceState.FILLED : NonceState.PARTIAL));
        _nonces[order.trader][nonce / NONCES_PER_WORD] = word;
    }

    function _isSpent(NonceWord word, uint256 nonce) private pure returns (bool) {
        return word.state(nonce) > uint256(NonceState.PARTIAL);
    }

    /// @dev The trader's key signs in the compact form, also where the account has lent itself code (EIP-7702).
    function _isSigned(SignedOrder calldata order, bytes32 orderHash, bytes[] calldata contractSignatures)
        private
        view
        returns (bool)
    {
        if (order.vs != 0) {
            (address signer,,) = ECDSA.tryRecover(orderHash, order.r, order.vs);
            return signer == order.trader && signer != address(0);
        }
        uint256 place = uint256(order.r);
        return place < contractSignatures.length && _isConfirmed(order.trader, orderHash, contractSignatures[place]);
    }

    /// @dev Asks a contract wallet (EIP-1271) with bounded gas, and reads no more than one word of its answer, so that
    /// it can make nobody pay for what it does.
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
