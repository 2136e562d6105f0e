// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IEmergencyStop} from "./IEmergencyStop.sol";
import {IEnergyToken} from "./IEnergyToken.sol";
import {IGridManagement} from "./IGridManagement.sol";
import {ISettlement} from "./ISettlement.sol";

/// @title IPeerToPeerTrading
/// @notice The spot market for energy credits: public offers, and trades addressed to one buyer; delivery against
/// payment in one step. The contract holds the seller's EnergyToken (Wh) from the start (needs an allowance); the buyer
/// pays from its Settlement balance. Prices are money per kWh. The cost of a purchase is rounded up, and Settlement's
/// fees, those of the seller's tariff, are deducted from the seller's payment. Buyers and sellers must be confirmed and
/// active participants in GridManagement and allowed on their side of the market. Cancelling is always possible and
/// returns the energy at once. All may call by a relayed transaction (ERC-2771).
///
///     offer   OPEN --accept (all of it)--> SOLD       trade   PENDING --complete--> COMPLETED
///               \------cancel-----------> CANCELLED             \-------cancel----> CANCELLED
///
/// While stopped, new offers, trades, acceptances and completions revert.
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

    /// @param amount,remaining offered Wh, and Wh not sold yet (0 once sold or cancelled).
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

    /// @param amount Wh.
    /// @param price money per kWh.
    /// @param createdAt Unix seconds.
    struct Trade {
        address seller;
        address buyer;
        uint256 amount;
        uint256 price;
        uint256 createdAt;
        TradeStatus status;
    }

    /* EVENTS */

    /// @notice A seller offered `amount` Wh of energy credits to any buyer at `price` (money per kWh).
    event EnergyOfferCreated(uint256 indexed offerId, address indexed seller, uint256 amount, uint256 price);
    /// @notice A buyer bought `amount` Wh of an offer for `paid` (money), including fees.
    event EnergyOfferAccepted(
        uint256 indexed offerId, address indexed buyer, uint256 amount, uint256 paid, uint256 remaining
    );
    /// @notice A seller cancelled its offer and got the unsold `returned` Wh back.
    event EnergyOfferCancelled(uint256 indexed offerId, uint256 returned);
    /// @notice A seller offered `amount` Wh of energy credits to one buyer at `price` (money per kWh).
    event TradeCreated(
        uint256 indexed tradeId, address indexed seller, address indexed buyer, uint256 amount, uint256 price
    );
    /// @notice The buyer completed the trade and paid `paid` (money), including fees.
    event TradeCompleted(uint256 indexed tradeId, uint256 paid);
    /// @notice The seller or the buyer, see `by`, cancelled a trade; the energy credits went back to the seller.
    event TradeCancelled(uint256 indexed tradeId, address indexed by);

    /* ERRORS */

    /// @notice The amount must be above 0 Wh.
    error PeerToPeerTrading_ZeroAmount();
    /// @notice The price must be above 0.
    error PeerToPeerTrading_ZeroPrice();
    /// @notice The account is not registered and confirmed in GridManagement, deactivated there, or blocked on this
    /// side of the market.
    error PeerToPeerTrading_Inactive(address account, bool buying);
    /// @notice The emergency protocol of the region (its number) lets nobody of it buy, or sell, now.
    error PeerToPeerTrading_RegionClosed(uint256 region, bool buying);
    /// @notice One of the two regions (their numbers) is islanded: nothing is traded across its border now.
    error PeerToPeerTrading_BorderClosed(uint256 buyerRegion, uint256 sellerRegion);
    /// @notice The buyer and the seller are one account.
    error PeerToPeerTrading_SelfTrade(address account);
    /// @notice There is no offer of this number, see {offerCount}.
    error PeerToPeerTrading_NoSuchOffer(uint256 offerId);
    /// @notice There is no trade of this number, see {tradeCount}.
    error PeerToPeerTrading_NoSuchTrade(uint256 tradeId);
    /// @notice The offer is sold or cancelled, see `status`.
    error PeerToPeerTrading_OfferNotOpen(uint256 offerId, OfferStatus status);
    /// @notice The trade is completed or cancelled, see `status`.
    error PeerToPeerTrading_TradeNotPending(uint256 tradeId, TradeStatus status);
    /// @notice Only the seller of the offer may cancel it.
    error PeerToPeerTrading_NotSeller(uint256 offerId, address caller);
    /// @notice Only the trade's buyer can complete it; only its buyer and its seller can cancel it.
    error PeerToPeerTrading_NotParty(uint256 tradeId, address caller);
    /// @notice The purchase costs `paid`, which is above the caller's maximum `maxPaid`; both money.
    error PeerToPeerTrading_AboveLimit(uint256 paid, uint256 maxPaid);
    /// @notice The offer has only `remaining` Wh left: buy at most that.
    error PeerToPeerTrading_AboveRemaining(uint256 offerId, uint256 amount, uint256 remaining);

    /* SELLERS */

    /// @notice Offers energy credits to any buyer. Checked in this order: stop, amount, price, participant; then the
    /// token is transferred.
    /// @param amount Wh, 1 to 2^64 - 1.
    /// @param price money per kWh, 1 to 2^64 - 1.
    /// @return offerId number of the offer.
    function createEnergyOffer(uint256 amount, uint256 price) external returns (uint256 offerId);

    /// @notice Cancels an open offer and returns its unsold part. Only its seller may call this. Open while stopped.
    /// @param offerId number of the offer, from 1 on.
    function cancelEnergyOffer(uint256 offerId) external;

    /// @notice Offers energy credits to one buyer. Checked as {createEnergyOffer}, then the buyer: it must be a
    /// participant, and not the seller.
    /// @param buyer the only account that can complete the trade.
    /// @param amount Wh, 1 to 2^64 - 1.
    /// @param price money per kWh, 1 to 2^64 - 1.
    /// @return tradeId number of the spot trade.
    function createTrade(address buyer, uint256 amount, uint256 price) external returns (uint256 tradeId);

    /* BUYERS */

    /// @notice Buys `amount` Wh of an offer at its price. Checked in this order: stop, offer, amount, remaining amount,
    /// seller (again), self-trade, buyer, buyer's money.
    /// @param offerId number of the offer, from 1 on.
    /// @param amount Wh, at most the remaining amount.
    /// @return paid money debited from the buyer's balance.
    function acceptEnergyOffer(uint256 offerId, uint256 amount) external returns (uint256 paid);

    /// @notice As {acceptEnergyOffer}, for at most `maxPaid`. After a reorganisation of the chain the number can belong
    /// to another offer; the limit bounds the payment.
    /// @param offerId number of the offer, from 1 on.
    /// @param amount Wh, at most the remaining amount.
    /// @param maxPaid maximum money debited from the buyer's balance.
    /// @return paid money debited from the buyer's balance.
    function acceptEnergyOfferAtMost(uint256 offerId, uint256 amount, uint256 maxPaid) external returns (uint256 paid);

    /// @notice Buys the energy of a trade. Only the trade's buyer may call this. Checked in this order: stop, trade,
    /// caller, seller, buyer, buyer's money.
    /// @param tradeId number of the spot trade, from 1 on.
    /// @return paid money debited from the buyer's balance.
    function completeTrade(uint256 tradeId) external returns (uint256 paid);

    /// @notice As {completeTrade}, for at most `maxPaid`, see {acceptEnergyOfferAtMost}.
    /// @param tradeId number of the spot trade, from 1 on.
    /// @param maxPaid maximum money debited from the buyer's balance.
    /// @return paid money debited from the buyer's balance.
    function completeTradeAtMost(uint256 tradeId, uint256 maxPaid) external returns (uint256 paid);

    /* SELLERS AND BUYERS */

    /// @notice Cancels a pending trade and returns its energy to the seller. Only the seller or the buyer may call
    /// this. Open while stopped.
    /// @param tradeId number of the spot trade, from 1 on.
    function cancelTrade(uint256 tradeId) external;

    /* VIEWS */

    /// @notice An offer with its status now.
    /// @param offerId number of the offer, from 1 on.
    /// @return the offer. Reverts with NoSuchOffer if there is none.
    function getEnergyOffer(uint256 offerId) external view returns (EnergyOffer memory);
    /// @notice A trade with its status now.
    /// @param tradeId number of the spot trade, from 1 on.
    /// @return the trade. Reverts with NoSuchTrade if there is none.
    function getTradeInfo(uint256 tradeId) external view returns (Trade memory);
    /// @notice Energy credits that an account can offer or transfer, in Wh, without those in its offers and trades.
    /// @param account the account.
    /// @return Wh.
    function getEnergyBalance(address account) external view returns (uint256);
    /// @notice Offers are numbered from 1 to this.
    /// @return the number of offers.
    function offerCount() external view returns (uint256);
    /// @notice Trades are numbered from 1 to this.
    /// @return the number of trades.
    function tradeCount() external view returns (uint256);
    /// @notice The contract that holds the money.
    /// @return the contract.
    function SETTLEMENT() external view returns (ISettlement);
    /// @notice The contract that registers participants.
    /// @return the contract.
    function GRID() external view returns (IGridManagement);
    /// @notice The energy credits that are traded here.
    /// @return the token.
    function ENERGY_TOKEN() external view returns (IEnergyToken);
}
