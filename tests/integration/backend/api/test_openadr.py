"""OpenADR: the market asked by a client that others wrote (PyPI openadr3), over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from eth_account.signers.local import LocalAccount
from openadr3.entities import raw

from energy_grid.backend.store.openadr import VEN_CLIENTS, VEN_OBJECTS, VEN_TOKENS
from tests.integration.backend.api.conftest import Api
from tests.integration.backend.api.openadr_world import Vtn, account_of, metered
from tests.integration.backend.api.test_client import served
from tests.support.market import actor

# A busy machine answers late.
_HTTP = httpx.Client(timeout=60, headers={"Connection": "close"})


@pytest.fixture
def house(api: Api) -> LocalAccount:
    """Somebody with a meter."""
    return metered(api, "household")


@pytest.fixture
def neighbour(api: Api) -> LocalAccount:
    return metered(api, "neighbour")


@pytest.fixture
def vtn(api: Api) -> Iterator[Vtn]:
    with served(api) as address, ExitStack() as ends:
        yield Vtn(api, address, ends)


def test_credentials__are_shown_once__and_kept_as_hashes(vtn: Vtn, house: LocalAccount) -> None:
    given = vtn.issue(house)
    listed = vtn.api.get(f"/accounts/{house.address}/vens", account_of(house)).json()
    assert listed == [{name: given[name] for name in given if name != "client_secret"}]
    client = vtn.client(given)
    with vtn.api.database.reading() as connection:
        stored = str(
            [connection.execute(each.select()).all() for each in (VEN_CLIENTS, VEN_TOKENS)]
        )
    assert given["client_id"] in stored
    assert given["client_secret"] not in stored
    assert client._http.auth.token not in stored


def test_credentials__revoked__end_tokens_and_what_was_written(
    vtn: Vtn, house: LocalAccount
) -> None:
    given, other = vtn.issue(house), vtn.issue(house)
    client, stays = vtn.client(given), vtn.client(other)
    assert client.create_ven({"objectType": "VEN_VEN_REQUEST", "venName": "a"}).status_code == 201
    assert stays.create_ven({"objectType": "VEN_VEN_REQUEST", "venName": "a"}).status_code == 201
    path = f"/api/v1/accounts/{house.address}/vens/{given['client_id']}"
    headers = vtn.api._headers(account_of(house))
    assert vtn.api.client.delete(path, headers=headers).status_code == 204
    assert client.get_programs().status_code == 401
    with pytest.raises(httpx.HTTPStatusError, match="401"):
        vtn.client(given)
    assert [each.ven_name for each in stays.vens()] == ["a"]
    with vtn.api.database.reading() as connection:
        assert len(connection.execute(VEN_OBJECTS.select()).all()) == 1
    assert vtn.api.client.delete(path, headers=headers).status_code == 404


def test_credentials__of_an_account_without_a_meter__are_refused(vtn: Vtn) -> None:
    stranger = actor("stranger")
    found = vtn.api.post(f"/accounts/{stranger.address}/vens", {"name": "x"}, account_of(stranger))
    assert (found.status_code, found.json()["type"]) == (409, "urn:energy-grid:problem:no-meter")


def test_credentials__more_than_ten__are_refused(vtn: Vtn, house: LocalAccount) -> None:
    for _ in range(10):
        vtn.issue(house)
    found = vtn.api.post(f"/accounts/{house.address}/vens", {"name": "x"}, account_of(house))
    assert found.status_code == 409
    assert "has 10 VENs: revoke one first" in found.json()["detail"]


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"client_secret": "guessed"}, 401, "invalid_client"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"client_id": "f" * 32}, 401, "invalid_client"),
        ({"client_id": "\0"}, 401, "invalid_client"),
        ({"client_id": ""}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ],
)
def test_token__for_other_credentials__is_refused(
    vtn: Vtn, house: LocalAccount, form: dict[str, str], status: int, error: str
) -> None:
    given = vtn.issue(house)
    right = {
        "grant_type": "client_credentials",
        "client_id": given["client_id"],
        "client_secret": given["client_secret"],
    }
    answer = _HTTP.post(f"{vtn.base}/auth/token", data={**right, **form})
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    answer = _HTTP.post(f"{vtn.base}/auth/token", data=right)
    assert (answer.status_code, answer.json()["token_type"]) == (200, "Bearer")


def test_token__by_basic_authorization__is_given(vtn: Vtn, house: LocalAccount) -> None:
    given = vtn.issue(house)
    answer = _HTTP.post(
        f"{vtn.base}/auth/token",
        data={"grant_type": "client_credentials"},
        auth=(given["client_id"], given["client_secret"]),
    )
    assert answer.status_code == 200
    json = _HTTP.post(f"{vtn.base}/auth/token", json={"grant_type": "client_credentials"})
    assert json.json()["error"] == "invalid_request"


def test_paths__without_a_token_or_with_another__answer_401(vtn: Vtn, house: LocalAccount) -> None:
    session = vtn.api.sign_in(account_of(house))
    for token in ("", "Bearer x", f"Bearer {session}", "Basic eDp5"):
        headers = {"Authorization": token} if token else {}
        for path in ("programs", "events", "reports", "vens", "resources", "subscriptions"):
            answer = _HTTP.get(f"{vtn.base}/{path}", headers=headers)
            assert (path, answer.status_code) == (path, 401)
    # Nor does a VEN's token open what a session does.
    ven = vtn.ven(house)
    answer = vtn.api.client.get(
        f"/api/v1/accounts/{house.address}",
        headers={"Authorization": f"Bearer {ven._http.auth.token}"},
    )
    assert answer.status_code == 401


def test_programs_and_events__are_written_by_nobody(vtn: Vtn, house: LocalAccount) -> None:
    ven = vtn.ven(house)
    for answer in (
        ven.create_program({"programName": "mine"}),
        ven.update_program("program-1", {"programName": "mine"}),
        ven.delete_program("program-1"),
        ven.create_event({"programID": "program-1"}),
        ven.update_event("event-1", {"programID": "program-1"}),
        ven.delete_event("event-1"),
    ):
        assert answer.status_code == 403
        assert "are the chain's" in answer.json()["detail"]


def test_objects_of_a_ven__are_seen_by_it_alone(
    vtn: Vtn, house: LocalAccount, neighbour: LocalAccount
) -> None:
    ven, sibling, other = vtn.ven(house), vtn.ven(house), vtn.ven(neighbour)
    made = ven.create_ven({"objectType": "VEN_VEN_REQUEST", "venName": "Cellar", "more": 1})
    assert made.status_code == 201
    raw.RawVen.model_validate(made.json())
    name = made.json()["id"]
    resource = {"objectType": "VEN_RESOURCE_REQUEST", "resourceName": "Pump", "venID": name}
    pump = ven.create_resource(resource)
    assert pump.status_code == 201
    assert ven.create_resource(resource).status_code == 409
    assert other.create_resource(resource).status_code == 404
    for stranger in (sibling, other):
        assert stranger.vens() == stranger.resources() == []
        for answer in (
            stranger.get_ven_by_id(name),
            stranger.update_ven(name, {"venName": "Mine"}),
            stranger.delete_ven(name),
        ):
            assert answer.status_code == 404
        # Names are the VEN's own: nobody learns which others have.
        assert stranger.create_ven({"venName": "Cellar"}).status_code == 201
    assert ven.update_ven(name, {"venName": "Attic"}).json()["venName"] == "Attic"
    assert ven.find_ven_by_name("Attic").id == name
    assert [each.resource_name for each in ven.resources(venID=name)] == ["Pump"]
    assert ven.resources(venID="other") == []
    assert ven.delete_ven(name).status_code == 200
    assert ven.vens() == ven.resources() == []


@pytest.mark.parametrize(
    "written",
    [
        {},
        {"venName": ""},
        {"venName": "x" * 129},
        {"venName": "x", "attributes": [{"type": "A", "values": ["y" * 13_000]}]},
        {"venName": "x", "attributes": [{"type": "A", "values": [1e300]}]},
    ],
)
def test_objects__malformed_or_too_large__are_bad_requests(
    vtn: Vtn, house: LocalAccount, written: Any
) -> None:
    answer = vtn.ven(house).create_ven(written)
    assert answer.status_code == 400
    assert answer.json()["status"] == 400


def test_objects__too_many__are_refused(vtn: Vtn, house: LocalAccount) -> None:
    ven = vtn.ven(house)
    for number in range(10):
        assert ven.create_ven({"venName": f"ven {number}"}).status_code == 201
    answer = ven.create_ven({"venName": "one more"})
    assert (answer.status_code, answer.json()["detail"]) == (
        409,
        "a VEN has at most 10 objects of the type VEN: delete one",
    )
    assert [each.ven_name for each in ven.vens(skip=1, limit=2)] == [
        each.ven_name for each in ven.vens()[1:3]
    ]
    assert ven.get_vens(limit=51).status_code == 400
