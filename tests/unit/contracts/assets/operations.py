"""What registrars, owners and those they permit do with assets, in short, and what is known then.

Capacity in W, money in base units, days since 1970-01-01 UTC.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from eth_account.signers.local import LocalAccount

from energy_grid.chain.contract import Call, Contract, structure, to_bytes32
from energy_grid.chain.roles import Role
from energy_grid.contracts.energy_asset_nft import AssetTerms, EnergyAssetNFT
from energy_grid.contracts.smart_meter import MeterInfo
from energy_grid.domain.enums import EnergyType, Permission
from energy_grid.domain.periods import DAY_SECONDS
from tests.support.market import MONDAY, Market, Receipt, actor

__all__ = [
    "DIGEST",
    "FOREVER",
    "NOBODY",
    "TERMS",
    "TODAY",
    "YEAR",
    "as_registrar",
    "assets_of",
    "divide",
    "hand_over",
    "history",
    "link",
    "logged",
    "maintain",
    "mint",
    "new_meter",
    "number_of",
    "permit",
    "produce",
    "read",
    "stop",
    "terms",
    "unlink",
    "updates",
    "values_of",
    "with_text",
]

NOBODY = "0x" + "00" * 20
TODAY = MONDAY // DAY_SECONDS
YEAR = 365 * DAY_SECONDS
FOREVER = 2**64 - 1
_WORD = 32
DIGEST = bytes(range(32))
TERMS = AssetTerms(
    kind=EnergyType.SOLAR,
    capacity=12_500,
    region="NORTH",
    commissioned_at=MONDAY - YEAR,
    value=20_000_000_000,
    lifetime=20 * YEAR,
    name="Roof of the school",
)


def assets_of(market: Market) -> EnergyAssetNFT:
    """The typed wrapper."""
    return EnergyAssetNFT(market.node, market.assets.address)


def terms(**changes: Any) -> AssetTerms:
    """`TERMS`, but for some of them."""
    return replace(TERMS, **changes)


def values_of(one: AssetTerms) -> tuple[Any, ...]:
    """Terms as the contract takes and gives them."""
    return tuple({**asdict(one), "region": to_bytes32(one.region)}.values())


def with_text(call: Call, text: bytes) -> Call:
    """A call with these bytes, which may be no UTF-8 at all, for as many of its last text."""
    end = len(call.data) - (-len(text) % _WORD)
    return replace(call, data=call.data[: end - len(text)] + text + call.data[end:])


# The registrar


def as_registrar(market: Market, call: Call) -> Receipt:
    return market.send(market.roles[Role.REGISTRAR], call)


def mint(market: Market, to: LocalAccount, **changes: Any) -> int:
    """Register an asset of `TERMS`, but for some of them; its number."""
    receipt = as_registrar(market, assets_of(market).mint(to.address, terms(**changes)))
    return int(logged(market, receipt, "AssetMinted")[0]["asset"])


def link(market: Market, asset: int, meter: LocalAccount) -> Receipt:
    return as_registrar(market, assets_of(market).link_meter(asset, meter.address))


def unlink(market: Market, asset: int, number: int) -> Receipt:
    return as_registrar(market, assets_of(market).unlink_meter(asset, number))


# Owners and whom they permit


def permit(
    market: Market,
    owner: LocalAccount,
    asset: int,
    user: LocalAccount,
    permission: Permission,
    until: int = FOREVER,
) -> Receipt:
    call = assets_of(market).set_permission(asset, user.address, permission, until)
    return market.send(owner, call)


def maintain(
    market: Market, by: LocalAccount, asset: int, note: str = "inverter replaced"
) -> Receipt:
    return market.send(by, assets_of(market).add_maintenance_record(asset, DIGEST, note))


def hand_over(market: Market, owner: LocalAccount, asset: int, to: str) -> Receipt:
    return market.send(owner, assets_of(market).transfer_from(owner.address, to, asset))


def divide(market: Market, owner: LocalAccount, asset: int, shares: int = 100) -> Contract:
    """Divide an asset; its shares."""
    call = assets_of(market).fractionalize(asset, shares, "School Roof", "ROOF")
    receipt = market.send(owner, call)
    return market.shares(logged(market, receipt, "Fractionalized")[0]["shares"])


def stop(market: Market, level: int) -> None:
    """1 pauses, 2 shuts down."""
    role, function = {1: (Role.GUARDIAN, "pause"), 2: (Role.ADMIN, "shutdown")}[level]
    market.do(market.roles[role], market.assets, function)


# Meters


def new_meter(market: Market, name: str = "meter") -> LocalAccount:
    """The active meter of a plant of 100 kW, in a household of its own."""
    household = actor(f"household of {name}")
    return market.register_meter(household, actor(name), rated_power=100_000, settlement=False)


def number_of(market: Market, meter: LocalAccount) -> int:
    """The number that outlives a meter's keys."""
    return int(market.meters.call("getMeter", meter.address)[0])


def produce(market: Market, meter: LocalAccount, day: int, wh: int) -> None:
    """A meter reports at noon what it has produced since it was read last."""
    read(market, meter, day * DAY_SECONDS + DAY_SECONDS // 2, wh)


def read(market: Market, meter: LocalAccount, time: int, wh: int) -> None:
    """As `produce`, at a full hour; at the midnights before, which it must not skip, it had
    produced nothing yet."""
    info = structure(MeterInfo, market.meters.call("getMeter", meter.address))
    _, _, produced, *_ = market.meters.call("getLatestReading(address)", meter.address)
    midnight = (info.read_to * market.slot_length // DAY_SECONDS + 1) * DAY_SECONDS
    for moment in range(midnight, time, DAY_SECONDS):
        _read_at(market, meter, moment, produced)
    _read_at(market, meter, time, produced + wh)


def _read_at(market: Market, meter: LocalAccount, time: int, produced: int) -> None:
    if market.now < time:
        market.at(time)
    market.read_meter(meter, timestamp=time, produced=produced)


def history(market: Market, asset: int, from_day: int, to_day: int) -> list[int]:
    return list(assets_of(market).get_production_history(asset, from_day, to_day))


# Events


def logged(market: Market, receipt: Receipt, event: str) -> list[dict[str, Any]]:
    """The assets' events of one name, by the names of their values."""
    return [dict(one.arguments) for one in market.events(receipt, market.assets, event)]


def updates(market: Market, receipt: Receipt) -> list[int]:
    """The assets with an event of a changed `tokenURI`."""
    (name,) = market.assets.abi.event("MetadataUpdate").inputs.names
    return [one[name] for one in logged(market, receipt, "MetadataUpdate")]
