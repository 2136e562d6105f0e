"""GridManagement.setBasePrice, and the base prices of past slots."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.contracts import errors
from tests.support.examples import on_chain, rewound
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.support.settlement import close, record
from tests.unit.contracts.grid.operations import (
    BASE,
    HOUR,
    SLOT,
    as_authority,
    base_price_of,
    consume,
    give,
    logged,
    price_of,
    produce,
    register_producer,
    status,
)

HIGHEST = (2**64 - 1) // 3
NAME = b"basePrice".ljust(32, b"\0")


def prices(market: Market, *slots: int) -> list[int]:
    """Of slots in which nobody did anything: both views agree."""
    found = [price_of(market, slot) for slot in slots]
    assert found == [base_price_of(market, slot) for slot in slots]
    return found


@pytest.mark.parametrize("caller", ["stranger", "producer"])
def test_set_base_price__by_others__refused(
    market: Market, producer: LocalAccount, caller: str
) -> None:
    with refused(errors.AccessManagedUnauthorized, caller=actor(caller).address):
        market.do(actor(caller), market.grid, "setBasePrice", 1)


@pytest.mark.parametrize("price", [0, HIGHEST + 1, 2**64, 2**256 - 1])
def test_set_base_price__out_of_range__refused(market: Market, price: int) -> None:
    with refused(errors.GridManagement_BadParameter, name=NAME, value=price):
        as_authority(market, "setBasePrice", price)


@pytest.mark.parametrize("price", [1, HIGHEST])
def test_set_base_price__at_its_bounds__in_force(market: Market, price: int) -> None:
    receipt = as_authority(market, "setBasePrice", price)

    assert logged(market, receipt, "BasePriceSet") == [{"price": price}]
    assert status(market).price == price
    assert prices(market, SLOT, SLOT + 1, SLOT + 2) == [BASE, price, price]


def test_set_base_price__the_highest_in_an_emergency__can_still_be_paid(market: Market) -> None:
    plant, city = actor("plant"), actor("city")
    register_producer(market, plant, 10_000)
    market.do(city, market.grid, "registerConsumer", 10_000)
    give(market, city, 2**70)
    as_authority(market, "setBasePrice", HIGHEST)
    as_authority(market, "toggleEmergencyMode")
    market.go_to(MONDAY + HOUR)
    produce(market, plant, 10_000)

    consume(market, city, 10_000)

    assert price_of(market, SLOT + 1) == status(market).price == 2**64 - 1
    assert market.balance(city) == 2**70 - 10 * (2**64 - 1)


def test_set_base_price__in_a_slot__it_and_past_ones_keep_theirs(market: Market) -> None:
    market.go_to(MONDAY + 5 * HOUR)
    as_authority(market, "setBasePrice", 111)
    market.go_to(MONDAY + 8 * HOUR)
    as_authority(market, "setBasePrice", 222)

    slots = [0, 1, SLOT - 1, *range(SLOT, SLOT + 11), 2**48 - 1, 2**48, 2**256 - 1]
    assert prices(market, *slots) == [*[BASE] * 9, *[111] * 3, *[222] * 5]


def test_set_base_price__around_the_end_of_a_slot__counts_from_the_next(market: Market) -> None:
    as_authority(market.at(MONDAY + HOUR - 1), "setBasePrice", 111)
    as_authority(market.at(MONDAY + HOUR), "setBasePrice", 222)

    assert prices(market, SLOT, SLOT + 1, SLOT + 2) == [BASE, 111, 222]


def test_set_base_price__several_times_in_a_slot__the_last_counts(market: Market) -> None:
    for price in (5, 6, 7):
        as_authority(market, "setBasePrice", price)
    market.go_to(MONDAY + 2 * HOUR)
    as_authority(market, "setBasePrice", 8)

    assert prices(market, *range(SLOT, SLOT + 4)) == [BASE, 7, 7, 8]


def test_set_base_price__slots_to_come__have_it_until_it_changes(market: Market) -> None:
    as_authority(market, "setBasePrice", 111)
    assert prices(market, SLOT + 100) == [111]

    as_authority(market, "setBasePrice", 222)
    assert prices(market, SLOT + 100) == [222]


@pytest.mark.parametrize("recorded", [True, False])
def test_set_base_price__running_slot__keeps_its_price(market: Market, *, recorded: bool) -> None:
    """Whoever is metered now is not billed at a price that is set afterwards."""
    if recorded:
        market.do(actor("keeper"), market.grid, "recordSlotPrice")
    household = actor("household")
    market.deposit(household, 10**9)
    record(market, household, SLOT, consumed=1000)

    as_authority(market, "setBasePrice", HIGHEST)

    assert prices(market, SLOT, SLOT + 1) == [BASE, HIGHEST]
    market.go_to(market.closable_at(SLOT))
    assert prices(market, SLOT) == [BASE]
    assert close(market, household, SLOT)["cost"] == BASE


@on_chain
@given(
    changes=st.lists(st.tuples(st.integers(0, 4), st.integers(1, HIGHEST)), min_size=1, max_size=12)
)
def test_set_base_price__any_history__every_slot_has_what_was_in_force(
    market: Market, changes: list[tuple[int, int]]
) -> None:
    """Changes come 0 to 4 slots after each other."""
    with rewound(market):
        in_force = {SLOT - 1: BASE}
        slot = SLOT
        for wait, price in changes:
            slot += wait
            if market.now < slot * HOUR:
                market.go_to(slot * HOUR)
            as_authority(market, "setBasePrice", price)
            in_force[slot + 1] = price

        expected, price = [], BASE
        for each in range(SLOT - 1, slot + 4):
            price = in_force.get(each, price)
            expected.append(price)
        assert prices(market, *range(SLOT - 1, slot + 4)) == expected
