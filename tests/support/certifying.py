"""Plants whose production is certified, and used by who has it."""

from __future__ import annotations

from eth_account.signers.local import LocalAccount

from energy_grid.chain.roles import Role
from tests.support.market import DAY, HOME, Market, actor

__all__ = ["certified_plant", "use_up"]


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
