// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IGridManagement} from "./IGridManagement.sol";
import {ISettlement} from "./ISettlement.sol";

/// @title ICarbonCredits
/// @notice What clean production avoids, as an ERC-20 with 6 decimals (EIP-2612): one token is 1 t CO2e, one base unit
/// 1 g. Credits come from metered production alone: a slot, once it is final, earns its Wh times the emission factor
/// that was in force in it, once. Wh times g/kWh are milligrams; what is less than a gram stays to the producer's
/// account for the next time, so however slots are put together, they earn the same. Who retires credits uses them up,
/// for a beneficiary and a reason, in a numbered record.
///
/// A clean producer is one whom the registrar has registered here and who is, in GridManagement, an active producer of
/// any energy type but NATURAL_GAS and no storage: what a storage gives back was produced elsewhere.
///
/// Invariants: totalIssued == totalSupply + totalRetired; milligrams credited <= Wh produced x factor.
interface ICarbonCredits is IERC20 {
    /// @param amount g CO2e. @param time Unix seconds.
    struct Retirement {
        address account;
        address beneficiary;
        uint256 amount;
        uint256 time;
        string reason;
    }

    /// @param fromSlot the first slot that counts; 0: never registered.
    /// @param untilSlot the first slot that does not count any more; 0 while it is registered.
    /// @param milligrams credited and not yet a gram.
    struct CleanProducer {
        uint256 fromSlot;
        uint256 untilSlot;
        uint256 milligrams;
    }

    /* EVENTS */

    /// @notice The producer's slots earn credits from `fromSlot` on.
    event CleanProducerRegistered(address indexed producer, uint256 fromSlot);
    /// @notice The producer's slots earn credits until `untilSlot`, which does not count any more.
    event CleanProducerDeregistered(address indexed producer, uint256 untilSlot);
    /// @notice In g CO2e per kWh, from this slot on.
    event EmissionFactorSet(uint256 indexed fromSlot, uint256 gramsPerKwh);
    /// @notice A producer got `grams` of credits (g CO2e) for `energy` Wh metered in so many `slots`.
    event CarbonCreditsIssued(address indexed producer, uint256 slots, uint256 energy, uint256 grams);
    /// @notice An account used up `amount` of its credits (g CO2e) for a beneficiary and a reason.
    event CarbonCreditsRetired(
        uint256 indexed id, address indexed account, address indexed beneficiary, uint256 amount, string reason
    );

    /* ERRORS */

    /// @notice The account is no producer in GridManagement: it registers there first.
    error CarbonCredits_NotProducer(address account);
    /// @notice The grid authority has deactivated the producer. Its slots wait until it is active again.
    error CarbonCredits_InactiveProducer(address producer);
    /// @notice What the producer generates is not clean: its energy type earns no credits.
    error CarbonCredits_UncleanProducer(address producer, IGridManagement.EnergyType energyType);
    /// @notice The account owns a storage. What a storage gives back was produced elsewhere.
    error CarbonCredits_IsStorage(address account);
    /// @notice The producer is registered as clean already.
    error CarbonCredits_AlreadyRegistered(address producer);
    /// @notice The producer was never registered as clean, or is not any more.
    error CarbonCredits_NotRegistered(address producer);
    /// @notice Readings of the slot may still come in.
    error CarbonCredits_SlotNotFinal(uint256 slot, uint256 finalAt);
    /// @notice The producer was not registered as clean in this slot.
    error CarbonCredits_SlotNotClean(address producer, uint256 slot);
    /// @notice All of these slots were credited before, or nothing was produced in them.
    error CarbonCredits_NothingToIssue(address producer);
    /// @notice The emission factor is above `maximum`, in g CO2e per kWh.
    error CarbonCredits_FactorTooHigh(uint256 gramsPerKwh, uint256 maximum);
    /// @notice There is no emission factor of this index, see {emissionFactorCount}.
    error CarbonCredits_NoSuchFactor(uint256 index);
    /// @notice An amount of 0 g cannot be retired.
    error CarbonCredits_ZeroAmount();
    /// @notice The zero address cannot be the beneficiary.
    error CarbonCredits_ZeroBeneficiary();
    /// @notice Empty, longer than `maximum` bytes, or not plain text.
    error CarbonCredits_BadReason(uint256 length, uint256 maximum);
    /// @notice There is no retirement of this number, see {retirementCount}.
    error CarbonCredits_NoSuchRetirement(uint256 id);

    /* REGISTRAR */

    /// @notice Registers a clean producer: its slots count from the next one on. Role: REGISTRAR.
    /// @param producer the producer's account.
    function registerCleanEnergyProducer(address producer) external;

    /// @notice Ends that: the running slot does not count any more, earlier ones still do. Registering again begins
    /// anew, and slots that were not issued until then are lost; milligrams are kept. Role: REGISTRAR.
    /// @param producer the producer's account.
    function deregisterCleanEnergyProducer(address producer) external;

    /* GOVERNANCE */

    /// @notice Sets the emission factor from the next slot on; slots before keep theirs. Role: governance.
    /// @param gramsPerKwh g CO2e that a clean kWh avoids, at most 2000.
    function setEmissionFactor(uint256 gramsPerKwh) external;

    /* ANYONE */

    /// @notice Issues a producer's credits of final slots to it. Slots that were credited before are passed over, so
    /// that nobody can make the rest fail by issuing one of them first; so are those without production, which count if
    /// any is proven later ({ISmartMeter-proveSlot}). Who was deregistered still gets what it earned before. The
    /// producer must be clean in GridManagement at this time, too: slots of one that is inactive wait until it is
    /// active again, those of one that owns a storage by now are lost.
    /// Checked in this order: registered, active, no storage; then slot by slot: final, clean.
    /// @param producer the producer's account.
    /// @param slots numbers of the slots, in any order.
    /// @return grams what was issued.
    function issueCarbonCredits(address producer, uint256[] calldata slots) external returns (uint256 grams);

    /* HOLDERS */

    /// @notice `transfer` by the name of the source document.
    /// @param to who gets the credits.
    /// @param amount g CO2e.
    /// @return true; a transfer that fails reverts.
    function transferCarbonCredits(address to, uint256 amount) external returns (bool);

    /// @notice Uses up `amount` g of the caller's credits.
    /// @param amount g CO2e, above 0.
    /// @param beneficiary for whom.
    /// @param reason 1 to 256 bytes of plain text, as IEnergyAssetNFT says what that is.
    /// @return id numbered from 1.
    function retire(uint256 amount, address beneficiary, string calldata reason) external returns (uint256 id);

    /* VIEWS */

    /// @notice `balanceOf` by the name of the source document.
    /// @param account the account.
    /// @return g CO2e.
    function getCarbonCreditsBalance(address account) external view returns (uint256);
    /// @notice Whether the registrar has the account registered, and GridManagement still says what it must.
    /// @param account the account.
    /// @return whether it is a clean producer now.
    function isCleanEnergyProducer(address account) external view returns (bool);
    /// @notice Since when an account's slots earn credits.
    /// @param account the account.
    /// @return its registration; all 0 if it never had one.
    function cleanProducer(address account) external view returns (CleanProducer memory);
    /// @notice Whether a slot of a producer was credited; never so where nothing was produced.
    /// @param producer the producer's account.
    /// @param slot number of the slot.
    /// @return whether it was.
    function isCredited(address producer, uint256 slot) external view returns (bool);
    /// @notice The emission factor that is or was in force in a slot, in g CO2e per kWh; for slots to come, as it is
    /// known now; 0 before the deployment.
    /// @param slot number of the slot.
    /// @return g CO2e per kWh.
    function emissionFactorOf(uint256 slot) external view returns (uint256);
    /// @notice How many factors there are, and each, numbered from 0: its first slot and the factor. Of those set in
    /// one slot only the last is kept.
    /// @return how many.
    function emissionFactorCount() external view returns (uint256);
    /// @notice One of the emission factors that were set. It reverts for an index that is none.
    /// @param index from 0, below {emissionFactorCount}.
    /// @return fromSlot the first slot in which it is in force.
    /// @return gramsPerKwh g CO2e per kWh.
    function emissionFactorAt(uint256 index) external view returns (uint256 fromSlot, uint256 gramsPerKwh);
    /// @notice Grams ever issued.
    /// @return g CO2e.
    function totalIssued() external view returns (uint256);
    /// @notice Grams ever retired.
    /// @return g CO2e.
    function totalRetired() external view returns (uint256);
    /// @notice Grams retired for a beneficiary.
    /// @param beneficiary for whom credits were retired.
    /// @return g CO2e.
    function retiredFor(address beneficiary) external view returns (uint256);
    /// @notice One record of credits used up. It reverts for a number that is none.
    /// @param id number of the record, from 1 on.
    /// @return the record.
    function retirement(uint256 id) external view returns (Retirement memory);
    /// @notice Retirements are numbered from 1 to this.
    /// @return how many there are.
    function retirementCount() external view returns (uint256);
    /// @notice The contract that knows the metered energy.
    /// @return the contract.
    function SETTLEMENT() external view returns (ISettlement);
    /// @notice The contract that knows the producers.
    /// @return the contract.
    function GRID() external view returns (IGridManagement);
}
