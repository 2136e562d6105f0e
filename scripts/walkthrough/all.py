"""All walkthroughs, one after the other, each on the same fresh market."""

from __future__ import annotations

from scripts._walkthrough.command import walkthrough
from scripts.walkthrough.meters import story as meters
from scripts.walkthrough.oracles import story as oracles

STORIES = (meters, oracles)
cli = walkthrough(str(__doc__), *STORIES)
