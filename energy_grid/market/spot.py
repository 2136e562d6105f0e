"""The spot market of energy credits."""

from __future__ import annotations

from energy_grid.chain.tx.multisig import Actor
from energy_grid.contracts import events
from energy_grid.domain.costs import cost_up
from energy_grid.domain.quantities import Energy, Price, from_one_to, whole
from energy_grid.market.money import Payments
from energy_grid.market.plan import Plan

__all__ = ["Spot"]

# The largest offer of energy credits that the chain can store, and its highest price.
_MAX_CREDIT_WH = _MAX_PRICE = 2**64 - 1


class Spot(Payments):
    """Energies are `Energy` or plain Wh; prices `Price` or plain base units of money per kWh."""

    def offer_energy(self, who: Actor | str, energy: int, price: int) -> Plan[int]:
        """Offer energy credits to all buyers, approved if need be; gives the offer's number.

        Raises:
            DomainError: energy or price is out of range, or the account has less.
        """
        call = self.spot.create_energy_offer(*self._checked(energy, price))
        steps = self.approved(who, call, energy, self.energy_token)
        kind = events.PeerToPeerTrading_EnergyOfferCreated
        return self._emitted(who, self.spot, kind, *steps).then(lambda event: event.offer_id)

    def offer_energy_to(self, who: Actor | str, buyer: str, energy: int, price: int) -> Plan[int]:
        """As `offer_energy`, to one buyer alone; gives the number of the spot trade."""
        call = self.spot.create_trade(buyer, *self._checked(energy, price))
        steps = self.approved(who, call, energy, self.energy_token)
        kind = events.PeerToPeerTrading_TradeCreated
        return self._emitted(who, self.spot, kind, *steps).then(lambda event: event.trade_id)

    def accept_offer(
        self, who: Actor | str, offer: int, energy: int | None = None
    ) -> Plan[events.PeerToPeerTrading_EnergyOfferAccepted]:
        """Buy what is left of an offer, or so much of it, at the price that it has now and no
        higher, whatever a reorganisation makes of its number."""
        found = self.spot.get_energy_offer(offer)
        wanted = found.remaining if energy is None else whole("energy", energy, Energy)
        max_cost = cost_up(wanted, found.price)
        call = self.spot.accept_energy_offer_at_most(offer, wanted, max_cost)
        kind = events.PeerToPeerTrading_EnergyOfferAccepted
        return self._emitted(who, self.spot, kind, call)

    def complete_trade(
        self, who: Actor | str, trade: int
    ) -> Plan[events.PeerToPeerTrading_TradeCompleted]:
        """Buy what a spot trade holds, for what it costs now at most."""
        found = self.spot.get_trade_info(trade)
        call = self.spot.complete_trade_at_most(trade, cost_up(found.amount, found.price))
        return self._emitted(who, self.spot, events.PeerToPeerTrading_TradeCompleted, call)

    def _checked(self, energy: int, price: int) -> tuple[int, int]:
        units = self.base_units("price", price, Price)
        return (
            from_one_to("energy", energy, _MAX_CREDIT_WH, Energy),
            from_one_to("price", units, _MAX_PRICE, Price),
        )
