"""Asking deployed contracts through their compiled ABIs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from energy_grid.chain.abi import Abi
from scripts._artifacts import Artifact

if TYPE_CHECKING:
    from web3 import Web3

__all__ = ["Contracts"]


class Contracts(ABC):
    """The market's contracts on one chain. They are named as in the sources."""

    def __init__(self, web3: Web3, artifacts: Mapping[str, Artifact]) -> None:
        self.web3 = web3
        self.artifacts = artifacts
        self._abis: dict[str, Abi] = {}

    @abstractmethod
    def address(self, contract: str) -> str:
        """Where a contract is."""

    def abi(self, contract: str) -> Abi:
        """The compiled ABI of a contract."""
        if contract not in self._abis:
            self._abis[contract] = Abi(contract, self.artifacts[contract].abi)
        return self._abis[contract]

    def encode(self, contract: str, function: str, *values: Any) -> bytes:
        """The call data of a function."""
        return self.abi(contract).function(function).encode(values)

    def read(self, contract: str, function: str, *values: Any) -> Any:
        """The answer of a view."""
        return self.read_at(self.address(contract), contract, function, *values)

    def read_at(self, address: str, contract: str, function: str, *values: Any) -> Any:
        """The answer of a view of something that has a contract's interface."""
        call: Any = {"to": address, "data": self.encode(contract, function, *values)}
        return self.abi(contract).function(function).decode(bytes(self.web3.eth.call(call)))
