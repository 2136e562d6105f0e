"""What can be wrong with the leaves of a community's day (`day_leaves`).

DomainError
├── LeavesError                 no day's leaves as a whole
└── LeafError                   names the leaf, its account and the value
    ├── LeafStatusError         bytes that are no leaves
    ├── LeafLengthError
    ├── LeafPlaceError
    ├── LeafOrderError
    ├── LeafValueError          values that a record has no room for
    ├── NetTooLargeError        measured values that the market does not settle
    ├── RiseTooLargeError
    ├── RegistersDisagreeError
    ├── MissingPowerError
    ├── BrokenChainError        registers that do not go on from the day before
    └── OpeningError            a sealed leaf that does not open
"""

from __future__ import annotations

from energy_grid.errors import DomainError

__all__ = [
    "BrokenChainError",
    "LeafError",
    "LeafLengthError",
    "LeafOrderError",
    "LeafPlaceError",
    "LeafStatusError",
    "LeafValueError",
    "LeavesError",
    "MissingPowerError",
    "NetTooLargeError",
    "OpeningError",
    "RegistersDisagreeError",
    "RiseTooLargeError",
]


class LeavesError(DomainError):
    """No leaves, too many of them, or nets that do not belong to them."""


class LeafError(DomainError):
    """What is wrong with one leaf.

    Attributes:
        place: which leaf, counted from 0.
        number: its account; None where the bytes end before it.
        value: what was found.
    """

    def __init__(self, place: int, number: int | None, value: object, what: str) -> None:
        self.place, self.number, self.value = place, number, value
        super().__init__(place, number, value, what)

    def __str__(self) -> str:
        account = "" if self.number is None else f" (account {self.number})"
        return f"leaf {self.place}{account}: {self.args[-1]}"


class LeafStatusError(LeafError):
    """No status of a leaf; value: the byte."""


class LeafLengthError(LeafError):
    """The bytes end within a leaf; value: how many there are of it."""


class LeafPlaceError(LeafError):
    """A leaf names another place than its own; value: that place."""


class LeafOrderError(LeafError):
    """An account number is not above the one before; value: the one before."""


class LeafValueError(LeafError):
    """A number, register or commitment that the record has no room for; value: it."""


class NetTooLargeError(LeafError):
    """A net above what the rated power allows, or above `MAX_NET`; value: it, in Wh."""


class RiseTooLargeError(LeafError):
    """Registers rise by more than the rated power allows in a day; value: the rise in Wh."""


class RegistersDisagreeError(LeafError):
    """The registers' rise is not the sum of the nets; value: export less import in Wh."""


class MissingPowerError(LeafError):
    """A measured account without a rated power; value: None."""


class BrokenChainError(LeafError):
    """Registers do not go on from the day before; value: those found, or None."""


class OpeningError(LeafError):
    """An opening that is not that of the sealed leaf; value: the opening."""
