// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {ITariffs} from "../interfaces/ITariffs.sol";
import {Schedules} from "../libraries/Schedules.sol";
import {AccountWord, MAY_NOT_BUY, MAY_NOT_SELL} from "../types/AccountWord.sol";
import {ProtocolWord, ProtocolWordLibrary} from "../types/ProtocolWord.sol";
import {TariffWord, TariffWordLibrary} from "../types/TariffWord.sol";
import {BPS} from "../types/Units.sol";

/// @title Tariffs
/// @notice See {ITariffs}; comments here are for maintainers.
/// @dev Factors stand in pages, by slot and by day, 0 meaning 10,000:
///
///     | factor of slot 16 n + 15: 16 | ... | factor of slot 16 n: 16 |      _slotPages[id][n]
///     | highest of day 16 n + 15: 16 | ... | highest of day 16 n: 16 |      _dayPages[id][n]
contract Tariffs is ITariffs, AccessManaged {
    using SafeCast for uint256;
    using Schedules for Schedules.Schedule;

    /* CONSTANTS AND IMMUTABLES */

    uint256 private constant HOME = 1;
    /// @dev The highest one whose price at the highest factor fits 32 bits.
    uint256 private constant HIGHEST_MAX_BUY = (uint256(type(uint32).max) * BPS) / type(uint16).max;
    /// @dev Slots that one call can write.
    uint256 private constant MAX_AHEAD = 288;
    /// @dev Of a black start, in MAX_AGE.
    uint256 private constant STAGES = 3;
    /// @dev Enough for slots of 32 bits.
    uint256 private constant PAGES = 2 ** 28;
    /// @dev A one in each lane of a page.
    uint256 private constant LANES = type(uint256).max / type(uint16).max;

    /// @inheritdoc ITariffs
    uint256 public constant HORIZON = 15 days;
    /// @inheritdoc ITariffs
    uint256 public immutable SLOT_LENGTH;
    /// @inheritdoc ITariffs
    uint256 public immutable MAX_AGE;
    /// @inheritdoc ITariffs
    uint256 public immutable MAX_BUY;
    /// @inheritdoc ITariffs
    uint256 public immutable MAX_NETWORK_FEE;
    /// @inheritdoc ITariffs
    uint256 public immutable MAX_PROTOCOL_FEE;
    /// @inheritdoc ITariffs
    address public immutable GRID;

    uint256 private immutable _DAY_SLOTS;

    /* STORAGE */

    bytes32[] private _regions;
    mapping(bytes32 region => uint256 id) private _ids;
    mapping(uint256 id => Schedules.Schedule tariffs) private _tariffs;
    Schedules.Schedule private _creditValues;
    mapping(uint256 id => uint256[PAGES] pages) private _slotPages;
    mapping(uint256 id => uint256[PAGES] pages) private _dayPages;
    mapping(uint256 id => ProtocolWord word) private _protocols;

    /* CONSTRUCTOR */

    constructor(
        address authority,
        address grid,
        TariffParameters memory parameters,
        bytes32 home,
        Tariff memory tariff,
        uint256 creditValue
    ) AccessManaged(authority) {
        uint256 length = parameters.slotLength;
        _requireParameter(length > 0 && 1 days % length == 0, "slotLength", length);
        uint256 maxAge = parameters.maxAge;
        _requireParameter(maxAge <= 1 days && maxAge <= MAX_AHEAD * length, "maxAge", maxAge);
        _requireParameter(parameters.maxBuy <= HIGHEST_MAX_BUY, "maxBuy", parameters.maxBuy);
        SLOT_LENGTH = length;
        MAX_AGE = maxAge;
        MAX_BUY = parameters.maxBuy;
        MAX_NETWORK_FEE = parameters.maxNetworkFee;
        MAX_PROTOCOL_FEE = parameters.maxProtocolFee;
        GRID = grid;
        _DAY_SLOTS = 1 days / length;
        _creditValues.newest = creditValue.toUint32();
        emit CreditValueSet(0, creditValue);
        _addRegion(home, tariff);
    }

    /* TARIFF AUTHORITY */

    /// @inheritdoc ITariffs
    function addRegion(bytes32 region, Tariff calldata tariff) external restricted returns (uint256 id) {
        return _addRegion(region, tariff);
    }

    /// @inheritdoc ITariffs
    function setTariff(bytes32 region, Tariff calldata tariff, uint256 day) external restricted {
        uint256 id = regionId(region);
        _requireBeyondHorizon(day);
        _setTariff(id, tariff, day);
    }

    /// @inheritdoc ITariffs
    function setCreditValue(uint256 value, uint256 day) external restricted {
        _requireBeyondHorizon(day);
        uint256 last = uint32(_creditValues.newest);
        if (value > last) revert Tariffs_CreditValueRises(value, last);
        _creditValues.set(day, value);
        emit CreditValueSet(day, value);
    }

    /* GRID MANAGEMENT */

    /// @inheritdoc ITariffs
    function setBuyPrice(bytes32 region, uint256 price) external returns (uint256 day) {
        _requireGrid();
        if (price > MAX_BUY) revert Tariffs_BuyAbove(price, MAX_BUY);
        uint256 id = region == 0 ? HOME : regionId(region);
        day = _firstBeyondHorizon();
        Tariff memory tariff = _unpacked(_terms(id, day));
        tariff.buy = uint32(price);
        _setTariff(id, tariff, day);
    }

    /// @inheritdoc ITariffs
    function writeFactors(uint256 id, uint256 fromSlot, uint256 toSlot, uint256 factor) external {
        _requireGrid();
        uint256 first = block.timestamp / SLOT_LENGTH + 1;
        uint256 end = Math.ceilDiv(block.timestamp + MAX_AGE, SLOT_LENGTH);
        if (fromSlot < first || toSlot > end) revert Tariffs_SlotsOutOfReach(fromSlot, toSlot, first, end);

        uint256 next;
        for (uint256 slot = fromSlot; slot < toSlot; slot = next) {
            uint256 day = slot / _DAY_SLOTS;
            next = Math.min(toSlot, (day + 1) * _DAY_SLOTS);
            _writeFactor(id, day, slot, next, factor);
        }
    }

    /// @inheritdoc ITariffs
    function setProtocol(uint256 id, uint256 protocol, uint256 until) external {
        _requireGrid();
        ProtocolWord before = _protocols[id];
        // slither-disable-next-line incorrect-equality: the same protocol goes on
        uint256 since = before.at(block.timestamp) == protocol ? before.since() : block.timestamp;
        _protocols[id] = ProtocolWordLibrary.pack(protocol, until, since, Math.max(1, MAX_AGE / STAGES));
    }

    /* VIEWS: REGIONS */

    /// @inheritdoc ITariffs
    function regionId(bytes32 region) public view returns (uint256 id) {
        id = _ids[region];
        if (id == 0) revert Tariffs_UnknownRegion(region);
    }

    /// @inheritdoc ITariffs
    function findRegion(bytes32 region) external view returns (uint256) {
        return _ids[region];
    }

    /// @inheritdoc ITariffs
    function regionAt(uint256 id) external view returns (bytes32) {
        if (id == 0 || id > _regions.length) revert Tariffs_NoSuchRegion(id);
        return _regions[id - 1];
    }

    /// @inheritdoc ITariffs
    function regionCount() external view returns (uint256) {
        return _regions.length;
    }

    /// @inheritdoc ITariffs
    function closedSides(uint256 id, uint256 slot) external view returns (AccountWord) {
        ProtocolWord word = _protocols[id];
        return AccountWord.wrap(slot * SLOT_LENGTH < word.until() ? word.closedSides(block.timestamp) : 0);
    }

    /// @inheritdoc ITariffs
    function limitsOf(uint256 id) external view returns (Limits memory) {
        ProtocolWord word = _protocols[id];
        uint256 closed = word.closedSides(block.timestamp);
        // slither-disable-next-line incorrect-equality: 0 is no protocol
        return Limits({
            buyingClosed: closed & MAY_NOT_BUY != 0,
            sellingClosed: closed & MAY_NOT_SELL != 0,
            islanded: word.isIslanded(block.timestamp),
            drawShare: word.drawShare(block.timestamp),
            productionShare: word.productionShare(block.timestamp),
            until: word.at(block.timestamp) == 0 ? 0 : word.until()
        });
    }

    /* VIEWS: TARIFFS */

    /// @inheritdoc ITariffs
    function tariffOf(bytes32 region, uint256 day) external view returns (Tariff memory) {
        return _unpacked(_terms(regionId(region), day));
    }

    /// @inheritdoc ITariffs
    function dayOf(uint256 id, uint256 day) external view returns (TariffWord terms, uint256[] memory pages) {
        terms = _terms(id, day);
        uint256 first = (day * _DAY_SLOTS) >> 4;
        pages = new uint256[]((((day + 1) * _DAY_SLOTS - 1) >> 4) - first + 1);
        uint256[PAGES] storage stored = _slotPages[id];
        for (uint256 i = 0; i < pages.length; ++i) {
            pages[i] = stored[first + i];
        }
    }

    /// @inheritdoc ITariffs
    function termsOf(uint256 id, uint256 fromDay, uint256 toDay)
        external
        view
        returns (TariffWord first, uint256 maxBuy)
    {
        first = _terms(id, toDay);
        maxBuy = first.maxBuy();
        while (first.fromDay() > fromDay) {
            first = _before(id, first);
            maxBuy = Math.max(maxBuy, first.maxBuy());
        }
    }

    /// @inheritdoc ITariffs
    function creditValueAt(uint256 day) public view returns (uint256) {
        return uint32(_creditValues.at(day));
    }

    /* VIEWS: PRICES OF SLOTS */

    /// @inheritdoc ITariffs
    function priceOf(bytes32 region, uint256 slot) external view returns (uint256) {
        return deficitPrice(regionId(region), slot);
    }

    /// @inheritdoc ITariffs
    function deficitPrice(uint256 id, uint256 slot) public view returns (uint256) {
        return _terms(id, slot / _DAY_SLOTS).deficitPrice(_highest(_slotPages[id], slot, slot + 1));
    }

    /// @inheritdoc ITariffs
    function factorOf(uint256 id, uint256 slot) external view returns (uint256) {
        if (id == 0 || id > _regions.length) revert Tariffs_NoSuchRegion(id);
        return _highest(_slotPages[id], slot, slot + 1);
    }

    /// @inheritdoc ITariffs
    function lowestAndDearest(uint256 id, uint256 fromSlot, uint256 toSlot)
        external
        view
        returns (uint256 lowestFeedIn, uint256 dearestDeficit)
    {
        if (fromSlot >= toSlot) revert Tariffs_EmptySpan(fromSlot, toSlot);
        TariffWord terms = _terms(id, (toSlot - 1) / _DAY_SLOTS);
        lowestFeedIn = terms.feedIn();
        uint256 start;
        // Day by day, from the last one on.
        for (uint256 end = toSlot; end > fromSlot; end = start) {
            // slither-disable-next-line divide-before-multiply: the day's first slot
            uint256 day = (end - 1) / _DAY_SLOTS;
            start = Math.max(fromSlot, day * _DAY_SLOTS);
            while (terms.fromDay() > day) terms = _before(id, terms);
            bool isWhole = end - start == _DAY_SLOTS;
            uint256 factor = isWhole ? _highest(_dayPages[id], day, day + 1) : _highest(_slotPages[id], start, end);
            lowestFeedIn = Math.min(lowestFeedIn, terms.feedIn());
            dearestDeficit = Math.max(dearestDeficit, terms.deficitPrice(factor));
        }
    }

    /* INTERNAL: TARIFFS */

    function _addRegion(bytes32 region, Tariff memory tariff) private returns (uint256 id) {
        if (region == 0 || _ids[region] != 0) revert Tariffs_RegionTaken(region);
        _regions.push(region);
        // Accounts keep a region's number in 16 bits.
        id = _regions.length.toUint16();
        _ids[region] = id;
        emit RegionAdded(id, region);
        _tariffs[id].newest = _checked(tariff, 0);
        emit TariffSet(id, 0, tariff);
    }

    function _setTariff(uint256 id, Tariff memory tariff, uint256 day) private {
        _tariffs[id].set(day, _checked(tariff, day));
        emit TariffSet(id, day, tariff);
    }

    /// @dev The credit value never rises, so that of the first day is the highest of all days of the tariff.
    function _checked(Tariff memory tariff, uint256 day) private view returns (uint256) {
        uint256 buy = tariff.buy;
        uint256 value = creditValueAt(day);
        if (uint256(tariff.feedIn) + tariff.networkFee > buy) {
            revert Tariffs_FeedInAbove(tariff.feedIn, tariff.networkFee, buy);
        }
        if (buy > MAX_BUY) revert Tariffs_BuyAbove(buy, MAX_BUY);
        _requireFee(tariff.networkFee, MAX_NETWORK_FEE);
        _requireFee(tariff.protocolFee, MAX_PROTOCOL_FEE);
        if (tariff.maxFactor < BPS) revert Tariffs_FactorBelowOne(tariff.maxFactor);
        if (value > tariff.feedIn) revert Tariffs_FeedInBelowCredit(tariff.feedIn, value);
        TariffWord word =
            TariffWordLibrary.pack(buy, tariff.feedIn, tariff.networkFee, tariff.protocolFee, tariff.maxFactor);
        return TariffWord.unwrap(word);
    }

    function _terms(uint256 id, uint256 day) private view returns (TariffWord terms) {
        terms = TariffWord.wrap(_tariffs[id].at(day));
        // slither-disable-next-line incorrect-equality: 0 is no tariff
        if (TariffWord.unwrap(terms) == 0) revert Tariffs_NoSuchRegion(id);
    }

    function _before(uint256 id, TariffWord terms) private view returns (TariffWord) {
        return TariffWord.wrap(_tariffs[id].before(TariffWord.unwrap(terms)));
    }

    function _unpacked(TariffWord terms) private pure returns (Tariff memory) {
        return Tariff({
            buy: uint32(terms.buy()),
            feedIn: uint32(terms.feedIn()),
            networkFee: uint32(terms.networkFee()),
            protocolFee: uint32(terms.protocolFee()),
            maxFactor: uint16(terms.maxFactor())
        });
    }

    function _firstBeyondHorizon() private view returns (uint256) {
        return Math.ceilDiv(block.timestamp + HORIZON, 1 days);
    }

    /* INTERNAL: FACTORS */

    /// @dev All slots are of the day, whose highest factor follows.
    function _writeFactor(uint256 id, uint256 day, uint256 fromSlot, uint256 toSlot, uint256 factor) private {
        factor = Math.min(_terms(id, day).maxFactor(), Math.max(BPS, factor));
        uint256[PAGES] storage pages = _slotPages[id];
        _fill(pages, fromSlot, toSlot, factor);
        uint256 highest = _highest(pages, day * _DAY_SLOTS, (day + 1) * _DAY_SLOTS);
        _fill(_dayPages[id], day, day + 1, highest);
        emit FactorsWritten(id, fromSlot, toSlot, factor);
    }

    /// @dev Sets the lanes from `from` to before `to`.
    function _fill(uint256[PAGES] storage pages, uint256 from, uint256 to, uint256 factor) private {
        uint256 next;
        for (uint256 at = from; at < to; at = next) {
            next = Math.min(to, (at | 15) + 1);
            uint256 mask = (type(uint256).max >> (256 - 16 * (next - at))) << (16 * (at & 15));
            pages[at >> 4] = (pages[at >> 4] & ~mask) | (LANES * factor & mask);
        }
    }

    /// @dev The highest factor in the lanes from `from` to before `to`.
    function _highest(uint256[PAGES] storage pages, uint256 from, uint256 to) private view returns (uint256 highest) {
        highest = BPS;
        uint256 next;
        for (uint256 at = from; at < to; at = next) {
            next = Math.min(to, (at | 15) + 1);
            uint256 page = pages[at >> 4] >> (16 * (at & 15));
            // Lanes that nobody wrote are 0; the highest ones often are.
            for (uint256 i = at; i < next && page != 0; ++i) {
                if (uint16(page) > highest) highest = uint16(page);
                page >>= 16;
            }
        }
    }

    /* INTERNAL: REFUSALS */

    function _requireBeyondHorizon(uint256 day) private view {
        uint256 first = _firstBeyondHorizon();
        if (day < first) revert Tariffs_WithinHorizon(day, first);
    }

    function _requireGrid() private view {
        if (msg.sender != GRID) revert Tariffs_OnlyGrid(msg.sender);
    }

    function _requireFee(uint256 fee, uint256 ceiling) private pure {
        if (fee > ceiling) revert Tariffs_FeeAbove(fee, ceiling);
    }

    function _requireParameter(bool isGood, bytes32 name, uint256 value) private pure {
        if (!isGood) revert Tariffs_BadParameter(name, value);
    }
}
