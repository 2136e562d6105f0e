// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ISettlement} from "./ISettlement.sol";

/// @title ISmartMeter
/// @notice Meters and their readings. The address of its key identifies a meter; rotating the key keeps its history.
/// Consumption and production are Wh since the meter's previous reading. A reading belongs to the slot, and the day, of
/// `timestamp - 1`: one taken at exactly 11:00:00 completes the hour 10:00-11:00. Settlement counts readings at a
/// slot's end, also those without energy ({ISettlement-metersReadAtEnd}): after such a reading no earlier energy can be
/// counted in a later slot.
///
/// An account has either its own meters or a **gateway**. A gateway anchors one Merkle root for all its accounts in a
/// slot, and only the slots that are settled have to be proven. The tree is in OpenZeppelin's standard form (sorted
/// pairs, leaves hashed twice), one leaf an account:
///
///     (address account, uint256 slot, uint256 produced, uint256 consumed, bytes32 salt)
///
/// The salt is secret until the leaf is proven, so a household's energy cannot be guessed from the chain. An anchor is
/// fixed. A proof can follow at any time; energy can be sold only if it is proven before the slot is final.
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

    /// @notice A reading that a gateway has anchored for an account in a slot, with its proof.
    /// @param produced,consumed Wh.
    /// @param salt secret value that prevents guessing the leaf.
    /// @param proof Merkle proof: the sibling hashes from the leaf to the root.
    struct AnchoredReading {
        uint256 produced;
        uint256 consumed;
        bytes32 salt;
        bytes32[] proof;
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
    /// @notice A gateway was registered with this key.
    event GatewayRegistered(uint256 indexed gateway, address indexed key);
    /// @notice A gateway got a new key.
    event GatewayReplaced(uint256 indexed gateway, address indexed from, address indexed to);
    /// @notice The gateway anchored two readings of one account in one slot and was suspended; its key can anchor
    /// nothing.
    event GatewaySuspended(uint256 indexed gateway, address indexed key, address indexed account, uint256 slot);
    /// @notice The account is assigned to this gateway from `slot` on; 0 means meters of its own.
    event GatewayAssigned(address indexed account, uint256 indexed gateway, uint256 slot, uint256 ratedPower);
    /// @notice A gateway anchored the readings of `count` accounts in a slot.
    event ReadingsAnchored(uint256 indexed gateway, uint256 indexed slot, bytes32 root, uint256 count);
    /// @notice The account's slot was counted from a proof; with 0 Wh if its gateway anchored contradicting readings.
    event SlotProven(address indexed account, uint256 indexed slot, uint256 produced, uint256 consumed);

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
    /// previous reading (rounded up to the next Wh). For an account with a gateway, `meter` is the account and the time
    /// is the slot.
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
    /// @notice The account is assigned to a gateway, so it cannot have meters of its own.
    error SmartMeter_ReadByGateway(address account, uint256 gateway);
    /// @notice The root and the count of an anchor must not be 0.
    error SmartMeter_EmptyAnchor(bytes32 root, uint256 count);
    /// @notice The slot ends at `over` (Unix seconds).
    error SmartMeter_SlotNotOver(uint256 slot, uint256 over);
    /// @notice The slot could be anchored until `deadline` (Unix seconds), half a grace time after its end.
    error SmartMeter_AnchorTooLate(uint256 slot, uint256 deadline);
    /// @notice The gateway has anchored the readings of this slot already; they are fixed.
    error SmartMeter_AlreadyAnchored(uint256 gateway, uint256 slot);
    /// @notice The account's `gateway` in this slot (0: none) has anchored nothing for it.
    error SmartMeter_NotAnchored(address account, uint256 slot, uint256 gateway);
    /// @notice The proof does not lead to the anchored root: check the leaf's values, the order of the hashes and the
    /// slot.
    error SmartMeter_WrongProof(address account, uint256 slot, bytes32 root);
    /// @notice The two readings are equal.
    error SmartMeter_NoContradiction(address account, uint256 slot);
    /// @notice The account's slot is counted, and the gateway no longer has the key that anchored it.
    error SmartMeter_NothingToDispute(address account, uint256 slot);

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

    /// @notice Counts an account's slot as its gateway has anchored it; once, and only if no meter reading has counted
    /// in it. A proof is possible at any time. Energy that is proven after the slot is final may not reach a trade any
    /// more; if the slot is closed already, it is closed again with the proven energy. Checked in this order:
    /// NotAnchored, WrongProof, ImplausibleEnergy, SlotProven and SlotMetered of Settlement.
    /// @param account the account's address.
    /// @param slot number of the slot.
    /// @param produced Wh, at most the account's rated power over a slot (rounded up).
    /// @param consumed Wh, at most the account's rated power over a slot (rounded up).
    /// @param salt secret value that prevents guessing the leaf.
    /// @param proof Merkle proof: the sibling hashes from the leaf to the root.
    function proveSlot(
        address account,
        uint256 slot,
        uint256 produced,
        uint256 consumed,
        bytes32 salt,
        bytes32[] calldata proof
    ) external;

    /// @notice Proves that a gateway has anchored two readings of one account in one slot, and suspends it: it can
    /// anchor nothing until the registrar replaces its key. A key is suspended only for its own anchors, not for those
    /// of an earlier key. Anchors stay; the account's slot stays as it was counted, or counts 0 Wh if it was not.
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

    /// @notice Anchors the readings of an ended slot, once, until half a grace time after its end; the rest of the
    /// grace time is for proofs. Only a registered gateway may call this. Checked in this order: NotAGateway,
    /// EmptyAnchor, SlotNotOver, AnchorTooLate, AlreadyAnchored.
    /// @param root of the Merkle tree, not 0.
    /// @param slot number of the slot.
    /// @param count number of accounts in the tree.
    function anchorReadings(bytes32 root, uint256 slot, uint256 count) external;

    /* METER REGISTRAR */

    /// @notice Registers a gateway. It is trusted with the readings of all accounts assigned to it, so its key should
    /// be a multi-signature wallet. Role: METER_REGISTRAR.
    /// @param key address that anchors.
    /// @return gateway number of the gateway.
    function registerGateway(address key) external returns (uint256 gateway);

    /// @notice Gives a gateway a new key; the old one can anchor nothing any more. Existing anchors stay, and the new
    /// key anchors the other slots. Role: METER_REGISTRAR.
    /// @param gateway number of the gateway, from 1 on.
    /// @param key the new key.
    function replaceGateway(uint256 gateway, address key) external;

    /// @notice Assigns an account without active meters to a gateway, from the running slot on; 0 ends the assignment.
    /// Earlier slots stay with the former gateway. Role: METER_REGISTRAR.
    /// @param account the account's address.
    /// @param gateway its number, or 0.
    /// @param ratedPower maximum power of all the account's devices in either direction, in W.
    function assignGateway(address account, uint256 gateway, uint256 ratedPower) external;

    /// @notice Registers a meter. Its first reading counts from now on. The account gets a number in Settlement if it
    /// has none. Role: METER_REGISTRAR.
    /// @param meter address of the meter's key.
    /// @param account the account whose energy the meter counts; it has at most 32 active meters, and no gateway.
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
    /// @notice All metered energy of an account, from all its current and former meters and all proven slots.
    /// @param account the account's address.
    /// @return produced Wh.
    /// @return consumed Wh.
    function getLifetime(address account) external view returns (uint256 produced, uint256 consumed);
    /// @notice The gateway of an account in a slot, and the account's rated power (W); gateway 0 means meters of its
    /// own.
    /// @param account the account's address.
    /// @param slot number of the slot.
    /// @return gateway number of the gateway.
    /// @return ratedPower W.
    function gatewayOf(address account, uint256 slot) external view returns (uint256 gateway, uint256 ratedPower);
    /// @notice The key of a gateway; the zero address if it is suspended or does not exist.
    /// @param gateway number of the gateway, from 1 on.
    /// @return key address of the key.
    function gatewayAt(uint256 gateway) external view returns (address key);
    /// @notice The number of a gateway by its key; 0 if no gateway has this key.
    /// @param key address of the key.
    /// @return gateway number of the gateway.
    function gatewayNumberOf(address key) external view returns (uint256 gateway);
    /// @notice The number of gateways registered so far; their numbers are 1 to this.
    /// @return the number.
    function gatewayCount() external view returns (uint256);
    /// @notice The root that a gateway has anchored for a slot; zero if none.
    /// @param gateway number of the gateway, from 1 on.
    /// @param slot number of the slot.
    /// @return root of the Merkle tree.
    function anchorOf(uint256 gateway, uint256 slot) external view returns (bytes32 root);
    /// @notice The last second at which a slot can be anchored.
    /// @param slot number of the slot.
    /// @return Unix seconds.
    function anchorDeadline(uint256 slot) external view returns (uint256);
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
