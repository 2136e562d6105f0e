// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC1155} from "@openzeppelin/contracts/token/ERC1155/IERC1155.sol";

import {IEnergyAccounts} from "./IEnergyAccounts.sol";
import {IGridManagement} from "./IGridManagement.sol";
import {ISettlement} from "./ISettlement.sol";
import {ISmartMeter} from "./ISmartMeter.sol";

/// @title IEnergyCertificates
/// @notice Granular certificates of production, as an ERC-1155: one token for each device and slot, in Wh. Its id says
/// what it certifies:
///
///     bit 103                                         0
///     | technology 8 | region 32 | device 32 | slot 32 |
///
/// A device is a meter that the registrar has registered here: a production sub-meter, or the settlement meter of an
/// account that has neither such a sub-meter nor a storage. The device is known by the meter's number.
///
/// **Issuing.** Certificates come from registers that the device has signed at the ends of slots, in order and each
/// once, and go to the holder of the meter's account. Production that the holder uses itself behind the meter earns
/// them, too. A slot earns its export less its import at this meter, and only beyond what the device has taken before
/// and not given back: this is `owed`. So a battery that is charged through the meter earns nothing by giving the
/// energy back, whenever that is. What rose over several slots belongs to none of them and earns nothing. Such a gap
/// needs the holder, or that its end is 30 days ago: until then everybody can issue the slots in it.
///
/// Time in which the grid authority has deactivated the producer earns nothing, and neither does what a meter shows
/// after its end day, or after its deactivation what it had not shown SmartMeter by then. A settlement meter's slots
/// can be issued once the market was settled with the same net; those that were read late earn nothing and give
/// nothing back.
///
/// **Retiring.** A certificate is used up by the account that consumed: its meter must have shown at least as much
/// consumption in the same slot and region, of which nothing else was matched. Consumption is the metered import, with
/// what the account's own devices produced and its meter did not export. It is known once the slot's net stands in
/// EnergyAccounts in time; a net of 0, which a slot that was read late shows as well, is no consumption.
///
/// **Corrections.** Where a meter was wrong, the registrar takes back certificates of a slot, in a numbered entry: what
/// the holder of the device still has of them is withdrawn, and the rest is owed by the device, whose next production
/// makes it good. So neither a buyer nor a retirement loses anything. Nothing is corrected upwards: what no register
/// shows is not certified.
///
/// Invariants: totalIssued == held + totalRetired + totalWithdrawn; when it is retired, what is matched in a slot is at
/// most its consumption as known then (a correction of own production lowers it later); a device has been issued at
/// most what its readings had given at some time beyond what they had taken.
///
/// Holders may call by a relayed transaction (ERC-2771).
interface IEnergyCertificates is IERC1155 {
    /// @param account holder of the meter's account; the zero address: no device.
    /// @param isSettlement whether it is a settlement meter.
    /// @param region number of the region.
    /// @param fromSlot the first slot that earns certificates.
    /// @param untilSlot the first slot that does not any more; 0 while it is registered.
    /// @param readTo the slot that begins with the newest registers.
    /// @param imported,exported the newest registers in Wh.
    /// @param owed Wh that it must give before it earns anything.
    struct Device {
        address account;
        IGridManagement.EnergyType technology;
        bool isSettlement;
        uint256 region;
        uint256 fromSlot;
        uint256 untilSlot;
        uint256 readTo;
        uint256 imported;
        uint256 exported;
        uint256 owed;
    }

    /// @notice Certificates of one device and day that an account has used up.
    /// @param account whose consumption they were matched with.
    /// @param producer holder of the device's account.
    /// @param device number of the device.
    /// @param day number of the day, of both production and consumption.
    /// @param wh Wh, of all slots.
    /// @param time Unix seconds.
    struct Retirement {
        address account;
        address producer;
        IGridManagement.EnergyType technology;
        uint256 device;
        uint256 day;
        uint256 wh;
        uint256 time;
    }

    /* EVENTS */

    /// @notice The device earns certificates from `fromSlot` on.
    event DeviceRegistered(
        uint256 indexed device,
        address indexed account,
        IGridManagement.EnergyType technology,
        uint256 region,
        uint256 fromSlot
    );
    /// @notice The device earns certificates until `untilSlot`, which does not count any more.
    event DeviceDeregistered(uint256 indexed device, address indexed account, uint256 untilSlot);
    /// @notice A device's registers were read until `readTo`; its account got certificates of `wh` Wh, and the device
    /// owes `owed` Wh.
    event CertificatesIssued(uint256 indexed device, address indexed account, uint256 readTo, uint256 wh, uint256 owed);
    /// @notice An account retired certificates of `wh` Wh against its consumption. The transfer to the zero address in
    /// the same transaction names each of them.
    event CertificatesRetired(
        uint256 indexed id, address indexed account, uint256 indexed device, uint256 day, uint256 wh
    );
    /// @notice `wh` Wh of a certificate were wrong: `withdrawn` were still the producer's, the device owes the rest.
    event CertificateCorrected(
        uint256 indexed correction, uint256 indexed id, uint256 wh, uint256 withdrawn, string reason
    );

    /* ERRORS */

    /// @notice There is no active meter of this number.
    error EnergyCertificates_NoMeter(uint256 device);
    /// @notice The meter is not registered as a device, or not any more.
    error EnergyCertificates_NotRegistered(uint256 device);
    /// @notice The device is registered already.
    error EnergyCertificates_AlreadyRegistered(uint256 device);
    /// @notice The account is no active and confirmed producer in GridManagement.
    error EnergyCertificates_InactiveProducer(address account);
    /// @notice The account owns a storage: its settlement meter does not tell production from what the storage gives
    /// back. Register a production sub-meter.
    error EnergyCertificates_IsStorage(address account);
    /// @notice The account's `other` device counts the same energy: one of both is its settlement meter.
    error EnergyCertificates_CountedTwice(uint256 device, uint256 other);
    /// @notice The account has had `maximum` devices, which is all it can have.
    error EnergyCertificates_TooManyDevices(address account, uint256 maximum);
    /// @notice Certificates of the former registration are not issued: the device's readings until `untilSlot` are
    /// missing, from `readTo` on.
    error EnergyCertificates_ReadingsMissing(uint256 device, uint256 readTo, uint256 untilSlot);
    /// @notice At least one reading is needed.
    error EnergyCertificates_NoReadings();
    /// @notice All of these readings were used before: the device was read to `readTo`.
    error EnergyCertificates_NothingNew(uint256 device, uint256 readTo);
    /// @notice The reading is not signed by the key of the first one's meter.
    error EnergyCertificates_WrongSignature(address meter, address signer);
    /// @notice The reading was not taken at the end of a slot.
    error EnergyCertificates_NotBoundary(uint256 device, uint256 timestamp);
    /// @notice The reading's `timestamp` is after the chain's `time` (both Unix seconds).
    error EnergyCertificates_FromFuture(uint256 device, uint256 timestamp, uint256 time);
    /// @notice The reading at the end of slot `due` is missing. Without it, energy is lost: until `openFrom` (Unix
    /// seconds) only the account's holder may go on with a later one.
    error EnergyCertificates_Skipped(uint256 device, uint256 due, uint256 openFrom);
    /// @notice A register is below the newest one.
    error EnergyCertificates_RegisterDecreased(uint256 device, uint256 imported, uint256 exported);
    /// @notice Both registers together have risen by `energy` Wh, and rated power allows `maximum`.
    error EnergyCertificates_ImplausibleEnergy(uint256 device, uint256 energy, uint256 maximum);
    /// @notice The market is not settled yet with what this settlement meter has shown in the slot.
    error EnergyCertificates_NotSettled(uint256 device, uint256 slot);
    /// @notice The market was settled with another net of the slot than the reading shows.
    error EnergyCertificates_Contradicted(uint256 device, uint256 slot, int256 net, int256 settled);
    /// @notice At least one certificate is needed.
    error EnergyCertificates_NoCertificates();
    /// @notice There are `ids` certificates and `values` amounts.
    error EnergyCertificates_LengthsDiffer(uint256 ids, uint256 values);
    /// @notice An amount of 0 Wh.
    error EnergyCertificates_ZeroAmount(uint256 id);
    /// @notice One retirement is of one device and one day: this certificate is of another one than the first.
    error EnergyCertificates_OtherDay(uint256 id, uint256 first);
    /// @notice The certificate's region is not that of the consumption.
    error EnergyCertificates_OtherRegion(uint256 id, uint256 region, uint256 consumed);
    /// @notice The account consumed less in the slot: `free` Wh are not matched yet.
    error EnergyCertificates_NotConsumed(address account, uint256 slot, uint256 wh, uint256 free);
    /// @notice No device has issued such a certificate.
    error EnergyCertificates_NoSuchCertificate(uint256 id);
    /// @notice Only `issued` Wh of the certificate are left to correct.
    error EnergyCertificates_CorrectedTooMuch(uint256 id, uint256 wh, uint256 issued);
    /// @notice The reason is empty, longer than `maximum` bytes, or not plain text.
    error EnergyCertificates_BadReason(uint256 length, uint256 maximum);
    /// @notice There is no retirement of this number, see {retirementCount}.
    error EnergyCertificates_NoSuchRetirement(uint256 id);

    /* REGISTRAR */

    /// @notice Registers a production device: it earns certificates from the next slot on. The meter must measure a
    /// plant of this technology and nothing else, and no other device may count the same energy. Registers go on from
    /// the meter's latest reading. Role: REGISTRAR. Errors: NoMeter, InactiveProducer, AlreadyRegistered,
    /// ReadingsMissing, IsStorage, CountedTwice, TooManyDevices.
    /// @param device number of the meter.
    /// @param technology of its plant; it stays.
    function registerDevice(uint256 device, IGridManagement.EnergyType technology) external;

    /// @notice Ends a registration after the running slot. What was earned until then can still be issued. Role:
    /// REGISTRAR.
    /// @param device number of the device.
    function deregisterDevice(uint256 device) external;

    /// @notice Takes back certificates of a slot whose reading was wrong, see above. Role: REGISTRAR.
    /// @param id of the certificate.
    /// @param wh Wh that were not produced.
    /// @param reason 1 to 256 bytes of plain text.
    /// @return correction number of the entry, from 1 on.
    function correct(uint256 id, uint256 wh, string calldata reason) external returns (uint256 correction);

    /* ANYONE */

    /// @notice Issues the certificates of a device's readings. Readings that were used before are skipped, so another
    /// caller cannot make the rest fail by sending some of them first.
    /// @param readings of one device, each signed by its present key at the end of a slot, in order; frequency and
    /// voltage only belong to what is signed.
    /// @return wh issued, in Wh.
    function issue(ISmartMeter.SignedReading[] calldata readings) external returns (uint256 wh);

    /* CONSUMERS */

    /// @notice Uses up certificates of one device and day against an account's consumption in the same slots.
    /// @param account who consumed, and holds them; the caller, or one who has approved the caller for all.
    /// @param ids of the certificates.
    /// @param values Wh of each.
    /// @return id number of the retirement, from 1 on.
    function retire(address account, uint256[] calldata ids, uint256[] calldata values) external returns (uint256 id);

    /* VIEWS */

    /// @notice A device, registered or not any more.
    /// @param device number of the meter.
    /// @return the device; all 0 if there is none.
    function deviceOf(uint256 device) external view returns (Device memory);
    /// @notice The devices that an account has or had.
    /// @param account holder of the meters.
    /// @return their numbers.
    function devicesOf(address account) external view returns (uint256[] memory);
    /// @notice The id of a device's certificates of a slot, issued or not.
    /// @param device number of the device.
    /// @param slot number of the slot.
    /// @return the id.
    function idOf(uint256 device, uint256 slot) external view returns (uint256);
    /// @notice What was issued of a certificate, less corrections.
    /// @param id of the certificate.
    /// @return Wh.
    function issuedOf(uint256 id) external view returns (uint256);
    /// @notice An account's consumption in a slot that certificates can be matched with.
    /// @param account holder of the account.
    /// @param slot number of the slot.
    /// @return Wh.
    function consumptionOf(address account, uint256 slot) external view returns (uint256);
    /// @notice How much of an account's consumption in a slot certificates were retired against.
    /// @param account holder of the account.
    /// @param slot number of the slot.
    /// @return Wh.
    function matchedOf(address account, uint256 slot) external view returns (uint256);
    /// @notice One retirement. Reverts with NoSuchRetirement if there is none.
    /// @param id number of the record, from 1 on.
    /// @return the record.
    function retirement(uint256 id) external view returns (Retirement memory);
    /// @notice Retirements are numbered from 1 to this.
    /// @return the number.
    function retirementCount() external view returns (uint256);
    /// @notice Corrections are numbered from 1 to this.
    /// @return the number.
    function correctionCount() external view returns (uint256);
    /// @notice All certificates issued so far.
    /// @return Wh.
    function totalIssued() external view returns (uint256);
    /// @notice All certificates retired so far.
    /// @return Wh.
    function totalRetired() external view returns (uint256);
    /// @notice All certificates that corrections have withdrawn.
    /// @return Wh.
    function totalWithdrawn() external view returns (uint256);
    /// @notice The contract of the accounts.
    /// @return the contract.
    function SETTLEMENT() external view returns (ISettlement);
    /// @notice The contract that knows what settlement meters have shown.
    /// @return the contract.
    function ENERGY() external view returns (IEnergyAccounts);
    /// @notice The contract of the meters.
    /// @return the contract.
    function METER() external view returns (ISmartMeter);
    /// @notice The contract that registers producers.
    /// @return the contract.
    function GRID() external view returns (IGridManagement);
}
