"""The domain is pure: what it may import, and that its tests reach no network."""

from __future__ import annotations

import ast
import importlib.util
import socket
from pathlib import Path

import pytest
import pytest_socket

SPEC = importlib.util.find_spec("energy_grid.domain")
assert SPEC is not None
assert SPEC.submodule_search_locations is not None
MODULES = sorted(Path(SPEC.submodule_search_locations[0]).glob("*.py"))
PURE = {
    "__future__",
    "bisect",
    "collections",
    "dataclasses",
    "datetime",
    "enum",
    "fractions",
    "functools",
    "itertools",
    "math",
    "numpy",
    "operator",
    "re",
    "sha3",
    "typing",
}


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_domain__imports_only_itself_errors_numpy_and_pure_standard_modules(module: Path) -> None:
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names = [node.module or ""]
        for name in names:
            inner = name.startswith("energy_grid.domain") or name == "energy_grid.errors"
            assert inner or name.split(".")[0] in PURE, f"{module.name} imports {name}"


def test_sockets__are_blocked_here() -> None:
    with pytest.warns(match="socket"), pytest.raises(pytest_socket.SocketBlockedError):
        socket.socket(socket.AF_INET, socket.SOCK_STREAM)
