"""Orders of checkouts, and what is known of one that was opened."""

from dataclasses import replace
from datetime import UTC, datetime

from portal_app.domain.checkout import (
    OPEN_FOR,
    CheckoutLine,
    CheckoutOrder,
    CheckoutRef,
    CheckoutReport,
)
from portal_app.domain.money import Money
from portal_app.domain.payments import PaymentMethod

CURRENCY = {
    PaymentMethod.CARD: "EUR",
    PaymentMethod.MB_WAY: "EUR",
    PaymentMethod.MULTIBANCO: "EUR",
    PaymentMethod.PIX: "BRL",
    PaymentMethod.BOLETO: "BRL",
}


def order(
    method: PaymentMethod = PaymentMethod.CARD,
    payment: str = "pay_7Kq",
    cents: tuple[int, ...] = (10_000, 2_345),
    account: str = "",
    opened_at: datetime | None = None,
) -> CheckoutOrder:
    """One document for each amount, opened now."""
    currency = CURRENCY[method]
    lines = [CheckoutLine(f"FT 2026/{n}", Money(each, currency)) for n, each in enumerate(cents, 1)]
    return CheckoutOrder(
        key=f"pay:{payment}:1",
        payment=payment,
        account=account,
        method=method,
        amount=Money(sum(cents), currency),
        lines=tuple(lines),
        company="Água Viva",
        email="ana@cliente.example",
        locale="pt_BR",
        return_url=f"https://portal.example/payments/{payment}",
        expires_at=(opened_at or datetime.now(UTC)) + OPEN_FOR,
    )


def again(told: CheckoutOrder, key: str) -> CheckoutOrder:
    return replace(told, key=key)


def ref(report: CheckoutReport, account: str = "") -> CheckoutRef:
    return CheckoutRef(report.payment, report.session, account, report.intent)
