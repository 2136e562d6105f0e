// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ISettlement} from "./ISettlement.sol";

/// @title ISmartMeter
/// @notice Meters and their readings. The address of its key identifies a meter; rotating the key keeps its history.
/// Consumption and production are Wh since the meter's previous reading. A reading belongs to the slot, and the day, of
/// `timestamp - 1`: one taken at exactly 11:00:00 completes the hour 10:00-11:00. Settlement counts readings at a
/// slot's end, also those without energy ({ISettlement-metersReadAtEnd}): after such a reading no earlier energy can be
/// counted in a later slot.
interface ISmartMeter {
    /// @param timestamp Unix seconds of the reading.
    /// @param consumption,production Wh since the previous reading.
    /// @param gridFrequency centihertz (5000 = 50.00 Hz).
    /// @param voltage decivolts (2301 = 230.1 V).
    struct MeterReading {
        uint256 timestamp;
        uint256 consumption;
        uint256 production;
        uint256 gridFrequency;
        uint256 voltage;
    }

    /// @notice A reading signed by the meter's key. Its EIP-712 type, in one line:
    ///
    ///     MeterReading(address meter,uint256 timestamp,uint256 consumption,uint256 production,
    ///                  uint256 gridFrequency,uint256 voltage)
    ///
    /// The signature is in the compact form of ERC-2098, which has a fixed length.
    struct SignedReading {
        address meter;
        MeterReading reading;
        bytes32 r;
        bytes32 vs;
    }

    /// @notice A meter's data.
    /// @param number the meter's number, which stays when its key changes; 0: no such meter.
    /// @param ratedPower maximum power in either direction, in W.
    struct MeterInfo {
        uint256 number;
        address account;
        bytes32 region;
        uint256 ratedPower;
        bool active;
    }

    /// @notice Numbers fixed at deployment.
    /// @param minInterval minimum seconds between two readings of a meter: 1 to a slot.
    /// @param nominalVoltage decivolts, at most 10,922.
    struct Parameters {
        uint256 minInterval;
        uint256 nominalVoltage;
    }

    /* EVENTS */

    /// @notice A meter got its `number`; `ratedPower` is in W.
    event MeterRegistered(
        address indexed meter, address indexed account, bytes32 indexed region, uint256 number, uint256 ratedPower
    );
    /// @notice A meter counts for another account from its next reading on.
    event MeterAccountSet(address indexed meter, address indexed from, address indexed to);
    /// @notice The meter of this number has another key.
    event MeterKeyRotated(address indexed from, address indexed to, uint256 number);
    /// @notice A meter was deactivated for good; later readings of it revert.
    event MeterDeactivated(address indexed meter);
    /// @notice A reading was recorded: energy in Wh since the reading before, frequency in centihertz, voltage in
    /// decivolts; `timestamp` is in Unix seconds.
    event ReadingRecorded(
        address indexed meter,
        uint256 indexed slot,
        uint256 timestamp,
        uint256 consumption,
        uint256 production,
        uint256 gridFrequency,
        uint256 voltage
    );
    /// @notice A signed reading was skipped. It is `conflicting` if it has the same time as the latest one but other
    /// values: two contradicting readings were signed with the meter's key.
    event ReadingSkipped(address indexed meter, uint256 timestamp, bool conflicting);
    /// @notice A reading has a frequency outside 49.50-50.50 Hz or a voltage outside 95-105 % of nominal. The reading
    /// is recorded.
    event PowerQualityAlert(address indexed meter, uint256 timestamp, uint256 gridFrequency, uint256 voltage);

    /* ERRORS */

    /// @notice The parameter `name` (ASCII) has a value outside its bounds; see the function or constructor.
    error SmartMeter_BadParameter(bytes32 name, uint256 value);
    /// @notice No meter has this key: the registrar must register it first.
    error SmartMeter_UnknownMeter(address meter);
    /// @notice The meter was deactivated for good.
    error SmartMeter_InactiveMeter(address meter);
    /// @notice The key is, or was, that of a meter: use a new one.
    error SmartMeter_AlreadyRegistered(address meter);
    /// @notice The zero address cannot own a meter.
    error SmartMeter_ZeroAccount();
    /// @notice The account has `maximum` active meters, which is all it can have.
    error SmartMeter_TooManyMeters(address account, uint256 maximum);
    /// @notice The reading is older than the latest one, or not later than the meter's registration.
    error SmartMeter_NotNewer(address meter, uint256 timestamp, uint256 latest);
    /// @notice The reading is the latest one, which is recorded already.
    error SmartMeter_Replayed(address meter, uint256 timestamp);
    /// @notice A reading with other values is recorded for the same time: two contradicting readings were signed with
    /// the meter's key.
    error SmartMeter_Conflicting(address meter, uint256 timestamp);
    /// @notice The reading is within the minimum interval after the latest reading or, for the first one, after the
    /// registration.
    error SmartMeter_TooSoon(address meter, uint256 timestamp, uint256 earliest);
    /// @notice The reading's `timestamp` is after the chain's `time` (both Unix seconds). Set the meter's clock.
    error SmartMeter_FromFuture(address meter, uint256 timestamp, uint256 time);
    /// @notice The reading's slot is final.
    error SmartMeter_TooOld(address meter, uint256 timestamp, uint256 slotFinalAt);
    /// @notice The consumed or produced energy exceeds `maximum`, which is the rated power over the time since the
    /// previous reading (rounded up to the next Wh).
    error SmartMeter_ImplausibleEnergy(address meter, uint256 energy, uint256 maximum);
    /// @notice The frequency is outside 45-55 Hz.
    error SmartMeter_ImplausibleFrequency(address meter, uint256 gridFrequency);
    /// @notice The voltage is outside 50-150 % of nominal.
    error SmartMeter_ImplausibleVoltage(address meter, uint256 voltage);
    /// @notice The signature is not by the meter's key; `signer` is the recovered address, zero for an invalid
    /// signature.
    error SmartMeter_WrongSignature(address meter, address signer);
    /// @notice At least one reading must be submitted.
    error SmartMeter_NoReadings();

    /* METERS */

    /// @notice Records a reading of the calling meter. It reverts with the first error that applies, in this order:
    /// UnknownMeter, InactiveMeter, FromFuture; for a time that is not new, NotNewer, Replayed (the latest reading
    /// itself) or Conflicting (another one of the same time); TooSoon, TooOld, ImplausibleEnergy, ImplausibleFrequency,
    /// ImplausibleVoltage. All bounds are inclusive. A reading has at most 2^32 - 1 Wh.
    /// @param reading the reading.
    function submitReading(MeterReading calldata reading) external;

    /* ANYONE */

    /// @notice Records readings that their meters have signed, in the given order; if one reverts, all do. The
    /// signature of each reading is checked first (WrongSignature), then everything that {submitReading} checks. A
    /// reading that would revert with NotNewer, Replayed, Conflicting or TooSoon is skipped, so another caller cannot
    /// make the rest fail by sending one of them first.
    /// @param readings at least one, each meter's in the order of their times.
    function submitSignedReadings(SignedReading[] calldata readings) external;

    /* METER REGISTRAR */

    /// @notice Registers a meter. Its first reading counts from now on. The account gets a number in Settlement if it
    /// has none. Role: METER_REGISTRAR.
    /// @param meter address of the meter's key.
    /// @param account the account whose energy the meter counts; it has at most 32 active meters.
    /// @param region ASCII text, left-aligned.
    /// @param ratedPower maximum power in either direction, in W (1 to 2^31 - 1: 2.1 GW).
    /// @param signature 65 bytes by the meter's key over the EIP-712 type `MeterRegistration(address meter,address
    /// account,bytes32 region,uint256 ratedPower)`; it proves that the device exists.
    /// @return number the meter's number, which stays when its key changes.
    function registerMeter(address meter, address account, bytes32 region, uint256 ratedPower, bytes calldata signature)
        external
        returns (uint256 number);

    /// @notice Moves an active meter to another account from its next reading on; earlier energy stays with the former
    /// account. Role: METER_REGISTRAR.
    /// @param meter address of the meter's key.
    /// @param account the new account.
    function setMeterAccount(address meter, address account) external;

    /// @notice Replaces the key of an active meter; the old key is unknown at once. The new key takes over the number,
    /// the account, the daily totals and the latest reading. Role: METER_REGISTRAR.
    /// @param meter its current key.
    /// @param newKey its new key.
    /// @param signature 65 bytes by the new key over the EIP-712 type
    /// `MeterKeyRotation(address meter,address newKey)`.
    function rotateMeterKey(address meter, address newKey, bytes calldata signature) external;

    /// @notice Deactivates a meter for good: later readings revert, and it no longer counts among its account's meters.
    /// Its energy so far stays. Its key cannot be registered again. Role: METER_REGISTRAR.
    /// @param meter address of the meter's key.
    function deactivateMeter(address meter) external;

    /* VIEWS */

    /// @notice The latest reading of the calling meter. Before the first one: the time of registration, from which
    /// energy counts, and 0 in all other fields (no recorded reading has a frequency or voltage of 0).
    /// @return the reading.
    function getLatestReading() external view returns (MeterReading memory);
    /// @notice The latest reading of any meter, active or not. Reverts with UnknownMeter, like all of these views, if
    /// there is no such meter.
    /// @param meter address of the meter's key.
    /// @return the reading.
    function getLatestReading(address meter) external view returns (MeterReading memory);
    /// @notice The calling meter's production on the current UTC day.
    /// @return Wh.
    function getDailyProduction() external view returns (uint256);
    /// @notice A meter's production on a UTC day; today's so far.
    /// @param meter address of the meter's key.
    /// @param day days since 1970-01-01 UTC.
    /// @return Wh.
    function getDailyProduction(address meter, uint256 day) external view returns (uint256);
    /// @notice The calling meter's consumption on the current UTC day.
    /// @return Wh.
    function getDailyConsumption() external view returns (uint256);
    /// @notice A meter's consumption on a UTC day; today's so far.
    /// @param meter address of the meter's key.
    /// @param day days since 1970-01-01 UTC.
    /// @return Wh.
    function getDailyConsumption(address meter, uint256 day) external view returns (uint256);
    /// @notice A meter's data; all fields are 0 if there is no such meter.
    /// @param meter address of the meter's key.
    /// @return the meter.
    function getMeter(address meter) external view returns (MeterInfo memory);
    /// @notice The current keys of an account's active meters, in no particular order.
    /// @param account the account's address.
    /// @return addresses of their keys.
    function getMeters(address account) external view returns (address[] memory);
    /// @notice The number of an account's meters in a region.
    /// @param account the account's address.
    /// @param region ASCII text, left-aligned.
    /// @return the number.
    function metersIn(address account, bytes32 region) external view returns (uint256);
    /// @notice The number of an account's meters, and the time of the last change of this set.
    /// @param account the account's address.
    /// @return count number of meters.
    /// @return changedAt Unix seconds at which it last got or lost a meter, 0 if never. A rotated key is the same
    /// meter.
    function meterSetOf(address account) external view returns (uint256 count, uint256 changedAt);
    /// @notice All metered energy of an account, from all its current and former meters.
    /// @param account the account's address.
    /// @return produced Wh.
    /// @return consumed Wh.
    function getLifetime(address account) external view returns (uint256 produced, uint256 consumed);
    /// @notice The current key of a meter, or its last one if it is inactive; the zero address if there is no such
    /// number.
    /// @param number number of the meter, from 1 on.
    /// @return meter address of the key.
    function meterAt(uint256 number) external view returns (address meter);
    /// @notice The number of meters registered so far; their numbers are 1 to this.
    /// @return the number.
    function meterCount() external view returns (uint256);
    /// @notice The contract that records the metered energy.
    /// @return the contract.
    function SETTLEMENT() external view returns (ISettlement);
    /// @notice The length of a slot, Settlement's.
    /// @return seconds.
    function SLOT_LENGTH() external view returns (uint256);
    /// @notice The time after a slot's end in which readings are accepted, Settlement's.
    /// @return seconds.
    function GRACE() external view returns (uint256);
    /// @notice The minimum time between two readings of a meter.
    /// @return seconds.
    function MIN_INTERVAL() external view returns (uint256);
    /// @notice The nominal voltage, to which the limits refer.
    /// @return decivolts (2300 = 230.0 V).
    function NOMINAL_VOLTAGE() external view returns (uint256);
}
