"""What programs make of the interface's description: random requests, good and bad, at a server
that listens; each answer is as described, and none is an error of the server.

``--soak`` sends 100,000 of them, 50,000 to each database.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from energy_grid.backend.api.vtn.application import PREFIX
from energy_grid.backend.grid_service.openadr.models import VenRequest
from energy_grid.backend.grid_service.openadr.objects import ObjectKind
from energy_grid.serve.http import serving
from tests.integration.backend.api.conftest import Api
from tests.integration.exchange import BUY, SELL
from tests.support.examples import Seeds

_CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# Requests to each database.
_FAST, _SOAK = 750, 50_000
_SIGN_OUT = "DELETE /api/v1/session"
# It never ends: its own tests listen to it.
_STREAM = "/api/v1/stream"


@pytest.fixture
def address(api: Api) -> Iterator[str]:
    """Where a server with the application listens."""
    with serving(api.client.app, "127.0.0.1", 0) as found:
        yield found


@pytest.fixture
def known(api: Api) -> dict[str, str]:
    """Names of things that there are."""
    order = api.place(api.exchange.order(0, BUY, 1_000)).json()["id"]
    api.place(api.exchange.order(1, SELL, 1_000))
    api.live()
    account = api.exchange.traders[0].address
    start = "2024-01-01T02:00:00Z"
    return {"account": account, "id": order, "kind": "HOURLY", "start": start, "region": "home"}


def test_every_path__random_requests__answers_as_described(
    api: Api,
    address: str,
    known: dict[str, str],
    seeds: Seeds,
    pytestconfig: pytest.Config,
) -> None:
    token = api.sign_in(api.exchange.traders[0])
    wanted = _SOAK if pytestconfig.getoption("--soak") else _FAST
    codes = _ask_all(f"{address}/openapi.json", token, known, seeds(1)[0], wanted)
    assert {200, 404, 422} <= {*codes}


def test_every_path_of_openadr__random_requests__answers_as_described(
    api: Api, address: str, seeds: Seeds, pytestconfig: pytest.Config
) -> None:
    holder, vens = api.exchange.traders[0], api.client.app.state.backend().vens
    given = vens.clients.issue(holder.address, "random", may_opt=True)
    token = vens.clients.token(given.id, given.secret)
    assert token is not None
    ven = vens.clients.ven_of(token)
    made = vens.create(ven, ObjectKind.VEN, VenRequest(ven_name="known"))
    wanted = _SOAK if pytestconfig.getoption("--soak") else _FAST // 2
    document, known = f"{address}{PREFIX}/openapi.json", {"venID": made["id"]}
    codes = _ask_all(document, token, known, seeds(1)[0], wanted)
    assert {200, 201, 400, 401, 403, 404} <= {*codes}


def _ask_all(
    document: str, token: str, known: dict[str, str], first: int, wanted: int
) -> Counter[int]:
    """Ask all operations of a description; how often each status was answered."""
    schema = schemathesis.openapi.from_url(document)
    operations = [found.ok() for found in schema.get_all_operations() if found.ok().path != _STREAM]
    # Each operation is asked with what fits and with what does not.
    examples = wanted // (2 * len(operations)) + 1
    codes: Counter[int] = Counter()
    began = time.monotonic()
    print(f"\nseed {first}: repeat with --hypothesis-seed={first}")
    failures: list[BaseException] = []
    with requests.Session() as session:
        for operation in operations:
            for mode in GenerationMode.POSITIVE, GenerationMode.NEGATIVE:
                try:
                    _ask(operation, mode, session, token, known, first, examples, codes)
                except Unsatisfiable:
                    # Nothing that is sent to a path without parameters could be wrong.
                    assert mode is GenerationMode.NEGATIVE
                except (Exception, BaseExceptionGroup) as error:
                    error.add_note(f"{operation.label}, {mode.value}")
                    print(f"{operation.label}: {error!r}", *getattr(error, "exceptions", ()))
                    failures.append(error)
    took = time.monotonic() - began
    shown = ", ".join(f"{status}: {count:,}" for status, count in sorted(codes.items()))
    print(f"{codes.total():,} requests to {len(operations)} paths in {took:,.0f} s; {shown}")
    if failures:
        raise BaseExceptionGroup("paths do not answer as described", failures)
    assert codes.total() >= wanted * 0.9
    return codes


def _ask(
    operation: Any,
    mode: GenerationMode,
    session: requests.Session,
    token: str,
    known: dict[str, str],
    first: int,
    examples: int,
    codes: Counter[int],
) -> None:
    @seed(first)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[*HealthCheck],
    )
    @given(
        case=operation.as_strategy(generation_mode=mode),
        is_signed_in=st.booleans(),
        is_known=st.booleans(),
    )
    def asked(case: Any, is_signed_in: bool, is_known: bool) -> None:
        if is_known:
            for parts in (case.path_parameters, case.query, case.body):
                if isinstance(parts, dict):
                    parts.update({name: known[name] for name in parts if name in known})
        headers = {}
        if is_signed_in and operation.label != _SIGN_OUT:
            headers["Authorization"] = f"Bearer {token}"
        response = case.call(session=session, headers=headers)
        codes[response.status_code] += 1
        case.validate_response(response, checks=_CHECKS)

    asked()
