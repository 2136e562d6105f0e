"""The ports of a trading day on the reference model instead of a chain.

`ModelMarket` is both the market that a day runs on and the records it leaves, so that whole days
can be run, audited and billed in milliseconds, and compared with what the chain makes of them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from energy_grid.demo.auction import Pair, PlacedOrder
from energy_grid.demo.bidding import Offer
from energy_grid.demo.records import (
    AccountRecord,
    AssetRecord,
    CarbonRecord,
    Delivery,
    Escrow,
    EventRecord,
    MarketRecords,
    Payment,
    SharesRecord,
    SpotRecord,
    TokenRecord,
    TradeRecord,
    Treasury,
)
from energy_grid.demo.trading_day import Fill, Reading
from energy_grid.domain.orders import OrderTerms, TransactionStatus
from energy_grid.domain.periods import Period
from energy_grid.domain.slots import Closing
from tests.model.costs import Fees
from tests.model.settlement import MarketRules, NothingToSettleError, SettlementModel

__all__ = ["ModelMarket", "PlantRecords", "account_of"]

_NO_SPOT = SpotRecord(holding=0, offers=(), trades=(), purchases=())
_NO_CARBON = CarbonRecord(
    producers=(), factors={}, retirements=(), issued=0, retired=0, supply=0, balances=0
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantRecords:
    """What became of plants, energy credits and credits; ``withdrawn`` is money, by account."""

    assets: tuple[AssetRecord, ...] = ()
    shares: tuple[SharesRecord, ...] = ()
    spot: SpotRecord = _NO_SPOT
    carbon: CarbonRecord = _NO_CARBON
    payments: tuple[Payment, ...] = ()
    withdrawn: Mapping[str, int] = field(default_factory=dict)


def account_of(household: int) -> str:
    """The account name of a household."""
    return f"household-{household}"


class ModelMarket:
    """A market and its records, on `SettlementModel`; every household has ``deposit`` at first."""

    def __init__(
        self,
        households: Sequence[int],
        *,
        rules: MarketRules,
        fees: Fees,
        deposit: int,
        grid_price: int,
    ) -> None:
        self.settlement_model = SettlementModel(rules, fees)
        self.now = 0
        self._deposit = deposit
        self._grid_price = grid_price
        self.names = {number: account_of(number) for number in households}
        self.plants = PlantRecords()
        self.metered: dict[tuple[str, int], tuple[int, int]] = defaultdict(lambda: (0, 0))
        self._closings: dict[tuple[str, int], Closing] = {}
        self._deliveries: list[Delivery] = []
        self._payments: list[Payment] = []
        self._compensations: dict[int, int] = {}
        self._events: tuple[EventRecord, ...] = ()
        for name in self.names.values():
            self.settlement_model.deposit(name, deposit)

    def advance_to(self, timestamp: int) -> None:
        self.now = max(self.now, timestamp)

    def place(self, offers: Sequence[Offer], period: Period) -> list[PlacedOrder]:
        return [
            PlacedOrder(
                id=self.settlement_model.place(
                    OrderTerms(
                        trader=self.names[offer.household],
                        order_type=offer.order_type,
                        amount=offer.wh,
                        price=offer.price,
                        expiry=period.end,
                        period=period,
                    ),
                    self.now,
                ).id,
                household=offer.household,
                order_type=offer.order_type,
                wh=offer.wh,
                price=offer.price,
            )
            for offer in offers
        ]

    def match(self, pairs: Sequence[Pair]) -> list[Fill]:
        fills = []
        for pair in pairs:
            made = self.settlement_model.match(pair.buy_id, pair.sell_id, self.now)
            agreed = Pair(
                buy_id=made.buy_id, sell_id=made.sell_id, wh=made.amount, price=made.price
            )
            fills.append(Fill(transaction_id=made.id, pair=agreed))
        return fills

    def cancel(self, orders: Sequence[PlacedOrder]) -> None:
        for order in orders:
            self.settlement_model.cancel(order.id, self.names[order.household], self.now)

    def report(self, readings: Sequence[Reading]) -> None:
        for reading in readings:
            name = self.names[reading.household]
            energies = reading.produced_wh, reading.consumed_wh
            slot = self.settlement_model.record(name, reading.timestamp, *energies, self.now)
            before = self.metered[name, slot]
            self.metered[name, slot] = (before[0] + energies[0], before[1] + energies[1])

    def settle(self, transaction_ids: Sequence[int]) -> list[int]:
        for number in transaction_ids:
            try:
                done = self.settlement_model.settle(number, 1, self.now)
            except NothingToSettleError:
                continue
            trade = self.settlement_model.transactions[number]
            for slot, wh in done.draws:
                self._deliveries.append(
                    Delivery(seller=trade.seller, buyer=trade.buyer, slot=slot, wh=wh)
                )
            if done.payout.pay:
                self._payments.append(
                    Payment(
                        seller=trade.seller,
                        buyer=trade.buyer,
                        paid=done.payout.pay,
                        fees=done.payout.protocol_fee + done.payout.grid_fee,
                    )
                )
            if done.finished:
                self._compensations[number] = done.compensation
        return [
            number
            for number in transaction_ids
            if self.settlement_model.transactions[number].status is not TransactionStatus.SETTLED
        ]

    def close(self, slot: int, households: Sequence[int]) -> None:
        for number in households:
            name = self.names[number]
            self._closings[name, slot] = self.settlement_model.close_slot(
                name, slot, self._grid_price, self.now
            )

    def pay_rewards(self, events: tuple[EventRecord, ...]) -> None:
        """Pay what demand response has fixed; the operator's money comes from outside."""
        self._events = events

    def read(self) -> MarketRecords:
        settlement_model = self.settlement_model
        rewards = Counter[str]()
        for event in self._events:
            rewards.update({part.account: part.paid for part in event.rewards})
        energy_credits = sum(
            account.energy_credits for account in settlement_model.accounts.values()
        )
        paid_in = self._deposit * len(self.names)
        plants = self.plants
        claimed = Counter[str]()
        for shares in plants.shares:
            claimed.update(shares.claimed)
        return MarketRecords(
            accounts=tuple(
                AccountRecord(
                    address=name,
                    available=settlement_model.account(name).available,
                    locked=settlement_model.account(name).locked,
                    debt=settlement_model.account(name).debt,
                    energy_credits=settlement_model.account(name).energy_credits,
                    deposited=self._deposit,
                    withdrawn=plants.withdrawn.get(name, 0),
                    debt_repaid=0,
                    wallet=rewards[name] + claimed[name],
                    wallet_other=0,
                )
                for name in self.names.values()
            ),
            slots=dict(settlement_model.energy),
            metered=dict(self.metered),
            closings=dict(self._closings),
            deliveries=tuple(self._deliveries),
            payments=tuple(self._payments),
            spot_payments=plants.payments,
            trades=tuple(
                TradeRecord(
                    id=trade.id,
                    seller=trade.seller,
                    buyer=trade.buyer,
                    amount=trade.amount,
                    delivered=trade.delivered,
                    price=trade.price,
                    compensation=self._compensations.get(trade.id),
                )
                for trade in settlement_model.transactions.values()
            ),
            grid_purchases=(),
            slot_prices={slot: self._grid_price for _, slot in settlement_model.energy},
            collateral_per_kwh=settlement_model.rules.collateral_per_kwh,
            energy=TokenRecord(
                supply=energy_credits,
                minted=sum(closing.minted for closing in self._closings.values()),
                burned=sum(closing.burned for closing in self._closings.values()),
                balances=energy_credits,
            ),
            money=TokenRecord(supply=paid_in, minted=paid_in, burned=0, balances=paid_in),
            treasury=Treasury(
                holding=paid_in - sum(plants.withdrawn.values()),
                fees=settlement_model.treasury.protocol_fees + settlement_model.treasury.grid_fees,
                grid_revenue=settlement_model.treasury.grid_sales,
                queued=0,
                collected=0,
            ),
            events=self._events,
            escrow=Escrow(holding=0, escrowed=0),
            assets=plants.assets,
            shares=plants.shares,
            spot=plants.spot,
            carbon=plants.carbon,
        )
