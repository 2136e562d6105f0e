"""Payouts of the treasury: `ape run ops fees collect 120 ADDRESS --account safe:WHO,WHO ...`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scripts._ops.command import operations

if TYPE_CHECKING:
    from energy_grid.chain.contract import Call
    from energy_grid.cli.session import View


@click.argument("amount")
@click.argument("to")
def collect(view: View, amount: str, to: str) -> list[Call]:
    """Pay out protocol fees, then what the grid account need not keep, to an address."""
    return [view.market.settlement.collect(view.parse_money(amount), view.address_of(to))]


cli: click.Group = operations("The fees of the market, and their payout.", collect=collect)
