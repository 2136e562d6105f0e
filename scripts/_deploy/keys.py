"""No role is for a single key, with three exceptions: reporters, who are outvoted, keepers, who can
do nothing beyond what traders have signed, and gateways, which speak for those alone who have
joined a community that names them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from web3.exceptions import ContractLogicError, Web3RPCError

from energy_grid.chain.abi import load
from energy_grid.chain.roles import Role
from energy_grid.errors import DeploymentError

if TYPE_CHECKING:
    from web3 import Web3

__all__ = ["refuse_few_reporters", "refuse_single_keys"]

_LEAST_QUORUM = 2
_FOR_KEYS = (Role.REPORTER, Role.KEEPER, Role.METER_GATEWAY)
# Of an account with a key that has lent itself a contract's code (EIP-7702): it still has the key.
_DELEGATED = bytes.fromhex("ef0100")
_WORD = 32


def refuse_single_keys(web3: Web3, roles: Mapping[Role, tuple[str, ...]]) -> None:
    """Ask the chain what the holders of every role are.

    Raises:
        DeploymentError: somebody's key alone would hold a role.
    """
    for role, holders in roles.items():
        if role in _FOR_KEYS:
            continue
        for holder in holders:
            if what := _key(web3, holder):
                raise DeploymentError(
                    f"{holder} holds {role.name} and is {what}: name a contract that asks several "
                    "(`safe:NAME`, `governance`, or the address of one)"
                )


def refuse_few_reporters(reporters: int, quorum: int, whose: str) -> None:
    """Of an oracle's quorum.

    Args:
        whose: what names the quorum.

    Raises:
        DeploymentError: one reporter decides alone, or there are too few to close a round.
    """
    if quorum < _LEAST_QUORUM:
        raise DeploymentError(f"{whose} is {quorum}: every reporter decides alone")
    if reporters < quorum:
        raise DeploymentError(f"{reporters} of the {quorum} reporters that {whose} needs")


def _key(web3: Web3, holder: str) -> str | None:
    """How one key controls an account, as text; None if none does."""
    code = bytes(web3.eth.get_code(holder))  # type: ignore[arg-type]
    if not code or code.startswith(_DELEGATED):
        return "a single key"
    threshold = load("Safe").function("getThreshold")
    call: Any = {"to": holder, "data": threshold.encode([])}
    try:
        answer = bytes(web3.eth.call(call))
    except (ContractLogicError, Web3RPCError):
        return None
    alone = len(answer) == _WORD and threshold.decode(answer) == 1
    return "a Safe that one key speaks for" if alone else None
