"""A Safe of one's own on a test chain, made of the code that its authors publish."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eth_abi.abi import encode

from energy_grid.chain.abi import Abi
from energy_grid.chain.accounts import Account
from energy_grid.chain.contract import Call, Contract
from energy_grid.chain.rpc.node import DevNode
from energy_grid.chain.tx.multisig import SafeTransaction
from energy_grid.chain.tx.sender import Sender
from energy_grid.contracts.safe import Safe
from energy_grid.domain.hashing import keccak
from energy_grid.domain.typed_data import joined, struct_hash
from tests.support.artifacts import ROOT

__all__ = ["deploy_safe", "of_safe", "transaction_hash"]

_BUILD = ROOT / "node_modules/@safe-global/safe-smart-account/build/artifacts/contracts"
_HANDLER = _BUILD / "handler/CompatibilityFallbackHandler.sol/CompatibilityFallbackHandler.json"
_DEPLOYER = Account.local(9)
_NOBODY = "0x" + "0" * 40


def deploy_safe(
    node: DevNode, owners: Sequence[str], threshold: int, *, confirming: bool = False
) -> tuple[Safe, str]:
    """A Safe behind a proxy, and the address of a MultiSendCallOnly.

    Args:
        confirming: whether it has the handler that confirms signatures of its owners (EIP-1271).
    """
    singleton = _deploy(node, _BUILD / "Safe.sol/Safe.json")
    factory = _deploy(node, _BUILD / "proxies/SafeProxyFactory.sol/SafeProxyFactory.json")
    multi_send = _deploy(node, _BUILD / "libraries/MultiSendCallOnly.sol/MultiSendCallOnly.json")
    setup = singleton.abi.function("setup")
    handler = _deploy(node, _HANDLER).address if confirming else _NOBODY
    nothing = (_NOBODY, b"", handler, _NOBODY, 0, _NOBODY)
    initializer = setup.encode([list(owners), threshold, *nothing])
    call = factory.prepare("createProxyWithNonce", singleton.address, initializer, 0)
    receipt = Sender(node).send(_DEPLOYER, call)
    (made,) = factory.events(receipt.logs, "ProxyCreation")
    return Safe(node, made["proxy"]), multi_send.address


def of_safe(safe: str, chain_id: int, digest: bytes, owners: Sequence[Account]) -> bytes:
    """What a Safe confirms of a hash (EIP-1271): its owners' signatures, by their addresses."""
    domain = "EIP712Domain(uint256 chainId,address verifyingContract)"
    message = keccak(encode(["bytes32"], [digest]))
    signed = struct_hash("SafeMessage(bytes message)", (message,))
    joint = joined(struct_hash(domain, (chain_id, safe)), signed)
    ordered = sorted(owners, key=lambda owner: int(owner.address, 16))
    return b"".join(owner.sign(joint).long for owner in ordered)


def _deploy(node: DevNode, path: Path) -> Contract:
    build: dict[str, Any] = json.loads(path.read_text())
    name, code = build["contractName"], bytes.fromhex(build["bytecode"][2:])
    receipt = Sender(node).send(
        _DEPLOYER, Call(contract=name, function="constructor", to="", data=code)
    )
    assert receipt.created is not None
    return Contract(node, receipt.created, name, Abi(name, build["abi"]))


def transaction_hash(safe: Safe, transaction: SafeTransaction) -> bytes:
    """What the owners of a Safe sign, as the chain sees it."""
    fields = (transaction.to, transaction.value, transaction.data, transaction.operation)
    return safe.get_transaction_hash(*fields, 0, 0, 0, _NOBODY, _NOBODY, transaction.nonce)
