// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IEnergyCertificates} from "./IEnergyCertificates.sol";
import {IGridManagement} from "./IGridManagement.sol";

/// @title ICarbonCredits
/// @notice Avoided emissions of clean energy, as an ERC-20 with 6 decimals (EIP-2612): one token is 1 t CO2e, one base
/// unit 1 g. Credits come from retired certificates only (see {IEnergyCertificates}): energy that was metered, and
/// matched with the consumption of the same slot and region. A retirement earns its Wh times the emission factor that
/// was in force on the day of production, once, for the account that consumed. Wh times g/kWh are milligrams; a
/// remainder below a gram is carried to the account's next issue, so the grouping of retirements does not change the
/// total. Retiring credits uses them up, for a beneficiary and a reason, in a numbered record.
///
/// A clean producer is registered here by the registrar. In GridManagement it is a confirmed and active producer of any
/// energy type but NATURAL_GAS. What it produced on days of its registration earns credits, whenever the certificates
/// are retired: the end of a registration, or a new one, takes nothing from earlier days.
///
/// Invariants: totalIssued == totalSupply + totalRetired; milligrams credited <= Wh of retired certificates x factor.
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

    /// @param fromDay the first day of the latest registration; 0: never registered.
    /// @param untilDay the first day that does not count any more; 0 while it is registered.
    /// @param milligrams of the account's credits, the remainder below a gram, in mg.
    struct CleanProducer {
        uint256 fromDay;
        uint256 untilDay;
        uint256 milligrams;
    }

    /* EVENTS */

    /// @notice What the producer produces from `fromDay` on earns credits.
    event CleanProducerRegistered(address indexed producer, uint256 fromDay);
    /// @notice What the producer produces earns credits until `untilDay`, which does not count any more.
    event CleanProducerDeregistered(address indexed producer, uint256 untilDay);
    /// @notice The emission factor from `fromDay` on, in g CO2e per kWh.
    event EmissionFactorSet(uint256 indexed fromDay, uint256 gramsPerKwh);
    /// @notice An account got `grams` of credits (g CO2e) for certificates of `energy` Wh in `retirements` retirements.
    event CarbonCreditsIssued(address indexed account, uint256 retirements, uint256 energy, uint256 grams);
    /// @notice An account retired `amount` of its credits (g CO2e) for a beneficiary and a reason.
    event CarbonCreditsRetired(
        uint256 indexed id, address indexed account, address indexed beneficiary, uint256 amount, string reason
    );

    /* ERRORS */

    /// @notice The account is no producer in GridManagement: it must register there first.
    error CarbonCredits_NotProducer(address account);
    /// @notice The grid authority has not confirmed the producer, or has deactivated it.
    error CarbonCredits_InactiveProducer(address producer);
    /// @notice The energy type is not clean and earns no credits.
    error CarbonCredits_UncleanProducer(address producer, IGridManagement.EnergyType energyType);
    /// @notice The producer is registered as clean already.
    error CarbonCredits_AlreadyRegistered(address producer);
    /// @notice The producer was never registered as clean, or has been deregistered.
    error CarbonCredits_NotRegistered(address producer);
    /// @notice The producer of the certificates was not registered as clean on this day.
    error CarbonCredits_DayNotClean(address producer, uint256 day);
    /// @notice Another account has retired the certificates of this retirement.
    error CarbonCredits_NotTheirs(uint256 retirement, address account);
    /// @notice All of these retirements are credited already.
    error CarbonCredits_NothingToIssue(address account);
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

    /// @notice Registers a clean producer: what it produces from the next day on earns credits. Role: REGISTRAR.
    /// @param producer the producer's account.
    function registerCleanEnergyProducer(address producer) external;

    /// @notice Ends a registration: earlier days still count, today does not. Role: REGISTRAR.
    /// @param producer the producer's account.
    function deregisterCleanEnergyProducer(address producer) external;

    /* GOVERNANCE */

    /// @notice Sets the emission factor from the next day on; earlier days keep theirs. Role: governance.
    /// @param gramsPerKwh g CO2e that a clean kWh avoids, at most 2000.
    function setEmissionFactor(uint256 gramsPerKwh) external;

    /* ANYONE */

    /// @notice Issues an account the credits of certificates that it has retired. Credited retirements are skipped, so
    /// another caller cannot make the rest fail by issuing one of them first. Errors: NotTheirs, UncleanProducer,
    /// DayNotClean, NothingToIssue, and EnergyCertificates_NoSuchRetirement.
    /// @param account who has retired them.
    /// @param retirements numbers of retirements in EnergyCertificates, in any order.
    /// @return grams the credits issued, in g CO2e.
    function issueCarbonCredits(address account, uint256[] calldata retirements) external returns (uint256 grams);

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
    /// @notice Whether the account is registered as clean here, and still confirmed and active in GridManagement.
    /// @param account the account.
    /// @return whether it is a clean producer now.
    function isCleanEnergyProducer(address account) external view returns (bool);
    /// @notice The latest registration of an account, and what is left of its credits below a gram.
    /// @param account the account.
    /// @return its registration; days of 0 if it never had one.
    function cleanProducer(address account) external view returns (CleanProducer memory);
    /// @notice Whether a producer was registered as clean on a day, in any registration.
    /// @param producer the producer's account.
    /// @param day number of the day.
    /// @return whether it was.
    function isCleanOn(address producer, uint256 day) external view returns (bool);
    /// @notice Whether a retirement of certificates was credited.
    /// @param retirementOfCertificates its number in EnergyCertificates.
    /// @return whether it was.
    function isCredited(uint256 retirementOfCertificates) external view returns (bool);
    /// @notice The emission factor in force on a day, in g CO2e per kWh; for future days, the newest one; 0 before the
    /// deployment.
    /// @param day number of the day.
    /// @return g CO2e per kWh.
    function emissionFactorOf(uint256 day) external view returns (uint256);
    /// @notice The number of emission factors; they are numbered from 0. Of several set on one day only the last is
    /// kept.
    /// @return the number.
    function emissionFactorCount() external view returns (uint256);
    /// @notice One of the emission factors that were set. Reverts with NoSuchFactor if there is none.
    /// @param index from 0, below {emissionFactorCount}.
    /// @return fromDay the first day on which it is in force.
    /// @return gramsPerKwh g CO2e per kWh.
    function emissionFactorAt(uint256 index) external view returns (uint256 fromDay, uint256 gramsPerKwh);
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
    /// @notice The contract of the certificates.
    /// @return the contract.
    function CERTIFICATES() external view returns (IEnergyCertificates);
    /// @notice The contract that registers producers.
    /// @return the contract.
    function GRID() external view returns (IGridManagement);
}
