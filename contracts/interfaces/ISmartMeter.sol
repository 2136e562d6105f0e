// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ISettlement} from "./ISettlement.sol";

/// @title ISmartMeter
/// @notice Meters and their readings. A meter is known by the address of its key; rotating the key keeps its history.
/// Consumption and production are Wh since the meter's previous reading. A reading belongs to the slot, and the day,
/// of `timestamp - 1`: one taken at exactly 11:00:00 completes the hour 10:00-11:00. Settlement counts these, with
/// energy or without ({ISettlement-metersReadAtEnd}): after one nothing drawn before can still be counted later.
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

    /// @notice A reading that the meter's key has signed. Its EIP-712 type, in one line:
    ///
    ///     MeterReading(address meter,uint256 timestamp,uint256 consumption,uint256 production,
    ///                  uint256 gridFrequency,uint256 voltage)
    ///
    /// The signature is in the compact form of ERC-2098, whose length cannot be wrong.
    struct SignedReading {
        address meter;
        MeterReading reading;
        bytes32 r;
        bytes32 vs;
    }

    /// @notice What is known of a meter.
    /// @param number the meter's own number, which outlives its keys; 0: no such meter.
    /// @param ratedPower the most it can see in either direction, in W.
    struct MeterInfo {
        uint256 number;
        address account;
        bytes32 region;
        uint256 ratedPower;
        bool active;
    }

    /// @notice Numbers fixed at deployment.
    /// @param minInterval seconds that two readings of a meter are at least apart: 1 to a slot.
    /// @param nominalVoltage decivolts, at most 10,922.
    struct Parameters {
        uint256 minInterval;
        uint256 nominalVoltage;
    }

    /* EVENTS */

    event MeterRegistered(
        address indexed meter, address indexed account, bytes32 indexed region, uint256 number, uint256 ratedPower
    );
    event MeterAccountSet(address indexed meter, address indexed from, address indexed to);
    event MeterKeyRotated(address indexed from, address indexed to, uint256 number);
    event MeterDeactivated(address indexed meter);
    event ReadingRecorded(
        address indexed meter,
        uint256 indexed slot,
        uint256 timestamp,
        uint256 consumption,
        uint256 production,
        uint256 gridFrequency,
        uint256 voltage
    );
    /// @notice A signed reading was passed over. Where it is of the same time as the latest one and says something
    /// else, it is `conflicting`: the meter, or whoever holds its key, contradicts itself.
    event ReadingSkipped(address indexed meter, uint256 timestamp, bool conflicting);
    /// @notice Frequency outside 49.50-50.50 Hz or voltage outside 95-105 % of nominal. The reading is stored all the
    /// same.
    event PowerQualityAlert(address indexed meter, uint256 timestamp, uint256 gridFrequency, uint256 voltage);

    /* ERRORS */

    error SmartMeter_BadParameter(bytes32 name, uint256 value);
    error SmartMeter_UnknownMeter(address meter);
    error SmartMeter_InactiveMeter(address meter);
    error SmartMeter_AlreadyRegistered(address meter);
    error SmartMeter_ZeroAccount();
    error SmartMeter_TooManyMeters(address account, uint256 maximum);
    /// @notice The reading is older than the latest one, or not later than the meter's registration.
    error SmartMeter_NotNewer(address meter, uint256 timestamp, uint256 latest);
    /// @notice The very reading that is the latest already.
    error SmartMeter_Replayed(address meter, uint256 timestamp);
    /// @notice Another reading of the same time is recorded: the meter, or whoever holds its key, contradicts itself.
    error SmartMeter_Conflicting(address meter, uint256 timestamp);
    /// @notice Within the minimum interval of the latest reading or, for the first one, of the registration.
    error SmartMeter_TooSoon(address meter, uint256 timestamp, uint256 earliest);
    error SmartMeter_FromFuture(address meter, uint256 timestamp, uint256 time);
    /// @notice The reading's slot is final.
    error SmartMeter_TooOld(address meter, uint256 timestamp, uint256 slotFinalAt);
    /// @notice More energy, consumed or produced, than the rated power gives in the time since the previous reading
    /// (rounded up to the next Wh).
    error SmartMeter_ImplausibleEnergy(address meter, uint256 energy, uint256 maximum);
    /// @notice Outside 45-55 Hz.
    error SmartMeter_ImplausibleFrequency(address meter, uint256 gridFrequency);
    /// @notice Outside 50-150 % of nominal.
    error SmartMeter_ImplausibleVoltage(address meter, uint256 voltage);
    /// @notice The signature is not by the meter's key (`signer` is who signed, zero if nobody can have).
    error SmartMeter_WrongSignature(address meter, address signer);
    error SmartMeter_NoReadings();

    /* METERS */

    /// @notice Records a reading of the calling meter. It is checked in this order, and the first thing wrong is
    /// raised: UnknownMeter, InactiveMeter, FromFuture, then for a time that is not new NotNewer, Replayed (the latest
    /// reading itself) or Conflicting (another one of the same time), TooSoon, TooOld, ImplausibleEnergy,
    /// ImplausibleFrequency, ImplausibleVoltage. All bounds are inclusive: what lies on one is accepted. A reading has
    /// at most 2^32 - 1 Wh.
    function submitReading(MeterReading calldata reading) external;

    /* ANYONE */

    /// @notice Records readings that their meters have signed, in the order given: all of them or, if one is refused,
    /// none. Of each reading the signature is checked first (WrongSignature), then what {submitReading} checks; but one
    /// that another reading of its meter has overtaken (NotNewer, Replayed, Conflicting, TooSoon) is passed over, so
    /// that nobody can make the rest fail by sending one of them first.
    function submitSignedReadings(SignedReading[] calldata readings) external;

    /* METER REGISTRAR */

    /// @notice Registers a meter. Role: METER_REGISTRAR. Time before now is not metered: the first reading counts from
    /// here. The account gets its number in Settlement, if it has none.
    /// @param account the owner of what the meter counts; at most 32 active meters each.
    /// @param ratedPower the most the meter can see in either direction, in W (1 to 2^31 - 1: 2.1 GW).
    /// @param signature 65 bytes by the meter's key over the EIP-712 type
    /// `MeterRegistration(address meter,address account,bytes32 region,uint256 ratedPower)`: proof that the device
    /// exists.
    function registerMeter(address meter, address account, bytes32 region, uint256 ratedPower, bytes calldata signature)
        external
        returns (uint256 number);

    /// @notice Gives an active meter to another account from its next reading on: what it has counted so far stays
    /// with the former one. Role: METER_REGISTRAR.
    function setMeterAccount(address meter, address account) external;

    /// @notice Replaces the key of an active meter; the old one is unknown at once. Number, account, days and latest
    /// reading are those of the new key from now on. Role: METER_REGISTRAR.
    /// @param signature 65 bytes by the new key over the EIP-712 type
    /// `MeterKeyRotation(address meter,address newKey)`.
    function rotateMeterKey(address meter, address newKey, bytes calldata signature) external;

    /// @notice Refuses a meter's readings for good: it leaves its account's meters, what it has counted stays. Its key
    /// cannot be registered again. Role: METER_REGISTRAR.
    function deactivateMeter(address meter) external;

    /* VIEWS */

    /// @notice The latest reading of the calling meter. Before the first one: the time of registration, from which
    /// energy counts, and 0 for everything else (no recorded reading has a frequency or voltage of 0).
    function getLatestReading() external view returns (MeterReading memory);
    /// @notice As above, of any meter, active or not. Like all of these views, it refuses an unknown one.
    function getLatestReading(address meter) external view returns (MeterReading memory);
    /// @notice Wh that the calling meter has produced on the current UTC day.
    function getDailyProduction() external view returns (uint256);
    /// @notice Wh that a meter has produced on a UTC day, so far or in all.
    /// @param day days since 1970-01-01 UTC.
    function getDailyProduction(address meter, uint256 day) external view returns (uint256);
    /// @notice Wh that the calling meter has consumed on the current UTC day.
    function getDailyConsumption() external view returns (uint256);
    /// @notice Wh that a meter has consumed on a UTC day, so far or in all.
    /// @param day days since 1970-01-01 UTC.
    function getDailyConsumption(address meter, uint256 day) external view returns (uint256);
    /// @notice What is known of a meter; number 0 and nothing else when it is unknown.
    function getMeter(address meter) external view returns (MeterInfo memory);
    /// @notice The active meters of an account, by their present keys, in no particular order.
    function getMeters(address account) external view returns (address[] memory);
    /// @notice How many of an account's meters are in a region.
    function metersIn(address account, bytes32 region) external view returns (uint256);
    /// @return count how many meters an account has.
    /// @return changedAt when it last got or lost one, Unix seconds; 0 if never. A rotated key is the same meter.
    function meterSetOf(address account) external view returns (uint256 count, uint256 changedAt);
    /// @notice Wh metered for an account in its life, over all meters it has and had.
    function getLifetime(address account) external view returns (uint256 produced, uint256 consumed);
    /// @notice The present key of a meter, or its last one if it is inactive; the zero address if there is no such
    /// number.
    function meterAt(uint256 number) external view returns (address meter);
    /// @notice How many meters were ever registered; their numbers are 1 to this.
    function meterCount() external view returns (uint256);
    function SETTLEMENT() external view returns (ISettlement);
    function SLOT_LENGTH() external view returns (uint256);
    function GRACE() external view returns (uint256);
    function MIN_INTERVAL() external view returns (uint256);
    /// @notice Decivolts.
    function NOMINAL_VOLTAGE() external view returns (uint256);
}
