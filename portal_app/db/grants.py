"""Features given and taken."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session
from sqlmodel import SQLModel, col

from portal_app.db.models import FeatureGrantRow

# Asked before every event: made once, of plain columns.
_TABLE: Final = SQLModel.metadata.tables[FeatureGrantRow.__tablename__]
_OF: Final = select(_TABLE.c.customer_id, _TABLE.c.feature, _TABLE.c.allowed).where(
    _TABLE.c.company_id == bindparam("company"),
    or_(_TABLE.c.customer_id.is_(None), _TABLE.c.customer_id == bindparam("customer")),
)


def of(
    session: Session, company: int, customer: int | None
) -> tuple[Mapping[str, bool], Mapping[str, bool]]:
    """The company's defaults, and the customer's own grants over them."""
    defaults: dict[str, bool] = {}
    own: dict[str, bool] = {}
    for owner, feature, allowed in session.execute(_OF, {"company": company, "customer": customer}):
        (defaults if owner is None else own)[feature] = allowed
    return defaults, own


def put(
    session: Session, company: int, customer: int | None, feature: str, *, allowed: bool
) -> None:
    """Give or take a feature, for one customer or (None) for all without a grant of their own."""
    owner = col(FeatureGrantRow.customer_id)
    found = session.scalars(
        select(FeatureGrantRow).where(
            col(FeatureGrantRow.company_id) == company,
            owner.is_(None) if customer is None else owner == customer,
            col(FeatureGrantRow.feature) == feature,
        )
    ).one_or_none()
    if found is None:
        found = FeatureGrantRow(
            company_id=company, customer_id=customer, feature=feature, allowed=allowed
        )
        session.add(found)
    found.allowed = allowed
    session.flush()
