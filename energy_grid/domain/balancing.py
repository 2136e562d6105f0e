"""Balancing actions of a region: their types, their states, and how many can be open."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["ActionStatus", "ActionType"]

MAX_OPEN_ACTIONS = 32


class ActionType(IntEnum):
    """What an action changes; numbered as on the chain."""

    INCREASE_GENERATION = 0
    DECREASE_GENERATION = 1
    SHED_LOAD = 2
    RESTORE_LOAD = 3
    RESERVE_ACTIVATION = 4


class ActionStatus(IntEnum):
    """What became of an action; numbered as on the chain."""

    OPEN = 0
    COMPLETED = 1
    CANCELLED = 2
    EXPIRED = 3
