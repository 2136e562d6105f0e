"""Signs with an Ape account, sends, and waits, one transaction at a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from eth_utils.conversions import to_hex
from eth_utils.crypto import keccak
from web3.exceptions import (
    ContractLogicError,
    TimeExhausted,
    TransactionNotFound,
    Web3Exception,
    Web3RPCError,
)

from energy_grid.contracts.errors import decode_revert
from energy_grid.errors import DeploymentError
from scripts._deploy.accounts import quiet

if TYPE_CHECKING:
    from ape.api import AccountAPI, ProviderAPI
    from web3 import Web3

__all__ = ["Receipt", "Sender", "reason"]

Receipt = Any

# An estimate is made on the state of now: the state of then may cost a little more.
_GAS_MARGIN = 5
_POLL_LOCAL = 0.02
_POLL = 1.0


class Sender:
    """What the deployer sends.

    The chain id is the node's own: of a local network Ape assumes one, whatever the node says.
    """

    def __init__(self, provider: ProviderAPI, account: AccountAPI, chain_id: int) -> None:
        self.web3: Web3 = provider.web3
        self.deployer: str = account.address
        self._account = account
        self._chain_id = chain_id
        self._ecosystem = provider.network.ecosystem
        self._confirmations = provider.network.required_confirmations
        self._timeout = float(provider.network.transaction_acceptance_timeout)
        self._poll = _POLL_LOCAL if provider.network.is_local else _POLL
        self._sent_nonce = -1

    def nonce(self) -> int:
        """The nonce that the deployer's next transaction has.

        Raises:
            DeploymentError: another program is sending from this account.
        """
        deadline = time.monotonic() + self._timeout
        # Behind one address there may be several nodes, some of which lag.
        while (mined := self._count("latest")) <= self._sent_nonce:
            if time.monotonic() > deadline:
                raise DeploymentError(f"the node still has not seen nonce {self._sent_nonce}")
            time.sleep(self._poll)
        if (waiting := self._count("pending") - mined) > 0:
            raise DeploymentError(
                f"{self.deployer} has {waiting} transactions waiting that are not this "
                "deployment's: run again when they are mined"
            )
        return mined

    def send(
        self, what: str, data: bytes, to: str | None, nonce: int, note: Callable[[str], None]
    ) -> Receipt:
        """Send one transaction and wait until it is mined and confirmed.

        Args:
            what: name in errors; for a deployment or a call, the contract's name.
            note: called with the transaction's hash before it is sent.

        Raises:
            DeploymentError: it was refused, or not mined in time.
        """
        fields: dict[str, Any] = {"from": self.deployer, "data": to_hex(data)}
        if to is not None:
            fields["to"] = to
        try:
            gas = self.web3.eth.estimate_gas(fields)  # type: ignore[arg-type]
            fees = self._fees()
        except ContractLogicError as error:
            raise DeploymentError(str(decode_revert(_revert_data(error), what))) from None
        except Web3RPCError as error:
            raise DeploymentError(f"{what}: {reason(error)}") from None
        transaction = self._ecosystem.create_transaction(
            sender=self.deployer,
            **({} if to is None else {"receiver": to}),
            data=data,
            nonce=nonce,
            chainId=self._chain_id,
            gas=gas + gas // _GAS_MARGIN,
            **fees,
        )
        with quiet():
            signed = self._account.sign_transaction(transaction)
        if signed is None:
            raise DeploymentError(f"{self.deployer} did not sign")
        raw = signed.serialize_transaction()
        identifier = to_hex(keccak(raw))
        note(identifier)
        try:
            self.web3.eth.send_raw_transaction(raw)
        except Web3RPCError as error:
            raise DeploymentError(f"{what}: {reason(error)}") from None
        self._sent_nonce = nonce
        receipt = self._wait(identifier)
        if not receipt["status"]:
            raise DeploymentError(f"{what}: transaction {identifier} failed: run again")
        return receipt

    def outcome(self, identifier: str | None) -> Receipt | None:
        """The receipt of a transaction sent earlier, waited for if it is still on its way.

        None if the node does not know it, or if it failed.
        """
        if identifier is None:
            return None
        try:
            self.web3.eth.get_transaction(identifier)  # type: ignore[arg-type]
        except TransactionNotFound:
            return None
        receipt = self._wait(identifier)
        return receipt if receipt["status"] else None

    def _wait(self, identifier: str) -> Receipt:
        try:
            receipt = self.web3.eth.wait_for_transaction_receipt(
                identifier,  # type: ignore[arg-type]
                timeout=self._timeout,
                poll_latency=self._poll,
            )
        except TimeExhausted:
            raise DeploymentError(
                f"transaction {identifier} is not mined after {self._timeout:.0f} s: run again "
                "later to go on"
            ) from None
        deadline = time.monotonic() + self._timeout
        while self.web3.eth.block_number < receipt["blockNumber"] + self._confirmations:
            if time.monotonic() > deadline:
                raise DeploymentError(f"no new blocks: transaction {identifier} is not confirmed")
            time.sleep(self._poll)
        return receipt

    def _count(self, block: Any) -> int:
        # Ape's account would ask for "pending" alone.
        return self.web3.eth.get_transaction_count(self.deployer, block)  # type: ignore[arg-type]

    def _fees(self) -> dict[str, int]:
        """Twice the base fee and a tip; one price where the chain has no base fee."""
        base = self.web3.eth.get_block("latest").get("baseFeePerGas")
        if base is None:
            return {"gas_price": self.web3.eth.gas_price}
        tip = self.web3.eth.max_priority_fee
        return {"max_fee": 2 * base + tip, "max_priority_fee": tip}


def _revert_data(error: ContractLogicError) -> bytes:
    data = error.data.get("data") if isinstance(error.data, dict) else error.data
    return bytes.fromhex(data[2:]) if isinstance(data, str) and data.startswith("0x") else b""


def reason(error: Web3Exception) -> str:
    """The node's error message, without the rest of its answer."""
    if isinstance(error, Web3RPCError) and error.rpc_response:
        return str(error.rpc_response["error"]["message"])
    return str(error)
