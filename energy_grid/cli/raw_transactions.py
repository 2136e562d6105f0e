"""Raw transactions: signed elsewhere, sent from here."""

from __future__ import annotations

from dataclasses import dataclass

from eth_account import Account as Recovery
from eth_keys.exceptions import BadSignature
from rlp.exceptions import RLPException  # type: ignore[import-untyped]

from energy_grid.chain.abi import load
from energy_grid.chain.contract import Call
from energy_grid.chain.tx.receipts import Receipt
from energy_grid.chain.tx.transactions import SignedTransaction
from energy_grid.chain.tx.unsigned import gas_of
from energy_grid.cli.session import View
from energy_grid.client import EnergyGrid
from energy_grid.errors import InputError

__all__ = ["RawTransaction"]

_TYPE = 2
_MALFORMED = (AttributeError, BadSignature, IndexError, RLPException, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class RawTransaction:
    """A signed transaction, its signer, and the function of the market that it calls."""

    market: EnergyGrid
    signed: SignedTransaction
    sender: str
    call: Call

    @classmethod
    def read(cls, market: EnergyGrid, raw: bytes) -> RawTransaction:
        """Decode the bytes of a transaction.

        Raises:
            InputError: malformed, for another chain, or no call of this market.
        """
        try:
            if raw[:1] != bytes([_TYPE]):
                raise ValueError
            signed, sender = SignedTransaction.from_raw(raw), Recovery.recover_transaction(raw)
        except _MALFORMED:
            raise InputError(
                "this is not a signed transaction of type 2 (EIP-1559): sign the output of"
                " --dry-run --json"
            ) from None
        chain = signed.transaction.chain_id
        if chain != market.node.chain_id:
            raise InputError(
                f"the transaction is for chain {chain}, and this is chain {market.node.chain_id}"
            )
        return cls(market, signed, str(sender), _call(market, signed))

    @property
    def name(self) -> str:
        """Contract, function and sender."""
        function = self.call.function.partition("(")[0]
        return f"{self.call.contract}.{function} of {self.sender}"

    def send(self) -> Receipt:
        """Send it and wait until it is in a block; sending it again changes nothing.

        Raises:
            InputError: its nonce is not the next one.
            ContractError: it would revert; nothing was sent.
        """
        node, nonce = self.market.node, self.signed.transaction.nonce
        if node.rpc("eth_getTransactionByHash", self.signed.hash) is None:
            following = node.nonce(self.sender, "pending")
            if nonce != following:
                raise InputError(
                    f"it is signed for the nonce {nonce}, and the next nonce of {self.sender} is"
                    f" {following}: sign it again with that nonce"
                )
            gas_of(node, self.sender, self.call)
        return self.market.sender.send_signed(self.signed, self.sender, self.call)


def _call(market: EnergyGrid, signed: SignedTransaction) -> Call:
    found = signed.transaction
    name = View(market).contract_at(found.to) if found.to else None
    function = load(name).called(found.data) if name else None
    if name is None or function is None:
        raise InputError(f"the transaction calls no function of this market, at {found.to}")
    return Call(
        contract=name,
        function=function.signature,
        to=found.to,
        data=found.data,
        value=found.value,
        gas=found.gas,
    )
