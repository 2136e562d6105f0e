"""The exception tree and what a refusal by a contract says."""

from __future__ import annotations

import copy
import pickle

import pytest

from energy_grid import errors


def test_tree__is_the_one_drawn_at_the_top() -> None:
    drawn = {
        line.replace("│", " ").replace("├──", " ").replace("└──", " ").split()[0]
        for line in (errors.__doc__ or "").splitlines()
        if "Error" in line
    }
    assert drawn == set(errors.__all__)
    assert all(issubclass(getattr(errors, name), errors.EnergyGridError) for name in drawn)


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
    assert str(error) == "EnergyTrading refused: EnergyTrading_NotCrossing(bid=3, ask=4)"
    for twin in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert (twin.contract, twin.name) == (error.contract, error.name)
        assert (twin.arguments, twin.selector) == ({"bid": 3, "ask": 4}, b"\x01\x02\x03\x04")
