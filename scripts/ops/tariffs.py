"""Tariffs: `ape run ops tariffs base-price 0.31 --network ... --account safe:WHO,WHO`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scripts._ops.command import operations

if TYPE_CHECKING:
    from energy_grid.chain.contract import Call
    from energy_grid.cli.session import View


@click.argument("price")
def base_price(view: View, price: str) -> list[Call]:
    """Set the base price of grid energy from the next slot on, per kWh, such as 0.31."""
    return [view.market.grid.set_base_price(view.parse_price(price))]


@click.argument("grams", type=click.IntRange(min=0))
def emission_factor(view: View, grams: int) -> list[Call]:
    """Propose another emission factor, in g CO2e per clean kWh, from the next slot on."""
    return [view.market.carbon.set_emission_factor(grams)]


@click.argument("limit")
def outflow_limit(view: View, limit: str) -> list[Call]:
    """Propose another limit of withdrawals per window; beyond it, withdrawals are queued."""
    return [view.market.settlement.set_outflow_limit(view.parse_money(limit))]


cli: click.Group = operations(
    "The base price, the emission factor, and the limit of withdrawals.",
    base_price=base_price,
    emission_factor=emission_factor,
    outflow_limit=outflow_limit,
)
