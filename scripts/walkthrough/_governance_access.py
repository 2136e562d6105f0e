"""AccessManager: roles, which role may call which function, and delays."""

from __future__ import annotations

from energy_grid.chain.contract import Call
from energy_grid.chain.roles import Role
from energy_grid.client import Account, errors
from scripts._walkthrough.stage import Impersonated, Stage

__all__ = ["roles_and_delays"]

DAY = 86_400
AUDITOR = 77
NOBODY = "0x" + 40 * "0"


def roles_and_delays(stage: Stage) -> None:
    """Everything of the AccessManager, whose administrator is governance."""
    greta = stage.person("Greta")
    _giving(stage, greta)
    _administering(stage)
    _delayed(stage, greta)
    _through_the_manager(stage, greta)
    _closing(stage)


def _fees(stage: Stage, per_kwh: int) -> Call:
    """A call that only the grid authority may make."""
    return stage.market.settlement.set_fees(10, per_kwh)


def _giving(stage: Stage, greta: Account) -> None:
    access, ledger = stage.market.access, stage.market.settlement
    pause = ledger.pause()
    stage.chapter("Roles")
    stage.shows("the number of governance's own role", access.call("ADMIN_ROLE"))
    stage.shows("the number that means everybody", access.call("PUBLIC_ROLE"))
    stage.shows(
        "which role may pause the vault",
        Role(access.get_target_function_role(ledger.address, pause.data[:4])),
    )
    stage.shows(
        "whether the Safe may",
        access.can_call(stage.safe.address, ledger.address, pause.data[:4]).immediate,
    )
    stage.shows(
        "whether Greta is a guardian", access.has_role(Role.GUARDIAN, greta.address).is_member
    )
    stage.refuses(
        "Greta makes herself one",
        errors.AccessManagerUnauthorizedAccount,
        greta,
        access.grant_role(Role.GUARDIAN, greta.address, 0),
        msgsender=greta.address,
        role_id=Role.ADMIN,
    )
    stage.does(
        "governance makes her one",
        stage.governance,
        access.grant_role(Role.GUARDIAN, greta.address, 0),
        "RoleGranted",
    )
    stage.shows(
        "since when, and with which delays", access.call("getAccess", Role.GUARDIAN, greta.address)
    )
    stage.does("Greta pauses the vault", greta, pause)
    stage.does("and lets it go on", greta, ledger.unpause())
    stage.refuses(
        "she gives the role up in somebody else's name",
        errors.AccessManagerBadConfirmation,
        greta,
        access.renounce_role(Role.GUARDIAN, stage.safe.address),
    )
    stage.does(
        "in her own", greta, access.renounce_role(Role.GUARDIAN, greta.address), "RoleRevoked"
    )
    stage.does(
        "governance can take a role from anybody",
        stage.governance,
        access.revoke_role(Role.GUARDIAN, stage.safe.address),
        "RoleRevoked",
    )
    stage.does(
        "and give it back",
        stage.governance,
        access.grant_role(Role.GUARDIAN, stage.safe.address, 0),
    )
    stage.refuses_to_deploy(
        "a manager without an administrator",
        errors.AccessManagerInvalidInitialAdmin,
        "AccessManager",
        NOBODY,
        initial_admin=NOBODY,
    )


def _administering(stage: Stage) -> None:
    access, ledger = stage.market.access, stage.market.settlement
    stage.chapter("Which role may call what, and who gives it")
    selector = ledger.pause().data[:4]
    hand_over = ledger.set_authority(NOBODY).data[:4]
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
            "auditors could pause the vault",
            access.set_target_function_role(ledger.address, [selector], Role.GUARDIAN),
            "TargetFunctionRoleUpdated",
        ),
        (
            "changes of what the vault obeys could take a day",
            access.prepare("setTargetAdminDelay", ledger.address, 0),
            "TargetAdminDelayUpdated",
        ),
    ):
        stage.does(what, stage.governance, call, event)
    stage.shows("who gives it", access.call("getRoleAdmin", AUDITOR))
    stage.shows("who cancels", access.call("getRoleGuardian", AUDITOR))
    stage.shows("seconds until it is given", access.call("getRoleGrantDelay", AUDITOR))
    stage.shows(
        "seconds of a change of the vault's", access.call("getTargetAdminDelay", ledger.address)
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
        "the function that hands the vault over given to a role",
        errors.AccessManagerLockedFunction,
        stage.governance,
        access.set_target_function_role(ledger.address, [hand_over], Role.GUARDIAN),
        selector=hand_over,
    )


def _delayed(stage: Stage, greta: Account) -> None:
    access = stage.market.access
    stage.chapter("A role whose calls wait")
    stage.does(
        "Greta becomes grid authority, with a delay of a day",
        stage.governance,
        access.grant_role(Role.GRID_AUTHORITY, greta.address, DAY),
    )
    fees = _fees(stage, 1)
    number = access.call("hashOperation", greta.address, fees.to, fees.data)
    stage.refuses(
        "she sets fees at once",
        errors.AccessManagerNotScheduled,
        greta,
        fees,
        operation_id=number,
    )
    schedule = access.prepare("schedule", fees.to, fees.data, 0)
    stage.does("she schedules it", greta, schedule, "OperationScheduled")
    stage.refuses(
        "twice", errors.AccessManagerAlreadyScheduled, greta, schedule, operation_id=number
    )
    stage.shows("from when it can be made", access.call("getSchedule", number))
    stage.shows("how often it was scheduled", access.call("getNonce", number))
    stage.refuses("she makes it too early", errors.AccessManagerNotReady, greta, fees)
    stranger = stage.person("a stranger")
    cancel = access.prepare("cancel", greta.address, fees.to, fees.data)
    stage.refuses(
        "a stranger cancels it",
        errors.AccessManagerUnauthorizedCancel,
        stranger,
        cancel,
        msgsender=stranger.address,
    )
    stage.wait(DAY)
    vault = Impersonated(stage.market.settlement.address)
    consume = access.prepare("consumeScheduledOp", greta.address, fees.data)
    stage.refuses(
        "the vault uses it up without being asked to",
        errors.AccessManagerUnauthorizedConsume,
        vault,
        consume,
        target=vault.address,
    )
    stage.does(
        "a day later she makes it, once: the vault uses it up", greta, fees, within=[consume]
    )
    stage.does("she schedules it again", greta, schedule)
    stage.does("and thinks better of it", greta, cancel, "OperationCanceled")
    stage.does("and again", greta, schedule)
    stage.shows("seconds in which it can be made, once it can", access.call("expiration"))
    stage.wait(DAY + access.call("expiration"))
    stage.refuses("a week too late", errors.AccessManagerExpired, greta, fees)


def _through_the_manager(stage: Stage, greta: Account) -> None:
    access = stage.market.access
    stranger = stage.person("a stranger")
    fees = _fees(stage, 2)
    stage.chapter("Calls by way of the AccessManager")
    stage.refuses(
        "a stranger's",
        errors.AccessManagerUnauthorizedCall,
        stranger,
        access.prepare("execute", fees.to, fees.data),
        caller=stranger.address,
        target=fees.to,
    )
    stage.does(
        "Greta schedules another one", greta, access.prepare("schedule", fees.to, fees.data, 0)
    )
    stage.wait(DAY)
    stage.does(
        "and lets the manager make it",
        greta,
        access.prepare("execute", fees.to, fees.data),
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
    access, ledger = stage.market.access, stage.market.settlement
    stage.chapter("Closing a contract, and handing it over")
    stage.does(
        "governance closes the vault's restricted functions",
        stage.governance,
        access.prepare("setTargetClosed", ledger.address, True),
        "TargetClosed",
    )
    stage.shows("whether it is closed", access.call("isTargetClosed", ledger.address))
    stage.refuses(
        "the Safe, which is guardian, pauses it",
        errors.AccessManagedUnauthorized,
        stage.safe,
        ledger.pause(),
    )
    stage.does(
        "it is opened again",
        stage.governance,
        access.prepare("setTargetClosed", ledger.address, False),
    )
    stage.does(
        "the vault is handed over to a manager: here to the one that it has",
        stage.governance,
        access.update_authority(ledger.address, access.address),
        "AuthorityUpdated",
    )
