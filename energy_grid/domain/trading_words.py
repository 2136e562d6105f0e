"""What the contracts pack of trading into words (contracts/types)."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["TradingState", "fees_of", "trading_state"]

_U16, _U32, _U96 = (2**bits - 1 for bits in (16, 32, 96))
_REFUSAL = 0xFF
_GAP_OPEN = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TradingState:
    """What the energy accounts say of an account that trades (AgreedWord.sol).

    Attributes:
        metered_from, metered_to: slots that a meter speaks for, the second exclusive; 0: none.
        region: 0 before the first meter.
        gap_open: the newest final slot was not read.
        pending: exact money that late registers have charged.
    """

    metered_from: int
    metered_to: int
    region: int
    gap_open: bool
    pending: int


def trading_state(word: int) -> TradingState:
    """What is in an AgreedWord."""
    return TradingState(
        region=word & _U16,
        metered_from=word >> 16 & _U32,
        metered_to=word >> 48 & _U32,
        gap_open=word >> 80 & _REFUSAL == _GAP_OPEN,
        pending=word >> 88 & _U96,
    )


def fees_of(word: int) -> int:
    """Network and protocol fee of a tariff, money per kWh (TariffWord.sol)."""
    return (word >> 64 & _U32) + (word >> 96 & _U32)
