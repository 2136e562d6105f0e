"""Regions as requests name them."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from energy_grid.backend.api.problems import ProblemError
from energy_grid.backend.api.visit import Backend

__all__ = ["Region", "region_number"]

Region = Annotated[
    str | None, Query(max_length=32, description="Its name; by default the home region.")
]


def region_number(backend: Backend, name: str | None) -> int:
    """The number of a region.

    Raises:
        ProblemError: there is none of this name.
    """
    if name is None:
        return 1
    if name not in backend.regions:
        raise ProblemError(
            422,
            "invalid-request",
            f"there is no region {name!r}: there are {', '.join(backend.regions)}",
            field="region",
        )
    return backend.regions.index(name) + 1
