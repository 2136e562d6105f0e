"""Administration: who may change the market and what is being changed, where it is, how it runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy import select

from energy_grid.api.values import time_of
from energy_grid.backend.api.routes import directory, market
from energy_grid.backend.api.safe_queue import SafeQueue
from energy_grid.backend.store.events import table_of
from energy_grid.chain.multicall import ChainQuery, read_all
from energy_grid.chain.roles import Role
from energy_grid.frontend.site import Look, Looks, page
from energy_grid.market.call_words import measure
from energy_grid.market.figures import Figures

__all__ = ["ROUTER"]

ROUTER = APIRouter(prefix="/administration")
_PROPOSALS = 10


@ROUTER.get("")
def overview(look: Looks) -> HTMLResponse:
    """What everybody may know of it; what waits for the Safe's owners they alone see."""
    grid, reader = look.backend.market, look.reader
    votes = grid.votes
    safes = [_waiting(look, name) for name in grid.safes]
    guardian = next((each for each in safes if Role.GUARDIAN.name in each["info"].roles), None)
    return page(
        look,
        "administration.html",
        safes=safes,
        guardian=guardian["info"].name if guardian is not None and guardian["is_owner"] else None,
        owned={each["info"].safe: each["info"].name for each in safes if each["is_owner"]},
        scheduled=_scheduled(look),
        proposals=_proposals(look),
        votes=None if reader is None else votes.get_votes(reader) // 10 ** votes.decimals(),
        vote_symbol=votes.symbol(),
        roles=_holders(look),
        places=_places(look),
        about=market.market(look),
        states=look.request.app.state.roles(),
    )


def _waiting(look: Look, name: str) -> Mapping[str, Any]:
    """A Safe, and what waits for its owners if the reader is one."""
    queue = SafeQueue(look.backend, name)
    info = queue.info()
    is_owner = look.reader in info.owners
    return {"info": info, "is_owner": is_owner, "queue": queue.all() if is_owner else []}


def _scheduled(look: Look) -> list[Mapping[str, object]]:
    """The calls that wait, of all that were ever scheduled."""
    grid, known = look.backend.market, table_of("AccessManager", "OperationScheduled").c
    wanted = select(known.operation_id, known.caller, known.target, known.data)
    with look.backend.database.reading() as connection:
        rows = connection.execute(wanted.order_by(known.block)).all()
    figures = Figures(grid)
    return [
        {
            "id": each.id.hex(),
            "caller": each.caller,
            "effect": measure(figures, each.call),
            "target": each.call.target,
            "data": f"0x{each.call.data.hex()}",
            "due_at": time_of(each.executable_at),
            "is_due": each.executable_at <= grid.node.time,
            "expires_at": time_of(each.expires_at),
        }
        for each in grid.still_scheduled(
            (bytes.fromhex(row[0][2:]), row[1], row[2], bytes.fromhex(row[3][2:])) for row in rows
        )
    ]


def _proposals(look: Look) -> list[Mapping[str, object]]:
    grid = look.backend.market
    figures, unit = Figures(grid), 10 ** grid.votes.decimals()
    said = {each.id: each.description for each in directory.proposals(look).items}
    return [
        {
            "id": each.id,
            "number": each.number,
            "state": each.state.name,
            # The name that keeps others from cancelling it is for machines.
            "because": said.get(each.id, "").rpartition(" #proposer=")[0],
            "effects": [measure(figures, call) for call in each.calls],
            "ends_at": time_of(each.vote_end),
            "due_at": time_of(each.eta) if each.eta else None,
            "is_due": bool(each.eta) and each.eta <= grid.node.time,
            "predecessors": each.predecessors,
            "in_favour": each.tally.for_votes // unit,
            "against": each.tally.against_votes // unit,
        }
        for each in grid.proposals(0, _PROPOSALS)
    ]


def _holders(look: Look) -> Mapping[Role, list[str]]:
    """Who has each role now, of all who ever got it."""
    granted = table_of("AccessManager", "RoleGranted").c
    with look.backend.database.reading() as connection:
        wanted = select(granted.role_id, granted.account).order_by(granted.block)
        pairs = [
            *dict.fromkeys((int(row.role_id), row.account) for row in connection.execute(wanted))
        ]
    access = look.backend.market.access
    answers = read_all(access.node, [ChainQuery(access, "hasRole", pair) for pair in pairs])
    return {
        role: [
            account
            for (number, account), (is_member, _) in zip(pairs, answers, strict=True)
            if number == role and is_member
        ]
        for role in Role
    }


def _places(look: Look) -> Mapping[str, str]:
    """What addresses of the market are called."""
    grid = look.backend.market
    known = {one.address: name for name, one in grid.deployment.contracts.items()}
    return known | {safe.address: f"Safe ({name})" for name, safe in grid.safes.items()}
