"""The demand-response story of a program: opened, joined, earned in, and over."""

from __future__ import annotations

from energy_grid.chain.contract import Call
from energy_grid.client import errors
from energy_grid.domain.enums import ProgramType
from scripts._walkthrough.houses import DAY
from scripts._walkthrough.stage import Stage
from scripts._walkthrough.tokens import DOLLAR, dollars

__all__ = ["earn", "end_program", "join", "open_program"]

NORTH = "NORTH"


def open_program(stage: Stage) -> None:
    """The operator promises a budget."""
    market, operator = stage.market, stage.person("the operator")
    demand = market.demand_response

    def program(name: str) -> Call:
        return demand.create_demand_program(
            name,
            ProgramType.PEAK_SHAVING,
            NORTH,
            target_reduction_kw=15,
            incentive_rate=2 * DOLLAR,
            duration=14 * DAY,
        )

    stage.chapter("A program: a standing offer")
    stage.says("The operator pays 2 $ for each kW, of 15 kW at most, for two weeks. The 30 $ are")
    stage.says("paid now: the part that is not earned comes back, and no more can be promised.")
    stage.refuses(
        "before it approves the contract to take them",
        errors.ERC20InsufficientAllowance,
        operator,
        program("Evening peak"),
        needed=30 * DOLLAR,
    )
    stage.does("it may take 100 $", operator, market.money.approve(demand.address, 100 * DOLLAR))
    stage.refuses(
        "a program without a name",
        errors.DemandResponse_BadParameter,
        operator,
        program(""),
        value=0,
    )
    stage.does("the operator opens it", operator, program("Evening peak"), "ProgramCreated")
    stage.shows("programs there ever were", demand.program_count())
    stage.shows("the program", demand.get_program(1))
    stage.shows("money that is kept for rewards and refunds", dollars(demand.escrowed()))
    stage.check(demand.escrowed() == 30 * DOLLAR, "the budget is not in escrow")


def join(stage: Stage) -> None:
    """Who takes part, and who cannot."""
    demand, pensioner = stage.market.demand_response, stage.person("the pensioner")
    household, bakery = stage.person("the household"), stage.person("the bakery")
    stage.chapter("Consumers join")
    stage.does(
        "the household, with 1.5 kW at most",
        household,
        demand.join_program(1, 1500),
        "ProgramJoined",
    )
    stage.refuses(
        "the household again",
        errors.AlreadyParticipating,
        household,
        demand.join_program(1, 500),
        id=1,
    )
    stage.does("who was no consumer is one then", pensioner, demand.join_program(1, 500))
    stage.refuses(
        "a program that does not exist",
        errors.DemandResponse_NoSuchProgram,
        bakery,
        demand.join_program(9, 1500),
        program_id=9,
    )
    stage.refuses(
        "with 99 W",
        errors.InsufficientReduction,
        bakery,
        demand.join_program(1, 99),
        reduction=99,
        minimum=100,
    )
    stage.refuses(
        "with more than the program wants of all",
        errors.DemandResponse_BadParameter,
        bakery,
        demand.join_program(1, 15_001),
        value=15_001,
    )
    stage.does("the bakery, with two ovens of 4.5 kW", bakery, demand.join_program(1, 9000))
    stage.shows("the bakery in the program", demand.get_program_participant(1, bakery.address))


def earn(stage: Stage) -> None:
    """By the word of the operator, within the budget."""
    market, operator, other_operator = (
        stage.market,
        stage.person("the operator"),
        stage.person("the other operator"),
    )
    household, bakery, neighbour = (
        stage.person(name) for name in ("the household", "the bakery", "the neighbour")
    )
    demand = market.demand_response
    report = demand.report_reduction
    stage.chapter("The operator reports, they earn")
    stage.does(
        "the household has drawn 1.2 kW less: 2.40 $", operator, report(1, household.address, 1200)
    )
    stage.refuses(
        "more than it has committed",
        errors.DemandResponse_AboveCommitment,
        operator,
        report(1, household.address, 1501),
        reduction=1501,
        committed=1500,
    )
    stage.refuses(
        "something of the neighbour, who has not joined",
        errors.DemandResponse_NotParticipating,
        operator,
        report(1, neighbour.address, 500),
    )
    stage.refuses(
        "the other operator, whose program it is not",
        errors.DemandResponse_NotOperator,
        other_operator,
        report(1, household.address, 1200),
        caller=other_operator.address,
        grid_operator=operator.address,
    )
    stage.does(
        "the bakery's ovens stayed cold: 9 kW, 18 $", operator, report(1, bakery.address, 9000)
    )
    stage.refuses(
        "and again: 9.60 $ are left",
        errors.DemandResponse_BudgetExceeded,
        operator,
        report(1, bakery.address, 9000),
        needed=18 * DOLLAR,
        left=9_600_000,
    )
    claim = demand.claim_program_reward(1, household.address)
    stage.does("the household takes its reward out", household, claim, "ProgramRewardPaid")
    stage.check(
        market.money.balance_of(household.address) == 2_400_000, "the household has not 2.40 $"
    )
    stage.shows("the household's wallet", dollars(market.money.balance_of(household.address)))
    stage.refuses(
        "once more",
        errors.DemandResponse_NothingToClaim,
        household,
        claim,
        account=household.address,
    )
    stage.refuses(
        "the bakery's, to the contract itself, from where it would never come out",
        errors.DemandResponse_BadRecipient,
        bakery,
        demand.claim_program_reward(1, demand.address),
    )
    stage.refuses(
        "the operator, taking back what is left of the budget while they are enrolled",
        errors.DemandResponse_Committed,
        operator,
        demand.close_program(1, operator.address),
        participants=3,
    )
    stage.does(
        "the bakery leaves; what it has earned stays",
        bakery,
        demand.leave_program(1),
        "ProgramLeft",
    )
    stage.does("and is claimed", bakery, demand.claim_program_reward(1, bakery.address))
    stage.does("the household leaves, too", household, demand.leave_program(1))
    stage.says("Program 0 are the events outside programs, which anybody's region may have.")
    stage.does("the household takes part in them", household, demand.join_program(0, 500))
    stage.does("and so does the bakery", bakery, demand.join_program(0, 500))
    enrolments = market.demand_enrolments
    stage.shows("the bakery's enrolment", enrolments.get_enrolment(bakery.address))
    stage.shows("W that it committed", enrolments.commitment_of(0, bakery.address))
    stage.shows("who is in the program, and with how much", enrolments.members_of(1))


def end_program(stage: Stage) -> None:
    """What was not earned goes back."""
    market, operator, anybody = (
        stage.market,
        stage.person("the operator"),
        stage.person("the relay"),
    )
    neighbour, demand = stage.person("the neighbour"), market.demand_response
    stage.chapter("Two weeks are over")
    close = demand.close_program(1, operator.address)
    stage.refuses(
        "ended early by a stranger",
        errors.DemandResponse_NotOperator,
        anybody,
        close,
        caller=anybody.address,
    )
    stage.wait_until(demand.get_program(1).end_time)
    stage.refuses(
        "the neighbour joins too late",
        errors.DemandResponse_ProgramEnded,
        neighbour,
        demand.join_program(1, 1000),
        program_id=1,
    )
    stage.refuses(
        "the relay closes it and takes the rest",
        errors.DemandResponse_NotOperator,
        anybody,
        demand.close_program(1, anybody.address),
    )
    before = market.money.balance_of(operator.address)
    stage.does("by the relay, the rest to the operator", anybody, close, "ProgramClosed")
    found = market.money.balance_of(operator.address) - before
    stage.check(found == 7_096_000, f"{found} went back, not 7.096 $")
    stage.shows("what went back, of 30 $", dollars(found))
    stage.refuses(
        "closed twice", errors.DemandResponse_ProgramNotActive, anybody, close, program_id=1
    )
    stage.check(demand.escrowed() == 0, "money is left behind")
    stage.shows("money that is still kept here", dollars(demand.escrowed()))
