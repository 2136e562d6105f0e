"""The spot market of banked energy."""

from __future__ import annotations

from energy_grid.chain.contract import Call
from energy_grid.chain.tx.multisig import Actor
from energy_grid.contracts import events
from energy_grid.domain.costs import cost_up
from energy_grid.domain.orders import HIGHEST_PRICE
from energy_grid.domain.quantities import Energy, Price, whole
from energy_grid.market.bounds import from_one_to
from energy_grid.market.money import Vault

__all__ = ["Spot"]

# What an offer of banked energy has room for on the chain.
_MOST_BANKED_WH = 2**64 - 1


class Spot(Vault):
    """Energies are `Energy` or plain Wh; prices `Price` or plain base units of money per kWh."""

    def offer_energy(self, account: Actor, energy: int, price: int) -> int:
        """Offer banked energy to everybody, which is approved if need be; gives its number.

        Raises:
            DomainError: energy or price is out of range, or there is less; nothing was offered.
            ContractError: as `PeerToPeerTrading.create_energy_offer`.
        """
        call = self.spot.create_energy_offer(*self._banked(energy, price))
        self.approve_for(account, call, energy, self.energy_token)
        receipt = self.send(account, call)
        kind = events.PeerToPeerTrading_EnergyOfferCreated
        return self.spot.events(receipt.logs, kind)[0].offer_id

    def offer_energy_to(self, account: Actor, buyer: str, energy: int, price: int) -> int:
        """As `offer_energy`, to one buyer alone; gives the number of the trade.

        Raises:
            ContractError: as `PeerToPeerTrading.create_trade`.
        """
        call = self.spot.create_trade(buyer, *self._banked(energy, price))
        self.approve_for(account, call, energy, self.energy_token)
        receipt = self.send(account, call)
        kind = events.PeerToPeerTrading_TradeCreated
        return self.spot.events(receipt.logs, kind)[0].trade_id

    def accept_offer(self, account: Actor, offer: int, energy: int | None = None) -> int:
        """Buy what is left of an offer, or so much of it, at the price it has now and no higher,
        whatever a reorganisation makes of its number; gives what was paid.

        Raises:
            ContractError: as `PeerToPeerTrading.accept_energy_offer_at_most`.
        """
        receipt = self.send(account, self.purchase(offer, energy))
        kind = events.PeerToPeerTrading_EnergyOfferAccepted
        return self.spot.events(receipt.logs, kind)[0].paid

    def purchase(self, offer: int, energy: int | None = None) -> Call:
        """The call that buys what is left of an offer, or so much, at most for what it costs."""
        found = self.spot.get_energy_offer(offer)
        wanted = found.remaining if energy is None else whole("energy", energy, Energy)
        return self.spot.accept_energy_offer_at_most(offer, wanted, cost_up(wanted, found.price))

    def completion(self, trade: int) -> Call:
        """The call that buys what a trade holds, for what it costs now at most."""
        found = self.spot.get_trade_info(trade)
        return self.spot.complete_trade_at_most(trade, cost_up(found.amount, found.price))

    def _banked(self, energy: int, price: int) -> tuple[int, int]:
        units = self.base_units("price", price, Price)
        return (
            from_one_to("energy", energy, _MOST_BANKED_WH, Energy),
            from_one_to("price", units, HIGHEST_PRICE, Price),
        )
