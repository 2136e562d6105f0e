"""Quantities that know their unit, for programs that need not know how the market counts.

    Energy.kwh("1.5")            1500 Wh
    Power.kw("4.2")              4200 W, as meters count it; GridPower counts kW
    Price.per_kwh("0.25", coin)  250000 base units per kWh, of a coin with 6 decimals
    Money.coins("50", coin)      50000000 base units

Each is a whole number, so it goes wherever a plain one does, and a plain one beside it counts in
the same unit. Operations without meaning raise an error:

    +  -  <  >   of one kind, or with a plain number; gives the same kind
    *            with a plain number alone: what energy costs is `Price.cost_up` or `cost_down`,
                 since money is rounded and somebody must say in whose favour
    //  %        by a plain number the same kind; one by another of its kind a plain number
    /            never: it would give a float

That two kinds are never equal is not checked: ``==`` compares numbers, as it does for all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, NoReturn, Self

from energy_grid.domain.costs import cost_down, cost_up
from energy_grid.domain.units import (
    W_PER_KW,
    format_money,
    format_price,
    format_watts,
    format_wh,
    integer,
    parse_kw,
    parse_kwh,
    parse_money,
    parse_price,
    parse_watts,
)
from energy_grid.errors import DomainError

__all__ = [
    "Coin",
    "Energy",
    "GridPower",
    "MixedUnitsError",
    "Money",
    "Power",
    "Price",
    "Quantity",
    "from_one_to",
    "whole",
]

# What people write: floats would not be exact.
Written = str | int


class MixedUnitsError(DomainError, TypeError):
    """Two quantities that do not go together, or one where another is meant."""


class Quantity(int):
    """A whole number of one unit; made by the constructors that name it.

    Raises:
        DomainError: it is not an integer; a float never is.
    """

    # NumPy's numbers leave it to this class what comes of both, rather than compute with 64 bits.
    __array_ufunc__: ClassVar[None] = None

    def __new__(cls, value: int) -> Self:
        return super().__new__(cls, integer(cls.__name__, value))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({int(self)})"

    def _like(self, value: int) -> Self:
        """As many of the same unit."""
        return type(self)(value)

    def _unit(self) -> object:
        """What two quantities share that can be added up."""
        return type(self)

    def _same(self, other: object, what: str) -> int:
        is_other = isinstance(other, Quantity) and other._unit() != self._unit()
        if is_other or not isinstance(other, int):
            self._refuse(other, what)
        return int(other)

    def _plain(self, other: object, what: str) -> int:
        if isinstance(other, Quantity) or not isinstance(other, int):
            self._refuse(other, what)
        return int(other)

    def _refuse(self, other: object, what: str) -> NoReturn:
        raise MixedUnitsError(f"{self!r} {what} {other!r}: these do not go together")

    def __add__(self, other: int) -> Self:
        return self._like(int(self) + self._same(other, "+"))

    def __radd__(self, other: int) -> Self:
        return self._like(self._same(other, "+") + int(self))

    def __sub__(self, other: int) -> Self:
        return self._like(int(self) - self._same(other, "-"))

    def __rsub__(self, other: int) -> Self:
        return self._like(self._same(other, "-") - int(self))

    def __mul__(self, other: int) -> Self:
        return self._like(int(self) * self._plain(other, "*"))

    def __rmul__(self, other: int) -> Self:
        return self._like(self._plain(other, "*") * int(self))

    def __floordiv__(self, other: int) -> int:
        quotient = int(self) // self._same(other, "//")
        return quotient if isinstance(other, Quantity) else self._like(quotient)

    def __rfloordiv__(self, other: int) -> int:
        self._refuse(other, "//")

    def __mod__(self, other: int) -> Self:
        return self._like(int(self) % self._same(other, "%"))

    def __rmod__(self, other: int) -> int:
        self._refuse(other, "%")

    def __divmod__(self, other: int) -> tuple[int, Self]:
        return self // other, self % other

    def __rdivmod__(self, other: int) -> tuple[int, int]:
        self._refuse(other, "//")

    def __truediv__(self, other: object) -> NoReturn:
        self._refuse(other, "/")

    def __rtruediv__(self, other: object) -> NoReturn:
        self._refuse(other, "/")

    def __neg__(self) -> Self:
        return self._like(-int(self))

    def __abs__(self) -> Self:
        return self._like(abs(int(self)))

    def __lt__(self, other: int) -> bool:
        return int(self) < self._same(other, "<")

    def __le__(self, other: int) -> bool:
        return int(self) <= self._same(other, "<=")

    def __gt__(self, other: int) -> bool:
        return int(self) > self._same(other, ">")

    def __ge__(self, other: int) -> bool:
        return int(self) >= self._same(other, ">=")


class Energy(Quantity):
    """Energy in Wh; ``str()`` shows kWh."""

    @classmethod
    def kwh(cls, number: Written) -> Self:
        """Energy of a number of kWh, such as ``"1.5"``.

        Raises:
            InputError: not a plain decimal number, or finer than one Wh.
            DomainError: a float, which is not exact.
        """
        return cls(_read(number, parse_kwh))

    @classmethod
    def wh(cls, number: int) -> Self:
        """Energy of a whole number of Wh."""
        return cls(number)

    def __str__(self) -> str:
        return format_wh(int(self))


class Power(Quantity):
    """Power in W, as meters and households count it; ``str()`` shows kW."""

    @classmethod
    def kw(cls, number: Written) -> Self:
        """Power of a number of kW, such as ``"4.2"``.

        Raises:
            InputError: not a plain decimal number, or finer than one W.
            DomainError: a float, which is not exact.
        """
        return cls(_read(number, lambda text: parse_watts(f"{text}kW")))

    @classmethod
    def w(cls, number: int) -> Self:
        """Power of a whole number of W."""
        return cls(number)

    def __str__(self) -> str:
        return format_watts(int(self))


class GridPower(Quantity):
    """Power in kW, as regions and their operators count it."""

    @classmethod
    def mw(cls, number: Written) -> Self:
        """Power of a number of MW, such as ``"2.5"``.

        Raises:
            InputError: not a plain decimal number, or finer than one kW.
            DomainError: a float, which is not exact.
        """
        return cls(_read(number, lambda text: parse_kw(f"{text}MW")))

    @classmethod
    def kw(cls, number: int) -> Self:
        """Power of a whole number of kW."""
        return cls(number)

    def __str__(self) -> str:
        return format_watts(int(self) * W_PER_KW)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coin:
    """A token that money is: how many decimals one coin has, and its short name."""

    decimals: int
    symbol: str


class _OfCoin(Quantity):
    """What is counted in base units of a coin."""

    coin: Coin

    def __new__(cls, value: int, coin: Coin) -> Self:
        made = super().__new__(cls, value)
        made.coin = coin
        return made

    def __getnewargs__(self) -> Any:
        return int(self), self.coin

    def __repr__(self) -> str:
        return f"{type(self).__name__}({int(self)}, {self.coin})"

    def _like(self, value: int) -> Self:
        return type(self)(value, self.coin)

    def _unit(self) -> object:
        return type(self), self.coin


class Money(_OfCoin):
    """Money in base units of a coin; ``str()`` shows whole coins."""

    @classmethod
    def coins(cls, number: Written, coin: Coin) -> Self:
        """Money of a number of coins, such as ``"12.5"``.

        Raises:
            InputError: not a plain decimal number, or finer than one base unit.
            DomainError: a float, which is not exact.
        """
        return cls(_read(number, lambda text: parse_money(text, coin.decimals)), coin)

    def __str__(self) -> str:
        return format_money(int(self), self.coin.decimals, self.coin.symbol)


class Price(_OfCoin):
    """A price in base units of a coin per kWh; ``str()`` shows whole coins per kWh."""

    @classmethod
    def per_kwh(cls, number: Written, coin: Coin) -> Self:
        """A price of a number of coins per kWh, such as ``"0.25"``.

        Raises:
            InputError: not a plain decimal number, or finer than one base unit.
            DomainError: a float, which is not exact.
        """
        return cls(_read(number, lambda text: parse_price(text, coin.decimals)), coin)

    def cost_up(self, energy: int) -> Money:
        """What energy costs, rounded up: what is taken or locked."""
        return Money(cost_up(whole("energy", energy, Energy), int(self)), self.coin)

    def cost_down(self, energy: int) -> Money:
        """What energy costs, rounded down: what is paid out."""
        return Money(cost_down(whole("energy", energy, Energy), int(self)), self.coin)

    def __str__(self) -> str:
        return format_price(int(self), self.coin.decimals, self.coin.symbol)


def whole(name: str, value: int, kind: type[Quantity]) -> int:
    """The number of a quantity of a kind, or of a plain integer in the same unit.

    Raises:
        MixedUnitsError: a quantity of another kind.
        DomainError: not an integer.
    """
    if isinstance(value, Quantity) and not isinstance(value, kind):
        raise MixedUnitsError(f"{name} must be {kind.__name__}, not {value!r}")
    return integer(name, value)


def from_one_to(name: str, value: int, maximum: int, kind: type[Quantity]) -> int:
    """The number of a quantity as `whole` gives it, from 1 to a maximum.

    Raises:
        MixedUnitsError: a quantity of another kind.
        DomainError: out of range, or not an integer.
    """
    number = whole(name, value, kind)
    if not 1 <= number <= maximum:
        raise DomainError(f"{name} must be from 1 to {maximum}, not {number}")
    return number


def _read(number: Written, parse: Callable[[str], int]) -> int:
    if not isinstance(number, Written):
        raise DomainError(f'a {type(number).__name__} is not exact: write "{number}" as text')
    return parse(str(number))
