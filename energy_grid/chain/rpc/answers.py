"""The form that a node's answers must have: everything above relies on it.

What answers at an address may be something else than a node, or a node that means harm.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["is_well_formed"]

Check = Callable[[Any], bool]
_QUANTITY = re.compile("0x[0-9a-fA-F]{1,64}")
_ADDRESS = re.compile("0x[0-9a-fA-F]{40}")


def is_well_formed(method: str, result: Any) -> bool:
    """Whether the result of a method has the form that the method promises.

    Methods that only Anvil has, and those whose result is not read, may give anything.
    """
    check = _CHECKS.get(method)
    return check is None or check(result)


def _quantity(value: Any) -> bool:
    # Nothing on a chain has more than a word, and Python prints no number of some thousand digits.
    return isinstance(value, str) and _QUANTITY.fullmatch(value) is not None


def _data(value: Any) -> bool:
    if not isinstance(value, str) or not value.startswith("0x"):
        return False
    try:
        bytes.fromhex(value[2:])
    except ValueError:
        return False
    return True


def _address(value: Any) -> bool:
    return isinstance(value, str) and _ADDRESS.fullmatch(value) is not None


def _optional(check: Check) -> Check:
    return lambda value: value is None or check(value)


def _list_of(check: Check) -> Check:
    return lambda value: isinstance(value, list) and all(map(check, value))


def _object(**fields: Check) -> Check:
    return lambda value: (
        isinstance(value, dict) and all(check(value.get(name)) for name, check in fields.items())
    )


_LOG = _object(
    address=_address,
    topics=_list_of(_data),
    data=_data,
    blockNumber=_quantity,
    blockHash=_data,
    transactionHash=_data,
    logIndex=_quantity,
)
# A block that is not mined yet has no hash, and with some nodes no number.
_BLOCK = _object(timestamp=_quantity, number=_optional(_quantity), hash=_optional(_data))
_RECEIPT = _object(
    transactionHash=_data,
    transactionIndex=_quantity,
    blockNumber=_quantity,
    gasUsed=_quantity,
    effectiveGasPrice=_quantity,
    status=_quantity,
    contractAddress=_optional(_address),
    logs=_list_of(_LOG),
)
_TRANSACTION = _object(**{"from": _address}, to=_optional(_address), value=_quantity, input=_data)
_CHECKS: Mapping[str, Check] = {
    "debug_traceTransaction": _object(output=_optional(_data)),
    "eth_blockNumber": _quantity,
    "eth_call": _data,
    "eth_chainId": _quantity,
    "eth_estimateGas": _quantity,
    "eth_feeHistory": _object(baseFeePerGas=_optional(_list_of(_quantity))),
    "eth_getBalance": _quantity,
    "eth_getBlockByHash": _optional(_BLOCK),
    "eth_getBlockByNumber": _optional(_BLOCK),
    "eth_getCode": _data,
    "eth_getLogs": _list_of(_LOG),
    "eth_getTransactionByHash": _optional(_TRANSACTION),
    "eth_getTransactionCount": _quantity,
    "eth_getTransactionReceipt": _optional(_RECEIPT),
    "eth_maxPriorityFeePerGas": _quantity,
    "eth_sendRawTransactionSync": _RECEIPT,
}
