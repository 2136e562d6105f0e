"""The domain and the model are pure: what they may import; these tests reach no network."""

from __future__ import annotations

import ast
import socket
from pathlib import Path

import pytest
import pytest_socket

from tests.support.artifacts import ROOT

FOLDERS = {
    "energy_grid/domain": ("energy_grid.domain", "energy_grid.errors"),
    "tests/model": ("energy_grid.domain", "energy_grid.errors", "tests.model"),
}
MODULES = [
    pytest.param(path, inner, id=f"{folder}/{path.stem}")
    for folder, inner in FOLDERS.items()
    for path in sorted((ROOT / folder).glob("*.py"))
]
PURE = {
    "__future__",
    "array",
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
    "power_grid_model",
    "re",
    "sha3",
    "typing",
}


@pytest.mark.parametrize(("module", "inner"), MODULES)
def test_module__imports_only_its_own_kind_numpy_and_pure_standard_modules(
    module: Path, inner: tuple[str, ...]
) -> None:
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names = [node.module or ""]
        for name in names:
            allowed = name.startswith(inner) or name.split(".")[0] in PURE
            assert allowed, f"{module.name} imports {name}"


def test_sockets__are_blocked_here() -> None:
    with pytest.warns(match="socket"), pytest.raises(pytest_socket.SocketBlockedError):
        socket.socket(socket.AF_INET, socket.SOCK_STREAM)
