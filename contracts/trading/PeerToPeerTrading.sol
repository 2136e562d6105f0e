// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {EmergencyStop} from "../access/EmergencyStop.sol";
import {Relayed} from "../access/Relayed.sol";
import {IEnergyAccounts} from "../interfaces/IEnergyAccounts.sol";
import {IEnergyToken} from "../interfaces/IEnergyToken.sol";
import {IGridManagement} from "../interfaces/IGridManagement.sol";
import {IPeerToPeerTrading} from "../interfaces/IPeerToPeerTrading.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {ITariffs} from "../interfaces/ITariffs.sol";

/// @title PeerToPeerTrading
/// @notice See {IPeerToPeerTrading}; comments here are for maintainers.
/// @dev The contract holds the remaining energy of open offers and pending trades, and any tokens sent here directly.
/// Records change before external calls, and no callee calls back: EnergyToken has no hooks, and a payment transfers no
/// settlement token. The cost of a purchase is never 0: 1 Wh at a price of 1 costs 1.
contract PeerToPeerTrading is IPeerToPeerTrading, EmergencyStop, Relayed {
    using SafeCast for uint256;
    using SafeERC20 for IEnergyToken;

    /// @dev Slot 0: 20 + 5 = 25 bytes. Slot 1, all that a sale changes: 8 + 8 + 8 + 1 = 25 bytes.
    struct OfferRecord {
        address seller;
        uint40 createdAt;
        uint64 amount;
        uint64 remaining;
        uint64 price;
        OfferStatus status;
    }

    /// @dev Slot 0: 20 + 8 + 4 = 32 bytes; a time of 4 bytes lasts until 2106. Slot 1: 20 + 8 + 1 = 29 bytes.
    struct TradeRecord {
        address seller;
        uint64 amount;
        uint32 createdAt;
        address buyer;
        uint64 price;
        TradeStatus status;
    }

    /* CONSTANTS AND IMMUTABLES */

    uint256 private constant HOME = 1;

    ISettlement public immutable SETTLEMENT;
    IGridManagement public immutable GRID;
    IEnergyToken public immutable ENERGY_TOKEN;

    IEnergyAccounts private immutable _ENERGY;
    ITariffs private immutable _TARIFFS;

    /* STORAGE */

    // slot 0, after EmergencyStop's 22 bytes: 5 + 5 = 10 bytes
    uint40 private _offerCount;
    uint40 private _tradeCount;

    mapping(uint256 id => OfferRecord offer) private _offers;
    mapping(uint256 id => TradeRecord trade) private _trades;

    /* CONSTRUCTOR */

    constructor(address authority_, ISettlement settlement, address forwarder)
        EmergencyStop(authority_)
        Relayed(forwarder)
    {
        SETTLEMENT = settlement;
        GRID = settlement.gridModule();
        ENERGY_TOKEN = settlement.energyToken();
        _ENERGY = settlement.ENERGY();
        _TARIFFS = settlement.TARIFFS();
    }

    /* SELLERS */

    /// @inheritdoc IPeerToPeerTrading
    function createEnergyOffer(uint256 amount, uint256 price) external returns (uint256 offerId) {
        address seller = _holder();
        (uint64 amount64, uint64 price64) = _checkNew(seller, amount, price);

        offerId = ++_offerCount;
        _offers[offerId] = OfferRecord({
            seller: seller,
            createdAt: uint40(block.timestamp),
            amount: amount64,
            remaining: amount64,
            price: price64,
            status: OfferStatus.OPEN
        });
        ENERGY_TOKEN.safeTransferFrom(seller, address(this), amount);
        emit EnergyOfferCreated(offerId, seller, amount, price);
    }

    /// @inheritdoc IPeerToPeerTrading
    function cancelEnergyOffer(uint256 offerId) external {
        OfferRecord storage offer = _openOffer(offerId);
        address seller = _holder();
        if (offer.seller != seller) revert PeerToPeerTrading_NotSeller(offerId, seller);

        uint256 returned = offer.remaining;
        offer.remaining = 0;
        offer.status = OfferStatus.CANCELLED;
        ENERGY_TOKEN.safeTransfer(seller, returned);
        emit EnergyOfferCancelled(offerId, returned);
    }

    /// @inheritdoc IPeerToPeerTrading
    function createTrade(address buyer, uint256 amount, uint256 price) external returns (uint256 tradeId) {
        address seller = _holder();
        (uint64 amount64, uint64 price64) = _checkNew(seller, amount, price);
        _requireBuyer(buyer, seller);

        tradeId = ++_tradeCount;
        _trades[tradeId] = TradeRecord({
            seller: seller,
            amount: amount64,
            createdAt: block.timestamp.toUint32(),
            buyer: buyer,
            price: price64,
            status: TradeStatus.PENDING
        });
        ENERGY_TOKEN.safeTransferFrom(seller, address(this), amount);
        emit TradeCreated(tradeId, seller, buyer, amount, price);
    }

    /* BUYERS */

    /// @inheritdoc IPeerToPeerTrading
    function acceptEnergyOffer(uint256 offerId, uint256 amount) external returns (uint256) {
        return _accept(offerId, amount, type(uint256).max);
    }

    /// @inheritdoc IPeerToPeerTrading
    function acceptEnergyOfferAtMost(uint256 offerId, uint256 amount, uint256 maxPaid) external returns (uint256) {
        return _accept(offerId, amount, maxPaid);
    }

    /// @inheritdoc IPeerToPeerTrading
    function completeTrade(uint256 tradeId) external returns (uint256) {
        return _complete(tradeId, type(uint256).max);
    }

    /// @inheritdoc IPeerToPeerTrading
    function completeTradeAtMost(uint256 tradeId, uint256 maxPaid) external returns (uint256) {
        return _complete(tradeId, maxPaid);
    }

    /* SELLERS AND BUYERS */

    /// @inheritdoc IPeerToPeerTrading
    function cancelTrade(uint256 tradeId) external {
        TradeRecord storage trade = _pendingTrade(tradeId);
        address party = _holder();
        if (trade.seller != party && trade.buyer != party) revert PeerToPeerTrading_NotParty(tradeId, party);

        trade.status = TradeStatus.CANCELLED;
        ENERGY_TOKEN.safeTransfer(trade.seller, trade.amount);
        emit TradeCancelled(tradeId, party);
    }

    /* VIEWS */

    /// @inheritdoc IPeerToPeerTrading
    function getEnergyOffer(uint256 offerId) external view returns (EnergyOffer memory) {
        OfferRecord memory offer = _existingOffer(offerId);
        return EnergyOffer({
            seller: offer.seller,
            amount: offer.amount,
            remaining: offer.remaining,
            price: offer.price,
            createdAt: offer.createdAt,
            status: offer.status
        });
    }

    /// @inheritdoc IPeerToPeerTrading
    function getTradeInfo(uint256 tradeId) external view returns (Trade memory) {
        TradeRecord memory trade = _existingTrade(tradeId);
        return Trade({
            seller: trade.seller,
            buyer: trade.buyer,
            amount: trade.amount,
            price: trade.price,
            createdAt: trade.createdAt,
            status: trade.status
        });
    }

    /// @inheritdoc IPeerToPeerTrading
    function getEnergyBalance(address account) external view returns (uint256) {
        return ENERGY_TOKEN.balanceOf(account);
    }

    /// @inheritdoc IPeerToPeerTrading
    function offerCount() external view returns (uint256) {
        return _offerCount;
    }

    /// @inheritdoc IPeerToPeerTrading
    function tradeCount() external view returns (uint256) {
        return _tradeCount;
    }

    /* INTERNAL */

    function _accept(uint256 offerId, uint256 amount, uint256 maxPaid) private returns (uint256 paid) {
        _requireRunning();
        OfferRecord storage offer = _openOffer(offerId);
        if (amount == 0) revert PeerToPeerTrading_ZeroAmount();
        (address buyer, address seller, uint256 remaining) = (_holder(), offer.seller, offer.remaining);
        if (amount > remaining) revert PeerToPeerTrading_AboveRemaining(offerId, amount, remaining);
        _requireParticipant(seller, false);
        _requireBuyer(buyer, seller);

        remaining -= amount;
        // The value was below 2^64 and has decreased.
        offer.remaining = uint64(remaining);
        if (remaining == 0) offer.status = OfferStatus.SOLD;
        paid = _exchange(buyer, seller, amount, offer.price, maxPaid);
        emit EnergyOfferAccepted(offerId, buyer, amount, paid, remaining);
    }

    function _complete(uint256 tradeId, uint256 maxPaid) private returns (uint256 paid) {
        _requireRunning();
        TradeRecord storage trade = _pendingTrade(tradeId);
        address buyer = _holder();
        if (trade.buyer != buyer) revert PeerToPeerTrading_NotParty(tradeId, buyer);
        _requireParticipant(trade.seller, false);
        _requireParticipant(buyer, true);

        trade.status = TradeStatus.COMPLETED;
        paid = _exchange(buyer, trade.seller, trade.amount, trade.price, maxPaid);
        emit TradeCompleted(tradeId, paid);
    }

    /// @dev Checks a new offer or trade: stop, amount, price and seller, in this order.
    function _checkNew(address seller, uint256 amount, uint256 price)
        private
        view
        returns (uint64 amount64, uint64 price64)
    {
        _requireRunning();
        if (amount == 0) revert PeerToPeerTrading_ZeroAmount();
        amount64 = amount.toUint64();
        if (price == 0) revert PeerToPeerTrading_ZeroPrice();
        price64 = price.toUint64();
        _requireParticipant(seller, false);
    }

    function _requireBuyer(address buyer, address seller) private view {
        if (buyer == seller) revert PeerToPeerTrading_SelfTrade(seller);
        _requireParticipant(buyer, true);
    }

    function _requireParticipant(address account, bool buying) private view {
        if (!GRID.isActiveParticipant(account) || SETTLEMENT.isSideBlocked(account, buying)) {
            revert PeerToPeerTrading_Inactive(account, buying);
        }
    }

    /// @dev What the emergency protocols of both regions allow.
    function _requireOpenRegions(address buyer, address seller) private view {
        (uint256 region, uint256 other) = (_regionOf(buyer), _regionOf(seller));
        ITariffs.Limits memory ofBuyer = _TARIFFS.limitsOf(region);
        if (ofBuyer.buyingClosed) revert PeerToPeerTrading_RegionClosed(region, true);
        ITariffs.Limits memory ofSeller = _TARIFFS.limitsOf(other);
        if (ofSeller.sellingClosed) revert PeerToPeerTrading_RegionClosed(other, false);
        if (region != other && (ofBuyer.islanded || ofSeller.islanded)) {
            revert PeerToPeerTrading_BorderClosed(region, other);
        }
    }

    function _regionOf(address account) private view returns (uint256) {
        return Math.max(_ENERGY.stateOf(SETTLEMENT.numberOf(account)).region(), HOME);
    }

    /// @dev Transfers money and energy, or reverts.
    function _exchange(address buyer, address seller, uint256 amount, uint256 price, uint256 maxPaid)
        private
        returns (uint256 paid)
    {
        _requireOpenRegions(buyer, seller);
        paid = SETTLEMENT.payOnTheSpot(buyer, seller, amount, price);
        if (paid > maxPaid) revert PeerToPeerTrading_AboveLimit(paid, maxPaid);
        ENERGY_TOKEN.safeTransfer(buyer, amount);
    }

    function _existingOffer(uint256 offerId) private view returns (OfferRecord storage offer) {
        offer = _offers[offerId];
        if (offer.seller == address(0)) revert PeerToPeerTrading_NoSuchOffer(offerId);
    }

    function _openOffer(uint256 offerId) private view returns (OfferRecord storage offer) {
        offer = _existingOffer(offerId);
        if (offer.status != OfferStatus.OPEN) revert PeerToPeerTrading_OfferNotOpen(offerId, offer.status);
    }

    function _existingTrade(uint256 tradeId) private view returns (TradeRecord storage trade) {
        trade = _trades[tradeId];
        if (trade.seller == address(0)) revert PeerToPeerTrading_NoSuchTrade(tradeId);
    }

    function _pendingTrade(uint256 tradeId) private view returns (TradeRecord storage trade) {
        trade = _existingTrade(tradeId);
        if (trade.status != TradeStatus.PENDING) {
            revert PeerToPeerTrading_TradeNotPending(tradeId, trade.status);
        }
    }
}
