"""In which communities and regions accounts are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import Connection, select

from energy_grid.backend.store.events import table_of
from energy_grid.backend.store.views import VIEWS
from energy_grid.chain.contract import from_bytes32

__all__ = ["operated_of", "places_of", "regions_of"]

_FOREVER = 10**6


def regions_of(connection: Connection) -> dict[str, str]:
    """Names of regions as the chain has them, and as people read them, the home region first."""
    added = table_of("Tariffs", "RegionAdded").c
    found = connection.scalars(select(added.region).order_by(added.id)).all()
    return {each: from_bytes32(bytes.fromhex(each[2:])) for each in found}


def places_of(connection: Connection) -> Mapping[str, list[tuple[str, int, int]]]:
    """The communities and regions of each account: ``community:1`` or ``region:home``, from which
    day to before which one."""
    found: dict[str, list[tuple[str, int, int]]] = defaultdict(list)
    joined, meters = VIEWS["memberships"].c, VIEWS["meters"].c
    for community, account, first, end in connection.execute(
        select(joined.community, joined.account, joined.from_day, joined.end_day)
    ):
        last = _FOREVER if end is None else int(end)
        found[account].append((f"community:{community}", int(first), last))
    regions = regions_of(connection)
    placed = select(meters.account, meters.region).where(meters.is_settlement).distinct()
    for account, region in connection.execute(placed):
        found[account].append((f"region:{regions[region]}", 0, _FOREVER))
    return found


def operated_of(connection: Connection) -> dict[str, str]:
    """The region of each of its operators, also of those who operate it no longer."""
    registered, regions = (
        table_of("GridOperatorVerification", "OperatorRegistered").c,
        regions_of(connection),
    )
    found = connection.execute(select(registered.operator, registered.region))
    return {who: f"region:{regions[region]}" for who, region in found if region in regions}
