// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IEnergyAssetNFT} from "./IEnergyAssetNFT.sol";

/// @title IAssetShares
/// @notice A divided asset: an ERC-20 of whole shares (no decimals, EIP-2612) whose contract owns the asset.
///
/// Revenue: settlement tokens sent here belong to the holders at that moment, in proportion to their shares. A holder
/// can claim at any time. The accounting is exact: the number of shares never changes, an account's claim is counted in
/// share-units, and only a payment rounds (down; the remainder stays claimable).
///
/// Buyout: any account can offer a price per share for all shares, and pays the whole price with the offer. The price
/// is at least the asset's book value (IEnergyAssetNFT.bookValueOf, divided by the shares, rounded up), so a majority
/// cannot force a sale below it. For 7 days holders can accept with all their shares, which they then cannot transfer;
/// the bidder can accept with its own. If two thirds of all shares have accepted by the end, the bidder gets the asset
/// and the holders get the money as revenue; a holder of a third or less cannot prevent this. Otherwise the bidder can
/// withdraw its money. Several offers can be open at once; shares accept one of them at a time.
///
///     HELD --concludeBuyout, two thirds accepted--> SOLD       shares remain as claims to unclaimed revenue
///       \---redeem, by the holder of all shares---> REDEEMED   no shares; later revenue belongs to that holder
///
///     offer   OPEN --concludeBuyout--> SOLD or FAILED (not accepted in time, or the asset was sold or redeemed)
///
/// While IEnergyAssetNFT is stopped, new offers and acceptances revert; everything else stays open.
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
    /// @param accepted number of shares that have accepted.
    struct Buyout {
        address bidder;
        uint256 pricePerShare;
        uint256 endsAt;
        uint256 accepted;
        BuyoutStatus status;
    }

    /* EVENTS */

    /// @notice Revenue of `amount` (money) was recorded for the holders; `total` is all revenue so far.
    event RevenueReceived(uint256 amount, uint256 total);
    /// @notice A holder was paid `amount` of money.
    event RevenueClaimed(address indexed account, uint256 amount);
    /// @notice A bidder offered `pricePerShare` (money) for each share; acceptances count before `endsAt` (Unix
    /// seconds).
    event BuyoutOffered(uint256 indexed id, address indexed bidder, uint256 pricePerShare, uint256 endsAt);
    /// @notice A holder accepted an offer with its `shares`; `accepted` is the sum of all shares that have accepted.
    event BuyoutAccepted(uint256 indexed id, address indexed account, uint256 shares, uint256 accepted);
    /// @notice A holder retracted its acceptance of `shares`; `accepted` is the sum of the shares that still accept.
    event BuyoutRetracted(uint256 indexed id, address indexed account, uint256 shares, uint256 accepted);
    /// @notice An offer ended. If `sold`, the bidder got the asset; otherwise {withdrawRefund} pays its money back.
    event BuyoutConcluded(uint256 indexed id, bool sold);
    /// @notice The bidder of a failed offer got `amount` (money) back.
    event RefundWithdrawn(address indexed bidder, uint256 amount);
    /// @notice The holder of all shares redeemed them for the asset; the shares were burned.
    event Redeemed(address indexed holder);
    /// @notice The account `by` set a new steward, who acts for the holders.
    event StewardSet(address indexed steward, address indexed by);

    /* ERRORS */

    /// @notice Only EnergyAssetNFT may call this.
    error AssetShares_OnlyAssets(address caller);
    /// @notice The asset was sold or redeemed. Only revenue and refunds can still be claimed.
    error AssetShares_NotHeld(State state);
    /// @notice Nothing is due to the account now.
    error AssetShares_NothingToClaim(address account);
    /// @notice The caller has `held` of `all` shares. Redeeming needs all of them.
    error AssetShares_NotAllShares(address account, uint256 held, uint256 all);
    /// @notice The account has no shares, so it cannot accept an offer.
    error AssetShares_NoShares(address account);
    /// @notice Shares that accept an offer cannot be transferred: {retractAcceptance} first.
    error AssetShares_SharesAccepted(address account, uint256 movable, uint256 amount);
    /// @notice The price per share is below `minimum`, see {minimumPrice}: offer at least that.
    error AssetShares_PriceTooLow(uint256 pricePerShare, uint256 minimum);
    /// @notice The token delivered less than was due (a transfer fee).
    error AssetShares_Underpaid(uint256 received, uint256 due);
    /// @notice There is no offer of this number, see {buyoutCount}.
    error AssetShares_NoSuchBuyout(uint256 id);
    /// @notice The offer ended at `endsAt` (Unix seconds): {concludeBuyout} is the only step left.
    error AssetShares_BuyoutOver(uint256 id, uint256 endsAt);
    /// @notice The offer runs until `endsAt` (Unix seconds). Conclude it then.
    error AssetShares_BuyoutRunning(uint256 id, uint256 endsAt);
    /// @notice The offer has ended already, with this status.
    error AssetShares_BuyoutConcluded(uint256 id, BuyoutStatus status);
    /// @notice Two thirds accepted this offer in time: call {concludeBuyout} first.
    error AssetShares_BuyoutDue(uint256 id);
    /// @notice The account's shares have accepted this open offer: {retractAcceptance} first.
    error AssetShares_AlreadyAccepted(uint256 id, address account);
    /// @notice The account has not accepted this offer.
    error AssetShares_NotAccepted(uint256 id, address account);
    /// @notice Only the steward may call this; {setSteward} is open to a holder of more than half of the shares, too.
    error AssetShares_NotSteward(address caller);
    /// @notice The zero address cannot be the steward.
    error AssetShares_BadSteward(address steward);

    /* THE ASSETS' CONTRACT */

    /// @notice Mints the shares of an asset that was just transferred here. Only EnergyAssetNFT may call this, once.
    /// @param asset number of the asset.
    /// @param shares number of shares.
    /// @param owner account that gets all shares and is the first steward.
    /// @param name name of the ERC-20.
    /// @param symbol symbol of the ERC-20.
    function initialize(uint256 asset, uint256 shares, address owner, string calldata name, string calldata symbol)
        external;

    /* HOLDERS */

    /// @notice Burns all shares and transfers the asset to their holder. Only the holder of all shares may call this.
    /// Open offers fail. Reverts with BuyoutDue while an offer that two thirds accepted in time is not concluded.
    function redeem() external;

    /// @notice Accepts an open offer with all shares that the caller has now. Reverts while stopped, and with BuyoutDue
    /// while an offer that two thirds accepted in time is not concluded.
    /// @param id number of the offer, from 1 on.
    function acceptBuyout(uint256 id) external;

    /// @notice Retracts the caller's acceptance before the offer ends.
    /// @param id number of the offer, from 1 on.
    function retractAcceptance(uint256 id) external;

    /* STEWARD */

    /// @notice Sets a permission of the asset as its owner does (IEnergyAssetNFT.setPermission). Only the steward may
    /// call this, on behalf of all holders. The first steward is the account that divided the asset. A steward can move
    /// neither money nor the asset.
    /// @param user account that gets the permission.
    /// @param permission the permission; NONE removes it.
    /// @param until Unix seconds, the last one included.
    function setPermission(address user, IEnergyAssetNFT.Permission permission, uint64 until) external;

    /// @notice Sets a new steward. The steward may call this, or a holder of more than half of the shares.
    /// @param steward the new one, not the zero address.
    function setSteward(address steward) external;

    /* ANYONE */

    /// @notice Pays an account its claimable revenue, in whole base units.
    /// @param account who is paid; any account may call this for it.
    /// @return amount the money paid.
    function claimRevenue(address account) external returns (uint256 amount);

    /// @notice Records money that was sent here as revenue. Claims and transfers of shares do this, too.
    /// @return amount the newly recorded money.
    function recordRevenue() external returns (uint256 amount);

    /// @notice Offers to buy all shares and takes the whole price (needs an allowance). Reverts while stopped, and with
    /// BuyoutDue while an offer that two thirds accepted in time is not concluded.
    /// @param pricePerShare money for one share, at least {minimumPrice}.
    /// @return id number of the offer.
    function offerBuyout(uint256 pricePerShare) external returns (uint256 id);

    /// @notice Ends an offer whose time is over, or any offer once the asset was sold or redeemed. It transfers the
    /// asset to the bidder, or adds the bidder's money to {refundOf}.
    /// @param id number of the offer, from 1 on.
    function concludeBuyout(uint256 id) external;

    /// @notice Pays a bidder the money of its failed offers.
    /// @param bidder the account of the bidder.
    /// @return amount the money paid back.
    function withdrawRefund(address bidder) external returns (uint256 amount);

    /* VIEWS */

    /// @notice The money that {claimRevenue} would pay the account now, including money that is not recorded yet.
    /// @param account the holder.
    /// @return money.
    function claimableOf(address account) external view returns (uint256);
    /// @notice All revenue so far, including money that is not recorded yet, in base units of the settlement token; at
    /// most 2^128 - 1 are counted.
    /// @return money.
    function totalRevenue() external view returns (uint256);
    /// @notice An offer to buy all shares.
    /// @param id number of the offer, from 1 on.
    /// @return the offer. Reverts with NoSuchBuyout if there is none.
    function buyout(uint256 id) external view returns (Buyout memory);
    /// @notice Offers are numbered from 1 to this.
    /// @return number of offers.
    function buyoutCount() external view returns (uint256);
    /// @notice The open offer that an account has accepted, and the number of its shares that cannot be transferred for
    /// it; 0, 0 if none.
    /// @param account the holder.
    /// @return id number of the offer.
    /// @return shares number of the account's shares that accept it.
    function acceptedOf(address account) external view returns (uint256 id, uint256 shares);
    /// @notice Money of a bidder's failed offers, which {withdrawRefund} pays.
    /// @param bidder the account of the bidder.
    /// @return money.
    function refundOf(address bidder) external view returns (uint256);
    /// @notice The lowest price per share that an offer can have now, rounded up.
    /// @return money for one share.
    function minimumPrice() external view returns (uint256);
    /// @notice The number of shares that were minted; it does not change when they are redeemed.
    /// @return the number.
    function shareCount() external view returns (uint256);
    /// @notice Whether the asset is held here, sold or redeemed.
    /// @return the state.
    function state() external view returns (State);
    /// @notice The account that acts for all holders, see {setPermission}.
    /// @return the steward.
    function steward() external view returns (address);
    /// @notice The asset behind these shares.
    /// @return its number.
    function asset() external view returns (uint256);
    /// @notice The contract that registers assets.
    /// @return the contract.
    function ASSETS() external view returns (IEnergyAssetNFT);
    /// @notice The token in which revenue and buyouts are paid.
    /// @return the settlement token.
    function MONEY() external view returns (IERC20);
}
