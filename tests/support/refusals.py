"""What a refusal is: the expected error, with exactly the expected values.

That nothing else happened needs no look: a refused transaction is undone as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from energy_grid.chain.contract import Contract
from energy_grid.contracts.errors import DecodedError

__all__ = ["error_data", "refused"]


@contextmanager
def refused(error: type[DecodedError], **values: Any) -> Iterator[None]:
    """What happens inside is refused with `error` and these values (names in snake_case)."""
    with pytest.raises(error) as refusal:
        yield
    assert refusal.value.arguments == values


def error_data(contract: Contract, name: str, *values: Any) -> bytes:
    """What a contract returns when it refuses with an error that is not shipped with the package,
    a mock's."""
    (found,) = [error for error in contract.abi.errors.values() if error.name == name]
    return found.selector + found.inputs.encode(values)
