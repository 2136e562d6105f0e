"""The demand-response story of an event: announced, verified by the operator's word, rewarded."""

from __future__ import annotations

from energy_grid.client import errors
from energy_grid.contracts.demand_response import EventTerms
from energy_grid.domain.demand_response import EventStatus
from energy_grid.domain.enums import EventKind, ParticipationStatus
from scripts._walkthrough.run import START
from scripts._walkthrough.stage import Stage
from scripts._walkthrough.tokens import CENT, DOLLAR, dollars

__all__ = ["tell_of_events"]

_HOUR = 3600


def tell_of_events(stage: Stage) -> None:
    """Announce, take back, verify by word, complete, distribute, claim, reclaim."""
    _taken_back(stage)
    event = _announced(stage)
    _by_word(stage, event)
    _completed(stage, event)
    _paid(stage, event)


def _taken_back(stage: Stage) -> None:
    demand, operator, other_operator = (
        stage.market.demand_response,
        stage.person("the operator"),
        stage.person("the other operator"),
    )
    stage.wait_until(START + 16 * _HOUR + 2700)
    stage.chapter("Tuesday afternoon: an event is announced, and taken back")
    stage.says("An event covers whole slots from the next one on. Everybody can take part;")
    stage.says("target times reward is handed over beforehand, as of a program.")
    stage.refuses(
        "one of ten minutes",
        errors.DemandResponse_BadParameter,
        operator,
        demand.start_event(4, 3 * DOLLAR, _HOUR // 6),
        value=_HOUR // 6,
    )
    stage.refuses(
        "by a stranger, who is no operator",
        errors.GridOperatorNotRegistered,
        stage.person("a stranger"),
        demand.start_event(4, 3 * DOLLAR, _HOUR),
    )
    start = demand.start_event(4, 3 * DOLLAR, _HOUR)
    stage.does("4 kW less from 17 to 18, for 3 $ a kW", operator, start, "EventStarted")
    stage.refuses(
        "another one at the same time",
        errors.DemandEnrolments_Overlapping,
        operator,
        start,
        start_time=START + 17 * _HOUR,
    )
    cancel = demand.cancel_event(1)
    stage.refuses(
        "taken back by the other operator, whose event it is not",
        errors.DemandResponse_NotOperator,
        other_operator,
        cancel,
    )
    stage.refuses(
        "its budget, while it stands",
        errors.EventNotActive,
        operator,
        demand.reclaim_budget(1, operator.address),
        status=EventStatus.ACTIVE,
    )
    stage.does(
        "the operator meant the hour after, and takes it back", operator, cancel, "EventCancelled"
    )
    back = demand.reclaim_budget(1, operator.address)
    stage.does("with its whole budget", operator, back, "BudgetRefunded")
    stage.refuses("twice", errors.DemandResponse_NothingToClaim, operator, back)
    stage.refuses(
        "an event that does not exist", errors.EventNotFound, operator, demand.cancel_event(9)
    )


def _announced(stage: Stage) -> int:
    demand, operator = stage.market.demand_response, stage.person("the operator")
    stage.wait_until(START + 17 * _HOUR + 2700)
    start = demand.start_event(4, 3 * DOLLAR, _HOUR)
    stage.does("4 kW less from 18 to 19, for 3 $ a kW", operator, start, "EventStarted")
    event = demand.event_count()
    stage.shows("events there ever were", event)
    stage.shows("the event", demand.get_event(event))
    _chosen(stage, event)
    stage.wait_until(START + 18 * _HOUR)
    stage.refuses(
        "taken back, now that it has begun",
        errors.DemandResponse_AlreadyStarted,
        operator,
        demand.cancel_event(event),
        start_time=START + 18 * _HOUR,
    )
    return event


def _chosen(stage: Stage, event: int) -> None:
    demand, enrolments = stage.market.demand_response, stage.market.demand_enrolments
    operator, neighbour = stage.person("the operator"), stage.person("the neighbour")
    household = stage.person("the household")
    stage.does("not this time: the neighbour", neighbour, enrolments.opt_out(event), "EventChosen")
    stage.does("the household says that it does", household, enrolments.opt_in(event))
    stage.shows("what it chose", enrolments.choice_of(event, household.address))
    terms = EventTerms(
        program_id=0,
        kind=EventKind.PRICE,
        target_reduction_kw=0,
        reward_per_kw=50 * CENT,
        start_time=START + 18 * _HOUR,
        duration=_HOUR,
        ramp=0,
        group="",
        opt_in=False,
        is_test=False,
    )
    price = demand.schedule_event(terms)
    stage.does("a kWh is worth 50 cents then, it says", operator, price, "EventScheduled")
    stage.refuses(
        "the household's reduction, for the price",
        errors.DemandResponse_PriceSignal,
        operator,
        demand.verify_reduction(
            event + 1, household.address, baseline=2000, actual=0, meter_start=0, meter_end=0
        ),
    )


def _by_word(stage: Stage, event: int) -> None:
    demand, operator, other_operator = (
        stage.market.demand_response,
        stage.person("the operator"),
        stage.person("the other operator"),
    )
    household, bakery, stranger, neighbour = (
        stage.person(name)
        for name in ("the household", "the bakery", "a stranger", "the neighbour")
    )
    verify = demand.verify_reduction
    stage.chapter("By the operator's report")
    stage.says("From the event's end on the operator says what a consumer usually draws, and")
    stage.says("what its register showed before and after: 800 Wh in an hour are 800 W.")
    of_household = verify(
        event, household.address, baseline=2000, actual=800, meter_start=100_000, meter_end=100_800
    )
    stage.refuses("before it is over", errors.DemandResponse_TooEarly, operator, of_household)
    stage.wait_until(START + 19 * _HOUR)
    stage.refuses(
        "registers that do not show the reported use",
        errors.InvalidMeterReading,
        operator,
        verify(event, household.address, baseline=2000, actual=700, meter_start=5, meter_end=805),
        actual=700,
    )
    stage.refuses(
        "50 W less than usual",
        errors.InsufficientReduction,
        operator,
        verify(event, household.address, baseline=850, actual=800, meter_start=0, meter_end=800),
        reduction=50,
    )
    stage.refuses(
        "a register that no number here can hold",
        errors.SafeCastOverflowedUintDowncast,
        operator,
        verify(event, household.address, baseline=2000, actual=0, meter_start=0, meter_end=2**64),
        bits=64,
    )
    for baseline, error in (
        (2**64, errors.SafeCastOverflowedIntDowncast),
        (2**255, errors.SafeCastOverflowedUintToInt),
    ):
        stage.refuses(
            "a power that no number here can hold",
            error,
            operator,
            verify(
                event, household.address, baseline=baseline, actual=0, meter_start=0, meter_end=0
            ),
            value=baseline,
        )
    stage.refuses(
        "of the neighbour, who opted out",
        errors.DemandEnrolments_OptedOut,
        operator,
        verify(event, neighbour.address, baseline=2000, actual=800, meter_start=0, meter_end=800),
    )
    stage.refuses(
        "of a stranger, who is no consumer",
        errors.ConsumerNotRegistered,
        operator,
        verify(event, stranger.address, baseline=2000, actual=800, meter_start=0, meter_end=800),
    )
    stage.refuses(
        "by the other operator, whose event it is not",
        errors.DemandResponse_NotOperator,
        other_operator,
        of_household,
    )
    stage.does(
        "the household: 2 kW as usual, 0.8 today", operator, of_household, "ReductionVerified"
    )
    stage.refuses(
        "the household again",
        errors.AlreadyParticipating,
        operator,
        of_household,
        consumer=household.address,
    )
    of_bakery = verify(
        event, bakery.address, baseline=5000, actual=1000, meter_start=0, meter_end=1000
    )
    stage.does("the bakery: 5 kW as usual, 1 today", operator, of_bakery, "ReductionVerified")
    stage.shows("the household in the event", demand.get_participation(event, household.address))


def _completed(stage: Stage, event: int) -> None:
    demand, anybody = stage.market.demand_response, stage.person("the relay")
    operator, neighbour = stage.person("the operator"), stage.person("the neighbour")
    stage.chapter("It is completed, and the rewards are fixed")
    stage.refuses(
        "while it can still be verified",
        errors.DemandResponse_TooEarly,
        anybody,
        demand.complete_event(event),
    )
    stage.refuses(
        "rewards of it",
        errors.EventNotActive,
        anybody,
        demand.distribute_rewards(event, 10),
        status=EventStatus.ACTIVE,
    )
    until = demand.get_event(event).verifiable_until
    stage.wait_until(until)
    stage.refuses(
        "the neighbour, a second too late",
        errors.EventExpired,
        operator,
        demand.verify_reduction(
            event, neighbour.address, baseline=900, actual=0, meter_start=0, meter_end=0
        ),
        deadline=until,
    )
    complete = demand.complete_event(event)
    stage.does("by anybody: 5.2 kW were saved", anybody, complete, "EventCompleted")
    stage.refuses("twice", errors.EventNotActive, anybody, complete, status=EventStatus.COMPLETED)
    stage.says("Wanted were 4 kW: the 12 $ are shared, each share rounded down.")
    page = demand.get_event_participations(event, 0, 10)
    shares = [one.reward_amount for one in page]
    stage.check(shares == [2_769_230, 9_230_769], f"rewards: {shares}")
    stage.shows("what they get", list(map(dollars, shares)))


def _paid(stage: Stage, event: int) -> None:
    market, demand, anybody = stage.market, stage.market.demand_response, stage.person("the relay")
    household, bakery, neighbour, operator = (
        stage.person(name)
        for name in ("the household", "the bakery", "the neighbour", "the operator")
    )
    stage.chapter("Everybody is paid")
    distribute = demand.distribute_rewards
    stage.refuses("no step", errors.DemandResponse_BadPage, anybody, distribute(event, 0), limit=0)
    household_had = market.money.balance_of(household.address)
    stage.does("the first one is paid", anybody, distribute(event, 1), "RewardPaid")
    stage.check(
        market.money.balance_of(household.address) == household_had + 2_769_230,
        "the household's reward",
    )
    claim = demand.claim_reward(event, bakery.address)
    stage.does("the bakery does not wait for its turn", bakery, claim, "RewardPaid")
    stage.refuses("twice", errors.DemandResponse_NothingToClaim, bakery, claim)
    stage.refuses(
        "the neighbour, who took no part",
        errors.DemandResponse_NothingToClaim,
        neighbour,
        demand.claim_reward(event, neighbour.address),
    )
    stage.does("the rest, in which nobody is left unpaid", anybody, distribute(event, 100))
    back = demand.reclaim_budget(event, operator.address)
    (refund,) = (
        one["amount"]
        for one in stage.does("what rounding left goes back", operator, back)
        if one.event == "BudgetRefunded"
    )
    stage.check(refund == 1, f"{refund} went back")
    stage.shows("what went back, the smallest that there is", dollars(refund))
    (found,) = demand.get_consumer_participations(bakery.address, 0, 100)
    stage.check(found.status is ParticipationStatus.REWARDED, f"the bakery is {found.status}")
    stage.shows("all that the bakery ever took part in", found)
    stage.refuses_to_answer(
        "a page of 101",
        errors.DemandResponse_BadPage,
        lambda: demand.get_consumer_participations(bakery.address, 0, 101),
        limit=101,
        maximum=100,
    )
