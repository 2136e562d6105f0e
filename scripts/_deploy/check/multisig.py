"""The Safes: their owners and thresholds, no way past them, and no keys that hold two of them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from energy_grid.chain.deployments import SafeAccount
from energy_grid.errors import DeploymentError
from scripts._deploy.check.chain import Chain
from scripts._deploy.multisig import safe_address
from scripts._deploy.plan import SAFE_CONTRACTS, SAFE_PROXY
from scripts._deploy.role_assignments import Owners, shared_keys

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
    """Read the views of every Safe, and its storage for values without a view.

    Raises:
        DeploymentError: one is another one, or was changed; or the same keys act for two of them.
    """
    found = {name: _check_safe(chain, name, safe) for name, safe in chain.deployment.safes.items()}
    if not found:
        return "no Safe was deployed: roles are held by others"
    if problem := next(shared_keys(found), None):
        raise DeploymentError(problem)
    asked = ", ".join(
        f"{name} {each.threshold} of {len(each.addresses)}" for name, each in found.items()
    )
    return (
        f"Safes: {asked} owners, without modules and guards; owners enough for one of them act for"
        f" no other, since two have {_most_shared(found)} owners in common at most"
    )


def _most_shared(safes: Mapping[str, Owners]) -> int:
    pairs = combinations(safes.values(), 2)
    return max((len({*one.addresses} & {*other.addresses}) for one, other in pairs), default=0)


def _check_safe(chain: Chain, name: str, safe: SafeAccount) -> Owners:
    """Returns the owners as the chain has them."""
    _check_code(chain, safe)
    owners = tuple(chain.read_at(safe.address, "Safe", "getOwners"))
    if owners != safe.owners:
        raise DeploymentError(f"the owners of the {name}'s Safe are {', '.join(owners)}")
    threshold = chain.read_at(safe.address, "Safe", "getThreshold")
    if threshold != safe.threshold:
        raise DeploymentError(f"the {name}'s Safe asks {threshold} owners, not {safe.threshold}")
    if threshold < _LEAST_THRESHOLD or chain.deployment.deployer in owners:
        raise DeploymentError(f"the {name}'s Safe asks {threshold} of {', '.join(owners)}")
    modules, _ = chain.read_at(safe.address, "Safe", "getModulesPaginated", _FIRST, _MODULES)
    if modules:
        raise DeploymentError(f"the module {modules[0]} can act for the {name}'s Safe")
    _check_setup(chain, safe)
    return Owners(addresses=owners, threshold=threshold)


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
