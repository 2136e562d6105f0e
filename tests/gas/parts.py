"""What the gas of a community's day is spent on: the steps of a traced `settleDay`, by kind.

An Anvil runs the transaction again on the state before it, and tells each step and its gas. All
contracts that it calls are counted together. What the steps do not explain are the calls
themselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from tests.gas.community_suite import MEMBERS, community_days
from tests.support.core.gas_chain import GasChain

__all__ = ["measure_parts", "parts_table"]

# Those with an aim. A node's answer with the steps of 96 slots all traded is too large to read.
_TRACED = ("settleDay, 24 slots", "settleDay, 96 slots", "settleDay, 24 slots, all traded")
_BASE, _ZERO, _OTHER = 21_000, 4, 16
_CALLDATA, _CALLS, _REST = "transaction and calldata", "calls", "arithmetic and comparisons"
_KINDS = {
    "storage": ("SLOAD", "SSTORE"),
    "events": ("LOG1", "LOG2", "LOG3", "LOG4"),
    "hashes": ("KECCAK256",),
    "divisions": ("DIV", "SDIV", "MOD", "SMOD", "ADDMOD", "MULMOD"),
    "memory": (
        *("MLOAD", "MSTORE", "MSTORE8", "MCOPY", "RETURN"),
        *("CALLDATALOAD", "CALLDATACOPY", "RETURNDATACOPY", "CODECOPY"),
    ),
    "stack and jumps": (
        *("POP", "JUMP", "JUMPI", "JUMPDEST"),
        *(f"PUSH{size}" for size in range(33)),
        *(f"{op}{depth}" for op in ("DUP", "SWAP") for depth in range(1, 17)),
    ),
    _CALLS: ("CALL", "STATICCALL", "EXTCODESIZE"),
}
_KIND_OF = {op: kind for kind, ops in _KINDS.items() for op in ops}
_ORDER = (_CALLDATA, *_KINDS, _REST)


def measure_parts(chain: GasChain, slot: int) -> dict[str, dict[str, int]]:
    """Gas of whole calls by what is settled and by kind, on a fresh chain at `START`."""
    days = community_days(chain, slot)
    return {name: _parts_of_newest(chain) for name in days if name in _TRACED}


def parts_table(parts: Mapping[str, Mapping[str, int]]) -> str:
    """In Markdown, of a member."""
    lines = [
        ("Gas of a member", *(name.removeprefix("settleDay, ") for name in parts)),
        ("---",) * (1 + len(parts)),
        *((kind, *(f"{round(of[kind] / MEMBERS):,}" for of in parts.values())) for kind in _ORDER),
        ("together", *(f"{sum(of.values()) // MEMBERS:,}" for of in parts.values())),
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _parts_of_newest(chain: GasChain) -> dict[str, int]:
    """Of the only transaction in the newest block."""
    block: Any = chain.node.rpc("eth_getBlockByNumber", "latest", True)
    (sent,) = block["transactions"]
    request = {key: sent[key] for key in ("from", "to", "input", "gas")}
    before = hex(int(block["number"], 16) - 1)
    bare = {"disableMemory": True, "disableStack": True, "disableStorage": True}
    trace: Any = chain.node.rpc("debug_traceCall", request, before, bare)
    assert trace["gas"] == chain.gas
    found = Counter(dict.fromkeys(_ORDER, 0))
    for step in trace["structLogs"]:
        kind = _KIND_OF.get(step["op"], _REST)
        # A call's own figure has what it hands on.
        if kind != _CALLS:
            found[kind] += step["gasCost"]
    data = bytes.fromhex(sent["input"][2:])
    zero = data.count(0)
    found[_CALLDATA] = _BASE + _ZERO * zero + _OTHER * (len(data) - zero)
    found[_CALLS] = chain.gas - found.total()
    return dict(found)
