"""What the tests of the spot market share: a seller with energy credits and a buyer with money.

Amounts in Wh, money in base units, prices in money per kWh, times in Unix seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

from eth_account.signers.local import LocalAccount

from energy_grid.chain.contract import Contract
from energy_grid.chain.roles import Role
from energy_grid.contracts.errors import DecodedError
from energy_grid.domain.enums import OfferStatus, TradeStatus
from tests.support.market import Market, Receipt, actor
from tests.support.refusals import refused

__all__ = [
    "AMOUNT",
    "CREDITS",
    "FOREVER",
    "FUNDS",
    "PRICE",
    "Offer",
    "SpotTraders",
    "Trade",
    "fund",
    "give_credits",
    "open_spot_traders",
]

FOREVER = 2**256 - 1
AMOUNT = 2_000
PRICE = 250_000
CREDITS = 10_000_000
FUNDS = 1_000_000_000


class Offer(NamedTuple):
    """`IPeerToPeerTrading.EnergyOffer`."""

    seller: str
    amount: int
    remaining: int
    price: int
    created_at: int
    status: OfferStatus


class Trade(NamedTuple):
    """`IPeerToPeerTrading.Trade`."""

    seller: str
    buyer: str
    amount: int
    price: int
    created_at: int
    status: TradeStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class SpotTraders:
    """A seller (a producer with credits), a buyer (a consumer with money), a rival who is and
    has both, and an unregistered stranger. All but the stranger approve the spot market."""

    market: Market
    seller: LocalAccount
    buyer: LocalAccount
    rival: LocalAccount
    stranger: LocalAccount

    @property
    def spot(self) -> Contract:
        return self.market.spot

    def do(self, sender: str | LocalAccount, function: str, *arguments: Any) -> Receipt:
        """Call the spot market."""
        return self.market.do(sender, self.spot, function, *arguments)

    def offer(
        self, amount: int = AMOUNT, price: int = PRICE, *, seller: LocalAccount | None = None
    ) -> int:
        """Offer energy to everybody; the offer's number."""
        receipt = self.do(seller or self.seller, "createEnergyOffer", amount, price)
        return int(self.market.events(receipt, self.spot, "EnergyOfferCreated")[0]["offer_id"])

    def trade(
        self,
        amount: int = AMOUNT,
        price: int = PRICE,
        *,
        seller: LocalAccount | None = None,
        buyer: LocalAccount | None = None,
    ) -> int:
        """Offer energy to one buyer; the trade's number."""
        to = (buyer or self.buyer).address
        receipt = self.do(seller or self.seller, "createTrade", to, amount, price)
        return int(self.market.events(receipt, self.spot, "TradeCreated")[0]["trade_id"])

    def accept(
        self, offer: int, amount: int = AMOUNT, *, buyer: LocalAccount | None = None
    ) -> Receipt:
        """Buy of an offer."""
        return self.do(buyer or self.buyer, "acceptEnergyOffer", offer, amount)

    def complete(self, trade: int, *, buyer: LocalAccount | None = None) -> Receipt:
        """Buy what a trade holds."""
        return self.do(buyer or self.buyer, "completeTrade", trade)

    def set_fees(self, protocol_bps: int, grid_per_kwh: int) -> None:
        """The grid authority sets both fees."""
        self._authority(self.market.settlement, "setFees", protocol_bps, grid_per_kwh)

    def deactivate(self, account: LocalAccount, *, producer: bool) -> None:
        """The grid authority ends somebody's dealings as a producer or as a consumer."""
        self._authority(self.market.grid, "deactivateParticipant", account.address, producer)

    def reactivate(self, account: LocalAccount, *, producer: bool) -> None:
        """The grid authority undoes it."""
        self._authority(self.market.grid, "reactivateParticipant", account.address, producer)

    def _authority(self, contract: Contract, function: str, *arguments: Any) -> None:
        self.market.do(self.market.roles[Role.GRID_AUTHORITY], contract, function, *arguments)

    # What is read back

    def offered(self, number: int) -> Offer:
        return Offer(*self.spot.call("getEnergyOffer", number))

    def agreed(self, number: int) -> Trade:
        return Trade(*self.spot.call("getTradeInfo", number))

    def energy(self, account: LocalAccount) -> int:
        """Energy credits of an account."""
        return int(self.spot.call("getEnergyBalance", account.address))

    @property
    def held(self) -> int:
        """Energy credits that the spot market holds."""
        return int(self.market.energy_token.call("balanceOf", self.spot.address))

    def money(self, account: LocalAccount) -> int:
        """Money that an account can spend."""
        return self.market.balance(account)

    def logged(self, receipt: Receipt, event: str) -> list[dict[str, Any]]:
        """The values of all events of one name, of the spot market."""
        return [dict(log.arguments) for log in self.market.events(receipt, self.spot, event)]

    def emitted(self, receipt: Receipt) -> list[str]:
        """Names of all events that a transaction emitted, in order."""
        contracts = (self.spot, self.market.settlement, self.market.energy_token)
        logs = [log for contract in contracts for log in contract.events(receipt.logs)]
        assert len(logs) == len(receipt.logs)
        return [log.event for log in sorted(logs, key=lambda log: log.index)]

    @contextmanager
    def refuses(self, error: type[DecodedError], **values: Any) -> Iterator[None]:
        """What happens inside is refused with this error and these values, and offers, trades,
        energy and money stay as they were."""
        before = self.books()
        with refused(error, **values):
            yield
        assert self.books() == before

    def books(self) -> list[Any]:
        """All that the views tell of offers, trades, energy and money."""
        people = (self.seller, self.buyer, self.rival, self.stranger)
        accounts = [(person.address,) for person in people]
        offers = [(number,) for number in range(1, self.spot.call("offerCount") + 1)]
        trades = [(number,) for number in range(1, self.spot.call("tradeCount") + 1)]
        return [
            *(self.spot.call("stopLevel"), self.held),
            *(self.spot.call_many("getEnergyOffer", offers) if offers else ()),
            *(self.spot.call_many("getTradeInfo", trades) if trades else ()),
            self.spot.call_many("getEnergyBalance", accounts),
            self.market.settlement.call_many("balanceOf", accounts),
            self.market.settlement.call_many("debtOf", accounts),
            self.market.settlement.call_many("numberOf", accounts),
            self.market.settlement.call("treasuryOwed"),
        ]


def open_spot_traders(market: Market) -> SpotTraders:
    """Traders in a market; the seller has no account number yet, since it never had money."""
    seller, buyer, rival = (actor(role) for role in ("seller", "buyer", "rival"))
    for account in (seller, rival):
        market.do(account, market.grid, "registerProducer", 10_000, 0)
        give_credits(market, account, CREDITS)
    for account in (buyer, rival):
        market.do(account, market.grid, "registerConsumer", 10_000)
        fund(market, account, FUNDS)
    for account in (seller, buyer, rival):
        market.do(account, market.energy_token, "approve", market.spot.address, FOREVER)
    return SpotTraders(
        market=market, seller=seller, buyer=buyer, rival=rival, stranger=actor("stranger")
    )


def give_credits(market: Market, account: LocalAccount, wh: int) -> None:
    """Give an account energy credits, as the closing of a slot does."""
    market.do(market.settlement.address, market.energy_token, "mint", account.address, wh)


def fund(market: Market, account: LocalAccount, amount: int) -> None:
    """Put money into an account's balance, however much."""
    held = market.dollar.call("balanceOf", account.address)
    market.node.rpc("anvil_dealERC20", account.address, market.dollar.address, hex(held + amount))
    market.do(account, market.dollar, "approve", market.settlement.address, FOREVER)
    market.do(account, market.settlement, "deposit", amount)
