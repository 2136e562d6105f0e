"""Tariffs: `ape run ops tariffs schedule home --buy 0.31 --network ... --account safe:WHO,WHO`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scripts._ops.command import operations

if TYPE_CHECKING:
    from energy_grid.chain.contract import Call
    from energy_grid.cli.session import View


@click.option("--from", "first", metavar="DATE", help="By default the first possible day.")
@click.option("--max-factor", metavar="FACTOR", help="The highest dynamic factor, such as 3.")
@click.option("--protocol-fee", metavar="MONEY", help="Of traded energy, per kWh.")
@click.option("--network-fee", metavar="MONEY", help="Of shared and traded energy, per kWh.")
@click.option("--feed-in", metavar="MONEY", help="What feed-in is paid, per kWh.")
@click.option("--buy", metavar="MONEY", help="What energy from the grid costs, per kWh.")
@click.argument("region")
def schedule(
    view: View,
    region: str,
    buy: str | None,
    feed_in: str | None,
    network_fee: str | None,
    protocol_fee: str | None,
    max_factor: str | None,
    first: str | None,
) -> list[Call]:
    """Schedule a tariff of a region; what is not given stays as it is."""
    from energy_grid.cli.tariffs import changes_of, parse_factor
    from energy_grid.domain.units import parse_day

    factor = None if max_factor is None else parse_factor(max_factor)
    changes = changes_of(view, buy, feed_in, network_fee, protocol_fee, factor)
    day = None if first is None else parse_day(first)
    return [view.market.prepare_tariff(region, day=day, **changes)]


@click.option("--from", "first", metavar="DATE", help="By default the first possible day.")
@click.argument("value")
def credit_value(view: View, value: str, first: str | None) -> list[Call]:
    """Schedule a lower value of a kWh of energy credit, such as 0.05; it never rises."""
    from energy_grid.domain.units import parse_day

    day = view.market.first_changeable_day() if first is None else parse_day(first)
    return [view.market.tariffs.set_credit_value(view.parse_price(value), day)]


@click.argument("grams", type=click.IntRange(min=0))
def emission_factor(view: View, grams: int) -> list[Call]:
    """Propose another emission factor, in g CO2e per clean kWh, from the next day on."""
    return [view.market.carbon.set_emission_factor(grams)]


@click.argument("limit")
def outflow_limit(view: View, limit: str) -> list[Call]:
    """Propose another limit of withdrawals per window; beyond it, withdrawals are queued."""
    return [view.market.settlement.set_outflow_limit(view.parse_money(limit))]


cli: click.Group = operations(
    "Tariffs, the value of credits, the emission factor, and the limit of withdrawals.",
    schedule=schedule,
    credit_value=credit_value,
    emission_factor=emission_factor,
    outflow_limit=outflow_limit,
)
