"""Shares of assets that an account has, and the revenue that waits for it."""

from __future__ import annotations

from sqlalchemy import select

from energy_grid.api.models import Holding
from energy_grid.backend.api.visit import Backend
from energy_grid.backend.store.events import SHARES, table_of
from energy_grid.chain.multicall import ChainQuery, read_all
from energy_grid.contracts.asset_shares import AssetShares
from energy_grid.domain.enums import EnergyType

__all__ = ["holdings_of"]

_QUESTIONS = ("balanceOf", "shareCount", "claimableOf")


def holdings_of(backend: Backend, account: str) -> list[Holding]:
    """Shares that an account has, or had and can claim revenue of; the newest assets first."""
    moved = table_of(SHARES, "Transfer").c
    divided = table_of("EnergyAssetNFT", "Fractionalized").c
    minted = table_of("EnergyAssetNFT", "AssetMinted").c
    had = select(moved.address).where(moved.to == account)
    wanted = (
        select(divided.asset, divided.shares, minted.kind, minted.capacity)
        .join_from(divided.shares.table, minted.asset.table, minted.asset == divided.asset)
        .where(divided.shares.in_(had))
        .order_by(divided.asset.desc(), divided.block.desc())
    )
    with backend.database.reading() as connection:
        rows = connection.execute(wanted).all()
    node = backend.market.node
    queries = [
        ChainQuery(AssetShares(node, row.shares), name, () if name == "shareCount" else (account,))
        for row in rows
        for name in _QUESTIONS
    ]
    answers = iter(read_all(node, queries))
    found = [
        Holding(
            asset=row.asset,
            kind=EnergyType(row.kind).name,
            capacity_w=row.capacity,
            shares=row.shares,
            held=next(answers),
            all_shares=next(answers),
            claimable=next(answers),
        )
        for row in rows
    ]
    return [each for each in found if each.held or each.claimable]
