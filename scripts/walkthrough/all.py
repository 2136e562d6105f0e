"""All walkthroughs, one after the other, each on the same fresh market."""

from __future__ import annotations

from scripts._walkthrough.command import walkthrough
from scripts.walkthrough.carbon import story as carbon
from scripts.walkthrough.demand_response import story as demand_response
from scripts.walkthrough.governance import story as governance
from scripts.walkthrough.grid import story as grid
from scripts.walkthrough.meters import story as meters
from scripts.walkthrough.oracles import story as oracles
from scripts.walkthrough.settlement import story as settlement
from scripts.walkthrough.trading import story as trading

# In the order in which a newcomer meets them.
STORIES = (settlement, trading, meters, grid, demand_response, carbon, oracles, governance)
cli = walkthrough(str(__doc__), *STORIES)
