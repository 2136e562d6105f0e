"""What VENs write: vens, resources, reports, subscriptions. Each sees its own, and no other's.

Types of paths that are made below are no texts, so that they are found.
"""

from contextlib import AbstractContextManager, nullcontext
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from energy_grid.backend.api.limits import Few
from energy_grid.backend.api.vtn.asking import PLAIN, Asker, Limit, Skip, found
from energy_grid.backend.grid_service.openadr.models import (
    KeptReport,
    KeptResource,
    KeptSubscription,
    KeptVen,
    ObjectId,
    ReportRequest,
    ResourceRequest,
    SubscriptionRequest,
    VenRequest,
    Written,
)
from energy_grid.backend.grid_service.openadr.objects import ObjectKind

__all__ = ["ROUTER"]

ROUTER = APIRouter()
_VEN, _RESOURCE = ObjectKind.VEN, ObjectKind.RESOURCE
_REPORT, _SUBSCRIPTION = ObjectKind.REPORT, ObjectKind.SUBSCRIPTION
# A callback that does not answer holds a thread for seconds.
_CALLING = Few(4, "other callbacks are being asked")
_Name = Annotated[str | None, Query(max_length=128, description="Only those that have it.")]


@ROUTER.get("/vens", tags=["vens"], response_model=list[KeptVen], **PLAIN)
def search_vens(
    asking: Asker, venName: _Name = None, skip: Skip = 0, limit: Limit = 50
) -> list[dict[str, Any]]:
    """The VEN's own, the newest first."""
    own = asking.door.objects.all(asking.ven.author, _VEN)
    return _page(own, skip, limit, venName=venName)


@ROUTER.get("/resources", tags=["resources"], response_model=list[KeptResource], **PLAIN)
def search_resources(
    asking: Asker,
    venID: ObjectId | None = None,
    resourceName: _Name = None,
    skip: Skip = 0,
    limit: Limit = 50,
) -> list[dict[str, Any]]:
    """The VEN's own, the newest first."""
    own = asking.door.objects.all(asking.ven.author, _RESOURCE)
    return _page(own, skip, limit, venID=venID, resourceName=resourceName)


@ROUTER.get("/reports", tags=["reports"], response_model=list[KeptReport], **PLAIN)
def search_all_reports(
    asking: Asker,
    programID: ObjectId | None = None,
    eventID: ObjectId | None = None,
    clientName: _Name = None,
    skip: Skip = 0,
    limit: Limit = 50,
) -> list[dict[str, Any]]:
    """The VEN's own, the newest first."""
    own = asking.door.objects.all(asking.ven.author, _REPORT)
    if programID is not None:
        events = {
            each["id"]
            for each in asking.door.signals.events(asking.ven.account)
            if each["programID"] == programID
        }
        own = [each for each in own if each["eventID"] in events]
    return _page(own, skip, limit, eventID=eventID, clientName=clientName)


@ROUTER.get(
    "/subscriptions", tags=["subscriptions"], response_model=list[KeptSubscription], **PLAIN
)
def search_subscriptions(
    asking: Asker,
    programID: ObjectId | None = None,
    clientName: _Name = None,
    skip: Skip = 0,
    limit: Limit = 50,
) -> list[dict[str, Any]]:
    """The VEN's own, the newest first."""
    own = asking.door.objects.all(asking.ven.author, _SUBSCRIPTION)
    return _page(own, skip, limit, programID=programID, clientName=clientName)


def _serve(
    kind: ObjectKind,
    request: type[Written],
    kept: type,
    described: str,
    by_id: str = "search_{0}_by_id",
) -> None:
    """The paths of one kind: create; and read, write anew and delete by its number.

    Args:
        described: what creating one is for.
        by_id: how the standard names the reading.
    """
    what = kind.lower()
    many = f"{what}s"
    one = f"/{many}/{{{what}ID}}"
    common: dict[str, Any] = {"tags": [many], "response_model": kept, **PLAIN}
    Id = Annotated[ObjectId, Path(alias=f"{what}ID", description="As a list has it.")]
    is_asked = kind is ObjectKind.SUBSCRIPTION

    def place() -> AbstractContextManager[None]:
        return _CALLING.place() if is_asked else nullcontext()

    def create(asking: Asker, written: request) -> dict[str, Any]:  # type: ignore[valid-type]
        with place():
            return asking.door.create(asking.ven, kind, written)

    def find(asking: Asker, name: Id) -> dict[str, Any]:
        """One of the VEN's own."""
        return found(asking.door.objects.find(asking.ven.author, kind, name), what)

    def update(asking: Asker, name: Id, written: request) -> dict[str, Any]:  # type: ignore[valid-type]
        """Write one of the VEN's own anew."""
        with place():
            return found(asking.door.update(asking.ven, kind, name, written), what)

    def delete(asking: Asker, name: Id) -> dict[str, Any]:
        """Delete one of the VEN's own, and what belongs to it."""
        return found(asking.door.objects.remove(asking.ven.author, kind, name), what)

    ROUTER.post(
        f"/{many}",
        name=f"create_{what}",
        description=described,
        status_code=HTTPStatus.CREATED,
        **common,
    )(create)
    ROUTER.get(one, name=by_id.format(what), **common)(find)
    ROUTER.put(one, name=f"update_{what}", **common)(update)
    ROUTER.delete(one, name=f"delete_{what}", **common)(delete)


_serve(_VEN, VenRequest, KeptVen, "Say what the VEN is.")
_serve(_RESOURCE, ResourceRequest, KeptResource, "Say what the VEN controls.")
_serve(
    _REPORT,
    ReportRequest,
    KeptReport,
    "Say what was measured in an event, or whether the account takes part in it: a value of"
    " `OPERATING_STATE` that ends in `OPTED_OUT` opts out, one that ends in `CURTAILED` in again.",
    by_id="search_reports_by_report_id",
)
_serve(
    _SUBSCRIPTION,
    SubscriptionRequest,
    KeptSubscription,
    "Ask to be told of programs and events: whoever is at the callback is first asked with a GET"
    " to repeat the parameter `echo`.",
)


def _page(
    own: list[dict[str, Any]], skip: int, limit: int, **wanted: str | None
) -> list[dict[str, Any]]:
    """Those that have all values that are wanted."""
    named = {name: value for name, value in wanted.items() if value is not None}
    found_ = [each for each in own if named.items() <= _texts(each).items()]
    return found_[skip : skip + limit]


def _texts(document: dict[str, Any]) -> dict[str, str]:
    return {name: value for name, value in document.items() if isinstance(value, str)}
