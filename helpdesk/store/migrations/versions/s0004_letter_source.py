"""The bytes of a letter lie apart from its state, which changes five times."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from helpdesk.store.schema import RowId

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    op.create_table(
        "letter_source",
        sa.Column("letter_id", RowId, autoincrement=False, nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["letter.id"], name=op.f("fk_letter_source_letter_id_letter")
        ),
        sa.PrimaryKeyConstraint("letter_id", name=op.f("pk_letter_source")),
    )
    op.execute("INSERT INTO letter_source (letter_id, source) SELECT id, source FROM letter")
    with op.batch_alter_table("letter") as table:
        table.drop_column("source")
