"""Conversations with Stripe.

Said again with the same key a POST is the same thing. The library says it again by itself, twice,
where a line broke or Stripe did.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from http.cookiejar import DefaultCookiePolicy
from typing import Final

import requests
import stripe
from stripe.checkout import Session
from stripe.params import RefundCreateParams
from stripe.params.checkout import SessionListParamsCreated

from portal_app.domain.checkout import (
    CheckoutOrder,
    CheckoutRef,
    CheckoutReport,
    CheckoutStatus,
    Dispute,
    Provider,
    ProviderEvent,
    Refund,
)
from portal_app.domain.errors import ProviderRefused
from portal_app.domain.money import Money
from portal_app.gateways.stripe import events, report
from portal_app.gateways.stripe.page import page_of
from portal_app.gateways.stripe.refusals import understood

API_VERSION: Final = "2026-10-28.endive"
TIMEOUT: Final = (5.0, 20.0)
"""Seconds to connect, and to wait for each part of an answer; three times if need be."""

_REPETITIONS: Final = 2
_MOST_ON_A_PAGE: Final = 100
# How far Stripe's clock and ours may be apart when something is looked for by its time.
_CLOCKS: Final = timedelta(minutes=10)

_log = logging.getLogger(__name__)
# It logs what is said and answered, names and addresses with it.
logging.getLogger("stripe").setLevel(logging.WARNING)
# It would keep an id of its own in the home folder, and tell what machine this is.
stripe.enable_telemetry = False


class StripeGateway:
    """Stripe under one key, for any number of threads.

    `webhook_secrets` are all good at once, so that one can replace another. `account` is the
    Connect account for whatever names none itself, '' the key's own.
    """

    def __init__(
        self,
        key: str,
        webhook_secrets: Sequence[str],
        api_base: str = "",
        account: str = "",
        *,
        timeout: tuple[float, float] = TIMEOUT,
    ) -> None:
        self._secrets = tuple(webhook_secrets)
        self._account = account
        self._client = stripe.StripeClient(
            key,
            stripe_version=API_VERSION,
            base_addresses={"api": api_base.rstrip("/")} if api_base else None,
            max_network_retries=_REPETITIONS,
            http_client=_http(timeout),
        )

    @property
    def provider(self) -> Provider:
        return Provider.STRIPE

    def open(self, order: CheckoutOrder, /) -> CheckoutReport:
        options = self._options(order.account, order.key)
        with understood():
            session = self._client.v1.checkout.sessions.create(page_of(order), options)
            if not _is_replayed(session):
                return self._report(session, order.account)
        # What it answered the first time: much may have happened since.
        return self.look(CheckoutRef(order.payment, session.id, order.account))

    def look(self, ref: CheckoutRef, /) -> CheckoutReport:
        options = self._options(ref.account)
        with understood():
            session = self._client.v1.checkout.sessions.retrieve(
                ref.session, {"expand": report.EXPANDED}, options
            )
            return self._report(session, ref.account)

    def find(self, order: CheckoutOrder, since: datetime, /) -> CheckoutReport | None:
        created: SessionListParamsCreated = {
            "gte": int((since - _CLOCKS).timestamp()),
            "lte": int(order.expires_at.timestamp()),
        }
        with understood():
            pages = self._client.v1.checkout.sessions.list(
                {"created": created, "limit": _MOST_ON_A_PAGE}, self._options(order.account)
            )
            ours = (
                each.id
                for each in pages.auto_paging_iter()
                if report.payment_of(each) == order.payment
            )
            found = next(ours, None)
        if found is None:
            return None
        return self.look(CheckoutRef(order.payment, found, order.account))

    def close(self, ref: CheckoutRef, /) -> CheckoutReport:
        found = self.look(ref)
        options = self._options(ref.account)
        # It was paid meanwhile, or is a voucher, which Stripe takes back from nobody: asking tells.
        with suppress(ProviderRefused), understood():
            if found.status is CheckoutStatus.OPEN:
                self._client.v1.checkout.sessions.expire(found.session, None, options)
            elif found.status is CheckoutStatus.AWAITED:
                self._client.v1.payment_intents.cancel(found.intent, None, options)
            else:
                return found
        return self.look(ref)

    def refund(self, ref: CheckoutRef, amount: Money, key: str, /) -> Refund:
        intent = ref.intent or self.look(ref).intent
        if not intent:
            raise ProviderRefused(reason="nothing_paid")
        params: RefundCreateParams = {
            "payment_intent": intent,
            "amount": amount.cents,
            "metadata": {"payment": ref.payment},
        }
        with understood():
            made = self._client.v1.refunds.create(params, self._options(ref.account, key))
            return report.refund_of(made)

    def read_event(self, raw: bytes, signature: str, /) -> ProviderEvent:
        event = events.read(raw, signature, self._secrets)
        if event.api_version != API_VERSION:
            _log.warning("stripe: an event of version %s, not %s", event.api_version, API_VERSION)
        return event

    def _options(self, account: str, key: str | None = None) -> stripe.RequestOptions:
        return {"stripe_account": account or self._account or None, "idempotency_key": key}

    def _report(self, session: Session, account: str) -> CheckoutReport:
        charge = report.charge_of(session)
        disputes = self._disputes(charge, account) if charge and charge.disputed else ()
        return report.report_of(session, disputes)

    def _disputes(self, charge: stripe.Charge, account: str) -> tuple[Dispute, ...]:
        pages = self._client.v1.disputes.list(
            {"charge": charge.id, "limit": _MOST_ON_A_PAGE}, self._options(account)
        )
        read = (report.dispute_of(each) for each in pages.auto_paging_iter())
        return tuple(each for each in read if each)


def _http(timeout: tuple[float, float]) -> stripe.RequestsClient:
    """Straight to Stripe: no proxy or password of the machine's, no redirect, no cookie."""
    session = requests.Session()
    session.trust_env = False
    session.max_redirects = 0
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
    return stripe.RequestsClient(timeout=timeout, session=session)


def _is_replayed(session: Session) -> bool:
    answer = session.last_response
    return answer is not None and answer.headers.get("Idempotent-Replayed") == "true"
