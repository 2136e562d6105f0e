"""A page for each contract: what it is for, its functions, who may call them, refusals, events."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from scripts._deploy.plan import GROUP, SAFE_CONTRACTS, TEST_DOLLAR
from scripts._docs.natspec import as_cell, as_markdown
from scripts._docs.solidity import ROOT, Contract, Function, Sources, load

__all__ = ["PUBLISHED", "contract_names", "contract_pages"]

_FOLDER = Path("reference/contracts")
_NOTE = "<!-- Written by `make docs` from the comments in contracts/: change those. -->"
_TYPE = re.compile(r"\b(?:enum|struct|contract) |(?<=\S) (?:memory|calldata|storage \w+)\b")
# Deployed as their authors publish them: their own documentation describes them.
PUBLISHED = {
    "AccessManager": "roles, and which functions they may call (OpenZeppelin)",
    "ERC2771Forwarder": "calls that account holders have signed, sent by a relay (OpenZeppelin)",
    "TimelockController": "where decisions of the vote wait (OpenZeppelin)",
    **dict.fromkeys(SAFE_CONTRACTS, "the operators' multi-signature wallet (Safe)"),
}
# Figures of docs/gas.md whose operation does not begin with a name that one contract has.
_GAS_OF = {"mint, an asset": "EnergyAssetNFT", "signed order, cost to its maker": "EnergyTrading"}
_LONG = 88
Node = dict[str, Any]


def contract_names() -> list[str]:
    """The contracts of the market that are this project's own."""
    return [name for name in (*GROUP, TEST_DOLLAR) if name not in PUBLISHED]


def contract_pages() -> dict[Path, str]:
    """The pages by where they are in docs/."""
    sources = load()
    pages = {name: _Page(sources, name) for name in contract_names()}
    found = {_FOLDER / f"{name}.md": page.text() for name, page in pages.items()}
    return {_FOLDER / "index.md": _index(sources, pages), **found}


def _index(sources: Sources, pages: Mapping[str, _Page]) -> str:
    lines = [
        _NOTE,
        "# Contracts",
        "The purpose of each contract, with its functions, who may call them, its errors and its"
        " events. Energy is in Wh, money in base units of the settlement"
        " token, prices in money per kWh, times in Unix seconds (UTC), regions are ASCII text in"
        " `bytes32`. The interfaces in `contracts/interfaces/` are the same in Solidity.",
        "Errors and events come from the compiled sources: those of the function's own code and of"
        " all contracts of the market that it calls. An error that no function of a page gives is"
        " the constructor's.",
        "\n".join(
            [
                "| Contract | What it is for |",
                "|---|---|",
                *(f"| [{name}]({name}.md) | {page.summary()} |" for name, page in pages.items()),
                *(f"| {name} | {what} |" for name, what in PUBLISHED.items()),
            ]
        ),
        "## Shared types",
    ]
    shared = {
        name: node for name, node in sources.types("EnumDefinition").items() if "." not in name
    }
    page = next(iter(pages.values()))
    lines += [part for node in shared.values() for part in page.enum(node)]
    return "\n\n".join(lines) + "\n"


class _Page:
    """The page of one contract."""

    def __init__(self, sources: Sources, name: str) -> None:
        self.name = name
        self.sources = sources
        self.contract: Contract = sources.contract(name)
        functions = sources.functions(self.contract)
        self.functions = [each for each in functions if each.is_ours]
        self.inherited = [each for each in functions if not each.is_ours]
        self.enums = sources.declared(self.contract, "EnumDefinition")
        self.structs = sources.declared(self.contract, "StructDefinition")
        self.errors: dict[int, tuple[Node, list[str]]] = {}
        self.events: dict[int, tuple[Node, list[str]]] = {}

    def purpose(self) -> str:
        """What the contract is for, from its interface if it has one."""
        names = [each["name"] for each in self.contract.line]
        node = self.contract.node
        if f"I{self.name}" in names:
            node = self.contract.line[names.index(f"I{self.name}")]
        return self.sources.comment(node).notice

    def summary(self) -> str:
        """The first sentence of it."""
        first = self.purpose().split("\n\n")[0].replace("\n", " ")
        return as_cell(re.split(r"(?<=\.)\s", first)[0].rstrip("."), self.link)

    def text(self) -> str:
        """The page in Markdown."""
        parts = [_NOTE, f"# {self.name}", self.markdown(self.purpose()), self._where()]
        group = ""
        shown: list[str] = []
        for function in self.functions:
            if function.group != group:
                group = function.group
                parts.append(f"## {_title(group)}")
            # One heading for all forms of a function.
            if function.name not in shown:
                parts.append(f"### {function.name}")
            shown.append(function.name)
            parts += self._function(function)
        parts += [*self._constructor(), *self._inherited(), *self._types()]
        parts += self._table("Errors", "Refuses", self.errors)
        parts += self._table("Events", "Emitted by", self.events)
        parts += self._gas()
        return "\n\n".join(parts) + "\n"

    def _where(self) -> str:
        implemented = f"`{self.sources.source(self.contract.node)}`"
        interface = f"contracts/interfaces/I{self.name}.sol"
        if not (ROOT / interface).exists():
            return f"Source: {implemented}."
        return f"Interface: `{interface}`. Source: {implemented}."

    def _function(self, function: Function) -> Iterator[str]:
        yield f"```solidity\n{self._signature(function.declared)}\n```"
        who = _callers().get((self.name, function.name))
        if who is not None:
            yield f"**Only** {who}."
        comment = self.sources.comment(function.declared)
        if comment.notice:
            yield self.markdown(comment.notice)
        yield from self._values(comment.parameters, comment.returns, function.declared)
        errors = self._note(self.errors, self.sources.errors, function.name, function.body)
        if errors:
            yield f"Refuses with {errors}."
        events = self._note(self.events, self.sources.events, function.name, function.body)
        if events:
            yield f"Emits {events}."

    def _note(self, table: dict[int, Any], find: Any, name: str, body: Node) -> str:
        """The names of what a function reaches, which is remembered for the tables below."""
        found = find(self.contract, body)
        for node in found:
            users = table.setdefault(node["id"], (node, []))[1]
            if name not in users:
                users.append(name)
        return ", ".join(f"`{each['name']}`" for each in found)

    def _values(self, parameters: Mapping[str, str], returns: list[str], node: Node) -> list[str]:
        lines = [f"- `{name}`: {self.cell(text)}" for name, text in parameters.items()]
        named = {each["name"] for each in _returned(node) if each["name"]}
        for text in returns:
            first, _, rest = text.partition(" ")
            if first in named:
                lines.append(f"- returns `{first}`: {self.cell(rest)}")
            else:
                lines.append(f"- returns {self.cell(text)}")
        return ["\n".join(lines)] if lines else []

    def _signature(self, node: Node) -> str:
        if node["nodeType"] == "VariableDeclaration":
            return f"function {node['name']}() view returns ({self._type(node)})"
        parts = [f"function {node['name']}({self._list(node['parameters']['parameters'])})"]
        if node["stateMutability"] in ("view", "pure", "payable"):
            parts.append(node["stateMutability"])
        if returned := _returned(node):
            parts.append(f"returns ({self._list(returned)})")
        line = " ".join(parts)
        if len(line) <= _LONG:
            return line
        # One parameter a line, as the sources have it.
        inner = ",\n    ".join(self._words(each) for each in node["parameters"]["parameters"])
        return " ".join([f"function {node['name']}(\n    {inner}\n)", *parts[1:]])

    def _list(self, parameters: list[Node]) -> str:
        return ", ".join(map(self._words, parameters))

    def _words(self, parameter: Node) -> str:
        indexed = "indexed" if parameter.get("indexed") else ""
        return " ".join(filter(None, (self._type(parameter), indexed, parameter["name"])))

    def _type(self, node: Node) -> str:
        written = _TYPE.sub("", node["typeDescriptions"]["typeString"])
        own = "|".join(each["name"] for each in self.contract.line)
        return re.sub(rf"\b(?:{own})\.(?=[A-Z])", "", written)

    def _constructor(self) -> list[str]:
        node, made = self.sources.constructor(self.contract)
        if node is None:
            return []
        comment = self.sources.comment(node)
        refusals = self._note(self.errors, self.sources.errors, "the constructor", made)
        return [
            "## Deployment",
            f"```solidity\nconstructor({self._list(node['parameters']['parameters'])})\n```",
            *([self.markdown(comment.notice)] if comment.notice else []),
            *self._values(comment.parameters, [], node),
            *([f"Refuses with {refusals}."] if refusals else []),
        ]

    def _inherited(self) -> list[str]:
        owners: dict[str, list[str]] = {}
        for each in self.inherited:
            owner = self.sources.node(each.body["scope"])["name"]
            names = owners.setdefault(owner, [])
            self._note(self.errors, self.sources.errors, each.name, each.body)
            self._note(self.events, self.sources.events, each.name, each.body)
            if f"`{each.name}`" not in names:
                names.append(f"`{each.name}`")
        rows = [f"| {owner} | {', '.join(names)} |" for owner, names in sorted(owners.items())]
        if not rows:
            return []
        head = "As [OpenZeppelin](https://docs.openzeppelin.com/contracts/5.x/api) says of them:"
        return [
            "## Inherited",
            head,
            "\n".join(["| From | Functions |", "|---|---|", *rows]),
        ]

    def _types(self) -> Iterator[str]:
        if self.enums or self.structs:
            yield "## Types"
        for node in self.enums:
            yield from self.enum(node)
        for node in self.structs:
            yield f"### {node['name']}"
            comment = self.sources.comment(node)
            if comment.notice:
                yield self.markdown(comment.notice)
            rows = [
                f"| `{each['name']}` | `{self._type(each)}` |"
                f" {self.cell(comment.parameters.get(each['name'], ''))} |"
                for each in node["members"]
            ]
            yield "\n".join(["| Field | Type | What |", "|---|---|---|", *rows])

    def enum(self, node: Node) -> Iterator[str]:
        """The names of an enum, with their numbers."""
        yield f"### {node['name']}"
        if notice := self.sources.comment(node).notice:
            yield self.markdown(notice)
        members = [f"{number} `{each['name']}`" for number, each in enumerate(node["members"])]
        yield ", ".join(members) + "."

    def _table(self, title: str, verb: str, table: dict[int, tuple[Node, list[str]]]) -> list[str]:
        rows = []
        for node, functions in sorted(table.values(), key=lambda each: str(each[0]["name"])):
            arguments = self._list(node["parameters"]["parameters"])
            meaning = self.cell(self.sources.comment(node).notice)
            users = ", ".join(
                name if name == "the constructor" else f"`{name}`" for name in functions
            )
            rows.append(f"| `{node['name']}({arguments})` | {meaning} | {users} |")
        if not rows:
            return []
        head = [f"| {title[:-1]} | When | {verb} |", "|---|---|---|"]
        return [f"## {title}", "\n".join([*head, *rows])]

    def _gas(self) -> list[str]:
        rows = [f"| {name} | {gas:,} |" for name, gas in _figures().items() if self._is_of(name)]
        if not rows:
            return []
        return [
            "## Gas",
            "Of the whole transaction, in the steady state: [what operations cost](../../gas.md).",
            "\n".join(["| Operation | Gas |", "|---|---|", *rows]),
        ]

    def _is_of(self, figure: str) -> bool:
        if figure in _GAS_OF:
            return _GAS_OF[figure] == self.name
        first, *rest = re.split(r"[ ,]+", figure)
        if rest and first == self.name:
            return True
        return first in {
            each.name for each in self.functions if not _is_for_contracts(self.name, each.name)
        }

    def markdown(self, text: str) -> str:
        """A comment on this page."""
        return as_markdown(text, self.link)

    def cell(self, text: str) -> str:
        """A comment in a table of this page."""
        return as_cell(text, self.link)

    def link(self, contract: str, name: str) -> str:
        """Where a reference of a comment leads."""
        if contract:
            page = contract.removeprefix("I")
            return f"{page}.md#{name.lower()}" if page in contract_names() else ""
        if name.removeprefix("I") in contract_names() and name != self.name:
            return f"{name.removeprefix('I')}.md"
        known = (*self.functions, *self.enums, *self.structs)
        names = {each.name if isinstance(each, Function) else each["name"] for each in known}
        return f"#{name.lower()}" if name in names else ""


def _returned(node: Node) -> list[Node]:
    return list(node.get("returnParameters", {}).get("parameters", []))


def _title(banner: str) -> str:
    """A banner of the sources as a heading: only its capitals change."""
    words, _, rest = banner.partition(" (")
    return words.capitalize() + (f" ({rest}" if rest else "")


@cache
def _figures() -> Mapping[str, int]:
    figures: dict[str, int] = json.loads((ROOT / "tests/gas/snapshots/gas.json").read_text())
    return figures


def _is_for_contracts(contract: str, function: str) -> bool:
    """Whether contracts alone can call a function, so that no transaction is one of its calls."""
    callers = _callers().get((contract, function), "").split(" or ")
    return {*callers} <= {*contract_names()}


@cache
def _callers() -> Mapping[tuple[str, str], str]:
    """The callers of a restricted function, from the generated table of SECURITY.md."""
    table = (ROOT / "SECURITY.md").read_text()
    table = table.partition("<!-- restricted functions -->")[2]
    rows = re.findall(r"^\| (.+?) \| (.+?) \| (.*?) ?\| (.+?) \|", table, re.MULTILINE)
    found = {}
    for contracts, functions, role, passes in rows[2:]:
        who = f"role {role}: {passes}" if role else passes
        for contract in contracts.split(", "):
            for function in functions.split(", "):
                found[contract, function] = who
    return found
