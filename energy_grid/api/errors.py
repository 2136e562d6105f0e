"""What goes wrong between a program and the HTTP interface.

EnergyGridError
└── ApiError
    ├── ApiProblemError       the interface refuses: a problem (RFC 9457)
    └── ApiUnreachableError   no answer, or none of this interface
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from energy_grid.api.models import Problem
from energy_grid.errors import EnergyGridError

__all__ = ["ApiError", "ApiProblemError", "ApiUnreachableError"]

_KIND = "urn:energy-grid:problem:"


class ApiError(EnergyGridError):
    """The HTTP interface refuses, or cannot be reached."""


class ApiUnreachableError(ApiError):
    """There is no answer, or it is none of this interface."""


class ApiProblemError(ApiError):
    """The HTTP interface refuses, and says why.

    Attributes:
        problem: as it was answered.
        retry_after_seconds: when to ask again; None if it does not say.
    """

    def __init__(self, problem: Problem, retry_after_seconds: int | None = None) -> None:
        self.problem, self.retry_after_seconds = problem, retry_after_seconds
        super().__init__(problem, retry_after_seconds)

    def __str__(self) -> str:
        return f"{self.detail}; {self.next}" if self.next else self.detail

    @property
    def status(self) -> int:
        """Of HTTP."""
        return self.problem.status

    @property
    def name(self) -> str:
        """What kind of problem: ``order-rejected``."""
        return self.problem.type.removeprefix(_KIND)

    @property
    def detail(self) -> str:
        """What is wrong, in one line."""
        return self.problem.detail

    @property
    def field(self) -> str | None:
        """The part of the request that is wrong."""
        return self.problem.field

    @property
    def next(self) -> str | None:
        """What to do now."""
        return self.problem.next

    @property
    def error(self) -> str | None:
        """The contract's error, if one reverted, such as ``Settlement_InDebt``."""
        return self.problem.error

    @property
    def values(self) -> Mapping[str, Any]:
        """The values of that error."""
        return self.problem.values or {}
