"""What the contracts of several stories have in common, shown in each of them."""

from __future__ import annotations

from collections.abc import Sequence

from energy_grid.chain.contract import Call, Contract, EventLog
from energy_grid.client import Account, errors
from energy_grid.contracts.access_managed import AccessManaged
from energy_grid.contracts.emergency_stop import EmergencyStop
from energy_grid.contracts.errors import decode_revert
from energy_grid.domain.enums import StopLevel
from energy_grid.errors import ContractError
from scripts._walkthrough.stage import Impersonated, Stage

__all__ = ["only", "refuses_inside", "show_authority", "show_emergency_stop"]


_STOPPED = "StopLevelChanged"


def only(events: Sequence[EventLog], name: str) -> EventLog:
    """The one event of this name."""
    (found,) = (event for event in events if event.event == name)
    return found


def show_authority(stage: Stage, contracts: Sequence[AccessManaged], restricted: Call) -> None:
    """Who guards the restricted functions of contracts, and how they would be handed over.

    Args:
        restricted: a call of one of the contracts that a stranger may not make.
    """
    manager = stage.market.access
    acting = Impersonated(manager.address)
    stranger = stage.person("a stranger")
    stage.chapter("Who may call what")
    stage.says("The AccessManager says which role may call a restricted function; nobody else can.")
    stage.refuses(
        "a stranger tries it",
        errors.AccessManagedUnauthorized,
        stranger,
        restricted,
        caller=stranger.address,
    )
    for contract in contracts:
        stage.shows(f"who guards {contract.name}", contract.authority())
        stage.shows(
            "whether a scheduled call is under way", contract.call("isConsumingScheduledOp")
        )
        stage.does(
            "the AccessManager could hand it over (here: to itself)",
            acting,
            contract.set_authority(manager.address),
        )
    stage.refuses(
        "handed over to somebody who is no contract",
        errors.AccessManagedInvalidAuthority,
        acting,
        contracts[0].set_authority(stranger.address),
        authority=stranger.address,
    )
    stage.refuses(
        "handed over by a stranger",
        errors.AccessManagedUnauthorized,
        stranger,
        contracts[0].set_authority(stranger.address),
    )


def show_emergency_stop(stage: Stage, contracts: Sequence[EmergencyStop], stopped: Call) -> None:
    """Pause, go on, and shut down for good. It ends the story: nothing new is possible after it.

    Args:
        stopped: a call of one of the contracts that a pause must refuse, made by anybody.
    """
    stage.chapter("In an emergency")
    stage.says("The guardian pauses, governance alone shuts down; exits stay open at each level.")
    anybody = stage.person("somebody in a hurry")
    for contract in contracts:
        stage.does(
            f"the guardian's Safe pauses {contract.name}", stage.safe, contract.pause(), _STOPPED
        )
        stage.shows("its level", contract.stop_level())
        stage.refuses(
            "paused twice",
            errors.EmergencyStop_WrongLevel,
            stage.safe,
            contract.pause(),
            level=StopLevel.PAUSED,
        )
    stage.refuses("anything new meanwhile", errors.EmergencyStop_Stopped, anybody, stopped)
    for contract in contracts:
        stage.does(f"{contract.name} goes on", stage.safe, contract.unpause(), _STOPPED)
    for contract in contracts:
        stage.does(
            f"a vote has shut {contract.name} down",
            stage.governance,
            contract.shutdown(),
            "StopLevelChanged",
        )


def refuses_inside(
    stage: Stage,
    what: str,
    error: type[ContractError],
    actor: Account,
    call: Call,
    token: Contract,
    attack: Call,
) -> None:
    """Carry out a call that moves a HookToken, which tries something in the middle of it.

    Args:
        attack: what the token calls, in its own name; it must be refused with ``error``.
    """
    stage.does("a trap is set", actor, token.prepare("setHook", attack.to, attack.data))
    stage.does(what, actor, call)
    stage.check(token.call("successes") == 0, f"{what}: the token got through")

    def answer() -> None:
        raise decode_revert(token.call("lastResult"), attack.contract)

    stage.refuses_to_answer("the reentrant call of the token", error, answer)
