"""What orders lock and what payments bring, with the rounding of the chain.

Why the books can never come up short: ``ceil(a + b) - ceil(a) >= floor(b)``, so what a fill
releases of an order's lock covers what its transaction keeps, and
``cost_down(delivered) <= cost_down(amount)``, so what a transaction keeps covers what it pays.
"""

from __future__ import annotations

from dataclasses import dataclass

from energy_grid.domain.costs import cost_down, cost_up
from energy_grid.domain.units import natural
from energy_grid.errors import DomainError

__all__ = [
    "BPS",
    "MAX_PROTOCOL_FEE_BPS",
    "Fees",
    "FeesTooHighError",
    "Payout",
    "order_lock",
    "payout",
    "released_on_fill",
    "spot_payout",
]

BPS = 10_000
MAX_PROTOCOL_FEE_BPS = 100


class FeesTooHighError(DomainError):
    """The protocol fee is above its limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fees:
    """What is taken from a seller's pay: a share of the money and a charge per kWh."""

    protocol_bps: int = 0
    grid_per_kwh: int = 0

    def __post_init__(self) -> None:
        natural("grid fee", self.grid_per_kwh)
        if natural("protocol fee", self.protocol_bps) > MAX_PROTOCOL_FEE_BPS:
            raise FeesTooHighError(
                f"protocol fee of {self.protocol_bps} bps is above {MAX_PROTOCOL_FEE_BPS}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Payout:
    """One payment of a buyer: ``pay == to_seller + protocol_fee + grid_fee``."""

    pay: int
    protocol_fee: int
    grid_fee: int

    @property
    def to_seller(self) -> int:
        """What is left for the seller."""
        return self.pay - self.protocol_fee - self.grid_fee


def order_lock(remaining: int, rate: int) -> int:
    """What an order keeps locked.

    ``rate`` is the limit price of a BUY and the market's collateral per kWh of a SELL, whose
    liability does not depend on the price it is matched at.
    """
    return cost_up(remaining, rate)


def released_on_fill(remaining: int, fill: int, rate: int) -> int:
    """By how much an order's lock falls when ``fill`` out of ``remaining`` Wh is matched."""
    return order_lock(remaining, rate) - order_lock(remaining - fill, rate)


def payout(delivered_before: int, delivered_after: int, price: int, fees: Fees) -> Payout:
    """What is paid when a transaction's delivery rises.

    Payments follow the cumulative delivery, so that however many steps it takes, together they
    are ``cost_down`` of the whole.
    """
    pay = cost_down(delivered_after, price) - cost_down(delivered_before, price)
    charge = cost_down(delivered_after, fees.grid_per_kwh) - cost_down(
        delivered_before, fees.grid_per_kwh
    )
    return _taken_apart(pay, charge, fees)


def spot_payout(wh: int, price: int, fees: Fees) -> Payout:
    """What is paid for energy credits, at once and out of the buyer's balance: rounded up.

    However a purchase is cut up, neither side gets away with less: the costs of the parts add up
    to at least that of the whole, and their grid fees to at most that of the whole.
    """
    return _taken_apart(cost_up(wh, price), cost_down(wh, fees.grid_per_kwh), fees)


def _taken_apart(pay: int, charge: int, fees: Fees) -> Payout:
    protocol_fee = pay * fees.protocol_bps // BPS
    return Payout(pay=pay, protocol_fee=protocol_fee, grid_fee=min(charge, pay - protocol_fee))
