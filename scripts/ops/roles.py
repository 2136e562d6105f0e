"""Grant and revoke roles: `ape run ops roles grant KEEPER 0x... --network ... --account WHO`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scripts._ops.command import operations
from scripts._ops.words import role_of

if TYPE_CHECKING:
    from energy_grid.chain.contract import Call
    from energy_grid.cli.session import View


@click.argument("role")
@click.argument("address")
def grant(view: View, role: str, address: str) -> list[Call]:
    """Propose to grant a role, such as KEEPER, to an address."""
    market, wanted, holder = view.market, role_of(role), view.address_of(address)
    if market.access.has_role(wanted, holder).is_member:
        return []
    return [market.access.grant_role(wanted, holder, market.delay_of(wanted))]


@click.argument("role")
@click.argument("address")
def revoke(view: View, role: str, address: str) -> list[Call]:
    """Propose to revoke a role of an address."""
    from energy_grid.cli.proposals import refuse_own_end

    access, wanted, holder = view.market.access, role_of(role), view.address_of(address)
    refuse_own_end(view, wanted, holder)
    return [access.revoke_role(wanted, holder)] if access.has_role(wanted, holder).is_member else []


cli: click.Group = operations("Grant and revoke roles; a vote decides.", grant=grant, revoke=revoke)
