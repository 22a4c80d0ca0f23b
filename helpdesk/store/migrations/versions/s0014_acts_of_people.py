"""What people did by hand is found by its day.

Revision ID: 0030
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_BY_PEOPLE = sa.text("cause IN ('console', 'command')")


def upgrade() -> None:
    """Apply the step."""
    op.create_index(
        "ix_audit_by_people",
        "audit",
        ["at"],
        sqlite_where=_BY_PEOPLE,
        postgresql_where=_BY_PEOPLE,
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_index("ix_audit_by_people", "audit")
