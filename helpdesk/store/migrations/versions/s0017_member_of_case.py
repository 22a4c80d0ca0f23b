"""A case knows whose member number was verified in it, by a keyed digest."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    with op.batch_alter_table("case") as table:
        table.add_column(
            sa.Column("member_index", sa.String(length=64), nullable=False, server_default="")
        )
    op.create_index("ix_case_member_index", "case", ["member_index"])
