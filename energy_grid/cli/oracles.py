"""``energy-grid oracle``: reports of prices, weather and the grid."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from energy_grid.cli.answers import (
    Answer,
    facts,
    identified,
    listed,
    word,
)
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.options import (
    Frequency,
    OptionalRegion,
    Region,
    Voltage,
    choice,
    kw,
    reading,
    whole,
)
from energy_grid.cli.session import Planned, Session, View
from energy_grid.cli.times import format_time
from energy_grid.domain.enums import RoundStatus
from energy_grid.domain.units import (
    format_decimal,
    format_duration,
    format_hertz,
    parse_decimal,
    parse_percent,
)
from energy_grid.errors import InputError

if TYPE_CHECKING:
    from energy_grid.chain.contract import Call
    from energy_grid.contracts.grid_oracle import GridState
    from energy_grid.contracts.median_oracle import MedianOracle
    from energy_grid.contracts.weather_oracle import Weather

__all__ = ["Quantity", "Which", "oracles", "prepare_parameters"]

oracles = CommandGroup("oracle")
submit = CommandGroup("submit", "Submit to the open round (reporter).")
oracles.add(submit)

_HUNDREDTHS = 2


class Quantity(IntEnum):
    """The quantity that an oracle reports."""

    PRICE = 0
    WEATHER = 1
    GRID = 2


Which = Annotated[Quantity, choice(Quantity, "ORACLE", help="One of")]
RoundNumber = Annotated[
    int | None,
    typer.Option("--round", parser=whole(1), metavar="ROUND", help="By default the newest."),
]


def _hundredths(what: str) -> object:
    return reading(lambda text: parse_decimal(text, _HUNDREDTHS, what))


@submit.does("price")
def submit_price(
    session: Session,
    price: Annotated[str, typer.Argument(metavar="PRICE", help="Money per kWh, such as 0.25.")],
    round_id: RoundNumber = None,
) -> Planned[Any]:
    """Submit the wholesale price of a kWh."""
    oracle = session.market.price_oracle
    value = parse_decimal(price, oracle.decimals(), "a price per kWh")
    number = round_id or oracle.open_round_of("")

    def message(_: Any) -> str:
        found = format_decimal(value, oracle.decimals())
        return f"Submitted {found} per kWh as the price{_state(session, oracle, '', number)}"

    return session.plan(oracle.submit_price(number, value), message)


@submit.does("weather")
def submit_weather(
    session: Session,
    region: Region,
    irradiance: Annotated[
        int,
        typer.Option("--irradiance", parser=whole(), metavar="W/M2", help="The solar irradiance."),
    ],
    temperature: Annotated[
        int,
        typer.Option(
            "--temperature",
            parser=_hundredths("a temperature"),
            metavar="CELSIUS",
            help="The temperature, such as -3.5.",
        ),
    ],
    wind: Annotated[
        int,
        typer.Option(
            "--wind",
            parser=_hundredths("a wind speed"),
            metavar="M/S",
            help="The wind speed, such as 4.2.",
        ),
    ],
    clouds: Annotated[
        int,
        typer.Option(
            "--clouds",
            parser=reading(lambda text: parse_percent(text, _HUNDREDTHS)),
            metavar="PERCENT",
            help="The cloud cover of the sky.",
        ),
    ],
    round_id: RoundNumber = None,
) -> Planned[Any]:
    """Submit the weather of a region."""
    from energy_grid.contracts.weather_oracle import Weather

    oracle = session.market.weather_oracle
    number = round_id or oracle.open_round_of(region)
    weather = Weather(
        irradiance=irradiance, temperature=temperature, wind_speed=wind, cloud_cover=clouds
    )

    def message(_: Any) -> str:
        found = ", ".join(_weather(weather).values())
        return (
            f"Submitted {found} as the weather of {region}{_state(session, oracle, region, number)}"
        )

    return session.plan(oracle.submit_weather(region, number, weather), message)


@submit.does("grid")
def submit_grid(
    session: Session,
    region: Region,
    demand: Annotated[int, kw("--demand", "The demand of the region, in kW.")],
    supply: Annotated[int, kw("--supply", "The supply of the region, in kW.")],
    frequency: Frequency,
    voltage: Voltage,
    round_id: RoundNumber = None,
) -> Planned[Any]:
    """Submit the state of a region's grid."""
    from energy_grid.contracts.grid_oracle import GridState

    oracle = session.market.grid_oracle
    number = round_id or oracle.open_round_of(region)
    state = GridState(demand=demand, supply=supply, frequency=frequency, voltage=voltage)

    def message(_: Any) -> str:
        found = ", ".join(f"{name} {value}" for name, value in _grid(state).items())
        return f"Submitted {found} for {region}{_state(session, oracle, region, number)}"

    return session.plan(oracle.submit_grid_state(region, number, state), message)


@oracles.shows("show")
def show(view: View, which: Which, region: OptionalRegion = None) -> Answer:
    """Show the newest answer, its age, and whether it is fresh."""
    oracle, feed = _oracle(view, which, region)
    newest = oracle.latest_round_of(feed)
    fresh = oracle.is_fresh(feed)
    age = max(0, view.market.node.time - newest.updated_at)
    rows = {
        **_answer(view, which, newest.values),
        "fresh": "yes" if fresh else f"no: {_why_not(oracle, feed)}",
        "oldest report": f"{format_time(newest.updated_at)}, {format_duration(age)} ago",
        "round": str(newest.id),
        "open round": str(oracle.open_round_of(feed)),
        "quorum": str(oracle.quorum()),
        "valid for": format_duration(oracle.max_age()),
    }
    document = {
        "oracle": which.name,
        "feed": feed,
        "fresh": fresh,
        "age": age,
        "answer": _fields(which, newest.values),
        "round": identified("round_id", newest),
    }
    return Answer(document=document, shown=facts(rows))


@oracles.shows("round")
def show_round(
    view: View, which: Which, region: OptionalRegion = None, round_id: RoundNumber = None
) -> Answer:
    """Show a round: its submissions and its answer."""
    oracle, feed = _oracle(view, which, region)
    found = oracle.get_round(feed, round_id or _newest(oracle, feed))
    # The quorum of a closed round may have been another one.
    needed = f" of {oracle.quorum()}" if found.status is RoundStatus.OPEN else ""
    rows = {
        "round": str(found.id),
        "status": word(found.status),
        "submissions": f"{found.submissions}{needed}",
        **_answer(view, which, found.values),
        "begun": format_time(found.started_at) if found.started_at else "not yet",
        "oldest report": format_time(found.updated_at) if found.updated_at else "not closed yet",
    }
    document = {"oracle": which.name, "feed": feed, **identified("round_id", found)}
    return Answer(document=document, shown=facts(rows))


@oracles.does("confirm")
def confirm(
    session: Session,
    which: Which,
    round_id: Annotated[
        int,
        typer.Option("--round", parser=whole(1), metavar="ROUND", help="The number of the round."),
    ],
    region: OptionalRegion = None,
) -> Planned[Any]:
    """Confirm a round that was held for its jump; it becomes the answer (guardian)."""
    oracle, feed = _oracle(session, which, region)

    def message(_: Any) -> str:
        values = oracle.get_round(feed, round_id).values
        answer = ", ".join(
            f"{name} {value}" for name, value in _answer(session, which, values).items()
        )
        return f"Confirmed round {round_id}: {answer}"

    return session.plan(oracle.confirm_round(feed, round_id), message)


@oracles.shows("reporters")
def reporters(
    view: View,
    which: Which,
    addresses: Annotated[
        list[str] | None,
        typer.Argument(metavar="ADDRESS", help="By default all holders of the role."),
    ] = None,
) -> Answer:
    """List the last submission of each reporter, and whether it is live."""
    from energy_grid.chain.roles import Role
    from energy_grid.market.roles import role_members

    oracle = _oracles(view)[which]
    if addresses:
        asked = [view.address_of(each) for each in addresses]
    else:
        asked = sorted(role_members(view.market.access, Role.REPORTER))
    now, longest = view.market.node.time, oracle.max_age()
    last = [oracle.last_report_of(each) for each in asked]
    live = [bool(when) and now - when <= longest for when in last]
    rows = [
        (address, format_time(when) if when else "never", "live" if alive else "silent")
        for address, when, alive in zip(asked, last, live, strict=True)
    ]
    document = [
        {"reporter": address, "last_report": when, "live": alive}
        for address, when, alive in zip(asked, last, live, strict=True)
    ]
    titles = ("reporter", "last report", f"within {format_duration(longest)}")
    shown = listed(titles, rows, "The role REPORTER has no holder.")
    return Answer(document=document, shown=shown)


def prepare_parameters(
    view: View, which: Quantity, quorum: int | None, max_age: int | None
) -> Call:
    """The call that changes the quorum or the maximum age of an oracle; what is None stays.

    Args:
        max_age: seconds.

    Raises:
        InputError: neither is given.
    """
    if quorum is None and max_age is None:
        raise InputError("name a change: --quorum or --max-age")
    oracle = _oracles(view)[which]
    return oracle.set_parameters(
        oracle.quorum() if quorum is None else quorum,
        oracle.max_age() if max_age is None else max_age,
    )


def _oracles(view: View) -> tuple[MedianOracle, MedianOracle, MedianOracle]:
    market = view.market
    return market.price_oracle, market.weather_oracle, market.grid_oracle


def _oracle(view: View, which: Quantity, region: str | None) -> tuple[MedianOracle, str]:
    """The oracle and its feed: the only one of prices, or a region."""
    if which is Quantity.PRICE and region is not None:
        raise InputError(f"the price has no region: remove {region}")
    if which is not Quantity.PRICE and region is None:
        raise InputError(f"the {word(which)} oracle needs a region: add REGION after {word(which)}")
    return _oracles(view)[which], region or ""


def _newest(oracle: MedianOracle, feed: str) -> int:
    """The newest round with a submission, or 1."""
    from energy_grid.contracts import errors

    number = oracle.open_round_of(feed)
    try:
        return oracle.get_round(feed, number).id
    except errors.MedianOracle_NoSuchRound:
        return max(1, number - 1)


def _why_not(oracle: MedianOracle, feed: str) -> str:
    """Why the answer of a feed is not fresh: its age, or a newer round that is held."""
    closed = oracle.open_round_of(feed) - 1
    if oracle.get_round(feed, closed).status is RoundStatus.HELD:
        return f"round {closed} is held for its jump"
    return f"older than {format_duration(oracle.max_age())}"


def _state(session: Session, oracle: MedianOracle, feed: str, number: int) -> str:
    """The state of a round, after a colon."""
    found = oracle.get_round(feed, number)
    if found.status is RoundStatus.OPEN:
        return f": {found.submissions} of {oracle.quorum()} in round {number}"
    return f": round {number} is {word(found.status)}"


def _fields(which: Quantity, values: Sequence[int]) -> dict[str, int] | None:
    """An answer by field names, in the units of the contract."""
    from energy_grid.contracts.grid_oracle import GridState
    from energy_grid.contracts.weather_oracle import Weather

    names = {
        Quantity.PRICE: ("price",),
        Quantity.WEATHER: tuple(Weather.__dataclass_fields__),
        Quantity.GRID: tuple(GridState.__dataclass_fields__),
    }[which]
    return dict(zip(names, values, strict=True)) if values else None


def _answer(view: View, which: Quantity, values: Sequence[int]) -> dict[str, str]:
    """An answer in readable units; empty where there is none."""
    from energy_grid.contracts.grid_oracle import GridState
    from energy_grid.contracts.weather_oracle import Weather

    known = _fields(which, values)
    if known is None:
        return {}
    if which is Quantity.PRICE:
        digits = view.market.price_oracle.decimals()
        return {"price": f"{format_decimal(known['price'], digits)} per kWh"}
    if which is Quantity.WEATHER:
        return _weather(Weather(**known))
    return _grid(GridState(**known))


def _weather(weather: Weather) -> dict[str, str]:
    return {
        "irradiance": f"{weather.irradiance} W/m2",
        "temperature": f"{format_decimal(weather.temperature, _HUNDREDTHS)} degrees C",
        "wind": f"{format_decimal(weather.wind_speed, _HUNDREDTHS)} m/s",
        "clouds": f"{format_decimal(weather.cloud_cover, _HUNDREDTHS)} % clouds",
    }


def _grid(state: GridState) -> dict[str, str]:
    return {
        "demand": f"{state.demand} kW",
        "supply": f"{state.supply} kW",
        "frequency": format_hertz(state.frequency),
        "voltage": f"{state.voltage} %",
    }
