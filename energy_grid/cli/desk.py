"""What a command works with: the market, the words for its amounts, and who sends.

What speaks to a chain takes a moment to import, and help and refusals need not wait for it: it is
imported where it is used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Protocol, TypeVar

from energy_grid.cli.hints import role_of
from energy_grid.domain.units import (
    format_money,
    format_price,
    format_time,
    format_wh,
    parse_money,
    parse_price,
)
from energy_grid.errors import EnergyGridError, InputError

if TYPE_CHECKING:
    from energy_grid.chain.contract import Call, Contract, EventLog
    from energy_grid.chain.tx.receipts import Receipt
    from energy_grid.client import Account, Actor, EnergyGrid
    from energy_grid.contracts.erc20_permit import ERC20Permit

__all__ = ["NOT_THE_SAFE", "Acting", "Desk", "View", "event_of", "every", "newest", "short"]

Record = TypeVar("Record")
_PAGE = 100
NOT_THE_SAFE = "the Safe cannot do this: name an account of somebody"


class View:
    """A market that is looked at."""

    def __init__(self, market: EnergyGrid) -> None:
        self.market = market

    @cached_property
    def coin(self) -> tuple[int, str]:
        """Decimals and symbol of the settlement token."""
        return self.market.money.decimals(), self.market.money.symbol()

    @cached_property
    def _vote(self) -> tuple[int, str]:
        return self.market.votes.decimals(), self.market.votes.symbol()

    def parse_money(self, text: str) -> int:
        """Base units of an amount in whole coins.

        Raises:
            InputError: it is none, or too fine for the token.
        """
        return parse_money(text, self.coin[0])

    def parse_price(self, text: str) -> int:
        """Base units per kWh of a price in whole coins.

        Raises:
            InputError: it is none, or too fine for the token.
        """
        return parse_price(text, self.coin[0])

    def money(self, amount: int) -> str:
        """``"2.5 tUSD"``."""
        return format_money(amount, *self.coin)

    def price(self, amount: int) -> str:
        """``"0.25 tUSD/kWh"``."""
        return format_price(amount, *self.coin)

    def rate(self, amount: int) -> str:
        """``"0.25 tUSD/kW"``."""
        return f"{self.money(amount)}/kW"

    def votes(self, amount: int) -> str:
        """``"250000 GGT"``, of base units of the governance token."""
        return format_money(amount, *self._vote)

    def parse_votes(self, text: str) -> int:
        """Base units of an amount of governance tokens.

        Raises:
            InputError: it is none, or too fine.
        """
        return parse_money(text, self._vote[0])

    def contract_at(self, address: str) -> str | None:
        """The name of the market's contract at an address."""
        if address == self.market.money.address:
            return self.market.money.name
        if self.market.safe is not None and address == self.market.safe.address:
            return self.market.safe.name
        contracts = self.market.deployment.contracts
        return next((name for name, one in contracts.items() if one.address == address), None)

    def named(self, address: str) -> str:
        """An address, with what it is if that is known: ``"0x… (the Safe)"``."""
        if address == self.market.timelock.address:
            return f"{address} (governance)"
        if self.market.safe is not None and address == self.market.safe.address:
            return f"{address} (the Safe)"
        return address

    def address(self, word: str) -> str:
        """The address that somebody typed.

        Raises:
            InputError: it is none.
        """
        from energy_grid.cli.accounts import address_of

        return address_of(word, self.market.node.chain_id)


class Acting(Protocol):
    """Somebody who acts."""

    @property
    def address(self) -> str:
        """In whose name contracts are called."""


class Desk(View):
    """A market, and an account or the Safe that acts in it.

    Attributes:
        actor: who acts.
        receipts: of what was sent, in order.
        dry: whether nothing may be changed, neither on the chain nor in files.
    """

    dry: ClassVar[bool] = False

    def __init__(self, market: EnergyGrid, actor: Actor) -> None:
        super().__init__(market)
        self.actor: Acting = actor
        self._signer = actor
        self.receipts: list[Receipt] = []

    def key(self) -> Account:
        """Who acts, where it must be an account.

        Raises:
            InputError: it is the Safe, which has no key.
        """
        from energy_grid.client import Account

        if not isinstance(self._signer, Account):
            raise InputError(NOT_THE_SAFE)
        return self._signer

    def has_key(self) -> bool:
        """Whether it is an account that acts, and its key is here to sign with."""
        from energy_grid.client import Account

        return isinstance(self._signer, Account)

    def refuse_safe(self) -> None:
        """Pass if it is an account that acts.

        Raises:
            InputError: it is the Safe.
        """
        self.key()

    def send(self, call: Call) -> Receipt:
        """Carry out a call.

        Raises:
            ContractError: the contract refuses.
            EnergyGridError: it is for a role that the account does not have.
        """
        with self.explained(call):
            receipt = self.market.send(self._signer, call)
        self.receipts.append(receipt)
        return receipt

    def send_together(self, calls: Sequence[Call]) -> None:
        """Carry out several calls: of the Safe all or none, with the signatures of one.

        Raises:
            as `send`.
        """
        from energy_grid.client import Multisig

        if isinstance(self._signer, Multisig) and len(calls) > 1:
            self.send(self._signer.batch(calls))
            return
        for call in calls:
            self.send(call)

    @contextmanager
    def explained(self, call: Call) -> Iterator[None]:
        """Tell what is missing where the refusal itself does not."""
        from energy_grid.contracts import errors

        try:
            yield
        except errors.AccessManagedUnauthorized:
            whose = role_of(self, call)
            if whose is None:
                raise
            who = short(self.actor.address)
            raise EnergyGridError(f"{who} may not do this: {whose}") from None

    def pay(self, call: Call, amount: int) -> tuple[Receipt, str]:
        """Carry out a call that takes money out of the account's allowance.

        What was approved for it is told in words behind a semicolon.
        Raises:
            DomainError: the account has less; nothing was approved.
            and as `send`.
        """
        return self._spend(call, amount, self.market.money, self.money(amount))

    def bank(self, call: Call, wh: int) -> tuple[Receipt, str]:
        """As `pay`, of a call that takes banked energy."""
        return self._spend(call, wh, self.market.energy_token, format_wh(wh))

    def _spend(self, call: Call, amount: int, token: ERC20Permit, told: str) -> tuple[Receipt, str]:
        approved = self.market.approve_for(self._signer, call, amount, token)
        if approved is None:
            return self.send(call), ""
        self.receipts.append(approved)
        return self.send(call), f"; approved exactly {told} for it"

    def go_to(self, timestamp: int) -> None:
        """Set the clock of a local chain forward to a time, unless it is past.

        Raises:
            InputError: this is no local chain, and its time is nobody's to set.
        """
        from energy_grid.chain.accounts import LOCAL_CHAINS
        from energy_grid.chain.rpc.node import DevNode

        node = self.market.node
        if self._is_past(timestamp):
            return
        if node.chain_id not in LOCAL_CHAINS:
            raise InputError(
                f"--wait sets the clock of a local chain, and this is chain {node.chain_id}: come"
                f" back at {format_time(timestamp)}"
            )
        with DevNode(node.url) as clock:
            clock.set_time(timestamp)

    def _is_past(self, timestamp: int) -> bool:
        return int(self.market.node.block("pending")["timestamp"], 16) >= timestamp

    def recipient(self, word: str | None) -> str:
        """Who is to be paid: somebody, or the account itself."""
        return self.actor.address if word is None else self.address(word)

    def sent(self) -> str:
        """The transactions that were sent, in short: ``"transaction 0x1234abcd…"``."""
        hashes = [f"{receipt.transaction[:10]}…" for receipt in self.receipts]
        return f"transaction{'s' if len(hashes) > 1 else ''} {', '.join(hashes)}"


def event_of(contract: Contract, receipt: Receipt, name: str) -> EventLog:
    """The event of this name that a transaction certainly has.

    Raises:
        EnergyGridError: it has none.
    """
    found = contract.events(receipt.logs, name)
    if not found:
        raise EnergyGridError(f"{receipt.transaction} tells nothing of {name}")
    return found[0]


def every(page: Callable[[int, int], list[Record]]) -> list[Record]:
    """All records of what is read by offset and limit."""
    found: list[Record] = []
    while True:
        more = page(len(found), _PAGE)
        found += more
        if len(more) < _PAGE:
            return found


def newest(count: int, limit: int) -> range:
    """The numbers of the newest of so many things numbered from 1, newest first."""
    return range(count, max(count - limit, 0), -1)


def short(address: str) -> str:
    """``"0xf39F…2266"``."""
    return f"{address[:6]}…{address[-4:]}"
