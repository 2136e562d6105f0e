"""Demand response: who draws less when the grid needs it is paid, by word or by meter."""

from __future__ import annotations

from energy_grid.client import errors
from scripts._walkthrough.command import walkthrough
from scripts._walkthrough.common import show_authority, show_emergency_stop
from scripts._walkthrough.houses import DAY, HOUR, House
from scripts._walkthrough.run import START
from scripts._walkthrough.stage import Stage, Story
from scripts._walkthrough.tokens import DOLLAR, NOBODY
from scripts.walkthrough._demand_response_events import tell_of_events
from scripts.walkthrough._demand_response_metered import read_evening, tell_of_metered_events
from scripts.walkthrough._demand_response_programs import earn, end_program, join, open_program
from scripts.walkthrough._demand_response_tokens import tell_of_tokens

NORTH = "NORTH"


def tell(stage: Stage) -> None:
    """an operator pays for an evening's peak that does not come: programs, events, rewards."""
    _what_is_fixed(stage)
    _who_takes_part(stage)
    open_program(stage)
    join(stage)
    earn(stage)
    tell_of_events(stage)
    houses = tell_of_metered_events(stage)
    _an_event_of_the_program(stage, houses)
    end_program(stage)
    tell_of_tokens(stage)
    _at_deployment(stage)
    demand = stage.market.demand_response
    anybody = stage.person("somebody in a hurry").address
    show_authority(stage, [demand], demand.register_grid_operator(anybody))
    show_emergency_stop(stage, [demand], demand.register_consumer(anybody))


def _what_is_fixed(stage: Stage) -> None:
    demand = stage.market.demand_response
    stage.chapter("What holds for everything here")
    stage.says("Targets are in kW, the power of a consumer in W, money in millionths of a")
    stage.says("dollar.")
    stage.shows("what rewards are paid in: the market's money", demand.reward_token())
    stage.shows("who knows the operators", demand.operators())
    stage.shows("who knows their accounts", demand.settlement())
    stage.shows("who knows what meters have counted", demand.energy())
    stage.shows("W that are the least reduction that counts", demand.min_reduction())
    stage.shows(
        "seconds to verify an event, once its readings are final", demand.verification_time()
    )
    stage.shows("similar days of a metered baseline", demand.baseline_days())
    stage.shows("how many of them, the highest, it averages", demand.baseline_highest())


def _who_takes_part(stage: Stage) -> None:
    market, operator, other_operator = (
        stage.market,
        stage.person("the operator", money="100"),
        stage.person("the other operator"),
    )
    demand, operators = market.demand_response, market.operators
    stage.wait_until(START + 9 * HOUR)
    stage.chapter("Tuesday, 9:00: who takes part")
    stage.says("The operator and the other operator operate grids; the grid authority, which is")
    stage.says("the Safe here, verifies them and admits them. Consumers register themselves, or")
    stage.says("their operator does it.")
    admit = demand.register_grid_operator(operator.address)
    stage.refuses(
        "the operator, before it is verified as an operator",
        errors.GridOperatorNotRegistered,
        stage.safe,
        admit,
        grid_operator=operator.address,
    )
    for who, name, region in (
        (operator, "the operator's grid", NORTH),
        (other_operator, "the other operator's grid", "SOUTH"),
    ):
        stage.does(f"{name}, {region}", who, operators.register_operator(name, region, 5000))
        stage.does("verified", stage.safe, operators.verify_operator(who.address))
        raised = operators.set_operator_score(who.address, 100)
        stage.does("trusted with more than reports", stage.safe, raised)
    stage.does("the operator is admitted", stage.safe, admit, "GridOperatorRegistered")
    stage.does(
        "and so is the other operator",
        stage.safe,
        demand.register_grid_operator(other_operator.address),
    )
    stage.refuses(
        "the operator once more", errors.DemandResponse_AlreadyRegistered, stage.safe, admit
    )
    stage.shows(
        "whether the operator is an operator here", demand.is_grid_operator(operator.address)
    )
    household, bakery, neighbour = (
        stage.person(name) for name in ("the household", "the bakery", "the neighbour")
    )
    stage.does(
        "the household registers",
        household,
        demand.register_consumer(household.address),
        "ConsumerRegistered",
    )
    stage.does(
        "the operator registers the bakery",
        operator,
        demand.register_consumer(bakery.address),
    )
    stage.does("and the neighbour", operator, demand.register_consumer(neighbour.address))
    stage.refuses(
        "the household registering a neighbour, which only an operator can",
        errors.GridOperatorNotRegistered,
        household,
        demand.register_consumer(stage.person("a neighbour").address),
    )
    stage.refuses(
        "the zero address as a consumer",
        errors.DemandResponse_BadParameter,
        operator,
        demand.register_consumer(NOBODY.address),
        value=0,
    )
    stage.shows("whether the bakery is a consumer here", demand.is_consumer(bakery.address))


def _an_event_of_the_program(stage: Stage, houses: dict[str, House]) -> None:
    market, operator, anybody = (
        stage.market,
        stage.person("the operator"),
        stage.person("the relay"),
    )
    household, bakery, demand = (
        stage.person("the household"),
        stage.person("the bakery"),
        stage.market.demand_response,
    )
    stage.wait_until(START + 9 * DAY + 17 * HOUR + 2700)
    stage.chapter("Thursday: an event of the program, for those who have joined it")
    start = demand.start_program_event(1, 4, HOUR)
    stage.refuses(
        "12 kW, for which the 9.60 $ that are left are too little",
        errors.DemandResponse_BudgetExceeded,
        operator,
        demand.start_program_event(1, 12, HOUR),
        needed=24 * DOLLAR,
        left=9_600_000,
    )
    held = demand.escrowed()
    stage.does("4 kW from 18 to 19, at the program's 2 $, out of its budget", operator, start)
    stage.check(demand.escrowed() == held, "money has moved")
    event = demand.event_count()
    read_evening(stage, houses, 9, {"the household": 500, "the bakery": 900})
    stage.refuses(
        "the bakery, who has left the program",
        errors.DemandResponse_NotParticipating,
        operator,
        demand.verify_reduction(
            event, bakery.address, baseline=3000, actual=900, meter_start=0, meter_end=900
        ),
        program_id=1,
    )
    stage.wait_until(START + 9 * DAY + 20 * HOUR)
    verify = demand.verify_from_meter(event, household.address, 1500)
    stage.does(
        "the household's meter: 1.5 kW as usual, 0.5 today", anybody, verify, "ReductionVerified"
    )
    stage.wait_until(demand.get_event(event).verifiable_until + 1)
    stage.does("it is completed", anybody, demand.complete_event(event))
    before = market.money.balance_of(household.address)
    stage.does(
        "and the household paid", anybody, demand.distribute_rewards(event, 10), "RewardPaid"
    )
    stage.check(market.money.balance_of(household.address) == before + 2 * DOLLAR, "not 2 $")
    back = demand.reclaim_budget(event, operator.address)
    stage.does("the other 6 $ go back", operator, back, "BudgetRefunded")


def _at_deployment(stage: Stage) -> None:
    market = stage.market
    modules = (market.operators.address, market.settlement.address)
    stage.chapter("What is checked at deployment")
    stage.refuses_to_deploy(
        "without a token for rewards",
        errors.NotInitialized,
        "DemandResponse",
        market.access.address,
        NOBODY.address,
        modules,
        (HOUR, 100, 10, 5),
    )
    stage.refuses_to_deploy(
        "baselines of eleven days",
        errors.DemandResponse_BadParameter,
        "DemandResponse",
        market.access.address,
        market.money.address,
        modules,
        (HOUR, 100, 11, 5),
        value=11,
    )


story = Story(name="demand_response", contracts=("DemandResponse",), tell=tell)
cli = walkthrough(str(__doc__), story)
