// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {ISettlement} from "../interfaces/ISettlement.sol";
import {BulkWords} from "../libraries/BulkWords.sol";
import {AccountWord, AccountWordLibrary, MAY_NOT_BUY, MAY_NOT_SELL} from "../types/AccountWord.sol";
import {AgreedWord, GAP_OPEN} from "../types/AgreedWord.sol";
import {OwedWord} from "../types/OwedWord.sol";
import {TariffWord} from "../types/TariffWord.sol";
import {GridAccount} from "./GridAccount.sol";

/// @title MarketAccounts
/// @notice The part of {ISettlement} about accounts: whose they are, and what of their money is free.
abstract contract MarketAccounts is GridAccount {
    /* CONSTANTS AND IMMUTABLES */

    // Thousandths of a base unit.
    uint256 internal constant EXACT = 1000;
    uint256 private constant HOME_REGION = 1;
    uint256 internal constant DAY_BITS = 16;
    uint256 internal constant OLDEST_AT = 240;

    uint256 public immutable SLOT_LENGTH;
    uint256 internal immutable _DAY_SLOTS;

    /* STORAGE */

    uint256 private _accountCount;
    mapping(address account => uint256 number) internal _numbers;
    mapping(uint256 number => uint256 money) internal _securities;
    // The last 16 days on which another choice of {setKeeps} began to hold, the newest in the lowest 16 bits. Once it
    // is full it stays so: the oldest day stands twice when the newest is taken back.
    mapping(uint256 number => uint256 changes) internal _keepsChanges;

    /* CONSTRUCTOR */

    constructor(Modules memory modules, uint256 slotLength) GridAccount(modules.energy, modules.tariffs) {
        SLOT_LENGTH = slotLength;
        _DAY_SLOTS = 1 days / slotLength;
    }

    /* VIEWS */

    /// @inheritdoc ISettlement
    function balanceOf(address account) external view returns (uint256) {
        return _accounts[_numbers[account]].free() / EXACT;
    }

    /// @inheritdoc ISettlement
    function debtOf(address account) external view returns (uint256) {
        return _debtOf(_numbers[account]);
    }

    /// @inheritdoc ISettlement
    function creditsOf(address account) external view returns (uint256) {
        return _accounts[_numbers[account]].credits();
    }

    /// @inheritdoc ISettlement
    function accountOf(address account)
        external
        view
        returns (uint256 number, AccountWord word, OwedWord owed, uint256 security)
    {
        number = _numbers[account];
        word = _accounts[number];
        return (number, word, _owedOf(number, word), _securities[number]);
    }

    /// @inheritdoc ISettlement
    function cursorAt(uint256 number) external view returns (uint256) {
        return _accounts[number].day();
    }

    /// @inheritdoc ISettlement
    function wordsAt(uint256[] calldata numbers) external view returns (AccountWord[] memory) {
        uint256 slot;
        // solhint-disable-next-line no-inline-assembly
        assembly {
            slot := _accounts.slot
        }
        BulkWords.answer(slot, numbers);
    }

    /// @inheritdoc ISettlement
    function keepsAt(uint256 number, uint256 day) external view returns (bool keeps) {
        keeps = _accounts[number].keepsOn(type(uint256).max);
        uint256 changes = _keepsChanges[number];
        bool isFull = changes >> OLDEST_AT != 0;
        for (; uint16(changes) > day; changes >>= DAY_BITS) {
            // What held before the oldest of 16 is forgotten.
            // slither-disable-next-line incorrect-equality: the last of the ring
            if (isFull && changes >> DAY_BITS == 0) return true;
            keeps = !keeps;
        }
    }

    /// @inheritdoc ISettlement
    function numberOf(address account) external view returns (uint256) {
        return _numbers[account];
    }

    /// @inheritdoc ISettlement
    function accountAt(uint256 number) external view returns (address) {
        return _holders[number];
    }

    /// @inheritdoc ISettlement
    function accountCount() external view returns (uint256) {
        return _accountCount;
    }

    /// @inheritdoc ISettlement
    function isSideBlocked(address account, bool buying) external view returns (bool) {
        return _isBlocked(_accounts[_numbers[account]], buying);
    }

    /* INTERNAL */

    function _today() internal view returns (uint256) {
        return block.timestamp / 1 days;
    }

    function _runningSlot() internal view returns (uint256) {
        return block.timestamp / SLOT_LENGTH;
    }

    function _regionOf(AgreedWord state) internal pure returns (uint256) {
        return state.region() == 0 ? HOME_REGION : state.region();
    }

    function _dayOf(uint256 slot) internal view returns (uint256) {
        return slot / _DAY_SLOTS;
    }

    function _stateOf(uint256 number) internal view returns (AgreedWord) {
        return ENERGY.stateOf(number);
    }

    /// @dev The state of an account whose readings have no gap.
    function _agreedOf(uint256 number) internal view returns (AgreedWord state) {
        state = _stateOf(number);
        if (state.refusal() == GAP_OPEN) revert Settlement_GapOpen(_holders[number]);
    }

    /// @dev In base units, rounded up.
    function _debtOf(uint256 number) internal view returns (uint256) {
        return Math.ceilDiv(_owedOf(number, _accounts[number]).debt(), EXACT);
    }

    function _requireNoDebt(uint256 number) internal view {
        uint256 debt = _debtOf(number);
        if (debt != 0) revert Settlement_InDebt(_holders[number], debt);
    }

    /// @dev The tariff of a day, and the dearest deficit from then until the last day.
    function _termsOf(AgreedWord state, uint256 day, uint256 lastDay)
        internal
        view
        returns (TariffWord first, uint256 dearest)
    {
        return TARIFFS.termsOf(_regionOf(state), day, lastDay);
    }

    function _isBlocked(AccountWord word, bool buying) internal pure returns (bool) {
        return word.has(buying ? MAY_NOT_BUY : MAY_NOT_SELL);
    }

    function _numberOf(address account) internal view returns (uint256 number) {
        number = _numbers[account];
        if (number == 0) revert Settlement_UnknownAccount(account);
    }

    function _openAccount(address account) internal returns (uint256 number) {
        number = _numbers[account];
        if (number != 0) return number;
        _requireRecipient(account);
        number = ++_accountCount;
        _numbers[account] = number;
        _holders[number] = account;
        _accounts[number] = AccountWordLibrary.opened(_today());
        emit AccountOpened(account, number);
    }

    /// @dev Debits free money that an account can dispose of, unless its readings have a gap.
    function _take(uint256 number, uint256 money) internal returns (AgreedWord state) {
        state = _agreedOf(number);
        _takeFree(number, state, money);
    }

    /// @dev Debits free money beyond what the account owes and its open days may cost.
    function _takeFree(uint256 number, AgreedWord state, uint256 money) internal {
        AccountWord word = _accounts[number];
        uint256 held = _held(number, word, state);
        if (word.free() < Math.saturatingAdd(held, money)) {
            revert Settlement_InsufficientBalance(
                _holders[number], Math.saturatingSub(word.free(), held) / EXACT, Math.ceilDiv(money, EXACT)
            );
        }
        _accounts[number] = word.withFree(word.free() - money);
    }

    /// @dev What an account cannot dispose of, beside what is locked: its debt, and what its open days may cost.
    function _held(uint256 number, AccountWord word, AgreedWord state) internal view returns (uint256) {
        unchecked {
            uint256 openDays = _openDays(word, state);
            uint256 held = _owedOf(number, word).debt() + state.pending();
            // slither-disable-next-line incorrect-equality: a count of days
            if (openDays == 0) return held;
            (, uint256 dearest) = _termsOf(state, _today(), _today());
            return held + openDays * word.deemed() * dearest;
        }
    }

    /// @dev Days that are not closed, today included, and for which a meter speaks.
    function _openDays(AccountWord word, AgreedWord state) internal view returns (uint256) {
        unchecked {
            (uint256 first, uint256 end) = (state.firstDay(), state.endDay());
            if (first < word.day()) first = word.day();
            if (end > _today()) end = _today() + 1;
            return end > first ? end - first : 0;
        }
    }

    function _requireRecipient(address to) internal view {
        if (to == address(0) || to == address(this)) revert Settlement_BadRecipient(to);
    }
}
