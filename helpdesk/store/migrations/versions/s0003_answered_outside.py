"""Cases know when staff answered by their own mail program."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from helpdesk.store.schema import UtcTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    with op.batch_alter_table("case") as table:
        table.add_column(sa.Column("answered_outside_at", UtcTime(timezone=True), nullable=True))
