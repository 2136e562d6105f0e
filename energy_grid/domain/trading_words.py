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
        first_day, end_day: days that a meter speaks for, the second exclusive; both 0: none.
        region: 0 before the first meter.
        gap_open: the newest final slot was not read.
        pending: exact money that late registers have charged.
    """

    first_day: int
    end_day: int
    region: int
    gap_open: bool
    pending: int


def trading_state(word: int) -> TradingState:
    """What is in an AgreedWord."""
    return TradingState(
        region=word & _U16,
        first_day=word >> 16 & _U16,
        end_day=word >> 32 & _U16,
        gap_open=word >> 48 & _REFUSAL == _GAP_OPEN,
        pending=word >> 56 & _U96,
    )


def fees_of(word: int) -> int:
    """Network and protocol fee of a tariff, money per kWh (TariffWord.sol)."""
    return (word >> 64 & _U32) + (word >> 96 & _U32)
