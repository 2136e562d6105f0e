"""Calls for wallets: what the API would have done, for its account to sign and send."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from energy_grid.api.models import CallPart, UnsignedCall
from energy_grid.backend.api.problems import ProblemError
from energy_grid.backend.store.events import SHARES
from energy_grid.chain.abi import enum_of, load
from energy_grid.chain.contract import Call, Contract
from energy_grid.chain.custom_errors import DecodedError
from energy_grid.chain.tx.unsigned import gas_of
from energy_grid.client import EnergyGrid
from energy_grid.errors import ChainError, ContractError, DeploymentError, DomainError

__all__ = ["call_of", "revert_text", "unsigned_call"]

_NUMBER = re.compile("-?[0-9]{1,78}")
_DIGITS = re.compile("0x([0-9a-fA-F]{2})*")


def call_of(market: EnergyGrid, wanted: CallPart, place: str = "") -> Call:
    """A call by the name and the values of its function.

    Args:
        place: where it stands in the request, with a dot behind.

    Raises:
        ProblemError: there is no such function, it changes nothing, or has other parameters.
    """
    try:
        contract = _contract(market, wanted)
        function = load(contract.name).function(wanted.function)
    except DomainError as error:
        raise _wrong(f"{place}address", str(error)) from None
    except (DeploymentError, ChainError) as error:
        raise _wrong(f"{place}function", str(error)) from None
    if function.constant:
        changes = f"{function.name} changes nothing: there is nothing to send"
        raise _wrong(f"{place}function", changes)
    entries = function.inputs.entries
    if len(entries) != len(wanted.arguments):
        raise _wrong(f"{place}arguments", f"{function.signature} takes {len(entries)}")
    values = [
        _value(entry, value, f"{place}arguments.{at}")
        for at, (entry, value) in enumerate(zip(entries, wanted.arguments, strict=True))
    ]
    return Call(
        contract=contract.name,
        function=function.signature,
        to=contract.address,
        data=function.encode(values),
    )


def _contract(market: EnergyGrid, wanted: CallPart) -> Contract:
    if wanted.contract == SHARES and wanted.address is not None:
        return market.shares(wanted.address)
    found = market.contract(wanted.contract)
    if wanted.address not in (None, found.address):
        raise DomainError(f"{found.name} is at {found.address}, not at {wanted.address}")
    return found


def revert_text(market: EnergyGrid, error: Exception) -> str:
    """Why a call would have no effect: in coins, as people count."""
    return error.message(market.coin) if isinstance(error, DecodedError) else str(error)


def unsigned_call(market: EnergyGrid, sender: str, call: Call) -> UnsignedCall:
    """A call, tried as the chain is now."""
    gas, reverts = None, None
    try:
        gas = gas_of(market.node, sender, call)
    except ContractError as error:
        reverts = revert_text(market, error)
    return UnsignedCall.model_validate(
        {
            "chain_id": market.node.chain_id,
            "from": sender,
            "to": call.to,
            "data": f"0x{call.data.hex()}",
            "value": call.value,
            "contract": call.contract,
            "function": call.function,
            "gas": gas,
            "reverts": reverts,
            "relay_typed_data": market.relay_typed_data(sender, call),
        }
    )


def _value(entry: Mapping[str, Any], value: Any, field: str) -> Any:
    """A value of JSON as the type of a parameter takes it."""
    kind: str = entry["type"]
    if kind.endswith("]"):
        part = {**entry, "type": kind[: kind.rindex("[")]}
        if not isinstance(value, list):
            raise _wrong(field, f"{kind} is a list")
        return [_value(part, each, f"{field}.{at}") for at, each in enumerate(value)]
    if kind == "tuple":
        parts = entry["components"]
        if not isinstance(value, Mapping) or {*value} != {each["name"] for each in parts}:
            names = ", ".join(each["name"] for each in parts)
            raise _wrong(field, f"an object with {names} is needed")
        return [_value(each, value[each["name"]], f"{field}.{each['name']}") for each in parts]
    enum = enum_of(entry)
    if enum is not None and isinstance(value, str) and value in enum.__members__:
        return enum[value]
    if "int" in kind and isinstance(value, str) and _NUMBER.fullmatch(value):
        return int(value)
    is_digits = isinstance(value, str) and _DIGITS.fullmatch(value)
    if kind.startswith("bytes") and is_digits and (kind != "bytes32" or len(value) == 66):
        return bytes.fromhex(value[2:])
    return value


def _wrong(field: str, detail: str) -> ProblemError:
    return ProblemError(422, "invalid-request", detail, field=field)
