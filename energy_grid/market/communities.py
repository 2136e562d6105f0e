"""Energy communities: accounts of one region that share their surplus."""

from __future__ import annotations

from dataclasses import dataclass

from energy_grid.chain.accounts import Account
from energy_grid.chain.multicall import past_events
from energy_grid.chain.tx.multisig import Actor, address_of
from energy_grid.chain.tx.receipts import Receipt
from energy_grid.contracts import events
from energy_grid.errors import EnergyGridError
from energy_grid.market.plan import Plan
from energy_grid.market.session import Market
from energy_grid.market.signing import domain_of, sign_join

__all__ = ["Coefficient", "EnergySharing", "Membership"]

# A gateway is named so many days beyond the horizon at least: who disagrees leaves first.
_NOTICE_DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """Days from 1970 that an account is in a community; the second exclusive, None: no end."""

    account: str
    first_day: int
    end_day: int | None

    def includes(self, day: int) -> bool:
        """Whether the account is in the community on a day."""
        return self.first_day <= day and (self.end_day is None or day < self.end_day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coefficient:
    """What a manager has set of a static key.

    Attributes:
        bps: basis points.
        from_day: from which they hold; None: the member must accept them first.
    """

    account: str
    bps: int
    from_day: int | None


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

    def create_community_with_gateway(
        self,
        who: Actor | str,
        region: str,
        theta: int,
        gateway: str,
        manager: str | None = None,
        *,
        is_static: bool = False,
    ) -> Plan[int]:
        """Create a community whose members' days a gateway reads; gives its number.

        Args:
            gateway: a meter operator with the role METER_GATEWAY.
            is_static: whether members share by coefficients (`set_coefficient`).
        """
        call = self.communities.create_with_gateway(
            region, theta, manager or address_of(who), gateway, is_static
        )
        kind = events.Communities_CommunityCreated
        return self._emitted(who, self.communities, kind, call).then(lambda event: event.id)

    def set_gateway(
        self, manager: Actor | str, community: int, gateway: str, day: int | None = None
    ) -> Plan[events.Communities_GatewayNamed]:
        """Name another gateway, by default for the first possible day, as the manager."""
        first = self.communities.beyond_horizon() + _NOTICE_DAYS if day is None else day
        call = self.communities.set_gateway(community, gateway, first)
        return self._emitted(manager, self.communities, events.Communities_GatewayNamed, call)

    def set_coefficient(
        self, manager: Actor | str, community: int, account: str, bps: int
    ) -> Plan[Coefficient]:
        """Lower a member's coefficient, or offer a higher one, as the manager."""
        contract = self.communities

        def read(receipts: list[Receipt]) -> Coefficient:
            logs = [log for each in receipts for log in each.logs]
            for lowered in contract.events(logs, events.Communities_CoefficientSet):
                return Coefficient(account=account, bps=lowered.bps, from_day=lowered.day)
            return Coefficient(account=account, bps=bps, from_day=None)

        return self.plan(manager, contract.set_coefficient(community, account, bps)).then(read)

    def accept_coefficient(
        self, who: Actor | str, bps: int | None = None
    ) -> Plan[events.Communities_CoefficientSet]:
        """Take the coefficient that the manager offers, from tomorrow on.

        Args:
            bps: the offer; by default the present one.

        Raises:
            EnergyGridError: there is none.
        """
        offered = self.communities.offer_of(address_of(who)) if bps is None else bps
        if not offered:
            raise EnergyGridError(
                f"{address_of(who)} has no offer: the manager of its community makes one"
            )
        call = self.communities.accept_coefficient(offered)
        return self._emitted(who, self.communities, events.Communities_CoefficientSet, call)

    def memberships(self, community: int) -> list[Membership]:
        """All memberships of a community that there are, were or will be, in their order."""
        contract, first = self.communities, self.deployment.first_block
        logs = [
            *past_events(contract, "Joined", first, id=community),
            *past_events(contract, "Left", first, id=community),
        ]
        begun: dict[str, int] = {}
        found: list[Membership] = []
        for log in sorted(logs, key=lambda each: (each.block, each.index)):
            account, day = log["account"], log["day"]
            if log.event == "Joined":
                begun[account] = day
            else:
                begin = begun.pop(account)
                found.append(Membership(account=account, first_day=begin, end_day=day))
        open_ones = begun.items()
        found += [Membership(account=each, first_day=at, end_day=None) for each, at in open_ones]
        return sorted(found, key=lambda each: each.first_day)

    def join_community(self, who: Actor | str, community: int) -> Plan[events.Communities_Joined]:
        """Become a member with the next day."""
        call = self.communities.join(community)
        return self._emitted(who, self.communities, events.Communities_Joined, call)

    def sign_join(self, holder: Account, community: int, deadline: int) -> bytes:
        """A signature with which any account can let this one join, until the deadline.

        It is the consent to the gateway that is named last, and counts for no other one.
        """
        contract = self.communities
        gateway = contract.next_gateway_of(community).gateway
        nonce = contract.nonces(holder.address)
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
