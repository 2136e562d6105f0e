"""Who sees what: every path, asked by everybody. The table is docs/concepts/api.md's."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from energy_grid.chain.accounts import Account
from tests.integration.backend.api.conftest import Api
from tests.integration.conftest import OWNERS
from tests.integration.exchange import BUY, SELL
from tests.support.artifacts import ROOT
from tests.support.relaying import HOUSES, Relaying, document_of

# By path: what a stranger, another account and the account itself are answered.
_ALL = (200, 200, 200)
_OWN = (401, 404, 200)
_ROLE = (401, 403, 403)
EXPECTED = {
    "GET /market": _ALL,
    "GET /periods": _ALL,
    "GET /periods/{kind}/{start}/book": _ALL,
    "GET /prices": _ALL,
    "POST /quote": _ALL,
    "GET /trades": _ALL,
    "GET /batches": _ALL,
    "GET /batches/{id}": _ALL,
    "GET /batches/{id}/orders": _ALL,
    "GET /batches/{id}/audit": _ALL,
    "GET /grid/status": _ALL,
    "GET /grid/demand": _ALL,
    "GET /grid/supply": _ALL,
    "POST /grid/balance": _ALL,
    "GET /grid/feeder": _ROLE,
    "GET /grid/feeder/flows": _ROLE,
    "GET /grid/feeder/forecast": _ROLE,
    "GET /grid/feeder/forecast/flows": _ROLE,
    "GET /grid/alarms": _ROLE,
    "POST /grid/alarms/{alarm}/acknowledgement": _ROLE,
    "GET /communities": _ALL,
    "GET /demand-response/programs": _ALL,
    "GET /demand-response/events": _ALL,
    "GET /assets": _ALL,
    "GET /certificates": _ALL,
    "GET /certificates/offers": _ALL,
    "GET /certificates/offers/{id}/slots": _ALL,
    "GET /governance/proposals": _ALL,
    "GET /operators": _ALL,
    "POST /calls": _ALL,
    "POST /permits": _ALL,
    "POST /relay": (422, 422, 422),
    "GET /relay/{id}": _ALL,
    "GET /safes": _ALL,
    "GET /safes/{safe}/transactions": _ROLE,
    "POST /safes/{safe}/transactions": _ROLE,
    "POST /safes/{safe}/transactions/{hash}/signatures": _ROLE,
    "POST /safes/{safe}/transactions/{hash}/execution": _ROLE,
    "DELETE /safes/{safe}/transactions/{hash}": _ROLE,
    "POST /enrolments": _ROLE,
    "GET /enrolments": _ROLE,
    "DELETE /enrolments/{id}": _ROLE,
    "GET /enrolments/{id}": _ALL,
    "POST /enrolments/{id}/acceptance": (401, 200, 409),
    "POST /enrolments/{id}/proof": (422, 422, 422),
    "POST /enrolments/{id}/consent": (409, 409, 409),
    "POST /session/challenge": _ALL,
    "POST /session": (401, 401, 401),
    "DELETE /session": (401, 204, 204),
    "POST /orders": (422, 422, 422),
    "GET /orders": (401, 200, 200),
    "GET /orders/{id}": _OWN,
    "POST /orders/{id}/cancel": _OWN,
    "GET /accounts/{account}": _OWN,
    "GET /accounts/{account}/demand-response": _OWN,
    "GET /accounts/{account}/shares": _OWN,
    "GET /accounts/{account}/certificates": _OWN,
    "GET /accounts/{account}/certificates/{device}/{day}": _OWN,
    "GET /accounts/{account}/notices": _OWN,
    "POST /accounts/{account}/vens": (401, 404, 201),
    "GET /accounts/{account}/vens": _OWN,
    "DELETE /accounts/{account}/vens/{client_id}": (401, 404, 404),
    "GET /accounts/{account}/telemetry": _OWN,
    "GET /accounts/{account}/days": _OWN,
    "GET /accounts/{account}/slots": _OWN,
    "GET /statements/{subject}/{month}": _OWN,
    "GET /statements/{subject}/{month}/lines": _OWN,
    "GET /accounts/{account}/proof": (401, 404, 404),
    "GET /analytics/days": _ALL,
    "GET /analytics/matching": _ALL,
    "GET /analytics/imbalance": _ALL,
    "GET /analytics/emissions": _ALL,
    "GET /analytics/certified": _ALL,
    "GET /analytics/welfare": _ALL,
    "GET /analytics/prices": _ALL,
    "GET /analytics/gas": _ALL,
    "GET /analytics/exports/{table}": _ALL,
    "GET /forecasts": _ALL,
    "GET /forecasts/drift": _ALL,
    "POST /simulations": _ALL,
    "POST /meters/reading": (422, 422, 422),
    "GET /meters": (401, 200, 200),
    "GET /meters/{id}/history": _OWN,
    "GET /meters/{id}/production": _OWN,
    "GET /meters/{id}/consumption": _OWN,
    "GET /meters/{id}/quarantine": _OWN,
    "DELETE /meters/{id}/history": _OWN,
    "GET /exports/{table}": _ALL,
    "GET /accounts/{account}/exports/{table}": _OWN,
    # It never ends: tests of the stream hear whose events it tells.
    "GET /stream": None,
}


def paths(api: Api) -> set[str]:
    found = api.client.get("/openapi.json").json()["paths"]
    return {
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, methods in found.items()
        for method in methods
    }


def test_paths__are_all_in_the_table(api: Api) -> None:
    assert paths(api) == {*EXPECTED}


def test_table__is_the_one_in_the_docs() -> None:
    text = (Path(ROOT) / "docs/concepts/api.md").read_text()
    rows = dict(re.findall(r"^\| `((?:GET|POST|DELETE) [^`]+)` \| ([^|]+) \|", text, re.M))
    words = {
        _ALL: "everybody",
        _OWN: "its account",
        (401, 200, 200): "the account that is signed in: its own",
        (422, 422, 422): "everybody, with an account's signature",
        (401, 401, 401): "everybody, with an account's signature",
        (401, 204, 204): "its account",
        _ROLE: "who has the role for it",
        (401, 200, 409): "the first account that is signed in and has the invitation",
        (409, 409, 409): "everybody, with an account's signature",
        (401, 404, 404): "its account",
        (401, 404, 201): "its account",
        None: "everybody; `order` and `account`: its account",
    }
    assert {path: word.strip() for path, word in rows.items()} == {
        path: words[codes] for path, codes in EXPECTED.items()
    }


def test_description__says_where_one_has_to_be_signed_in(api: Api) -> None:
    found = api.client.get("/openapi.json").json()["paths"]
    needed = {
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, methods in found.items()
        for method, operation in methods.items()
        if operation.get("security", [{}])[0]
    }
    # Who is not signed in is told so there, and nowhere else but for a wrong signature.
    private = {name for name, codes in EXPECTED.items() if codes is not None and codes[0] == 401}
    assert needed == private - {"POST /session"}


@pytest.fixture
def asked(api: Api) -> dict[str, tuple[str, Any]]:
    """Where each path leads to, and what is sent there: of things that there are."""
    exchange = api.exchange
    device, registrar = Account.local(17), exchange.grid.acting_safe(OWNERS)
    exchange.grid.register_meter(
        registrar, device, exchange.traders[0], region="home", rated_power=5000
    ).execute()
    order = api.place(exchange.order(0, BUY, 1000)).json()["id"]
    api.place(exchange.order(1, SELL, 1000))
    api.live()
    account = exchange.traders[0].address
    start = "2024-01-01T02:00:00Z"
    fill = {
        "/meters/{id}": f"/meters/{device.address}",
        "{id}/cancel": f"{order}/cancel",
        "/orders/{id}": f"/orders/{order}",
        "{id}": "1",
    }
    relaying = Relaying(exchange.market, exchange.grid, api.database)
    relayed = api.post("/relay", document_of(relaying.deposit(HOUSES[0]))).json()["id"]
    line = f"A house,{Account.local(18).address},home,5"
    invited = {"csv": f"name,meter,region,power_kw\n{line}"}
    invitation = api.post("/enrolments", invited, OWNERS[0]).json()[0]["id"]
    fill = {
        "/relay/{id}": f"/relay/{relayed}",
        "/enrolments/{id}": f"/enrolments/{invitation}",
    } | fill
    fill |= {"{client_id}": "1" * 32, "{device}/{day}": "1/2024-01-01"}
    fill |= {"{safe}": "guardian", "{hash}": f"0x{1:064x}", "{alarm}": f"SILENT~{account}~1"}
    fill |= {"/analytics/exports/{table}": "/analytics/exports/days"}
    fill |= {"{account}/exports/{table}": f"{account}/exports/days", "{table}": "trades"}
    fill |= {"{kind}/{start}": f"HOURLY/{start}", "{account}": account}
    fill |= {"{subject}/{month}": f"{account}/2024-01"}
    quote = {"account": account, "side": "BUY", "amount_wh": 1, "price_per_kwh": 1, "start": start}
    bodies: dict[str, Any] = {
        "POST /quote": quote,
        "POST /grid/balance": {
            "operator": account,
            "region": "home",
            "action": "SHED_LOAD",
            "target_kw": 1,
            "priority": 1,
        },
        "POST /calls": {
            "from": account,
            "contract": "Settlement",
            "function": "withdraw",
            "arguments": ["1", account],
        },
        "POST /accounts/{account}/vens": {"name": "Heat pump"},
        "POST /simulations": {"week": "summer", "grid_price": 3, "feed_in": 1},
        "POST /permits": {"account": account, "amount": "1"},
        "POST /safes/{safe}/transactions": {
            "calls": [{"contract": "Settlement", "function": "pause", "arguments": []}]
        },
        "POST /safes/{safe}/transactions/{hash}/signatures": {"signature": f"0x{1:0130x}"},
        "POST /enrolments": invited,
        "POST /enrolments/{id}/consent": {"consent": "0x"},
        "POST /session/challenge": {"account": account},
        "POST /session": {"message": "x", "signature": "0x12"},
    }
    queries = {
        "GET /prices": "?from=2024-01-01T00:00:00Z&to=2024-01-02T00:00:00Z",
        "GET /accounts/{account}/slots": "?day=2024-01-01",
        **{
            name: "?from=2024-01-01&to=2024-01-31"
            for name in EXPECTED
            if name.startswith(("GET /analytics/", "GET /forecasts/"))
        },
        "GET /accounts/{account}/proof": "?day=2024-01-01",
    }
    found = {}
    for name in EXPECTED:
        path = name.partition(" ")[2]
        for part, value in fill.items():
            path = path.replace(part, value)
        found[name] = (path + queries.get(name, ""), bodies.get(name))
    return found


def test_every_path__asked_by_everybody__answers_as_in_the_table(
    api: Api, asked: dict[str, tuple[str, Any]]
) -> None:
    holder, other = api.exchange.traders[0], api.exchange.traders[2]
    nobody: Account | None = None
    wrong = {}
    for name, expected in EXPECTED.items():
        if expected is None:
            continue
        method = name.partition(" ")[0]
        path, body = asked[name]
        codes = []
        for who in (nobody, other, holder):
            api.tokens.clear()
            answer = api.client.request(
                method, f"/api/v1{path}", json=body, headers=api._headers(who)
            )
            codes.append(answer.status_code)
            if (
                who is not holder
                and answer.status_code == 200
                and name != "GET /batches/{id}/orders"
            ):
                # Whoever is told something about others is told no address of theirs.
                sent = str(body) + path
                assert holder.address in sent or holder.address not in answer.text, name
        if tuple(codes) != expected:
            wrong[name] = codes
    assert not wrong
