"""All walkthroughs, one after the other, each on the same fresh market."""

from __future__ import annotations

from scripts._walkthrough.command import walkthrough
from scripts.walkthrough.grid import story as grid
from scripts.walkthrough.oracles import story as oracles

STORIES = (grid, oracles)
cli = walkthrough(str(__doc__), *STORIES)
