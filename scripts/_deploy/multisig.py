"""Where the market's Safe will be, and the call that makes it.

Its address follows from the factory, the singleton and the setup: whoever sends that call makes the
same Safe with the same owners, and any other setup makes another Safe elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from eth_utils.crypto import keccak
from web3.utils.address import get_create2_address

from energy_grid.chain.abi import Abi
from scripts._artifacts import Artifact
from scripts._deploy.plan import SAFE_PROXY
from scripts._deploy.role_assignments import Owners

__all__ = ["creation", "safe_address"]

_NOBODY = "0x" + 40 * "0"
_SALT_NONCE = 0


def creation(
    owners: Owners, abi: Callable[[str], Abi], addresses: Mapping[str, str]
) -> tuple[str, bytes, int]:
    """What the factory's `createProxyWithNonce` is given: no module, no guard, no payment."""
    setup = abi("Safe").function("setup")
    handler = addresses["CompatibilityFallbackHandler"]
    extras = (_NOBODY, b"", handler, _NOBODY, 0, _NOBODY)
    initializer = setup.encode([list(owners.addresses), owners.threshold, *extras])
    return addresses["Safe"], initializer, _SALT_NONCE


def safe_address(
    owners: Owners,
    artifacts: Mapping[str, Artifact],
    abi: Callable[[str], Abi],
    addresses: Mapping[str, str],
) -> str:
    """Where the factory will put the Safe, or has put it."""
    singleton, initializer, nonce = creation(owners, abi, addresses)
    salt = keccak(keccak(initializer) + nonce.to_bytes(32, "big"))
    code = artifacts[SAFE_PROXY].creation + bytes.fromhex(singleton[2:]).rjust(32, b"\0")
    return get_create2_address(
        addresses["SafeProxyFactory"],  # type: ignore[arg-type]
        "0x" + salt.hex(),  # type: ignore[arg-type]
        "0x" + code.hex(),  # type: ignore[arg-type]
    )
