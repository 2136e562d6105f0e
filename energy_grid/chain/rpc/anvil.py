"""A local Anvil node that never outlives the process that started it."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from energy_grid.chain.accounts import MNEMONIC
from energy_grid.chain.files import rewritten
from energy_grid.chain.rpc.node import DevNode, Hook
from energy_grid.errors import ChainError

__all__ = ["Anvil", "AnvilNotFoundError", "find_anvil", "has_node"]


_PACKAGE_ROOT = Path(__file__).resolve().parents[3]
_OLDEST_MAJOR = 1
_VERSION = re.compile(r"anvil Version: (\d+)\.")
_LISTENING = re.compile(r"Listening on 127\.0\.0\.1:(\d+)")
_START_SECONDS = 20.0
# Blocks whose state can still be asked for.
_STATES = 256
_STOP_SECONDS = 10.0
_BANNER_BYTES = 65_536
# Ends its argument when its input does: the kernel closes that pipe however the parent died.
_WATCHER = 'trap "" INT TERM HUP; read -r _; kill "$1" 2>/dev/null'


class AnvilNotFoundError(ChainError):
    """No Anvil of version 1 or newer is installed."""


def find_anvil(start: Path | None = None) -> Path:
    """The Anvil on PATH, if new enough, else the one that npm installed for the project.

    ``node_modules`` is searched from ``start`` (the working directory) upwards, then from the
    package upwards.

    Raises:
        AnvilNotFoundError: neither is there.
    """
    on_path = shutil.which("anvil")
    if on_path is not None and _is_new_enough(Path(on_path)):
        return Path(on_path)
    for origin in (start or Path.cwd(), _PACKAGE_ROOT):
        for folder in (origin, *origin.parents):
            candidate = folder / "node_modules" / ".bin" / "anvil"
            if candidate.is_file() and _is_new_enough(candidate):
                return candidate
    raise AnvilNotFoundError("no Anvil 1.0 or newer found: run `make setup`")


class Anvil:
    """A node on a free port of this machine; use it as a context manager.

    It stops when the block is left, when the interpreter exits, and when the process is killed.

    Args:
        accounts: how many of the mnemonic's accounts are funded.
        block_time: seconds between blocks; 0 mines each transaction at once.
        mining: whether blocks are mined at all without being asked for.
        timestamp: Unix seconds of the genesis block.
        chain_id: by default 31337, or that of the chain that it is a copy of.
        fork: address of a node whose chain this one begins as a copy of; that one never knows.
        gas_limit: of a block.
        hardfork: the rules of the chain, such as ``cancun``; by default the newest.
        state: file that is loaded at the start, if it exists, and written at the end; the clock
            goes on where it stood. One node at a time has it, by a lock beside it: the start
            waits for one that is about to end.
        hooks: called with every call, see `Node`.

    Raises:
        AnvilNotFoundError: it is not installed.
        ChainError: it did not start; the message is its own.
    """

    def __init__(
        self,
        *,
        accounts: int = 30,
        block_time: float = 0,
        chain_id: int | None = None,
        fork: str | None = None,
        gas_limit: int | None = None,
        hardfork: str | None = None,
        hooks: Iterable[Hook] = (),
        mining: bool = True,
        mnemonic: str = MNEMONIC,
        port: int = 0,
        state: Path | None = None,
        timestamp: int | None = None,
    ) -> None:
        self._arguments = [
            # Otherwise it writes the states of old blocks to the user's disk, gigabytes of them.
            *("--prune-history", str(_STATES)),
            *("--host", "127.0.0.1", "--port", str(port)),
            # A dumped state of the market is above Anvil's own limit of 2 MB.
            "--no-request-size-limit",
            *("--accounts", str(accounts), "--mnemonic", mnemonic),
            *(() if chain_id is None else ("--chain-id", str(chain_id))),
            *(() if not block_time else ("--block-time", str(block_time))),
            *(() if fork is None else ("--fork-url", fork)),
            *(() if gas_limit is None else ("--gas-limit", str(gas_limit))),
            *(() if hardfork is None else ("--hardfork", hardfork)),
            *(() if mining else ("--no-mining",)),
            *(() if state is None else ("--state", str(state))),
            *(() if timestamp is None else ("--timestamp", str(timestamp))),
        ]
        self._resumes, self._state = fork is not None or state is not None, state
        self._hooks = tuple(hooks)
        self._process: subprocess.Popen[bytes] | None = None
        self._watcher: subprocess.Popen[bytes] | None = None
        self._node: DevNode | None = None

    @property
    def node(self) -> DevNode:
        """The connection to it.

        Raises:
            ChainError: it does not run.
        """
        if self._node is None:
            raise ChainError("this Anvil is not running")
        return self._node

    @property
    def url(self) -> str:
        """Where it answers."""
        return self.node.url

    @property
    def pid(self) -> int:
        """Its process id."""
        if self._process is None:
            raise ChainError("this Anvil is not running")
        return self._process.pid

    def start(self) -> DevNode:
        """Start it and wait until it answers."""
        executable = find_anvil()
        with tempfile.TemporaryFile() as output, _locked(self._state) as locks:
            if self._state is not None and self._state.exists():
                _keep_genesis(self._state)
            # A session of its own: Ctrl-C reaches Python alone, which then stops the node.
            self._process = subprocess.Popen(
                [executable, *self._arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=locks,
            )
            try:
                self._watcher = subprocess.Popen(
                    ["/bin/sh", "-c", _WATCHER, "sh", str(self._process.pid)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )
                port = _port(self._process, output)
                self._node = DevNode(f"http://127.0.0.1:{port}", hooks=self._hooks)
                self._node.rpc("anvil_setLoggingEnabled", False)
                if self._resumes:
                    _keep_time(self._node)
            except BaseException:
                self.stop()
                raise
        return self._node

    def wait(self) -> None:
        """Wait for as long as it runs, until it is stopped by another thread.

        Raises:
            ChainError: it has ended without being stopped.
        """
        process = self._process
        if process is not None:
            process.wait()
        # Another thread may have stopped it.
        if process is not None and process is self._process:
            raise ChainError(f"Anvil has ended by itself (exit code {process.returncode})")

    def stop(self) -> None:
        """Stop it, in its own way first, so that it writes its state file."""
        process, watcher = self._process, self._watcher
        self._process = self._watcher = None
        if self._node is not None:
            self._node.close()
            self._node = None
        # The watcher goes first: it must never signal a process id that is free again.
        if watcher is not None:
            watcher.kill()
            watcher.wait()
            if watcher.stdin is not None:
                watcher.stdin.close()
        if process is not None:
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def __enter__(self) -> DevNode:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


@contextmanager
def _locked(state: Path | None) -> Iterator[Sequence[int]]:
    """Descriptors for a node: the lock of its state lasts as long as the last of them is open."""
    if state is None:
        yield ()
        return
    lock = os.open(state.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        deadline = time.monotonic() + _STOP_SECONDS
        while not _takes(lock):
            if time.monotonic() > deadline:
                raise ChainError(
                    f"another node has {state}: stop it, take another folder, or join its chain"
                    " with --rpc and --deployment"
                )
            time.sleep(0.01)
        yield (lock,)
    finally:
        os.close(lock)


def _keep_genesis(state: Path) -> None:
    """Leave only the first of several first blocks in a state file: Anvil begins a new chain at
    each start, writes the first block of that one beside the others, and reads back any of them."""
    content = json.loads(state.read_text(encoding="utf-8"))
    blocks = content.get("blocks", [])
    firsts = [block for block in blocks if _number(block, "number") == 0]
    if len(firsts) < 2:
        return
    genesis = min(firsts, key=lambda block: _number(block, "timestamp"))
    content["blocks"] = [block for block in blocks if block is genesis or block not in firsts]
    with rewritten(state) as stream:
        json.dump(content, stream)


def _number(block: Mapping[str, Any], name: str) -> int:
    value = block["header"][name]
    return int(value, 16) if isinstance(value, str) else int(value)


def has_node(state: Path) -> bool:
    """Whether a node has a state file, or will write it."""
    try:
        lock = os.open(state.with_suffix(".lock"), os.O_RDWR)
    except OSError:
        return False
    try:
        return not _takes(lock)
    finally:
        os.close(lock)


def _takes(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _keep_time(node: DevNode) -> None:
    """Let a chain's clock go on where it stood, if it had been set ahead of that of this machine.

    Anvil itself would go back to this machine's.
    """
    if node.time > time.time():
        node.set_clock(node.time + 1)


def _is_new_enough(executable: Path) -> bool:
    try:
        output = subprocess.run(
            [executable, "--version"], capture_output=True, text=True, timeout=_START_SECONDS
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return False
    version = _VERSION.search(output)
    return version is not None and int(version[1]) >= _OLDEST_MAJOR


def _port(process: subprocess.Popen[bytes], output: IO[bytes]) -> int:
    """The port that the node prints once it listens."""
    deadline = time.monotonic() + _START_SECONDS
    while True:
        ended = process.poll() is not None
        # Reading at a position leaves the place where the node writes alone.
        text = os.pread(output.fileno(), _BANNER_BYTES, 0).decode(errors="replace")
        if listening := _LISTENING.search(text):
            return int(listening[1])
        if ended or time.monotonic() > deadline:
            lines = text.strip().splitlines() or ["it printed nothing"]
            named = [line for line in lines if line.lower().startswith("error:")]
            raise ChainError(f"Anvil did not start: {(named or lines)[-1]}")
        time.sleep(0.002)
