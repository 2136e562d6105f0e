"""The client in front of what is not the interface, or answers wrongly."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from typing import Any

import pytest

from energy_grid.api.client import (
    ApiProblemError,
    ApiUnreachableError,
    AsyncEnergyGridApi,
    EnergyGridApi,
    StreamEvent,
)
from energy_grid.api.models import Alive, ChainEvent
from energy_grid.errors import EnergyGridError, InputError
from tests.support.scripted import Answer, scripted

ACCOUNT = "0x" + "12" * 20
EVENTS = {"Content-Type": "text/event-stream"}
PROBLEM = {"type": "urn:energy-grid:problem:would-revert", "title": "x", "status": 409}
PROBLEM |= {"detail": "it would revert", "error": "Settlement_InDebt", "values": {"debt": "5"}}


def test_problem__of_a_contract__has_its_error_and_values() -> None:
    answers = [Answer(409, json.dumps(PROBLEM))]
    with (
        scripted(answers) as server,
        EnergyGridApi(server.address) as api,
        pytest.raises(ApiProblemError) as caught,
    ):
        api.market()
    error = caught.value
    assert (error.status, error.name, error.error) == (409, "would-revert", "Settlement_InDebt")
    assert (error.values, str(error)) == ({"debt": "5"}, "it would revert")


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, "<html>"),
        Answer(200, "{}"),
        Answer(200, '{"chain_id": "many"}'),
        Answer(404, "<html>"),
        Answer(500, '{"detail": "x"}'),
    ],
)
def test_answer__that_is_none_of_the_interface__is_told(answer: Answer) -> None:
    with (
        scripted([answer]) as server,
        EnergyGridApi(server.address) as api,
        pytest.raises(ApiUnreachableError, match=f"with status {answer.status} and nothing"),
    ):
        api.market()


def test_redirect__with_a_token__is_not_followed() -> None:
    with scripted([Answer(200, "{}")] * 2) as elsewhere:
        to = {"Location": f"{elsewhere.address}/api/v1/market"}
        answers = [Answer(307, headers=to), Answer(302, headers=to)]
        with scripted(answers) as server, EnergyGridApi(server.address, token="secret") as api:
            with pytest.raises(ApiUnreachableError, match="a token is not sent elsewhere"):
                api.market()
            with pytest.raises(ApiUnreachableError, match="a token is not sent elsewhere"):
                next(api.stream())
        assert elsewhere.asked == []
        assert server.asked[0][2]["Authorization"] == "Bearer secret"


@pytest.mark.parametrize(
    ("headers", "sent"),
    [({"Retry-After": "7"}, 4), ({"Retry-After": "61"}, 1), ({"Retry-After": "soon"}, 1), ({}, 1)],
)
def test_answer__that_says_when__is_asked_for_again_within_bounds(
    headers: dict[str, str], sent: int
) -> None:
    waits: list[float] = []
    busy = Answer(503, json.dumps({**PROBLEM, "status": 503}), headers)
    with (
        scripted([busy] * 9) as server,
        EnergyGridApi(server.address, sleep=waits.append) as api,
    ):
        with pytest.raises(ApiProblemError):
            api.market()
        assert (len(server.asked), waits) == (sent, [7] * (sent - 1))
        # It could be done twice.
        with pytest.raises(ApiProblemError):
            api.challenge(ACCOUNT)
        assert len(server.asked) == sent + 1


def test_server__that_is_silent_or_gone__is_told_in_time() -> None:
    with scripted([Answer(None), Answer(0), Answer(0)]) as server:
        with EnergyGridApi(server.address, timeout_seconds=0.2) as api:
            with pytest.raises(ApiUnreachableError, match="does not answer: timed out"):
                api.market()
            with pytest.raises(ApiUnreachableError, match="may have been done all the same"):
                api.challenge(ACCOUNT)

        async def run() -> None:
            async with AsyncEnergyGridApi(server.address) as api:
                await api.market()

        with pytest.raises(ApiUnreachableError, match="does not answer"):
            asyncio.run(run())
    with EnergyGridApi(server.address) as api, pytest.raises(ApiUnreachableError):
        api.market()


@pytest.mark.parametrize(
    "address", ["127.0.0.1:8000", "ftp://grid.example", "http://", "", "http://x:y"]
)
def test_address__that_is_none__is_refused(address: str) -> None:
    with pytest.raises(InputError, match="is no address such as"):
        EnergyGridApi(address)


def event(id: str, kind: str, content: Any) -> str:
    return f"id: {id}\nevent: {kind}\ndata: {json.dumps(content)}\n\n"


def test_stream__between_busy_and_broken_answers__goes_on() -> None:
    batch = {"contract": "EnergyTrading", "event": "BatchSettled", "block": 1, "log_index": 0}
    batch |= {"time": "2024-01-01T00:00:00Z", "transaction": "0x" + "12" * 32, "values": {"a": 1}}
    waits: list[float] = []
    answers = [
        Answer(503, json.dumps({**PROBLEM, "status": 503}), {"Retry-After": "9"}),
        Answer(502, "<html>"),
        Answer(200, event("4", "alive", {}) + event("5", "from-the-future", {}), EVENTS),
        Answer(0),
        # The last event is not whole: it is told once it is.
        Answer(200, event("6.1.2", "batch", batch) + event("7", "batch", batch)[:-1], EVENTS),
        Answer(200, event("7", "batch", batch), EVENTS),
        Answer(401, json.dumps({**PROBLEM, "status": 401})),
    ]
    with scripted(answers) as server, EnergyGridApi(server.address, sleep=waits.append) as api:
        told: list[StreamEvent] = []
        with pytest.raises(ApiProblemError) as caught:
            told.extend(api.stream(["batch"], since="3"))
        assert caught.value.status == 401
        asked = [(path, headers.get("Last-Event-ID")) for _, path, headers in server.asked]
    assert [each for _, each in asked] == [None, None, None, "5", "5", "6.1.2", "7"]
    assert {path for path, _ in asked} == {"/api/v1/stream?topic=batch&since=3"}
    assert waits == [9, 1, 0.5, 1, 0.5, 0.5]
    assert [each.id for each in told] == ["4", "6.1.2", "7"]


def test_stream__its_events__have_types() -> None:
    batch = {"contract": "EnergyTrading", "event": "BatchSettled", "block": 1, "log_index": 0}
    batch |= {"time": "2024-01-01T00:00:00Z", "transaction": "0x" + "12" * 32, "values": {"a": 1}}
    answers = [
        Answer(200, event("4", "alive", {}) + event("6.1.2", "batch", batch), EVENTS),
        Answer(200, event("8", "order", {"id": 7}), EVENTS),
    ]
    with scripted(answers) as server, EnergyGridApi(server.address, sleep=lambda _: None) as api:
        told = api.stream()
        first, second = next(told), next(told)
        assert (first.id, first.topic, first.content) == ("4", "alive", Alive())
        assert isinstance(second.content, ChainEvent)
        assert (second.id, second.topic, second.content.values) == ("6.1.2", "batch", {"a": 1})
        with pytest.raises(ApiUnreachableError, match="the stream's event 8 is not as"):
            next(told)


def test_client__without_its_packages__says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['httpx2'] = None\n"
        "from energy_grid.errors import MissingExtraError\n"
        "try:\n    import energy_grid.api.client\n"
        "except MissingExtraError as error:\n    print(isinstance(error, ImportError), error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "True httpx2 is missing: pip install 'energy-grid[api]'\n"
    assert issubclass(ApiProblemError, EnergyGridError)
