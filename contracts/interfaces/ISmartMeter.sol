// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ReadingWord} from "../types/ReadingWord.sol";
import {IEnergyAccounts} from "./IEnergyAccounts.sol";
import {IGridBands} from "./IGridBands.sol";
import {ISettlement} from "./ISettlement.sol";
import {ITariffs} from "./ITariffs.sol";

/// @title ISmartMeter
/// @notice Meters and their registers. The address of its key identifies a meter.
///
/// A meter has two cumulative registers: `consumption` (import, OBIS 1.8.0) and `production` (export, OBIS 2.8.0), in
/// Wh. They never decrease. A reading taken at a slot's end (`timestamp % SLOT_LENGTH == 0`) is a **boundary reading**.
/// Two neighbouring ones give the energy of the slot between them, which EnergyAccounts then counts. A reading at any
/// other time only updates what {getLatestReading} returns. It moves no energy, and no boundary reading is compared
/// with it.
///
/// An account has at most one **settlement meter**, at its grid connection, and any number of **sub-meters** behind it
/// (plant, battery, heat pump). Only the settlement meter is billed; sub-meters are history, for certificates and
/// analysis.
///
///     unknown --register--> active --detach--> active until the next UTC midnight --its last boundary--> inactive
///                           active --deactivate--> inactive
///                           active --rotate, exchange--> active, with another key
///
/// A key is a meter's once: a device that moves to another account is registered with a new key.
///
/// A boundary reading that skips earlier ones makes them worthless: the slots in between cannot be told apart any more
/// and are charged at the dearest price among them. So it needs the account holder's consent, until 30 days after the
/// first boundary that is missing. A sub-meter may skip boundaries, but not the next midnight (UTC).
///
/// Where an account's community has a gateway, the gateway reads whole days. The meter's own readings of such a day
/// wait (ReadByGateway) until the day can be closed alone, and start from what {moveTo} has brought. CommunityDays
/// speaks of registers **in the account's terms**: Wh modulo 2^48 that go on where a device is exchanged. A new
/// settlement meter starts with its own registers.
interface ISmartMeter {
    /// @param timestamp Unix seconds of the reading.
    /// @param consumption,production registers (import and export) in Wh, below 2^48.
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

    /// @notice What a meter is registered with. The device's key and the account's holder agree to it, both by its
    /// EIP-712 type, in one line:
    ///
    ///     MeterRegistration(address meter,address account,bytes32 region,uint256 ratedPower,bool settlement,
    ///                       uint256 consumption,uint256 production,uint256 deadline)
    ///
    /// @param meter address of the device's key.
    /// @param account address of the account's holder.
    /// @param region ASCII text, left-aligned; a settlement meter's is a region of Tariffs, and the account's.
    /// @param ratedPower maximum power in either direction, in W: 1 to {MAX_POWER}.
    /// @param settlement whether it is the account's settlement meter.
    /// @param consumption,production registers at the registration, in Wh.
    /// @param deadline Unix seconds until which signatures and consent are valid, inclusive.
    struct Registration {
        address meter;
        address account;
        bytes32 region;
        uint256 ratedPower;
        bool settlement;
        uint256 consumption;
        uint256 production;
        uint256 deadline;
    }

    /// @notice Another device at a meter's place. The new device's key agrees to it, and either the old device's key or
    /// the account's holder, all by its EIP-712 type, in one line:
    ///
    ///     MeterExchange(address meter,address newKey,uint256 ratedPower,uint256 finalConsumption,
    ///                   uint256 finalProduction,uint256 consumption,uint256 production,uint256 deadline)
    ///
    /// @param meter address of the old device's key.
    /// @param newKey address of the new device's key.
    /// @param ratedPower maximum power in either direction from now on, in W; not more than it was: a stronger
    /// connection is a new registration.
    /// @param finalConsumption,finalProduction registers at which the old device ended, in Wh.
    /// @param consumption,production registers at which the new device starts, in Wh.
    /// @param deadline Unix seconds until which signatures and consent are valid, inclusive.
    struct Exchange {
        address meter;
        address newKey;
        uint256 ratedPower;
        uint256 finalConsumption;
        uint256 finalProduction;
        uint256 consumption;
        uint256 production;
        uint256 deadline;
    }

    /// @notice A meter's data.
    /// @param number the meter's number, which stays when its key changes; 0: no such meter.
    /// @param ratedPower maximum power in either direction, in W.
    /// @param settlement whether it is its account's settlement meter.
    /// @param firstDay first day (since 1970-01-01 UTC) that is billed by it.
    /// @param endDay first day of which it measures nothing any more; `type(uint16).max` while it is not detached.
    /// @param readTo the slot that begins with its newest boundary reading.
    /// @param active whether it is read.
    struct MeterInfo {
        uint256 number;
        address account;
        bytes32 region;
        uint256 ratedPower;
        bool settlement;
        uint256 firstDay;
        uint256 endDay;
        uint256 readTo;
        bool active;
    }

    /// @notice The energy that an account's current and former meters have counted up to their newest boundary
    /// readings, in Wh.
    /// @param imported,exported by settlement meters.
    /// @param consumed,produced by sub-meters.
    struct Lifetime {
        uint64 imported;
        uint64 exported;
        uint64 consumed;
        uint64 produced;
    }

    /// @notice The connected contracts, fixed at deployment.
    /// @param forwarder ERC2771Forwarder; the zero address: none.
    /// @param tariffs Tariffs, deployed before this contract.
    /// @param bands GridBands, deployed before this contract.
    /// @param settlement Settlement, with the accounts and securities.
    /// @param energy EnergyAccounts, which counts the energy of settlement meters.
    /// @param communities Communities, which says whose days a gateway may read.
    /// @param communityDays CommunityDays, which brings the registers of such days.
    struct Modules {
        address forwarder;
        ITariffs tariffs;
        IGridBands bands;
        ISettlement settlement;
        IEnergyAccounts energy;
        address communities;
        address communityDays;
    }

    /// @notice Numbers fixed at deployment.
    /// @param minInterval minimum seconds between readings of a meter that are no boundary readings: 1 to a slot.
    /// @param securityPerKw security deposit of a settlement meter per kW of rated power, in money base units.
    /// @param maxRatedPower highest rated power that can be registered, in W: 1 to 2^31 - 1 (2.1 GW). It bounds what a
    /// false meter can feed in.
    struct Parameters {
        uint256 minInterval;
        uint256 securityPerKw;
        uint256 maxRatedPower;
    }

    /* EVENTS */

    /// @notice A meter got its `number`; `ratedPower` is in W.
    event MeterRegistered(
        address indexed meter,
        address indexed account,
        bytes32 indexed region,
        uint256 number,
        uint256 ratedPower,
        bool settlement
    );
    /// @notice The holder agrees to what has this EIP-712 struct hash, see {Registration}, {Exchange} and
    /// {rotateMeterKey}.
    event MeterConsented(address indexed account, bytes32 indexed structHash);
    /// @notice The same device has another key.
    event MeterKeyRotated(address indexed from, address indexed to, uint256 number);
    /// @notice Another device goes on at the same place; see {Exchange}.
    event MeterExchanged(address indexed from, address indexed to, uint256 indexed number, Exchange exchange);
    /// @notice A meter measures nothing for its account from the day `endDay` on.
    event MeterDetached(address indexed meter, address indexed account, uint256 endDay);
    /// @notice A meter is not read any more: its last boundary was read after it was detached, or it was deactivated.
    event MeterDeactivated(address indexed meter);
    /// @notice A reading was recorded, in one word; see {MeterReading} for the units:
    ///
    ///     bit 153                                                                       0
    ///     | gridFrequency - 4500: 12 | voltage 14 | production 48 | consumption 48 | timestamp 32 |
    ///
    /// It is a boundary reading if `timestamp` is a multiple of the slot length.
    event ReadingRecorded(address indexed meter, ReadingWord reading);
    /// @notice A reading of a batch was skipped: `reason` is the error with which it would have reverted alone.
    event ReadingSkipped(address indexed meter, uint256 timestamp, bytes reason);
    /// @notice The meter's newest boundary is now at `timestamp` (Unix seconds), with these registers (Wh, modulo 2^48,
    /// in the present device's terms), as its community's gateway read them.
    event RegistersMoved(address indexed meter, uint256 timestamp, uint256 consumption, uint256 production);
    /// @notice The frequency or voltage of a reading is outside the NORMAL band of the meter's region. The reading is
    /// recorded. Within 0.1 % of the default's nominal frequency and 5 % of its voltage there is no alert anywhere.
    event PowerQualityAlert(address indexed meter, uint256 timestamp, uint256 gridFrequency, uint256 voltage);

    /* ERRORS */

    /// @notice The parameter `name` (ASCII) has a value outside its bounds; see the function or constructor.
    error SmartMeter_BadParameter(bytes32 name, uint256 value);
    /// @notice A meter can be registered with `highest` W at most; another device can have what the one before had.
    error SmartMeter_PowerAbove(uint256 ratedPower, uint256 highest);
    /// @notice No meter has this key: the registrar must register it first.
    error SmartMeter_UnknownMeter(address meter);
    /// @notice The meter is not read any more.
    error SmartMeter_InactiveMeter(address meter);
    /// @notice The key is, or was, that of a meter: use a new one.
    error SmartMeter_AlreadyRegistered(address meter);
    /// @notice The zero address cannot own a meter.
    error SmartMeter_ZeroAccount();
    /// @notice The account has `maximum` active meters, which is all it can have.
    error SmartMeter_TooManyMeters(address account, uint256 maximum);
    /// @notice Only the holder of the meter's account may do this.
    error SmartMeter_NotHolder(address meter, address account, address caller);
    /// @notice The holder has not agreed to what has this EIP-712 struct hash: the signature is not the holder's, or,
    /// without a signature, the holder has not called {consentToMeter}, {consentToExchange} or {consentToRotation} with
    /// the same values.
    error SmartMeter_NoConsent(address account, bytes32 structHash);
    /// @notice The signatures and consents were valid until `deadline`; the chain's time is `time` (Unix seconds).
    error SmartMeter_Expired(uint256 deadline, uint256 time);
    /// @notice The signature is not by the meter's key; `signer` is the recovered address, zero for an invalid
    /// signature.
    error SmartMeter_WrongSignature(address meter, address signer);
    /// @notice At least one reading must be submitted.
    error SmartMeter_NoReadings();
    /// @notice The meter was detached: it measures nothing from `end` (Unix seconds) on. A boundary reading of a former
    /// time is refused, too, once the security of a settlement meter is free.
    error SmartMeter_Detached(address meter, uint256 timestamp, uint256 end);
    /// @notice The reading's `timestamp` is after the chain's `time` (both Unix seconds). Set the meter's clock.
    error SmartMeter_FromFuture(address meter, uint256 timestamp, uint256 time);
    /// @notice The reading is not newer than the `latest` one that it would follow, or than the meter's registration.
    error SmartMeter_NotNewer(address meter, uint256 timestamp, uint256 latest);
    /// @notice The boundary reading is the newest one, which is recorded already.
    error SmartMeter_Replayed(address meter, uint256 timestamp);
    /// @notice A boundary reading with other values is recorded for the same time: two contradicting readings were
    /// signed with the meter's key.
    error SmartMeter_Conflicting(address meter, uint256 timestamp);
    /// @notice The reading is no boundary reading and within the minimum interval after the latest reading.
    error SmartMeter_TooSoon(address meter, uint256 timestamp, uint256 earliest);
    /// @notice The boundary reading at `due` (Unix seconds) is missing. Submit it first. Without it, this reading needs
    /// the holder's consent until `openFrom`, see {submitWithConsent}; from then on anybody may submit it.
    error SmartMeter_Skipped(address meter, uint256 timestamp, uint256 due, uint256 openFrom);
    /// @notice A register does not fit 48 bits.
    error SmartMeter_RegisterTooLarge(address meter, uint256 consumption, uint256 production);
    /// @notice A register is below its value at the newest boundary, `lastConsumption` or `lastProduction`.
    error SmartMeter_RegisterDecreased(
        address meter, uint256 consumption, uint256 production, uint256 lastConsumption, uint256 lastProduction
    );
    /// @notice Both registers together have risen by `energy` since the newest boundary; rated power over that time is
    /// `maximum` (Wh, rounded down).
    error SmartMeter_ImplausibleEnergy(address meter, uint256 energy, uint256 maximum);
    /// @notice The frequency is outside 90-110 % of what is nominal, or the voltage outside 50-150 %, both by the bands
    /// of the meter's region and by the default.
    error SmartMeter_ImplausibleQuality(address meter, uint256 gridFrequency, uint256 voltage);
    /// @notice The community's gateway reads days up to this reading (Unix seconds): wait until they are settled or can
    /// be closed alone, or bring the registers of the newest settled day first.
    error SmartMeter_ReadByGateway(address meter, uint256 timestamp);
    /// @notice The meter is a sub-meter: only settlement meters speak for their account.
    error SmartMeter_NotSettlement(address meter);
    /// @notice The reading was not taken at a slot's end.
    error SmartMeter_NotBoundary(address meter, uint256 timestamp);
    /// @notice Only the module at `expected` can call this.
    error SmartMeter_WrongCaller(address caller, address expected);

    /* METERS */

    /// @notice Records a reading of the calling meter. It reverts with the first error that applies, in this order:
    /// UnknownMeter, InactiveMeter, RegisterTooLarge, Detached, FromFuture; NotNewer (for a boundary reading of the
    /// newest one's time Replayed or Conflicting); TooSoon (no boundary reading), or ReadByGateway, Skipped (boundary
    /// reading); RegisterDecreased, ImplausibleEnergy, ImplausibleQuality.
    /// @param reading the reading.
    function submitReading(MeterReading calldata reading) external;

    /* ANYONE */

    /// @notice Records readings that their meters have signed, in the given order. A wrong signature reverts
    /// (WrongSignature). A reading that {submitReading} would refuse is skipped with {ReadingSkipped}, so that no
    /// meter, holder or other caller can make the rest fail.
    /// @param readings at least one, each meter's in the order of their times.
    function submitSignedReadings(SignedReading[] calldata readings) external;

    /// @notice Records a boundary reading that skips others, with the consent of the account's holder: by its own call
    /// (also relayed), or by its signature (EIP-712, also ERC-1271) over
    /// `SkippedReadings(address meter,uint256 timestamp,uint256 deadline)`. Checked first:
    /// WrongSignature, UnknownMeter, InactiveMeter, Expired, NoConsent; then as {submitReading}.
    /// @param signed the reading, signed by its meter.
    /// @param deadline Unix seconds until which the consent is valid, inclusive; ignored in the holder's own call.
    /// @param consent the holder's signature; empty in its own call.
    function submitWithConsent(SignedReading calldata signed, uint256 deadline, bytes calldata consent) external;

    /* HOLDERS (ALSO RELAYED, ERC-2771) */

    /// @notice Agrees to a registration, without a signature. Reverts with NotHolder if it is for another account.
    /// @param registration what the registrar will submit.
    function consentToMeter(Registration calldata registration) external;

    /// @notice Agrees to an exchange, without a signature. Reverts with NotHolder for a meter of another account.
    /// @param exchange what the registrar will submit.
    function consentToExchange(Exchange calldata exchange) external;

    /// @notice Agrees to another key of the same device, without a signature. Reverts with NotHolder for a meter of
    /// another account.
    /// @param meter address of its current key.
    /// @param newKey address of its new key.
    function consentToRotation(address meter, address newKey) external;

    /// @notice Detaches a meter of the caller at the next UTC midnight. Its readings up to then are still accepted, and
    /// the last one makes it inactive. Reverts with NotHolder, or Detached if it is detached already.
    /// @param meter address of the meter's key.
    function detachMeter(address meter) external;

    /* METER REGISTRAR */

    /// @notice Registers a meter, with its account's consent. The account gets a number in Settlement if it has none. A
    /// settlement meter is billed from the next UTC midnight on; its boundary readings before only move the registers
    /// from which it starts. Its security deposit is taken from the account's free money
    /// (Settlement_InsufficientBalance). Role: METER_REGISTRAR.
    /// @param registration what is registered.
    /// @param proof signature by the meter's key (65 bytes); it proves that the device exists.
    /// @param consent signature by the account's holder (EIP-712, also ERC-1271); empty after {consentToMeter}.
    /// @return number the meter's number, which stays when its key changes.
    function registerMeter(Registration calldata registration, bytes calldata proof, bytes calldata consent)
        external
        returns (uint256 number);

    /// @notice Puts another device in a meter's place: number, account and history stay, and what the old device has
    /// counted since its newest boundary is in the next one. Publish the old device's boundary readings first: the new
    /// one cannot sign them. Where a gateway reads the meter, bring the registers of the newest settled day first: only
    /// what is below the newest boundary is refused. Reverts with RegisterDecreased or ImplausibleEnergy if the final
    /// registers do not follow the newest boundary, with PowerAbove if rated power grows, with Detached after
    /// {detachMeter}. Role: METER_REGISTRAR.
    /// @param exchange what is exchanged.
    /// @param proof signature by the new key (65 bytes).
    /// @param consent signature by the old device's key (65 bytes), or by the account's holder (EIP-712, also
    /// ERC-1271); empty after {consentToExchange}.
    function exchangeMeter(Exchange calldata exchange, bytes calldata proof, bytes calldata consent) external;

    /// @notice Replaces the key of an active meter; the old key is unknown at once. The same device goes on: registers,
    /// number, account and history stay. Role: METER_REGISTRAR.
    /// @param meter its current key.
    /// @param newKey its new key.
    /// @param proof signature by the new key (65 bytes) over the EIP-712 type
    /// `MeterKeyRotation(address meter,address newKey)`.
    /// @param consent signature over the same by the current key (65 bytes), or by the account's holder (EIP-712, also
    /// ERC-1271); empty after {consentToRotation}. It holds as long as the meter has its current key.
    function rotateMeterKey(address meter, address newKey, bytes calldata proof, bytes calldata consent) external;

    /// @notice Makes a sub-meter inactive at once. A settlement meter is detached at the next UTC midnight, as by
    /// {detachMeter}: its readings up to then are still accepted. One that is detached already is made inactive once
    /// its security is free (until then: Detached). Its energy so far stays. Use {exchangeMeter} for a broken device.
    /// Role: METER_REGISTRAR.
    /// @param meter address of the meter's key.
    function deactivateMeter(address meter) external;

    /* COMMUNITIES */

    /// @notice A gateway may read days of the account from now on: its settlement meter's own readings are checked for
    /// it. Reverts with UnknownMeter or InactiveMeter if it has none.
    /// @param number number of the account.
    function setReadByGateway(uint256 number) external;

    /* COMMUNITY DAYS */

    /// @notice The newest boundary of an account's settlement meter moves to where a gateway has read it; own readings
    /// go on from there. At the end of a detached meter it becomes inactive. Energy is not counted here. Reverts with
    /// UnknownMeter, InactiveMeter, NotNewer, Detached, and with RegisterDecreased or ImplausibleEnergy (of the present
    /// device's registers) if the first registers cannot follow the newest boundary, or the last ones the first.
    /// @param number number of the account.
    /// @param slot the slot that begins with the new boundary.
    /// @param firstImported register at the beginning of the day in which that boundary is the last one, in the
    /// account's terms; ignored where the newest boundary is within that day. The register at the newest boundary, if
    /// nothing else is known: then what rose since belongs to the new boundary's day.
    /// @param firstExported as well.
    /// @param imported register at the new boundary, in the account's terms.
    /// @param exported as well.
    /// @param stays whether a gateway may read further days of the account.
    function moveTo(
        uint256 number,
        uint256 slot,
        uint256 firstImported,
        uint256 firstExported,
        uint256 imported,
        uint256 exported,
        bool stays
    ) external;

    /// @notice Keeps the registers of a day that a gateway has read, for {getDailyProduction} and
    /// {getDailyConsumption}. A day that is known already, and one of a former meter of the account, stays as it is.
    /// @param number number of the account.
    /// @param day days since 1970-01-01 UTC.
    /// @param firstImported register at its beginning, in the account's terms.
    /// @param firstExported as well.
    /// @param imported register at its end, in the account's terms.
    /// @param exported as well.
    function keepDay(
        uint256 number,
        uint256 day,
        uint256 firstImported,
        uint256 firstExported,
        uint256 imported,
        uint256 exported
    ) external;

    /// @notice The newest boundary of an account's newest settlement meter, active or not; all 0 if it never had one.
    /// @param number number of the account.
    /// @return readTo the slot that begins with it.
    /// @return imported register in the account's terms.
    /// @return exported register in the account's terms.
    function registersOf(uint256 number) external view returns (uint256 readTo, uint256 imported, uint256 exported);

    /// @notice What a boundary reading says that was signed by an active settlement meter, recorded or not. Reverts
    /// with WrongSignature, UnknownMeter, InactiveMeter, RegisterTooLarge, Detached, FromFuture, NotSettlement,
    /// NotBoundary, in this order.
    /// @param signed the reading.
    /// @return number number of the account.
    /// @return slot the slot that begins with it.
    /// @return imported register in the account's terms.
    /// @return exported register in the account's terms.
    function readingOf(SignedReading calldata signed)
        external
        view
        returns (uint256 number, uint256 slot, uint256 imported, uint256 exported);

    /* VIEWS */

    /// @notice The latest reading of the calling meter. Before the first one: the time of registration or exchange, the
    /// registers given there, and 0 in the other fields (no recorded reading has a frequency or voltage of 0).
    /// @return the reading.
    function getLatestReading() external view returns (MeterReading memory);
    /// @notice The latest reading of any meter, active or not. Reverts with UnknownMeter, like all of these views, if
    /// there is no such meter.
    /// @param meter address of the meter's key.
    /// @return the reading.
    function getLatestReading(address meter) external view returns (MeterReading memory);
    /// @notice The calling meter's production (export) on the current UTC day up to its newest boundary reading.
    /// @return Wh.
    function getDailyProduction() external view returns (uint256);
    /// @notice A meter's production (export) on a UTC day, from boundary readings. What was counted between two of them
    /// on different days belongs to the later one's day; a reading at midnight completes the day before.
    /// @param meter address of the meter's key.
    /// @param day days since 1970-01-01 UTC.
    /// @return Wh.
    function getDailyProduction(address meter, uint256 day) external view returns (uint256);
    /// @notice The calling meter's consumption (import) on the current UTC day up to its newest boundary reading.
    /// @return Wh.
    function getDailyConsumption() external view returns (uint256);
    /// @notice A meter's consumption (import) on a UTC day, as {getDailyProduction}.
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
    /// @notice The number of an account's active meters in a region.
    /// @param account the account's address.
    /// @param region ASCII text, left-aligned.
    /// @return the number.
    function metersIn(address account, bytes32 region) external view returns (uint256);
    /// @notice The number of an account's active meters, and the time of the last change of this set.
    /// @param account the account's address.
    /// @return count number of meters.
    /// @return changedAt Unix seconds at which it last got or lost a meter, 0 if never. A rotated key and an exchanged
    /// device are the same meter.
    function meterSetOf(address account) external view returns (uint256 count, uint256 changedAt);
    /// @notice All metered energy of an account.
    /// @param account the account's address.
    /// @return the energy since each meter's registration.
    function getLifetime(address account) external view returns (Lifetime memory);
    /// @notice The current key of a meter, or its last one if it is inactive; the zero address if there is no such
    /// number.
    /// @param number number of the meter, from 1 on.
    /// @return meter address of the key.
    function meterAt(uint256 number) external view returns (address meter);
    /// @notice The number of meters registered so far; their numbers are 1 to this.
    /// @return the number.
    function meterCount() external view returns (uint256);
    /// @notice Whether a holder has agreed by a call to what has this EIP-712 struct hash.
    /// @param account the holder.
    /// @param structHash see {Registration} and {Exchange}.
    /// @return consented whether it has.
    function hasConsented(address account, bytes32 structHash) external view returns (bool consented);
    /// @notice The security deposit of a settlement meter.
    /// @param ratedPower W.
    /// @return money base units, rounded up.
    function securityFor(uint256 ratedPower) external view returns (uint256);
    /// @notice The contract with the regions.
    /// @return the contract.
    function TARIFFS() external view returns (ITariffs);
    /// @notice The contract with the accounts and securities.
    /// @return the contract.
    function SETTLEMENT() external view returns (ISettlement);
    /// @notice The contract that counts the energy of settlement meters.
    /// @return the contract.
    function ENERGY() external view returns (IEnergyAccounts);
    /// @notice The contract that says whose days a gateway may read.
    /// @return its address.
    function COMMUNITIES() external view returns (address);
    /// @notice The contract that brings the registers of days that a gateway has read.
    /// @return its address.
    function COMMUNITY_DAYS() external view returns (address);
    /// @notice The length of a slot, that of Tariffs.
    /// @return seconds.
    function SLOT_LENGTH() external view returns (uint256);
    /// @notice The minimum time between readings that are no boundary readings.
    /// @return seconds.
    function MIN_INTERVAL() external view returns (uint256);
    /// @notice Which frequencies and voltages are normal and plausible.
    /// @return the contract.
    function BANDS() external view returns (IGridBands);
    /// @notice The security deposit of a settlement meter per kW of rated power.
    /// @return money base units.
    function SECURITY_PER_KW() external view returns (uint256);
    /// @notice The highest rated power that can be registered.
    /// @return W.
    function MAX_POWER() external view returns (uint256);
}
