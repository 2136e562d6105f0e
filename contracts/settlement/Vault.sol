// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {EmergencyStop} from "../access/EmergencyStop.sol";
import {Relayed} from "../access/Relayed.sol";
import {IEnergyToken} from "../interfaces/IEnergyToken.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {RateLimiter} from "../libraries/RateLimiter.sol";
import {AccountWord} from "../types/AccountWord.sol";
import {AgreedWord} from "../types/AgreedWord.sol";
import {MarketAccounts} from "./MarketAccounts.sol";

/// @title Vault
/// @notice The part of {ISettlement} about what comes in and goes out: money, and credits as
/// EnergyToken; comments here are for maintainers.
/// @dev Every function that transfers the settlement token is `nonReentrant`, so a token with hooks sees the accounts
/// either before or after a transfer.
abstract contract Vault is MarketAccounts, EmergencyStop, Relayed, ReentrancyGuardTransient {
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    /// @dev What has gone out and still counts against a limit, see {RateLimiter}.
    struct Outflow {
        uint104 used;
        uint40 updated;
    }

    /* CONSTANTS AND IMMUTABLES */

    uint256 private constant MAX_WITHDRAWAL_DELAY = 30 days;
    uint256 private constant MAX_LENGTHENING = 7 days;
    // Days whose payments {collect} leaves in the grid account.
    uint256 private constant PAID_DAYS = 7;
    uint256 private constant MAX_HOLDINGS = type(uint88).max / EXACT;
    // Money is not counted finer than in so many decimals: its prices have 32 bits.
    uint256 private constant MAX_DECIMALS = 6;

    IERC20 public immutable settlementToken;
    uint256 public immutable TOKEN_UNITS;
    IEnergyToken public immutable energyToken;
    uint256 public immutable OUTFLOW_WINDOW;
    uint256 public immutable WITHDRAWAL_DELAY;
    uint256 public immutable ALLOWANCE;
    uint256 public immutable ALLOWANCE_CAP;

    /* STORAGE */

    uint256 private _outflowLimit;
    uint256 private _withdrawalCount;

    // 13 + 5 = 18 bytes each
    Outflow private _outflow;
    Outflow private _allowances;

    mapping(uint256 number => Outflow outflow) private _allowanceOf;
    mapping(uint256 id => QueuedWithdrawal withdrawal) private _withdrawals;

    /* CONSTRUCTOR */

    constructor(
        address authority_,
        IERC20 token,
        Modules memory modules,
        Parameters memory parameters,
        uint256 outflowLimit_
    ) EmergencyStop(authority_) Relayed(modules.forwarder) MarketAccounts(modules, parameters.slotLength) {
        if (parameters.outflowWindow == 0) revert Settlement_BadParameter("outflowWindow", 0);
        if (parameters.withdrawalDelay > MAX_WITHDRAWAL_DELAY) {
            revert Settlement_BadParameter("withdrawalDelay", parameters.withdrawalDelay);
        }
        if (parameters.allowance > parameters.allowanceCap) {
            revert Settlement_BadParameter("allowance", parameters.allowance);
        }
        settlementToken = token;
        uint256 decimals = IERC20Metadata(address(token)).decimals();
        TOKEN_UNITS = decimals > MAX_DECIMALS ? 10 ** (decimals - MAX_DECIMALS) : 1;
        energyToken = modules.energyToken;
        OUTFLOW_WINDOW = parameters.outflowWindow;
        WITHDRAWAL_DELAY = parameters.withdrawalDelay;
        ALLOWANCE = parameters.allowance;
        ALLOWANCE_CAP = parameters.allowanceCap;
        _setOutflowLimit(outflowLimit_);
    }

    /* ACCOUNT HOLDERS */

    /// @inheritdoc ISettlement
    function deposit(uint256 amount) external nonReentrant returns (uint256) {
        return _deposit(_holder(), _holder(), amount);
    }

    /// @inheritdoc ISettlement
    function depositFor(address account, uint256 amount) external nonReentrant returns (uint256) {
        return _deposit(_holder(), account, amount);
    }

    /// @inheritdoc ISettlement
    function depositWithPermit(uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
        nonReentrant
        returns (uint256)
    {
        address holder = _holder();
        // Another account may have seen this permit in the mempool and sent it first; then the allowance exists. If it
        // does not, the transfer below reverts.
        try IERC20Permit(address(settlementToken)).permit(holder, address(this), _tokens(amount), deadline, v, r, s) {}
            catch {}
        return _deposit(holder, holder, amount);
    }

    /// @inheritdoc ISettlement
    function withdraw(uint256 amount, address to) external nonReentrant returns (uint256 withdrawalId) {
        _requireAmount(amount);
        _requireRecipient(to);
        (address holder, uint256 number) = _caller();
        AgreedWord state = _take(number, Math.saturatingMul(amount, EXACT));

        if (!_mayLeave(number, state, amount)) {
            withdrawalId = ++_withdrawalCount;
            uint256 executableAt = block.timestamp + WITHDRAWAL_DELAY;
            QueuedWithdrawal storage queued = _withdrawals[withdrawalId];
            (queued.account, queued.to, queued.amount, queued.executableAt) = (holder, to, amount, executableAt);
            emit WithdrawalQueued(withdrawalId, holder, to, amount, executableAt);
        } else {
            _payOut(holder, to, amount);
        }
    }

    /// @inheritdoc ISettlement
    function cancelWithdrawal(uint256 id) external {
        QueuedWithdrawal storage queued = _queued(id);
        (address holder, uint256 number) = _caller();
        if (queued.account != holder) revert Settlement_NotWithdrawalOwner(id, holder);
        uint256 amount = queued.amount;
        delete _withdrawals[id];
        unchecked {
            _receive(number, amount * EXACT);
        }
        emit WithdrawalCancelled(id, holder, amount);
    }

    /// @inheritdoc ISettlement
    function repayDebt(uint256 amount) external nonReentrant returns (uint256 paid) {
        (address holder, uint256 number) = _caller();
        uint256 debt = _debtOf(number);
        // slither-disable-next-line incorrect-equality: nothing is owed
        if (debt == 0) revert Settlement_NoDebt(holder);
        paid = _put(holder, holder, Math.min(amount, debt));
    }

    /// @inheritdoc ISettlement
    function setKeeps(bool keeps) external {
        (address holder, uint256 number) = _caller();
        AccountWord word = _accounts[number];
        uint256 day = _today() + 1;
        // slither-disable-next-line incorrect-equality: choices
        if (keeps == word.keepsOn(day)) return;
        // slither-disable-next-line incorrect-equality: numbers of days
        if (word.keepsFrom() == day) {
            word = word.withNextKeeps(keeps);
        } else {
            bool isPending = word.keepsFrom() > word.day() && word.keepsOn(word.day()) == keeps;
            if (isPending) revert Settlement_KeepsPending(holder, word.day(), word.keepsFrom());
            word = word.withKeeps(keeps, day);
        }
        uint256 changes = _keepsChanges[number];
        // slither-disable-next-line incorrect-equality: numbers of days
        _keepsChanges[number] = uint16(changes) == day
            ? (changes >> DAY_BITS) | (changes >> OLDEST_AT << OLDEST_AT)
            : (changes << DAY_BITS) | day;
        _accounts[number] = word;
        emit KeepsSet(holder, keeps, day);
    }

    /// @inheritdoc ISettlement
    function redeem(uint256 wh) external {
        unchecked {
            (address holder, uint256 number) = _caller();
            _requireAmount(wh);
            AccountWord word = _withoutCredits(number, _accounts[number], wh);
            uint256 money = wh * _creditValueAt(_today());
            Grid memory grid = _openGrid();
            // What receivables wait for is not there for this.
            uint256 cash = Math.saturatingSub(grid.cash, grid.owed);
            if (money > cash) revert Settlement_GridAccountShort(cash / EXACT, Math.ceilDiv(money, EXACT));
            grid.cash -= money;
            grid.credits -= wh;
            _receive(grid, number, word, money, WITHOUT_CREDITS);
            _storeGrid(grid);
            emit CreditsRedeemed(holder, wh, money);
        }
    }

    /// @inheritdoc ISettlement
    function withdrawCredits(uint256 wh) external {
        (address holder, uint256 number) = _caller();
        _requireAmount(wh);
        // slither-disable-next-line unused-return: called for its checks
        _take(number, 0);
        _accounts[number] = _withoutCredits(number, _accounts[number], wh);
        energyToken.mint(holder, wh);
    }

    /// @inheritdoc ISettlement
    function depositCredits(uint256 wh) external {
        _requireAmount(wh);
        address holder = _holder();
        uint256 number = _openAccount(holder);
        AccountWord word = _accounts[number];
        uint256 room = type(uint40).max - word.credits();
        if (wh > room) revert Settlement_CreditsFull(holder, room, wh);
        // slither-disable-next-line reentrancy-no-eth: EnergyToken calls nobody
        energyToken.burn(holder, wh);
        Grid memory grid = _openGrid();
        _receive(grid, number, word.withCredits(word.credits() + wh), 0, _today());
        _storeGrid(grid);
    }

    /* ANYONE */

    /// @inheritdoc ISettlement
    function executeWithdrawal(uint256 id) external nonReentrant {
        QueuedWithdrawal storage queued = _queued(id);
        if (block.timestamp < queued.executableAt) revert Settlement_WithdrawalNotDue(id, queued.executableAt);
        (address account, address to, uint256 amount) = (queued.account, queued.to, queued.amount);
        delete _withdrawals[id];
        _payOut(account, to, amount);
    }

    /// @inheritdoc ISettlement
    function fundGrid(uint256 amount) external nonReentrant {
        uint256 received = _takeToken(_holder(), amount);
        Grid memory grid = _openGrid();
        unchecked {
            grid.cash += received * EXACT;
        }
        _serve(grid);
        _storeGrid(grid);
        emit GridFunded(_holder(), received);
    }

    /* PRIVILEGED */

    /// @inheritdoc ISettlement
    function lengthenWithdrawal(uint256 id, uint256 seconds_) external restricted {
        QueuedWithdrawal storage queued = _queued(id);
        if (queued.lengthened) revert Settlement_AlreadyLengthened(id);
        if (seconds_ > MAX_LENGTHENING) revert Settlement_LengtheningTooLong(seconds_, MAX_LENGTHENING);
        queued.executableAt += seconds_;
        queued.lengthened = true;
        emit WithdrawalLengthened(id, queued.executableAt);
    }

    /// @inheritdoc ISettlement
    function setOutflowLimit(uint256 limit) external restricted {
        _setOutflowLimit(limit);
    }

    /// @inheritdoc ISettlement
    function collect(uint256 amount, address to) external restricted nonReentrant {
        unchecked {
            if (stopLevel() == StopLevel.PAUSED) revert EmergencyStop_Stopped(StopLevel.PAUSED);
            _requireAmount(amount);
            _requireRecipient(to);
            Grid memory grid = _openGrid();
            uint256 available = _collectable(grid) / EXACT;
            if (amount > available) revert Settlement_CollectAbove(available, amount);
            available = availableOutflow();
            if (amount > available) revert Settlement_AboveOutflow(available, amount);
            _use(_outflow, _outflowLimit, amount);

            uint256 fees = Math.min(_protocolFees, amount * EXACT);
            uint256 revenue = amount * EXACT - fees;
            _protocolFees -= fees;
            grid.cash -= revenue;
            _storeGrid(grid);
            _send(to, amount);
            emit TreasuryCollected(to, fees, revenue);
        }
    }

    /* VIEWS */

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
        return _left(_outflow, _outflowLimit);
    }

    /// @inheritdoc ISettlement
    function outflowLimit() external view returns (uint256) {
        return _outflowLimit;
    }

    /* INTERNAL: TOKENS */

    function _requireAmount(uint256 amount) internal pure {
        // slither-disable-next-line incorrect-equality: 0 means nothing was asked for, or received
        if (amount == 0) revert Settlement_ZeroAmount();
    }

    function _deposit(address payer, address account, uint256 amount) internal returns (uint256) {
        _requireRunning();
        return _put(payer, account, amount);
    }

    /// @dev Credits the received amount, not the sent one.
    function _put(address payer, address account, uint256 amount) private returns (uint256 received) {
        received = _takeToken(payer, amount);
        unchecked {
            _receive(_openAccount(account), received * EXACT);
        }
        emit Deposited(payer, account, received);
    }

    /// @dev Transfers `amount` and returns the received amount. All money of the contract fits every packed field.
    function _takeToken(address payer, uint256 amount) private returns (uint256 received) {
        uint256 before = _holdings();
        settlementToken.safeTransferFrom(payer, address(this), _tokens(amount));
        uint256 holdings = _holdings();
        received = holdings - before;
        _requireAmount(received);
        if (holdings > MAX_HOLDINGS) revert Settlement_TooMuchMoney(holdings, MAX_HOLDINGS);
    }

    function _tokens(uint256 amount) private view returns (uint256) {
        return amount * TOKEN_UNITS;
    }

    function _holdings() private view returns (uint256) {
        return settlementToken.balanceOf(address(this)) / TOKEN_UNITS;
    }

    /// @dev A token that takes more than it transfers would pay one account with the money of others.
    function _send(address to, uint256 amount) private {
        uint256 before = _holdings();
        settlementToken.safeTransfer(to, _tokens(amount));
        unchecked {
            uint256 taken = before - _holdings();
            if (taken > amount) revert Settlement_TokenTookMore(amount, taken);
        }
    }

    function _payOut(address account, address to, uint256 amount) private {
        _send(to, amount);
        emit Withdrawn(account, to, amount);
    }

    /// @dev Counts what leaves: within the outflow limit, or else within the allowance of a metered account.
    function _mayLeave(uint256 number, AgreedWord state, uint256 amount) private returns (bool) {
        if (amount <= availableOutflow()) {
            _use(_outflow, _outflowLimit, amount);
            return true;
        }
        if (!state.isMetered(_today())) return false;
        Outflow storage own = _allowanceOf[number];
        if (amount > _left(own, ALLOWANCE) || amount > _left(_allowances, ALLOWANCE_CAP)) return false;
        _use(own, ALLOWANCE, amount);
        _use(_allowances, ALLOWANCE_CAP, amount);
        return true;
    }

    function _counted(Outflow storage outflow, uint256 limit) private view returns (uint256) {
        return RateLimiter.decayed(outflow.used, block.timestamp - outflow.updated, limit, OUTFLOW_WINDOW);
    }

    function _left(Outflow storage outflow, uint256 limit) private view returns (uint256) {
        return Math.saturatingSub(limit, _counted(outflow, limit));
    }

    function _use(Outflow storage outflow, uint256 limit, uint256 amount) private {
        outflow.used = (_counted(outflow, limit) + amount).toUint104();
        outflow.updated = uint40(block.timestamp);
    }

    function _queued(uint256 id) private view returns (QueuedWithdrawal storage queued) {
        queued = _withdrawals[id];
        if (queued.account == address(0)) revert Settlement_NoSuchWithdrawal(id);
    }

    function _setOutflowLimit(uint256 limit) private {
        // The outflow counted until now decays at the old limit's rate.
        _use(_outflow, _outflowLimit, 0);
        _outflowLimit = limit;
        emit OutflowLimitSet(limit);
    }

    /// @dev Exact money that {collect} could pay out: without the value of credits, receivables, and the payments of
    /// the last days.
    function _collectable(Grid memory grid) private view returns (uint256) {
        unchecked {
            uint256 today = _today();
            uint256 stays = _creditValueAt(today) * grid.credits + grid.owed;
            for (uint256 day = today - PAID_DAYS; day < today; ++day) {
                stays += _paidFor[day];
            }
            return _protocolFees + Math.saturatingSub(grid.cash, stays);
        }
    }

    function _caller() private view returns (address holder, uint256 number) {
        holder = _holder();
        number = _numberOf(holder);
    }
}
