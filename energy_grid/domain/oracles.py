"""The states of a round of an oracle."""

from __future__ import annotations

from energy_grid.domain.enums import RoundStatus

__all__ = ["RoundStatus"]
