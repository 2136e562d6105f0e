"""An existing settlement token must be there, with the decimals that all prices rest on, and take
nothing on top of its transfers."""

from __future__ import annotations

from typing import Any

from web3.exceptions import ContractLogicError, Web3RPCError

from energy_grid.errors import DeploymentError
from scripts._deploy.context import Context
from scripts._deploy.plan import TEST_DOLLAR, TOKEN_PROBE

__all__ = ["run"]

_ANYBODY = "0x" + 39 * "0" + "1"


def run(context: Context) -> None:
    """Compare the token on the chain with the settings.

    Raises:
        DeploymentError: it is no token, counts differently, or charges the sender a fee.
    """
    token = context.settings.token
    if token is None:
        return
    decimals = context.abi(TEST_DOLLAR).function("decimals")
    call = {"to": token, "data": decimals.encode([])}
    try:
        answer = bytes(context.web3.eth.call(call))  # type: ignore[arg-type]
    except (ContractLogicError, Web3RPCError):
        answer = b""
    if not answer:
        raise DeploymentError(f"the settlement token {token} is no token on this chain")
    if (found := decimals.decode(answer)) != context.settings.decimals:
        raise DeploymentError(
            f"the settlement token {token} has {found} decimals, not {context.settings.decimals}"
        )
    _try_transfer(context, token)


def _try_transfer(context: Context, token: str) -> None:
    """Half of what the deployer holds goes to nobody, within a call that changes nothing."""
    holder = context.journal.deployer
    balance = context.abi(TEST_DOLLAR).function("balanceOf")
    held = balance.decode(_called(context, {"to": token, "data": balance.encode([holder])}))
    if (amount := held // 2) == 0:
        context.say(f"  transfers of {token} are not tried: the deployer {holder} has none of it")
        return
    transfer = context.abi(TOKEN_PROBE).function("transferOf")
    call = {"from": holder, "to": holder, "data": transfer.encode([token, _ANYBODY, amount])}
    lent = {holder: {"code": "0x" + context.artifacts[TOKEN_PROBE].runtime.hex()}}
    taken, received = transfer.decode(_called(context, call, lent))
    if taken != amount:
        raise DeploymentError(
            f"the settlement token {token} takes {taken} of its units from the sender for a"
            f" transfer of {amount}: payouts would be refused; choose another token"
        )
    context.say(f"  {token}: of a transfer of {amount} units {received} arrive, and no more leaves")


def _called(context: Context, call: dict[str, Any], lent: Any = None) -> bytes:
    return bytes(context.web3.eth.call(call, "latest", lent))  # type: ignore[arg-type]
