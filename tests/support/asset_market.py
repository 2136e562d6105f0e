"""What a neighbourhood does with its plants, on the reference model instead of a chain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from energy_grid.contracts.carbon_credits import Retirement
from energy_grid.contracts.peer_to_peer_trading import EnergyOffer, Trade
from energy_grid.demo.money_moves import money_moves
from energy_grid.demo.plants import SHARES, SHARES_EACH, Plant, Plants
from energy_grid.demo.records import (
    AssetRecord,
    CarbonRecord,
    CreditRecord,
    Payment,
    RevenueRecord,
    SharesRecord,
    SpotOfferRecord,
    SpotPurchase,
    SpotRecord,
    SpotTradeRecord,
)
from energy_grid.demo.spot_plan import Purchase, SpotOffer, SpotPosition, SpotTrade
from tests.model.costs import Payout
from tests.model.spot import SpotMarket
from tests.support.model_market import ModelMarket, PlantRecords, account_of

__all__ = ["FACTOR", "SHARES_ADDRESS", "ModelAssets"]

FACTOR, SHARES_ADDRESS = 380, "shares"
_UNIT = 10**6


class ModelAssets:
    """`energy_grid.demo.post_trading.AssetMarket` on a `ModelMarket`."""

    def __init__(self, market: ModelMarket, plants: Plants, slots: range) -> None:
        self._market = market
        self._plants = plants
        self._slots = slots
        self.spot = SpotMarket(market.settlement_model, lambda *_: True)
        self._ids: dict[int, int] = {}
        self._returned: Counter[int] = Counter()
        self._purchases: list[SpotPurchase] = []
        self._payments: list[Payment] = []
        self._credits: dict[int, CreditRecord] = {}
        self._retired: list[Retirement] = []
        self._revenue = 0
        self._claimed: dict[str, int] = {}

    def issue(self, slots: Mapping[int, Sequence[int]]) -> None:
        metered = self._market.read().metered
        for household, some in slots.items():
            account = account_of(household)
            energy = sum(metered[account, slot][0] for slot in some)
            grams, remainder = divmod(energy * FACTOR, 1000)
            self._credits[household] = CreditRecord(
                account=account,
                slots=tuple(some),
                remainder=remainder,
                issued=grams,
                energy=energy,
                times=len(some),
            )

    def credits_of(self, household: int) -> int:
        return self._credits[household].issued if household in self._credits else 0

    def retire(self, household: int, grams: int, reason: str) -> None:
        assert grams <= self.credits_of(household)
        self._retired.append(
            Retirement(
                account=account_of(household),
                beneficiary=SHARES_ADDRESS,
                amount=grams,
                time=self._market.now,
                reason=reason,
            )
        )

    def positions(self, slots: range) -> list[SpotPosition]:
        records = self._market.read()
        drawn: Counter[str] = Counter()
        from_grid: Counter[str] = Counter()
        for (account, slot), closing in records.closings.items():
            if slot in slots:
                drawn[account] += closing.burned
                from_grid[account] += closing.from_grid
        return [
            SpotPosition(
                household=number,
                energy_credits=self._market.settlement_model.account(name).energy_credits,
                burned=drawn[name],
                from_grid=from_grid[name],
            )
            for number, name in self._market.names.items()
        ]

    def trade(self, trade: SpotTrade) -> None:
        seller, buyer = account_of(trade.seller), account_of(trade.buyer)
        made = self.spot.create_trade(seller, buyer, trade.wh, trade.price, self._market.now)
        paid = self.spot.complete_trade(made.id, buyer)
        self._note(None, made.id, (seller, buyer), (trade.wh, trade.price), paid)

    def offer(self, offers: Sequence[SpotOffer]) -> None:
        for one in offers:
            seller = account_of(one.seller)
            made = self.spot.create_offer(seller, one.wh, one.price, self._market.now)
            self._ids[one.seller] = made.id

    def accept(self, purchases: Sequence[Purchase]) -> None:
        for one in purchases:
            number, pair = self._ids[one.seller], (account_of(one.seller), account_of(one.buyer))
            paid = self.spot.accept_offer(number, pair[1], one.wh)
            self._note(number, None, pair, (one.wh, self.spot.offers[number].price), paid)

    def cancel_offers(self, sellers: Sequence[int]) -> None:
        for seller in sellers:
            number = self._ids[seller]
            self._returned[number] = self.spot.cancel_offer(number, account_of(seller))

    def earned(self, household: int) -> int:
        self.write()
        moves = money_moves(self._market.read())[account_of(household)]
        return moves.sales + moves.spot_sales

    def share_out(self, household: int, amount: int) -> None:
        self._market.settlement_model.withdraw(account_of(household), amount)
        self._revenue += amount

    def claim(self, households: Sequence[int]) -> None:
        holdings = self._holdings()
        assert sorted(map(account_of, households)) == sorted(holdings)
        for account, held in holdings.items():
            if amount := self._revenue * held // SHARES:
                self._claimed[account] = amount

    def write(self) -> None:
        """Put all of it into the market's records."""
        shared = self._plants.sharing
        self._market.plants = PlantRecords(
            assets=tuple(map(self._asset, range(1, len(self._plants.plants) + 1))),
            shares=() if shared is None else (self._shares(shared.plant),),
            spot=self._spot(),
            carbon=CarbonRecord(
                producers=tuple(self._credits.values()),
                factors={slot: FACTOR for one in self._credits.values() for slot in one.slots},
                retirements=tuple(self._retired),
                issued=sum(one.issued for one in self._credits.values()),
                retired=sum(one.amount for one in self._retired),
                supply=(left := self._unretired()),
                balances=left,
            ),
            payments=tuple(self._payments),
            withdrawn={account_of(shared.plant.number): self._revenue} if shared else {},
        )

    def _note(
        self,
        offer: int | None,
        trade: int | None,
        pair: tuple[str, str],
        terms: tuple[int, int],
        paid: Payout,
    ) -> None:
        (seller, buyer), (wh, price) = pair, terms
        self._purchases.append(
            SpotPurchase(
                offer=offer,
                trade=trade,
                seller=seller,
                buyer=buyer,
                wh=wh,
                price=price,
                paid=paid.pay,
            )
        )
        fees = paid.protocol_fee + paid.grid_fee
        self._payments.append(Payment(seller=seller, buyer=buyer, paid=paid.pay, fees=fees))

    def _unretired(self) -> int:
        issued = sum(one.issued for one in self._credits.values())
        return issued - sum(one.amount for one in self._retired)

    def _holdings(self) -> dict[str, int]:
        shared = self._plants.sharing
        assert shared is not None
        neighbours = {account_of(number): SHARES_EACH for number in shared.neighbours}
        return {account_of(shared.plant.number): SHARES - shared.given, **neighbours}

    def _asset(self, number: int) -> AssetRecord:
        plant = self._plants.plants[number - 1]
        account, shared = account_of(plant.number), self._plants.sharing
        metered = self._market.metered
        age = self._market.now - plant.commissioned_at
        value = plant.value * _UNIT
        written_down = -(-value * max(plant.lifetime - age, 0) // plant.lifetime)
        return AssetRecord(
            id=number,
            owner=SHARES_ADDRESS if shared and shared.plant is plant else account,
            accounts=(account,),
            capacity=plant.capacity_w,
            production={self._slots: sum(metered[account, slot][0] for slot in self._slots)},
            value=value,
            book_value=max(written_down, -(-value // 10)),
        )

    def _shares(self, plant: Plant) -> SharesRecord:
        holdings = self._holdings()
        revenues = (
            (RevenueRecord(amount=self._revenue, holdings=holdings),) if self._revenue else ()
        )
        return SharesRecord(
            asset=self._plants.plants.index(plant) + 1,
            address=SHARES_ADDRESS,
            steward=account_of(plant.number),
            count=SHARES,
            holdings=holdings,
            received=self._revenue,
            revenues=revenues,
            claimed=dict(self._claimed),
            claimable=dict.fromkeys(holdings, 0),
            holding=self._revenue - sum(self._claimed.values()),
        )

    def _spot(self) -> SpotRecord:
        return SpotRecord(
            holding=self.spot.held,
            offers=tuple(
                SpotOfferRecord(
                    id=one.id,
                    offer=EnergyOffer(
                        seller=one.seller,
                        amount=one.amount,
                        remaining=one.remaining,
                        price=one.price,
                        created_at=one.created_at,
                        status=one.status,
                    ),
                    returned=self._returned[one.id],
                )
                for one in self.spot.offers.values()
            ),
            trades=tuple(
                SpotTradeRecord(
                    id=one.id,
                    trade=Trade(
                        seller=one.seller,
                        buyer=one.buyer,
                        amount=one.amount,
                        price=one.price,
                        created_at=one.created_at,
                        status=one.status,
                    ),
                )
                for one in self.spot.trades.values()
            ),
            purchases=tuple(self._purchases),
        )
