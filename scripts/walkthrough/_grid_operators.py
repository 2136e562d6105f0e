"""The grid's story: who operates where, and the load that operators report."""

from __future__ import annotations

from energy_grid.chain.contract import to_bytes32
from energy_grid.client import Account, errors
from energy_grid.domain.enums import OperatorStatus
from energy_grid.domain.grid_levels import LoadStatus, PermissionLevel
from scripts._walkthrough.stage import Stage

__all__ = ["NORTH", "SOUTH", "colleague_of", "operator_of", "tell_operators"]

NORTH, SOUTH = "NORTH", "SOUTH"


def operator_of(stage: Stage, region: str) -> Account:
    """The northern operator, who operates NORTH, or the southern operator, who operates SOUTH."""
    return stage.person({NORTH: "the northern operator", SOUTH: "the southern operator"}[region])


def colleague_of(stage: Stage, name: str) -> Account:
    """Another operator of NORTH."""
    return stage.person(f"{name} operator of the north")


def tell_operators(stage: Stage) -> None:
    """Registration, verification, suspension, scores; then load reports."""
    _becoming_one(stage)
    _losing_it(stage)
    _what_a_score_allows(stage)
    _load(stage)


def _becoming_one(stage: Stage) -> None:
    operators, northern_operator = stage.market.operators, operator_of(stage, NORTH)
    stage.chapter("Becoming an operator")
    stage.says(
        "An operator registers itself for a region; the grid authority checks and verifies it."
    )
    stage.refuses(
        "an operator without a name",
        errors.GridOperatorVerification_BadName,
        northern_operator,
        operators.register_operator("", NORTH, 900),
        length=0,
    )
    stage.refuses(
        "one of no region",
        errors.GridOperatorVerification_BadParameter,
        northern_operator,
        operators.register_operator("North Net", "", 900),
        name=to_bytes32("region"),
    )
    stage.does(
        "the northern operator registers North Net, 900 kW",
        northern_operator,
        operators.register_operator("North Net", NORTH, 900),
        "OperatorRegistered",
    )
    stage.refuses(
        "for the south as well",
        errors.GridOperatorVerification_AlreadyRegistered,
        northern_operator,
        operators.register_operator("South Net", SOUTH, 900),
        operator=northern_operator.address,
    )
    stage.refuses(
        "it acts before it is verified",
        errors.GridOperatorVerification_NotAuthorized,
        northern_operator,
        stage.market.load.report_load(NORTH, 800, 400),
        operator=northern_operator.address,
    )
    stage.does(
        "the Safe checks and verifies it",
        stage.safe,
        operators.verify_operator(northern_operator.address),
        "OperatorVerified",
    )
    stage.shows("the northern operator", operators.get_operator(northern_operator.address))
    stage.does(
        "which it may report with; the Safe lets it do all that operators can",
        stage.safe,
        operators.set_operator_score(northern_operator.address, 100),
        "OperatorScoreSet",
    )
    southern_operator = operator_of(stage, SOUTH)
    stage.does(
        "the southern operator registers for the south",
        southern_operator,
        operators.register_operator("South Net", SOUTH, 500),
    )
    stage.does("and is verified", stage.safe, operators.verify_operator(southern_operator.address))


def _losing_it(stage: Stage) -> None:
    operators, safe, southern_operator = (
        stage.market.operators,
        stage.safe,
        operator_of(stage, SOUTH),
    )
    stage.chapter("Suspended, revoked, and back")
    stage.does(
        "the southern operator's key may be lost: it is suspended",
        safe,
        operators.set_operator_authorization(southern_operator.address, False),
        "OperatorAuthorizationSet",
    )
    verified = operators.is_verified_operator(southern_operator.address)
    allowed = operators.is_authorized_operator(southern_operator.address, SOUTH)
    stage.shows("whether it is still verified; may act in the south", (verified, allowed))
    stage.check(verified and not allowed, "a suspension does something else")
    stage.does(
        "the key was not lost: the operator is verified again",
        safe,
        operators.set_operator_authorization(southern_operator.address, True),
    )
    stage.does(
        "its contract ends: revoked",
        safe,
        operators.revoke_operator(southern_operator.address),
        "OperatorRevoked",
    )
    stage.refuses(
        "revoked twice",
        errors.GridOperatorVerification_WrongStatus,
        safe,
        operators.revoke_operator(southern_operator.address),
        status=OperatorStatus.REVOKED,
    )
    stage.does(
        "a new contract: verified anew", safe, operators.verify_operator(southern_operator.address)
    )


def _what_a_score_allows(stage: Stage) -> None:
    operators, southern_operator = stage.market.operators, operator_of(stage, SOUTH)
    stage.chapter("What a score allows")
    stage.says("From 0 on an operator may report, from 50 on operate, from 80 on command.")
    stage.does(
        "the southern operator may operate, and not command: 60 of 100",
        stage.safe,
        operators.set_operator_score(southern_operator.address, 60),
        "OperatorScoreSet",
    )
    level = operators.permission_level_of(southern_operator.address)
    stage.check(level is PermissionLevel.OPERATE, f"60 points allow it to {level.name}")
    stage.shows("what it may do", level)
    operators.require_operator(southern_operator.address, SOUTH, PermissionLevel.OPERATE)
    stage.shows("the check of other contracts before it operates", "passes")
    stage.refuses_to_answer(
        "before it commands",
        errors.GridOperatorVerification_LevelTooLow,
        lambda: operators.require_operator(
            southern_operator.address, SOUTH, PermissionLevel.COMMAND
        ),
        level=PermissionLevel.OPERATE,
        needed=PermissionLevel.COMMAND,
    )
    stage.refuses_to_answer(
        "before it operates in the north",
        errors.GridOperatorVerification_NotAuthorized,
        lambda: operators.require_operator(
            southern_operator.address, NORTH, PermissionLevel.OPERATE
        ),
    )
    region = operators.region_of_operator(southern_operator.address, PermissionLevel.REPORT)
    stage.shows("where somebody who may report operates", region)
    stage.check(region == SOUTH, f"the southern operator operates {region}")
    stage.refuses(
        "101 points",
        errors.GridOperatorVerification_BadParameter,
        stage.safe,
        operators.set_operator_score(southern_operator.address, 101),
        name=to_bytes32("score"),
        value=101,
    )


def _load(stage: Stage) -> None:
    load, northern_operator = stage.market.load, operator_of(stage, NORTH)
    stage.chapter("The load of a region")
    stage.says("Power in kW. A load is high from 80 % of the capacity on, critical from 95 %.")
    stage.refuses_to_answer(
        "a load before the first report",
        errors.LoadMonitoring_NoReport,
        lambda: load.get_current_load(NORTH),
    )
    stage.does(
        "the northern operator reports 400 of 800 kW",
        northern_operator,
        load.report_load(NORTH, 800, 400),
        "LoadReported",
        "LoadStatusChanged",
    )
    stage.does(
        "785 of 800", northern_operator, load.report_load(NORTH, 800, 785), "LoadStatusChanged"
    )
    now = load.get_current_load(NORTH)
    stage.check(now.status is LoadStatus.CRITICAL, f"785 of 800 kW are {now.status.name}")
    stage.shows("the load now", now)
    stage.shows("whether it is critical", load.is_critical_load(NORTH))
    stage.does("620 of 800", northern_operator, load.report_load(NORTH, 800, 620))
    found = [load.get_load_status(each) for each in (30, 31, 80, 95)]
    stage.shows("what 30, 31, 80 and 95 % are", found)
    stage.check(found == list(LoadStatus), f"they are {found}")
    stage.shows("reports of the north", load.report_count(NORTH))
    stage.shows("kept of them at most", load.history_length())
    stage.shows("the newest two", load.get_load_history(NORTH, 0, 2))
    stage.refuses_to_answer(
        "a page of more than a hundred",
        errors.LoadMonitoring_BadPage,
        lambda: load.get_load_history(NORTH, 0, 101),
        maximum=100,
    )
    stage.refuses(
        "a region that can carry nothing",
        errors.LoadMonitoring_ZeroCapacity,
        northern_operator,
        load.report_load(NORTH, 0, 620),
    )
