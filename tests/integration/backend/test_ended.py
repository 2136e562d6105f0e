"""Each role, and all at once, are ended at any moment: everybody has what they would have had."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from energy_grid.domain.orders import TransactionStatus
from tests.support.examples import Seeds
from tests.support.roles import ROLES, Outcome, Town


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is lived, how often roles are ended, and the seconds that they live at the most."""

    households: int
    days: int
    kills: int
    longest: float


FAST, SOAK = Scale(24, 1, 3, 2), Scale(92, 7, 100, 1.5)


@pytest.fixture(scope="module")
def scale(pytestconfig: pytest.Config) -> Scale:
    return SOAK if pytestconfig.getoption("--soak") else FAST


@pytest.fixture(scope="module")
def undisturbed(scale: Scale, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    with Town.open(tmp_path_factory.mktemp("town"), scale.households, scale.days) as town:
        town.live((), 0, Random(0), 0)
        return town.outcome()


def ended(
    killed: tuple[str, ...], undisturbed: Outcome, scale: Scale, seed: int, folder: Path
) -> None:
    print(f"ended: {', '.join(killed)}, seed {seed}")
    folder.mkdir()
    with Town.open(folder, scale.households, scale.days) as town:
        town.live(killed, scale.kills, Random(seed), scale.longest)
        assert town.outcome() == undisturbed


def test_days__undisturbed__everything_is_closed_and_settled(
    undisturbed: Outcome, scale: Scale
) -> None:
    assert len(undisturbed.days) == scale.households * (scale.days + 1)
    assert undisturbed.trades
    assert {each.status for each in undisturbed.trades} == {TransactionStatus.SETTLED}
    assert not undisturbed.failed


def test_days__all_roles_are_ended_at_any_moment__end_in_the_same_balances(
    undisturbed: Outcome, scale: Scale, seeds: Seeds, tmp_path: Path
) -> None:
    ended(ROLES, undisturbed, scale, seeds(1)[0], tmp_path / "all")


def test_days__a_role_is_ended_at_any_moment__end_in_the_same_balances(
    undisturbed: Outcome,
    scale: Scale,
    seeds: Seeds,
    tmp_path: Path,
    pytestconfig: pytest.Config,
) -> None:
    seed = seeds(1)[0]
    # Each of them in a soak.
    some = ROLES if pytestconfig.getoption("--soak") else [ROLES[seed % len(ROLES)]]
    for role in some:
        ended((role,), undisturbed, scale, seed, tmp_path / role)


def test_days__two_engines_and_two_settlement_services_lead__send_nothing_twice(
    undisturbed: Outcome, scale: Scale, tmp_path: Path
) -> None:
    with Town.open(tmp_path, scale.households, scale.days) as town:
        town.live_double(("engine", "settlement"))
        assert town.outcome() == undisturbed
