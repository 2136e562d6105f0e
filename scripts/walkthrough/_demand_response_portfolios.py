"""The demand-response story of aggregators: who joins through one is paid as a part of all."""

from __future__ import annotations

from collections.abc import Iterator

from energy_grid.chain.contract import Call
from energy_grid.client import errors
from energy_grid.contracts.demand_response import EventTerms
from energy_grid.domain.enums import EventKind
from scripts._walkthrough.houses import DAY, HOUR, House
from scripts._walkthrough.run import START
from scripts._walkthrough.stage import Impersonated, Stage
from scripts._walkthrough.tokens import DOLLAR, NOBODY
from scripts.walkthrough._demand_response_metered import read_afternoon, read_evening

__all__ = ["tell_of_enrolments", "tell_of_portfolios"]

_DAY = 9
_FEE_BPS = 500
_MEMBERS = ("the household", "the bakery")


def tell_of_portfolios(stage: Stage, houses: dict[str, House]) -> None:
    """An event of the program for a group, in which two households are one portfolio."""
    _joined(stage, houses)
    event = _announced(stage, houses)
    read_evening(stage, houses, _DAY, {"the household": 12, "the bakery": 2950})
    _verified(stage, event)
    _paid(stage, event)
    _unread(stage)


def _joined(stage: Stage, houses: dict[str, House]) -> None:
    demand, enrolments = stage.market.demand_response, stage.market.demand_enrolments
    operator, aggregator = stage.person("the operator"), stage.person("the aggregator")
    household, bakery = stage.person("the household"), stage.person("the bakery")
    stage.chapter("Thursday: an event of the program, and an aggregator in it")
    read_afternoon(stage, houses, _MEMBERS, START + _DAY * DAY + 15 * HOUR)
    stage.says("An aggregator's members are paid for what they come to together, those who use")
    stage.says("more as well: chance adds up less than reductions do. It has a share of 5 %.")
    join = demand.join_through(1, 500, aggregator.address, _FEE_BPS)
    stage.refuses(
        "joining it without being accepted",
        errors.DemandEnrolments_NotAccepted,
        household,
        join,
        max_committed=0,
    )
    for who in (household, bakery):
        accept = enrolments.accept_member(1, who.address, 500, _FEE_BPS)
        stage.does("accepts a member with 500 W at most", aggregator, accept, "MemberAccepted")
        accepted = enrolments.acceptance_of(1, aggregator.address, who.address)
        stage.shows("as which it is accepted, in W and basis points", accepted)
        stage.does("joins through the aggregator", who, join, "ProgramJoined", "AggregatorNamed")
    people = [household.address, bakery.address]
    group = enrolments.add_to_group(1, "OVENS", people)
    stage.refuses(
        "a group without a name",
        errors.DemandEnrolments_NoGroup,
        operator,
        enrolments.add_to_group(1, "", people),
    )
    stage.does("both are in a group of the program", operator, group, "GroupJoined")
    since = enrolments.grouped_since(1, "OVENS", bakery.address)
    stage.check(since == stage.now, f"since {since}")
    stage.shows("since when the bakery is", since)


def _evening(stage: Stage, target: int, day: int = _DAY, *, is_test: bool = False) -> Call:
    """An event of the program from 18 to 19."""
    return stage.market.demand_response.schedule_event(
        EventTerms(
            program_id=1,
            kind=EventKind.CAPACITY,
            target_reduction_kw=target,
            reward_per_kw=0,
            start_time=START + day * DAY + 18 * HOUR,
            duration=HOUR,
            ramp=0,
            group="OVENS",
            opt_in=False,
            is_test=is_test,
        )
    )


def _announced(stage: Stage, houses: dict[str, House]) -> int:
    demand, operator = stage.market.demand_response, stage.person("the operator")
    read_afternoon(stage, houses, _MEMBERS, START + _DAY * DAY + 16 * HOUR)
    stage.refuses(
        "12 kW, for which the 9.60 $ that are left are too little",
        errors.DemandResponse_BudgetExceeded,
        operator,
        _evening(stage, 12),
        needed=24 * DOLLAR,
        left=9_600_000,
    )
    held = demand.escrowed()
    announce = _evening(stage, 4)
    stage.does("4 kW from 18 to 19, at the program's 2 $", operator, announce, "EventStarted")
    stage.check(demand.escrowed() == held, "money has moved")
    return demand.event_count()


def _verified(stage: Stage, event: int) -> None:
    demand, enrolments = stage.market.demand_response, stage.market.demand_enrolments
    aggregator, anybody = stage.person("the aggregator"), stage.person("the relay")
    household, bakery = stage.person("the household"), stage.person("the bakery")
    stage.says("The bakery used more. Its aggregator lets it go, which comes too late.")
    release = enrolments.release_member(1, bakery.address)
    stage.refuses(
        "released by a stranger",
        errors.DemandEnrolments_NotAggregator,
        anybody,
        release,
        aggregator=aggregator.address,
    )
    stage.does("released by the aggregator", aggregator, release, "ProgramLeft")
    stage.refuses(
        "and joining anew, while the event can be verified",
        errors.DemandEnrolments_Bound,
        bakery,
        demand.join_program(0, 500),
        until=demand.get_event(event).verifiable_until,
    )
    stage.wait_until(START + _DAY * DAY + 20 * HOUR)
    for name, who in (("the household: 1.3 kW less", household), ("the bakery: more", bakery)):
        verify = demand.verify_from_meter(event, who.address)
        stage.does(name, anybody, verify, "ReductionVerified")
    portfolio, counted = enrolments.get_portfolio(event, aggregator.address)
    stage.shows("the portfolio, and what counts of it", (portfolio, counted))
    share = enrolments.share_of(event, aggregator.address, portfolio.reductions)
    stage.check(share == counted == portfolio.sum > 0, f"{share} of {counted}")
    stage.shows("W that are the household's share", share)


def _paid(stage: Stage, event: int) -> None:
    market, demand, anybody = stage.market, stage.market.demand_response, stage.person("the relay")
    operator, aggregator = stage.person("the operator"), stage.person("the aggregator")
    household = stage.person("the household")
    stage.wait_until(demand.get_event(event).verifiable_until + 1)
    stage.does("it is completed", anybody, demand.complete_event(event))
    before = market.money.balance_of(household.address)
    logs = stage.does(
        "and the household paid", anybody, demand.distribute_rewards(event, 10), "RewardPaid"
    )
    (paid,) = (one["amount"] for one in logs if one.event == "RewardPaid")
    stage.check(market.money.balance_of(household.address) == before + paid, "not paid")
    stage.shows("the aggregator's fee, as yet unpaid", demand.fees_of(aggregator.address))
    claim = demand.claim_fees(aggregator.address)
    stage.does("which it claims", aggregator, claim, "FeesPaid")
    back = demand.reclaim_budget(event, operator.address)
    stage.does("the rest is the program's again, not the operator's", operator, back)


def _unread(stage: Stage) -> None:
    demand, anybody = stage.market.demand_response, stage.person("the relay")
    operator, household = stage.person("the operator"), stage.person("the household")
    stage.says("On Friday, a test event, of which the household's readings do not come.")
    stage.wait_until(START + (_DAY + 1) * DAY + 16 * HOUR)
    announce = _evening(stage, 1, _DAY + 1, is_test=True)
    stage.does("announced", operator, announce, "EventScheduled")
    event = demand.event_count()
    stage.wait_until(START + (_DAY + 1) * DAY + 20 * HOUR)
    verify = demand.verify_from_meter(event, household.address)
    late = demand.get_event(event).verifiable_until - demand.unread_time()
    stage.refuses(
        "verified at once: they may still come",
        errors.DemandResponse_Unread,
        anybody,
        verify,
        consumer=household.address,
    )
    stage.wait_until(late)
    stage.does("in the last part of the time, as the worst", anybody, verify, "ReductionVerified")
    found = demand.get_participation(event, household.address)
    stage.check(found.actual_usage_w >= 4000, f"{found.actual_usage_w} W")
    stage.shows("W that it counts as: all that its meter can show", found.actual_usage_w)


def tell_of_enrolments(stage: Stage) -> None:
    """What DemandResponse asks of DemandEnrolments: here it acts by itself."""
    demand, enrolments = stage.market.demand_response, stage.market.demand_enrolments
    newcomer, stranger = stage.person("a newcomer").address, stage.person("a stranger")
    stage.chapter("What one contract asks of the other")
    register = enrolments.register(newcomer, newcomer, 100)
    stage.refuses("by a stranger", errors.DemandEnrolments_NotDemandResponse, stranger, register)
    response = Impersonated(demand.address)
    key = b"SOUTH".ljust(32, bytes(1))
    start = stage.now // HOUR * HOUR + 9 * HOUR

    def steps() -> Iterator[tuple[str, Call]]:
        yield "a newcomer registers", register
        yield "and leaves", enrolments.leave(0, newcomer)
        yield "and is back", enrolments.join(0, newcomer, 700, NOBODY.address, 0)
        yield "an event takes its time", enrolments.occupy(key, start, start + HOUR, start + DAY)
        yield "which is free again", enrolments.vacate(key, start, start + HOUR)

    for told, call in steps():
        stage.does(told, response, call)
    tally = enrolments.tally(1, newcomer, 500, 100, metered=True)
    stage.refuses(
        "the newcomer's reduction in an event that was before",
        errors.DemandResponse_NotParticipating,
        response,
        tally,
    )
    stage.wait_until(stage.now + 1)
    operator = stage.person("the operator")
    stage.does("the operator has money", operator, stage.market.money.faucet(100 * DOLLAR))
    stage.does("an event", operator, demand.start_event(1, DOLLAR, HOUR))
    event = demand.event_count()
    tally = enrolments.tally(event, newcomer, 500, 100, metered=True)
    stage.does("and in one that comes", response, tally)
