"""Runs the steps on the connection that `migrate` hands over, in its transaction."""

from __future__ import annotations

from alembic import context

from helpdesk.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # Both databases roll DDL back: a step that was cut off leaves nothing behind.
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
