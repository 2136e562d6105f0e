"""The reporters of the oracles: `ape run ops oracle_reporters add 0x... --account WHO ...`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scripts._ops.command import operations

if TYPE_CHECKING:
    from energy_grid.chain.contract import Call
    from energy_grid.cli.session import View


@click.argument("address")
def add(view: View, address: str) -> list[Call]:
    """Propose another reporter."""
    from energy_grid.chain.roles import Role

    access, reporter = view.market.access, view.address_of(address)
    if access.has_role(Role.REPORTER, reporter).is_member:
        return []
    return [access.grant_role(Role.REPORTER, reporter, 0)]


@click.argument("address")
def remove(view: View, address: str) -> list[Call]:
    """Propose to remove a reporter."""
    from energy_grid.chain.roles import Role
    from energy_grid.errors import InputError
    from energy_grid.market.roles import members

    market, reporter = view.market, view.address_of(address)
    reporters = members(market.access, Role.REPORTER)
    quorum = market.price_oracle.quorum()
    if reporter not in reporters:
        return []
    if len(reporters) <= quorum:
        raise InputError(
            f"{len(reporters)} reporters are as many as a round needs ({quorum}): add another first"
        )
    return [market.access.revoke_role(Role.REPORTER, reporter)]


@click.argument("old")
@click.argument("new")
def replace(view: View, old: str, new: str) -> list[Call]:
    """Propose to replace a reporter by another address, in one vote."""
    from energy_grid.chain.roles import Role
    from energy_grid.errors import InputError

    access = view.market.access
    before, after = view.address_of(old), view.address_of(new)
    if not access.has_role(Role.REPORTER, before).is_member:
        raise InputError(f"{before} is not a reporter: name a holder of the role REPORTER")
    if access.has_role(Role.REPORTER, after).is_member:
        raise InputError(f"{after} is a reporter already: name another address")
    return [access.grant_role(Role.REPORTER, after, 0), access.revoke_role(Role.REPORTER, before)]


cli: click.Group = operations(
    "The reporters of the oracles; a vote changes them.",
    add=add,
    remove=remove,
    replace=replace,
)
