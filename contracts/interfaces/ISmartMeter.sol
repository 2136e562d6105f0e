// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ISettlement} from "./ISettlement.sol";

/// @title ISmartMeter
/// @notice Meters and their readings. A meter is known by the address of its key; rotating the key keeps its history.
/// Consumption and production are Wh since the meter's previous reading. A reading belongs to the slot, and the day,
/// of `timestamp - 1`: one taken at exactly 11:00:00 completes the hour 10:00-11:00. Settlement counts these, with
/// energy or without ({ISettlement-metersReadAtEnd}): after one nothing drawn before can still be counted later.
///
/// An account is read either by meters of its own or, where there are a million of them, by a **gateway**: it anchors
/// one Merkle root for all its accounts in a slot, and only the slots that somebody settles are proven. The tree is in
/// OpenZeppelin's standard form (sorted pairs, leaves hashed twice), one leaf an account:
///
///     (address account, uint256 slot, uint256 produced, uint256 consumed, bytes32 salt)
///
/// The salt is secret until the leaf is proven, so that nobody can guess a household's energy from the chain. What is
/// anchored is fixed; a proof may come at any time after, and before the slot is final if the energy is to be sold.
///
///     slot:    |-- delivery --|-- anchors, half a grace time --|-- proofs, to be sold --|-- final, ...
///     gateway: unknown --register--> registered --contradicts itself--> suspended --replace--> registered
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

    /// @notice What a gateway has anchored for an account in a slot, with the proof that it has.
    /// @param produced,consumed Wh.
    /// @param salt what keeps the leaf from being guessed.
    /// @param proof the hashes beside the leaf's path to the root, from the leaf up.
    struct AnchoredReading {
        uint256 produced;
        uint256 consumed;
        bytes32 salt;
        bytes32[] proof;
    }

    /// @notice Numbers fixed at deployment.
    /// @param minInterval seconds that two readings of a meter are at least apart: 1 to a slot.
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
    /// @notice A meter's readings are refused for good.
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
    /// @notice A signed reading was passed over. Where it is of the same time as the latest one and says something
    /// else, it is `conflicting`: the meter, or whoever holds its key, contradicts itself.
    event ReadingSkipped(address indexed meter, uint256 timestamp, bool conflicting);
    /// @notice Frequency outside 49.50-50.50 Hz or voltage outside 95-105 % of nominal. The reading is stored all the
    /// same.
    event PowerQualityAlert(address indexed meter, uint256 timestamp, uint256 gridFrequency, uint256 voltage);
    /// @notice A gateway was registered with this key.
    event GatewayRegistered(uint256 indexed gateway, address indexed key);
    /// @notice A gateway has another key.
    event GatewayReplaced(uint256 indexed gateway, address indexed from, address indexed to);
    /// @notice The gateway has anchored two readings of one account in one slot; its key is no gateway's any more.
    event GatewaySuspended(uint256 indexed gateway, address indexed key, address indexed account, uint256 slot);
    /// @notice The account is read by this gateway from `slot` on; by meters of its own if it is 0.
    event GatewayAssigned(address indexed account, uint256 indexed gateway, uint256 slot, uint256 ratedPower);
    /// @notice The readings of `count` accounts in a slot are fixed.
    event ReadingsAnchored(uint256 indexed gateway, uint256 indexed slot, bytes32 root, uint256 count);
    /// @notice The account's slot is counted; as nothing, if its gateway contradicted itself.
    event SlotProven(address indexed account, uint256 indexed slot, uint256 produced, uint256 consumed);

    /* ERRORS */

    /// @notice The parameter `name` (ASCII) has a value outside its bounds; the function or constructor says which.
    error SmartMeter_BadParameter(bytes32 name, uint256 value);
    /// @notice No meter has this key: the registrar registers it first.
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
    /// @notice The very reading that is the latest already.
    error SmartMeter_Replayed(address meter, uint256 timestamp);
    /// @notice Another reading of the same time is recorded: the meter, or whoever holds its key, contradicts itself.
    error SmartMeter_Conflicting(address meter, uint256 timestamp);
    /// @notice Within the minimum interval of the latest reading or, for the first one, of the registration.
    error SmartMeter_TooSoon(address meter, uint256 timestamp, uint256 earliest);
    /// @notice The reading is of `timestamp`, but it is only `time` (Unix seconds). Set the meter's clock.
    error SmartMeter_FromFuture(address meter, uint256 timestamp, uint256 time);
    /// @notice The reading's slot is final.
    error SmartMeter_TooOld(address meter, uint256 timestamp, uint256 slotFinalAt);
    /// @notice More energy, consumed or produced, than the rated power gives in the time since the previous reading
    /// (rounded up to the next Wh); of an account that a gateway reads (`meter` is the account), in a slot.
    error SmartMeter_ImplausibleEnergy(address meter, uint256 energy, uint256 maximum);
    /// @notice Outside 45-55 Hz.
    error SmartMeter_ImplausibleFrequency(address meter, uint256 gridFrequency);
    /// @notice Outside 50-150 % of nominal.
    error SmartMeter_ImplausibleVoltage(address meter, uint256 voltage);
    /// @notice The signature is not by the meter's key (`signer` is who signed, zero if nobody can have).
    error SmartMeter_WrongSignature(address meter, address signer);
    /// @notice At least one reading must be submitted.
    error SmartMeter_NoReadings();
    /// @notice The zero address cannot be a gateway's key.
    error SmartMeter_ZeroGateway();
    /// @notice The key is a gateway's already.
    error SmartMeter_GatewayTaken(address key);
    /// @notice There is no gateway of this number, see {gatewayCount}.
    error SmartMeter_NoSuchGateway(uint256 gateway);
    /// @notice The caller is no gateway's key, or its gateway is suspended.
    error SmartMeter_NotAGateway(address caller);
    /// @notice The account has active meters of its own.
    error SmartMeter_HasMeters(address account, uint256 meters);
    /// @notice The account is read by a gateway, so it can have no meters of its own.
    error SmartMeter_ReadByGateway(address account, uint256 gateway);
    /// @notice The root and the count of an anchor must not be 0.
    error SmartMeter_EmptyAnchor(bytes32 root, uint256 count);
    /// @notice The slot is not over.
    error SmartMeter_SlotNotOver(uint256 slot, uint256 over);
    /// @notice Half a grace time after the slot's end nothing is anchored any more.
    error SmartMeter_AnchorTooLate(uint256 slot, uint256 deadline);
    /// @notice The gateway has anchored the readings of this slot already; they are fixed.
    error SmartMeter_AlreadyAnchored(uint256 gateway, uint256 slot);
    /// @notice Nothing is anchored for the slot by the gateway that then read the account (0: none did).
    error SmartMeter_NotAnchored(address account, uint256 slot, uint256 gateway);
    /// @notice The proof does not lead to the root: another leaf, order, or tree.
    error SmartMeter_WrongProof(address account, uint256 slot, bytes32 root);
    /// @notice Both readings are one and the same.
    error SmartMeter_NoContradiction(address account, uint256 slot);
    /// @notice The account's slot is counted, and the key that anchored it is not the gateway's any more.
    error SmartMeter_NothingToDispute(address account, uint256 slot);

    /* METERS */

    /// @notice Records a reading of the calling meter. It is checked in this order, and the first thing wrong is
    /// raised: UnknownMeter, InactiveMeter, FromFuture, then for a time that is not new NotNewer, Replayed (the latest
    /// reading itself) or Conflicting (another one of the same time), TooSoon, TooOld, ImplausibleEnergy,
    /// ImplausibleFrequency, ImplausibleVoltage. All bounds are inclusive: what lies on one is accepted. A reading has
    /// at most 2^32 - 1 Wh.
    /// @param reading the reading.
    function submitReading(MeterReading calldata reading) external;

    /* ANYONE */

    /// @notice Records readings that their meters have signed, in the order given: all of them or, if one is refused,
    /// none. Of each reading the signature is checked first (WrongSignature), then what {submitReading} checks; but one
    /// that another reading of its meter has overtaken (NotNewer, Replayed, Conflicting, TooSoon) is passed over, so
    /// that nobody can make the rest fail by sending one of them first.
    /// @param readings at least one, each meter's in the order of their times.
    function submitSignedReadings(SignedReading[] calldata readings) external;

    /// @notice Counts an account's slot as its gateway has anchored it; once, and only if no reading of a meter has
    /// counted in it. At any time: it is fixed since it was anchored. What is proven when the slot is final cannot be
    /// relied on for a sale any more; what is proven after the closing of the slot is balanced then.
    /// Checked in this order: NotAnchored, WrongProof, ImplausibleEnergy, SlotProven and SlotMetered of Settlement.
    /// @param account the account's address.
    /// @param slot number of the slot.
    /// @param produced Wh, at most what the account's rated power gives in a slot (rounded up).
    /// @param consumed Wh, at most what the account's rated power gives in a slot (rounded up).
    /// @param salt what keeps the leaf from being guessed.
    /// @param proof the hashes beside the leaf's path to the root, from the leaf up.
    function proveSlot(
        address account,
        uint256 slot,
        uint256 produced,
        uint256 consumed,
        bytes32 salt,
        bytes32[] calldata proof
    ) external;

    /// @notice Shows that a gateway has anchored two readings of one account in one slot. It is suspended at once: it
    /// anchors nothing until the registrar replaces it. A key answers only for what it has anchored itself, since it
    /// was given: a new one is not suspended for the readings of the one before. What was anchored stays; the account's
    /// slot counts as it was counted, or, if it was not, as nothing.
    /// Checked in this order: NotAnchored, WrongProof (of the first, of the second), NoContradiction, NothingToDispute.
    /// @param account the account's address.
    /// @param slot number of the slot.
    /// @param first one of the readings.
    /// @param second the other one.
    function disputeDoubleCount(
        address account,
        uint256 slot,
        AnchoredReading calldata first,
        AnchoredReading calldata second
    ) external;

    /* GATEWAYS */

    /// @notice Anchors the readings of a slot that is over, once, until half a grace time after its end: what is left
    /// of the grace time is for the proofs. For a gateway that is registered.
    /// Checked in this order: NotAGateway, EmptyAnchor, SlotNotOver, AnchorTooLate, AlreadyAnchored.
    /// @param root of the Merkle tree, not 0.
    /// @param slot number of the slot.
    /// @param count how many accounts the tree has leaves of.
    function anchorReadings(bytes32 root, uint256 slot, uint256 count) external;

    /* METER REGISTRAR */

    /// @notice Registers a gateway. It is trusted with the readings of all accounts assigned to it: the key should be
    /// a contract of several signers. Role: METER_REGISTRAR.
    /// @param key address that will anchor.
    /// @return gateway number of the gateway.
    function registerGateway(address key) external returns (uint256 gateway);

    /// @notice Gives a gateway another key; the old one, if it has one, is a gateway's no more. Slots not anchored yet
    /// are anchored by the new one, what was anchored stays. Role: METER_REGISTRAR.
    /// @param gateway number of the gateway, from 1 on.
    /// @param key the new one.
    function replaceGateway(uint256 gateway, address key) external;

    /// @notice Lets a gateway read an account without active meters, from the running slot on; 0 takes the account
    /// back. Earlier slots stay the former gateway's. Role: METER_REGISTRAR.
    /// @param account the account's address.
    /// @param gateway its number, or 0.
    /// @param ratedPower the most that all of the account's devices can see in either direction, in W.
    function assignGateway(address account, uint256 gateway, uint256 ratedPower) external;

    /// @notice Registers a meter. Role: METER_REGISTRAR. Time before now is not metered: the first reading counts from
    /// here. The account gets its number in Settlement, if it has none.
    /// @param meter address of the meter's key.
    /// @param account the owner of what the meter counts; at most 32 active meters each, and no gateway.
    /// @param region ASCII text, left-aligned.
    /// @param ratedPower the most the meter can see in either direction, in W (1 to 2^31 - 1: 2.1 GW).
    /// @param signature 65 bytes by the meter's key over the EIP-712 type
    /// `MeterRegistration(address meter,address account,bytes32 region,uint256 ratedPower)`: proof that the device
    /// exists.
    /// @return number the meter's own number, which outlives its keys.
    function registerMeter(address meter, address account, bytes32 region, uint256 ratedPower, bytes calldata signature)
        external
        returns (uint256 number);

    /// @notice Gives an active meter to another account from its next reading on: what it has counted so far stays
    /// with the former one. Role: METER_REGISTRAR.
    /// @param meter address of the meter's key.
    /// @param account the new one.
    function setMeterAccount(address meter, address account) external;

    /// @notice Replaces the key of an active meter; the old one is unknown at once. Number, account, days and latest
    /// reading are those of the new key from now on. Role: METER_REGISTRAR.
    /// @param meter its present key.
    /// @param newKey its next key.
    /// @param signature 65 bytes by the new key over the EIP-712 type
    /// `MeterKeyRotation(address meter,address newKey)`.
    function rotateMeterKey(address meter, address newKey, bytes calldata signature) external;

    /// @notice Refuses a meter's readings for good: it leaves its account's meters, what it has counted stays. Its key
    /// cannot be registered again. Role: METER_REGISTRAR.
    /// @param meter address of the meter's key.
    function deactivateMeter(address meter) external;

    /* VIEWS */

    /// @notice The latest reading of the calling meter. Before the first one: the time of registration, from which
    /// energy counts, and 0 for everything else (no recorded reading has a frequency or voltage of 0).
    /// @return the reading.
    function getLatestReading() external view returns (MeterReading memory);
    /// @notice As above, of any meter, active or not. Like all of these views, it refuses an unknown one.
    /// @param meter address of the meter's key.
    /// @return the reading.
    function getLatestReading(address meter) external view returns (MeterReading memory);
    /// @notice Wh that the calling meter has produced on the current UTC day.
    /// @return Wh.
    function getDailyProduction() external view returns (uint256);
    /// @notice Wh that a meter has produced on a UTC day, so far or in all.
    /// @param meter address of the meter's key.
    /// @param day days since 1970-01-01 UTC.
    /// @return Wh.
    function getDailyProduction(address meter, uint256 day) external view returns (uint256);
    /// @notice Wh that the calling meter has consumed on the current UTC day.
    /// @return Wh.
    function getDailyConsumption() external view returns (uint256);
    /// @notice Wh that a meter has consumed on a UTC day, so far or in all.
    /// @param meter address of the meter's key.
    /// @param day days since 1970-01-01 UTC.
    /// @return Wh.
    function getDailyConsumption(address meter, uint256 day) external view returns (uint256);
    /// @notice What is known of a meter; number 0 and nothing else when it is unknown.
    /// @param meter address of the meter's key.
    /// @return the meter.
    function getMeter(address meter) external view returns (MeterInfo memory);
    /// @notice The active meters of an account, by their present keys, in no particular order.
    /// @param account the account's address.
    /// @return addresses of their keys.
    function getMeters(address account) external view returns (address[] memory);
    /// @notice How many of an account's meters are in a region.
    /// @param account the account's address.
    /// @param region ASCII text, left-aligned.
    /// @return how many.
    function metersIn(address account, bytes32 region) external view returns (uint256);
    /// @notice How many meters an account has, and since when they are the same.
    /// @param account the account's address.
    /// @return count how many meters an account has.
    /// @return changedAt when it last got or lost one, Unix seconds; 0 if never. A rotated key is the same meter.
    function meterSetOf(address account) external view returns (uint256 count, uint256 changedAt);
    /// @notice Wh metered for an account in its life, over all meters it has and had and all slots proven.
    /// @param account the account's address.
    /// @return produced Wh.
    /// @return consumed Wh.
    function getLifetime(address account) external view returns (uint256 produced, uint256 consumed);
    /// @notice Who reads an account in a slot, and within which power (W); gateway 0: meters of its own.
    /// @param account the account's address.
    /// @param slot number of the slot.
    /// @return gateway number of the gateway.
    /// @return ratedPower W.
    function gatewayOf(address account, uint256 slot) external view returns (uint256 gateway, uint256 ratedPower);
    /// @notice The key of a gateway; the zero address if it is suspended, or there is no such number.
    /// @param gateway number of the gateway, from 1 on.
    /// @return key address of the key.
    function gatewayAt(uint256 gateway) external view returns (address key);
    /// @notice The number of a gateway by its key; 0 if it is none's.
    /// @param key address of the key.
    /// @return gateway number of the gateway.
    function gatewayNumberOf(address key) external view returns (uint256 gateway);
    /// @notice How many gateways were ever registered; their numbers are 1 to this.
    /// @return how many.
    function gatewayCount() external view returns (uint256);
    /// @notice What a gateway has anchored for a slot; zero if nothing.
    /// @param gateway number of the gateway, from 1 on.
    /// @param slot number of the slot.
    /// @return root of the Merkle tree.
    function anchorOf(uint256 gateway, uint256 slot) external view returns (bytes32 root);
    /// @notice The last second at which a slot can be anchored.
    /// @param slot number of the slot.
    /// @return Unix seconds.
    function anchorDeadline(uint256 slot) external view returns (uint256);
    /// @notice The present key of a meter, or its last one if it is inactive; the zero address if there is no such
    /// number.
    /// @param number number of the meter, from 1 on.
    /// @return meter address of the key.
    function meterAt(uint256 number) external view returns (address meter);
    /// @notice How many meters were ever registered; their numbers are 1 to this.
    /// @return how many.
    function meterCount() external view returns (uint256);
    /// @notice The contract that counts the metered energy.
    /// @return the contract.
    function SETTLEMENT() external view returns (ISettlement);
    /// @notice The length of a slot, Settlement's.
    /// @return seconds.
    function SLOT_LENGTH() external view returns (uint256);
    /// @notice How long after a slot's end readings are accepted, as Settlement has it.
    /// @return seconds.
    function GRACE() external view returns (uint256);
    /// @notice How far two readings of a meter are apart at least.
    /// @return seconds.
    function MIN_INTERVAL() external view returns (uint256);
    /// @notice The voltage that the readings are compared with.
    /// @return decivolts (2300 = 230.0 V).
    function NOMINAL_VOLTAGE() external view returns (uint256);
}
