"""The table of pages: path and view. What each loads stands in its view."""

from collections.abc import Callable
from typing import Final

import reflex as rx

from portal_app.ui import routes
from portal_app.ui.account import contact_data_view as contact_data
from portal_app.ui.account import verification_view as verification
from portal_app.ui.account import view as account
from portal_app.ui.accounts import view as accounts
from portal_app.ui.customer.analysis import view as analysis
from portal_app.ui.customer.demo_checkouts import view as demo_checkouts
from portal_app.ui.customer.history import view as history
from portal_app.ui.customer.open_documents import view as open_documents
from portal_app.ui.customer.pay import view as pay
from portal_app.ui.customer.privacy import view as privacy
from portal_app.ui.manager.grants import view as manager_grants
from portal_app.ui.manager.roles import view as manager_roles
from portal_app.ui.manager.security import view as manager_security
from portal_app.ui.manager.users import view as manager_users
from portal_app.ui.not_found import view as not_found
from portal_app.ui.sign_in import code_view as code
from portal_app.ui.sign_in import link_view as link
from portal_app.ui.sign_in import new_password_view as new_password
from portal_app.ui.sign_in import second_factor_view as second_factor
from portal_app.ui.sign_in import view as sign_in
from portal_app.ui.staff.audit import view as staff_audit
from portal_app.ui.staff.customer import view as staff_customer
from portal_app.ui.staff.customers import view as staff_customers
from portal_app.ui.staff.home import view as staff_home
from portal_app.ui.staff.privacy import view as staff_privacy

PAGES: Final[tuple[tuple[str, Callable[[rx.App, str], None]], ...]] = (
    (routes.SIGN_IN, sign_in.add_to),
    (routes.LINK, link.add_to),
    (routes.NEW_PASSWORD, new_password.add_to),
    (routes.SIGN_IN_CODE, code.add_to),
    (routes.SECOND_FACTOR, second_factor.add_to),
    (routes.OPEN, open_documents.add_to),
    (routes.PAY_PATTERN, pay.add_to),
    (routes.DEMO_PATTERN, demo_checkouts.add_to),
    (routes.HISTORY, history.add_to),
    (routes.ANALYSIS, analysis.add_to),
    (routes.ACCOUNT, account.add_to),
    (routes.CONTACT_DATA, contact_data.add_to),
    (routes.VERIFICATION, verification.add_to),
    (routes.ACCOUNTS, accounts.add_to),
    (routes.STAFF, staff_home.add_to),
    (routes.STAFF_CUSTOMERS, staff_customers.add_to),
    (routes.STAFF_CUSTOMER_PATTERN, staff_customer.add_to),
    (routes.MANAGER_USERS, manager_users.add_to),
    (routes.MANAGER_ROLES, manager_roles.add_to),
    (routes.MANAGER_SECURITY, manager_security.add_to),
    (routes.MANAGER_GRANTS, manager_grants.add_to),
    (routes.PRIVACY, privacy.add_to),
    (routes.STAFF_AUDIT, staff_audit.add_to),
    (routes.STAFF_PRIVACY, staff_privacy.add_to),
    (routes.NOT_FOUND, not_found.add_to),
)


def add_to(app: rx.App) -> None:
    for route, add_page in PAGES:
        add_page(app, route)
