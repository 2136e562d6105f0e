"""Numbers drawn from a seed: the same on every machine and in every version of Python."""

from __future__ import annotations

import hashlib

from energy_grid.domain.units import natural
from energy_grid.errors import DomainError

__all__ = ["draw_below", "draw_bytes"]


def draw_bytes(seed: int, *labels: object) -> bytes:
    """32 bytes that belong to the seed and the labels, and to nothing else."""
    text = "/".join(("energy-grid", str(natural("seed", seed)), *map(str, labels)))
    return hashlib.sha256(text.encode()).digest()


def draw_below(limit: int, seed: int, *labels: object) -> int:
    """A number from 0 to ``limit - 1``, all of them equally likely.

    Raises:
        DomainError: there is no number below the limit.
    """
    if natural("limit", limit) == 0:
        raise DomainError("there is no number below 0 to draw")
    # 256 bits against the few that a limit has: the remainder's bias is nothing.
    return int.from_bytes(draw_bytes(seed, *labels), "big") % limit
