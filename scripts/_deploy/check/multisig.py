"""The Safe: its owners and their number, and no way past them."""

from __future__ import annotations

from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from energy_grid.chain.deployments import SafeAccount
from energy_grid.errors import DeploymentError
from scripts._deploy.check.chain import Chain
from scripts._deploy.multisig import safe_address
from scripts._deploy.plan import SAFE_CONTRACTS, SAFE_PROXY
from scripts._deploy.role_assignments import Owners

__all__ = ["check"]

_SINGLETON_SLOT = 0
_HANDLER_SLOT = int.from_bytes(keccak(text="fallback_manager.handler.address"), "big")
# A guard can forbid transactions; a module's guard, those of modules.
_GUARD_SLOTS = (
    int.from_bytes(keccak(text="guard_manager.guard.address"), "big"),
    int.from_bytes(keccak(text="module_manager.module_guard.address"), "big"),
)
_NOBODY = "0x" + 40 * "0"
_FIRST = "0x" + 39 * "0" + "1"  # where a Safe's list of modules begins
_MODULES = 10
_LEAST_THRESHOLD = 2


def check(chain: Chain) -> str:
    """Read the Safe's views, and its storage for values without a view.

    Raises:
        DeploymentError: it is another one, or was changed.
    """
    safe = chain.deployment.safe
    if safe is None:
        return "no Safe was deployed: roles are held by others"
    _check_code(chain, safe)
    owners = tuple(chain.read_at(safe.address, "Safe", "getOwners"))
    if owners != safe.owners:
        raise DeploymentError(f"the owners of the Safe are {', '.join(owners)}")
    threshold = chain.read_at(safe.address, "Safe", "getThreshold")
    if threshold != safe.threshold:
        raise DeploymentError(f"the Safe asks {threshold} owners, not {safe.threshold}")
    if threshold < _LEAST_THRESHOLD or chain.deployment.deployer in owners:
        raise DeploymentError(f"the Safe asks {threshold} of {', '.join(owners)}")
    modules, _ = chain.read_at(safe.address, "Safe", "getModulesPaginated", _FIRST, _MODULES)
    if modules:
        raise DeploymentError(f"the module {modules[0]} can act for the Safe")
    _check_setup(chain, safe)
    return f"the Safe asks {threshold} of {len(owners)} owners, and has no module and no guard"


def _check_setup(chain: Chain, safe: SafeAccount) -> None:
    """The address tells how a Safe was set up. A setup can run code of others in the Safe, and
    leave owners or modules in its storage that no view lists."""
    owners = Owners(addresses=safe.owners, threshold=safe.threshold)
    addresses = {name: chain.address(name) for name in SAFE_CONTRACTS}
    if safe.address != safe_address(owners, chain.artifacts, chain.abi, addresses):
        raise DeploymentError(f"{safe.address} was not set up as a Safe of these owners alone")


def _check_code(chain: Chain, safe: SafeAccount) -> None:
    code = bytes(chain.web3.eth.get_code(safe.address))  # type: ignore[arg-type]
    if code != chain.artifacts[SAFE_PROXY].runtime:
        raise DeploymentError(f"the code at {safe.address} is not that of a Safe")
    wanted = {
        _SINGLETON_SLOT: ("singleton", chain.address("Safe")),
        _HANDLER_SLOT: ("fallback handler", chain.address("CompatibilityFallbackHandler")),
        **dict.fromkeys(_GUARD_SLOTS, ("guard", _NOBODY)),
    }
    for slot, (what, address) in wanted.items():
        word = bytes(chain.web3.eth.get_storage_at(safe.address, slot))  # type: ignore[arg-type]
        found = to_checksum_address(word[-20:])
        if found != address:
            raise DeploymentError(f"the Safe's {what} is {found}, not {address}")
