// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IEnergyToken} from "../interfaces/IEnergyToken.sol";
import {IGridManagement} from "../interfaces/IGridManagement.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {Costs} from "../libraries/Costs.sol";
import {Slots} from "../libraries/Slots.sol";
import {AccountWord, IN_DEBT, MAY_NOT_BUY, MAY_NOT_SELL} from "../types/AccountWord.sol";
import {LockWord} from "../types/LockWord.sol";
import {SlotWord} from "../types/SlotWord.sol";
import {Energy, Price} from "../types/Units.sol";
import {Vault} from "./Vault.sol";

/// @title Settlement
/// @notice See {ISettlement}; comments here are for maintainers. The functions of the modules on the accounts of
/// {Vault}, and the energy of every account's slots.
/// @dev Modules are immutables: checking the caller costs no storage access, and no module can be replaced.
contract Settlement is Vault {
    using SafeCast for uint256;

    /* CONSTANTS AND IMMUTABLES */

    uint256 private constant MAX_GRACE = 7 days;

    IEnergyToken public immutable energyToken;
    IGridManagement public immutable gridModule;
    address public immutable tradingModule;
    address public immutable spotModule;
    address public immutable meterModule;
    uint256 public immutable SLOT_LENGTH;
    uint256 public immutable GRACE;

    /* CONSTRUCTOR */

    constructor(
        address authority_,
        IERC20 token,
        Modules memory modules,
        Parameters memory parameters,
        uint256 outflowLimit_
    ) Vault(authority_, token, parameters, outflowLimit_) {
        if (parameters.slotLength != Slots.QUARTER && parameters.slotLength != Slots.HOUR) {
            revert Settlement_BadParameter("slotLength", parameters.slotLength);
        }
        if (parameters.grace == 0 || parameters.grace > MAX_GRACE) {
            revert Settlement_BadParameter("grace", parameters.grace);
        }
        energyToken = modules.energyToken;
        gridModule = modules.grid;
        tradingModule = modules.trading;
        spotModule = modules.spot;
        meterModule = modules.meter;
        SLOT_LENGTH = parameters.slotLength;
        GRACE = parameters.grace;
    }

    /* MODIFIERS */

    modifier onlyModule(address module) {
        if (msg.sender != module) revert Settlement_OnlyModule(msg.sender);
        _;
    }

    /* ANYONE */

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
    /// @dev The spot market holds EnergyToken of its sellers. If it had a meter, a deficit would burn their tokens.
    function openAccount(address account) external onlyModule(meterModule) returns (uint256) {
        if (account == spotModule) revert Settlement_BadRecipient(account);
        return _openAccount(account);
    }

    /// @inheritdoc ISettlement
    function lock(uint256 number, uint256 amount, bool buying) external onlyModule(tradingModule) {
        AccountWord word = _accounts[number];
        LockRefusal refusal = _refusalOf(word, amount, buying);
        if (refusal == LockRefusal.SIDE_BLOCKED) revert Settlement_SideBlocked(_holders[number], buying);
        if (refusal == LockRefusal.IN_DEBT) revert Settlement_InDebt(_holders[number], _debts[number]);
        _requireAvailable(number, word, amount);
        _accounts[number] = word.lock(amount);
    }

    /// @inheritdoc ISettlement
    function lockMany(LockWord[] calldata locks)
        external
        onlyModule(tradingModule)
        returns (LockRefusal[] memory refused)
    {
        mapping(uint256 number => AccountWord word) storage accounts = _accounts;
        for (uint256 i = 0; i < locks.length; ++i) {
            LockWord wanted = locks[i];
            uint256 number = wanted.account();
            AccountWord word = accounts[number];
            uint256 amount = wanted.amount();
            LockRefusal refusal = wanted.nonce() < word.signedFloor()
                ? LockRefusal.BELOW_FLOOR
                : _refusalOf(word, amount, wanted.isBuying());
            if (refusal == LockRefusal.NONE) {
                accounts[number] = word.lock(amount);
            } else {
                if (refused.length == 0) refused = new LockRefusal[](locks.length);
                refused[i] = refusal;
            }
        }
    }

    /// @inheritdoc ISettlement
    function raiseSignedFloor(uint256 number, uint256 nonce) external onlyModule(tradingModule) {
        AccountWord word = _accounts[number];
        if (nonce <= word.signedFloor()) {
            revert Settlement_FloorNotHigher(_holders[number], word.signedFloor(), nonce);
        }
        _accounts[number] = word.withSignedFloor(nonce);
        emit SignedFloorRaised(_holders[number], nonce);
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
            // Future slots have no metered energy, and the loop ends once all is delivered.
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
    /// @dev SmartMeter accepts no readings of a final slot, so the slot cannot be closed.
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

    /* VIEWS */

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

    /* INTERNAL */

    /// @dev The reason why money of an order cannot be locked.
    function _refusalOf(AccountWord word, uint256 amount, bool buying) private pure returns (LockRefusal) {
        // slither-disable-next-line unused-return: the flag is the condition
        if (word.has(buying ? MAY_NOT_BUY : MAY_NOT_SELL)) return LockRefusal.SIDE_BLOCKED;
        if (buying && word.has(IN_DEBT)) return LockRefusal.IN_DEBT;
        return word.available() < amount ? LockRefusal.INSUFFICIENT_BALANCE : LockRefusal.NONE;
    }

    /// @dev Pays for `amount` more Wh from the buyer's locked money.
    function _payDelivery(Delivery calldata delivery, Energy amount) private {
        Energy before = Energy.wrap(delivery.delivered);
        uint256 paid = Costs.costOfStep(before, amount, Price.wrap(delivery.price));
        AccountWord buyer = _accounts[delivery.buyer];
        _accounts[delivery.buyer] = buyer.withMoney(buyer.available(), buyer.locked() - paid);
        (uint256 protocolFee, uint256 gridFee) =
            _paySeller(delivery.seller, paid, Costs.costOfStep(before, amount, Price.wrap(_gridFeePerKwh)));
        emit DeliveryPaid(delivery.seller, delivery.buyer, paid, protocolFee, gridFee);
    }

    /// @dev The energy that one slot delivers, at most `left`.
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

    /// @dev Energy credits first, then the grid; what the balance cannot pay becomes debt.
    function _coverDeficit(address account, uint256 number, uint256 slot, uint256 deficit) private {
        uint256 burned = Math.min(deficit, energyToken.balanceOf(account));
        uint256 fromGrid = deficit - burned;
        // slither-disable-next-line uninitialized-local: 0 if nothing comes from the grid
        uint256 cost;
        // slither-disable-next-line uninitialized-local: 0 if nothing comes from the grid
        uint256 paid;
        if (fromGrid > 0) {
            cost = Costs.costUp(Energy.wrap(fromGrid), Price.wrap(gridModule.priceOf(slot)));
            paid = _charge(account, number, cost);
        }
        if (burned > 0) energyToken.burn(account, burned);
        emit SlotClosed(account, slot, 0, burned, fromGrid, cost, paid);
    }
}
