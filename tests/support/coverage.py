"""Which external functions the tests called, and which custom errors they raised.

Every test chain reports to one `InterfaceCoverage`; at the end of a run with
`--interface-coverage` what the ABIs declare and no test reached fails the run. Errors that cannot
be raised are listed in `scripts/_walkthrough/unreachable.py`, each with its reason.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from energy_grid.chain.abi import Abi
from scripts._walkthrough.unreachable import NOT_RAISED_BY, UNREACHABLE
from tests.support.artifacts import artifact, compiled_names

__all__ = ["InterfaceCoverage", "product_contracts"]


def product_contracts() -> list[str]:
    """The contracts that are deployed as the product: no interfaces, libraries or mocks."""
    return [
        name
        for name in compiled_names()
        if artifact(name).is_deployable
        and artifact(name).abi.functions
        and not artifact(name).source.startswith("contracts/mocks/")
    ]


class InterfaceCoverage:
    """Collects calls and refusals from the hooks of test chains."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self.called: set[tuple[str, str]] = set()
        self.raised: set[str] = set()

    def watch(self, name: str, address: str) -> None:
        """Calls to this address count for the contract of this name."""
        self._names[address.lower()] = name

    def __call__(self, address: str, selector: bytes, revert: bytes | None) -> None:
        """The observer: one answered request (see `energy_grid.chain.rpc.hooks`)."""
        name = self._names.get(address)
        if name is not None:
            self.called.add((name, selector.hex()))
        if revert:
            self.raised.add(revert[:4].hex())

    def save(self, path: Path) -> None:
        """Write down what was seen, for another process to merge."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"called": sorted(self.called), "raised": sorted(self.raised)}))

    def merge(self, paths: Iterable[Path]) -> None:
        """Add what other processes saw."""
        for path in paths:
            seen = json.loads(path.read_text())
            self.called.update((name, selector) for name, selector in seen["called"])
            self.raised.update(seen["raised"])

    def missing(self) -> list[str]:
        """One line per function that nobody called and error that nobody raised."""
        lines = []
        for name in product_contracts():
            lines += self._missing_of(name, artifact(name).abi)
        return lines

    def _missing_of(self, name: str, abi: Abi) -> list[str]:
        functions = [
            f"{name}.{function.signature} was never called"
            for function in abi.functions.values()
            if (name, function.selector.hex()) not in self.called
        ]
        errors = [
            f"{name}: error {error.signature} was never raised"
            for error in abi.errors.values()
            if error.selector.hex() not in self.raised
            and error.name not in UNREACHABLE
            and (name, error.name) not in NOT_RAISED_BY
        ]
        stale = [
            f"{name}: error {error.signature} was raised, yet unreachable.py says it cannot be"
            for error in abi.errors.values()
            if error.selector.hex() in self.raised and error.name in UNREACHABLE
        ]
        return functions + errors + stale
