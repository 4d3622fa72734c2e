"""Boletos: the number as the bank's retornos state it

Boletos that are there get it from their number as it was printed; those whose number the bank
gave have none.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_PLAIN = "replace(replace(nosso_numero, '/', ''), '-', '')"
# Caixa leaves out the check digit, Bradesco puts zeros behind the carteira, Inter leaves out
# agência and carteira; any other states all digits that are printed.
_STATED = f"""CASE bank
    WHEN '104' THEN substr({_PLAIN}, 1, 17)
    WHEN '237' THEN substr({_PLAIN}, 1, 2) || '00000' || substr({_PLAIN}, 3)
    WHEN '077' THEN substr({_PLAIN}, length({_PLAIN}) - 10)
    ELSE {_PLAIN} END"""


def upgrade() -> None:
    op.add_column(
        "boleto",
        sa.Column(
            "stated_number",
            sqlmodel.sql.sqltypes.AutoString(),
            server_default=sa.text("''"),
            nullable=False,
        ),
    )
    op.execute(f"UPDATE boleto SET stated_number = ltrim({_STATED}, '0') WHERE sequence > 0")
    given = sa.text("stated_number <> ''")
    op.create_index(
        "ix_boleto_stated_number",
        "boleto",
        ["bank_account_id", "stated_number"],
        sqlite_where=given,
        postgresql_where=given,
    )


def downgrade() -> None:
    """Nothing is lost: it follows from the number as it was printed."""
    op.drop_index("ix_boleto_stated_number", "boleto")
    op.drop_column("boleto", "stated_number")
