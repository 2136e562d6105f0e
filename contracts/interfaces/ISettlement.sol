// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {AccountWord} from "../types/AccountWord.sol";
import {ClosedDayWord} from "../types/ClosedDayWord.sol";
import {DayFlowsWord} from "../types/DayFlowsWord.sol";
import {LegWord} from "../types/LegWord.sol";
import {OwedWord} from "../types/OwedWord.sol";
import {PeriodWord} from "../types/PeriodWord.sol";
import {IEmergencyStop} from "./IEmergencyStop.sol";
import {IEnergyAccounts} from "./IEnergyAccounts.sol";
import {IEnergyToken} from "./IEnergyToken.sol";
import {IGridManagement} from "./IGridManagement.sol";
import {ITariffs} from "./ITariffs.sol";

/// @title ISettlement
/// @notice All money and all energy credits of the market: the settlement accounts of its participants, and the grid
/// account, which is the supplier's.
///
/// Energy is in Wh, prices are money per kWh, days and slots count from 1970 in UTC. "Money" is in base units: the
/// smallest units of the settlement token, or the millionths of a token with more than six decimals, because prices
/// have 32 bits. It is what comes in and goes out, and what people read, rounded down unless said otherwise. "Exact
/// money" is in thousandths of a base unit, in which every product of Wh and a price is exact: what accounts hold.
///
///     money held * 1000 == free money + income and cover of open days + locked for on-chain orders + securities
///                          + queued withdrawals + cash of the grid account + protocol fees        (or more)
///
/// An account closes by whole days, in order. What open days may cost cannot be withdrawn, traded or locked.
interface ISettlement is IEmergencyStop {
    /// @notice The connected contracts, fixed at deployment.
    /// @param trading locks money for orders and books matches (EnergyTrading).
    /// @param spot makes payments for energy credits (PeerToPeerTrading).
    /// @param meter opens accounts and takes securities (SmartMeter).
    /// @param grid deposits for consumers, consumes for them, blocks sides (GridManagement).
    /// @param energy all energy, and the arithmetic of closing (EnergyAccounts).
    /// @param tariffs prices (Tariffs).
    /// @param energyToken energy credits as ERC-20, minted and burned here.
    /// @param forwarder sends calls that account holders have signed (ERC-2771); the zero address: none.
    struct Modules {
        address trading;
        address spot;
        address meter;
        address communityDays;
        IGridManagement grid;
        IEnergyAccounts energy;
        ITariffs tariffs;
        IEnergyToken energyToken;
        address forwarder;
    }

    /// @notice Numbers fixed at deployment.
    /// @param slotLength seconds of a slot: 900 or 3600.
    /// @param outflowWindow seconds of the window of {outflowLimit} and of the allowances.
    /// @param withdrawalDelay seconds that a withdrawal above the limit waits.
    /// @param allowance money per window that each metered account can withdraw when the limit is used up.
    /// @param allowanceCap money per window that all accounts together can withdraw so.
    struct Parameters {
        uint256 slotLength;
        uint256 outflowWindow;
        uint256 withdrawalDelay;
        uint256 allowance;
        uint256 allowanceCap;
    }

    /// @notice Why a leg of a match cannot be booked, in the order in which it is checked.
    ///
    ///     BELOW_FLOOR           a signed order below the account's floor
    ///     SIDE_BLOCKED          the authority has deactivated the account on this side
    ///     IN_DEBT               the buyer has a debt
    ///     GAP_OPEN              the newest final slot of the account's meter was not read
    ///     POSITION_TOO_LARGE    the account's position in a slot would be beyond what is stored
    ///     OTHER_REGION          not the region of the legs before; an account without one is in the home region
    ///     INSUFFICIENT_BALANCE  too little free money after what open days may cost
    ///     REGION_CLOSED         the region's emergency protocol has closed this side; checked before the balance
    enum Refusal {
        NONE,
        BELOW_FLOOR,
        SIDE_BLOCKED,
        IN_DEBT,
        GAP_OPEN,
        POSITION_TOO_LARGE,
        OTHER_REGION,
        INSUFFICIENT_BALANCE,
        REGION_CLOSED
    }

    /// @notice A leg that cannot be booked.
    /// @param leg its place in the call, from 0 on.
    struct LegRefusal {
        uint256 leg;
        Refusal reason;
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
    /// @notice A day of an account was closed: `closed` packs what was measured and traded, and the exact money that
    /// the grid account paid or charged; `flows` where the energy came from and went. For every closed day
    /// `net + position + taken + drawn + fromGrid == given + kept + fedIn`.
    event DayClosed(address indexed account, uint256 indexed day, ClosedDayWord closed, DayFlowsWord flows);
    /// @notice The account could not pay `amount` (exact money); it now owes `debt` (exact money).
    event DebtIncurred(address indexed account, uint256 amount, uint256 debt);
    /// @notice `amount` (exact money) of the account's debt was paid; it still owes `debt`.
    event DebtRepaid(address indexed account, uint256 amount, uint256 debt);
    /// @notice The grid account lacked `amount` (exact money) for the account, which waits for it in a queue.
    event ReceivableQueued(address indexed account, uint256 amount);
    /// @notice The grid account paid `amount` (exact money) of the account's receivable.
    event ReceivablePaid(address indexed account, uint256 amount);
    /// @notice The account's surplus is kept as credits, or not, from `day` on.
    event KeepsSet(address indexed account, bool keeps, uint256 day);
    /// @notice `wh` credits of the account became `money` (exact money), or paid so much of its debt.
    event CreditsRedeemed(address indexed account, uint256 wh, uint256 money);
    /// @notice `amount` (money) of the account answers for its meter.
    event SecurityTaken(address indexed account, uint256 amount);
    /// @notice The security of a meter that is gone, `amount` (exact money), is the account's free money again.
    event SecurityReleased(address indexed account, uint256 amount);
    /// @notice An account has locked `cost` (exact money) for `wh` of the running slot.
    event GridEnergyBought(address indexed account, uint256 indexed slot, uint256 wh, uint256 cost);
    /// @notice Energy credits were paid, all in exact money: `paid` was debited from the buyer's balance, and the
    /// seller got it less the fees.
    event SpotPaid(address indexed seller, address indexed buyer, uint256 paid, uint256 protocolFee, uint256 gridFee);
    /// @notice `amount` (money) was given to the grid account.
    event GridFunded(address indexed payer, uint256 amount);
    /// @notice The treasury was paid protocol `fees` and `gridRevenue` of the grid account, both exact money.
    event TreasuryCollected(address indexed to, uint256 fees, uint256 gridRevenue);
    /// @notice Withdrawals above `limit` (money) per window are queued from now on.
    event OutflowLimitSet(uint256 limit);
    /// @notice The account's signed orders with nonces below `nonce` are cancelled.
    event SignedFloorRaised(address indexed account, uint256 nonce);
    /// @notice The grid authority blocked or allowed new orders of the account, BUY ones if `buying`, else SELL ones.
    event SideBlocked(address indexed account, bool buying, bool blocked);

    /* ERRORS */

    /// @notice The amount must be above 0.
    error Settlement_ZeroAmount();
    /// @notice The settlement token took `taken` (money) for a payment of `amount`: it charges the sender a fee.
    error Settlement_TokenTookMore(uint256 amount, uint256 taken);
    /// @notice The constructor was given a value outside its bounds; `name` (ASCII) is the parameter.
    error Settlement_BadParameter(bytes32 name, uint256 value);
    /// @notice The account has no number yet: deposit first, or register a meter for it.
    error Settlement_UnknownAccount(address account);
    /// @notice The contract would hold `holdings` (money), more than the `maximum` that its packed words can count.
    error Settlement_TooMuchMoney(uint256 holdings, uint256 maximum);
    /// @notice This needs `needed`, and the account has `available` after its debt and what its open days may cost
    /// (money, rounded up and down): deposit the difference, publish readings and close days, or cancel orders.
    error Settlement_InsufficientBalance(address account, uint256 available, uint256 needed);
    /// @notice The account has a debt (money, rounded up), which blocks BUY orders and spot purchases: {repayDebt} or
    /// {deposit} first.
    error Settlement_InDebt(address account, uint256 debt);
    /// @notice The account has no debt.
    error Settlement_NoDebt(address account);
    /// @notice The newest final slot of the account's meter was not read: publish its readings first.
    error Settlement_GapOpen(address account);
    /// @notice The grid authority has deactivated the account on this side of the market (`buying`: BUY orders).
    error Settlement_SideBlocked(address account, bool buying);
    /// @notice These legs cannot be booked; nothing was.
    error Settlement_LegsRefused(LegRefusal[] refusals);
    /// @notice The legs buy and sell different energy, in Wh of each slot.
    error Settlement_Unbalanced(uint256 bought, uint256 sold);
    /// @notice The recipient is the zero address, or this contract.
    error Settlement_BadRecipient(address to);
    /// @notice Only the module that the function names may call this.
    error Settlement_OnlyModule(address caller);
    /// @notice The new nonce floor must be above `floor`.
    error Settlement_FloorNotHigher(address account, uint256 floor, uint256 nonce);
    /// @notice None of the accounts has a final day to close, up to and including `day`.
    error Settlement_NothingToClose(uint256 day);
    /// @notice The choice of `keepsFrom` waits for days before it: close days from `day` on first.
    error Settlement_KeepsPending(address account, uint256 day, uint256 keepsFrom);
    /// @notice The account has fewer credits, `available` Wh.
    error Settlement_CreditsMissing(address account, uint256 available, uint256 wh);
    /// @notice The account can take `room` Wh of credit more.
    error Settlement_CreditsFull(address account, uint256 room, uint256 wh);
    /// @notice The grid account has `available` for this after its receivables (money, rounded down); redeem less, or
    /// later.
    error Settlement_GridAccountShort(uint256 available, uint256 needed);
    /// @notice `available` (money) can be collected now: the value of all credits, receivables and seven days' payments
    /// stay.
    error Settlement_CollectAbove(uint256 available, uint256 amount);
    /// @notice The outflow limit leaves `available` (money) now.
    error Settlement_AboveOutflow(uint256 available, uint256 amount);
    /// @notice The account's money answers for a meter already.
    error Settlement_SecurityTaken(address account);
    /// @notice The account has no security.
    error Settlement_NoSecurity(address account);
    /// @notice The meter speaks for days before `endDay`; the account is closed to before `day`.
    error Settlement_DaysOpen(address account, uint256 day, uint256 endDay);
    /// @notice The slot's price is above the limit (both money per kWh).
    error Settlement_PriceAbove(uint256 price, uint256 maxPrice);
    /// @notice No receivable waits, or the grid account has no cash.
    error Settlement_NothingToServe();
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

    /* ACCOUNT HOLDERS: the caller, or who has signed a relayed call */

    /// @notice Takes `amount` of the settlement token (needs an allowance) and credits the received amount to the
    /// caller. A debt is paid first. Reverts while stopped.
    /// @param amount money.
    /// @return received the money received and credited.
    function deposit(uint256 amount) external returns (uint256 received);

    /// @notice As {deposit}, credited to `account`.
    /// @param account the account's address.
    /// @param amount money.
    /// @return received the money received and credited.
    function depositFor(address account, uint256 amount) external returns (uint256 received);

    /// @notice As {deposit}, with an EIP-2612 permit instead of an allowance. It also works if another account has sent
    /// the permit already, because its allowance exists then.
    /// @param amount money.
    /// @param deadline the permit's last second, in Unix seconds.
    /// @param v of the permit's signature.
    /// @param r of the permit's signature.
    /// @param s of the permit's signature.
    /// @return received the money received and credited.
    function depositWithPermit(uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
        returns (uint256 received);

    /// @notice Pays `amount` from the caller's free money to `to`. What open days may cost stays; a gap in the meter's
    /// readings refuses. Above the outflow limit a metered account is paid from its small allowance, and what is above
    /// that is queued.
    /// @param amount money.
    /// @param to account that is paid.
    /// @return withdrawalId 0 if paid at once, otherwise the number for {executeWithdrawal}.
    function withdraw(uint256 amount, address to) external returns (uint256 withdrawalId);

    /// @notice Cancels a queued withdrawal; the money returns to the caller's account.
    /// @param id number of the queued withdrawal, from 1 on.
    function cancelWithdrawal(uint256 id) external;

    /// @notice Pays the caller's debt with `amount` of the settlement token (needs an allowance), at most the debt,
    /// rounded up. Open while stopped, unlike {deposit}, because a debt blocks withdrawals.
    /// @param amount money.
    /// @return paid money taken.
    function repayDebt(uint256 amount) external returns (uint256 paid);

    /// @notice Whether surplus is kept as energy credits and deficits are covered by them, from the next day on. A
    /// choice that has not reached the account's open days yet must do so first.
    /// @param keeps otherwise surplus is fed in, and credits wait.
    function setKeeps(bool keeps) external;

    /// @notice Turns credits of the caller into money, at today's value, as far as the grid account reaches. A debt is
    /// paid first.
    /// @param wh credits.
    function redeem(uint256 wh) external;

    /// @notice Turns credits of the caller into EnergyToken, unless the account owes, could not pay its open days, or
    /// its readings have a gap.
    /// @param wh credits.
    function withdrawCredits(uint256 wh) external;

    /// @notice Turns EnergyToken of the caller into credits, which pay a debt first, at today's value. Opens an account
    /// if the caller has none.
    /// @param wh credits.
    function depositCredits(uint256 wh) external;

    /* ANYONE */

    /// @notice Pays a due queued withdrawal to its recipient.
    /// @param id number of the queued withdrawal, from 1 on.
    function executeWithdrawal(uint256 id) external;

    /// @notice Closes final days of accounts, each account's in order, up to and including `day`. Unknown accounts and
    /// days that are not final are left out; reverts with NothingToClose if nothing is left. Income and cover of a day
    /// become free money; the grid account pays or charges what the day brought; what it lacks is a receivable, what
    /// the account lacks is its debt. Name accounts with deficits first: receivables cost gas.
    /// @param accounts addresses; double ones count once.
    /// @param day number of the last day to close.
    function closeThrough(address[] calldata accounts, uint256 day) external;

    /// @notice Pays receivables, first in, first out, from the cash of the grid account. Other calls do this for the
    /// first few of the queue.
    /// @param max how many entries of the queue at most.
    function serve(uint256 max) external;

    /// @notice Gives `amount` of the settlement token (needs an allowance) to the grid account, which pays receivables
    /// first. The supplier does so.
    /// @param amount money.
    function fundGrid(uint256 amount) external;

    /// @notice Frees the security of a meter that is gone, once all its days are closed and its last register is known,
    /// or 30 days have passed without it (EnergyAccounts_RegistersMissing). A debt is paid first.
    /// @param account the account's address.
    function releaseSecurity(address account) external;

    /* MODULES */

    /// @notice Returns the number of an account, and assigns one if it has none. Modules: meter.
    /// @param account the account's address.
    /// @return number the account's number, from 1 on.
    function openAccount(address account) external returns (uint256 number);

    /// @notice Locks money for an on-chain order at its limit, the period's price: what a buyer would pay, or a
    /// seller's cover (see {book}) in the region that it has now. The caller remembers the rate: what is unlocked
    /// later is never calculated again. Refuses as {book} does, with errors: SideBlocked, InDebt, GapOpen,
    /// InsufficientBalance. Modules: trading.
    /// @param number number of the account.
    /// @param period the order's period and limit price.
    /// @param isSell the order's side.
    /// @param wh of each slot.
    /// @return rate what it has locked for a Wh in each slot, in exact money; below 2^40.
    function lockOrder(uint256 number, PeriodWord period, bool isSell, uint256 wh) external returns (uint256 rate);

    /// @notice Frees what {lockOrder} has locked, or a part of it. Modules: trading.
    /// @param number number of the account.
    /// @param amount exact money: the rate, times the slots, times Wh of each slot that are still locked.
    function unlockOrder(uint256 number, uint256 amount) external;

    /// @notice Books matches at one price for one period: positions, and their money. A leg of an on-chain order frees
    /// what was locked for it first. A buyer pays `wh * price`. A seller's income is `wh * (price - fees)`, at its
    /// closing of each day, with the fees of its region when the period begins; if they are more than the price, it
    /// pays the rest now. It locks `wh * max(0, dearest deficit of the period - income price)` until the closing of
    /// each day.
    /// All legs are of one region, that of the first leg that could be booked otherwise.
    /// All or nothing: reverts with LegsRefused, or with Unbalanced. Modules: trading.
    /// @param period the period and the price of the match.
    /// @param legs both sides of the matches; together they buy what they sell.
    function book(PeriodWord period, LegWord[] calldata legs) external;

    /// @notice Cancels an account's signed orders with a nonce below `nonce`. Modules: trading.
    /// @param number number of the account.
    /// @param nonce the new floor, above the current one and below 2^40.
    function raiseSignedFloor(uint256 number, uint256 nonce) external;

    /// @notice Pays for `amount` Wh of energy credits at `price` (money per kWh) from the buyer's free money. The
    /// seller gets it less the fees of today in its region, and gets an account number if it has none. Reverts with
    /// InDebt, GapOpen, InsufficientBalance. Modules: spot.
    /// @param buyer account of the buyer.
    /// @param seller account of the seller.
    /// @param amount Wh.
    /// @param price money per kWh.
    /// @return paid money debited from the buyer's balance, rounded up.
    function payOnTheSpot(address buyer, address seller, uint256 amount, uint256 price) external returns (uint256 paid);

    /// @notice Takes `amount` of the token from `payer`, the caller of GridManagement, and credits `account`. Modules:
    /// grid.
    /// @param payer account that pays, with an allowance to this contract.
    /// @param account account that is credited.
    /// @param amount money.
    /// @return received the money received and credited.
    function depositFrom(address payer, address account, uint256 amount) external returns (uint256 received);

    /// @notice Locks what `wh` of the running slot cost, until the closing of today. Without a meter they are consumed.
    /// Reverts while stopped, and with PriceAbove, GapOpen, InsufficientBalance. Modules: grid.
    /// @param account the account's address.
    /// @param wh Wh.
    /// @param maxPrice the highest price that is accepted, money per kWh.
    /// @return cost money, rounded up.
    function consume(address account, uint256 wh, uint256 maxPrice) external returns (uint256 cost);

    /// @notice Closes a day of accounts whose cursor stands there. Modules: energy; communityDays.
    /// @param day number of the day.
    /// @param words two for each account: {ClosedDayWord}, {DayFlowsWord}.
    /// @param holders addresses of the accounts; none: a gateway has read the day.
    function closeDay(uint256 day, uint256[] calldata words, address[] calldata holders) external;

    /// @notice Blocks or allows an account's new orders of one side. Modules: grid.
    /// @param account the account's address.
    /// @param buying true for BUY orders, false for SELL orders.
    /// @param blocked whether new orders and matches are refused.
    function setSideBlocked(address account, bool buying, bool blocked) external;

    /// @notice Takes the security of a settlement meter from free money; three hours at rated power a day are the first
    /// deemed import. Reverts with SecurityTaken, InsufficientBalance. Modules: meter.
    /// @param number number of the account.
    /// @param amount money, above 0.
    /// @param ratedPower W.
    function takeSecurity(uint256 number, uint256 amount, uint256 ratedPower) external;

    /* PRIVILEGED */

    /// @notice Postpones a queued withdrawal, once, by at most 7 days. Role: GUARDIAN.
    /// @param id number of the queued withdrawal, from 1 on.
    /// @param seconds_ the additional time, in seconds.
    function lengthenWithdrawal(uint256 id, uint256 seconds_) external;

    /// @notice Sets the amount of withdrawals per window above which withdrawals are queued. Role: governance.
    /// @param limit money per {OUTFLOW_WINDOW}.
    function setOutflowLimit(uint256 limit) external;

    /// @notice Pays out protocol fees, then money of the grid account beyond what must stay, within the outflow limit.
    /// Waits while paused. Somebody who deposits and withdraws as much as the limit can delay it. Role: TREASURY, whose
    /// calls the deployment lets wait in the AccessManager for longer than a withdrawal.
    /// @param amount money.
    /// @param to account that is paid.
    function collect(uint256 amount, address to) external;

    /* VIEWS */

    /// @notice The free money of an account. What open days may cost is a part of it.
    /// @param account the account's address.
    /// @return money.
    function balanceOf(address account) external view returns (uint256);
    /// @notice An account's debt to the grid account. Everything that the account receives pays it first.
    /// @param account the account's address.
    /// @return money, rounded up.
    function debtOf(address account) external view returns (uint256);
    /// @notice Energy credits in the account.
    /// @param account the account's address.
    /// @return Wh.
    function creditsOf(address account) external view returns (uint256);
    /// @notice Everything that an account holds, exactly; all 0 if it has no number.
    /// @param account the account's address.
    /// @return number of the account.
    /// @return word free money, credits, and what else {AccountWord} packs.
    /// @return owed debt and receivable, see {OwedWord}.
    /// @return security what answers for its meter, in exact money.
    function accountOf(address account)
        external
        view
        returns (uint256 number, AccountWord word, OwedWord owed, uint256 security);
    /// @notice The first day of an account that is not closed.
    /// @param number number of the account.
    /// @return number of the day.
    function cursorAt(uint256 number) external view returns (uint256);
    /// @notice The words of accounts, 0 of unknown ones.
    /// @param numbers of the accounts.
    /// @return words one for each, see {AccountWord}.
    function wordsAt(uint256[] calldata numbers) external view returns (AccountWord[] memory words);
    /// @notice Whether an account keeps surplus of a day as credits, closed or not. Of days before its last 16 changes
    /// the answer is that it does.
    /// @param number number of the account.
    /// @param day number of the day.
    /// @return whether it does.
    function keepsAt(uint256 number, uint256 day) external view returns (bool);
    /// @notice What the closing of an open day sets free; of a closed day, what it has.
    /// @param number number of the account.
    /// @param day number of the day.
    /// @return income of sold energy, less its fees, in exact money.
    /// @return cover locked for what the day may cost, in exact money.
    function dayMoneyOf(uint256 number, uint256 day) external view returns (uint256 income, uint256 cover);
    /// @notice The grid account, in exact money.
    /// @return cash what it has.
    /// @return owed the sum of all receivables.
    /// @return protocolFees of trades and spot payments, not collected yet.
    /// @return credits Wh of all energy credits, in accounts and as tokens.
    /// @return entries of the queue of receivables that were not served yet.
    function gridAccount()
        external
        view
        returns (uint256 cash, uint256 owed, uint256 protocolFees, uint256 credits, uint256 entries);
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
    /// @notice The token of all payments.
    /// @return the token.
    function settlementToken() external view returns (IERC20);
    /// @notice The smallest units of the settlement token in a base unit of money: 1, or more for a token with more
    /// than six decimals. Allowances and permits of the token are in its own units.
    /// @return the number.
    function TOKEN_UNITS() external view returns (uint256);
    /// @notice Energy credits outside the accounts.
    /// @return the token.
    function energyToken() external view returns (IEnergyToken);
    /// @notice The contract of orders and trades.
    /// @return EnergyTrading.
    function tradingModule() external view returns (address);
    /// @notice The contract of the spot market.
    /// @return PeerToPeerTrading.
    function spotModule() external view returns (address);
    /// @notice The contract of meters and readings.
    /// @return SmartMeter.
    function meterModule() external view returns (address);
    /// @notice The contract of the days that gateways have read.
    /// @return CommunityDays.
    function daysModule() external view returns (address);
    /// @notice The contract of participants and prices.
    /// @return GridManagement.
    function gridModule() external view returns (IGridManagement);
    /// @notice The contract of all energy.
    /// @return EnergyAccounts.
    function ENERGY() external view returns (IEnergyAccounts);
    /// @notice The contract of tariffs.
    /// @return Tariffs.
    function TARIFFS() external view returns (ITariffs);
    /// @notice Seconds of a slot.
    /// @return 900 or 3600.
    function SLOT_LENGTH() external view returns (uint256);
    /// @notice The window of {outflowLimit} and of the allowances.
    /// @return seconds.
    function OUTFLOW_WINDOW() external view returns (uint256);
    /// @notice The waiting time of a queued withdrawal.
    /// @return seconds.
    function WITHDRAWAL_DELAY() external view returns (uint256);
    /// @notice What each metered account can withdraw when the outflow limit is used up.
    /// @return money per window.
    function ALLOWANCE() external view returns (uint256);
    /// @notice What all accounts together can withdraw so.
    /// @return money per window.
    function ALLOWANCE_CAP() external view returns (uint256);
}
