"""What the events of demand response pay, to the unit as on chain.

Power in W, targets in kW, money in base units, rates in money per kW.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from energy_grid.domain.baselines import PortfolioMember, counted_of
from energy_grid.domain.enums import EventStatus
from energy_grid.domain.units import W_PER_KW, natural

__all__ = ["EventStatus", "Reduction", "average_up", "event_rewards", "portfolio_rewards"]

_HOUR, _BPS = 3600, 10_000


@dataclass(frozen=True, slots=True)
class Reduction:
    """Average W below the baseline that count, found by meters, or stated by the operator."""

    watts: int
    metered: bool


def average_up(wh: int, seconds: int) -> int:
    """Energy over a time as average W, rounded up: how the actual use is counted."""
    return -(-natural("energy", wh) * _HOUR // natural("time", seconds))


def event_rewards(target_kw: int, reward_per_kw: int, reductions: Sequence[Reduction]) -> list[int]:
    """What a completed event pays for each reduction, rounded down.

    Reductions found by meters share the whole target; reductions stated by the operator share the
    rest.
    """
    target = target_kw * W_PER_KW
    metered = sum(one.watts for one in reductions if one.metered)
    stated = sum(one.watts for one in reductions if not one.metered)
    rewards = []
    for one in reductions:
        pot = target if one.metered else max(target - metered, 0)
        claims = max(pot, metered if one.metered else stated)
        rewards.append(pot and pot * reward_per_kw * one.watts // (claims * W_PER_KW))
    return rewards


def portfolio_rewards(
    target_kw: int, reward_per_kw: int, members: Sequence[PortfolioMember], *, fee_bps: int
) -> list[tuple[int, int]]:
    """What each member of a portfolio gets, and its aggregator for it, rounded down, in an event
    that nobody else is in."""
    counted = counted_of(members)
    reductions = [max(one.reduction, 0) for one in members]
    target = target_kw * W_PER_KW
    rewards = []
    for reduction in reductions:
        share = reduction and counted * reduction // sum(reductions)
        reward = target * reward_per_kw * share // (max(target, counted) * W_PER_KW)
        fee = reward * fee_bps // _BPS
        rewards.append((reward - fee, fee))
    return rewards
