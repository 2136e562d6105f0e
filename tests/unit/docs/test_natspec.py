"""Every function, event and error of the interfaces says what it is for (NatSpec).

The compiler reads a tag at the beginning of a line only, with one name after it: what it does not
read is in no generated docstring.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from scripts._docs.solidity import ROOT, load

INTERFACES = sorted(path.stem for path in (ROOT / "contracts/interfaces").glob("*.sol"))
TAG = re.compile(r"^ *@(\w+) +(\w*)", re.MULTILINE)
KINDS = {"FunctionDefinition", "EventDefinition", "ErrorDefinition"}


def lacking(node: dict[str, Any]) -> Iterator[str]:
    """What the comment of a declaration does not say."""
    text = node.get("documentation", {}).get("text", "")
    tags = TAG.findall(text)
    kinds = [kind for kind, _ in tags]
    if "notice" not in kinds:
        yield "@notice"
    if len(tags) != text.count("@"):
        yield "each tag at the beginning of a line"
    if node["nodeType"] == "FunctionDefinition":
        described = {name for kind, name in tags if kind == "param"}
        names = [each["name"] for each in node["parameters"]["parameters"]]
        yield from (f"@param {name}" for name in names if name not in described)
        returned = len(node["returnParameters"]["parameters"])
        if kinds.count("return") != returned:
            yield f"@return, {returned} times"


@pytest.mark.parametrize("name", INTERFACES)
def test_interface__everything_declared__says_what_it_is_for(name: str) -> None:
    declared = [node for node in load().contract(name).node["nodes"] if node["nodeType"] in KINDS]
    assert declared
    found = {node["name"]: missing for node in declared if (missing := list(lacking(node)))}
    assert found == {}
