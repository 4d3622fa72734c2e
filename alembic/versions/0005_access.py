"""Who may what: groups, memberships, staff roles, second factors, e-mailed secrets, privacy, audit

Whoever signed in for a customer is its owner from now on, and his sessions stand for that customer.
Grants keep their meaning. Each customer gets an opaque id for addresses. The audit begins empty: of what was done before nothing is invented.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TEXT = sqlmodel.sql.sqltypes.AutoString
_MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
_NOBODY = "customer_id IS NULL"
_NOBODY_AT_ALL = "customer_id IS NULL AND group_id IS NULL AND user_id IS NULL"
_ONE_OWNER = (
    "(CASE WHEN customer_id IS NULL THEN 0 ELSE 1 END)"
    " + (CASE WHEN group_id IS NULL THEN 0 ELSE 1 END)"
    " + (CASE WHEN user_id IS NULL THEN 0 ELSE 1 END) <= 1"
)
_TABLES = (
    "recovery_code",
    "proof",
    "passkey",
    "membership",
    "device",
    "deletion_request",
    "consent",
    "ceremony",
    "authenticator",
    "audit_head",
)


def upgrade() -> None:
    _table("customer_group", _text("name"), unique=("company_id", "name"))
    _table("staff_role", _text("name"), _facts("permissions", "[]"), unique=("company_id", "name"))
    with op.batch_alter_table("company") as company:
        company.add_column(_text("second_factor", "by_mode"))
        company.add_column(
            sa.Column("retention_months", sa.Integer(), server_default="120", nullable=False)
        )
    with op.batch_alter_table("customer") as customer:
        customer.add_column(_other("group_id"))
        customer.add_column(sa.Column("public_id", _TEXT(), nullable=True))
        customer.create_index("ix_customer_group", ["company_id", "group_id"])
        customer.create_index("ix_customer_tax_id", ["company_id", "tax_id"])
        _refer(customer, "customer", "group_id", "customer_group")
    _public_ids()
    _people()
    _sessions()
    _grants()
    _table(
        "authenticator",
        _user(),
        _text("secret"),
        _moment("confirmed_at", nullable=True),
        _big("last_step"),
        unique=("user_id",),
    )
    _table(
        "recovery_code",
        _user(),
        _text("code_hash"),
        _moment("used_at", nullable=True),
        unique=("user_id", "code_hash"),
    )
    _table(
        "passkey",
        _user(),
        *map(_text, ("credential", "public_key")),
        _big("sign_count"),
        _text("name"),
        _moment("created_at"),
        _moment("used_at", nullable=True),
        unique=("credential",),
        index=("company_id", "user_id"),
    )
    op.create_table(
        "ceremony",
        *map(_text, ("id_hash", "challenge")),
        _other("user_id"),
        _moment("expires_at"),
        sa.PrimaryKeyConstraint("id_hash", name=op.f("pk_ceremony")),
        _key("ceremony", "user_id", "portal_user"),
    )
    _table(
        "proof",
        _user(),
        *map(_text, ("purpose", "secret_hash")),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        *map(_moment, ("created_at", "expires_at")),
        _moment("used_at", nullable=True),
        unique=("secret_hash",),
        index=("company_id", "user_id", "purpose"),
    )
    _table(
        "device",
        _user(),
        *map(_text, ("cookie_hash", "name")),
        *map(_moment, ("first_seen_at", "seen_at")),
        unique=("user_id", "cookie_hash"),
    )
    _table(
        "consent",
        _user(),
        *map(_text, ("purpose", "version")),
        sa.Column("given", sa.Boolean(), nullable=False),
        _moment("at"),
        index=("company_id", "user_id"),
    )
    _table(
        "deletion_request",
        _user(),
        _other("customer_id"),
        _text("state"),
        _facts("kept"),
        _text("reason", ""),
        _moment("asked_at"),
        _moment("decided_at", nullable=True),
        index=("company_id", "state"),
        index_name="company",
    )
    op.create_index(
        "uq_deletion_request_asked",
        "deletion_request",
        ["user_id"],
        unique=True,
        sqlite_where=sa.text("decided_at IS NULL"),
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    with op.batch_alter_table("mail") as mail:
        mail.add_column(_other("user_id"))
        mail.add_column(_facts("facts"))
        mail.alter_column("customer_id", existing_type=sa.Integer(), nullable=True)
        _refer(mail, "mail", "user_id", "portal_user")
    _audit()


def downgrade() -> None:
    """The audit, second factors and all but each user's first customer are lost; so are mails about sign-in."""
    op.execute(
        "DELETE FROM mail_recipient WHERE mail_id IN (SELECT id FROM mail WHERE customer_id IS NULL)"
    )
    op.execute("DELETE FROM mail WHERE customer_id IS NULL")
    with op.batch_alter_table("mail") as mail:
        mail.drop_constraint(op.f("fk_mail_user_id"), type_="foreignkey")
        mail.alter_column("customer_id", existing_type=sa.Integer(), nullable=False)
        mail.drop_column("facts")
        mail.drop_column("user_id")
    _let_audit_go()
    op.execute("DELETE FROM feature_grant WHERE group_id IS NOT NULL OR user_id IS NOT NULL")
    _index_grants("company", [], _NOBODY_AT_ALL, drop=True)
    for owner in ("group", "user"):
        _index_grants(owner, [f"{owner}_id"], f"{owner}_id IS NOT NULL", drop=True)
    with op.batch_alter_table("feature_grant") as grants:
        for check in ("one_owner", "users_are_narrowed"):
            grants.drop_constraint(op.f(f"ck_feature_grant_{check}"), type_="check")
        for owner in ("group_id", "user_id"):
            grants.drop_constraint(op.f(f"fk_feature_grant_{owner}"), type_="foreignkey")
            grants.drop_column(owner)
    _index_grants("company", [], _NOBODY)
    # A session that was not open yet, or that looked as somebody else, is none of the step before.
    op.execute(
        "UPDATE session SET ended_at = seen_at WHERE stage <> 'open' OR viewed_id IS NOT NULL"
    )
    with op.batch_alter_table("session") as session:
        for column in ("customer_id", "viewed_id"):
            session.drop_constraint(op.f(f"fk_session_{column}"), type_="foreignkey")
        for column in ("customer_id", "viewed_id", "stage", "device", "address"):
            session.drop_column(column)
    with op.batch_alter_table("portal_user") as user:
        user.add_column(_other("customer_id"))
        _refer(user, "portal_user", "customer_id", "customer")
        user.drop_constraint(op.f("fk_portal_user_staff_role_id"), type_="foreignkey")
        for column in ("staff_role_id", "mail_choices", "created_at", "signed_in_at"):
            user.drop_column(column)
    op.execute(
        "UPDATE portal_user SET customer_id = (SELECT min(customer_id) FROM membership "
        "WHERE user_id = portal_user.id)"
    )
    for table in _TABLES:
        op.drop_table(table)
    with op.batch_alter_table("customer") as customer:
        customer.drop_constraint(op.f("fk_customer_group_id"), type_="foreignkey")
        customer.drop_index("ix_customer_group")
        customer.drop_index("ix_customer_tax_id")
        customer.drop_constraint(op.f("uq_customer_public_id"), type_="unique")
        customer.drop_column("public_id")
        customer.drop_column("group_id")
    with op.batch_alter_table("company") as company:
        company.drop_column("second_factor")
        company.drop_column("retention_months")
    op.drop_table("staff_role")
    op.drop_table("customer_group")


def _public_ids() -> None:
    """Each customer gets one nobody can guess: 128 bits from the database's own source."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    made = "lower(hex(randomblob(16)))" if sqlite else "replace(gen_random_uuid()::text, '-', '')"
    op.execute(f"UPDATE customer SET public_id = {made}")
    with op.batch_alter_table("customer") as customer:
        customer.alter_column("public_id", existing_type=_TEXT(), nullable=False)
        customer.create_unique_constraint(op.f("uq_customer_public_id"), ["public_id"])


def _people() -> None:
    _table(
        "membership",
        _user(),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        _text("kind"),
        sa.Column("ends_on", sa.Date(), nullable=True),
        unique=("user_id", "customer_id"),
        index=("company_id", "customer_id"),
        index_name="customer",
    )
    op.execute(
        "INSERT INTO membership (company_id, user_id, customer_id, kind) "
        "SELECT company_id, id, customer_id, 'owner' FROM portal_user WHERE customer_id IS NOT NULL"
    )


def _sessions() -> None:
    with op.batch_alter_table("session") as session:
        session.add_column(_other("customer_id"))
        session.add_column(_other("viewed_id"))
        session.add_column(_text("stage", "open"))
        session.add_column(_text("device", ""))
        session.add_column(_text("address", ""))
        _refer(session, "session", "customer_id", "customer")
        _refer(session, "session", "viewed_id", "customer")
    op.execute(
        "UPDATE session SET customer_id = "
        "(SELECT customer_id FROM portal_user WHERE portal_user.id = session.user_id)"
    )
    with op.batch_alter_table("portal_user") as user:
        user.add_column(_other("staff_role_id"))
        user.add_column(_facts("mail_choices"))
        user.add_column(_moment("created_at", nullable=True))
        user.add_column(_moment("signed_in_at", nullable=True))
        user.drop_constraint(op.f("fk_portal_user_customer_id"), type_="foreignkey")
        user.drop_column("customer_id")
        _refer(user, "portal_user", "staff_role_id", "staff_role")


def _grants() -> None:
    # What may no longer be granted, a person's own password, is nobody's to grant or to take.
    op.execute("DELETE FROM feature_grant WHERE feature = 'account.password'")
    _index_grants("company", [], _NOBODY, drop=True)
    with op.batch_alter_table("feature_grant") as grants:
        grants.add_column(_other("group_id"))
        grants.add_column(_other("user_id"))
        _refer(grants, "feature_grant", "group_id", "customer_group")
        _refer(grants, "feature_grant", "user_id", "portal_user")
        grants.create_check_constraint(op.f("ck_feature_grant_one_owner"), _ONE_OWNER)
        grants.create_check_constraint(
            op.f("ck_feature_grant_users_are_narrowed"), "user_id IS NULL OR NOT allowed"
        )
    _index_grants("company", [], _NOBODY_AT_ALL)
    for owner in ("group", "user"):
        _index_grants(owner, [f"{owner}_id"], f"{owner}_id IS NOT NULL")


def _index_grants(owner: str, columns: list[str], where: str, *, drop: bool = False) -> None:
    name, condition = f"uq_feature_grant_{owner}", sa.text(where)
    if drop:
        op.drop_index(name, "feature_grant")
        return
    op.create_index(
        name,
        "feature_grant",
        ["company_id", *columns, "feature"],
        unique=True,
        sqlite_where=condition,
        postgresql_where=condition,
    )


def _audit() -> None:
    _table(
        "audit_entry",
        _big("number"),
        _moment("at"),
        *map(_text, ("subject", "action", "about")),
        _other("customer_id"),
        _facts("facts"),
        *map(_text, ("before", "hash")),
        unique=("company_id", "number"),
    )
    for what in ("about", "subject", "action", "customer"):
        column = "customer_id" if what == "customer" else what
        op.create_index(f"ix_audit_entry_{what}", "audit_entry", ["company_id", column, "number"])
    op.create_table(
        "audit_head",
        sa.Column("company_id", sa.Integer(), nullable=False),
        _big("number"),
        *map(_text, ("hash", "seal")),
        sa.PrimaryKeyConstraint("company_id", name=op.f("pk_audit_head")),
        _key("audit_head", "company_id", "company"),
    )
    if op.get_bind().dialect.name == "sqlite":
        for act in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER audit_entry_no_{act} BEFORE {act.upper()} ON audit_entry "
                "BEGIN SELECT RAISE(ABORT, 'an audit entry is never changed'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION audit_entry_kept() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'an audit entry is never changed'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_entry_kept BEFORE UPDATE OR DELETE ON audit_entry "
        "FOR EACH ROW EXECUTE FUNCTION audit_entry_kept()"
    )


def _let_audit_go() -> None:
    op.drop_table("audit_entry")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_entry_kept()")


def _table(
    name: str,
    *columns: sa.Column,
    unique: tuple[str, ...] = (),
    index: tuple[str, ...] = (),
    index_name: str = "user",
) -> None:
    """A table of a company, with keys to the users and customers its columns name."""
    owners = {"company_id": "company", "user_id": "portal_user"}
    if name != "audit_entry":
        owners["customer_id"] = "customer"
    named = ["company_id", *(column.name for column in columns)]
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        *(_key(name, column, owners[column]) for column in named if column in owners),
        *(
            [sa.UniqueConstraint(*unique, name=op.f(f"uq_{name}_{'_'.join(unique)}"))]
            if unique
            else []
        ),
    )
    if index:
        op.create_index(f"ix_{name}_{index_name}", name, list(index))


def _key(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))


def _refer(batch, table: str, column: str, other: str) -> None:
    batch.create_foreign_key(op.f(f"fk_{table}_{column}"), other, [column], ["id"])


def _text(name: str, default: str | None = None) -> sa.Column:
    given = {} if default is None else {"server_default": sa.text(f"'{default}'")}
    return sa.Column(name, _TEXT(), nullable=False, **given)


def _facts(name: str, default: str = "{}") -> sa.Column:
    return sa.Column(name, sa.JSON(), server_default=sa.text(f"'{default}'"), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, _MOMENT(), nullable=nullable)


def _big(name: str) -> sa.Column:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _other(name: str) -> sa.Column:
    return sa.Column(name, sa.Integer(), nullable=True)


def _user() -> sa.Column:
    return sa.Column("user_id", sa.Integer(), nullable=False)
