"""The vote decides and nothing else: token, governor and timelock are as asked for, and alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from energy_grid.errors import DeploymentError
from scripts._deploy.check.chain import Chain
from scripts._deploy.holders import TOKEN

__all__ = ["check"]

_TIMELOCK, _GOVERNOR, _TOKEN = "TimelockController", "GridGovernor", "GovernanceToken"
_ADMIN = "DEFAULT_ADMIN_ROLE"
_BY_GOVERNOR = ("PROPOSER_ROLE", "CANCELLER_ROLE", "EXECUTOR_ROLE")
_NOBODY = "0x" + 40 * "0"
_ARGUMENTS = 4  # of the token: authority, cap, holders, amounts


def check(chain: Chain) -> str:
    """Ask the three contracts, and the timelock's and the token's events.

    Raises:
        DeploymentError: one of them is, or lets somebody do, something else.
    """
    for contract, view, wanted in _expected(chain):
        found = chain.read(contract, view)
        if found != wanted:
            raise DeploymentError(f"{contract}.{view} is {found}, not {wanted}")
    _check_timelock(chain)
    voters = _check_votes(chain)
    delay = chain.deployment.parameters["timelockDelay"]
    return f"votes of {voters} holders decide, none of them alone, and wait {delay} s"


def _expected(chain: Chain) -> Iterator[tuple[str, str, Any]]:
    values = chain.deployment.parameters
    yield _TIMELOCK, "getMinDelay", values["timelockDelay"]
    yield _GOVERNOR, "timelock", chain.address(_TIMELOCK)
    yield _GOVERNOR, "token", chain.address(_TOKEN)
    yield _GOVERNOR, "votingDelay", values["votingDelay"]
    yield _GOVERNOR, "votingPeriod", values["votingPeriod"]
    yield _GOVERNOR, "proposalThreshold", values["proposalThreshold"] * TOKEN
    yield _GOVERNOR, "quorumNumerator()", values["quorumPercent"]
    yield _GOVERNOR, "CLOCK_MODE", "mode=timestamp"
    yield _TOKEN, "cap", values["governanceCap"] * TOKEN


def _check_timelock(chain: Chain) -> None:
    """Only the governor proposes, cancels and executes; only the timelock administers itself."""
    names = {chain.read(_TIMELOCK, name): name for name in (_ADMIN, *_BY_GOVERNOR)}
    held: defaultdict[bytes, set[str]] = defaultdict(set)
    for event, values in chain.events(_TIMELOCK):
        if event == "RoleGranted":
            held[values["role"]].add(values["account"])
        elif event == "RoleRevoked":
            held[values["role"]].discard(values["account"])
    for role in {*held, *names}:
        holder = chain.address(_TIMELOCK if names.get(role) == _ADMIN else _GOVERNOR)
        wanted = {holder} if role in names else set()
        for other in sorted(held[role] - wanted):
            raise DeploymentError(f"{other} holds {_name(names, role)} of the timelock")
        if wanted - held[role]:
            raise DeploymentError(f"{holder} does not hold {_name(names, role)} of the timelock")
        if (admin := chain.read(_TIMELOCK, "getRoleAdmin", role)) != bytes(32):
            raise DeploymentError(
                f"{_name(names, admin)} administers {_name(names, role)} of the timelock"
            )


def _check_votes(chain: Chain) -> int:
    """All tokens went to the holders recorded, of whom nobody alone has the quorum."""
    arguments = chain.deployment.contracts[_TOKEN].arguments
    if len(arguments) != _ARGUMENTS:
        raise DeploymentError(f"{_TOKEN}: its constructor arguments are not those recorded")
    recorded = dict(zip(arguments[2], arguments[3], strict=True))
    minted: defaultdict[str, int] = defaultdict(int)
    for event, values in chain.events(_TOKEN):
        if event == "Transfer" and values["from"] == _NOBODY:
            minted[values["to"]] += values["value"]
    for holder in sorted({*minted, *recorded}):
        if minted[holder] != (wanted := recorded.get(holder, 0)):
            raise DeploymentError(f"{holder} was given {minted[holder]} votes, not {wanted}")
    supply = chain.read(_TOKEN, "totalSupply")
    if supply != sum(recorded.values()):
        raise DeploymentError(f"there are {supply} votes, not {sum(recorded.values())}")
    quorum = supply * chain.deployment.parameters["quorumPercent"] // 100
    for holder, votes in recorded.items():
        if votes >= quorum:
            raise DeploymentError(f"{holder} alone has the quorum of {quorum} votes")
    return len(recorded)


def _name(names: dict[bytes, str], role: bytes) -> str:
    return names.get(role, f"role 0x{role.hex()}")
