"""Fees: `ape run ops fees set --protocol 0.5 --grid-fee 0.01 --account safe:WHO,WHO ...`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scripts._ops.command import operations

if TYPE_CHECKING:
    from energy_grid.chain.contract import Call
    from energy_grid.cli.session import View


@click.option(
    "--grid-fee", metavar="MONEY", help="The network charge per kWh; by default unchanged."
)
@click.option(
    "--protocol", metavar="PERCENT", help="The share of payments, at most 1; by default unchanged."
)
def change(view: View, protocol: str | None, grid_fee: str | None) -> list[Call]:
    """Set the fees: the share of payments to sellers, the charge per kWh, or both."""
    from energy_grid.domain.units import parse_percent
    from energy_grid.errors import InputError

    settlement = view.market.settlement
    if protocol is None and grid_fee is None:
        raise InputError("name --protocol, --grid-fee, or both")
    share = settlement.protocol_fee_bps() if protocol is None else parse_percent(protocol, 2)
    charge = settlement.grid_fee_per_kwh() if grid_fee is None else view.parse_price(grid_fee)
    return [settlement.set_fees(share, charge)]


@click.argument("to")
def collect(view: View, to: str) -> list[Call]:
    """Pay out all fees and the revenue of grid energy to an address."""
    return [view.market.settlement.collect(view.address_of(to))]


cli: click.Group = operations(
    "The fees of the market, and their payout.", set=change, collect=collect
)
