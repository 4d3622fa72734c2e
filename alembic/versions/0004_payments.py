"""Payment providers: checkouts, events, refunds, disputes; numbered receipts; whose clearing it is

What was there before keeps its meaning: payments had no provider. A receipt of the step before
stated nothing its payment does not, had neither number nor paper, and goes.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString
_MOMENT = sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    for table, column in _COLUMNS:
        op.add_column(table, column())
    _index_where(
        "ix_payment_waiting", ["company_id", "created_at"], "provider <> '' AND state_rank < 2"
    )
    for name in _NAMES:
        _index_where(f"uq_payment_{name}", ["provider", name], f"{name} <> ''", unique=True)
    op.create_table(
        "payment_account",
        *_company_row(),
        sa.Column("currency", _TEXT(), nullable=False),
        sa.Column("account", _TEXT(), nullable=False),
        sa.Column("methods", sa.JSON(), nullable=False),
        *_keys("payment_account", "company"),
        _unique("payment_account", "company_id", "currency"),
    )
    op.create_table(
        "refund",
        *_company_row(),
        sa.Column("payment_id", sa.Integer(), nullable=False),
        *_at_provider(),
        *_keys("refund", "company", "payment"),
        _unique("refund", "provider", "ref"),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_refund_amount_positive")),
    )
    op.create_index("ix_refund_payment", "refund", ["payment_id"])
    op.create_table(
        "dispute",
        *_company_row(),
        sa.Column("payment_id", sa.Integer(), nullable=False),
        *_at_provider(),
        sa.Column("reason", _TEXT(), nullable=False),
        *_keys("dispute", "company", "payment"),
        _unique("dispute", "provider", "ref"),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_dispute_amount_positive")),
    )
    op.create_index("ix_dispute_payment", "dispute", ["payment_id"])
    op.create_table(
        "provider_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=True),
        sa.Column("provider", _TEXT(), nullable=False),
        sa.Column("account", _TEXT(), nullable=False),
        sa.Column("event_id", _TEXT(), nullable=False),
        sa.Column("type", _TEXT(), nullable=False),
        sa.Column("api_version", _TEXT(), nullable=False),
        sa.Column("ref", _TEXT(), nullable=False),
        sa.Column("payment_id", sa.Integer(), nullable=True),
        sa.Column("received_at", _MOMENT(), nullable=False),
        sa.Column("handled_at", _MOMENT(), nullable=True),
        *_keys("provider_event", "company", "payment"),
        _unique("provider_event", "provider", "account", "event_id"),
    )
    op.create_index("ix_provider_event_payment", "provider_event", ["payment_id"])
    op.create_table(
        "receipt_series",
        *_company_row(),
        sa.Column("series", _TEXT(), nullable=False),
        sa.Column("next_number", sa.Integer(), nullable=False),
        *_keys("receipt_series", "company"),
        _unique("receipt_series", "company_id", "series"),
        sa.CheckConstraint("next_number > 0", name=op.f("ck_receipt_series_next_number_positive")),
    )
    op.drop_table("receipt")
    op.create_table(
        "receipt",
        *_company_row(),
        sa.Column("public_id", _TEXT(), nullable=False),
        sa.Column("payment_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("about", _TEXT(), nullable=False),
        sa.Column("kind", _TEXT(), nullable=False),
        sa.Column("series", _TEXT(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("currency", _TEXT(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("created_at", _MOMENT(), nullable=False),
        sa.Column("facts", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        *_keys("receipt", "company", "payment", "customer"),
        _unique("receipt", "public_id"),
        _unique("receipt", "company_id", "series", "number"),
        _unique("receipt", "payment_id", "about"),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_receipt_amount_positive")),
    )
    op.create_index("ix_receipt_customer", "receipt", ["company_id", "customer_id", "id"])


def downgrade() -> None:
    """Events, refunds, disputes and receipts are lost; an open checkout's payment is cancelled."""
    op.drop_table("receipt")
    op.create_table(
        "receipt",
        *_company_row(),
        sa.Column("payment_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("currency", _TEXT(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("created_at", _MOMENT(), nullable=False),
        *_keys("receipt", "company", "payment", "customer"),
        _unique("receipt", "payment_id"),
    )
    op.create_index(op.f("ix_receipt_company_id"), "receipt", ["company_id"])
    for table in ("receipt_series", "provider_event", "dispute", "refund", "payment_account"):
        op.drop_table(table)
    # Nobody would be told any more how they ended.
    live = "SELECT id FROM payment WHERE provider <> '' AND state_rank < 2"
    op.execute(f"UPDATE payment_item SET live = false WHERE payment_id IN ({live})")  # noqa: S608
    op.execute(
        "UPDATE payment SET state = 'cancelled', state_rank = 2 "
        "WHERE provider <> '' AND state_rank < 2"
    )
    for name in _NAMES:
        op.drop_index(f"uq_payment_{name}", "payment")
    op.drop_index("ix_payment_waiting", "payment")
    for table, column in reversed(_COLUMNS):
        op.drop_column(table, column().name)


def _company_row() -> list[sa.Column]:
    return [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
    ]


def _at_provider() -> list[sa.Column]:
    return [
        sa.Column("provider", _TEXT(), nullable=False),
        sa.Column("ref", _TEXT(), nullable=False),
        sa.Column("status", _TEXT(), nullable=False),
        sa.Column("currency", _TEXT(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("created_at", _MOMENT(), nullable=False),
    ]


def _keys(table: str, *others: str) -> list[sa.Constraint]:
    return [
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        *(
            sa.ForeignKeyConstraint(
                [f"{other}_id"], [f"{other}.id"], name=op.f(f"fk_{table}_{other}_id")
            )
            for other in others
        ),
    ]


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_{'_'.join(columns)}"))


def _index_where(name: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    condition = sa.text(where)
    op.create_index(
        name,
        "payment",
        columns,
        unique=unique,
        sqlite_where=condition,
        postgresql_where=condition,
    )


def _text_column(name: str):
    return lambda: sa.Column(name, _TEXT(), server_default=sa.text("''"), nullable=False)


def _json_column(name: str):
    return lambda: sa.Column(name, sa.JSON(), server_default=sa.text("'{}'"), nullable=False)


_NAMES = ("checkout_key", "session", "intent")
_COLUMNS = (
    ("payment", _text_column("provider")),
    ("payment", _text_column("account")),
    ("payment", _text_column("checkout_key")),
    ("payment", _text_column("session")),
    ("payment", _text_column("intent")),
    ("payment", _text_column("checkout_url")),
    ("payment", _json_column("checkout")),
    ("payment", _json_column("voucher")),
    ("payment", lambda: sa.Column("expires_at", _MOMENT(), nullable=True)),
    ("payment", lambda: sa.Column("looked_at", _MOMENT(), nullable=True)),
    ("journal_line", _text_column("provider")),
)
