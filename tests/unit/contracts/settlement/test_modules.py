"""Who may call what a module calls: the module. What the calls do is in the files of each."""

from __future__ import annotations

import pytest

from energy_grid.chain.roles import Role, functions_of
from energy_grid.contracts import errors
from energy_grid.errors import ContractError
from tests.support.market import Market, actor
from tests.support.refusals import refused

PROSUMER = actor("prosumer").address
# The module that may call it, and arguments.
TRADING, SPOT, METER, GRID = "EnergyTrading", "PeerToPeerTrading", "SmartMeter", "GridManagement"
MODULE_FUNCTIONS: dict[str, tuple[str, tuple[object, ...]]] = {
    "openAccount": (METER, (PROSUMER,)),
    "recordMetered": (METER, (1, 0, 1, 1, True)),
    "lock": (TRADING, (1, 0, False)),
    "lockMany": (TRADING, ([],)),
    "raiseSignedFloor": (TRADING, (1, 1)),
    "unlock": (TRADING, (1, 0)),
    "deliver": (TRADING, ((1, 2, 0, 1, 1, 0, 1),)),
    "finish": (TRADING, ((1, 2, 0, 0, 0, False),)),
    "payOnTheSpot": (SPOT, (PROSUMER, actor("seller").address, 1, 1)),
    "depositFrom": (GRID, (PROSUMER, PROSUMER, 1)),
    "buyFromGrid": (GRID, (PROSUMER, 0, 1, 1)),
    "setSideBlocked": (GRID, (PROSUMER, True, True)),
}
EVERYBODYS = {
    "deposit",
    "depositFor",
    "depositWithPermit",
    "withdraw",
    "cancelWithdrawal",
    "executeWithdrawal",
    "repayDebt",
    "closeSlot",
    "closeSlots",
}


def callers(market: Market) -> dict[str, str]:
    """Everybody there is, by name."""
    people = {"stranger": actor("stranger").address, "account holder": PROSUMER}
    roles = {role.name: market.roles[role] for role in Role}
    contracts = {name: contract.address for name, contract in market.contracts.items()}
    return people | roles | contracts


@pytest.mark.parametrize("function", MODULE_FUNCTIONS)
def test_modules__anybody_else__is_refused(market: Market, function: str) -> None:
    market.deposit(actor("prosumer"), 5)
    module, arguments = MODULE_FUNCTIONS[function]
    for name, caller in callers(market).items():
        if name != module:
            with refused(errors.Settlement_OnlyModule, caller=caller):
                market.settlement.call(function, *arguments, sender=caller)


@pytest.mark.parametrize("function", MODULE_FUNCTIONS)
def test_modules__the_module__is_let_through(market: Market, function: str) -> None:
    market.deposit(actor("prosumer"), 5)
    market.give_money(PROSUMER, 5)
    module, arguments = MODULE_FUNCTIONS[function]
    try:
        market.do(market.contracts[module].address, market.settlement, function, *arguments)
    except ContractError as refusal:
        pytest.fail(f"{module} was refused: {refusal}")


def test_modules__every_function__is_somebodys(market: Market) -> None:
    changing = {
        function.name
        for function in market.settlement.abi.functions.values()
        if not function.constant
    }
    # The AccessManager alone may replace itself.
    restricted = {*functions_of("Settlement"), "setAuthority"}
    assert changing == MODULE_FUNCTIONS.keys() | EVERYBODYS | restricted
