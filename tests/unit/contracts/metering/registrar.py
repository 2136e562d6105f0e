"""What the meter registrar and a relay do, in short, and what the books say then."""

from __future__ import annotations

from typing import Any

from eth_account.signers.local import LocalAccount

from energy_grid.chain.roles import Role
from tests.support.market import Market, Receipt, actor

__all__ = [
    "daily",
    "deactivate",
    "energy",
    "latest",
    "lifetime",
    "move",
    "read_at_end",
    "register",
    "relay",
    "rotate",
]


def register(
    market: Market,
    meter: str,
    account: str,
    signature: bytes,
    *,
    region: bytes = b"NORTH".ljust(32, b"\0"),
    rated_power: int = 1_000_000,
) -> Receipt:
    """Register a meter with a signature as it is given."""
    return market.do(
        market.roles[Role.METER_REGISTRAR],
        market.meters,
        "registerMeter",
        *(meter, account, region, rated_power, signature),
    )


def move(market: Market, meter: LocalAccount, account: LocalAccount) -> Receipt:
    """Give a meter to another account."""
    registrar = market.roles[Role.METER_REGISTRAR]
    return market.do(registrar, market.meters, "setMeterAccount", meter.address, account.address)


def rotate(
    market: Market, meter: LocalAccount, key: LocalAccount, signature: bytes | None = None
) -> Receipt:
    """Replace a meter's key, with the new one's signature by default."""
    fields = {"meter": ("address", meter.address), "newKey": ("address", key.address)}
    if signature is None:
        signature = market.sign_typed(key, "MeterKeyRotation", fields)
    registrar = market.roles[Role.METER_REGISTRAR]
    return market.do(
        registrar, market.meters, "rotateMeterKey", meter.address, key.address, signature
    )


def deactivate(market: Market, meter: LocalAccount) -> Receipt:
    """Take a meter out of service for good."""
    registrar = market.roles[Role.METER_REGISTRAR]
    return market.do(registrar, market.meters, "deactivateMeter", meter.address)


def relay(market: Market, *readings: Any) -> Receipt:
    """Somebody who has nothing to do with the meters sends what they have signed."""
    return market.do(actor("relay"), market.meters, "submitSignedReadings", list(readings))


def latest(market: Market, meter: LocalAccount) -> Any:
    """The latest reading: time, consumption, production, frequency, voltage."""
    return market.meters.call("getLatestReading(address)", meter.address)


def daily(market: Market, meter: LocalAccount, day: int) -> tuple[int, int]:
    """Wh produced and consumed on a UTC day."""
    produced, consumed = (
        int(market.meters.call(f"getDaily{what}(address,uint256)", meter.address, day))
        for what in ("Production", "Consumption")
    )
    return produced, consumed


def energy(market: Market, account: LocalAccount, slot: int) -> tuple[int, int]:
    """Wh produced and consumed in a slot, as settlement has it."""
    produced, consumed, *_ = market.settlement.call("energyOf", account.address, slot)
    return produced, consumed


def read_at_end(market: Market, account: LocalAccount, slot: int) -> int:
    """How many meters of an account were read exactly at the slot's end."""
    return int(market.settlement.call("metersReadAtEnd", account.address, slot))


def lifetime(market: Market, account: LocalAccount) -> tuple[int, int]:
    """Wh produced and consumed over all meters that an account has and had."""
    produced, consumed = market.meters.call("getLifetime", account.address)
    return produced, consumed
