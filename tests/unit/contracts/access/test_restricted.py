"""Every function that can change something, of every contract, called by everybody there is."""

from __future__ import annotations

import pytest

from energy_grid.chain.contract import Contract
from energy_grid.chain.roles import PERMISSIONS, Role, functions_of
from energy_grid.contracts import errors
from tests.support.callers import Callers
from tests.support.coverage import product_contracts
from tests.support.guarded import Guarded, ask, changing, is_turned_away
from tests.support.market import Market
from tests.support.refusals import refused

CONTRACTS = product_contracts()
RESTRICTED = [(name, function) for name in CONTRACTS for function in functions_of(name)]
REPORTERS = 4


def test_keys__after_the_deployment__are_these(callers: Callers) -> None:
    kinds = {"owner": 12, "voter": 4, "reporter": REPORTERS, "keeper": 1}
    kinds |= {"gateway": 1, "deployer": 1, "stranger": 1}
    assert {kind: len(callers.named(kind)) for kind in kinds} == kinds
    assert len(set(callers.keys.values())) == sum(kinds.values())


def test_restricted__called_by_each_single_key__let_nobody_through(
    guarded: list[Guarded], callers: Callers
) -> None:
    """Reporters report, each one voice of several; keepers send batches, gateways anchor days; no
    other key alone can call anything."""
    for function in guarded:
        keys = {who for who in function.callers if who in callers.keys}
        allowed = {who for who in callers.keys if who.split()[0] == function.keys}
        assert keys == allowed, f"{function.contract}.{function.function}"
    of_keys = {(each.keys, each.contract, each.function) for each in guarded if each.keys}
    assert of_keys == {
        ("gateway", "CommunityDays", "anchor"),
        ("keeper", "EnergyTrading", "settleBatch"),
        ("reporter", "GridOracle", "submitGridState"),
        ("reporter", "PriceOracle", "submitPrice"),
        ("reporter", "WeatherOracle", "submitWeather"),
    }


def test_restricted__called_by_everybody__somebody_passes(guarded: list[Guarded]) -> None:
    """A function that nobody could call would be dead, or the test blind."""
    assert all(function.callers for function in guarded)


def test_restricted__as_found__are_those_of_the_table(guarded: list[Guarded]) -> None:
    found = {
        (function.role, function.contract, function.function)
        for function in guarded
        if function.role is not None and function.contract != "AccessManager"
    }
    assert found == {
        (role, contract, function)
        for role, targets in PERMISSIONS.items()
        for contract, functions in targets.items()
        for function in functions
    }


@pytest.mark.parametrize("name", ["AccessManager", "GridGovernor", "TimelockController"])
def test_restricted__of_governance__by_the_timelock_or_its_governor(
    guarded: list[Guarded], name: str
) -> None:
    of_governor = {"schedule", "scheduleBatch", "cancel", "execute", "executeBatch"}
    passing = {each.function: each.callers for each in guarded if each.contract == name}
    assert passing
    for function, passed in passing.items():
        scheduling = name == "TimelockController" and function in of_governor
        assert passed == ("GridGovernor" if scheduling else "TimelockController",), function


@pytest.mark.parametrize(("name", "function"), RESTRICTED)
def test_restricted__called_by_each_holder__is_for_one_role(
    market: Market, callers: Callers, name: str, function: str
) -> None:
    contract, allowed = market.contracts[name], functions_of(name)[function]
    holders = {holder for held in callers.holders.values() for holder in held}
    others = {*callers.keys.values(), market.access.address, contract.address, callers.governor}
    addresses = sorted(holders | others)
    for overload in (each for each in changing(contract) if each.name == function):
        for caller, refusal in zip(addresses, ask(contract, overload, *addresses), strict=True):
            if caller in callers.holders[allowed]:
                assert not is_turned_away(refusal), caller
            else:
                assert isinstance(refusal, errors.AccessManagedUnauthorized), caller
                assert refusal.arguments == {"caller": caller}


def test_access_manager__asked_to_call_for_a_key__refuses(market: Market, callers: Callers) -> None:
    call = market.settlement.prepare("setOutflowLimit", 1)
    for key in callers.keys.values():
        values = {"caller": key, "target": call.to, "selector": call.data[:4]}
        for function, arguments in (
            ("execute", (call.to, call.data)),
            ("schedule", (call.to, call.data, 0)),
        ):
            with refused(errors.AccessManagerUnauthorizedCall, **values):
                market.access.call(function, *arguments, sender=key)
        grant = market.access.prepare("grantRole", Role.ADMIN, key, 0).data
        unauthorized = {"msgsender": key, "role_id": Role.ADMIN}
        with refused(errors.AccessManagerUnauthorizedAccount, **unauthorized):
            market.access.call("multicall", [grant], sender=key)


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


def test_safe_helpers__anybody_calls_them__hold_no_role(market: Market, callers: Callers) -> None:
    """What anybody can make do anything must be nobody for the market."""
    helpers = ("Safe", "SafeProxyFactory", "CompatibilityFallbackHandler", "MultiSendCallOnly")
    places: list[Contract] = [market.contracts[name] for name in helpers]
    for place in places:
        for role in Role:
            assert market.access.call("hasRole", role, place.address) == (False, 0)
        assert place.address not in callers.keys.values()
