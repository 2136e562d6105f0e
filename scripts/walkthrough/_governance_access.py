"""AccessManager: roles, which role may call which function, and delays."""

from __future__ import annotations

from energy_grid.chain.contract import Call
from energy_grid.chain.roles import Role
from energy_grid.client import Account, errors
from scripts._walkthrough.run import START
from scripts._walkthrough.stage import Impersonated, Stage

__all__ = ["roles_and_delays"]

DAY = 86_400
AUDITOR = 77
NOBODY = "0x" + 40 * "0"


def roles_and_delays(stage: Stage) -> None:
    """Everything of the AccessManager, whose administrator is governance."""
    deputy = stage.person("the deputy")
    _giving(stage, deputy)
    _administering(stage)
    _delayed(stage, deputy)
    _through_the_manager(stage, deputy)
    _closing(stage)


def _credit_value(stage: Stage, value: int) -> Call:
    """A call that only the grid authority may make, for a day that is far enough away."""
    return stage.market.tariffs.set_credit_value(value, START // DAY + 300)


def _giving(stage: Stage, deputy: Account) -> None:
    access, settlement = stage.market.access, stage.market.settlement
    pause = settlement.pause()
    stage.chapter("Roles")
    stage.shows("the number of governance's own role", access.call("ADMIN_ROLE"))
    stage.shows("the number that means everybody", access.call("PUBLIC_ROLE"))
    stage.shows(
        "which role may pause Settlement",
        Role(access.get_target_function_role(settlement.address, pause.data[:4])),
    )
    stage.shows(
        "whether the guardian's Safe may",
        access.can_call(stage.guardian.address, settlement.address, pause.data[:4]).immediate,
    )
    stage.shows(
        "whether the deputy is a guardian", access.has_role(Role.GUARDIAN, deputy.address).is_member
    )
    stage.refuses(
        "the deputy makes itself one",
        errors.AccessManagerUnauthorizedAccount,
        deputy,
        access.grant_role(Role.GUARDIAN, deputy.address, 0),
        msgsender=deputy.address,
        role_id=Role.ADMIN,
    )
    stage.does(
        "governance makes it one",
        stage.governance,
        access.grant_role(Role.GUARDIAN, deputy.address, 0),
        "RoleGranted",
    )
    stage.shows(
        "since when, and with which delays", access.call("getAccess", Role.GUARDIAN, deputy.address)
    )
    stage.does("the deputy pauses Settlement", deputy, pause)
    stage.does("and resumes it", deputy, settlement.unpause())
    stage.refuses(
        "it renounces the role in another account's name",
        errors.AccessManagerBadConfirmation,
        deputy,
        access.renounce_role(Role.GUARDIAN, stage.guardian.address),
    )
    stage.does(
        "in its own", deputy, access.renounce_role(Role.GUARDIAN, deputy.address), "RoleRevoked"
    )
    stage.does(
        "governance can take a role from anybody",
        stage.governance,
        access.revoke_role(Role.GUARDIAN, stage.guardian.address),
        "RoleRevoked",
    )
    stage.does(
        "and give it back",
        stage.governance,
        access.grant_role(Role.GUARDIAN, stage.guardian.address, 0),
    )
    stage.refuses_to_deploy(
        "a manager without an administrator",
        errors.AccessManagerInvalidInitialAdmin,
        "AccessManager",
        NOBODY,
        initial_admin=NOBODY,
    )


def _administering(stage: Stage) -> None:
    access, settlement = stage.market.access, stage.market.settlement
    stage.chapter("Which role may call what, and who gives it")
    selector = settlement.pause().data[:4]
    hand_over = settlement.set_authority(NOBODY).data[:4]
    for what, call, event in (
        ("a role gets a name", access.prepare("labelRole", AUDITOR, "auditors"), "RoleLabel"),
        (
            "who gives it",
            access.prepare("setRoleAdmin", AUDITOR, Role.GRID_AUTHORITY),
            "RoleAdminChanged",
        ),
        (
            "who can cancel what its members have scheduled",
            access.prepare("setRoleGuardian", AUDITOR, Role.GUARDIAN),
            "RoleGuardianChanged",
        ),
        (
            "how long it takes until it is given",
            access.prepare("setGrantDelay", AUDITOR, DAY),
            "RoleGrantDelayChanged",
        ),
        (
            "auditors could pause Settlement",
            access.set_target_function_role(settlement.address, [selector], Role.GUARDIAN),
            "TargetFunctionRoleUpdated",
        ),
        (
            "changes of what Settlement obeys could take a day",
            access.prepare("setTargetAdminDelay", settlement.address, 0),
            "TargetAdminDelayUpdated",
        ),
    ):
        stage.does(what, stage.governance, call, event)
    stage.shows("who gives it", access.call("getRoleAdmin", AUDITOR))
    stage.shows("who cancels", access.call("getRoleGuardian", AUDITOR))
    stage.shows("seconds until it is given", access.call("getRoleGrantDelay", AUDITOR))
    stage.shows(
        "seconds of a change of Settlement's",
        access.call("getTargetAdminDelay", settlement.address),
    )
    stage.shows("seconds until a longer delay becomes a shorter one", access.call("minSetback"))
    stage.refuses(
        "governance's own role given a name",
        errors.AccessManagerLockedRole,
        stage.governance,
        access.prepare("labelRole", Role.ADMIN, "kings"),
        role_id=Role.ADMIN,
    )
    stage.refuses(
        "the function that hands Settlement over given to a role",
        errors.AccessManagerLockedFunction,
        stage.governance,
        access.set_target_function_role(settlement.address, [hand_over], Role.GUARDIAN),
        selector=hand_over,
    )


def _delayed(stage: Stage, deputy: Account) -> None:
    access = stage.market.access
    stage.chapter("A role whose calls wait")
    stage.does(
        "the deputy becomes grid authority, with a delay of a day",
        stage.governance,
        access.grant_role(Role.GRID_AUTHORITY, deputy.address, DAY),
    )
    change = _credit_value(stage, 79_000)
    number = access.call("hashOperation", deputy.address, change.to, change.data)
    stage.refuses(
        "it lowers what credits are worth, at once",
        errors.AccessManagerNotScheduled,
        deputy,
        change,
        operation_id=number,
    )
    schedule = access.prepare("schedule", change.to, change.data, 0)
    stage.does("it schedules it", deputy, schedule, "OperationScheduled")
    stage.refuses(
        "twice", errors.AccessManagerAlreadyScheduled, deputy, schedule, operation_id=number
    )
    stage.shows("from when it can be made", access.call("getSchedule", number))
    stage.shows("how often it was scheduled", access.call("getNonce", number))
    stage.refuses("it makes it too early", errors.AccessManagerNotReady, deputy, change)
    stranger = stage.person("a stranger")
    cancel = access.prepare("cancel", deputy.address, change.to, change.data)
    stage.refuses(
        "a stranger cancels it",
        errors.AccessManagerUnauthorizedCancel,
        stranger,
        cancel,
        msgsender=stranger.address,
    )
    stage.wait(DAY)
    tariffs = Impersonated(stage.market.tariffs.address)
    consume = access.prepare("consumeScheduledOp", deputy.address, change.data)
    stage.refuses(
        "Tariffs uses it up without being asked to",
        errors.AccessManagerUnauthorizedConsume,
        tariffs,
        consume,
        target=tariffs.address,
    )
    stage.does(
        "a day later it makes it, once: Tariffs uses it up", deputy, change, within=[consume]
    )
    stage.does("it schedules it again", deputy, schedule)
    stage.does("the deputy cancels it", deputy, cancel, "OperationCanceled")
    stage.does("and again", deputy, schedule)
    stage.shows("seconds in which it can be made, once it can", access.call("expiration"))
    stage.wait(DAY + access.call("expiration"))
    stage.refuses("a week too late", errors.AccessManagerExpired, deputy, change)


def _through_the_manager(stage: Stage, deputy: Account) -> None:
    access = stage.market.access
    stranger = stage.person("a stranger")
    change = _credit_value(stage, 78_000)
    stage.chapter("Calls by way of the AccessManager")
    stage.refuses(
        "a stranger's",
        errors.AccessManagerUnauthorizedCall,
        stranger,
        access.prepare("execute", change.to, change.data),
        caller=stranger.address,
        target=change.to,
    )
    stage.does(
        "the deputy schedules another one",
        deputy,
        access.prepare("schedule", change.to, change.data, 0),
    )
    stage.wait(DAY)
    stage.does(
        "and has the manager make it",
        deputy,
        access.prepare("execute", change.to, change.data),
        "OperationExecuted",
    )
    stage.refuses(
        "governance calls what is no contract",
        errors.AddressEmptyCode,
        stage.governance,
        access.prepare("execute", stranger.address, b"????"),
        target=stranger.address,
    )
    calls = [access.prepare("labelRole", AUDITOR, name).data for name in ("auditors", "examiners")]
    stage.does(
        "several changes in one transaction", stage.governance, access.prepare("multicall", calls)
    )


def _closing(stage: Stage) -> None:
    access, settlement = stage.market.access, stage.market.settlement
    stage.chapter("Closing a contract, and handing it over")
    stage.does(
        "governance closes Settlement's restricted functions",
        stage.governance,
        access.prepare("setTargetClosed", settlement.address, True),
        "TargetClosed",
    )
    stage.shows("whether it is closed", access.call("isTargetClosed", settlement.address))
    stage.refuses(
        "the guardian's Safe pauses it",
        errors.AccessManagedUnauthorized,
        stage.safe,
        settlement.pause(),
    )
    stage.does(
        "it is opened again",
        stage.governance,
        access.prepare("setTargetClosed", settlement.address, False),
    )
    stage.does(
        "Settlement is handed over to a manager: here to the one that it has",
        stage.governance,
        access.update_authority(settlement.address, access.address),
        "AuthorityUpdated",
    )
