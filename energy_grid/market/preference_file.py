"""A prosumer's preference as a file, signed by the account's key:

    {"format": 1, "chainId": 31337, "contract": "0x..", "account": "0x..", "mostSoldWh": 5000,
     "lowestPricePerKwh": 100000, "mostBoughtWh": 5000, "highestPricePerKwh": 280000,
     "validUntil": 1767225600, "signature": "0x.."}

Its numbers are of each hour; what is more than an agent may trade is cut.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from energy_grid.chain.abi import checksum
from energy_grid.chain.accounts import Account, Signature, recover
from energy_grid.chain.files import read_json, rewritten
from energy_grid.domain.preferences import Preference, fields_of, preference_hash
from energy_grid.domain.signed_orders import compact
from energy_grid.domain.typed_data import Domain
from energy_grid.errors import EnergyGridError, InputError

__all__ = ["load_preference", "save_preference"]

_FORMAT = 1
_MAX_BYTES = 4096
_NUMBERS = (
    *("mostSoldWh", "lowestPricePerKwh", "mostBoughtWh", "highestPricePerKwh", "validUntil"),
)


def save_preference(path: Path, account: Account, preference: Preference, domain: Domain) -> None:
    """Sign a preference, and write it, in place of what the file held.

    Raises:
        InputError: it is of another account, or cannot be written.
    """
    if account.address != preference.account:
        raise InputError(f"the preference is of {preference.account}, not of {account.address}")
    document = {
        "format": _FORMAT,
        "chainId": domain.chain_id,
        "contract": domain.verifying_contract,
        **fields_of(preference),
        "signature": f"0x{account.sign(preference_hash(preference, domain)).long.hex()}",
    }
    try:
        with rewritten(path) as file:
            file.write(json.dumps(document) + "\n")
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}") from None


def load_preference(path: Path, domain: Domain) -> Preference:
    """The preference of a file, signed by its account.

    Raises:
        InputError: there is no such file, it is something else, is for another market, or the
            signature is not the account's.
    """
    document: Any = read_json(path, _MAX_BYTES)
    try:
        place = document["format"], document["chainId"], checksum(document["contract"].lower())
        numbers = [document[name] for name in _NUMBERS]
        account = checksum(document["account"].lower())
        signature = bytes.fromhex(document["signature"].removeprefix("0x"))
    except (KeyError, TypeError, AttributeError, ValueError, EnergyGridError):
        raise InputError(f"{path} is no signed preference of an account") from None
    if place != (_FORMAT, domain.chain_id, checksum(domain.verifying_contract)):
        raise InputError(
            f"{path} is for another market: sign one for {domain.verifying_contract} on chain"
            f" {domain.chain_id}"
        )
    if any(type(each) is not int for each in numbers):
        raise InputError(f"{path}: {', '.join(_NUMBERS)} must be whole numbers")
    sold, lowest, bought, highest, until = numbers
    try:
        found = Preference(
            account=account,
            sold_wh=sold,
            lowest_price=lowest,
            bought_wh=bought,
            highest_price=highest,
            until=until,
        )
        signer = recover(
            preference_hash(found, domain), Signature.from_compact(*compact(signature))
        )
    except EnergyGridError as error:
        raise InputError(f"{path}: {error}") from None
    if signer != account:
        raise InputError(f"{path} is of {account}, and signed by {signer}: sign it again")
    return found
