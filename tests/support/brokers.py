"""A real mosquitto, with the configuration and the certificates of docs/broker.md."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from energy_grid.backend.meter_gateway.mqtt import BrokerPlace
from tests.support.artifacts import ROOT

__all__ = ["Mosquitto", "free_port", "program", "running_mosquitto"]

_PAGE = ROOT / "docs/broker.md"
_FOLDER = "/etc/mosquitto/meters"
_SECONDS = 10


def program(name: str) -> str:
    """The path of one of mosquitto's programs, which `make setup` has found or unpacked."""
    own = ROOT / ".tools/bin" / name
    found = str(own) if own.exists() else shutil.which(name)
    assert found, f"{name} is missing: make setup says what to install"
    return found


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@dataclass(slots=True)
class Mosquitto:
    """A broker with TLS, and the certificates of those whom it knows."""

    folder: Path
    port: int
    _process: subprocess.Popen[bytes] | None = field(default=None)

    def place(self, name: str) -> BrokerPlace:
        """The broker for who has a certificate of this name."""
        if not (self.folder / f"{name}.crt").exists():
            _certify(self.folder, 2, NAME=name)
        return BrokerPlace(
            host="localhost",
            port=self.port,
            ca=self.folder / "ca.crt",
            certificate=self.folder / f"{name}.crt",
            key=self.folder / f"{name}.key",
        )

    def start(self) -> None:
        words = [program("mosquitto"), "-c", str(self.folder / "mosquitto.conf")]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(words, stdout=log, stderr=log)
        deadline = time.monotonic() + _SECONDS
        while True:
            try:
                socket.create_connection(("localhost", self.port), 1).close()
                return
            except OSError:
                assert self._process.poll() is None, (self.folder / "log").read_text()
                assert time.monotonic() < deadline
                time.sleep(0.01)

    def stop(self) -> None:
        """As a system does it: it writes down what it has."""
        self._end(kill=False)

    def kill(self) -> None:
        self._end(kill=True)

    def _end(self, *, kill: bool) -> None:
        if self._process is None:
            return
        deadline = time.monotonic() + _SECONDS
        # One that has just begun to listen forgets a signal that comes before its loop begins.
        while self._process.poll() is None:
            assert time.monotonic() < deadline, (self.folder / "log").read_text()
            (self._process.kill if kill else self._process.terminate)()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(1)
        self._process = None

    def client(self, name: str, place: str, *words: str) -> Sequence[str]:
        """The command of one of mosquitto's clients, with the certificate of this name."""
        at = self.place(place)
        files = ("--cafile", str(at.ca), "--cert", str(at.certificate), "--key", str(at.key))
        return [program(name), "-h", at.host, "-p", str(at.port), *files, *words]


@contextmanager
def running_mosquitto(folder: Path) -> Iterator[Mosquitto]:
    """A broker of its own, with its files in a folder that is made."""
    folder.mkdir()
    conf, acl = _blocks("ini")
    port, user = free_port(), pwd.getpwuid(os.getuid()).pw_name
    conf = conf.replace("listener 8883", f"listener {port} localhost").replace(_FOLDER, str(folder))
    conf = conf.replace("/var/lib/mosquitto", str(folder))
    (folder / "mosquitto.conf").write_text(f"{conf}user {user}\n")
    (folder / "acl").write_text(acl)
    (folder / "acl").chmod(0o600)
    _certify(folder, 0)
    _certify(folder, 1, HOST="localhost")
    broker = Mosquitto(folder, port)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()


def _certify(folder: Path, number: int, **names: str) -> None:
    """Do what the page says to make a certificate."""
    command = _blocks("sh")[number]
    subprocess.run(
        ["bash", "-euc", command],
        cwd=folder,
        env={**os.environ, **names},
        check=True,
        capture_output=True,
    )


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", _PAGE.read_text(encoding="utf-8"), re.DOTALL)
