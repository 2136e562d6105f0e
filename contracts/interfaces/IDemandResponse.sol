// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IDemandBaselines} from "./IDemandBaselines.sol";
import {IDemandEnrolments} from "./IDemandEnrolments.sol";
import {IEmergencyStop} from "./IEmergencyStop.sol";
import {IGridOperatorVerification} from "./IGridOperatorVerification.sol";

/// @title IDemandResponse
/// @notice Consumers are paid for taking less from the grid, or giving it more, when it needs it. An operator pays the
/// budget of the rewards in advance and gets back what the consumers do not earn. Targets are in kW; a single
/// consumer's power is in W, because a household rarely changes by a whole kW. Rewards are base units of REWARD_TOKEN
/// per kW.
///
/// **Enrolment.** A consumer has one enrolment: in a program with a commitment of its own, or, from its registration
/// on, in the events outside programs with the smallest one. Only who is enrolled **before an event is announced**
/// takes part in it. Whoever leaves a program later still does, and can enrol anew when these events can no longer be
/// verified. The third event in a row that brings less than half of the commitment ends the enrolment. In a row: in the
/// order of the events, whoever is verified first. So an event is judged at a verification after its own deadline.
/// Events at a notice below one hour and test events do not count for that.
///
/// **Programs.** A program is open for a longer time: consumers join with a committed reduction, and its budget,
/// `targetReductionKw * incentiveRate`, pays for its events. While anybody is enrolled, the operator cannot take the
/// budget back before the program's end; what an event did not need returns to the program. For participants without a
/// settlement meter the operator may report reductions instead, each up to the commitment: first reported, first
/// earned.
///
///     ACTIVE --closeProgram, ended or nobody enrolled--> CLOSED (the rest goes back; earned rewards stay claimable)
///
/// **Events.** An event covers whole slots, and is announced up to seven days ahead. Slots of its ramp are not
/// measured. Events of one program, and of one region outside programs, never overlap, so no reduction is paid twice.
///
///     |-- announced --|-- startTime ..ramp.. measured .. endTime --|-- GRACE --|-- VERIFICATION_TIME --|
///       opt in, opt out,  consumers use less                         operator    operator and       completeEvent,
///       cancelEvent                                                  verifies    meters verify      distribute, claim
///
///     ACTIVE --cancelEvent, before startTime--> CANCELLED (all of the budget goes back)
///     ACTIVE --completeEvent, after the verification deadline--> COMPLETED
///
/// A test event is measured and pays nothing. A price signal announces a price per kWh: nothing is escrowed, measured
/// or paid.
///
/// **Verification.** `reduction = baseline - actual`, net W on average over the measured slots. {verifyFromMeter} takes
/// both from the consumer's settlement meter, see {IDemandBaselines}; any account can call it. A gateway's day may come
/// late: only in the last part of the time, UNREAD_TIME, slots that were not read count against the consumer.
/// {verifyReduction} is the
/// operator's report, for consumers without such a meter. A reduction counts if it reaches half of the commitment and
/// the minimum, which lies beyond what the consumer's days differ without an event.
///
/// **Aggregators.** A consumer that joins through an aggregator is paid as a part of its portfolio: the reductions of
/// all its members are added up, those below 0 as well. The sum counts if it reaches half of their commitments and the
/// root of the sum of the squares of their minimums. Each member gets its part of what counts, less the fee that it
/// agreed to when it joined. The aggregator accepts each member before, with the most that it may commit and the least
/// fee ({IDemandEnrolments-acceptMember}).
///
/// **Rewards.** The budget is `targetReductionKw * rewardPerKw`. A completed event pays the full rate up to the target.
/// Beyond the target, every reduction gets the same share, rounded down, and metered reductions come first. A metered
/// reduction earns `rewardPerKw * target * reduction / max(target, metered)`, with `metered` the sum of all metered
/// reductions that count. A reported reduction earns `rewardPerKw * left * reduction / max(left, reported)`, with
/// `left` the part of the target that `metered` leaves and `reported` the sum of all reported reductions that count. So
/// rewards never exceed the budget, the order of verification does not matter, and an operator's report never lowers a
/// metered reward.
///
/// While stopped, new programs, participations and events revert; verifying, completing, distributing and claiming stay
/// open.
interface IDemandResponse is IEmergencyStop {
    enum ProgramType {
        PEAK_SHAVING,
        LOAD_SHIFTING,
        EMERGENCY_RESPONSE
    }

    enum ProgramStatus {
        ACTIVE,
        CLOSED
    }

    enum EventStatus {
        ACTIVE,
        COMPLETED,
        CANCELLED
    }

    /// @notice CAPACITY: pays for a reduction. PRICE: announces a price per kWh and pays nothing.
    enum EventKind {
        CAPACITY,
        PRICE
    }

    /// @notice PENDING: no verification yet. VERIFIED: the reduction is known. REWARDED: paid. REJECTED: the event was
    /// completed and the reward is nothing.
    enum ParticipationStatus {
        PENDING,
        VERIFIED,
        REWARDED,
        REJECTED
    }

    /// @param forwarder believed about who calls for a consumer or aggregator (ERC-2771).
    struct Modules {
        IGridOperatorVerification operators;
        IDemandBaselines baselines;
        IDemandEnrolments enrolments;
        address forwarder;
    }

    /// @param verificationTime seconds after an event's readings are final in which it can be verified.
    struct Parameters {
        uint256 verificationTime;
    }

    /// @param programId 0 for an event outside programs, in the caller's region.
    /// @param targetReductionKw kW, below 2^40; 0 for a price signal.
    /// @param rewardPerKw money per kW for the whole event, below 2^88; of a price signal, money per kWh. 0 for a
    /// program's event, which pays the program's rate.
    /// @param startTime the first second of a slot, at most seven days ahead.
    /// @param duration whole slots, in seconds, at most a day.
    /// @param ramp seconds at the beginning that are not measured: whole slots, less than `duration`.
    /// @param group of the program, whose members the event is for; 0: all of its participants.
    /// @param optIn whether only those take part who opt in.
    /// @param isTest whether it is measured and not paid.
    struct EventTerms {
        uint256 programId;
        EventKind kind;
        uint256 targetReductionKw;
        uint256 rewardPerKw;
        uint256 startTime;
        uint256 duration;
        uint256 ramp;
        bytes32 group;
        bool optIn;
        bool isTest;
    }

    /// @param targetReductionKw kW.
    /// @param incentiveRate money per kW.
    /// @param endTime the first second (Unix) at which consumers can no longer join and reductions no longer be
    /// reported.
    /// @param committed the sum of the participants' commitments, in W; for information, it may exceed the target.
    /// @param budget money escrowed when the program was opened.
    /// @param spent money earned by participants or given to events; at most `budget`.
    struct Program {
        string name;
        ProgramType programType;
        bytes32 region;
        address operator;
        uint256 targetReductionKw;
        uint256 incentiveRate;
        uint256 startTime;
        uint256 endTime;
        uint256 committed;
        uint256 participants;
        uint256 budget;
        uint256 spent;
        ProgramStatus status;
    }

    /// @param committed W; 0 for an account that is no participant.
    /// @param reduction sum of the reported reductions, in W.
    /// @param earned all money earned.
    /// @param claimed the part of `earned` that was paid.
    struct ProgramParticipant {
        uint256 committed;
        uint256 reduction;
        uint256 earned;
        uint256 claimed;
    }

    /// @param programId 0 for an event outside a program.
    /// @param group whose members it is for; 0: all.
    /// @param rewardPerKw money per kW for the whole event; of a price signal, money per kWh.
    /// @param announcedAt Unix seconds; who enrolled earlier takes part.
    /// @param startTime,endTime the first second, and the second after the last one.
    /// @param measuredFrom the first second that is measured, after the ramp.
    /// @param verifiableUntil the last second at which it can be verified.
    /// @param totalReductionW sum of all reductions that count.
    /// @param meteredReductionW the metered part of `totalReductionW`.
    /// @param budget escrowed money.
    /// @param paid rewards paid out of it.
    /// @param refunded money returned to the operator.
    struct DemandResponseEvent {
        uint256 eventId;
        uint256 programId;
        EventKind kind;
        address gridOperator;
        bytes32 region;
        bytes32 group;
        bool optIn;
        bool isTest;
        uint256 targetReductionKw;
        uint256 rewardPerKw;
        uint256 announcedAt;
        uint256 startTime;
        uint256 measuredFrom;
        uint256 endTime;
        uint256 verifiableUntil;
        EventStatus status;
        uint256 totalParticipants;
        uint256 totalReductionW;
        uint256 meteredReductionW;
        uint256 budget;
        uint256 paid;
        uint256 refunded;
    }

    /// @param baselineUsageW,actualUsageW,reductionW average net power over the measured slots; below 0: more was
    /// exported, or more was used than usual.
    /// @param minimumW what `reductionW` must reach by itself.
    /// @param rewardAmount less the aggregator's fee; 0 until the event is completed.
    /// @param meterReadingStart,meterReadingEnd the register in Wh as reported by the operator; both 0 if the reduction
    /// is metered.
    /// @param aggregator in whose portfolio it was, or the zero address.
    struct ParticipationRecord {
        uint256 participationId;
        uint256 eventId;
        address consumer;
        int256 baselineUsageW;
        int256 actualUsageW;
        int256 reductionW;
        uint256 minimumW;
        uint256 rewardAmount;
        uint256 meterReadingStart;
        uint256 meterReadingEnd;
        uint256 verifiedAt;
        address aggregator;
        ParticipationStatus status;
    }

    /* EVENTS */

    /// @notice The grid authority admitted an operator to demand response.
    event GridOperatorRegistered(address indexed gridOperator);
    /// @notice An operator opened a program with a `budget` of reward money: `incentiveRate` per kW for
    /// `targetReductionKw` (kW), until `endTime` (Unix seconds).
    event ProgramCreated(
        uint256 indexed programId,
        bytes32 indexed region,
        address indexed operator,
        string name,
        ProgramType programType,
        uint256 targetReductionKw,
        uint256 incentiveRate,
        uint256 endTime,
        uint256 budget
    );
    /// @notice The operator reported that a participant reduced its load by `reduction` W, which earned it `reward` in
    /// money.
    event ReductionReported(uint256 indexed programId, address indexed participant, uint256 reduction, uint256 reward);
    /// @notice A program was closed, and `refunded` (money) of its budget was paid back.
    event ProgramClosed(uint256 indexed programId, uint256 refunded);
    /// @notice An operator announced an event of a region with a `budget` of reward money: `rewardPerKw` for
    /// `targetReductionKw` (kW), from `startTime` to `endTime` (Unix seconds, exclusive). `programId` is 0 for an event
    /// outside a program. Of a price signal, `rewardPerKw` is the price per kWh.
    event EventStarted(
        uint256 indexed eventId,
        uint256 indexed programId,
        address indexed gridOperator,
        bytes32 region,
        uint256 targetReductionKw,
        uint256 rewardPerKw,
        uint256 startTime,
        uint256 endTime,
        uint256 budget
    );
    /// @notice The further terms of an announced event: its `kind`, the `group` that it is for (0: all), the second
    /// from which it is measured, whether one must opt in, and whether it is a test.
    event EventScheduled(
        uint256 indexed eventId, EventKind kind, bytes32 group, uint256 measuredFrom, bool optIn, bool isTest
    );
    /// @notice A consumer's reduction in an event was verified: average net power over the measured slots, in W.
    /// @param minimumW what the reduction must reach by itself, in W.
    /// @param metered whether it comes from meters, not from the operator's report.
    event ReductionVerified(
        uint256 indexed eventId,
        address indexed consumer,
        uint256 participationId,
        int256 baselineW,
        int256 actualW,
        int256 reductionW,
        uint256 minimumW,
        bool metered
    );
    /// @notice An event can no longer be verified, so its rewards are fixed. `totalReductionW` is the sum of
    /// all reductions that count, in W.
    /// @param rewards the sum of all rewards (money), before each of them is rounded down.
    event EventCompleted(uint256 indexed eventId, uint256 totalReductionW, uint256 rewards);
    /// @notice The operator cancelled an event before it started.
    event EventCancelled(uint256 indexed eventId);
    /// @notice A consumer's reward of an event was paid: `amount` of money to the account `to`.
    event RewardPaid(uint256 indexed eventId, address indexed consumer, address to, uint256 amount);
    /// @notice A transfer failed in {distributeRewards}: the consumer can still {claimReward}.
    event RewardDeferred(uint256 indexed eventId, address indexed consumer, uint256 amount);
    /// @notice A participant's earnings of a program were paid: `amount` of money to the account `to`.
    event ProgramRewardPaid(uint256 indexed programId, address indexed participant, address to, uint256 amount);
    /// @notice An aggregator earned `amount` of money of a consumer's reward.
    event FeeEarned(uint256 indexed eventId, address indexed aggregator, address indexed consumer, uint256 amount);
    /// @notice An aggregator's fees were paid: `amount` of money to the account `to`.
    event FeesPaid(address indexed aggregator, address to, uint256 amount);
    /// @notice `amount` of money that an event did not need was paid to the operator's account `to`, or returned to the
    /// program: then `to` is this contract.
    event BudgetRefunded(uint256 indexed eventId, address indexed gridOperator, address to, uint256 amount);

    /* ERRORS: source 004's ten, under their own names */

    /// @notice The constructor was given no reward token or no authority.
    error NotInitialized();
    /// @notice The operator is not admitted to demand response, or not verified: the grid authority does both.
    error GridOperatorNotRegistered(address gridOperator);
    /// @notice The account is no registered consumer: {registerConsumer} or {joinProgram} first.
    error ConsumerNotRegistered(address consumer);
    /// @notice There is no event of this number, see {eventCount}.
    error EventNotFound(uint256 eventId);
    /// @notice The event's status is `status`, and this function needs another one.
    error EventNotActive(uint256 eventId, EventStatus status);
    /// @notice The deadline for this was `deadline` (Unix seconds).
    error EventExpired(uint256 eventId, uint256 deadline);
    /// @notice The consumer is enrolled in this program already and must leave it first, or its part in this event is
    /// verified already; `id` is the number of the program or event.
    error AlreadyParticipating(uint256 id, address consumer);
    /// @notice The reduction is below `minimum`; both in W.
    error InsufficientReduction(uint256 reduction, uint256 minimum);
    /// @notice The transfer of `amount` (money) reverted or returned false.
    error RewardDistributionFailed(address to, uint256 amount);
    /// @notice The end register is below the start register, or they do not give the reported actual use: `(end -
    /// start) * 3600 / duration`, rounded up, in W.
    error InvalidMeterReading(uint256 meterReadingStart, uint256 meterReadingEnd, uint256 actual);

    /* ERRORS */

    /// @notice The parameter `name` (ASCII) has a value outside its bounds; see the function or constructor.
    error DemandResponse_BadParameter(bytes32 name, uint256 value);
    /// @notice The account is registered already.
    error DemandResponse_AlreadyRegistered(address account);
    /// @notice Only the operator of this program or event, `gridOperator`, may do this.
    error DemandResponse_NotOperator(address caller, address gridOperator);
    /// @notice The token transfer delivered less than the budget (the token takes a fee).
    error DemandResponse_EscrowShort(uint256 received, uint256 budget);
    /// @notice There is no program of this number, see {programCount}.
    error DemandResponse_NoSuchProgram(uint256 programId);
    /// @notice The program was closed.
    error DemandResponse_ProgramNotActive(uint256 programId, ProgramStatus status);
    /// @notice The program ended at `endTime` (Unix seconds). It accepts no joins and no reports any more.
    error DemandResponse_ProgramEnded(uint256 programId, uint256 endTime);
    /// @notice The account is no participant of the program (0: the events outside programs), or was not when the event
    /// was announced, or is not in the event's group.
    error DemandResponse_NotParticipating(uint256 programId, address participant);
    /// @notice The reduction exceeds the participant's commitment; both in W.
    error DemandResponse_AboveCommitment(uint256 reduction, uint256 committed);
    /// @notice The program's budget has `left` (money), and this needs `needed`.
    error DemandResponse_BudgetExceeded(uint256 programId, uint256 needed, uint256 left);
    /// @notice The event started at `startTime` (Unix seconds), so it is too late for this.
    error DemandResponse_AlreadyStarted(uint256 eventId, uint256 startTime);
    /// @notice This is possible from `from` (Unix seconds) on.
    error DemandResponse_TooEarly(uint256 eventId, uint256 from);
    /// @notice The consumer's slot `slot` was not read (or late, or with a net of 0). If it still is not, it counts
    /// against the consumer from `from` (Unix seconds) on.
    error DemandResponse_Unread(address consumer, uint256 slot, uint256 from);
    /// @notice The consumer has a settlement meter, which decides: {verifyFromMeter}.
    error DemandResponse_Metered(address consumer);
    /// @notice So many consumers are enrolled in the program, so its budget stays until they left or it ended at
    /// `endTime` (Unix seconds).
    error DemandResponse_Committed(uint256 programId, uint256 participants, uint256 endTime);
    /// @notice The event is a price signal: nothing is verified.
    error DemandResponse_PriceSignal(uint256 eventId);
    /// @notice No money is due to the account.
    error DemandResponse_NothingToClaim(address account);
    /// @notice The recipient is the zero address or this contract.
    error DemandResponse_BadRecipient(address to);
    /// @notice The limit is 0 or above 100.
    error DemandResponse_BadPage(uint256 limit, uint256 maximum);

    /* GRID AUTHORITY */

    /// @notice Admits a verified operator (GridOperatorVerification) to demand response.
    /// @param gridOperator account of the operator.
    function registerGridOperator(address gridOperator) external;

    /* REGISTRATION */

    /// @notice Registers a consumer, and enrols it in the events outside programs with a commitment of MIN_REDUCTION.
    /// The consumer itself may call this, or a registered operator of level OPERATE.
    /// @param consumer the caller itself; an operator may pass any account.
    function registerConsumer(address consumer) external;

    /* CONSUMERS */

    /// @notice Joins a program, and registers the caller if need be. Takes part in events that are announced later.
    /// Checked in this order: NoSuchProgram, ProgramNotActive, ProgramEnded, InsufficientReduction, BadParameter,
    /// AlreadyParticipating (in this or another program: leave it first), DemandEnrolments_Bound.
    /// @param programId number of the program; 0: the events outside programs.
    /// @param committed W, at least MIN_REDUCTION and at most the program's target (else BadParameter); the commitments
    /// of others do not count.
    function joinProgram(uint256 programId, uint256 committed) external;

    /// @notice As {joinProgram}, as a member of the portfolio of an aggregator that has accepted it (else
    /// DemandEnrolments_NotAccepted).
    /// @param programId number of the program, from 1 on.
    /// @param committed W, as there.
    /// @param aggregator account that gets the fee, not the zero address.
    /// @param feeBps basis points of the caller's rewards, at most 10,000.
    function joinThrough(uint256 programId, uint256 committed, address aggregator, uint256 feeBps) external;

    /// @notice Leaves a program, whatever its status. Earned rewards stay claimable. The consumer takes part in events
    /// announced before, unless it opts out, and can join again when they can no longer be verified.
    /// @param programId number of the program; 0: the events outside programs, announced ones too.
    function leaveProgram(uint256 programId) external;

    /// @notice Pays the caller its reward of a completed event. Reverts with DemandResponse_NothingToClaim if there is
    /// none or it was paid.
    /// @param eventId number of the event, from 1 on.
    /// @param to account that is paid, not the zero address.
    /// @return amount the money paid.
    function claimReward(uint256 eventId, address to) external returns (uint256 amount);

    /// @notice Pays the caller its unpaid earnings of a program.
    /// @param programId number of the program, from 1 on.
    /// @param to account that is paid, not the zero address.
    /// @return amount the money paid.
    function claimProgramReward(uint256 programId, address to) external returns (uint256 amount);

    /* AGGREGATORS */

    /// @notice Pays the caller the fees of its members' rewards.
    /// @param to account that is paid, not the zero address.
    /// @return amount the money paid.
    function claimFees(address to) external returns (uint256 amount);

    /* GRID OPERATORS (registered, and level OPERATE in their region) */

    /// @notice Opens a program in a region that the caller operates, and takes the budget from the caller (needs an
    /// allowance).
    /// @param name 1-64 bytes.
    /// @param programType the kind of program, for information.
    /// @param region ASCII text, left-aligned.
    /// @param targetReductionKw kW, below 2^40.
    /// @param incentiveRate money per kW, below 2^88.
    /// @param duration seconds, at most 366 days.
    /// @return programId number of the program.
    function createDemandProgram(
        string calldata name,
        ProgramType programType,
        bytes32 region,
        uint256 targetReductionKw,
        uint256 incentiveRate,
        uint256 duration
    ) external returns (uint256 programId);

    /// @notice Reports the reduction of a participant without a settlement meter in W, at most its commitment. It earns
    /// `actual * incentiveRate / 1000`, rounded down, out of the program's budget. Checked in this order: the caller
    /// (registered, the program exists and is its own, level OPERATE), ProgramNotActive, ProgramEnded,
    /// NotParticipating, InsufficientReduction (below MIN_REDUCTION), AboveCommitment, Metered, BudgetExceeded.
    /// @param programId number of the program, from 1 on.
    /// @param participant account of the consumer who joined.
    /// @param actual average reduction, in W.
    function reportReduction(uint256 programId, address participant, uint256 actual) external;

    /// @notice Announces an event outside programs in the caller's region, from the next slot on, and takes the budget
    /// from the caller (needs an allowance).
    /// @param targetReduction kW, below 2^40.
    /// @param rewardPerKw money per kW for the whole event, below 2^88.
    /// @param duration whole slots, in seconds, at most a day.
    /// @return eventId number of the event.
    function startEvent(uint256 targetReduction, uint256 rewardPerKw, uint256 duration)
        external
        returns (uint256 eventId);

    /// @notice Announces an event with all its terms. Its budget comes from the caller (needs an allowance), or from
    /// the caller's program at the program's rate. Reverts with Overlapping if an earlier one of the program, or of the
    /// region outside programs, ends later than it begins; price signals do not count.
    /// @param terms see {EventTerms}.
    /// @return eventId number of the event.
    function scheduleEvent(EventTerms calldata terms) external returns (uint256 eventId);

    /// @notice Verifies a reduction by the operator's report, from the event's end until its verification deadline.
    /// Checked in this order: the caller (registered, the event exists and is its own, level OPERATE), EventNotActive,
    /// PriceSignal, TooEarly, EventExpired, AlreadyParticipating, ConsumerNotRegistered, NotParticipating, OptedOut,
    /// Metered, InvalidMeterReading, InsufficientReduction, Overlapping (with a later event that an operator reported
    /// of the same consumer).
    /// @param eventId number of the event, from 1 on.
    /// @param consumer account of the consumer.
    /// @param baseline average W over the measured slots, below 2^63.
    /// @param actual average W over the measured slots, below 2^63.
    /// @param meterStart the register before the measured slots, in Wh, below 2^64.
    /// @param meterEnd the register after it, in Wh, below 2^64.
    /// @return participationId number of the consumer's participation in the event.
    function verifyReduction(
        uint256 eventId,
        address consumer,
        uint256 baseline,
        uint256 actual,
        uint256 meterStart,
        uint256 meterEnd
    ) external returns (uint256 participationId);

    /* THE OPERATOR OF THE EVENT OR PROGRAM (also when no longer verified, so that its money is never locked) */

    /// @notice Cancels an event before it starts. Only its operator may call this.
    /// @param eventId number of the event, from 1 on.
    function cancelEvent(uint256 eventId) external;

    /// @notice Pays back the part of the budget that a completed or cancelled event does not need. Only its operator
    /// may call this. Once all rewards have been distributed, this includes what rounding them down left over. What an
    /// event of an active program did not need returns to the program.
    /// @param eventId number of the event, from 1 on.
    /// @param to account that is paid, not the zero address; without meaning for an active program's event.
    /// @return amount the money paid back.
    function reclaimBudget(uint256 eventId, address to) external returns (uint256 amount);

    /// @notice Closes a program and pays back the rest of its budget. Its operator may call this while nobody is
    /// enrolled (else Committed), any account after the program's end.
    /// @param programId number of the program, from 1 on.
    /// @param to account that is paid. The operator may choose any, because the token may block its own address; others
    /// must pass the operator's address.
    function closeProgram(uint256 programId, address to) external;

    /* ANYONE */

    /// @notice Records what the consumer's meter shows of an event, once the readings are final, whether it counts or
    /// not. Checked in this order: EventNotFound, EventNotActive, PriceSignal, TooEarly, EventExpired,
    /// AlreadyParticipating, the errors of {IDemandBaselines-measure}, Unread, ConsumerNotRegistered, NotParticipating,
    /// OptedOut.
    /// @param eventId number of the event, from 1 on.
    /// @param consumer account of the consumer.
    /// @return participationId number of the consumer's participation in the event.
    function verifyFromMeter(uint256 eventId, address consumer) external returns (uint256 participationId);

    /// @notice Completes an event after its verification deadline and fixes its rewards.
    /// @param eventId number of the event, from 1 on.
    function completeEvent(uint256 eventId) external;

    /// @notice Pays the next participants of a completed event. A transfer that fails or takes more than 100,000 gas is
    /// skipped, with a RewardDeferred event.
    /// @param eventId number of the event, from 1 on.
    /// @param max number of participants to process, 1-100.
    /// @return done whether all participants have been processed.
    function distributeRewards(uint256 eventId, uint256 max) external returns (bool done);

    /* VIEWS */

    /// @notice Whether the grid authority has admitted an account as an operator, whatever its permission level is.
    /// @param account the account.
    /// @return whether it has.
    function isGridOperator(address account) external view returns (bool);
    /// @notice The fees that an aggregator has earned and not claimed.
    /// @param aggregator account of the aggregator.
    /// @return money.
    function feesOf(address aggregator) external view returns (uint256);
    /// @notice One program.
    /// @param programId number of the program, from 1 on.
    /// @return the program. Reverts with NoSuchProgram if there is none.
    function getProgram(uint256 programId) external view returns (Program memory);
    /// @notice A consumer's participation in a program.
    /// @param programId number of the program, from 1 on.
    /// @param participant account of the consumer who joined.
    /// @return its participation; all 0 if it never joined. Reverts with NoSuchProgram if there is no such program.
    function getProgramParticipant(uint256 programId, address participant)
        external
        view
        returns (ProgramParticipant memory);
    /// @notice Programs are numbered from 1 to this.
    /// @return the number.
    function programCount() external view returns (uint256);
    /// @notice One event.
    /// @param eventId number of the event, from 1 on.
    /// @return the event. Reverts with EventNotFound if there is none.
    function getEvent(uint256 eventId) external view returns (DemandResponseEvent memory);
    /// @notice Events are numbered from 1 to this.
    /// @return the number.
    function eventCount() external view returns (uint256);
    /// @notice A consumer's participation in an event; PENDING with zeros before it is verified.
    /// @param eventId number of the event, from 1 on.
    /// @param consumer account of the consumer.
    /// @return its participation.
    function getParticipation(uint256 eventId, address consumer) external view returns (ParticipationRecord memory);
    /// @notice A page of a consumer's participations, oldest first.
    /// @param consumer account of the consumer.
    /// @param offset number of the oldest entries to skip.
    /// @param limit 1-100.
    /// @return its participations; fewer than `limit` at the end.
    function getConsumerParticipations(address consumer, uint256 offset, uint256 limit)
        external
        view
        returns (ParticipationRecord[] memory);
    /// @notice A page of an event's participations, oldest first.
    /// @param eventId number of the event, from 1 on.
    /// @param offset number of the oldest entries to skip.
    /// @param limit 1-100.
    /// @return the participations; fewer than `limit` at the end.
    function getEventParticipations(uint256 eventId, uint256 offset, uint256 limit)
        external
        view
        returns (ParticipationRecord[] memory);
    /// @notice Money that the contract holds for rewards and refunds.
    /// @return money.
    function escrowed() external view returns (uint256);
    /// @notice The token in which rewards are paid.
    /// @return the token.
    function REWARD_TOKEN() external view returns (IERC20);
    /// @notice The register of grid operators.
    /// @return the contract.
    function OPERATORS() external view returns (IGridOperatorVerification);
    /// @notice What settlement meters show of an event.
    /// @return the contract.
    function BASELINES() external view returns (IDemandBaselines);
    /// @notice Who takes part.
    /// @return the contract.
    function ENROLMENTS() external view returns (IDemandEnrolments);
    /// @notice The time in which an event can be verified after its readings are final.
    /// @return seconds.
    function VERIFICATION_TIME() external view returns (uint256);
    /// @notice The last part of it, in which slots that were not read count against the consumer.
    /// @return seconds.
    function UNREAD_TIME() external view returns (uint256);
    /// @notice The smallest reduction that counts.
    /// @return W.
    function MIN_REDUCTION() external view returns (uint256);
}
