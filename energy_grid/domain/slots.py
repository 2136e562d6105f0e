"""The energy balance of one account in one slot.

    open    readings add to produced and consumed, transactions move energy between accounts
    closed  settled: a surplus becomes energy credits, a deficit burns credits and is then bought
            from the grid

For every closed slot ``produced + bought + burned + from_grid == consumed + sold + minted``.
"""

from __future__ import annotations

from dataclasses import dataclass

from energy_grid.domain.costs import cost_up
from energy_grid.errors import DomainError

__all__ = ["Closing", "SlotClosedError", "SlotEnergy", "close_slot"]


class SlotClosedError(DomainError):
    """The slot is closed already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotEnergy:
    """What an account produced, consumed, sold and bought in a slot, in Wh."""

    produced: int = 0
    consumed: int = 0
    sold: int = 0
    bought: int = 0
    closed: bool = False

    @property
    def net(self) -> int:
        """Surplus, or deficit when negative."""
        return self.produced + self.bought - self.sold - self.consumed


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """How a slot was balanced: energy in Wh, money in base units, ``cost == paid + debt``."""

    minted: int = 0
    burned: int = 0
    from_grid: int = 0
    cost: int = 0
    paid: int = 0
    debt: int = 0


def close_slot(energy: SlotEnergy, credits: int, available: int, grid_price: int) -> Closing:
    """Balance a slot against the account's energy credits (Wh) and available money.

    Raises:
        SlotClosedError: it is closed already.
    """
    if energy.closed:
        raise SlotClosedError("the slot is closed already")
    deficit = max(-energy.net, 0)
    burned = min(deficit, credits)
    cost = cost_up(deficit - burned, grid_price)
    paid = min(cost, available)
    return Closing(
        minted=max(energy.net, 0),
        burned=burned,
        from_grid=deficit - burned,
        cost=cost,
        paid=paid,
        debt=cost - paid,
    )
