"""How wallets show what is signed for the market: ERC-7730 descriptors of its EIP-712 messages.

    clear-signing/EnergyTrading.json  orders
    clear-signing/SmartMeter.json     readings, registrations and keys of meters

Without one, a wallet shows the fields as they are: 1500 instead of 1.5 kWh. Permits are a standard
that wallets know.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from energy_grid.domain.signed_orders import trading_domain
from energy_grid.market.signing import Domain, meter_domain
from scripts._deploy.check.chain import Chain
from scripts._deploy.journal import write_atomically

__all__ = ["write_descriptors"]

_SCHEMA = "https://eips.ethereum.org/assets/eip-7730/erc7730-v1.schema.json"
_DOMAIN = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
_MEMBER = re.compile(r"(\w+) (\w+)")

Field = tuple[str, str, dict[str, Any]]


def _unit(base: str, decimals: int = 0, *, prefix: bool = False) -> dict[str, Any]:
    params: dict[str, Any] = {"base": base, "decimals": decimals}
    return {"format": "unit", "params": {**params, **({"prefix": True} if prefix else {})}}


_RAW: dict[str, Any] = {"format": "raw"}
_DATE = {"format": "date", "params": {"encoding": "timestamp"}}
_ACCOUNT = {"format": "addressName", "params": {"types": ["wallet", "eoa", "contract"]}}
_KEY = {"format": "addressName", "params": {"types": ["eoa"]}}
_ENERGY = _unit("Wh", prefix=True)

# Each message: its type as EIP-712 writes it, what it is for, and name, label and form of its
# fields.
_Message = tuple[str, str, tuple[Field, ...]]
_METER: tuple[_Message, ...] = (
    (
        "MeterReading(address meter,uint256 timestamp,uint256 consumption,uint256 production,"
        "uint256 gridFrequency,uint256 voltage)",
        "Report a meter reading",
        (
            ("meter", "Meter", _KEY),
            ("timestamp", "Read at", _DATE),
            ("consumption", "Consumed since the last", _ENERGY),
            ("production", "Produced since the last", _ENERGY),
            ("gridFrequency", "Frequency", _unit("Hz", 2)),
            ("voltage", "Voltage", _unit("V", 1)),
        ),
    ),
    (
        "MeterRegistration(address meter,address account,bytes32 region,uint256 ratedPower)",
        "Let a meter count for an account",
        (
            ("meter", "Meter", _KEY),
            ("account", "Account", _ACCOUNT),
            ("region", "Region", _RAW),
            ("ratedPower", "Rated power", _unit("W", prefix=True)),
        ),
    ),
    (
        "MeterKeyRotation(address meter,address newKey)",
        "Take over from a meter's key",
        (("meter", "Old key", _KEY), ("newKey", "New key", _KEY)),
    ),
)


def write_descriptors(folder: Path, chain: Chain) -> None:
    """Write the descriptors for the contracts of a deployment."""
    deployment = chain.deployment
    symbol, decimals = (
        chain.read_at(deployment.token, "EnergyToken", view) for view in ("symbol", "decimals")
    )
    order: _Message = (
        "EnergyOrder(address trader,string side,uint256 amountWh,uint256 pricePerKwh,string period,"
        "uint256 deliveryStart,uint256 validUntil,uint256 nonce)",
        "Order energy",
        (
            ("trader", "Trader", _ACCOUNT),
            ("side", "Buy or sell", _RAW),
            ("amountWh", "Energy", _ENERGY),
            ("pricePerKwh", "Price", _unit(f"{symbol}/kWh", decimals)),
            ("period", "Period", _RAW),
            ("deliveryStart", "Delivered from", _DATE),
            ("validUntil", "Valid until", _DATE),
            ("nonce", "Number of the order", _RAW),
        ),
    )
    number = deployment.chain_id
    for contract, domain, messages in (
        ("EnergyTrading", trading_domain, (order,)),
        ("SmartMeter", meter_domain, _METER),
    ):
        found = _descriptor(domain(number, deployment.address(contract)), messages)
        write_atomically(folder / f"{contract}.json", found)


def _descriptor(domain: Domain, messages: tuple[_Message, ...]) -> dict[str, Any]:
    place = {"chainId": domain.chain_id, "address": domain.verifying_contract}
    return {
        "$schema": _SCHEMA,
        "context": {
            "eip712": {
                "domain": {"name": domain.name, "version": domain.version},
                "deployments": [place],
                "schemas": [
                    {
                        "primaryType": _name(kind),
                        "types": {"EIP712Domain": _members(_DOMAIN), _name(kind): _members(kind)},
                    }
                    for kind, _, _ in messages
                ],
            }
        },
        "metadata": {"owner": "EnergyGrid"},
        "display": {"formats": {_name(message[0]): _format(message) for message in messages}},
    }


def _format(message: _Message) -> dict[str, Any]:
    _kind, intent, fields = message
    shown = [{"path": name, "label": label, **form} for name, label, form in fields]
    return {"intent": intent, "fields": shown, "required": [name for name, _, _ in fields]}


def _name(kind: str) -> str:
    return kind.partition("(")[0]


def _members(kind: str) -> list[Mapping[str, str]]:
    inside = kind.partition("(")[2]
    return [{"name": name, "type": type_} for type_, name in _MEMBER.findall(inside)]
