"""A small neighbourhood with everything under way at once.

Energy in Wh, money in base units, prices per kWh, times in Unix seconds. All business is about the
two hours from `START` on; an asset is for sale for the week after.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from eth_account.signers.local import LocalAccount

from energy_grid.chain.contract import Call, Contract
from energy_grid.chain.roles import Role
from energy_grid.domain.demand_response import EventStatus
from energy_grid.domain.periods import PeriodKind
from tests.support.market import MONDAY, Market, Receipt, actor
from tests.support.settlement import limit_outflow, queue
from tests.unit.contracts.assets.operations import divide, mint
from tests.unit.contracts.demand_response.scheme import Scheme, open_scheme
from tests.unit.contracts.spot.traders import give_credits

__all__ = [
    "BIDDER",
    "BUYER",
    "DEBTOR",
    "HOLDER",
    "HOUR",
    "KEEPER",
    "MONEY",
    "NEIGHBOUR",
    "OWNER",
    "RECIPIENT",
    "RIVAL",
    "SAVER",
    "SELLER",
    "SLOTS",
    "STAGES",
    "START",
    "WEEK",
    "Neighbourhood",
    "Outcome",
    "open_town",
]

HOUR = 3600
WEEK = 7 * 86_400
START = MONDAY + HOUR
SLOTS = (START // HOUR, START // HOUR + 1)
FOREVER = 2**256 - 1
# More than anybody needs.
MONEY = 50_000_000
DEPOSIT = 5_000_000
SHARES, REVENUE, PRICE = 100, 1010, 400
ASSET_VALUE = 30_000
# What may leave at once in a day: some of what is withdrawn has to wait.
OUTFLOW = 3_000_000

BUYER, SELLER, DEBTOR, SAVER, NEIGHBOUR, OWNER, HOLDER, BIDDER, RIVAL, PAYER, RECIPIENT = map(
    actor,
    (
        *("buyer", "seller", "debtor", "saver", "neighbour", "owner", "holder", "bidder"),
        *("rival bidder", "who pays for energy", "recipient"),
    ),
)
KEEPER = actor("keeper")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What everybody has in the end: money in wallets, energy credits and credits, by name; and
    whose the asset is."""

    money: dict[str, int]
    energy: dict[str, int]
    credits: dict[str, int]
    asset: str


@dataclass
class RecordedMarket(Market):
    """A market that remembers which functions were carried out, by contract and signature."""

    done: set[tuple[str, str]] = field(default_factory=set)

    def send(self, sender: str | LocalAccount, call: Call) -> Receipt:
        receipt = super().send(sender, call)
        self.done.add((call.contract, call.function))
        return receipt


@dataclass
class Neighbourhood:
    """The neighbourhood at a stage of its life.

    Attributes:
        put_in: all the money that there was in the beginning.
    """

    market: RecordedMarket
    scheme: Scheme
    asset: int
    shares: Contract
    meters: dict[str, LocalAccount]
    people: dict[str, LocalAccount]
    put_in: int

    def do(
        self, sender: LocalAccount | str, contract: Contract, function: str, *arguments: Any
    ) -> Receipt:
        return self.market.do(sender, contract, function, *arguments)

    # Its life

    def match(self) -> None:
        """Orders are matched, by hand and in a batch, an offer is sold in part, an event has its
        participant; the shares are bid for, and a withdrawal waits."""
        market = self.market
        market.match(1, 2)
        batch = (PeriodKind.HOURLY, START, 200_003, bytes(32), [], [3, 4], [(0, 1, 400)], [])
        self.do(market.roles[Role.KEEPER], market.trading, "settleBatch", batch, False)
        self.do(BUYER, market.spot, "acceptEnergyOffer", 1, 700)
        self.do(BUYER, market.spot, "completeTrade", 2)
        self.scheme.join(1, SAVER)
        self.do(BIDDER, self.shares, "offerBuyout", PRICE)
        self.do(RIVAL, self.shares, "offerBuyout", PRICE + 3)
        queue(market, BUYER, 123_457)
        limit_outflow(market, OUTFLOW)

    def deliver_half(self) -> None:
        """The hour runs: 600 Wh of what was sold are there, both events are on."""
        market = self.market
        self.scheme.do(self.scheme.operator, "reportReduction", 1, SAVER.address, 700)
        market.go_to(START + 600)
        market.read_meter(self.meters["seller"], timestamp=START + 600, produced=600)
        market.read_meter(self.meters["buyer"], timestamp=START + 600, consumed=100)
        market.settle(1)
        self.scheme.start_in(1)
        self.do(OWNER, self.shares, "acceptBuyout", 1)
        self.do(HOLDER, self.shares, "acceptBuyout", 2)

    def end_hour(self) -> None:
        """The meters are read at the end of the hour."""
        market, end = self.market, START + HOUR
        market.go_to(end)
        market.read_meter(self.meters["seller"], timestamp=end, produced=101)
        market.read_meter(self.meters["buyer"], timestamp=end, consumed=2900)
        market.read_meter(self.meters["debtor"], timestamp=end, consumed=50)

    def verify_one(self) -> None:
        """One of two participants of the first event is verified."""
        self.end_hour()
        self.scheme.verify(1, SAVER, 1500)

    def close_one(self) -> None:
        """The slots can be closed, and one was: a debt. The first event is paid out in part."""
        market = self.market
        self.scheme.verify(1, NEIGHBOUR, 9999)
        end = START + 2 * HOUR
        market.go_to(end)
        market.read_meter(self.meters["seller"], timestamp=end, produced=50)
        self.scheme.verify(3, SAVER, 400)
        market.go_to(market.closable_at(SLOTS[0]))
        self.do(KEEPER, market.settlement, "closeSlot", DEBTOR.address, SLOTS[0])
        self.scheme.complete(1)
        self.scheme.do(KEEPER, "distributeRewards", 1, 1)

    def sell_asset(self) -> None:
        """A week later: the asset is sold, one holder paid, and nobody has come for the rest."""
        market = self.market
        self.do(KEEPER, market.carbon, "issueCarbonCredits", SELLER.address, [SLOTS[0]])
        self.pass_to(self.shares.call("buyout", 1)[2])
        self.do(KEEPER, self.shares, "concludeBuyout", 1)
        self.do(HOLDER, self.shares, "claimRevenue", HOLDER.address)

    def pass_to(self, time: int) -> None:
        """Wait until then, unless it is past."""
        self.market.go_to(max(self.market.now, time))

    # What is known

    def events(self, *statuses: EventStatus) -> list[int]:
        numbers = self.numbers(self.market.demand_response, "eventCount")
        return [number for number in numbers if self.scheme.event(number).status in statuses]

    def numbers(self, contract: Contract, count: str) -> Iterable[int]:
        return range(1, int(contract.call(count)) + 1)

    def transactions(self) -> list[int]:
        """Numbers of those of pairs, then of those of batches."""
        trading = self.market.trading
        numbers = [*self.numbers(trading, "transactionCount")]
        for batch in self.numbers(trading, "batchCount"):
            *_, first, count = trading.call("getBatch", batch)
            numbers += range(first, first + count)
        return numbers

    def wallet(self, address: str) -> int:
        return int(self.market.dollar.call("balanceOf", address))

    def outcome(self) -> Outcome:
        market = self.market

        def each(contract: Contract) -> dict[str, int]:
            return {
                name: int(contract.call("balanceOf", person.address))
                for name, person in self.people.items()
            }

        return Outcome(
            money=each(market.dollar),
            energy=each(market.energy_token),
            credits=each(market.carbon),
            asset=market.assets.call("ownerOf", self.asset),
        )

    @property
    def held_back(self) -> dict[str, int]:
        """Money and energy credits that contracts still have."""
        market = self.market
        holders = (market.settlement, market.demand_response, self.shares, market.spot)
        money = {one.name: self.wallet(one.address) for one in holders}
        energy_credits = market.energy_token.call("balanceOf", market.spot.address)
        return {**money, "energy credits": int(energy_credits)}


def open_town(running: Market) -> Neighbourhood:
    """Everybody has registered, offered and ordered, and nobody has taken anything yet."""
    market = RecordedMarket(**vars(running))
    scheme = open_scheme(market)
    people = {
        "buyer": BUYER,
        "seller": SELLER,
        "debtor": DEBTOR,
        "saver": SAVER,
        "neighbour": NEIGHBOUR,
        "operator": scheme.operator,
        "owner": OWNER,
        "holder": HOLDER,
        "bidder": BIDDER,
        "rival bidder": RIVAL,
        "payer": PAYER,
        "recipient": RECIPIENT,
    }
    for person in (BUYER, SELLER, DEBTOR, BIDDER, RIVAL, PAYER):
        market.node.rpc("anvil_dealERC20", person.address, market.dollar.address, hex(MONEY))
    put_in = sum(int(market.dollar.call("balanceOf", one.address)) for one in people.values())

    asset = mint(market, OWNER, value=ASSET_VALUE)
    shares = divide(market, OWNER, asset, SHARES)
    market.do(OWNER, shares, "transfer", HOLDER.address, 30)
    market.do(PAYER, market.dollar, "transfer", shares.address, REVENUE)
    for bidder in (BIDDER, RIVAL):
        market.do(bidder, market.dollar, "approve", shares.address, FOREVER)

    market.do(SELLER, market.grid, "registerProducer", 10_000, 0)
    market.do(BUYER, market.grid, "registerConsumer", 10_000)
    registrar = market.roles[Role.REGISTRAR]
    market.do(registrar, market.carbon, "registerCleanEnergyProducer", SELLER.address)
    authority = market.roles[Role.GRID_AUTHORITY]
    market.do(authority, market.settlement, "setFees", 100, 37_501)
    meters = {name: market.register_meter(people[name]) for name in ("buyer", "seller", "debtor")}
    for person in (BUYER, SELLER, DEBTOR):
        market.do(person, market.dollar, "approve", market.settlement.address, FOREVER)
    for person in (BUYER, SELLER):
        market.do(person, market.settlement, "deposit", DEPOSIT)
    neighbourhood = Neighbourhood(
        market=market,
        scheme=scheme,
        asset=asset,
        shares=shares,
        meters=meters,
        people=people,
        put_in=put_in,
    )
    _offer(neighbourhood)
    return neighbourhood


def _offer(neighbourhood: Neighbourhood) -> None:
    market, scheme = neighbourhood.market, neighbourhood.scheme
    # Two pairs that cross, and two orders that nobody takes.
    market.buy(BUYER, 1000, 210_001, start=START)
    market.sell(SELLER, 1000, 200_003, start=START)
    market.buy(BUYER, 400, 200_003, start=START)
    market.sell(SELLER, 400, 200_003, start=START)
    market.buy(BUYER, 333, 100_001, start=START)
    market.sell(SELLER, 500, 300_007, start=START)

    give_credits(market, SELLER, 10_000)
    market.do(SELLER, market.energy_token, "approve", market.spot.address, FOREVER)
    for amount, price in ((2000, 250_001), (100, 1)):
        market.do(SELLER, market.spot, "createEnergyOffer", amount, price)
    for amount, price in ((500, 199_999), (300, 199_999)):
        market.do(SELLER, market.spot, "createTrade", BUYER.address, amount, price)

    scheme.create()
    for consumer in (SAVER, NEIGHBOUR):
        scheme.do(consumer, "registerConsumer", consumer.address)
    scheme.start()
    scheme.start()


# What happens until the stop, one after the other.
STAGES: dict[str, Callable[[Neighbourhood], None] | None] = {
    "on offer": None,
    "matched": Neighbourhood.match,
    "half delivered": Neighbourhood.deliver_half,
    "metered": Neighbourhood.verify_one,
    "closable, with a debt": Neighbourhood.close_one,
    "a week later": Neighbourhood.sell_asset,
}
