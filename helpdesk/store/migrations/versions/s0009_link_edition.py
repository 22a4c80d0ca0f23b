"""Link requests are asked anew where the first notice did not arrive: each time is an edition."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    with op.batch_alter_table("link") as table:
        table.add_column(sa.Column("edition", sa.Integer(), nullable=False, server_default="1"))
