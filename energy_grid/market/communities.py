"""Energy communities: accounts of one region that share their surplus."""

from __future__ import annotations

from energy_grid.chain.accounts import Account
from energy_grid.chain.tx.multisig import Actor, address_of
from energy_grid.chain.tx.receipts import Receipt
from energy_grid.contracts import events
from energy_grid.market.plan import Plan
from energy_grid.market.session import Market
from energy_grid.market.signing import domain_of, sign_join

__all__ = ["EnergySharing"]


class EnergySharing(Market):
    """A membership begins with the next day; it ends with the first day beyond the horizon of
    trades. ``theta`` is the place of the shared price between feed-in and purchase, in basis
    points."""

    def create_community(
        self, who: Actor | str, region: str, theta: int, manager: str | None = None
    ) -> Plan[int]:
        """Create a community, by default with the account as its manager; gives its number."""
        call = self.communities.create(region, theta, manager or address_of(who))
        kind = events.Communities_CommunityCreated
        return self._emitted(who, self.communities, kind, call).then(lambda event: event.id)

    def join_community(self, who: Actor | str, community: int) -> Plan[events.Communities_Joined]:
        """Become a member with the next day."""
        call = self.communities.join(community)
        return self._emitted(who, self.communities, events.Communities_Joined, call)

    def sign_join(self, holder: Account, community: int, deadline: int) -> bytes:
        """A signature with which any account can let this one join, until the deadline.

        It is the consent to the gateway that is named last, and counts for no other one.
        """
        contract = self.communities
        gateway, nonce = contract.next_gateway_of(community).gateway, contract.nonces(holder.address)
        return sign_join(holder, community, gateway, nonce, deadline, domain_of(contract))

    def join_for(
        self, who: Actor | str, account: str, community: int, deadline: int, signature: bytes
    ) -> Plan[events.Communities_Joined]:
        """Let an account join that has signed; any account can."""
        call = self.communities.join_for(account, community, deadline, signature)
        return self._emitted(who, self.communities, events.Communities_Joined, call)

    def leave_community(self, who: Actor | str) -> Plan[list[Receipt]]:
        """Leave, and take back all signatures of `sign_join`."""
        return self.plan(who, self.communities.leave())

    def expel_member(
        self, manager: Actor | str, community: int, account: str
    ) -> Plan[events.Communities_Left]:
        """End the membership of an account for good, as the manager; see `readmit_member`."""
        call = self.communities.expel(community, account)
        return self._emitted(manager, self.communities, events.Communities_Left, call)

    def readmit_member(
        self, manager: Actor | str, community: int, account: str
    ) -> Plan[events.Communities_Readmitted]:
        """Let an account that was expelled join again, as the manager."""
        call = self.communities.readmit(community, account)
        return self._emitted(manager, self.communities, events.Communities_Readmitted, call)

    def suspend_member(self, who: Actor | str, account: str) -> Plan[events.Communities_Left]:
        """End the membership of an account in debt; any account can."""
        call = self.communities.suspend(account)
        return self._emitted(who, self.communities, events.Communities_Left, call)

    def set_theta(
        self, manager: Actor | str, community: int, theta: int, day: int | None = None
    ) -> Plan[events.Communities_ThetaSet]:
        """Schedule theta, by default for the first possible day, as the manager."""
        first = self.communities.beyond_horizon() if day is None else day
        call = self.communities.set_theta(community, theta, first)
        return self._emitted(manager, self.communities, events.Communities_ThetaSet, call)
