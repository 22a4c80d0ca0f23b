"""Staff stop the reminders of one facility: it withdrew, or said that it is settled."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from helpdesk.store.schema import UtcTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    op.create_table(
        "reminder_stop",
        sa.Column("campaign", sa.String(length=40), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("certification_number", sa.String(length=40), nullable=False),
        sa.Column("stopped_by", sa.String(length=80), nullable=False),
        sa.Column("stopped_at", UtcTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "campaign", "year", "certification_number", name=op.f("pk_reminder_stop")
        ),
    )
