// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
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
import {AccountWord, AccountWordLibrary, MAY_NOT_BUY, MAY_NOT_SELL} from "../types/AccountWord.sol";
import {AgreedWord, GAP_OPEN} from "../types/AgreedWord.sol";
import {OwedWord} from "../types/OwedWord.sol";
import {TariffWord} from "../types/TariffWord.sol";
import {GridAccount} from "./GridAccount.sol";

/// @title Vault
/// @notice The part of {ISettlement} about accounts, and about what comes in and goes out: money, and credits as
/// EnergyToken; comments here are for maintainers.
/// @dev Every function that transfers the settlement token is `nonReentrant`, so a token with hooks sees the accounts
/// either before or after a transfer.
abstract contract Vault is GridAccount, EmergencyStop, Relayed, ReentrancyGuardTransient {
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
    // Thousandths of a base unit.
    uint256 internal constant EXACT = 1000;
    uint256 private constant MAX_HOLDINGS = type(uint88).max / EXACT;
    uint256 private constant HOME_REGION = 1;

    IERC20 public immutable settlementToken;
    IEnergyToken public immutable energyToken;
    uint256 public immutable SLOT_LENGTH;
    uint256 public immutable OUTFLOW_WINDOW;
    uint256 public immutable WITHDRAWAL_DELAY;
    uint256 public immutable ALLOWANCE;
    uint256 public immutable ALLOWANCE_CAP;

    /* STORAGE */

    // 13 + 4 + 8 = 25 bytes
    uint104 private _outflowLimit;
    uint32 private _accountCount;
    uint64 private _withdrawalCount;

    // 13 + 5 = 18 bytes each
    Outflow private _outflow;
    Outflow private _allowances;

    mapping(uint256 number => Outflow) private _allowanceOf;
    mapping(address account => uint256 number) internal _numbers;
    mapping(uint256 number => uint256 money) internal _securities;
    // The days on which a choice of {setKeeps} began to hold; the first one is to keep.
    mapping(uint256 number => uint16[] days_) private _keepsChanges;
    mapping(uint256 id => QueuedWithdrawal withdrawal) private _withdrawals;

    /* CONSTRUCTOR */

    constructor(
        address authority_,
        IERC20 token,
        Modules memory modules,
        Parameters memory parameters,
        uint256 outflowLimit_
    ) EmergencyStop(authority_) Relayed(modules.forwarder) GridAccount(modules.energy, modules.tariffs) {
        if (parameters.outflowWindow == 0) revert Settlement_BadParameter("outflowWindow", 0);
        if (parameters.withdrawalDelay > MAX_WITHDRAWAL_DELAY) {
            revert Settlement_BadParameter("withdrawalDelay", parameters.withdrawalDelay);
        }
        if (parameters.allowance > parameters.allowanceCap) {
            revert Settlement_BadParameter("allowance", parameters.allowance);
        }
        settlementToken = token;
        energyToken = modules.energyToken;
        SLOT_LENGTH = parameters.slotLength;
        OUTFLOW_WINDOW = parameters.outflowWindow;
        WITHDRAWAL_DELAY = parameters.withdrawalDelay;
        ALLOWANCE = parameters.allowance;
        ALLOWANCE_CAP = parameters.allowanceCap.toUint104();
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
        try IERC20Permit(address(settlementToken)).permit(holder, address(this), amount, deadline, v, r, s) {}
            catch {}
        return _deposit(holder, holder, amount);
    }

    /// @inheritdoc ISettlement
    function withdraw(uint256 amount, address to) external nonReentrant returns (uint256 withdrawalId) {
        if (amount == 0) revert Settlement_ZeroAmount();
        if (to == address(0) || to == address(this)) revert Settlement_BadRecipient(to);
        address holder = _holder();
        uint256 number = _numberOf(holder);
        AgreedWord state = _take(number, Math.saturatingMul(amount, EXACT));

        if (!_mayLeave(number, state, amount)) {
            withdrawalId = ++_withdrawalCount;
            uint256 executableAt = block.timestamp + WITHDRAWAL_DELAY;
            _withdrawals[withdrawalId] = QueuedWithdrawal(holder, to, amount, executableAt, false);
            emit WithdrawalQueued(withdrawalId, holder, to, amount, executableAt);
        } else {
            _payOut(holder, to, amount);
        }
    }

    /// @inheritdoc ISettlement
    function cancelWithdrawal(uint256 id) external {
        QueuedWithdrawal memory queued = queuedWithdrawal(id);
        if (queued.account != _holder()) revert Settlement_NotWithdrawalOwner(id, _holder());
        delete _withdrawals[id];
        _receive(_numbers[queued.account], queued.amount * EXACT);
        emit WithdrawalCancelled(id, queued.account, queued.amount);
    }

    /// @inheritdoc ISettlement
    function repayDebt(uint256 amount) external nonReentrant returns (uint256 paid) {
        address holder = _holder();
        uint256 debt = debtOf(_numberOf(holder));
        if (debt == 0) revert Settlement_NoDebt(holder);
        paid = _takeToken(holder, Math.min(amount, debt));
        _receive(_numbers[holder], paid * EXACT);
    }

    /// @inheritdoc ISettlement
    function setKeeps(bool keeps) external {
        address holder = _holder();
        uint256 number = _numberOf(holder);
        AccountWord word = _accounts[number];
        uint256 day = _today() + 1;
        if (keeps == word.keepsOn(day)) return;
        if (word.keepsFrom() == day) {
            word = word.withNextKeeps(keeps);
        } else {
            bool isPending = word.keepsFrom() > word.day() && word.keepsOn(word.day()) == keeps;
            if (isPending) revert Settlement_KeepsPending(holder, word.day(), word.keepsFrom());
            word = word.withKeeps(keeps, day);
        }
        uint16[] storage changes = _keepsChanges[number];
        if (changes.length != 0 && changes[changes.length - 1] == day) changes.pop();
        else changes.push(uint16(day));
        _accounts[number] = word;
        emit KeepsSet(holder, keeps, day);
    }

    /// @inheritdoc ISettlement
    function redeem(uint256 wh) external {
        address holder = _holder();
        uint256 number = _numberOf(holder);
        AccountWord word = _removeCredits(holder, _accounts[number], wh);
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

    /// @inheritdoc ISettlement
    function withdrawCredits(uint256 wh) external {
        address holder = _holder();
        uint256 number = _numberOf(holder);
        _take(number, 0);
        _accounts[number] = _removeCredits(holder, _accounts[number], wh);
        energyToken.mint(holder, wh);
        emit CreditsWithdrawn(holder, wh);
    }

    /// @inheritdoc ISettlement
    function depositCredits(uint256 wh) external {
        if (wh == 0) revert Settlement_ZeroAmount();
        address holder = _holder();
        uint256 number = _openAccount(holder);
        AccountWord word = _accounts[number];
        uint256 room = type(uint40).max - word.credits();
        if (wh > room) revert Settlement_CreditsFull(holder, room, wh);
        energyToken.burn(holder, wh);
        Grid memory grid = _openGrid();
        _receive(grid, number, word.withCredits(word.credits() + wh), 0, _today());
        _storeGrid(grid);
        emit CreditsDeposited(holder, wh);
    }

    /* ANYONE */

    /// @inheritdoc ISettlement
    function executeWithdrawal(uint256 id) external nonReentrant {
        QueuedWithdrawal memory queued = queuedWithdrawal(id);
        if (block.timestamp < queued.executableAt) revert Settlement_WithdrawalNotDue(id, queued.executableAt);
        delete _withdrawals[id];
        _payOut(queued.account, queued.to, queued.amount);
    }

    /// @inheritdoc ISettlement
    function fundGrid(uint256 amount) external nonReentrant {
        uint256 received = _takeToken(_holder(), amount);
        Grid memory grid = _openGrid();
        grid.cash += received * EXACT;
        _serve(grid);
        _storeGrid(grid);
        emit GridFunded(_holder(), received);
    }

    /* PRIVILEGED */

    /// @inheritdoc ISettlement
    function lengthenWithdrawal(uint256 id, uint256 seconds_) external restricted {
        QueuedWithdrawal memory queued = queuedWithdrawal(id);
        if (queued.lengthened) revert Settlement_AlreadyLengthened(id);
        if (seconds_ > MAX_LENGTHENING) revert Settlement_LengtheningTooLong(seconds_, MAX_LENGTHENING);
        _withdrawals[id].executableAt = queued.executableAt + seconds_;
        _withdrawals[id].lengthened = true;
        emit WithdrawalLengthened(id, queued.executableAt + seconds_);
    }

    /// @inheritdoc ISettlement
    function setOutflowLimit(uint256 limit) external restricted {
        _setOutflowLimit(limit);
    }

    /// @inheritdoc ISettlement
    function collect(uint256 amount, address to) external restricted nonReentrant {
        if (stopLevel() == StopLevel.PAUSED) revert EmergencyStop_Stopped(StopLevel.PAUSED);
        if (amount == 0) revert Settlement_ZeroAmount();
        if (to == address(0) || to == address(this)) revert Settlement_BadRecipient(to);
        Grid memory grid = _openGrid();
        uint256 available = _collectable(grid) / EXACT;
        if (amount > available) revert Settlement_CollectAbove(available, amount);
        available = availableOutflow();
        if (amount > available) revert Settlement_AboveOutflow(available, amount);
        _use(_outflow, _outflowLimit, amount);

        uint256 fees = Math.min(_protocolFees, amount * EXACT);
        uint256 revenue = amount * EXACT - fees;
        _protocolFees -= uint88(fees);
        grid.cash -= revenue;
        _storeGrid(grid);
        settlementToken.safeTransfer(to, amount);
        emit TreasuryCollected(to, fees, revenue);
    }

    /* VIEWS */

    /// @inheritdoc ISettlement
    function balanceOf(address account) external view returns (uint256) {
        return _accounts[_numbers[account]].free() / EXACT;
    }

    /// @inheritdoc ISettlement
    function availableOf(address account) external view returns (uint256) {
        uint256 number = _numbers[account];
        AccountWord word = _accounts[number];
        AgreedWord state = _stateOf(number);
        if (state.refusal() == GAP_OPEN) return 0;
        return Math.saturatingSub(word.free(), _held(number, word, state)) / EXACT;
    }

    /// @inheritdoc ISettlement
    function debtOf(address account) external view returns (uint256) {
        return debtOf(_numbers[account]);
    }

    /// @inheritdoc ISettlement
    function debtOf(uint256 number) public view returns (uint256) {
        return Math.ceilDiv(_owedOf(number, _accounts[number]).debt(), EXACT);
    }

    /// @inheritdoc ISettlement
    function creditsOf(address account) external view returns (uint256) {
        return _accounts[_numbers[account]].credits();
    }

    /// @inheritdoc ISettlement
    function signedFloorOf(address account) external view returns (uint256) {
        return _accounts[_numbers[account]].signedFloor();
    }

    /// @inheritdoc ISettlement
    function accountOf(address account) external view returns (Account memory) {
        uint256 number = _numbers[account];
        AccountWord word = _accounts[number];
        OwedWord owed = _owedOf(number, word);
        return Account({
            number: number,
            free: word.free(),
            debt: owed.debt(),
            receivable: owed.receivable(),
            security: _securities[number],
            credits: word.credits(),
            day: word.day(),
            deemed: word.deemed(),
            keeps: word.keepsOn(0),
            nextKeeps: word.keepsOn(type(uint256).max),
            keepsFrom: word.keepsFrom(),
            signedFloor: word.signedFloor()
        });
    }

    /// @inheritdoc ISettlement
    function cursorOf(uint256 number) external view returns (uint256) {
        return _accounts[number].day();
    }

    /// @inheritdoc ISettlement
    function keepsBetween(uint256 number, uint256 firstDay, uint256 lastDay) external view returns (bool) {
        uint16[] storage changes = _keepsChanges[number];
        uint256 count = changes.length;
        while (count > 0 && changes[count - 1] > lastDay) --count;
        // After an odd number of changes it keeps; before a change inside of the span it did if it does not after it.
        return count % 2 == 1 || (count > 0 && changes[count - 1] > firstDay);
    }

    /// @inheritdoc ISettlement
    function collectable() external view returns (uint256) {
        return _collectable(_openGrid()) / EXACT;
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
    function queuedWithdrawal(uint256 id) public view returns (QueuedWithdrawal memory queued) {
        queued = _withdrawals[id];
        if (queued.account == address(0)) revert Settlement_NoSuchWithdrawal(id);
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

    /// @dev Credits the received amount, not the sent one.
    function _deposit(address payer, address account, uint256 amount) internal returns (uint256 received) {
        _requireRunning();
        received = _takeToken(payer, amount);
        _receive(_openAccount(account), received * EXACT);
        emit Deposited(payer, account, received);
    }

    /// @dev Transfers `amount` and returns the received amount. All money of the contract fits every packed field.
    function _takeToken(address payer, uint256 amount) private returns (uint256 received) {
        uint256 before = settlementToken.balanceOf(address(this));
        settlementToken.safeTransferFrom(payer, address(this), amount);
        uint256 holdings = settlementToken.balanceOf(address(this));
        received = holdings - before;
        // slither-disable-next-line incorrect-equality: 0 means nothing was received
        if (received == 0) revert Settlement_ZeroAmount();
        if (holdings > MAX_HOLDINGS) revert Settlement_TooMuchMoney(holdings, MAX_HOLDINGS);
    }

    function _payOut(address account, address to, uint256 amount) private {
        settlementToken.safeTransfer(to, amount);
        emit Withdrawn(account, to, amount);
    }

    /// @dev Counts what leaves: within the outflow limit, or else within the allowance of a metered account.
    function _mayLeave(uint256 number, AgreedWord state, uint256 amount) private returns (bool) {
        if (amount <= availableOutflow()) {
            _use(_outflow, _outflowLimit, amount);
            return true;
        }
        uint256 slot = block.timestamp / SLOT_LENGTH;
        if (slot < state.meteredFrom() || slot >= state.meteredTo()) return false;
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

    function _setOutflowLimit(uint256 limit) private {
        // The outflow counted until now decays at the old limit's rate.
        _use(_outflow, _outflowLimit, 0);
        _outflowLimit = limit.toUint104();
        emit OutflowLimitSet(limit);
    }

    /// @dev Exact money that {collect} could pay out: without the value of credits, receivables, and the payments of
    /// the last days.
    function _collectable(Grid memory grid) private view returns (uint256) {
        uint256 today = _today();
        uint256 stays = _creditValueAt(today) * grid.credits + grid.owed;
        for (uint256 day = today - PAID_DAYS; day < today; ++day) stays += _paidFor[day];
        return _protocolFees + Math.saturatingSub(grid.cash, stays);
    }

    /* INTERNAL: ACCOUNTS */

    function _today() internal view returns (uint256) {
        return block.timestamp / 1 days;
    }

    function _regionOf(AgreedWord state) internal pure returns (uint256) {
        return state.region() == 0 ? HOME_REGION : state.region();
    }

    function _stateOf(uint256 number) internal view returns (AgreedWord) {
        return ENERGY.stateOf(number);
    }

    /// @dev The tariff of a day, and the dearest deficit from then until the last day.
    function _termsOf(AgreedWord state, uint256 day, uint256 lastDay)
        internal
        view
        returns (TariffWord first, uint256 dearest)
    {
        return TARIFFS.termsOf(_regionOf(state), day, lastDay);
    }

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
        _accounts[number] = AccountWordLibrary.opened(_today());
        emit AccountOpened(account, number);
    }

    /// @dev The word without `wh` credits; the caller stores it.
    function _removeCredits(address holder, AccountWord word, uint256 wh) private pure returns (AccountWord) {
        if (wh == 0) revert Settlement_ZeroAmount();
        if (wh > word.credits()) revert Settlement_CreditsMissing(holder, word.credits(), wh);
        return word.withCredits(word.credits() - wh);
    }

    /// @dev Debits free money that an account can dispose of, unless its readings have a gap.
    function _take(uint256 number, uint256 money) internal returns (AgreedWord state) {
        state = _stateOf(number);
        if (state.refusal() == GAP_OPEN) revert Settlement_GapOpen(_holders[number]);
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
    function _held(uint256 number, AccountWord word, AgreedWord state) private view returns (uint256) {
        uint256 openDays = _openDays(word, state);
        uint256 held = _owedOf(number, word).debt() + state.pending();
        if (openDays == 0) return held;
        (, uint256 dearest) = _termsOf(state, _today(), _today());
        return held + openDays * word.deemed() * dearest;
    }

    /// @dev Days that are not closed, today included, and for which a meter speaks.
    function _openDays(AccountWord word, AgreedWord state) internal view returns (uint256) {
        uint256 daySlots = 1 days / SLOT_LENGTH;
        uint256 first = Math.max(word.day(), state.meteredFrom() / daySlots);
        return Math.saturatingSub(Math.min(_today() + 1, state.meteredTo() / daySlots), first);
    }
}
