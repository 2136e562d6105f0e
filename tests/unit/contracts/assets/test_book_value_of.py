"""EnergyAssetNFT.bookValueOf, against the pure model."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.contracts import errors
from tests.model.assets import MAX_LIFETIME, MIN_LIFETIME, book_value
from tests.support.examples import on_chain, rewound
from tests.support.market import MONDAY, Market
from tests.support.refusals import refused
from tests.unit.contracts.assets.operations import assets_of, mint

DAY = 86_400


def test_book_value_of__no_such_asset__refused(market: Market, asset: int) -> None:
    with refused(errors.ERC721NonexistentToken, token_id=2):
        assets_of(market).book_value_of(2)


@pytest.mark.parametrize(
    ("value", "age", "expected"),
    [
        (1000, 0, 1000),
        (1000, 1, 1000),
        (1000, DAY, 900),
        (1000, DAY + 1, 900),
        (1000, 9 * DAY - 1, 101),
        (1000, 9 * DAY, 100),
        (1000, 10 * DAY - 1, 100),
        (1000, 10 * DAY, 100),
        (1000, 11 * DAY, 100),
        (1, 100 * DAY, 1),
        (11, 100 * DAY, 2),
        (2**96 - 1, 0, 2**96 - 1),
        (2**96 - 1, 100 * DAY, -(-(2**96 - 1) // 10)),
    ],
)
def test_book_value_of__ten_days_of_life__falls_to_a_tenth_and_no_lower(
    market: Market, owner: LocalAccount, value: int, age: int, expected: int
) -> None:
    since = MONDAY + 100
    terms = {"value": value, "commissioned_at": since, "lifetime": 10 * DAY}
    asset = mint(market.at(since), owner, **terms)

    if age:
        market.go_to(since + age)
    assert assets_of(market).book_value_of(asset) == expected
    assert book_value(value, commissioned_at=since, lifetime=10 * DAY, time=since + age) == expected


@on_chain
@given(
    value=st.integers(1, 2**96 - 1) | st.integers(1, 1000),
    before=st.integers(0, MONDAY) | st.integers(0, 30 * DAY),
    lifetime=st.integers(MIN_LIFETIME, MAX_LIFETIME) | st.integers(MIN_LIFETIME, 60 * DAY),
    later=st.integers(1, 30 * DAY),
)
def test_book_value_of__of_anything__equals_the_model(
    market: Market, owner: LocalAccount, value: int, before: int, lifetime: int, later: int
) -> None:
    since = MONDAY - before
    with rewound(market):
        asset = mint(market, owner, value=value, commissioned_at=since, lifetime=lifetime)
        time = market.now + later
        market.go_to(time)

        assert assets_of(market).book_value_of(asset) == book_value(
            value, commissioned_at=since, lifetime=lifetime, time=time
        )
