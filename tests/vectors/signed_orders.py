"""Signed orders with their hashes and signatures, for whoever signs them with other software.

They are made by eth-account from the typed data alone, without the package: run this module to
write `signed_orders.json` anew. The keys are those of a local chain, which everybody knows.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_account.messages import encode_typed_data

__all__ = ["FILE", "made"]

FILE = Path(__file__).with_suffix(".json")
_MNEMONIC = "test test test test test test test test test test test junk"
_TYPES = {
    "EIP712Domain": [
        {"name": "name", "type": "string"},
        {"name": "version", "type": "string"},
        {"name": "chainId", "type": "uint256"},
        {"name": "verifyingContract", "type": "address"},
    ],
    "EnergyOrder": [
        {"name": "trader", "type": "address"},
        {"name": "side", "type": "string"},
        {"name": "amountWh", "type": "uint256"},
        {"name": "pricePerKwh", "type": "uint256"},
        {"name": "period", "type": "string"},
        {"name": "deliveryStart", "type": "uint256"},
        {"name": "validUntil", "type": "uint256"},
        {"name": "nonce", "type": "uint256"},
    ],
}
_PRIMARY = "EnergyOrder"
_HERE = (31337, "0x5FbDB2315678afecb367f032d93F642f64180aa3")
# Monday 2024-01-01 00:00 UTC.
_MONDAY = 1_704_067_200
_WORD = 2**256 - 1
# Name, chain and contract, account, side, Wh, price, period, start, valid until, nonce.
_ORDERS = (
    ("hour, buy", _HERE, 0, "BUY", 1500, 250_000, "HOURLY", _MONDAY + 3600, _MONDAY + 3599, 0),
    ("hour, sell", _HERE, 1, "SELL", 1500, 250_000, "HOURLY", _MONDAY + 3600, _MONDAY + 3599, 0),
    ("day, buy", _HERE, 2, "BUY", 24_000, 199_999, "DAILY", _MONDAY, _MONDAY - 1, 111),
    ("day, sell", _HERE, 3, "SELL", 24_096, 200_001, "DAILY", _MONDAY, _MONDAY - 60, 112),
    ("week, buy", _HERE, 4, "BUY", 168_000, 1, "WEEKLY", _MONDAY, _MONDAY - 1, 113),
    ("week, sell", _HERE, 5, "SELL", 672, 300_000, "WEEKLY", _MONDAY, _MONDAY - 1, 223),
    ("quarter, buy", _HERE, 6, "BUY", 250, 310_000, "QUARTER_HOURLY", 900, 899, 224),
    ("quarter, sell", _HERE, 7, "SELL", 251, 90_000, "QUARTER_HOURLY", 2700, 2699, 225),
    ("the least", _HERE, 8, "BUY", 4, 0, "HOURLY", 0, 0, 0),
    (
        "the most that the market takes",
        _HERE,
        9,
        "SELL",
        4 * (2**31 - 1),
        2**32 - 1,
        "HOURLY",
        _MONDAY,
        _WORD,
        2**40 - 1,
    ),
    (
        "full words, which no order has",
        _HERE,
        0,
        "BUY",
        _WORD,
        _WORD,
        "HOURLY",
        _WORD // 3600 * 3600,
        _WORD,
        _WORD,
    ),
    (
        "numbers that JavaScript would round",
        _HERE,
        1,
        "BUY",
        1500,
        2**53 + 1,
        "DAILY",
        _MONDAY,
        2**53 - 1,
        2**39 + 1,
    ),
    (
        "another chain",
        (1, _HERE[1]),
        0,
        "BUY",
        1500,
        250_000,
        "HOURLY",
        _MONDAY + 3600,
        _MONDAY + 7199,
        0,
    ),
    (
        "another contract",
        (31337, "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512"),
        0,
        "BUY",
        1500,
        250_000,
        "HOURLY",
        _MONDAY + 3600,
        _MONDAY + 7199,
        0,
    ),
)


def made() -> dict[str, Any]:
    """What the file holds."""
    Account.enable_unaudited_hdwallet_features()
    orders = [_vector(*order) for order in _ORDERS]
    return {"types": _TYPES, "primaryType": _PRIMARY, "orders": orders}


def _vector(
    name: str, place: tuple[int, str], index: int, side: str, *numbers: int | str
) -> dict[str, Any]:
    amount, price, period, start, until, nonce = numbers
    account = Account.from_mnemonic(_MNEMONIC, account_path=f"m/44'/60'/0'/0/{index}")
    domain = {
        "name": "EnergyGrid EnergyTrading",
        "version": "1",
        "chainId": place[0],
        "verifyingContract": place[1],
    }
    fields = {
        "trader": account.address,
        "side": side,
        "amountWh": _written(amount),
        "pricePerKwh": _written(price),
        "period": period,
        "deliveryStart": _written(start),
        "validUntil": _written(until),
        "nonce": _written(nonce),
    }
    typed_data = {"types": _TYPES, "primaryType": _PRIMARY, "domain": domain, "message": fields}
    message = encode_typed_data(full_message=typed_data)
    signed = account.sign_message(message)
    parity = signed.v - 27
    return {
        "name": name,
        "privateKey": f"0x{bytes(account.key).hex()}",
        "domain": domain,
        "message": fields,
        "domainSeparator": f"0x{message.header.hex()}",
        "structHash": f"0x{message.body.hex()}",
        "digest": f"0x{bytes(signed.message_hash).hex()}",
        "signature": f"0x{bytes(signed.signature).hex()}",
        "r": f"0x{signed.r:064x}",
        "vs": f"0x{parity << 255 | signed.s:064x}",
    }


def _written(number: int | str) -> int | str:
    """Beyond 2^53 as a decimal string."""
    return str(number) if isinstance(number, int) and number >= 2**53 else number


if __name__ == "__main__":
    FILE.write_text(json.dumps(made(), indent=1) + "\n")
