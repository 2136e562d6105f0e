"""The file that the Transaction Builder of the Safe's app imports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from energy_grid.chain.abi import load
from energy_grid.chain.contract import Call
from energy_grid.client import EnergyGrid
from energy_grid.market.call_values import plain_value

__all__ = ["for_transaction_builder"]

_VERSION = "1.0"
_MILLISECONDS = 1000


def for_transaction_builder(market: EnergyGrid, safe: str, calls: Sequence[Call]) -> dict[str, Any]:
    """The file with these calls of a Safe."""
    return {
        "version": _VERSION,
        "chainId": str(market.node.chain_id),
        "createdAt": market.node.time * _MILLISECONDS,
        "meta": {
            "name": "; ".join(_words(call) for call in calls),
            "createdFromSafeAddress": safe,
        },
        "transactions": [
            {
                "to": call.to,
                "value": str(call.value),
                "data": f"0x{call.data.hex()}",
                "contractMethod": None,
                "contractInputsValues": None,
            }
            for call in calls
        ],
    }


def _words(call: Call) -> str:
    function = load(call.contract).function(call.function)
    values = function.inputs.decode(call.data[4:])
    return f"{call.contract}.{function.name}({', '.join(map(plain_value, values))})"
