// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title WalletDouble
/// @notice Test double of a contract wallet (EIP-1271): confirms signatures of its owner's key, or misbehaves in one of
/// the ways of a hostile wallet.
contract WalletDouble {
    /// @notice The answer of {isValidSignature}.
    ///
    ///     HONEST       the magic value if the owner's key has signed, otherwise 0xffffffff
    ///     REVERT       reverts without data
    ///     WRONG_VALUE  another magic value
    ///     NEARLY       the magic value with the last bit of its word set
    ///     SHORT        31 bytes of the magic value's word
    ///     NOTHING      no bytes at all
    ///     LONG         the magic value, and a word more
    ///     RETURN_BOMB  as many bytes as its gas allows, the magic value first
    ///     REVERT_BOMB  reverts with as many bytes as its gas allows, the magic value first
    ///     GAS_BOMB     uses up its gas
    ///     THRIFTY      the magic value, once it has used up `burn` gas
    ///     REVERT_MAGIC reverts with the magic value
    enum Behaviour {
        HONEST,
        REVERT,
        WRONG_VALUE,
        NEARLY,
        SHORT,
        NOTHING,
        LONG,
        RETURN_BOMB,
        REVERT_BOMB,
        GAS_BOMB,
        THRIFTY,
        REVERT_MAGIC
    }

    bytes32 private constant MAGIC = bytes32(IERC1271.isValidSignature.selector);

    address public owner;
    Behaviour public behaviour;
    uint256 public burn;

    constructor(address owner_) {
        owner = owner_;
    }

    function setOwner(address owner_) external {
        owner = owner_;
    }

    function behave(Behaviour behaviour_, uint256 burn_) external {
        (behaviour, burn) = (behaviour_, burn_);
    }

    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        Behaviour how = behaviour;
        if (how == Behaviour.REVERT) _answer(0, 0, false);
        if (how == Behaviour.WRONG_VALUE) return 0xdeadbeef;
        if (how == Behaviour.NEARLY) _answer(uint256(MAGIC) | 1, 0x20, true);
        if (how == Behaviour.SHORT) _answer(uint256(MAGIC), 0x1f, true);
        if (how == Behaviour.NOTHING) _answer(0, 0, true);
        if (how == Behaviour.LONG) _answer(uint256(MAGIC), 0x40, true);
        // 5,888 words cost some 85,000 gas.
        if (how == Behaviour.RETURN_BOMB) _answer(uint256(MAGIC), 0x2e000, true);
        if (how == Behaviour.REVERT_BOMB) _answer(uint256(MAGIC), 0x2e000, false);
        if (how == Behaviour.GAS_BOMB) _spend(gasleft());
        if (how == Behaviour.REVERT_MAGIC) _answer(uint256(MAGIC), 0x20, false);
        if (how == Behaviour.THRIFTY) _spend(burn);
        if (how == Behaviour.THRIFTY) return bytes4(MAGIC);
        (address signer,,) = ECDSA.tryRecover(hash, signature);
        return signer == owner && signer != address(0) ? bytes4(MAGIC) : bytes4(0xffffffff);
    }

    /// @dev Ends the call with `size` bytes that begin with `word`.
    function _answer(uint256 word, uint256 size, bool success) private pure {
        // solhint-disable-next-line no-inline-assembly
        assembly {
            mstore(0x00, word)
            mstore(0x20, 0)
            if success { return(0x00, size) }
            revert(0x00, size)
        }
    }

    function _spend(uint256 amount) private view {
        uint256 start = gasleft();
        while (start - gasleft() < amount) {}
    }
}
