"""The live stream: nothing lost, nothing twice, nothing of others."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from energy_grid.backend.api.streams import Tail, listener_of, place_in
from energy_grid.backend.api.topics import TOPICS
from tests.integration.backend.api.conftest import Api
from tests.integration.exchange import BUY, SELL


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
