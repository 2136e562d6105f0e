// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ISmartMeter} from "../interfaces/ISmartMeter.sol";
import {DayWord, DayWordLibrary} from "../types/DayWord.sol";
import {MeterWord} from "../types/MeterWord.sol";
import {PointWord} from "../types/PointWord.sol";
import {ReadingWord} from "../types/ReadingWord.sol";
import {MeterRegistry} from "./MeterRegistry.sol";

/// @title GatewayMeters
/// @notice The part of {ISmartMeter} about days that a community's gateway reads; comments here are for maintainers.
/// @dev The nets of such a day never come here. The meter's newest boundary stays where its own readings ended, until
/// {moveTo} brings it to where the gateway's did.
abstract contract GatewayMeters is MeterRegistry {
    /* CONSTRUCTOR */

    constructor(address authority, Modules memory modules, Parameters memory parameters)
        MeterRegistry(authority, modules, parameters)
    {}

    /* COMMUNITIES */

    /// @inheritdoc ISmartMeter
    function setReadByGateway(uint256 number) external {
        _requireCaller(COMMUNITIES);
        address meter = _points[number].key();
        _meters[meter] = _requireActive(meter).withByGateway(true);
    }

    /* COMMUNITY DAYS */

    /// @inheritdoc ISmartMeter
    function moveTo(
        uint256 number,
        uint256 slot,
        uint256 firstImported,
        uint256 firstExported,
        uint256 imported,
        uint256 exported,
        bool stays
    ) external {
        _requireCaller(COMMUNITY_DAYS);
        PointWord point = _points[number];
        // slither-disable-next-line divide-before-multiply: the day's first slot
        uint256 begin = ((slot - 1) / _DAY_SLOTS) * _DAY_SLOTS;
        ReadingWord first = point.ofDevice(begin, firstImported, firstExported);
        _moveTo(point.key(), first, point.ofDevice(slot, imported, exported), stays);
    }

    /// @inheritdoc ISmartMeter
    function keepDay(
        uint256 number,
        uint256 day,
        uint256 firstImported,
        uint256 firstExported,
        uint256 imported,
        uint256 exported
    ) external {
        _requireCaller(COMMUNITY_DAYS);
        address meter = _points[number].key();
        mapping(uint256 day => DayWord word) storage ofMeter = _days[_numbers[meter]];
        if (day < _meters[meter].firstDay() || ofMeter[day].exists()) return;
        ofMeter[day] = DayWordLibrary.pack(firstImported, firstExported).endingAt(imported, exported);
    }

    /* VIEWS */

    /// @inheritdoc ISmartMeter
    function registersOf(uint256 number) external view returns (uint256 readTo, uint256 imported, uint256 exported) {
        PointWord point = _points[number];
        ReadingWord reading = _meters[point.key()].reading();
        readTo = reading.time();
        (imported, exported) = point.ofAccount(reading.imported(), reading.exported());
    }

    /* INTERNAL */

    /// @param first registers at the beginning of a day.
    /// @param last registers of a boundary within it, or at its end.
    function _moveTo(address meter, ReadingWord first, ReadingWord last, bool stays) private {
        MeterWord word = _requireActive(meter);
        uint256 slot = last.time();
        _requireWithin(meter, word, slot);
        MeterWord before = _isKnown(word, first) ? word : _following(meter, word, first);
        MeterWord read = _following(meter, before, last).withByGateway(stays);
        _keepDay(meter, word, slot, before.reading());
        _meters[meter] = read;
        emit RegistersMoved(meter, slot * SLOT_LENGTH, last.imported(), last.exported());
        // slither-disable-next-line incorrect-equality: slots
        if (slot == word.endDay() * _DAY_SLOTS) _finish(meter, read);
    }

    /// @dev Whether a day begins before the newest boundary, or with its registers.
    function _isKnown(MeterWord word, ReadingWord first) private pure returns (bool) {
        ReadingWord newest = word.reading();
        // slither-disable-next-line incorrect-equality: registers
        return first.time() < newest.time()
            || (first.imported() == newest.imported() && first.exported() == newest.exported());
    }

    /// @dev The meter with registers that can follow its newest boundary.
    function _following(address meter, MeterWord word, ReadingWord next) private view returns (MeterWord) {
        uint256 elapsed = (next.time() - word.readTo()) * SLOT_LENGTH;
        (bytes memory refusal,,) = _riseOf(meter, word, next.imported(), next.exported(), elapsed);
        _revertWith(refusal);
        return word.withReading(next);
    }

    /// @dev After the newest boundary, until the meter's end.
    function _requireWithin(address meter, MeterWord word, uint256 slot) private view {
        (uint256 readTo, uint256 end) = (word.readTo(), word.endDay() * _DAY_SLOTS);
        if (slot <= readTo) revert SmartMeter_NotNewer(meter, slot * SLOT_LENGTH, readTo * SLOT_LENGTH);
        if (slot > end) revert SmartMeter_Detached(meter, slot * SLOT_LENGTH, end * SLOT_LENGTH);
    }

    function _requireCaller(address expected) private view {
        if (msg.sender != expected) revert SmartMeter_WrongCaller(msg.sender, expected);
    }
}
