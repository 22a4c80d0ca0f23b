"""What somebody typed before their session ended.

Revision ID: 0031
Revises: 0030
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from helpdesk.store.schema import UtcTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply the step."""
    op.create_table(
        "draft",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("staff_name", sa.String(length=80), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("at", UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
    )
    op.create_index("ix_draft_staff_name", "draft", ["staff_name"])


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("draft")
