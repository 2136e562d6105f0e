"""All walkthroughs, one after the other, each on the same fresh market."""

from __future__ import annotations

from scripts._walkthrough.command import walkthrough
from scripts.walkthrough.governance import story as governance
from scripts.walkthrough.oracles import story as oracles

STORIES = (oracles, governance)
cli = walkthrough(str(__doc__), *STORIES)
