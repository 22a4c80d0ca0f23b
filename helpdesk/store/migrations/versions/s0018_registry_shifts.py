"""What an import changed of the columns that a proof rests on is remembered.

Revision ID: 0018
Revises: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from helpdesk.store.schema import UtcTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply the step."""
    op.create_table(
        "registry_shift",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("certification_number", sa.String(length=40), nullable=False),
        sa.Column("at", UtcTime(timezone=True), nullable=False),
        sa.Column("imported_by", sa.String(length=80), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registry_shift")),
    )
    op.create_index(
        "ix_registry_shift_certification_number_at",
        "registry_shift",
        ["certification_number", "at"],
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("registry_shift")
