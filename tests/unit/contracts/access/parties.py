"""Everybody who might try: the keys that there are after the deployment, and who holds each role."""

from __future__ import annotations

from dataclasses import dataclass

from energy_grid.adapters.chain.abi import checksum
from energy_grid.adapters.chain.access import AccessManager
from energy_grid.adapters.chain.contract import Contract
from energy_grid.adapters.chain.roles import Role
from tests.support.market import Market, actor

__all__ = ["Parties", "parties_of"]


@dataclass(frozen=True)
class Parties:
    """Addresses by what they are.

    Attributes:
        keys: every single key that has a part in the market, and one that has none.
        holders: of each role, as the AccessManager's events tell.
    """

    keys: dict[str, str]
    holders: dict[Role, set[str]]
    safe: str
    timelock: str
    governor: str

    @property
    def everybody(self) -> dict[str, str]:
        """The keys, and the contracts that speak for several."""
        contracts = {"safe": self.safe, "timelock": self.timelock, "governor": self.governor}
        return {**self.keys, **contracts}


def parties_of(market: Market) -> Parties:
    """Read from the chain who has a part in the market."""
    manager = AccessManager(market.node, market.access.address)
    holders = {role: manager.members(role) for role in Role}
    (safe,) = holders[Role.GUARDIAN]
    (timelock,) = holders[Role.ADMIN]
    token = market.contracts["GovernanceToken"]
    nobody = "0x" + 40 * "0"
    voters = [
        log["to"] for log in token.history("Transfer", first_block=0) if log["from_"] == nobody
    ]
    named = {
        "owner": Contract(market.node, safe, "Safe").call("getOwners"),
        "voter": voters,
        "reporter": sorted(holders[Role.REPORTER]),
        "gateway": sorted(holders[Role.METER_GATEWAY]),
        "keeper": sorted(holders[Role.KEEPER]),
        "deployer": [checksum(market.node.rpc("eth_accounts")[0])],
        "stranger": [actor("stranger").address],
    }
    return Parties(
        keys={
            f"{name} {number}": address
            for name, addresses in named.items()
            for number, address in enumerate(addresses, 1)
        },
        holders=holders,
        safe=safe,
        timelock=timelock,
        governor=market.contracts["GridGovernor"].address,
    )
