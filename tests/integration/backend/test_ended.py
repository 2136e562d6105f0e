"""Each role, and all at once, are ended at any moment: everybody has what they would have had."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from energy_grid.domain.orders import TransactionStatus
from energy_grid.domain.periods import Period
from energy_grid.market.batch_audit import BatchAudit
from energy_grid.market.day_audit import DayAudit
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


@dataclass(frozen=True, slots=True)
class Week:
    """Days that nobody disturbed: what came of them, and what auditors say of it."""

    outcome: Outcome
    batches: list[BatchAudit]
    days: list[DayAudit]
    missed: list[Period]


@pytest.fixture(scope="module")
def week(scale: Scale, tmp_path_factory: pytest.TempPathFactory) -> Week:
    with Town.open(tmp_path_factory.mktemp("town"), scale.households, scale.days) as town:
        batches, days = town.live_audited()
        return Week(town.outcome(), batches, days, town.missed())


@pytest.fixture
def undisturbed(week: Week) -> Outcome:
    return week.outcome


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


def test_days__undisturbed__pass_the_audit_of_each_batch_and_each_day(
    week: Week, scale: Scale
) -> None:
    assert week.batches
    assert [found for each in week.batches for found in each.findings] == []
    assert sum(each.volume for each in week.batches) == sum(
        each.amount for each in week.outcome.trades
    )
    assert week.missed == []
    assert len(week.days) == scale.days
    assert all(each.agrees and not each.left_out for each in week.days)


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
