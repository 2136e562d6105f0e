"""How large communities can become: members, their power, and how many there are."""

from __future__ import annotations

from energy_grid.client import errors
from energy_grid.domain.hashing import keccak
from scripts._walkthrough.houses import DAY, HOME, SLOT, House, today
from scripts._walkthrough.stage import Impersonated, Stage

__all__ = ["tell_of_bounds"]

# The deployment has made the first one, for everybody of the home region.
_OURS = 2
# Where Communities stores how many there are, and its communities; the place of seats in a word.
_COUNT_AT, _COMMUNITIES_AT, _SEATS_AT = 2, 3, 176


def tell_of_bounds(stage: Stage, houses: dict[str, House]) -> None:
    """Of members that do not fit, and of one community too many."""
    market, giant = stage.market, stage.person("a giant")
    communities, energy, settlement = market.communities, market.energy_accounts, market.settlement
    meters = Impersonated(settlement.meter_module())
    stage.chapter("How large it can become")
    stage.does("a power station has an account", meters, settlement.open_account(giant.address))
    number, first = settlement.number_of(giant.address), (today(stage) + 1) * DAY // SLOT
    stage.does(
        "and a meter of 70 MW, which no registrar of this market can register",
        meters,
        energy.attach(number, 1, first, 70_000_000),
    )
    stage.refuses(
        "it joins: a quarter of its power does not fit the sums of a community",
        errors.Communities_PowerTooHigh,
        giant,
        communities.join(_OURS),
        account=giant.address,
    )
    stage.says("Of 160 members, and of 16 million communities, we only let this chain pretend:")
    lodger = stage.person("a late comer")
    stage.does("a late comer has an account", meters, settlement.open_account(lodger.address))
    stage.does(
        "and a meter",
        meters,
        energy.attach(settlement.number_of(lodger.address), 1, first, 4000),
    )
    place = "0x" + keccak(_OURS.to_bytes(32) + _COMMUNITIES_AT.to_bytes(32)).hex()
    word = int(stage.node.rpc("eth_getStorageAt", communities.address, place, "latest"), 16)
    seats = word >> _SEATS_AT & 0xFFFF
    stage.check(seats == communities.community_of(_OURS).members, f"{seats} members are stored")
    full = word + (communities.max_members() - seats << _SEATS_AT)
    stage.node.rpc("anvil_setStorageAt", communities.address, place, f"0x{full:064x}")
    stage.refuses(
        "the 161st",
        errors.Communities_Full,
        lodger,
        communities.join(_OURS),
        id=_OURS,
    )
    stage.node.rpc("anvil_setStorageAt", communities.address, hex(_COUNT_AT), f"0x{2**24 - 1:064x}")
    stage.refuses(
        "one community more than their numbers reach",
        errors.Communities_TooMany,
        giant,
        communities.create(HOME, 0, giant.address),
    )
