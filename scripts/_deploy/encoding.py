"""Constructor arguments as bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eth_abi.abi import encode
from eth_utils.abi import collapse_if_tuple

__all__ = ["encode_arguments"]


def encode_arguments(abi: Sequence[dict[str, Any]], arguments: Sequence[Any]) -> bytes:
    """What follows the creation code of a contract; structs may be lists."""
    constructors = [entry for entry in abi if entry["type"] == "constructor"]
    inputs = constructors[0]["inputs"] if constructors else []
    return encode([collapse_if_tuple(entry) for entry in inputs], arguments)
