"""A gateway's durable days: whole or not there, whatever fails at any step; never overwritten."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from energy_grid.domain.day_leaves import Absent, DayLeaves, Measured, Registers, seal_leaves
from energy_grid.domain.merkle import leaf_tree, root_of_proof
from energy_grid.domain.units import format_day
from energy_grid.errors import InputError
from energy_grid.market.day_store import (
    CorruptDayError,
    DayStore,
    NoStoredDayError,
    UnknownMemberError,
    WrongOpeningsError,
    load_published,
    publish,
)

COMMUNITY, DAY = 3, 20_000
SALT = bytes(range(32))


def day_of(imported: int) -> DayLeaves:
    """An absent account, and one that imports so much in the first slot."""
    nets = np.zeros((2, 24), dtype=np.int32)
    nets[1, 0] = -imported
    leaf = Measured(number=2, first=Registers(0, 0), last=Registers(imported, 0))
    return DayLeaves(slot_seconds=3600, leaves=(Absent(number=1), leaf), nets=nets)


# Short, so that it can be cut at every byte.
TINY = DayLeaves(
    slot_seconds=3600, leaves=(Absent(number=1),), nets=np.zeros((1, 24), dtype=np.int32)
)
LEAVES, OTHER = day_of(5), day_of(6)
SEALED, OPENINGS = seal_leaves(LEAVES, {2: SALT})
ROOT = leaf_tree(LEAVES.records()).root
FOLDER = Path(str(COMMUNITY), str(DAY))


class Crash(BaseException):
    """The process ends here: no program catches it."""


class Disk:
    """Counts what a program does to files, one step a byte that it writes; can crash before one.

    `power_cut` undoes what was not brought to the disk: bytes of a file that no fsync followed, and
    names in a folder that none followed.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.steps, self.crash_at = 0, -1
        self._paths: dict[int, Path] = {}
        # In the order of time: what brings it to the disk, what it is, and how that is lost.
        self._unsynced: list[tuple[Path, Path, Callable[[Path], object]]] = []
        self._real = {
            name: getattr(os, name)
            for name in ("open", "close", "write", "fsync", "mkdir", "rename", "unlink", "rmdir")
        }
        for name in self._real:
            monkeypatch.setattr(os, name, getattr(self, f"_{name}", self._counted(name)))

    def power_cut(self) -> None:
        self.crash_at = -1
        for _, path, undo in reversed(self._unsynced):
            undo(path)
        self._unsynced.clear()

    def _step(self) -> None:
        if self.steps == self.crash_at:
            raise Crash
        self.steps += 1

    def _counted(self, name: str) -> Callable[..., Any]:
        def counted(*arguments: Any, **options: Any) -> Any:
            self._step()
            return self._real[name](*arguments, **options)

        return counted

    def _name(self, path: Path, undo: Callable[[Path], object]) -> None:
        self._unsynced.append((path.parent, path, undo))

    def _open(self, path: Any, flags: int, *arguments: Any, **options: Any) -> int:
        if flags & os.O_CREAT:
            self._step()
            self._name(Path(path), lambda it: it.unlink(missing_ok=True))
        handle: int = self._real["open"](path, flags, *arguments, **options)
        self._paths[handle] = Path(path)
        return handle

    def _close(self, handle: int) -> None:
        self._paths.pop(handle, None)
        self._real["close"](handle)

    def _write(self, handle: int, content: bytes) -> int:
        path = self._paths[handle]
        size = path.stat().st_size
        self._unsynced.append((path, path, lambda it: it.exists() and os.truncate(it, size)))
        if self.steps <= self.crash_at < self.steps + len(content):
            self._real["write"](handle, content[: self.crash_at - self.steps])
            raise Crash
        self.steps += len(content)
        return int(self._real["write"](handle, content))

    def _fsync(self, handle: int) -> None:
        self._step()
        path = self._paths[handle]
        self._unsynced = [each for each in self._unsynced if each[0] != path]

    def _mkdir(self, path: Any, *arguments: Any, **options: Any) -> None:
        self._step()
        self._real["mkdir"](path, *arguments, **options)
        self._name(Path(path), lambda it: shutil.rmtree(it, ignore_errors=True))

    def _rename(self, source: Path, target: Path) -> None:
        self._step()
        self._real["rename"](source, target)
        # What is in it went with it.
        self._unsynced = [
            (_moved(by, source, target), _moved(path, source, target), undo)
            for by, path, undo in self._unsynced
        ]
        self._name(target, lambda it: self._real["rename"](it, source))


def _moved(path: Path, source: Path, target: Path) -> Path:
    return target / path.relative_to(source) if path.is_relative_to(source) else path


@pytest.mark.parametrize("power", [False, True], ids=["killed", "power fails"])
@pytest.mark.parametrize("before", [False, True], ids=["first", "beside another"])
def test_save__ended_at_any_step__leaves_a_whole_day_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: bool, power: bool
) -> None:
    step, ended = 0, False
    while not ended:
        folder = tmp_path / str(step)
        folder.mkdir()
        store = DayStore(folder / "store")
        with monkeypatch.context() as patch:
            disk = Disk(patch)
            if before:
                store.save(COMMUNITY, DAY, OTHER, {})
            disk.crash_at = disk.steps + step
            try:
                store.save(COMMUNITY, DAY, TINY, {})
                ended = True
            except Crash:
                if power:
                    disk.power_cut()
            allowed = [TINY.encode(), *([OTHER.encode()] if before else [])]
            try:
                assert store.load(COMMUNITY, DAY).leaves.encode() in allowed
            except NoStoredDayError:
                assert not before
            # The gateway starts again, saves, and could send the root: then the power fails.
            disk.crash_at = -1
            saved = store.save(COMMUNITY, DAY, TINY, {})
            disk.power_cut()
        assert store.load(COMMUNITY, DAY).root == saved.root
        versions = sorted(path.name for path in (folder / "store" / FOLDER).iterdir())
        assert versions == ["1", "2"][: 1 + before]
        if before:
            other = leaf_tree(OTHER.records()).root
            assert store.load(COMMUNITY, DAY, other).leaves.encode() == OTHER.encode()
        shutil.rmtree(folder)
        step += 1
    assert step > 240


def test_publish__ended_at_any_step__is_there_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "store").mkdir()
    stored = DayStore(tmp_path / "store").save(COMMUNITY, DAY, TINY, {})
    step, ended = 0, False
    while not ended:
        public = tmp_path / f"public{step}"
        with monkeypatch.context() as patch:
            disk = Disk(patch)
            disk.crash_at = step
            try:
                publish(stored, public)
                ended = True
            except Crash:
                disk.power_cut()
                with pytest.raises(NoStoredDayError):
                    load_published(public, stored.root)
                publish(stored, public)
        assert load_published(public, stored.root).leaves.encode() == TINY.encode()
        assert [path.name for path in public.iterdir()] == [stored.root.hex()]
        shutil.rmtree(public)
        step += 1
    assert step > 240


def test_save__loaded__is_the_same(tmp_path: Path) -> None:
    store = DayStore(tmp_path)
    saved = store.save(COMMUNITY, DAY, LEAVES, {})
    found = store.load(COMMUNITY, DAY)
    assert (found.community, found.day, found.root) == (COMMUNITY, DAY, ROOT)
    assert found.leaves.encode() == LEAVES.encode()
    assert (found.leaves.nets == LEAVES.nets).all()
    assert saved.root == ROOT
    manifest = json.loads((tmp_path / FOLDER / "1" / "manifest.json").read_text())
    assert manifest == {
        "format": 1,
        "community": 3,
        "day": 20_000,
        "slotSeconds": 3600,
        "root": f"0x{ROOT.hex()}",
        "sha256": manifest["sha256"],
    }


def test_save__other_leaves_than_the_newest__are_the_newest_version(tmp_path: Path) -> None:
    """Also if an older version has them: what is saved last is what the gateway anchors."""
    store = DayStore(tmp_path)
    for leaves in (LEAVES, LEAVES, OTHER, LEAVES):
        store.save(COMMUNITY, DAY, leaves, {})
        assert store.load(COMMUNITY, DAY).leaves.encode() == leaves.encode()
    assert sorted(path.name for path in (tmp_path / FOLDER).iterdir()) == ["1", "2", "3"]
    for leaves in (LEAVES, OTHER):
        root = leaf_tree(leaves.records()).root
        assert store.load(COMMUNITY, DAY, root).leaves.encode() == leaves.encode()


def test_save__another_process_writes_the_same_day__waits_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, real = DayStore(tmp_path), os.rename
    other = threading.Thread(target=store.save, args=(COMMUNITY, DAY, OTHER, {}))

    def rename(source: Path, target: Path) -> None:
        monkeypatch.setattr(os, "rename", real)
        other.start()
        other.join(0.2)
        assert other.is_alive()
        real(source, target)

    monkeypatch.setattr(os, "rename", rename)
    store.save(COMMUNITY, DAY, LEAVES, {})
    other.join()
    assert (tmp_path / FOLDER / "1" / "leaves.bin").read_bytes() == LEAVES.encode()
    assert (tmp_path / FOLDER / "2" / "leaves.bin").read_bytes() == OTHER.encode()


def test_save__disk_takes_a_few_bytes_at_a_time__writes_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, real = DayStore(tmp_path), os.write
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda handle, content: real(handle, content[:7]))
        store.save(COMMUNITY, DAY, SEALED, OPENINGS)
    assert store.load(COMMUNITY, DAY).openings == OPENINGS


def test_save__tenth_version__is_the_newest(tmp_path: Path) -> None:
    store = DayStore(tmp_path)
    for imported in range(10):
        store.save(COMMUNITY, DAY, day_of(imported), {})
    assert store.load(COMMUNITY, DAY).leaves.encode() == day_of(9).encode()


def test_save__days_and_communities__are_apart(tmp_path: Path) -> None:
    store = DayStore(tmp_path)
    store.save(COMMUNITY, DAY, LEAVES, {})
    store.save(COMMUNITY, DAY + 1, OTHER, {})
    for community, day in ((COMMUNITY + 1, DAY), (COMMUNITY, DAY + 2)):
        what = f"holds no leaves of {format_day(day)} of community {community}: build them first"
        with pytest.raises(NoStoredDayError, match=what):
            store.load(community, day)
    with pytest.raises(NoStoredDayError, match=f"with root 0x{ROOT.hex()}"):
        store.load(COMMUNITY, DAY + 1, ROOT)


def test_save__openings__are_kept_and_are_the_owners_alone(tmp_path: Path) -> None:
    store = DayStore(tmp_path)
    store.save(COMMUNITY, DAY, SEALED, OPENINGS)
    assert store.load(COMMUNITY, DAY).openings == OPENINGS
    file = tmp_path / FOLDER / "1" / "openings.bin"
    assert file.read_bytes() == OPENINGS[2]
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("leaves", "openings", "what"),
    [
        (SEALED, {}, "account 2 has a sealed leaf and no opening"),
        (LEAVES, OPENINGS, "account 2 has no sealed leaf"),
        (SEALED, {2: OPENINGS[2][:-1] + b"\0"}, "leaf 1 .account 2.: its opening has 158 bytes"),
    ],
)
def test_save__openings_of_other_leaves__are_refused(
    tmp_path: Path, leaves: DayLeaves, openings: dict[int, bytes], what: str
) -> None:
    with pytest.raises(WrongOpeningsError, match=what):
        DayStore(tmp_path).save(COMMUNITY, DAY, leaves, openings)
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("name", ["leaves.bin", "openings.bin", "manifest.json"])
def test_load__any_bit_of_a_file_flipped__is_noticed(tmp_path: Path, name: str) -> None:
    store = DayStore(tmp_path)
    store.save(COMMUNITY, DAY, SEALED, OPENINGS)
    file = tmp_path / FOLDER / "1" / name
    content = file.read_bytes()
    for at in range(len(content)):
        for bit in (1, 0x20):
            file.write_bytes(content[:at] + bytes((content[at] ^ bit,)) + content[at + 1 :])
            with pytest.raises(CorruptDayError):
                store.load(COMMUNITY, DAY)
    for left in range(len(content)):
        file.write_bytes(content[:left])
        if content[left:].strip():
            with pytest.raises(CorruptDayError):
                store.load(COMMUNITY, DAY)


@pytest.mark.parametrize("name", ["leaves.bin", "openings.bin", "manifest.json"])
def test_load__file_that_is_gone__says_which(tmp_path: Path, name: str) -> None:
    store = DayStore(tmp_path)
    store.save(COMMUNITY, DAY, SEALED, OPENINGS)
    (tmp_path / FOLDER / "1" / name).unlink()
    with pytest.raises(CorruptDayError, match=rf"{name}: No such file.*: restore the folder"):
        store.load(COMMUNITY, DAY)


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"format": 2}, "is no manifest of format 1"),
        ({"community": 4}, "is of community 4, not 3"),
        ({"day": 1}, "is of day 1, not 20000"),
        ({"day": True}, "has no day"),
        ({"root": None}, "has no root"),
        ({"root": "0x12"}, f"has the root 0x{ROOT.hex()}, its manifest says 0x12"),
        ({"slotSeconds": 60}, "a slot lasts 900 or 3600 s, not 60"),
        ({"slotSeconds": 900}, r"leaf 1: it needs 414 bytes, and 126 are left"),
        ({"sha256": "00"}, "its manifest says 00"),
    ],
)
def test_load__manifest_that_says_something_else__is_refused(
    tmp_path: Path, changes: dict[str, Any], what: str
) -> None:
    store = DayStore(tmp_path)
    store.save(COMMUNITY, DAY, LEAVES, {})
    file = tmp_path / FOLDER / "1" / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))
    with pytest.raises(CorruptDayError, match=what):
        store.load(COMMUNITY, DAY)


def test_load__openings_of_another_day__are_refused(tmp_path: Path) -> None:
    store = DayStore(tmp_path)
    other, openings = seal_leaves(OTHER, {2: SALT})
    store.save(COMMUNITY, DAY, SEALED, OPENINGS)
    store.save(COMMUNITY, DAY, other, openings)
    first, second = (tmp_path / FOLDER / name for name in ("1", "2"))
    shutil.copy(second / "openings.bin", first / "openings.bin")
    manifests = [json.loads((each / "manifest.json").read_text()) for each in (first, second)]
    manifests[0]["openingsSha256"] = manifests[1]["openingsSha256"]
    (first / "manifest.json").write_text(json.dumps(manifests[0]))
    with pytest.raises(CorruptDayError, match=r"openings\.bin: leaf 1 \(account 2\): its opening"):
        store.load(COMMUNITY, DAY, leaf_tree(SEALED.records()).root)


def test_publish__sealed_day__has_no_openings(tmp_path: Path) -> None:
    stored = DayStore(tmp_path / "store").save(COMMUNITY, DAY, SEALED, OPENINGS)
    public = tmp_path / "public"
    path = publish(stored, public)
    assert path == publish(stored, public) == public / stored.root.hex()
    assert sorted(each.name for each in path.iterdir()) == ["leaves.bin", "manifest.json"]
    found = load_published(public, stored.root)
    assert (found.day, found.root, found.openings) == (DAY, stored.root, {})
    assert all(SALT not in each.read_bytes() for each in path.iterdir())


def test_load_published__under_another_root__is_refused(tmp_path: Path) -> None:
    store, public = DayStore(tmp_path / "store"), tmp_path / "public"
    path = publish(store.save(COMMUNITY, DAY, LEAVES, {}), public)
    other = store.save(COMMUNITY, DAY, OTHER, {})
    with pytest.raises(NoStoredDayError, match="ask the gateway"):
        load_published(public, other.root)
    shutil.copytree(path, public / other.root.hex())
    for call in (lambda: load_published(public, other.root), lambda: publish(other, public)):
        with pytest.raises(CorruptDayError, match=f"has the root 0x{ROOT.hex()}: restore"):
            call()


def test_prove__members__get_what_leads_to_the_root(tmp_path: Path) -> None:
    stored = DayStore(tmp_path).save(COMMUNITY, DAY, SEALED, OPENINGS)
    records = SEALED.records()
    for place, (number, opening) in enumerate(((1, b""), (2, OPENINGS[2]))):
        found = stored.prove(number)
        assert (found.record, found.opening) == (records[place], opening)
        assert root_of_proof(found.record, found.proof) == stored.root
    what = "account 5 has no leaf on 2024-10-04 of community 3: ask for a day on which"
    with pytest.raises(UnknownMemberError, match=what):
        stored.prove(5)


def test_save__links_that_others_have_laid__are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / FOLDER).mkdir(parents=True)
    (tmp_path / FOLDER / ".draft").symlink_to(tmp_path / "kept")
    with pytest.raises(InputError, match="cannot write"):
        DayStore(tmp_path).save(COMMUNITY, DAY, LEAVES, {})
    assert [*(tmp_path / "kept").iterdir()] == []


def test_store__folder_that_is_none__says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot write .*: No such file or directory"):
        DayStore(tmp_path / "no" / "store").save(COMMUNITY, DAY, LEAVES, {})
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"cannot read .*: Not a directory"):
        DayStore(tmp_path / "file").load(COMMUNITY, DAY)
