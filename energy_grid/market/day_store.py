"""The days of a gateway's communities in durable files, and what members get of them.

    <store>/<community>/<day>/<version>/leaves.bin      the leaves, as `settleDay` takes them
                                        openings.bin    of sealed leaves, in their order: secret
                                        manifest.json   written last
    <public folder>/<root>/leaves.bin, manifest.json    what `publish` copies

    {"format": 1, "community": 3, "day": 20000, "slotSeconds": 900, "root": "0x..",
     "sha256": "..", "openingsSha256": ".."}            the last one only where leaves are sealed

A version is a folder that is written under another name, brought to the disk, and renamed. So it
is there whole or not at all, wherever power fails; the next `save` of the day removes what a crash
has left. No version is ever written again: its root may have been sent. What is saved last is the
newest version: leaves as the newest has them stay that one, all others become the next beside it,
also such as an older version has.

Several processes can use one store, on one machine: a lock on the day's folder orders them.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from energy_grid.chain.files import read_json
from energy_grid.domain.day_leaves import DayLeaves, Sealed, decode_leaves, open_leaf
from energy_grid.domain.leaf_errors import LeafError
from energy_grid.domain.merkle import LeafTree, leaf_tree
from energy_grid.domain.units import format_day
from energy_grid.errors import DomainError, InputError

__all__ = [
    "CorruptDayError",
    "DayStore",
    "LeafProof",
    "NoStoredDayError",
    "StoredDay",
    "UnknownMemberError",
    "WrongOpeningsError",
    "load_published",
    "publish",
]

_FORMAT = 1
_LEAVES, _OPENINGS, _MANIFEST = "leaves.bin", "openings.bin", "manifest.json"
# Where a version is written before it has its name.
_DRAFT = ".draft"
_SHARED, _PRIVATE = 0o666, 0o600
# Of 256 accounts with 96 slots and their openings; a manifest has some 300.
_MAX_BYTES = 2**18
_MAX_MANIFEST_BYTES = 2**12
_ADVICE = "restore the folder from a copy; if its root was never sent, remove it and save the day"


class NoStoredDayError(InputError):
    """A day, or a version with a root, that is not in the store."""


class CorruptDayError(InputError):
    """Files that are not as they were written."""


class UnknownMemberError(InputError):
    """An account that the day has no leaf of."""


class WrongOpeningsError(InputError):
    """Openings that are not those of the day's sealed leaves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafProof:
    """What the chain takes for one leaf of an anchored day.

    Attributes:
        record: its bytes.
        opening: of a sealed leaf where it is known, otherwise empty.
        proof: hashes of 32 bytes, see `merkle.root_of_proof`.
    """

    record: bytes
    opening: bytes
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StoredDay:
    """A day as it is in files, verified.

    Attributes:
        day: counted from 1970.
        openings: of sealed leaves, by account number; none in what was published.
    """

    community: int
    day: int
    leaves: DayLeaves
    openings: Mapping[int, bytes]
    _tree: LeafTree = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_tree", leaf_tree(self.leaves.records()))

    @property
    def root(self) -> bytes:
        """What the gateway anchors, 32 bytes."""
        return self._tree.root

    def prove(self, number: int) -> LeafProof:
        """The leaf of an account with its proof.

        Raises:
            UnknownMemberError: the day has none.
        """
        for place, leaf in enumerate(self.leaves.leaves):
            if leaf.number == number:
                return LeafProof(
                    record=self.leaves.records()[place],
                    opening=self.openings.get(number, b""),
                    proof=self._tree.proof(place),
                )
        raise UnknownMemberError(
            f"account {number} has no leaf on {format_day(self.day)} of community"
            f" {self.community}: ask for a day on which it was a member"
        )


class DayStore:
    """A folder of a gateway's days; it is made with the first of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(
        self, community: int, day: int, leaves: DayLeaves, openings: Mapping[int, bytes]
    ) -> StoredDay:
        """Bring a day's leaves to the disk, as its newest version, before their root is sent.

        Args:
            openings: of every sealed leaf, by account number (`day_leaves.seal_leaves`).

        Raises:
            WrongOpeningsError: one is missing, or does not open its leaf.
            CorruptDayError: the version that was the newest is not as it was written.
            InputError: the files cannot be written.
        """
        stored = StoredDay(community=community, day=day, leaves=leaves, openings=openings)
        _check_openings(leaves, openings)
        folder = self._of(community, day)
        with _writing(self._folder, folder.parent, folder):
            newest = max(_versions(folder), default=0)
            path = folder / str(newest)
            if newest and _manifest(path, (community, day))["root"] == _hex(stored.root):
                return _read(path, (community, day))
            _write(folder / str(newest + 1), stored)
        return stored

    def load(self, community: int, day: int, root: bytes | None = None) -> StoredDay:
        """The newest version of a day, or the one with a root.

        Raises:
            NoStoredDayError: there is none.
            CorruptDayError: it is not as it was written.
        """
        folder = self._of(community, day)
        for version in sorted(_versions(folder), reverse=True):
            path = folder / str(version)
            if root is None or _manifest(path, (community, day))["root"] == _hex(root):
                return _read(path, (community, day))
        wanted = "" if root is None else f" with root {_hex(root)}"
        raise NoStoredDayError(
            f"{folder} holds no leaves of {format_day(day)} of community {community}{wanted}: build"
            " them first, or name another folder"
        )

    def _of(self, community: int, day: int) -> Path:
        return self._folder / str(community) / str(day)


def publish(stored: StoredDay, folder: Path) -> Path:
    """Copy a day's leaves to where members find them by the anchored root, without openings.

    Returns:
        The folder of the copy; what was published before stays as it is.

    Raises:
        CorruptDayError: something else is under this name.
        InputError: it cannot be written.
    """
    path = folder / stored.root.hex()
    shown = StoredDay(community=stored.community, day=stored.day, leaves=stored.leaves, openings={})
    with _writing(folder):
        if not path.exists():
            _write(path, shown)
    load_published(folder, stored.root)
    return path


def load_published(folder: Path, root: bytes) -> StoredDay:
    """A published day by its anchored root.

    Raises:
        NoStoredDayError: there is none.
        CorruptDayError: it has another root, or is not as it was written.
    """
    path = folder / root.hex()
    if not path.exists():
        raise NoStoredDayError(f"{folder} holds no day with root {_hex(root)}: ask the gateway")
    stored = _read(path)
    if stored.root != root:
        raise CorruptDayError(f"{path} has the root {_hex(stored.root)}: {_ADVICE}")
    return stored


def _versions(folder: Path) -> list[int]:
    """What is there whole."""
    try:
        names = [path.name for path in folder.iterdir()]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise InputError(f"cannot read {folder}: {error.strerror}") from None
    return [int(name) for name in names if name.isascii() and name.isdigit()]


def _write(path: Path, stored: StoredDay) -> None:
    """Write a folder that is there whole or not at all, within `_writing`."""
    draft = path.with_name(_DRAFT)
    if draft.exists():
        shutil.rmtree(draft)
    os.mkdir(draft)
    leaves = stored.leaves.encode()
    openings = b"".join(stored.openings[number] for number in sorted(stored.openings))
    manifest: dict[str, Any] = {
        "format": _FORMAT,
        "community": stored.community,
        "day": stored.day,
        "slotSeconds": stored.leaves.slot_seconds,
        "root": _hex(stored.root),
        "sha256": _sha256(leaves),
    }
    _write_file(draft / _LEAVES, leaves, _SHARED)
    if openings:
        _write_file(draft / _OPENINGS, openings, _PRIVATE)
        manifest |= {"openingsSha256": _sha256(openings)}
    _write_file(draft / _MANIFEST, f"{json.dumps(manifest, indent=1)}\n".encode(), _SHARED)
    _sync(draft)
    os.rename(draft, path)


def _write_file(path: Path, content: bytes, mode: int) -> None:
    out = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    try:
        while content:
            content = content[os.write(out, content) :]
        os.fsync(out)
    finally:
        os.close(out)


def _sync(folder: Path) -> None:
    """Bring the names in a folder to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _writing(*folders: Path) -> Iterator[None]:
    """Make folders, each in the one before; alone in the last one, with all names on the disk.

    Also those that were there before: a crash may have come between a name and the disk.
    """
    try:
        for folder in folders:
            folder.mkdir(exist_ok=True)
            _sync(folder.parent)
        handle = os.open(folders[-1], os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise InputError(f"cannot write {folders[-1]}: {error.strerror}") from None


def _manifest(path: Path, of: tuple[int, int] | None) -> dict[str, Any]:
    """A manifest; where community and day are given, it must name them."""
    file = path / _MANIFEST
    try:
        found = read_json(file, _MAX_MANIFEST_BYTES)
    except InputError as error:
        raise CorruptDayError(f"{error}: {_ADVICE}") from None
    if not isinstance(found, dict) or found.get("format") != _FORMAT:
        raise CorruptDayError(f"{file} is no manifest of format {_FORMAT}: {_ADVICE}")
    for name, kind in (("community", int), ("day", int), ("slotSeconds", int), ("root", str)):
        if type(found.get(name)) is not kind:
            raise CorruptDayError(f"{file} has no {name}: {_ADVICE}")
    for name, wanted in zip(("community", "day"), of or (), strict=False):
        if found[name] != wanted:
            raise CorruptDayError(f"{file} is of {name} {found[name]}, not {wanted}: {_ADVICE}")
    return found


def _read(path: Path, of: tuple[int, int] | None = None) -> StoredDay:
    """A version, of which community and day are known, or a published day; verified."""
    manifest = _manifest(path, of)
    data = _content(path / _LEAVES, manifest.get("sha256"))
    try:
        leaves = decode_leaves(data, manifest["slotSeconds"])
    except DomainError as error:
        raise CorruptDayError(f"{path / _LEAVES}: {error}: {_ADVICE}") from None
    stored = StoredDay(
        community=manifest["community"],
        day=manifest["day"],
        leaves=leaves,
        openings=_openings(path, manifest, leaves) if of else {},
    )
    if _hex(stored.root) != manifest["root"]:
        found, said = _hex(stored.root), manifest["root"]
        raise CorruptDayError(
            f"{path / _LEAVES} has the root {found}, its manifest says {said}: {_ADVICE}"
        )
    return stored


def _content(file: Path, sha256: object) -> bytes:
    try:
        with file.open("rb") as opened:
            content = opened.read(_MAX_BYTES)
    except OSError as error:
        raise CorruptDayError(f"cannot read {file}: {error.strerror}: {_ADVICE}") from None
    if _sha256(content) != sha256:
        raise CorruptDayError(
            f"{file} has the sha256 {_sha256(content)}, its manifest says {sha256}: {_ADVICE}"
        )
    return content


def _openings(path: Path, manifest: Mapping[str, Any], day: DayLeaves) -> dict[int, bytes]:
    """By account number, of every sealed leaf."""
    sealed = _sealed(day)
    if not sealed:
        return {}
    content = _content(path / _OPENINGS, manifest.get("openingsSha256"))
    size = len(content) // len(sealed)
    found = {number: content[at * size :][:size] for at, number in enumerate(sealed)}
    try:
        _check_openings(day, found)
    except WrongOpeningsError as error:
        raise CorruptDayError(f"{path / _OPENINGS}: {error}: {_ADVICE}") from None
    return found


def _check_openings(day: DayLeaves, openings: Mapping[int, bytes]) -> None:
    sealed = _sealed(day)
    if wrong := sealed.keys() ^ openings.keys():
        number = min(wrong)
        what = "has no sealed leaf" if number in openings else "has a sealed leaf and no opening"
        raise WrongOpeningsError(f"account {number} {what}")
    for number, place in sealed.items():
        try:
            open_leaf(day, place, openings[number])
        except LeafError as error:
            raise WrongOpeningsError(str(error)) from None


def _sealed(day: DayLeaves) -> dict[int, int]:
    """The places of sealed leaves by account number."""
    leaves = enumerate(day.leaves)
    return {leaf.number: place for place, leaf in leaves if isinstance(leaf, Sealed)}


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _hex(root: bytes) -> str:
    return f"0x{root.hex()}"
