// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {LockWord} from "../types/LockWord.sol";
import {IEmergencyStop} from "./IEmergencyStop.sol";
import {IEnergyToken} from "./IEnergyToken.sol";
import {IGridManagement} from "./IGridManagement.sol";

/// @title ISettlement
/// @notice The vault and the books: all money of the market in one ledger, all metered energy in one table of slots.
/// Money is in base units of the settlement token, energy in Wh, prices in money per kWh.
///
/// The slot table balances, for every closed slot of every account:
/// `produced + bought + burned + fromGrid == consumed + sold + minted`.
interface ISettlement is IEmergencyStop {
    /// @notice What the ledger is wired to; fixed at deployment.
    /// @param trading places locks and moves deliveries (EnergyTrading).
    /// @param spot moves payments for banked energy (PeerToPeerTrading).
    /// @param meter records metered energy (SmartMeter).
    /// @param grid sells grid energy, gives the slot price, keeps reputations (GridManagement).
    /// @param energyToken banked energy, minted and burned here.
    struct Modules {
        address trading;
        address spot;
        address meter;
        IGridManagement grid;
        IEnergyToken energyToken;
    }

    /// @notice Numbers fixed at deployment.
    /// @param slotLength seconds of a slot: 900 or 3600.
    /// @param grace seconds after a slot's end in which readings are accepted, and again as long until it can close.
    /// @param outflowWindow seconds over which {outflowLimit} counts.
    /// @param withdrawalDelay seconds that a withdrawal above the limit waits.
    /// @param maxGridFeePerKwh bound of the network charge, money per kWh.
    struct Parameters {
        uint256 slotLength;
        uint256 grace;
        uint256 outflowWindow;
        uint256 withdrawalDelay;
        uint256 maxGridFeePerKwh;
    }

    /// @notice One account's energy in one slot, in Wh.
    struct SlotEnergy {
        uint256 produced;
        uint256 consumed;
        uint256 sold;
        uint256 bought;
        bool closed;
    }

    /// @notice Why money cannot be locked for a signed order.
    enum LockRefusal {
        NONE,
        BELOW_FLOOR,
        SIDE_BLOCKED,
        IN_DEBT,
        INSUFFICIENT_BALANCE
    }

    /// @notice What one transaction asks to be delivered.
    /// @param seller,buyer account numbers.
    /// @param fromSlot,toSlot the slots to draw from, `toSlot` exclusive.
    /// @param owed what is still to be delivered, in Wh.
    /// @param delivered what was delivered before, in Wh: payments follow the sum, so cutting it up changes no unit.
    /// @param price money per kWh.
    struct Delivery {
        uint256 seller;
        uint256 buyer;
        uint256 fromSlot;
        uint256 toSlot;
        uint256 owed;
        uint256 delivered;
        uint256 price;
    }

    /// @notice How a transaction ends; every amount leaves the locked money of the account named.
    /// @param refund to the buyer, out of its own lock.
    /// @param compensation to the buyer, out of the seller's collateral.
    /// @param collateral back to the seller.
    /// @param failed whether the seller answers for an amount not delivered: it lowers its reputation.
    struct Ending {
        uint256 seller;
        uint256 buyer;
        uint256 refund;
        uint256 compensation;
        uint256 collateral;
        bool failed;
    }

    /// @notice A withdrawal that the outflow breaker has queued.
    struct QueuedWithdrawal {
        address account;
        address to;
        uint256 amount;
        uint256 executableAt;
        bool lengthened;
    }

    /* EVENTS */

    /// @notice An account got its number: the short name that packed words use.
    event AccountOpened(address indexed account, uint256 indexed number);
    /// @notice Money arrived: `amount` is what was received; a token with a transfer fee makes that less than was sent.
    event Deposited(address indexed payer, address indexed account, uint256 amount);
    event Withdrawn(address indexed account, address indexed to, uint256 amount);
    event WithdrawalQueued(
        uint256 indexed id, address indexed account, address indexed to, uint256 amount, uint256 executableAt
    );
    event WithdrawalLengthened(uint256 indexed id, uint256 executableAt);
    event WithdrawalCancelled(uint256 indexed id, address indexed account, uint256 amount);
    event DebtIncurred(address indexed account, uint256 amount, uint256 debt);
    event DebtRepaid(address indexed account, uint256 amount, uint256 debt);
    /// @notice Energy of one slot went from seller to buyer (account numbers).
    event EnergyDelivered(uint256 indexed seller, uint256 indexed buyer, uint256 indexed slot, uint256 amount);
    /// @notice The payment for the energy delivered in one settling; `paid` left the buyer's lock, and what the fees
    /// leave of it reached the seller.
    event DeliveryPaid(
        uint256 indexed seller, uint256 indexed buyer, uint256 paid, uint256 protocolFee, uint256 gridFee
    );
    /// @notice Banked energy was paid on the spot: `paid` left the buyer's balance, and what the fees leave of it
    /// reached the seller.
    event SpotPaid(address indexed seller, address indexed buyer, uint256 paid, uint256 protocolFee, uint256 gridFee);
    /// @notice Energy was bought from the grid at once, and paid.
    event GridEnergyBought(address indexed account, uint256 indexed slot, uint256 amount, uint256 cost);
    /// @notice A slot was balanced; again, with what has changed, if it was proven after its closing. `paid` of `cost`
    /// came out of the balance, the rest became debt.
    event SlotClosed(
        address indexed account,
        uint256 indexed slot,
        uint256 minted,
        uint256 burned,
        uint256 fromGrid,
        uint256 cost,
        uint256 paid
    );
    event FeesSet(uint256 protocolFeeBps, uint256 gridFeePerKwh);
    event OutflowLimitSet(uint256 limit);
    event TreasuryCollected(address indexed to, uint256 fees, uint256 gridRevenue);
    /// @notice Everything that the account has signed with a nonce below `nonce` is void.
    event SignedFloorRaised(address indexed account, uint256 nonce);
    event SideBlocked(address indexed account, bool buying, bool blocked);

    /* ERRORS */

    error Settlement_ZeroAmount();
    error Settlement_BadParameter(bytes32 name, uint256 value);
    /// @notice The account has no number yet: deposit first, or register a meter for it.
    error Settlement_UnknownAccount(address account);
    error Settlement_InsufficientBalance(address account, uint256 available, uint256 needed);
    /// @notice Debts block withdrawals, new BUY orders and purchases on the spot: {repayDebt} or {deposit} first.
    error Settlement_InDebt(address account, uint256 debt);
    error Settlement_NoDebt(address account);
    error Settlement_SideBlocked(address account, bool buying);
    error Settlement_BadRecipient(address to);
    /// @notice Only the named module may call this.
    error Settlement_OnlyModule(address caller);
    /// @notice The floor of an account's nonces only rises, up to 2^40 - 1.
    error Settlement_FloorNotHigher(address account, uint256 floor, uint256 nonce);
    /// @notice The slot was counted by a proof of its anchored reading.
    error Settlement_SlotProven(address account, uint256 slot);
    /// @notice The slot was counted by readings of the account's own meters.
    error Settlement_SlotMetered(address account, uint256 slot);
    error Settlement_SlotNotClosable(uint256 slot, uint256 closableAt);
    error Settlement_SlotClosed(address account, uint256 slot);
    error Settlement_NoSuchWithdrawal(uint256 id);
    error Settlement_WithdrawalNotDue(uint256 id, uint256 executableAt);
    error Settlement_NotWithdrawalOwner(uint256 id, address caller);
    error Settlement_AlreadyLengthened(uint256 id);
    error Settlement_LengtheningTooLong(uint256 seconds_, uint256 maximum);
    error Settlement_FeeTooHigh(uint256 fee, uint256 maximum);
    error Settlement_NothingToCollect();

    /* ACCOUNT HOLDERS */

    /// @notice Takes `amount` of the settlement token (needs an allowance) and credits what arrives to the caller.
    /// Refused while stopped.
    function deposit(uint256 amount) external returns (uint256 received);

    /// @notice As {deposit}, credited to `account`.
    function depositFor(address account, uint256 amount) external returns (uint256 received);

    /// @notice As {deposit}, with an EIP-2612 permit instead of an allowance. A permit that somebody else has already
    /// sent does no harm: its allowance is there.
    function depositWithPermit(uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
        returns (uint256 received);

    /// @notice Pays `amount` out of the caller's available balance to `to`. Above the outflow limit it is queued.
    /// @return withdrawalId 0 when paid at once, else the number for {executeWithdrawal}.
    function withdraw(uint256 amount, address to) external returns (uint256 withdrawalId);

    /// @notice Takes a queued withdrawal back into the caller's balance.
    function cancelWithdrawal(uint256 id) external;

    /// @notice Takes `amount` of the settlement token (needs an allowance), at most the caller's debt, and pays it off.
    /// Always open, unlike {deposit}: a stop must not keep a debtor from its way out.
    /// @return paid what was paid.
    function repayDebt(uint256 amount) external returns (uint256 paid);

    /* ANYONE */

    /// @notice Pays a queued withdrawal that is due to its recipient.
    function executeWithdrawal(uint256 id) external;

    /// @notice Balances a slot of an account, two grace times after the slot's end: a surplus is minted as EnergyToken;
    /// a deficit is burned from it, and what is left bought from the grid at the slot's price. What the account cannot
    /// pay becomes its debt.
    function closeSlot(address account, uint256 slot) external;

    /// @notice {closeSlot} for several slots of one account; slots already closed are passed over.
    function closeSlots(address account, uint256[] calldata slots) external;

    /* MODULES */

    /// @notice The number of an account, given now if it has none. The spot market cannot be metered. Modules: meter.
    function openAccount(address account) external returns (uint256 number);

    /// @notice Locks money of an order. Buying needs an account without debt. Modules: trading.
    function lock(uint256 number, uint256 amount, bool buying) external;

    /// @notice Locks money for signed orders, one after the other; what cannot be locked is passed over and said.
    /// Modules: trading.
    /// @return refused nothing, if all is locked; else a refusal for each lock, in their order.
    function lockMany(LockWord[] calldata locks) external returns (LockRefusal[] memory refused);

    /// @notice Voids what an account has signed with a nonce below `nonce`. Modules: trading.
    function raiseSignedFloor(uint256 number, uint256 nonce) external;

    /// @notice Frees locked money. Modules: trading.
    function unlock(uint256 number, uint256 amount) external;

    /// @notice Moves a seller's unsold production to a buyer, slot by slot, and pays for it out of the buyer's lock.
    /// Closed slots deliver nothing. Modules: trading.
    /// @return amount what was delivered, in Wh.
    /// @return doneSlots how many slots from `fromSlot` on are done with for good: final, and drawn empty.
    function deliver(Delivery calldata delivery) external returns (uint256 amount, uint256 doneSlots);

    /// @notice Ends a transaction. Modules: trading.
    function finish(Ending calldata ending) external;

    /// @notice Pays for `amount` Wh of banked energy at `price` (money per kWh) out of the buyer's available balance,
    /// rounded up; the seller, who gets a number if it has none, gets it less the fees, which are those of a delivery.
    /// The buyer has no debt. Modules: spot.
    /// @return paid what left the buyer's balance.
    function payOnTheSpot(address buyer, address seller, uint256 amount, uint256 price) external returns (uint256 paid);

    /// @notice Adds metered energy, or none, to a slot. Modules: meter.
    /// @param atSlotEnd whether the reading was taken exactly at the slot's end: it is counted ({metersReadAtEnd}).
    function recordMetered(uint256 number, uint256 slot, uint256 produced, uint256 consumed, bool atSlotEnd) external;

    /// @notice Counts a slot by the proof of its anchored reading, once, instead of readings. A slot that is closed
    /// already is balanced again: what the proof adds to its surplus is minted, what it adds to its deficit is burned
    /// or bought from the grid, at the slot's price. Modules: meter.
    function recordProven(uint256 number, uint256 slot, uint256 produced, uint256 consumed) external;

    /// @notice Takes `amount` of the token from `payer`, who asked GridManagement for it, for `account`. Modules: grid.
    function depositFrom(address payer, address account, uint256 amount) external returns (uint256 received);

    /// @notice Energy bought from the grid in the running slot, paid at once. Refused while stopped. Modules: grid.
    function buyFromGrid(address account, uint256 slot, uint256 amount, uint256 cost) external;

    /// @notice Refuses or allows an account's new orders of one side. Modules: grid.
    function setSideBlocked(address account, bool buying, bool blocked) external;

    /* PRIVILEGED */

    /// @notice Postpones a queued withdrawal, once, by at most 7 days. Role: GUARDIAN.
    function lengthenWithdrawal(uint256 id, uint256 seconds_) external;

    /// @notice Sets the fees, both taken out of what sellers are paid. Role: GRID_AUTHORITY.
    /// @param protocolFeeBps share of the payment, at most 100 (1 %).
    /// @param gridFeePerKwh network charge, money per kWh.
    function setFees(uint256 protocolFeeBps, uint256 gridFeePerKwh) external;

    /// @notice Sets how much may leave at once per window before withdrawals are queued. Role: governance.
    function setOutflowLimit(uint256 limit) external;

    /// @notice Pays out all fees and the revenue of grid energy. Role: TREASURY.
    function collect(address to) external;

    /* VIEWS */

    /// @notice Money an account can lock or withdraw.
    function balanceOf(address account) external view returns (uint256);
    /// @notice Money of an account held for its orders and transactions.
    function lockedOf(address account) external view returns (uint256);
    /// @notice What an account owes for grid energy. All money that comes to the account goes there first.
    function debtOf(address account) external view returns (uint256);
    /// @notice One account's energy in one slot.
    function energyOf(address account, uint256 slot) external view returns (SlotEnergy memory);
    /// @notice Whether the slot was counted, by readings of meters or by the proof of an anchored one.
    function isCounted(address account, uint256 slot) external view returns (bool);
    /// @notice Signed orders of the account with a lower nonce are void.
    function signedFloorOf(address account) external view returns (uint256);
    /// @notice How many meters gave the account a reading taken exactly at the slot's end, to the second; 63 stands for
    /// 63 or more. Where it is at least the number of the account's meters, nothing drawn in this slot or before can
    /// still be counted in a later one.
    function metersReadAtEnd(address account, uint256 slot) external view returns (uint256);
    /// @notice The number of an account, 0 when it has none.
    function numberOf(address account) external view returns (uint256);
    /// @notice The account behind a number, the zero address when there is none.
    function accountAt(uint256 number) external view returns (address);
    function accountCount() external view returns (uint256);
    function isSideBlocked(address account, bool buying) external view returns (bool);
    function queuedWithdrawal(uint256 id) external view returns (QueuedWithdrawal memory);
    function withdrawalCount() external view returns (uint256);
    /// @notice What may leave at once right now.
    function availableOutflow() external view returns (uint256);
    function outflowLimit() external view returns (uint256);
    function protocolFeeBps() external view returns (uint256);
    function gridFeePerKwh() external view returns (uint256);
    /// @notice Fees and grid revenue that {collect} would pay out.
    function treasuryOwed() external view returns (uint256 fees, uint256 gridRevenue);
    function settlementToken() external view returns (IERC20);
    function energyToken() external view returns (IEnergyToken);
    function tradingModule() external view returns (address);
    function spotModule() external view returns (address);
    function meterModule() external view returns (address);
    function gridModule() external view returns (IGridManagement);
    /// @notice Seconds of a slot.
    function SLOT_LENGTH() external view returns (uint256);
    /// @notice Seconds in which readings come in after a slot's end; closing waits for two of it.
    function GRACE() external view returns (uint256);
    function OUTFLOW_WINDOW() external view returns (uint256);
    function WITHDRAWAL_DELAY() external view returns (uint256);
    function MAX_GRID_FEE_PER_KWH() external view returns (uint256);
}
