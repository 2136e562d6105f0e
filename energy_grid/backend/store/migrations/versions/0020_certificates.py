"""Certificates of production, their market, and carbon credits for those that were retired."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

from energy_grid.backend.store.metadata import Wide

revision = "0020"
down_revision = "0019"

_KINDS: dict[str, TypeEngine[Any]] = {
    "address": sa.String(42),
    "bool": sa.Boolean(),
    "integer": sa.BigInteger(),
    "list": sa.JSON(),
    "text": sa.Text(),
    "wide": Wide(),
}
_TABLES = """
energy_certificates_approval_for_all account:address operator:address approved:bool
energy_certificates_authority_updated authority:address
energy_certificates_certificate_corrected correction:wide id:wide wh:wide withdrawn:wide reason:text
energy_certificates_certificates_issued device:wide account:address read_to:wide wh:wide owed:wide
energy_certificates_certificates_retired id:wide account:address device:wide day:wide wh:wide
energy_certificates_device_deregistered device:wide account:address until_slot:wide
energy_certificates_device_registered device:wide account:address technology:integer region:wide
    from_slot:wide
energy_certificates_transfer_batch operator:address from:address to:address ids:list values:list
energy_certificates_transfer_single operator:address from:address to:address id:wide value:wide
energy_certificates_uri value:text id:wide
certificate_market_authority_updated authority:address
certificate_market_certificates_offered offer_id:wide seller:address device:wide
    from_slot:wide to_slot:wide amount:wide price:wide currency:address
certificate_market_certificates_sold offer_id:wide seller:address buyer:address amount:wide
    paid:wide remaining:wide
certificate_market_offer_cancelled offer_id:wide remaining:wide
certificate_market_stop_level_changed level:integer by:address
"""


def upgrade() -> None:
    op.drop_table("carbon_credits_production_meters_set")
    with op.batch_alter_table("carbon_credits_carbon_credits_issued") as table_of_issues:
        table_of_issues.alter_column("producer", new_column_name="account")
        table_of_issues.alter_column("days", new_column_name="retirements")
    for line in _TABLES.strip().replace("\n    ", " ").split("\n"):
        table, *columns = line.split()
        named = [each.split(":") for each in columns]
        op.create_table(
            table,
            *(
                sa.Column(each, sa.BigInteger, nullable=False)
                for each in ("block", "log_index", "time")
            ),
            sa.Column("transaction_hash", sa.String(66), nullable=False),
            *(sa.Column(name, _KINDS[kind], nullable=False) for name, kind in named),
            sa.PrimaryKeyConstraint("block", "log_index", name=f"pk_{table}"),
        )
