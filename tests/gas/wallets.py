"""Safes of two owners of three, as traders whose orders are confirmed by contract (EIP-1271)."""

from __future__ import annotations

import json
from itertools import count

from eth_utils.crypto import keccak

from energy_grid.chain.abi import Abi
from energy_grid.chain.accounts import Account
from tests.support.artifacts import ROOT
from tests.support.core.chain import CHAIN_ID, Deployed
from tests.support.core.gas_chain import GasChain
from tests.support.core.meter_suite import struct_hash

__all__ = ["Safes"]

_BUILD = ROOT / "node_modules/@safe-global/safe-smart-account/build/artifacts/contracts"
_DOMAIN = "EIP712Domain(uint256 chainId,address verifyingContract)"
_NOBODY = "0x" + 40 * "0"


class Safes:
    """What they are made with, and their owners."""

    def __init__(self, chain: GasChain) -> None:
        self.chain = chain
        self._singleton = self._published("Safe")
        self._factory = self._published("proxies/SafeProxyFactory")
        self._handler = self._published("handler/CompatibilityFallbackHandler")
        owners = (Account(keccak(text=f"owner {number}")) for number in range(3))
        self._owners = sorted(owners, key=lambda owner: int(owner.address, 16))
        self._numbers = count()

    def make(self) -> str:
        """Another one."""
        owners = [owner.address for owner in self._owners]
        handler = self._handler.address
        settings = owners, 2, _NOBODY, b"", handler, _NOBODY, 0, _NOBODY
        setup = self._singleton.abi.function("setup").encode(settings)
        terms = self._singleton.address, setup, next(self._numbers)
        return str(self._factory.createProxyWithNonce(*terms))

    def confirm(self, safe: str, digest: bytes) -> bytes:
        """The signatures of two owners."""
        domain = struct_hash(_DOMAIN, (CHAIN_ID, safe))
        message = struct_hash("SafeMessage(bytes message)", (keccak(digest),))
        signed = keccak(b"\x19\x01" + domain + message)
        return b"".join(owner.sign(signed).long for owner in self._owners[:2])

    def _published(self, path: str) -> Deployed:
        """As its authors have compiled it."""
        file = _BUILD / f"{path}.sol" / f"{path.rpartition('/')[2]}.json"
        build = json.loads(file.read_text())
        address = self.chain._create(bytes.fromhex(build["bytecode"][2:]))
        name = build["contractName"]
        return Deployed(self.chain, name, address, Abi(name, build["abi"]))
