// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IGridManagement} from "./IGridManagement.sol";
import {ISettlement} from "./ISettlement.sol";

/// @title ICarbonCredits
/// @notice Avoided emissions of clean production, as an ERC-20 with 6 decimals (EIP-2612): one token is 1 t CO2e, one
/// base unit 1 g. Credits come from metered production only. A final slot earns its Wh times the emission factor in
/// force in it, once. Wh times g/kWh are milligrams; a remainder below a gram is carried to the producer's next issue,
/// so the grouping of slots does not change the total. Retiring uses credits up, for a beneficiary and a reason, in a
/// numbered record.
///
/// A clean producer is registered here by the registrar and is, in GridManagement, an active producer of any energy
/// type but NATURAL_GAS without a storage, because a storage returns energy that was produced elsewhere.
///
/// Invariants: totalIssued == totalSupply + totalRetired; milligrams credited <= Wh produced x factor.
interface ICarbonCredits is IERC20 {
    /// @param amount g CO2e.
    /// @param time Unix seconds.
    struct Retirement {
        address account;
        address beneficiary;
        uint256 amount;
        uint256 time;
        string reason;
    }

    /// @param fromSlot the first slot that counts; 0: never registered.
    /// @param untilSlot the first slot that does not count any more; 0 while it is registered.
    /// @param milligrams earned remainder below a gram, in mg.
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
    /// @notice The emission factor from slot `fromSlot` on, in g CO2e per kWh.
    event EmissionFactorSet(uint256 indexed fromSlot, uint256 gramsPerKwh);
    /// @notice A producer got `grams` of credits (g CO2e) for `energy` Wh metered in `slots` slots.
    event CarbonCreditsIssued(address indexed producer, uint256 slots, uint256 energy, uint256 grams);
    /// @notice An account retired `amount` of its credits (g CO2e) for a beneficiary and a reason.
    event CarbonCreditsRetired(
        uint256 indexed id, address indexed account, address indexed beneficiary, uint256 amount, string reason
    );

    /* ERRORS */

    /// @notice The account is no producer in GridManagement: it must register there first.
    error CarbonCredits_NotProducer(address account);
    /// @notice The grid authority has deactivated the producer. Its slots can be credited once it is active again.
    error CarbonCredits_InactiveProducer(address producer);
    /// @notice The producer's energy type is not clean and earns no credits.
    error CarbonCredits_UncleanProducer(address producer, IGridManagement.EnergyType energyType);
    /// @notice The account owns a storage, which returns energy that was produced elsewhere.
    error CarbonCredits_IsStorage(address account);
    /// @notice The producer is registered as clean already.
    error CarbonCredits_AlreadyRegistered(address producer);
    /// @notice The producer was never registered as clean, or has been deregistered.
    error CarbonCredits_NotRegistered(address producer);
    /// @notice Readings of the slot are accepted until `finalAt` (Unix seconds).
    error CarbonCredits_SlotNotFinal(uint256 slot, uint256 finalAt);
    /// @notice The producer was not registered as clean in this slot.
    error CarbonCredits_SlotNotClean(address producer, uint256 slot);
    /// @notice All of these slots are credited already or have no production.
    error CarbonCredits_NothingToIssue(address producer);
    /// @notice The emission factor is above `maximum`, in g CO2e per kWh.
    error CarbonCredits_FactorTooHigh(uint256 gramsPerKwh, uint256 maximum);
    /// @notice There is no emission factor of this index, see {emissionFactorCount}.
    error CarbonCredits_NoSuchFactor(uint256 index);
    /// @notice An amount of 0 g cannot be retired.
    error CarbonCredits_ZeroAmount();
    /// @notice The zero address cannot be the beneficiary.
    error CarbonCredits_ZeroBeneficiary();
    /// @notice The reason is empty, longer than `maximum` bytes, or not plain text.
    error CarbonCredits_BadReason(uint256 length, uint256 maximum);
    /// @notice There is no retirement of this number, see {retirementCount}.
    error CarbonCredits_NoSuchRetirement(uint256 id);

    /* REGISTRAR */

    /// @notice Registers a clean producer: its slots earn credits from the next one on. Role: REGISTRAR.
    /// @param producer the producer's account.
    function registerCleanEnergyProducer(address producer) external;

    /// @notice Ends a registration: earlier slots can still be credited, the running slot cannot. A new registration
    /// starts a new range, and slots of the old one that were not credited are lost; milligrams are kept. Role:
    /// REGISTRAR.
    /// @param producer the producer's account.
    function deregisterCleanEnergyProducer(address producer) external;

    /* GOVERNANCE */

    /// @notice Sets the emission factor from the next slot on; earlier slots keep theirs. Role: governance.
    /// @param gramsPerKwh g CO2e that a clean kWh avoids, at most 2000.
    function setEmissionFactor(uint256 gramsPerKwh) external;

    /* ANYONE */

    /// @notice Issues a producer its credits of final slots. Credited slots are skipped, so another caller cannot make
    /// the rest fail by issuing one of them first. Slots without production are skipped, too. A deregistered producer
    /// still gets the credits of its registered slots. The producer must be clean in GridManagement at this time: an
    /// inactive one can be credited once it is active again, one that owns a storage cannot. Checked in this order:
    /// registered, active, no storage; then slot by slot: final, clean.
    /// @param producer the producer's account.
    /// @param slots numbers of the slots, in any order.
    /// @return grams the credits issued, in g CO2e.
    function issueCarbonCredits(address producer, uint256[] calldata slots) external returns (uint256 grams);

    /* HOLDERS */

    /// @notice The same as `transfer`, under the source document's name.
    /// @param to account that gets the credits.
    /// @param amount g CO2e.
    /// @return true; a transfer that fails reverts.
    function transferCarbonCredits(address to, uint256 amount) external returns (bool);

    /// @notice Retires `amount` g of the caller's credits.
    /// @param amount g CO2e, above 0.
    /// @param beneficiary for whom.
    /// @param reason 1 to 256 bytes of plain text (see {IEnergyAssetNFT-Terms}).
    /// @return id numbered from 1.
    function retire(uint256 amount, address beneficiary, string calldata reason) external returns (uint256 id);

    /* VIEWS */

    /// @notice The same as `balanceOf`, under the source document's name.
    /// @param account the account.
    /// @return g CO2e.
    function getCarbonCreditsBalance(address account) external view returns (uint256);
    /// @notice Whether the account is registered as clean here and still an active producer without a storage in
    /// GridManagement.
    /// @param account the account.
    /// @return whether it is a clean producer now.
    function isCleanEnergyProducer(address account) external view returns (bool);
    /// @notice The range of slots in which an account earns credits.
    /// @param account the account.
    /// @return its registration; all 0 if it never had one.
    function cleanProducer(address account) external view returns (CleanProducer memory);
    /// @notice Whether a slot of a producer was credited; false for a slot without production.
    /// @param producer the producer's account.
    /// @param slot number of the slot.
    /// @return whether it was.
    function isCredited(address producer, uint256 slot) external view returns (bool);
    /// @notice The emission factor in force in a slot, in g CO2e per kWh; for future slots, the newest one; 0 before
    /// the deployment.
    /// @param slot number of the slot.
    /// @return g CO2e per kWh.
    function emissionFactorOf(uint256 slot) external view returns (uint256);
    /// @notice The number of emission factors; they are numbered from 0. Of several set in one slot only the last is
    /// kept.
    /// @return the number.
    function emissionFactorCount() external view returns (uint256);
    /// @notice One of the emission factors that were set. Reverts with NoSuchFactor if there is none.
    /// @param index from 0, below {emissionFactorCount}.
    /// @return fromSlot the first slot in which it is in force.
    /// @return gramsPerKwh g CO2e per kWh.
    function emissionFactorAt(uint256 index) external view returns (uint256 fromSlot, uint256 gramsPerKwh);
    /// @notice All credits issued so far.
    /// @return g CO2e.
    function totalIssued() external view returns (uint256);
    /// @notice All credits retired so far.
    /// @return g CO2e.
    function totalRetired() external view returns (uint256);
    /// @notice The credits retired for a beneficiary.
    /// @param beneficiary for whom credits were retired.
    /// @return g CO2e.
    function retiredFor(address beneficiary) external view returns (uint256);
    /// @notice One retirement. Reverts with NoSuchRetirement if there is none.
    /// @param id number of the record, from 1 on.
    /// @return the record.
    function retirement(uint256 id) external view returns (Retirement memory);
    /// @notice Retirements are numbered from 1 to this.
    /// @return the number.
    function retirementCount() external view returns (uint256);
    /// @notice The contract that records the metered energy.
    /// @return the contract.
    function SETTLEMENT() external view returns (ISettlement);
    /// @notice The contract that registers producers.
    /// @return the contract.
    function GRID() external view returns (IGridManagement);
}
