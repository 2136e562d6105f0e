"""OpenADR: what a VEN reads of the chain's programs and events, and how it opts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from decimal import Decimal
from typing import Any

import openadr3
import pytest
from eth_account.signers.local import LocalAccount
from openadr3.entities import raw

from energy_grid.backend.store.demand import participants_due
from energy_grid.chain.contract import to_bytes32
from energy_grid.domain.enums import EventChoice
from energy_grid.market.consent_files import calls_document
from tests.integration.backend.api.conftest import Api
from tests.integration.backend.api.openadr_world import (
    Vtn,
    account_of,
    metered,
    open_program,
    schedule,
)
from tests.integration.backend.api.test_client import served
from tests.support.market import DAY, MONDAY, actor
from tests.unit.contracts.demand_response.scheme import RATE, Scheme

_HOUR = 3600
on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def house(api: Api) -> LocalAccount:
    return metered(api, "household")


@pytest.fixture
def neighbour(api: Api) -> LocalAccount:
    return metered(api, "neighbour")


@pytest.fixture
def vtn(api: Api) -> Iterator[Vtn]:
    with served(api) as address, ExitStack() as ends:
        yield Vtn(api, address, ends)


@pytest.fixture
def opened(api: Api, house: LocalAccount) -> tuple[Scheme, int]:
    """A program that the house has joined."""
    return open_program(api, house)


def values(event: openadr3.Event, kind: str) -> list[Any]:
    """The values of a payload in each interval that has one."""
    return [
        value
        for interval in event.intervals or ()
        for payload in interval.payloads
        if payload.type == kind
        for value in payload.values
    ]


def report(event: int, state: str, **payloads: Any) -> dict[str, Any]:
    """A report of an operating state, and perhaps of more."""
    found = {"OPERATING_STATE": state, **payloads}
    return {
        "eventID": f"event-{event}",
        "clientName": "Heat pump",
        "resources": [
            {
                "resourceName": "Pump",
                "intervals": [
                    {
                        "id": 0,
                        "payloads": [
                            {"type": name, "values": [value]} for name, value in found.items()
                        ],
                    }
                ],
            }
        ],
    }


def test_programs__are_those_that_concern_the_account(
    vtn: Vtn, house: LocalAccount, opened: tuple[Scheme, int]
) -> None:
    scheme, program = opened
    scheme.registered("operator of another region")
    elsewhere = scheme.create(sender=scheme.registered("another operator"))
    vtn.api.live()
    ven = vtn.ven(house)
    found, region = ven.programs()
    for document in ven.get_programs().json():
        raw.RawProgram.model_validate(document)
    assert (found.id, found.program_name) == (f"program-{program}", f"Evening peak ({program})")
    assert found.interval_period.start.timestamp() == scheme.program(program).start_time
    assert (region.id, region.program_name) == (
        "region-686f6d65",
        "Events of the region home",
    )
    assert ven.find_program_by_name("Events of the region home").id == region.id
    assert ven.get_program_by_id(f"program-{elsewhere}").status_code == 404
    assert ven.programs(targets="x") == []
    assert [each.id for each in ven.programs(skip=1)] == [region.id]


def test_event__of_a_program__asks_its_members_alone(
    vtn: Vtn, house: LocalAccount, neighbour: LocalAccount, opened: tuple[Scheme, int]
) -> None:
    scheme, program = opened
    event = schedule(scheme, program, hours=2, ramp=1)
    # Whoever joins later has no part in it.
    scheme.do(neighbour, "joinProgram", program, 1000)
    vtn.api.live()
    ven, other = vtn.ven(house), vtn.ven(neighbour)
    (found,) = ven.events(active=True)
    raw.RawEvent.model_validate(ven.get_events().json()[0])
    assert (found.id, found.program_id) == (f"event-{event}", f"program-{program}")
    assert found.event_name == f"Event {event} of home"
    known = scheme.event(event)
    ramp, measured = found.resolved_intervals()
    assert ramp.interval_period.start.timestamp() == known.start_time
    assert measured.interval_period.start.timestamp() == known.start_time + _HOUR
    assert measured.interval_period.duration == timedelta(hours=1)
    assert values(found, "SIMPLE") == [1, 1]
    assert values(found, "PARTICIPATION") == ["IN", "IN"]
    assert values(found, "TEST") == [False, False]
    assert values(found, "REWARD") == [RATE / 10**6]
    assert other.events() == []
    assert other.get_event_by_id(found.id).status_code == 404
    assert ven.events(programID="region-686f6d65") == ven.events(targets="x") == []
    scheme.go_to_end(event)
    vtn.api.live()
    assert ven.events(active=True) == []
    assert [each.id for each in ven.events()] == [found.id]


def test_event__of_whoever_left_or_came_too_late__asks_them_no_more(vtn: Vtn) -> None:
    stays, left, came, goes = houses = [
        metered(vtn.api, name) for name in ("stays", "left", "came back", "goes later")
    ]
    scheme, program = open_program(vtn.api, *houses)
    for each in (left, came):
        scheme.do(each, "leaveProgram", program)
    scheme.do(came, "joinProgram", program, 1000)
    event = schedule(scheme, program)
    scheme.do(goes, "leaveProgram", program)
    later = schedule(scheme, program, ahead=6)
    vtn.api.live()
    names = [f"event-{each}" for each in (later, event)]
    found = [[each.id for each in vtn.ven(house).events()] for house in houses]
    assert found == [names, [], names, names[1:]]
    with vtn.api.database.reading() as connection:
        due = [{*connection.scalars(participants_due(each))} for each in (event, later)]
    asked = {each.address for each in (stays, came)}
    assert due == [asked | {goes.address}, asked]


def test_event__cancelled__is_there_no_more(
    vtn: Vtn, house: LocalAccount, opened: tuple[Scheme, int]
) -> None:
    scheme, program = opened
    event = schedule(scheme, program)
    vtn.api.live()
    ven = vtn.ven(house)
    assert len(ven.events()) == 1
    scheme.do(scheme.operator, "cancelEvent", event)
    vtn.api.live()
    assert ven.events() == []
    assert ven.get_event_by_id(f"event-{event}").status_code == 404
    assert ven.create_report(report(event, "RUNNING_CURTAILED")).status_code == 404


def test_event__of_a_group_a_test_or_a_price__says_so(
    vtn: Vtn, house: LocalAccount, neighbour: LocalAccount
) -> None:
    scheme, program = open_program(vtn.api, house, neighbour)
    group = to_bytes32("heat pumps")
    enrolments = vtn.api.exchange.market.contracts["DemandEnrolments"]
    vtn.api.exchange.market.do(
        scheme.operator, enrolments, "addToGroup", program, group, [house.address]
    )
    grouped = schedule(scheme, program, group=group)
    test = schedule(scheme, program, ahead=6, is_test=True)
    price = schedule(scheme, 0, price=412_345)
    vtn.api.live()
    ven, other = vtn.ven(house), vtn.ven(neighbour)
    names = [f"event-{each}" for each in (price, test, grouped)]
    assert [each.id for each in ven.events()] == names
    assert [each.id for each in other.events()] == names[:2]
    assert values(ven.event(names[0]), "PRICE") == [Decimal("0.412345")]
    assert ven.event(names[0]).program_id == "region-686f6d65"
    assert values(ven.event(names[1]), "TEST") == [True]
    assert ven.event(names[1]).event_name == f"Test event {test} of home"


def test_opting__by_word__needs_the_accounts_leave(
    vtn: Vtn, house: LocalAccount, opened: tuple[Scheme, int]
) -> None:
    scheme, program = opened
    event = schedule(scheme, program)
    vtn.api.live()
    ven, bold = vtn.ven(house), vtn.ven(house, may_opt=True)
    answer = ven.create_report(report(event, "IDLE_OPTED_OUT"))
    assert (answer.status_code, ven.reports()) == (409, [])
    assert "does not let this VEN opt" in answer.json()["detail"]
    assert ven.create_report(report(event, "RUNNING_CURTAILED")).status_code == 201

    made = bold.create_report(report(event, "IDLE_OPTED_OUT"))
    assert made.status_code == 201
    raw.RawReport.model_validate(made.json())
    name = f"event-{event}"
    for each in (ven, bold):
        assert values(each.event(name), "PARTICIPATION") == ["OUT"]
        assert values(each.event(name), "SIMPLE") == [0]
    # Nor may it undo what another VEN was allowed to do.
    answer = ven.create_report(report(event, "RUNNING_CURTAILED"))
    assert answer.status_code == 409
    assert "does not let this VEN opt" in answer.json()["detail"]
    assert values(ven.event(name), "PARTICIPATION") == ["OUT"]
    assert bold.create_report(report(event, "RUNNING_CURTAILED")).status_code == 201
    assert values(bold.event(name), "PARTICIPATION") == ["IN"]
    assert [each.event_id for each in bold.reports(eventID=name)] == [name, name]
    assert bold.reports(programID="program-99") == []

    scheme.market.go_to(scheme.event(event).start_time)
    vtn.api.live()
    answer = bold.create_report(report(event, "RUNNING_OPTED_OUT"))
    assert (answer.status_code, answer.json()["detail"]) == (
        409,
        f"event {event} has begun: nobody opts any more",
    )


def test_opting__by_the_word_of_a_member_of_an_aggregator__is_refused(
    vtn: Vtn, house: LocalAccount, neighbour: LocalAccount
) -> None:
    """Or its portfolio would be verified of those alone who happened to use less."""
    scheme, program = open_program(vtn.api)
    accept = program, house.address, 1000, 100
    scheme.market.do(neighbour, scheme.enrolments, "acceptMember", *accept)
    scheme.do(house, "joinThrough", program, 1000, neighbour.address, 100)
    event = schedule(scheme, program)
    vtn.api.live()
    ven = vtn.ven(house, may_opt=True)
    answer = ven.create_report(report(event, "IDLE_OPTED_OUT"))
    assert (answer.status_code, ven.reports()) == (409, [])
    assert "is a member of an aggregator" in answer.json()["detail"]
    assert values(ven.event(f"event-{event}"), "PARTICIPATION") == ["IN"]


@pytest.mark.parametrize("has_begun", [False, True])
def test_opting__by_the_word_of_a_revoked_ven__ends_with_it_until_the_event_begins(
    vtn: Vtn, house: LocalAccount, opened: tuple[Scheme, int], *, has_begun: bool
) -> None:
    """Later, an account would choose in hindsight."""
    scheme, program = opened
    event = schedule(scheme, program)
    vtn.api.live()
    given, ven = vtn.issue(house, may_opt=True), vtn.ven(house)
    made = vtn.client(given).create_report(report(event, "IDLE_OPTED_OUT"))
    assert made.status_code == 201
    if has_begun:
        scheme.market.go_to(scheme.event(event).start_time)
        vtn.api.live()
    path = f"/api/v1/accounts/{house.address}/vens/{given['client_id']}"
    headers = vtn.api._headers(account_of(house))
    assert vtn.api.client.delete(path, headers=headers).status_code == 204
    expected = "OUT" if has_begun else "IN"
    assert values(ven.event(f"event-{event}"), "PARTICIPATION") == [expected]


def test_opting__by_a_signed_request__reaches_the_chain(
    vtn: Vtn, house: LocalAccount, opened: tuple[Scheme, int]
) -> None:
    scheme, program = opened
    event = schedule(scheme, program, opt_in=True)
    vtn.api.live()
    ven, grid = vtn.ven(house), vtn.api.exchange.grid
    assert values(ven.event(f"event-{event}"), "PARTICIPATION") == ["WANTED"]
    assert values(ven.event(f"event-{event}"), "SIMPLE") == [0]

    def signed(call: Any) -> str:
        calls = grid.sign_calls(account_of(house), [call])
        (found,) = calls_document(calls, (1, calls[0].request.to))["calls"]
        return json.dumps(found)

    leaving = signed(grid.demand_response.leave_program(program))
    answer = ven.create_report(report(event, "RUNNING_CURTAILED", SIGNED_REQUEST=leaving))
    assert answer.status_code == 409
    assert "is not optIn or optOut of event" in answer.json()["detail"]
    answer = ven.create_report(report(event, "RUNNING_CURTAILED", SIGNED_REQUEST="{"))
    assert answer.status_code == 409

    right = signed(grid.demand_enrolments.opt_in(event))
    answer = ven.create_report(report(event, "RUNNING_CURTAILED", SIGNED_REQUEST=right))
    assert answer.status_code == 201, answer.text
    vtn.relay()
    assert grid.demand_enrolments.choice_of(event, house.address) == EventChoice.IN
    assert values(ven.event(f"event-{event}"), "PARTICIPATION") == ["IN"]


def test_report__of_energy__is_shown_beside_the_meter_and_pays_nothing(
    vtn: Vtn, house: LocalAccount, neighbour: LocalAccount, opened: tuple[Scheme, int]
) -> None:
    scheme, program = opened
    market, meter = scheme.market, actor(f"meter of {house.address}")
    market.go_to(MONDAY + DAY)
    event = schedule(scheme, program)
    start = MONDAY + DAY + _HOUR
    market.go_to(start)
    market.measure(meter, (700, 0))
    vtn.api.live()
    ven = vtn.ven(house)
    hour = {"start": "2024-01-02T00:00:00+00:00", "duration": "PT1H"}
    usage = {"type": "USAGE", "values": [0.75]}
    document = {
        "eventID": f"event-{event}",
        "clientName": "Heat pump",
        "resources": [
            {
                "resourceName": "Pump",
                "intervalPeriod": hour,
                # The second one begins where the first one ends.
                "intervals": [
                    {
                        "id": 0,
                        "payloads": [usage, {"type": "OPERATING_STATE", "values": ["NORMAL"]}],
                    },
                    {"id": 1, "payloads": [{"type": "USAGE", "values": [1]}]},
                ],
            }
        ],
    }
    made = ven.create_report(document).json()
    path = f"/accounts/{house.address}/telemetry"
    second, first = sorted(
        vtn.api.get(path, account_of(house)).json(), key=lambda each: -each["reported_wh"]
    )
    assert (first["event"], first["resource"], first["starts_at"]) == (
        event,
        "Pump",
        "2024-01-02T00:00:00Z",
    )
    assert (first["reported_wh"], first["metered_wh"]) == (750, 700)
    assert (second["starts_at"], second["reported_wh"], second["metered_wh"]) == (
        "2024-01-02T01:00:00Z",
        1000,
        None,
    )
    assert vtn.api.get(path, account_of(neighbour)).status_code == 404
    for wrong in ("yesterday", "0001-01-01T00:00:00Z", "2024-01-02T00:00:00"):
        hour["start"] = wrong
        assert ven.update_report(made["id"], document).status_code == 200
        assert vtn.api.get(path, account_of(house)).json() == []
    # The chain knows nothing of it.
    assert scheme.event(event).total_participants == 0
