// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {LockWord} from "../types/LockWord.sol";
import {IEmergencyStop} from "./IEmergencyStop.sol";
import {IEnergyToken} from "./IEnergyToken.sol";
import {IGridManagement} from "./IGridManagement.sol";

/// @title ISettlement
/// @notice The settlement accounts: all money of the market, and all metered energy by account and slot. Money is in
/// base units of the settlement token, energy in Wh, prices in money per kWh.
///
/// For every closed slot of every account: `produced + bought + burned + fromGrid == consumed + sold + minted`.
interface ISettlement is IEmergencyStop {
    /// @notice The connected contracts, fixed at deployment.
    /// @param trading locks money for orders and settles deliveries (EnergyTrading).
    /// @param spot makes payments for energy credits (PeerToPeerTrading).
    /// @param meter records metered energy (SmartMeter).
    /// @param grid sells grid energy, sets the slot price, records reputations (GridManagement).
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
    /// @param grace seconds after a slot's end in which readings are accepted; the slot can be closed after the same
    /// time again.
    /// @param outflowWindow seconds of the window of {outflowLimit}.
    /// @param withdrawalDelay seconds that a withdrawal above the limit waits.
    /// @param maxGridFeePerKwh maximum network charge, money per kWh.
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

    /// @notice A delivery that a trade requests.
    /// @param seller,buyer account numbers.
    /// @param fromSlot,toSlot the slots that deliver, `toSlot` exclusive.
    /// @param owed energy still to be delivered, in Wh.
    /// @param delivered energy delivered before, in Wh: payments are computed from the sum, so splitting a delivery
    /// does not change them.
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

    /// @notice The final payments of a trade, all from locked money.
    /// @param refund to the buyer, from its own locked money.
    /// @param compensation to the buyer, from the seller's collateral.
    /// @param collateral back to the seller.
    /// @param failed whether the seller is liable for undelivered energy, which lowers its reputation.
    struct Ending {
        uint256 seller;
        uint256 buyer;
        uint256 refund;
        uint256 compensation;
        uint256 collateral;
        bool failed;
    }

    /// @notice A withdrawal that was queued because of the outflow limit.
    struct QueuedWithdrawal {
        address account;
        address to;
        uint256 amount;
        uint256 executableAt;
        bool lengthened;
    }

    /* EVENTS */

    /// @notice An account got its number, which identifies it in packed storage.
    event AccountOpened(address indexed account, uint256 indexed number);
    /// @notice An account was credited `amount` (money), the amount received after a possible transfer fee of the
    /// token.
    event Deposited(address indexed payer, address indexed account, uint256 amount);
    /// @notice `amount` (money) was debited from the account's balance and paid to `to`.
    event Withdrawn(address indexed account, address indexed to, uint256 amount);
    /// @notice A withdrawal above the outflow limit waits until `executableAt` (Unix seconds) for {executeWithdrawal}.
    event WithdrawalQueued(
        uint256 indexed id, address indexed account, address indexed to, uint256 amount, uint256 executableAt
    );
    /// @notice The guardian postponed a queued withdrawal to `executableAt` (Unix seconds).
    event WithdrawalLengthened(uint256 indexed id, uint256 executableAt);
    /// @notice The owner cancelled a queued withdrawal of `amount` (money), which returned to its balance.
    event WithdrawalCancelled(uint256 indexed id, address indexed account, uint256 amount);
    /// @notice The account could not pay `amount` (money) for grid energy; it now owes `debt`.
    event DebtIncurred(address indexed account, uint256 amount, uint256 debt);
    /// @notice The account paid `amount` (money) of its debt; it still owes `debt`.
    event DebtRepaid(address indexed account, uint256 amount, uint256 debt);
    /// @notice `amount` Wh of one slot were delivered from seller to buyer (account numbers).
    event EnergyDelivered(uint256 indexed seller, uint256 indexed buyer, uint256 indexed slot, uint256 amount);
    /// @notice The payment for the energy delivered in one settlement of a trade: `paid` was debited from the buyer's
    /// locked money, and the seller got it less the fees.
    event DeliveryPaid(
        uint256 indexed seller, uint256 indexed buyer, uint256 paid, uint256 protocolFee, uint256 gridFee
    );
    /// @notice Energy credits were paid: `paid` was debited from the buyer's balance, and the seller got it less the
    /// fees.
    event SpotPaid(address indexed seller, address indexed buyer, uint256 paid, uint256 protocolFee, uint256 gridFee);
    /// @notice An account bought `amount` Wh from the grid for `cost` (money).
    event GridEnergyBought(address indexed account, uint256 indexed slot, uint256 amount, uint256 cost);
    /// @notice A slot was closed, with the changes. `paid` of `cost` was debited from the balance, the rest became
    /// debt.
    event SlotClosed(
        address indexed account,
        uint256 indexed slot,
        uint256 minted,
        uint256 burned,
        uint256 fromGrid,
        uint256 cost,
        uint256 paid
    );
    /// @notice The fees of later payments: basis points of the payment, and money per kWh.
    event FeesSet(uint256 protocolFeeBps, uint256 gridFeePerKwh);
    /// @notice Withdrawals above `limit` (money) per window are queued from now on.
    event OutflowLimitSet(uint256 limit);
    /// @notice The treasury was paid its `fees` and the `gridRevenue` of sold grid energy, both in money.
    event TreasuryCollected(address indexed to, uint256 fees, uint256 gridRevenue);
    /// @notice The account's signed orders with nonces below `nonce` are cancelled.
    event SignedFloorRaised(address indexed account, uint256 nonce);
    /// @notice The grid authority blocked or allowed new orders of the account, BUY ones if `buying`, else SELL ones.
    event SideBlocked(address indexed account, bool buying, bool blocked);

    /* ERRORS */

    /// @notice The amount must be above 0.
    error Settlement_ZeroAmount();
    /// @notice The constructor was given a value outside its bounds; `name` (ASCII) is the parameter.
    error Settlement_BadParameter(bytes32 name, uint256 value);
    /// @notice The account has no number yet: deposit first, or register a meter for it.
    error Settlement_UnknownAccount(address account);
    /// @notice The account has `available` and this needs `needed` (money): deposit the difference, or cancel orders to
    /// free locked money.
    error Settlement_InsufficientBalance(address account, uint256 available, uint256 needed);
    /// @notice The account has a debt, which blocks withdrawals, new BUY orders and spot purchases: {repayDebt} or
    /// {deposit} first.
    error Settlement_InDebt(address account, uint256 debt);
    /// @notice The account has no debt.
    error Settlement_NoDebt(address account);
    /// @notice The grid authority has deactivated the account on this side of the market (`buying`: BUY orders).
    error Settlement_SideBlocked(address account, bool buying);
    /// @notice The recipient is the zero address, this contract, or a contract that cannot have an account.
    error Settlement_BadRecipient(address to);
    /// @notice Only the module that the function names may call this.
    error Settlement_OnlyModule(address caller);
    /// @notice The new nonce floor must be above `floor` and at most 2^40 - 1.
    error Settlement_FloorNotHigher(address account, uint256 floor, uint256 nonce);
    /// @notice The slot can be closed from `closableAt` (Unix seconds) on.
    error Settlement_SlotNotClosable(uint256 slot, uint256 closableAt);
    /// @notice The slot of this account is closed already.
    error Settlement_SlotClosed(address account, uint256 slot);
    /// @notice No withdrawal of this number is queued: it never existed, or was paid or cancelled.
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

    /// @notice Takes `amount` of the settlement token (needs an allowance) and credits the received amount to the
    /// caller. Reverts while stopped.
    /// @param amount money, in base units of the settlement token.
    /// @return received the money received and credited.
    function deposit(uint256 amount) external returns (uint256 received);

    /// @notice As {deposit}, credited to `account`.
    /// @param account the account's address.
    /// @param amount money, in base units of the settlement token.
    /// @return received the money received and credited.
    function depositFor(address account, uint256 amount) external returns (uint256 received);

    /// @notice As {deposit}, with an EIP-2612 permit instead of an allowance. It also works if another account has sent
    /// the permit already, because its allowance exists then.
    /// @param amount money, in base units of the settlement token.
    /// @param deadline the permit's last second, in Unix seconds.
    /// @param v of the permit's signature.
    /// @param r of the permit's signature.
    /// @param s of the permit's signature.
    /// @return received the money received and credited.
    function depositWithPermit(uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
        returns (uint256 received);

    /// @notice Pays `amount` from the caller's available balance to `to`. Above the outflow limit the withdrawal is
    /// queued.
    /// @param amount money, in base units of the settlement token.
    /// @param to account that is paid.
    /// @return withdrawalId 0 if paid at once, otherwise the number for {executeWithdrawal}.
    function withdraw(uint256 amount, address to) external returns (uint256 withdrawalId);

    /// @notice Cancels a queued withdrawal; the money returns to the caller's balance.
    /// @param id number of the queued withdrawal, from 1 on.
    function cancelWithdrawal(uint256 id) external;

    /// @notice Repays the caller's debt with `amount` of the settlement token (needs an allowance), at most the debt.
    /// Open while stopped, unlike {deposit}, because a debt blocks withdrawals.
    /// @param amount money, in base units of the settlement token.
    /// @return paid money paid.
    function repayDebt(uint256 amount) external returns (uint256 paid);

    /* ANYONE */

    /// @notice Pays a due queued withdrawal to its recipient.
    /// @param id number of the queued withdrawal, from 1 on.
    function executeWithdrawal(uint256 id) external;

    /// @notice Closes a slot of an account, at least two grace times after the slot's end. A surplus is minted as
    /// EnergyToken. A deficit is covered by burning EnergyToken, and the rest is bought from the grid at the slot's
    /// price. What the account cannot pay becomes its debt.
    /// @param account the account's address.
    /// @param slot number of the slot: Unix seconds of its start divided by {SLOT_LENGTH}.
    function closeSlot(address account, uint256 slot) external;

    /// @notice As {closeSlot}, for several slots of one account; closed slots are skipped.
    /// @param account the account's address.
    /// @param slots numbers of the slots, in any order.
    function closeSlots(address account, uint256[] calldata slots) external;

    /* MODULES */

    /// @notice Returns the number of an account, and assigns one if it has none. Reverts for the spot market, which
    /// cannot have meters. Modules: meter.
    /// @param account the account's address.
    /// @return number the account's number, from 1 on.
    function openAccount(address account) external returns (uint256 number);

    /// @notice Locks money for an order. Reverts with InDebt if a buyer has a debt. Modules: trading.
    /// @param number number of the account.
    /// @param amount money, in base units of the settlement token.
    /// @param buying true for BUY orders, false for SELL orders.
    function lock(uint256 number, uint256 amount, bool buying) external;

    /// @notice Locks money for signed orders, one after the other; a lock that is not possible is skipped and reported.
    /// Modules: trading.
    /// @param locks packed accounts, amounts and nonces, see LockWord.
    /// @return refused empty if all is locked; otherwise the result of each lock, in their order.
    function lockMany(LockWord[] calldata locks) external returns (LockRefusal[] memory refused);

    /// @notice Cancels an account's signed orders with a nonce below `nonce`. Modules: trading.
    /// @param number number of the account.
    /// @param nonce the new floor, above the current one and below 2^40.
    function raiseSignedFloor(uint256 number, uint256 nonce) external;

    /// @notice Frees locked money. Modules: trading.
    /// @param number number of the account.
    /// @param amount money, in base units of the settlement token.
    function unlock(uint256 number, uint256 amount) external;

    /// @notice Delivers a seller's unsold production to a buyer, slot by slot, and pays it from the buyer's locked
    /// money. Closed slots deliver nothing. Modules: trading.
    /// @param delivery seller, buyer, slots, amount and price.
    /// @return amount delivered energy, in Wh.
    /// @return doneSlots number of slots from `fromSlot` on that are final and have delivered everything.
    function deliver(Delivery calldata delivery) external returns (uint256 amount, uint256 doneSlots);

    /// @notice Ends a trade. Modules: trading.
    /// @param ending the final payments.
    function finish(Ending calldata ending) external;

    /// @notice Pays for `amount` Wh of energy credits at `price` (money per kWh) from the buyer's available balance,
    /// rounded up. The seller gets it less the fees, which are those of a delivery, and gets an account number if it
    /// has none. Reverts with InDebt if the buyer has a debt. Modules: spot.
    /// @param buyer account of the buyer.
    /// @param seller account of the seller.
    /// @param amount Wh.
    /// @param price money per kWh.
    /// @return paid money debited from the buyer's balance.
    function payOnTheSpot(address buyer, address seller, uint256 amount, uint256 price) external returns (uint256 paid);

    /// @notice Adds metered energy, possibly 0, to a slot. Modules: meter.
    /// @param number number of the account.
    /// @param slot number of the slot.
    /// @param produced Wh.
    /// @param consumed Wh.
    /// @param atSlotEnd whether the reading was taken exactly at the slot's end, which {metersReadAtEnd} counts.
    function recordMetered(uint256 number, uint256 slot, uint256 produced, uint256 consumed, bool atSlotEnd) external;

    /// @notice Takes `amount` of the token from `payer`, the caller of GridManagement, and credits `account`. Modules:
    /// grid.
    /// @param payer account that pays, with an allowance to this contract.
    /// @param account account that is credited.
    /// @param amount money, in base units of the settlement token.
    /// @return received the money received and credited.
    function depositFrom(address payer, address account, uint256 amount) external returns (uint256 received);

    /// @notice Buys energy from the grid in the running slot, paid from the account's balance. Reverts while stopped.
    /// Modules: grid.
    /// @param account the account's address.
    /// @param slot number of the slot.
    /// @param amount Wh.
    /// @param cost money.
    function buyFromGrid(address account, uint256 slot, uint256 amount, uint256 cost) external;

    /// @notice Blocks or allows an account's new orders of one side. Modules: grid.
    /// @param account the account's address.
    /// @param buying true for BUY orders, false for SELL orders.
    /// @param blocked whether new orders revert with SideBlocked.
    function setSideBlocked(address account, bool buying, bool blocked) external;

    /* PRIVILEGED */

    /// @notice Postpones a queued withdrawal, once, by at most 7 days. Role: GUARDIAN.
    /// @param id number of the queued withdrawal, from 1 on.
    /// @param seconds_ the additional time, in seconds.
    function lengthenWithdrawal(uint256 id, uint256 seconds_) external;

    /// @notice Sets the fees, which are deducted from the sellers' payments. Role: GRID_AUTHORITY.
    /// @param protocolFeeBps share of the payment, at most 100 (1 %).
    /// @param gridFeePerKwh network charge, money per kWh.
    function setFees(uint256 protocolFeeBps, uint256 gridFeePerKwh) external;

    /// @notice Sets the amount of withdrawals per window above which withdrawals are queued. Role: governance.
    /// @param limit money per {OUTFLOW_WINDOW}.
    function setOutflowLimit(uint256 limit) external;

    /// @notice Pays out all fees and the revenue of grid energy. Role: TREASURY.
    /// @param to account that is paid.
    function collect(address to) external;

    /* VIEWS */

    /// @notice The available money of an account, which it can lock or withdraw.
    /// @param account the account's address.
    /// @return money.
    function balanceOf(address account) external view returns (uint256);
    /// @notice The money of an account that is locked for its orders and trades.
    /// @param account the account's address.
    /// @return money.
    function lockedOf(address account) external view returns (uint256);
    /// @notice An account's debt for grid energy. All money that the account receives repays it first.
    /// @param account the account's address.
    /// @return money.
    function debtOf(address account) external view returns (uint256);
    /// @notice One account's energy in one slot.
    /// @param account the account's address.
    /// @param slot number of the slot.
    /// @return Wh, and whether the slot is closed.
    function energyOf(address account, uint256 slot) external view returns (SlotEnergy memory);
    /// @notice Signed orders of the account with a lower nonce are cancelled.
    /// @param account the account's address.
    /// @return the lowest nonce that is valid.
    function signedFloorOf(address account) external view returns (uint256);
    /// @notice The number of readings of the account's meters taken exactly at the slot's end, to the second; 63 means
    /// 63 or more. If it is at least the number of the account's meters, no energy of this slot or before can be
    /// counted in a later one.
    /// @param account the account's address.
    /// @param slot number of the slot.
    /// @return the number.
    function metersReadAtEnd(address account, uint256 slot) external view returns (uint256);
    /// @notice The number of an account, 0 if it has none.
    /// @param account the account's address.
    /// @return the number, from 1 on.
    function numberOf(address account) external view returns (uint256);
    /// @notice The account of a number, the zero address if there is none.
    /// @param number number of the account.
    /// @return the account's address.
    function accountAt(uint256 number) external view returns (address);
    /// @notice The number of accounts; they are numbered from 1 to this.
    /// @return the number.
    function accountCount() external view returns (uint256);
    /// @notice Whether the grid authority has blocked new orders of an account on one side.
    /// @param account the account's address.
    /// @param buying true for BUY orders, false for SELL orders.
    /// @return whether it has.
    function isSideBlocked(address account, bool buying) external view returns (bool);
    /// @notice A queued withdrawal.
    /// @param id number of the queued withdrawal, from 1 on.
    /// @return the withdrawal. Reverts with NoSuchWithdrawal if it never existed, or was paid or cancelled.
    function queuedWithdrawal(uint256 id) external view returns (QueuedWithdrawal memory);
    /// @notice The number of withdrawals queued so far; they are numbered from 1 to this.
    /// @return the number.
    function withdrawalCount() external view returns (uint256);
    /// @notice The amount that can be withdrawn now without being queued.
    /// @return money.
    function availableOutflow() external view returns (uint256);
    /// @notice The amount of withdrawals per window above which withdrawals are queued.
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
    /// @notice The token of all payments.
    /// @return the token.
    function settlementToken() external view returns (IERC20);
    /// @notice The energy credits that closing mints and burns.
    /// @return the token.
    function energyToken() external view returns (IEnergyToken);
    /// @notice The contract that locks money for orders and settles deliveries.
    /// @return EnergyTrading.
    function tradingModule() external view returns (address);
    /// @notice The contract of the spot market.
    /// @return PeerToPeerTrading.
    function spotModule() external view returns (address);
    /// @notice The contract that records metered energy.
    /// @return SmartMeter.
    function meterModule() external view returns (address);
    /// @notice The contract that sells grid energy and sets the slot price.
    /// @return GridManagement.
    function gridModule() external view returns (IGridManagement);
    /// @notice Seconds of a slot.
    /// @return 900 or 3600.
    function SLOT_LENGTH() external view returns (uint256);
    /// @notice The time after a slot's end in which readings are accepted. A slot can be closed after twice this time.
    /// @return seconds.
    function GRACE() external view returns (uint256);
    /// @notice The window of {outflowLimit}.
    /// @return seconds.
    function OUTFLOW_WINDOW() external view returns (uint256);
    /// @notice The waiting time of a queued withdrawal.
    /// @return seconds.
    function WITHDRAWAL_DELAY() external view returns (uint256);
    /// @notice The maximum network charge.
    /// @return money per kWh.
    function MAX_GRID_FEE_PER_KWH() external view returns (uint256);
}
