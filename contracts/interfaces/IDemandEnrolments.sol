// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IDemandResponse} from "./IDemandResponse.sol";

/// @title IDemandEnrolments
/// @notice Who takes part in demand response, with which commitment, in which group, through which aggregator, and what
/// it chose for an event. See {IDemandResponse} for the rules.
///
/// A consumer has one enrolment: in a program, or, as program 0, in the events outside programs. It registers, joins
/// and leaves through {IDemandResponse}; the other calls are made here.
interface IDemandEnrolments {
    /// @notice What a consumer chose for one event. DEFAULT: it takes part, unless the event asks for opting in.
    enum EventChoice {
        DEFAULT,
        IN,
        OUT
    }

    /// @param programId 0: in the events outside programs.
    /// @param committed W; 0 for an account that was never enrolled.
    /// @param joinedAt,leftAt Unix seconds; `leftAt` 0 while enrolled.
    /// @param boundUntil the last second at which events announced before `leftAt` can be verified; 0: none.
    /// @param missed events in a row that brought less than half of the commitment, as far as they are judged.
    /// @param aggregator account that the consumer joined through, or the zero address.
    /// @param feeBps of its rewards, for the aggregator.
    struct Enrolment {
        uint40 programId;
        uint56 committed;
        uint40 joinedAt;
        uint40 leftAt;
        uint40 boundUntil;
        uint8 missed;
        uint16 feeBps;
        address aggregator;
    }

    /// @param counts whether the reduction reaches by itself what it must.
    /// @param more W by which the sum of what counts changes.
    /// @param aggregator through whom the consumer takes part, or the zero address.
    /// @param feeBps of its reward, for the aggregator.
    struct Tally {
        bool counts;
        int256 more;
        address aggregator;
        uint16 feeBps;
    }

    /// @notice What the members of an aggregator came to in one event; all but `squares` in W.
    /// @param sum of their reductions; below 0 if they used more.
    /// @param reductions the sum of those above 0.
    /// @param squares the sum of the squares of their minimums: `sum` must reach its root, as chance adds up that way.
    /// @param committed the sum of their commitments: `sum` must reach half of it.
    struct Portfolio {
        int256 sum;
        uint256 reductions;
        uint256 squares;
        uint256 committed;
    }

    /// @notice A consumer was registered by the account `by`: itself or an operator.
    event ConsumerRegistered(address indexed consumer, address indexed by);
    /// @notice A consumer joined a program and committed a reduction of `committed` W; program 0 are the events outside
    /// programs.
    event ProgramJoined(uint256 indexed programId, address indexed participant, uint256 committed);
    /// @notice A consumer joined a program through an aggregator, for `feeBps` basis points of its rewards.
    event AggregatorNamed(
        uint256 indexed programId, address indexed participant, address indexed aggregator, uint256 feeBps
    );
    /// @notice An aggregator accepts a consumer of a program as a member, with a commitment of at most `committed` W
    /// and for at least `feeBps` basis points of its rewards.
    event MemberAccepted(
        uint256 indexed programId,
        address indexed participant,
        address indexed aggregator,
        uint256 committed,
        uint256 feeBps
    );
    /// @notice A consumer left a program, or its enrolment was ended; its earned rewards stay claimable.
    event ProgramLeft(uint256 indexed programId, address indexed participant);
    /// @notice The operator of a program put a consumer in a group (ASCII) of it.
    event GroupJoined(uint256 indexed programId, bytes32 indexed group, address indexed participant);
    /// @notice A consumer opted in or out of an event.
    event EventChosen(uint256 indexed eventId, address indexed consumer, EventChoice choice);

    /// @notice Only DemandResponse may call this.
    error DemandEnrolments_NotDemandResponse(address caller);
    /// @notice The consumer left a program, events of which can be verified until `until` (Unix seconds): join after
    /// it.
    error DemandEnrolments_Bound(address consumer, uint256 until);
    /// @notice The event begins at `startTime`, and another one of this program or region lasts until `until` (Unix
    /// seconds).
    error DemandEnrolments_Overlapping(uint256 startTime, uint256 until);
    /// @notice The consumer joined through `aggregator`, which alone may do this; the zero address is none.
    error DemandEnrolments_NotAggregator(address caller, address aggregator);
    /// @notice The aggregator accepts the consumer with at most `maxCommitted` W and for at least `minFeeBps` basis
    /// points, once; with 0 W: not at all. See {acceptMember}.
    error DemandEnrolments_NotAccepted(uint256 committed, uint256 maxCommitted, uint256 feeBps, uint256 minFeeBps);
    /// @notice The consumer opted out of the event, or did not opt in although the event asks for it.
    error DemandEnrolments_OptedOut(uint256 eventId, address consumer);
    /// @notice A group has a name.
    error DemandEnrolments_NoGroup();

    /* CONSUMERS */

    /// @notice Takes part in an event that asks for it. Possible until the event starts, and again after opting out.
    /// Checked in this order: EventNotFound, EventNotActive, AlreadyStarted, ConsumerNotRegistered, NotParticipating.
    /// @param eventId number of the event, from 1 on.
    function optIn(uint256 eventId) external;

    /// @notice Does not take part in an event, which then pays the caller nothing and counts as no miss. Possible until
    /// it starts; checked as {optIn}.
    /// @param eventId number of the event, from 1 on.
    function optOut(uint256 eventId) external;

    /* AGGREGATORS */

    /// @notice Accepts a consumer as a member of the caller's portfolio, for joining once; another acceptance takes
    /// the place of the last one. A large commitment that is not kept makes the whole portfolio miss.
    /// @param programId number of the program, from 1 on.
    /// @param consumer account of the consumer.
    /// @param committed W that it may commit at most, below 2^240; 0 takes the acceptance back.
    /// @param feeBps basis points of its rewards that it must give at least, at most 10,000.
    function acceptMember(uint256 programId, address consumer, uint256 committed, uint256 feeBps) external;

    /// @notice Ends the enrolment of a member of the caller's portfolio, as if it had left.
    /// @param programId number of the program, from 1 on.
    /// @param consumer account of the member.
    function releaseMember(uint256 programId, address consumer) external;

    /* THE OPERATOR OF A PROGRAM */

    /// @notice Puts consumers in a group of the caller's program, for good; who is in it already stays. An event for
    /// the group, announced later, is for them alone. A list of households is a group made for one event.
    /// @param programId number of the program, from 1 on.
    /// @param group ASCII text, left-aligned, not empty.
    /// @param consumers accounts, participants or not.
    function addToGroup(uint256 programId, bytes32 group, address[] calldata consumers) external;

    /* DEMAND RESPONSE */

    /// @notice Registers a consumer and enrols it in the events outside programs.
    /// @param consumer the account.
    /// @param by who does it.
    /// @param committed W.
    function register(address consumer, address by, uint256 committed) external;

    /// @notice Enrols a consumer, and registers it if need be. Checked in this order: AlreadyParticipating, Bound,
    /// NotAccepted.
    /// @param programId number of the program; 0: the events outside programs.
    /// @param consumer the account.
    /// @param committed W.
    /// @param aggregator that it joins through, or the zero address.
    /// @param feeBps basis points of its rewards.
    function join(uint256 programId, address consumer, uint256 committed, address aggregator, uint256 feeBps) external;

    /// @notice Ends an enrolment. Reverts with NotParticipating if it is none.
    /// @param programId number of the program.
    /// @param consumer the account.
    function leave(uint256 programId, address consumer) external;

    /// @notice Takes the time of an event, after that of all others of its program or region (else Overlapping).
    /// @param key number of the program, or the region outside programs.
    /// @param startTime of the event, Unix seconds.
    /// @param endTime of the event, Unix seconds.
    /// @param verifiableUntil the last second at which it can be verified.
    function occupy(bytes32 key, uint256 startTime, uint256 endTime, uint256 verifiableUntil) external;

    /// @notice Gives the time of a cancelled event back, if no other comes after it.
    /// @param key number of the program, or the region outside programs.
    /// @param startTime of the event, Unix seconds.
    /// @param endTime of the event, Unix seconds.
    function vacate(bytes32 key, uint256 startTime, uint256 endTime) external;

    /// @notice Judges what a consumer did in an event: by itself, or as a member of a portfolio. Counts misses, those
    /// of events that can no longer be verified; the third in a row ends the enrolment. Reverts with
    /// ConsumerNotRegistered, NotParticipating or OptedOut if the consumer has no part in the event.
    /// @param eventId number of the event.
    /// @param consumer the account.
    /// @param reduction W; below 0 if it used more.
    /// @param minimum W that it must reach by itself.
    /// @param metered whether a settlement meter found it; portfolios are of these.
    /// @return what comes of it.
    function tally(uint256 eventId, address consumer, int256 reduction, uint256 minimum, bool metered)
        external
        returns (Tally memory);

    /* VIEWS */

    /// @notice A consumer's enrolment, or its last one.
    /// @param consumer account of the consumer.
    /// @return the enrolment; all 0 if it never had one.
    function getEnrolment(address consumer) external view returns (Enrolment memory);
    /// @notice What an aggregator's members came to in an event so far.
    /// @param eventId number of the event, from 1 on.
    /// @param aggregator account of the aggregator.
    /// @return portfolio the sums.
    /// @return counted its sum if that counts, in W, else 0.
    function getPortfolio(uint256 eventId, address aggregator)
        external
        view
        returns (Portfolio memory portfolio, uint256 counted);
    /// @notice A member's part of what its portfolio came to.
    /// @param eventId number of the event, from 1 on.
    /// @param aggregator account of the aggregator.
    /// @param reduction the member's, in W, above 0.
    /// @return W, rounded down; 0 of a portfolio that does not count.
    function shareOf(uint256 eventId, address aggregator, uint256 reduction) external view returns (uint256);
    /// @notice How an aggregator accepts a consumer of a program as a member.
    /// @param programId number of the program, from 1 on.
    /// @param aggregator account of the aggregator.
    /// @param consumer account of the consumer.
    /// @return committed W that it may commit at most; 0: it is not accepted, or has joined.
    /// @return feeBps basis points that it must give at least.
    function acceptanceOf(uint256 programId, address aggregator, address consumer)
        external
        view
        returns (uint256 committed, uint256 feeBps);
    /// @notice Whether a consumer is enrolled in a program now.
    /// @param programId number of the program; 0: the events outside programs.
    /// @param consumer account of the consumer.
    /// @return W committed; 0: it is not.
    function commitmentOf(uint256 programId, address consumer) external view returns (uint256);
    /// @notice How many consumers are enrolled in a program, and with how much.
    /// @param programId number of the program, from 1 on.
    /// @return participants their number.
    /// @return committed the sum of their commitments, in W.
    function membersOf(uint256 programId) external view returns (uint256 participants, uint256 committed);
    /// @notice Since when a consumer is in a group of a program.
    /// @param programId number of the program, from 1 on.
    /// @param group ASCII text, left-aligned.
    /// @param consumer account of the consumer.
    /// @return Unix seconds; 0: it is not in it.
    function groupedSince(uint256 programId, bytes32 group, address consumer) external view returns (uint256);
    /// @notice What a consumer chose for an event.
    /// @param eventId number of the event, from 1 on.
    /// @param consumer account of the consumer.
    /// @return the choice.
    function choiceOf(uint256 eventId, address consumer) external view returns (EventChoice);
    /// @notice Whether an account is a registered consumer.
    /// @param account the account.
    /// @return whether it is.
    function isConsumer(address account) external view returns (bool);
    /// @notice The contract of programs and events.
    /// @return the contract.
    function RESPONSE() external view returns (IDemandResponse);
}
