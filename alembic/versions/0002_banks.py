"""Banks: channels and terms, files, instructions and events; receipts; mail

What was there before keeps its meaning: accounts are reached by the demo bank, carteiras give
no discount and are not approved for production, and boletos know our number by their payment's.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString
_MOMENT = sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.create_table(
        "bank_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("bank_account_id", sa.Integer(), nullable=True),
        sa.Column("direction", _TEXT(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("sha256", _TEXT(), nullable=False),
        sa.Column("made_at", _MOMENT(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        *_references("bank_file", "company", "bank_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_file")),
        sa.UniqueConstraint(
            "company_id",
            "direction",
            "sha256",
            name=op.f("uq_bank_file_company_id_direction_sha256"),
        ),
    )
    _index_where(
        "uq_bank_file_remessa",
        "bank_file",
        ["bank_account_id", "sequence"],
        "direction = 'remessa'",
        unique=True,
    )
    op.create_table(
        "mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("key", _TEXT(), nullable=False),
        sa.Column("kind", _TEXT(), nullable=False),
        sa.Column("about", _TEXT(), nullable=False),
        sa.Column("locale", _TEXT(), nullable=False),
        sa.Column("asked_by", _TEXT(), nullable=False),
        sa.Column("created_at", _MOMENT(), nullable=False),
        *_references("mail", "company", "customer"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
        sa.UniqueConstraint("company_id", "key", name=op.f("uq_mail_company_id_key")),
    )
    op.create_index("ix_mail_customer", "mail", ["company_id", "customer_id", "created_at"])
    op.create_table(
        "mail_recipient",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.Column("address", _TEXT(), nullable=False),
        sa.Column("state", _TEXT(), nullable=False),
        sa.Column("reply", _TEXT(), nullable=False),
        sa.Column("changed_at", _MOMENT(), nullable=False),
        *_references("mail_recipient", "company", "mail"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_recipient")),
        sa.UniqueConstraint("mail_id", "address", name=op.f("uq_mail_recipient_mail_id_address")),
    )
    op.create_index(op.f("ix_mail_recipient_company_id"), "mail_recipient", ["company_id"])
    op.create_table(
        "receipt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("payment_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("currency", _TEXT(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("created_at", _MOMENT(), nullable=False),
        *_references("receipt", "company", "payment", "customer"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt")),
        sa.UniqueConstraint("payment_id", name=op.f("uq_receipt_payment_id")),
    )
    op.create_index(op.f("ix_receipt_company_id"), "receipt", ["company_id"])

    for table, column in _COLUMNS:
        op.add_column(table, column())
    _index_where(
        "uq_bank_account_webhook",
        "bank_account",
        ["webhook_hash"],
        "webhook_hash <> ''",
        unique=True,
    )
    _check_shares("AND discount_cents >= 0 ", " + discount_cents")
    with op.batch_alter_table("boleto") as boleto:
        boleto.alter_column("sequence", existing_type=sa.BigInteger(), nullable=True)
        boleto.drop_constraint(
            op.f("uq_boleto_company_id_bank_account_id_nosso_numero"), type_="unique"
        )
    op.execute("UPDATE boleto SET seu_numero = CAST(payment_id AS VARCHAR)")
    _index_where(
        "uq_boleto_nosso_numero",
        "boleto",
        ["company_id", "bank_account_id", "nosso_numero"],
        "nosso_numero <> ''",
        unique=True,
    )
    _index_where(
        "uq_boleto_bank_ref",
        "boleto",
        ["bank_account_id", "bank_ref"],
        "bank_ref <> ''",
        unique=True,
    )

    op.create_table(
        "bank_instruction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("bank_account_id", sa.Integer(), nullable=False),
        sa.Column("boleto_id", sa.Integer(), nullable=False),
        sa.Column("key", _TEXT(), nullable=False),
        sa.Column("movement", _TEXT(), nullable=False),
        sa.Column("due_date", sa.Date(), nullable=True),
        sa.Column("created_at", _MOMENT(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=True),
        *_references("bank_instruction", "company", "bank_account", "boleto"),
        sa.ForeignKeyConstraint(
            ["file_id"], ["bank_file.id"], name=op.f("fk_bank_instruction_file_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_instruction")),
        sa.UniqueConstraint("boleto_id", "key", name=op.f("uq_bank_instruction_boleto_id_key")),
    )
    op.create_index("ix_bank_instruction_file", "bank_instruction", ["file_id"])
    _index_where(
        "ix_bank_instruction_waiting",
        "bank_instruction",
        ["bank_account_id", "id"],
        "file_id IS NULL",
    )
    op.create_table(
        "bank_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("bank_account_id", sa.Integer(), nullable=False),
        sa.Column("key", _TEXT(), nullable=False),
        sa.Column("source", _TEXT(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("kind", _TEXT(), nullable=False),
        sa.Column("movement", _TEXT(), nullable=False),
        sa.Column("nosso_numero", _TEXT(), nullable=False),
        sa.Column("seu_numero", _TEXT(), nullable=False),
        sa.Column("bank_ref", _TEXT(), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=True),
        sa.Column("credited_on", sa.Date(), nullable=True),
        sa.Column("due_date", sa.Date(), nullable=True),
        sa.Column("face_cents", sa.BigInteger(), nullable=False),
        sa.Column("paid_cents", sa.BigInteger(), nullable=False),
        sa.Column("net_cents", sa.BigInteger(), nullable=False),
        sa.Column("fee_cents", sa.BigInteger(), nullable=False),
        sa.Column("charges_cents", sa.BigInteger(), nullable=False),
        sa.Column("discount_cents", sa.BigInteger(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("raw", _TEXT(), nullable=False),
        sa.Column("also_by", _TEXT(), nullable=False),
        sa.Column("received_at", _MOMENT(), nullable=False),
        sa.Column("handled_at", _MOMENT(), nullable=True),
        sa.Column("outcome", _TEXT(), nullable=False),
        sa.Column("boleto_id", sa.Integer(), nullable=True),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.Column("payment_id", sa.Integer(), nullable=True),
        *_references("bank_event", "company", "bank_account", "boleto", "document", "payment"),
        sa.ForeignKeyConstraint(["file_id"], ["bank_file.id"], name=op.f("fk_bank_event_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_event")),
        sa.UniqueConstraint(
            "bank_account_id", "key", name=op.f("uq_bank_event_bank_account_id_key")
        ),
    )
    op.create_index(op.f("ix_bank_event_company_id"), "bank_event", ["company_id"])
    op.create_index("ix_bank_event_boleto", "bank_event", ["boleto_id"])
    op.create_index(
        "ix_bank_event_waiting",
        "bank_event",
        ["bank_account_id", "id"],
        sqlite_where=sa.text("handled_at IS NULL"),
        postgresql_where=sa.text("handled_at IS NULL"),
    )
    op.create_index("ix_bank_event_document", "bank_event", ["document_id"])


def downgrade() -> None:
    """Files, events, receipts and mail are lost; a title the bank numbered gets a number of ours."""
    for table in ("bank_event", "bank_instruction", "receipt", "mail_recipient", "mail"):
        op.drop_table(table)
    op.drop_table("bank_file")
    for index, table in (
        ("uq_boleto_bank_ref", "boleto"),
        ("uq_boleto_nosso_numero", "boleto"),
        ("uq_bank_account_webhook", "bank_account"),
    ):
        op.drop_index(index, table)
    op.execute("UPDATE boleto SET sequence = -id WHERE sequence IS NULL")
    op.execute("UPDATE boleto SET nosso_numero = CAST(-id AS VARCHAR) WHERE nosso_numero = ''")
    with op.batch_alter_table("boleto") as boleto:
        boleto.alter_column("sequence", existing_type=sa.BigInteger(), nullable=False)
        boleto.create_unique_constraint(
            op.f("uq_boleto_company_id_bank_account_id_nosso_numero"),
            ["company_id", "bank_account_id", "nosso_numero"],
        )
    op.execute("DELETE FROM allocation WHERE principal_cents + fine_cents + interest_cents = 0")
    _check_shares()
    for table, column in reversed(_COLUMNS):
        op.drop_column(table, column().name)


def _check_shares(also: str = "", plus: str = "") -> None:
    """What `something_paid` asks of an allocation."""
    name = op.f("ck_allocation_something_paid")
    with op.batch_alter_table("allocation") as allocation:
        allocation.drop_constraint(name, type_="check")
        allocation.create_check_constraint(
            name,
            "principal_cents >= 0 AND fine_cents >= 0 AND interest_cents >= 0 "
            f"{also}AND principal_cents + fine_cents + interest_cents{plus} > 0",
        )


def _text_column(name: str, default: str = ""):
    return lambda: sa.Column(name, _TEXT(), server_default=sa.text(f"'{default}'"), nullable=False)


def _number_column(name: str, default: int = 0):
    return lambda: sa.Column(
        name, sa.Integer(), server_default=sa.text(str(default)), nullable=False
    )


def _cents_column(name: str):
    return lambda: sa.Column(name, sa.BigInteger(), server_default=sa.text("0"), nullable=False)


def _json_column(name: str):
    return lambda: sa.Column(name, sa.JSON(), server_default=sa.text("'{}'"), nullable=False)


_COLUMNS = (
    ("allocation", _cents_column("discount_cents")),
    ("payment", lambda: sa.Column("received_cents", sa.BigInteger(), nullable=True)),
    ("bank_account", _number_column("next_file", 1)),
    ("bank_account", _text_column("channel", "demo")),
    ("bank_account", _text_column("credentials")),
    ("bank_account", _text_column("webhook_hash")),
    ("carteira", _json_column("contract")),
    ("carteira", _text_column("especie_doc", "DM")),
    ("carteira", _number_column("discount_bp")),
    ("carteira", _number_column("discount_days")),
    ("carteira", _number_column("write_off_days", 60)),
    ("carteira", _text_column("overdue", "same")),
    ("carteira", _text_column("homologation", "none")),
    (
        "carteira",
        lambda: sa.Column(
            "wants_pix", sa.Boolean(), server_default=sa.text("false"), nullable=False
        ),
    ),
    ("boleto", _json_column("order")),
    ("boleto", _text_column("seu_numero")),
    ("boleto", _text_column("bank_ref")),
    ("boleto", _text_column("pix")),
    ("boleto", lambda: sa.Column("registered_at", _MOMENT(), nullable=True)),
    ("boleto", lambda: sa.Column("amended_due", sa.Date(), nullable=True)),
    ("boleto", lambda: sa.Column("asked_due", sa.Date(), nullable=True)),
)


def _references(table: str, *others: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(
            [f"{other}_id"], [f"{other}.id"], name=op.f(f"fk_{table}_{other}_id")
        )
        for other in others
    ]


def _index_where(
    name: str, table: str, columns: list[str], where: str, *, unique: bool = False
) -> None:
    condition = sa.text(where)
    op.create_index(
        name,
        table,
        columns,
        unique=unique,
        sqlite_where=condition,
        postgresql_where=condition,
    )
