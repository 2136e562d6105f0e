"""Reporters of a whole market's oracles, and the factors that follow from what they report."""

from __future__ import annotations

from tests.support.core.attack_suite import HOME, HOUR, REGISTRAR, Street

__all__ = ["factors", "report", "reporters"]

_ROLE = 77


def factors(street: Street) -> list[int]:
    """Of the running slot and the two hours after it."""
    first = street.now // HOUR
    return [street["Tariffs"].factorOf(1, slot) for slot in range(first, first + 3)]


def reporters(street: Street, count: int) -> list[str]:
    """Keys that may report the grid and the weather, each one alone."""
    for contract, function in (
        ("GridOracle", "submitGridState"),
        ("WeatherOracle", "submitWeather"),
    ):
        selector = street[contract].abi.function(function).selector
        target = street[contract].address
        street.manager.setTargetFunctionRole(target, [selector], _ROLE, by=REGISTRAR)
    keys = ["0x" + f"{number + 1:02x}" * 20 for number in range(count)]
    for key in keys:
        street.manager.grantRole(_ROLE, key, 0, by=REGISTRAR)
    return keys


def report(street: Street, key: str, state: tuple[int, ...]) -> None:
    """To the open round of the home region."""
    oracle = street["GridOracle"]
    oracle.submitGridState(HOME, oracle.openRoundOf(HOME), state, by=key)
