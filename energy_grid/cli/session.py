"""The context of a command: the market, the format of its amounts, and the acting account.

Modules that use a chain are slow to import, and help and input errors do not need them: they are
imported where they are used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from energy_grid.cli.times import format_time
from energy_grid.domain.units import parse_money, parse_price
from energy_grid.errors import ChainError, ContractError, EnergyGridError, InputError
from energy_grid.market.figures import Figures

if TYPE_CHECKING:
    from energy_grid.chain.contract import Call, Contract, EventLog
    from energy_grid.chain.tx.receipts import Receipt
    from energy_grid.cli.accounts import Signers
    from energy_grid.client import Account, Actor, EnergyGrid
    from energy_grid.market.plan import Plan, Step

__all__ = [
    "NOT_THE_SAFE",
    "Planned",
    "Session",
    "View",
    "approved",
    "event_of",
    "events_of",
    "every",
    "newest",
]

Record = TypeVar("Record")
Result = TypeVar("Result")
_PAGE = 100
NOT_THE_SAFE = "the Safe has no key and cannot do this: name an account with --account"


class View(Figures):
    """A market that a command reads."""

    market: EnergyGrid

    def parse_money(self, text: str) -> int:
        """Base units of an amount in whole coins.

        Raises:
            InputError: malformed, or finer than the token.
        """
        return parse_money(text, self.coin[0])

    def parse_tokens(self, text: str) -> int:
        """Smallest units of the settlement token, as wallets, shares and rewards count it.

        Raises:
            InputError: malformed, or finer than the token.
        """
        return parse_money(text, self._token[0])

    def parse_price(self, text: str) -> int:
        """Base units per kWh of a price in whole coins.

        Raises:
            InputError: malformed, or finer than the token.
        """
        return parse_price(text, self.coin[0])

    def time(self, timestamp: int) -> str:
        """In UTC, or in the zone that ENERGY_GRID_TZ names."""
        return format_time(timestamp)

    def parse_votes(self, text: str) -> int:
        """Base units of an amount of governance tokens.

        Raises:
            InputError: malformed, or finer than the token.
        """
        return parse_money(text, self._vote[0])

    def address_of(self, word: str) -> str:
        """The address that the user typed.

        Raises:
            InputError: malformed.
        """
        from energy_grid.cli.accounts import address_of

        return address_of(word, self.market.node.chain_id)


@dataclass(frozen=True, slots=True)
class Planned(Generic[Result]):
    """The plan of a command, and the message that it prints afterwards.

    Attributes:
        message: makes the message after execution; it may read the chain.
        explain: gives a better error for a contract error, or None.
    """

    plan: Plan[Result]
    message: Callable[[Result], str]
    explain: Callable[[ContractError], EnergyGridError | None] = lambda _: None


class Session(View):
    """A market, and the account that acts in it.

    Attributes:
        who: an account, the Safe with owners, or an address whose key is elsewhere.
        signers: the same, as the user typed it.
    """

    def __init__(self, market: EnergyGrid, who: Actor | str, signers: Signers) -> None:
        super().__init__(market)
        self.who = who
        self.signers = signers

    @property
    def address(self) -> str:
        """The sender that contracts see."""
        return self.who if isinstance(self.who, str) else self.who.address

    @property
    def can_sign(self) -> bool:
        """Whether the key of the account is here; never for the Safe or for an address alone."""
        signers = self.signers
        return not (signers.safe or signers.vote or signers.word.lower() == self.address.lower())

    def key(self) -> Account:
        """The key of the account; asks for its password at the first use.

        Raises:
            InputError: the Safe acts, or the key is elsewhere.
        """
        from energy_grid.cli.accounts import account_of
        from energy_grid.client import Account

        self.refuse_safe()
        return self.who if isinstance(self.who, Account) else account_of(self.signers.word)

    def refuse_safe(self) -> None:
        """Accept an account only.

        Raises:
            InputError: the Safe acts.
        """
        if self.signers.safe:
            raise InputError(NOT_THE_SAFE)

    def plan(
        self,
        calls: Call | Iterable[Call | Step],
        message: Callable[[list[Receipt]], str],
        **details: Any,
    ) -> Planned[list[Receipt]]:
        """A command that makes these calls."""
        from energy_grid.chain.contract import Call

        steps = [calls] if isinstance(calls, Call) else list(calls)
        return Planned(self.market.plan(self.who, *steps), message, **details)

    def recipient(self, word: str | None) -> str:
        """The address that the user typed, by default the acting one."""
        return self.address if word is None else self.address_of(word)


def event_of(contract: Contract, receipts: Iterable[Receipt], name: str) -> EventLog:
    """The first event of this name that the transactions have emitted.

    Raises:
        ChainError: the node gives none.
    """
    found = events_of(contract, receipts, name)
    if not found:
        raise ChainError(f"the receipt has no event {name}")
    return found[0]


def events_of(contract: Contract, receipts: Iterable[Receipt], name: str) -> list[EventLog]:
    """The events of this name that the transactions have emitted."""
    return contract.events([log for receipt in receipts for log in receipt.logs], name)


def every(page: Callable[[int, int], list[Record]]) -> list[Record]:
    """All records of a view that takes an offset and a limit."""
    found: list[Record] = []
    while True:
        more = page(len(found), _PAGE)
        found += more
        if len(more) < _PAGE:
            return found


def approved(plan: Plan[Any], amount: str) -> str:
    """The amount that was approved for a call, after a semicolon, if it needs an approval."""
    return f"; approved exactly {amount} for it" if len(plan.steps) > 1 else ""


def newest(count: int, limit: int) -> range:
    """The newest of the numbers from 1 to ``count``, newest first."""
    return range(count, max(count - limit, 0), -1)
