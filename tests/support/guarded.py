"""Which functions of the deployed market are restricted, and whom they let through.

Nothing is taken from a list: every function that can change something is called, with zeros for
arguments and without a transaction, by everybody there is, and the answer tells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from energy_grid.chain.abi import Function
from energy_grid.chain.contract import Contract
from energy_grid.chain.reverts import from_rpc
from energy_grid.chain.roles import Role
from energy_grid.chain.rpc.node import RpcError, call_parameter
from energy_grid.contracts.errors import DecodedError
from tests.support.callers import Callers
from tests.support.market import Market

__all__ = [
    "Guarded",
    "ask",
    "changing",
    "guarded_functions",
    "is_turned_away",
    "named_safe",
]

# The errors of a caller that may not call a function at all; others are `Contract_Only...`.
_TURNED_AWAY = frozenset(
    {
        "EnergyAccounts_WrongCaller",
        "SmartMeter_WrongCaller",
        "AccessControlUnauthorizedAccount",
        "AccessManagedUnauthorized",
        "AccessManagerUnauthorizedAccount",
        "GovernorOnlyExecutor",
        "TimelockUnauthorizedCaller",
    }
)
_SAFE_ITSELF = "GS031"
_MANAGER = "AccessManager"
# Whose single keys are let through, by the role that lets them.
_KEYS_OF = {
    Role.REPORTER: "reporter",
    Role.KEEPER: "keeper",
    Role.METER_GATEWAY: "gateway",
}
# Deployed with the market and used by nobody who could lose: a Safe's factory, code and helpers.
_OF_THE_SAFE = frozenset(
    {"Safe", "SafeProxyFactory", "CompatibilityFallbackHandler", "MultiSendCallOnly"}
)


@dataclass(frozen=True)
class Guarded:
    """A restricted function.

    Attributes:
        role: that the AccessManager gives it to; None where the contract itself decides.
        callers: everybody who passes the check, by name.
        delay: seconds that a call waits after it was scheduled.
    """

    contract: str
    function: str
    role: Role | None
    callers: tuple[str, ...]
    delay: int

    @property
    def keys(self) -> str | None:
        """The kind of single keys that it is for; None where it is for no key alone."""
        return None if self.role is None else _KEYS_OF.get(self.role)


def changing(contract: Contract) -> list[Function]:
    """The functions that can change something."""
    return [function for function in contract.abi.functions.values() if not function.constant]


def ask(contract: Contract, function: Function, *callers: str) -> list[DecodedError | None]:
    """The refusals of direct calls with zeros for arguments; None where there is none."""
    data = function.encode([_zeros(entry) for entry in function.inputs.entries])
    answers = contract.node.rpc_batch(
        [
            ("eth_call", [call_parameter(contract.address, data, sender=caller), "latest"])
            for caller in callers
        ]
    )
    return [_refusal(answer, contract.name) for answer in answers]


def is_turned_away(refusal: DecodedError | None) -> bool:
    """Whether a refusal is for the caller, and not for what it asked."""
    if refusal is None:
        return False
    is_safe_only = refusal.arguments.get("text") == _SAFE_ITSELF
    return is_safe_only or refusal.name in _TURNED_AWAY or "_Only" in refusal.name


def guarded_functions(market: Market, callers: Callers) -> Iterator[Guarded]:
    """Every restricted function of every deployed contract, by contract and name."""
    contracts = {
        name: contract for name, contract in market.contracts.items() if name not in _OF_THE_SAFE
    }
    everybody = {
        **callers.keys,
        **{named_safe(name): safe.address for name, safe in callers.safes.items()},
        **{name: contract.address for name, contract in contracts.items()},
    }
    safes = {named_safe(name): safe for name, safe in callers.safes.items()}
    for name, contract in sorted({**contracts, **safes}.items()):
        for function in sorted(changing(contract), key=lambda each: each.signature):
            refusals = ask(contract, function, *everybody.values())
            answers = dict(zip(everybody, refusals, strict=True))
            if is_turned_away(answers["stranger 1"]):
                passed = (who for who, answer in answers.items() if not is_turned_away(answer))
                role = _role(market, contract, function, answers["stranger 1"])
                yield Guarded(
                    name, function.name, role, tuple(passed), _delay(market, contract, function)
                )


def named_safe(name: str) -> str:
    """What a Safe is called in tables."""
    return f"the {name}'s Safe"


def _delay(market: Market, contract: Contract, function: Function) -> int:
    """The longest time that a holder of a role has to wait with a function, in seconds."""
    target, selector = contract.address, function.selector
    answers = [
        market.access.call("canCall", holder, target, selector)
        for holder in dict.fromkeys(market.roles.values())
    ]
    return max(delay for _, delay in answers)


def _role(
    market: Market, contract: Contract, function: Function, refusal: DecodedError | None
) -> Role | None:
    if refusal is None or not refusal.name.startswith("AccessManage"):
        return None
    if contract.name == _MANAGER:
        return Role(refusal.role_id)
    if function.name == "setAuthority":
        return None
    found = market.access.call("getTargetFunctionRole", contract.address, function.selector)
    return Role(found)


def _refusal(answer: Any, contract: str) -> DecodedError | None:
    if not isinstance(answer, RpcError):
        return None
    refusal = from_rpc(answer, contract)
    assert isinstance(refusal, DecodedError), refusal
    return refusal


def _zeros(entry: Mapping[str, Any]) -> Any:
    """The value of a parameter's type that is all zeros."""
    kind: str = entry["type"]
    if kind.endswith("[]"):
        return []
    if kind == "tuple":
        return tuple(_zeros(part) for part in entry["components"])
    if kind == "address":
        return "0x" + "00" * 20
    if kind.startswith("bytes"):
        return bytes(int(kind.removeprefix("bytes") or 0))
    return {"bool": False, "string": ""}.get(kind, 0)
