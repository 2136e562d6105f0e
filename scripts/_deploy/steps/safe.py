"""Makes the market's Safe and sets it up, in one call of the factory."""

from __future__ import annotations

from scripts._deploy.context import Context
from scripts._deploy.multisig import creation

__all__ = ["run"]

_STEP = "safe"


def run(context: Context) -> None:
    """Make it, unless it is there; nobody else could have set it up otherwise."""
    context.settled(_STEP)
    owners = context.settings.safe
    if owners is None or context.safe is None or _is_there(context, context.safe):
        return
    call = creation(owners, context.abi, context.addresses)
    factory = "SafeProxyFactory"
    context.call(_STEP, factory, context.encode(factory, "createProxyWithNonce", *call))
    context.say(f"  {owners.threshold} of {len(owners.addresses)} sign for the Safe {context.safe}")


def _is_there(context: Context, safe: str) -> bool:
    return bool(context.web3.eth.get_code(safe))  # type: ignore[arg-type]
