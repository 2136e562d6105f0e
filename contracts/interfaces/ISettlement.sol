// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {LockWord} from "../types/LockWord.sol";
import {IEmergencyStop} from "./IEmergencyStop.sol";
import {IEnergyToken} from "./IEnergyToken.sol";
import {IGridManagement} from "./IGridManagement.sol";

/// @title ISettlement
/// @notice The settlement accounts: all money of the market in one ledger, all metered energy in one table of slots.
/// Money is in base units of the settlement token, energy in Wh, prices in money per kWh.
///
/// The slot table balances, for every closed slot of every account:
/// `produced + bought + burned + fromGrid == consumed + sold + minted`.
interface ISettlement is IEmergencyStop {
    /// @notice What the ledger is wired to; fixed at deployment.
    /// @param trading places locks and moves deliveries (EnergyTrading).
    /// @param spot moves payments for energy credits (PeerToPeerTrading).
    /// @param meter records metered energy (SmartMeter).
    /// @param grid sells grid energy, gives the slot price, keeps reputations (GridManagement).
    /// @param energyToken energy credits, minted and burned here.
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

    /// @notice What one trade asks to be delivered.
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

    /// @notice How a trade ends; every amount leaves the locked money of the account named.
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
    /// @notice `amount` of money left the account's balance and was paid to `to`.
    event Withdrawn(address indexed account, address indexed to, uint256 amount);
    /// @notice A withdrawal above the outflow limit waits until `executableAt` (Unix seconds) for {executeWithdrawal}.
    event WithdrawalQueued(
        uint256 indexed id, address indexed account, address indexed to, uint256 amount, uint256 executableAt
    );
    /// @notice The guardian postponed a queued withdrawal to `executableAt` (Unix seconds).
    event WithdrawalLengthened(uint256 indexed id, uint256 executableAt);
    /// @notice The owner took a queued withdrawal of `amount` (money) back into its balance.
    event WithdrawalCancelled(uint256 indexed id, address indexed account, uint256 amount);
    /// @notice The account could not pay `amount` (money) for grid energy; it now owes `debt`.
    event DebtIncurred(address indexed account, uint256 amount, uint256 debt);
    /// @notice The account paid `amount` (money) of its debt; it still owes `debt`.
    event DebtRepaid(address indexed account, uint256 amount, uint256 debt);
    /// @notice Energy of one slot went from seller to buyer (account numbers).
    event EnergyDelivered(uint256 indexed seller, uint256 indexed buyer, uint256 indexed slot, uint256 amount);
    /// @notice The payment for the energy delivered in one settling; `paid` left the buyer's lock, and what the fees
    /// leave of it reached the seller.
    event DeliveryPaid(
        uint256 indexed seller, uint256 indexed buyer, uint256 paid, uint256 protocolFee, uint256 gridFee
    );
    /// @notice Energy credits were paid on the spot: `paid` left the buyer's balance, and what the fees leave of it
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
    /// @notice Settlings from now on take these fees: basis points of the payment, and money per kWh.
    event FeesSet(uint256 protocolFeeBps, uint256 gridFeePerKwh);
    /// @notice At most `limit` (money) leaves at once per window from now on.
    event OutflowLimitSet(uint256 limit);
    /// @notice The treasury was paid its `fees` and the `gridRevenue` of sold grid energy, both in money.
    event TreasuryCollected(address indexed to, uint256 fees, uint256 gridRevenue);
    /// @notice Everything that the account has signed with a nonce below `nonce` is void.
    event SignedFloorRaised(address indexed account, uint256 nonce);
    /// @notice The grid authority blocked or allowed new orders of the account, BUY ones if `buying`, else SELL ones.
    event SideBlocked(address indexed account, bool buying, bool blocked);

    /* ERRORS */

    /// @notice The amount must be above 0.
    error Settlement_ZeroAmount();
    /// @notice The constructor was given a value outside its bounds; `name` (ASCII) says which parameter.
    error Settlement_BadParameter(bytes32 name, uint256 value);
    /// @notice The account has no number yet: deposit first, or register a meter for it.
    error Settlement_UnknownAccount(address account);
    /// @notice The account has `available` and this needs `needed` (money): deposit the difference, or cancel orders to
    /// free locked money.
    error Settlement_InsufficientBalance(address account, uint256 available, uint256 needed);
    /// @notice Debts block withdrawals, new BUY orders and purchases on the spot: {repayDebt} or {deposit} first.
    error Settlement_InDebt(address account, uint256 debt);
    /// @notice The account owes nothing.
    error Settlement_NoDebt(address account);
    /// @notice The grid authority has deactivated the account on this side of the market (`buying`: BUY orders).
    error Settlement_SideBlocked(address account, bool buying);
    /// @notice The money cannot go to this address: the zero address, this contract, or one that can have no account.
    error Settlement_BadRecipient(address to);
    /// @notice Only the named module may call this.
    error Settlement_OnlyModule(address caller);
    /// @notice The floor of an account's nonces only rises, up to 2^40 - 1.
    error Settlement_FloorNotHigher(address account, uint256 floor, uint256 nonce);
    /// @notice The slot was counted by a proof of its anchored reading.
    error Settlement_SlotProven(address account, uint256 slot);
    /// @notice The slot was counted by readings of the account's own meters.
    error Settlement_SlotMetered(address account, uint256 slot);
    /// @notice The slot can be closed from `closableAt` (Unix seconds) on.
    error Settlement_SlotNotClosable(uint256 slot, uint256 closableAt);
    /// @notice The slot of this account is closed already.
    error Settlement_SlotClosed(address account, uint256 slot);
    /// @notice No withdrawal of this number is queued: there was none, or it was paid or cancelled.
    error Settlement_NoSuchWithdrawal(uint256 id);
    /// @notice The withdrawal can be paid from `executableAt` (Unix seconds) on.
    error Settlement_WithdrawalNotDue(uint256 id, uint256 executableAt);
    /// @notice Only the account that asked for the withdrawal may cancel it.
    error Settlement_NotWithdrawalOwner(uint256 id, address caller);
    /// @notice The guardian has postponed this withdrawal already; it can do so once.
    error Settlement_AlreadyLengthened(uint256 id);
    /// @notice A withdrawal can be postponed by at most `maximum` seconds.
    error Settlement_LengtheningTooLong(uint256 seconds_, uint256 maximum);
    /// @notice The fee is above `maximum`; both in the unit of the fee.
    error Settlement_FeeTooHigh(uint256 fee, uint256 maximum);
    /// @notice There are no fees and no grid revenue to pay out.
    error Settlement_NothingToCollect();

    /* ACCOUNT HOLDERS */

    /// @notice Takes `amount` of the settlement token (needs an allowance) and credits what arrives to the caller.
    /// Refused while stopped.
    /// @param amount money, in base units of the settlement token.
    /// @return received what arrived and was credited, in money.
    function deposit(uint256 amount) external returns (uint256 received);

    /// @notice As {deposit}, credited to `account`.
    /// @param account the account's address.
    /// @param amount money, in base units of the settlement token.
    /// @return received what arrived and was credited, in money.
    function depositFor(address account, uint256 amount) external returns (uint256 received);

    /// @notice As {deposit}, with an EIP-2612 permit instead of an allowance. A permit that somebody else has already
    /// sent does no harm: its allowance is there.
    /// @param amount money, in base units of the settlement token.
    /// @param deadline the permit's last second, in Unix seconds.
    /// @param v of the permit's signature.
    /// @param r of the permit's signature.
    /// @param s of the permit's signature.
    /// @return received what arrived and was credited, in money.
    function depositWithPermit(uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
        returns (uint256 received);

    /// @notice Pays `amount` out of the caller's available balance to `to`. Above the outflow limit it is queued.
    /// @param amount money, in base units of the settlement token.
    /// @param to who is paid.
    /// @return withdrawalId 0 when paid at once, else the number for {executeWithdrawal}.
    function withdraw(uint256 amount, address to) external returns (uint256 withdrawalId);

    /// @notice Takes a queued withdrawal back into the caller's balance.
    /// @param id number of the queued withdrawal, from 1 on.
    function cancelWithdrawal(uint256 id) external;

    /// @notice Takes `amount` of the settlement token (needs an allowance), at most the caller's debt, and pays it off.
    /// Always open, unlike {deposit}: a stop must not keep a debtor from its way out.
    /// @param amount money, in base units of the settlement token.
    /// @return paid what was paid.
    function repayDebt(uint256 amount) external returns (uint256 paid);

    /* ANYONE */

    /// @notice Pays a queued withdrawal that is due to its recipient.
    /// @param id number of the queued withdrawal, from 1 on.
    function executeWithdrawal(uint256 id) external;

    /// @notice Balances a slot of an account, two grace times after the slot's end: a surplus is minted as EnergyToken;
    /// a deficit is burned from it, and what is left bought from the grid at the slot's price. What the account cannot
    /// pay becomes its debt.
    /// @param account the account's address.
    /// @param slot number of the slot: Unix seconds of its start divided by {SLOT_LENGTH}.
    function closeSlot(address account, uint256 slot) external;

    /// @notice {closeSlot} for several slots of one account; slots already closed are passed over.
    /// @param account the account's address.
    /// @param slots numbers of the slots, in any order.
    function closeSlots(address account, uint256[] calldata slots) external;

    /* MODULES */

    /// @notice The number of an account, given now if it has none. The spot market cannot be metered. Modules: meter.
    /// @param account the account's address.
    /// @return number the account's number, from 1 on.
    function openAccount(address account) external returns (uint256 number);

    /// @notice Locks money of an order. Buying needs an account without debt. Modules: trading.
    /// @param number number of the account.
    /// @param amount money, in base units of the settlement token.
    /// @param buying whether it is about the account's BUY orders, not its SELL orders.
    function lock(uint256 number, uint256 amount, bool buying) external;

    /// @notice Locks money for signed orders, one after the other; what cannot be locked is passed over and said.
    /// Modules: trading.
    /// @param locks packed accounts, amounts and nonces, see LockWord.
    /// @return refused nothing, if all is locked; else a refusal for each lock, in their order.
    function lockMany(LockWord[] calldata locks) external returns (LockRefusal[] memory refused);

    /// @notice Voids what an account has signed with a nonce below `nonce`. Modules: trading.
    /// @param number number of the account.
    /// @param nonce the new floor, above the present one and below 2^40.
    function raiseSignedFloor(uint256 number, uint256 nonce) external;

    /// @notice Frees locked money. Modules: trading.
    /// @param number number of the account.
    /// @param amount money, in base units of the settlement token.
    function unlock(uint256 number, uint256 amount) external;

    /// @notice Moves a seller's unsold production to a buyer, slot by slot, and pays for it out of the buyer's lock.
    /// Closed slots deliver nothing. Modules: trading.
    /// @param delivery who delivers to whom, from which slots, how much and at which price.
    /// @return amount what was delivered, in Wh.
    /// @return doneSlots how many slots from `fromSlot` on are done with for good: final, and drawn empty.
    function deliver(Delivery calldata delivery) external returns (uint256 amount, uint256 doneSlots);

    /// @notice Ends a trade. Modules: trading.
    /// @param ending whose locked money goes where.
    function finish(Ending calldata ending) external;

    /// @notice Pays for `amount` Wh of energy credits at `price` (money per kWh) out of the buyer's available balance,
    /// rounded up; the seller, who gets a number if it has none, gets it less the fees, which are those of a delivery.
    /// The buyer has no debt. Modules: spot.
    /// @param buyer account of the buyer.
    /// @param seller account of the seller.
    /// @param amount Wh.
    /// @param price money per kWh.
    /// @return paid what left the buyer's balance.
    function payOnTheSpot(address buyer, address seller, uint256 amount, uint256 price) external returns (uint256 paid);

    /// @notice Adds metered energy, or none, to a slot. Modules: meter.
    /// @param number number of the account.
    /// @param slot number of the slot.
    /// @param produced Wh.
    /// @param consumed Wh.
    /// @param atSlotEnd whether the reading was taken exactly at the slot's end: it is counted ({metersReadAtEnd}).
    function recordMetered(uint256 number, uint256 slot, uint256 produced, uint256 consumed, bool atSlotEnd) external;

    /// @notice Counts a slot by the proof of its anchored reading, once, instead of readings. A slot that is closed
    /// already is balanced again: what the proof adds to its surplus is minted, what it adds to its deficit is burned
    /// or bought from the grid, at the slot's price. Modules: meter.
    /// @param number number of the account.
    /// @param slot number of the slot.
    /// @param produced Wh.
    /// @param consumed Wh.
    function recordProven(uint256 number, uint256 slot, uint256 produced, uint256 consumed) external;

    /// @notice Takes `amount` of the token from `payer`, who asked GridManagement for it, for `account`. Modules: grid.
    /// @param payer who pays, with an allowance to this contract.
    /// @param account who is credited.
    /// @param amount money, in base units of the settlement token.
    /// @return received what arrived and was credited, in money.
    function depositFrom(address payer, address account, uint256 amount) external returns (uint256 received);

    /// @notice Energy bought from the grid in the running slot, paid at once. Refused while stopped. Modules: grid.
    /// @param account the account's address.
    /// @param slot number of the slot.
    /// @param amount Wh.
    /// @param cost money.
    function buyFromGrid(address account, uint256 slot, uint256 amount, uint256 cost) external;

    /// @notice Refuses or allows an account's new orders of one side. Modules: grid.
    /// @param account the account's address.
    /// @param buying whether it is about the account's BUY orders, not its SELL orders.
    /// @param blocked whether new orders are refused.
    function setSideBlocked(address account, bool buying, bool blocked) external;

    /* PRIVILEGED */

    /// @notice Postpones a queued withdrawal, once, by at most 7 days. Role: GUARDIAN.
    /// @param id number of the queued withdrawal, from 1 on.
    /// @param seconds_ by how long, in seconds.
    function lengthenWithdrawal(uint256 id, uint256 seconds_) external;

    /// @notice Sets the fees, both taken out of what sellers are paid. Role: GRID_AUTHORITY.
    /// @param protocolFeeBps share of the payment, at most 100 (1 %).
    /// @param gridFeePerKwh network charge, money per kWh.
    function setFees(uint256 protocolFeeBps, uint256 gridFeePerKwh) external;

    /// @notice Sets how much may leave at once per window before withdrawals are queued. Role: governance.
    /// @param limit money per {OUTFLOW_WINDOW}.
    function setOutflowLimit(uint256 limit) external;

    /// @notice Pays out all fees and the revenue of grid energy. Role: TREASURY.
    /// @param to who is paid.
    function collect(address to) external;

    /* VIEWS */

    /// @notice Money an account can lock or withdraw.
    /// @param account the account's address.
    /// @return money.
    function balanceOf(address account) external view returns (uint256);
    /// @notice Money of an account held for its orders and trades.
    /// @param account the account's address.
    /// @return money.
    function lockedOf(address account) external view returns (uint256);
    /// @notice What an account owes for grid energy. All money that comes to the account goes there first.
    /// @param account the account's address.
    /// @return money.
    function debtOf(address account) external view returns (uint256);
    /// @notice One account's energy in one slot.
    /// @param account the account's address.
    /// @param slot number of the slot.
    /// @return Wh, and whether the slot is closed.
    function energyOf(address account, uint256 slot) external view returns (SlotEnergy memory);
    /// @notice Whether the slot was counted, by readings of meters or by the proof of an anchored one.
    /// @param account the account's address.
    /// @param slot number of the slot.
    /// @return whether it was.
    function isCounted(address account, uint256 slot) external view returns (bool);
    /// @notice Signed orders of the account with a lower nonce are void.
    /// @param account the account's address.
    /// @return the lowest nonce that is valid.
    function signedFloorOf(address account) external view returns (uint256);
    /// @notice How many meters gave the account a reading taken exactly at the slot's end, to the second; 63 stands for
    /// 63 or more. Where it is at least the number of the account's meters, nothing drawn in this slot or before can
    /// still be counted in a later one.
    /// @param account the account's address.
    /// @param slot number of the slot.
    /// @return how many.
    function metersReadAtEnd(address account, uint256 slot) external view returns (uint256);
    /// @notice The number of an account, 0 when it has none.
    /// @param account the account's address.
    /// @return the number, from 1 on.
    function numberOf(address account) external view returns (uint256);
    /// @notice The account behind a number, the zero address when there is none.
    /// @param number number of the account.
    /// @return the account's address.
    function accountAt(uint256 number) external view returns (address);
    /// @notice How many accounts there are; they are numbered from 1 to this.
    /// @return how many.
    function accountCount() external view returns (uint256);
    /// @notice Whether the grid authority refuses new orders of an account on one side.
    /// @param account the account's address.
    /// @param buying whether it is about the account's BUY orders, not its SELL orders.
    /// @return whether it does.
    function isSideBlocked(address account, bool buying) external view returns (bool);
    /// @notice A withdrawal above the outflow limit that waits to be paid.
    /// @param id number of the queued withdrawal, from 1 on.
    /// @return the withdrawal. It reverts for one that was paid or cancelled.
    function queuedWithdrawal(uint256 id) external view returns (QueuedWithdrawal memory);
    /// @notice How many withdrawals were ever queued; they are numbered from 1 to this.
    /// @return how many.
    function withdrawalCount() external view returns (uint256);
    /// @notice What may leave at once right now.
    /// @return money.
    function availableOutflow() external view returns (uint256);
    /// @notice How much may leave per window before withdrawals are queued.
    /// @return money.
    function outflowLimit() external view returns (uint256);
    /// @notice The protocol's share of each payment.
    /// @return basis points.
    function protocolFeeBps() external view returns (uint256);
    /// @notice The network charge.
    /// @return money per kWh.
    function gridFeePerKwh() external view returns (uint256);
    /// @notice Fees and grid revenue that {collect} would pay out.
    /// @return fees money.
    /// @return gridRevenue money.
    function treasuryOwed() external view returns (uint256 fees, uint256 gridRevenue);
    /// @notice The token in which everything is paid.
    /// @return the token.
    function settlementToken() external view returns (IERC20);
    /// @notice The energy credits that closing mints and burns.
    /// @return the token.
    function energyToken() external view returns (IEnergyToken);
    /// @notice The contract that locks money for orders and moves deliveries.
    /// @return EnergyTrading.
    function tradingModule() external view returns (address);
    /// @notice The contract of the spot market.
    /// @return PeerToPeerTrading.
    function spotModule() external view returns (address);
    /// @notice The contract that records metered energy.
    /// @return SmartMeter.
    function meterModule() external view returns (address);
    /// @notice The contract that sells grid energy and gives the slot price.
    /// @return GridManagement.
    function gridModule() external view returns (IGridManagement);
    /// @notice Seconds of a slot.
    /// @return 900 or 3600.
    function SLOT_LENGTH() external view returns (uint256);
    /// @notice Seconds in which readings come in after a slot's end; closing waits for two of it.
    /// @return seconds.
    function GRACE() external view returns (uint256);
    /// @notice Over how long {outflowLimit} counts.
    /// @return seconds.
    function OUTFLOW_WINDOW() external view returns (uint256);
    /// @notice How long a queued withdrawal waits.
    /// @return seconds.
    function WITHDRAWAL_DELAY() external view returns (uint256);
    /// @notice The bound of the network charge.
    /// @return money per kWh.
    function MAX_GRID_FEE_PER_KWH() external view returns (uint256);
}
