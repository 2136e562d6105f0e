"""What VENs write: vens, resources, reports, subscriptions. Each sees its own, and no other's."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query

from energy_grid.backend.api.limits import Few
from energy_grid.backend.api.vtn.asking import PLAIN, Asker, Id, Limit, Skip, found
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
    asking: Asker,
    venName: _Name = None,
    skip: Skip = 0,
    limit: Limit = 50,
) -> list[dict[str, Any]]:
    """The VEN's own, the newest first."""
    own = asking.door.objects.all(asking.ven.author, _VEN)
    return _page(own, skip, limit, venName=venName)


@ROUTER.post(
    "/vens", tags=["vens"], response_model=KeptVen, **PLAIN, status_code=HTTPStatus.CREATED
)
def create_ven(asking: Asker, written: VenRequest) -> dict[str, Any]:
    """Say what the VEN is."""
    return asking.door.create(asking.ven, _VEN, written)


@ROUTER.get("/vens/{venID}", tags=["vens"], response_model=KeptVen, **PLAIN)
def search_ven_by_id(asking: Asker, venID: Id) -> dict[str, Any]:
    """One of the VEN's own."""
    return found(asking.door.objects.find(asking.ven.author, _VEN, venID), "ven")


@ROUTER.put("/vens/{venID}", tags=["vens"], response_model=KeptVen, **PLAIN)
def update_ven(asking: Asker, venID: Id, written: VenRequest) -> dict[str, Any]:
    """Write one of the VEN's own anew."""
    return found(asking.door.update(asking.ven, _VEN, venID, written), "ven")


@ROUTER.delete("/vens/{venID}", tags=["vens"], response_model=KeptVen, **PLAIN)
def delete_ven(asking: Asker, venID: Id) -> dict[str, Any]:
    """Delete one of the VEN's own, and what belongs to it."""
    return found(asking.door.objects.remove(asking.ven.author, _VEN, venID), "ven")


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


@ROUTER.post(
    "/resources",
    tags=["resources"],
    response_model=KeptResource,
    **PLAIN,
    status_code=HTTPStatus.CREATED,
)
def create_resource(asking: Asker, written: ResourceRequest) -> dict[str, Any]:
    """Say what the VEN controls."""
    return asking.door.create(asking.ven, _RESOURCE, written)


@ROUTER.get("/resources/{resourceID}", tags=["resources"], response_model=KeptResource, **PLAIN)
def search_resource_by_id(asking: Asker, resourceID: Id) -> dict[str, Any]:
    """One of the VEN's own."""
    return found(asking.door.objects.find(asking.ven.author, _RESOURCE, resourceID), "resource")


@ROUTER.put("/resources/{resourceID}", tags=["resources"], response_model=KeptResource, **PLAIN)
def update_resource(asking: Asker, resourceID: Id, written: ResourceRequest) -> dict[str, Any]:
    """Write one of the VEN's own anew."""
    return found(asking.door.update(asking.ven, _RESOURCE, resourceID, written), "resource")


@ROUTER.delete("/resources/{resourceID}", tags=["resources"], response_model=KeptResource, **PLAIN)
def delete_resource(asking: Asker, resourceID: Id) -> dict[str, Any]:
    """Delete one of the VEN's own, and what belongs to it."""
    return found(asking.door.objects.remove(asking.ven.author, _RESOURCE, resourceID), "resource")


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


@ROUTER.post(
    "/reports", tags=["reports"], response_model=KeptReport, **PLAIN, status_code=HTTPStatus.CREATED
)
def create_report(asking: Asker, written: ReportRequest) -> dict[str, Any]:
    """Say what was measured in an event, or whether the account takes part in it: a value of
    `OPERATING_STATE` that ends in `OPTED_OUT` opts out, one that ends in `CURTAILED` in again."""
    return asking.door.create(asking.ven, _REPORT, written)


@ROUTER.get("/reports/{reportID}", tags=["reports"], response_model=KeptReport, **PLAIN)
def search_reports_by_report_id(asking: Asker, reportID: Id) -> dict[str, Any]:
    """One of the VEN's own."""
    return found(asking.door.objects.find(asking.ven.author, _REPORT, reportID), "report")


@ROUTER.put("/reports/{reportID}", tags=["reports"], response_model=KeptReport, **PLAIN)
def update_report(asking: Asker, reportID: Id, written: ReportRequest) -> dict[str, Any]:
    """Write one of the VEN's own anew."""
    return found(asking.door.update(asking.ven, _REPORT, reportID, written), "report")


@ROUTER.delete("/reports/{reportID}", tags=["reports"], response_model=KeptReport, **PLAIN)
def delete_report(asking: Asker, reportID: Id) -> dict[str, Any]:
    """Delete one of the VEN's own, and what belongs to it."""
    return found(asking.door.objects.remove(asking.ven.author, _REPORT, reportID), "report")


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


@ROUTER.post(
    "/subscriptions",
    tags=["subscriptions"],
    response_model=KeptSubscription,
    **PLAIN,
    status_code=HTTPStatus.CREATED,
)
def create_subscription(asking: Asker, written: SubscriptionRequest) -> dict[str, Any]:
    """Ask to be told of programs and events: whoever is at the callback is first asked with a GET
    to repeat the parameter `echo`."""
    with _CALLING.place():
        return asking.door.create(asking.ven, _SUBSCRIPTION, written)


@ROUTER.get(
    "/subscriptions/{subscriptionID}",
    tags=["subscriptions"],
    response_model=KeptSubscription,
    **PLAIN,
)
def search_subscription_by_id(asking: Asker, subscriptionID: Id) -> dict[str, Any]:
    """One of the VEN's own."""
    return found(
        asking.door.objects.find(asking.ven.author, _SUBSCRIPTION, subscriptionID), "subscription"
    )


@ROUTER.put(
    "/subscriptions/{subscriptionID}",
    tags=["subscriptions"],
    response_model=KeptSubscription,
    **PLAIN,
)
def update_subscription(
    asking: Asker, subscriptionID: Id, written: SubscriptionRequest
) -> dict[str, Any]:
    """Write one of the VEN's own anew."""
    with _CALLING.place():
        kept = asking.door.update(asking.ven, _SUBSCRIPTION, subscriptionID, written)
    return found(kept, "subscription")


@ROUTER.delete(
    "/subscriptions/{subscriptionID}",
    tags=["subscriptions"],
    response_model=KeptSubscription,
    **PLAIN,
)
def delete_subscription(asking: Asker, subscriptionID: Id) -> dict[str, Any]:
    """Delete one of the VEN's own, and what belongs to it."""
    return found(
        asking.door.objects.remove(asking.ven.author, _SUBSCRIPTION, subscriptionID), "subscription"
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
