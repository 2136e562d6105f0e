"""Reading a deployment from the chain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from energy_grid.chain.deployments import Deployment
from energy_grid.errors import DeploymentError
from scripts._artifacts import Artifact
from scripts._deploy.reading import Contracts

if TYPE_CHECKING:
    from web3 import Web3

__all__ = ["Chain", "Entry"]

# An event: its block, name and values.
Entry = tuple[int, str, Mapping[str, Any]]

# What public nodes answer at once.
_LOG_BLOCKS = 5_000


class Chain(Contracts):
    """The contracts of a deployment as the chain has them."""

    def __init__(
        self, web3: Web3, deployment: Deployment, artifacts: Mapping[str, Artifact]
    ) -> None:
        super().__init__(web3, artifacts)
        self.deployment = deployment

    def address(self, contract: str) -> str:
        """Where the deployment says a contract is."""
        return self.deployment.contracts[contract].address

    def read_manager(self, calls: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        """The answers of many views of the AccessManager, in one request."""
        described = [self.abi("AccessManager").function(name) for name, _ in calls]
        data = [
            function.encode(values) for function, (_, values) in zip(described, calls, strict=True)
        ]
        answers = self.read("AccessManager", "multicall", data)
        return [
            function.decode(answer) for function, answer in zip(described, answers, strict=True)
        ]

    def history(self, contract: str, until: int | None = None) -> Iterator[Entry]:
        """Everything that a contract has emitted, oldest first, up to this block."""
        known = self.abi(contract).events
        last = self.web3.eth.block_number if until is None else until
        for first in range(self.deployment.contracts[contract].block, last + 1, _LOG_BLOCKS):
            logs = self.web3.eth.get_logs(
                {
                    "address": self.address(contract),  # type: ignore[typeddict-item]
                    "fromBlock": first,
                    "toBlock": min(first + _LOG_BLOCKS - 1, last),
                }
            )
            for log in logs:
                event = known.get(bytes(log["topics"][0]))
                if event is None:
                    raise DeploymentError(f"{contract} emitted an event that it does not have")
                topics = [bytes(topic) for topic in log["topics"]]
                yield log["blockNumber"], event.name, event.decode(topics, bytes(log["data"]))
