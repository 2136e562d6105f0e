"""Governance: who may change the market's rules, and what it takes."""

from __future__ import annotations

from energy_grid.client import errors
from scripts._walkthrough.command import walkthrough
from scripts._walkthrough.stage import Stage, Story
from scripts.walkthrough._governance_access import roles_and_delays
from scripts.walkthrough._governance_limits import limits
from scripts.walkthrough._governance_safe import several_owners
from scripts.walkthrough._governance_settings import own_settings
from scripts.walkthrough._governance_timelock import waiting
from scripts.walkthrough._governance_token import the_token
from scripts.walkthrough._governance_votes import a_decision


def tell(stage: Stage) -> None:
    """a tariff by vote, roles by the AccessManager, a Safe of several owners, and no way around."""
    the_token(stage)
    a_decision(stage)
    limits(stage)
    own_settings(stage)
    waiting(stage)
    roles_and_delays(stage)
    several_owners(stage)
    _the_end_of_time(stage)


def _the_end_of_time(stage: Stage) -> None:
    stage.chapter("The end of time")
    stage.says("Votes are read by times of 48 bits, which last for eight million years.")
    stage.wait_until(2**48)
    stage.refuses_to_answer(
        "the time after that",
        errors.SafeCastOverflowedUintDowncast,
        stage.market.votes.clock,
        bits=48,
    )


story = Story(
    name="governance",
    contracts=(
        "GovernanceToken",
        "GridGovernor",
        "TimelockController",
        "AccessManager",
        "Safe",
        "SafeProxyFactory",
        "MultiSendCallOnly",
        "CompatibilityFallbackHandler",
    ),
    tell=tell,
)
cli = walkthrough(str(__doc__), story)
