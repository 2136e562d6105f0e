"""The configuration: options, then the environment, then a TOML file, then what stands here.

No key belongs in it: keys are keystore files or in the environment.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from energy_grid.errors import InputError

__all__ = ["ReporterSettings", "Settings", "default_file", "load_settings"]

_PREFIX = "ENERGY_GRID_"


class ReporterSettings(BaseModel):
    """A ``[[reporters]]`` of the file: who reports what, from where."""

    model_config = ConfigDict(extra="forbid")

    reports: Literal["price", "weather", "grid", "operator", "metrics"]
    account: str
    region: str = ""
    source: str = ""
    every: int = Field(default=3600, gt=0)


class Settings(BaseSettings):
    """What ``energy-grid serve`` is told; the descriptions are those of its default file."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, extra="forbid")

    folder: Path = Field(
        default=Path("energy-grid-data"),
        description="Everything that has to outlive the process, except a database elsewhere.",
    )
    database: str = Field(
        default="",
        description="sqlite:///FILE or postgresql://USER@HOST/NAME; empty: a file in the folder. A"
        " password belongs in ENERGY_GRID_DATABASE or PGPASSWORD, not in this file.",
    )
    rpc: str = Field(
        default="",
        description="The node; empty: a local chain of its own, with a neighbourhood that lives on"
        " it. An address can hold a key: then rather set ENERGY_GRID_RPC.",
    )
    deployment: Path | None = Field(
        default=None, description="The file of the market's deployment, beside a node."
    )
    speed: Annotated[float, BeforeValidator(lambda it: "inf" if it == "max" else it)] = Field(
        default=60,
        gt=0,
        description='Of the neighbourhood: simulated seconds a second, or "max". Time never runs'
        " ahead of the services.",
    )
    days: int = Field(
        default=0,
        ge=0,
        description="Of the neighbourhood: so many are lived and settled, then time stands still;"
        " 0: no end.",
    )
    roles: list[str] = Field(
        default=[], description='What this process does, such as ["indexer"]; empty: everything.'
    )
    host: str = Field(default="127.0.0.1", description="Where it listens.")
    port: int = Field(default=8000, ge=0, le=65535, description="0 takes any free port.")
    settlement_account: str = Field(
        default="",
        description="Who closes days and pays the gas: a keystore file, or env:NAME of a variable"
        " with a key, or signer:URL#ADDRESS of a program that signs (eth_signTransaction); on a"
        " local chain local:N, and local:8 where it is empty.",
    )
    settlement_gas: int = Field(
        default=0, ge=0, description="The most gas that closing may use a day; 0: no limit."
    )
    collect_to: str = Field(
        default="",
        description="The address that gets the protocol fees; empty: they stay where they are."
        " settlement_account needs the role TREASURY then.",
    )
    collect_from: str = Field(
        default="1", description="Coins of fees; less than these are not collected."
    )
    engine_account: str = Field(
        default="",
        description="Who sends batches of orders, as above; has the role KEEPER, and is nobody"
        " else's. On a local chain local:7 where it is empty.",
    )
    reporters: list[ReporterSettings] = Field(
        default=[],
        description="What reports to oracles and as operator, each with an account of its own, such"
        ' as [{reports = "weather", region = "home", source = "weather.json",'
        ' account = "env:WEATHER"}]: price and weather from a file or an https address, grid and'
        " operator from the meters of a region, metrics for the whole grid (docs/operations.md).",
    )
    finality: int = Field(
        default=64,
        ge=1,
        description="A block with so many on top of it is final: the chain never takes it back.",
    )

    @property
    def store(self) -> str:
        """The URL of the database."""
        return self.database or f"sqlite:///{self.folder / 'store.db'}"

    @property
    def addresses(self) -> tuple[str, ...]:
        """What may hold a password or a key."""
        return self.store, self.rpc, self.settlement_account, self.engine_account

    @property
    def published(self) -> Path:
        """Where gateways put the leaves of days for everybody."""
        return self.folder / "published"


def load_settings(file: Path | None, options: dict[str, Any]) -> Settings:
    """The settings of a file, the environment and options, the last before all others.

    Args:
        options: those that were given.

    Raises:
        InputError: the file is none, or a value does not fit.
    """
    try:
        content = {} if file is None else tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError:
        raise InputError(f"cannot read the configuration {file}") from None
    except ValueError as error:
        raise InputError(f"{file} is no TOML: {error}") from None
    try:
        environment = Settings().model_dump(exclude_unset=True)
        return Settings(**{**content, **environment, **options})
    except ValidationError as error:
        (first, *_) = error.errors()
        where = ".".join(map(str, first["loc"]))
        raise InputError(f"the configuration's {where}: {first['msg'].lower()}") from None


def default_file() -> str:
    """A configuration file with every setting, its meaning and its default."""
    parts = ["# energy-grid serve --config FILE; each setting also as ENERGY_GRID_<NAME>.\n"]
    for name, field in Settings.model_fields.items():
        value = "" if field.default is None else field.default
        text = f"{value}" if isinstance(value, int | float | list) else f'"{value}"'
        parts.append(f"\n# {field.description}\n# {name} = {text}\n")
    return "".join(parts)
