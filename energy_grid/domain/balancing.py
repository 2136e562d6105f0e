"""Balancing actions of a region: their types, their states, and how many can be open.

Places are for actions that operators open by hand; automated ones need none.
"""

from __future__ import annotations

from energy_grid.domain.enums import ActionStatus, ActionType

__all__ = ["MAX_BY_HAND", "MAX_HELD", "MAX_ORDINARY", "ActionStatus", "ActionType"]

MAX_BY_HAND = 32
"""Places of a region."""
MAX_ORDINARY = 24
"""Of these, for actions of a lower priority than 1."""
MAX_HELD = 8
"""Of each operator."""
