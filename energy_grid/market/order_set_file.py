"""Order sets as they are published: a file of lines, each a JSON object, readable as a stream.

    {"format": 2, "chainId": 31337, "contract": "0x..", "period": "HOURLY", "start": 1704070800,
     "price": "250000", "orderSet": "0x..", "seedBlock": 120, "seed": "0x..", "orders": 2,
     "dropped": 1}
    {"openWh": 1500, "signed": {..}}            one line for each order, as `order_file` has them
    {"openWh": 700, "stored": 12}               an on-chain order by its number
    {"openWh": 900, "signed": {..}, "dropped": "NONCE_SPENT"}      rejected by the chain

Orders come first, those that were dropped after them; an order that was dropped once the set was
published is there twice. The root in the first line is a claim; compute it from the orders.
The seed is the hash of the block of that number.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from energy_grid.chain.abi import checksum
from energy_grid.chain.files import rewritten
from energy_grid.domain.batch import Refusal
from energy_grid.domain.batch_clearing import OpenOrder
from energy_grid.domain.periods import Period, PeriodKind
from energy_grid.domain.signed_orders import MalformedOrderError, SignedOrder
from energy_grid.domain.typed_data import Domain
from energy_grid.errors import EnergyGridError, InputError
from energy_grid.market.order_file import document_of, order_of
from energy_grid.market.order_sets import OrderSet, Seed

__all__ = [
    "Entry",
    "OrderSetFile",
    "load_order_set",
    "order_set_lines",
    "path_for",
    "save_order_set",
]

_FORMAT = 2
# An order of a contract wallet with the longest signature has 17,000.
_MAX_LINE = 32_768
_MAX_ORDERS = 1_000_000
_MAX_NUMBER = 2**256 - 1
_WORD_DIGITS = 66


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line: a signed order or the number of a stored one, and its open Wh."""

    order: SignedOrder | int
    open_wh: int
    dropped: Refusal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSetFile:
    """The content of a file, not checked against the chain."""

    period: Period
    price: int
    root: bytes
    seed: Seed
    orders: tuple[Entry, ...]
    dropped: tuple[Entry, ...]


def order_set_lines(order_set: OrderSet, domain: Domain) -> Iterator[str]:
    """The lines of a file."""
    head = {
        "format": _FORMAT,
        "chainId": domain.chain_id,
        "contract": domain.verifying_contract,
        "period": order_set.period.kind.name,
        "start": order_set.period.start,
        "price": str(order_set.price),
        "orderSet": f"0x{order_set.root.hex()}",
        "seedBlock": order_set.seed.block,
        "seed": f"0x{order_set.seed.hash.hex()}",
        "orders": len(order_set.orders),
        "dropped": len(order_set.dropped),
    }
    yield json.dumps(head)
    for order in order_set.orders:
        yield json.dumps(_document(order, domain))
    for each in order_set.dropped:
        yield json.dumps(_document(each.order, domain) | {"dropped": each.reason.name})


def save_order_set(path: Path, order_set: OrderSet, domain: Domain) -> None:
    """Write a file, in place of what it held.

    Raises:
        InputError: it cannot be written.
    """
    try:
        with rewritten(path) as file:
            file.writelines(f"{line}\n" for line in order_set_lines(order_set, domain))
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}") from None


def path_for(path: Path, root: bytes, domain: Domain) -> Path:
    """Where a set can be written without losing another one that was published: the path itself,
    or with the first number behind its name that is free, such as ``set-2.jsonl``.

    Raises:
        InputError: the file holds something else than an order set.
    """
    number, found = 1, path
    while found.exists():
        try:
            with found.open("rb") as file:
                if _head(next(_lines(file, found), {}), domain)[2] == root:
                    return found
        except (EnergyGridError, OSError, KeyError, ValueError, TypeError):
            raise InputError(f"{found} holds no order set: name a new file") from None
        number += 1
        found = path.with_stem(f"{path.stem}-{number}")
    return found


def load_order_set(path: Path, domain: Domain) -> OrderSetFile:
    """Read a file, line by line.

    Raises:
        InputError: there is none, a line is too long or no order, there are more or fewer orders
            than the first line says, or it is for another market.
    """
    try:
        with path.open("rb") as file:
            return _read(_lines(file, path), domain, path)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from None


def _lines(file: Any, path: Path) -> Iterator[Mapping[str, Any]]:
    number = 0
    while content := file.readline(_MAX_LINE + 1):
        number += 1
        if len(content) > _MAX_LINE:
            raise InputError(f"{path}, line {number}: longer than {_MAX_LINE} bytes")
        try:
            document = json.loads(content)
        except (ValueError, RecursionError):
            raise InputError(f"{path}, line {number}: no JSON") from None
        if not isinstance(document, dict):
            raise InputError(f"{path}, line {number}: no JSON object")
        yield document


def _read(lines: Iterator[Mapping[str, Any]], domain: Domain, path: Path) -> OrderSetFile:
    head = next(lines, None)
    if head is None:
        raise InputError(f"{path} is empty")
    try:
        counts = [_number(head, name, _MAX_ORDERS) for name in ("orders", "dropped")]
        found = _head(head, domain)
    except (EnergyGridError, KeyError, ValueError, TypeError) as error:
        message = error if isinstance(error, EnergyGridError) else "not the head of an order set"
        raise InputError(f"{path}, line 1: {message}") from None
    entries = list(_entries(islice(lines, sum(counts)), domain, path))
    if len(entries) < sum(counts) or next(lines, None) is not None:
        raise InputError(
            f"{path}: its first line announces {counts[0]} orders and {counts[1]} dropped"
        )
    orders, dropped = entries[: counts[0]], entries[counts[0] :]
    if any(one.dropped for one in orders) or not all(one.dropped for one in dropped):
        raise InputError(f"{path}: dropped orders must come after the others")
    period, price, root, seed = found
    return OrderSetFile(
        period=period,
        price=price,
        root=root,
        seed=seed,
        orders=tuple(orders),
        dropped=tuple(dropped),
    )


def _head(head: Mapping[str, Any], domain: Domain) -> tuple[Period, int, bytes, Seed]:
    if head["format"] != _FORMAT:
        raise InputError(f"its format is not {_FORMAT}")
    chain = _number(head, "chainId", _MAX_NUMBER)
    contract = checksum(str(head["contract"]))
    if (chain, contract) != (domain.chain_id, checksum(domain.verifying_contract)):
        raise InputError(
            f"it is for {contract} on chain {chain}, not for {domain.verifying_contract} on chain"
            f" {domain.chain_id}"
        )
    root, seed = (_word(head, name) for name in ("orderSet", "seed"))
    kind = PeriodKind[str(head["period"])]
    period = Period(kind=kind, start=_number(head, "start", _MAX_NUMBER))
    block = _number(head, "seedBlock", _MAX_NUMBER)
    return period, _number(head, "price", _MAX_NUMBER), root, Seed(block=block, hash=seed)


def _word(head: Mapping[str, Any], name: str) -> bytes:
    text = str(head[name])
    if len(text) != _WORD_DIGITS or not text.startswith("0x"):
        raise InputError(f"its {name} is not 32 bytes")
    return bytes.fromhex(text[2:])


def _entries(lines: Iterable[Mapping[str, Any]], domain: Domain, path: Path) -> Iterator[Entry]:
    for number, document in enumerate(lines, 2):
        try:
            yield _entry(document, domain)
        except (EnergyGridError, KeyError, ValueError, TypeError) as error:
            message = error if isinstance(error, EnergyGridError) else "no order of an order set"
            raise InputError(f"{path}, line {number}: {message}") from None


def _entry(document: Mapping[str, Any], domain: Domain) -> Entry:
    if ("signed" in document) == ("stored" in document):
        raise MalformedOrderError("an order is either signed or stored")
    return Entry(
        order=order_of(document["signed"], domain)
        if "signed" in document
        else _number(document, "stored", _MAX_NUMBER),
        open_wh=_number(document, "openWh", _MAX_NUMBER),
        dropped=Refusal[document["dropped"]] if "dropped" in document else None,
    )


def _number(document: Mapping[str, Any], name: str, maximum: int) -> int:
    value = document.get(name)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 78:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= maximum:
        raise InputError(f"{name} is no whole number up to {maximum}")
    return value


def _document(order: OpenOrder, domain: Domain) -> dict[str, Any]:
    if order.signed is None:
        return {"openWh": order.open_wh, "stored": order.id}
    return {"openWh": order.open_wh, "signed": document_of(order.signed, domain)}
