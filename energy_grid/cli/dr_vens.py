"""``energy-grid dr ven``: credentials of programs that speak OpenADR for an account."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from energy_grid.cli.backends import signed_in
from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.options import AsJson

__all__ = ["vens"]

vens = CommandGroup("ven", "Credentials of programs that speak OpenADR for an account.")

Backend = Annotated[
    str,
    typer.Argument(metavar="BACKEND", help="Its address, such as https://grid.example."),
]
Key = Annotated[
    str, typer.Option("--key", metavar="WHO", help="The account's key: named like --account.")
]
Client = Annotated[str, typer.Argument(metavar="CLIENT", help="The id of the credentials.")]


@vens.alone("create")
def create(
    backend: Backend,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the account calls it.")],
    key: Key,
    may_opt: Annotated[
        bool, typer.Option("--may-opt", help="It may opt out of events for the account.")
    ] = False,
    as_json: AsJson = False,
) -> str:
    """Make credentials for a program of the account. The secret is shown this once."""
    with signed_in(backend, key) as (api, account, _):
        made = api.create_ven(account, name, may_opt=may_opt)
    if as_json:
        return made.model_dump_json()
    return (
        f"Made credentials of {name} for {account}; the secret is shown this once\n"
        f"client id      {made.client_id}\n"
        f"client secret  {made.client_secret}"
    )


@vens.alone("list")
def list_(backend: Backend, key: Key, as_json: AsJson = False) -> str:
    """List the account's programs that have credentials, the oldest first."""
    with signed_in(backend, key) as (api, account, _):
        found = api.vens(account)
    if as_json:
        return json.dumps([each.model_dump(mode="json") for each in found])
    rows = [
        f"{each.client_id}  {each.name}{', may opt' if each.may_opt else ''}, since"
        f" {each.created_at:%Y-%m-%d %H:%M:%S} UTC"
        for each in found
    ]
    return "\n".join(rows) or "No program has credentials."


@vens.alone("revoke")
def revoke(backend: Backend, client: Client, key: Key, as_json: AsJson = False) -> str:
    """Revoke credentials of a program of the account, and what was written with them."""
    with signed_in(backend, key) as (api, account, _):
        api.revoke_ven(account, client)
    return json.dumps({"revoked": client}) if as_json else f"Revoked {client} of {account}"
