"""The effects of calls, in words: decoded from the calls, not taken from a description."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from energy_grid.chain.roles import Role
from energy_grid.cli.answers import plain_value
from energy_grid.cli.session import View
from energy_grid.domain.units import format_decimal

if TYPE_CHECKING:
    from energy_grid.market.governance import ProposedCall

__all__ = ["grams", "measure", "percent"]

_BPS_DECIMALS = 2
Words = Callable[[View, Mapping[str, Any]], str]


def percent(basis_points: int) -> str:
    """``"0.5 %"`` of 50."""
    return f"{format_decimal(basis_points, _BPS_DECIMALS)} %"


def grams(number: int) -> str:
    """``"380 g CO2e per kWh"``: the CO2e that a clean kWh avoids."""
    return f"{number} g CO2e per kWh"


def measure(view: View, call: ProposedCall) -> str:
    """The effect of a call: ``"set the base price to 0.31 tUSD/kWh"``."""
    from energy_grid.chain.abi import load
    from energy_grid.errors import ChainError

    paid = f", with {call.value} wei" if call.value else ""
    contract = view.contract_at(call.target)
    raw = f"call {contract or call.target} with 0x{call.data.hex()}{paid}"
    if contract is None:
        return raw
    found = {each.selector: each for each in load(contract).functions.values()}
    function = found.get(call.data[:4])
    if function is None:
        return raw
    try:
        values = function.inputs.decode(call.data[4:])
    except ChainError:
        return raw
    words = _WORDS.get((contract, function.name)) or _ANYWHERE.get(function.signature)
    if words is not None:
        named = dict(zip(function.inputs.names, values, strict=True))
        return words(view, {**named, "contract": contract}) + paid
    return f"call {contract}.{function.name}({', '.join(map(plain_value, values))}){paid}"


def _fees(view: View, to: Mapping[str, Any]) -> str:
    return (
        f"set the protocol fee to {percent(to['protocol_fee_bps'])}"
        f" and the grid fee to {view.price(to['grid_fee_per_kwh'])}"
    )


def _grant(view: View, to: Mapping[str, Any]) -> str:
    waiting = f", whose calls wait {to['execution_delay']} s" if to["execution_delay"] else ""
    return f"grant the role {_role(to['role_id'])} to {view.named(to['account'])}{waiting}"


def _role(number: int) -> str:
    return Role(number).name if number in set(Role) else str(number)


_WORDS: Mapping[tuple[str, str], Words] = {
    ("Settlement", "setFees"): _fees,
    ("Settlement", "setOutflowLimit"): lambda view, to: (
        f"limit withdrawals to {view.money(to['limit'])} per window; larger ones are queued"
    ),
    ("GridManagement", "setBasePrice"): lambda view, to: (
        f"set the base price to {view.price(to['new_price'])}"
    ),
    ("CarbonCredits", "setEmissionFactor"): lambda _, to: (
        f"set the emission factor to {grams(to['grams_per_kwh'])}"
    ),
    ("GovernanceToken", "mint"): lambda view, to: (
        f"mint {view.votes(to['amount'])} for {view.named(to['to'])}"
    ),
    ("AccessManager", "grantRole"): _grant,
    ("AccessManager", "revokeRole"): lambda view, to: (
        f"revoke the role {_role(to['role_id'])} of {view.named(to['account'])}"
    ),
}
_ANYWHERE: Mapping[str, Words] = {
    "pause()": lambda _, to: f"pause {to['contract']}",
    "unpause()": lambda _, to: f"resume {to['contract']}",
    "shutdown()": lambda _, to: f"shut down {to['contract']} permanently; only its exits stay open",
}
