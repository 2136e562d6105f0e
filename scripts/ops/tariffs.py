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
    """Set the base price of grid energy, in money per kWh, such as 0.31; from the next slot on."""
    return [view.market.grid.set_base_price(view.parse_price(price))]


@click.argument("grams", type=click.IntRange(min=0))
def emission_factor(view: View, grams: int) -> list[Call]:
    """Put it to the vote how many g CO2e a clean kWh avoids, from the next slot on."""
    return [view.market.carbon.set_emission_factor(grams)]


@click.argument("limit")
def outflow_limit(view: View, limit: str) -> list[Call]:
    """Put it to the vote how much money leaves the vault per window before withdrawals wait."""
    return [view.market.settlement.set_outflow_limit(view.parse_money(limit))]


cli: click.Group = operations(
    "What energy costs, what carbon counts, how much may leave at once.",
    base_price=base_price,
    emission_factor=emission_factor,
    outflow_limit=outflow_limit,
)
