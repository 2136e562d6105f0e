"""Acting as the Safe with the keys of too few owners: the call becomes a file for the others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from energy_grid.chain.contract import Call, Contract
from energy_grid.chain.tx.receipts import Receipt
from energy_grid.chain.tx.safe_file import SafeFile
from energy_grid.cli.desk import Desk
from energy_grid.client import Account, EnergyGrid, Multisig
from energy_grid.errors import InputError

if TYPE_CHECKING:
    from energy_grid.contracts.erc20_permit import ERC20Permit

__all__ = ["Drafted", "open_desk"]


class Drafted(Exception):
    """Nothing was sent: a file waits for more signatures; the message says where and what next.

    Attributes:
        file: that file.
    """

    def __init__(self, file: Path, message: str) -> None:
        self.file = file
        super().__init__(message)


def open_desk(market: EnergyGrid, owners: Sequence[Account]) -> Desk:
    """A desk for the Safe: one that sends, or, with too few owners, one that writes a file.

    Raises:
        InputError: one of them is no owner, or everybody knows its key.
    """
    actor = market.acting_safe(owners, enough=False)
    threshold = market.require_safe().get_threshold()
    if len(actor.owners) >= threshold:
        return Desk(market, actor)
    return _Drawer(market, actor, threshold)


class _Drawer(Desk):
    """Writes the first call down instead of sending it."""

    def __init__(self, market: EnergyGrid, actor: Multisig, threshold: int) -> None:
        super().__init__(market, actor)
        self._multisig, self._owners, self._threshold = actor, actor.owners, threshold

    def send(self, call: Call) -> Receipt:
        """Write the call down, if the contract would not refuse it now.

        Raises:
            Drafted: always, if it would not.
        """
        safe, node = self.market.require_safe(), self.market.node
        for part in call.parts or (call,):
            with self.explained(part):
                Contract(node, part.to, part.contract).simulate(part, safe.address)
        transaction = self._multisig.transaction(call, safe.nonce())
        draft = SafeFile(chain_id=node.chain_id, safe=safe.address, transaction=transaction)
        for owner in self._owners:
            draft = draft.signed_by(owner)
        path = Path(f"safe-{draft.transaction.nonce}.json")
        draft.save(path, fresh=True)
        raise Drafted(
            path,
            f"Nothing is sent: {path} has {len(self._owners)} of {self._threshold} signatures; the"
            f" others add theirs with energy-grid safe sign {path} --account WHO",
        )

    def _spend(self, call: Call, amount: int, token: ERC20Permit, told: str) -> tuple[Receipt, str]:
        raise InputError(
            "this takes an approval as well: let enough owners act together, safe:WHO,WHO"
        )
