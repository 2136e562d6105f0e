"""Each contract is the compiled one, made by the transaction and with the arguments recorded."""

from __future__ import annotations

import re

from web3.exceptions import TransactionNotFound

from energy_grid.errors import DeploymentError
from scripts._deploy.check.chain import Chain
from scripts._deploy.encoding import encode_arguments

__all__ = ["check"]

# PUSH32 of zero: the compiler writes it for an immutable and nothing else (zero itself is PUSH0).
_IMMUTABLE = re.compile(b"\x7f" + b"\x00" * 32)


def check(chain: Chain) -> str:
    """Compare code, creating transactions and interfaces.

    Raises:
        DeploymentError: a contract is another one.
    """
    deployment = chain.deployment
    for name, entry in deployment.contracts.items():
        artifact = chain.artifacts[name]
        found = bytes(chain.web3.eth.get_code(entry.address))  # type: ignore[arg-type]
        if not found:
            raise DeploymentError(f"{name}: there is no contract at {entry.address}")
        if _without_immutables(found, artifact.runtime) != artifact.runtime:
            raise DeploymentError(f"{name}: the code at {entry.address} is not the compiled one")
        if entry.abi_hash != chain.abi(name).digest:
            raise DeploymentError(f"{name}: the ABI recorded is not the compiled one")
        _check_creation(chain, name)
    if not chain.web3.eth.get_code(deployment.token):  # type: ignore[arg-type]
        raise DeploymentError(f"SettlementToken: there is no contract at {deployment.token}")
    return f"code and constructor arguments of {len(deployment.contracts)} contracts"


def _check_creation(chain: Chain, name: str) -> None:
    entry, artifact = chain.deployment.contracts[name], chain.artifacts[name]
    try:
        transaction = chain.web3.eth.get_transaction(entry.transaction)  # type: ignore[arg-type]
        receipt = chain.web3.eth.get_transaction_receipt(entry.transaction)  # type: ignore[arg-type]
    except TransactionNotFound:
        raise DeploymentError(f"{name}: no transaction {entry.transaction}") from None
    if receipt["contractAddress"] != entry.address or receipt["blockNumber"] != entry.block:
        raise DeploymentError(f"{name}: {entry.transaction} did not create {entry.address}")
    if transaction["from"] != chain.deployment.deployer:
        raise DeploymentError(f"{name} was deployed by {transaction['from']}")
    asked = artifact.creation + encode_arguments(artifact.abi, entry.arguments)
    if bytes(transaction["input"]) != asked:
        raise DeploymentError(f"{name}: its constructor arguments are not those recorded")


def _without_immutables(code: bytes, compiled: bytes) -> bytes:
    """Code on the chain with zeros where the compiled code leaves place for immutables."""
    blank = bytearray(code)
    for place in _IMMUTABLE.finditer(compiled):
        blank[place.start() + 1 : place.end()] = bytes(32)
    return bytes(blank)
