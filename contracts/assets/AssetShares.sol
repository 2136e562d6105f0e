// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ERC20Upgradeable} from "@openzeppelin/contracts-upgradeable/token/ERC20/ERC20Upgradeable.sol";
import {
    ERC20PermitUpgradeable
} from "@openzeppelin/contracts-upgradeable/token/ERC20/extensions/ERC20PermitUpgradeable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IAssetShares} from "../interfaces/IAssetShares.sol";
import {IEmergencyStop} from "../interfaces/IEmergencyStop.sol";
import {IEnergyAssetNFT} from "../interfaces/IEnergyAssetNFT.sol";

/// @title AssetShares
/// @notice See {IAssetShares}; comments here are for maintainers.
/// @dev Every ERC-1167 clone runs this code; the immutables are part of the code, so all clones share them.
///
/// Revenue: with N shares, an account holding b of them earns b points for every unit of revenue, and can claim
/// floor(points / N) - paid. N never changes and all N shares always have a holder (after a redemption, the redeemer),
/// so the points of all accounts are exactly N * total: rounding neither loses money nor pays it twice.
///
/// Money: the contract owes `unpaid` revenue plus the money `reserved` for bidders; its balance beyond that is revenue
/// that is not recorded yet. During a payment the accounting and the balance differ, and a token can call back then.
/// Therefore every function that records revenue has a reentrancy guard, including share transfers and two views.
contract AssetShares is IAssetShares, ERC20PermitUpgradeable, ReentrancyGuardTransient {
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    /// @dev Slot 0: 16 + 16 = 32 bytes. Slot 1: 22 + 5 + 5 = 32 bytes.
    /// @param seen total revenue up to which points are counted.
    /// @param paid money paid to the account.
    /// @param points at most 10^12 shares * 2^128 units.
    /// @param accepted shares that accepted the offer numbered acceptedId; without meaning once its time is over.
    struct Account {
        uint128 seen;
        uint128 paid;
        uint176 points;
        uint40 accepted;
        uint40 acceptedId;
    }

    /// @dev Slot 0: 20 + 6 + 5 + 1 = 32 bytes. Slot 1: 16 bytes.
    struct Offer {
        address bidder;
        uint48 endsAt;
        uint40 accepted;
        BuyoutStatus status;
        uint128 pricePerShare;
    }

    /* CONSTANTS AND IMMUTABLES */

    uint256 private constant BUYOUT_PERIOD = 7 days;

    IEnergyAssetNFT public immutable ASSETS;
    IERC20 public immutable MONEY;

    /* STORAGE */

    // slot 0: 8 + 5 + 5 + 5 + 1 = 24 bytes
    uint64 private _asset;
    uint40 private _shareCount;
    uint40 private _buyoutCount;
    // the offer that two thirds of the shares have accepted, 0 if none
    uint40 private _leading;
    State private _state;

    // slots 1 and 2: 20 bytes each
    address private _steward;
    address private _redeemer;

    // slot 3: 16 + 16 = 32 bytes; unpaid is never above total
    uint128 private _total;
    uint128 private _unpaid;

    // slot 4: the money of open offers, and all refunds
    uint256 private _reserved;

    mapping(uint256 id => Offer offer) private _offers;
    mapping(address account => Account record) private _accounts;
    mapping(address bidder => uint256 amount) private _refunds;

    /* CONSTRUCTOR */

    constructor(IEnergyAssetNFT assets, IERC20 money) {
        ASSETS = assets;
        MONEY = money;
        _disableInitializers();
    }

    /* THE ASSETS' CONTRACT */

    /// @inheritdoc IAssetShares
    function initialize(uint256 asset_, uint256 shares, address owner, string calldata name_, string calldata symbol_)
        external
        initializer
    {
        if (msg.sender != address(ASSETS)) revert AssetShares_OnlyAssets(msg.sender);
        __ERC20_init(name_, symbol_);
        __ERC20Permit_init(name_);
        _asset = asset_.toUint64();
        _shareCount = shares.toUint40();
        _setSteward(owner);
        _mint(owner, shares);
    }

    /* HOLDERS */

    /// @inheritdoc IERC20
    function transfer(address to, uint256 amount)
        public
        override(ERC20Upgradeable, IERC20)
        nonReentrant
        returns (bool)
    {
        return super.transfer(to, amount);
    }

    /// @inheritdoc IERC20
    function transferFrom(address from, address to, uint256 amount)
        public
        override(ERC20Upgradeable, IERC20)
        nonReentrant
        returns (bool)
    {
        return super.transferFrom(from, to, amount);
    }

    /// @inheritdoc IAssetShares
    function redeem() external nonReentrant {
        _requireUnsold();
        uint256 held = balanceOf(msg.sender);
        if (held != _shareCount) revert AssetShares_NotAllShares(msg.sender, held, _shareCount);

        // The state first: it frees shares that accept an offer, which could not be burned otherwise.
        _state = State.REDEEMED;
        _redeemer = msg.sender;
        _burn(msg.sender, held);
        emit Redeemed(msg.sender);
        // No safeTransferFrom: a holder that is a contract without the receiver hook could never get the asset.
        ASSETS.transferFrom(address(this), msg.sender, _asset);
    }

    /// @inheritdoc IAssetShares
    function acceptBuyout(uint256 id) external {
        _requireRunning();
        _requireUnsold();
        Offer storage offer = _runningOffer(id);
        (uint256 other,) = acceptedOf(msg.sender);
        if (other != 0) revert AssetShares_AlreadyAccepted(other, msg.sender);
        uint256 shares = balanceOf(msg.sender);
        if (shares == 0) revert AssetShares_NoShares(msg.sender);

        uint256 accepted = offer.accepted + shares;
        _accounts[msg.sender].accepted = shares.toUint40();
        _accounts[msg.sender].acceptedId = id.toUint40();
        offer.accepted = accepted.toUint40();
        if (_isAccepted(accepted)) _leading = id.toUint40();
        emit BuyoutAccepted(id, msg.sender, shares, accepted);
    }

    /// @inheritdoc IAssetShares
    function retractAcceptance(uint256 id) external {
        _requireHeld();
        Offer storage offer = _runningOffer(id);
        Account storage record = _accounts[msg.sender];
        if (record.acceptedId != id) revert AssetShares_NotAccepted(id, msg.sender);

        uint256 shares = record.accepted;
        uint256 accepted = offer.accepted - shares;
        record.accepted = 0;
        record.acceptedId = 0;
        offer.accepted = accepted.toUint40();
        if (_leading == id && !_isAccepted(accepted)) _leading = 0;
        emit BuyoutRetracted(id, msg.sender, shares, accepted);
    }

    /* STEWARD */

    /// @inheritdoc IAssetShares
    function setPermission(address user, IEnergyAssetNFT.Permission permission, uint64 until) external {
        _requireHeld();
        if (msg.sender != _steward) revert AssetShares_NotSteward(msg.sender);
        ASSETS.setPermission(_asset, user, permission, until);
    }

    /// @inheritdoc IAssetShares
    function setSteward(address steward_) external {
        _requireHeld();
        bool holdsMajority = 2 * balanceOf(msg.sender) > _shareCount;
        if (msg.sender != _steward && !holdsMajority) revert AssetShares_NotSteward(msg.sender);
        if (steward_ == address(0)) revert AssetShares_BadSteward(steward_);
        _setSteward(steward_);
    }

    /* ANYONE */

    /// @inheritdoc IAssetShares
    function claimRevenue(address account) external nonReentrant returns (uint256 amount) {
        _noticeRevenue();
        _settle(account);
        Account storage record = _accounts[account];
        amount = record.points / _shareCount - record.paid;
        if (amount == 0) revert AssetShares_NothingToClaim(account);

        record.paid += amount.toUint128();
        _unpaid -= amount.toUint128();
        emit RevenueClaimed(account, amount);
        MONEY.safeTransfer(account, amount);
    }

    /// @inheritdoc IAssetShares
    function recordRevenue() external nonReentrant returns (uint256 amount) {
        return _noticeRevenue();
    }

    /// @inheritdoc IAssetShares
    function offerBuyout(uint256 pricePerShare) external nonReentrant returns (uint256 id) {
        _requireRunning();
        _requireUnsold();
        uint256 minimum = minimumPrice();
        if (pricePerShare < minimum) revert AssetShares_PriceTooLow(pricePerShare, minimum);

        uint256 endsAt = block.timestamp + BUYOUT_PERIOD;
        id = ++_buyoutCount;
        Offer storage offer = _offers[id];
        offer.bidder = msg.sender;
        offer.endsAt = endsAt.toUint48();
        offer.pricePerShare = pricePerShare.toUint128();
        uint256 due = _priceOfAll(pricePerShare);
        _reserved += due;
        emit BuyoutOffered(id, msg.sender, pricePerShare, endsAt);
        _collect(due);
    }

    /// @inheritdoc IAssetShares
    function concludeBuyout(uint256 id) external nonReentrant {
        Offer storage offer = _openOffer(id);
        bool held = _state == State.HELD;
        if (held && block.timestamp < offer.endsAt) revert AssetShares_BuyoutRunning(id, offer.endsAt);

        if (held && _isAccepted(offer.accepted)) _sell(id, offer);
        else _giveBack(id, offer);
    }

    /// @inheritdoc IAssetShares
    function withdrawRefund(address bidder) external nonReentrant returns (uint256 amount) {
        amount = _refunds[bidder];
        if (amount == 0) revert AssetShares_NothingToClaim(bidder);

        _refunds[bidder] = 0;
        _reserved -= amount;
        emit RefundWithdrawn(bidder, amount);
        MONEY.safeTransfer(bidder, amount);
    }

    /* VIEWS */

    /// @inheritdoc IAssetShares
    function claimableOf(address account) external view nonReentrantView returns (uint256) {
        uint256 total = _total + _newMoney();
        return _pointsAt(account, total) / _shareCount - _accounts[account].paid;
    }

    /// @inheritdoc IAssetShares
    function totalRevenue() external view nonReentrantView returns (uint256) {
        return _total + _newMoney();
    }

    /// @inheritdoc IAssetShares
    function buyout(uint256 id) external view returns (Buyout memory) {
        Offer storage offer = _existingOffer(id);
        return Buyout({
            bidder: offer.bidder,
            pricePerShare: offer.pricePerShare,
            endsAt: offer.endsAt,
            accepted: offer.accepted,
            status: offer.status
        });
    }

    /// @inheritdoc IAssetShares
    function buyoutCount() external view returns (uint256) {
        return _buyoutCount;
    }

    /// @inheritdoc IAssetShares
    /// @dev An offer holds shares until its time is over or the asset was sold or redeemed; no call is needed to free
    /// them.
    function acceptedOf(address account) public view returns (uint256 id, uint256 shares) {
        Account storage record = _accounts[account];
        id = record.acceptedId;
        bool holds = _state == State.HELD && block.timestamp < _offers[id].endsAt;
        return holds ? (id, record.accepted) : (0, 0);
    }

    /// @inheritdoc IAssetShares
    function refundOf(address bidder) external view returns (uint256) {
        return _refunds[bidder];
    }

    /// @inheritdoc IAssetShares
    function minimumPrice() public view returns (uint256) {
        return Math.ceilDiv(ASSETS.bookValueOf(_asset), _shareCount);
    }

    /// @inheritdoc IAssetShares
    function shareCount() external view returns (uint256) {
        return _shareCount;
    }

    /// @inheritdoc IAssetShares
    function state() external view returns (State) {
        return _state;
    }

    /// @inheritdoc IAssetShares
    function steward() external view returns (address) {
        return _steward;
    }

    /// @inheritdoc IAssetShares
    function asset() external view returns (uint256) {
        return _asset;
    }

    /// @notice 0: shares are whole.
    function decimals() public pure override returns (uint8) {
        return 0;
    }

    /* INTERNAL */

    /// @dev Called for every transfer of shares. Revenue until now belongs to the former holders; only money sent
    /// before the mint belongs to the first holder.
    function _update(address from, address to, uint256 amount) internal override {
        if (from != address(0)) {
            _noticeRevenue();
            _settle(from);
            (, uint256 accepted) = acceptedOf(from);
            uint256 movable = balanceOf(from) - accepted;
            if (accepted != 0 && amount > movable) revert AssetShares_SharesAccepted(from, movable, amount);
        }
        if (to != address(0)) _settle(to);
        super._update(from, to, amount);
    }

    function _noticeRevenue() private returns (uint256 amount) {
        amount = _newMoney();
        // slither-disable-next-line incorrect-equality: nothing new; any more is counted
        if (amount == 0) return 0;
        uint256 total = _total + amount;
        _total = total.toUint128();
        _unpaid += amount.toUint128();
        emit RevenueReceived(amount, total);
    }

    /// @dev Updates an account's points; called before its shares change and before it is paid.
    function _settle(address account) private {
        Account storage record = _accounts[account];
        record.points = _pointsAt(account, _total).toUint176();
        record.seen = _total;
    }

    function _sell(uint256 id, Offer storage offer) private {
        offer.status = BuyoutStatus.SOLD;
        _state = State.SOLD;
        _reserved -= _priceOfAll(offer.pricePerShare);
        emit BuyoutConcluded(id, true);
        // The price is no longer reserved and becomes revenue.
        _noticeRevenue();
        // No safeTransferFrom: a bidder that is a contract without the receiver hook must not block the holders' money.
        ASSETS.transferFrom(address(this), offer.bidder, _asset);
    }

    /// @dev The money stays reserved for {withdrawRefund}, so a bidder that cannot be paid does not block others.
    function _giveBack(uint256 id, Offer storage offer) private {
        offer.status = BuyoutStatus.FAILED;
        _refunds[offer.bidder] += _priceOfAll(offer.pricePerShare);
        emit BuyoutConcluded(id, false);
    }

    /// @dev Takes money from the caller; the full amount must be received.
    function _collect(uint256 due) private {
        uint256 before = MONEY.balanceOf(address(this));
        MONEY.safeTransferFrom(msg.sender, address(this), due);
        uint256 received = Math.saturatingSub(MONEY.balanceOf(address(this)), before);
        if (received < due) revert AssetShares_Underpaid(received, due);
    }

    function _setSteward(address steward_) private {
        _steward = steward_;
        emit StewardSet(steward_, msg.sender);
    }

    /// @dev This must not revert and block a transfer of shares. If a token reduces balances, nothing counts as new
    /// until they have grown again; beyond 2^128 - 1 units in all nothing more is counted.
    function _newMoney() private view returns (uint256) {
        uint256 accounted = _unpaid + _reserved;
        uint256 surplus = Math.saturatingSub(MONEY.balanceOf(address(this)), accounted);
        return Math.min(surplus, type(uint128).max - _total);
    }

    function _pointsAt(address account, uint256 total) private view returns (uint256) {
        Account storage record = _accounts[account];
        return record.points + _sharesOf(account) * (total - record.seen);
    }

    /// @dev The shares that earn revenue for an account: N in all at any time.
    function _sharesOf(address account) private view returns (uint256) {
        if (_state == State.REDEEMED) return account == _redeemer ? _shareCount : 0;
        return balanceOf(account);
    }

    function _priceOfAll(uint256 pricePerShare) private view returns (uint256) {
        return pricePerShare * _shareCount;
    }

    function _isAccepted(uint256 accepted) private view returns (bool) {
        return 3 * accepted >= 2 * uint256(_shareCount);
    }

    function _existingOffer(uint256 id) private view returns (Offer storage offer) {
        offer = _offers[id];
        if (offer.bidder == address(0)) revert AssetShares_NoSuchBuyout(id);
    }

    function _openOffer(uint256 id) private view returns (Offer storage offer) {
        offer = _existingOffer(id);
        if (offer.status != BuyoutStatus.OPEN) revert AssetShares_BuyoutConcluded(id, offer.status);
    }

    function _runningOffer(uint256 id) private view returns (Offer storage offer) {
        offer = _openOffer(id);
        if (block.timestamp >= offer.endsAt) revert AssetShares_BuyoutOver(id, offer.endsAt);
    }

    function _requireHeld() private view {
        if (_state != State.HELD) revert AssetShares_NotHeld(_state);
    }

    /// @dev Reverts if the asset is not held, or if an offer is due (two thirds accepted it in time). Shares accept one
    /// running offer at a time and none while one is due, so two offers can never both have two thirds.
    function _requireUnsold() private view {
        _requireHeld();
        uint256 leading = _leading;
        if (leading != 0 && block.timestamp >= _offers[leading].endsAt) revert AssetShares_BuyoutDue(leading);
    }

    function _requireRunning() private view {
        IEmergencyStop.StopLevel level = ASSETS.stopLevel();
        if (level != IEmergencyStop.StopLevel.RUNNING) revert IEmergencyStop.EmergencyStop_Stopped(level);
    }
}
