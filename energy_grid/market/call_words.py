"""The effects of calls, in words: decoded from the calls, not taken from a description."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from energy_grid.chain.abi import from_bytes32
from energy_grid.chain.roles import Role
from energy_grid.domain.units import format_day, format_decimal, format_duration
from energy_grid.errors import ChainError, InputError
from energy_grid.market.call_values import named_values, raw_bytes
from energy_grid.market.figures import Figures

if TYPE_CHECKING:
    from energy_grid.chain.abi import Function
    from energy_grid.chain.tx.multisig import SafeTransaction
    from energy_grid.market.governance import ProposedCall

__all__ = ["effects", "grams", "measure", "percent", "summary"]

_BPS_DECIMALS, _FACTOR_DECIMALS = 2, 4
Words = Callable[[Figures, Mapping[str, Any]], str]


def percent(basis_points: int) -> str:
    """``"0.5 %"`` of 50."""
    return f"{format_decimal(basis_points, _BPS_DECIMALS)} %"


def grams(number: int) -> str:
    """``"380 g CO2e per kWh"``: the CO2e that a clean kWh avoids."""
    return f"{number} g CO2e per kWh"


def measure(figures: Figures, call: ProposedCall) -> str:
    """The effect of a call: ``"set the base price to 0.31 tUSD/kWh"``, or the call itself."""
    paid = f", with {call.value} wei" if call.value else ""
    contract, function = _function(figures, call)
    raw = f"send {raw_bytes(call.data)} to {contract or call.target}{paid}"
    if contract is None or function is None:
        return raw
    try:
        own = summary(figures, call)
        if own is not None:
            return own + paid
        values = named_values(figures, contract, function, call.data)
    except (ChainError, InputError):
        return raw
    return f"{contract}.{function.name}({', '.join(map(' '.join, values.items()))}){paid}"


def summary(figures: Figures, call: ProposedCall) -> str | None:
    """The effect of a call in words of its own, without the wei; None where there are no such.

    Raises:
        ChainError: the data does not fit the function.
        InputError: as `effects`, of the execution of a Safe's transaction.
    """
    contract, function = _function(figures, call)
    if contract is None or function is None:
        return None
    words = _WORDS.get((contract, function.name)) or _ANYWHERE.get(function.signature)
    if words is None:
        return None
    values = function.inputs.decode(call.data[4:])
    named = function.inputs.named(values)
    return words(figures, {**named, "contract": contract})


def effects(figures: Figures, transaction: SafeTransaction) -> list[str]:
    """The effect of each call of a Safe's transaction.

    Raises:
        InputError: it delegates the Safe to something else than a batch of calls.
    """
    from energy_grid.chain.tx.multisig import Operation, calls_in
    from energy_grid.market.governance import ProposedCall

    calls = [(transaction.to, transaction.value, transaction.data)]
    if transaction.operation is Operation.DELEGATE_CALL:
        calls = calls_in(transaction.data)
    made = (ProposedCall(target=to, value=value, data=data) for to, value, data in calls)
    return [measure(figures, call) for call in made]


def _function(figures: Figures, call: ProposedCall) -> tuple[str | None, Function | None]:
    from energy_grid.chain.abi import load

    contract = figures.contract_at(call.target)
    if contract is None:
        return None, None
    return contract, load(contract).called(call.data)


def _executed(figures: Figures, to: Mapping[str, Any]) -> str:
    from energy_grid.chain.tx.multisig import Operation, SafeTransaction

    transaction = SafeTransaction(
        to=to["to"],
        value=to["value"],
        data=to["data"],
        operation=Operation(to["operation"]),
        nonce=0,
    )
    return "; ".join(effects(figures, transaction))


def _proposed(figures: Figures, to: Mapping[str, Any]) -> str:
    from energy_grid.market.governance import ProposedCall

    calls = zip(to["targets"], to["values"], to["calldatas"], strict=True)
    made = [ProposedCall(target=at, value=value, data=data) for at, value, data in calls]
    return f"propose: {'; '.join(measure(figures, call) for call in made)}"


def _scheduled(verb: str) -> Words:
    """What is done about a call that waits, with the call itself."""

    def words(figures: Figures, to: Mapping[str, Any]) -> str:
        from energy_grid.market.governance import ProposedCall

        call = ProposedCall(target=to["target"], value=0, data=to["data"])
        return f"{verb}: {measure(figures, call)}"

    return words


def _tariff(figures: Figures, to: Mapping[str, Any]) -> str:
    tariff = to["tariff"]
    buy, feed_in, network, protocol = (
        figures.price(tariff[name]) for name in ("buy", "feed_in", "network_fee", "protocol_fee")
    )
    factor = format_decimal(tariff["max_factor"], _FACTOR_DECIMALS)
    return (
        f"buy {buy}, feed-in {feed_in}, network fee {network}, protocol fee {protocol}, dynamic"
        f" factor up to {factor}"
    )


def _region(to: Mapping[str, Any]) -> str:
    return from_bytes32(to["region"])


def _grant(figures: Figures, to: Mapping[str, Any]) -> str:
    delay = to["execution_delay"]
    waiting = f", whose calls wait {format_duration(delay)}" if delay else ""
    return f"grant the role {_role(to['role_id'])} to {figures.named(to['account'])}{waiting}"


def _role(number: int) -> str:
    return Role(number).name if number in set(Role) else str(number)


_WORDS: Mapping[tuple[str, str], Words] = {
    ("Safe", "execTransaction"): _executed,
    ("GridGovernor", "propose"): _proposed,
    ("GridGovernor", "requireExecuted"): lambda figures, to: (
        f"only after {figures.proposal(to['proposal_id'])} is executed"
    ),
    ("Tariffs", "setTariff"): lambda figures, to: (
        f"set the tariff of {_region(to)} from {format_day(to['day'])} on: {_tariff(figures, to)}"
    ),
    ("Tariffs", "addRegion"): lambda figures, to: (
        f"add the region {_region(to)}: {_tariff(figures, to)}"
    ),
    ("Tariffs", "setCreditValue"): lambda figures, to: (
        f"set the value of energy credits to {figures.price(to['value'])} from"
        f" {format_day(to['day'])} on"
    ),
    ("Settlement", "setOutflowLimit"): lambda figures, to: (
        f"limit withdrawals to {figures.money(to['limit'])} per window; larger ones are queued"
    ),
    ("GridManagement", "setBasePrice"): lambda figures, to: (
        f"set the base price to {figures.price(to['new_price'])}"
    ),
    ("CarbonCredits", "setEmissionFactor"): lambda _, to: (
        f"set the emission factor to {grams(to['grams_per_kwh'])}"
    ),
    ("GovernanceToken", "mint"): lambda figures, to: (
        f"mint {figures.votes(to['amount'])} for {figures.named(to['to'])}"
    ),
    ("Settlement", "collect"): lambda figures, to: (
        f"pay {figures.money(to['amount'])} of fees and grid revenue to {figures.named(to['to'])}"
    ),
    ("AccessManager", "schedule"): _scheduled("schedule"),
    ("AccessManager", "execute"): _scheduled("make the scheduled call"),
    ("AccessManager", "cancel"): _scheduled("cancel the scheduled call"),
    ("AccessManager", "grantRole"): _grant,
    ("AccessManager", "revokeRole"): lambda figures, to: (
        f"revoke the role {_role(to['role_id'])} of {figures.named(to['account'])}"
    ),
}
_ANYWHERE: Mapping[str, Words] = {
    "setParameters(uint256,uint256)": lambda _, to: (
        f"let {to['new_quorum']} reports close a round of {to['contract']}, valid for"
        f" {format_duration(to['new_max_age'])}"
    ),
    "pause()": lambda _, to: f"pause {to['contract']}",
    "unpause()": lambda _, to: f"resume {to['contract']}",
    "shutdown()": lambda _, to: f"shut down {to['contract']} permanently; only its exits stay open",
}
