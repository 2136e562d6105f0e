"""Demand response: who draws less when the grid needs it is paid, by word or by meter."""

from __future__ import annotations

from energy_grid.client import errors
from scripts._walkthrough.command import walkthrough
from scripts._walkthrough.common import show_authority, show_emergency_stop
from scripts._walkthrough.houses import HOUR
from scripts._walkthrough.run import START
from scripts._walkthrough.stage import Stage, Story
from scripts._walkthrough.tokens import NOBODY
from scripts.walkthrough._demand_response_events import tell_of_events
from scripts.walkthrough._demand_response_metered import tell_of_metered_events
from scripts.walkthrough._demand_response_portfolios import tell_of_enrolments, tell_of_portfolios
from scripts.walkthrough._demand_response_programs import earn, end_program, join, open_program
from scripts.walkthrough._demand_response_tokens import modules_of, tell_of_tokens

NORTH = "NORTH"
_CONTRACTS = ("DemandResponse", "DemandEnrolments", "DemandBaselines")


def tell(stage: Stage) -> None:
    """an operator pays for an evening's peak that does not come: programs, events, rewards."""
    _what_is_fixed(stage)
    _who_takes_part(stage)
    open_program(stage)
    join(stage)
    earn(stage)
    tell_of_events(stage)
    houses = tell_of_metered_events(stage)
    tell_of_portfolios(stage, houses)
    end_program(stage)
    tell_of_tokens(stage)
    tell_of_enrolments(stage)
    _at_deployment(stage)
    demand = stage.market.demand_response
    anybody = stage.person("somebody in a hurry").address
    show_authority(stage, [demand], demand.register_grid_operator(anybody))
    show_emergency_stop(stage, [demand], demand.register_consumer(anybody))


def _what_is_fixed(stage: Stage) -> None:
    demand, enrolments = stage.market.demand_response, stage.market.demand_enrolments
    baselines = stage.market.demand_baselines
    stage.chapter("What holds for everything here")
    stage.says("Targets are in kW, the power of a consumer in W, money in millionths of a")
    stage.says("dollar.")
    stage.shows("what rewards are paid in: the market's money", demand.reward_token())
    stage.shows("who knows the operators", demand.operators())
    stage.shows("who knows what meters have shown", demand.baselines())
    stage.shows("who knows who takes part", demand.enrolments())
    forwarder = stage.market.contract("ERC2771Forwarder").address
    believes = [demand.is_trusted_forwarder(forwarder), enrolments.is_trusted_forwarder(forwarder)]
    stage.shows("whether both believe the forwarder", believes)
    stage.shows("and whose enrolments they are", enrolments.response())
    stage.shows("W that are the least reduction that counts", demand.min_reduction())
    stage.shows(
        "seconds to verify an event, once its readings are final", demand.verification_time()
    )
    stage.shows("whose accounts meters are looked up in", baselines.settlement())
    stage.shows("and where their readings are", baselines.energy())
    stage.shows("W, as it says", baselines.min_reduction())
    stage.shows("similar days of a metered baseline", baselines.baseline_days())
    stage.shows("how many of them must be known", baselines.baseline_known())
    stage.shows("percent of their spread that a reduction must reach", baselines.noise_factor())
    stage.shows("seconds before an announcement that move it", baselines.adjustment_time())


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
        "ProgramJoined",
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
    stage.shows(
        "whether the bakery is a consumer here",
        market.demand_enrolments.is_consumer(bakery.address),
    )


def _at_deployment(stage: Stage) -> None:
    market = stage.market
    modules = modules_of(market)
    stage.chapter("What is checked at deployment")
    stage.refuses_to_deploy(
        "without a token for rewards",
        errors.NotInitialized,
        "DemandResponse",
        market.access.address,
        NOBODY.address,
        modules,
        (HOUR,),
    )
    stage.refuses_to_deploy(
        "baselines of eleven days",
        errors.DemandBaselines_BadParameter,
        "DemandBaselines",
        (market.settlement.address,),
        (100, 11, 8, 200),
        value=11,
    )


story = Story(name="demand_response", contracts=_CONTRACTS, tell=tell)
cli = walkthrough(str(__doc__), story)
