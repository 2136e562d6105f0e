"""Rules 8 to 11: trades."""

from __future__ import annotations

from tests.model.market.registers import Registers
from tests.model.market.terms import plus, refuse_if

__all__ = ["Trades"]


class Trades(Registers):
    """Firm trades, and energy of the running slot."""

    def trade(self, buyer: str, seller: str, slots: range, wh: int, price: int, now: int) -> None:
        """A call with one match."""
        self.open_grid()
        self.book(buyer, seller, slots, wh, price, now)

    def book(self, buyer: str, seller: str, slots: range, wh: int, price: int, now: int) -> None:
        """A match of a call: the same whole Wh in every slot. The buyer pays, the seller locks its
        cover."""
        rules, buying, selling = self.rules, self.accounts[buyer], self.accounts[seller]
        refuse_if(buyer == seller, "SelfTrade", buyer)
        refuse_if(wh <= 0, "NothingTraded", wh)
        refuse_if(slots[0] * rules.slot_seconds <= now, "GateClosed", slots[0])
        end = slots.stop * rules.slot_seconds
        refuse_if(end > now + rules.horizon, "BeyondHorizon", end, now + rules.horizon)
        tariffs = [self.tariff(selling, slot) for slot in slots]
        # The fees in force when the period begins; what they leave is the seller's at its closing.
        left = price - tariffs[0].fees
        cover = max(plus(tariff.max_buy - plus(left)) for tariff in tariffs)
        refuse_if(buying.debt > 0, "InDebt", buyer, buying.debt)
        amounts = {buyer: price, seller: cover + plus(-left)}
        for name in amounts:
            self._require_no_gap(name, now)
        # Energy would be bought where it is cheap and used where it is dear.
        refuse_if(selling.region != buying.region, "OtherRegion", seller, selling.region)
        for name, rate in amounts.items():
            self._require_free(name, wh * rate * len(slots), now)
        for name, rate in amounts.items():
            self.accounts[name].free -= wh * rate * len(slots)
        self.cash += wh * tariffs[0].network_fee * len(slots)
        self.protocol_fees += wh * tariffs[0].protocol_fee * len(slots)
        for slot in slots:
            buying.position[slot] += wh
            selling.position[slot] -= wh
            selling.income[slot] += wh * plus(left)
            selling.locked[slot] += wh * cover
        self._serve()

    def consume(self, name: str, wh: int, now: int, limit: int | None = None) -> None:
        """Lock what Wh of the running slot cost; without a meter they are consumed."""
        account, slot = self.accounts[name], now // self.rules.slot_seconds
        price = self.deficit_price(account, slot)
        self._require_no_gap(name, now)
        refuse_if(limit is not None and price > limit, "PriceAbove", price, limit)
        self._require_free(name, wh * price, now)
        account.free -= wh * price
        account.locked[slot] += wh * price
        if not account.is_metered(slot):
            account.net[slot] -= wh
