// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IDemandBaselines} from "../interfaces/IDemandBaselines.sol";
import {IEnergyAccounts} from "../interfaces/IEnergyAccounts.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {ITariffs} from "../interfaces/ITariffs.sol";
import {Baselines} from "../libraries/Baselines.sol";
import {Slots} from "../libraries/Slots.sol";
import {TermsWord} from "../types/TermsWord.sol";

/// @title DemandBaselines
/// @notice See {IDemandBaselines}; comments here are for maintainers. It has no state: {DemandResponse} asks it.
contract DemandBaselines is IDemandBaselines {
    /* CONSTANTS AND IMMUTABLES */

    uint256 private constant MIN_DAYS = 2;
    uint256 private constant MAX_DAYS = 10;
    uint256 private constant MAX_FACTOR = 1000;

    uint256 public constant ADJUSTMENT_TIME = 3 hours;
    ISettlement public immutable SETTLEMENT;
    IEnergyAccounts public immutable ENERGY;
    uint256 public immutable MIN_REDUCTION;
    uint256 public immutable BASELINE_DAYS;
    uint256 public immutable BASELINE_KNOWN;
    uint256 public immutable NOISE_FACTOR;
    ITariffs private immutable _TARIFFS;
    uint256 private immutable _slotLength;

    /* CONSTRUCTOR */

    constructor(Modules memory modules, Parameters memory parameters) {
        _requireWithin("minReduction", parameters.minReduction, 1, type(uint32).max);
        _requireWithin("baselineDays", parameters.baselineDays, MIN_DAYS, MAX_DAYS);
        _requireWithin("baselineKnown", parameters.baselineKnown, MIN_DAYS, parameters.baselineDays);
        _requireWithin("noiseFactor", parameters.noiseFactor, 1, MAX_FACTOR);
        SETTLEMENT = modules.settlement;
        ENERGY = modules.settlement.ENERGY();
        _TARIFFS = modules.settlement.TARIFFS();
        _slotLength = modules.settlement.SLOT_LENGTH();
        MIN_REDUCTION = parameters.minReduction;
        BASELINE_DAYS = parameters.baselineDays;
        BASELINE_KNOWN = parameters.baselineKnown;
        NOISE_FACTOR = parameters.noiseFactor;
    }

    /* VIEWS */

    /// @inheritdoc IDemandBaselines
    function measure(
        address consumer,
        bytes32 region,
        uint256 announcedAt,
        uint256 fromSlot,
        uint256 toSlot,
        uint256 committed,
        bool isMember
    ) external view returns (Measurement memory found) {
        Baselines.Window memory window = _windowOf(consumer, announcedAt, fromSlot, toSlot);
        TermsWord terms = _termsOf(window.number);
        if (terms.region() != _TARIFFS.findRegion(region)) revert DemandBaselines_OtherRegion(consumer, region);

        Baselines.Similar memory similar = Baselines.similarDays(window, BASELINE_DAYS);
        int256 rated = int256(terms.ratedPower());
        if (isMember && similar.known < BASELINE_KNOWN) {
            // Left out, such members would let an aggregator choose whom it shows once the event is over.
            return Measurement({baseline: 0, actual: rated, minimum: MIN_REDUCTION, unread: fromSlot});
        }
        (found.baseline, found.minimum) = _expected(consumer, window, similar);
        int256 least = found.baseline + int256(Math.max(found.minimum, committed));
        (uint256 unread, int256 taken) = Baselines.eventOf(window, uint256(least < rated ? rated : least));
        found.actual = Baselines.powerUp(window, taken);
        if (unread != 0 && found.actual < least) found.actual = least;
        found.unread = unread != 0 ? unread : Baselines.unreadBefore(window);
    }

    /// @inheritdoc IDemandBaselines
    function baselineOf(address consumer, uint256 announcedAt, uint256 fromSlot, uint256 toSlot)
        external
        view
        returns (int256 baseline, uint256 minimum)
    {
        Baselines.Window memory window = _windowOf(consumer, announcedAt, fromSlot, toSlot);
        return _expected(consumer, window, Baselines.similarDays(window, BASELINE_DAYS));
    }

    /// @inheritdoc IDemandBaselines
    function isMetered(address consumer, uint256 fromSlot, uint256 toSlot) public view returns (bool) {
        (uint256 since, uint256 until) = ENERGY.meteredOf(SETTLEMENT.numberOf(consumer));
        return since != 0 && since < toSlot && until > fromSlot;
    }

    /* INTERNAL */

    function _termsOf(uint256 number) private view returns (TermsWord) {
        uint256[] memory numbers = new uint256[](1);
        numbers[0] = number;
        return ENERGY.termsOf(numbers)[0];
    }

    function _expected(address consumer, Baselines.Window memory window, Baselines.Similar memory similar)
        private
        view
        returns (int256 baseline, uint256 minimum)
    {
        if (similar.known < BASELINE_KNOWN) {
            revert DemandBaselines_TooFewDays(consumer, similar.known, BASELINE_KNOWN);
        }
        baseline = Baselines.adjustedMean(window, similar);
        minimum = Math.max(MIN_REDUCTION, Baselines.spread(window, similar, NOISE_FACTOR));
    }

    function _windowOf(address consumer, uint256 announcedAt, uint256 fromSlot, uint256 toSlot)
        private
        view
        returns (Baselines.Window memory)
    {
        uint256 slotsPerDay = Slots.DAY / _slotLength;
        if (fromSlot >= toSlot || toSlot - fromSlot > slotsPerDay) revert DemandBaselines_BadSlots(fromSlot, toSlot);
        if (!isMetered(consumer, fromSlot, toSlot)) revert DemandBaselines_NotMetered(consumer);
        uint256 number = SETTLEMENT.numberOf(consumer);
        (uint256 since, uint256 until) = ENERGY.meteredOf(number);
        uint256 adjustment = ADJUSTMENT_TIME / _slotLength;
        uint256 announced = announcedAt / _slotLength;
        uint256 midnight = fromSlot - fromSlot % slotsPerDay;
        return Baselines.Window({
            energy: ENERGY,
            number: number,
            since: since,
            until: until,
            fromSlot: fromSlot,
            toSlot: toSlot,
            // Without such a time on the event's day, the slots before the announcement are none.
            before: announced >= midnight + adjustment ? announced - adjustment : announced,
            announced: announced,
            slotsPerDay: slotsPerDay,
            slotLength: _slotLength
        });
    }

    function _requireWithin(bytes32 name, uint256 value, uint256 minimum, uint256 maximum) private pure {
        if (value < minimum || value > maximum) revert DemandBaselines_BadParameter(name, value);
    }
}
