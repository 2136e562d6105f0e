// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IEnergyAccounts} from "../interfaces/IEnergyAccounts.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {ITariffs} from "../interfaces/ITariffs.sol";
import {AccountWord, OWES} from "../types/AccountWord.sol";
import {GridWord, GridWordLibrary} from "../types/GridWord.sol";
import {OwedWord, OwedWordLibrary} from "../types/OwedWord.sol";

/// @title GridAccount
/// @notice The part of {ISettlement} about what the grid account and the accounts owe each other: debts, receivables
/// and their queue; comments here are for maintainers. All money here is exact.
/// @dev A call that moves the grid account's money opens it once, as a {Grid} in memory, and stores it once. Words of
/// accounts are stored at every change, because serving the queue changes those of others.
abstract contract GridAccount is ISettlement {
    /// @dev The grid account during a call.
    /// @param waiting whether the queue has entries.
    /// @param turns how many of them can still be served.
    /// @param paid what was paid for the day that is being closed.
    struct Grid {
        uint256 cash;
        uint256 owed;
        uint256 credits;
        bool waiting;
        uint256 turns;
        uint256 paid;
    }

    /* CONSTANTS AND IMMUTABLES */

    // Entries of the queue that a call serves, and how many more for each that it adds: the queue gets shorter.
    uint256 private constant TURNS = 8;
    uint256 private constant TURNS_PER_ENTRY = 2;
    // An entry of the queue: amount 88 | account 32.
    uint256 private constant AMOUNT_AT = 32;
    // Credits do not pay a debt where this stands for a day.
    uint256 internal constant WITHOUT_CREDITS = 0;

    IEnergyAccounts public immutable ENERGY;
    ITariffs public immutable TARIFFS;

    /* STORAGE */

    GridWord private _grid;

    uint256 private _queueHead;
    uint256 private _queueTail;
    uint256 internal _protocolFees;

    mapping(uint256 number => address account) internal _holders;
    mapping(uint256 number => AccountWord word) internal _accounts;
    mapping(uint256 number => OwedWord word) private _owed;
    mapping(uint256 day => uint256 money) internal _paidFor;
    mapping(uint256 index => uint256 entry) private _queue;

    /* CONSTRUCTOR */

    constructor(IEnergyAccounts energy, ITariffs tariffs) {
        ENERGY = energy;
        TARIFFS = tariffs;
    }

    /* ANYONE */

    /// @inheritdoc ISettlement
    function serve(uint256 max) external {
        Grid memory grid = _openGrid();
        // slither-disable-next-line incorrect-equality: nothing can be paid; any more is paid out
        if (!grid.waiting || grid.cash == 0) revert Settlement_NothingToServe();
        grid.turns = max;
        _serve(grid);
        _storeGrid(grid);
    }

    /* VIEWS */

    /// @inheritdoc ISettlement
    function gridAccount()
        external
        view
        returns (uint256 cash, uint256 owed, uint256 protocolFees, uint256 credits, uint256 entries)
    {
        Grid memory grid = _openGrid();
        return (grid.cash, grid.owed, _protocolFees, grid.credits, _queueTail - _queueHead);
    }

    /* INTERNAL */

    function _openGrid() internal view returns (Grid memory) {
        GridWord word = _grid;
        return Grid(word.cash(), word.owed(), word.credits(), word.isWaiting(), TURNS, 0);
    }

    function _storeGrid(Grid memory grid) internal {
        _grid = GridWordLibrary.pack(grid.cash, grid.owed, grid.credits, grid.waiting);
    }

    function _creditValueAt(uint256 day) internal view returns (uint256) {
        return TARIFFS.creditValueAt(day);
    }

    function _owedOf(uint256 number, AccountWord word) internal view returns (OwedWord) {
        return word.has(OWES) ? _owed[number] : OwedWord.wrap(0);
    }

    /// @dev Money for an account, whose debt it pays first.
    function _receive(uint256 number, uint256 money) internal {
        AccountWord word = _accounts[number];
        if (!word.has(OWES)) {
            _accounts[number] = word.withFree(word.free() + money);
            return;
        }
        Grid memory grid = _openGrid();
        _receive(grid, number, word, money, WITHOUT_CREDITS);
        _storeGrid(grid);
    }

    /// @dev As above, while the grid account is open. Credits pay what is left of a debt, at the value of `day`.
    function _receive(Grid memory grid, uint256 number, AccountWord word, uint256 money, uint256 day) internal {
        OwedWord owed = _owedOf(number, word);
        word = word.withFree(word.free() + money);
        _accounts[number] = _settle(grid, number, word, owed, owed.debt(), owed.receivable(), day);
        _serve(grid);
    }

    /// @dev What a closed day brought or cost. The grid account pays the account's debt first, and what its cash lacks
    /// is a receivable behind those before. The account pays from its receivable and its free money first, then in
    /// credits, and what it lacks is a debt.
    function _balance(Grid memory grid, uint256 number, AccountWord word, int256 money, uint256 day) internal {
        unchecked {
            // Most accounts owe nothing and are owed nothing, and what they pay or get is there.
            if (!word.has(OWES)) {
                if (money <= 0 && uint256(-money) <= word.free()) {
                    grid.cash += uint256(-money);
                    _accounts[number] = word.less(uint256(-money));
                    return;
                }
                if (money > 0 && !grid.waiting && uint256(money) <= grid.cash) {
                    grid.cash -= uint256(money);
                    grid.paid += uint256(money);
                    _accounts[number] = word.withFree(word.free() + uint256(money));
                    return;
                }
            }
            OwedWord owed = _owedOf(number, word);
            (uint256 debt, uint256 receivable) = (owed.debt(), owed.receivable());
            if (money < 0) {
                uint256 charge = uint256(-money);
                uint256 setOff = Math.min(charge, receivable);
                receivable -= setOff;
                grid.owed -= setOff;
                debt += charge - setOff;
            } else if (uint256(money) <= debt) {
                debt -= uint256(money);
            } else {
                uint256 due = uint256(money) - debt;
                debt = 0;
                grid.paid += due;
                uint256 paid = grid.waiting ? 0 : Math.min(due, grid.cash);
                grid.cash -= paid;
                word = word.withFree(word.free() + paid);
                if (paid < due) {
                    receivable += due - paid;
                    _enqueue(grid, number, due - paid);
                }
            }
            _accounts[number] = _settle(grid, number, word, owed, debt, receivable, day);
            if (money > 0) _serve(grid);
        }
    }

    /// @dev The word after a debt was paid as far as possible; the caller stores it. `owed` is what stands in storage.
    function _settle(
        Grid memory grid,
        uint256 number,
        AccountWord word,
        OwedWord owed,
        uint256 debt,
        uint256 receivable,
        uint256 day
    ) internal returns (AccountWord) {
        unchecked {
            if (debt != 0) {
                uint256 paid = Math.min(debt, word.free());
                grid.cash += paid;
                debt -= paid;
                word = word.withFree(word.free() - paid);
                if (debt != 0 && day != WITHOUT_CREDITS && word.credits() != 0) {
                    uint256 value = _creditValueAt(day);
                    // slither-disable-next-line incorrect-equality: what credits are worth
                    uint256 wh = value == 0 ? 0 : Math.min(word.credits(), debt / value);
                    debt -= wh * value;
                    grid.credits -= wh;
                    word = _withoutCredits(number, word, wh);
                    if (wh != 0) emit CreditsRedeemed(_holders[number], wh, wh * value);
                }
            }
            if (debt != owed.debt() || receivable != owed.receivable()) {
                _owed[number] = OwedWordLibrary.pack(debt, receivable);
                word = word.withFlag(OWES, debt | receivable != 0);
                if (debt > owed.debt()) emit DebtIncurred(_holders[number], debt - owed.debt(), debt);
                if (debt < owed.debt()) emit DebtRepaid(_holders[number], owed.debt() - debt, debt);
            }
            return word;
        }
    }

    function _withoutCredits(uint256 number, AccountWord word, uint256 wh) internal view returns (AccountWord) {
        if (wh > word.credits()) revert Settlement_CreditsMissing(_holders[number], word.credits(), wh);
        return word.withCredits(word.credits() - wh);
    }

    /// @dev Receivables, first in, first out. What a charge has set off since makes an entry smaller.
    function _serve(Grid memory grid) internal {
        unchecked {
            // slither-disable-next-line incorrect-equality: nothing can be paid; any more is paid out
            if (!grid.waiting || grid.cash == 0) return;
            (uint256 head, uint256 tail) = (_queueHead, _queueTail);
            for (; head < tail && grid.cash != 0 && grid.turns != 0; --grid.turns) {
                uint256 number = uint32(_queue[head]);
                AccountWord word = _accounts[number];
                uint256 receivable = _owedOf(number, word).receivable();
                uint256 due = Math.min(_queue[head] >> AMOUNT_AT, receivable);
                uint256 paid = Math.min(due, grid.cash);
                if (paid != 0) {
                    grid.cash -= paid;
                    grid.owed -= paid;
                    _owed[number] = OwedWordLibrary.pack(0, receivable - paid);
                    _accounts[number] = word.withFree(word.free() + paid).withFlag(OWES, receivable != paid);
                    emit ReceivablePaid(_holders[number], paid);
                }
                if (paid < due) {
                    _queue[head] = number | ((due - paid) << AMOUNT_AT);
                    break;
                }
                delete _queue[head];
                ++head;
            }
            _queueHead = head;
            grid.waiting = head < tail;
        }
    }

    function _enqueue(Grid memory grid, uint256 number, uint256 amount) private {
        _queue[_queueTail] = number | (amount << AMOUNT_AT);
        ++_queueTail;
        grid.owed += amount;
        grid.waiting = true;
        grid.turns += TURNS_PER_ENTRY;
        emit ReceivableQueued(_holders[number], amount);
    }
}
