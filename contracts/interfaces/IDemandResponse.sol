// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IEmergencyStop} from "./IEmergencyStop.sol";
import {IEnergyAccounts} from "./IEnergyAccounts.sol";
import {IGridOperatorVerification} from "./IGridOperatorVerification.sol";
import {ISettlement} from "./ISettlement.sol";

/// @title IDemandResponse
/// @notice Consumers are paid for consuming less when the grid needs it. An operator pays the budget of the rewards in
/// advance and gets back what the consumers do not earn. Targets are in kW; a single consumer's power is in W, because
/// a household rarely changes by a whole kW. Rewards are base units of REWARD_TOKEN per kW.
///
/// **Events.** An event covers whole slots, beginning with the one after its announcement:
///
///     |-- announced --|-- startTime ... endTime --|-- GRACE --|-- VERIFICATION_TIME --|
///       cancelEvent       consumers use less        operator      operator and meters    completeEvent,
///                                                   verifies      verify                 distribute, claim
///
///     ACTIVE --cancelEvent, before startTime--> CANCELLED (all of the budget goes back)
///     ACTIVE --completeEvent, after the verification deadline--> COMPLETED
///
/// The budget is `targetReductionKw * rewardPerKw`. A completed event pays the full rate up to the target. Beyond the
/// target, every reduction gets the same share, rounded down, and metered reductions come first. A metered reduction
/// earns `rewardPerKw * target * reduction / max(target, metered)`, with `metered` the sum of all metered reductions. A
/// reported reduction earns `rewardPerKw * left * reduction / max(left, reported)`, with `left` the part of the target
/// that `metered` leaves and `reported` the sum of all reported reductions. So rewards never exceed the budget, the
/// order of verification does not matter, and an operator's report never lowers a metered reward.
///
/// **Verification.** `reduction = baseline - actual`, average W over the event. {verifyFromMeter} takes the actual use
/// from the consumer's settlement meter (import less export of a slot, if above 0) and caps the baseline at the metered
/// one ({baselineFromMeter}); any account can call it, and it replaces an earlier report of the operator.
/// {verifyReduction} is the operator's report, for consumers without a metered history. An event outside a program is
/// open to every registered consumer.
///
/// **Programs.** A program is open for a longer time: consumers join with a committed reduction, and the operator
/// reports their actual reductions. A commitment bounds the reductions that can be reported for that consumer; all
/// commitments together can exceed the target. The budget, `targetReductionKw * incentiveRate`, bounds the rewards:
/// first reported, first earned. Events of a program take their budget from the program's, and are open only to
/// consumers who joined it before the event started and have not left.
///
///     ACTIVE --closeProgram--> CLOSED (the rest of the budget goes back; earned rewards stay claimable)
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
        ISettlement settlement;
    }

    /// @param verificationTime seconds after an event's readings are final in which it can be verified.
    /// @param minReduction the smallest reduction that counts, in W.
    /// @param baselineDays,baselineHighest a metered baseline is the mean of the highest `baselineHighest` of the last
    /// `baselineDays` similar days: 1 to 10, and 1 to `baselineDays`.
    struct Parameters {
        uint256 verificationTime;
        uint256 minReduction;
        uint256 baselineDays;
        uint256 baselineHighest;
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
    /// @param startTime,endTime the first second, and the second after the last one.
    /// @param verifiableUntil the last second at which it can be verified.
    /// @param totalReductionW sum of all participants' reductions.
    /// @param meteredReductionW the metered part of `totalReductionW`.
    /// @param budget escrowed money.
    /// @param paid rewards paid out of it.
    /// @param refunded money returned to the operator.
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
    /// @param meterReadingStart,meterReadingEnd the register in Wh as reported by the operator; both 0 if the reduction
    /// is metered.
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
    /// @notice A consumer left a program; its earned rewards stay claimable.
    event ProgramLeft(uint256 indexed programId, address indexed participant);
    /// @notice The operator reported that a participant reduced its load by `reduction` W, which earned it `reward` in
    /// money.
    event ReductionReported(uint256 indexed programId, address indexed participant, uint256 reduction, uint256 reward);
    /// @notice A program was closed, and `refunded` (money) of its budget was paid back.
    event ProgramClosed(uint256 indexed programId, uint256 refunded);
    /// @notice An operator announced an event of a region with a `budget` of reward money: `rewardPerKw` for
    /// `targetReductionKw` (kW), from `startTime` to `endTime` (Unix seconds, exclusive). `programId` is 0 for an event
    /// outside a program.
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
    /// @notice A consumer's reduction in an event was verified: average power over the event, in W.
    /// @param metered whether it comes from meters, not from the operator's report.
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
    /// @notice `amount` of money that an event did not need was paid to the operator's account `to`.
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
    /// @notice The event's status is `status`, and this function needs another one.
    error EventNotActive(uint256 eventId, EventStatus status);
    /// @notice The deadline for this was `deadline` (Unix seconds).
    error EventExpired(uint256 eventId, uint256 deadline);
    /// @notice The consumer has joined this program already, or its part in this event is verified already; `id` is the
    /// number of the program or event.
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
    /// @notice The account is no participant of the program, or joined it after the event started.
    error DemandResponse_NotParticipating(uint256 programId, address participant);
    /// @notice The reduction exceeds the participant's commitment; both in W.
    error DemandResponse_AboveCommitment(uint256 reduction, uint256 committed);
    /// @notice The program's budget has `left` (money), and this needs `needed`.
    error DemandResponse_BudgetExceeded(uint256 programId, uint256 needed, uint256 left);
    /// @notice The event started at `startTime` (Unix seconds), so it cannot be cancelled.
    error DemandResponse_AlreadyStarted(uint256 eventId, uint256 startTime);
    /// @notice This is possible from `from` (Unix seconds) on.
    error DemandResponse_TooEarly(uint256 eventId, uint256 from);
    /// @notice The consumer's use in this slot of the event is unknown: it has no settlement meter there, the slot was
    /// not read in time, or export and import were equal, which cannot be told from that.
    error DemandResponse_IncompleteReadings(address consumer, uint256 slot);
    /// @notice The consumer's settlement meter is not in the event's region, so it cannot verify the event.
    error DemandResponse_OtherRegion(address consumer, bytes32 region);
    /// @notice Only the consumer itself may pass a baseline below the metered one; both in W.
    error DemandResponse_BaselineTooLow(uint256 baseline, uint256 metered);
    /// @notice Only `found` similar days have readings, and the baseline needs `needed`.
    error DemandResponse_TooFewDays(address consumer, uint256 found, uint256 needed);
    /// @notice The range from `fromSlot` to `toSlot` (exclusive) is empty, longer than a day, or not final a day
    /// earlier.
    error DemandResponse_BadSlots(uint256 fromSlot, uint256 toSlot);
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

    /// @notice Registers a consumer. The consumer itself may call this, or a registered operator of level OPERATE.
    /// @param consumer the caller itself; an operator may pass any account.
    function registerConsumer(address consumer) external;

    /* CONSUMERS */

    /// @notice Joins a program until it ends. Checked in this order: ConsumerNotRegistered, NoSuchProgram,
    /// ProgramNotActive, ProgramEnded, AlreadyParticipating, InsufficientReduction, BadParameter.
    /// @param programId number of the program, from 1 on.
    /// @param committed W, at least MIN_REDUCTION and at most the program's target (else BadParameter); the commitments
    /// of others do not count.
    function joinProgram(uint256 programId, uint256 committed) external;

    /// @notice Leaves a program, whatever its status. Earned rewards stay claimable. The consumer can join again.
    /// @param programId number of the program, from 1 on.
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

    /// @notice Reports a participant's reduction in W, at most its commitment. It earns `actual * incentiveRate /
    /// 1000`, rounded down, out of the program's budget. Checked in this order: the caller (registered, the program
    /// exists and is its own, level OPERATE), ProgramNotActive, ProgramEnded, NotParticipating, InsufficientReduction
    /// (below MIN_REDUCTION), AboveCommitment, BudgetExceeded.
    /// @param programId number of the program, from 1 on.
    /// @param participant account of the consumer who joined.
    /// @param actual average reduction, in W.
    function reportReduction(uint256 programId, address participant, uint256 actual) external;

    /// @notice Announces an event in the caller's region, and takes the budget from the caller (needs an allowance).
    /// @param targetReduction kW, below 2^40.
    /// @param rewardPerKw money per kW for the whole event, below 2^88.
    /// @param duration whole slots, in seconds, at most a day.
    /// @return eventId number of the event.
    function startEvent(uint256 targetReduction, uint256 rewardPerKw, uint256 duration)
        external
        returns (uint256 eventId);

    /// @notice As {startEvent}, for the participants of the caller's program, at the program's rate and from its
    /// budget.
    /// @param programId number of the program, from 1 on.
    /// @param targetReduction kW, below 2^40.
    /// @param duration whole slots, in seconds, at most a day.
    /// @return eventId number of the event.
    function startProgramEvent(uint256 programId, uint256 targetReduction, uint256 duration)
        external
        returns (uint256 eventId);

    /// @notice Verifies a reduction by the operator's report, from the event's end until its verification deadline.
    /// Checked in this order: the caller (registered, the event exists and is its own, level OPERATE), EventNotActive,
    /// TooEarly, EventExpired, ConsumerNotRegistered, NotParticipating (in the event's program), AlreadyParticipating,
    /// InvalidMeterReading, InsufficientReduction.
    /// @param eventId number of the event, from 1 on.
    /// @param consumer account of the consumer.
    /// @param baseline average W over the event, below 2^64.
    /// @param actual average W over the event, below 2^64.
    /// @param meterStart the register before the event, in Wh, below 2^64.
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
    /// may call this. Once all rewards have been distributed, this includes what rounding them down left over.
    /// @param eventId number of the event, from 1 on.
    /// @param to account that is paid, not the zero address.
    /// @return amount the money paid back.
    function reclaimBudget(uint256 eventId, address to) external returns (uint256 amount);

    /// @notice Closes a program and pays back the rest of its budget. Its operator may call this at any time, any
    /// account after the program's end.
    /// @param programId number of the program, from 1 on.
    /// @param to account that is paid. The operator may choose any, because the token may block its own address; others
    /// must pass the operator's address.
    function closeProgram(uint256 programId, address to) external;

    /* ANYONE */

    /// @notice Verifies a reduction by the consumer's meter, once the event's readings are final. Checked in this
    /// order: EventNotFound, EventNotActive, TooEarly, EventExpired, ConsumerNotRegistered, NotParticipating (in the
    /// event's program), AlreadyParticipating (verified from the meter already), IncompleteReadings, OtherRegion,
    /// TooFewDays, BaselineTooLow, InsufficientReduction.
    /// @param eventId number of the event, from 1 on.
    /// @param consumer account of the consumer.
    /// @param baseline average W over the event; a value above the metered baseline counts as the metered one.
    /// @return participationId number of the consumer's participation in the event.
    function verifyFromMeter(uint256 eventId, address consumer, uint256 baseline)
        external
        returns (uint256 participationId);

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
    /// @notice Whether an account is a registered consumer.
    /// @param account the account.
    /// @return whether it is.
    function isConsumer(address account) external view returns (bool);
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
    /// @notice The metered baseline of a consumer in these slots. It takes the energy in the same slots of each of the
    /// last BASELINE_DAYS similar days before `fromSlot` (weekdays for weekdays, weekends for weekends, in UTC). The
    /// baseline is the mean of the BASELINE_HIGHEST largest of them, as average W, rounded down. All these slots are
    /// final, so the baseline of an event is known one day before it.
    ///
    /// A day counts among the last days but not among the largest if one of these slots was not read, or was before the
    /// consumer's present settlement meter. Days without use and days of other events count like any other.
    /// @param consumer account of the consumer.
    /// @param fromSlot the first slot.
    /// @param toSlot the slot after the last one; at most a day from the first one, and all final a day earlier (else
    /// BadSlots).
    /// @return average W.
    function baselineFromMeter(address consumer, uint256 fromSlot, uint256 toSlot) external view returns (uint256);
    /// @notice Money that the contract holds for rewards and refunds.
    /// @return money.
    function escrowed() external view returns (uint256);
    /// @notice The token in which rewards are paid.
    /// @return the token.
    function REWARD_TOKEN() external view returns (IERC20);
    /// @notice The register of grid operators.
    /// @return the contract.
    function OPERATORS() external view returns (IGridOperatorVerification);
    /// @notice The contract of the accounts.
    /// @return the contract.
    function SETTLEMENT() external view returns (ISettlement);
    /// @notice The contract that records the metered energy.
    /// @return the contract.
    function ENERGY() external view returns (IEnergyAccounts);
    /// @notice The time in which an event can be verified after its readings are final.
    /// @return seconds.
    function VERIFICATION_TIME() external view returns (uint256);
    /// @notice The smallest reduction that counts.
    /// @return W.
    function MIN_REDUCTION() external view returns (uint256);
    /// @notice The number of similar days that a metered baseline considers.
    /// @return days.
    function BASELINE_DAYS() external view returns (uint256);
    /// @notice The number of highest days whose mean is the metered baseline.
    /// @return days.
    function BASELINE_HIGHEST() external view returns (uint256);
}
