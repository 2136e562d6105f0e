"""All walkthroughs, one after the other, each on the same fresh market."""

from __future__ import annotations

from scripts._walkthrough.command import walkthrough
from scripts.walkthrough.assets import story as assets
from scripts.walkthrough.carbon import story as carbon
from scripts.walkthrough.certificates import story as certificates
from scripts.walkthrough.communities import story as communities
from scripts.walkthrough.community_days import story as community_days
from scripts.walkthrough.demand_response import story as demand_response
from scripts.walkthrough.energy import story as energy
from scripts.walkthrough.governance import story as governance
from scripts.walkthrough.grid import story as grid
from scripts.walkthrough.meters import story as meters
from scripts.walkthrough.oracles import story as oracles
from scripts.walkthrough.relays import story as relays
from scripts.walkthrough.settlement import story as settlement
from scripts.walkthrough.tariffs import story as tariffs
from scripts.walkthrough.trading import story as trading

# In the order in which a newcomer meets them.
STORIES = (
    settlement,
    tariffs,
    meters,
    energy,
    communities,
    community_days,
    trading,
    grid,
    demand_response,
    assets,
    certificates,
    carbon,
    oracles,
    relays,
    governance,
)
cli = walkthrough(str(__doc__), *STORIES)
