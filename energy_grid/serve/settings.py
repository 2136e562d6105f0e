"""The configuration: options, then the environment, then a TOML file, then what stands here.

No key belongs in it: keys are keystore files or in the environment.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from energy_grid.backend.invoicing.taxes import Tax
from energy_grid.backend.relay_service.budget import RelayLimits
from energy_grid.errors import InputError

__all__ = ["AgentSettings", "ReporterSettings", "Settings", "load_settings", "written"]

_PREFIX = "ENERGY_GRID_"

# The default file has an empty text for what is not there.
_File = Annotated[Path | None, BeforeValidator(lambda it: it or None)]


class ReporterSettings(BaseModel):
    """A ``[[reporters]]`` of the file: who reports what, from where."""

    model_config = ConfigDict(extra="forbid")

    reports: Literal["price", "weather", "grid", "operator", "metrics", "demand"]
    account: str
    region: str = ""
    source: str = ""
    every: int | None = Field(default=None, gt=0)


class BatterySettings(BaseModel):
    """Of an agent: power at the terminals in W, capacity in Wh, and the efficiency one way."""

    model_config = ConfigDict(extra="forbid")

    power_w: int = Field(ge=0)
    capacity_wh: int = Field(ge=0)
    efficiency_percent: int = Field(default=95, ge=1, le=100)


class AgentSettings(BaseModel):
    """An ``[[agents]]`` of the file: for whom it acts, and how far."""

    model_config = ConfigDict(extra="forbid")

    account: str
    preference: Path | None = None
    battery: BatterySettings | None = None


class Settings(BaseSettings):
    """What ``energy-grid serve`` is told; the descriptions are those of its default file."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, extra="forbid")

    folder: Path = Field(
        default=Path("energy-grid-data"),
        description="Everything that has to outlive the process, except a database elsewhere.",
    )
    database: str = Field(
        default="",
        description="sqlite:///FILE, sqlite:////ABSOLUTE/FILE or postgresql://USER@HOST/NAME;"
        " empty: a file in the folder. A password belongs in ENERGY_GRID_DATABASE or PGPASSWORD,"
        " not in this file.",
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
    origins: list[str] = Field(
        default=[],
        description='The addresses under which people see it, such as ["https://grid.example"]:'
        " accounts sign in for these alone, and pages of these alone may read its answers. Empty:"
        " this machine and the port.",
    )
    proxies: list[str] = Field(
        default=[],
        description="Addresses of proxies that say for whom they ask; nobody else is believed.",
    )
    explorer: str = Field(
        default="",
        pattern="^(https?://[^ ]+)?$",
        description="The address of a block explorer, such as https://etherscan.io: pages link"
        " accounts and transactions to it; empty: they do not.",
    )
    session_minutes: int = Field(
        default=60, gt=0, description="So long an account stays signed in."
    )
    requests_per_minute: int = Field(
        default=1200, ge=0, description="Of one address, and of one account; 0: no limit."
    )
    streams: int = Field(
        default=100,
        ge=0,
        description="Open at once, of one address, and of one account; 0: no limit.",
    )
    feed_days: int = Field(
        default=7, gt=0, description="So long streams can go on where they were."
    )
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
    engine_gas: int = Field(
        default=0, ge=0, description="The most gas that batches may use a day; 0: no limit."
    )
    operator_account: str = Field(
        default="",
        description="A verified grid operator, as above, whose balancing actions POST"
        " /api/v1/grid/balance may send; nobody else's. Empty: it gives calls for wallets.",
    )
    relay_account: str = Field(
        default="",
        description="Who sends what accounts have signed for the relay, and pays the gas, as above;"
        " needs no role, and is nobody else's. On a local chain local:16 where it is empty;"
        " elsewhere this process then relays nothing.",
    )
    relay_gas: int = Field(
        default=50_000_000,
        ge=0,
        description="The most gas that the relay may use a day, in every process the same; all"
        " addresses without a meter together may use a fifth of it, and those that one network"
        " address brings a fiftieth. 0: no limit.",
    )
    relay_account_gas: int = Field(
        default=2_000_000,
        ge=0,
        description="The most gas that the relay may use a day for one account; 0: no limit.",
    )
    gateway_account: str = Field(
        default="",
        description="Who anchors the days of communities, as above; has the role METER_GATEWAY."
        " On a local chain local:6 where it is empty; elsewhere this process then only stores what"
        " meters send.",
    )
    mqtt: str = Field(
        default="",
        description="The broker of meters, mqtts://HOST:PORT (docs/broker.md); empty: one in this"
        " process, on this machine alone.",
    )
    mqtt_ca: _File = Field(default=None, description="The certificate of the broker's authority.")
    mqtt_certificate: _File = Field(default=None, description="Of this gateway.")
    mqtt_key: _File = Field(default=None, description="The key of that certificate.")
    mqtt_session: str = Field(
        default="gateway",
        pattern="^[a-z0-9_]{1,40}$",
        description="Under which name the broker keeps what this gateway has not fetched. Gateways"
        " with different names share the load.",
    )
    home_assistant: str = Field(
        default="",
        pattern="^[a-zA-Z0-9_-]*$",
        description="The prefix of Home Assistant's discovery, mostly homeassistant: it then shows"
        " every meter of this broker; empty: it shows none.",
    )
    backup: _File = Field(
        default=None,
        description="A second folder for the leaves and salts of days, on another disk: they are"
        " there before a root is sent.",
    )
    late: int = Field(
        default=900,
        ge=0,
        description="Seconds after a day, or a slot, for readings that are late.",
    )
    sealed: list[str] = Field(
        default=[], description="Addresses of accounts whose leaves stay sealed: they do not share."
    )
    on_chain: list[str] = Field(
        default=[],
        description="Addresses of accounts whose readings are brought to the chain one by one,"
        " although a gateway reads them; those of accounts without a gateway are in any case.",
    )
    reading_days: int = Field(
        default=400,
        ge=0,
        description="So long readings are kept, once their days are closed; 0: for ever.",
    )
    forecast_scheduler: str = Field(
        default="",
        description="The address of a Dask scheduler whose workers compute forecasts, such as"
        ' "tls://10.0.0.1:8786"; without one the role forecaster does it in a thread of its own.',
    )
    forecast_weather: _File = Field(
        default=None,
        description="Weather that the role forecaster reads again before each forecast: a CSV with"
        " start_utc and irradiance, of hours past as they were forecast, and of those to come.",
    )
    reporters: list[ReporterSettings] = Field(
        default=[],
        description="What reports to oracles and as operator, each with an account of its own, such"
        ' as [{reports = "weather", region = "home", source = "weather.json",'
        ' account = "env:WEATHER"}]: price and weather from a file or an https address, grid and'
        " operator from the meters of a region, metrics for the whole grid, demand brings events of"
        " demand response to their end (docs/operations.md).",
    )
    agents: list[AgentSettings] = Field(
        default=[],
        description="Who has an agent (docs/concepts/agent.md), such as"
        ' [{account = "env:HOUSE", preference = "house.json",'
        " battery = {power_w = 5000, capacity_wh = 10000}}]: with a preference that the account has"
        " signed it trades, and the account is one with a key as above; with a battery it makes its"
        " schedule. Either may be missing.",
    )
    feeders: dict[str, Path] = Field(
        default={},
        description="The cables of regions, each a folder of files (docs/operations.md), such as"
        ' {home = "feeder"}.',
    )
    taxes: list[Tax] = Field(
        default=[],
        description='What statements name as taxes, such as [{name = "VAT", basis_points = 1900},'
        ' {name = "Electricity tax", per_kwh = 20500}]: of the money of energy, or base units of'
        ' the coin a kWh. Energy taken is meant, or with on = "given" what was given; statements'
        ' of households have it, or those in to = ["household", "community", "operator"].'
        " Nobody collects them here.",
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
        accounts = (
            *(self.settlement_account, self.engine_account, self.relay_account),
            *(self.operator_account, self.gateway_account),
        )
        return self.store, self.rpc, *accounts

    @property
    def relay_limits(self) -> RelayLimits:
        """What the relay may use a day."""
        return RelayLimits(gas=self.relay_gas, account_gas=self.relay_account_gas)

    @property
    def leaves(self) -> Path:
        """Where a gateway has the leaves and salts of its days."""
        return self.folder / "gateway"

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
        content = _content(file)
        environment = Settings().model_dump(exclude_unset=True)
        return Settings(**{**content, **environment, **options})
    except SettingsError as error:
        name = str(error).partition('"')[2].partition('"')[0]
        raise InputError(
            f"{_PREFIX}{name.upper()} is no JSON: a list is written as '[\"indexer\"]'"
        ) from None
    except ValidationError as error:
        (first, *_) = error.errors()
        where = ".".join(map(str, first["loc"]))
        raise InputError(f"the configuration's {where}: {first['msg'].lower()}") from None


def _content(file: Path | None) -> dict[str, Any]:
    """What a configuration file says; nothing without one.

    Raises:
        InputError: it cannot be read, or is none.
    """
    try:
        return {} if file is None else tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot read the configuration {file}: {error.strerror}") from None
    except ValueError as error:
        raise InputError(f"{file} is no TOML: {error}") from None


def written(file: Path | None, options: dict[str, Any]) -> str:
    """A configuration file with every setting and its meaning: with the value that a file or an
    option gives it, else its default in a comment. What the environment has can be secret.

    Raises:
        InputError: as `load_settings`.
    """
    load_settings(file, options)
    given = {**_content(file), **options}
    parts = ["# energy-grid serve --config FILE; each setting also as ENERGY_GRID_<NAME>.\n"]
    for name, field in Settings.model_fields.items():
        mark = "" if name in given else "# "
        text = _toml(given.get(name, field.default))
        parts.append(f"\n# {field.description}\n{mark}{name} = {text}\n")
    return "".join(parts)


def _toml(value: Any) -> str:
    """A value of a setting as TOML has it."""
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{name} = {_toml(each)}' for name, each in value.items())}}}"
    if isinstance(value, int | float):
        return f"{value}"
    # Strings of JSON are some of TOML.
    return json.dumps("" if value is None else str(value), ensure_ascii=False)
