"""A small neighbourhood with everything under way at once.

Energy in Wh, money in base units, prices per kWh, times in Unix seconds. On Monday it registers,
orders and takes part in an event; its meters speak for Tuesday, and its trades are about an hour of
Tuesday; an asset is for sale for the week after.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from eth_account.signers.local import LocalAccount

from energy_grid.chain.contract import Call, Contract, to_bytes32
from energy_grid.chain.roles import Role
from energy_grid.domain.demand_response import EventStatus
from energy_grid.domain.periods import PeriodKind
from tests.support.market import MONDAY, Market, Receipt, actor
from tests.unit.contracts.assets.operations import divide, mint
from tests.unit.contracts.demand_response.scheme import Scheme, open_scheme

__all__ = [
    "BIDDER",
    "BUYER",
    "CREDIT_VALUE",
    "DAY",
    "DEBTOR",
    "FUNDS_OF_THE_GRID",
    "HOLDER",
    "HOUR",
    "KEEPER",
    "MEMBER",
    "MONEY",
    "NEIGHBOUR",
    "OWNER",
    "RATED_POWER",
    "RECIPIENT",
    "RIVAL",
    "SAVER",
    "SELLER",
    "STAGES",
    "START",
    "SUPPLIER",
    "TARIFF",
    "TUESDAY",
    "WEEK",
    "Neighbourhood",
    "Outcome",
    "open_town",
]

HOUR, DAY, WEEK = 3600, 86_400, 7 * 86_400
TUESDAY = (MONDAY + DAY) // DAY
START = TUESDAY * DAY + HOUR
FOREVER = 2**256 - 1
TOWN = to_bytes32("town")
# buy, feed-in, network fee, protocol fee, highest factor.
TARIFF = (300_000, 80_000, 37_501, 2_003, 30_000)
CREDIT_VALUE = 80_000
# More than anybody needs.
MONEY = 50_000_000
DEPOSIT, FUNDS_OF_THE_GRID = 5_000_000, 2_000_000
RATED_POWER = 10_000
SHARES, REVENUE, PRICE = 100, 1010, 400
ASSET_VALUE = 30_000
# What may leave at once in a day: some of what is withdrawn has to wait.
OUTFLOW = 3_000_000

NAMES = (
    *("buyer", "seller", "debtor", "saver", "neighbour", "owner"),
    *("holder", "bidder", "rival", "payer", "supplier", "recipient", "member"),
)
BUYER, SELLER, DEBTOR, SAVER, NEIGHBOUR, OWNER = map(actor, NAMES[:6])
HOLDER, BIDDER, RIVAL, PAYER, SUPPLIER, RECIPIENT, MEMBER = map(actor, NAMES[6:])
KEEPER = actor("keeper")
HOUSEHOLDS = ("buyer", "seller", "debtor")


_BUSY_HOURS = 3


def flows_of(name: str, hour: int) -> tuple[int, int]:
    """Import and export (Wh) of an hour of Tuesday."""
    return {
        ("panels", 1): (0, 701),
        ("panels", 2): (0, 2000),
        ("seller", 1): (0, 701),
        ("seller", 2): (0, 2000),
        ("buyer", 1): (3000, 0),
        ("buyer", 2): (500, 0),
        ("debtor", 1): (50, 0),
    }.get((name, hour), (0, 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What everybody has in the end: money in wallets, energy credits and credits, by name; and
    whose the asset is. The recipient is the grid account's, and has what is left in it."""

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
        meters: of households, by name, and the seller's panels.
        put_in: all the money that there was in the beginning.
    """

    market: RecordedMarket
    scheme: Scheme
    asset: int
    shares: Contract
    meters: dict[str, LocalAccount]
    people: dict[str, LocalAccount]
    put_in: int = 0

    def do(
        self, sender: LocalAccount | str, contract: Contract, function: str, *arguments: Any
    ) -> Receipt:
        return self.market.do(sender, contract, function, *arguments)

    # Its life

    def match(self) -> None:
        """Orders are matched, by hand and in a batch, an offer is sold in part, an event has its
        participant; the shares are bid for, and a withdrawal waits."""
        market, governance = self.market, self.market.roles[Role.ADMIN]
        market.match(1, 2)
        batch = (PeriodKind.HOURLY, START, 200_003, bytes(32), [], [3, 4], [(0, 1, 400)], [])
        self.do(market.roles[Role.KEEPER], market.trading, "settleBatch", batch, False)
        self.do(BUYER, market.spot, "acceptEnergyOffer", 1, 700)
        self.do(BUYER, market.spot, "completeTrade", 2)
        self.scheme.join(1, MEMBER)
        self.do(BIDDER, self.shares, "offerBuyout", PRICE)
        self.do(RIVAL, self.shares, "offerBuyout", PRICE + 3)
        self.do(governance, market.settlement, "setOutflowLimit", 0)
        self.do(BUYER, market.settlement, "withdraw", 123_457, BUYER.address)
        self.do(governance, market.settlement, "setOutflowLimit", OUTFLOW)

    def go_to_event(self) -> None:
        """The first events are on, another one is announced, and the asset is nearly sold."""
        self.scheme.do(self.scheme.operator, "reportReduction", 1, MEMBER.address, 700)
        self.pass_to(self.scheme.event(1).start_time)
        self.scheme.start_in(1)
        self.do(OWNER, self.shares, "acceptBuyout", 1)
        self.do(HOLDER, self.shares, "acceptBuyout", 2)

    def verify_one(self) -> None:
        """One of two participants of the first event is verified."""
        self.pass_to(self.scheme.event(1).end_time)
        self.scheme.verify(1, SAVER, 1500)

    def meter_half(self) -> None:
        """The first event is paid out in part. On Tuesday all meters are to leave at midnight, and
        they have spoken for three hours."""
        self.scheme.verify(1, NEIGHBOUR, 9999)
        self.pass_to(self.scheme.event(3).end_time)
        self.scheme.verify(3, MEMBER, 400)
        self.scheme.complete(1)
        self.scheme.do(KEEPER, "distributeRewards", 1, 1)
        self.move_out()
        self.measure_to(3)

    def close_one(self) -> None:
        """The day can be closed, and one account was: a debt."""
        self.measure_to(24)
        self.pass_to(self.market.closable_at(TUESDAY))
        self.market.close(TUESDAY, DEBTOR)

    def sell_asset(self) -> None:
        """A week later: the asset is sold, one holder paid, and nobody has come for the rest."""
        self.market.close(TUESDAY, SELLER)
        self.earn_credits()
        self.pass_to(self.shares.call("buyout", 1)[2])
        self.do(KEEPER, self.shares, "concludeBuyout", 1)
        self.do(HOLDER, self.shares, "claimRevenue", HOLDER.address)

    # Steps of it, which exits take too

    def earn_credits(self) -> None:
        """The buyer uses what the seller's panels have made, and gets carbon credits for it."""
        market = self.market
        panels, certificates = self.meters["panels"], market.certificates
        readings = [
            market.signed_reading(
                panels, market.reading(timestamp=TUESDAY * DAY + hour * HOUR, produced=produced)
            )
            for hour, produced in ((1, 0), (2, 701), (3, 2701))
        ]
        self.do(SELLER, certificates, "issue", readings)
        ids = [certificates.call("idOf", self.panels, TUESDAY * 24 + hour) for hour in (1, 2)]
        amounts, buyer = [701, 500], BUYER.address
        arguments = SELLER.address, buyer, ids, amounts, b""
        self.do(SELLER, certificates, "safeBatchTransferFrom", *arguments)
        self.do(BUYER, certificates, "retire", buyer, ids, amounts)
        self.do(KEEPER, market.carbon, "issueCarbonCredits", buyer, [1])

    def move_out(self) -> None:
        """The households detach their meters on Tuesday: they speak until midnight."""
        for name in HOUSEHOLDS:
            meter = self.meters[name].address
            if self.market.meters.call("getMeter", meter)[6] != TUESDAY + 1:
                self.pass_to(START - HOUR // 2)
                self.do(self.people[name], self.market.meters, "detachMeter", meter)

    def measure_to(self, hours: int) -> None:
        """What the meters signed until an hour of Tuesday is published: in time, as long as there
        is something to tell."""
        for known in (*range(1, min(hours, _BUSY_HOURS + 1)), hours):
            self._measure_to(known)

    def _measure_to(self, hours: int) -> None:
        first = TUESDAY * DAY
        self.pass_to(first + hours * HOUR)
        for name, meter in self.meters.items():
            read_to = self.market.meters.call("getMeter", meter.address)[7]
            known = max(read_to - first // HOUR, 0)
            flows = [flows_of(name, hour) for hour in range(known, hours)]
            if flows:
                self.market.measure(meter, *flows)

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

    @property
    def sales(self) -> Contract:
        return self.market.contracts["CertificateMarket"]

    @property
    def panels(self) -> int:
        """The number of the seller's device."""
        return int(self.market.meters.call("getMeter", self.meters["panels"].address)[0])

    def wallet(self, address: str) -> int:
        return int(self.market.dollar.call("balanceOf", address))

    def outcome(self) -> Outcome:
        market = self.market

        def each(contract: Contract) -> dict[str, int]:
            return {
                name: int(contract.call("balanceOf", person.address))
                for name, person in self.people.items()
            }

        money = each(market.dollar)
        money["recipient"] += self.of_the_grid
        return Outcome(
            money=money,
            energy=each(market.energy_token),
            credits=each(market.carbon),
            asset=market.assets.call("ownerOf", self.asset),
        )

    @property
    def of_the_grid(self) -> int:
        """The grid account's money and the protocol fees, rounded down."""
        cash, _, fees, *_ = self.market.settlement.call("gridAccount")
        return int(cash + fees) // 1000

    @property
    def held_back(self) -> dict[str, int]:
        """Money and energy credits that contracts still have, without the grid account's money."""
        market = self.market
        holders = (market.settlement, market.demand_response, self.shares, market.spot)
        money = {one.name: self.wallet(one.address) for one in holders}
        money["Settlement"] -= self.of_the_grid
        energy_credits = market.energy_token.call("balanceOf", market.spot.address)
        return {**money, "energy credits": int(energy_credits)}


def open_town(running: Market) -> Neighbourhood:
    """Everybody has registered, offered and ordered, and nobody has taken anything yet."""
    market = RecordedMarket(**vars(running))
    scheme = open_scheme(market)
    people = {name: actor(name) for name in NAMES} | {"operator": scheme.operator}
    for person in (BUYER, SELLER, DEBTOR, BIDDER, RIVAL, PAYER, SUPPLIER):
        market.node.rpc("anvil_dealERC20", person.address, market.dollar.address, hex(MONEY))

    asset = mint(market, OWNER, value=ASSET_VALUE)
    shares = divide(market, OWNER, asset, SHARES)
    market.do(OWNER, shares, "transfer", HOLDER.address, 30)
    market.do(PAYER, market.dollar, "transfer", shares.address, REVENUE)
    for bidder in (BIDDER, RIVAL):
        market.do(bidder, market.dollar, "approve", shares.address, FOREVER)

    neighbourhood = Neighbourhood(
        market=market, scheme=scheme, asset=asset, shares=shares, meters={}, people=people
    )
    _settle_in(neighbourhood)
    _offer(neighbourhood)
    neighbourhood.put_in = sum(
        sum(each.values()) for each in (neighbourhood.outcome().money, neighbourhood.held_back)
    ) - int(market.energy_token.call("balanceOf", market.spot.address))
    return neighbourhood


def _settle_in(neighbourhood: Neighbourhood) -> None:
    """Meters, a community, money, and a supplier."""
    market, people = neighbourhood.market, neighbourhood.people
    authority = market.roles[Role.GRID_AUTHORITY]
    market.do(authority, market.tariffs, "addRegion", TOWN, TARIFF)
    panels = market.register_meter(SELLER, actor("panels"), region=TOWN, settlement=False)
    neighbourhood.meters["panels"] = panels
    for name in HOUSEHOLDS:
        meter = market.register_meter(people[name], region=TOWN, rated_power=RATED_POWER)
        neighbourhood.meters[name] = meter
    market.do(KEEPER, market.communities, "create", TOWN, 5_000, KEEPER.address)
    community = market.communities.call("communityCount")
    for person in (BUYER, SELLER):
        market.do(person, market.communities, "join", community)
        market.do(person, market.settlement, "deposit", DEPOSIT)
    market.do(SELLER, market.settlement, "setKeeps", True)
    market.do(SUPPLIER, market.dollar, "approve", market.settlement.address, FOREVER)
    market.do(SUPPLIER, market.settlement, "fundGrid", FUNDS_OF_THE_GRID)

    market.do(SELLER, market.grid, "registerProducer", RATED_POWER, 0)
    market.do(BUYER, market.grid, "registerConsumer", RATED_POWER)
    for person, is_producer in ((SELLER, True), (BUYER, False)):
        market.do(authority, market.grid, "confirmParticipant", person.address, is_producer)
    registrar = market.roles[Role.REGISTRAR]
    market.do(registrar, market.carbon, "registerCleanEnergyProducer", SELLER.address)
    market.do(registrar, market.certificates, "registerDevice", neighbourhood.panels, 0)


def _offer(neighbourhood: Neighbourhood) -> None:
    market, scheme = neighbourhood.market, neighbourhood.scheme
    # Two pairs that cross, and two orders that nobody takes.
    market.buy(BUYER, 1000, 210_001, start=START)
    market.sell(SELLER, 1000, 200_003, start=START)
    market.buy(BUYER, 400, 200_003, start=START)
    market.sell(SELLER, 400, 200_003, start=START)
    market.buy(BUYER, 333, 100_001, start=START)
    market.sell(SELLER, 500, 300_007, start=START)

    market.do(market.settlement.address, market.energy_token, "mint", SELLER.address, 10_000)
    market.do(SELLER, market.energy_token, "approve", market.spot.address, FOREVER)
    for amount, price in ((2000, 250_001), (100, 1)):
        market.do(SELLER, market.spot, "createEnergyOffer", amount, price)
    for amount, price in ((500, 199_999), (300, 199_999)):
        market.do(SELLER, market.spot, "createTrade", BUYER.address, amount, price)

    slots, sale = (TUESDAY * 24, TUESDAY * 24 + 23), (1, market.dollar.address)
    sales, panels = neighbourhood.sales, neighbourhood.panels
    market.do(SELLER, sales, "offerCertificates", panels, *slots, 500, *sale)
    market.do(SELLER, sales, "offerCredits", 9, *sale)

    scheme.create()
    for consumer in (SAVER, NEIGHBOUR):
        scheme.do(consumer, "registerConsumer", consumer.address)
    scheme.start()
    scheme.schedule(start=scheme.event(1).end_time)


# What happens until the stop, one after the other.
STAGES: dict[str, Callable[[Neighbourhood], None] | None] = {
    "on offer": None,
    "matched": Neighbourhood.match,
    "event": Neighbourhood.go_to_event,
    "verified": Neighbourhood.verify_one,
    "half metered": Neighbourhood.meter_half,
    "closable, with a debt": Neighbourhood.close_one,
    "a week later": Neighbourhood.sell_asset,
}
