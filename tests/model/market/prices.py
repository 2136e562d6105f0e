"""Rules 6 and 7: prices."""

from __future__ import annotations

from tests.model.market.books import Books
from tests.model.market.terms import BPS, Account, Dated, Rules, Tariff, refuse_if, up

__all__ = ["Prices"]


class Prices(Books):
    """Tariffs of regions, the worth of a credit, and what a deficit costs."""

    def __init__(self, rules: Rules, tariff: Tariff, credit_value: int, region: str = "home"):
        super().__init__(rules, credit_value)
        self.add_region(region, tariff)

    def add_region(self, region: str, tariff: Tariff) -> None:
        """A region and its first tariff."""
        self._require_valid(tariff, self.credit_value.at(0))
        self.tariffs[region] = Dated(tariff)

    def set_tariff(self, region: str, tariff: Tariff, day: int, now: int) -> None:
        """Schedule a tariff; never for a day that can be traded."""
        self._require_beyond_horizon(day, now)
        self._require_valid(tariff, self.credit_value.at(day))
        self.tariffs[region].set(day, tariff)

    def set_credit_value(self, value: int, day: int, now: int) -> None:
        """Schedule a lower worth of a kWh of credit."""
        self._require_beyond_horizon(day, now)
        refuse_if(value > self.credit_value.last, "CreditValueRises", value)
        self.credit_value.set(day, value)

    def write_prices(self, region: str, factor: int, until: int, now: int) -> None:
        """What a round of the oracle says of the slots that begin after now, before ``until``."""
        for slot in range(now // self.rules.slot_seconds + 1, up(until, self.rules.slot_seconds)):
            tariff = self.tariffs[region].at(self.rules.day_of(slot))
            self.factors[region, slot] = min(tariff.max_factor, max(BPS, factor))

    def tariff(self, account: Account, slot: int) -> Tariff:
        """The tariff of an account's slot."""
        return self.tariffs[account.region].at(self.rules.day_of(slot))

    def deficit_price(self, account: Account, slot: int) -> int:
        """What a kWh of deficit costs."""
        factor = self.factors.get((account.region, slot), BPS)
        return up(self.tariff(account, slot).buy * factor, BPS)

    def _require_valid(self, tariff: Tariff, credit_value: int) -> None:
        room = tariff.buy - tariff.network_fee
        refuse_if(not 0 <= tariff.feed_in <= room, "FeedInAbove", tariff.feed_in, room)
        refuse_if(tariff.buy > self.rules.max_buy, "BuyAbove", tariff.buy, self.rules.max_buy)
        highest = max(tariff.network_fee, tariff.protocol_fee)
        refuse_if(highest > self.rules.max_fee, "FeeAbove", highest, self.rules.max_fee)
        refuse_if(tariff.max_factor < BPS, "FactorBelowOne", tariff.max_factor)
        refuse_if(credit_value > tariff.feed_in, "FeedInBelowCredit", tariff.feed_in, credit_value)
