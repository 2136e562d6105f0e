"""All accounts that can call the market: the keys of the deployment, and the members of roles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from energy_grid.chain.abi import checksum
from energy_grid.chain.contract import Contract
from energy_grid.chain.roles import Role
from energy_grid.contracts.access_manager import AccessManager
from energy_grid.market.roles import role_members
from tests.support.market import Market, actor

__all__ = ["Callers", "callers_of", "outsiders"]

_NOBODY = "0x" + 40 * "0"


# The Safes of the local deployment, by a role of each.
_SAFES = {
    "authority": Role.GRID_AUTHORITY,
    "registrar": Role.METER_REGISTRAR,
    "treasury": Role.TREASURY,
    "guardian": Role.GUARDIAN,
}


@dataclass(frozen=True)
class Callers:
    """Addresses by their function.

    Attributes:
        keys: the keys of the deployment, and one of a stranger.
        holders: of each role, as the AccessManager's events tell.
        safes: those of the operators, by their own interface and the names of their roles.
    """

    keys: Mapping[str, str]
    holders: Mapping[Role, frozenset[str]]
    safes: Mapping[str, Contract]
    timelock: str
    governor: str

    def named(self, kind: str) -> list[str]:
        """The keys of one kind, such as ``owner``."""
        return [address for name, address in self.keys.items() if name.split()[0] == kind]


def outsiders(market: Market, role: Role) -> list[str]:
    """Those that hold other roles, and not this one: one account may hold several."""
    return [
        holder
        for holder in dict.fromkeys(market.roles.values())
        if not market.access.call("hasRole", role, holder)[0]
    ]


def callers_of(market: Market) -> Callers:
    """Read from the chain who has a part in the market."""
    manager = AccessManager(market.node, market.access.address)
    holders = {role: role_members(manager, role) for role in Role}
    (timelock,) = holders[Role.ADMIN]
    safes = {
        name: Contract(market.node, market.roles[role], "Safe") for name, role in _SAFES.items()
    }
    transfers = market.contracts["GovernanceToken"].history("Transfer")
    kinds = {
        "owner": [owner for safe in safes.values() for owner in safe.call("getOwners")],
        "voter": [log["to"] for log in transfers if log["from"] == _NOBODY],
        "reporter": sorted(holders[Role.REPORTER]),
        "keeper": sorted(holders[Role.KEEPER]),
        "gateway": sorted(holders[Role.METER_GATEWAY]),
        "deployer": [checksum(market.node.rpc("eth_accounts")[0])],
        "stranger": [actor("stranger").address],
    }
    return Callers(
        keys={
            f"{kind} {number}": address
            for kind, addresses in kinds.items()
            for number, address in enumerate(addresses, 1)
        },
        holders=holders,
        safes=safes,
        timelock=timelock,
        governor=market.contracts["GridGovernor"].address,
    )
