"""The grid's story: what a region can do against an imbalance, and what it is doing."""

from __future__ import annotations

from energy_grid.client import Account, errors
from energy_grid.domain.balancing import MAX_HELD, MAX_ORDINARY, ActionStatus, ActionType
from scripts._walkthrough.stage import Stage
from scripts.walkthrough._grid_operators import NORTH, SOUTH, colleague_of, operator_of

__all__ = ["tell_balancing"]

_FORGOTTEN = 4 + MAX_HELD
_HAS = {"max_generation": 1_000, "current_generation": 600}


def tell_balancing(stage: Stage) -> None:
    """Capacity, actions and their ends."""
    _what_a_region_has(stage)
    _actions(stage)
    _several_at_once(stage)
    _too_late(stage)


def _what_a_region_has(stage: Stage) -> None:
    balancing, northern_operator = stage.market.balancing, operator_of(stage, NORTH)
    stage.chapter("What a region has against an imbalance")
    stage.refuses(
        "an action before the capacities are set",
        errors.BalancingCoordination_NoCapacity,
        northern_operator,
        balancing.initiate_balancing_action(NORTH, ActionType.INCREASE_GENERATION, 100, 2),
    )
    stage.refuses(
        "600 kW that run and 500 in reserve, of 1,000",
        errors.BalancingCoordination_BadCapacity,
        northern_operator,
        balancing.set_region_capacity(NORTH, **_HAS, reserve_capacity=500),
    )
    stage.does(
        "1,000 kW are installed, 600 run, 100 are kept in reserve",
        northern_operator,
        balancing.set_region_capacity(NORTH, **_HAS, reserve_capacity=100),
        "RegionCapacitySet",
    )
    stage.shows("the north", balancing.get_region_capacity(NORTH))
    possible = {kind: balancing.available_for(NORTH, kind) for kind in ActionType}
    stage.shows("kW to be had of each kind, as much load as was reported", possible)
    stage.check(possible[ActionType.INCREASE_GENERATION] == 300, "1,000 - 600 - 100 kW are left")


def _actions(stage: Stage) -> None:
    balancing, northern_operator = stage.market.balancing, operator_of(stage, NORTH)
    stage.chapter("Actions: opened, completed, cancelled")
    stage.says("An open action commits what it needs; completed, it changes what the region")
    stage.says("runs.")
    stage.does(
        "run 100 kW more, priority 2 of 5",
        northern_operator,
        balancing.initiate_balancing_action(NORTH, ActionType.INCREASE_GENERATION, 100, 2),
        "BalancingActionOpened",
    )
    stage.shows("action 1", balancing.get_balancing_action(1))
    stage.refuses(
        "run another 250, more than is left",
        errors.BalancingCoordination_AboveAvailable,
        northern_operator,
        balancing.initiate_balancing_action(NORTH, ActionType.INCREASE_GENERATION, 250, 2),
        available=200,
    )
    stage.refuses(
        "run nothing more",
        errors.BalancingCoordination_ZeroTarget,
        northern_operator,
        balancing.initiate_balancing_action(NORTH, ActionType.INCREASE_GENERATION, 0, 2),
    )
    stage.refuses(
        "a priority that there is not",
        errors.BalancingCoordination_BadPriority,
        northern_operator,
        balancing.initiate_balancing_action(NORTH, ActionType.INCREASE_GENERATION, 100, 6),
        priority=6,
    )
    stage.does(
        "they run",
        northern_operator,
        balancing.complete_balancing_action(1),
        "BalancingActionClosed",
    )
    running = balancing.get_region_capacity(NORTH).current_generation
    stage.check(running == 700, f"{running} kW run")
    stage.refuses(
        "completed twice",
        errors.BalancingCoordination_NotOpen,
        northern_operator,
        balancing.complete_balancing_action(1),
        status=ActionStatus.COMPLETED,
    )
    stage.refuses(
        "an action that there is not",
        errors.BalancingCoordination_NoSuchAction,
        northern_operator,
        balancing.cancel_balancing_action(99),
        id=99,
    )


def _several_at_once(stage: Stage) -> None:
    balancing, northern_operator = stage.market.balancing, operator_of(stage, NORTH)
    stage.chapter("Several at once")
    stage.does(
        "shed 50 kW of load, priority 3",
        northern_operator,
        balancing.initiate_balancing_action(NORTH, ActionType.SHED_LOAD, 50, 3),
    )
    stage.does(
        "and wake 40 of the reserve, which is urgent",
        northern_operator,
        balancing.initiate_balancing_action(NORTH, ActionType.RESERVE_ACTIVATION, 40, 1),
    )
    found = balancing.get_open_actions(NORTH)
    stage.check([one.id for one in found] == [3, 2], "the most urgent is not the first")
    stage.shows("what is open, the most urgent first", found)
    stage.refuses(
        "the northern operator gives the reserve away that an action is waking",
        errors.BalancingCoordination_Committed,
        northern_operator,
        balancing.set_region_capacity(
            NORTH, max_generation=1_000, current_generation=700, reserve_capacity=30
        ),
        committed=40,
        possible=30,
    )
    stage.refuses(
        "the southern operator, of another region, completes it",
        errors.GridOperatorVerification_NotAuthorized,
        operator_of(stage, SOUTH),
        balancing.complete_balancing_action(2),
    )
    stage.does("50 kW are shed", northern_operator, balancing.complete_balancing_action(2))
    stage.does(
        "the reserve is not needed, which costs 5 points",
        northern_operator,
        balancing.cancel_balancing_action(3),
        "BalancingActionClosed",
        "OperatorScoreSet",
    )
    stage.does(
        "20 come back",
        northern_operator,
        balancing.initiate_balancing_action(NORTH, ActionType.RESTORE_LOAD, 20, 4),
    )
    stage.does("and are back", northern_operator, balancing.complete_balancing_action(4))
    stage.shows("the north, of whose load 30 kW stay shed", balancing.get_region_capacity(NORTH))
    stage.check(balancing.get_region_capacity(NORTH).shed == 30, "other than 30 kW stay shed")
    little = balancing.initiate_balancing_action(NORTH, ActionType.DECREASE_GENERATION, 1, 5)
    stage.repeats(
        "small ones, as many as an operator can have open", [(northern_operator, little)] * MAX_HELD
    )
    stage.refuses(
        "one more",
        errors.BalancingCoordination_ShareUsed,
        northern_operator,
        little,
        maximum=MAX_HELD,
    )
    colleagues = [_colleague(stage, name) for name in ("a second", "a third")]
    stage.repeats(
        "as many of two colleagues",
        [(each, little) for each in colleagues for _ in range(MAX_HELD)],
    )
    last = _colleague(stage, "a fourth")
    stage.refuses(
        "the last places of a region are for what is most urgent",
        errors.BalancingCoordination_TooManyActions,
        last,
        little,
        maximum=MAX_ORDINARY,
    )
    stage.shows("actions so far", balancing.action_count())
    ids = [each for each in range(5, 5 + MAX_ORDINARY) if each != _FORGOTTEN]
    stage.repeats(
        "all but one of the northern operator's are done",
        [(northern_operator, balancing.complete_balancing_action(each)) for each in ids],
    )


def _colleague(stage: Stage, name: str) -> Account:
    """Another operator of the north, verified and trusted."""
    operators, colleague = stage.market.operators, colleague_of(stage, name)
    work = [
        (colleague, operators.register_operator(f"{name} grid", NORTH, 100)),
        (stage.safe, operators.verify_operator(colleague.address)),
        (stage.safe, operators.set_operator_score(colleague.address, 100)),
    ]
    stage.repeats(f"{name} operator of the north", work)
    return colleague


def _too_late(stage: Stage) -> None:
    market, balancing, northern_operator = (
        stage.market,
        stage.market.balancing,
        operator_of(stage, NORTH),
    )
    last, anybody = _FORGOTTEN, stage.person("anybody")
    stage.chapter("Too late")
    stage.shows("seconds in which an action is to be completed", balancing.action_lifetime())
    stage.refuses(
        "a stranger expires an action that is not overdue",
        errors.BalancingCoordination_NotDue,
        anybody,
        balancing.expire_balancing_action(last),
        id=last,
    )
    stage.wait(balancing.action_lifetime() + 60)
    stage.refuses(
        "the northern operator says, an hour later, that it did it",
        errors.BalancingCoordination_PastDeadline,
        northern_operator,
        balancing.complete_balancing_action(last),
        id=last,
    )
    stage.does(
        "now anybody may close it, which costs the operator 5 points",
        anybody,
        balancing.expire_balancing_action(last),
        "BalancingActionClosed",
        "OperatorScoreSet",
        within=[market.operators.note_missed_action(northern_operator.address)],
    )
    score = market.operators.get_operator(northern_operator.address).score
    stage.check(score == 90, f"the northern operator has {score} points")
    stage.shows("the northern operator's points", score)
    stage.shows("the newest two of all actions", balancing.get_balancing_actions(NORTH, 0, 2))
    stage.refuses_to_answer(
        "a page of nothing",
        errors.BalancingCoordination_BadPage,
        lambda: balancing.get_balancing_actions(NORTH, 0, 0),
        limit=0,
        maximum=100,
    )
