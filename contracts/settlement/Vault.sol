// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {EmergencyStop} from "../access/EmergencyStop.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {Costs} from "../libraries/Costs.sol";
import {RateLimiter} from "../libraries/RateLimiter.sol";
import {AccountWord, IN_DEBT, MAY_NOT_BUY, MAY_NOT_SELL} from "../types/AccountWord.sol";
import {SlotWord} from "../types/SlotWord.sol";

/// @title Vault
/// @notice The part of {ISettlement} about accounts and money: deposits, withdrawals and their outflow limit, debts,
/// and fees; comments here are for maintainers.
/// @dev Every function that transfers tokens is `nonReentrant`, so a token with hooks sees the accounts either before
/// or after a transfer.
abstract contract Vault is ISettlement, EmergencyStop, ReentrancyGuardTransient {
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    /* CONSTANTS AND IMMUTABLES */

    uint256 private constant MAX_PROTOCOL_FEE_BPS = 100;
    uint256 private constant MAX_WITHDRAWAL_DELAY = 30 days;
    uint256 private constant MAX_LENGTHENING = 7 days;

    IERC20 public immutable settlementToken;
    uint256 public immutable OUTFLOW_WINDOW;
    uint256 public immutable WITHDRAWAL_DELAY;
    uint256 public immutable MAX_GRID_FEE_PER_KWH;

    /* STORAGE */

    // slot 0, after EmergencyStop's 22 bytes: 2 + 8 = 10 bytes
    uint16 private _protocolFeeBps;
    uint64 internal _gridFeePerKwh;

    // slot 1: 13 + 13 + 5 = 31 bytes
    uint104 private _outflowLimit;
    uint104 private _outflowUsed;
    uint40 private _outflowUpdated;

    // slot 2: 16 + 16 = 32 bytes
    uint128 private _feesOwed;
    uint128 internal _gridRevenueOwed;

    // slot 3: 4 + 8 = 12 bytes
    uint32 private _accountCount;
    uint64 private _withdrawalCount;

    mapping(address account => uint256 number) internal _numbers;
    mapping(uint256 number => address account) internal _holders;
    mapping(uint256 number => AccountWord word) internal _accounts;
    mapping(uint256 number => uint256 money) internal _debts;
    // The energy of an account's slots, for Settlement; declared here with everything else that is stored by account
    // number.
    mapping(uint256 number => mapping(uint256 slot => SlotWord word)) internal _slots;
    mapping(uint256 id => QueuedWithdrawal withdrawal) private _withdrawals;

    /* CONSTRUCTOR */

    constructor(address authority_, IERC20 token, Parameters memory parameters, uint256 outflowLimit_)
        EmergencyStop(authority_)
    {
        if (parameters.outflowWindow == 0) revert Settlement_BadParameter("outflowWindow", 0);
        if (parameters.withdrawalDelay > MAX_WITHDRAWAL_DELAY) {
            revert Settlement_BadParameter("withdrawalDelay", parameters.withdrawalDelay);
        }
        settlementToken = token;
        OUTFLOW_WINDOW = parameters.outflowWindow;
        WITHDRAWAL_DELAY = parameters.withdrawalDelay;
        MAX_GRID_FEE_PER_KWH = parameters.maxGridFeePerKwh.toUint64();
        _setOutflowLimit(outflowLimit_);
    }

    /* ACCOUNT HOLDERS */

    /// @inheritdoc ISettlement
    function deposit(uint256 amount) external nonReentrant returns (uint256) {
        return _deposit(msg.sender, msg.sender, amount);
    }

    /// @inheritdoc ISettlement
    function depositFor(address account, uint256 amount) external nonReentrant returns (uint256) {
        return _deposit(msg.sender, account, amount);
    }

    /// @inheritdoc ISettlement
    function depositWithPermit(uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
        nonReentrant
        returns (uint256)
    {
        // Another account may have seen this permit in the mempool and sent it first; then the allowance exists. If it
        // does not, the transfer below reverts.
        try IERC20Permit(address(settlementToken)).permit(msg.sender, address(this), amount, deadline, v, r, s) {}
            catch {}
        return _deposit(msg.sender, msg.sender, amount);
    }

    /// @inheritdoc ISettlement
    function withdraw(uint256 amount, address to) external nonReentrant returns (uint256 withdrawalId) {
        if (amount == 0) revert Settlement_ZeroAmount();
        if (to == address(0) || to == address(this)) revert Settlement_BadRecipient(to);
        uint256 number = _numberOf(msg.sender);
        AccountWord word = _accounts[number];
        if (word.has(IN_DEBT)) revert Settlement_InDebt(msg.sender, _debts[number]);
        _accounts[number] = _take(number, word, amount);

        if (amount > availableOutflow()) {
            withdrawalId = ++_withdrawalCount;
            uint256 executableAt = block.timestamp + WITHDRAWAL_DELAY;
            _withdrawals[withdrawalId] = QueuedWithdrawal(msg.sender, to, amount, executableAt, false);
            emit WithdrawalQueued(withdrawalId, msg.sender, to, amount, executableAt);
        } else {
            _outflowUsed = (_outflowCounted() + amount).toUint104();
            _outflowUpdated = uint40(block.timestamp);
            _pay(msg.sender, to, amount);
        }
    }

    /// @inheritdoc ISettlement
    function cancelWithdrawal(uint256 id) external {
        QueuedWithdrawal memory queued = _queued(id);
        if (queued.account != msg.sender) revert Settlement_NotWithdrawalOwner(id, msg.sender);
        delete _withdrawals[id];
        _credit(_numbers[msg.sender], queued.amount);
        emit WithdrawalCancelled(id, msg.sender, queued.amount);
    }

    /// @inheritdoc ISettlement
    function repayDebt(uint256 amount) external nonReentrant returns (uint256 paid) {
        uint256 number = _numberOf(msg.sender);
        if (_debts[number] == 0) revert Settlement_NoDebt(msg.sender);
        uint256 received = _receive(msg.sender, Math.min(amount, _debts[number]));
        // A token with hooks may have closed a slot meanwhile, so the debt is read again.
        paid = Math.min(received, _debts[number]);
        _credit(number, received);
    }

    /* ANYONE */

    /// @inheritdoc ISettlement
    function executeWithdrawal(uint256 id) external nonReentrant {
        QueuedWithdrawal memory queued = _queued(id);
        if (block.timestamp < queued.executableAt) revert Settlement_WithdrawalNotDue(id, queued.executableAt);
        delete _withdrawals[id];
        _pay(queued.account, queued.to, queued.amount);
    }

    /* PRIVILEGED */

    /// @inheritdoc ISettlement
    function lengthenWithdrawal(uint256 id, uint256 seconds_) external restricted {
        QueuedWithdrawal memory queued = _queued(id);
        if (queued.lengthened) revert Settlement_AlreadyLengthened(id);
        if (seconds_ > MAX_LENGTHENING) revert Settlement_LengtheningTooLong(seconds_, MAX_LENGTHENING);
        _withdrawals[id].executableAt = queued.executableAt + seconds_;
        _withdrawals[id].lengthened = true;
        emit WithdrawalLengthened(id, queued.executableAt + seconds_);
    }

    /// @inheritdoc ISettlement
    function setFees(uint256 protocolFeeBps_, uint256 gridFeePerKwh_) external restricted {
        if (protocolFeeBps_ > MAX_PROTOCOL_FEE_BPS) {
            revert Settlement_FeeTooHigh(protocolFeeBps_, MAX_PROTOCOL_FEE_BPS);
        }
        if (gridFeePerKwh_ > MAX_GRID_FEE_PER_KWH) revert Settlement_FeeTooHigh(gridFeePerKwh_, MAX_GRID_FEE_PER_KWH);
        _protocolFeeBps = uint16(protocolFeeBps_);
        _gridFeePerKwh = uint64(gridFeePerKwh_);
        emit FeesSet(protocolFeeBps_, gridFeePerKwh_);
    }

    /// @inheritdoc ISettlement
    function setOutflowLimit(uint256 limit) external restricted {
        _setOutflowLimit(limit);
    }

    /// @inheritdoc ISettlement
    function collect(address to) external restricted nonReentrant {
        if (to == address(0) || to == address(this)) revert Settlement_BadRecipient(to);
        (uint256 fees, uint256 gridRevenue) = (_feesOwed, _gridRevenueOwed);
        if (fees + gridRevenue == 0) revert Settlement_NothingToCollect();
        (_feesOwed, _gridRevenueOwed) = (0, 0);
        settlementToken.safeTransfer(to, fees + gridRevenue);
        emit TreasuryCollected(to, fees, gridRevenue);
    }

    /* VIEWS */

    /// @inheritdoc ISettlement
    function balanceOf(address account) external view returns (uint256) {
        return _accounts[_numbers[account]].available();
    }

    /// @inheritdoc ISettlement
    function lockedOf(address account) external view returns (uint256) {
        return _accounts[_numbers[account]].locked();
    }

    /// @inheritdoc ISettlement
    function debtOf(address account) external view returns (uint256) {
        return _debts[_numbers[account]];
    }

    /// @inheritdoc ISettlement
    function signedFloorOf(address account) external view returns (uint256) {
        return _accounts[_numbers[account]].signedFloor();
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
        return _accounts[_numbers[account]].has(buying ? MAY_NOT_BUY : MAY_NOT_SELL);
    }

    /// @inheritdoc ISettlement
    function queuedWithdrawal(uint256 id) external view returns (QueuedWithdrawal memory) {
        return _queued(id);
    }

    /// @inheritdoc ISettlement
    function withdrawalCount() external view returns (uint256) {
        return _withdrawalCount;
    }

    /// @inheritdoc ISettlement
    function availableOutflow() public view returns (uint256) {
        return Math.saturatingSub(_outflowLimit, _outflowCounted());
    }

    /// @inheritdoc ISettlement
    function outflowLimit() external view returns (uint256) {
        return _outflowLimit;
    }

    /// @inheritdoc ISettlement
    function protocolFeeBps() external view returns (uint256) {
        return _protocolFeeBps;
    }

    /// @inheritdoc ISettlement
    function gridFeePerKwh() external view returns (uint256) {
        return _gridFeePerKwh;
    }

    /// @inheritdoc ISettlement
    function treasuryOwed() external view returns (uint256 fees, uint256 gridRevenue) {
        return (_feesOwed, _gridRevenueOwed);
    }

    /* INTERNAL: MONEY */

    /// @dev Credits the received amount, not the sent one.
    function _deposit(address payer, address account, uint256 amount) internal returns (uint256 received) {
        _requireRunning();
        received = _receive(payer, amount);
        _credit(_openAccount(account), received);
        emit Deposited(payer, account, received);
    }

    /// @dev Transfers `amount` and returns the received amount.
    function _receive(address payer, uint256 amount) private returns (uint256 received) {
        uint256 before = settlementToken.balanceOf(address(this));
        settlementToken.safeTransferFrom(payer, address(this), amount);
        received = settlementToken.balanceOf(address(this)) - before;
        // slither-disable-next-line incorrect-equality: 0 means nothing was received
        if (received == 0) revert Settlement_ZeroAmount();
    }

    function _pay(address account, address to, uint256 amount) private {
        settlementToken.safeTransfer(to, amount);
        emit Withdrawn(account, to, amount);
    }

    function _credit(uint256 number, uint256 amount) private {
        AccountWord word = _accounts[number];
        _store(number, word, word.available() + amount, word.locked());
    }

    /// @dev Stores an account that has received money. The money repays a debt first, so an account never has both.
    /// Otherwise a debtor could move its money out through an order that it lets fail.
    function _store(uint256 number, AccountWord word, uint256 available, uint256 locked) internal {
        if (word.has(IN_DEBT)) {
            uint256 paid = Math.min(_debts[number], available);
            word = _reduceDebt(number, word, paid);
            available -= paid;
        }
        _accounts[number] = word.withMoney(available, locked);
    }

    /// @dev The word after a payment on its debt; the caller stores it.
    function _reduceDebt(uint256 number, AccountWord word, uint256 paid) private returns (AccountWord) {
        // slither-disable-next-line incorrect-equality: 0 means nothing to move
        if (paid == 0) return word;
        uint256 rest = _debts[number] - paid;
        _debts[number] = rest;
        _gridRevenueOwed += paid.toUint128();
        emit DebtRepaid(_holders[number], paid, rest);
        return word.withFlag(IN_DEBT, rest != 0);
    }

    /// @dev The word after `amount` has left its available money; the caller stores it.
    function _take(uint256 number, AccountWord word, uint256 amount) internal view returns (AccountWord) {
        _requireAvailable(number, word, amount);
        return word.withMoney(word.available() - amount, word.locked());
    }

    function _requireAvailable(uint256 number, AccountWord word, uint256 amount) internal view {
        if (word.available() < amount) {
            revert Settlement_InsufficientBalance(_holders[number], word.available(), amount);
        }
    }

    /// @dev Credits a seller a payment less the fees, which never exceed it.
    function _paySeller(uint256 seller, uint256 paid, uint256 gridFeeDue)
        internal
        returns (uint256 protocolFee, uint256 gridFee)
    {
        protocolFee = Costs.shareDown(paid, _protocolFeeBps);
        gridFee = Math.min(gridFeeDue, paid - protocolFee);
        _credit(seller, paid - protocolFee - gridFee);
        if (protocolFee + gridFee > 0) _feesOwed += (protocolFee + gridFee).toUint128();
    }

    /// @dev Charges for grid energy; what the account cannot pay becomes its debt.
    function _charge(address account, uint256 number, uint256 cost) internal returns (uint256 paid) {
        AccountWord word = _accounts[number];
        paid = Math.min(cost, word.available());
        _accounts[number] = _take(number, word, paid).withFlag(IN_DEBT, word.has(IN_DEBT) || paid < cost);
        _gridRevenueOwed += paid.toUint128();
        if (paid < cost) {
            _debts[number] += cost - paid;
            emit DebtIncurred(account, cost - paid, _debts[number]);
        }
    }

    function _setOutflowLimit(uint256 limit) private {
        // The outflow counted until now decays at the old limit's rate.
        _outflowUsed = _outflowCounted().toUint104();
        _outflowUpdated = uint40(block.timestamp);
        _outflowLimit = limit.toUint104();
        emit OutflowLimitSet(limit);
    }

    function _outflowCounted() private view returns (uint256) {
        return RateLimiter.decayed(_outflowUsed, block.timestamp - _outflowUpdated, _outflowLimit, OUTFLOW_WINDOW);
    }

    function _queued(uint256 id) private view returns (QueuedWithdrawal memory queued) {
        queued = _withdrawals[id];
        if (queued.account == address(0)) revert Settlement_NoSuchWithdrawal(id);
    }

    /* INTERNAL: ACCOUNTS */

    function _numberOf(address account) internal view returns (uint256 number) {
        number = _numbers[account];
        if (number == 0) revert Settlement_UnknownAccount(account);
    }

    function _openAccount(address account) internal returns (uint256 number) {
        number = _numbers[account];
        if (number != 0) return number;
        if (account == address(0) || account == address(this)) revert Settlement_BadRecipient(account);
        number = ++_accountCount;
        _numbers[account] = number;
        _holders[number] = account;
        emit AccountOpened(account, number);
    }
}
