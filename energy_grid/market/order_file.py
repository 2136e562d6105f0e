"""Signed orders as they are published: files that traders write and keepers read.

An order is a JSON object of the fields that are signed and what else is needed to check it; a file
holds a list of them, or a single one:

    {"format": 1, "chainId": 31337, "contract": "0x..", "trader": "0x..", "side": "BUY",
     "amountWh": 1500, "pricePerKwh": 250000, "period": "HOURLY", "deliveryStart": 1704070800,
     "validUntil": 1704074399, "nonce": 7, "signature": "0x.."}

Numbers are integers or decimal strings. ``"byContract": true`` marks the order of a contract
wallet. Fields of other names are ignored.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from enum import IntEnum
from pathlib import Path
from typing import Any, TypeVar

from energy_grid.chain.abi import checksum
from energy_grid.chain.files import read_json, rewritten
from energy_grid.domain.orders import OrderTerms, OrderType
from energy_grid.domain.periods import MisalignedPeriodError, Period, PeriodKind
from energy_grid.domain.signed_orders import (
    MalformedOrderError,
    SignedOrder,
    check_order,
    compact,
    fields_of,
)
from energy_grid.domain.typed_data import Domain
from energy_grid.errors import DomainError, InputError

__all__ = [
    "document_of",
    "load_orders",
    "load_typed_data",
    "order_of",
    "save_orders",
    "sift_orders",
]

Member = TypeVar("Member", bound=IntEnum)
_FORMAT = 1
_ADDRESS = re.compile("0x[0-9a-fA-F]{40}")
_DECIMAL = re.compile("0|[1-9][0-9]{0,77}")
_DIGITS = re.compile("0x(?:[0-9a-fA-F]{2})*")
# Of a contract wallet with a hundred owners.
_MAX_SIGNATURE_BYTES = 8192
_MAX_TEXT = 2 * _MAX_SIGNATURE_BYTES + 2
_MAX_NUMBER = 2**256 - 1
# A hundred thousand orders have half of it.
_MAX_BYTES = 2**26


def document_of(order: SignedOrder, domain: Domain) -> dict[str, Any]:
    """An order as it is published."""
    document: dict[str, Any] = {
        "format": _FORMAT,
        "chainId": domain.chain_id,
        "contract": domain.verifying_contract,
        **fields_of(order.terms, order.nonce),
        "signature": f"0x{order.signature.hex()}",
    }
    return document | ({"byContract": True} if order.by_contract else {})


def order_of(document: object, domain: Domain) -> SignedOrder:
    """A published order; the signature is not verified.

    Raises:
        MalformedOrderError: it is none, out of the chain's range, or for another market.
    """
    if not isinstance(document, Mapping):
        raise MalformedOrderError("a signed order is a JSON object")
    if _number(document, "format") != _FORMAT:
        raise MalformedOrderError(f"its format is not {_FORMAT}")
    _check_market(document, domain)
    by_contract = document.get("byContract", False)
    if not isinstance(by_contract, bool):
        raise MalformedOrderError("byContract is neither true nor false")
    signature = bytes.fromhex(_text(document, "signature", _DIGITS, "digits after 0x")[2:])
    if not by_contract:
        compact(signature)
    terms, nonce = _terms(document), _number(document, "nonce")
    try:
        check_order(terms, nonce)
    except DomainError as error:
        raise MalformedOrderError(str(error)) from None
    return SignedOrder(terms=terms, nonce=nonce, signature=signature, by_contract=by_contract)


def load_typed_data(path: Path, signature: str, domain: Domain) -> SignedOrder:
    """An order that was signed as typed data (`signed_orders.typed_data`).

    What is no signature of a key is taken for that of a contract wallet.
    Raises:
        InputError: there is no such file, or it is something else.
        MalformedOrderError: it is out of the chain's range, or for another market.
    """
    document = read_json(path, _MAX_BYTES)
    try:
        message, place = document["message"], document["domain"]
        order = {**message, "chainId": place["chainId"], "contract": place["verifyingContract"]}
    except (KeyError, TypeError):
        raise InputError(f"{path} has no typed data of an order") from None
    order |= {"format": _FORMAT, "signature": signature}
    try:
        compact(bytes.fromhex(signature[2:]))
    except MalformedOrderError:
        order["byContract"] = True
    try:
        return order_of(order, domain)
    except MalformedOrderError as error:
        raise MalformedOrderError(f"{path}: {error}") from None


def load_orders(path: Path, domain: Domain) -> list[SignedOrder]:
    """The orders of a file, in their order.

    Raises:
        InputError: there is no such file, it is too large, or no JSON.
        MalformedOrderError: one is malformed, see `order_of`; the message names it.
    """
    orders, malformed = sift_orders(path, domain)
    if malformed:
        raise MalformedOrderError(f"{path}, {malformed[0]}")
    return orders


def sift_orders(path: Path, domain: Domain) -> tuple[list[SignedOrder], list[str]]:
    """The orders of a file to which anyone may have added, and what is wrong with the others.

    Each message begins with the place of its order: ``"order 3: nonce is no whole number"``.
    Raises:
        InputError: there is no such file, it is too large, or no JSON.
    """
    documents = read_json(path, _MAX_BYTES)
    orders, malformed = [], []
    for place, document in enumerate(documents if isinstance(documents, list) else [documents], 1):
        try:
            orders.append(order_of(document, domain))
        except MalformedOrderError as error:
            malformed.append(f"order {place}: {error}")
    return orders, malformed


def save_orders(path: Path, orders: Sequence[SignedOrder], domain: Domain) -> None:
    """Write a file with these orders, in place of what it held.

    Raises:
        InputError: it cannot be written.
    """
    lines = ",\n".join(json.dumps(document_of(order, domain)) for order in orders)
    try:
        with rewritten(path) as file:
            file.write(f"[\n{lines}\n]\n")
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}") from None


def _check_market(document: Mapping[Any, Any], domain: Domain) -> None:
    chain, contract = _number(document, "chainId"), _address(document, "contract")
    if (chain, contract) != (domain.chain_id, checksum(domain.verifying_contract)):
        raise MalformedOrderError(
            f"it is for {contract} on chain {chain}, not for {domain.verifying_contract} on chain"
            f" {domain.chain_id}"
        )


def _terms(document: Mapping[Any, Any]) -> OrderTerms:
    kind = _member(document, "period", PeriodKind)
    try:
        period = Period(kind=kind, start=_number(document, "deliveryStart"))
    except MisalignedPeriodError as error:
        raise MalformedOrderError(str(error)) from None
    return OrderTerms(
        trader=_address(document, "trader"),
        order_type=_member(document, "side", OrderType),
        amount=_number(document, "amountWh"),
        price=_number(document, "pricePerKwh"),
        expiry=_number(document, "validUntil"),
        period=period,
    )


def _number(document: Mapping[Any, Any], name: str) -> int:
    value = document.get(name)
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        value = int(value)
    # True and False are integers to Python.
    if isinstance(value, bool) or not isinstance(value, int):
        raise MalformedOrderError(f"{name} is no whole number")
    if not 0 <= value <= _MAX_NUMBER:
        raise MalformedOrderError(f"{name} is negative or does not fit 256 bits")
    return value


def _text(document: Mapping[Any, Any], name: str, pattern: re.Pattern[str], what: str) -> str:
    value = document.get(name)
    if not isinstance(value, str) or len(value) > _MAX_TEXT or not pattern.fullmatch(value):
        raise MalformedOrderError(f"{name} must be {what}")
    return value


def _address(document: Mapping[Any, Any], name: str) -> str:
    text = _text(document, name, _ADDRESS, "an address")
    found = checksum(text.lower())
    if text[2:] not in (text[2:].lower(), text[2:].upper()) and text != found:
        raise MalformedOrderError(f"{name} {text} has a wrong checksum: a letter of it is wrong")
    return found


def _member(document: Mapping[Any, Any], name: str, enum: type[Member]) -> Member:
    value = document.get(name)
    for member in enum:
        if member.name == value:
            return member
    names = ", ".join(member.name for member in enum)
    raise MalformedOrderError(f"{name} is none of {names}")
