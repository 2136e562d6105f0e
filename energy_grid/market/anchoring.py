"""What a gateway anchors: the readings of all its accounts in a slot, as one Merkle root.

The leaf of an account is (account, slot, produced, consumed, salt), see
contracts/interfaces/ISmartMeter.sol. Its salt is an HMAC-SHA256 of account and slot under the
gateway's secret. With the secret and the readings the whole tree can be computed again after a
crash. Without the secret a leaf reveals nothing of its energy, not even once other leaves, with
their salts, are proven. A secret serves one market alone: a salt that one
market has seen would lay another one's leaf open.

The proofs file is the tree as `MerkleTree.dump` writes it. It holds what every household used: it
belongs to the gateway, each household gets its own line of it with the proof (`SlotProof`).
"""

from __future__ import annotations

import csv
import hmac
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from mmap import mmap
from typing import Any

from energy_grid.contracts.smart_meter import AnchoredReading
from energy_grid.domain.merkle import (
    NODE_LINE,
    VALUES_LINE,
    MerkleTree,
    dump_head,
    leaf_hash,
    siblings,
    verify,
)
from energy_grid.domain.units import natural
from energy_grid.errors import DomainError, InputError

__all__ = [
    "COLUMNS",
    "LEAF_TYPES",
    "ProofsFile",
    "ReadingsError",
    "SlotProof",
    "is_proofs_file",
    "parse_secret",
    "read_readings",
    "salt_of",
    "tree_of",
]

COLUMNS = ("account", "produced_wh", "consumed_wh")
LEAF_TYPES = ("address", "uint256", "uint256", "uint256", "bytes32")
# What the largest rated power that an account can have gives in the longest slot, an hour.
MAX_WH = 2**31 - 1
_SLOT_LIMIT = 2**32
_SECRET_BYTES = 32
_SALT_LABEL = b"energy-grid/slot-salt/"
_PROOF_FORMAT = "energy-grid/slot-proof-1"
_ACCOUNT = re.compile(r"0x[0-9a-f]{40}")
_DIGITS = re.compile(r"[0-9]{1,10}")
_HEAD = dump_head(LEAF_TYPES).encode()
_NODE = re.compile(rb'"0x([0-9a-f]{64})"[, ]\n')
_WORD = re.compile(r"0x[0-9a-f]{64}")
_MAX_HASHES = 64

Reading = tuple[str, int, int]
Leaf = tuple[str, int, int, int, bytes]


class ReadingsError(InputError):
    """Readings that cannot be anchored, or a file of them that is not what it should be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotProof:
    """All that a household needs to have its slot counted: what was anchored, and the proof.

    Attributes:
        root: what the gateway has anchored for the slot.
    """

    account: str
    slot: int
    root: bytes
    reading: AnchoredReading

    @property
    def holds(self) -> bool:
        """Whether the reading is in the tree with this root."""
        one = self.reading
        leaf = (self.account, self.slot, one.produced, one.consumed, one.salt)
        return verify(self.root, leaf_hash(leaf, LEAF_TYPES), one.proof)

    def as_document(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "format": _PROOF_FORMAT,
            "account": self.account,
            "slot": self.slot,
            "produced_wh": self.reading.produced,
            "consumed_wh": self.reading.consumed,
            "salt": "0x" + self.reading.salt.hex(),
            "root": "0x" + self.root.hex(),
            "proof": ["0x" + node.hex() for node in self.reading.proof],
        }

    @classmethod
    def parse(cls, text: str) -> SlotProof:
        """A household's proof from its JSON.

        Raises:
            ReadingsError: it is none, or does not hold.
        """
        try:
            document = json.loads(text)
            if document["format"] != _PROOF_FORMAT or len(document["proof"]) > _MAX_HASHES:
                raise ValueError(document["format"])
            reading = AnchoredReading(
                produced=_energy("produced_wh", document["produced_wh"]),
                consumed=_energy("consumed_wh", document["consumed_wh"]),
                salt=_hash(document["salt"]),
                proof=tuple(_hash(node) for node in document["proof"]),
            )
            account, slot = document["account"].lower(), _slot(document["slot"])
            found = cls(account=account, slot=slot, root=_hash(document["root"]), reading=reading)
            holds = found.holds
        except (AttributeError, DomainError, KeyError, RecursionError, TypeError, ValueError):
            raise ReadingsError("this is not a proof of an account's slot") from None
        if not holds:
            raise ReadingsError(
                f"its proof does not lead from the reading of {account} to its root"
            )
        return found


def parse_secret(text: str) -> bytes:
    """A gateway's secret, of 32 bytes or more in hexadecimal digits.

    Raises:
        ReadingsError: it is none.
    """
    try:
        secret = bytes.fromhex(text.strip().removeprefix("0x"))
    except ValueError:
        secret = b""
    # What was typed is not repeated: it may be a secret all the same.
    if len(secret) < _SECRET_BYTES:
        raise ReadingsError(f"a secret has {_SECRET_BYTES} bytes or more, in hexadecimal digits")
    return secret


def salt_of(secret: bytes, account: str, slot: int) -> bytes:
    """The salt of an account's leaf: 32 bytes that only the gateway can know beforehand."""
    message = _SALT_LABEL + bytes.fromhex(account[2:]) + slot.to_bytes(8, "big")
    return hmac.digest(secret, message, "sha256")


def read_readings(
    lines: Iterable[str], address: Callable[[str], str] | None = None
) -> Iterator[Reading]:
    """(account, produced, consumed) of each row of a CSV file with a line of titles, in Wh.

    Args:
        address: what reads an account that is no address in lower case; by default it stays as it
            is, for `tree_of` to judge.

    Raises:
        ReadingsError: other titles, or a row that is no reading; it names the line.
    """
    rows = csv.reader(lines, strict=True)
    try:
        titles = next(rows, [])
        if tuple(title.strip().lstrip("\ufeff") for title in titles) != COLUMNS:
            raise ReadingsError(f"line 1 must be {','.join(COLUMNS)}")
        for row in rows:
            if row:
                yield _row(row, address, rows.line_num)
    except (csv.Error, UnicodeDecodeError) as error:
        raise ReadingsError(f"line {rows.line_num + 1}: {error}") from None


def tree_of(readings: Iterable[Reading], slot: int, secret: bytes) -> MerkleTree:
    """The tree of a slot's readings, one leaf an account, in the order given.

    Raises:
        ReadingsError: no readings, an account twice, or energy that no account can have.
        DomainError: a slot or a secret that is none.
    """
    _slot(slot)
    if len(secret) < _SECRET_BYTES:
        raise DomainError(f"a secret has {_SECRET_BYTES} bytes or more, not {len(secret)}")
    leaves: list[Leaf] = []
    seen: set[str] = set()
    for given, produced, consumed in readings:
        account = given.lower()
        if _ACCOUNT.fullmatch(account) is None:
            raise ReadingsError(f"{given[:50]!r} is not an account: write 0x and 40 digits")
        for name, wh in (("produced", produced), ("consumed", consumed)):
            if not 0 <= wh <= MAX_WH:
                raise ReadingsError(f"{account} cannot have {name} {wh} Wh: 0 to {MAX_WH}")
        seen.add(account)
        leaves.append((account, slot, produced, consumed, salt_of(secret, account, slot)))
        if len(seen) < len(leaves):
            raise ReadingsError(f"{account} has two readings")
    if not leaves:
        raise ReadingsError("there are no readings")
    return MerkleTree.of(leaves, LEAF_TYPES)


def is_proofs_file(content: bytes | mmap) -> bool:
    """Whether something begins as a gateway's proofs do."""
    return content[: len(_HEAD)] == _HEAD


class ProofsFile:
    """A gateway's proofs, read piece by piece.

    Args:
        content: what `MerkleTree.dump` gave for the tree of a slot's readings, as ASCII: all of it,
            or a map of a file that need not fit into memory.

    Raises:
        ReadingsError: it is something else.
    """

    def __init__(self, content: bytes | mmap) -> None:
        self._content = content
        if not is_proofs_file(content):
            raise ReadingsError("it is no file of a gateway's proofs")
        self._nodes = len(_HEAD)
        self._values = content.find(VALUES_LINE.encode()) + len(VALUES_LINE)
        count, odd = divmod(self._values - len(VALUES_LINE) - self._nodes, NODE_LINE)
        if odd or count % 2 == 0:
            raise ReadingsError("it is damaged: nodes of its tree are missing")
        self.count = (count + 1) // 2
        self.root = self._node(0)

    def __iter__(self) -> Iterator[SlotProof]:
        """The proofs of all accounts, in the order in which the readings came.

        Raises:
            ReadingsError: the file is damaged; the proofs up to there are sound.
        """
        start = self._values
        for _ in range(self.count):
            yield self._proof(start)
            start = self._content.find(b"\n", start) + 1

    def proof_of(self, account: str) -> SlotProof:
        """The proof of one account.

        Raises:
            ReadingsError: there is none, or the file is damaged.
        """
        start = self._content.find(f'{{"value": ["{account.lower()}"'.encode(), self._values)
        if start < 0:
            raise ReadingsError(f"it has no reading of {account}")
        return self._proof(start)

    def _node(self, place: int) -> bytes:
        start = self._nodes + NODE_LINE * place
        match = _NODE.fullmatch(self._content[start : start + NODE_LINE])
        if match is None:
            raise ReadingsError(f"it is damaged: there is no node {place}")
        return bytes.fromhex(match[1].decode())

    def _proof(self, start: int) -> SlotProof:
        """The proof of the account whose line starts there."""
        line = self._content[start : self._content.find(b"\n", start)]
        try:
            entry = json.loads(line.rstrip(b","))
            account, slot, produced, consumed, salt = entry["value"]
            places = siblings(natural("treeIndex", entry["treeIndex"]))
            found = SlotProof(
                account=account,
                slot=int(slot),
                root=self.root,
                reading=AnchoredReading(
                    produced=int(produced),
                    consumed=int(consumed),
                    salt=_hash(salt),
                    proof=tuple(map(self._node, places[:_MAX_HASHES])),
                ),
            )
            holds = found.holds
        except (DomainError, KeyError, RecursionError, TypeError, ValueError):
            raise ReadingsError(
                f"it is damaged at {line[:60].decode(errors='replace')!r}"
            ) from None
        if not holds:
            raise ReadingsError(f"it is damaged: the proof of {account} does not lead to its root")
        return found


def _row(row: list[str], address: Callable[[str], str] | None, line: int) -> Reading:
    if len(row) != len(COLUMNS):
        raise ReadingsError(f"line {line} has {len(row)} columns, not {len(COLUMNS)}")
    account, *energies = (cell.strip() for cell in row)
    for cell in energies:
        if _DIGITS.fullmatch(cell) is None:
            raise ReadingsError(f"line {line}: {cell[:50]!r} is not an energy in whole Wh")
    if address is not None and _ACCOUNT.fullmatch(account) is None:
        try:
            account = address(account)
        except InputError as error:
            raise ReadingsError(f"line {line}: {error}") from None
    return account, int(energies[0]), int(energies[1])


def _slot(slot: int) -> int:
    if natural("slot", slot) >= _SLOT_LIMIT:
        raise DomainError(f"{slot} is no slot")
    return slot


def _energy(name: str, wh: int) -> int:
    if natural(name, wh) > MAX_WH:
        raise DomainError(f"{name} {wh}")
    return wh


def _hash(digits: str) -> bytes:
    if _WORD.fullmatch(digits) is None:
        raise ValueError(digits)
    return bytes.fromhex(digits[2:])
