"""The client of the HTTP interface, at a server that listens."""

from __future__ import annotations

import asyncio
import random
import re
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi import APIRouter, FastAPI

from energy_grid.api.client import (
    ApiProblemError,
    ApiUnreachableError,
    AsyncEnergyGridApi,
    EnergyGridApi,
    StreamEvent,
)
from energy_grid.api.models import NewBlock, OrderChange, Session, Void
from energy_grid.api.paths import Paths
from energy_grid.api.requests import Answered, Listed
from energy_grid.backend.api.application import make_application
from energy_grid.backend.api.problems import ProblemError
from energy_grid.backend.api.visit import Backend
from energy_grid.backend.store.database import DatabaseGoneError
from energy_grid.chain.accounts import Account
from energy_grid.errors import InputError
from energy_grid.market.order_file import document_of
from energy_grid.serve.http import serving
from tests.integration.backend.api.conftest import ORIGIN, Api, sign
from tests.integration.exchange import BUY, SELL
from tests.support.api_calls import CALLS, Subject
from tests.support.artifacts import ROOT
from tests.support.cutting import cut_line
from tests.support.relaying import HOUSES, Relaying
from tests.support.relaying import document_of as call_document
from tests.support.tutorials import blocks_of

DOCUMENTED = "http://127.0.0.1:8000"


@dataclass
class World:
    """The API as a server, with a program in front of it."""

    api: Api
    address: str

    @property
    def account(self) -> Account:
        """Of the program."""
        return self.api.exchange.traders[0]

    def client(self, **options: Any) -> EnergyGridApi:
        """A client of the server."""
        return EnergyGridApi(options.pop("address", self.address), origin=ORIGIN, **options)

    def order(self, trader: int = 0, side: Any = BUY, wh: int = 1000) -> dict[str, Any]:
        """A signed order, as it is published."""
        exchange = self.api.exchange
        return document_of(exchange.order(trader, side, wh), exchange.grid.trading_domain)

    @property
    def end(self) -> str:
        """The newest id of the stream."""
        return str(self.api.client.app.state.tail._newest().number)


def app_of(api: Api, backend: Callable[[], Backend] | None = None, **options: Any) -> FastAPI:
    """The application once more, for an event loop of its own."""
    backend = backend or api.client.app.state.backend
    assert backend is not None
    return make_application(backend, APIRouter(), origins=[ORIGIN], **options)


@contextmanager
def served(api: Api, backend: Callable[[], Backend] | None = None, **options: Any) -> Iterator[str]:
    with serving(app_of(api, backend, **options), "127.0.0.1", 0) as address:
        yield address


@pytest.fixture
def world(api: Api) -> Iterator[World]:
    with served(api) as address:
        yield World(api, address)


def subject_of(world: World) -> Subject:
    """What there is to ask about: orders that have traded, a batch, one more order."""
    with world.client() as api:
        id = api.place_order(world.order()).id
        api.place_order(world.order(1, SELL))
        world.api.live()
        message = api.challenge(world.account.address).message
        exchange = world.api.exchange
        relaying = Relaying(exchange.market, exchange.grid, world.api.database)
        calls = [call_document(relaying.deposit(house)) for house in HOUSES[:2]]
        relayed = api.relay_call(calls[1]).id
    return Subject(
        call=calls[0],
        relayed=relayed,
        account=world.account.address,
        order=world.order(wh=50),
        id=id,
        message=message,
        signature=sign(world.account, message),
    )


def is_of(kind: type, answer: Any) -> bool:
    """Whether an answer, or each item of it, is of a type."""
    items = answer if isinstance(answer, list) else [answer]
    return all(isinstance(each, kind) for each in items)


# What there is none of in this market.
NONE_HERE = {
    *("days", "demand_programs", "demand_events", "assets", "certificates"),
    *("certified", "emissions", "imbalance", "proposals", "operators", "shares", "totals"),
    *("forecasts", "drift"),
    *("vens", "telemetry", "held_certificates", "certificate_offers", "offered_certificates"),
}


def test_every_method__answers_as_its_type_says(world: World) -> None:
    subject = subject_of(world)
    with world.client() as api:
        api.sign_in(world.account)
        for name, asked in CALLS.items():
            given = getattr(api, name)(*asked.arguments(subject), **asked.options)
            kind = vars(Paths)[name]
            if isinstance(kind, Listed):
                given = list(given)
            elif not isinstance(kind, Answered):
                given = [each.content for each in islice(given, 2)]
            assert is_of(asked.gives, given), name
            assert (given == []) == (name in NONE_HERE), name
        with pytest.raises(ApiProblemError, match="the session has expired"):
            api.balances(subject.account)


def test_every_method__awaited__answers_as_its_type_says(world: World) -> None:
    subject = subject_of(world)

    async def run() -> None:
        async with AsyncEnergyGridApi(world.address, origin=ORIGIN) as api:
            await api.sign_in(world.account)
            for name, asked in CALLS.items():
                given = getattr(api, name)(*asked.arguments(subject), **asked.options)
                kind = vars(Paths)[name]
                if isinstance(kind, Answered):
                    found = await given
                else:
                    found = await taken(given, 3 if isinstance(kind, Listed) else 2)
                    found = [getattr(each, "content", each) for each in found]
                assert is_of(asked.gives, found), name
                assert (found == []) == (name in NONE_HERE), name

    asyncio.run(run())


async def taken(some: AsyncIterator[Any], most: int) -> list[Any]:
    found: list[Any] = []
    async with aclosing(some) as items:  # type: ignore[type-var]
        async for each in items:
            found.append(each)
            if len(found) == most:
                break
    return found


def test_lists__of_many_pages__are_one(world: World) -> None:
    ids = []
    with world.client() as api:
        api.sign_in(world.account)
        for _ in range(5):
            ids.append(api.place_order(world.order(wh=100)).id)
        request = Paths.my_orders.describe(None)
        request.query["limit"] = 2  # type: ignore[index]
        assert sorted(each.id for each in api.items(request)) == sorted(ids)
        assert [*api.my_orders(["MATCHED"])] == []

        async def run() -> list[str]:
            async with AsyncEnergyGridApi(world.address, token=api.token) as other:
                return [each.id async for each in other.items(request)]

        assert sorted(asyncio.run(run())) == sorted(ids)


def test_sign_in__for_another_origin__signs_nothing(world: World) -> None:
    with EnergyGridApi(world.address) as api:
        with pytest.raises(
            InputError, match=r"but begins with 'grid\.example wants you to sign in"
        ):
            api.sign_in(world.account)
        assert api.token is None
    with EnergyGridApi(world.address, origin=ORIGIN) as api:
        session = api.sign_in(world.account)
        assert isinstance(session, Session)
        assert (api.token, session.account) == (session.token, world.account.address)
        api.sign_out()
        assert api.token is None
        with pytest.raises(ApiProblemError) as caught:
            api.balances(world.account.address)
        assert (caught.value.status, caught.value.name) == (401, "not-signed-in")


def test_problem__has_all_that_was_answered(world: World) -> None:
    with world.client() as api:
        api.sign_in(world.account)
        with pytest.raises(ApiProblemError) as caught:
            api.place_order(world.order(wh=10**9))
        error = caught.value
        assert (error.status, error.name, error.field) == (422, "order-rejected", None)
        assert error.detail.startswith("INSUFFICIENT_BALANCE")
        assert error.next == "POST /api/v1/quote says what an order needs"
        assert str(error) == f"{error.detail}; {error.next}"
        with pytest.raises(ApiProblemError) as caught:
            api.periods(limit=1000)
        assert (caught.value.field, caught.value.error, caught.value.values) == ("limit", None, {})
        with pytest.raises(ApiProblemError, match="there is no such order") as caught:
            api.order("99")
        assert caught.value.retry_after_seconds is None


def test_place_order__sent_again_with_its_key__is_answered_as_before(world: World) -> None:
    order = world.order()
    with world.client() as api:
        first = api.place_order(order, key="mine")
        api.sign_in(world.account)
        api.cancel_order(first.id)
        assert api.place_order(order, key="mine") == first
        assert api.place_order(order).state == "CANCELLED"
        with pytest.raises(ApiProblemError) as caught:
            api.place_order(world.order(), key="mine")
        assert (caught.value.name, caught.value.field) == ("key-used", "Idempotency-Key")


@dataclass
class Failing:
    """A backend that cannot answer the first requests: its database is gone, or it just starts."""

    backend: Callable[[], Backend]
    left: int

    def __call__(self) -> Backend:
        self.left -= 1
        if self.left >= 0:
            if self.left % 2:
                raise ProblemError(503, "starting", "the backend has just been started")
            raise DatabaseGoneError("away")
        return self.backend()


def test_request__that_is_safe_to_repeat__is_repeated_when_the_answer_says(api: Api) -> None:
    backend = api.client.app.state.backend
    waits: list[float] = []
    failing = Failing(backend, 0)
    with served(api, failing) as address:
        world = World(api, address)
        with world.client(sleep=waits.append) as client:
            for failures in (1, 3):
                failing.left = failures
                assert client.market().regions == ["home"]
                failing.left = failures
                assert client.place_order(world.order()).state == "RECEIVED"
            assert waits == [2] * 8
            # Once too often; and what nobody may repeat.
            failing.left = 4
            with pytest.raises(ApiProblemError) as caught:
                client.market()
            assert (caught.value.status, caught.value.retry_after_seconds) == (503, 2)
            assert len(waits) == 11
            failing.left = 1
            with pytest.raises(ApiProblemError, match="the database does not answer"):
                client.challenge(world.account.address)
            assert len(waits) == 11

        async def sleep(seconds: float) -> None:
            waits.append(seconds)

        async def run() -> str:
            failing.left = 2
            async with AsyncEnergyGridApi(address, sleep=sleep) as other:
                return (await other.market()).network

        assert asyncio.run(run()) == backend().market.deployment.network
        assert len(waits) == 13


def test_request__of_too_many__says_when_to_ask_again(api: Api) -> None:
    waits: list[float] = []
    with (
        served(api, per_minute=2) as address,
        EnergyGridApi(address, sleep=waits.append) as client,
    ):
        client.market()
        client.market()
        with pytest.raises(ApiProblemError) as caught:
            client.market()
    assert (caught.value.status, caught.value.name) == (429, "too-many-requests")
    assert len(waits) <= 3
    assert all(0 < each <= 60 for each in waits)
    assert caught.value.retry_after_seconds is not None


def test_example_of_the_docs__does_what_it_shows(
    world: World, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (ROOT / "docs/concepts/api.md").read_text()
    (program,) = [each.text for each in blocks_of(page) if each.language == "python"]
    places = {
        f'EnergyGridApi("{DOCUMENTED}")': f'EnergyGridApi("{world.address}", origin="{ORIGIN}")',
        'connect("local")': f'connect("{world.api.exchange.market.node.url}", "{file}")',
    }
    for shown, here in places.items():
        assert shown in program
        program = program.replace(shown, here)
    exec(compile(program, "api.md", "exec"), {})
    assert capsys.readouterr().out.splitlines() == ["BUY 1500 RECEIVED", "RECEIVED", "1500 0"]


def kinds(told: list[StreamEvent]) -> list[tuple[str, str, Any]]:
    return [(each.id, each.topic, each.content) for each in told]


def heard(client: EnergyGridApi, since: str, last: str) -> list[StreamEvent]:
    """All that is told up to an id."""
    found = []
    for event in client.stream(since=since):
        found.append(event)
        if event.id == last:
            break
    return found


async def heard_async(client: AsyncEnergyGridApi, since: str, last: str) -> list[StreamEvent]:
    found = []
    async with aclosing(client.stream(since=since)) as told:  # type: ignore[type-var]
        async for event in told:
            found.append(event)
            if event.id == last:
                break
    return found


def test_stream__over_a_line_that_breaks__loses_and_repeats_nothing(world: World) -> None:
    subject_of(world)
    last, seed = world.end, random.randrange(10**6)
    print(f"seed {seed}")
    with world.client() as client:
        token = client.sign_in(world.account).token
        whole = heard(client, "0", last)
    states = [each.content.state for each in whole if isinstance(each.content, OrderChange)]
    assert states == ["RECEIVED", "OPEN", "MATCHED"]
    assert {each.topic for each in whole} >= {"order", "account", "batch", "block", "price"}
    waits: list[float] = []
    lots = random.Random(seed)
    # The head of an answer has some 250 bytes: now and then nothing of an event comes through.
    with cut_line(world.address, lambda _: lots.randrange(200, 1500)) as address:
        with world.client(address=address, token=token, sleep=waits.append) as client:
            assert kinds(heard(client, "0", last)) == kinds(whole)
        assert len(waits) >= 3

        async def sleep(seconds: float) -> None:
            waits.append(seconds)

        async def run() -> list[StreamEvent]:
            async with AsyncEnergyGridApi(address, token=token, sleep=sleep) as other:
                return await heard_async(other, "0", last)

        assert kinds(asyncio.run(run())) == kinds(whole)


def until_first_id(address: str) -> bytes:
    """What a server sends to a listener before anything happens."""
    place = urlsplit(address)
    found = b""
    with socket.create_connection((place.hostname, place.port), 10) as line:
        line.sendall(b"GET /api/v1/stream HTTP/1.1\r\nHost: here\r\n\r\n")
        while not re.search(rb"\nid: .*\n\n", found):
            found += line.recv(1)
    return found


def test_stream__cut_off_before_its_first_event__goes_on_where_it_began(world: World) -> None:
    placed: list[str] = []

    def sleep(_: float) -> None:
        with world.client() as other:
            placed.append(other.place_order(world.order()).id)

    with world.client() as client:
        token = client.sign_in(world.account).token
    first = len(until_first_id(world.address))
    with (
        cut_line(world.address, lambda number: 10**9 if number else first) as address,
        world.client(address=address, token=token, sleep=sleep) as client,
    ):
        found = next(client.stream(["order"]))
    assert isinstance(found.content, OrderChange)
    assert (found.content.id, found.content.state) == (placed[0], "RECEIVED")


def blocks_until(told: Iterator[StreamEvent], number: int) -> None:
    """Listen until a block is told, and hear of blocks alone."""
    for event in told:
        assert isinstance(event.content, NewBlock)
        if event.content.number == number:
            return


def test_stream__of_a_reorganisation__tells_what_is_void(world: World) -> None:
    node, indexer = world.api.exchange.market.node, world.api.indexer
    begin = world.end

    def index() -> None:
        while not indexer.step():
            pass

    before = node.snapshot()
    first = node.block_number + 1
    world.api.exchange.fund(world.account.address, 500)
    node.mine()
    last = node.block_number
    index()
    with world.client() as client:
        told = client.stream(["block"], since=begin)
        blocks_until(told, last)
        node.revert(before)
        node.mine(8)
        index()
        # Whoever has heard of a block hears that it is void, and then what holds.
        assert next(told).content == Void(first_block=first, last_block=last)
        blocks_until(told, node.block_number)


def test_stream__without_end__gives_up_and_says_where_to_go_on(world: World) -> None:
    waits: list[float] = []
    with (
        cut_line(world.address, lambda _: 0) as address,
        world.client(address=address, sleep=waits.append) as client,
        pytest.raises(ApiUnreachableError, match="interrupted 8 times in a row"),
    ):
        next(client.stream())
    assert waits == [0.5, 1, 2, 4, 8, 16, 32]


def test_stream__from_what_is_forgotten__is_a_problem(world: World) -> None:
    with world.client() as client, pytest.raises(ApiProblemError) as caught:
        next(client.stream(since="999999"))
    assert (caught.value.status, caught.value.name) == (410, "too-old")
