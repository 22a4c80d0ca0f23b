"""A case remembers which member number was typed in it, by a keyed digest.

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    with op.batch_alter_table("case") as table:
        table.add_column(
            sa.Column("typed_index", sa.String(length=64), nullable=False, server_default="")
        )
    op.create_index("ix_case_typed_index", "case", ["typed_index"])
