"""A divided asset: its shares, who holds them, and the money that moves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from eth_account.signers.local import LocalAccount

from energy_grid.chain.contract import Contract, EventLog
from tests.support.market import Market, Receipt, TestedContract, actor

__all__ = [
    "ASSET",
    "BOOK_VALUE",
    "BUYOUT_PERIOD",
    "OWNER",
    "PRICE",
    "SHARES",
    "Division",
    "clone_of",
    "divide",
]

ASSET = 7
SHARES = 300
BOOK_VALUE = 29_999
# The least price: a share of the book value, rounded up.
PRICE = 100
BUYOUT_PERIOD = 7 * 86_400
OWNER = actor("owner")
_PAYER = actor("who pays for energy")


@dataclass
class Division:
    """The shares of one asset."""

    market: Market
    registry: Contract
    implementation: Contract
    dollar: Contract
    contract: Contract

    @property
    def address(self) -> str:
        return self.contract.address

    def do(self, sender: str | LocalAccount, function: str, *arguments: object) -> Receipt:
        return self.market.do(sender, self.contract, function, *arguments)

    def at(self, second: int) -> Division:
        """What is done next happens at exactly this second."""
        self.market.at(second)
        return self

    def call(self, function: str, *arguments: object) -> object:
        return self.contract.call(function, *arguments)

    def number(self, function: str, *arguments: object) -> int:
        return int(self.contract.call(function, *arguments))

    def event(self, receipt: Receipt, name: str) -> dict[str, object]:
        """What the only event of this name in a transaction says."""
        (event,) = self.events(receipt, name)
        return dict(event.arguments)

    def events(self, receipt: Receipt, name: str) -> list[EventLog]:
        return self.market.events(receipt, self.contract, name)

    # Money

    def wallet(self, account: LocalAccount | str) -> int:
        address = account if isinstance(account, str) else account.address
        return int(self.dollar.call("balanceOf", address))

    @property
    def holdings(self) -> int:
        return self.wallet(self.address)

    def fund(self, account: LocalAccount | str, amount: int) -> None:
        """The account has exactly this much, and the shares may take it."""
        address = account if isinstance(account, str) else account.address
        self.market.node.rpc("anvil_dealERC20", address, self.dollar.address, hex(amount))
        self.market.do(address, self.dollar, "approve", self.address, 2**256 - 1)

    def send(self, amount: int) -> None:
        """Somebody pays the shares, as one pays anybody."""
        self.fund(_PAYER, amount)
        self.market.do(_PAYER, self.dollar, "transfer", self.address, amount)

    def earn(self, amount: int) -> None:
        """Money is sent here and noticed."""
        self.send(amount)
        self.do(_PAYER, "recordRevenue")

    # Holders

    def held(self, account: LocalAccount) -> int:
        return self.number("balanceOf", account.address)

    def give(self, sender: LocalAccount, to: LocalAccount | str, shares: int) -> Receipt:
        address = to if isinstance(to, str) else to.address
        return self.do(sender, "transfer", address, shares)

    def share_out(self, *parts: tuple[LocalAccount, int]) -> None:
        """The owner gives shares to others."""
        for account, shares in parts:
            self.give(OWNER, account, shares)

    def claim(self, account: LocalAccount) -> int:
        """What an account is paid, by somebody else's call."""
        before = self.wallet(account)
        self.do(_PAYER, "claimRevenue", account.address)
        return self.wallet(account) - before

    def claimable(self, account: LocalAccount) -> int:
        return self.number("claimableOf", account.address)

    # Buyouts

    def offer(self, bidder: LocalAccount, price: int = PRICE) -> int:
        """Offer a price per share, with just that money; the offer's number."""
        self.fund(bidder, price * self.number("shareCount"))
        receipt = self.do(bidder, "offerBuyout", price)
        return int(self.event(receipt, "BuyoutOffered")["id"])  # type: ignore[call-overload]

    def ends_at(self, offer: int) -> int:
        return int(self.contract.call("buyout", offer)[2])

    def accepted(self, offer: int) -> int:
        return int(self.contract.call("buyout", offer)[3])

    def status(self, offer: int) -> int:
        return int(self.contract.call("buyout", offer)[4])

    def sell(self, bidder: LocalAccount, price: int = PRICE) -> int:
        """An offer that the owner, who holds enough, accepts in time, concluded."""
        offer = self.offer(bidder, price)
        self.do(OWNER, "acceptBuyout", offer)
        self.at(self.ends_at(offer)).do(bidder, "concludeBuyout", offer)
        return offer

    # The assets' contract

    def set_stop_level(self, level: int) -> None:
        self.market.do(_PAYER, self.registry, "setStopLevel", level)

    def set_book_value(self, amount: int) -> None:
        self.market.do(_PAYER, self.registry, "setBookValue", amount)

    @property
    def asset_owner(self) -> str:
        return str(self.registry.call("ownerOf", ASSET))


def clone_of(market: Market, registry: Contract, implementation: Contract) -> Contract:
    """Shares that have not begun."""
    receipt = market.do(OWNER, registry, "clone", implementation.address)
    (event,) = market.events(receipt, registry, "Cloned")
    contract = TestedContract(market.node, event["shares"], "AssetShares")
    market.coverage.watch("AssetShares", contract.address)
    return contract


def divide(market: Market, *token: Any) -> Division:
    """An asset of the owner, divided into `SHARES`, whose money is a token of this kind."""
    dollar = market.deploy(*(token or ("TestDollar", "0x" + 40 * "0")))
    registry = market.deploy("AssetRegistryDouble")
    implementation = market.deploy("AssetShares", registry.address, dollar.address)
    contract = clone_of(market, registry, implementation)
    named = (OWNER.address, "Roof of the school", "ROOF")
    market.do(OWNER, registry, "begin", contract.address, ASSET, SHARES, *named)
    division = Division(market, registry, implementation, dollar, contract)
    division.set_book_value(BOOK_VALUE)
    return division
