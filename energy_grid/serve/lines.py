"""Lines of what happens, for people or as JSON, without anything secret."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit

__all__ = ["Lines", "Logged", "secrets_of"]

_HIDDEN = "***"


class Lines:
    """Writes each line with its time.

    Args:
        hidden: texts that are never written.
        on_closed: called once nobody reads any more.
    """

    def __init__(
        self,
        *,
        as_json: bool,
        hidden: Collection[str],
        on_closed: Callable[[], object] = lambda: None,
    ) -> None:
        self._as_json, self._on_closed = as_json, on_closed
        self._is_closed = False
        # The longest first: one may be a part of another.
        self._hidden = sorted(filter(None, hidden), key=len, reverse=True)

    def __call__(self, line: str) -> None:
        for each in self._hidden:
            line = line.replace(each, _HIDDEN)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        text = json.dumps({"time": now, "message": line}) if self._as_json else f"{now} {line}"
        if self._is_closed:
            return
        try:
            # One write: lines of several threads do not mix.
            sys.stdout.write(f"{text}\n")
            sys.stdout.flush()
        except BrokenPipeError:
            self._is_closed = True
            # Nothing more is written, not even when the interpreter ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            self._on_closed()


class Logged(logging.Handler):
    """What libraries log, and errors that nobody expects, as lines: nothing secret either."""

    def __init__(self, lines: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record."""
        self._lines(self.format(record))


def secrets_of(*urls: str) -> set[str]:
    """What URLs of databases, nodes and signers hide: passwords, keys in paths and queries."""
    found: set[str] = set()
    for url in urls:
        parts = urlsplit(url.removeprefix("signer:"))
        found |= {parts.password or "", unquote(parts.password or ""), parts.query}
        if parts.scheme.startswith("http"):
            found.add(parts.path.strip("/"))
    return found - {""}
