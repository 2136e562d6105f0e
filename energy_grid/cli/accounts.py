"""Accounts on the command line. A key itself is never typed there."""

from __future__ import annotations

import getpass
import json
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from energy_grid.chain.abi import checksum
from energy_grid.chain.accounts import Account, refuse_well_known
from energy_grid.chain.remote_accounts import RemoteAccount
from energy_grid.chain.roles import SAFES
from energy_grid.errors import InputError

__all__ = [
    "Owners",
    "Signers",
    "account_of",
    "actor_of",
    "address_in",
    "address_of",
    "ask",
    "known_password",
    "refuse_key",
    "signers_of",
]

_LOCAL = re.compile(r"local:([0-9]{1,4})")
_KEY = re.compile(r"(0x)?[0-9a-fA-F]{64}")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_PASSWORD, _PASSWORD_FILE = "ENERGY_GRID_PASSWORD", "ENERGY_GRID_PASSWORD_FILE"
_SIGNER = "signer:"
_NO_FILES = ("local:", "env:", _SIGNER)
_SAFE, _WHOLE_SAFE, _GOVERNANCE = "safe:", "safe", "governance"


@dataclass(frozen=True, slots=True)
class Owners:
    """Owners of a Safe of the market, who sign for it.

    Attributes:
        name: of the Safe; None for the one that they own.
    """

    accounts: tuple[Account, ...]
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Signers:
    """The signers, known by their addresses alone.

    Attributes:
        word: as the user typed it.
        addresses: of the account, or of the named owners of the Safe.
        safe: whether a Safe acts.
        name: of the Safe, if the user typed it.
        vote: whether governance acts, by its timelock after a vote.
    """

    word: str
    addresses: tuple[str, ...]
    safe: bool = False
    vote: bool = False
    name: str | None = None


def signers_of(word: str) -> Signers:
    """As `actor_of`, without keys; also an address, ``safe:NAME`` for a Safe, ``safe`` for the only
    one, and ``governance``.

    Raises:
        InputError: malformed.
    """
    if word == _WHOLE_SAFE:
        return Signers(word, (), safe=True)
    if word == _GOVERNANCE:
        return Signers(word, (), vote=True)
    if word.startswith(_SAFE):
        name, owners = _owners(word)
        return Signers(word, tuple(map(address_in, owners)), safe=True, name=name)
    return Signers(word, (address_in(word),))


def actor_of(word: str) -> Account | Owners:
    """The acting account: as `account_of`, or ``safe:`` and owners of a Safe with commas, before
    which its name may stand, such as ``safe:treasury,local:1,local:2``.

    Raises:
        InputError: malformed.
    """
    if not word.startswith(_SAFE):
        return account_of(word)
    name, owners = _owners(word)
    if not owners:
        raise InputError(f"name owners of the Safe who sign, such as {word},local:1,local:2")
    return Owners(tuple(map(account_of, owners)), name)


def _owners(word: str) -> tuple[str | None, list[str]]:
    """The name of a Safe, if it is given, and its owners; none for the Safe itself."""
    parts = [part.strip() for part in word.removeprefix(_SAFE).split(",")]
    if "" in parts:
        raise InputError(f"{word!r} must name owners of a Safe, such as safe:local:1,local:2")
    return (parts[0], parts[1:]) if parts[0] in SAFES else (None, parts)


def account_of(word: str) -> Account:
    """The account of ``local:2``, ``env:NAME``, a keystore file (see `known_password`), or
    ``signer:URL#ADDRESS``, whose key signs at the URL by ``eth_signTransaction``.

    Raises:
        InputError: malformed, or the key is not here.
    """
    refuse_key(word)
    if _ADDRESS.fullmatch(word):
        raise InputError(
            f"{word} is an address without its key: --dry-run --json prints what to sign,"
            " and energy-grid send sends it"
        )
    if word == _WHOLE_SAFE:
        raise InputError("name owners of a Safe who sign, such as safe:local:1,local:2")
    if word == _GOVERNANCE:
        raise InputError(
            "governance acts by votes: propose the call with energy-grid govern propose"
        )
    kind, _, name = word.partition(":")
    if kind == "local":
        return _local(word)
    if kind == "env":
        return _from_environment(name)
    if word.startswith(_SIGNER):
        return _remote(word)
    return Account.from_keystore(Path(word).expanduser(), _password(word))


def refuse_key(word: str) -> None:
    """Accept what cannot be a private key.

    Raises:
        InputError: it has the form of one.
    """
    if _KEY.fullmatch(word):
        raise InputError("do not type a key on a command line: use env:NAME or a keystore file")


def address_of(word: str, chain_id: int) -> str:
    """The address that is written out, or that of ``local:2``.

    Raises:
        InputError: malformed, a wrong checksum, or a well-known key on a real chain.
    """
    if word.startswith("local:"):
        address = _local(word).address
        refuse_well_known([address], chain_id)
        return address
    if _ADDRESS.fullmatch(word) is None:
        raise InputError(f"{word[:50]!r} is not an address: write 0x and 40 digits, or local:N")
    return _written_out(word)


def _written_out(word: str) -> str:
    found = checksum(word.lower())
    if word[2:] not in (word[2:].lower(), word[2:].upper()) and word != found:
        raise InputError(f"{word} has a wrong checksum: copy the address again")
    return found


def address_in(word: str) -> str:
    """The address of an account; that of a keystore needs no password."""
    if _ADDRESS.fullmatch(word):
        return _written_out(word)
    if word.startswith(_NO_FILES):
        return account_of(word).address
    try:
        named = json.loads(Path(word).expanduser().read_text(encoding="utf-8"))["address"]
        return _written_out(f"0x{named.removeprefix('0x')}")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return account_of(word).address


def _local(word: str) -> Account:
    match = _LOCAL.fullmatch(word)
    if match is None:
        raise InputError(f"{word!r} is not an account: write local:0, local:1 ...")
    return Account.local(int(match[1]))


def _from_environment(name: str) -> Account:
    text = os.environ.get(name, "")
    if not text:
        raise InputError(f"--account env:{name}: set the variable {name} in the environment")
    try:
        return Account.from_key(text)
    except InputError as error:
        raise InputError(f"--account env:{name}: {error}") from None


def _remote(word: str) -> Account:
    url, _, address = word.removeprefix(_SIGNER).rpartition("#")
    if _ADDRESS.fullmatch(address) is None:
        raise InputError("a signer is written signer:URL#ADDRESS")
    return RemoteAccount(_written_out(address), url)


def _password(file: str) -> str:
    if not Path(file).expanduser().is_file():
        raise InputError(
            f"--account {file}: no such keystore file; name another, or write env:NAME or local:N"
        )
    known = known_password()
    return ask(f"Password of {file}: ") if known is None else known


def known_password() -> str | None:
    """The password in ENERGY_GRID_PASSWORD, or the first line of ENERGY_GRID_PASSWORD_FILE.

    Raises:
        InputError: that file cannot be read.
    """
    known, file = os.environ.get(_PASSWORD), os.environ.get(_PASSWORD_FILE)
    if known is not None or not file:
        return known
    try:
        return (Path(file).read_text(encoding="utf-8").splitlines() or [""])[0]
    except (OSError, UnicodeDecodeError):
        raise InputError(f"cannot read the password in {_PASSWORD_FILE}={file}") from None


def ask(prompt: str) -> str:
    """Ask for a secret in the terminal, without echo.

    Raises:
        InputError: there is no terminal.
    """
    if not sys.stdin.isatty():
        raise InputError(
            f"{prompt.partition(':')[0]} is missing: set {_PASSWORD}, or {_PASSWORD_FILE}"
        )
    return getpass.getpass(prompt)
