"""Calls of any function of the market, built for a wallet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter

from energy_grid.api.models import CallRequest, Permit, PermitRequest, UnsignedCall
from energy_grid.backend.api.calls import unsigned_call
from energy_grid.backend.api.problems import ProblemError
from energy_grid.backend.api.visit import Visitor
from energy_grid.chain.abi import enum_of, load
from energy_grid.chain.contract import Call
from energy_grid.errors import ChainError, DeploymentError

__all__ = ["ROUTER"]

ROUTER = APIRouter(tags=["calls"])
_NUMBER = re.compile("-?[0-9]{1,78}")
_DIGITS = re.compile("0x([0-9a-fA-F]{2})*")


@ROUTER.post("/calls")
def build_call(visit: Visitor, wanted: CallRequest) -> UnsignedCall:
    """A call of a contract of the market, for the wallet that is to send it; nothing is sent.

    It is tried as the chain is now: ``reverts`` says why it would have no effect.
    """
    market = visit.backend.market
    try:
        contract = market.contract(wanted.contract)
        function = load(contract.name).function(wanted.function)
    except (DeploymentError, ChainError) as error:
        raise _wrong("function", str(error)) from None
    if function.constant:
        raise _wrong("function", f"{function.name} changes nothing: there is nothing to send")
    entries = function.inputs.entries
    if len(entries) != len(wanted.arguments):
        raise _wrong("arguments", f"{function.signature} takes {len(entries)}")
    values = [
        _value(entry, value, f"arguments.{at}")
        for at, (entry, value) in enumerate(zip(entries, wanted.arguments, strict=True))
    ]
    call = Call(
        contract=contract.name,
        function=function.signature,
        to=contract.address,
        data=function.encode(values),
        value=wanted.value,
    )
    return unsigned_call(market, wanted.sender, call)


@ROUTER.post("/permits")
def permit(visit: Visitor, wanted: PermitRequest) -> Permit:
    """What an account signs so that a deposit may take coins from its wallet; nothing is sent."""
    market = visit.backend.market
    return Permit(typed_data=market.permit_to_deposit(wanted.account, wanted.amount))


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
