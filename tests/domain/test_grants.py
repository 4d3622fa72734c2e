"""What a session may do: product, company, group, customer, user, then how the person came in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_app.domain.grants import (
    CLOSED,
    NEEDS_PASSWORD,
    READS,
    SCOPED_LINK_OPENS,
    STAFF_DEFAULT,
    Assurance,
    Feature,
    Layers,
    Level,
    MemberKind,
    OwnFeature,
    Role,
    StaffFeature,
    of_customer,
    of_staff,
    standing,
)

GIVEN = st.dictionaries(st.sampled_from([feature.value for feature in Feature]), st.booleans())
LAYERS = st.builds(Layers, GIVEN, GIVEN, GIVEN, GIVEN)
LEVELS = (Level.USER, Level.CUSTOMER, Level.GROUP, Level.COMPANY)


def test_a_customer_may_do_everything_by_default_and_nothing_of_the_staff_s() -> None:
    features = of_customer(Layers(), Assurance.PASSWORD)

    assert features == (frozenset(Feature) - CLOSED) | frozenset(OwnFeature)


@given(layers=LAYERS)
def test_the_narrowest_level_that_says_something_decides(layers: Layers) -> None:
    for feature in Feature:
        name = feature.value
        told = [
            given[name]
            for given in (layers.customer, layers.group, layers.company)
            if name in given
        ]
        expected = (told[0] if told else True) and layers.user.get(name) is not False

        assert standing(feature, layers).allowed is expected


@given(layers=LAYERS)
def test_the_level_named_is_one_that_says_so(layers: Layers) -> None:
    given_at = {
        Level.COMPANY: layers.company,
        Level.GROUP: layers.group,
        Level.CUSTOMER: layers.customer,
        Level.USER: layers.user,
    }
    for feature in Feature:
        found = standing(feature, layers)

        if found.level is not Level.PRODUCT:
            assert given_at[found.level][feature.value] is found.allowed


@given(layers=LAYERS)
def test_a_single_user_is_only_ever_narrowed(layers: Layers) -> None:
    without = Layers(layers.company, layers.group, layers.customer)

    assert of_customer(layers, Assurance.PASSWORD) <= of_customer(without, Assurance.PASSWORD)


@given(layers=LAYERS, scoped=st.booleans())
def test_a_link_never_opens_what_needs_a_password(layers: Layers, scoped: bool) -> None:
    features = of_customer(layers, Assurance.LINK, scoped=scoped)

    assert not features & NEEDS_PASSWORD
    assert features <= of_customer(layers, Assurance.PASSWORD)
    assert features <= SCOPED_LINK_OPENS or not scoped


@given(layers=LAYERS)
def test_an_accountant_reads_what_the_customer_may_and_has_his_own_sign_in(layers: Layers) -> None:
    features = of_customer(layers, Assurance.PASSWORD, kind=MemberKind.ACCOUNTANT)

    assert features <= READS | frozenset(OwnFeature)
    assert features - frozenset(OwnFeature) == of_customer(layers, Assurance.PASSWORD) & READS


@given(layers=LAYERS)
def test_whoever_sees_as_a_customer_changes_nothing_not_even_a_password(layers: Layers) -> None:
    features = of_customer(layers, Assurance.PASSWORD, reads_only=True)

    assert features == of_customer(layers, Assurance.PASSWORD) & READS


def test_a_feature_that_no_longer_exists_grants_nothing() -> None:
    layers = Layers(company={"gone.feature": True})

    assert of_customer(layers, Assurance.PASSWORD) == of_customer(Layers(), Assurance.PASSWORD)


@pytest.mark.parametrize("permissions", [None, [], ["tasks.work", "gone.permission"]])
def test_a_manager_may_do_all_of_the_staff_s_and_nothing_of_a_customer_s(
    permissions: list[str] | None,
) -> None:
    assert of_staff(Role.MANAGER, permissions) == {*StaffFeature, *OwnFeature}


def test_staff_may_do_what_their_role_says() -> None:
    assert of_staff(Role.STAFF, ["tasks.work", "gone.permission"]) == {
        StaffFeature.WORK_TASKS,
        *OwnFeature,
    }
    assert of_staff(Role.STAFF, []) == frozenset(OwnFeature)
    assert of_staff(Role.STAFF, None) == {*STAFF_DEFAULT, *OwnFeature}
