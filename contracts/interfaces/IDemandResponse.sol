// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IEmergencyStop} from "./IEmergencyStop.sol";
import {IGridOperatorVerification} from "./IGridOperatorVerification.sol";
import {ISettlement} from "./ISettlement.sol";
import {ISmartMeter} from "./ISmartMeter.sol";

/// @title IDemandResponse
/// @notice Consumers are paid for drawing less when the grid needs it. An operator offers a reward and hands it over up
/// front; what the consumers do not earn goes back to it. Targets are kW, as at grid level; a single consumer's power
/// is W, as a household rarely moves by a whole kW. Rewards are base units of REWARD_TOKEN per kW.
///
/// **Events.** An event covers whole slots, beginning with the one after its announcement:
///
///     |-- announced --|-- startTime ... endTime --|-- GRACE --|-- VERIFICATION_TIME --|
///       cancelEvent       consumers draw less       operator      operator and meters    completeEvent,
///                                                   verifies      verify                 distribute, claim
///
///     ACTIVE --cancelEvent, before startTime--> CANCELLED (all of the budget goes back)
///     ACTIVE --completeEvent, after the verification deadline--> COMPLETED
///
/// The budget is `targetReductionKw * rewardPerKw`. A completed event pays the full rate up to the target, and beyond
/// it the same share to all, rounded down; what meters have found comes first. Where they decided, a consumer gets
/// `rewardPerKw * target * reduction / max(target, metered)`, with `metered` the sum of all such reductions; by the
/// operator's word `rewardPerKw * left * reduction / max(left, reported)`, with `left` what `metered` leaves of the
/// target and `reported` the sum of these. So rewards never exceed the budget, nobody gains by being verified first,
/// and no word of the operator takes anything from what meters have found.
///
/// **Verification.** `reduction = baseline - actual`, average W over the event. {verifyFromMeter} takes the actual use
/// from the consumer's meters and pays for no baseline above the metered one ({baselineFromMeter}); anybody can call
/// it, and it replaces an earlier word of the operator. {verifyReduction} is that word, for consumers without such a
/// history, at the operator's own cost. An event of its own is open to every registered consumer.
///
/// **Programs.** A standing offer: consumers join with a committed reduction, and the operator reports what they did.
/// What they commit bounds what can be reported of each, and takes nothing from the others: all of them together may
/// commit more than the target. The budget is what bounds the rewards: first reported, first earned.
/// It is `targetReductionKw * incentiveRate`; events within a program take theirs from it and are open to those
/// alone who joined it before the event started and have not left it since.
///
///     ACTIVE --closeProgram--> CLOSED (what is left goes back; what was earned stays claimable)
///
/// A stop ends new programs, participations and events; verifying, completing, distributing and claiming stay open.
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

    /// @notice PENDING: no verification yet. VERIFIED: the reduction is known. REWARDED: paid. REJECTED: the event was
    /// completed and the reward rounds to nothing.
    enum ParticipationStatus {
        PENDING,
        VERIFIED,
        REWARDED,
        REJECTED
    }

    struct Modules {
        IGridOperatorVerification operators;
        ISmartMeter meter;
        ISettlement settlement;
    }

    /// @param verificationTime seconds after an event's readings are final in which it can be verified.
    /// @param minReduction the least reduction that counts, in W.
    /// @param baselineDays,baselineHighest a metered baseline is the mean of the highest `baselineHighest` of the last
    /// `baselineDays` similar days: 1 to 10, and 1 to `baselineDays`.
    struct Parameters {
        uint256 verificationTime;
        uint256 minReduction;
        uint256 baselineDays;
        uint256 baselineHighest;
    }

    /// @param targetReductionKw kW. @param incentiveRate money per kW.
    /// @param endTime consumers can join, and reductions be reported, before it.
    /// @param committed the sum of what participants committed, in W; for information, it may exceed the target.
    /// @param budget escrowed at first. @param spent earned by participants or given to events; not beyond `budget`.
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

    /// @param committed W; 0 for who is no participant.
    /// @param reduction reported in all, in W. @param earned in all. @param claimed of it.
    struct ProgramParticipant {
        uint256 committed;
        uint256 reduction;
        uint256 earned;
        uint256 claimed;
    }

    /// @param programId 0 for an event of its own.
    /// @param startTime,endTime the first second, and the second after the last one.
    /// @param verifiableUntil the last second at which it can be verified.
    /// @param totalReductionW what all participants have reduced together. @param meteredReductionW of it, what meters
    /// have found.
    /// @param budget escrowed. @param paid rewards paid out of it. @param refunded back to the operator.
    struct DemandResponseEvent {
        uint256 eventId;
        uint256 programId;
        address gridOperator;
        bytes32 region;
        uint256 targetReductionKw;
        uint256 rewardPerKw;
        uint256 startTime;
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

    /// @param baselineUsageW,actualUsageW,reductionW average power over the event.
    /// @param rewardAmount 0 until the event is completed.
    /// @param meterReadingStart,meterReadingEnd the register in Wh as the operator read it; both 0 where the meters
    /// decided.
    struct ParticipationRecord {
        uint256 participationId;
        uint256 eventId;
        address consumer;
        uint256 baselineUsageW;
        uint256 actualUsageW;
        uint256 reductionW;
        uint256 rewardAmount;
        uint256 meterReadingStart;
        uint256 meterReadingEnd;
        uint256 verifiedAt;
        ParticipationStatus status;
    }

    /* EVENTS */

    /// @notice The grid authority admitted an operator to demand response.
    event GridOperatorRegistered(address indexed gridOperator);
    /// @notice A consumer was registered by the account `by`: itself or an operator.
    event ConsumerRegistered(address indexed consumer, address indexed by);
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
    /// @notice A consumer joined a program and committed a reduction of `committed` W.
    event ProgramJoined(uint256 indexed programId, address indexed participant, uint256 committed);
    /// @notice A consumer left a program; what it earned stays.
    event ProgramLeft(uint256 indexed programId, address indexed participant);
    /// @notice The operator reported that a participant reduced its load by `reduction` W, which earned it `reward` in
    /// money.
    event ReductionReported(uint256 indexed programId, address indexed participant, uint256 reduction, uint256 reward);
    /// @notice A program ended, and `refunded` of its budget (money) went back.
    event ProgramClosed(uint256 indexed programId, uint256 refunded);
    /// @notice An operator announced an event of a region with a `budget` of reward money: `rewardPerKw` for
    /// `targetReductionKw` (kW), from `startTime` to `endTime` (Unix seconds, exclusive). `programId` is 0 for an event
    /// of its own.
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
    /// @notice A consumer's part in an event is known: average power over the event, in W.
    /// @param metered whether the meters decided.
    event ReductionVerified(
        uint256 indexed eventId,
        address indexed consumer,
        uint256 participationId,
        uint256 baselineW,
        uint256 actualW,
        uint256 reductionW,
        bool metered
    );
    /// @notice An event can no longer be verified, so its rewards are fixed. `totalReductionW` is what all consumers
    /// reduced, in W.
    /// @param rewards what they come to, before each of them is rounded down.
    event EventCompleted(uint256 indexed eventId, uint256 totalReductionW, uint256 rewards);
    /// @notice The operator took an event back before it started.
    event EventCancelled(uint256 indexed eventId);
    /// @notice A consumer's reward of an event was paid: `amount` of money to the account `to`.
    event RewardPaid(uint256 indexed eventId, address indexed consumer, address to, uint256 amount);
    /// @notice A transfer failed in {distributeRewards}: the reward waits for {claimReward}.
    event RewardDeferred(uint256 indexed eventId, address indexed consumer, uint256 amount);
    /// @notice What a participant had earned in a program was paid: `amount` of money to the account `to`.
    event ProgramRewardPaid(uint256 indexed programId, address indexed participant, address to, uint256 amount);
    /// @notice The operator took back `amount` of money that an event did not need, to the account `to`.
    event BudgetRefunded(uint256 indexed eventId, address indexed gridOperator, address to, uint256 amount);

    /* ERRORS: source 004's ten, under their own names */

    /// @notice The constructor was given no reward token or no authority.
    error NotInitialized();
    /// @notice The operator is not admitted to demand response, or not verified: the grid authority does both.
    error GridOperatorNotRegistered(address gridOperator);
    /// @notice The account is no registered consumer: {registerConsumer} first.
    error ConsumerNotRegistered(address consumer);
    /// @notice There is no event of this number, see {eventCount}.
    error EventNotFound(uint256 eventId);
    /// @notice The event is not in the status that this needs.
    error EventNotActive(uint256 eventId, EventStatus status);
    /// @notice The last second for this has passed.
    error EventExpired(uint256 eventId, uint256 deadline);
    /// @notice The consumer has joined this program already, or its part in this event is verified already; `id` is the
    /// number of the program or event.
    error AlreadyParticipating(uint256 id, address consumer);
    /// @notice Below the least reduction that counts; in W.
    error InsufficientReduction(uint256 reduction, uint256 minimum);
    /// @notice The token refuses to pay this out.
    error RewardDistributionFailed(address to, uint256 amount);
    /// @notice The registers run backwards, or do not show the actual use that is claimed:
    /// `(end - start) * 3600 / duration`, rounded up, in W.
    error InvalidMeterReading(uint256 meterReadingStart, uint256 meterReadingEnd, uint256 actual);

    /* ERRORS */

    /// @notice The parameter `name` (ASCII) has a value outside its bounds; the function or constructor says which.
    error DemandResponse_BadParameter(bytes32 name, uint256 value);
    /// @notice The account is registered already.
    error DemandResponse_AlreadyRegistered(address account);
    /// @notice Only the operator of this program or event, `gridOperator`, may do this.
    error DemandResponse_NotOperator(address caller, address gridOperator);
    /// @notice The token handed over less than the budget (it takes a fee).
    error DemandResponse_EscrowShort(uint256 received, uint256 budget);
    /// @notice There is no program of this number, see {programCount}.
    error DemandResponse_NoSuchProgram(uint256 programId);
    /// @notice The program was closed.
    error DemandResponse_ProgramNotActive(uint256 programId, ProgramStatus status);
    /// @notice The program ended at `endTime` (Unix seconds). Nobody can join it or report for it any more.
    error DemandResponse_ProgramEnded(uint256 programId, uint256 endTime);
    /// @notice The account is no participant of the program, or, for an event, joined it too late.
    error DemandResponse_NotParticipating(uint256 programId, address participant);
    /// @notice More than the participant committed; in W.
    error DemandResponse_AboveCommitment(uint256 reduction, uint256 committed);
    /// @notice The program's budget has `left` (money) and this would take `needed`.
    error DemandResponse_BudgetExceeded(uint256 programId, uint256 needed, uint256 left);
    /// @notice What has begun or earned something cannot be taken back.
    error DemandResponse_AlreadyStarted(uint256 eventId, uint256 startTime);
    /// @notice This is possible from `from` (Unix seconds) on.
    error DemandResponse_TooEarly(uint256 eventId, uint256 from);
    /// @notice Not all meters of the consumer were read exactly at the end of the event's last slot, so what it drew
    /// until then is not known.
    error DemandResponse_IncompleteReadings(address consumer, uint256 slot, uint256 read, uint256 meters);
    /// @notice The consumer has a meter elsewhere: only meters of the event's region can verify.
    error DemandResponse_OtherRegion(address consumer, bytes32 region);
    /// @notice Only the consumer itself may settle for a baseline below the metered one.
    error DemandResponse_BaselineTooLow(uint256 baseline, uint256 metered);
    /// @notice Fewer comparable days than the baseline needs.
    error DemandResponse_TooFewDays(address consumer, uint256 found, uint256 needed);
    /// @notice The slots from `fromSlot` to `toSlot` (exclusive) are none, more than a day, or not final a day earlier.
    error DemandResponse_BadSlots(uint256 fromSlot, uint256 toSlot);
    /// @notice No money is due to the account.
    error DemandResponse_NothingToClaim(address account);
    /// @notice The zero address, or this contract, which could never pay it out again.
    error DemandResponse_BadRecipient(address to);
    /// @notice A page, or steps, of 0 or of more than 100.
    error DemandResponse_BadPage(uint256 limit, uint256 maximum);

    /* GRID AUTHORITY */

    /// @notice Admits a verified operator (GridOperatorVerification) to demand response.
    /// @param gridOperator account of the operator.
    function registerGridOperator(address gridOperator) external;

    /* REGISTRATION */

    /// @notice Registers a consumer: itself, or by a registered operator that may operate (level OPERATE).
    /// @param consumer the caller itself, or anybody where an operator calls.
    function registerConsumer(address consumer) external;

    /* CONSUMERS */

    /// @notice Joins a program until it ends. Checked in this order: ConsumerNotRegistered, NoSuchProgram,
    /// ProgramNotActive, ProgramEnded, AlreadyParticipating, InsufficientReduction, BadParameter.
    /// @param programId number of the program, from 1 on.
    /// @param committed W, at least MIN_REDUCTION and at most the program's target (else BadParameter), whatever the
    /// others have committed.
    function joinProgram(uint256 programId, uint256 committed) external;

    /// @notice Leaves a program, whatever its status; what was earned stays. Whoever left can join again.
    /// @param programId number of the program, from 1 on.
    function leaveProgram(uint256 programId) external;

    /// @notice Pays the caller its reward of a completed event, if it was not paid before.
    /// @param eventId number of the event, from 1 on.
    /// @param to who is paid, not the zero address.
    /// @return amount what was paid, in money.
    function claimReward(uint256 eventId, address to) external returns (uint256 amount);

    /// @notice Pays the caller what it has earned in a program.
    /// @param programId number of the program, from 1 on.
    /// @param to who is paid, not the zero address.
    /// @return amount what was paid, in money.
    function claimProgramReward(uint256 programId, address to) external returns (uint256 amount);

    /* GRID OPERATORS (registered, and level OPERATE in their region) */

    /// @notice Opens a program in a region that the caller operates; takes the budget out of the caller's allowance.
    /// @param name 1-64 bytes.
    /// @param programType what kind of program it is; for information.
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

    /// @notice Reports what a participant reduced, at most what it committed, in W: it earns
    /// `actual * incentiveRate / 1000`, rounded down, out of the program's budget. Checked in this order: the caller
    /// (registered, the program exists and is its own, level OPERATE), ProgramNotActive, ProgramEnded,
    /// NotParticipating, InsufficientReduction (below MIN_REDUCTION), AboveCommitment, BudgetExceeded.
    /// @param programId number of the program, from 1 on.
    /// @param participant account of the consumer who joined.
    /// @param actual average reduction, in W.
    function reportReduction(uint256 programId, address participant, uint256 actual) external;

    /// @notice Announces an event in the caller's region and takes the budget out of its allowance.
    /// @param targetReduction kW, below 2^40.
    /// @param rewardPerKw money per kW for the whole event, below 2^88.
    /// @param duration whole slots, in seconds, at most a day.
    /// @return eventId number of the event.
    function startEvent(uint256 targetReduction, uint256 rewardPerKw, uint256 duration)
        external
        returns (uint256 eventId);

    /// @notice As {startEvent}, within the caller's program: for its participants, at its rate, out of its budget.
    /// @param programId number of the program, from 1 on.
    /// @param targetReduction kW, below 2^40.
    /// @param duration whole slots, in seconds, at most a day.
    /// @return eventId number of the event.
    function startProgramEvent(uint256 programId, uint256 targetReduction, uint256 duration)
        external
        returns (uint256 eventId);

    /// @notice Verifies a reduction by the operator's word: from the event's end until it is no longer verifiable.
    /// Checked in this order: the caller (registered, the event exists and is its own, level OPERATE), EventNotActive,
    /// TooEarly, EventExpired, ConsumerNotRegistered, NotParticipating (in the event's program), AlreadyParticipating,
    /// InvalidMeterReading, InsufficientReduction.
    /// @param eventId number of the event, from 1 on.
    /// @param consumer account of the consumer.
    /// @param baseline average W over the event, below 2^64.
    /// @param actual average W over the event, below 2^64.
    /// @param meterStart the register before the event, in Wh, below 2^64.
    /// @param meterEnd the register after it, in Wh, below 2^64.
    /// @return participationId number of the consumer's part in the event.
    function verifyReduction(
        uint256 eventId,
        address consumer,
        uint256 baseline,
        uint256 actual,
        uint256 meterStart,
        uint256 meterEnd
    ) external returns (uint256 participationId);

    /* WHO OPENED IT (whatever the authority thinks of it by now: an operator's money is never locked) */

    /// @notice Takes back an event before it starts.
    /// @param eventId number of the event, from 1 on.
    function cancelEvent(uint256 eventId) external;

    /// @notice Takes back what a completed or cancelled event does not need. What is left over by rounding each reward
    /// down is among it once all have been distributed.
    /// @param eventId number of the event, from 1 on.
    /// @param to who is paid, not the zero address.
    /// @return amount what was paid back, in money.
    function reclaimBudget(uint256 eventId, address to) external returns (uint256 amount);

    /// @notice Ends a program at any time and takes back what is left of its budget. By its operator; after its end,
    /// by anybody, for the operator.
    /// @param programId number of the program, from 1 on.
    /// @param to the operator's choice, as the token may refuse its own address; anybody else names the operator.
    function closeProgram(uint256 programId, address to) external;

    /* ANYONE */

    /// @notice Verifies a reduction by the consumer's meters, once the event's readings are final. Checked in this
    /// order: EventNotFound, EventNotActive, TooEarly, EventExpired, ConsumerNotRegistered, NotParticipating (in the
    /// event's program), AlreadyParticipating (its meters have decided already), IncompleteReadings, TooFewDays,
    /// BaselineTooLow, InsufficientReduction.
    /// @param eventId number of the event, from 1 on.
    /// @param consumer account of the consumer.
    /// @param baseline average W over the event; above the metered baseline it counts as that one.
    /// @return participationId number of the consumer's part in the event.
    function verifyFromMeter(uint256 eventId, address consumer, uint256 baseline)
        external
        returns (uint256 participationId);

    /// @notice Ends an event that can no longer be verified: the rewards are fixed.
    /// @param eventId number of the event, from 1 on.
    function completeEvent(uint256 eventId) external;

    /// @notice Pays the next participants of a completed event. One whose transfer fails, or takes more than 100,000
    /// gas, is passed over (RewardDeferred).
    /// @param eventId number of the event, from 1 on.
    /// @param max how many to go through, 1-100.
    /// @return done whether all have been gone through.
    function distributeRewards(uint256 eventId, uint256 max) external returns (bool done);

    /* VIEWS */

    /// @notice Whether the grid authority has admitted an account as an operator.
    /// @param account the account.
    /// @return whether it has; the operator's level is not looked at.
    function isGridOperator(address account) external view returns (bool);
    /// @notice Whether an account is a registered consumer.
    /// @param account the account.
    /// @return whether it is.
    function isConsumer(address account) external view returns (bool);
    /// @notice One program.
    /// @param programId number of the program, from 1 on.
    /// @return the program. It reverts for a number that is none.
    function getProgram(uint256 programId) external view returns (Program memory);
    /// @notice A consumer's part in a program.
    /// @param programId number of the program, from 1 on.
    /// @param participant account of the consumer who joined.
    /// @return its part; all 0 if it never joined. It reverts for a program that is none.
    function getProgramParticipant(uint256 programId, address participant)
        external
        view
        returns (ProgramParticipant memory);
    /// @notice Programs are numbered from 1 to this.
    /// @return how many there are.
    function programCount() external view returns (uint256);
    /// @notice One event.
    /// @param eventId number of the event, from 1 on.
    /// @return the event. It reverts for a number that is none.
    function getEvent(uint256 eventId) external view returns (DemandResponseEvent memory);
    /// @notice Events are numbered from 1 to this.
    /// @return how many there are.
    function eventCount() external view returns (uint256);
    /// @notice A consumer's part in an event; PENDING with zeros before it is verified.
    /// @param eventId number of the event, from 1 on.
    /// @param consumer account of the consumer.
    /// @return its part.
    function getParticipation(uint256 eventId, address consumer) external view returns (ParticipationRecord memory);
    /// @notice A page of a consumer's participations, oldest first.
    /// @param consumer account of the consumer.
    /// @param offset how many of the oldest to leave out.
    /// @param limit 1-100.
    /// @return its parts; fewer than `limit` at the end.
    function getConsumerParticipations(address consumer, uint256 offset, uint256 limit)
        external
        view
        returns (ParticipationRecord[] memory);
    /// @notice A page of an event's participations, oldest first.
    /// @param eventId number of the event, from 1 on.
    /// @param offset how many of the oldest to leave out.
    /// @param limit 1-100.
    /// @return the parts; fewer than `limit` at the end.
    function getEventParticipations(uint256 eventId, uint256 offset, uint256 limit)
        external
        view
        returns (ParticipationRecord[] memory);
    /// @notice What a consumer usually draws in these slots, as its meters saw it: of the last BASELINE_DAYS similar
    /// days before `fromSlot` (weekdays for weekdays, weekends for weekends, in UTC), the energy in the same slots of
    /// the day; of these the mean of the BASELINE_HIGHEST largest, as average W, rounded down. All these slots are
    /// final: what an event is compared with is known from the same time on the day before.
    ///
    /// A day is none of the largest, but one of the last, if not all meters that the consumer has now were read
    /// exactly at the start of these slots (the next reading would hold what was drawn before), or if it has got or
    /// lost a meter since. Days without a use, and days of other events, count like any other.
    /// @param consumer account of the consumer.
    /// @param fromSlot the first slot.
    /// @param toSlot the slot after the last one; at most a day from the first one, and all final a day earlier (else
    /// BadSlots).
    /// @return average W.
    function baselineFromMeter(address consumer, uint256 fromSlot, uint256 toSlot) external view returns (uint256);
    /// @notice Reward money that the contract holds for rewards and refunds.
    /// @return money.
    function escrowed() external view returns (uint256);
    /// @notice The token in which rewards are paid.
    /// @return the token.
    function REWARD_TOKEN() external view returns (IERC20);
    /// @notice The register of grid operators.
    /// @return the contract.
    function OPERATORS() external view returns (IGridOperatorVerification);
    /// @notice The contract of the meters.
    /// @return the contract.
    function METER() external view returns (ISmartMeter);
    /// @notice The contract that knows the metered energy.
    /// @return the contract.
    function SETTLEMENT() external view returns (ISettlement);
    /// @notice How long an event can be verified after its readings are final.
    /// @return seconds.
    function VERIFICATION_TIME() external view returns (uint256);
    /// @notice The smallest reduction that counts.
    /// @return W.
    function MIN_REDUCTION() external view returns (uint256);
    /// @notice How many similar days a metered baseline looks back.
    /// @return days.
    function BASELINE_DAYS() external view returns (uint256);
    /// @notice Of how many of these days, the highest, a metered baseline is the mean.
    /// @return days.
    function BASELINE_HIGHEST() external view returns (uint256);
}
