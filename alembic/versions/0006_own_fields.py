"""Which of their contact data customers changed themselves: a file does not undo it

Of the customers that are there nobody changed anything: files go on as before.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("customer") as customer:
        customer.add_column(
            sa.Column("own_fields", sa.JSON(), server_default=sa.text("'[]'"), nullable=False)
        )


def downgrade() -> None:
    """What customers changed stays; the next file may undo it."""
    with op.batch_alter_table("customer") as customer:
        customer.drop_column("own_fields")
