"""Actions have a letter that is ready; answered questions are kept as examples."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from helpdesk.store.schema import RowId, UtcTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    with op.batch_alter_table("action") as table:
        table.add_column(sa.Column("letter", sa.String(40), nullable=True))
    op.create_table(
        "example",
        sa.Column("id", RowId, nullable=False),
        sa.Column("action_id", RowId, nullable=False),
        sa.Column("topic", sa.String(40), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_example"),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name="fk_example_action_id_action"),
        sa.UniqueConstraint("action_id", name="uq_example_action_id"),
    )
