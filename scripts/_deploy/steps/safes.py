"""Makes the market's Safes and sets them up, each in one call of the factory."""

from __future__ import annotations

from scripts._deploy.context import Context
from scripts._deploy.multisig import creation

__all__ = ["run"]

_FACTORY = "SafeProxyFactory"


def run(context: Context) -> None:
    """Make those that are not there; nobody else could have set one up otherwise."""
    for name, owners in context.settings.safes.items():
        step, safe = f"safe {name}", context.safes[name]
        context.settled(step)
        if _is_there(context, safe):
            continue
        call = creation(owners, context.abi, context.addresses)
        context.call(step, _FACTORY, context.encode(_FACTORY, "createProxyWithNonce", *call))
        needed, every = owners.threshold, len(owners.addresses)
        context.say(f"  {needed} of {every} sign for the {name}'s Safe {safe}")


def _is_there(context: Context, safe: str) -> bool:
    return bool(context.web3.eth.get_code(safe))  # type: ignore[arg-type]
