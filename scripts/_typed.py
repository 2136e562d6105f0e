"""The package's classes of events and custom errors, written from the compiled contracts.

What the contracts' sources say of them (NatSpec) becomes their docstrings, so that an editor shows
it; published builds, such as the Safe's, come without.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from textwrap import fill, wrap
from typing import Any

from energy_grid.chain.abi import Abi, Signed, enum_of, snake_case
from energy_grid.chain.event_log import attribute
from scripts._artifacts import Artifact

__all__ = ["PACKAGE", "generated"]

PACKAGE = Path(__file__).resolve().parents[1] / "energy_grid/contracts"
_ERRORS = "energy_grid.chain.custom_errors"
_EVENTS = "energy_grid.chain.event_log"
_MADE = "Made by `ape run export_abis` from the contracts: change those, not this."
# Custom errors that say what they mean in words of their own.
_BASES = {"EnergyTrading_Refused": "OrderRefusal"}
# What a docstring cannot hold as it is.
_PLAIN = str.maketrans({"\\": "\\\\", '"': "'", "\u2019": "'"})
_WIDTH = 100
_INDENT = "    "
_ELEMENT = re.compile(r"\[[0-9]*\]$")
# A reference of NatSpec, such as {ISettlement-deposit}.
_REFERENCE = re.compile(r"\{(?:\w+-)?(\w+)\}")
# Names that an exception has already.
_TAKEN = frozenset({"contract", "name", "arguments", "selector"})


def generated(
    artifacts: Mapping[str, Artifact], interfaces: Mapping[str, Artifact]
) -> dict[Path, str]:
    """What each generated file holds: a module of events for each contract that has any, and one of
    all errors.

    Args:
        interfaces: by the contracts' names; they say what a contract is, and in which units.
    """
    modules = {
        PACKAGE / "events" / f"{snake_case(name)}.py": _events(artifact, interfaces.get(name))
        for name, artifact in artifacts.items()
        if Abi(name, artifact.abi).events
    }
    return {**modules, PACKAGE / "errors.py": _errors(artifacts)}


def _errors(artifacts: Mapping[str, Artifact]) -> str:
    """A class for each custom error; contracts that share an error share its class.

    Raises:
        ValueError: two errors of one name have different values.
    """
    found: dict[str, tuple[Signed, str]] = {}
    for artifact in artifacts.values():
        for refusal in Abi(artifact.name, artifact.abi).errors.values():
            known, words = found.get(refusal.name, (refusal, ""))
            if known.signature != refusal.signature:
                raise ValueError(f"{known.signature} and {refusal.signature}: one class for both")
            found[refusal.name] = known, words or _words(artifact, "errors", refusal)
    declared = [signed for signed, _ in found.values()]
    names = ("DecodedError", *_BASES.values())
    lines = [
        *_head(f"The contracts' custom errors.\n\n{_MADE}", declared),
        f"from {_ERRORS} import {', '.join(names)}",
        *_all(found),
    ]
    for name, (signed, words) in sorted(found.items()):
        body = [f"{attribute_of_error(key)}: {kind}" for key, kind in _values(signed)]
        lines += ["", "", f"class {name}({_BASES.get(name, names[0])}):"]
        lines += [*_docstring(words, signed), *_indented(["", *body] if body else [])]
    return _formatted(lines)


def attribute_of_error(name: str) -> str:
    """The attribute of an error's value."""
    return f"{name}_" if name in _TAKEN else attribute(name)


def _events(artifact: Artifact, interface: Artifact | None) -> str:
    events = Abi(artifact.name, artifact.abi).events.values()
    title = f"Events of {artifact.name}."
    about = _plain((interface or artifact).natspec["userdoc"].get("notice", ""))
    lines = [
        *_head("\n\n".join(filter(None, (title, about, _MADE))), events),
        "from dataclasses import dataclass",
        "from typing import ClassVar",
        f"from {_EVENTS} import EventLog",
        *_all(f"{artifact.name}_{event.name}" for event in events),
    ]
    for event in events:
        lines += ["", "", "@dataclass(frozen=True, slots=True, kw_only=True)"]
        lines += [f"class {artifact.name}_{event.name}(EventLog):"]
        lines += _docstring(_words(artifact, "events", event), event)
        body = [
            "",
            f'contract: ClassVar[str] = "{artifact.name}"',
            f'event: ClassVar[str] = "{event.name}"',
            "",
            *(f"{attribute(name)}: {kind}" for name, kind in _values(event)),
        ]
        lines += _indented(body)
    return _formatted(lines)


def _head(words: str, declared: Iterable[Signed]) -> Iterator[str]:
    paragraphs = [fill(part, _WIDTH) for part in words.split("\n\n")]
    yield '"""' + "\n\n".join(paragraphs) + '\n"""'
    yield "from __future__ import annotations"
    entries = [entry for signed in declared for entry in signed.inputs.entries]
    enums = {enum for entry in entries if (enum := enum_of(entry)) is not None}
    for enum in sorted(enums, key=lambda each: (each.__module__, each.__name__)):
        yield f"from {enum.__module__} import {enum.__name__}"


def _all(names: Iterable[str]) -> Iterator[str]:
    yield f"__all__ = [{', '.join(repr(name) for name in sorted(names))}]"


def _values(signed: Signed) -> Iterator[tuple[str, str]]:
    for name, entry in zip(signed.inputs.names, signed.inputs.entries, strict=True):
        yield name, _type(entry)


def _type(entry: Mapping[str, Any]) -> str:
    """The Python type of a decoded value."""
    enum, kind = enum_of(entry), str(entry["type"])
    if enum is not None:
        return enum.__name__
    if _ELEMENT.search(kind):
        return f"tuple[{_type({'type': _ELEMENT.sub('', kind)})}, ...]"
    if kind in ("address", "string"):
        return "str"
    if kind == "bool":
        return "bool"
    return "bytes" if kind.startswith("bytes") else "int"


def _docstring(words: str, signed: Signed) -> list[str]:
    parts = [
        f"{entry.get('internalType') or entry['type']} "
        + ("indexed " if entry.get("indexed") else "")
        + str(entry["name"])
        for entry in signed.inputs.entries
    ]
    declaration = f"{signed.name}({', '.join(parts)})"
    paragraphs = [*words.split("\n\n"), f"``{declaration}``"] if words else [f"``{declaration}``"]
    wrapped = [wrap(part, _WIDTH - len(_INDENT) - 6, break_long_words=False) for part in paragraphs]
    lines = [line for part in wrapped for line in ("", *part)][1:]
    if len(lines) == 1:
        return [f'{_INDENT}"""{lines[0]}"""']
    return [f'{_INDENT}"""{lines[0]}', *_indented(lines[1:]), f'{_INDENT}"""']


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"{_INDENT}{line}".rstrip() for line in lines]


def _words(artifact: Artifact, part: str, signed: Signed) -> str:
    """What the sources say of an event or an error, as paragraphs."""
    found: dict[str, Any] = {}
    for doc in ("userdoc", "devdoc"):
        entry = artifact.natspec[doc].get(part, {}).get(signed.signature, {})
        # Errors of one signature can be declared more than once.
        found |= entry[0] if isinstance(entry, list) else entry
    values = [f"`{name}`: {text}" for name, text in found.get("params", {}).items()]
    words = "\n\n".join(filter(None, (found.get("notice"), found.get("details"), *values)))
    as_attribute = attribute_of_error if part == "errors" else attribute
    for name, entry in zip(signed.inputs.names, signed.inputs.entries, strict=True):
        words = words.replace(f"`{entry['name']}`", f"``{as_attribute(name)}``")
    return _plain(words)


def _plain(text: str) -> str:
    paragraphs = (" ".join(part.split()) for part in text.split("\n\n"))
    return _REFERENCE.sub(r"`\1`", "\n\n".join(paragraphs)).translate(_PLAIN)


def _formatted(lines: Iterable[str]) -> str:
    """The lines as the linter wants them."""
    text = "\n".join(lines)
    for command in (("check", "--fix-only", "--select", "I,RUF022"), ("format",)):
        text = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "-q", "--stdin-filename", "x.py", "-"],
            input=text,
            capture_output=True,
            check=True,
            text=True,
        ).stdout
    return text
