"""What has become of the nonces of signed orders.

    state     event                                       next
    OPEN      a fill leaves something of the order        PARTIAL
    OPEN      a fill leaves nothing                       FILLED
    PARTIAL   a fill of the same order leaves nothing     FILLED
    OPEN, PARTIAL   cancelled by number or by the floor   CANCELLED

A nonce serves one order: once an order of it is filled in part, it is no other's any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from energy_grid.domain.enums import NonceState
from energy_grid.domain.signed_orders import MAX_NONCE
from energy_grid.domain.units import natural
from energy_grid.errors import DomainError

__all__ = ["FloorNotHigherError", "NonceBook", "NonceSpentError", "NonceTooLargeError"]

_SPENT = (NonceState.FILLED, NonceState.CANCELLED)


class NonceSpentError(DomainError):
    """The nonce is filled or cancelled already."""


class NonceTooLargeError(DomainError):
    """The nonce is 2**40 or more."""


class FloorNotHigherError(DomainError):
    """Everything below this nonce is void already."""


@dataclass(slots=True)
class NonceBook:
    """Nonces by trader, and what was filled of signed orders, by their hash as a number."""

    _states: dict[tuple[str, int], NonceState] = field(default_factory=dict)
    _filled: dict[int, int] = field(default_factory=dict)
    _floors: dict[str, int] = field(default_factory=dict)

    def state(self, trader: str, nonce: int) -> NonceState:
        """What the nonce has come to, the trader's floor included.

        Raises:
            NonceTooLargeError
        """
        _check_nonce(nonce)
        written = self._states.get((trader, nonce), NonceState.OPEN)
        below = nonce < self.floor(trader)
        return NonceState.CANCELLED if below and written not in _SPENT else written

    def is_spent(self, trader: str, nonce: int) -> bool:
        """Whether the nonce itself is filled or cancelled, or can serve no order."""
        return nonce > MAX_NONCE or self._states.get((trader, nonce)) in _SPENT

    def is_taken(self, trader: str, nonce: int, order_id: int) -> bool:
        """Whether another order of this nonce is filled in part."""
        partial = self._states.get((trader, nonce)) is NonceState.PARTIAL
        return partial and not self.filled(order_id)

    def floor(self, trader: str) -> int:
        """Orders of the trader with a lower nonce are void."""
        return self._floors.get(trader, 0)

    def filled(self, order_id: int) -> int:
        """Wh filled of an order that was ever filled in part; 0 of one that was filled at once."""
        return self._filled.get(order_id, 0)

    def cancel(self, trader: str, nonces: Sequence[int]) -> None:
        """Void single nonces: all of them, or none if one is refused.

        Raises:
            NonceTooLargeError, NonceSpentError: for the first that is; one given twice is spent
                the second time.
        """
        for place, nonce in enumerate(nonces):
            _check_nonce(nonce)
            if self.is_spent(trader, nonce) or nonce in nonces[:place]:
                raise NonceSpentError(f"nonce {nonce} of {trader} is spent")
        self._states.update(((trader, nonce), NonceState.CANCELLED) for nonce in nonces)

    def cancel_below(self, trader: str, nonce: int) -> None:
        """Void all nonces below this one.

        Raises:
            NonceTooLargeError, FloorNotHigherError
        """
        _check_nonce(nonce)
        if nonce <= (floor := self.floor(trader)):
            raise FloorNotHigherError(f"{trader}'s floor is {floor} already, {nonce} is not higher")
        self._floors[trader] = nonce

    def note_filled(
        self, trader: str, nonce: int, order_id: int, *, filled: int, amount: int
    ) -> None:
        """Note how many of the order's Wh are filled in all."""
        key, whole = (trader, nonce), filled == amount
        if not whole or self._states.get(key) is NonceState.PARTIAL:
            self._filled[order_id] = filled
        self._states[key] = NonceState.FILLED if whole else NonceState.PARTIAL


def _check_nonce(nonce: int) -> None:
    if natural("nonce", nonce) > MAX_NONCE:
        raise NonceTooLargeError(f"nonce {nonce} is above {MAX_NONCE}")
