"""Balancing actions of a region: their types, their states, and how many can be open."""

from __future__ import annotations

from energy_grid.domain.enums import ActionStatus, ActionType

__all__ = ["ActionStatus", "ActionType"]

MAX_OPEN_ACTIONS = 32
