// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {EmergencyStop} from "../access/EmergencyStop.sol";
import {IEnergyToken} from "../interfaces/IEnergyToken.sol";
import {IGridManagement} from "../interfaces/IGridManagement.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {Costs} from "../libraries/Costs.sol";
import {RateLimiter} from "../libraries/RateLimiter.sol";
import {Slots} from "../libraries/Slots.sol";
import {AccountWord, IN_DEBT, MAY_NOT_BUY, MAY_NOT_SELL} from "../types/AccountWord.sol";
import {SlotWord} from "../types/SlotWord.sol";
import {Energy, Price} from "../types/Units.sol";

/// @title Settlement
/// @notice See {ISettlement}; comments here are for maintainers.
/// @dev Every function that moves tokens is `nonReentrant`, so a token with hooks finds the ledger either before or
/// after a move. Modules are immutables: checking the caller costs no storage access, and nobody can swap one.
contract Settlement is ISettlement, EmergencyStop, ReentrancyGuardTransient {
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    /* CONSTANTS AND IMMUTABLES */

    uint256 private constant MAX_PROTOCOL_FEE_BPS = 100;
    uint256 private constant MAX_GRACE = 7 days;
    uint256 private constant MAX_WITHDRAWAL_DELAY = 30 days;
    uint256 private constant MAX_LENGTHENING = 7 days;

    IERC20 public immutable settlementToken;
    IEnergyToken public immutable energyToken;
    IGridManagement public immutable gridModule;
    address public immutable tradingModule;
    address public immutable spotModule;
    address public immutable meterModule;
    uint256 public immutable SLOT_LENGTH;
    uint256 public immutable GRACE;
    uint256 public immutable OUTFLOW_WINDOW;
    uint256 public immutable WITHDRAWAL_DELAY;
    uint256 public immutable MAX_GRID_FEE_PER_KWH;

    /* STORAGE */

    // slot 0, after EmergencyStop's 22 bytes: 2 + 8 = 10 bytes
    uint16 private _protocolFeeBps;
    uint64 private _gridFeePerKwh;

    // slot 1: 13 + 13 + 5 = 31 bytes
    uint104 private _outflowLimit;
    uint104 private _outflowUsed;
    uint40 private _outflowUpdated;

    // slot 2: 16 + 16 = 32 bytes
    uint128 private _feesOwed;
    uint128 private _gridRevenueOwed;

    // slot 3: 4 + 8 = 12 bytes
    uint32 private _accountCount;
    uint64 private _withdrawalCount;

    mapping(address account => uint256 number) private _numbers;
    mapping(uint256 number => address account) private _holders;
    mapping(uint256 number => AccountWord word) private _accounts;
    mapping(uint256 number => uint256 money) private _debts;
    mapping(uint256 number => mapping(uint256 slot => SlotWord word)) private _slots;
    mapping(uint256 id => QueuedWithdrawal withdrawal) private _withdrawals;

    /* CONSTRUCTOR */

    constructor(
        address authority_,
        IERC20 token,
        Modules memory modules,
        Parameters memory parameters,
        uint256 outflowLimit_
    ) EmergencyStop(authority_) {
        if (parameters.slotLength != Slots.QUARTER && parameters.slotLength != Slots.HOUR) {
            revert Settlement_BadParameter("slotLength", parameters.slotLength);
        }
        if (parameters.grace == 0 || parameters.grace > MAX_GRACE) {
            revert Settlement_BadParameter("grace", parameters.grace);
        }
        if (parameters.outflowWindow == 0) revert Settlement_BadParameter("outflowWindow", 0);
        if (parameters.withdrawalDelay > MAX_WITHDRAWAL_DELAY) {
            revert Settlement_BadParameter("withdrawalDelay", parameters.withdrawalDelay);
        }
        settlementToken = token;
        energyToken = modules.energyToken;
        gridModule = modules.grid;
        tradingModule = modules.trading;
        spotModule = modules.spot;
        meterModule = modules.meter;
        SLOT_LENGTH = parameters.slotLength;
        GRACE = parameters.grace;
        OUTFLOW_WINDOW = parameters.outflowWindow;
        WITHDRAWAL_DELAY = parameters.withdrawalDelay;
        MAX_GRID_FEE_PER_KWH = parameters.maxGridFeePerKwh.toUint64();
        _setOutflowLimit(outflowLimit_);
    }

    /* MODIFIERS */

    modifier onlyModule(address module) {
        if (msg.sender != module) revert Settlement_OnlyModule(msg.sender);
        _;
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
        // Whoever saw this permit in the mempool may have sent it first: then the allowance is there, and its absence
        // shows in the transfer below.
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
        // A token with hooks may have closed a slot meanwhile: the debt is what it is now.
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

    /// @inheritdoc ISettlement
    function closeSlot(address account, uint256 slot) external {
        uint256 number = _numberOf(account);
        if (_slots[number][slot].isClosed()) revert Settlement_SlotClosed(account, slot);
        _closeSlot(account, number, slot);
    }

    /// @inheritdoc ISettlement
    function closeSlots(address account, uint256[] calldata slots) external {
        uint256 number = _numberOf(account);
        for (uint256 i = 0; i < slots.length; ++i) {
            if (!_slots[number][slots[i]].isClosed()) _closeSlot(account, number, slots[i]);
        }
    }

    /* MODULES */

    /// @inheritdoc ISettlement
    function openAccount(address account) external onlyModule(meterModule) returns (uint256) {
        return _openAccount(account);
    }

    /// @inheritdoc ISettlement
    function lock(uint256 number, uint256 amount, bool buying) external onlyModule(tradingModule) {
        AccountWord word = _accounts[number];
        if (word.has(buying ? MAY_NOT_BUY : MAY_NOT_SELL)) revert Settlement_SideBlocked(_holders[number], buying);
        if (buying && word.has(IN_DEBT)) revert Settlement_InDebt(_holders[number], _debts[number]);
        _requireAvailable(number, word, amount);
        _accounts[number] = word.withMoney(word.available() - amount, word.locked() + amount);
    }

    /// @inheritdoc ISettlement
    function unlock(uint256 number, uint256 amount) external onlyModule(tradingModule) {
        AccountWord word = _accounts[number];
        _store(number, word, word.available() + amount, word.locked() - amount);
    }

    /// @inheritdoc ISettlement
    function deliver(Delivery calldata delivery)
        external
        onlyModule(tradingModule)
        returns (uint256 amount, uint256 doneSlots)
    {
        Energy owed = Energy.wrap(delivery.owed);
        Energy left = owed;
        for (uint256 slot = delivery.fromSlot; slot < delivery.toSlot; ++slot) {
            // Nothing is metered in slots to come, and nothing is left to look for once all is delivered.
            if (slot * SLOT_LENGTH > block.timestamp || Energy.unwrap(left) == 0) break;
            left = left - _deliverSlot(delivery.seller, delivery.buyer, slot, left);
            bool isNextDone = slot == delivery.fromSlot + doneSlots;
            if (isNextDone && Slots.isFinal(slot, SLOT_LENGTH, GRACE, block.timestamp)) ++doneSlots;
        }
        amount = Energy.unwrap(owed - left);
        if (amount > 0) _payDelivery(delivery, Energy.wrap(amount));
    }

    /// @inheritdoc ISettlement
    function finish(Ending calldata ending) external onlyModule(tradingModule) {
        AccountWord buyer = _accounts[ending.buyer];
        _store(
            ending.buyer, buyer, buyer.available() + ending.refund + ending.compensation, buyer.locked() - ending.refund
        );
        AccountWord seller = _accounts[ending.seller];
        _store(
            ending.seller,
            seller,
            seller.available() + ending.collateral,
            seller.locked() - ending.collateral - ending.compensation
        );
        if (ending.failed) gridModule.noteFailedDelivery(_holders[ending.seller]);
    }

    /// @inheritdoc ISettlement
    function payOnTheSpot(address buyer, address seller, uint256 amount, uint256 price)
        external
        onlyModule(spotModule)
        returns (uint256 paid)
    {
        uint256 number = _numberOf(buyer);
        AccountWord word = _accounts[number];
        if (word.has(IN_DEBT)) revert Settlement_InDebt(buyer, _debts[number]);
        Energy energy = Energy.wrap(amount);
        paid = Costs.costUp(energy, Price.wrap(price));
        _accounts[number] = _take(number, word, paid);
        uint256 gridFee = Costs.costDown(energy, Price.wrap(_gridFeePerKwh));
        uint256 protocolFee;
        (protocolFee, gridFee) = _paySeller(_openAccount(seller), paid, gridFee);
        emit SpotPaid(seller, buyer, paid, protocolFee, gridFee);
    }

    /// @inheritdoc ISettlement
    /// @dev The meter takes no readings of a final slot, so the slot cannot be closed.
    function recordMetered(uint256 number, uint256 slot, uint256 produced, uint256 consumed, bool atSlotEnd)
        external
        onlyModule(meterModule)
    {
        mapping(uint256 slot => SlotWord word) storage slots = _slots[number];
        SlotWord word = slots[slot].addMetered(Energy.wrap(produced), Energy.wrap(consumed));
        slots[slot] = atSlotEnd ? word.countAtEnd() : word;
    }

    /// @inheritdoc ISettlement
    function depositFrom(address payer, address account, uint256 amount)
        external
        nonReentrant
        onlyModule(address(gridModule))
        returns (uint256)
    {
        return _deposit(payer, account, amount);
    }

    /// @inheritdoc ISettlement
    /// @dev The slot is the running one, so it cannot be closed.
    function buyFromGrid(address account, uint256 slot, uint256 amount, uint256 cost)
        external
        onlyModule(address(gridModule))
    {
        _requireRunning();
        uint256 number = _numberOf(account);
        _accounts[number] = _take(number, _accounts[number], cost);
        _slots[number][slot] = _slots[number][slot].addBought(Energy.wrap(amount));
        _gridRevenueOwed += cost.toUint128();
        emit GridEnergyBought(account, slot, amount, cost);
    }

    /// @inheritdoc ISettlement
    function setSideBlocked(address account, bool buying, bool blocked) external onlyModule(address(gridModule)) {
        uint256 number = _openAccount(account);
        _accounts[number] = _accounts[number].withFlag(buying ? MAY_NOT_BUY : MAY_NOT_SELL, blocked);
        emit SideBlocked(account, buying, blocked);
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
    function energyOf(address account, uint256 slot) external view returns (SlotEnergy memory) {
        SlotWord word = _slots[_numbers[account]][slot];
        return SlotEnergy({
            produced: Energy.unwrap(word.produced()),
            consumed: Energy.unwrap(word.consumed()),
            sold: Energy.unwrap(word.sold()),
            bought: Energy.unwrap(word.bought()),
            closed: word.isClosed()
        });
    }

    /// @inheritdoc ISettlement
    function metersReadAtEnd(address account, uint256 slot) external view returns (uint256) {
        return _slots[_numbers[account]][slot].readAtEnd();
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

    /// @dev Credits what arrives, not what was sent.
    function _deposit(address payer, address account, uint256 amount) private returns (uint256 received) {
        _requireRunning();
        received = _receive(payer, amount);
        _credit(_openAccount(account), received);
        emit Deposited(payer, account, received);
    }

    /// @dev What arrives of `amount`.
    function _receive(address payer, uint256 amount) private returns (uint256 received) {
        uint256 before = settlementToken.balanceOf(address(this));
        settlementToken.safeTransferFrom(payer, address(this), amount);
        received = settlementToken.balanceOf(address(this)) - before;
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

    /// @dev Stores an account to which money has come. A debt is paid out of it first: an account never has both, or
    /// a debtor could carry its money out through an order that it means to fail.
    function _store(uint256 number, AccountWord word, uint256 available, uint256 locked) private {
        if (word.has(IN_DEBT)) {
            uint256 paid = Math.min(_debts[number], available);
            word = _reduceDebt(number, word, paid);
            available -= paid;
        }
        _accounts[number] = word.withMoney(available, locked);
    }

    /// @dev The word after a payment on its debt; the caller stores it.
    function _reduceDebt(uint256 number, AccountWord word, uint256 paid) private returns (AccountWord) {
        if (paid == 0) return word;
        uint256 rest = _debts[number] - paid;
        _debts[number] = rest;
        _gridRevenueOwed += paid.toUint128();
        emit DebtRepaid(_holders[number], paid, rest);
        return word.withFlag(IN_DEBT, rest != 0);
    }

    /// @dev The word after `amount` has left its available money; the caller stores it.
    function _take(uint256 number, AccountWord word, uint256 amount) private view returns (AccountWord) {
        _requireAvailable(number, word, amount);
        return word.withMoney(word.available() - amount, word.locked());
    }

    function _requireAvailable(uint256 number, AccountWord word, uint256 amount) private view {
        if (word.available() < amount) {
            revert Settlement_InsufficientBalance(_holders[number], word.available(), amount);
        }
    }

    /// @dev Pays for `amount` more Wh out of the buyer's lock.
    function _payDelivery(Delivery calldata delivery, Energy amount) private {
        Energy before = Energy.wrap(delivery.delivered);
        uint256 paid = Costs.costOfStep(before, amount, Price.wrap(delivery.price));
        AccountWord buyer = _accounts[delivery.buyer];
        _accounts[delivery.buyer] = buyer.withMoney(buyer.available(), buyer.locked() - paid);
        (uint256 protocolFee, uint256 gridFee) =
            _paySeller(delivery.seller, paid, Costs.costOfStep(before, amount, Price.wrap(_gridFeePerKwh)));
        emit DeliveryPaid(delivery.seller, delivery.buyer, paid, protocolFee, gridFee);
    }

    /// @dev Gives a seller what the fees leave of a payment; they never exceed it.
    function _paySeller(uint256 seller, uint256 paid, uint256 gridFeeDue)
        private
        returns (uint256 protocolFee, uint256 gridFee)
    {
        protocolFee = Costs.shareDown(paid, _protocolFeeBps);
        gridFee = Math.min(gridFeeDue, paid - protocolFee);
        _credit(seller, paid - protocolFee - gridFee);
        if (protocolFee + gridFee > 0) _feesOwed += (protocolFee + gridFee).toUint128();
    }

    function _setOutflowLimit(uint256 limit) private {
        // What counts against the old limit until now decays at the old limit's rate.
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

    /* INTERNAL: ACCOUNTS AND SLOTS */

    function _numberOf(address account) private view returns (uint256 number) {
        number = _numbers[account];
        if (number == 0) revert Settlement_UnknownAccount(account);
    }

    function _openAccount(address account) private returns (uint256 number) {
        number = _numbers[account];
        if (number != 0) return number;
        if (account == address(0) || account == address(this)) revert Settlement_BadRecipient(account);
        number = ++_accountCount;
        _numbers[account] = number;
        _holders[number] = account;
        emit AccountOpened(account, number);
    }

    /// @dev What one slot delivers of what is `left` to deliver.
    function _deliverSlot(uint256 seller, uint256 buyer, uint256 slot, Energy left) private returns (Energy step) {
        SlotWord from = _slots[seller][slot];
        SlotWord to = _slots[buyer][slot];
        step = left.atMost(from.unsold());
        if (Energy.unwrap(step) == 0 || from.isClosed() || to.isClosed()) return Energy.wrap(0);
        _slots[seller][slot] = from.addSold(step);
        _slots[buyer][slot] = to.addBought(step);
        emit EnergyDelivered(seller, buyer, slot, Energy.unwrap(step));
    }

    function _closeSlot(address account, uint256 number, uint256 slot) private {
        if (!Slots.isClosable(slot, SLOT_LENGTH, GRACE, block.timestamp)) {
            revert Settlement_SlotNotClosable(slot, (slot + 1) * SLOT_LENGTH + 2 * GRACE);
        }
        SlotWord word = _slots[number][slot];
        _slots[number][slot] = word.close();

        uint256 supply = Energy.unwrap(word.produced() + word.bought());
        uint256 demand = Energy.unwrap(word.consumed() + word.sold());
        if (supply >= demand) {
            if (supply > demand) energyToken.mint(account, supply - demand);
            emit SlotClosed(account, slot, supply - demand, 0, 0, 0, 0);
        } else {
            _coverDeficit(account, number, slot, demand - supply);
        }
    }

    /// @dev Banked energy first, then the grid; what the balance cannot pay becomes debt.
    function _coverDeficit(address account, uint256 number, uint256 slot, uint256 deficit) private {
        uint256 burned = Math.min(deficit, energyToken.balanceOf(account));
        uint256 fromGrid = deficit - burned;
        uint256 cost;
        uint256 paid;
        if (fromGrid > 0) {
            cost = Costs.costUp(Energy.wrap(fromGrid), Price.wrap(gridModule.priceOf(slot)));
            AccountWord word = _accounts[number];
            paid = Math.min(cost, word.available());
            _accounts[number] = _take(number, word, paid).withFlag(IN_DEBT, word.has(IN_DEBT) || paid < cost);
            _gridRevenueOwed += paid.toUint128();
            if (paid < cost) {
                _debts[number] += cost - paid;
                emit DebtIncurred(account, cost - paid, _debts[number]);
            }
        }
        if (burned > 0) energyToken.burn(account, burned);
        emit SlotClosed(account, slot, 0, burned, fromGrid, cost, paid);
    }
}
