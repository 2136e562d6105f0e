"""Reads a market's records from the demo's own chain, where no block is mined meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from energy_grid.chain.contract import EventLog
from energy_grid.client import EnergyGrid
from energy_grid.contracts import events
from energy_grid.contracts.asset_shares import AssetShares
from energy_grid.contracts.carbon_credits import Retirement
from energy_grid.contracts.demand_response import DemandResponseEvent
from energy_grid.contracts.energy_accounts import MeteredOf
from energy_grid.contracts.energy_asset_nft import Asset
from energy_grid.contracts.energy_certificates import Retirement as CertificateRetirement
from energy_grid.contracts.erc20_permit import ERC20Permit
from energy_grid.contracts.errors import Settlement_NoSuchWithdrawal
from energy_grid.contracts.settlement import AccountOf, DayMoneyOf
from energy_grid.contracts.tariffs import Tariff
from energy_grid.demo.opening import HOME, home_region
from energy_grid.demo.records import (
    AccountRecord,
    AssetRecord,
    CarbonRecord,
    CreditRecord,
    DayKey,
    Escrow,
    EventRecord,
    GridRecord,
    MarketRecords,
    RevenueRecord,
    RewardRecord,
    SettledRecord,
    SharesRecord,
    TokenRecord,
    TradeRecord,
)
from energy_grid.domain.account_words import account_state, owed, reading
from energy_grid.domain.batch import BATCH_IDS
from energy_grid.domain.day_leaves import decode_leaves
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.market.day_audit import audit_day
from energy_grid.market.days import ClosedDay

__all__ = ["read_records"]

_ZERO_ADDRESS = "0x" + "0" * 40
_TRADES_PER_PAGE, _PARTS_PER_PAGE = 500, 100


def read_records(contracts: EnergyGrid, day: int) -> MarketRecords:
    """Everything that the check and the report of a day need."""
    return _Reader(contracts).read(day)


@dataclass(frozen=True)
class _Reader:
    contracts: EnergyGrid

    def read(self, day: int) -> MarketRecords:
        contracts, settlement = self.contracts, self.contracts.settlement
        numbers = range(1, settlement.account_count() + 1)
        found = settlement.call_many("accountAt", zip(numbers))
        accounts: dict[str, int] = dict(zip(found, numbers, strict=True))
        closed = self._closed
        days = sorted({each.day for each in closed})
        metered = self._metered(accounts)
        slots = [
            (each.account, slot)
            for each in closed
            for slot in range(each.day * self._per_day, (each.day + 1) * self._per_day)
            if slot >= metered[each.account]
        ]
        numbered = [(accounts[account], slot) for account, slot in slots]
        positions = contracts.energy_accounts.call_many("positionOf", numbered, kind=int)
        shares = self._shares()
        payers = {contracts.demand_response.address, *(one.address for one in shares)}
        queued = self._queued()
        return MarketRecords(
            slots=range(day * self._per_day, (day + 1) * self._per_day),
            day_slots=self._per_day,
            accounts=self._accounts(accounts, metered, queued, payers),
            settled=self._settled,
            produced=self._produced,
            positions=dict(zip(slots, positions, strict=True)),
            thetas=self._thetas(),
            tariffs=self._tariffs(days),
            credit_values=self._by("creditValueAt", days),
            deficit_prices=self._deficit_prices(days),
            keeps=self._keeps(accounts),
            closed=closed,
            trades=self._trades(),
            grid=self._grid(queued),
            energy=_token(contracts.energy_token),
            money=_token(contracts.money),
            events=self._events(),
            escrow=Escrow(
                holding=contracts.money.balance_of(contracts.demand_response.address),
                escrowed=contracts.demand_response.escrowed(),
            ),
            assets=self._assets(),
            shares=shares,
            carbon=self._carbon(),
        )

    @cached_property
    def _per_day(self) -> int:
        return DAY_SECONDS // self.contracts.settlement.slot_length()

    @cached_property
    def _closed(self) -> tuple[ClosedDay, ...]:
        return tuple(self.contracts.closings())

    # Accounts

    def _accounts(
        self,
        accounts: Mapping[str, int],
        metered: Mapping[str, int],
        queued: Mapping[str, int],
        payers: Collection[str],
    ) -> tuple[AccountRecord, ...]:
        contracts, settlement = self.contracts, self.contracts.settlement
        deposited, withdrawn = (
            _sums(settlement.history(event), "account", "amount")
            for event in ("Deposited", "Withdrawn")
        )
        redemptions = settlement.history("CreditsRedeemed")
        redeemed, redeemed_for = (
            _sums(redemptions, "account", amount) for amount in ("wh", "money")
        )
        tokens: Counter[str] = Counter()
        for log in contracts.energy_token.history("Transfer"):
            # Only the settlement contract mints and burns: for accounts that take credits out.
            if log["from"] == _ZERO_ADDRESS:
                tokens[log["to"]] += log["value"]
            elif log["to"] == _ZERO_ADDRESS:
                tokens[log["from"]] -= log["value"]
        # What transfers left in each wallet, without those of the payers.
        wallet_other: Counter[str] = Counter()
        for log in contracts.money.history("Transfer"):
            if log["from"] not in payers:
                wallet_other[log["from"]] -= log["value"]
                wallet_other[log["to"]] += log["value"]
        words = settlement.call_many("accountOf", zip(accounts), kind=AccountOf)
        states = [account_state(each.word) for each in words]
        opened = [
            (number, state.day) for number, state in zip(accounts.values(), states, strict=True)
        ]
        later = settlement.call_many("dayMoneyOf", opened, kind=DayMoneyOf)
        wallets = contracts.money.call_many("balanceOf", zip(accounts), kind=int)
        return tuple(
            AccountRecord(
                address=address,
                cursor=state.day,
                metered_from=metered[address],
                free=state.free,
                security=word.security,
                later=sum(money),
                debt=owed(word.owed).debt,
                receivable=owed(word.owed).receivable,
                credits=state.credits,
                tokens=tokens[address],
                deposited=deposited[address],
                withdrawn=withdrawn[address] + queued.get(address, 0),
                redeemed=redeemed[address],
                redeemed_for=redeemed_for[address],
                wallet=wallet,
                wallet_other=wallet_other[address],
            )
            for address, state, word, money, wallet in zip(
                accounts, states, words, later, wallets, strict=True
            )
        )

    def _metered(self, accounts: Mapping[str, int]) -> dict[str, int]:
        """The first slot that each account's meter speaks for."""
        energy = self.contracts.energy_accounts
        found = energy.call_many("meteredOf", zip(accounts.values()), kind=MeteredOf)
        return {each: span.from_slot for each, span in zip(accounts, found, strict=True)}

    def _keeps(self, accounts: Mapping[str, int]) -> dict[DayKey, bool]:
        keys = [(each.account, each.day) for each in self._closed]
        found = self.contracts.settlement.call_many(
            "keepsAt", ((accounts[account], day) for account, day in keys), kind=bool
        )
        return dict(zip(keys, found, strict=True))

    # Meters

    @cached_property
    def _produced(self) -> dict[DayKey, int]:
        meters = self.contracts.meters
        registered = {log.meter: log for log in meters.history(events.SmartMeter_MeterRegistered)}
        found = [
            (registered[log.meter], reading(log.reading))
            for log in meters.history(events.SmartMeter_ReadingRecorded)
        ]
        return {
            (meter.account, each.timestamp // DAY_SECONDS): each.production
            for meter, each in found
            if not meter.settlement and each.timestamp % DAY_SECONDS == 0
        }

    @cached_property
    def _settled(self) -> tuple[SettledRecord, ...]:
        days = self.contracts.community_days
        return tuple(
            self._settled_day(log.community, log.day)
            for log in days.history(events.CommunityDays_DaySettled)
        )

    def _settled_day(self, community: int, day: int) -> SettledRecord:
        audit = audit_day(self.contracts, community, day)
        record = audit.record
        return SettledRecord(
            community=community,
            day=day,
            root=self.contracts.community_days.day_of(community, day).root,
            leaves=decode_leaves(record.leaves, self.contracts.settlement.slot_length()),
            closed=tuple(record.words),
            passed_over=record.passed_over,
            differences=audit.differences,
        )

    # Prices, sharing, trades

    def _tariffs(self, days: Iterable[int]) -> dict[int, Tariff]:
        region = home_region(self.contracts)
        return {day: self.contracts.tariffs.tariff_of(region, day) for day in days}

    def _by(self, function: str, keys: Collection[int]) -> dict[int, int]:
        found = self.contracts.tariffs.call_many(function, zip(keys), kind=int)
        return dict(zip(keys, found, strict=True))

    def _deficit_prices(self, days: Iterable[int]) -> dict[int, int]:
        per_day = self._per_day
        slots = [slot for day in days for slot in range(day * per_day, (day + 1) * per_day)]
        prices = self.contracts.tariffs.call_many(
            "deficitPrice", ((HOME, slot) for slot in slots), kind=int
        )
        return dict(zip(slots, prices, strict=True))

    def _thetas(self) -> dict[tuple[int, int], int]:
        keys = [(each.community, each.day) for each in self._settled]
        found = self.contracts.communities.call_many("thetaAt", keys, kind=int)
        return dict(zip(keys, found, strict=True))

    def _trades(self) -> tuple[TradeRecord, ...]:
        trading, length = self.contracts.trading, self.contracts.settlement.slot_length()
        counts = {0: trading.transaction_count()}
        for number in range(1, trading.batch_count() + 1):
            counts[number * BATCH_IDS - 1] = trading.get_batch(number).transactions
        trades = [
            trade
            for before, many in counts.items()
            for first in range(before + 1, before + many + 1, _TRADES_PER_PAGE)
            for trade in trading.get_transactions(first, _TRADES_PER_PAGE)
        ]
        return tuple(
            TradeRecord(
                buyer=trade.buyer,
                seller=trade.seller,
                slots=(slots := range(trade.start // length, trade.end // length)),
                wh=trade.amount // len(slots),
                price=trade.price,
            )
            for trade in trades
        )

    def _grid(self, queued: Counter[str]) -> GridRecord:
        settlement = self.contracts.settlement
        account = settlement.grid_account()
        return GridRecord(
            holding=self.contracts.money.balance_of(settlement.address),
            cash=account.cash,
            owed=account.owed,
            protocol_fees=account.protocol_fees,
            credits=account.credits,
            funded=sum(log["amount"] for log in settlement.history("GridFunded")),
            collected=sum(
                log["fees"] + log["grid_revenue"] for log in settlement.history("TreasuryCollected")
            ),
            queued=queued.total(),
        )

    # Demand response

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
                minimum_w=part.minimum_w,
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

    # Plants

    def _assets(self) -> tuple[AssetRecord, ...]:
        assets = self.contracts.assets
        numbers = range(1, assets.asset_count() + 1)
        days = sorted({day for _, day in self._produced})[:-1]
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
                production={
                    day: assets.get_production_history(number, day, day + 1)[0] for day in days
                },
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

    def _carbon(self) -> CarbonRecord:
        carbon = self.contracts.carbon
        registered = {log["producer"] for log in carbon.history("CleanProducerRegistered")}
        producers = tuple(map(self._credits, sorted(registered)))
        credited = sorted({day for one in producers for day, _ in one.retired})
        factors = carbon.call_many("emissionFactorOf", zip(credited), kind=int)
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

    def _credits(self, account: str) -> CreditRecord:
        carbon, certificates = self.contracts.carbon, self.contracts.certificates
        issued = [log for log in carbon.history("CarbonCreditsIssued") if log["account"] == account]
        numbers = range(1, certificates.retirement_count() + 1)
        retired = certificates.call_many("retirement", zip(numbers), kind=CertificateRetirement)
        certified = [
            log for log in certificates.history("CertificatesIssued") if log["account"] == account
        ]
        return CreditRecord(
            account=account,
            certified=sum(log["wh"] for log in certified),
            retired=tuple((one.day, one.wh) for one in retired if one.account == account),
            remainder=carbon.clean_producer(account).milligrams,
            issued=sum(log["grams"] for log in issued),
            energy=sum(log["energy"] for log in issued),
            times=sum(log["retirements"] for log in issued),
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
