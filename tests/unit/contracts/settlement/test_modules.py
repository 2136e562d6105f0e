"""Which module calls what of Settlement."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.core.chain import refused
from tests.support.core.settlement_suite import (
    SettlementWorld,
)
from tests.unit.contracts.settlement.suite import (
    STRANGER,
    S,
)


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        ("lockOrder", (1, 0, False, 1)),
        ("unlockOrder", (1, 1)),
        ("book", (0, [])),
        ("raiseSignedFloor", (1, 5)),
        ("openAccount", (STRANGER,)),
        ("takeSecurity", (1, 1, 1)),
        ("payOnTheSpot", (STRANGER, STRANGER, 1, 1)),
        ("depositFrom", (STRANGER, STRANGER, 1)),
        ("consume", (STRANGER, 1, 1)),
        ("setSideBlocked", (STRANGER, True, True)),
    ],
)
def test_modules__anybody_else__is_refused(
    world: SettlementWorld, call: str, arguments: Any
) -> None:
    with refused(S + "OnlyModule", STRANGER.lower()):
        world.settlement.call(call, *arguments, by=STRANGER)
