"""Reverts of contracts as Python exceptions.

Every custom error of the shipped ABIs is a class of its own in `energy_grid.contracts.errors`:
``errors.Settlement_InDebt`` can be caught by name, and its values are attributes.

    try:
        market.place_order(account, ...).execute()
    except errors.Settlement_InDebt as error:
        repay(error.debt)

Other revert data becomes a `Panic`, a `RevertedWithText`, a `SafeRevert` (of a Safe) or an
`UnknownRevert`. A batch that reverts for one of its orders is an `OrderRefusal`, with the
reason.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from energy_grid.chain.abi import CustomError, contract_names, load
from energy_grid.chain.codec import tuple_coder, value_coder
from energy_grid.chain.custom_errors import (
    DecodedError,
    Panic,
    RevertedWithText,
    SafeRevert,
    UnknownRevert,
    error_class,
)
from energy_grid.chain.rpc.node import RpcError
from energy_grid.errors import ChainError

__all__ = ["decode_revert", "error_classes", "from_rpc"]

_TEXT_SELECTOR = bytes.fromhex("08c379a0")
_PANIC_SELECTOR = bytes.fromhex("4e487b71")
_TEXT, _NUMBER = (tuple_coder([value_coder(kind)]) for kind in ("string", "uint256"))
_SAFE_CODE = re.compile(r"GS[0-9]{3}")


def decode_revert(data: bytes, contract: str) -> DecodedError:
    """The exception for the revert data of a call to ``contract``.

    An inner contract may have raised the error; where the error's name has its contract, the
    exception names that one.
    """
    selector = data[:4]
    try:
        declared = _declared().get(selector)
        if declared is not None:
            owner = _declared_by(declared.name, contract)
            known = error_class(declared.name)
            return known(owner, declared.name, declared.decode(data), selector)
        if selector == _TEXT_SELECTOR:
            arguments = {"text": _TEXT.decode(data[4:], 0)[0]}
            is_code = _SAFE_CODE.fullmatch(arguments["text"]) is not None
            kind = SafeRevert if is_code else RevertedWithText
            return kind("Safe" if is_code else contract, "Error", arguments, selector)
        if selector == _PANIC_SELECTOR:
            arguments = {"code": _NUMBER.decode(data[4:], 0)[0]}
            return Panic(contract, "Panic", arguments, selector)
    except (ChainError, ValueError):
        pass  # A known selector in front of other bytes: as unknown as any.
    return UnknownRevert(contract, "Unknown", {"data": data}, selector)


def from_rpc(error: RpcError, contract: str) -> ChainError:
    """The revert that a node reported, or the node's own error."""
    revert = error.revert
    return error if revert is None else decode_revert(revert, contract)


def error_classes() -> Mapping[bytes, type[DecodedError]]:
    """The class of every custom error that the shipped ABIs declare, by selector."""
    return {selector: error_class(error.name) for selector, error in _declared().items()}


@cache
def _declared() -> dict[bytes, CustomError]:
    errors: dict[bytes, CustomError] = {}
    for contract in contract_names():
        errors |= load(contract).errors
    return errors


def _declared_by(error: str, called: str) -> str:
    owner = error.partition("_")[0]
    return owner if owner != error else called
