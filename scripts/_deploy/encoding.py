"""Constructor arguments as bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from energy_grid.chain.abi import Parameters

__all__ = ["encode_arguments"]


def encode_arguments(abi: Sequence[dict[str, Any]], arguments: Sequence[Any]) -> bytes:
    """What follows the creation code of a contract; structs may be lists, names text."""
    constructors = [entry for entry in abi if entry["type"] == "constructor"]
    return Parameters(tuple(constructors[0]["inputs"]) if constructors else ()).encode(arguments)
