"""The objects of OpenADR 3.1: what VENs write, and what they are answered.

What is written and the standard does not name is left out.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AliasGenerator, BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr
from pydantic.alias_generators import to_camel

__all__ = [
    "AuthServer",
    "Event",
    "EventDescriptor",
    "Interval",
    "IntervalPeriod",
    "KeptReport",
    "KeptResource",
    "KeptSubscription",
    "KeptVen",
    "Notifiers",
    "ObjectId",
    "ObjectOperation",
    "Payload",
    "Program",
    "ReportDescriptor",
    "ReportRequest",
    "ResourceRequest",
    "SubscriptionRequest",
    "Token",
    "TokenError",
    "VenRequest",
    "Written",
]

_MOST = 100
_DURATION = r"^-?P([0-9]+Y)?([0-9]+M)?([0-9]+[DW])?(T([0-9]+H)?([0-9]+M)?([0-9.]+S)?)?$"
# A request that an account has signed is the longest text.
_LONGEST = 12_000

ObjectId = Annotated[str, Field(pattern="^[a-zA-Z0-9_-]{1,128}$")]
# Without characters that no database keeps.
_Name = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f]+$")]
_Text = Annotated[StrictStr, Field(max_length=_LONGEST)]
_Number = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=-1e15, le=1e15)]
_Whole = Annotated[StrictInt, Field(ge=-(10**15), le=10**15)]


class _Part(BaseModel):
    model_config = ConfigDict(
        alias_generator=AliasGenerator(to_camel), populate_by_name=True, frozen=True
    )


class Point(_Part):
    """A point of a curve."""

    x: _Number
    y: _Number


class Payload(_Part):
    """Values of a type, such as the energy of an interval."""

    type: _Name
    values: list[StrictBool | _Whole | _Number | _Text | Point] = Field(max_length=_MOST)


class IntervalPeriod(_Part):
    """When, and for how long."""

    start: Annotated[str, Field(max_length=40)] | None = None
    duration: Annotated[str, Field(pattern=_DURATION, max_length=40)] | None = None
    randomize_start: Annotated[str, Field(pattern=_DURATION, max_length=40)] | None = None


class Interval(_Part):
    """Payloads of a time."""

    id: _Whole
    interval_period: IntervalPeriod | None = None
    payloads: list[Payload] = Field(max_length=_MOST)


class _Descriptor(_Part):
    object_type: Literal["REPORT_PAYLOAD_DESCRIPTOR"] = "REPORT_PAYLOAD_DESCRIPTOR"
    payload_type: _Name
    reading_type: _Name | None = None
    units: _Name | None = None
    accuracy: _Number | None = None
    confidence: Annotated[StrictInt, Field(ge=0, le=100)] | None = None


class ReportResource(_Part):
    """What is reported of one resource."""

    resource_name: _Name
    interval_period: IntervalPeriod | None = None
    intervals: list[Interval] = Field(max_length=_MOST)


class Written(_Part):
    """An object that a VEN writes."""


class VenRequest(Written):
    """A VEN."""

    ven_name: _Name
    attributes: list[Payload] | None = Field(default=None, max_length=_MOST)


class ResourceRequest(Written):
    """What a VEN controls."""

    resource_name: _Name
    ven_id: ObjectId = Field(alias="venID")
    attributes: list[Payload] | None = Field(default=None, max_length=_MOST)


class ReportRequest(Written):
    """What a VEN says of an event: its telemetry, and whether it takes part."""

    event_id: ObjectId = Field(alias="eventID")
    client_name: _Name
    report_name: Annotated[str, Field(max_length=128)] | None = None
    payload_descriptors: list[_Descriptor] | None = Field(default=None, max_length=_MOST)
    resources: list[ReportResource] = Field(max_length=_MOST)

    def values_of(self, kind: str) -> list[object]:
        """All values of a type of payload."""
        return [
            value
            for resource in self.resources
            for interval in resource.intervals
            for payload in interval.payloads
            if payload.type == kind
            for value in payload.values
        ]


class ObjectOperation(_Part):
    """Of which changes of which objects, and where."""

    objects: list[Literal["PROGRAM", "EVENT", "REPORT", "SUBSCRIPTION", "VEN", "RESOURCE"]] = Field(
        max_length=_MOST
    )
    operations: list[Literal["READ", "CREATE", "UPDATE", "DELETE"]] = Field(max_length=_MOST)
    callback_url: Annotated[str, Field(min_length=2, max_length=2000)]
    bearer_token: Annotated[str, Field(max_length=2000, pattern="^[!-~]*$")] | None = None


class SubscriptionRequest(Written):
    """Of what a VEN wants to be told, and where."""

    client_name: _Name
    program_id: ObjectId | None = Field(default=None, alias="programID")
    object_operations: list[ObjectOperation] = Field(min_length=1, max_length=10)
    targets: list[_Name] | None = Field(default=None, max_length=_MOST)


class _Kept(_Part):
    """What every object has that the market keeps or makes."""

    id: ObjectId
    created_date_time: str
    modification_date_time: str


class _OfClient(_Kept):
    client_id: str = Field(alias="clientID")


class KeptVen(VenRequest, _OfClient):
    """A VEN as it is answered."""

    object_type: Literal["VEN"] = "VEN"


class KeptResource(ResourceRequest, _OfClient):
    """A resource as it is answered."""

    object_type: Literal["RESOURCE"] = "RESOURCE"


class KeptReport(ReportRequest, _OfClient):
    """A report as it is answered."""

    object_type: Literal["REPORT"] = "REPORT"


class KeptSubscription(SubscriptionRequest, _OfClient):
    """A subscription as it is answered."""

    object_type: Literal["SUBSCRIPTION"] = "SUBSCRIPTION"


class EventDescriptor(_Part):
    """The unit of a type of payload."""

    object_type: Literal["EVENT_PAYLOAD_DESCRIPTOR"] = "EVENT_PAYLOAD_DESCRIPTOR"
    payload_type: str
    units: str | None = None
    currency: str | None = None


class ReportDescriptor(_Part):
    """A report that is asked for."""

    payload_type: str
    reading_type: str | None = None
    units: str | None = None


class Program(_Kept):
    """A program."""

    object_type: Literal["PROGRAM"] = "PROGRAM"
    program_name: str
    interval_period: IntervalPeriod | None = None
    payload_descriptors: list[EventDescriptor] | None = None
    attributes: list[Payload] | None = None


class Event(_Kept):
    """An event."""

    object_type: Literal["EVENT"] = "EVENT"
    program_id: ObjectId = Field(alias="programID")
    event_name: str
    priority: int | None = None
    report_descriptors: list[ReportDescriptor] | None = None
    payload_descriptors: list[EventDescriptor] | None = None
    interval_period: IntervalPeriod
    intervals: list[Interval]


class Notifiers(BaseModel):
    """How VENs can be told of changes."""

    WEBHOOK: Literal[True] = True


class AuthServer(_Part):
    """Where tokens are given out."""

    token_url: str = Field(alias="tokenURL")


class Token(BaseModel):
    """A token (RFC 6749)."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"
    expires_in: int
    scope: str


class TokenError(BaseModel):
    """Why there is no token (RFC 6749)."""

    error: Literal["invalid_request", "invalid_client", "unsupported_grant_type"]
    error_description: str
