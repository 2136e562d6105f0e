"""The exception tree and what a refusal by a contract says."""

from __future__ import annotations

import ast
import builtins
import copy
import pickle
import pkgutil
from importlib import import_module
from pathlib import Path

import pytest

import energy_grid
from energy_grid import client, errors
from energy_grid.chain.rpc.log_ranges import PartialAnswerError
from energy_grid.chain.tx.sender import FundsMissingError

PACKAGE = Path(energy_grid.__file__).parent
# What Python's own protocols ask for, and what a caller above turns into an error of the package.
OWN_OF_PYTHON = {
    "api/models.py": {"ValueError"},
    "api/values.py": {"ValueError"},
    "backend/analytics/forecaster.py": {"ConnectionError"},
    "backend/invoicing/taxes.py": {"ValueError"},
    "chain/codec.py": {"ValueError"},
    "chain/event_log.py": {"AttributeError", "KeyError", "TypeError"},
    "chain/rpc/transport.py": {"TimeoutError", "ValueError"},
    "chain/custom_errors.py": {"AttributeError"},
    "chain/tx/transactions.py": {"ValueError"},
    "market/session.py": {"AttributeError"},
}


def test_tree__is_the_one_drawn_at_the_top() -> None:
    drawn = {
        line.replace("│", " ").replace("├──", " ").replace("└──", " ").split()[0]
        for line in (errors.__doc__ or "").splitlines()
        if "Error" in line
    }
    assert drawn == set(errors.__all__)
    assert all(issubclass(getattr(errors, name), errors.EnergyGridError) for name in drawn)


def test_face__hands_out_the_tree_and_what_the_client_raises_beside_it() -> None:
    for name in errors.__all__:
        assert getattr(client, name) is getattr(errors, name)
    assert {*errors.__all__} < {*client.__all__}
    for narrower in (
        FundsMissingError,
        PartialAnswerError,
        client.MixedUnitsError,
        client.RpcError,
    ):
        assert narrower.__name__ in client.__all__
    assert client.__all__ == sorted(client.__all__, key=lambda name: (not name[0].isupper(), name))
    assert all(hasattr(client, name) for name in client.__all__)


def test_exceptions__of_every_module__are_of_the_tree() -> None:
    found = [
        import_module(each.name) for each in pkgutil.walk_packages([str(PACKAGE)], "energy_grid.")
    ]
    kinds = {
        kind
        for module in found
        if not module.__name__.startswith(("energy_grid.cli", "energy_grid.demo"))
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Exception)
        if kind.__module__.startswith("energy_grid")
    }
    assert len(kinds) > 300
    assert [kind for kind in kinds if not issubclass(kind, errors.EnergyGridError)] == []


def test_modules__raise_nothing_but_the_tree() -> None:
    raised: dict[str, set[str]] = {}
    for path in PACKAGE.rglob("*.py"):
        # What is generated raises for Python's own protocols alone: attributes, and truth.
        if any(path.is_relative_to(PACKAGE / each) for each in ("cli", "demo", "contracts")):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            what = node.exc if isinstance(node, ast.Raise) else None
            what = what.func if isinstance(what, ast.Call) else what
            if isinstance(what, ast.Name) and hasattr(builtins, what.id):
                raised.setdefault(str(path.relative_to(PACKAGE)), set()).add(what.id)
    assert raised == OWN_OF_PYTHON


@pytest.mark.parametrize(
    "error", [errors.NodeUnreachableError, errors.TransactionFailedError, errors.ContractError]
)
def test_chain_errors__are_caught_together(error: type[Exception]) -> None:
    assert issubclass(error, errors.ChainError)
    assert not issubclass(error, errors.DomainError)


def test_contract_error__shows_and_keeps_the_values() -> None:
    error = errors.ContractError(
        "EnergyTrading", "EnergyTrading_NotCrossing", {"bid": 3, "ask": 4}, b"\x01\x02\x03\x04"
    )
    assert str(error) == "EnergyTrading reverted: EnergyTrading_NotCrossing(bid=3, ask=4)"
    for copied in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert (copied.contract, copied.name) == (error.contract, error.name)
        assert (copied.arguments, copied.selector) == ({"bid": 3, "ask": 4}, b"\x01\x02\x03\x04")
