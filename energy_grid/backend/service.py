"""What every service of the backend is: a step that does what is due, called again and again.

What is due follows from the store and the chain. A step that was cut short is simply taken again,
so a service can be killed at any point, and two of them do nothing twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

__all__ = ["Service"]


class Service(Protocol):
    """A part of the backend that acts by itself.

    Attributes:
        name: of its role, such as ``settlement``.
    """

    name: str

    def step(self) -> float:
        """Do what is due now; gives the seconds after which to look again at the latest.

        Raises:
            DatabaseGoneError, ChainError, OSError: take the step again after a while.
            EnergyGridError: a person has to act; the message says how.
        """
        ...

    def describe(self) -> str:
        """What it has done and has before it, in a few words: a part of the line a minute."""
        ...

    def metrics(self) -> Mapping[str, float]:
        """The same for monitoring, by names such as ``indexed_block``."""
        ...
