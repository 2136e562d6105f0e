"""Reads a market's records from the demo's own chain, where no block is mined meanwhile."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from energy_grid.chain.contract import EventLog
from energy_grid.client import EnergyGrid
from energy_grid.contracts.asset_shares import AssetShares
from energy_grid.contracts.carbon_credits import Retirement
from energy_grid.contracts.demand_response import DemandResponseEvent
from energy_grid.contracts.energy_asset_nft import Asset
from energy_grid.contracts.erc20_permit import ERC20Permit
from energy_grid.contracts.errors import Settlement_NoSuchWithdrawal
from energy_grid.contracts.peer_to_peer_trading import EnergyOffer, Trade
from energy_grid.demo.records import (
    AccountRecord,
    AssetRecord,
    CarbonRecord,
    CreditRecord,
    Delivery,
    Escrow,
    EventRecord,
    GridPurchase,
    MarketRecords,
    Payment,
    RevenueRecord,
    RewardRecord,
    SharesRecord,
    SlotKey,
    SpotOfferRecord,
    SpotPurchase,
    SpotRecord,
    SpotTradeRecord,
    TokenRecord,
    TradeRecord,
    Treasury,
)
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.slots import Closing, SlotEnergy

__all__ = ["read_records"]

_ZERO_ADDRESS = "0x" + "0" * 40
_TRADES_PER_PAGE, _PARTS_PER_PAGE = 500, 100


def read_records(contracts: EnergyGrid) -> MarketRecords:
    """Everything that the check and the report need."""
    return _Reader(contracts).read()


@dataclass(frozen=True)
class _Reader:
    contracts: EnergyGrid

    def read(self) -> MarketRecords:
        contracts, settlement = self.contracts, self.contracts.settlement
        numbers = range(1, settlement.account_count() + 1)
        accounts = dict(zip(numbers, settlement.call_many("accountAt", zip(numbers)), strict=True))
        metered, closings = self._metered(), self._closings()
        deliveries = tuple(
            Delivery(
                seller=accounts[log["seller"]],
                buyer=accounts[log["buyer"]],
                slot=log["slot"],
                wh=log["amount"],
            )
            for log in settlement.history("EnergyDelivered")
        )
        purchases = tuple(
            GridPurchase(
                account=log["account"], slot=log["slot"], wh=log["amount"], cost=log["cost"]
            )
            for log in settlement.history("GridEnergyBought")
        )
        slots = self._slots(
            {
                *metered,
                *closings,
                *((each.account, each.slot) for each in purchases),
                *((each.seller, each.slot) for each in deliveries),
                *((each.buyer, each.slot) for each in deliveries),
            }
        )
        slot_numbers = sorted({slot for _, slot in slots})
        prices = contracts.grid.call_many("priceOf", zip(slot_numbers))
        queued, shares = self._queued(), self._shares()
        payers = {contracts.demand_response.address, *(one.address for one in shares)}
        return MarketRecords(
            accounts=self._accounts(list(accounts.values()), queued, payers),
            slots=slots,
            metered=metered,
            closings=closings,
            deliveries=deliveries,
            payments=self._payments("DeliveryPaid", accounts),
            spot_payments=self._payments("SpotPaid", {}),
            trades=self._trades(),
            grid_purchases=purchases,
            slot_prices=dict(zip(slot_numbers, prices, strict=True)),
            collateral_per_kwh=contracts.trading.collateral_per_kwh(),
            energy=_token(contracts.energy_token),
            money=_token(contracts.money),
            treasury=self._treasury(queued),
            events=self._events(),
            escrow=Escrow(
                holding=contracts.money.balance_of(contracts.demand_response.address),
                escrowed=contracts.demand_response.escrowed(),
            ),
            assets=self._assets(metered),
            shares=shares,
            spot=self._spot(),
            carbon=self._carbon(slots),
        )

    def _accounts(
        self, addresses: list[str], queued: Mapping[str, int], payers: Collection[str]
    ) -> tuple[AccountRecord, ...]:
        contracts, settlement = self.contracts, self.contracts.settlement
        deposited, withdrawn, repaid = (
            _sums(settlement.history(event), "account", "amount")
            for event in ("Deposited", "Withdrawn", "DebtRepaid")
        )
        # What transfers left in each wallet, without those of the payers.
        wallet_other: Counter[str] = Counter()
        for log in contracts.money.history("Transfer"):
            if log["from"] not in payers:
                wallet_other[log["from"]] -= log["value"]
                wallet_other[log["to"]] += log["value"]
        columns = [
            contract.call_many(function, zip(addresses))
            for contract, function in (
                (settlement, "balanceOf"),
                (settlement, "lockedOf"),
                (settlement, "debtOf"),
                (contracts.energy_token, "balanceOf"),
                (contracts.money, "balanceOf"),
            )
        ]
        return tuple(
            AccountRecord(
                address=address,
                available=available,
                locked=locked,
                debt=debt,
                energy_credits=tokens,
                deposited=deposited[address],
                withdrawn=withdrawn[address] + queued.get(address, 0),
                debt_repaid=repaid[address],
                wallet=wallet,
                wallet_other=wallet_other[address],
            )
            for address, available, locked, debt, tokens, wallet in zip(
                addresses, *columns, strict=True
            )
        )

    def _metered(self) -> dict[SlotKey, tuple[int, int]]:
        """What readings add up to; a meter's account is followed through every change."""
        meters = self.contracts.meters
        account: dict[str, str] = {}
        sums: dict[SlotKey, tuple[int, int]] = defaultdict(lambda: (0, 0))
        for log in meters.events(self.contracts.node.logs(meters.address)):
            match log.event:
                case "MeterRegistered":
                    account[log["meter"]] = log["account"]
                case "MeterAccountSet":
                    account[log["meter"]] = log["to"]
                case "MeterKeyRotated":
                    account[log["to"]] = account[log["from"]]
                case "ReadingRecorded":
                    key = account[log["meter"]], log["slot"]
                    produced, consumed = sums[key]
                    sums[key] = produced + log["production"], consumed + log["consumption"]
        return dict(sums)

    def _slots(self, keys: Iterable[SlotKey]) -> dict[SlotKey, SlotEnergy]:
        ordered = sorted(keys)
        settlement = self.contracts.settlement
        return dict(
            zip(ordered, settlement.call_many("energyOf", ordered, kind=SlotEnergy), strict=True)
        )

    def _closings(self) -> dict[SlotKey, Closing]:
        return {
            (log["account"], log["slot"]): Closing(
                minted=log["minted"],
                burned=log["burned"],
                from_grid=log["from_grid"],
                cost=log["cost"],
                paid=log["paid"],
                debt=log["cost"] - log["paid"],
            )
            for log in self.contracts.settlement.history("SlotClosed")
        }

    def _payments(self, event: str, accounts: Mapping[Any, str]) -> tuple[Payment, ...]:
        """Payments of a kind of event, whose accounts are numbers or addresses."""
        return tuple(
            Payment(
                seller=accounts.get(log["seller"], log["seller"]),
                buyer=accounts.get(log["buyer"], log["buyer"]),
                paid=log["paid"],
                fees=log["protocol_fee"] + log["grid_fee"],
            )
            for log in self.contracts.settlement.history(event)
        )

    def _trades(self) -> tuple[TradeRecord, ...]:
        trading = self.contracts.trading
        compensations = {
            log["transaction_id"]: log["compensation"]
            for log in trading.history("TransactionSettled")
        }
        return tuple(
            TradeRecord(
                id=number,
                seller=trade.seller,
                buyer=trade.buyer,
                amount=trade.amount,
                delivered=trade.delivered,
                price=trade.price,
                compensation=compensations.get(number),
            )
            for first in range(1, trading.transaction_count() + 1, _TRADES_PER_PAGE)
            for number, trade in enumerate(trading.get_transactions(first, _TRADES_PER_PAGE), first)
        )

    def _events(self) -> tuple[EventRecord, ...]:
        response, length = self.contracts.demand_response, self.contracts.settlement.slot_length()
        refunded = _sums(response.history("BudgetRefunded"), "event_id", "amount")
        numbers = range(1, response.event_count() + 1)
        return tuple(
            EventRecord(
                id=event.event_id,
                operator=event.grid_operator,
                slots=range(event.start_time // length, event.end_time // length),
                slot_seconds=length,
                target_kw=event.target_reduction_kw,
                reward_per_kw=event.reward_per_kw,
                budget=event.budget,
                refunded=refunded[event.event_id],
                rewards=self._rewards(event),
            )
            for event in map(response.get_event, numbers)
        )

    def _rewards(self, event: DemandResponseEvent) -> tuple[RewardRecord, ...]:
        response, number = self.contracts.demand_response, event.event_id
        paid, verified = (
            [log for log in response.history(name) if log["event_id"] == number]
            for name in ("RewardPaid", "ReductionVerified")
        )
        rewards = _sums(paid, "consumer", "amount")
        # Of several verifications of one household the last one counts.
        metered = {log["consumer"]: log["metered"] for log in verified}
        return tuple(
            RewardRecord(
                account=part.consumer,
                baseline_w=part.baseline_usage_w,
                actual_w=part.actual_usage_w,
                reduction_w=part.reduction_w,
                reward=part.reward_amount,
                paid=rewards[part.consumer],
                metered=metered[part.consumer],
            )
            for offset in range(0, event.total_participants, _PARTS_PER_PAGE)
            for part in response.get_event_participations(number, offset, _PARTS_PER_PAGE)
        )

    def _queued(self) -> Counter[str]:
        """Money in withdrawals that wait, by account."""
        settlement, queued = self.contracts.settlement, Counter[str]()
        for number in range(1, settlement.withdrawal_count() + 1):
            try:
                waiting = settlement.queued_withdrawal(number)
            except Settlement_NoSuchWithdrawal:
                continue
            queued[waiting.account] += waiting.amount
        return queued

    def _treasury(self, queued: Counter[str]) -> Treasury:
        settlement = self.contracts.settlement
        owed = settlement.treasury_owed()
        return Treasury(
            holding=self.contracts.money.balance_of(settlement.address),
            fees=owed.fees,
            grid_revenue=owed.grid_revenue,
            queued=queued.total(),
            collected=sum(
                log["fees"] + log["grid_revenue"] for log in settlement.history("TreasuryCollected")
            ),
        )

    def _assets(self, metered: Iterable[SlotKey]) -> tuple[AssetRecord, ...]:
        assets, per_day = self.contracts.assets, self._slots_per_day
        days: dict[str, set[int]] = defaultdict(set)
        for account, slot in metered:
            days[account].add(slot // per_day)
        linked = {log["asset"]: log["from_day"] for log in assets.history("MeterLinked")}
        numbers = range(1, assets.asset_count() + 1)
        columns = [
            assets.call_many("ownerOf", zip(numbers)),
            assets.call_many("getAsset", zip(numbers), kind=Asset),
            assets.call_many("bookValueOf", zip(numbers)),
            map(self._accounts_of, numbers),
        ]
        return tuple(
            AssetRecord(
                id=number,
                owner=owner,
                accounts=accounts,
                capacity=asset.terms.capacity,
                production=self._production(
                    number,
                    {day for one in accounts for day in days[one] if day >= linked[number]},
                ),
                value=asset.terms.value,
                book_value=book_value,
            )
            for number, owner, asset, book_value, accounts in zip(numbers, *columns, strict=True)
        )

    def _accounts_of(self, asset: int) -> tuple[str, ...]:
        """Whose meters count for an asset."""
        meters = self.contracts.meters
        keys = meters.call_many("meterAt", zip(self.contracts.assets.meters_of(asset)), kind=str)
        return tuple(meters.get_meter(key).account for key in keys)

    def _production(self, asset: int, days: Iterable[int]) -> dict[range, int]:
        """Wh on each of some days, by the numbers of the day's slots."""
        per_day, ordered = self._slots_per_day, sorted(days)
        found = self.contracts.assets.call_many(
            "getProductionHistory", ((asset, day, day + 1) for day in ordered)
        )
        return {
            range(day * per_day, (day + 1) * per_day): wh
            for day, (wh,) in zip(ordered, found, strict=True)
        }

    @property
    def _slots_per_day(self) -> int:
        return DAY_SECONDS // self.contracts.settlement.slot_length()

    def _shares(self) -> tuple[SharesRecord, ...]:
        divided = self.contracts.assets.history("Fractionalized")
        return tuple(
            self._shares_of(log["asset"], self.contracts.shares(log["shares"])) for log in divided
        )

    def _shares_of(self, asset: int, shares: AssetShares) -> SharesRecord:
        money, holders = self.contracts.money, _holders(shares)
        balances, claimable = (
            dict(zip(holders, shares.call_many(function, zip(holders)), strict=True))
            for function in ("balanceOf", "claimableOf")
        )
        return SharesRecord(
            asset=asset,
            address=shares.address,
            steward=shares.steward(),
            count=shares.share_count(),
            holdings={holder: held for holder, held in balances.items() if held},
            received=_sums(money.history("Transfer"), "to", "value")[shares.address],
            revenues=self._revenues(shares),
            claimed=dict(_sums(shares.history("RevenueClaimed"), "account", "amount")),
            claimable=claimable,
            holding=money.balance_of(shares.address),
        )

    def _revenues(self, shares: AssetShares) -> tuple[RevenueRecord, ...]:
        """What came in, with who had how many shares then: every move of them is followed.

        Money that the contract has not noticed yet belongs to those who have shares now.
        """
        holdings, revenues = Counter[str](), list[RevenueRecord]()
        for log in shares.events(self.contracts.node.logs(shares.address)):
            if log.event == "Transfer":
                holdings[log["from"]] -= log["value"]
                holdings[log["to"]] += log["value"]
            elif log.event == "RevenueReceived":
                revenues.append(RevenueRecord(amount=log["amount"], holdings=+holdings))
        noticed = sum(revenue.amount for revenue in revenues)
        if unnoticed := shares.total_revenue() - noticed:
            revenues.append(RevenueRecord(amount=unnoticed, holdings=+holdings))
        return tuple(revenues)

    def _spot(self) -> SpotRecord:
        spot = self.contracts.spot
        numbers = range(1, spot.offer_count() + 1)
        found = spot.call_many("getEnergyOffer", zip(numbers), kind=EnergyOffer)
        offers = dict(zip(numbers, found, strict=True))
        numbers = range(1, spot.trade_count() + 1)
        trades = dict(
            zip(numbers, spot.call_many("getTradeInfo", zip(numbers), kind=Trade), strict=True)
        )
        returned = _sums(spot.history("EnergyOfferCancelled"), "offer_id", "returned")
        bought = [
            SpotPurchase(
                offer=log["offer_id"],
                trade=None,
                seller=(offer := offers[log["offer_id"]]).seller,
                buyer=log["buyer"],
                wh=log["amount"],
                price=offer.price,
                paid=log["paid"],
            )
            for log in spot.history("EnergyOfferAccepted")
        ]
        bought += [
            SpotPurchase(
                offer=None,
                trade=log["trade_id"],
                seller=(trade := trades[log["trade_id"]]).seller,
                buyer=trade.buyer,
                wh=trade.amount,
                price=trade.price,
                paid=log["paid"],
            )
            for log in spot.history("TradeCompleted")
        ]
        return SpotRecord(
            holding=self.contracts.energy_token.balance_of(spot.address),
            offers=tuple(
                SpotOfferRecord(id=number, offer=one, returned=returned[number])
                for number, one in offers.items()
            ),
            trades=tuple(SpotTradeRecord(id=number, trade=one) for number, one in trades.items()),
            purchases=tuple(bought),
        )

    def _carbon(self, slots: Mapping[SlotKey, SlotEnergy]) -> CarbonRecord:
        """The carbon credits; ``slots`` are those that anything has happened in."""
        carbon = self.contracts.carbon
        produced: dict[str, list[int]] = defaultdict(list)
        for (account, slot), energy in sorted(slots.items()):
            if energy.produced:
                produced[account].append(slot)
        issued: dict[str, list[EventLog]] = defaultdict(list)
        for log in carbon.history("CarbonCreditsIssued"):
            issued[log["producer"]].append(log)
        registered = {log["producer"] for log in carbon.history("CleanProducerRegistered")}
        producers = tuple(
            self._credits(account, produced[account], issued[account])
            for account in sorted(registered)
        )
        credited = sorted({slot for one in producers for slot in one.slots})
        factors = carbon.call_many("emissionFactorOf", zip(credited))
        retirements = range(1, carbon.retirement_count() + 1)
        return CarbonRecord(
            producers=producers,
            factors=dict(zip(credited, factors, strict=True)),
            retirements=tuple(carbon.call_many("retirement", zip(retirements), kind=Retirement)),
            issued=carbon.total_issued(),
            retired=carbon.total_retired(),
            supply=carbon.total_supply(),
            balances=sum(carbon.call_many("balanceOf", zip(_holders(carbon)))),
        )

    def _credits(self, account: str, produced: list[int], issued: list[EventLog]) -> CreditRecord:
        carbon = self.contracts.carbon
        credited = carbon.call_many("isCredited", ((account, slot) for slot in produced))
        return CreditRecord(
            account=account,
            slots=tuple(slot for slot, done in zip(produced, credited, strict=True) if done),
            remainder=carbon.clean_producer(account).milligrams,
            issued=sum(log["grams"] for log in issued),
            energy=sum(log["energy"] for log in issued),
            times=sum(log["slots"] for log in issued),
        )


def _token(token: ERC20Permit) -> TokenRecord:
    transfers = token.history("Transfer")
    return TokenRecord(
        supply=token.total_supply(),
        minted=_sums(transfers, "from", "value")[_ZERO_ADDRESS],
        burned=_sums(transfers, "to", "value")[_ZERO_ADDRESS],
        balances=sum(token.call_many("balanceOf", zip(_holders(token)))),
    )


def _holders(token: ERC20Permit) -> list[str]:
    """Every account that ever had any of a token."""
    return sorted({log["to"] for log in token.history("Transfer")} - {_ZERO_ADDRESS})


def _sums(logs: Iterable[EventLog], key: str, amount: str) -> Counter[Any]:
    sums: Counter[Any] = Counter()
    for log in logs:
        sums[log[key]] += log[amount]
    return sums
