// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IGridManagement} from "./IGridManagement.sol";
import {ISettlement} from "./ISettlement.sol";
import {ISmartMeter} from "./ISmartMeter.sol";

/// @title ICarbonCredits
/// @notice Avoided emissions of clean production, as an ERC-20 with 6 decimals (EIP-2612): one token is 1 t CO2e, one
/// base unit 1 g. Credits come from metered production only. A day (UTC, counted from 1970) earns its Wh times the
/// emission factor in force on it, once. Wh times g/kWh are milligrams; a remainder below a gram is carried to the
/// producer's next issue, so the grouping of days does not change the total. Retiring uses credits up, for a
/// beneficiary and a reason, in a numbered record.
///
/// The Wh of a day are what the producer's production sub-meters have counted, which the registrar names. Where there
/// are none, they are the day's export less its import at the settlement meter, if that is above 0.
///
/// A clean producer is registered here by the registrar. In GridManagement it is a confirmed and active producer of any
/// energy type but NATURAL_GAS. Without production sub-meters, it has no storage there, because a storage returns
/// energy that was produced elsewhere.
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

    /// @param fromDay the first day that counts; 0: never registered.
    /// @param untilDay the first day that does not count any more; 0 while it is registered.
    /// @param milligrams earned remainder below a gram, in mg.
    struct CleanProducer {
        uint256 fromDay;
        uint256 untilDay;
        uint256 milligrams;
    }

    /* EVENTS */

    /// @notice The producer's days earn credits from `fromDay` on.
    event CleanProducerRegistered(address indexed producer, uint256 fromDay);
    /// @notice The producer's days earn credits until `untilDay`, which does not count any more.
    event CleanProducerDeregistered(address indexed producer, uint256 untilDay);
    /// @notice What these sub-meters count is the producer's production. None: its net export is.
    event ProductionMetersSet(address indexed producer, uint256[] numbers);
    /// @notice The emission factor from `fromDay` on, in g CO2e per kWh.
    event EmissionFactorSet(uint256 indexed fromDay, uint256 gramsPerKwh);
    /// @notice A producer got `grams` of credits (g CO2e) for `energy` Wh metered on `days_` days.
    event CarbonCreditsIssued(address indexed producer, uint256 days_, uint256 energy, uint256 grams);
    /// @notice An account retired `amount` of its credits (g CO2e) for a beneficiary and a reason.
    event CarbonCreditsRetired(
        uint256 indexed id, address indexed account, address indexed beneficiary, uint256 amount, string reason
    );

    /* ERRORS */

    /// @notice The account is no producer in GridManagement: it must register there first.
    error CarbonCredits_NotProducer(address account);
    /// @notice The grid authority has not confirmed the producer, or has deactivated it. Its days can be credited once
    /// it is active.
    error CarbonCredits_InactiveProducer(address producer);
    /// @notice The producer's energy type is not clean and earns no credits.
    error CarbonCredits_UncleanProducer(address producer, IGridManagement.EnergyType energyType);
    /// @notice The account owns a storage, which returns energy that was produced elsewhere, and has no production
    /// sub-meters.
    error CarbonCredits_IsStorage(address account);
    /// @notice The producer is registered as clean already.
    error CarbonCredits_AlreadyRegistered(address producer);
    /// @notice The producer was never registered as clean, or has been deregistered.
    error CarbonCredits_NotRegistered(address producer);
    /// @notice The producer was not registered as clean on this day, or the day is not over.
    error CarbonCredits_DayNotClean(address producer, uint256 day);
    /// @notice A production sub-meter is not read to the end of the day; or, without them, no settlement meter was read
    /// at both of its midnights.
    error CarbonCredits_DayNotRead(address producer, uint256 day);
    /// @notice More sub-meters than `maximum`.
    error CarbonCredits_TooManyMeters(uint256 count, uint256 maximum);
    /// @notice Numbers of sub-meters must ascend: `number` follows `last`.
    error CarbonCredits_MetersUnordered(uint256 last, uint256 number);
    /// @notice The meter of this number is no sub-meter of the producer.
    error CarbonCredits_NoSubMeter(address producer, uint256 number);
    /// @notice All of these days are credited already or have no production.
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

    /// @notice Registers a clean producer: its days earn credits from the next one on. Role: REGISTRAR.
    /// @param producer the producer's account.
    function registerCleanEnergyProducer(address producer) external;

    /// @notice Ends a registration: earlier days can still be credited, today cannot. A new registration starts a new
    /// range, and days of the old one that were not credited are lost; milligrams are kept. Role: REGISTRAR.
    /// @param producer the producer's account.
    function deregisterCleanEnergyProducer(address producer) external;

    /// @notice Names the sub-meters that measure the producer's clean plants, and nothing else: what they count is its
    /// production on all days that are not credited yet. Role: REGISTRAR. Errors: TooManyMeters, MetersUnordered,
    /// NoSubMeter.
    /// @param producer the producer's account.
    /// @param numbers of the sub-meters, ascending, at most 8; none: the net export counts.
    function setProductionMeters(address producer, uint256[] calldata numbers) external;

    /* GOVERNANCE */

    /// @notice Sets the emission factor from the next day on; earlier days keep theirs. Role: governance.
    /// @param gramsPerKwh g CO2e that a clean kWh avoids, at most 2000.
    function setEmissionFactor(uint256 gramsPerKwh) external;

    /* ANYONE */

    /// @notice Issues a producer its credits of past days. Credited days are skipped, so another caller cannot make the
    /// rest fail by issuing one of them first. Days without production are skipped, too. A deregistered producer still
    /// gets the credits of its registered days. The producer must be clean in GridManagement at this time. Checked in
    /// this order: registered, active, no storage; then day by day: clean, read.
    /// @param producer the producer's account.
    /// @param days_ numbers of the days, in any order.
    /// @return grams the credits issued, in g CO2e.
    function issueCarbonCredits(address producer, uint256[] calldata days_) external returns (uint256 grams);

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
    /// @notice Whether the account is registered as clean here, still confirmed and active in GridManagement, and has
    /// no storage there, or production sub-meters here.
    /// @param account the account.
    /// @return whether it is a clean producer now.
    function isCleanEnergyProducer(address account) external view returns (bool);
    /// @notice The range of days on which an account earns credits.
    /// @param account the account.
    /// @return its registration; all 0 if it never had one.
    function cleanProducer(address account) external view returns (CleanProducer memory);
    /// @notice The sub-meters whose production counts.
    /// @param producer the producer's account.
    /// @return their numbers, ascending.
    function productionMeters(address producer) external view returns (uint256[] memory);
    /// @notice The clean energy of a day, credited or not. Reverts with DayNotRead.
    /// @param producer the producer's account.
    /// @param day number of the day.
    /// @return wh Wh.
    function energyOf(address producer, uint256 day) external view returns (uint256 wh);
    /// @notice Whether a day of a producer was credited; false for a day without production.
    /// @param producer the producer's account.
    /// @param day number of the day.
    /// @return whether it was.
    function isCredited(address producer, uint256 day) external view returns (bool);
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
    /// @notice The contract of the accounts.
    /// @return the contract.
    function SETTLEMENT() external view returns (ISettlement);
    /// @notice The contract of the meters.
    /// @return the contract.
    function METER() external view returns (ISmartMeter);
    /// @notice The contract that registers producers.
    /// @return the contract.
    function GRID() external view returns (IGridManagement);
}
