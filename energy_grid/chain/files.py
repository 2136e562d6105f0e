"""Files that are written whole or not at all, also in folders where others write.

Symbolic links are not followed, and no draft's name can be guessed.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from energy_grid.errors import InputError

__all__ = ["PRIVATE", "created", "read_bytes", "read_json", "rewritten"]

# Who may read the file: all whom the umask allows, or the owner alone.
_SHARED = 0o666
PRIVATE = 0o600
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
_RANDOM_BYTES = 8


@contextmanager
def created(path: Path, mode: int = _SHARED) -> Iterator[TextIO]:
    """A new file; it is gone again if it does not become whole.

    Raises:
        FileExistsError: there is something under this name, be it a link to nowhere.
        OSError: it cannot be written.
    """
    with open(os.open(path, _NEW, mode), "w", encoding="utf-8") as out:
        try:
            yield out
            out.flush()
            os.fsync(out.fileno())
        except BaseException:
            path.unlink(missing_ok=True)
            raise


@contextmanager
def rewritten(path: Path) -> Iterator[TextIO]:
    """What takes the place of a file, or is the first of its name, once it is whole.

    Raises:
        OSError: it cannot be written.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(_RANDOM_BYTES)}")
    try:
        with created(draft) as out:
            yield out
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def read_bytes(path: Path, most_bytes: int) -> bytes:
    """What is in a file that a stranger may have written.

    Raises:
        InputError: there is no such file, or it is too large.
    """
    try:
        with path.open("rb") as file:
            content = file.read(most_bytes + 1)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from None
    if len(content) > most_bytes:
        raise InputError(f"{path} is larger than {most_bytes} bytes")
    return content


def read_json(path: Path, most_bytes: int) -> Any:
    """What is in a file of JSON that a stranger may have written.

    Raises:
        InputError: there is no such file, it is too large, or no JSON.
    """
    content = read_bytes(path, most_bytes)
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise InputError(f"{path} is no JSON") from None
