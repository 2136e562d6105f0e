"""Reads that are answered once for all who ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi import APIRouter
from starlette.testclient import TestClient

from energy_grid.backend.api.application import make_application
from energy_grid.backend.api.shared import is_shared
from energy_grid.market.order_file import document_of
from tests.integration.backend.api.conftest import ORIGIN, Api
from tests.integration.backend.api.test_privacy import _ALL, EXPECTED
from tests.integration.exchange import BUY
from tests.support.deploying import wait_until

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
# These are files, or take long, or are of somebody: an answer to each who asks.
_EACH = {"GET /batches/{id}/orders", "GET /batches/{id}/audit"}
HOUR = "/api/v1/periods/HOURLY/2024-01-01T02:00:00Z/book"


@dataclass
class Kept:
    """An application that gives answers again for an hour, and how often it made one."""

    client: TestClient
    made: list[int]

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(path, headers=headers)


@pytest.fixture
def keeping(api: Api) -> Iterator[Callable[..., Kept]]:
    backend = api.client.app.state.backend()  # type: ignore[attr-defined]
    clients = []

    def make(**options: Any) -> Kept:
        made: list[int] = []

        def counted() -> Any:
            made.append(1)
            return backend

        options = {"origins": [ORIGIN], "shared_seconds": 3600, **options}
        app = make_application(counted, APIRouter(), **options)
        clients.append(TestClient(app, raise_server_exceptions=False))
        return Kept(clients[-1].__enter__(), made)

    yield make
    for client in clients:
        client.__exit__(None, None, None)


def test_paths__that_are_shared__are_those_that_everybody_may_see(api: Api) -> None:
    for name, codes in EXPECTED.items():
        method, path = name.split(" ")
        filled = path.replace("{id}", "1").replace("{kind}/{start}", "HOURLY/2024-01-01T02:00:00Z")
        public = method == "GET" and codes == _ALL and name not in _EACH
        assert is_shared(f"/api/v1{filled}") <= public, name
    assert is_shared("/api/v1/market")
    assert is_shared(HOUR)


def test_answer__is_made_once_for_all_who_ask(keeping: Callable[..., Kept]) -> None:
    kept = keeping()
    with ThreadPoolExecutor(8) as pool:
        answers = [*pool.map(lambda _: kept.get("/api/v1/market").text, range(20))]
    assert len(kept.made) == 1
    assert len({*answers}) == 1
    kept.get("/api/v1/periods?limit=1")
    kept.get("/api/v1/periods?limit=2")
    assert len(kept.made) == 3


def test_answer__after_something_was_sent__is_a_new_one(
    keeping: Callable[..., Kept], api: Api
) -> None:
    kept = keeping()
    assert kept.get(HOUR).json()["bids"] == []
    order = document_of(api.exchange.order(0, BUY, 100), api.exchange.grid.trading_domain)
    assert kept.client.post("/api/v1/orders", json=order).status_code == 201
    assert len(kept.get(HOUR).json()["bids"]) == 1


def test_answer__after_something_was_refused__is_given_again(keeping: Callable[..., Kept]) -> None:
    kept = keeping()
    kept.get("/api/v1/market")
    refused = [
        kept.client.post("/api/v1/nothing", json={}),
        kept.client.put("/api/v1/market"),
        kept.client.delete("/api/v1/session"),
        kept.client.post("/api/v1/orders", json={}),
    ]
    assert [each.status_code for each in refused] == [404, 405, 401, 422]
    before = len(kept.made)
    assert kept.get("/api/v1/market").status_code == 200
    assert len(kept.made) == before


def test_answer__to_an_account_or_another_page__is_its_own(
    keeping: Callable[..., Kept], api: Api
) -> None:
    kept = keeping()
    token = api.sign_in(api.exchange.traders[0])
    mine = kept.get("/api/v1/trades", Authorization=f"Bearer {token}")
    assert mine.headers["cache-control"] == "no-store"
    assert kept.get("/api/v1/trades").headers["cache-control"] == "no-cache"
    assert len(kept.made) == 2
    for _ in range(2):
        for origin, allowed in ((ORIGIN, ORIGIN), ("https://evil.example", None)):
            found = kept.get("/api/v1/trades", Origin=origin)
            assert found.headers.get("access-control-allow-origin") == allowed
    assert len(kept.made) == 4


def test_problem__of_one_reader__is_not_given_to_others(keeping: Callable[..., Kept]) -> None:
    kept = keeping(per_minute=2)
    codes = [kept.get("/api/v1/market").status_code for _ in range(3)]
    other = TestClient(kept.client.app, client=("10.0.0.1", 1))
    codes.append(other.get("/api/v1/market").status_code)
    assert codes == [200, 200, 429, 200]
    kept = keeping()
    for _ in range(2):
        assert kept.get("/api/v1/batches/99").status_code == 404
    assert len(kept.made) == 2
    assert kept.get("/api/v1/market").status_code == 200
    assert kept.get("/api/v1/market", **{"Content-Length": str(10**9)}).status_code == 413


def test_answer__that_is_old__is_made_anew(
    keeping: Callable[..., Kept], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = keeping(shared_seconds=10)
    now = [100.0]
    monkeypatch.setattr("energy_grid.backend.api.shared._clock", lambda: now[0])
    assert kept.get("/api/v1/market").status_code == 200
    # Within twice the time one gets the old one, and a new one is made behind their back.
    now[0] = 115.0
    assert kept.get("/api/v1/market").status_code == 200
    wait_until(lambda: len(kept.made) == 2)
    now[0] = 300.0
    wait_until(lambda: kept.get("/api/v1/market").status_code == 200 and len(kept.made) == 3)
