"""The table of permissions against the contracts: every function, every role, and strangers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from energy_grid.adapters.chain import errors
from energy_grid.adapters.chain.abi import Function, checksum
from energy_grid.adapters.chain.contract import Contract
from energy_grid.adapters.chain.errors import DecodedError
from energy_grid.adapters.chain.roles import PERMISSIONS, Role, functions_of
from tests.support.coverage import product_contracts
from tests.support.market import Market, actor
from tests.support.refusals import refused

STRANGER = actor("stranger").address
CONTRACTS = product_contracts()
RESTRICTED = [(name, function) for name in CONTRACTS for function in functions_of(name)]


def zeros(entry: Mapping[str, Any]) -> Any:
    """The value of a parameter's type that is all zeros."""
    kind: str = entry["type"]
    if kind.endswith("[]"):
        return []
    if kind == "tuple":
        return tuple(zeros(part) for part in entry["components"])
    if kind == "address":
        return "0x" + "00" * 20
    if kind.startswith("bytes"):
        return bytes(int(kind.removeprefix("bytes") or 0))
    return {"bool": False, "string": ""}.get(kind, 0)


def changing(contract: Contract) -> list[Function]:
    """The functions that can change something."""
    return [function for function in contract.abi.functions.values() if not function.constant]


def ask(contract: Contract, function: Function, caller: str) -> DecodedError | None:
    """The refusal of a direct call with zeros for arguments, None if there is none."""
    arguments = [zeros(entry) for entry in function.inputs.entries]
    try:
        contract.call(function.signature, *arguments, sender=caller)
    except DecodedError as refusal:
        return refusal
    return None


@pytest.mark.parametrize("name", CONTRACTS)
def test_restricted__called_by_a_stranger__are_those_of_the_table(
    market: Market, name: str
) -> None:
    contract = market.contracts[name]
    found = set()
    for function in changing(contract):
        refusal = ask(contract, function, STRANGER)
        if isinstance(refusal, errors.AccessManagedUnauthorized):
            assert refusal.caller == STRANGER
            found.add(function.name)
    # The AccessManager alone may replace itself, whatever the table says.
    names = {function.name for function in changing(contract)}
    assert found == functions_of(name).keys() | ({"setAuthority"} & names)


def test_permissions__every_name__is_a_function_of_its_contract(market: Market) -> None:
    for targets in PERMISSIONS.values():
        for name, functions in targets.items():
            names = {function.name for function in changing(market.contracts[name])}
            assert set(functions) <= names


@pytest.mark.parametrize(("name", "function"), RESTRICTED)
def test_restricted__called_by_each_role__is_for_one(
    market: Market, name: str, function: str
) -> None:
    contract, allowed = market.contracts[name], functions_of(name)[function]
    signed = contract.abi.function(function)
    for role in Role:
        caller = market.roles[role]
        if role is allowed:
            refusal = ask(contract, signed, caller)
            assert not isinstance(refusal, errors.AccessManagedUnauthorized), role
        else:
            assert_refused(contract, signed, caller)
    deployer = market.node.rpc("eth_accounts")[0]
    for caller in (STRANGER, deployer, market.access.address, contract.address):
        assert_refused(contract, signed, caller)


def assert_refused(contract: Contract, function: Function, caller: str) -> None:
    arguments = [zeros(entry) for entry in function.inputs.entries]
    with refused(errors.AccessManagedUnauthorized, caller=checksum(caller)):
        contract.call(function.signature, *arguments, sender=caller)


@pytest.mark.parametrize("name", CONTRACTS)
def test_access_manager__every_function__has_the_role_of_the_table(
    market: Market, name: str
) -> None:
    contract, roles = market.contracts[name], functions_of(name)
    for function in changing(contract):
        role = market.access.call("getTargetFunctionRole", contract.address, function.selector)
        assert role == roles.get(function.name, Role.ADMIN), function.signature
    assert not market.access.call("isTargetClosed", contract.address)
    assert market.access.call("getTargetAdminDelay", contract.address) == 0
