"""Runs the migrations in the transaction of `Database.migrate`."""

from __future__ import annotations

from alembic import context

from energy_grid.backend.store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    transactional_ddl=False,
)
context.run_migrations()
