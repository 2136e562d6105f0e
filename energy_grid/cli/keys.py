"""``energy-grid key``: encrypted key files; ``energy-grid send``: signed transactions."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from energy_grid.chain.files import PRIVATE, created
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.session import Session
from energy_grid.errors import InputError

if TYPE_CHECKING:
    from energy_grid.chain.accounts import Account

__all__ = ["keys", "signed"]

keys = CommandGroup("key")
signed = CommandGroup.at_the_top()

_DASH = "-"
# Of a challenge.
_MAX_BYTES = 10_000
_RAW = ("rawTransaction", "raw_transaction", "raw")
_PASSWORDS = (
    "Its password is ENERGY_GRID_PASSWORD, the first line of the file ENERGY_GRID_PASSWORD_FILE, or"
    " asked for."
)

File = Annotated[Path, typer.Argument(metavar="FILE", help=f"A keystore file. {_PASSWORDS}")]
NewFile = Annotated[
    Path, typer.Argument(metavar="FILE", help=f"The file to write; it must not exist. {_PASSWORDS}")
]


@keys.alone("new")
def new(file: NewFile) -> str:
    """Make a new key and save it in an encrypted file."""
    from energy_grid.chain.accounts import Account

    _refuse_existing(file)
    return _keep(Account.create(), file)


@keys.alone("import")
def import_(file: NewFile) -> str:
    """Save an existing key in an encrypted file; the key is asked for, or read from a pipe."""
    from energy_grid.chain.accounts import Account
    from energy_grid.cli.accounts import ask

    _refuse_existing(file)
    piped = not sys.stdin.isatty()
    text = sys.stdin.readline() if piped else ask("The key, which is not shown: ")
    return _keep(Account.from_key(text), file)


@keys.alone("show")
def show(file: File) -> str:
    """Show the address of a key file; this needs no password."""
    from energy_grid.cli.accounts import address_in

    if not file.expanduser().is_file():
        raise InputError(f"there is no key file {file}: energy-grid key new {file} makes one")
    return address_in(str(file))


@keys.signs("sign-in")
def sign_in(
    session: Session,
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="What POST /api/v1/session/challenge has answered."),
    ],
    origin: Annotated[
        str,
        typer.Option(
            "--origin", metavar="URL", help="Where the account signs in, such as https://HOST."
        ),
    ],
) -> str:
    """Sign the message of a backend to sign in there: prints what POST /api/v1/session takes."""
    from pydantic import ValidationError

    from energy_grid.api.models import Challenge
    from energy_grid.api.signing import sign_challenge
    from energy_grid.chain.files import read_json

    try:
        challenge = Challenge.model_validate(read_json(file, _MAX_BYTES))
    except ValidationError:
        raise InputError(f"{file} is no answer of POST /api/v1/session/challenge") from None
    signature = sign_challenge(session.key(), challenge, origin.rstrip("/"))
    return json.dumps({"message": challenge.message, "signature": signature})


@signed.passes_on("send")
def send(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="The signed bytes in hexadecimal digits, or JSON with them as rawTransaction or"
            " raw; - reads standard input.",
        ),
    ],
) -> bytes:
    """Send a transaction that was signed elsewhere, from the output of --dry-run --json."""
    try:
        text = sys.stdin.read() if file == _DASH else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise InputError(f"cannot read {file}") from None
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = text
    if isinstance(document, dict):
        document = next((document[name] for name in _RAW if name in document), None)
    try:
        return bytes.fromhex(str(document).strip().removeprefix("0x"))
    except ValueError:
        raise InputError(f"{file} has no signed transaction in hexadecimal digits") from None


def _keep(account: Account, file: Path) -> str:
    content = account.encrypted(_new_password())
    try:
        with created(file, PRIVATE) as out:
            out.write(f"{content}\n")
    except FileExistsError:
        _refuse_existing(file)
    except OSError as error:
        raise InputError(f"cannot write {file}: {error.strerror}") from None
    return f"{file} holds the key of {account.address}: name it with --account {file}"


def _new_password() -> str:
    from energy_grid.cli.accounts import ask, known_password

    known = known_password()
    password = ask("A password for the new file: ") if known is None else known
    if not password:
        raise InputError("a key file needs a password")
    if known is None and ask("The same again: ") != password:
        raise InputError("the two passwords differ: nothing is written")
    return password


def _refuse_existing(file: Path) -> None:
    if file.exists() or file.is_symlink():
        raise InputError(
            f"{file} exists already: choose another name; a key file is never overwritten"
        )
