"""Sets the fees to begin with.

As long as no role is assigned to `setFees`, the AccessManager leaves it to its admin, which the
deployer still is: this comes before the permissions.
"""

from __future__ import annotations

from scripts._deploy.context import Context

__all__ = ["run"]


def run(context: Context) -> None:
    """Set the fees, unless the chain has them."""
    context.settled("fees")
    wanted = tuple(
        context.settings.parameters[name] for name in ("protocolFeeBps", "gridFeePerKwh")
    )
    found = tuple(context.read("Settlement", name) for name in ("protocolFeeBps", "gridFeePerKwh"))
    if found != wanted:
        context.call("fees", "Settlement", context.encode("Settlement", "setFees", *wanted))
        context.say(f"  fees: {wanted[0]} basis points, {wanted[1]} per kWh")
