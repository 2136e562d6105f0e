// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";

import {ICarbonCredits} from "./ICarbonCredits.sol";
import {IEnergyCertificates} from "./IEnergyCertificates.sol";

/// @title ICertificateMarket
/// @notice Sells certificates and carbon credits for money, both in one transaction: the buyer's money goes to the
/// seller and the certificates to the buyer, or nothing happens. The market holds neither. Sellers and buyers let it
/// move what they sell, and their money, by the tokens' own approvals. So an offer is good as long as its seller still
/// has what is offered.
///
///     none --offer--> open --buy--> open with less --buy--> sold
///                     open --cancel--> cancelled
///
/// Prices are base units of any ERC-20, the settlement token for example, per kWh of certificates and per kg of
/// credits. What a purchase costs is rounded up.
///
/// Pausing stops offers and purchases. Offers can always be cancelled.
///
/// Sellers and buyers may call by a relayed transaction (ERC-2771).
interface ICertificateMarket {
    /// @param device number of the device whose certificates are sold; 0: carbon credits are.
    /// @param fromSlot,toSlot the first and the last slot of the certificates that are sold; 0 for credits.
    /// @param remaining Wh of certificates, or g of credits, that can still be bought; 0: sold or cancelled.
    /// @param price base units per kWh or kg.
    /// @param currency the ERC-20 in which it is paid.
    struct Offer {
        address seller;
        uint256 device;
        uint256 fromSlot;
        uint256 toSlot;
        uint256 remaining;
        uint256 price;
        IERC20 currency;
    }

    /* EVENTS */

    /// @notice A seller offers `amount` Wh of a device's certificates of the slots from `fromSlot` to `toSlot`, or g of
    /// carbon credits if `device` is 0.
    event CertificatesOffered(
        uint256 indexed offerId,
        address indexed seller,
        uint256 indexed device,
        uint256 fromSlot,
        uint256 toSlot,
        uint256 amount,
        uint256 price,
        address currency
    );
    /// @notice The buyer got `amount` Wh or g, and the seller `paid` base units; `remaining` are still offered.
    event CertificatesSold(
        uint256 indexed offerId,
        address indexed seller,
        address indexed buyer,
        uint256 amount,
        uint256 paid,
        uint256 remaining
    );
    /// @notice The seller has withdrawn the offer of `remaining` Wh or g.
    event OfferCancelled(uint256 indexed offerId, uint256 remaining);

    /* ERRORS */

    /// @notice An amount of 0, or above 2^64 - 1.
    error CertificateMarket_BadAmount(uint256 amount);
    /// @notice A price of 0, or above 2^64 - 1.
    error CertificateMarket_BadPrice(uint256 price);
    /// @notice There is no such device in EnergyCertificates.
    error CertificateMarket_NoSuchDevice(uint256 device);
    /// @notice The last slot is before the first one, or above 2^32 - 1.
    error CertificateMarket_BadSlots(uint256 fromSlot, uint256 toSlot);
    /// @notice The offer does not exist, is sold, or was cancelled.
    error CertificateMarket_NotOpen(uint256 offerId);
    /// @notice Only the seller can cancel the offer.
    error CertificateMarket_NotSeller(uint256 offerId, address caller);
    /// @notice The offer sells the other kind: `device` is 0 if it sells carbon credits.
    error CertificateMarket_OtherKind(uint256 offerId, uint256 device);
    /// @notice The certificate is of another device, or of a slot outside the offer.
    error CertificateMarket_NotOffered(uint256 offerId, uint256 id);
    /// @notice Only `remaining` Wh or g are offered.
    error CertificateMarket_AboveRemaining(uint256 offerId, uint256 amount, uint256 remaining);
    /// @notice The purchase would cost `paid` base units, more than the buyer accepts.
    error CertificateMarket_AboveLimit(uint256 paid, uint256 maxPaid);

    /* SELLERS */

    /// @notice Offers certificates that the caller has or will have. It must let this contract move them
    /// (`setApprovalForAll` of EnergyCertificates).
    /// @param device number of the device.
    /// @param fromSlot first slot.
    /// @param toSlot last slot.
    /// @param wh Wh in all, of any of these slots.
    /// @param price base units per kWh.
    /// @param currency an ERC-20.
    /// @return offerId number of the offer, from 1 on.
    function offerCertificates(
        uint256 device,
        uint256 fromSlot,
        uint256 toSlot,
        uint256 wh,
        uint256 price,
        IERC20 currency
    ) external returns (uint256 offerId);

    /// @notice Offers carbon credits of the caller, which must let this contract move them (`approve` of
    /// CarbonCredits).
    /// @param grams g CO2e.
    /// @param price base units per kg.
    /// @param currency an ERC-20.
    /// @return offerId number of the offer, from 1 on.
    function offerCredits(uint256 grams, uint256 price, IERC20 currency) external returns (uint256 offerId);

    /// @notice Withdraws what is left of an offer of the caller.
    /// @param offerId number of the offer.
    function cancelOffer(uint256 offerId) external;

    /* BUYERS */

    /// @notice Buys certificates of an offer; the caller must let this contract move the money.
    /// @param offerId number of the offer.
    /// @param ids of the certificates.
    /// @param values Wh of each.
    /// @param maxPaid base units that the caller pays at most: a reorganisation can give the number to another offer.
    /// @return paid base units.
    function buyCertificates(uint256 offerId, uint256[] calldata ids, uint256[] calldata values, uint256 maxPaid)
        external
        returns (uint256 paid);

    /// @notice Buys carbon credits of an offer; the caller must let this contract move the money.
    /// @param offerId number of the offer.
    /// @param grams g CO2e.
    /// @param maxPaid as in {buyCertificates}.
    /// @return paid base units.
    function buyCredits(uint256 offerId, uint256 grams, uint256 maxPaid) external returns (uint256 paid);

    /// @notice Uses the caller's EIP-2612 permit for this contract, as the first call of a `multicall` that buys or
    /// offers. A permit that was used before, by anybody, changes nothing: what follows needs the allowance alone.
    /// @param token the ERC-20.
    /// @param value allowance in base units.
    /// @param deadline Unix seconds.
    /// @param v of the signature.
    /// @param r of the signature.
    /// @param s of the signature.
    function usePermit(IERC20Permit token, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;

    /* VIEWS */

    /// @notice One offer.
    /// @param offerId number of the offer.
    /// @return the offer; all 0 if there is none.
    function offerOf(uint256 offerId) external view returns (Offer memory);
    /// @notice Offers are numbered from 1 to this.
    /// @return the number.
    function offerCount() external view returns (uint256);
    /// @notice What is sold here, by the Wh.
    /// @return the contract.
    function CERTIFICATES() external view returns (IEnergyCertificates);
    /// @notice What is sold here, by the gram.
    /// @return the contract.
    function CREDITS() external view returns (ICarbonCredits);
}
