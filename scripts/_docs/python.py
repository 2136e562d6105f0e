"""The reference of the Python package, from its signatures and docstrings, in Markdown."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from enum import Enum
from importlib import import_module
from pkgutil import iter_modules
from textwrap import dedent
from typing import Any

from pydantic import BaseModel

from energy_grid.api.requests import AsyncSender, Described, Listed, Streamed
from energy_grid.chain.contract import Contract
from energy_grid.chain.event_log import EventLog

__all__ = ["as_markdown", "reference"]

_SECTION = re.compile(
    r"^(Args|Attributes|Raises|Returns|Yields):\n((?: {4}.*\n?|\n(?= {4}))+)", re.M
)
_ENTRY = re.compile(r"^(\w[\w, ]*): ", re.MULTILINE)
_PROSE = re.compile(r"^(Raises|Returns):(?= \S)", re.MULTILINE)
# Indented lines are drawings; Markdown wants a blank line before them.
_DRAWING = re.compile(r"^((?!\*\*|- | {4})\S.*)\n(?= {4})", re.MULTILINE)
_LONG = 88


def reference(name: str) -> str:
    """A class, a module, or each module of a package (`energy_grid.domain.*`)."""
    module, _, last = name.rpartition(".")
    if last == "*":
        names = sorted(each.name for each in iter_modules(import_module(module).__path__))
        parts = [part for each in names for part in _module(f"{module}.{each}", f"## {each}")]
    elif last[0].isupper():
        parts = [f"## {last}", *_class(getattr(import_module(module), last), name)]
    else:
        parts = list(_module(name))
    return "\n\n".join(parts)


def _module(name: str, *heading: str) -> Iterator[str]:
    module = import_module(name)
    yield from (_anchor(name), *heading, as_markdown(module.__doc__ or ""))
    members = {each: getattr(module, each) for each in getattr(module, "__all__", ())}
    wrappers = [each for each, member in members.items() if _is(member, Contract)]
    for each in sorted(members, key=lambda one: one not in wrappers):
        member = members[each]
        if _is(member, EventLog) and member.__module__ == name:
            continue  # Events have a page of their own.
        if isinstance(member, type):
            record = issubclass(member, Exception | EventLog)
            if not record:
                below = heading or (wrappers and each not in wrappers)
                yield f"{'###' if below else '##'} {each}"
            yield from _class(member, f"{name}.{each}", inherited=not record)
        elif inspect.isfunction(member):
            yield _anchor(f"{name}.{each}")
            yield from _function(each, member)


def _is(member: object, kind: type) -> bool:
    return isinstance(member, type) and issubclass(member, kind)


def _class(kind: type, name: str, inherited: bool = False) -> Iterator[str]:
    yield _anchor(name)
    bases = [base.__name__ for base in kind.__bases__ if base is not object]
    head = f"class {kind.__name__}" + (f"({', '.join(bases)})" if bases else "")
    if issubclass(kind, Enum):
        yield _code(head + ":", *(f"    {each.name} = {each.value!r}" for each in kind))
    elif issubclass(kind, EventLog) and kind is not EventLog:
        own = inspect.get_annotations(kind)
        yield _code(head + ":", *(f"    {each}: {what}" for each, what in own.items()))
    elif issubclass(kind, BaseModel):
        yield _code(head + ":", *_fields(kind))
    elif issubclass(kind, Exception):
        yield _code(head)
    else:
        yield _code(head, _signature(kind.__name__, kind).removesuffix(" -> None"))
    # Of a class without a docstring, a dataclass has its signature there.
    if not (kind.__doc__ or "").startswith(f"{kind.__name__}("):
        yield as_markdown(kind.__doc__ or "")
    for each, method in _methods(kind, inherited).items():
        yield from _function(each, method)


def _fields(kind: type[BaseModel]) -> Iterator[str]:
    """What is sent or answered, with the units and meanings that the models themselves have."""
    for name, what in inspect.get_annotations(kind).items():
        if name in kind.model_fields:
            field = kind.model_fields[name]
            alias = f"sent as {field.alias!r}" if field.alias else ""
            words = "; ".join(filter(None, (alias, field.description)))
            yield f"    {name}: {what}" + (f"  # {words}" if words else "")


def _methods(kind: type, inherited: bool) -> dict[str, Any]:
    """Its public methods and properties, of its own or of all of this package, in their order."""
    found: dict[str, Any] = {}
    for each in reversed(kind.__mro__ if inherited else (kind,)):
        if each.__module__.startswith("energy_grid"):
            own = {name: value for name, value in vars(each).items() if name[0] != "_"}
            kinds = (property, classmethod, staticmethod)
            found |= {
                name: value
                for name, value in own.items()
                if isinstance(value, kinds) or inspect.isfunction(value) or _sends(value, kind)
            }
    return found


def _sends(member: object, kind: type) -> bool:
    """Whether a member sends a request; a client that is awaited has the same ones."""
    return isinstance(member, Described) and not issubclass(kind, AsyncSender)


def _function(name: str, function: Any) -> Iterator[str]:
    if isinstance(function, property):
        returns = inspect.signature(function.fget).return_annotation
        yield _code(f"{name}: {_plain(returns)}  # property")
        function = function.fget
    elif isinstance(function, Described):
        line = _signature(name, function.describe).replace("HttpRequest[", "", 1)[:-1]
        if isinstance(function, Listed):
            line = line.replace("-> Page[", "-> Iterator[")
        elif isinstance(function, Streamed):
            line = line.replace("-> None", "-> Iterator[StreamEvent]")
        yield _code(f"def {line}")
    else:
        decorator = ""
        if isinstance(function, classmethod | staticmethod):
            decorator = f"@{type(function).__name__}\n"
            function = function.__func__
        yield _code(f"{decorator}def {_signature(name, function)}")
    yield as_markdown(function.__doc__ or "")


def _signature(name: str, function: Any) -> str:
    """As it is written in the source, without `self`, on one line or on one for each parameter."""
    try:
        signature = inspect.signature(function)
    except ValueError:  # of a built-in one
        return name
    parameters = [
        each.replace(annotation=_Plain(each.annotation), default=_named(each.default))
        for each in signature.parameters.values()
        if each.name not in ("self", "cls")
    ]
    returns = signature.return_annotation
    end = "" if returns in (signature.empty, None) else f" -> {_plain(returns)}"
    line = (
        f"{name}{signature.replace(parameters=parameters, return_annotation=signature.empty)}{end}"
    )
    if len(line) <= _LONG:
        return line
    lines = "".join(f"    {each},\n" for each in parameters)
    return f"{name}(\n{lines}){end}"


def _named(default: Any) -> Any:
    """A default as it is shown: a function by its name."""
    return _Plain(default.__name__) if inspect.isroutine(default) else default


class _Plain:
    """An annotation that is shown without quotes."""

    def __init__(self, annotation: Any) -> None:
        self.text = _plain(annotation)

    def __repr__(self) -> str:
        return self.text


def _plain(annotation: Any) -> str:
    return annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)


def _anchor(name: str) -> str:
    return f'<span id="{name}"></span>'


def _code(*lines: str) -> str:
    return "\n".join(("```python", *lines, "```"))


def as_markdown(docstring: str) -> str:
    """A docstring with its sections as lists and its drawings as code."""
    text = inspect.cleandoc(docstring).replace("``", "`")
    text = _SECTION.sub(_section, text)
    text = _DRAWING.sub(r"\1\n\n", _PROSE.sub(r"**\1**", text))
    return "\n".join(
        line if line.startswith("    ") else _escaped(line) for line in text.split("\n")
    )


def _section(found: re.Match[str]) -> str:
    body = dedent(found[2]).strip()
    head = f"**{found[1]}**"
    if found[1] in ("Returns", "Yields") or not _ENTRY.match(body):
        return f"{head} " + " ".join(body.split()) + "\n"
    entries = re.sub(r"\n +", " ", body)
    return f"{head}\n\n" + _ENTRY.sub(r"- `\1`: ", entries) + "\n"


def _escaped(line: str) -> str:
    """What is no code cannot begin an HTML tag."""
    parts = line.split("`")
    parts[::2] = [part.replace("<", "&lt;") for part in parts[::2]]
    return "`".join(parts)
