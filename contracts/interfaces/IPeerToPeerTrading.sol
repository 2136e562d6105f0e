// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IEmergencyStop} from "./IEmergencyStop.sol";
import {IEnergyToken} from "./IEnergyToken.sol";
import {IGridManagement} from "./IGridManagement.sol";
import {ISettlement} from "./ISettlement.sol";

/// @title IPeerToPeerTrading
/// @notice The spot market in energy credits: offers to everybody and trades addressed to one buyer, delivery against
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

    /// @notice A seller offered `amount` Wh of energy credits to everybody at `price` (money per kWh).
    event EnergyOfferCreated(uint256 indexed offerId, address indexed seller, uint256 amount, uint256 price);
    /// @notice `amount` Wh changed hands for `paid`, fees included.
    event EnergyOfferAccepted(
        uint256 indexed offerId, address indexed buyer, uint256 amount, uint256 paid, uint256 remaining
    );
    /// @notice A seller took its offer back, with the `returned` Wh that were not sold.
    event EnergyOfferCancelled(uint256 indexed offerId, uint256 returned);
    /// @notice A seller offered `amount` Wh of energy credits to one buyer at `price` (money per kWh).
    event TradeCreated(
        uint256 indexed tradeId, address indexed seller, address indexed buyer, uint256 amount, uint256 price
    );
    /// @notice The buyer took the trade and paid `paid` (money), fees included.
    event TradeCompleted(uint256 indexed tradeId, uint256 paid);
    /// @notice The seller or the buyer, as `by` says, ended a trade; the energy credits went back to the seller.
    event TradeCancelled(uint256 indexed tradeId, address indexed by);

    /* ERRORS */

    /// @notice The amount must be above 0 Wh.
    error PeerToPeerTrading_ZeroAmount();
    /// @notice The price must be above 0.
    error PeerToPeerTrading_ZeroPrice();
    /// @notice Not registered with GridManagement, deactivated there, or not allowed on this side of the market.
    error PeerToPeerTrading_Inactive(address account, bool buying);
    /// @notice The buyer and the seller are one account.
    error PeerToPeerTrading_SelfTrade(address account);
    /// @notice There is no offer of this number, see {offerCount}.
    error PeerToPeerTrading_NoSuchOffer(uint256 offerId);
    /// @notice There is no trade of this number, see {tradeCount}.
    error PeerToPeerTrading_NoSuchTrade(uint256 tradeId);
    /// @notice The offer is sold or cancelled, as `status` says.
    error PeerToPeerTrading_OfferNotOpen(uint256 offerId, OfferStatus status);
    /// @notice The trade is completed or cancelled, as `status` says.
    error PeerToPeerTrading_TradeNotPending(uint256 tradeId, TradeStatus status);
    /// @notice Only the seller of the offer may cancel it.
    error PeerToPeerTrading_NotSeller(uint256 offerId, address caller);
    /// @notice Only the buyer named completes a trade; only it and the seller cancel it.
    error PeerToPeerTrading_NotParty(uint256 tradeId, address caller);
    /// @notice What the caller has named as the most does not buy it.
    error PeerToPeerTrading_AboveLimit(uint256 paid, uint256 maxPaid);
    /// @notice The offer has only `remaining` Wh left: buy at most that.
    error PeerToPeerTrading_AboveRemaining(uint256 offerId, uint256 amount, uint256 remaining);

    /* SELLERS */

    /// @notice Offers energy credits to everybody. Checked in this order: stop, amount, price, participant; then the
    /// token moves.
    /// @param amount Wh, 1 to 2^64 - 1.
    /// @param price money per kWh, 1 to 2^64 - 1.
    /// @return offerId number of the offer.
    function createEnergyOffer(uint256 amount, uint256 price) external returns (uint256 offerId);

    /// @notice Takes what is left of an offer back. The seller alone; always possible while it is open.
    /// @param offerId number of the offer, from 1 on.
    function cancelEnergyOffer(uint256 offerId) external;

    /// @notice Offers energy credits to one buyer. Checked as {createEnergyOffer}, then the buyer: not the seller, and
    /// a participant.
    /// @param buyer the only account that can complete it.
    /// @param amount Wh, 1 to 2^64 - 1.
    /// @param price money per kWh, 1 to 2^64 - 1.
    /// @return tradeId number of the spot trade.
    function createTrade(address buyer, uint256 amount, uint256 price) external returns (uint256 tradeId);

    /* BUYERS */

    /// @notice Buys `amount` Wh of an offer, or a part of it, at its price. Who deals with each other is checked anew.
    /// Checked in this order: stop, offer, amount, what remains, the seller, self-trade, the buyer, its money.
    /// @param offerId number of the offer, from 1 on.
    /// @param amount Wh, at most what remains.
    /// @return paid what left the buyer's balance.
    function acceptEnergyOffer(uint256 offerId, uint256 amount) external returns (uint256 paid);

    /// @notice {acceptEnergyOffer} for at most `maxPaid`. A number alone can mean another offer after a reorganisation
    /// of the chain; with a limit nobody pays more than it signed.
    /// @param offerId number of the offer, from 1 on.
    /// @param amount Wh, at most what remains.
    /// @param maxPaid the most that may leave the buyer's balance, in money.
    /// @return paid what left the buyer's balance, in money.
    function acceptEnergyOfferAtMost(uint256 offerId, uint256 amount, uint256 maxPaid) external returns (uint256 paid);

    /// @notice Buys what a trade holds. The buyer named in it alone. Checked in this order: stop, trade, caller, the
    /// seller, the buyer, its money.
    /// @param tradeId number of the spot trade, from 1 on.
    /// @return paid what left the buyer's balance.
    function completeTrade(uint256 tradeId) external returns (uint256 paid);

    /// @notice {completeTrade} for at most `maxPaid`, as {acceptEnergyOfferAtMost}.
    /// @param tradeId number of the spot trade, from 1 on.
    /// @param maxPaid the most that may leave the buyer's balance, in money.
    /// @return paid what left the buyer's balance, in money.
    function completeTradeAtMost(uint256 tradeId, uint256 maxPaid) external returns (uint256 paid);

    /* SELLERS AND BUYERS */

    /// @notice Gives the energy of a pending trade back to the seller: by the seller, or by the buyer who declines.
    /// Always possible.
    /// @param tradeId number of the spot trade, from 1 on.
    function cancelTrade(uint256 tradeId) external;

    /* VIEWS */

    /// @notice An offer as it stands now.
    /// @param offerId number of the offer, from 1 on.
    /// @return the offer. It reverts for a number that is none.
    function getEnergyOffer(uint256 offerId) external view returns (EnergyOffer memory);
    /// @notice A trade as it stands now.
    /// @param tradeId number of the spot trade, from 1 on.
    /// @return the trade. It reverts for a number that is none.
    function getTradeInfo(uint256 tradeId) external view returns (Trade memory);
    /// @notice Energy credits that an account can offer, send or burn, in Wh; what is on offer is not among them.
    /// @param account the account.
    /// @return Wh.
    function getEnergyBalance(address account) external view returns (uint256);
    /// @notice Offers are numbered from 1 to this.
    /// @return how many offers there are.
    function offerCount() external view returns (uint256);
    /// @notice Trades are numbered from 1 to this.
    /// @return how many trades there are.
    function tradeCount() external view returns (uint256);
    /// @notice The contract that holds the money.
    /// @return the contract.
    function SETTLEMENT() external view returns (ISettlement);
    /// @notice The contract that knows the participants.
    /// @return the contract.
    function GRID() external view returns (IGridManagement);
    /// @notice The energy credits that are traded here.
    /// @return the token.
    function ENERGY_TOKEN() external view returns (IEnergyToken);
}
