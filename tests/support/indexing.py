"""Whether the store gets all that a chain has, on both databases."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from sqlalchemy import select

from energy_grid.backend.indexer.indexer import Indexer
from energy_grid.backend.store.blocks import BLOCKS, CHAIN
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.events import EVENTS
from energy_grid.backend.store.feed import FEED
from energy_grid.backend.store.tables import METADATA
from energy_grid.backend.store.views import VIEWS
from energy_grid.chain.abi import from_bytes32
from energy_grid.chain.deployments import Deployment
from energy_grid.chain.rpc.node import Node
from energy_grid.client import EnergyGrid
from tests.support.databases import BACKENDS, drop_database, new_database

__all__ = ["require_all_indexed"]

_TABLES = {
    (contract, each.event.name): each.table.name
    for contract, some in EVENTS.items()
    for each in some.values()
}


def require_all_indexed(node: Node, deployment: Deployment, folder: Path) -> frozenset[str]:
    """Fill an empty store of each kind, and compare: every event of the market has its row, and
    both have the same ones; what views say is what the chain says. Gives the tables that have rows.

    Raises:
        AssertionError: they differ.
    """
    market = EnergyGrid(node, deployment)
    logs = node.rpc("eth_getLogs", {"fromBlock": hex(deployment.first_block), "toBlock": "latest"})
    expected = Counter(_TABLES[each.contract, each.event] for each in market.events_in(logs))
    stores = []
    for kind in BACKENDS:
        url = new_database(kind, folder)
        database = Database.open(url)
        indexer = Indexer(market, database, finality=64)
        while not indexer.step():
            pass
        with database.reading() as connection:
            rows = {
                table.name: sorted(map(repr, connection.execute(select(table))))
                for table in METADATA.sorted_tables
                if table not in (BLOCKS, CHAIN, FEED)
            }
        _require_views(market, database)
        database.close()
        drop_database(url)
        stores.append(rows)
    assert stores[0] == stores[1]
    found = {name: len(rows) for name, rows in stores[0].items() if rows}
    assert {name: found.get(name, 0) for name in expected} == expected
    assert {name for name in found if name in _TABLES.values()} == {*expected}
    return frozenset(found)


def _require_views(market: EnergyGrid, database: Database) -> None:
    """What views say is what the chain's own views say."""
    with database.reading() as connection:
        rows = {name: connection.execute(select(view)).all() for name, view in VIEWS.items()}
    for account in rows["accounts"]:
        assert market.settlement.number_of(account.account) == account.number
    for meter in rows["meters"]:
        known = market.meters.get_meter(meter.meter)
        assert (known.number, known.rated_power) == (meter.number, meter.rated_power)
    for community in rows["communities"]:
        known = market.communities.community_of(community.id)
        assert (known.manager, known.region) == (community.manager, _name(community.region))
        found = [each for each in rows["memberships"] if each.community == community.id]
        assert {(each.account, each.from_day, each.end_day) for each in found} == {
            (each.account, each.first_day, each.end_day)
            for each in market.memberships(community.id)
        }
    for order in rows["orders"]:
        known = market.trading.get_order(order.order_id)
        terms = market.trading.get_order_terms(order.order_id)
        assert (known.trader, known.amount, known.price) == (
            *(order.trader, order.amount),
            order.price,
        )
        left = order.amount - order.matched
        assert order.cancelled_at is not None or terms.remaining == left
    for trade in rows["trades"]:
        known = market.trading.get_transaction(trade.transaction_id)
        assert (known.amount, known.price) == (trade.amount, trade.price)
    for tariff in rows["tariffs"]:
        known = market.tariffs.tariff_of(_name(tariff.region), tariff.day)
        assert (known.buy, known.feed_in) == (tariff.buy, tariff.feed_in)
    for program in rows["programs"]:
        known = market.demand_response.get_program(program.program_id)
        assert (known.name, known.operator) == (program.name, program.operator)
    for event in rows["dr_events"]:
        known = market.demand_response.get_event(event.event_id)
        assert (known.start_time, known.end_time) == (event.start_time, event.end_time)
    for asset in rows["assets"]:
        known = market.assets.get_asset(asset.asset)
        assert market.assets.owner_of(asset.asset) == asset.owner
        assert (known.terms.capacity, known.in_service) == (asset.capacity, asset.in_service)
    for credit in rows["credits"]:
        assert market.energy_token.balance_of(credit.account) == credit.balance
    for device in rows["certificate_devices"]:
        known = market.certificates.device_of(device.device)
        assert (known.account, known.owed) == (device.account, device.owed_wh)
        assert (known.from_slot, known.until_slot or None) == (device.from_slot, device.until_slot)
    for part in rows["certificates"]:
        certificate = market.certificates.id_of(part.device, part.slot)
        assert market.certificates.balance_of(part.account, certificate) == part.held_wh
    for retired in rows["certificate_retirements"]:
        known = market.certificates.retirement(retired.id)
        assert (known.account, known.day, known.wh) == (retired.account, retired.day, retired.wh)
    for offer in rows["certificate_offers"]:
        known = market.certificate_market.offer_of(offer.offer_id)
        left = offer.unsold if offer.cancelled_at is None else 0
        assert (known.seller, known.remaining) == (offer.seller, left)
    # The manager of roles knows no later times; one story goes there.
    for role in rows["roles"] if market.node.time < 2**48 else ():
        assert market.access.has_role(role.role_id, role.account).is_member


def _name(region: str) -> str:
    return from_bytes32(bytes.fromhex(region[2:]))
