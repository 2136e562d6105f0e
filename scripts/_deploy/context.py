"""What every step of a deployment works with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from energy_grid.chain.roles import Role
from scripts._artifacts import Artifact
from scripts._deploy.journal import Journal
from scripts._deploy.multisig import safe_address
from scripts._deploy.reading import Contracts
from scripts._deploy.role_assignments import resolved
from scripts._deploy.settings import Settings
from scripts._deploy.transactions import Sender

__all__ = ["Context"]


class Context(Contracts):
    """A deployment under way. `say` shows a line to whoever waits."""

    def __init__(
        self,
        *,
        settings: Settings,
        artifacts: Mapping[str, Artifact],
        sender: Sender,
        journal: Journal,
        say: Callable[[str], None],
    ) -> None:
        super().__init__(sender.web3, artifacts)
        self.settings = settings
        self.sender = sender
        self.journal = journal
        self.say = say

    def address(self, contract: str) -> str:
        """Where a contract is, or will be."""
        return self.journal.contracts[contract].address

    @property
    def addresses(self) -> dict[str, str]:
        """Where every contract is, or will be."""
        return {name: planned.address for name, planned in self.journal.contracts.items()}

    @property
    def safes(self) -> Mapping[str, str]:
        """Where each of the market's Safes is, or will be."""
        return {
            name: safe_address(owners, self.artifacts, self.abi, self.addresses)
            for name, owners in self.settings.safes.items()
        }

    @property
    def roles(self) -> Mapping[Role, tuple[str, ...]]:
        """The address of everybody who is to hold each role."""
        timelock = self.address("TimelockController")
        return resolved(self.settings.roles, timelock=timelock, safes=self.safes)

    def settled(self, step: str) -> None:
        """Wait for the transaction that an earlier run sent for a step, if there is one."""
        self.sender.outcome(self.journal.steps.get(step))

    def call(self, step: str, contract: str, data: bytes) -> None:
        """Send the transaction of a wiring step, and write it down."""

        def note(identifier: str) -> None:
            self.journal.steps[step] = identifier
            self.journal.save()

        self.sender.send(contract, data, self.address(contract), self.sender.nonce(), note)

    def call_manager(self, step: str, calls: Sequence[bytes]) -> None:
        """Send several calls of the AccessManager as one transaction."""
        self.call(step, "AccessManager", self.encode("AccessManager", "multicall", list(calls)))
