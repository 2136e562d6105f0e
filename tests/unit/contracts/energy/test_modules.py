"""Which module calls what of EnergyAccounts."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.core.chain import refused
from tests.support.core.energy_suite import (
    DAYS,
    METER,
    EnergyWorld,
)
from tests.unit.contracts.energy.suite import (
    STRANGER,
    checksum,
)


@pytest.mark.parametrize(
    ("function", "arguments", "module"),
    [
        ("attach", (1, 1, 0, 1), METER),
        ("detach", (1, 0), METER),
        ("setRatedPower", (1, 1), METER),
        ("record", ([],), METER),
        ("recordSpan", (1, 0, 1, 0, 0), METER),
        ("book", (0, []), "settlement"),
        ("closeThrough", ([], 0), "settlement"),
        ("declare", (1, 0, 0), "settlement"),
        ("release", (1,), "settlement"),
        ("setCommunity", (1, 1, 0, False), "communities"),
        ("takePending", (1,), DAYS),
        ("showNets", (1, 0, []), DAYS),
    ],
)
def test_modules__other_callers__are_refused(
    world: EnergyWorld, function: str, arguments: Any, module: str
) -> None:
    modules = {"settlement": world.settlement, "communities": world.communities}
    expected = modules[module].address if module in modules else module
    caller, wanted = (checksum(each) for each in (STRANGER, expected))
    with refused("EnergyAccounts_WrongCaller", caller, wanted):
        world.energy.call(function, *arguments, by=STRANGER)
