"""Roles by their names on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from energy_grid.errors import InputError

if TYPE_CHECKING:
    from energy_grid.chain.roles import Role

__all__ = ["role_of"]


def role_of(word: str) -> Role:
    """A role by its name, such as ``KEEPER`` or ``grid-authority``.

    Raises:
        InputError: no role has this name.
    """
    from energy_grid.chain.roles import Role

    name = word.upper().replace("-", "_")
    if name not in Role.__members__:
        raise InputError(f"{word!r} is not one of {', '.join(Role.__members__)}")
    return Role[name]
