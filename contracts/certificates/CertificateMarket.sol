// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {EmergencyStop} from "../access/EmergencyStop.sol";
import {Relayed} from "../access/Relayed.sol";
import {ICarbonCredits} from "../interfaces/ICarbonCredits.sol";
import {ICertificateMarket} from "../interfaces/ICertificateMarket.sol";
import {IEnergyCertificates} from "../interfaces/IEnergyCertificates.sol";

/// @title CertificateMarket
/// @notice See {ICertificateMarket}; comments here are for maintainers.
/// @dev An offer counts down before anything moves, and what moves is one transfer from buyer to seller and one back.
contract CertificateMarket is ICertificateMarket, EmergencyStop, Relayed, Multicall, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    struct OfferRecord {
        // slot n: 20 + 4 + 4 + 4 = 32 bytes
        address seller;
        uint32 device;
        uint32 fromSlot;
        uint32 toSlot;
        // slot n + 1: 20 + 8 = 28 bytes
        IERC20 currency;
        uint64 price;
        // slot n + 2: 8 bytes
        uint64 remaining;
    }

    /* CONSTANTS AND IMMUTABLES */

    /// @dev Wh of a kWh, and g of a kg.
    uint256 private constant UNITS = 1000;

    /// @inheritdoc ICertificateMarket
    IEnergyCertificates public immutable CERTIFICATES;
    /// @inheritdoc ICertificateMarket
    ICarbonCredits public immutable CREDITS;

    /* STORAGE */

    /// @inheritdoc ICertificateMarket
    uint256 public offerCount;
    mapping(uint256 offerId => OfferRecord offer) private _offers;

    /* CONSTRUCTOR */

    constructor(address authority_, IEnergyCertificates certificates, ICarbonCredits credits, address forwarder)
        EmergencyStop(authority_)
        Relayed(forwarder)
    {
        (CERTIFICATES, CREDITS) = (certificates, credits);
    }

    /* SELLERS */

    /// @inheritdoc ICertificateMarket
    function offerCertificates(
        uint256 device,
        uint256 fromSlot,
        uint256 toSlot,
        uint256 wh,
        uint256 price,
        IERC20 currency
    ) external returns (uint256) {
        if (CERTIFICATES.deviceOf(device).account == address(0)) {
            revert CertificateMarket_NoSuchDevice(device);
        }
        if (toSlot < fromSlot || toSlot > type(uint32).max) revert CertificateMarket_BadSlots(fromSlot, toSlot);
        return _offer(device, fromSlot, toSlot, wh, price, currency);
    }

    /// @inheritdoc ICertificateMarket
    function offerCredits(uint256 grams, uint256 price, IERC20 currency) external returns (uint256) {
        return _offer(0, 0, 0, grams, price, currency);
    }

    /// @inheritdoc ICertificateMarket
    function cancelOffer(uint256 offerId) external {
        OfferRecord storage offer = _openOffer(offerId);
        if (offer.seller != _msgSender()) revert CertificateMarket_NotSeller(offerId, _msgSender());

        uint256 remaining = offer.remaining;
        offer.remaining = 0;
        emit OfferCancelled(offerId, remaining);
    }

    /* BUYERS */

    /// @inheritdoc ICertificateMarket
    function buyCertificates(uint256 offerId, uint256[] calldata ids, uint256[] calldata values, uint256 maxPaid)
        external
        nonReentrant
        returns (uint256 paid)
    {
        OfferRecord storage offer = _openOffer(offerId);
        (uint256 device, uint256 fromSlot, uint256 toSlot) = (offer.device, offer.fromSlot, offer.toSlot);
        // slither-disable-next-line incorrect-equality: 0 stands for credits
        if (device == 0) revert CertificateMarket_OtherKind(offerId, device);
        uint256 wh = 0;
        for (uint256 i = 0; i < ids.length; ++i) {
            uint256 slot = uint32(ids[i]);
            if (uint32(ids[i] >> 32) != device || slot < fromSlot || slot > toSlot) {
                revert CertificateMarket_NotOffered(offerId, ids[i]);
            }
            wh = Math.saturatingAdd(wh, i < values.length ? values[i] : 0);
        }
        paid = _sell(offerId, offer, wh, maxPaid);
        CERTIFICATES.safeBatchTransferFrom(offer.seller, _msgSender(), ids, values, "");
    }

    /// @inheritdoc ICertificateMarket
    function buyCredits(uint256 offerId, uint256 grams, uint256 maxPaid) external nonReentrant returns (uint256 paid) {
        OfferRecord storage offer = _openOffer(offerId);
        if (offer.device != 0) revert CertificateMarket_OtherKind(offerId, offer.device);
        paid = _sell(offerId, offer, grams, maxPaid);
        // slither-disable-next-line arbitrary-send-erc20: of the seller of this offer
        IERC20(CREDITS).safeTransferFrom(offer.seller, _msgSender(), grams);
    }

    /// @inheritdoc ICertificateMarket
    function usePermit(IERC20Permit token, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external {
        // A third party may have sent it first; the allowance decides.
        try token.permit(_msgSender(), address(this), value, deadline, v, r, s) {} catch {}
    }

    /* VIEWS */

    /// @inheritdoc ICertificateMarket
    function offerOf(uint256 offerId) external view returns (Offer memory) {
        OfferRecord storage offer = _offers[offerId];
        return Offer({
            seller: offer.seller,
            device: offer.device,
            fromSlot: offer.fromSlot,
            toSlot: offer.toSlot,
            remaining: offer.remaining,
            price: offer.price,
            currency: offer.currency
        });
    }

    /* INTERNAL */

    function _offer(uint256 device, uint256 fromSlot, uint256 toSlot, uint256 amount, uint256 price, IERC20 currency)
        private
        returns (uint256 offerId)
    {
        _requireRunning();
        _requireAmount(amount);
        if (price == 0 || price > type(uint64).max) revert CertificateMarket_BadPrice(price);

        offerId = ++offerCount;
        _offers[offerId] = OfferRecord({
            seller: _msgSender(),
            device: uint32(device),
            fromSlot: uint32(fromSlot),
            toSlot: uint32(toSlot),
            currency: currency,
            price: uint64(price),
            remaining: uint64(amount)
        });
        emit CertificatesOffered(offerId, _msgSender(), device, fromSlot, toSlot, amount, price, address(currency));
    }

    /// @dev Counts the offer down and moves the money; the caller moves what was bought.
    function _sell(uint256 offerId, OfferRecord storage offer, uint256 amount, uint256 maxPaid)
        private
        returns (uint256 paid)
    {
        _requireRunning();
        _requireAmount(amount);
        uint256 remaining = offer.remaining;
        if (amount > remaining) revert CertificateMarket_AboveRemaining(offerId, amount, remaining);

        remaining -= amount;
        offer.remaining = uint64(remaining);
        paid = Math.ceilDiv(amount * offer.price, UNITS);
        if (paid > maxPaid) revert CertificateMarket_AboveLimit(paid, maxPaid);
        emit CertificatesSold(offerId, offer.seller, _msgSender(), amount, paid, remaining);
        // slither-disable-next-line arbitrary-send-erc20: from the caller
        offer.currency.safeTransferFrom(_msgSender(), offer.seller, paid);
    }

    function _requireAmount(uint256 amount) private pure {
        if (amount == 0 || amount > type(uint64).max) revert CertificateMarket_BadAmount(amount);
    }

    function _openOffer(uint256 offerId) private view returns (OfferRecord storage offer) {
        offer = _offers[offerId];
        // slither-disable-next-line incorrect-equality: sold, cancelled, or never made
        if (offer.remaining == 0) revert CertificateMarket_NotOpen(offerId);
    }

    /* INTERNAL: CALLERS */

    /// @dev What OpenZeppelin's functions ask, too: the account that the forwarder calls for.
    function _msgSender() internal view override returns (address) {
        return _holder();
    }

    /// @dev A multicall hands the account on to each of its calls.
    function _contextSuffixLength() internal pure override returns (uint256) {
        return ADDRESS_LENGTH;
    }

    /// @dev Roles are the caller's own: the forwarder has none.
    function _checkCanCall(address, bytes calldata data) internal override {
        super._checkCanCall(msg.sender, data);
    }
}
