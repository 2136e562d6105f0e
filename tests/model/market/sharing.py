"""Rules 12 to 14: energy sharing."""

from __future__ import annotations

from tests.model.market.prices import Prices
from tests.model.market.terms import BPS, Account, Community, Dated, refuse_if, shareable

__all__ = ["Sharing"]


class Sharing(Prices):
    """Communities and the dynamic key."""

    def found(self, name: str, theta: int = 5000, region: str = "home") -> None:
        """A community without members."""
        self.communities[name] = Community(region=region, theta=Dated(theta))

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
        self.accounts[name].community.set(self.rules.beyond_horizon(now), None)

    def suspend(self, name: str, now: int) -> None:
        """Anybody ends the membership of an account that owes."""
        refuse_if(self.accounts[name].debt == 0, "NoDebt", name)
        self.leave(name, now)

    def set_theta(self, community: str, theta: int, day: int, now: int) -> None:
        """Schedule how shared energy is priced between feed-in and purchase."""
        self._require_beyond_horizon(day, now)
        refuse_if(not 0 <= theta <= BPS, "ThetaAbove", theta)
        self.communities[community].theta.set(day, theta)

    def community_of(self, account: Account, slot: int) -> Community | None:
        """The community that an account's slot is shared in."""
        name = account.community.at(self.rules.day_of(slot))
        return self.communities[name] if name is not None else None

    def shared(self, account: Account, slot: int) -> tuple[int, int]:
        """Wh that an account takes and gives, by the dynamic key."""
        community = self.community_of(account, slot)
        if community is None or not account.is_metered(slot):
            return 0, 0
        surplus, deficit = shareable(account.net[slot], account.position[slot])
        supply, demand = community.surplus[slot], community.deficit[slot]
        amount = min(supply, demand)
        taken = deficit * amount // demand if demand else 0
        return taken, surplus * amount // supply if supply else 0
