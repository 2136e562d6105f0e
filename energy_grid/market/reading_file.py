"""Signed readings as meters hand them on: files that any account can bring to the chain.

A file holds a list of JSON objects, the oldest reading of a meter first:

    {"format": 2, "chainId": 31337, "contract": "0x..", "meter": "0x..", "timestamp": 1704070800,
     "importWh": 0, "exportWh": 1500, "frequencyCentihertz": 5000, "voltageDecivolts": 2300,
     "signature": "0x.."}

Import and export are the cumulative registers of the meter (OBIS 1.8.0 and 2.8.0). The signature is
in the compact form of ERC-2098, 64 bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from energy_grid.chain.abi import checksum
from energy_grid.chain.files import read_json, rewritten
from energy_grid.contracts.smart_meter import MeterReading, SignedReading
from energy_grid.domain.typed_data import Domain
from energy_grid.errors import InputError
from energy_grid.market.signing import reading_signer

__all__ = ["document_of", "load_readings", "parse_reading", "save_readings"]

_FORMAT = 2
_ADDRESS = re.compile("0x[0-9a-fA-F]{40}")
_SIGNATURE = re.compile("0x[0-9a-fA-F]{128}")
_WORD = 32
_MAX = 2**64 - 1
# Some ten thousand readings.
_MAX_BYTES = 2**22
# As the chain's struct has them, by their names in a file.
_NUMBERS = ("timestamp", "importWh", "exportWh", "frequencyCentihertz", "voltageDecivolts")


def load_readings(path: Path, domain: Domain) -> list[SignedReading]:
    """The readings of a file, in their order, each signed by its meter.

    Raises:
        InputError: there is no such file, it is something else, is for another market, or a
            signature is not the meter's.
    """
    documents = read_json(path, _MAX_BYTES)
    if not isinstance(documents, list):
        raise InputError(f"{path} is no list of signed readings")
    found = []
    for place, document in enumerate(documents, 1):
        try:
            signed = parse_reading(document, domain)
            if reading_signer(signed, domain) != signed.meter:
                raise InputError(f"the signature is not that of meter {signed.meter}")
            found.append(signed)
        except InputError as error:
            raise InputError(f"{path}, reading {place}: {error}") from None
    return found


def save_readings(path: Path, readings: Sequence[SignedReading], domain: Domain) -> None:
    """Write a file with these readings, in place of what it held.

    Raises:
        InputError: it cannot be written.
    """
    lines = ",\n".join(json.dumps(document_of(each, domain)) for each in readings)
    try:
        with rewritten(path) as file:
            file.write(f"[\n{lines}\n]\n")
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}") from None


def document_of(signed: SignedReading, domain: Domain) -> dict[str, Any]:
    """A signed reading as it is handed on."""
    reading = signed.reading
    values = (
        reading.timestamp,
        reading.consumption,
        reading.production,
        reading.grid_frequency,
        reading.voltage,
    )
    return {
        "format": _FORMAT,
        "chainId": domain.chain_id,
        "contract": domain.verifying_contract,
        "meter": signed.meter,
        **dict(zip(_NUMBERS, values, strict=True)),
        "signature": f"0x{(signed.r + signed.vs).hex()}",
    }


def parse_reading(document: object, domain: Domain) -> SignedReading:
    """The reading that an object of a file is; its signature may be anybody's.

    Raises:
        InputError: it is something else, or is for another market.
    """
    if not isinstance(document, Mapping):
        raise InputError("a signed reading is a JSON object")
    if _number(document, "format") != _FORMAT:
        raise InputError(f"its format is not {_FORMAT}")
    chain, contract = _number(document, "chainId"), _address(document, "contract")
    if (chain, contract) != (domain.chain_id, checksum(domain.verifying_contract)):
        raise InputError(
            f"it is for {contract} on chain {chain}, not for {domain.verifying_contract} on chain"
            f" {domain.chain_id}"
        )
    timestamp, imported, exported, frequency, voltage = (
        _number(document, name) for name in _NUMBERS
    )
    signature = document.get("signature")
    if not isinstance(signature, str) or _SIGNATURE.fullmatch(signature) is None:
        raise InputError("signature must be 64 bytes in hexadecimal digits")
    found = bytes.fromhex(signature[2:])
    return SignedReading(
        meter=_address(document, "meter"),
        reading=MeterReading(
            timestamp=timestamp,
            consumption=imported,
            production=exported,
            grid_frequency=frequency,
            voltage=voltage,
        ),
        r=found[:_WORD],
        vs=found[_WORD:],
    )


def _number(document: Mapping[Any, Any], name: str) -> int:
    value = document.get(name)
    # True and False are integers to Python.
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MAX:
        raise InputError(f"{name} is no whole number")
    return value


def _address(document: Mapping[Any, Any], name: str) -> str:
    value = document.get(name)
    if not isinstance(value, str) or _ADDRESS.fullmatch(value) is None:
        raise InputError(f"{name} is no address")
    return checksum(value.lower())
