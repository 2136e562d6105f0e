"""Reads what the books say of assets, shares, the spot market and credits, as of one block."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from energy_grid.chain.contract import Contract, EventLog
from energy_grid.client import EnergyGrid
from energy_grid.contracts.asset_shares import AssetShares
from energy_grid.contracts.carbon_credits import Retirement
from energy_grid.contracts.energy_asset_nft import Asset
from energy_grid.contracts.erc20_permit import ERC20Permit
from energy_grid.contracts.peer_to_peer_trading import EnergyOffer, Trade
from energy_grid.demo.asset_books import (
    AssetBook,
    CarbonBook,
    CreditBook,
    DealBook,
    OfferBook,
    RevenueBook,
    SharesBook,
    SpotBook,
    TradeBook,
)
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.slots import SlotEnergy

__all__ = ["ChainAssetBooks"]

_NOBODY = "0x" + "0" * 40

SlotKey = tuple[str, int]


class ChainAssetBooks:
    """The part of `ChainBooks` that is about them."""

    def __init__(self, contracts: EnergyGrid, block: int) -> None:
        self._contracts = contracts
        self._block = block

    def assets(self, read: Iterable[SlotKey]) -> tuple[AssetBook, ...]:
        """All assets; ``read`` are the slots in which meters were read."""
        assets, block = self._contracts.assets, self._block
        days: dict[str, set[int]] = defaultdict(set)
        length = self._contracts.settlement.slot_length()
        for account, slot in read:
            days[account].add(slot * length // DAY_SECONDS)
        linked = {log["asset"]: log["from_day"] for log in self._history(assets, "MeterLinked")}
        numbers = range(1, assets.asset_count(block_identifier=block) + 1)
        owners = assets.call_many("ownerOf", zip(numbers), kind=str, block_identifier=block)
        terms = [
            asset.terms
            for asset in assets.call_many(
                "getAsset", zip(numbers), kind=Asset, block_identifier=block
            )
        ]
        values = assets.call_many("bookValueOf", ([one] for one in numbers), block_identifier=block)
        accounts = [self._accounts(number) for number in numbers]
        return tuple(
            AssetBook(
                id=number,
                owner=owner,
                accounts=meters,
                capacity=one.capacity,
                production=self._production(
                    number,
                    (day for account in meters for day in days[account] if day >= linked[number]),
                ),
                value=one.value,
                book_value=value,
            )
            for number, owner, one, value, meters in zip(
                numbers, owners, terms, values, accounts, strict=True
            )
        )

    def shares(self) -> tuple[SharesBook, ...]:
        """The shares of all assets that were divided."""
        divided = self._history(self._contracts.assets, "Fractionalized")
        return tuple(
            self._shares_of(log["asset"], self._contracts.shares(log["shares"])) for log in divided
        )

    def spot(self) -> SpotBook:
        """The spot market."""
        spot, block = self._contracts.spot, self._block
        offer_numbers = range(1, spot.offer_count(block_identifier=block) + 1)
        trade_numbers = range(1, spot.trade_count(block_identifier=block) + 1)
        offers = dict(
            zip(
                offer_numbers,
                spot.call_many(
                    "getEnergyOffer", zip(offer_numbers), kind=EnergyOffer, block_identifier=block
                ),
                strict=True,
            )
        )
        trades = dict(
            zip(
                trade_numbers,
                spot.call_many(
                    "getTradeInfo", zip(trade_numbers), kind=Trade, block_identifier=block
                ),
                strict=True,
            )
        )
        returned = Counter[int]()
        for log in self._history(spot, "EnergyOfferCancelled"):
            returned[log["offer_id"]] += log["returned"]
        deals = [
            DealBook(
                offer=log["offer_id"],
                trade=None,
                seller=offers[log["offer_id"]].seller,
                buyer=log["buyer"],
                wh=log["amount"],
                price=offers[log["offer_id"]].price,
                paid=log["paid"],
            )
            for log in self._history(spot, "EnergyOfferAccepted")
        ]
        deals += [
            DealBook(
                offer=None,
                trade=log["trade_id"],
                seller=trades[log["trade_id"]].seller,
                buyer=trades[log["trade_id"]].buyer,
                wh=trades[log["trade_id"]].amount,
                price=trades[log["trade_id"]].price,
                paid=log["paid"],
            )
            for log in self._history(spot, "TradeCompleted")
        ]
        return SpotBook(
            holding=self._contracts.energy_token.balance_of(spot.address, block_identifier=block),
            offers=tuple(
                OfferBook(id=number, offer=offer, returned=returned[number])
                for number, offer in offers.items()
            ),
            trades=tuple(TradeBook(id=number, trade=trade) for number, trade in trades.items()),
            deals=tuple(deals),
        )

    def carbon(self, slots: Mapping[SlotKey, SlotEnergy]) -> CarbonBook:
        """The credits; ``slots`` are those that anything has happened in."""
        carbon, block = self._contracts.carbon, self._block
        produced: dict[str, list[int]] = defaultdict(list)
        for (account, slot), energy in sorted(slots.items()):
            if energy.produced:
                produced[account].append(slot)
        issued: dict[str, list[EventLog]] = defaultdict(list)
        for log in self._history(carbon, "CarbonCreditsIssued"):
            issued[log["producer"]].append(log)
        registered = {log["producer"] for log in self._history(carbon, "CleanProducerRegistered")}
        producers = tuple(
            self._credits(account, produced[account], issued[account])
            for account in sorted(registered)
        )
        credited = sorted({slot for one in producers for slot in one.slots})
        factors = carbon.call_many(
            "emissionFactorOf", ([slot] for slot in credited), block_identifier=block
        )
        retirements = range(1, carbon.retirement_count(block_identifier=block) + 1)
        holders = self._holders(carbon)
        return CarbonBook(
            producers=producers,
            factors=dict(zip(credited, factors, strict=True)),
            retirements=tuple(
                carbon.call_many(
                    "retirement", zip(retirements), kind=Retirement, block_identifier=block
                )
            ),
            issued=carbon.total_issued(block_identifier=block),
            retired=carbon.total_retired(block_identifier=block),
            supply=carbon.total_supply(block_identifier=block),
            balances=sum(
                carbon.call_many("balanceOf", zip(holders), kind=int, block_identifier=block)
            ),
        )

    def _accounts(self, asset: int) -> tuple[str, ...]:
        """Whose meters count for an asset."""
        meters, block = self._contracts.meters, self._block
        numbers = self._contracts.assets.meters_of(asset, block_identifier=block)
        keys = meters.call_many("meterAt", zip(numbers), kind=str, block_identifier=block)
        return tuple(meters.get_meter(key, block_identifier=block).account for key in keys)

    def _production(self, asset: int, days: Iterable[int]) -> dict[range, int]:
        """Wh on each of some days, by the numbers of the day's slots."""
        per_day = DAY_SECONDS // self._contracts.settlement.slot_length()
        ordered = sorted(set(days))
        found = self._contracts.assets.call_many(
            "getProductionHistory",
            ([asset, day, day + 1] for day in ordered),
            block_identifier=self._block,
        )
        return {
            range(day * per_day, (day + 1) * per_day): wh
            for day, (wh,) in zip(ordered, found, strict=True)
        }

    def _shares_of(self, asset: int, shares: AssetShares) -> SharesBook:
        block, money = self._block, self._contracts.money
        holders = self._holders(shares)
        balances = shares.call_many("balanceOf", zip(holders), kind=int, block_identifier=block)
        due = shares.call_many("claimableOf", ([one] for one in holders), block_identifier=block)
        claimed = Counter[str]()
        for log in self._history(shares, "RevenueClaimed"):
            claimed[log["account"]] += log["amount"]
        return SharesBook(
            asset=asset,
            address=shares.address,
            steward=shares.steward(block_identifier=block),
            count=shares.share_count(block_identifier=block),
            holdings={one: held for one, held in zip(holders, balances, strict=True) if held},
            received=sum(
                log["value"]
                for log in self._history(money, "Transfer")
                if log["to"] == shares.address
            ),
            revenues=self._revenues(shares),
            claimed=dict(claimed),
            claimable=dict(zip(holders, due, strict=True)),
            holding=money.balance_of(shares.address, block_identifier=block),
        )

    def _revenues(self, shares: AssetShares) -> tuple[RevenueBook, ...]:
        """What came in, with who had how many shares then: every move of them is followed.

        Money that nobody has noticed yet belongs to those who have shares now.
        """
        holdings, revenues = Counter[str](), list[RevenueBook]()
        logs = self._contracts.node.logs(shares.address, to_block=self._block)
        for log in shares.events(logs):
            if log.event == "Transfer":
                holdings[log["from"]] -= log["value"]
                holdings[log["to"]] += log["value"]
            elif log.event == "RevenueReceived":
                revenues.append(_revenue(log["amount"], holdings))
        noticed = sum(revenue.amount for revenue in revenues)
        if unnoticed := shares.total_revenue(block_identifier=self._block) - noticed:
            revenues.append(_revenue(unnoticed, holdings))
        return tuple(revenues)

    def _credits(self, account: str, produced: list[int], issued: Iterable[EventLog]) -> CreditBook:
        carbon, block, logs = self._contracts.carbon, self._block, list(issued)
        pairs = ((account, slot) for slot in produced)
        credited = carbon.call_many("isCredited", pairs, kind=bool, block_identifier=block)
        return CreditBook(
            account=account,
            slots=tuple(slot for slot, done in zip(produced, credited, strict=True) if done),
            remainder=carbon.clean_producer(account, block_identifier=block).milligrams,
            issued=sum(log["grams"] for log in logs),
            energy=sum(log["energy"] for log in logs),
            times=sum(log["slots"] for log in logs),
        )

    def _holders(self, token: ERC20Permit) -> list[str]:
        """Everybody who ever had any of a token."""
        return sorted({log["to"] for log in self._history(token, "Transfer")} - {_NOBODY})

    def _history(self, contract: Contract, event: str) -> list[EventLog]:
        return contract.history(event, to_block=self._block)


def _revenue(amount: int, holdings: Mapping[str, int]) -> RevenueBook:
    held = {holder: shares for holder, shares in holdings.items() if shares > 0}
    return RevenueBook(amount=amount, holdings=held)
