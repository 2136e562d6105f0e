// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {BitMaps} from "@openzeppelin/contracts/utils/structs/BitMaps.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";

import {ICarbonCredits} from "../interfaces/ICarbonCredits.sol";
import {IGridManagement} from "../interfaces/IGridManagement.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {Texts} from "../libraries/Texts.sol";

/// @title CarbonCredits
/// @notice See {ICarbonCredits}; comments here are for maintainers.
/// @dev Energy is read from Settlement's slots and not stored here. The production of a final slot never changes, so
/// its credits do not depend on when, by whom and with which other slots they are issued. No call from here runs code
/// of an account.
contract CarbonCredits is ICarbonCredits, ERC20Permit, AccessManaged {
    using BitMaps for BitMaps.BitMap;
    using Checkpoints for Checkpoints.Trace208;
    using SafeCast for uint256;

    /// @dev A producer is registered from `fromSlot` on, which is above 0, until `untilSlot`, unless that is 0.
    struct Producer {
        // 4 + 4 + 2 = 10 bytes
        uint32 fromSlot;
        uint32 untilSlot;
        uint16 milligrams;
    }

    struct Record {
        // slot n: 20 + 6 = 26 bytes
        address account;
        uint48 time;
        // slot n + 1: 20 + 12 = 32 bytes
        address beneficiary;
        uint96 amount;
        // slot n + 2, and up to 8 more for a reason above 31 bytes
        string reason;
    }

    /* CONSTANTS AND IMMUTABLES */

    uint256 private constant MILLIGRAMS_PER_GRAM = 1000;
    /// @dev Twice what a kWh of lignite emits.
    uint256 private constant MAX_FACTOR = 2000;
    uint256 private constant MAX_REASON = 256;

    /// @inheritdoc ICarbonCredits
    ISettlement public immutable SETTLEMENT;
    /// @inheritdoc ICarbonCredits
    IGridManagement public immutable GRID;
    uint256 private immutable _slotLength;
    uint256 private immutable _grace;

    /* STORAGE */

    /// @dev Emission factors by the slot from which they are in force.
    Checkpoints.Trace208 private _factors;
    mapping(address producer => Producer record) private _producers;
    mapping(address producer => BitMaps.BitMap slots) private _credited;
    Record[] private _retirements;
    mapping(address beneficiary => uint256 grams) private _retiredFor;

    /// @inheritdoc ICarbonCredits
    uint256 public totalRetired;

    /* CONSTRUCTOR */

    /// @param gramsPerKwh the emission factor from the running slot on.
    constructor(address authority, ISettlement settlement, uint256 gramsPerKwh)
        ERC20("Carbon Credit", "TCO2E")
        ERC20Permit("Carbon Credit")
        AccessManaged(authority)
    {
        SETTLEMENT = settlement;
        GRID = settlement.gridModule();
        _slotLength = settlement.SLOT_LENGTH();
        _grace = settlement.GRACE();
        _pushFactor(_runningSlot(), gramsPerKwh);
    }

    /* REGISTRAR */

    /// @inheritdoc ICarbonCredits
    function registerCleanEnergyProducer(address producer) external restricted {
        _requireClean(producer);
        Producer storage record = _producers[producer];
        if (record.fromSlot != 0 && record.untilSlot == 0) revert CarbonCredits_AlreadyRegistered(producer);

        // Slots of an earlier registration lie before this one, so none is credited twice. The remainder below a gram
        // stays with the producer.
        uint256 fromSlot = _runningSlot() + 1;
        (record.fromSlot, record.untilSlot) = (fromSlot.toUint32(), 0);
        emit CleanProducerRegistered(producer, fromSlot);
    }

    /// @inheritdoc ICarbonCredits
    function deregisterCleanEnergyProducer(address producer) external restricted {
        Producer storage record = _producers[producer];
        if (record.fromSlot == 0 || record.untilSlot != 0) revert CarbonCredits_NotRegistered(producer);

        uint256 untilSlot = _runningSlot();
        record.untilSlot = untilSlot.toUint32();
        emit CleanProducerDeregistered(producer, untilSlot);
    }

    /* GOVERNANCE */

    /// @inheritdoc ICarbonCredits
    function setEmissionFactor(uint256 gramsPerKwh) external restricted {
        _pushFactor(_runningSlot() + 1, gramsPerKwh);
    }

    /* ANYONE */

    /// @inheritdoc ICarbonCredits
    function issueCarbonCredits(address producer, uint256[] calldata slots) external returns (uint256 grams) {
        Producer memory record = _producers[producer];
        // slither-disable-next-line incorrect-equality: 0 means never registered
        if (record.fromSlot == 0) revert CarbonCredits_NotRegistered(producer);
        _requireClean(producer);

        (uint256 credited, uint256 energy, uint256 milligrams) = _credit(producer, record, slots);
        if (credited == 0) revert CarbonCredits_NothingToIssue(producer);
        milligrams += record.milligrams;
        grams = milligrams / MILLIGRAMS_PER_GRAM;
        // slither-disable-next-line weak-prng: a stored remainder, no randomness
        _producers[producer].milligrams = uint16(milligrams % MILLIGRAMS_PER_GRAM);
        emit CarbonCreditsIssued(producer, credited, energy, grams);
        if (grams > 0) _mint(producer, grams);
    }

    /* HOLDERS */

    /// @inheritdoc ICarbonCredits
    function transferCarbonCredits(address to, uint256 amount) external returns (bool) {
        return transfer(to, amount);
    }

    /// @inheritdoc ICarbonCredits
    function retire(uint256 amount, address beneficiary, string calldata reason) external returns (uint256 id) {
        if (amount == 0) revert CarbonCredits_ZeroAmount();
        if (beneficiary == address(0)) revert CarbonCredits_ZeroBeneficiary();
        if (!Texts.isPlain(reason, MAX_REASON)) revert CarbonCredits_BadReason(bytes(reason).length, MAX_REASON);

        _burn(msg.sender, amount);
        totalRetired += amount;
        _retiredFor[beneficiary] += amount;
        _retirements.push(
            Record({
                account: msg.sender,
                time: block.timestamp.toUint48(),
                beneficiary: beneficiary,
                amount: amount.toUint96(),
                reason: reason
            })
        );
        id = _retirements.length;
        emit CarbonCreditsRetired(id, msg.sender, beneficiary, amount, reason);
    }

    /* VIEWS */

    /// @notice 6: one base unit is 1 g.
    function decimals() public pure override(ERC20) returns (uint8) {
        return 6;
    }

    /// @inheritdoc ICarbonCredits
    function getCarbonCreditsBalance(address account) external view returns (uint256) {
        return balanceOf(account);
    }

    /// @inheritdoc ICarbonCredits
    function isCleanEnergyProducer(address account) external view returns (bool) {
        Producer storage record = _producers[account];
        if (record.fromSlot == 0 || record.untilSlot != 0) return false;
        // An account that was ever registered here stays a producer there, with the same energy type.
        return GRID.getProducerInfo(account).active && !GRID.isStorage(account);
    }

    /// @inheritdoc ICarbonCredits
    function cleanProducer(address account) external view returns (CleanProducer memory) {
        Producer storage record = _producers[account];
        return CleanProducer({fromSlot: record.fromSlot, untilSlot: record.untilSlot, milligrams: record.milligrams});
    }

    /// @inheritdoc ICarbonCredits
    function isCredited(address producer, uint256 slot) external view returns (bool) {
        return _credited[producer].get(slot);
    }

    /// @inheritdoc ICarbonCredits
    function emissionFactorOf(uint256 slot) public view returns (uint256) {
        return _factors.upperLookupRecent(uint48(Math.min(slot, type(uint48).max)));
    }

    /// @inheritdoc ICarbonCredits
    function emissionFactorCount() external view returns (uint256) {
        return _factors.length();
    }

    /// @inheritdoc ICarbonCredits
    function emissionFactorAt(uint256 index) external view returns (uint256 fromSlot, uint256 gramsPerKwh) {
        if (index >= _factors.length()) revert CarbonCredits_NoSuchFactor(index);
        Checkpoints.Checkpoint208 memory factor = _factors.at(uint32(index));
        return (factor._key, factor._value);
    }

    /// @inheritdoc ICarbonCredits
    function totalIssued() external view returns (uint256) {
        return totalSupply() + totalRetired;
    }

    /// @inheritdoc ICarbonCredits
    function retiredFor(address beneficiary) external view returns (uint256) {
        return _retiredFor[beneficiary];
    }

    /// @inheritdoc ICarbonCredits
    function retirement(uint256 id) external view returns (Retirement memory) {
        if (id == 0 || id > _retirements.length) revert CarbonCredits_NoSuchRetirement(id);
        Record storage record = _retirements[id - 1];
        return Retirement({
            account: record.account,
            beneficiary: record.beneficiary,
            amount: record.amount,
            time: record.time,
            reason: record.reason
        });
    }

    /// @inheritdoc ICarbonCredits
    function retirementCount() external view returns (uint256) {
        return _retirements.length;
    }

    /* INTERNAL */

    /// @dev Marks the slots that have something to credit. `milligrams` are the exact Wh times g/kWh of each slot, so
    /// the grouping of slots makes no difference.
    function _credit(address producer, Producer memory record, uint256[] calldata slots)
        private
        returns (uint256 credited, uint256 energy, uint256 milligrams)
    {
        BitMaps.BitMap storage done = _credited[producer];
        for (uint256 i; i < slots.length; ++i) {
            uint256 slot = slots[i];
            _requireFinal(slot);
            if (slot < record.fromSlot || (record.untilSlot != 0 && slot >= record.untilSlot)) {
                revert CarbonCredits_SlotNotClean(producer, slot);
            }
            if (done.get(slot)) continue;
            uint256 produced = SETTLEMENT.energyOf(producer, slot).produced;
            if (produced == 0) continue;

            done.set(slot);
            ++credited;
            energy += produced;
            milligrams += produced * emissionFactorOf(slot);
        }
    }

    function _pushFactor(uint256 fromSlot, uint256 gramsPerKwh) private {
        if (gramsPerKwh > MAX_FACTOR) revert CarbonCredits_FactorTooHigh(gramsPerKwh, MAX_FACTOR);
        // slither-disable-next-line unused-return: the former value does not matter
        _factors.push(fromSlot.toUint48(), uint208(gramsPerKwh));
        emit EmissionFactorSet(fromSlot, gramsPerKwh);
    }

    /// @dev Checked at every issue, because credits cannot be taken back: the producer may own a storage by now, or the
    /// grid authority may have deactivated it because of false readings. The slots of a deactivated producer can be
    /// credited once it is active again.
    function _requireClean(address account) private view {
        IGridManagement.ProducerInfo memory info = _producerInfo(account);
        if (!info.active) revert CarbonCredits_InactiveProducer(account);
        if (info.energyType == IGridManagement.EnergyType.NATURAL_GAS) {
            revert CarbonCredits_UncleanProducer(account, info.energyType);
        }
        if (GRID.isStorage(account)) revert CarbonCredits_IsStorage(account);
    }

    function _producerInfo(address account) private view returns (IGridManagement.ProducerInfo memory) {
        // It reverts only for an account that is no producer.
        try GRID.getProducerInfo(account) returns (IGridManagement.ProducerInfo memory info) {
            return info;
        } catch {
            revert CarbonCredits_NotProducer(account);
        }
    }

    /// @dev {Slots.isFinal} for any number: slots beyond 64-bit times are never final.
    function _requireFinal(uint256 slot) private view {
        uint256 end = Math.saturatingMul(Math.saturatingAdd(slot, 1), _slotLength);
        uint256 finalAt = Math.saturatingAdd(end, _grace);
        if (block.timestamp < finalAt) revert CarbonCredits_SlotNotFinal(slot, finalAt);
    }

    function _runningSlot() private view returns (uint256) {
        return block.timestamp / _slotLength;
    }
}
