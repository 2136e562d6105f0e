"""EnergyAssetNFT.getProductionHistory, and the pure model of links at random."""

from __future__ import annotations

from collections import defaultdict

import pytest
from eth_account.signers.local import LocalAccount
from hypothesis import given, settings
from hypothesis import strategies as st

from energy_grid.contracts import errors
from tests.model.assets import Link, asset_of, linked, meters_of, production, unlinked
from tests.support.examples import on_chain, rewound
from tests.support.market import MONDAY, Market
from tests.support.refusals import refused
from tests.unit.contracts.assets.operations import (
    TODAY,
    assets_of,
    history,
    link,
    mint,
    new_meter,
    produce,
    read,
    unlink,
)

DAY, HOUR = 86_400, 3_600
# Asset and meter, by 0 and 1, and how many days later something is done with them.
MOVES = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 1), st.sampled_from([0, 0, 0, 1, 2])),
    min_size=1,
    max_size=12,
)


@pytest.mark.parametrize(
    ("first", "end"),
    [
        (1, 0),
        (TODAY, TODAY - 1),
        (2**256 - 1, 0),
        (0, 93),
        (TODAY, TODAY + 93),
        (0, 2**256 - 1),
    ],
)
def test_get_production_history__of_no_days_or_too_many__refused(
    market: Market, asset: int, first: int, end: int
) -> None:
    with refused(errors.EnergyAssetNFT_BadDays, from_day=first, to_day=end, maximum=92):
        history(market, asset, first, end)


@pytest.mark.parametrize("first", [0, TODAY - 50, 2**32 - 50, 2**256 - 93])
@pytest.mark.parametrize("count", [0, 1, 92])
def test_get_production_history__of_up_to_92_days__as_many_numbers(
    market: Market, asset: int, meter: LocalAccount, first: int, count: int
) -> None:
    """Also where there was no market yet, or will be none any more."""
    link(market, asset, meter)

    assert history(market, asset, first, first + count) == [0] * count


def test_get_production_history__without_meters__nothing(
    market: Market, asset: int, meter: LocalAccount
) -> None:
    produce(market, meter, TODAY, 7)

    assert history(market, asset, TODAY, TODAY + 1) == [0]


def test_get_production_history__today__so_far_and_nothing_to_come(
    market: Market, asset: int, meter: LocalAccount
) -> None:
    link(market, asset, meter)
    read(market, meter, MONDAY + HOUR, 7)
    assert history(market, asset, TODAY - 1, TODAY + 2) == [0, 7, 0]
    read(market, meter, MONDAY + 2 * HOUR, 5)
    assert history(market, asset, TODAY - 1, TODAY + 2) == [0, 12, 0]


def test_get_production_history__of_part_of_the_days__the_last_one_excluded(
    market: Market, asset: int, meter: LocalAccount
) -> None:
    link(market, asset, meter)
    for day in range(4):
        produce(market, meter, TODAY + day, 1 + day)

    assert history(market, asset, TODAY + 1, TODAY + 3) == [2, 3]
    assert history(market, asset, TODAY + 3, TODAY + 4) == [4]
    assert history(market, asset, TODAY + 3, TODAY + 3) == []


def test_get_production_history__of_several_meters__their_sum_without_consumption(
    market: Market, asset: int
) -> None:
    for n in range(8):
        meter = new_meter(market, f"meter {n}")
        link(market, asset, meter)
        time = MONDAY + HOUR * (n + 1)
        market.at(time).read_meter(meter, timestamp=time, produced=1 << n, consumed=3)

    assert history(market, asset, TODAY, TODAY + 1) == [0xFF]


@settings(on_chain, max_examples=15)
@given(MOVES)
def test_links__moved_at_random_over_days__equal_the_model(
    market: Market, owner: LocalAccount, moves: list[tuple[int, int, int]]
) -> None:
    """A meter that is linked is unlinked, one that is not is linked; each meter reads before and
    after, every time another amount. No Wh is counted twice, and none of a day is lost between
    two links."""
    with rewound(market):
        numbers = [mint(market, owner) for _ in range(2)]
        meters = [new_meter(market, f"meter {n}") for n in range(2)]
        links: tuple[Link, ...] = ()
        metered: dict[tuple[int, int], int] = defaultdict(int)
        today = TODAY
        for step, (which, meter, later) in enumerate(moves):
            today += later
            now = max(today * DAY + HOUR, (market.now // HOUR + 1) * HOUR)
            read(market, meters[meter], now, 1 << step)
            metered[meter + 1, today] += 1 << step
            holder = asset_of(links, meter + 1)
            if holder is None:
                link(market, numbers[which], meters[meter])
                links = linked(links, asset=numbers[which], meter=meter + 1, today=today)
            else:
                unlink(market, holder, meter + 1)
                links = unlinked(links, asset=holder, meter=meter + 1, today=today)

        days = range(TODAY, today + 2)
        for asset in numbers:
            assert sorted(assets_of(market).meters_of(asset)) == sorted(meters_of(links, asset))
            expected = production(links, asset=asset, days=days, metered=metered)
            assert history(market, asset, days.start, days.stop) == list(expected)
        for meter in (1, 2):
            assert assets_of(market).asset_of_meter(meter) == (asset_of(links, meter) or 0)
