"""The client's methods are the paths of the interface's description: all of them, and as it says.

What each answers on a market is in tests/integration/backend/api/test_client.py.
"""

from __future__ import annotations

import inspect
import re
from datetime import datetime
from typing import Any

import pytest
from fastapi import APIRouter

from energy_grid.api.paths import Paths
from energy_grid.api.requests import HttpRequest, Listed, Streamed
from energy_grid.backend.api.application import make_application
from energy_grid.errors import InputError
from tests.support.api_calls import CALLS, OF_METERS, OF_OPERATORS, Subject

ACCOUNT = "0x" + "12" * 20
SIGNED = {
    "chainId": 31337,
    "contract": ACCOUNT,
    "trader": ACCOUNT,
    "side": "BUY",
    "amountWh": 1,
    "pricePerKwh": 1,
    "period": "HOURLY",
    "deliveryStart": 3600,
    "validUntil": 3599,
    "nonce": 7,
    "signature": "0x12",
}
CALL = {
    "from": ACCOUNT,
    "to": ACCOUNT,
    "gas": 0,
    "nonce": 0,
    "deadline": 3600,
    "data": "0x12",
    "signature": "0x",
}
SUBJECT = Subject(
    account=ACCOUNT,
    order=SIGNED,
    id="7",
    message="x",
    signature="0x12",
    call=CALL,
    relayed="0x" + "12" * 32,
)
# What lists are asked page by page, and what stands for another parameter.
OF_PAGES = {"cursor", "limit"}
PRINTED = {
    ("POST", "/orders"),
    ("GET", "/orders/{id}"),
    ("POST", "/orders/{id}/cancel"),
    ("GET", "/trades"),
    ("GET", "/grid/status"),
    ("GET", "/grid/demand"),
    ("GET", "/grid/supply"),
    ("POST", "/grid/balance"),
    ("POST", "/meters/reading"),
    *(("GET", f"/meters/{{id}}/{each}") for each in ("history", "production", "consumption")),
}
DOCUMENT: dict[str, Any] = make_application(lambda: None, APIRouter()).openapi()  # type: ignore
OPERATIONS = {
    operation["operationId"]: (method.upper(), path.removeprefix("/api/v1"), operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}


def described(name: str) -> HttpRequest[Any]:
    asked = {**CALLS, **OF_METERS, **OF_OPERATORS}[name]
    request = vars(Paths)[name].describe(None, *asked.arguments(SUBJECT), **asked.options)
    assert isinstance(request, HttpRequest)
    return request


def kind_of(answer: str) -> str:
    """The name of a model, as the interface's description has it."""
    answer = re.sub(r"^HttpRequest\[(.*)\]$", r"\1", answer)
    return re.sub(r"^Page\[(\w+)\]$", r"\1Page", answer)


def documented(operation: dict[str, Any]) -> str:
    """What an operation answers, as Python writes it."""
    status = min(operation["responses"])
    content = operation["responses"][status].get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    if schema.get("type") == "array":
        return f"list[{schema['items']['$ref'].rpartition('/')[2]}]"
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "text/csv" in content:
        return "bytes"
    return "str" if "application/jsonl" in content else "None"


def test_paths__that_source_002_prints__are_there_as_printed() -> None:
    known = {(method, path) for method, path, _ in OPERATIONS.values()}
    assert len(PRINTED) == 12
    assert known >= PRINTED


def test_operations__have_names_of_their_own() -> None:
    assert len(OPERATIONS) == sum(len(methods) for methods in DOCUMENT["paths"].values())


@pytest.mark.parametrize("name", OPERATIONS)
def test_operation__is_described_to_its_end(name: str) -> None:
    _, _, operation = OPERATIONS[name]
    assert operation["description"]
    for parameter in operation.get("parameters", ()):
        assert {"type": "null"} not in parameter["schema"].get("anyOf", ())
    for status, answer in operation["responses"].items():
        if status[0] in "45":
            (content,) = answer["content"].items()
            problem = {"schema": {"$ref": "#/components/schemas/Problem"}}
            assert content == ("application/problem+json", problem)
        assert ("Retry-After" in answer.get("headers", ())) == (status in ("429", "503"))


def test_schemas__have_plain_names_and_those_of_the_stream() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    assert {"NewBlock", "OrderChange", "ChainEvent", "Void", "Alive", "OrderPage"} <= {*schemas}
    assert all(name.isalnum() for name in schemas)


@pytest.mark.parametrize("name", OPERATIONS)
def test_path__is_a_method_of_the_client(name: str) -> None:
    method, path, operation = OPERATIONS[name]
    request = described(name)
    assert (request.method, request.path) == (method, path)
    assert path == path.format(**{part: f"{{{part}}}" for part in request.parts})
    asked = {each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"}
    taken = isinstance(vars(Paths)[name], Listed)
    assert {*request.query} == (asked - OF_PAGES if taken else asked)
    keys = [each["name"] for each in operation.get("parameters", ()) if each["in"] == "header"]
    assert ("Idempotency-Key" in keys) == (request.key is not None)
    if "requestBody" in operation:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        assert schema["$ref"].rpartition("/")[2] == type(request.body).__name__
    else:
        assert request.body is None


@pytest.mark.parametrize("name", OPERATIONS)
def test_method__answers_what_the_description_says(name: str) -> None:
    returns = inspect.signature(vars(Paths)[name].describe).return_annotation
    assert kind_of(returns) == documented(OPERATIONS[name][2])


def test_client__has_no_other_paths() -> None:
    asked = {*CALLS, *OF_METERS, *OF_OPERATORS}
    assert {name for name in vars(Paths) if name[0] != "_"} == {*OPERATIONS} == asked
    assert [name for name in OPERATIONS if isinstance(vars(Paths)[name], Streamed)] == ["stream"]


@pytest.mark.parametrize(
    ("name", "arguments", "options", "message"),
    [
        ("book", ("HOURLY", datetime(2024, 1, 1)), {}, "start: Input should have timezone info"),
        ("challenge", ("0x12",), {}, "account: an address is 0x and 40 digits"),
        (
            "balance_grid",
            (ACCOUNT, "home", "EXPLODE"),
            {"target_kw": 1, "priority": 1},
            "action: Input should be 'INCREASE_GENERATION'",
        ),
        ("place_order", ({**SIGNED, "amountWh": 1.5},), {}, "amountWh: a whole number is needed"),
    ],
)
def test_method__with_what_cannot_be_sent__names_it(
    name: str, arguments: tuple[Any, ...], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        vars(Paths)[name].describe(None, *arguments, **options)


def test_place_order__without_a_key__has_a_new_one_each_time() -> None:
    keys = {Paths.place_order.describe(None, SIGNED).key for _ in range(3)}
    assert len(keys) == 3
    assert all(keys)
