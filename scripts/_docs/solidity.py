"""The contracts as their compiler sees them: functions, refusals, events, and what reaches what.

The syntax trees come from the compiler by a run of its own, which makes no code. Which errors and
events belong to a function follows from its tree and from all that it calls, in its own contract
with the overrides that are in force there, in libraries, and in the market's other contracts.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from scripts._docs.natspec import Comment, read

__all__ = ["ROOT", "Contract", "Function", "Sources", "load"]

ROOT = Path(__file__).resolve().parents[2]
_STOP = "contracts/interfaces/IEmergencyStop.sol"
_BANNER = re.compile(r"^ *\/\* (.+?) \*\/$", re.MULTILINE)
Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Function:
    """An external function as a contract has it."""

    name: str
    selector: str
    declared: Node
    """Where its comment is: in an interface, if it has one."""
    body: Node
    """What runs."""
    group: str
    """The banner above it in the interface."""
    is_ours: bool


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract with all that it inherits, nearest first."""

    name: str
    node: Node
    line: tuple[Node, ...]


class Sources:
    """All syntax trees of the project and of what it imports."""

    def __init__(self, trees: dict[str, Node]) -> None:
        self._nodes: dict[int, Node] = {}
        self._file: dict[int, str] = {}
        self._contracts: dict[str, Node] = {}
        for file, tree in trees.items():
            for node in _walk(tree):
                if "id" in node:
                    self._nodes[node["id"]] = node
                if node.get("nodeType") in _DECLARATIONS:
                    self._file[node["id"]] = file
                if node.get("nodeType") == "ContractDefinition" and file.startswith("contracts/"):
                    self._contracts[node["name"]] = node

    def __contains__(self, name: str) -> bool:
        """Whether the project has a contract of this name."""
        return name in self._contracts

    def contract(self, name: str) -> Contract:
        """A contract of the project."""
        node = self._contracts[name]
        line = tuple(self._nodes[each] for each in node["linearizedBaseContracts"])
        return Contract(name, node, line)

    def source(self, node: Node) -> str:
        """The file in which something is declared."""
        return self._file[node["id"]]

    def comment(self, node: Node) -> Comment:
        """The NatSpec of a declaration, as it stands in the file: trees have no empty lines."""
        documentation = node.get("documentation")
        if documentation is None or not self.is_ours(node):
            return Comment()
        start, length, _ = map(int, documentation["src"].split(":"))
        text = _text(self.source(node))[start : start + length].decode()
        return read("\n".join(line.strip().removeprefix("///") for line in text.split("\n")))

    def is_ours(self, node: Node) -> bool:
        """Whether something is declared in this project."""
        return self.source(node).startswith("contracts/")

    def declared(self, contract: Contract, kind: str) -> list[Node]:
        """The enums or structs of a contract's interfaces."""
        bases = [base for base in contract.line if "/interfaces/" in self.source(base)]
        return [each for base in bases for each in base["nodes"] if each["nodeType"] == kind]

    def types(self, kind: str) -> dict[str, Node]:
        """The project's enums or structs, by their full names."""
        return {
            node["canonicalName"]: node
            for node in self._nodes.values()
            if node["nodeType"] == kind and self.is_ours(node)
        }

    def enum(self, name: str) -> list[str]:
        """The members of an enum by its full name, imported ones included."""
        found = next(
            node
            for node in self._nodes.values()
            if node["nodeType"] == "EnumDefinition" and node["canonicalName"] == name
        )
        return [each["name"] for each in found["members"]]

    def functions(self, contract: Contract) -> list[Function]:
        """Everything that can be called from outside, in the order of the interface."""
        by_selector: dict[str, list[Node]] = {}
        for base in contract.line:
            for node in base["nodes"]:
                if "functionSelector" in node:
                    by_selector.setdefault(node["functionSelector"], []).append(node)
        found = [self._function(selector, nodes) for selector, nodes in by_selector.items()]
        files = [self.source(base) for base in contract.line]
        own = f"contracts/interfaces/I{contract.name}.sol"

        def place(each: Function) -> tuple[bool, bool, int, int]:
            file = self.source(each.declared)
            return file != own, file == _STOP, -files.index(file), _offset(each.declared)

        return sorted(found, key=place)

    def constructor(self, contract: Contract) -> tuple[Node | None, Node]:
        """The constructor, and all that run when the contract is made."""
        found = [
            node
            for base in contract.line
            for node in base["nodes"]
            if node.get("kind") == "constructor"
        ]
        own = next((node for node in found if node["scope"] == contract.node["id"]), None)
        return own, {"id": -1, "statements": found}

    def _function(self, selector: str, nodes: list[Node]) -> Function:
        interfaces = [node for node in nodes if "/interfaces/" in self.source(node)]
        in_order = [*interfaces, *nodes]
        documented = (node for node in in_order if _is_documented(self.comment(node)))
        declared = next(documented, in_order[0])
        body = next((node for node in nodes if node.get("body")), nodes[0])
        return Function(
            name=declared["name"],
            selector=selector,
            declared=declared,
            body=body,
            group=self._banner(declared),
            is_ours=all(map(self.is_ours, nodes)) or self.is_ours(nodes[-1]),
        )

    def _banner(self, node: Node) -> str:
        if self.source(node) == _STOP:
            return "EMERGENCY STOP"
        banners = _BANNER.findall(_text(self.source(node))[: _offset(node)].decode())
        return banners[-1] if banners else "FUNCTIONS"

    def errors(self, contract: Contract, body: Node) -> list[Node]:
        """The custom errors that a function's code and all that it calls can refuse with.

        What only a contract's callers inside the market are refused with is no refusal of a call
        that comes through one of them. An error that is encoded first counts where it is raised, by
        `_revertWith`.
        """
        return self._reached(contract, body, "ErrorDefinition")

    def events(self, contract: Contract, body: Node) -> list[Node]:
        """The events that a function's code and all that it calls can emit."""
        return self._reached(contract, body, "EventDefinition")

    def _reached(self, contract: Contract, body: Node, kind: str) -> list[Node]:
        found: dict[int, Node] = {}
        encoded: dict[int, Node] = {}
        seen: set[tuple[str, int]] = set()
        raises = False
        waiting = [(contract, body)]
        while waiting:
            where, node = waiting.pop()
            if (where.name, node["id"]) in seen:
                continue
            seen.add((where.name, node["id"]))
            raises = raises or node.get("name") == "_revertWith"
            encoded |= {used: self._nodes[used] for used in _selected(node) if used in self._nodes}
            for used, is_super in _references(node, caught=kind == "EventDefinition"):
                target = self._nodes.get(used, {})
                if target.get("nodeType") == kind:
                    if where.name == contract.name or not _OF_MODULES.search(target["name"]):
                        found[used] = target
                elif target.get("nodeType") in ("FunctionDefinition", "ModifierDefinition"):
                    after = node["scope"] if is_super else None
                    waiting.append(self._called(where, target, after))
        if raises:
            found |= {used: node for used, node in encoded.items() if node["nodeType"] == kind}
        return sorted(found.values(), key=lambda each: (not self.is_ours(each), each["name"]))

    def _called(self, caller: Contract, target: Node, after: int | None) -> tuple[Contract, Node]:
        """What runs where a function is called: an override, or another contract's.

        Args:
            after: of a call by `super`, the contract whose code it is in.
        """
        owner = self._nodes.get(target.get("scope", -1), {})
        where = caller
        if owner.get("contractKind") == "interface" and owner["id"] not in {
            base["id"] for base in caller.line
        }:
            implementation = self._contracts.get(owner["name"].removeprefix("I"))
            if implementation is None or owner["name"] not in self._contracts:
                return caller, target
            where = self.contract(implementation["name"])
        return where, _override(where, target, after)

    def node(self, number: int) -> Node:
        """What has this number in the trees."""
        return self._nodes[number]


_DECLARATIONS = {
    *("ContractDefinition", "FunctionDefinition", "VariableDeclaration", "EnumDefinition"),
    *("StructDefinition", "ErrorDefinition", "EventDefinition", "ModifierDefinition"),
}

# What a contract refuses others of the market with.
_OF_MODULES = re.compile("_Only|_WrongCaller$")


@cache
def load() -> Sources:
    """The syntax trees of all contracts but the test doubles."""
    files = [
        path.relative_to(ROOT).as_posix()
        for path in sorted(ROOT.glob("contracts/**/*.sol"))
        if not {".cache", "mocks"} & set(path.parts) or path.stem == "TestDollar"
    ]
    request = {
        "language": "Solidity",
        "sources": {file: {"content": _text(file).decode()} for file in files},
        "settings": {
            "remappings": ["@openzeppelin/=node_modules/@openzeppelin/"],
            "evmVersion": "cancun",
            "outputSelection": {"*": {"": ["ast"]}},
        },
    }
    # Where the compiler is JavaScript this takes 10 s; `make compile` empties .build on any change.
    text = json.dumps(request)
    cached = ROOT / f".build/trees-{sha256(text.encode()).hexdigest()[:16]}.json"
    if cached.exists():
        return Sources(json.loads(cached.read_text()))
    (compiler,) = ROOT.glob(".solcx/solc-v*")
    answer = subprocess.run(
        [compiler, "--standard-json", "--base-path", "."],
        input=text,
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    document = json.loads(answer.stdout)
    refused = [each for each in document.get("errors", []) if each["severity"] == "error"]
    if refused:
        raise RuntimeError(refused[0]["formattedMessage"])
    trees = {file: entry["ast"] for file, entry in document["sources"].items()}
    written = cached.with_suffix(f".{os.getpid()}")
    written.write_text(json.dumps(trees))
    written.replace(cached)
    return Sources(trees)


def _is_documented(comment: Comment) -> bool:
    return not comment.inherits and bool(comment.notice or comment.parameters or comment.returns)


@cache
def _text(file: str) -> bytes:
    return (ROOT / file).read_bytes()


def _offset(node: Node) -> int:
    return int(node["src"].split(":")[0])


def _override(where: Contract, target: Node, after: int | None) -> Node:
    """The override of a function that is in force in a contract, or the function itself."""
    order = [base["id"] for base in where.line]
    first = 0 if after is None else order.index(after) + 1
    known = [node for base in where.line[first:] for node in base["nodes"]]
    same = [node for node in known if _signature(node) == _signature(target)]
    if target["id"] not in {node["id"] for node in same}:
        return target
    return next((node for node in same if node.get("body")), target)


def _signature(node: Node) -> tuple[str, ...]:
    """What tells one function from another; of a getter, what tells its selector."""
    if "functionSelector" in node:
        return (node["functionSelector"],)
    parameters = node.get("parameters", {}).get("parameters", [])
    types = [each["typeDescriptions"]["typeString"] for each in parameters]
    return node["nodeType"], node.get("name", ""), *types


def _references(node: Node, *, caught: bool) -> Iterator[tuple[int, bool]]:
    """What a function's code refers to, but for selectors; and whether by `super`.

    Args:
        caught: whether the call of a `try` counts, whose refusals go no further.
    """
    if node.get("nodeType") == "MemberAccess" and node.get("memberName") == "selector":
        return
    inner = [value for key, value in node.items() if key != "documentation"]
    if node.get("nodeType") == "TryStatement" and not caught:
        inner = [*node["externalCall"]["arguments"], *node["clauses"]]
    used = node.get("referencedDeclaration", node.get("function"))
    if isinstance(used, int):
        yield used, node.get("expression", {}).get("name") == "super"
    for each in inner:
        for child in each if isinstance(each, list) else [each]:
            if isinstance(child, dict):
                yield from _references(child, caught=caught)


def _selected(node: Node) -> Iterator[int]:
    """Whose selectors a function's code takes."""
    for each in _walk(node):
        if each["nodeType"] == "MemberAccess" and each["memberName"] == "selector":
            used = each["expression"].get("referencedDeclaration")
            if isinstance(used, int):
                yield used


def _walk(node: Any) -> Iterator[Node]:
    if isinstance(node, dict):
        if "nodeType" in node:
            yield node
        for value in node.values():
            yield from _walk(value)
    elif isinstance(node, list):
        for each in node:
            yield from _walk(each)
