"""Services for tests of what runs them."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Steps"]


class Steps:
    """A service that does what it is told, step by step."""

    name = "steps"

    def __init__(self, *steps: Callable[[], float]) -> None:
        self._steps = iter(steps)

    def step(self) -> float:
        return next(self._steps)()

    def describe(self) -> str:
        return "told"

    def metrics(self) -> dict[str, float]:
        return {"told_total": 1}
