// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccountDays} from "../interfaces/IAccountDays.sol";
import {ClosedDayWord} from "../types/ClosedDayWord.sol";
import {AccountWord, AccountWordLibrary} from "../types/AccountWord.sol";

/// @title AccountDaysDouble
/// @notice Settlement for tests of the energy accounts: it answers what it was told, and hands on all other calls.
contract AccountDaysDouble is IAccountDays {
    address public target;
    mapping(address account => uint256 number) public numberOf;
    mapping(address account => uint256 debt) public debtOf;
    mapping(uint256 number => uint256 day) public cursorAt;
    mapping(uint256 number => mapping(uint256 day => bool keeps)) public keepsAt;
    mapping(uint256 number => AccountWord word) private _words;

    /// @notice What the energy accounts have closed.
    event DayClosed(uint256 day, uint256[] words, address[] holders);

    // solhint-disable-next-line no-complex-fallback
    fallback(bytes calldata data) external returns (bytes memory answer) {
        bool done;
        // solhint-disable-next-line avoid-low-level-calls
        (done, answer) = target.call(data);
        if (done) return answer;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            revert(add(answer, 0x20), mload(answer))
        }
    }

    function setTarget(address target_) external {
        target = target_;
    }

    function setNumber(address account, uint256 number) external {
        numberOf[account] = number;
    }

    function setDebt(address account, uint256 debt) external {
        debtOf[account] = debt;
    }

    function setCursor(uint256 number, uint256 day) external {
        cursorAt[number] = day;
    }

    /// @dev The word's day is ignored, see {setCursor}.
    function setWord(uint256 number, AccountWord word) external {
        _words[number] = word;
    }

    function closeDay(uint256 day, uint256[] calldata words, address[] calldata holders) external {
        for (uint256 i = 0; i < words.length; i += 2) {
            cursorAt[ClosedDayWord.wrap(words[i]).number()] = day + 1;
        }
        emit DayClosed(day, words, holders);
    }

    function setKeeps(uint256 number, uint256 day, bool keeps) external {
        keepsAt[number][day] = keeps;
    }

    function wordsAt(uint256[] calldata numbers) external view returns (AccountWord[] memory words) {
        words = new AccountWord[](numbers.length);
        for (uint256 i = 0; i < numbers.length; ++i) {
            uint256 word = AccountWord.unwrap(_words[numbers[i]]);
            words[i] = AccountWord.wrap(word | AccountWord.unwrap(AccountWordLibrary.opened(cursorAt[numbers[i]])));
        }
    }
}
