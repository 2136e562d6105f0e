// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IGridManagement} from "../interfaces/IGridManagement.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {Slots} from "../libraries/Slots.sol";
import {AccountWord, MAY_NOT_BUY, MAY_NOT_SELL} from "../types/AccountWord.sol";
import {AGREED, AgreedWord} from "../types/AgreedWord.sol";
import {ClosedDayWord} from "../types/ClosedDayWord.sol";
import {DayFlowsWord} from "../types/DayFlowsWord.sol";
import {LegWord} from "../types/LegWord.sol";
import {MoneyDayWord} from "../types/MoneyDayWord.sol";
import {OF_A_WEEK, PeriodWord} from "../types/PeriodWord.sol";
import {TariffWord} from "../types/TariffWord.sol";
import {Vault} from "./Vault.sol";

/// @title Settlement
/// @notice See {ISettlement}; comments here are for maintainers. Closing, and the functions of the modules.
/// @dev Modules are immutables: checking the caller costs no storage access, and no module can be replaced.
contract Settlement is Vault {
    /// @dev A call of {book}. Money is of a Wh.
    /// @param slots of the period, `daySlots` of them in each of its days.
    /// @param dayOrWeek where money of the period's days stands.
    /// @param lastDay of the period.
    /// @param region of all legs; 0 before the first.
    /// @param dearestToday the dearest deficit of today, what an open day may cost.
    /// @param first the tariff when the period begins.
    /// @param income of a seller, less its fees.
    /// @param cover of a seller, what the dearest deficit of the period costs above the income.
    /// @param sellRate what leaves a seller's free money.
    /// @param closed the sides on which the region does not trade.
    /// @param refused how many of `refusals` are used.
    struct Booking {
        PeriodWord period;
        Grid grid;
        uint256 slots;
        uint256 daySlots;
        uint256 dayOrWeek;
        uint256 lastDay;
        uint256 region;
        uint256 dearestToday;
        TariffWord first;
        uint256 income;
        uint256 cover;
        uint256 sellRate;
        uint256 bought;
        uint256 sold;
        uint256 protocolFees;
        AccountWord closed;
        LegRefusal[] refusals;
        uint256 refused;
    }

    /* CONSTANTS AND IMMUTABLES */

    // A new meter's deemed import of a day: an eighth of rated power, in Wh.
    uint256 private constant DEEMED_HOURS = 3;
    // Keys of day money: account 32.. | week 1 | number of the day or week 31.
    uint256 private constant NUMBER_AT = 32;
    uint256 private constant WEEK = 1 << 31;
    // 1970 began on a Thursday.
    uint256 private constant THURSDAY = 3;
    // Of an account, beside its number.
    uint256 private constant HOLDER_AT = 96;

    IGridManagement public immutable gridModule;
    address public immutable tradingModule;
    address public immutable spotModule;
    address public immutable meterModule;
    address public immutable daysModule;

    /* STORAGE */

    mapping(uint256 key => MoneyDayWord word) private _dayMoney;

    /* CONSTRUCTOR */

    constructor(
        address authority_,
        IERC20 token,
        Modules memory modules,
        Parameters memory parameters,
        uint256 outflowLimit_
    ) Vault(authority_, token, modules, parameters, outflowLimit_) {
        if (parameters.slotLength != Slots.QUARTER && parameters.slotLength != Slots.HOUR) {
            revert Settlement_BadParameter("slotLength", parameters.slotLength);
        }
        gridModule = modules.grid;
        tradingModule = modules.trading;
        spotModule = modules.spot;
        meterModule = modules.meter;
        daysModule = modules.communityDays;
    }

    /* MODIFIERS */

    modifier onlyModule(address module) {
        _requireModule(module);
        _;
    }

    /* ANYONE */

    /// @inheritdoc ISettlement
    function closeThrough(address[] calldata accounts, uint256 day) external {
        uint256[] memory numbers = new uint256[](accounts.length);
        for (uint256 i = 0; i < accounts.length; ++i) {
            numbers[i] = _numbers[accounts[i]] | (uint256(uint160(accounts[i])) << HOLDER_AT);
        }
        // slither-disable-next-line incorrect-equality: a count
        if (ENERGY.closeThrough(numbers, day) == 0) revert Settlement_NothingToClose(day);
    }

    /// @inheritdoc ISettlement
    function releaseSecurity(address account) external {
        uint256 number = _numberOf(account);
        uint256 security = _securities[number];
        if (security == 0) revert Settlement_NoSecurity(account);
        AccountWord word = _accounts[number];
        uint256 endDay = _stateOf(number).endDay();
        if (word.day() < endDay) revert Settlement_DaysOpen(account, word.day(), endDay);
        // slither-disable-next-line reentrancy-no-eth: ENERGY calls nobody but this contract's views
        ENERGY.release(number);
        delete _securities[number];
        _accounts[number] = word.withDeemed(0);
        _receive(number, security);
        emit SecurityReleased(account, security);
    }

    /* TRADING */

    /// @inheritdoc ISettlement
    function lockOrder(uint256 number, PeriodWord period, bool isSell, uint256 wh)
        external
        onlyModule(tradingModule)
        returns (uint256 rate)
    {
        if (_isBlocked(_accounts[number], !isSell)) {
            revert Settlement_SideBlocked(_holders[number], !isSell);
        }
        if (!isSell) _requireNoDebt(number);
        AgreedWord state = _agreedOf(number);
        rate = period.price();
        if (isSell) {
            (TariffWord first, uint256 dearest) = _termsOf(state, period);
            (,, rate) = _ofSeller(first, dearest, rate);
        }
        unchecked {
            _takeFree(number, state, wh * period.slots() * rate); // 32 bits each, and 40
        }
    }

    /// @inheritdoc ISettlement
    function unlockOrder(uint256 number, uint256 amount) external onlyModule(tradingModule) {
        _receive(number, amount);
    }

    /// @inheritdoc ISettlement
    function book(PeriodWord period, LegWord[] calldata legs) external onlyModule(tradingModule) {
        AgreedWord[] memory answers = ENERGY.book(period, legs);
        // slither-disable-next-line uninitialized-local: the rest is 0
        Booking memory booking;
        unchecked {
            bool isWeek = period.kind() == OF_A_WEEK;
            uint256 slots = period.slots();
            uint256 day = _dayOf(period.startSlot());
            (booking.period, booking.grid) = (period, _openGrid());
            (booking.slots, booking.daySlots) = (slots, isWeek ? slots / 7 : slots);
            booking.dayOrWeek = isWeek ? _weekOf(day) : day;
            booking.lastDay = _lastDayOf(period);
        }
        for (uint256 i = 0; i < legs.length; ++i) {
            Refusal reason = _bookLeg(booking, legs[i], answers[i]);
            if (reason == Refusal.NONE) continue;
            // slither-disable-next-line incorrect-equality: a count
            if (booking.refused == 0) booking.refusals = new LegRefusal[](legs.length);
            booking.refusals[booking.refused] = LegRefusal(i, reason);
            unchecked {
                ++booking.refused;
            }
        }
        if (booking.refused != 0) {
            LegRefusal[] memory refusals = booking.refusals;
            uint256 refused = booking.refused;
            // solhint-disable-next-line no-inline-assembly
            assembly ("memory-safe") {
                mstore(refusals, refused)
            }
            revert Settlement_LegsRefused(refusals);
        }
        if (booking.bought != booking.sold) revert Settlement_Unbalanced(booking.bought, booking.sold);
        unchecked {
            // Both are part of all money, which fits 88 bits.
            if (booking.protocolFees != 0) _protocolFees += booking.protocolFees;
        }
        _serve(booking.grid);
        _storeGrid(booking.grid);
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

    /* OTHER MODULES */

    /// @inheritdoc ISettlement
    function openAccount(address account) external onlyModule(meterModule) returns (uint256) {
        return _openAccount(account);
    }

    /// @inheritdoc ISettlement
    function takeSecurity(uint256 number, uint256 amount, uint256 ratedPower) external onlyModule(meterModule) {
        _requireAmount(amount);
        if (_securities[number] != 0) revert Settlement_SecurityTaken(_holders[number]);
        _takeFree(number, _stateOf(number), Math.saturatingMul(amount, EXACT));
        _securities[number] = amount * EXACT;
        _accounts[number] = _accounts[number].withDeemed(ratedPower * DEEMED_HOURS);
        emit SecurityTaken(_holders[number], amount);
    }

    /// @inheritdoc ISettlement
    function payOnTheSpot(address buyer, address seller, uint256 amount, uint256 price)
        external
        onlyModule(spotModule)
        returns (uint256)
    {
        unchecked {
            uint256 number = _numberOf(buyer);
            _requireNoDebt(number);
            uint256 paid = Math.saturatingMul(amount, price);
            // slither-disable-next-line unused-return: called for its checks
            _take(number, paid);

            number = _openAccount(seller);
            uint256 today = _today();
            (TariffWord terms,) = _termsOf(_stateOf(number), today, today);
            uint256 protocolFee = Math.min(paid, amount * terms.protocolFee());
            uint256 gridFee = Math.min(paid - protocolFee, amount * terms.networkFee());
            _protocolFees += protocolFee;
            Grid memory grid = _openGrid();
            grid.cash += gridFee;
            _receive(grid, number, _accounts[number], paid - protocolFee - gridFee, WITHOUT_CREDITS);
            _storeGrid(grid);
            emit SpotPaid(seller, buyer, paid, protocolFee, gridFee);
            return Math.ceilDiv(paid, EXACT);
        }
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
    function consume(address account, uint256 wh, uint256 maxPrice)
        external
        onlyModule(address(gridModule))
        returns (uint256)
    {
        _requireRunning();
        _requireAmount(wh);
        uint256 number = _numberOf(account);
        uint256 slot = _runningSlot();
        AgreedWord state = _agreedOf(number);
        uint256 price = TARIFFS.deficitPrice(_regionOf(state), slot);
        if (price > maxPrice) revert Settlement_PriceAbove(price, maxPrice);
        uint256 cost = Math.saturatingMul(wh, price);
        _takeFree(number, state, cost);
        uint256 today = _today();
        _addMoney(number, today, 0, cost);
        _accounts[number] = _accounts[number].reaching(today);
        if (!state.isMetered(today)) ENERGY.declare(number, slot, wh);
        emit GridEnergyBought(account, slot, wh, cost);
        return Math.ceilDiv(cost, EXACT);
    }

    /// @inheritdoc ISettlement
    function closeDay(uint256 day, uint256[] calldata words, address[] calldata holders) external {
        if (msg.sender != address(ENERGY)) _requireModule(daysModule);
        Grid memory grid = _openGrid();
        unchecked {
            for (uint256 i = 0; 2 * i < words.length; ++i) {
                (ClosedDayWord closed, DayFlowsWord flows) = _wordsOf(words, i);
                if (holders.length != 0) emit DayClosed(holders[i], day, closed, flows);
                _close(grid, day, closed, flows, holders.length == 0);
            }
            if (grid.paid != 0) _paidFor[day] += grid.paid;
        }
        _serve(grid);
        _storeGrid(grid);
    }

    /// @inheritdoc ISettlement
    function setSideBlocked(address account, bool buying, bool blocked) external onlyModule(address(gridModule)) {
        uint256 number = _openAccount(account);
        _accounts[number] = _accounts[number].withFlag(buying ? MAY_NOT_BUY : MAY_NOT_SELL, blocked);
        emit SideBlocked(account, buying, blocked);
    }

    /* VIEWS */

    /// @inheritdoc ISettlement
    function dayMoneyOf(uint256 number, uint256 day) external view returns (uint256 income, uint256 cover) {
        unchecked {
            MoneyDayWord ofDay = _dayMoney[_keyOf(number, day)];
            MoneyDayWord ofWeek = _dayMoney[_keyOf(number, _weekOf(day))];
            return (ofDay.income() + ofWeek.income(), ofDay.cover() + ofWeek.cover());
        }
    }

    /* INTERNAL: CLOSING */

    function _requireModule(address module) private view {
        if (msg.sender != module) revert Settlement_OnlyModule(msg.sender);
    }

    /// @dev What a closed day leaves in an account.
    function _close(Grid memory grid, uint256 day, ClosedDayWord closed, DayFlowsWord flows, bool byGateway) private {
        unchecked {
            uint256 number = closed.number();
            AccountWord word = _accounts[number];
            // What trades bring, and what covers them, come before the deficit that they may leave.
            if (word.reaches()) word = word.withFree(word.free() + _released(number, day));
            word = word.closed(byGateway, closed.deemed());
            // Modulo 2^256, as it can be below 0.
            uint256 gain = flows.kept() - flows.drawn();
            if (gain != 0) {
                grid.credits += gain;
                word = word.withCredits(word.credits() + gain);
            }
            _balance(grid, number, word, closed.money(), day);
        }
    }

    /// @dev Income and cover of an account's day.
    function _released(uint256 number, uint256 day) private view returns (uint256) {
        unchecked {
            return _dayMoney[_keyOf(number, day)].sum() + _dayMoney[_keyOf(number, _weekOf(day))].sum();
        }
    }

    /// @dev Both words of an account's closed day; only modules give them, and whole ones.
    function _wordsOf(uint256[] calldata words, uint256 index)
        private
        pure
        returns (ClosedDayWord closed, DayFlowsWord flows)
    {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let at := add(words.offset, shl(6, index))
            closed := calldataload(at)
            flows := calldataload(add(at, 0x20))
        }
    }

    /* INTERNAL: TRADES */

    /// @dev Books the money of one leg, or says why it cannot be.
    function _bookLeg(Booking memory booking, LegWord leg, AgreedWord answer) private returns (Refusal) {
        unchecked {
            uint256 number = leg.number();
            AccountWord word = _accounts[number];
            bool isSell = leg.isSell();
            uint256 debt = _owedOf(number, word).debt();
            if (!leg.isStored() && leg.nonce() < word.signedFloor()) return Refusal.BELOW_FLOOR;
            if (_isBlocked(word, !isSell)) return Refusal.SIDE_BLOCKED;
            if (!isSell && debt != 0) return Refusal.IN_DEBT;
            // The energy accounts' reasons follow IN_DEBT, in the same order.
            if (answer.refusal() != AGREED) return Refusal(uint256(Refusal.IN_DEBT) + answer.refusal());
            // slither-disable-next-line incorrect-equality: 0 is no region
            if (booking.region == 0) _loadTerms(booking, answer);
            if (booking.region != _regionOf(answer)) return Refusal.OTHER_REGION;
            if (_isBlocked(booking.closed, !isSell)) return Refusal.REGION_CLOSED;

            uint256 wh = leg.wh() * booking.slots;
            // Of a signed order nothing was locked.
            uint256 free = word.free() + wh * leg.locked();
            uint256 due = wh * (isSell ? booking.sellRate : booking.period.price());
            uint256 held = debt + answer.pending() + _openDays(word, answer) * word.deemed() * booking.dearestToday;
            if (free < due + held) return Refusal.INSUFFICIENT_BALANCE;
            word = word.withFree(free - due);
            if (isSell) word = _addSold(booking, number, word, leg.wh());
            _accounts[number] = word;
            // A debt is left only where what was locked for a seller's order pays it.
            if (debt != 0) _receive(booking.grid, number, word, 0, WITHOUT_CREDITS);

            if (isSell) {
                booking.grid.cash += wh * booking.first.networkFee();
                booking.protocolFees += wh * booking.first.protocolFee();
            } else {
                booking.bought += leg.wh();
            }
            return Refusal.NONE;
        }
    }

    /// @dev Income and cover of a seller's days, which its word reaches then.
    function _addSold(Booking memory booking, uint256 number, AccountWord word, uint256 wh)
        private
        returns (AccountWord)
    {
        unchecked {
            booking.sold += wh;
            wh *= booking.daySlots;
            _addMoney(number, booking.dayOrWeek, wh * booking.income, wh * booking.cover);
            return word.reaching(booking.lastDay);
        }
    }

    /// @dev Money that waits for the closing of a day, or of each day of a week.
    function _addMoney(uint256 number, uint256 dayOrWeek, uint256 income, uint256 cover) private {
        uint256 key = _keyOf(number, dayOrWeek);
        _dayMoney[key] = _dayMoney[key].plus(income, cover);
    }

    /// @dev Of each Wh that is sold: what it brings less its fees, what the dearest deficit costs above that, and what
    /// leaves the free money: the cover, and fees above the price.
    function _ofSeller(TariffWord first, uint256 dearest, uint256 price)
        private
        pure
        returns (uint256 income, uint256 cover, uint256 rate)
    {
        unchecked {
            uint256 fees = first.fees();
            if (price > fees) income = price - fees;
            if (dearest > income) cover = dearest - income;
            rate = fees > price ? cover + fees - price : cover;
        }
    }

    function _termsOf(AgreedWord state, PeriodWord period) private view returns (TariffWord, uint256) {
        return _termsOf(state, _dayOf(period.startSlot()), _lastDayOf(period));
    }

    function _lastDayOf(PeriodWord period) private view returns (uint256) {
        return _dayOf(period.startSlot() + period.slots() - 1);
    }

    /// @dev The terms of all legs: energy is not traded across regions, whose prices differ.
    function _loadTerms(Booking memory booking, AgreedWord state) private view {
        booking.region = _regionOf(state);
        (TariffWord first, uint256 dearest) = _termsOf(state, booking.period);
        uint256 price = booking.period.price();
        booking.first = first;
        booking.closed = TARIFFS.closedSides(booking.region, booking.period.startSlot());
        (booking.income, booking.cover, booking.sellRate) = _ofSeller(first, dearest, price);
        (, booking.dearestToday) = _termsOf(state, _today(), _today());
    }

    function _weekOf(uint256 day) private pure returns (uint256) {
        return WEEK | ((day + THURSDAY) / 7);
    }

    function _keyOf(uint256 number, uint256 dayOrWeek) private pure returns (uint256) {
        return (number << NUMBER_AT) | dayOrWeek;
    }
}
