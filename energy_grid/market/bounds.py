"""Numbers that the chain has room for."""

from __future__ import annotations

from energy_grid.domain.quantities import Quantity, whole
from energy_grid.domain.units import natural
from energy_grid.errors import DomainError

__all__ = ["from_one_to"]


def from_one_to(name: str, value: int, most: int, kind: type[Quantity]) -> int:
    """The plain number of a quantity of a kind, from 1 to the most that fits.

    Raises:
        MixedUnitsError: a quantity of another kind.
        DomainError: out of range, or not an integer.
    """
    number = natural(name, whole(name, value, kind))
    if not 1 <= number <= most:
        raise DomainError(f"{name} must be from 1 to {most}, not {number}")
    return number
