"""The live stream: nothing lost, nothing twice, nothing of others."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import ExitStack, aclosing
from typing import Any

import pytest
from fastapi import APIRouter

from energy_grid.backend.api.application import make_application
from energy_grid.backend.api.streams import Tail, listener_of, place_in
from energy_grid.backend.api.topics import TOPICS
from energy_grid.serve.http import serving
from tests.integration.backend.api.conftest import Api
from tests.integration.exchange import BUY, SELL
from tests.support.deploying import wait_until


def parsed(text: str) -> tuple[str, str, Any]:
    """Id, kind and content of an event."""
    fields = dict(line.split(": ", 1) for line in text.strip().splitlines())
    return fields["id"], fields["event"], json.loads(fields["data"])


async def heard(told: AsyncIterator[str], last: str, found: list[tuple[str, str, Any]]) -> None:
    """Listen until an event with the id comes."""
    async for text in told:
        if not text.startswith(":"):
            found.append(parsed(text))
            if found[-1][0] == last:
                return


def listen(
    api: Api, account: str | None, since: str, last: str, breaks: int = 10**9
) -> list[tuple[str, str, Any]]:
    """All that is told up to an id, by somebody who hangs up after so many events."""

    async def run() -> list[tuple[str, str, Any]]:
        found: list[tuple[str, str, Any]] = []
        listener, place = listener_of(api.database, TOPICS, account), since
        while not found or found[-1][0] != last:
            tail = Tail(lambda: api.database)
            count = 0
            async with asyncio.timeout(30):
                stream = tail.listen(listener, place_in(api.database, place), lambda: True)
                async with aclosing(stream) as told:
                    async for text in told:
                        if text.startswith(":"):
                            continue
                        found.append(parsed(text))
                        count += 1
                        if found[-1][0] == last or count == breaks:
                            break
            place = found[-1][0]
            await tail.close()
        return found

    return asyncio.run(run())


def test_stream__of_two_traders__tells_each_its_own(api: Api) -> None:
    exchange = api.exchange
    buyer, seller, stranger = (each.address for each in exchange.traders[:3])
    order = api.place(exchange.order(0, BUY, 600)).json()["id"]
    api.place(exchange.order(1, SELL, 600))
    api.live()
    end = str(api.client.app.state.tail._newest().number)
    mine = listen(api, buyer, "0", end)
    states = [each["state"] for _, kind, each in mine if kind == "order"]
    assert states == ["RECEIVED", "OPEN", "MATCHED"]
    assert {each["id"] for _, kind, each in mine if kind == "order"} == {order}
    (batch,) = [each for _, kind, each in mine if kind == "batch"]
    assert batch["values"]["amount"] == 600
    assert "Deposited" in {each["event"] for _, kind, each in mine if kind == "account"}
    for account, other in ((buyer, seller), (seller, buyer), (stranger, buyer)):
        assert other not in json.dumps(listen(api, account, "0", end))
    nobody = listen(api, None, "0", end)
    assert {kind for _, kind, _ in nobody}.isdisjoint({"order", "account"})
    # Whoever hangs up again and again hears the same.
    for breaks in (1, 2, 7):
        assert listen(api, buyer, "0", end, breaks) == mine


def test_stream__that_was_told_all__goes_on_when_something_comes(api: Api) -> None:
    exchange = api.exchange

    async def run() -> tuple[str, str, Any]:
        tail = Tail(lambda: api.database)
        listener = listener_of(api.database, ["order"], exchange.traders[0].address)
        told = tail.listen(listener, None, lambda: True)
        assert (await anext(told)).startswith(":")
        await asyncio.to_thread(api.place, exchange.order(0, BUY, 600))
        async with asyncio.timeout(30):
            text = await anext(told)
        await tail.close()
        return parsed(text)

    _, kind, content = asyncio.run(run())
    assert (kind, content["state"]) == ("order", "RECEIVED")


def test_stream__from_an_id_that_is_none_or_forgotten__is_a_problem(api: Api) -> None:
    for wrong in ("x", "1.2.3.4", "-1", "9" * 30, ""):
        answer = api.client.get("/api/v1/stream", headers={"Last-Event-ID": wrong or " . "})
        assert answer.status_code == 422, wrong
    assert api.get("/stream?since=999999999").status_code == 410
    assert api.get("/stream?topic=secrets").status_code == 422


def told(address: str, **headers: str) -> tuple[socket.socket, str]:
    """A stream that is open, and the head of its answer with what comes first."""
    host, port = address.removeprefix("http://").split(":")
    opened = socket.create_connection((host, int(port)), timeout=20)
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    head = "\r\n".join(["GET /api/v1/stream?topic=block HTTP/1.1", f"Host: {host}", *lines])
    opened.sendall(f"{head}\r\n\r\n".encode())
    found = b""
    while b": listening" not in found and b"urn:energy-grid" not in found:
        found += opened.recv(65_536)
    return opened, found.decode()


def test_streams__above_the_limit_of_an_address_or_account__are_refused_until_one_ends(
    api: Api,
) -> None:
    backend, token = api.client.app.state.backend, api.sign_in(api.exchange.traders[0])
    app = make_application(backend, APIRouter(), streams=2)
    with serving(app, "127.0.0.1", 0, ["127.0.0.1"]) as address, ExitStack() as ends:

        def listen_from(client: str, **more: str) -> tuple[socket.socket, str]:
            opened, found = told(address, X_Forwarded_For=client, **more)
            ends.callback(opened.close)
            return opened, found

        first, found = listen_from("192.0.2.1")
        assert "200 OK" in found
        assert "200 OK" in listen_from("192.0.2.1")[1]
        refused = listen_from("192.0.2.1")[1]
        assert "429 Too Many Requests" in refused
        assert "retry-after: 15\r\n" in refused
        problem = json.loads(refused.partition("\r\n\r\n")[2])
        assert problem["type"] == "urn:energy-grid:problem:too-many-streams"
        assert problem["detail"] == "192.0.2.1 has 2 streams open, as many as it may have"
        assert problem["next"] == "close one (one tells of many topics), or try in 15 s"
        # Of other addresses, an account has as many.
        signed_in = {"Authorization": f"Bearer {token}"}
        statuses = [listen_from(f"192.0.2.{at}", **signed_in)[1].split()[1] for at in (2, 3, 4)]
        assert statuses == ["200", "200", "429"]
        assert app.state.open._of.total() == 6
        first.close()
        wait_until(lambda: "200 OK" in listen_from("192.0.2.1")[1])
    assert not app.state.open._of


def test_streams__end_with_the_server__and_nothing_is_logged(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_application(api.client.app.state.backend, APIRouter())
    with serving(app, "127.0.0.1", 0) as address:
        opened, found = told(address)
        assert "200 OK" in found
    with opened:
        while some := opened.recv(65_536):
            last = some
    # Whole to its end: it was not cut off.
    assert last.endswith(b"0\r\n\r\n")
    assert caplog.records == []
