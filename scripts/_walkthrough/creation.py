"""The project's own contracts, mocks included, for stories that need more than a market has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from energy_grid.chain.abi import Abi
from scripts._artifacts import Artifact, load_artifacts
from scripts._deploy.encoding import encode_arguments

__all__ = ["Compiled", "compiled"]


@dataclass(frozen=True)
class Compiled:
    """A contract that can be deployed."""

    artifact: Artifact

    @property
    def name(self) -> str:
        """Of the contract."""
        return self.artifact.name

    @property
    def interface(self) -> Abi:
        """Its functions, events and errors."""
        return Abi(self.artifact.name, self.artifact.abi)

    def creation_code(self, arguments: Sequence[Any]) -> bytes:
        """What a transaction sends to deploy it; structs may be lists."""
        return self.artifact.creation + encode_arguments(self.artifact.abi, arguments)


@cache
def compiled(name: str) -> Compiled:
    """A contract of the project by its name.

    Raises:
        DeploymentError: there is none.
    """
    return Compiled(load_artifacts([name])[name])
