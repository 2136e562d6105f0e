"""``energy-grid tariff``: tariffs of regions by day, and the value of energy credits."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any

import typer

from energy_grid.cli.answers import Answer, as_document, facts, stacked, table
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.options import Region, day, reading
from energy_grid.cli.reads import ask
from energy_grid.cli.session import Planned, Session, View
from energy_grid.cli.times import format_minute, zone_name
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.units import format_day, format_decimal, parse_decimal
from energy_grid.errors import InputError

if TYPE_CHECKING:
    from energy_grid.contracts import events
    from energy_grid.contracts.tariffs import Tariff

__all__ = [
    "BuyPrice",
    "FeedIn",
    "FromDay",
    "MaxFactor",
    "NetworkFee",
    "ProtocolFee",
    "changes_of",
    "parse_factor",
    "tariff_rows",
    "tariffs",
]

tariffs = CommandGroup("tariff")

_FACTOR_DECIMALS = 4
_NEUTRAL, _LANES = 10_000, 16


def parse_factor(text: str) -> int:
    """``"3"`` as 30,000 basis points.

    Raises:
        InputError: no number, or finer than a basis point.
    """
    return parse_decimal(text, _FACTOR_DECIMALS, "a factor")


def _price(flag: str, help: str) -> Any:
    return typer.Option(flag, metavar="MONEY", help=f"{help}, per kWh; by default unchanged.")


BuyPrice = Annotated[str | None, _price("--buy", "Energy from the grid")]
FeedIn = Annotated[str | None, _price("--feed-in", "Energy that is fed in")]
NetworkFee = Annotated[str | None, _price("--network-fee", "Fee of shared and traded energy")]
ProtocolFee = Annotated[str | None, _price("--protocol-fee", "Fee of traded energy")]
MaxFactor = Annotated[
    int | None,
    typer.Option(
        "--max-factor",
        parser=reading(parse_factor),
        metavar="FACTOR",
        help="The highest dynamic factor, such as 3; by default unchanged.",
    ),
]
FromDay = Annotated[
    int | None, day("--from", "The first day; by default the first possible one, 16 days ahead")
]
OnDay = Annotated[int | None, day("--day", "Of this day; by default today")]


@tariffs.shows("show")
def show(view: View, region: Region, chosen: OnDay = None) -> Answer:
    """Show the tariff of a region on a day, and what is planned for later days."""
    market = view.market
    on = market.node.time // DAY_SECONDS if chosen is None else chosen
    found = market.tariffs.tariff_of(region, on)
    value = market.tariffs.credit_value_at(on)
    planned = _planned(view, region, on)
    rows = {
        "region": region,
        "day": format_day(on),
        **tariff_rows(view, found),
        "credit value": view.price(value),
    }
    shown = [
        (format_day(at), *tariff_rows(view, each).values()) for at, each in sorted(planned.items())
    ]
    titles = ("from", ">buy", ">feed-in", ">network fee", ">protocol fee", ">max factor")
    document = {
        "region": region,
        "day": format_day(on),
        **as_document(found),
        "credit_value": value,
        "planned": [
            {"from_day": format_day(at), **as_document(each)}
            for at, each in sorted(planned.items())
        ],
    }
    parts = [facts(rows), *([table(titles, shown)] if shown else [])]
    return Answer(document=document, shown=stacked(*parts))


@tariffs.shows("list")
def list_tariffs(view: View) -> Answer:
    """List the regions with their tariffs of today."""
    from energy_grid.chain.abi import from_bytes32
    from energy_grid.chain.contract import structure
    from energy_grid.contracts.tariffs import Tariff

    contract, today = view.market.tariffs, view.market.node.time // DAY_SECONDS
    numbers = range(1, contract.region_count() + 1)
    names = [from_bytes32(each) for each in contract.call_many("regionAt", zip(numbers))]
    answers = ask(view, *((contract, "tariffOf", name, today) for name in names))
    found = [structure(Tariff, each) for each in answers]
    known = list(zip(numbers, names, found, strict=True))
    rows = [(str(at), name, *tariff_rows(view, each).values()) for at, name, each in known]
    titles = (">no", "region", ">buy", ">feed-in", ">network fee", ">protocol fee", ">max factor")
    document = [{"region_id": at, "region": name, **as_document(each)} for at, name, each in known]
    return Answer(document=document, shown=table(titles, rows))


@tariffs.shows("prices")
def prices(view: View, region: Region, chosen: OnDay = None) -> Answer:
    """List the prices of a deficit in the slots of a day; slots that wait can still change."""
    market = view.market
    on = market.node.time // DAY_SECONDS if chosen is None else chosen
    deployed = market.node.block(market.deployment.contracts["Tariffs"].block)
    begun = int(deployed["timestamp"], 16) // DAY_SECONDS
    if on < begun:
        raise InputError(f"the market began on {format_day(begun)}: choose a later day with --day")
    number = market.tariffs.region_id(region)
    first, end = market.slot(on * DAY_SECONDS), market.slot((on + 1) * DAY_SECONDS)
    found, (_, pages) = ask(
        view, (market.tariffs, "tariffOf", region, on), (market.tariffs, "dayOf", number, on)
    )
    buy = found[0]
    now = market.slot()
    document = []
    for slot in range(first, end):
        page = pages[slot // _LANES - first // _LANES]
        factor = page >> _LANES * (slot % _LANES) & (2**_LANES - 1) or _NEUTRAL
        price = -(-buy * factor // _NEUTRAL)
        begins = market.time_of(slot)
        document.append(
            {"slot": slot, "start": begins, "factor": factor, "price": price, "fixed": slot <= now}
        )
    rows = []
    # Neighbours of one price make one row.
    for (factor, price, fixed), part in groupby(
        document, lambda each: (each["factor"], each["price"], each["fixed"])
    ):
        slots = [each["slot"] for each in part]
        rows.append(
            (
                format_minute(market.time_of(slots[0])),
                format_minute(market.time_of(slots[-1] + 1)),
                f"{slots[0]} to {slots[-1]}",
                format_decimal(factor, _FACTOR_DECIMALS),
                view.price(price),
                "" if fixed else "can change",
            )
        )
    titles = (f"from, {zone_name()}", "to", "slots", ">factor", ">price", "")
    return Answer(document=as_document(document), shown=table(titles, rows))


@tariffs.does("schedule")
def schedule(
    session: Session,
    region: Region,
    buy: BuyPrice = None,
    feed_in: FeedIn = None,
    network_fee: NetworkFee = None,
    protocol_fee: ProtocolFee = None,
    max_factor: MaxFactor = None,
    first: FromDay = None,
) -> Planned[Any]:
    """Schedule a tariff of a region; what was planned for later days is gone (grid authority)."""
    changes = changes_of(session, buy, feed_in, network_fee, protocol_fee, max_factor)
    plan = session.market.schedule_tariff(session.who, region, day=first, **changes)

    def message(made: events.Tariffs_TariffSet) -> str:
        tariff = session.market.tariffs.tariff_of(region, made.day)
        words = ", ".join(f"{name} {each}" for name, each in tariff_rows(session, tariff).items())
        return f"Tariff of {region} from {format_day(made.day)} on: {words}"

    return Planned(plan, message)


@tariffs.does("add-region")
def add_region(
    session: Session,
    region: Region,
    buy: BuyPrice = None,
    feed_in: FeedIn = None,
    network_fee: NetworkFee = None,
    protocol_fee: ProtocolFee = None,
    max_factor: MaxFactor = None,
) -> Planned[Any]:
    """Add a region; what is not given is as in the home region today (grid authority)."""
    from dataclasses import replace

    from energy_grid.chain.abi import from_bytes32

    market = session.market
    home = from_bytes32(market.tariffs.region_at(1))
    like = market.tariffs.tariff_of(home, market.node.time // DAY_SECONDS)
    chosen = (buy, feed_in, network_fee, protocol_fee, max_factor)
    given: dict[str, Any] = {}
    if any(each is not None for each in chosen):
        given = changes_of(session, *chosen)

    def message(made: events.Tariffs_RegionAdded) -> str:
        return f"Added region {made.id}: {region}"

    return Planned(market.add_region(session.who, region, replace(like, **given)), message)


@tariffs.does("credit-value")
def credit_value(
    session: Session,
    value: Annotated[str, typer.Argument(metavar="MONEY", help="Of a kWh, such as 0.05.")],
    first: FromDay = None,
) -> Planned[Any]:
    """Schedule a lower value of energy credits; it never rises (grid authority)."""
    units = session.parse_price(value)

    def message(made: events.Tariffs_CreditValueSet) -> str:
        return (
            f"A kWh of credit is worth {session.price(made.value)} from {format_day(made.day)} on"
        )

    return Planned(session.market.schedule_credit_value(session.who, units, first), message)


def changes_of(
    view: View,
    buy: str | None,
    feed_in: str | None,
    network_fee: str | None,
    protocol_fee: str | None,
    max_factor: int | None,
) -> dict[str, int]:
    """The fields of a tariff that the user named.

    Raises:
        InputError: none, or one is no price.
    """
    named = {
        "buy": buy,
        "feed_in": feed_in,
        "network_fee": network_fee,
        "protocol_fee": protocol_fee,
    }
    found = {name: view.parse_price(text) for name, text in named.items() if text is not None}
    if max_factor is not None:
        found["max_factor"] = max_factor
    if not found:
        raise InputError(
            "name a change: --buy, --feed-in, --network-fee, --protocol-fee, or --max-factor"
        )
    return found


def tariff_rows(view: View, tariff: Tariff) -> dict[str, str]:
    """The fields of a tariff, in words."""
    return {
        "buy": view.price(tariff.buy),
        "feed-in": view.price(tariff.feed_in),
        "network fee": view.price(tariff.network_fee),
        "protocol fee": view.price(tariff.protocol_fee),
        "max factor": format_decimal(tariff.max_factor, _FACTOR_DECIMALS),
    }


def _planned(view: View, region: str, after: int) -> Mapping[int, Tariff]:
    """The tariffs that begin after a day, by their first days."""
    from energy_grid.chain.multicall import past_events

    contract, first = view.market.tariffs, view.market.deployment.first_block
    number = contract.region_id(region)
    planned: dict[int, Tariff] = {}
    for log in past_events(contract, "TariffSet", first, id=number):
        planned = {at: each for at, each in planned.items() if at < log["day"]}
        planned[log["day"]] = log["tariff"]
    return {at: each for at, each in planned.items() if at > after}
