// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IEnergyAssetNFT} from "./IEnergyAssetNFT.sol";

/// @title IAssetShares
/// @notice A divided asset: an ERC-20 of whole shares (no decimals, EIP-2612) whose contract owns the asset.
///
/// Revenue: money (the settlement token) that is sent here belongs to those who hold shares at that moment, in
/// proportion, and each takes its part when it likes. Exact to the unit: the number of shares never changes, so what an
/// account is due is kept as share-units, and only paying out rounds (down; the rest stays for later).
///
/// Buyout: anybody may offer a price per share for all of them, and pays it in at once. It is at least the book value
/// of the asset (IEnergyAssetNFT.bookValueOf, divided by the shares, rounded up), so that no majority can sell the
/// others out for less. For 7 days holders accept with all their shares, which they then cannot move; who bids may
/// accept, too. If two thirds of all shares have accepted by the end, the asset is the bidder's and the money every
/// holder's, as revenue: no holder of a third or less can prevent it. If not, the money goes back. Offers stand beside
/// each other, so none can be in another's way; shares accept one of them at a time.
///
///     HELD --concludeBuyout, two thirds accepted--> SOLD       shares remain as claims to what was not claimed yet
///       \---redeem, by who holds all shares-------> REDEEMED   no shares; what still comes in is that holder's
///
///     offer   OPEN --concludeBuyout--> SOLD or FAILED (not accepted in time, or the asset went elsewhere)
///
/// A stop of the assets' contract refuses new offers and acceptances, nothing else.
interface IAssetShares is IERC20 {
    enum State {
        HELD,
        SOLD,
        REDEEMED
    }

    enum BuyoutStatus {
        OPEN,
        SOLD,
        FAILED
    }

    /// @param pricePerShare money for one share.
    /// @param endsAt Unix seconds; acceptances before it count.
    /// @param accepted shares that have accepted.
    struct Buyout {
        address bidder;
        uint256 pricePerShare;
        uint256 endsAt;
        uint256 accepted;
        BuyoutStatus status;
    }

    /* EVENTS */

    /// @notice `amount` of money came in for the holders; `total` is all that ever came in.
    event RevenueReceived(uint256 amount, uint256 total);
    /// @notice A holder was paid `amount` of money.
    event RevenueClaimed(address indexed account, uint256 amount);
    /// @notice A bidder offered `pricePerShare` (money) for each share; acceptances count before `endsAt` (Unix
    /// seconds).
    event BuyoutOffered(uint256 indexed id, address indexed bidder, uint256 pricePerShare, uint256 endsAt);
    /// @notice A holder accepted an offer with its `shares`; `accepted` is the sum of all that have.
    event BuyoutAccepted(uint256 indexed id, address indexed account, uint256 shares, uint256 accepted);
    /// @notice A holder took its acceptance of `shares` back; `accepted` is the sum of those left.
    event BuyoutRetracted(uint256 indexed id, address indexed account, uint256 shares, uint256 accepted);
    /// @notice An offer ended. `sold` says whether the asset went to the bidder; otherwise its money waits for
    /// {withdrawRefund}.
    event BuyoutConcluded(uint256 indexed id, bool sold);
    /// @notice The bidder of a failed offer was paid `amount` of money back.
    event RefundWithdrawn(address indexed bidder, uint256 amount);
    /// @notice The holder of all shares took the asset out; the shares ended.
    event Redeemed(address indexed holder);
    /// @notice Another steward acts for the holders, named by the account `by`.
    event StewardSet(address indexed steward, address indexed by);

    /* ERRORS */

    /// @notice Only the contract of the assets may call this.
    error AssetShares_OnlyAssets(address caller);
    /// @notice The asset was sold or redeemed. What remains is claiming revenue and refunds.
    error AssetShares_NotHeld(State state);
    /// @notice Nothing is due to the account now.
    error AssetShares_NothingToClaim(address account);
    /// @notice The caller has `held` of `all` shares. Redeeming needs all of them.
    error AssetShares_NotAllShares(address account, uint256 held, uint256 all);
    /// @notice The account has no shares, so it has nothing to accept with.
    error AssetShares_NoShares(address account);
    /// @notice Accepted shares cannot be moved: retract first.
    error AssetShares_SharesAccepted(address account, uint256 movable, uint256 amount);
    /// @notice The price per share is below `minimum`, see {minimumPrice}: offer at least that.
    error AssetShares_PriceTooLow(uint256 pricePerShare, uint256 minimum);
    /// @notice The token delivered less than was due (a transfer fee).
    error AssetShares_Underpaid(uint256 received, uint256 due);
    /// @notice There is no offer of this number, see {buyoutCount}.
    error AssetShares_NoSuchBuyout(uint256 id);
    /// @notice The offer ended at `endsAt` (Unix seconds). It can only be concluded now.
    error AssetShares_BuyoutOver(uint256 id, uint256 endsAt);
    /// @notice The offer runs until `endsAt` (Unix seconds). Conclude it then.
    error AssetShares_BuyoutRunning(uint256 id, uint256 endsAt);
    /// @notice The offer has ended already, with this status.
    error AssetShares_BuyoutConcluded(uint256 id, BuyoutStatus status);
    /// @notice This offer was accepted in time: conclude it.
    error AssetShares_BuyoutDue(uint256 id);
    /// @notice The account's shares have accepted this open offer: retract first.
    error AssetShares_AlreadyAccepted(uint256 id, address account);
    /// @notice The account has not accepted this offer.
    error AssetShares_NotAccepted(uint256 id, address account);
    /// @notice Only the steward may call this; {setSteward} is open to a holder of more than half of the shares, too.
    error AssetShares_NotSteward(address caller);
    /// @notice The zero address cannot be the steward.
    error AssetShares_BadSteward(address steward);

    /* THE ASSETS' CONTRACT */

    /// @notice Begins the shares of an asset that was just moved here. Once, by the contract of the assets.
    /// @param asset number of the asset.
    /// @param shares how many shares there are.
    /// @param owner who gets all of them and is the first steward.
    /// @param name name of the ERC-20.
    /// @param symbol symbol of the ERC-20.
    function initialize(uint256 asset, uint256 shares, address owner, string calldata name, string calldata symbol)
        external;

    /* HOLDERS */

    /// @notice Takes the asset out, by the holder of all shares, which end. Open offers fail; but one that was accepted
    /// by two thirds until its time was over comes first (BuyoutDue).
    function redeem() external;

    /// @notice Accepts an open offer with all shares that the caller has now. Refused while stopped, and while an offer
    /// that was accepted by two thirds until its time was over waits to be concluded (BuyoutDue).
    /// @param id number of the offer, from 1 on.
    function acceptBuyout(uint256 id) external;

    /// @notice Takes an acceptance back before the offer ends.
    /// @param id number of the offer, from 1 on.
    function retractAcceptance(uint256 id) external;

    /* STEWARD */

    /// @notice Lets somebody do something with the asset, as its owner would (IEnergyAssetNFT.setPermission). The
    /// steward, who is at first who divided it, does it for all holders; it can move neither money nor the asset.
    /// @param user who gets the permission.
    /// @param permission what it may do; NONE takes the permission away.
    /// @param until Unix seconds, the last one included.
    function setPermission(address user, IEnergyAssetNFT.Permission permission, uint64 until) external;

    /// @notice Names another steward: by the steward, or by a holder of more than half of the shares.
    /// @param steward the new one, not the zero address.
    function setSteward(address steward) external;

    /* ANYONE */

    /// @notice Pays an account what it is due, in full units.
    /// @param account who is paid; anybody may ask for it.
    /// @return amount what was paid, in money.
    function claimRevenue(address account) external returns (uint256 amount);

    /// @notice Notices money that was sent here. Claims and moves of shares do it by themselves.
    /// @return amount what was new.
    function recordRevenue() external returns (uint256 amount);

    /// @notice Offers to buy all shares, and pays for them (needs an allowance). Refused while stopped, and while
    /// another offer is as good as sold (BuyoutDue).
    /// @param pricePerShare money for one share, at least {minimumPrice}.
    /// @return id number of the offer.
    function offerBuyout(uint256 pricePerShare) external returns (uint256 id);

    /// @notice Ends an offer whose time is over, or any once the asset went elsewhere: sold, or back to {refundOf}.
    /// @param id number of the offer, from 1 on.
    function concludeBuyout(uint256 id) external;

    /// @notice Pays a bidder back whose offer has failed.
    /// @param bidder who made the offer.
    /// @return amount what was paid back, in money.
    function withdrawRefund(address bidder) external returns (uint256 amount);

    /* VIEWS */

    /// @notice What an account would be paid now, money that was just sent here included.
    /// @param account whose shares, or money, they are.
    /// @return money.
    function claimableOf(address account) external view returns (uint256);
    /// @notice Money that has come in for the holders in all, money that was just sent here included, in base units of
    /// the settlement token; at most 2^128 - 1 are counted.
    /// @return money.
    function totalRevenue() external view returns (uint256);
    /// @notice An offer to buy all shares.
    /// @param id number of the offer, from 1 on.
    /// @return the offer. It reverts for a number that is none.
    function buyout(uint256 id) external view returns (Buyout memory);
    /// @notice Offers are numbered from 1 to this.
    /// @return how many offers there are.
    function buyoutCount() external view returns (uint256);
    /// @notice Which open offer an account has accepted, and with how many shares, which it cannot move; 0, 0 if none.
    /// @param account whose shares, or money, they are.
    /// @return id number of the offer.
    /// @return shares how many shares have accepted it.
    function acceptedOf(address account) external view returns (uint256 id, uint256 shares);
    /// @notice Money of a bidder's failed offers that waits for {withdrawRefund}.
    /// @param bidder who made the offer.
    /// @return money.
    function refundOf(address bidder) external view returns (uint256);
    /// @notice The least price per share that an offer must have now, rounded up.
    /// @return money for one share.
    function minimumPrice() external view returns (uint256);
    /// @notice The number of shares, the same before and after they are redeemed.
    /// @return how many.
    function shareCount() external view returns (uint256);
    /// @notice Whether the asset is held here, sold or redeemed.
    /// @return the state.
    function state() external view returns (State);
    /// @notice Who acts for all holders, see {setPermission}.
    /// @return the steward.
    function steward() external view returns (address);
    /// @notice The asset that is divided here.
    /// @return its number.
    function asset() external view returns (uint256);
    /// @notice The contract of the assets.
    /// @return the contract.
    function ASSETS() external view returns (IEnergyAssetNFT);
    /// @notice The token in which revenue and buyouts are paid.
    /// @return the settlement token.
    function MONEY() external view returns (IERC20);
}
