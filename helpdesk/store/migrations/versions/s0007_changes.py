"""Changes of address on their way, approvals by facts, and what deciders must know."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from helpdesk.store.schema import UtcTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply the step."""
    with op.batch_alter_table("action") as table:
        table.add_column(sa.Column("marks", sa.JSON(), nullable=False, server_default="[]"))
        table.add_column(sa.Column("facts", sa.JSON(), nullable=False, server_default="{}"))
        table.add_column(sa.Column("entered_by", sa.String(length=80), nullable=True))
        table.add_column(
            sa.Column("authenticated", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        table.add_column(sa.Column("called_back_by", sa.String(length=80), nullable=True))
        table.add_column(sa.Column("called_back_at", UtcTime(timezone=True), nullable=True))
    _approval()
    _change()


def _approval() -> None:
    op.create_table(
        "approval",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("action_id", _ROW_ID, nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("entered_by", sa.String(length=80), nullable=False),
        sa.Column("at", UtcTime(timezone=True), nullable=False),
        sa.Column("facts_hash", sa.String(length=64), nullable=False),
        sa.Column("alone", sa.Boolean(), nullable=False),
        sa.Column("ended_at", UtcTime(timezone=True), nullable=True),
        sa.CheckConstraint('"by" <> entered_by', name="entered_by_another"),
        sa.ForeignKeyConstraint(
            ["action_id"], ["action.id"], name=op.f("fk_approval_action_id_action")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
    )
    op.create_index("ix_approval_action_id", "approval", ["action_id"])


def _change() -> None:
    op.create_table(
        "change",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("action_id", _ROW_ID, nullable=False),
        sa.Column("case_id", _ROW_ID, nullable=False),
        sa.Column("certification_number", sa.String(length=40), nullable=False),
        sa.Column("old_address", sa.Text(), nullable=False),
        sa.Column("new_address", sa.Text(), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=True),
        sa.Column("old_token", sa.String(length=64), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("waits_for", sa.String(length=20), nullable=True),
        sa.Column("due_at", UtcTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", UtcTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.String(length=80), nullable=True),
        sa.Column("proof_from", sa.Text(), nullable=True),
        sa.Column("told_old_at", UtcTime(timezone=True), nullable=True),
        sa.Column("old_failed_at", UtcTime(timezone=True), nullable=True),
        sa.Column("asked_from_old", sa.Boolean(), nullable=False),
        sa.Column("old_agreed_at", UtcTime(timezone=True), nullable=True),
        sa.Column("stopped_at", UtcTime(timezone=True), nullable=True),
        sa.Column("done_at", UtcTime(timezone=True), nullable=True),
        sa.Column("frozen_until", UtcTime(timezone=True), nullable=True),
        sa.Column("revertible_until", UtcTime(timezone=True), nullable=True),
        sa.Column("reverted_at", UtcTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["action_id"], ["action.id"], name=op.f("fk_change_action_id_action")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_change_case_id_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change")),
        sa.UniqueConstraint("action_id", name=op.f("uq_change_action_id")),
    )
    for column in ("token", "old_token", "old_address", "due_at", "certification_number"):
        op.create_index(f"ix_change_{column}", "change", [column])
