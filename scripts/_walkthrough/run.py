"""Runs stories, each on the market as it was deployed, on a chain of their own."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from energy_grid.chain.deployments import Deployment
from energy_grid.chain.rpc.node import DevNode
from energy_grid.demo.bootstrap import local_market
from scripts._walkthrough.stage import Stage, Story

__all__ = ["GENESIS", "START", "run", "tell"]

Say = Callable[[str], object]

# Monday 2024-01-01 00:00 UTC, and the day after, when every story begins.
GENESIS = 1_704_067_200
START = GENESIS + 86_400


def run(stories: Sequence[Story], say: Say, progress: Say) -> None:
    """Run stories, each on the same fresh market; a line at the end says what each has shown.

    Args:
        say: prints the lines of the stories.
        progress: prints what is being waited for.

    Raises:
        CheckFailedError: a step does not go as written, or a story leaves something out.
    """
    progress("A market is deployed on a chain of its own")
    with local_market(timestamp=GENESIS, parameters={}, log=lambda _: None) as local:
        results = [(one, tell(one, local.node, local.contracts.deployment, say)) for one in stories]
    if len(results) > 1:
        say("")
        for story, line in results:
            say(f"{story.name}: {line}")


def tell(
    story: Story,
    node: DevNode,
    deployment: Deployment,
    say: Say,
    *,
    at_end: Callable[[], object] = lambda: None,
) -> str:
    """Run a story and revert the chain to the state before; returns what it showed, in a line.

    Args:
        at_end: called before the chain is reverted.

    Raises:
        CheckFailedError: as of `run`.
    """
    before = node.snapshot()
    began = time.monotonic()
    say("")
    say(f"{story.name.replace('_', ' ').capitalize()}: {story.summary}")
    stage = Stage(node, deployment, story, say)
    try:
        stage.wait_until(START)
        story.tell(stage)
        shown = f"{stage.finish()}, {time.monotonic() - began:.0f} s"
        at_end()
        return shown
    finally:
        stage.close()
        node.revert(before)
