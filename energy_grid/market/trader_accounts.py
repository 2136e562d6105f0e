"""What Settlement checks of an account before it books a trade, read from the chain.

A trade takes free money that neither a debt nor the account's open days may need. So the check is
`Settlement.book`'s, done before anything is sent. Money is exact: thousandths of a money unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from energy_grid.chain.rpc.node import BlockId
from energy_grid.contracts.energy_accounts import EnergyAccounts
from energy_grid.contracts.settlement import AccountOf, Settlement
from energy_grid.contracts.tariffs import Limits, Tariffs, TermsOf
from energy_grid.domain.account_words import AccountState, account_state, owed
from energy_grid.domain.batch import Refusal
from energy_grid.domain.costs import EXACT
from energy_grid.domain.periods import DAY_SECONDS, Period
from energy_grid.domain.trading_words import TradingState, fees_of, trading_state
from energy_grid.market.balances import Balances, TradeTerms

__all__ = ["TraderAccount", "TraderAccounts"]

_HOME_REGION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TraderAccount:
    """An account as Settlement sees it in a block.

    Attributes:
        number: 0 if the address has no account.
        money, energy: what Settlement and the energy accounts know of it.
        debt: what it owes the grid account.
        held: its debt, and what late registers have charged and open days may cost.
        limits: what the emergency protocol of its region closes.
    """

    number: int
    money: AccountState
    energy: TradingState
    debt: int
    held: int
    limits: Limits

    @property
    def spare(self) -> int:
        """What trades can take; below 0 not even a trade that takes nothing is booked."""
        return self.money.free - self.held

    @property
    def region(self) -> int:
        """The number of its meter's region; the home region without a meter."""
        return _region(self.energy)

    @property
    def available(self) -> int:
        """`spare` in money units, as people read it."""
        return max(self.spare, 0) // EXACT

    def refusal(self, *, buying: bool, start: int | None) -> Refusal:
        """Why no trade of a side can be booked, whatever it takes; NONE if one can.

        Args:
            start: of the delivery period, Unix seconds; None leaves out the region's protocol.
        """
        if not (self.money.may_buy if buying else self.money.may_sell):
            return Refusal.SIDE_BLOCKED
        if buying and self.debt:
            return Refusal.IN_DEBT
        if self.energy.gap_open:
            return Refusal.GAP_OPEN
        limits = self.limits
        is_closed = limits.buying_closed if buying else limits.selling_closed
        is_within = start is not None and start < limits.until
        return Refusal.REGION_CLOSED if is_closed and is_within else Refusal.NONE


class TraderAccounts:
    """The accounts of a market."""

    def __init__(self, settlement: Settlement) -> None:
        self._settlement = settlement
        self._energy = EnergyAccounts(settlement.node, settlement.energy())
        self._tariffs = Tariffs(settlement.node, settlement.tariffs())
        self.slot_length = settlement.slot_length()

    def read(
        self, traders: Iterable[str], *, block: BlockId = "latest"
    ) -> dict[str, TraderAccount]:
        """The accounts of these addresses."""
        names = sorted(set(traders))
        found = self._settlement.call_many(
            "accountOf", zip(names), kind=AccountOf, block_identifier=block
        )
        words = self._energy.call_many(
            "stateOf", ((each.number,) for each in found), kind=int, block_identifier=block
        )
        states = [trading_state(word) for word in words]
        today = int(self._settlement.node.block(block)["timestamp"], 16) // DAY_SECONDS
        terms = self._terms(((_region(state), today, today) for state in states), block)
        regions = sorted({_region(state) for state in states})
        closed = self._tariffs.call_many(
            "limitsOf", zip(regions), kind=Limits, block_identifier=block
        )
        limits = dict(zip(regions, closed, strict=True))
        accounts = {}
        for name, account, state in zip(names, found, states, strict=True):
            known, debt = account_state(account.word), owed(account.owed).debt
            dearest = terms[_region(state), today, today].dearest
            accounts[name] = TraderAccount(
                number=account.number,
                money=known,
                energy=state,
                debt=debt,
                held=debt
                + state.pending
                + self._open_days(known, state, today) * known.deemed * dearest,
                limits=limits[_region(state)],
            )
        return accounts

    def balances(
        self,
        accounts: Mapping[str, TraderAccount],
        periods: Iterable[Period],
        *,
        block: BlockId = "latest",
    ) -> dict[Period, Balances]:
        """What these accounts can spend on trades of each of some periods."""
        regions = {name: _region(each.energy) for name, each in accounts.items()}
        days = {
            each: (each.start // DAY_SECONDS, (each.end - 1) // DAY_SECONDS) for each in periods
        }
        wanted = ((region, *of_it) for of_it in days.values() for region in regions.values())
        terms = self._terms(wanted, block)
        spare = {name: each.spare for name, each in accounts.items()}
        return {
            period: Balances(
                spare=spare,
                terms={name: terms[region, *of_it] for name, region in regions.items()},
            )
            for period, of_it in days.items()
        }

    def _terms(
        self, wanted: Iterable[tuple[int, int, int]], block: BlockId
    ) -> dict[tuple[int, int, int], TradeTerms]:
        """The terms of trades by region, first and last day."""
        keys = sorted({*wanted})
        found = self._tariffs.call_many("termsOf", keys, kind=TermsOf, block_identifier=block)
        return {
            key: TradeTerms(fees=fees_of(each.first), dearest=each.max_buy)
            for key, each in zip(keys, found, strict=True)
        }

    def _open_days(self, account: AccountState, state: TradingState, today: int) -> int:
        """Days that are not closed, today included, and for which a meter speaks."""
        return max(min(today + 1, state.end_day) - max(account.day, state.first_day), 0)


def _region(state: TradingState) -> int:
    return state.region or _HOME_REGION
