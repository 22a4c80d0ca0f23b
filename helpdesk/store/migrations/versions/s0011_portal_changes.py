"""What the portal must be told of changes, and whether it has them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from helpdesk.store.schema import UtcTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply the step."""
    op.create_table(
        "portal_change",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("action_id", _ROW_ID, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("certification_number", sa.String(length=40), nullable=False),
        sa.Column("address_before", sa.Text(), nullable=False),
        sa.Column("address_after", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", UtcTime(timezone=True), nullable=False),
        sa.Column("exported_at", UtcTime(timezone=True), nullable=True),
        sa.Column("reflected_at", UtcTime(timezone=True), nullable=True),
        sa.Column("reflected_by", sa.String(length=80), nullable=True),
        sa.Column("hook", sa.String(length=15), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["action_id"], ["action.id"], name=op.f("fk_portal_change_action_id_action")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_change")),
    )
    op.create_index("ix_portal_change_action_id", "portal_change", ["action_id"])
    op.create_index("ix_portal_change_hook_due_at", "portal_change", ["hook", "due_at"])
