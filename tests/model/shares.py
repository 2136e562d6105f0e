"""Whose money it is that a divided asset earns, and when it is sold, to the unit as on chain.

The number of shares never changes while anybody can claim, so what an account is due is kept in
share-units: one share earns one of them for each unit of money. Only paying out divides, and
rounds down; the rest stays with the account. Money in base units, times in Unix seconds.
What may be asked for an asset, and by whom it may be stopped, is not looked at here.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from energy_grid.domain.enums import BuyoutStatus, State
from energy_grid.domain.units import natural
from energy_grid.errors import DomainError

__all__ = [
    "BUYOUT_PERIOD",
    "BuyoutOffer",
    "BuyoutRefusedError",
    "DividedAsset",
    "NothingDueError",
    "SharesRefusedError",
    "minimum_price",
]

BUYOUT_PERIOD = 7 * 86_400


class SharesRefusedError(DomainError):
    """Shares that are not there, not all there, or not free to move."""


class NothingDueError(DomainError):
    """Not a whole unit is due."""


class BuyoutRefusedError(DomainError):
    """The offer, or the asset, is not in the state that this needs."""


@dataclass(slots=True)
class BuyoutOffer:
    """A price for each of all shares, paid in."""

    bidder: str
    price_per_share: int
    ends_at: int
    accepted: int = 0
    status: BuyoutStatus = BuyoutStatus.OPEN


@dataclass(slots=True)
class _Account:
    """``points`` are share-units up to ``seen``, a total of revenue."""

    shares: int = 0
    points: int = 0
    seen: int = 0
    paid: int = 0
    acceptance: tuple[int, int] = (0, 0)


def minimum_price(book_value: int, shares: int) -> int:
    """The least price per share: all of them together bring in the book value."""
    return -(-natural("book value", book_value) // shares)


@dataclass(slots=True)
class DividedAsset:
    """The shares of one asset, all of them the first owner's to begin with."""

    count: int
    owner: str
    state: State = State.HELD
    total: int = 0
    offers: list[BuyoutOffer] = field(default_factory=list)
    refunds: dict[str, int] = field(default_factory=dict)
    _accounts: dict[str, _Account] = field(default_factory=dict)
    _redeemer: str = ""

    def __post_init__(self) -> None:
        self._of(self.owner).shares = natural("shares", self.count)

    @property
    def paid(self) -> int:
        """Money paid to holders."""
        return sum(account.paid for account in self._accounts.values())

    @property
    def holdings(self) -> int:
        """Money that is there: revenue not paid yet, open offers and refunds."""
        offered = sum(
            self._price(offer) for offer in self.offers if offer.status is BuyoutStatus.OPEN
        )
        return self.total - self.paid + offered + sum(self.refunds.values())

    @property
    def points(self) -> int:
        """Share-units of all accounts: always the number of shares times the revenue."""
        return sum(self._points(name) for name in self._accounts)

    def shares_of(self, name: str) -> int:
        """Shares that an account holds."""
        return self._of(name).shares

    def claimable(self, name: str) -> int:
        """What an account would be paid now."""
        return self._points(name) // self.count - self._of(name).paid

    def acceptance_of(self, name: str, now: int) -> tuple[int, int]:
        """The running offer that an account has accepted, and with how many shares; or 0, 0."""
        number, shares = self._of(name).acceptance
        holds = self.state is State.HELD and number and now < self._offer(number).ends_at
        return (number, shares) if holds else (0, 0)

    # Money and shares

    def receive(self, amount: int) -> None:
        """Revenue, of those who hold shares now."""
        self.total += natural("revenue", amount)

    def claim(self, name: str) -> int:
        """Pay an account; what it gets.

        Raises:
            NothingDueError: not a whole unit.
        """
        amount = self.claimable(name)
        if amount == 0:
            raise NothingDueError(f"nothing is due to {name}")
        self._of(name).paid += amount
        return amount

    def move(self, sender: str, to: str, shares: int, now: int) -> None:
        """Move shares; what came in until now stays the sender's.

        Raises:
            SharesRefusedError: more than the sender has, or has free.
        """
        free = self.shares_of(sender) - self.acceptance_of(sender, now)[1]
        if natural("shares", shares) > free:
            raise SharesRefusedError(f"{sender} can move {free} shares, not {shares}")
        for name in (sender, to):
            self._settle(name)
        self._of(sender).shares -= shares
        self._of(to).shares += shares

    def redeem(self, name: str, now: int) -> None:
        """Take the asset out; from now on all revenue is the redeemer's.

        Raises:
            BuyoutRefusedError: sold, as good as sold, or redeemed.
            SharesRefusedError: not all shares.
        """
        self._require_unsold(now)
        if self.shares_of(name) != self.count:
            raise SharesRefusedError(f"{name} does not have all shares")
        self._settle(name)
        self._of(name).shares = 0
        self.state, self._redeemer = State.REDEEMED, name

    # Buyouts

    def offer(self, bidder: str, price_per_share: int, now: int) -> int:
        """Open an offer, whose money is paid in; its number, from 1.

        Raises:
            BuyoutRefusedError: sold, as good as sold, or redeemed.
        """
        self._require_unsold(now)
        price = natural("price", price_per_share)
        self.offers.append(BuyoutOffer(bidder, price, now + BUYOUT_PERIOD))
        return len(self.offers)

    def accept(self, name: str, number: int, now: int) -> None:
        """Accept a running offer with all shares that an account has.

        Raises:
            BuyoutRefusedError: the offer does not run, or the account has accepted one.
            SharesRefusedError: it has none.
        """
        self._require_unsold(now)
        offer = self._running(number, now)
        if self.acceptance_of(name, now)[0]:
            raise BuyoutRefusedError(f"{name} has accepted an offer")
        shares = self.shares_of(name)
        if shares == 0:
            raise SharesRefusedError(f"{name} has no shares")
        self._of(name).acceptance = (number, shares)
        offer.accepted += shares

    def retract(self, name: str, number: int, now: int) -> None:
        """Take an acceptance back.

        Raises:
            BuyoutRefusedError: the offer does not run, or was not accepted.
        """
        if self.state is not State.HELD:
            raise BuyoutRefusedError("the asset is not held")
        offer = self._running(number, now)
        accepted, shares = self._of(name).acceptance
        if accepted != number:
            raise BuyoutRefusedError(f"{name} has not accepted offer {number}")
        self._of(name).acceptance = (0, 0)
        offer.accepted -= shares

    def conclude(self, number: int, now: int) -> bool:
        """End an offer: whether the asset is sold; if not, the money is to be paid back.

        Raises:
            BuyoutRefusedError: it runs, or is concluded.
        """
        offer = self._offer(number)
        if offer.status is not BuyoutStatus.OPEN:
            raise BuyoutRefusedError(f"offer {number} is concluded")
        held = self.state is State.HELD
        if held and now < offer.ends_at:
            raise BuyoutRefusedError(f"offer {number} runs until {offer.ends_at}")
        sold = held and self._is_accepted(offer)
        offer.status = BuyoutStatus.SOLD if sold else BuyoutStatus.FAILED
        if sold:
            self.state = State.SOLD
            self.receive(self._price(offer))
        else:
            before = self.refunds.get(offer.bidder, 0)
            self.refunds[offer.bidder] = before + self._price(offer)
        return sold

    def withdraw_refund(self, bidder: str) -> int:
        """Pay back the failed offers of a bidder; how much.

        Raises:
            NothingDueError: there are none.
        """
        amount = self.refunds.pop(bidder, 0)
        if amount == 0:
            raise NothingDueError(f"nothing is to be paid back to {bidder}")
        return amount

    def _of(self, name: str) -> _Account:
        return self._accounts.setdefault(name, _Account())

    def _points(self, name: str) -> int:
        account = self._of(name)
        redeemed = self.state is State.REDEEMED and name == self._redeemer
        shares = self.count if redeemed else account.shares
        return account.points + shares * (self.total - account.seen)

    def _settle(self, name: str) -> None:
        account = self._of(name)
        account.points, account.seen = self._points(name), self.total

    def _price(self, offer: BuyoutOffer) -> int:
        return offer.price_per_share * self.count

    def _is_accepted(self, offer: BuyoutOffer) -> bool:
        return 3 * offer.accepted >= 2 * self.count

    def _offer(self, number: int) -> BuyoutOffer:
        if not 1 <= number <= len(self.offers):
            raise BuyoutRefusedError(f"there is no offer {number}")
        return self.offers[number - 1]

    def _running(self, number: int, now: int) -> BuyoutOffer:
        offer = self._offer(number)
        if now >= offer.ends_at:
            raise BuyoutRefusedError(f"offer {number} is over")
        return offer

    def _require_unsold(self, now: int) -> None:
        if self.state is not State.HELD:
            raise BuyoutRefusedError("the asset is not held")
        for number, offer in enumerate(self.offers, 1):
            over = offer.status is BuyoutStatus.OPEN and offer.ends_at <= now
            if over and self._is_accepted(offer):
                raise BuyoutRefusedError(f"offer {number} was accepted and is to be concluded")
