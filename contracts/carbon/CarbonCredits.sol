// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {BitMaps} from "@openzeppelin/contracts/utils/structs/BitMaps.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";

import {Relayed} from "../access/Relayed.sol";
import {ICarbonCredits} from "../interfaces/ICarbonCredits.sol";
import {IEnergyCertificates} from "../interfaces/IEnergyCertificates.sol";
import {IGridManagement} from "../interfaces/IGridManagement.sol";
import {Texts} from "../libraries/Texts.sol";

/// @title CarbonCredits
/// @notice See {ICarbonCredits}; comments here are for maintainers.
/// @dev A retirement of certificates never changes, so its credits do not depend on when, by whom and with which other
/// ones they are issued. No call from here runs code of an account.
contract CarbonCredits is ICarbonCredits, ERC20Permit, AccessManaged, Relayed {
    using BitMaps for BitMaps.BitMap;
    using Checkpoints for Checkpoints.Trace208;
    using SafeCast for uint256;

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
    uint208 private constant CLEAN = 1;

    /// @inheritdoc ICarbonCredits
    IEnergyCertificates public immutable CERTIFICATES;
    /// @inheritdoc ICarbonCredits
    IGridManagement public immutable GRID;

    /* STORAGE */

    /// @dev Emission factors by the day from which they are in force.
    Checkpoints.Trace208 private _factors;
    /// @dev Whether a producer is clean, by the day from which it is so.
    mapping(address producer => Checkpoints.Trace208 days_) private _clean;
    /// @dev Of certificates, by the retirement's number.
    BitMaps.BitMap private _credited;
    /// @dev What is below a gram stays with the account.
    mapping(address account => uint256 milligrams) private _left;
    Record[] private _retirements;
    mapping(address beneficiary => uint256 grams) private _retiredFor;

    /// @inheritdoc ICarbonCredits
    uint256 public totalRetired;

    /* CONSTRUCTOR */

    /// @param gramsPerKwh the emission factor from today on.
    constructor(address authority, IEnergyCertificates certificates, uint256 gramsPerKwh, address forwarder)
        ERC20("Carbon Credit", "TCO2E")
        ERC20Permit("Carbon Credit")
        AccessManaged(authority)
        Relayed(forwarder)
    {
        CERTIFICATES = certificates;
        GRID = certificates.GRID();
        _pushFactor(_today(), gramsPerKwh);
    }

    /* REGISTRAR */

    /// @inheritdoc ICarbonCredits
    function registerCleanEnergyProducer(address producer) external restricted {
        _requireClean(producer);
        Checkpoints.Trace208 storage clean = _clean[producer];
        if (clean.latest() == CLEAN) revert CarbonCredits_AlreadyRegistered(producer);

        uint256 fromDay = _today() + 1;
        // slither-disable-next-line unused-return: the former value does not matter
        clean.push(fromDay.toUint48(), CLEAN);
        emit CleanProducerRegistered(producer, fromDay);
    }

    /// @inheritdoc ICarbonCredits
    function deregisterCleanEnergyProducer(address producer) external restricted {
        Checkpoints.Trace208 storage clean = _clean[producer];
        // slither-disable-next-line unused-return: its value is the latest one
        (, uint48 fromDay,) = clean.latestCheckpoint();
        if (clean.latest() != CLEAN) revert CarbonCredits_NotRegistered(producer);

        // A registration that has not begun ends on the day of its begin.
        uint256 untilDay = Math.max(_today(), fromDay);
        // slither-disable-next-line unused-return: as above
        clean.push(untilDay.toUint48(), 0);
        emit CleanProducerDeregistered(producer, untilDay);
    }

    /* GOVERNANCE */

    /// @inheritdoc ICarbonCredits
    function setEmissionFactor(uint256 gramsPerKwh) external restricted {
        _pushFactor(_today() + 1, gramsPerKwh);
    }

    /* ANYONE */

    /// @inheritdoc ICarbonCredits
    function issueCarbonCredits(address account, uint256[] calldata retirements) external returns (uint256 grams) {
        (uint256 credited, uint256 energy, uint256 milligrams) = _credit(account, retirements);
        // slither-disable-next-line incorrect-equality: a number of retirements
        if (credited == 0) revert CarbonCredits_NothingToIssue(account);
        milligrams += _left[account];
        grams = milligrams / MILLIGRAMS_PER_GRAM;
        // slither-disable-next-line weak-prng: a stored remainder, no randomness
        _left[account] = milligrams % MILLIGRAMS_PER_GRAM;
        emit CarbonCreditsIssued(account, credited, energy, grams);
        if (grams > 0) _mint(account, grams);
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

        _burn(_msgSender(), amount);
        totalRetired += amount;
        _retiredFor[beneficiary] += amount;
        _retirements.push(
            Record({
                account: _msgSender(),
                time: block.timestamp.toUint48(),
                beneficiary: beneficiary,
                amount: amount.toUint96(),
                reason: reason
            })
        );
        id = _retirements.length;
        emit CarbonCreditsRetired(id, _msgSender(), beneficiary, amount, reason);
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
        if (_clean[account].latest() != CLEAN) return false;
        // An account that was ever registered here stays a producer there, with the same energy type.
        return _isActive(GRID.getProducerInfo(account));
    }

    /// @inheritdoc ICarbonCredits
    function cleanProducer(address account) external view returns (CleanProducer memory producer) {
        Checkpoints.Trace208 storage clean = _clean[account];
        producer.milligrams = _left[account];
        uint256 count = clean.length();
        // slither-disable-next-line incorrect-equality: a number of checkpoints
        if (count == 0) return producer;
        Checkpoints.Checkpoint208 memory last = clean.at(uint32(count - 1));
        if (last._value == CLEAN) {
            producer.fromDay = last._key;
        } else {
            // One that ended before it began has only its end.
            producer.fromDay = count == 1 ? last._key : clean.at(uint32(count - 2))._key;
            producer.untilDay = last._key;
        }
    }

    /// @inheritdoc ICarbonCredits
    function isCleanOn(address producer, uint256 day) public view returns (bool) {
        return _clean[producer].upperLookupRecent(uint48(Math.min(day, type(uint48).max))) == CLEAN;
    }

    /// @inheritdoc ICarbonCredits
    function isCredited(uint256 retirementOfCertificates) external view returns (bool) {
        return _credited.get(retirementOfCertificates);
    }

    /// @inheritdoc ICarbonCredits
    function emissionFactorOf(uint256 day) public view returns (uint256) {
        return _factors.upperLookupRecent(uint48(Math.min(day, type(uint48).max)));
    }

    /// @inheritdoc ICarbonCredits
    function emissionFactorCount() external view returns (uint256) {
        return _factors.length();
    }

    /// @inheritdoc ICarbonCredits
    function emissionFactorAt(uint256 index) external view returns (uint256 fromDay, uint256 gramsPerKwh) {
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

    /// @dev Marks the retirements that are new. `milligrams` are the exact Wh times g/kWh of each, so their grouping
    /// makes no difference.
    function _credit(address account, uint256[] calldata retirements)
        private
        returns (uint256 credited, uint256 energy, uint256 milligrams)
    {
        for (uint256 i; i < retirements.length; ++i) {
            uint256 id = retirements[i];
            if (_credited.get(id)) continue;
            IEnergyCertificates.Retirement memory retired = CERTIFICATES.retirement(id);
            if (retired.account != account) revert CarbonCredits_NotTheirs(id, account);
            if (retired.technology == IGridManagement.EnergyType.NATURAL_GAS) {
                revert CarbonCredits_UncleanProducer(retired.producer, retired.technology);
            }
            if (!isCleanOn(retired.producer, retired.day)) {
                revert CarbonCredits_DayNotClean(retired.producer, retired.day);
            }
            _credited.set(id);
            ++credited;
            energy += retired.wh;
            milligrams += retired.wh * emissionFactorOf(retired.day);
        }
    }

    function _pushFactor(uint256 fromDay, uint256 gramsPerKwh) private {
        if (gramsPerKwh > MAX_FACTOR) revert CarbonCredits_FactorTooHigh(gramsPerKwh, MAX_FACTOR);
        // slither-disable-next-line unused-return: the former value does not matter
        _factors.push(fromDay.toUint48(), uint208(gramsPerKwh));
        emit EmissionFactorSet(fromDay, gramsPerKwh);
    }

    function _requireClean(address account) private view {
        IGridManagement.ProducerInfo memory info = _producerInfo(account);
        if (!_isActive(info)) revert CarbonCredits_InactiveProducer(account);
        if (info.energyType == IGridManagement.EnergyType.NATURAL_GAS) {
            revert CarbonCredits_UncleanProducer(account, info.energyType);
        }
    }

    function _isActive(IGridManagement.ProducerInfo memory info) private pure returns (bool) {
        return info.active && info.confirmation != IGridManagement.Confirmation.NONE;
    }

    function _producerInfo(address account) private view returns (IGridManagement.ProducerInfo memory) {
        // It reverts only for an account that is no producer.
        try GRID.getProducerInfo(account) returns (IGridManagement.ProducerInfo memory info) {
            return info;
        } catch {
            revert CarbonCredits_NotProducer(account);
        }
    }

    function _today() private view returns (uint256) {
        return block.timestamp / 1 days;
    }

    /* INTERNAL: CALLERS */

    /// @dev What OpenZeppelin's functions ask, too: the account that the forwarder calls for.
    function _msgSender() internal view override returns (address) {
        return _holder();
    }

    /// @dev Roles are the caller's own: the forwarder has none.
    function _checkCanCall(address, bytes calldata data) internal override {
        super._checkCanCall(msg.sender, data);
    }
}
