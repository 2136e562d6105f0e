"""Programs and events: the chain's, so nobody writes them here."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query

from energy_grid.backend.api.problems import ProblemError
from energy_grid.backend.api.vtn.asking import PLAIN, Asker, Id, Limit, Skip, found
from energy_grid.backend.grid_service.openadr.models import Event, ObjectId, Program

__all__ = ["ROUTER"]

ROUTER = APIRouter()
_Targets = Annotated[
    list[str] | None,
    Query(max_length=100, description="Only what has these; programs and events here have none."),
]


@ROUTER.get("/programs", tags=["programs"], response_model=list[Program], **PLAIN)
def search_all_programs(
    asking: Asker, targets: _Targets = None, skip: Skip = 0, limit: Limit = 50
) -> list[dict[str, Any]]:
    """Programs that the account can join or has been in, and those for the events of its regions;
    the newest first."""
    programs = [] if targets else asking.door.signals.programs(asking.ven.account)
    return programs[skip : skip + limit]


@ROUTER.get("/programs/{programID}", tags=["programs"], response_model=Program, **PLAIN)
def search_program_by_program_id(asking: Asker, programID: Id) -> dict[str, Any]:
    """A program."""
    return found(asking.door.signals.program(asking.ven.account, programID), "program")


@ROUTER.get("/events", tags=["events"], response_model=list[Event], **PLAIN)
def search_all_events(
    asking: Asker,
    programID: ObjectId | None = None,
    targets: _Targets = None,
    skip: Skip = 0,
    limit: Limit = 50,
    active: Annotated[bool, Query(description="Only those that are not over.")] = False,
) -> list[dict[str, Any]]:
    """Events in which the account is asked, the newest first. Those that were cancelled there are
    no more."""
    events = [] if targets else asking.door.signals.events(asking.ven.account, is_active=active)
    wanted = [each for each in events if programID in (None, each["programID"])]
    return wanted[skip : skip + limit]


@ROUTER.get("/events/{eventID}", tags=["events"], response_model=Event, **PLAIN)
def search_events_by_id(asking: Asker, eventID: Id) -> dict[str, Any]:
    """An event."""
    return found(asking.door.signals.event(asking.ven.account, eventID), "event")


@ROUTER.post("/programs", tags=["programs"])
def create_program(asking: Asker) -> None:
    """Nobody does: operators open programs on the chain."""
    raise _of_the_chain("programs")


@ROUTER.put("/programs/{programID}", tags=["programs"])
def update_program(asking: Asker, programID: Id) -> None:
    """Nobody does."""
    raise _of_the_chain("programs")


@ROUTER.delete("/programs/{programID}", tags=["programs"])
def delete_program(asking: Asker, programID: Id) -> None:
    """Nobody does: operators close programs on the chain."""
    raise _of_the_chain("programs")


@ROUTER.post("/events", tags=["events"])
def create_event(asking: Asker) -> None:
    """Nobody does: operators announce events on the chain."""
    raise _of_the_chain("events")


@ROUTER.put("/events/{eventID}", tags=["events"])
def update_event(asking: Asker, eventID: Id) -> None:
    """Nobody does."""
    raise _of_the_chain("events")


@ROUTER.delete("/events/{eventID}", tags=["events"])
def delete_event(asking: Asker, eventID: Id) -> None:
    """Nobody does: operators cancel events on the chain."""
    raise _of_the_chain("events")


def _of_the_chain(what: str) -> ProblemError:
    return ProblemError(
        HTTPStatus.FORBIDDEN,
        "of-the-chain",
        f"{what} are the chain's: grid operators write them there, and nobody here",
    )
