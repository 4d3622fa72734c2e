"""What a session may do: role, then company, then customer, then how the person came in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_app.domain.grants import (
    NEEDS_PASSWORD,
    SCOPED_LINK_OPENS,
    Assurance,
    Feature,
    Role,
    StaffFeature,
    effective,
)

GRANTS = st.dictionaries(st.sampled_from([feature.value for feature in Feature]), st.booleans())


def test_a_customer_may_do_everything_by_default_and_nothing_of_the_staff_s() -> None:
    assert effective(Role.CUSTOMER, Assurance.PASSWORD, {}, {}) == frozenset(Feature)


@pytest.mark.parametrize("role", [Role.STAFF, Role.MANAGER])
@given(company=GRANTS, customer=GRANTS)
def test_staff_never_get_a_customer_s_features_by_a_grant(
    role: Role, company: dict[str, bool], customer: dict[str, bool]
) -> None:
    features = effective(role, Assurance.PASSWORD, company, customer)

    assert features == {Feature.CHANGE_PASSWORD, *StaffFeature}


@given(company=GRANTS, customer=GRANTS)
def test_the_customer_s_own_grant_is_above_the_company_s(
    company: dict[str, bool], customer: dict[str, bool]
) -> None:
    features = effective(Role.CUSTOMER, Assurance.PASSWORD, company, customer)

    for feature in Feature:
        name = feature.value
        assert (feature in features) is customer.get(name, company.get(name, True))


@given(company=GRANTS, customer=GRANTS, scoped=st.booleans())
def test_a_link_never_opens_what_needs_a_password(
    company: dict[str, bool], customer: dict[str, bool], scoped: bool
) -> None:
    features = effective(Role.CUSTOMER, Assurance.LINK, company, customer, scoped=scoped)

    assert not features & NEEDS_PASSWORD
    assert features <= effective(Role.CUSTOMER, Assurance.PASSWORD, company, customer)
    assert features <= SCOPED_LINK_OPENS or not scoped


def test_a_feature_that_no_longer_exists_grants_nothing() -> None:
    features = effective(Role.CUSTOMER, Assurance.PASSWORD, {"gone.feature": True}, {})

    assert features == frozenset(Feature)
