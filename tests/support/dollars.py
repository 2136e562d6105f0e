"""A local chain with nothing but a test dollar on it: every faucet call is one countable effect."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from energy_grid.chain.accounts import Account
from energy_grid.chain.contract import Call
from energy_grid.chain.rpc.anvil import Anvil
from energy_grid.chain.rpc.node import DevNode
from energy_grid.chain.tx.sender import Policy, Sender
from energy_grid.contracts.test_dollar import TestDollar
from tests.support.artifacts import artifact

__all__ = ["Dollars", "dollar_chain"]

_GAS = 100_000


@dataclass
class Dollars:
    """The chain, the token, and ways to count what happened."""

    node: DevNode
    money: TestDollar

    def faucet(self, amount: int = 1) -> Call:
        """A call that mints for whoever sends it; it names its gas."""
        return replace(self.money.faucet(amount), gas=_GAS)

    def sender(self, *, after_send: Callable[[], object] | None = None, **policy: Any) -> Sender:
        """A sender that loses patience soon."""
        settings = {"timeout": 30.0, "resend_after": 0.1, **policy}
        return Sender(self.node, policy=Policy(**settings), after_send=after_send)

    def balance(self, account: Account) -> int:
        """Dollars of an account."""
        return self.money.balance_of(account.address)

    @property
    def pool(self) -> int:
        """Transactions that wait in the node."""
        status = self.node.rpc("txpool_status")
        return int(status["pending"], 16) + int(status["queued"], 16)


@contextmanager
def dollar_chain(*, mining: bool = True, **options: Any) -> Iterator[Dollars]:
    """A chain with the token deployed by account 9; without ``mining`` it mines on request."""
    with Anvil(**options) as node:
        deploy = Call(
            contract="TestDollar",
            function="constructor",
            to="",
            data=artifact("TestDollar").creation_code("0x" + 40 * "0"),
        )
        receipt = Sender(node).send(Account.local(9), deploy)
        assert receipt.created is not None
        if not mining:
            node.set_automine(False)
        yield Dollars(node, TestDollar(node, receipt.created))
