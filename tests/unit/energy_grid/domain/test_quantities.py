"""Quantities that know their unit."""

from __future__ import annotations

import copy
import json
import operator
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.domain.costs import cost_down, cost_up
from energy_grid.domain.quantities import (
    Coin,
    Energy,
    GridPower,
    MixedUnitsError,
    Money,
    Power,
    Price,
    Quantity,
    whole,
)
from energy_grid.errors import DomainError, InputError

DOLLAR, EURO = Coin(decimals=6, symbol="tUSD"), Coin(decimals=2, symbol="EUR")


@pytest.mark.parametrize(
    ("quantity", "number", "shown"),
    [
        (Energy.kwh("1.5"), 1500, "1.5 kWh"),
        (Energy.kwh(2), 2000, "2 kWh"),
        (Energy.kwh("0.001"), 1, "0.001 kWh"),
        (Energy.wh(999), 999, "0.999 kWh"),
        (Energy(7), 7, "0.007 kWh"),
        (Power.kw("4.2"), 4200, "4.2 kW"),
        (Power.w(500), 500, "0.5 kW"),
        (GridPower.mw("2.5"), 2500, "2500 kW"),
        (GridPower.kw(40), 40, "40 kW"),
        (Money.coins("12.5", DOLLAR), 12_500_000, "12.5 tUSD"),
        (Money(1, DOLLAR), 1, "0.000001 tUSD"),
        (Money.coins(3, EURO), 300, "3 EUR"),
        (Price.per_kwh("0.25", DOLLAR), 250_000, "0.25 tUSD/kWh"),
        (-Energy.kwh("1.5"), -1500, "-1.5 kWh"),
        (abs(Energy(-3)), 3, "0.003 kWh"),
    ],
)
def test_quantity__is_its_number_and_shows_its_unit(
    quantity: Quantity, number: int, shown: str
) -> None:
    assert quantity == number
    assert isinstance(quantity, int)
    assert (str(quantity), f"{quantity}", f"{quantity:,d}") == (shown, shown, f"{number:,d}")
    assert json.dumps({"number": quantity}) == json.dumps({"number": number})
    assert hash(quantity) == hash(number)


@pytest.mark.parametrize(
    "make", [Energy.kwh, Power.kw, GridPower.mw, lambda x: Money.coins(x, DOLLAR)]
)
def test_quantity__of_a_float__is_refused(make: Callable[[Any], Quantity]) -> None:
    with pytest.raises(DomainError, match=r'a float is not exact: write "1\.5" as text'):
        make(1.5)
    with pytest.raises(DomainError, match="a NoneType"):
        make(None)


@pytest.mark.parametrize("kind", [Energy, Energy.wh, Power, Power.w, GridPower.kw])
@pytest.mark.parametrize("value", [1.5, 1.0, "1", None])
def test_quantity__of_no_integer__is_refused(kind: Callable[[Any], Quantity], value: Any) -> None:
    with pytest.raises(DomainError, match="must be an integer"):
        kind(value)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Energy.kwh("0.0001"),
        lambda: Energy.kwh("-1"),
        lambda: Energy.kwh(-1),
        lambda: Energy.kwh("1,5"),
        lambda: Energy.kwh("NaN"),
        lambda: Power.kw("1kW"),
        lambda: GridPower.mw("0.0001"),
        lambda: Money.coins("0.001", EURO),
        lambda: Price.per_kwh("", EURO),
    ],
)
def test_quantity__that_is_no_exact_number__is_refused(make: Callable[[], Quantity]) -> None:
    with pytest.raises(InputError):
        make()


@given(st.integers(), st.integers(min_value=1))
def test_arithmetic__of_one_kind_and_with_plain_numbers(a: int, b: int) -> None:
    for one, other in (
        (Energy(a), Energy(b)),
        (Energy(a), b),
        (Money(a, DOLLAR), Money(b, DOLLAR)),
        (Price(a, EURO), b),
    ):
        for operation in (operator.add, operator.sub, operator.mod):
            found = operation(one, other)
            assert found == operation(a, b)
            assert type(found) is type(one)
            assert found._unit() == one._unit()
        for compare in (operator.lt, operator.le, operator.gt, operator.ge):
            assert compare(one, other) == compare(a, b)
            assert compare(one, one) == compare(a, a)
    assert type(b + Energy(a)) is Energy
    assert type(b - Energy(a)) is Energy
    assert b - Energy(a) == b - a
    for product in (Energy(a) * b, b * Energy(a)):
        assert (product, type(product)) == (a * b, Energy)
    assert (Energy(a) // b, type(Energy(a) // b)) == (a // b, Energy)
    assert (Energy(a) // Energy(b), type(Energy(a) // Energy(b))) == (a // b, int)
    assert divmod(Energy(a), Energy(b)) == divmod(a, b)


def test_sum__of_one_kind__is_of_that_kind() -> None:
    assert str(sum([Energy.kwh(1), Energy.kwh("0.5")])) == "1.5 kWh"
    assert str(sum([Money(1, EURO), Money(2, EURO)])) == "0.03 EUR"


ENERGY, PRICE, MONEY = Energy(5), Price(5, DOLLAR), Money(5, DOLLAR)


@pytest.mark.parametrize(
    ("one", "other", "operations"),
    [
        (ENERGY, PRICE, "add sub mul floordiv mod truediv lt le gt ge"),
        (PRICE, MONEY, "add sub mul floordiv mod truediv lt le gt ge"),
        (Power(5), GridPower(5), "add sub mul floordiv mod truediv lt le gt ge"),
        (MONEY, Money(5, EURO), "add sub mul floordiv mod truediv lt le gt ge"),
        (ENERGY, ENERGY, "mul truediv"),
        (ENERGY, 5, "truediv"),
        (5, ENERGY, "truediv floordiv mod"),
        (ENERGY, 1.5, "add sub mul floordiv mod truediv"),
    ],
)
def test_arithmetic__that_makes_no_sense__is_refused(one: Any, other: Any, operations: str) -> None:
    for name in operations.split():
        with pytest.raises(MixedUnitsError, match="do not go together"):
            getattr(operator, name)(one, other)


@pytest.mark.parametrize("operation", [operator.mul, operator.add, operator.sub, operator.lt])
def test_arithmetic__with_a_number_of_64_bits__is_refused(operation: Any) -> None:
    """It would be NumPy's, without a unit: four times this one is 0."""
    number = np.int64(2**62)
    for one, other in ((number, Energy(4)), (Energy(4), number)):
        with pytest.raises(MixedUnitsError):
            operation(one, other)


def test_refusal__shows_both() -> None:
    with pytest.raises(TypeError) as refusal:
        _ = ENERGY * PRICE
    assert str(refusal.value) == (
        "Energy(5) * Price(5, Coin(decimals=6, symbol='tUSD')): these do not go together"
    )


@given(st.integers(0, 2**40), st.integers(0, 2**64))
def test_price__times_energy__says_how_it_rounds(wh: int, price: int) -> None:
    found = Price(price, DOLLAR)
    assert found.cost_up(Energy(wh)) == Money(cost_up(wh, price), DOLLAR)
    assert found.cost_down(wh) == cost_down(wh, price)
    assert type(found.cost_down(wh)) is Money


def test_price__of_what_is_no_energy__is_refused() -> None:
    with pytest.raises(MixedUnitsError, match=r"energy must be Energy, not Power\(5\)"):
        PRICE.cost_up(Power(5))


@pytest.mark.parametrize("quantity", [ENERGY, PRICE, MONEY, Power(5), GridPower(5)])
def test_quantity__copied_or_pickled__stays_what_it_is(quantity: Quantity) -> None:
    for copied in (
        copy.copy(quantity),
        copy.deepcopy(quantity),
        pickle.loads(pickle.dumps(quantity)),
    ):
        assert repr(copied) == repr(quantity)
        assert copied._unit() == quantity._unit()


def test_whole__gives_plain_numbers() -> None:
    for value in (5, ENERGY):
        assert type(whole("energy", value, Energy)) is int
        assert whole("energy", value, Energy) == 5
    with pytest.raises(MixedUnitsError, match=r"energy must be Energy, not Price\(5, "):
        whole("energy", PRICE, Energy)
    with pytest.raises(DomainError, match=r"energy must be an integer, not 1\.5"):
        whole("energy", 1.5, Energy)  # type: ignore[arg-type]
