"""OpenADR: VENs that have subscribed are told what changes."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openadr3
import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.backend.api.vtn import objects
from energy_grid.backend.grid_service.openadr import notifier
from energy_grid.backend.grid_service.openadr.callbacks import Callbacks
from energy_grid.backend.grid_service.openadr.notifier import VenNotifier
from energy_grid.backend.grid_service.openadr.signals import Signals
from energy_grid.backend.store.openadr import VEN_SUBSCRIPTIONS, VEN_TOLD
from tests.integration.backend.api.conftest import Api
from tests.integration.backend.api.openadr_world import Vtn, metered, open_program, schedule
from tests.integration.backend.api.test_client import served
from tests.support.callbacks import Listener, listening

on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Listener]:
    with listening(tmp_path) as listener:
        yield listener


@pytest.fixture
def callbacks(listener: Listener) -> Callbacks:
    return listener.callbacks()


@pytest.fixture
def vtn(api: Api) -> Iterator[Vtn]:
    with served(api) as address, ExitStack() as ends:
        yield Vtn(api, address, ends)


@pytest.fixture
def house(api: Api) -> LocalAccount:
    return metered(api, "household")


@pytest.fixture
def telling(api: Api, callbacks: Callbacks) -> VenNotifier:
    return VenNotifier(api.database, Signals(api.exchange.grid, api.database), callbacks)


def wanted(listener: Listener, *operations: str, **more: Any) -> dict[str, Any]:
    """A subscription to events."""
    return {
        "clientName": "Heat pump",
        "objectOperations": [
            {
                "objects": ["EVENT"],
                "operations": operations or ("CREATE", "UPDATE", "DELETE"),
                "callbackUrl": listener.url,
                "bearerToken": "word",
            }
        ],
        **more,
    }


def told(listener: Listener) -> list[tuple[str, str]]:
    """Operations and ids that a callback was told, as the client reads them."""
    found = [openadr3.coerce_notification(document) for _, document in listener.told]
    return [(each.operation, str(each.object.id)) for each in found]


def test_subscription__is_told_of_events_from_then_on(
    vtn: Vtn, house: LocalAccount, listener: Listener, telling: VenNotifier
) -> None:
    scheme, program = open_program(vtn.api, house)
    before = schedule(scheme, program)
    vtn.api.live()
    ven = vtn.ven(house)
    assert ven.create_subscription(wanted(listener)).status_code == 201
    telling.step()
    assert listener.asked == ["GET /told"]
    scheme.do(scheme.operator, "cancelEvent", before)
    event = schedule(scheme, program)
    vtn.api.live()
    telling.step()
    assert told(listener) == [("CREATE", f"event-{event}"), ("DELETE", f"event-{before}")]
    assert {bearer for bearer, _ in listener.told} == {"Bearer word"}
    telling.step()
    assert len(listener.told) == 2
    assert telling.describe() == "told VENs 2 times"


def test_subscription__of_a_program_or_an_operation__is_told_of_no_other(
    vtn: Vtn, house: LocalAccount, listener: Listener, telling: VenNotifier
) -> None:
    scheme, program = open_program(vtn.api, house)
    vtn.api.live()
    ven = vtn.ven(house)
    other = wanted(listener, programID="region-686f6d65")
    assert ven.create_subscription(other).status_code == 201
    assert ven.create_subscription(wanted(listener, "DELETE")).status_code == 201
    event = schedule(scheme, program)
    vtn.api.live()
    telling.step()
    assert listener.told == []
    scheme.do(scheme.operator, "cancelEvent", event)
    vtn.api.live()
    telling.step()
    assert told(listener) == [("DELETE", f"event-{event}")]


@on_sqlite
def test_subscription__whose_callback_fails__is_told_later_and_at_last_no_more(
    vtn: Vtn,
    house: LocalAccount,
    listener: Listener,
    telling: VenNotifier,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scheme, program = open_program(vtn.api, house)
    vtn.api.live()
    ven = vtn.ven(house)
    made = ven.create_subscription(wanted(listener)).json()
    event = schedule(scheme, program)
    vtn.api.live()
    clock = [time.time()]
    fake = SimpleNamespace(time=lambda: clock[0], monotonic=time.monotonic)
    monkeypatch.setattr(notifier, "time", fake)
    listener.status = 503
    for failures in range(1, 11):
        telling.step()
        telling.step()
        assert listener.asked.count("POST /told") == failures
        clock[0] += 15 * 2 ** (failures - 1)
    clock[0] += 10**6
    telling.step()
    assert listener.asked.count("POST /told") == 10
    assert telling.metrics() == {"told_total": 0, "failures_total": 10}

    listener.status = 200
    assert ven.update_subscription(made["id"], wanted(listener)).status_code == 200
    scheme.do(scheme.operator, "cancelEvent", event)
    vtn.api.live()
    telling.step()
    assert told(listener) == [("DELETE", f"event-{event}")]
    assert ven.delete_subscription(made["id"]).status_code == 200
    with vtn.api.database.reading() as connection:
        for table in (VEN_SUBSCRIPTIONS, VEN_TOLD):
            assert connection.execute(table.select()).all() == []


@on_sqlite
def test_subscription__whose_callback_repeats_nothing_or_is_inside__is_not_made(
    vtn: Vtn, house: LocalAccount, listener: Listener
) -> None:
    ven = vtn.ven(house)
    listener.answers = b"hello"
    answer = ven.create_subscription(wanted(listener))
    assert (answer.status_code, ven.subscriptions()) == (400, [])
    assert "does not repeat the parameter echo" in answer.json()["detail"]
    inner = wanted(listener)
    inner["objectOperations"][0]["callbackUrl"] = "http://127.0.0.1/told"
    answer = ven.create_subscription(inner)
    assert (answer.status_code, ven.subscriptions()) == (400, [])


@on_sqlite
def test_subscription__while_others_callbacks_are_asked__waits(
    vtn: Vtn, house: LocalAccount, listener: Listener
) -> None:
    open_program(vtn.api, house)
    vtn.api.live()
    ven = vtn.ven(house)
    with ExitStack() as places:
        for _ in range(4):
            places.enter_context(objects._CALLING.place())
        assert ven.create_subscription(wanted(listener)).status_code == 503
    assert listener.asked == []
    assert ven.create_subscription(wanted(listener)).status_code == 201


@on_sqlite
def test_subscriptions__of_an_account_that_is_slow_to_answer__delay_no_other(
    vtn: Vtn,
    house: LocalAccount,
    listener: Listener,
    telling: VenNotifier,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It has more of them than there are places, and none of them answers."""
    slow = metered(vtn.api, "slow household")
    scheme, program = open_program(vtn.api, house, slow)
    vtn.api.live()
    (tmp_path / "slow").mkdir()
    monkeypatch.setattr(notifier, "_WAIT_SECONDS", 1.0)
    with listening(tmp_path / "slow") as held:
        listener.context.load_verify_locations(tmp_path / "slow" / "callback.crt")
        many, ven = vtn.ven(slow), vtn.ven(house)
        for _ in range(10):
            assert many.create_subscription(wanted(held)).status_code == 201
        assert ven.create_subscription(wanted(listener)).status_code == 201
        held.holds = threading.Event()
        events = []
        for _ in range(2):
            events.append(schedule(scheme, program, ahead=3 + 2 * len(events)))
            vtn.api.live()
            telling.step()
            assert told(listener) == [("CREATE", f"event-{event}") for event in events]
            assert telling.metrics()["failures_total"] == 0
        held.holds.set()
        telling.step()
        assert len(held.told) > 1


@on_sqlite
def test_subscriptions__of_an_account_that_takes_long__go_on_in_its_next_turn(
    vtn: Vtn,
    house: LocalAccount,
    listener: Listener,
    telling: VenNotifier,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scheme, program = open_program(vtn.api, house)
    vtn.api.live()
    assert vtn.ven(house).create_subscription(wanted(listener)).status_code == 201
    schedule(scheme, program)
    vtn.api.live()
    monkeypatch.setattr(notifier, "_TURN_SECONDS", 0.0)
    telling.step()
    assert listener.told == []
    monkeypatch.undo()
    telling.step()
    assert len(listener.told) == 1
