"""Reporters and parameters of oracles: `ape run ops oracle_reporters add 0x... --account WHO`."""

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
    from energy_grid.market.roles import role_members

    market, reporter = view.market, view.address_of(address)
    reporters = role_members(market.access, Role.REPORTER)
    oracles = market.price_oracle, market.weather_oracle, market.grid_oracle
    quorum = max(oracle.quorum() for oracle in oracles)
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


@click.option("--max-age", metavar="DURATION", help="How long an answer is valid, such as 2h.")
@click.option("--quorum", type=click.IntRange(min=1), help="The reports that close a round.")
@click.argument("oracle", type=click.Choice(["price", "weather", "grid"]))
def parameters(view: View, oracle: str, quorum: int | None, max_age: str | None) -> list[Call]:
    """Propose another quorum or maximum age of an oracle; a report counts for half of the age."""
    from energy_grid.cli.oracles import Quantity, prepare_parameters
    from energy_grid.domain.units import parse_duration

    age = None if max_age is None else parse_duration(max_age)
    return [prepare_parameters(view, Quantity[oracle.upper()], quorum, age)]


cli: click.Group = operations(
    "The reporters of the oracles, how many close a round, and how long it is valid; by a vote.",
    add=add,
    remove=remove,
    replace=replace,
    parameters=parameters,
)
