"""What transactions offer for their gas (EIP-1559), and by how much a stuck one is raised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from energy_grid.errors import ChainError

__all__ = ["PRICE_REQUESTS", "GasPrice", "with_room"]

# What `GasPrice.suggested` is made of.
PRICE_REQUESTS: tuple[tuple[str, list[Any]], ...] = (
    ("eth_feeHistory", ["0x1", "latest", []]),
    ("eth_maxPriorityFeePerGas", []),
)
# Nodes replace a transaction only by one that offers at least 10 % more; 12.5 % is customary.
_RAISE_NUMERATOR, _RAISE_DENOMINATOR = 9, 8
# Room for six full blocks in a row, each of which raises the base fee by an eighth.
_BASE_FEE_ROOM = 2
# What is estimated on one state may be more expensive on another: unused gas is not paid.
_GAS_NUMERATOR, _GAS_DENOMINATOR = 3, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class GasPrice:
    """Wei per gas: the maximum that is paid, and what the block's producer gets of it."""

    max_fee: int
    tip: int

    @classmethod
    def suggested(cls, history: Any, tip: str) -> GasPrice:
        """What gets a transaction into one of the next blocks, of the answers to both requests.

        Raises:
            ChainError: the chain is older than EIP-1559.
        """
        base_fees = history.get("baseFeePerGas")
        if not base_fees:
            raise ChainError("this chain's blocks have no base fee (EIP-1559)")
        # The last one is the next block's.
        base_fee = int(base_fees[-1], 16)
        return cls(max_fee=_BASE_FEE_ROOM * base_fee + int(tip, 16), tip=int(tip, 16))

    def at_most(self, max_fee: int) -> GasPrice:
        """The same within a limit."""
        return GasPrice(max_fee=min(self.max_fee, max_fee), tip=min(self.tip, max_fee))

    def raised(self, suggested: GasPrice) -> GasPrice:
        """At least an eighth more of both, and what is suggested now if that is more."""
        return GasPrice(
            max_fee=max(_an_eighth_more(self.max_fee), suggested.max_fee),
            tip=max(_an_eighth_more(self.tip), suggested.tip),
        )


def with_room(gas: int) -> int:
    """The gas to allow for what was estimated."""
    return gas * _GAS_NUMERATOR // _GAS_DENOMINATOR


def _an_eighth_more(price: int) -> int:
    # Rounded up, and up by one at least: an eighth more than nothing would be nothing.
    return max(-(-price * _RAISE_NUMERATOR // _RAISE_DENOMINATOR), price + 1)
