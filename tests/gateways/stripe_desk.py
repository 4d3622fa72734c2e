"""What Stripe keeps and answers: checkout pages with all that hangs on them, in its own shapes.

The fields of each object are those the library's classes name for this version of the API; one
that a fact has nothing to say in is null, as Stripe sends it. Where Stripe's reference says that it
refuses something, it is refused here.
"""

from __future__ import annotations

import re
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

import stripe
from stripe.checkout import Session
from stripe.params.checkout import SessionCreateParams

Json = dict[str, Any]

CURRENCIES: Final = {"pix": "brl", "boleto": "brl", "mb_way": "eur", "multibanco": "eur"}
ENTITY, REFERENCE = "12345", "999123456"
PIX: Final = "00020126390014br.gov.bcb.pix0117teste@exemplo.com5204000053039865802BR6304ABCD"
LINE: Final = "23793381286000782713695000063305975520000370000"
FEE: Final = 55

_SOON, _DAY = 30 * 60, 24 * 60 * 60
_MOST_LINES: Final = 100
_VOUCHERS: Final = frozenset({"multibanco", "boleto"})
# Left out of an answer unless somebody asks for them.
LEFT_OUT: Final = frozenset({"line_items", "refunds"})


class Refused(Exception):
    """An answer that is an error. `kept`: the call was begun, so its key answers so for ever."""

    def __init__(self, status: int, code: str, message: str, *, kept: bool = False) -> None:
        super().__init__(code)
        self.status = status
        self.kept = kept
        self.body: Json = {
            "error": {"type": "invalid_request_error", "code": code, "message": message}
        }


@dataclass
class Page:
    """A session and what came of it."""

    account: str
    method: str
    session: Json
    intent: Json | None = None
    charge: Json | None = None
    booked: Json | None = None
    refunds: list[Json] = field(default_factory=list[Json])
    disputes: list[Json] = field(default_factory=list[Json])

    @property
    def id(self) -> str:
        return self.session["id"]

    @property
    def payment(self) -> str:
        return self.session["client_reference_id"]

    @property
    def can_be_paid(self) -> bool:
        waits = self.intent is not None and self.intent["status"] in {
            "requires_action",
            "processing",
        }
        return self.session["status"] == "open" or waits


class StripeDesk:
    """`opened` counts the sessions a key made, `charges` the money that came in for a payment."""

    def __init__(self, base_url: str, now: Callable[[], int]) -> None:
        self.base_url = base_url
        self.now = now
        self.pages: dict[str, Page] = {}
        self.opened: Counter[str] = Counter()
        self.charges: Counter[str] = Counter()
        self.cancels_vouchers = False
        self.refund_status = "succeeded"

    # What is asked of Stripe

    def create_session(self, told: Json, account: str, key: str) -> Json:
        lines = self._accepted(told)
        total = sum(int(line["price_data"]["unit_amount"]) for line in lines)
        method: str = told["allowed_payment_method_types"][0]
        page = Page(account, method, self._session(told, total, method))
        self.pages[page.id] = page
        self.opened[key] += 1
        return self.session_json(page)

    def retrieve_session(self, ident: str, account: str, expand: Sequence[str]) -> Json:
        return self.session_json(self._page(ident, account), expand)

    def list_sessions(self, query: Mapping[str, str], account: str) -> Json:
        first, last = int(query.get("created[gte]", 0)), int(query.get("created[lte]", 2**40))
        found = [
            self.session_json(page)
            for page in self.pages.values()
            if page.account == account and first <= page.session["created"] <= last
        ]
        return listed(found[::-1], query, "/v1/checkout/sessions")

    def expire_session(self, ident: str, account: str) -> Json:
        page = self._page(ident, account)
        if page.session["status"] != "open":
            raise Refused(
                400, "", 'Only Checkout Sessions with a status in ["open"] can be expired.'
            )
        self.expire(ident)
        return self.session_json(page)

    def cancel_intent(self, ident: str, account: str) -> Json:
        page = self._page_of_intent(ident, account)
        intent = cast("Json", page.intent)
        if intent["status"] != "requires_capture" and not self.cancels_vouchers:
            raise Refused(400, "", "You cannot perform this action on PaymentIntents of Checkout.")
        if intent["status"] not in {"requires_capture", "requires_action"}:
            raise Refused(400, "payment_intent_unexpected_state", "You cannot cancel this.")
        intent |= {"status": "canceled", "next_action": None, "canceled_at": self.now()}
        return self._intent_json(page, ())

    def create_refund(self, told: Json, account: str) -> Json:
        page = self._page_of_intent(told["payment_intent"], account)
        amount = int(told["amount"])
        if page.charge is None or page.method == "boleto":
            raise Refused(400, "", "This charge cannot be refunded.", kept=True)
        left = page.charge["amount"] - page.charge["amount_refunded"]
        if amount > left:
            code = "" if left else "charge_already_refunded"
            raise Refused(400, code, "More than is left of the charge.", kept=True)
        return self._refund(page, amount, self.refund_status, told.get("metadata", {}))

    def list_refunds(self, charge: str, query: Mapping[str, str], account: str) -> Json:
        page = self._page_of_charge(charge, account)
        return listed(page.refunds[::-1], query, f"/v1/charges/{charge}/refunds")

    def list_disputes(self, query: Mapping[str, str], account: str) -> Json:
        page = self._page_of_charge(query["charge"], account)
        return listed(page.disputes[::-1], query, "/v1/disputes")

    # What customers, banks and time do

    def pay(self, ident: str, cents: int | None, fee: int, fee_currency: str) -> bool:
        page = self.pages[ident]
        if not page.can_be_paid:
            return False
        amount = page.session["amount_total"] if cents is None else cents
        intent = page.intent = page.intent or self._intent(page)
        page.booked = self._booked(page, amount, fee, fee_currency)
        page.charge = self._charge(page, amount)
        intent |= {
            "status": "succeeded",
            "amount_received": amount,
            "latest_charge": page.charge["id"],
            "next_action": None,
            "last_payment_error": None,
        }
        if page.session["status"] == "open":
            page.session |= {"status": "complete", "url": None}
        page.session["payment_status"] = "paid"
        self.charges[page.payment] += 1
        return True

    def submit(self, ident: str) -> None:
        page = self.pages[ident]
        page.intent = page.intent or self._intent(page)
        page.intent |= {
            "status": "requires_action",
            "next_action": self._next_action(page.method),
            "last_payment_error": None,
        }
        if page.method in _VOUCHERS:
            page.session |= {"status": "complete", "url": None}

    def move_intent(self, ident: str, status: str) -> None:
        page = self.pages[ident]
        page.intent = page.intent or self._intent(page)
        page.intent |= {"status": status, "next_action": None}
        if page.session["status"] == "open":
            page.session |= {"status": "complete", "url": None}

    def decline(self, ident: str, error: Json) -> None:
        page = self.pages[ident]
        page.intent = page.intent or self._intent(page)
        page.intent |= {
            "status": "requires_payment_method",
            "next_action": None,
            "latest_charge": f"ch_{uuid.uuid4().hex}",
            "last_payment_error": {"type": "card_error", "message": "Declined.", **error},
        }

    def expire(self, ident: str) -> None:
        page = self.pages[ident]
        if page.session["status"] == "open":
            page.session |= {"status": "expired", "url": None}
            if page.intent is not None and page.intent["next_action"] is None:
                page.intent |= {"status": "canceled", "cancellation_reason": "expired"}
        elif page.can_be_paid:
            error = {"code": "payment_intent_payment_attempt_expired"}
            self.decline(ident, error | {"type": "invalid_request_error"})

    def give_back(self, ident: str, cents: int, status: str) -> str:
        return self._refund(self.pages[ident], cents, status, {})["id"]

    def fail_refund(self, ident: str) -> None:
        page = next(p for p in self.pages.values() if any(r["id"] == ident for r in p.refunds))
        refund = next(each for each in page.refunds if each["id"] == ident)
        refund |= {"status": "failed", "failure_reason": "expired_or_canceled_card"}
        self._count_refunds(page)

    def dispute(self, ident: str, cents: int | None, status: str, *, fetched: bool) -> str:
        page = self.pages[ident]
        charge = cast("Json", page.charge)
        amount = charge["amount"] if cents is None else cents
        made = blank(stripe.Dispute) | {
            "id": f"dp_{uuid.uuid4().hex}",
            "object": "dispute",
            "amount": amount,
            "balance_transactions": [self._booked(page, -amount, 0, charge["currency"])] * fetched,
            "charge": charge["id"],
            "created": self.now(),
            "currency": charge["currency"],
            "enhanced_eligibility_types": [],
            "evidence": {},
            "evidence_details": {"has_evidence": False, "submission_count": 0},
            "is_charge_refundable": False,
            "livemode": False,
            "metadata": {},
            "payment_intent": charge["payment_intent"],
            "reason": "fraudulent",
            "status": status,
        }
        page.disputes.append(made)
        charge["disputed"] = True
        return made["id"]

    def rule(self, ident: str, status: str) -> None:
        disputes = [each for page in self.pages.values() for each in page.disputes]
        next(each for each in disputes if each["id"] == ident)["status"] = status

    # Shapes

    def session_json(self, page: Page, expand: Sequence[str] = ()) -> Json:
        inner = within(expand, "payment_intent")
        intent = None if page.intent is None else page.intent["id"]
        if intent is not None and inner is not None:
            return page.session | {"payment_intent": self._intent_json(page, inner)}
        return page.session | {"payment_intent": intent}

    def about(self, page: Page, kind: str) -> Json:
        """What an event of this type is about."""
        if kind.startswith("checkout.session."):
            return self.session_json(page)
        if kind.startswith("payment_intent."):
            return self._intent_json(page, ())
        if kind.startswith("charge.dispute."):
            return page.disputes[-1]
        if kind.startswith("refund."):
            return page.refunds[-1]
        return cast("Json", page.charge)

    def _intent_json(self, page: Page, expand: Sequence[str]) -> Json:
        intent = cast("Json", page.intent)
        inner = within(expand, "latest_charge")
        if page.charge is None or inner is None:
            return dict(intent)
        return intent | {"latest_charge": self._charge_json(page, inner)}

    def _charge_json(self, page: Page, expand: Sequence[str]) -> Json:
        charge = dict(cast("Json", page.charge))
        if within(expand, "balance_transaction") is not None and page.booked is not None:
            charge["balance_transaction"] = page.booked
        if within(expand, "refunds") is not None:
            url = f"/v1/charges/{charge['id']}/refunds"
            charge["refunds"] = listed(page.refunds[::-1], {}, url)
        return charge

    def _session(self, told: Json, total: int, method: str) -> Json:
        ident = f"cs_test_{uuid.uuid4().hex}"
        return left_out(blank(Session)) | {
            "id": ident,
            "object": "checkout.session",
            "adaptive_pricing": {"enabled": told["adaptive_pricing"]["enabled"] == "true"},
            "allowed_payment_method_types": told["allowed_payment_method_types"],
            "amount_subtotal": total,
            "amount_total": total,
            "automatic_tax": {
                "enabled": False,
                "liability": None,
                "provider": None,
                "status": None,
            },
            "cancel_url": told.get("cancel_url"),
            "client_reference_id": told.get("client_reference_id"),
            "created": self.now(),
            "currency": told["line_items"][0]["price_data"]["currency"],
            "custom_fields": [],
            "custom_text": dict.fromkeys(
                ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
            ),
            "customer_creation": "if_required",
            "customer_email": told.get("customer_email"),
            "expires_at": int(told["expires_at"]),
            "livemode": False,
            "locale": told.get("locale"),
            "metadata": told.get("metadata", {}),
            "mode": told["mode"],
            "payment_method_collection": "if_required",
            "payment_method_options": told.get("payment_method_options", {}),
            "payment_method_types": [method],
            "payment_status": "unpaid",
            "phone_number_collection": {"enabled": False},
            "shipping_options": [],
            "status": "open",
            "success_url": told["success_url"],
            "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
            "ui_mode": told["ui_mode"],
            "url": f"{self.base_url}/c/pay/{ident}",
            # Not the object's: what its intent will be told.
            "payment_intent": None,
        }

    def _intent(self, page: Page) -> Json:
        ident = f"pi_{uuid.uuid4().hex}"
        return blank(stripe.PaymentIntent) | {
            "id": ident,
            "object": "payment_intent",
            "allowed_payment_method_types": [page.method],
            "amount": page.session["amount_total"],
            "amount_capturable": 0,
            "amount_received": 0,
            "capture_method": "automatic_async",
            "client_secret": f"{ident}_secret_{uuid.uuid4().hex}",
            "confirmation_method": "automatic",
            "created": self.now(),
            "currency": page.session["currency"],
            "livemode": False,
            "metadata": page.session["metadata"],
            "payment_method_types": [page.method],
            "status": "requires_payment_method",
        }

    def _charge(self, page: Page, amount: int) -> Json:
        return left_out(blank(stripe.Charge)) | {
            "id": f"ch_{uuid.uuid4().hex}",
            "object": "charge",
            "amount": amount,
            "amount_captured": amount,
            "amount_refunded": 0,
            "balance_transaction": cast("Json", page.booked)["id"],
            "billing_details": dict.fromkeys(("address", "email", "name", "phone", "tax_id")),
            "captured": True,
            "created": self.now(),
            "currency": page.session["currency"],
            "disputed": False,
            "livemode": False,
            "metadata": page.session["metadata"],
            "paid": True,
            "payment_intent": cast("Json", page.intent)["id"],
            "payment_method": f"pm_{uuid.uuid4().hex}",
            "payment_method_details": {"type": page.method, page.method: {}},
            "refunded": False,
            "status": "succeeded",
        }

    def _booked(self, page: Page, amount: int, fee: int, currency: str) -> Json:
        return blank(stripe.BalanceTransaction) | {
            "id": f"txn_{uuid.uuid4().hex}",
            "object": "balance_transaction",
            "amount": amount,
            "available_on": self.now(),
            "balance_type": "payments",
            "created": self.now(),
            "currency": currency or page.session["currency"],
            "fee": fee,
            "fee_details": [],
            "net": amount - fee,
            "reporting_category": "charge",
            "status": "pending",
            "type": "charge",
        }

    def _refund(self, page: Page, amount: int, status: str, metadata: Json) -> Json:
        charge = cast("Json", page.charge)
        made = blank(stripe.Refund) | {
            "id": f"re_{uuid.uuid4().hex}",
            "object": "refund",
            "amount": amount,
            "charge": charge["id"],
            "created": self.now(),
            "currency": charge["currency"],
            "metadata": metadata,
            "payment_intent": charge["payment_intent"],
            "status": status,
        }
        page.refunds.append(made)
        self._count_refunds(page)
        return made

    def _count_refunds(self, page: Page) -> None:
        charge = cast("Json", page.charge)
        sent = [each["amount"] for each in page.refunds if each["status"] != "failed"]
        charge |= {"amount_refunded": sum(sent), "refunded": sum(sent) == charge["amount"]}

    def _next_action(self, method: str) -> Json:
        until, page = self.now() + 3 * _DAY, f"{self.base_url}/voucher"
        shown: dict[str, Json] = {
            "multibanco": {
                "type": "multibanco_display_details",
                "multibanco_display_details": {
                    "entity": ENTITY,
                    "expires_at": until,
                    "hosted_voucher_url": page,
                    "reference": REFERENCE,
                },
            },
            "pix": {
                "type": "pix_display_qr_code",
                "pix_display_qr_code": {
                    "data": PIX,
                    "expires_at": until,
                    "hosted_instructions_url": page,
                    "image_url_png": f"{page}.png",
                    "image_url_svg": f"{page}.svg",
                },
            },
            "boleto": {
                "type": "boleto_display_details",
                "boleto_display_details": {
                    "expires_at": until,
                    "hosted_voucher_url": page,
                    "number": LINE,
                    "pdf": f"{page}.pdf",
                },
            },
        }
        return shown.get(
            method,
            {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect"}},
        )

    # What Stripe looks at before it does anything

    def _accepted(self, told: Json) -> list[Json]:
        """The lines of an order it would take."""
        self._ensure_known(told)
        lines: list[Json] = told.get("line_items", [])
        currencies = {line["price_data"]["currency"] for line in lines}
        method = told["allowed_payment_method_types"][0]
        opened_for = int(told["expires_at"]) - self.now()
        complaints = {
            "mode": told.get("mode") == "payment" and told.get("ui_mode") == "hosted_page",
            "line_items": 1 <= len(lines) <= _MOST_LINES,
            "currency": len(currencies) == 1 and currencies == {c.lower() for c in currencies},
            "unit_amount": all(int(line["price_data"]["unit_amount"]) > 0 for line in lines),
            "payment_method": {CURRENCIES.get(method)} in (currencies, {None}),
            "expires_at": _SOON <= opened_for <= _DAY,
            "success_url": told.get("success_url", "").startswith("http"),
            "email_invalid": "@" in told.get("customer_email", "@"),
        }
        for complaint, is_fine in complaints.items():
            if not is_fine:
                raise Refused(400, complaint, f"Invalid {complaint}")
        return lines

    def _ensure_known(self, told: Json) -> None:
        if "payment_method_types" in told:
            raise Refused(400, "payment_method_types_no_longer_supported", "Use allowed_….")
        unknown = told.keys() - SessionCreateParams.__annotations__.keys()
        if unknown:
            raise Refused(400, "parameter_unknown", f"Received unknown parameters: {unknown}")

    def _page(self, ident: str, account: str) -> Page:
        page = self.pages.get(ident)
        if page is None or page.account != account:
            raise Refused(404, "resource_missing", f"No such checkout.session: '{ident}'")
        return page

    def _page_of_intent(self, ident: str, account: str) -> Page:
        return self._one(
            account, lambda page: page.intent is not None and page.intent["id"] == ident
        )

    def _page_of_charge(self, ident: str, account: str) -> Page:
        return self._one(
            account, lambda page: page.charge is not None and page.charge["id"] == ident
        )

    def _one(self, account: str, is_meant: Callable[[Page], bool]) -> Page:
        for page in self.pages.values():
            if page.account == account and is_meant(page):
                return page
        raise Refused(404, "resource_missing", "No such object")


def blank(kind: type[stripe.StripeObject]) -> Json:
    """All fields a class of the library has, null."""
    return dict.fromkeys(name for name in kind.__annotations__ if name != "OBJECT_NAME")


def left_out(whole: Json) -> Json:
    return {name: value for name, value in whole.items() if name not in LEFT_OUT}


def within(expand: Iterable[str], name: str) -> list[str] | None:
    """What is to be expanded inside of this field; None: the field itself is not."""
    paths = [path.partition(".") for path in expand]
    inner = [rest for first, _, rest in paths if first == name]
    return [rest for rest in inner if rest] if inner else None


def listed(found: Sequence[Json], query: Mapping[str, str], url: str) -> Json:
    after = query.get("starting_after")
    start = 1 + next(i for i, each in enumerate(found) if each["id"] == after) if after else 0
    end = start + int(query.get("limit", 10))
    return {
        "object": "list",
        "data": list(found[start:end]),
        "has_more": end < len(found),
        "url": url,
    }


def unflattened(form: Mapping[str, str]) -> Json:
    """What a form says: `a[b][0]` is the first of the list b in a.

    >>> unflattened({"a[b][0]": "1", "a[b][1]": "2", "c": "3"})
    {'a': {'b': ['1', '2']}, 'c': '3'}
    """
    tree: Json = {}
    for name, value in form.items():
        *path, last = re.findall(r"[^\[\]]+", name)
        at = tree
        for step in path:
            at = at.setdefault(step, {})
        at[last] = value
    return {name: _lists(value) for name, value in tree.items()}


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    members = cast("Json", value)
    if all(name.isdigit() for name in members):
        return [_lists(members[name]) for name in sorted(members, key=int)]
    return {name: _lists(each) for name, each in members.items()}
