"""How wallets show what is signed for the market: ERC-7730 descriptors of its EIP-712 messages.

    clear-signing/EnergyTrading.json     orders
    clear-signing/SmartMeter.json        readings, registrations, exchanges and keys of meters
    clear-signing/Communities.json       memberships
    clear-signing/ERC2771Forwarder.json  calls that a relay sends

Without one, a wallet shows the fields as they are: 1500 instead of 1.5 kWh. Permits are a standard
that wallets know.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from energy_grid.domain.typed_data import Domain
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
_ENERGY, _POWER = _unit("Wh", prefix=True), _unit("W", prefix=True)

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
            ("consumption", "Import register", _ENERGY),
            ("production", "Export register", _ENERGY),
            ("gridFrequency", "Frequency", _unit("Hz", 2)),
            ("voltage", "Voltage", _unit("V", 1)),
        ),
    ),
    (
        "MeterRegistration(address meter,address account,bytes32 region,uint256 ratedPower,"
        "bool settlement,uint256 consumption,uint256 production,uint256 deadline)",
        "Let a meter count for an account",
        (
            ("meter", "Meter", _KEY),
            ("account", "Account", _ACCOUNT),
            ("region", "Region", _RAW),
            ("ratedPower", "Rated power", _POWER),
            ("settlement", "Billed by it", _RAW),
            ("consumption", "Import register now", _ENERGY),
            ("production", "Export register now", _ENERGY),
            ("deadline", "Valid until", _DATE),
        ),
    ),
    (
        "MeterExchange(address meter,address newKey,uint256 ratedPower,uint256 finalConsumption,"
        "uint256 finalProduction,uint256 consumption,uint256 production,uint256 deadline)",
        "Exchange a meter",
        (
            ("meter", "Old device", _KEY),
            ("newKey", "New device", _KEY),
            ("ratedPower", "Rated power", _POWER),
            ("finalConsumption", "Old import register, at its end", _ENERGY),
            ("finalProduction", "Old export register, at its end", _ENERGY),
            ("consumption", "New import register now", _ENERGY),
            ("production", "New export register now", _ENERGY),
            ("deadline", "Valid until", _DATE),
        ),
    ),
    (
        "SkippedReadings(address meter,uint256 timestamp,uint256 deadline)",
        "Accept that earlier readings are lost",
        (
            ("meter", "Meter", _KEY),
            ("timestamp", "Before the reading at", _DATE),
            ("deadline", "Valid until", _DATE),
        ),
    ),
    (
        "MeterKeyRotation(address meter,address newKey)",
        "Take over from a meter's key",
        (("meter", "Old key", _KEY), ("newKey", "New key", _KEY)),
    ),
)
_JOIN: _Message = (
    "JoinCommunity(address account,uint256 community,address gateway,uint256 nonce,"
    "uint256 deadline)",
    "Join a community and share energy",
    (
        ("account", "Account", _ACCOUNT),
        ("community", "Community", _RAW),
        ("gateway", "Gateway that reads the meter", _KEY),
        ("nonce", "Number of the consent", _RAW),
        ("deadline", "Valid until", _DATE),
    ),
)
_CALL: _Message = (
    "ForwardRequest(address from,address to,uint256 value,uint256 gas,uint256 nonce,"
    "uint48 deadline,bytes data)",
    "Let a relay send a call",
    (
        ("from", "Account", _ACCOUNT),
        ("to", "Contract", {"format": "addressName", "params": {"types": ["contract"]}}),
        ("value", "Native money", _RAW),
        ("gas", "Gas at most", _RAW),
        ("nonce", "Number of the call", _RAW),
        ("deadline", "Valid until", _DATE),
        ("data", "Call", _RAW),
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
    for contract, name, messages in (
        ("EnergyTrading", "EnergyGrid EnergyTrading", (order,)),
        ("SmartMeter", "EnergyGrid SmartMeter", _METER),
        ("Communities", "EnergyGrid Communities", (_JOIN,)),
        ("ERC2771Forwarder", "EnergyGrid Forwarder", (_CALL,)),
    ):
        domain = Domain(
            name=name,
            version="1",
            chain_id=deployment.chain_id,
            verifying_contract=deployment.address(contract),
        )
        write_atomically(folder / f"{contract}.json", _descriptor(domain, messages))


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
