"""Rules 12 to 14: energy sharing. Who shares on days that a gateway reads is rule 21's."""

from __future__ import annotations

from tests.model.market.prices import Prices
from tests.model.market.terms import BPS, Account, Community, Dated, refuse_if, shareable

__all__ = ["Sharing"]


class Sharing(Prices):
    """Communities, their allocation keys, and how long a gateway's days are its own."""

    def found(
        self,
        name: str,
        theta: int = 5000,
        region: str = "home",
        *,
        by_gateway: bool = False,
        is_static: bool = False,
    ) -> None:
        """A community without members. Only where a gateway reads, the key can be static."""
        refuse_if(is_static and not by_gateway, "NoGateway", name)
        self.communities[name] = Community(
            region=region, theta=Dated(theta), by_gateway=by_gateway, is_static=is_static
        )

    def join(self, name: str, community: str, now: int) -> None:
        """Membership from the next day on."""
        account = self.accounts[name]
        day = self.rules.tomorrow(now)
        refuse_if(account.community.at(day) is not None, "IsMember", name)
        refuse_if(self.communities[community].region != account.region, "OtherRegion", name)
        refuse_if(account.metered[1] <= day * self.rules.day_slots, "NoMeter", name)
        refuse_if(account.debt > 0, "InDebt", name, account.debt)
        account.community.set(day, community)

    def leave(self, name: str, now: int) -> None:
        """The end of a membership, beyond what can be traded."""
        account, day = self.accounts[name], self.rules.beyond_horizon(now)
        account.community.set(day, None)
        account.coefficient.set(day, 0)
        account.offer = 0

    def suspend(self, name: str, now: int) -> None:
        """Anybody ends the membership of an account that owes."""
        refuse_if(self.accounts[name].debt == 0, "NoDebt", name)
        self.leave(name, now)

    def set_theta(self, community: str, theta: int, day: int, now: int) -> None:
        """Schedule how shared energy is priced between feed-in and purchase."""
        self._require_beyond_horizon(day, now)
        refuse_if(not 0 <= theta <= BPS, "ThetaAbove", theta)
        self.communities[community].theta.set(day, theta)

    def set_coefficient(self, community: str, name: str, bps: int, now: int) -> None:
        """The manager lowers a coefficient beyond what can be traded, or offers a higher one."""
        account, day = self.accounts[name], self.rules.beyond_horizon(now)
        refuse_if(not self.communities[community].is_static, "NotStatic", community)
        refuse_if(bps > BPS, "CoefficientAbove", bps, BPS)
        refuse_if(account.community.at(day) != community, "NotMember", name, community)
        known = account.coefficient.at(day)
        account.offer = bps if bps > known else 0
        if bps < known:
            account.coefficient.set(day, bps)

    def accept_coefficient(self, name: str, bps: int, now: int) -> None:
        """The account takes what it was offered, from the next day on, if there is so much left."""
        account, day = self.accounts[name], self.rules.tomorrow(now)
        refuse_if(bps == 0 or bps != account.offer, "OtherOffer", name, bps, account.offer)
        community = account.community.at(day)
        members = [each for each in self.accounts.values() if each.community.at(day) == community]
        others = sum(each.coefficient.at(day) for each in members if each is not account)
        refuse_if(others + bps > BPS, "CoefficientsFull", community, others, bps)
        account.coefficient.set(day, bps)
        account.offer = 0

    def community_of(self, account: Account, slot: int) -> Community | None:
        """The community that an account's slot is shared in."""
        name = account.community.at(self.rules.day_of(slot))
        return self.communities[name] if name is not None else None

    def is_by_gateway(self, account: Account, day: int) -> bool:
        """Whether a gateway reads the account's meter on a day."""
        name = account.community.at(day)
        return name is not None and self.communities[name].by_gateway

    def is_open(self, community: str, day: int, now: int) -> bool:
        """Whether accounts may close a gateway's day alone: it is settled, or took too long."""
        ofday = self.communities[community].days.get(day)
        late = (day + 1) * self.rules.day_seconds + self.rules.deadline
        return now >= late or (ofday is not None and ofday.is_settled)

    def shared(self, account: Account, slot: int) -> tuple[int, int]:
        """Wh that an account takes and gives, by the community's key."""
        community, day = self.community_of(account, slot), self.rules.day_of(slot)
        if community is None or not account.is_metered(slot):
            return 0, 0
        surplus, deficit = shareable(account.net[slot], account.position[slot])
        supply, demand = community.surplus[slot], community.deficit[slot]
        amount = self.amount(community, slot)
        if community.is_static:
            taken = min(deficit, account.coefficient.at(day) * supply // BPS)
        else:
            taken = deficit * amount // demand if demand else 0
        return taken, surplus * amount // supply if supply else 0

    def amount(self, community: Community, slot: int) -> int:
        """Wh that are shared, before rounding."""
        supply, demand = community.surplus[slot], community.deficit[slot]
        return community.allotted[slot] if community.is_static else min(supply, demand)
