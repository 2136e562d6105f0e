"""The plants of the demo on a chain: registered as assets before the day, put to use after it.

Each call sends what it says and waits for its blocks. The registrar registers plants, their meters
and clean producers; owners and neighbours do what is theirs. Every account can issue carbon
credits; here the keeper does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property

from energy_grid.chain.contract import Call
from energy_grid.chain.tx.receipts import Receipt
from energy_grid.client import EnergyGrid
from energy_grid.contracts.asset_shares import AssetShares
from energy_grid.contracts.energy_asset_nft import AssetTerms
from energy_grid.demo.chain_market import KEEPER
from energy_grid.demo.opening import REGION, operators_safe
from energy_grid.demo.plants import SHARES, SHARES_EACH, Plant, Plants, Sharing
from energy_grid.demo.residents import Resident
from energy_grid.demo.sender import GasCountingSender, Operation
from energy_grid.demo.spot_plan import Purchase, SpotOffer, SpotPosition, SpotTrade
from energy_grid.domain.enums import EnergyType

__all__ = ["ChainAssets"]

# Registering a plant, its meter and a clean producer; dividing a plant makes a contract.
_PLANT_GAS, _DIVISION_GAS, _SLOT_GAS = 500_000, 1_000_000, 40_000
_PLANTS = 20


class ChainAssets:
    """`energy_grid.demo.post_trading.AssetMarket` on the contracts of a development node."""

    def __init__(
        self,
        contracts: EnergyGrid,
        sender: GasCountingSender,
        people: Sequence[Resident],
        plants: Plants,
    ) -> None:
        self._contracts = contracts
        self._sender = sender
        self._people = {person.household.number: person for person in people}
        self._plants = plants
        self._offers: dict[int, int] = {}

    def open(self) -> None:
        """Register the plants, and divide the one that is shared."""
        plants = self._plants.plants
        registrar, first = operators_safe(self._contracts), self._contracts.assets.asset_count() + 1
        numbered = list(enumerate(plants, first))
        groups = [numbered[at : at + _PLANTS] for at in range(0, len(plants), _PLANTS)]
        self._sender.send(
            Operation.PLANT,
            [
                (
                    registrar,
                    registrar.batch(
                        call
                        for number, plant in group
                        for call in self._registrations(number, plant)
                    ),
                )
                for group in groups
            ],
            sizes=[len(group) for group in groups],
            each=_PLANT_GAS,
        )
        if (sharing := self._plants.sharing) is not None:
            self._divide(first + plants.index(sharing.plant), sharing)

    def issue(self, slots: Mapping[int, Sequence[int]]) -> None:
        """Issue the credits of slots to households, by their numbers."""
        carbon = self._contracts.carbon
        self._sender.send(
            Operation.CREDITS,
            [
                (KEEPER, carbon.issue_carbon_credits(self._address(household), some))
                for household, some in slots.items()
            ],
            sizes=[len(some) for some in slots.values()],
            each=_SLOT_GAS,
        )

    def credits_of(self, household: int) -> int:
        """The credits that a household has, in g."""
        return self._contracts.carbon.balance_of(self._address(household))

    def retire(self, household: int, grams: int, reason: str) -> None:
        """Have a household retire credits for those who share its plant."""
        call = self._contracts.carbon.retire(grams, self._shares.address, reason)
        self._send(Operation.RETIRE, [(household, call)])

    def positions(self, slots: range) -> list[SpotPosition]:
        """What energy credits every household has now, and what it drew in so many slots."""
        contracts = self._contracts
        burned, from_grid = Counter[str](), Counter[str]()
        for log in contracts.settlement.history("SlotClosed"):
            if log["slot"] in slots:
                burned[log["account"]] += log["burned"]
                from_grid[log["account"]] += log["from_grid"]
        addresses = [person.wallet.address for person in self._people.values()]
        held = contracts.energy_token.call_many("balanceOf", zip(addresses), kind=int)
        return [
            SpotPosition(
                household=household,
                energy_credits=tokens,
                burned=burned[address],
                from_grid=from_grid[address],
            )
            for household, address, tokens in zip(self._people, addresses, held, strict=True)
        ]

    def trade(self, trade: SpotTrade) -> None:
        """Have the seller address a trade to the buyer, and the buyer complete it."""
        spot = self._contracts.spot
        self._allow([(trade.seller, trade.wh)])
        call = spot.create_trade(self._address(trade.buyer), trade.wh, trade.price)
        (receipt,) = self._send(Operation.TRADE, [(trade.seller, call)])
        (created,) = spot.events(receipt.logs, "TradeCreated")
        self._send(Operation.TRADE, [(trade.buyer, spot.complete_trade(created["trade_id"]))])

    def offer(self, offers: Sequence[SpotOffer]) -> None:
        """Have households offer energy credits."""
        spot = self._contracts.spot
        self._allow([(offer.seller, offer.wh) for offer in offers])
        receipts = self._send(
            Operation.OFFER,
            [(offer.seller, spot.create_energy_offer(offer.wh, offer.price)) for offer in offers],
        )
        for offer, receipt in zip(offers, receipts, strict=True):
            (created,) = spot.events(receipt.logs, "EnergyOfferCreated")
            self._offers[offer.seller] = created["offer_id"]

    def accept(self, purchases: Sequence[Purchase]) -> None:
        """Have households buy of these offers, in their order."""
        self._send(
            Operation.ACCEPT,
            [
                (
                    one.buyer,
                    self._contracts.spot.accept_energy_offer(self._offers[one.seller], one.wh),
                )
                for one in purchases
            ],
        )

    def cancel_offers(self, sellers: Sequence[int]) -> None:
        """Have households take their offers back."""
        spot = self._contracts.spot
        self._send(
            Operation.CANCEL_OFFER,
            [(seller, spot.cancel_energy_offer(self._offers[seller])) for seller in sellers],
        )

    def earned(self, household: int) -> int:
        """What a household got for energy so far, in the auctions and on the spot."""
        settlement, address = self._contracts.settlement, self._address(household)
        number = settlement.number_of(address)
        paid = [log for log in settlement.history("DeliveryPaid") if log["seller"] == number]
        paid += [log for log in settlement.history("SpotPaid") if log["seller"] == address]
        return sum(log["paid"] - log["protocol_fee"] - log["grid_fee"] for log in paid)

    def share_out(self, household: int, amount: int) -> None:
        """Have a household pay money to the shares of its plant, out of its settlement account."""
        call = self._contracts.settlement.withdraw(amount, self._shares.address)
        self._send(Operation.REVENUE, [(household, call)])

    def claim(self, households: Sequence[int]) -> None:
        """Have holders take the revenue of the shares, as far as they are due any."""
        shares = self._shares
        addresses = [self._address(household) for household in households]
        due = shares.call_many("claimableOf", ([address] for address in addresses))
        self._send(
            Operation.CLAIM,
            [
                (household, shares.claim_revenue(address))
                for household, address, amount in zip(households, addresses, due, strict=True)
                if amount
            ],
        )

    @cached_property
    def _shares(self) -> AssetShares:
        """The shares of the plant that is shared."""
        (divided,) = self._contracts.assets.history("Fractionalized")
        return self._contracts.shares(divided["shares"])

    def _registrations(self, number: int, plant: Plant) -> list[Call]:
        """Of a plant: as an asset that its meter counts for, and of a clean producer."""
        assets, person = self._contracts.assets, self._people[plant.number]
        terms = AssetTerms(
            kind=EnergyType.SOLAR,
            capacity=plant.capacity_w,
            region=REGION,
            commissioned_at=plant.commissioned_at,
            value=plant.value * 10**self._decimals,
            lifetime=plant.lifetime,
            name=f"Solar plant of {plant.household.name}",
        )
        owner = person.wallet.address
        calls = [assets.mint(owner, terms), assets.link_meter(number, person.meter.address)]
        if plant.clean:
            calls.append(self._contracts.carbon.register_clean_energy_producer(owner))
        return calls

    def _divide(self, asset: int, sharing: Sharing) -> None:
        """Divide a plant into shares, and hand the neighbours theirs."""
        owner = sharing.plant.number
        name, symbol = f"Solar plant {owner}", f"SUN{owner}"
        call = self._contracts.assets.fractionalize(asset, SHARES, name, symbol)
        wallet = self._people[owner].wallet
        self._sender.send(Operation.DIVIDE, [(wallet, call)], limit=_DIVISION_GAS)
        self._send(
            Operation.SHARE,
            [
                (owner, self._shares.transfer(self._address(number), SHARES_EACH))
                for number in sharing.neighbours
            ],
        )

    def _allow(self, amounts: Sequence[tuple[int, int]]) -> None:
        """Have households allow the spot market to take so many Wh."""
        spot, token = self._contracts.spot.address, self._contracts.energy_token
        self._send(
            Operation.ALLOW, [(household, token.approve(spot, wh)) for household, wh in amounts]
        )

    def _send(self, operation: Operation, work: Sequence[tuple[int, Call]]) -> list[Receipt]:
        """Carry out calls of households, by their numbers."""
        return self._sender.send(
            operation, [(self._people[household].wallet, call) for household, call in work]
        )

    def _address(self, household: int) -> str:
        return self._people[household].wallet.address

    @cached_property
    def _decimals(self) -> int:
        return self._contracts.money.decimals()
