"""Reads the books of the market from a chain: views and events, all as of one block."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from energy_grid.chain.contract import Contract, EventLog
from energy_grid.chain.rpc.node import Node
from energy_grid.client import EnergyGrid
from energy_grid.contracts.demand_response import DemandResponseEvent
from energy_grid.contracts.erc20_permit import ERC20Permit
from energy_grid.contracts.errors import Settlement_NoSuchWithdrawal
from energy_grid.demo.books import (
    AccountBook,
    Books,
    Delivery,
    Escrow,
    EventBook,
    GridPurchase,
    Payment,
    RewardBook,
    TokenBook,
    TransactionBook,
    Treasury,
)
from energy_grid.demo.chain_asset_books import ChainAssetBooks
from energy_grid.domain.slots import Closing, SlotEnergy

__all__ = ["ChainBooks"]

_NOBODY = "0x" + "0" * 40
_PAGE, _RECORDS = 500, 100

SlotKey = tuple[str, int]


class ChainBooks:
    """`energy_grid.demo.books.BooksReader` on the contracts of a chain."""

    def __init__(self, node: Node, contracts: EnergyGrid) -> None:
        self._node = node
        self._contracts = contracts
        self._block = 0

    def read(self) -> Books:
        """Everything, as of the newest block."""
        self._block = self._node.block_number
        contracts = self._contracts
        holders = self._holders()
        metered = self._metered()
        closings = self._closings()
        deliveries = self._deliveries(holders)
        purchases = self._grid_purchases()
        slots = self._slots(
            {
                *metered,
                *closings,
                *((each.account, each.slot) for each in purchases),
                *((each.seller, each.slot) for each in deliveries),
                *((each.buyer, each.slot) for each in deliveries),
            }
        )
        queued = self._queued()
        others = ChainAssetBooks(contracts, self._block)
        shares = others.shares()
        payers = {contracts.demand_response.address, *(one.address for one in shares)}
        return Books(
            accounts=self._accounts(list(holders.values()), queued, payers),
            slots=slots,
            metered=metered,
            closings=closings,
            deliveries=deliveries,
            payments=self._payments(holders),
            spot_payments=self._spot_payments(),
            transactions=self._transactions(),
            grid_purchases=purchases,
            slot_prices=self._slot_prices({slot for _, slot in slots}),
            collateral_per_kwh=contracts.trading.collateral_per_kwh(),
            energy=self._token(contracts.energy_token),
            money=self._token(contracts.money),
            treasury=self._treasury(queued),
            events=self._events(),
            escrow=Escrow(
                holding=contracts.money.balance_of(
                    contracts.demand_response.address, block_identifier=self._block
                ),
                escrowed=contracts.demand_response.escrowed(block_identifier=self._block),
            ),
            assets=others.assets(metered),
            shares=shares,
            spot=others.spot(),
            carbon=others.carbon(slots),
        )

    def _history(self, contract: Contract, event: str) -> list[EventLog]:
        return contract.history(event, to_block=self._block)

    def _settled(self, event: str) -> list[EventLog]:
        return self._history(self._contracts.settlement, event)

    def _holders(self) -> dict[int, str]:
        """All accounts by their numbers."""
        settlement = self._contracts.settlement
        numbers = range(1, settlement.account_count(block_identifier=self._block) + 1)
        addresses = settlement.call_many(
            "accountAt", ([number] for number in numbers), block_identifier=self._block
        )
        return dict(zip(numbers, addresses, strict=True))

    def _accounts(
        self, addresses: list[str], queued: Mapping[str, int], payers: Collection[str]
    ) -> tuple[AccountBook, ...]:
        deposited = _sums(self._settled("Deposited"), "account", "amount")
        withdrawn = _sums(self._settled("Withdrawn"), "account", "amount")
        repaid = _sums(self._settled("DebtRepaid"), "account", "amount")
        banked = self._contracts.energy_token.call_many(
            "balanceOf", zip(addresses), kind=int, block_identifier=self._block
        )
        wallets = self._contracts.money.call_many(
            "balanceOf", zip(addresses), kind=int, block_identifier=self._block
        )
        besides = self._wallets_besides(payers)
        columns = [
            self._contracts.settlement.call_many(
                function, ([address] for address in addresses), block_identifier=self._block
            )
            for function in ("balanceOf", "lockedOf", "debtOf")
        ]
        return tuple(
            AccountBook(
                address=address,
                available=available,
                locked=locked,
                debt=debt,
                banked=tokens,
                deposited=deposited[address],
                withdrawn=withdrawn[address] + queued.get(address, 0),
                debt_repaid=repaid[address],
                wallet=wallet,
                wallet_besides=besides[address],
            )
            for address, available, locked, debt, tokens, wallet in zip(
                addresses, *columns, banked, wallets, strict=True
            )
        )

    def _wallets_besides(self, payers: Collection[str]) -> Counter[str]:
        """What transfers of money left in each wallet, without those of some payers."""
        left: Counter[str] = Counter()
        for log in self._history(self._contracts.money, "Transfer"):
            if log["from"] not in payers:
                left[log["from"]] -= log["value"]
                left[log["to"]] += log["value"]
        return left

    def _metered(self) -> dict[SlotKey, tuple[int, int]]:
        """What readings add up to; a meter's account is followed through every change."""
        meters = self._contracts.meters
        logs = self._node.logs(meters.address, to_block=self._block)
        account: dict[str, str] = {}
        sums: dict[SlotKey, tuple[int, int]] = defaultdict(lambda: (0, 0))
        for log in meters.events(logs):
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
        energies = self._contracts.settlement.call_many(
            "energyOf", ordered, kind=SlotEnergy, block_identifier=self._block
        )
        return dict(zip(ordered, energies, strict=True))

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
            for log in self._settled("SlotClosed")
        }

    def _deliveries(self, holders: Mapping[int, str]) -> tuple[Delivery, ...]:
        return tuple(
            Delivery(
                seller=holders[log["seller"]],
                buyer=holders[log["buyer"]],
                slot=log["slot"],
                wh=log["amount"],
            )
            for log in self._settled("EnergyDelivered")
        )

    def _payments(self, holders: Mapping[int, str]) -> tuple[Payment, ...]:
        return tuple(
            Payment(
                seller=holders[log["seller"]],
                buyer=holders[log["buyer"]],
                paid=log["paid"],
                fees=log["protocol_fee"] + log["grid_fee"],
            )
            for log in self._settled("DeliveryPaid")
        )

    def _spot_payments(self) -> tuple[Payment, ...]:
        return tuple(
            Payment(
                seller=log["seller"],
                buyer=log["buyer"],
                paid=log["paid"],
                fees=log["protocol_fee"] + log["grid_fee"],
            )
            for log in self._settled("SpotPaid")
        )

    def _transactions(self) -> tuple[TransactionBook, ...]:
        trading = self._contracts.trading
        compensations = {
            log["transaction_id"]: log["compensation"]
            for log in self._history(trading, "TransactionSettled")
        }
        count = trading.transaction_count(block_identifier=self._block)
        return tuple(
            TransactionBook(
                id=number,
                seller=trade.seller,
                buyer=trade.buyer,
                amount=trade.amount,
                delivered=trade.delivered,
                price=trade.price,
                compensation=compensations.get(number),
            )
            for first in range(1, count + 1, _PAGE)
            for number, trade in enumerate(
                trading.get_transactions(first, _PAGE, block_identifier=self._block), first
            )
        )

    def _grid_purchases(self) -> tuple[GridPurchase, ...]:
        return tuple(
            GridPurchase(
                account=log["account"], slot=log["slot"], wh=log["amount"], cost=log["cost"]
            )
            for log in self._settled("GridEnergyBought")
        )

    def _slot_prices(self, slots: Iterable[int]) -> dict[int, int]:
        ordered = sorted(slots)
        prices = self._contracts.grid.call_many(
            "priceOf", zip(ordered), kind=int, block_identifier=self._block
        )
        return dict(zip(ordered, prices, strict=True))

    def _token(self, token: ERC20Permit) -> TokenBook:
        transfers = self._history(token, "Transfer")
        holders = sorted({log["to"] for log in transfers} - {_NOBODY})
        return TokenBook(
            supply=token.total_supply(block_identifier=self._block),
            minted=sum(log["value"] for log in transfers if log["from"] == _NOBODY),
            burned=sum(log["value"] for log in transfers if log["to"] == _NOBODY),
            balances=sum(
                token.call_many("balanceOf", zip(holders), kind=int, block_identifier=self._block)
            ),
        )

    def _events(self) -> tuple[EventBook, ...]:
        response, length = self._contracts.demand_response, self._contracts.settlement.slot_length()
        refunded = _sums(self._history(response, "BudgetRefunded"), "event_id", "amount")
        events = []
        for number in range(1, response.event_count(block_identifier=self._block) + 1):
            event = response.get_event(number, block_identifier=self._block)
            events.append(
                EventBook(
                    id=number,
                    operator=event.grid_operator,
                    slots=range(event.start_time // length, event.end_time // length),
                    slot_seconds=length,
                    target_kw=event.target_reduction_kw,
                    reward_per_kw=event.reward_per_kw,
                    budget=event.budget,
                    refunded=refunded[number],
                    rewards=self._rewards(event),
                )
            )
        return tuple(events)

    def _rewards(self, event: DemandResponseEvent) -> tuple[RewardBook, ...]:
        response = self._contracts.demand_response
        paid = _sums(_of(event, self._history(response, "RewardPaid")), "consumer", "amount")
        # Of several verifications of one household the last one counts.
        metered = {
            log["consumer"]: log["metered"]
            for log in _of(event, self._history(response, "ReductionVerified"))
        }
        return tuple(
            RewardBook(
                account=part.consumer,
                baseline_w=part.baseline_usage_w,
                actual_w=part.actual_usage_w,
                reduction_w=part.reduction_w,
                reward=part.reward_amount,
                paid=paid[part.consumer],
                metered=metered[part.consumer],
            )
            for offset in range(0, event.total_participants, _RECORDS)
            for part in response.get_event_participations(
                event.event_id, offset, _RECORDS, block_identifier=self._block
            )
        )

    def _queued(self) -> Counter[str]:
        """Money in withdrawals that wait, by account."""
        settlement, queued = self._contracts.settlement, Counter[str]()
        for number in range(1, settlement.withdrawal_count(block_identifier=self._block) + 1):
            try:
                waiting = settlement.queued_withdrawal(number, block_identifier=self._block)
            except Settlement_NoSuchWithdrawal:
                continue
            queued[waiting.account] += waiting.amount
        return queued

    def _treasury(self, queued: Counter[str]) -> Treasury:
        settlement = self._contracts.settlement
        owed = settlement.treasury_owed(block_identifier=self._block)
        return Treasury(
            holding=self._contracts.money.balance_of(
                settlement.address, block_identifier=self._block
            ),
            fees=owed.fees,
            grid_revenue=owed.grid_revenue,
            queued=queued.total(),
            collected=sum(
                log["fees"] + log["grid_revenue"] for log in self._settled("TreasuryCollected")
            ),
        )


def _of(event: DemandResponseEvent, logs: Iterable[EventLog]) -> list[EventLog]:
    return [log for log in logs if log["event_id"] == event.event_id]


def _sums(logs: Iterable[EventLog], key: str, amount: str) -> Counter[Any]:
    sums: Counter[Any] = Counter()
    for log in logs:
        sums[log[key]] += log[amount]
    return sums
