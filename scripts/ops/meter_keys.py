"""Keys of meters: `ape run ops meter_keys rotate METER --new-key KEYSTORE --account WHO ...`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scripts._ops.command import operations

if TYPE_CHECKING:
    from energy_grid.chain.contract import Call
    from energy_grid.cli.session import View


@click.option(
    "--new-key",
    required=True,
    metavar="WHO",
    help="The meter's new key, which signs the rotation: a keystore file, env:NAME, local:N.",
)
@click.option(
    "--consent-of",
    metavar="WHO",
    help="Who agrees here: the account's holder, or the old key. By default the holder has agreed"
    " by a call.",
)
@click.argument("meter")
def rotate(view: View, meter: str, new_key: str, consent_of: str | None) -> list[Call]:
    """Rotate the key of a meter; the old key, METER, is invalid at once."""
    from energy_grid.cli.accounts import account_of

    market = view.market
    draft = market.draft_rotation(view.address_of(meter), account_of(new_key))
    if consent_of is not None:
        draft = market.sign_consent(account_of(consent_of), draft)
    return [market.prepare_draft(draft)]


@click.argument("meter")
def deactivate(view: View, meter: str) -> list[Call]:
    """Deactivate a meter permanently, for example after the theft of its key."""
    return [view.market.meters.deactivate_meter(view.address_of(meter))]


cli: click.Group = operations(
    "Keys of meters, by the registrar.", rotate=rotate, deactivate=deactivate
)
