"""Documents that an operator has configured: files, or answers of one HTTP address."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from energy_grid.errors import EnergyGridError, InputError

__all__ = ["SourceError", "read_place"]

_SECONDS = 10
_MAX_BYTES = 2**20


class SourceError(EnergyGridError):
    """A source gives nothing that can be reported now: the next try may."""


class _Strict(HTTPRedirectHandler):
    """Nobody but the operator decides which machine is asked."""

    def redirect_request(self, req: Request, *arguments: Any) -> None:
        return None


def read_place(place: str) -> str:
    """The text of a file, or of an ``http(s)://`` address, which is asked without following
    redirections; at most 1 MiB.

    Raises:
        SourceError: it cannot be had, is too large, or is no text.
        InputError: the address is of another kind.
    """
    scheme = urlsplit(place).scheme
    try:
        if scheme in ("http", "https"):
            with build_opener(_Strict).open(place, timeout=_SECONDS) as answer:
                content = answer.read(_MAX_BYTES + 1)
        elif "://" in place:
            raise InputError(f"a source is a file or an http(s):// address, this is {scheme}://")
        else:
            with Path(place).open("rb") as file:
                content = file.read(_MAX_BYTES + 1)
    except HTTPError as error:
        raise SourceError(f"{_where(place)} answers with {error.code}") from None
    except URLError as error:
        raise SourceError(f"{_where(place)} does not answer: {error.reason}") from None
    except OSError as error:
        raise SourceError(f"cannot read {_where(place)}: {error.strerror or error}") from None
    if len(content) > _MAX_BYTES:
        raise SourceError(f"{_where(place)} is larger than {_MAX_BYTES} bytes")
    try:
        return bytes(content).decode()
    except UnicodeDecodeError:
        raise SourceError(f"{_where(place)} is no text") from None


def _where(place: str) -> str:
    """Without what may be secret: the query and the user of an address."""
    parts = urlsplit(place)
    return f"{parts.scheme}://{parts.hostname}{parts.path}" if parts.scheme else place
