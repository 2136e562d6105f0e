"""The arguments and options that commands share, and their parsers.

Wrong input is rejected before a node is asked. Amounts of money are the exception: their precision
depends on the token.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from enum import IntEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from energy_grid.chain.networks import NETWORKS, is_url, network_named
from energy_grid.cli.answers import word
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.units import (
    parse_carbon,
    parse_day,
    parse_duration,
    parse_hertz,
    parse_kw,
    parse_kwh,
    parse_percent,
    parse_time,
    parse_watts,
)
from energy_grid.errors import InputError

__all__ = [
    "AccountWord",
    "Address",
    "AsJson",
    "CommunityNumber",
    "Date",
    "DeploymentFile",
    "DryRun",
    "Event",
    "Frequency",
    "Limit",
    "NetworkName",
    "NodeUrl",
    "Offset",
    "OptionalRegion",
    "Priority",
    "Recipient",
    "Region",
    "RelayFile",
    "SignerWord",
    "Voltage",
    "beginning",
    "carbon",
    "choice",
    "day",
    "duration",
    "kw",
    "kwh",
    "moment",
    "money",
    "number",
    "percent",
    "reading",
    "state_folder",
    "watts",
    "whole",
]

# Those of the largest uint256.
_DIGITS = 78
_BPS_DECIMALS = 2
_OFFSET = "2024-01-01T19:00+01:00"


def reading(parse: Callable[[str], Any]) -> Callable[[Any], Any]:
    """A parser of an option, whose errors name the option."""

    def read(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return parse(value)
        except InputError as error:
            raise typer.BadParameter(str(error)) from None

    return read


def _member_of(enum: type[IntEnum]) -> Callable[[str], IntEnum]:
    """A parser of an enum's words: ``shed-load`` or ``SHED_LOAD``."""
    members = {word(member): member for member in enum}

    def parse(text: str) -> IntEnum:
        found = members.get(text.lower().replace("_", "-"))
        if found is None:
            raise InputError(f"{text!r} is not one of {', '.join(members)}")
        return found

    return parse


def whole(lowest: int = 0, highest: int | None = None) -> Callable[[Any], Any]:
    """A parser of a whole number in a range, both ends included."""

    def parse(text: str) -> int:
        bounds = f"from {lowest} {'on' if highest is None else f'to {highest}'}"
        if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
            raise InputError(f"{text[:_DIGITS]!r} is not a whole number {bounds}")
        if int(text) < lowest or (highest is not None and int(text) > highest):
            raise InputError(f"{text} is not {bounds}")
        return int(text)

    return reading(parse)


def _region(text: str) -> str:
    if not text or not text.isascii() or len(text) > 32:
        raise InputError(f"{text!r} is not a region: write a name of 1 to 32 ASCII characters")
    return text


def _url(text: str) -> str:
    if not is_url(text):
        raise InputError(
            f"{text!r} is not a node: write a URL that begins with http:// or https://"
        )
    return text


def _begin(text: str) -> int:
    try:
        return parse_day(text) * DAY_SECONDS
    except InputError:
        return parse_time(text)


def kw(flag: str, help: str) -> Any:
    """An option in kW."""
    return typer.Option(flag, parser=reading(parse_kw), metavar="KW", help=help)


def watts(flag: str, help: str) -> Any:
    """An option in W."""
    return typer.Option(flag, parser=reading(parse_watts), metavar="W", help=help)


def kwh(flag: str, help: str) -> Any:
    """An option in kWh."""
    return typer.Option(flag, parser=reading(parse_kwh), metavar="KWH", help=help)


def carbon(flag: str, help: str) -> Any:
    """An option in kg CO2e, or g or t."""
    return typer.Option(
        flag, parser=reading(parse_carbon), metavar="KG", help=f"{help}, such as 1.5 or 500g."
    )


def day(flag: str, help: str) -> Any:
    """An option that is a day in UTC."""
    return typer.Option(
        flag, parser=reading(parse_day), metavar="DATE", help=f"{help}, such as 2024-01-31."
    )


def duration(help: str, flag: str = "--duration") -> Any:
    """An option in seconds, minutes, hours or days."""
    return typer.Option(
        flag, parser=reading(parse_duration), metavar="DURATION", help=f"{help}, such as 2h."
    )


def moment(flag: str, help: str) -> Any:
    """An option that is a time: in UTC, or with an offset."""
    return typer.Option(
        flag,
        parser=reading(parse_time),
        metavar="TIME",
        help=f"{help}, such as 2024-01-01T18:00, or with an offset {_OFFSET}.",
    )


def beginning(help: str) -> Any:
    """The option of a period's begin: a time, or a day for its first second in UTC."""
    return typer.Option(
        "--start",
        parser=reading(_begin),
        metavar="TIME",
        help=f"{help}, such as 2024-01-01T18:00, or {_OFFSET}, or 2024-01-01 for its first second.",
    )


def money(flag: str, help: str) -> Any:
    """An option in whole coins; parsed once the token is known."""
    return typer.Option(flag, metavar="MONEY", help=f"{help}, such as 0.25.")


def percent(flag: str, help: str, default: str | bool = True) -> Any:
    """An option in percent, parsed to basis points.

    Args:
        default: as the help shows it; by default what the option has.
    """
    return typer.Option(
        flag,
        parser=reading(lambda text: parse_percent(text, _BPS_DECIMALS)),
        metavar="PERCENT",
        help=help,
        show_default=default,
    )


def number(metavar: str, help: str, lowest: int = 0, highest: int | None = None) -> Any:
    """An argument that is a whole number."""
    return typer.Argument(parser=whole(lowest, highest), metavar=metavar, help=help)


def choice(enum: type[IntEnum], metavar: str, flag: str | None = None, help: str = "") -> Any:
    """An argument, or with a flag an option, that is a member of an enum."""
    parser = reading(_member_of(enum))
    text = f"{help}{': ' if help else ''}{', '.join(map(word, enum))}."
    words = [*map(word, enum)]
    if flag is None:
        return typer.Argument(
            parser=parser, metavar=metavar, help=text, autocompletion=lambda: words
        )
    return typer.Option(
        flag, parser=parser, metavar=metavar, help=text, autocompletion=lambda: words
    )


_LOCAL = NETWORKS["local"]
_WHO = (
    "a keystore file, env:NAME for a key in the environment, or local:N for the N-th account of a"
    " local chain."
)
_ADDRESS = "0x and 40 digits, or local:N for the N-th account of a local chain."

NetworkName = Annotated[
    str | None,
    typer.Option(
        "--network",
        parser=reading(lambda name: network_named(name).name),
        metavar="NAME",
        autocompletion=lambda: [*NETWORKS],
        envvar="ENERGY_GRID_NETWORK",
        help=f"One of {', '.join(NETWORKS)}. It sets the node and the deployment file,"
        " deployments/NAME.json; --rpc and --deployment name others.",
        show_default=_LOCAL.name,
    ),
]
NodeUrl = Annotated[
    str | None,
    typer.Option(
        "--rpc",
        parser=reading(_url),
        metavar="URL",
        envvar="ENERGY_GRID_RPC",
        help="The URL of the node.",
        show_default=_LOCAL.rpc,
    ),
]
DeploymentFile = Annotated[
    Path | None,
    typer.Option(
        "--deployment",
        metavar="FILE",
        envvar="ENERGY_GRID_DEPLOYMENT",
        help="The deployment file, which has the addresses of the contracts.",
        show_default=str(_LOCAL.deployment),
    ),
]
AccountWord = Annotated[
    str,
    typer.Option(
        "--account",
        metavar="WHO",
        envvar="ENERGY_GRID_ACCOUNT",
        help=f"The sender: {_WHO} signer:URL#ADDRESS is a program that signs. For the Safe:"
        " safe:WHO,WHO with its owners. A dry run also accepts an address, or safe:NAME. If too"
        " few owners sign, the command writes files for the others and exits with 3.",
    ),
]
SignerWord = Annotated[
    str,
    typer.Option(
        "--account",
        metavar="WHO",
        envvar="ENERGY_GRID_ACCOUNT",
        help=f"Who signs: {_WHO} The command sends nothing.",
    ),
]
DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run",
        help="Send nothing: print the exact calls, their signers, and whether they would succeed"
        " now; exit with 1 if one would revert. With --json also the unsigned transactions.",
    ),
]
RelayFile = Annotated[
    Path | None,
    typer.Option(
        "--relay",
        metavar="FILE",
        show_default=False,
        help="Send nothing: sign the calls and add them to FILE, for a relay that sends them with"
        " energy-grid relay send and pays the gas.",
    ),
]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print JSON; an error is JSON on standard error.")
]
Region = Annotated[str, typer.Argument(parser=reading(_region), metavar="REGION", help="Its name.")]
OptionalRegion = Annotated[
    str | None,
    typer.Argument(
        parser=reading(_region), metavar="REGION", help="Of weather and grid.", show_default=False
    ),
]
Address = Annotated[str, typer.Argument(metavar="ADDRESS", help=_ADDRESS)]
Recipient = Annotated[
    str | None,
    typer.Option("--to", metavar="ADDRESS", help="The recipient; by default the sender."),
]
Event = Annotated[int, number("EVENT", "Its number.")]
CommunityNumber = Annotated[int, number("COMMUNITY", "Its number.", 1)]
Date = Annotated[
    int,
    typer.Argument(parser=reading(parse_day), metavar="DATE", help="In UTC, such as 2024-01-31."),
]


def _hertz(words: str) -> Any:
    return typer.Option("--frequency", parser=reading(parse_hertz), metavar="HZ", help=words)


Frequency = Annotated[int, _hertz("Such as 49.98.")]
FrequencyOrNominal = Annotated[int | None, _hertz("By default the nominal one.")]
Voltage = Annotated[
    int,
    typer.Option(
        "--voltage",
        parser=reading(parse_percent),
        metavar="PERCENT",
        help="Of nominal, such as 97.",
    ),
]
Priority = Annotated[
    int, typer.Option("--priority", parser=whole(1, 5), metavar="1-5", help="1 is the most urgent.")
]
Limit = Annotated[
    int,
    typer.Option(
        "--limit",
        parser=whole(1, 100),
        metavar="COUNT",
        help="The maximum number of rows, up to 100.",
    ),
]
Offset = Annotated[
    int,
    typer.Option("--offset", parser=whole(), metavar="COUNT", help="The number of rows to skip."),
]


def state_folder() -> Path:
    """The folder of state that outlives a command (XDG base directories)."""
    home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(home) / "energy-grid"
