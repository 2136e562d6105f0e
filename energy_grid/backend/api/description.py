"""What the interface's description says beyond what FastAPI finds in the paths."""

from __future__ import annotations

import json
import re
from typing import Any

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema

from energy_grid.api.models import Alive, ChainEvent, NewBlock, OrderChange, Void

__all__ = ["describe", "describe_problems"]

_PROBLEM = "application/problem+json"
# What the stream tells is text to OpenAPI: no path leads to these.
_TOLD = (NewBlock, OrderChange, ChainEvent, Void, Alive)
# As pydantic calls pages, whatever name a model has for itself.
_PAGE = re.compile(r"\bPage_(\w+)_(?=\")")
_REFERENCE = "#/components/schemas/{model}"


def describe(app: FastAPI) -> None:
    """Let ``/openapi.json`` say everything that programs which write clients need."""
    of_paths = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = of_paths()
            _complete(document)
            app.openapi_schema = json.loads(_PAGE.sub(r"\1Page", json.dumps(document)))
        return app.openapi_schema or {}

    app.openapi = described  # type: ignore[method-assign]


def describe_problems(app: FastAPI) -> None:
    """Let an application's description say how problems are answered, and nothing else."""
    of_paths = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = of_paths()
            _complete_paths(app.openapi_schema)
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]


def _complete(document: dict[str, Any]) -> None:
    _complete_paths(document)
    told: list[Any] = [(each, "serialization") for each in _TOLD]
    _, schemas = models_json_schema(told, ref_template=_REFERENCE)
    document["components"]["schemas"] |= schemas["$defs"]


def _complete_paths(document: dict[str, Any]) -> None:
    for methods in document["paths"].values():
        for operation in methods.values():
            for status, answer in operation["responses"].items():
                if status[0] in "45" and _is_problem(answer):
                    # FastAPI knows one content type for all answers of a path.
                    answer["content"] = {_PROBLEM: answer["content"].popitem()[1]}
            for parameter in operation.get("parameters", ()):
                parameter["schema"] = _without_null(parameter["schema"])


def _is_problem(answer: dict[str, Any]) -> bool:
    (content,) = answer["content"].values()
    return str(content["schema"].get("$ref", "")).endswith("/Problem")


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a parameter that may be left out: it cannot be null."""
    kinds = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    if len(kinds) != 1:
        return schema
    rest = {name: value for name, value in schema.items() if name != "anyOf"}
    return {**rest, **kinds[0]}
