"""What an operator does by hand, sent with a key that the backend has."""

from __future__ import annotations

import threading

from energy_grid.backend.store.database import Database
from energy_grid.backend.store.journal import resumed
from energy_grid.chain.accounts import Account
from energy_grid.chain.contract import Call
from energy_grid.client import EnergyGrid
from energy_grid.domain.periods import DAY_SECONDS

__all__ = ["OperatorDesk"]

_NAME = "operator_desk"
# So many days before today the same key means the same call.
_KEPT_DAYS = 1


class OperatorDesk:
    """Sends an operator's calls, each under a key, with which it happens once.

    Args:
        market: of this desk alone; its sender is exchanged for one with a journal in the database.
        who: the operator; no other service's account.
    """

    def __init__(self, market: EnergyGrid, database: Database, who: Account) -> None:
        self._market, self._database, self._who = market, database, who
        self._lock = threading.Lock()

    @property
    def address(self) -> str:
        """The operator's."""
        return self._who.address

    def send(self, call: Call, key: str) -> str:
        """Send a call, unless one was sent under this key yesterday or today; its transaction.

        Raises:
            ContractError: it would revert; nothing was sent.
            ChainError: the node does not answer, or another process sends with this account: the
                same key goes on where this ended.
        """
        today = self._market.node.time // DAY_SECONDS
        with self._lock:
            journal, _ = resumed(self._market, self._database, _NAME, self._who)
            known = {name.partition(" ")[2]: name for name in journal.by_key}
            name = known.get(key, f"{today} {key}")
            receipt = self._market.sender.send(self._who, call, key=name)
            old = [
                each
                for each, entry in journal.by_key.items()
                if entry.done and int(each.partition(" ")[0]) < today - _KEPT_DAYS
            ]
            journal.release(old)
        return receipt.transaction
