"""Where a contract can be changed, and how: every mutant that could be drawn.

Found in the compiler's syntax tree, so that comments, types and imports are never touched. What a
change does not alter in the code, or what does not compile, is sorted out later, by compiling it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

__all__ = ["Mutant", "mutants_of"]

_Node = Mapping[str, Any]

_ARITHMETIC = {
    "+": "-",
    "-": "+",
    "*": "/",
    "/": "*",
    "%": "*",
    "**": "*",
    "<<": ">>",
    ">>": "<<",
    "&": "|",
    "|": "&",
    "^": "&",
}
_COMPARISON = {"<": ">=", ">=": "<", ">": "<=", "<=": ">", "==": "!=", "!=": "=="}
_BOUNDARY = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
_BOOLEAN = {"&&": "||", "||": "&&"}
_STEPS = {"++": "--", "--": "++"}
_ROUNDINGS = {
    "costUp": "costDown",
    "costDown": "costUp",
    "Ceil": "Floor",
    "Floor": "Ceil",
    "min": "max",
    "max": "min",
}
_CHECKED = {"+", "-", "*", "+=", "-=", "*="}


@dataclass(frozen=True, slots=True)
class Mutant:
    """A change of one place of one file.

    Attributes:
        source: its file, such as ``contracts/settlement/Vault.sol``.
        operator: the kind of the change.
        function: the innermost function or modifier it is in; empty outside of them.
        start, end: the bytes of the file that are replaced.
        text: what replaces them.
    """

    source: str
    operator: str
    function: str
    start: int
    end: int
    text: str

    def applied(self, content: str) -> str:
        """The file with this change."""
        encoded = content.encode()
        return (encoded[: self.start] + self.text.encode() + encoded[self.end :]).decode()


def mutants_of(source: str, content: str, tree: _Node) -> list[Mutant]:
    """All mutants of a file, in the order of its text; each change of the text once."""
    found = _Finder(source, content.encode())
    found.visit(tree, "", unchecked=False)
    by_change = {(each.start, each.end, each.text): each for each in found.mutants}
    return sorted(by_change.values(), key=lambda each: (each.start, each.end, each.text))


class _Finder:
    def __init__(self, source: str, content: bytes) -> None:
        self._source = source
        self._content = content
        self._function = ""
        self.mutants: list[Mutant] = []

    def visit(self, node: _Node, function: str, *, unchecked: bool) -> None:
        kind = node["nodeType"]
        if kind in ("ImportDirective", "PragmaDirective", "StructuredDocumentation"):
            return
        if kind in ("FunctionDefinition", "ModifierDefinition"):
            function = node["name"] or node.get("kind", "")
        self._function = function
        find = getattr(self, f"_{kind}", None)
        if find is not None:
            find(node)
        if not unchecked:
            self._unchecked(node)
        inside = unchecked or kind == "UncheckedBlock"
        for child in _children(node):
            self.visit(child, function, unchecked=inside)

    # Expressions

    def _BinaryOperation(self, node: _Node) -> None:
        operator = node["operator"]
        for name, table in (
            ("arithmetic", _ARITHMETIC),
            ("comparison", _COMPARISON),
            ("boundary", _BOUNDARY),
            ("boolean", _BOOLEAN),
        ):
            if operator in table:
                self._between(name, node, operator, table[operator])
        if operator == "/":
            self._add("rounding", node, f"({self._text(node)} + 1)")

    def _Assignment(self, node: _Node) -> None:
        operator = node["operator"].removesuffix("=")
        if operator in _ARITHMETIC:
            replaced = _ARITHMETIC[operator] + "="
            left, right = node["leftHandSide"], node["rightHandSide"]
            self._span("arithmetic", left, right, operator + "=", replaced)

    def _UnaryOperation(self, node: _Node) -> None:
        operator, operand = node["operator"], self._text(node["subExpression"])
        if operator == "!":
            self._add("boolean", node, operand)
        elif operator in _STEPS:
            changed = _STEPS[operator]
            self._add(
                "arithmetic", node, changed + operand if node["prefix"] else operand + changed
            )

    def _Literal(self, node: _Node) -> None:
        if node["kind"] == "bool":
            self._add("constant", node, "false" if node["value"] == "true" else "true")
        elif node["kind"] == "number" and node["value"].replace("_", "").isdigit():
            value, unit = int(node["value"].replace("_", "")), node.get("subdenomination")
            for changed in {value + 1, max(value - 1, 0)}:
                self._add("constant", node, f"{changed} {unit}" if unit else str(changed))

    def _Conditional(self, node: _Node) -> None:
        first, second = self._text(node["trueExpression"]), self._text(node["falseExpression"])
        self._add("boolean", node, f"({self._text(node['condition'])} ? {second} : {first})")

    def _FunctionCall(self, node: _Node) -> None:
        arguments = node["arguments"]
        for left, right in pairwise(arguments):
            one, other = self._text(left), self._text(right)
            if _type(left) == _type(right) and one != other:
                start, end = _start(left), _end(right)
                between = self._content[_end(left) : _start(right)].decode()
                self._put("arguments", start, end, other + between + one)
        name = node["expression"].get("memberName") or node["expression"].get("name")
        if name == "ceilDiv":
            one, other = (self._text(each) for each in arguments)
            self._add("rounding", node, f"(({one}) / ({other}))")

    def _MemberAccess(self, node: _Node) -> None:
        name = node["memberName"]
        if name in _ROUNDINGS:
            end = _end(node)
            self._put("rounding", end - len(name), end, _ROUNDINGS[name])

    # Statements

    def _ExpressionStatement(self, node: _Node) -> None:
        self._remove(node)

    _EmitStatement = _RevertStatement = _Return = _ExpressionStatement

    def _IfStatement(self, node: _Node) -> None:
        condition = node["condition"]
        self._add("boolean", condition, f"!({self._text(condition)})")

    def _ModifierInvocation(self, node: _Node) -> None:
        if node.get("kind") == "modifierInvocation":
            self._add("modifier", node, "")

    def _UncheckedBlock(self, node: _Node) -> None:
        start = _start(node)
        self._put("unchecked", start, start + len("unchecked"), "")

    def _unchecked(self, node: _Node) -> None:
        kind = node["nodeType"]
        if kind not in ("ExpressionStatement", "Return") or not self._ends(node):
            return
        if any(each.get("operator") in _CHECKED for each in _below(node)):
            start, end = _start(node), _end(node) + 1
            statement = self._content[start:end].decode()
            self._put("unchecked", start, end, f"unchecked {{ {statement} }}")

    def _remove(self, node: _Node) -> None:
        if self._ends(node):
            self._put("removal", _start(node), _end(node) + 1, "{}")

    # Places

    def _ends(self, node: _Node) -> bool:
        """A statement ends before its semicolon; what has none is in the head of a loop."""
        return self._content[_end(node) :].startswith(b";")

    def _text(self, node: _Node) -> str:
        return self._content[_start(node) : _end(node)].decode()

    def _between(self, name: str, node: _Node, operator: str, changed: str) -> None:
        self._span(name, node["leftExpression"], node["rightExpression"], operator, changed)

    def _span(self, name: str, left: _Node, right: _Node, operator: str, changed: str) -> None:
        # Parentheses, which the tree does not have, may stand between an operand and its operator.
        at = self._content.index(operator.encode(), _end(left), _start(right))
        self._put(name, at, at + len(operator), changed)

    def _add(self, name: str, node: _Node, text: str) -> None:
        self._put(name, _start(node), _end(node), text)

    def _put(self, name: str, start: int, end: int, text: str) -> None:
        if self._content[start:end].decode() != text:
            self.mutants.append(Mutant(self._source, name, self._function, start, end, text))


def _children(node: _Node) -> Iterator[_Node]:
    for name, value in node.items():
        # Types of variables and names are not of what is executed.
        if name in ("typeName", "typeDescriptions", "documentation", "baseContracts"):
            continue
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict) and "nodeType" in each:
                yield each


def _below(node: _Node) -> Iterable[_Node]:
    yield node
    for child in _children(node):
        yield from _below(child)


def _type(node: _Node) -> str:
    return str(node["typeDescriptions"].get("typeString"))


def _start(node: _Node) -> int:
    return int(node["src"].split(":")[0])


def _end(node: _Node) -> int:
    start, length, _ = node["src"].split(":")
    return int(start) + int(length)
