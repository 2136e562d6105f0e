// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IEmergencyStop} from "./IEmergencyStop.sol";
import {IEnergyToken} from "./IEnergyToken.sol";
import {IGridManagement} from "./IGridManagement.sol";
import {ISettlement} from "./ISettlement.sol";

/// @title IPeerToPeerTrading
/// @notice The spot market in banked energy: offers to everybody and trades addressed to one buyer, delivery against
/// payment in one step. The seller's EnergyToken (Wh) is held here from the beginning (needs an allowance), the buyer
/// pays out of its Settlement balance. Prices are money per kWh; what a purchase costs is rounded up, and the fees of
/// Settlement are taken out of what the seller is paid. Buyers and sellers are active participants of GridManagement,
/// allowed on their side of the market. Cancelling is always possible, and the energy goes back at once.
///
///     offer   OPEN --accept (all of it)--> SOLD       trade   PENDING --complete--> COMPLETED
///               \------cancel-----------> CANCELLED             \-------cancel----> CANCELLED
///
/// A stop refuses new offers, trades, acceptances and completions.
interface IPeerToPeerTrading is IEmergencyStop {
    enum OfferStatus {
        OPEN,
        SOLD,
        CANCELLED
    }

    enum TradeStatus {
        PENDING,
        COMPLETED,
        CANCELLED
    }

    /// @param amount,remaining Wh offered, and not sold yet (0 once sold or cancelled).
    /// @param price money per kWh.
    /// @param createdAt Unix seconds.
    struct EnergyOffer {
        address seller;
        uint256 amount;
        uint256 remaining;
        uint256 price;
        uint256 createdAt;
        OfferStatus status;
    }

    /// @param amount Wh. @param price money per kWh. @param createdAt Unix seconds.
    struct Trade {
        address seller;
        address buyer;
        uint256 amount;
        uint256 price;
        uint256 createdAt;
        TradeStatus status;
    }

    /* EVENTS */

    event EnergyOfferCreated(uint256 indexed offerId, address indexed seller, uint256 amount, uint256 price);
    /// @notice `amount` Wh changed hands for `paid`, fees included.
    event EnergyOfferAccepted(
        uint256 indexed offerId, address indexed buyer, uint256 amount, uint256 paid, uint256 remaining
    );
    event EnergyOfferCancelled(uint256 indexed offerId, uint256 returned);
    event TradeCreated(
        uint256 indexed tradeId, address indexed seller, address indexed buyer, uint256 amount, uint256 price
    );
    event TradeCompleted(uint256 indexed tradeId, uint256 paid);
    event TradeCancelled(uint256 indexed tradeId, address indexed by);

    /* ERRORS */

    error PeerToPeerTrading_ZeroAmount();
    error PeerToPeerTrading_ZeroPrice();
    /// @notice Not registered with GridManagement, deactivated there, or not allowed on this side of the market.
    error PeerToPeerTrading_Inactive(address account, bool buying);
    error PeerToPeerTrading_SelfTrade(address account);
    error PeerToPeerTrading_NoSuchOffer(uint256 offerId);
    error PeerToPeerTrading_NoSuchTrade(uint256 tradeId);
    error PeerToPeerTrading_OfferNotOpen(uint256 offerId, OfferStatus status);
    error PeerToPeerTrading_TradeNotPending(uint256 tradeId, TradeStatus status);
    error PeerToPeerTrading_NotSeller(uint256 offerId, address caller);
    /// @notice Only the buyer named completes a trade; only it and the seller cancel it.
    error PeerToPeerTrading_NotParty(uint256 tradeId, address caller);
    /// @notice What the caller has named as the most does not buy it.
    error PeerToPeerTrading_AboveLimit(uint256 paid, uint256 maxPaid);
    error PeerToPeerTrading_AboveRemaining(uint256 offerId, uint256 amount, uint256 remaining);

    /* SELLERS */

    /// @notice Offers banked energy to everybody. Checked in this order: stop, amount, price, participant; then the
    /// token moves.
    /// @param amount Wh, 1 to 2^64 - 1. @param price money per kWh, 1 to 2^64 - 1.
    function createEnergyOffer(uint256 amount, uint256 price) external returns (uint256 offerId);

    /// @notice Takes what is left of an offer back. The seller alone; always possible while it is open.
    function cancelEnergyOffer(uint256 offerId) external;

    /// @notice Offers banked energy to one buyer. Checked as {createEnergyOffer}, then the buyer: not the seller, and a
    /// participant.
    function createTrade(address buyer, uint256 amount, uint256 price) external returns (uint256 tradeId);

    /* BUYERS */

    /// @notice Buys `amount` Wh of an offer, or a part of it, at its price. Who deals with each other is checked anew.
    /// Checked in this order: stop, offer, amount, what remains, the seller, self-trade, the buyer, its money.
    /// @return paid what left the buyer's balance.
    function acceptEnergyOffer(uint256 offerId, uint256 amount) external returns (uint256 paid);

    /// @notice {acceptEnergyOffer} for at most `maxPaid`. A number alone can mean another offer after a reorganisation
    /// of the chain; with a limit nobody pays more than it signed.
    function acceptEnergyOfferAtMost(uint256 offerId, uint256 amount, uint256 maxPaid) external returns (uint256 paid);

    /// @notice Buys what a trade holds. The buyer named in it alone. Checked in this order: stop, trade, caller, the
    /// seller, the buyer, its money.
    /// @return paid what left the buyer's balance.
    function completeTrade(uint256 tradeId) external returns (uint256 paid);

    /// @notice {completeTrade} for at most `maxPaid`, as {acceptEnergyOfferAtMost}.
    function completeTradeAtMost(uint256 tradeId, uint256 maxPaid) external returns (uint256 paid);

    /* SELLERS AND BUYERS */

    /// @notice Gives the energy of a pending trade back to the seller: by the seller, or by the buyer who declines.
    /// Always possible.
    function cancelTrade(uint256 tradeId) external;

    /* VIEWS */

    function getEnergyOffer(uint256 offerId) external view returns (EnergyOffer memory);
    function getTradeInfo(uint256 tradeId) external view returns (Trade memory);
    /// @notice Banked energy that an account can offer, send or burn, in Wh; what is on offer is not in it.
    function getEnergyBalance(address account) external view returns (uint256);
    /// @notice Offers are numbered from 1 to this.
    function offerCount() external view returns (uint256);
    /// @notice Trades are numbered from 1 to this.
    function tradeCount() external view returns (uint256);
    function SETTLEMENT() external view returns (ISettlement);
    function GRID() external view returns (IGridManagement);
    function ENERGY_TOKEN() external view returns (IEnergyToken);
}
