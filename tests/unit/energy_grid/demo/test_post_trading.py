"""What happens once the day is closed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

from energy_grid.demo.post_trading import PostTrading
from tests.support.days import TARIFF, plan_of

SUMMER = date(2016, 7, 6)


class Recorder:
    """A market that records its calls."""

    def __init__(self, credits_: int, revenue: int) -> None:
        self._credits, self._revenue = credits_, revenue
        self.calls: list[tuple[object, ...]] = []

    def certify(self, household: int, day: int) -> None:
        self.calls.append(("certify", household, day))

    def credits_of(self, household: int) -> int:
        return self._credits

    def retire(self, household: int, grams: int, reason: str) -> None:
        self.calls.append(("retire", household, grams, reason))

    def redeem(self, households: Sequence[int]) -> None:
        self.calls.append(("redeem", tuple(households)))

    def earned(self, household: int, day: int) -> int:
        return self._revenue

    def share_out(self, household: int, amount: int) -> None:
        self.calls.append(("share out", household, amount))

    def claim(self, households: Sequence[int]) -> None:
        self.calls.append(("claim", tuple(households)))


def calls_of(
    households: list[int] | None, credits_: int = 1001, revenue: int = 77
) -> list[tuple[object, ...]]:
    plan, market = plan_of(SUMMER, households), Recorder(credits_, revenue)
    trading = plan.trading(tariff=TARIFF)
    PostTrading(market, plan.plants, plan.keepers, trading).run()
    return market.calls


def test_run__village__issues_redeems_retires_and_shares_out() -> None:
    plan = plan_of(SUMMER)
    assert plan.plants.sharing is not None
    assert calls_of(None) == [
        ("redeem", plan.keepers),
        ("certify", 54, 16_988),
        ("retire", 54, 200, "plant 54 on 2016-07-06"),
        ("share out", 54, 77),
        ("claim", plan.plants.sharing.holders),
    ]


@pytest.mark.parametrize(
    ("households", "credits_", "revenue", "names"),
    [
        ([1, 2], 9, 9, []),
        ([54], 9, 9, ["certify"]),
        ([54, 1], 0, 0, ["certify"]),
    ],
    ids=["no panels", "alone", "nothing earned"],
)
def test_run__nothing_to_do__is_left_out(
    households: list[int], credits_: int, revenue: int, names: list[str]
) -> None:
    assert [call[0] for call in calls_of(households, credits_, revenue)] == names
