"""Keys that are public knowledge, for which the package itself has no list."""

from __future__ import annotations

from collections.abc import Sequence

from energy_grid.adapters.chain.accounts import LOCAL_CHAINS, refuse_well_known
from energy_grid.errors import InputError

__all__ = ["refuse_public_keys"]

# ganache --deterministic: "myth like bonus scare over problem client lizard pioneer submit
# female collect".
_GANACHE = frozenset(
    {
        "0x90F8bf6A479f320ead074411a4B0e7944Ea8c9C1",
        "0xFFcf8FDEE72ac11b5c542428B35EEF5769C409f0",
        "0x22d491Bde2303f2f43325b2108D26f1eAbA1e32b",
        "0xE11BA2b4D45Eaed5996Cd0823791E0C93114882d",
        "0xd03ea8624C8C5987235048901fB614fDcA89b117",
        "0x95cED938F7991cd0dFcb48F0a06a40FA1aF46EBC",
        "0x3E5e9111Ae8eB78Fe1CC3bb8915d5D461F3Ef9A9",
        "0x28a8746e75304c0780E011BEd21C72cD78cd535E",
        "0xACa94ef8bD5ffEE41947b4585a84BdA5a3d3DA6E",
        "0x1dF62f291b2E969fB0849d99D9Ce41e2F137006e",
    }
)


def refuse_public_keys(addresses: Sequence[str], chain_id: int) -> None:
    """As `refuse_well_known`, for Ganache's accounts as well as Anvil's and Hardhat's.

    Raises:
        InputError: anybody could take what this address holds.
    """
    refuse_well_known(addresses, chain_id)
    for address in addresses:
        if address in _GANACHE and chain_id not in LOCAL_CHAINS:
            raise InputError(
                f"the key of {address} is public knowledge: use another one on chain {chain_id}"
            )
