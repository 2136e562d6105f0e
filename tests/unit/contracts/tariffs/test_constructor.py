"""Tariffs' constructor."""

from __future__ import annotations

import pytest

from tests.support.core.chain import refused
from tests.support.core.tariff_suite import DAY, GRID, TariffWorld, name, packed
from tests.unit.contracts.tariffs.suite import FIRST


@pytest.mark.parametrize(
    ("index", "value", "parameter"),
    [
        (0, 0, "slotLength"),
        (0, 700, "slotLength"),
        (1, DAY + 1, "maxAge"),
        (2, 655_370_001, "maxBuy"),
    ],
)
def test_constructor__bad_parameter__is_refused(
    world: TariffWorld, index: int, value: int, parameter: str
) -> None:
    parameters = [900, 7_200, 655_370_000, 100_000, 100_000]
    arguments = name("home"), packed(FIRST), 60_000
    manager = world.manager.address
    world.chain.deploy("Tariffs", manager, GRID, tuple(parameters), *arguments)
    parameters[index] = value
    with refused("Tariffs_BadParameter", name(parameter), value):
        world.chain.deploy("Tariffs", manager, GRID, tuple(parameters), *arguments)
