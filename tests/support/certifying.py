"""Plants whose production is certified, and used by who has it."""

from __future__ import annotations

from dataclasses import dataclass, field

from eth_account.signers.local import LocalAccount

from energy_grid.chain.roles import Role
from tests.support.market import DAY, HOME, MONDAY, Market, actor

__all__ = ["CertifiedStreet", "certified_plant", "use_up"]


def certified_plant(
    market: Market, producer: LocalAccount, technology: int = 0, region: bytes = HOME
) -> LocalAccount:
    """The sub-meter of a producer's plant of 100 kW, which is a device from the next slot on."""
    meter = actor(f"plant of {producer.address}")
    plant = market.register_meter(
        producer, meter, rated_power=100_000, region=region, settlement=False
    )
    number = market.meters.call("getMeter", plant.address)[0]
    registrar = market.roles[Role.REGISTRAR]
    market.do(registrar, market.certificates, "registerDevice", number, technology)
    return plant


def use_up(
    market: Market,
    producer: LocalAccount,
    meter: LocalAccount,
    plant: LocalAccount,
    day: int,
    wh: int,
) -> int:
    """The plant makes so much in the first slot of a day, and the producer, whose connection has
    this meter, uses and retires it; the number of the retirement, 0 without any."""
    latest = market.meters.call("getLatestReading(address)", meter.address)
    number = market.meters.call("getMeter", plant.address)[0]
    given = market.certificates.call("deviceOf", number)[8]
    midnight, end = day * DAY, day * DAY + market.slot_length
    for time, more in ((midnight, 0), (end, 1)):
        market.go_to(max(market.now, time))
        # The holder agrees that what was before is not read.
        reading = market.reading(timestamp=time, consumed=latest[1] + more, produced=latest[2])
        if time > latest[0]:
            signed = market.signed_reading(meter, reading)
            market.do(producer, market.meters, "submitWithConsent", signed, 0, b"")
    readings = [
        market.signed_reading(plant, market.reading(timestamp=time, produced=given + more))
        for time, more in ((midnight, 0), (end, wh))
    ]
    market.do(producer, market.certificates, "issue", readings)
    if not wh:
        return 0
    certificate = market.certificates.call("idOf", number, midnight // market.slot_length)
    market.do(producer, market.certificates, "retire", producer.address, [certificate], [wh])
    return int(market.certificates.call("retirementCount"))


@dataclass
class CertifiedStreet:
    """A producer, whose plant is a device, and a consumer; both are billed from Tuesday on.

    Attributes:
        device: the number of the plant's meter.
        day: Tuesday.
    """

    market: Market
    producer: LocalAccount
    consumer: LocalAccount
    day: int = MONDAY // DAY + 1
    _made: list[int] = field(default_factory=lambda: [0])

    def __post_init__(self) -> None:
        market, producer = self.market, self.producer
        market.do(producer, market.grid, "registerProducer", 10_000, 0)
        authority = market.roles[Role.GRID_AUTHORITY]
        market.do(authority, market.grid, "confirmParticipant", producer.address, True)
        self._meters = [market.register_meter(each) for each in (producer, self.consumer)]
        self._plant = certified_plant(market, producer)
        self.device = int(market.meters.call("getMeter", self._plant.address)[0])

    @property
    def first(self) -> int:
        """The first slot of Tuesday."""
        return self.day * DAY // self.market.slot_length

    def live(self, *hours: tuple[int, int, int]) -> None:
        """The next hours, each with what the plant made, and what the producer and the consumer
        used, Wh: read in time, and the certificates issued."""
        market = self.market
        for made, own, bought in hours:
            end = self.first + len(self._made)
            market.go_to(end * market.slot_length + 1)
            net = made - own
            market.measure(self._meters[0], (max(-net, 0), max(net, 0)))
            market.measure(self._meters[1], (bought, 0))
            self._made.append(self._made[-1] + made)
        begin = max(len(self._made) - 1 - len(hours), 0)
        readings = [
            market.signed_reading(
                self._plant,
                market.reading(timestamp=(self.first + at) * market.slot_length, produced=made),
            )
            for at, made in enumerate(self._made[begin:], start=begin)
        ]
        market.do(self.producer, market.certificates, "issue", readings)

    def id_of(self, hour: int) -> int:
        """Of the plant's certificate."""
        return int(self.market.certificates.call("idOf", self.device, self.first + hour))

    def give(self, hours: dict[int, int]) -> None:
        """The producer hands Wh of hours on to the consumer."""
        ids, values = [self.id_of(each) for each in hours], [*hours.values()]
        send = "safeBatchTransferFrom"
        sides = self.producer.address, self.consumer.address
        self.market.do(self.producer, self.market.certificates, send, *sides, ids, values, b"")

    def retire(self, who: LocalAccount, hours: dict[int, int]) -> None:
        """Against their own use, Wh of hours."""
        ids, values = [self.id_of(each) for each in hours], [*hours.values()]
        self.market.do(who, self.market.certificates, "retire", who.address, ids, values)

    def correct(self, hour: int, wh: int) -> None:
        """The registrar takes back Wh."""
        registrar, what = self.market.roles[Role.REGISTRAR], (self.id_of(hour), wh, "too much")
        self.market.do(registrar, self.market.certificates, "correct", *what)

    def end(self) -> None:
        """The registrar ends the device's registration."""
        registrar = self.market.roles[Role.REGISTRAR]
        self.market.do(registrar, self.market.certificates, "deregisterDevice", self.device)

    def offer(self, wh: int, price: int, *, hours: int = 24) -> int:
        """The producer offers Wh of Tuesday's first hours at a price per kWh; the number."""
        market, shop = self.market, self.market.contracts["CertificateMarket"]
        allowed = (self.producer, market.certificates, "setApprovalForAll")
        market.do(*allowed, shop.address, True)
        slots = (self.first, self.first + hours - 1)
        terms = (self.device, *slots, wh, price, market.dollar.address)
        market.do(self.producer, shop, "offerCertificates", *terms)
        return int(shop.call("offerCount"))

    def buy(self, offer: int, hours: dict[int, int]) -> None:
        """The consumer buys Wh of hours, whatever they cost."""
        market, shop = self.market, self.market.contracts["CertificateMarket"]
        market.give_money(self.consumer, 10_000_000)
        market.do(self.consumer, market.dollar, "approve", shop.address, 10_000_000)
        ids, values = [self.id_of(each) for each in hours], [*hours.values()]
        market.do(self.consumer, shop, "buyCertificates", offer, ids, values, 10_000_000)
