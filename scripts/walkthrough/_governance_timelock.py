"""TimelockController: what was decided waits, so that whoever dislikes it can leave."""

from __future__ import annotations

from typing import Any

from energy_grid.chain.contract import Call
from energy_grid.client import errors
from scripts._walkthrough.stage import Impersonated, Stage

__all__ = ["waiting"]

NOBODY = "0x" + 40 * "0"
NONE = bytes(32)


def waiting(stage: Stage) -> None:
    """Everything of the timelock: what the governor does there, and what all others may not."""
    _roles(stage)
    _one_call(stage)
    _several(stage)
    _keeping(stage)


def _governor(stage: Stage) -> Impersonated:
    """The governor, which alone proposes, cancels and executes in the timelock."""
    return Impersonated(stage.market.governor.address)


def _operation(stage: Stage, salt: int, predecessor: bytes = NONE) -> tuple[Any, ...]:
    """What the timelock is to call: the emission factor, set to what it is."""
    carbon = stage.market.carbon
    call = carbon.set_emission_factor(carbon.emission_factor_of(stage.now // 86_400))
    return call.to, 0, call.data, predecessor, salt.to_bytes(32)


def _roles(stage: Stage) -> None:
    market, timelock = stage.market, stage.market.timelock
    stranger = stage.person("a stranger")
    stage.chapter("The timelock: who may do what there")
    stage.says("What follows is done in the governor's name, without a vote each time.")
    for role in ("PROPOSER_ROLE", "CANCELLER_ROLE", "EXECUTOR_ROLE", "DEFAULT_ADMIN_ROLE"):
        word = timelock.call(role)
        holder = timelock.address if role == "DEFAULT_ADMIN_ROLE" else market.governor.address
        stage.shows(f"{role}", timelock.call("hasRole", word, holder))
    proposer = timelock.call("PROPOSER_ROLE")
    stage.shows("whose role gives that of a proposer", timelock.call("getRoleAdmin", proposer))
    stage.refuses(
        "a stranger makes itself a proposer",
        errors.AccessControlUnauthorizedAccount,
        stranger,
        timelock.prepare("grantRole", proposer, stranger.address),
        account=stranger.address,
    )
    heir = stage.person("another governor")
    stage.does(
        "the timelock gives the role to another governor, as a vote can have it do",
        stage.governance,
        timelock.prepare("grantRole", proposer, heir.address),
        "RoleGranted",
    )
    stage.refuses(
        "a stranger gives it back",
        errors.AccessControlBadConfirmation,
        stranger,
        timelock.prepare("renounceRole", proposer, heir.address),
    )
    stage.does(
        "its holder gives it back", heir, timelock.prepare("renounceRole", proposer, heir.address)
    )
    stage.does(
        "taking it away is possible, too",
        stage.governance,
        timelock.prepare("revokeRole", proposer, heir.address),
    )


def _one_call(stage: Stage) -> None:
    timelock, governor = stage.market.timelock, _governor(stage)
    stranger, delay = stage.person("a stranger"), timelock.get_min_delay()
    first = _operation(stage, 1)
    stage.chapter("One call that waits")
    stage.shows("seconds that everything waits at least", delay)
    number = timelock.call("hashOperation", *first)
    stage.shows("the number of an operation", number)
    stage.refuses(
        "scheduling by a stranger",
        errors.AccessControlUnauthorizedAccount,
        stranger,
        timelock.prepare("schedule", *first, delay),
    )
    stage.refuses(
        "with less than the delay",
        errors.TimelockInsufficientDelay,
        governor,
        timelock.prepare("schedule", *first, delay - 1),
        delay=delay - 1,
        min_delay=delay,
    )
    stage.does(
        "with the delay", governor, timelock.prepare("schedule", *first, delay), "CallScheduled"
    )
    stage.refuses(
        "scheduled twice",
        errors.TimelockUnexpectedOperationState,
        governor,
        timelock.prepare("schedule", *first, delay),
    )
    stage.shows("whether it is there", timelock.call("isOperation", number))
    stage.shows("whether it waits", timelock.call("isOperationPending", number))
    stage.shows("from when it can be executed", timelock.call("getTimestamp", number))
    stage.does("cancelled", governor, timelock.prepare("cancel", number), "Cancelled")
    stage.does("scheduled anew", governor, timelock.prepare("schedule", *first, delay))
    after = _operation(stage, 2, predecessor=number)
    stage.does(
        "a second one that is to come after it",
        governor,
        timelock.prepare("schedule", *after, delay),
    )
    stage.wait(delay)
    stage.shows("whether it is ready", timelock.call("isOperationReady", number))
    stage.refuses(
        "the second before the first",
        errors.TimelockUnexecutedPredecessor,
        governor,
        timelock.prepare("execute", *after),
        predecessor_id=number,
    )
    stage.does("the first", governor, timelock.prepare("execute", *first), "CallExecuted")
    stage.does("then the second", governor, timelock.prepare("execute", *after), "CallExecuted")
    stage.shows("whether it is done", timelock.call("isOperationDone", number))
    stage.shows(
        "its state (0 unknown, 1 waits, 2 ready, 3 done)",
        timelock.call("getOperationState", number),
    )


def _several(stage: Stage) -> None:
    timelock, governor = stage.market.timelock, _governor(stage)
    delay = timelock.get_min_delay()
    targets, values, data = zip(*(_operation(stage, each)[:3] for each in (3, 4)), strict=True)
    batch = (list(targets), list(values), list(data), NONE, (5).to_bytes(32))
    stage.chapter("Several calls that wait together")
    stage.refuses(
        "as many targets as not values",
        errors.TimelockInvalidOperationLength,
        governor,
        timelock.prepare("scheduleBatch", list(targets), [0], list(data), NONE, NONE, delay),
        targets=2,
        values=1,
    )
    stage.shows("their number", timelock.call("hashOperationBatch", *batch))
    stage.does(
        "scheduled", governor, timelock.prepare("scheduleBatch", *batch, delay), "CallScheduled"
    )
    stage.wait(delay)
    stage.does("executed", governor, timelock.prepare("executeBatch", *batch), "CallExecuted")


def _keeping(stage: Stage) -> None:
    timelock, stranger = stage.market.timelock, stage.person("a stranger")
    stage.chapter("What the timelock keeps, and its delay")
    deposits = (
        ("an NFT", "onERC721Received", (NOBODY, NOBODY, 1, b"")),
        ("other tokens", "onERC1155Received", (NOBODY, NOBODY, 1, 1, b"")),
        ("several of them", "onERC1155BatchReceived", (NOBODY, NOBODY, [1], [1], b"")),
    )
    for what, function, arguments in deposits:
        stage.does(f"it accepts {what}", stranger, timelock.prepare(function, *arguments))
    stage.shows(
        "whether it can hold NFTs (ERC-165)",
        timelock.call("supportsInterface", bytes.fromhex("4e2312e0")),
    )
    stage.refuses(
        "another delay by anybody",
        errors.TimelockUnauthorizedCaller,
        stranger,
        timelock.prepare("updateDelay", 0),
        caller=stranger.address,
    )
    change: Call = timelock.prepare("updateDelay", 900)
    stage.does("by a vote, in the timelock's own name", stage.governance, change, "MinDelayChange")
    stage.check(timelock.get_min_delay() == 900, "the delay has not changed")
