"""An existing settlement token must be there, with the decimals that all prices rest on."""

from __future__ import annotations

from web3.exceptions import ContractLogicError, Web3RPCError

from energy_grid.errors import DeploymentError
from scripts._deploy.context import Context
from scripts._deploy.plan import TEST_DOLLAR

__all__ = ["run"]


def run(context: Context) -> None:
    """Compare the token on the chain with the settings.

    Raises:
        DeploymentError: it is no token, or counts differently.
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
