"""A large, realistic, reproducible company for load work."""

from __future__ import annotations

import time
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random
from typing import Final

from portal_app.db import companies, loading, seeding
from portal_app.db.documents import sort_number
from portal_app.db.loading import NewBankCarteira, NewCompany, NewUser
from portal_app.db.seeding import Load, Row
from portal_app.domain.companies import Contact
from portal_app.domain.documents import BillingMode, DocumentType
from portal_app.domain.errors import NotFound
from portal_app.domain.grants import Role
from portal_app.domain.late_charges import LateTerms, late_charges
from portal_app.domain.money import Money
from portal_app.domain.payments import RANK, PaymentMethod, PaymentState
from portal_app.gateways import clock, passwords

PASSWORD: Final = "demo-portal-2026"  # noqa: S105  of people who do not exist
USUAL: Final = "usual"
HEAVY: Final = "heavy"

_ZONE, _CURRENCY = "America/Sao_Paulo", "BRL"
_FINE_BP, _INTEREST_BP = 200, 100
_TERMS: Final = LateTerms.of_basis_points(_FINE_BP, _INTEREST_BP, "BR")
_MONTHS: Final = 48
_DAYS_TO_PAY: Final = timedelta(days=20)
_BATCH: Final = 20_000
_MOST_IN_A_PAYMENT: Final = 2
_SERVICES: Final = ("Internet fibra", "Telefone fixo", "TV por assinatura", "Celular", "Nuvem")
_STREETS: Final = ("Rua da Aurora", "Av. Boa Viagem", "Rua do Sol", "Av. Caxangá", "Rua Imperial")
_NAMES: Final = ("Ana", "Bruno", "Carla", "Davi", "Elisa", "Fábio", "Gabriela", "Heitor", "Iara")
_SURNAMES: Final = ("Souza", "Lima", "Barbosa", "Cavalcanti", "Melo", "Rocha", "Farias", "Nunes")
_BANKS: Final = (
    NewBankCarteira(
        name="BB", bank="001", agencia="3128", conta="28114", convenio="2883147", carteira="17"
    ),
    NewBankCarteira(
        name="Sicoob",
        bank="756",
        agencia="4117",
        conta="90125",
        convenio="1723445",
        carteira="1",
        modalidade="01",
    ),
)
# Of a hundred documents; credit notes only in months that are still open.
_TYPES: Final = (*("FT",) * 92, *("ND",) * 4, *("FS",) * 3, "FC")
_CREDIT_NOTES: Final = 0.02
_CANCELLED: Final = 0.005
_METHODS: Final = (
    *(PaymentMethod.BOLETO.value,) * 6,
    *(PaymentMethod.PIX.value,) * 2,
    PaymentMethod.COUNTER.value,
    PaymentMethod.TRANSFER.value,
)


@dataclass(frozen=True, slots=True)
class SeedReport:
    """What was written; nothing (`created` False) if the company was there before."""

    slug: str
    created: bool
    customers: int
    documents: int
    payments: int
    seconds: float
    logins: tuple[str, ...]

    def __str__(self) -> str:
        if not self.created:
            return f"{self.slug} is there already: nothing was written."
        return (
            f"{self.slug}: {self.customers} customers, {self.documents} documents, "
            f"{self.payments} payments in {self.seconds:.1f} s "
            f"({self.documents / self.seconds:.0f} documents/s)\n"
            f"Sign in as {', '.join(self.logins)} with {PASSWORD}"
        )


@dataclass(frozen=True, slots=True)
class _Kind:
    """A sort of customer: so many `documents` over the last `months`.

    Those of the last `open_months` are open (0: it differs from one to the next). A `plain`
    one has nothing that cannot be ticked.
    """

    name: str
    documents: int
    months: int
    open_months: int
    plain: bool = False


# Beside the usual ones, one of each: for the benches of large lists.
_SPECIAL: Final = (
    _Kind(HEAVY, 10_000, _MONTHS, 10),
    _Kind("open-5000", 5_000, 12, 12, plain=True),
    _Kind("open-500", 500, 12, 12, plain=True),
    _Kind("open-50", 50, 12, 12, plain=True),
)


@dataclass(frozen=True, slots=True)
class _Customer:
    """What the months are made of: `phase` spreads the documents, bills are made on `day`."""

    id: int
    contract: int
    kind: _Kind
    phase: int
    day: int
    price: int
    open_months: int

    def issued(self, back: int) -> int:
        """How many documents the month `back` months ago brought; in all exactly the kind's number."""
        many, months = self.kind.documents, self.kind.months
        place = months - 1 - back
        if place < 0:
            return 0
        return ((place + 1) * many + self.phase) // months - (place * many + self.phase) // months


@dataclass(slots=True)
class _Batch:
    documents: list[Row] = field(default_factory=list[Row])
    payments: list[Row] = field(default_factory=list[Row])
    items: list[Row] = field(default_factory=list[Row])


def load(customers: int, documents: int, seed: int) -> SeedReport:
    """Write the company `seed-<seed>` with exactly so many customers and documents.

    The same arguments on the same day make the same rows. Most customers are usual: some
    fifty documents over four years if so many were asked for, the last few open. One has
    10,000 documents; others 5,000, 500 and 50 open ones. All in one transaction. An
    operator's command.
    """
    started = time.perf_counter()
    slug = f"seed-{seed}"
    kinds = _kinds(customers, documents)
    named = {login(kind.name, seed): i for i, kind in enumerate(kinds[: len(_SPECIAL) + 1])}
    with seeding.loading() as target:
        if _is_there(target, slug):
            return SeedReport(slug, False, 0, 0, 0, 0.0, tuple(named))
        maker = _Maker(target, seed, slug)
        maker.make_customers(kinds)
        maker.make_users(named)
        maker.make_documents()
    seconds = time.perf_counter() - started
    return SeedReport(slug, True, customers, documents, maker.payments, seconds, tuple(named))


def login(kind: str, seed: int = 1) -> str:
    """Who signs in for a seeded customer: usual, heavy, open-5000, open-500 or open-50."""
    return f"seed-{kind}@{'seed' if seed == 1 else f'seed-{seed}'}.example"


def _kinds(customers: int, documents: int) -> list[_Kind]:
    """A usual customer, the special ones (none with more than a fifth of everything), the rest."""
    special = [
        replace(kind, documents=min(kind.documents, documents // 5))
        for kind in _SPECIAL[: customers - 1]
    ]
    usual = customers - len(special)
    each, more = divmod(documents - sum(kind.documents for kind in special), usual)
    one, another = (_Kind(USUAL, many, _MONTHS, 0) for many in (each, each + 1))
    return [one, *special, *(another,) * more, *(one,) * (usual - more - 1)]


class _Maker:
    """Makes the rows, month by month as they would have come, and hands them over in batches."""

    def __init__(self, target: Load, seed: int, slug: str) -> None:
        self.target = target
        self.random = Random(seed)  # noqa: S311  reproducible on purpose
        self.now = clock.now()
        self.today = clock.today(_ZONE)
        self.company, self.carteira = _make_company(target, seed, slug)
        self.customers: list[_Customer] = []
        self.first_document = self.next_document = target.next_id("document")
        self.first_payment = self.next_payment = target.next_id("payment")
        self.numbers: dict[str, int] = {}

    @property
    def payments(self) -> int:
        return self.next_payment - self.first_payment

    def make_customers(self, kinds: list[_Kind]) -> None:
        customer, contract = self.target.next_id("customer"), self.target.next_id("contract")
        self.customers = [
            self._customer(customer + i, contract + i, kind) for i, kind in enumerate(kinds)
        ]
        for start in range(0, len(kinds), _BATCH):
            made = self.customers[start : start + _BATCH]
            self.target.write(
                "customer",
                ("id", "public_id", "code", "name", "tax_id", "email", "street", "postcode"),
                [self._customer_row(customer) for customer in made],
                company_id=self.company,
                tax_id_valid=1,
                phone="",
                district="Boa Vista",
                city="Recife",
                state="PE",
                locale="",
            )
            self.target.write(
                "contract",
                ("id", "customer_id", "number", "description", "billing_mode"),
                [self._contract_row(customer) for customer in made],
                company_id=self.company,
                carteira_id=self.carteira,
            )

    def make_users(self, named: dict[str, int]) -> None:
        secret = passwords.hash_password(PASSWORD)
        for user, index in named.items():
            customer = self.customers[index].id
            new = NewUser(user, user.partition("@")[0], secret, Role.CUSTOMER, customer)
            loading.add_user(self.target.session, self.company, new)

    def make_documents(self) -> None:
        for batch in self._batches():
            self._write(batch)
        self.target.write_ledger(
            self.company,
            range(self.first_document, self.next_document),
            range(self.first_payment, self.next_payment),
            self.now,
        )

    def _customer(self, id_: int, contract: int, kind: _Kind) -> _Customer:
        pick = self.random.randrange
        return _Customer(
            id=id_,
            contract=contract,
            kind=kind,
            phase=pick(kind.months),
            day=pick(28),
            price=4_990 + 1_000 * pick(25),
            open_months=kind.open_months or pick(4, 8),
        )

    def _customer_row(self, made: _Customer) -> Row:
        pick, number = self.random.choice, self.random.randrange
        return (
            made.id,
            f"seed{made.id:012x}",
            f"C{made.id:07}",
            f"{pick(_NAMES)} {pick(_SURNAMES)} {pick(_SURNAMES)}",
            _cpf(number(10**9)),
            f"c{made.id}@customers.example",
            f"{pick(_STREETS)}, {number(1, 2000)}",
            f"50{number(10**6):06}",
        )

    def _contract_row(self, made: _Customer) -> Row:
        # One in twenty; not the first, whose user the benches sign in as.
        debited = made.kind.name == USUAL and made is not self.customers[0] and made.day == 0
        mode = BillingMode.DIRECT_DEBIT if debited else BillingMode.BOLETO
        service = _SERVICES[made.id % len(_SERVICES)]
        return (made.contract, made.id, f"{made.contract:08}", service, mode.value)

    def _batches(self) -> Iterator[_Batch]:
        batch = _Batch()
        for back in range(_MONTHS - 1, -1, -1):
            days = _days(self.today, back)
            for customer in self.customers:
                if many := customer.issued(back):
                    self._bill(batch, customer, days, many, is_open=back < customer.open_months)
                if len(batch.documents) >= _BATCH:
                    yield batch
                    batch = _Batch()
        yield batch

    def _bill(
        self, batch: _Batch, customer: _Customer, days: list[date], many: int, *, is_open: bool
    ) -> None:
        """One customer's documents of a month, and the payments of those not open any more."""
        paid: list[tuple[int, date, int]] = []
        for i in range(many):
            issued = days[(customer.day + 3 * i) % len(days)]
            type_ = self._type(customer, is_open)
            due = None if type_ in {"FS", "NC"} else issued + _DAYS_TO_PAY
            cents = customer.price + int(self.random.random() * 3_000)
            is_cancelled = (
                type_ != "NC" and not customer.kind.plain and self.random.random() < _CANCELLED
            )
            balance = cents if is_open and not is_cancelled else 0
            batch.documents.append(
                (
                    *self._numbered(type_, issued.year),
                    customer.id,
                    customer.contract,
                    issued.isoformat(),
                    due and due.isoformat(),
                    cents,
                    balance,
                    int(is_cancelled),
                )
            )
            if not is_open and not is_cancelled:
                paid.append((self.next_document - 1, due or issued, cents))
        for start in range(0, len(paid), _MOST_IN_A_PAYMENT):
            self._pay(batch, customer, paid[start : start + _MOST_IN_A_PAYMENT])

    def _type(self, customer: _Customer, is_open: bool) -> str:
        if customer.kind.plain:
            return "FT"
        chance = self.random.random()
        if is_open and chance < _CREDIT_NOTES:
            return DocumentType.NC.value
        return _TYPES[int(chance * len(_TYPES))]

    def _numbered(self, type_: str, year: int) -> tuple[int, str, str, str, str, str]:
        series = str(year)
        count = self.numbers[type_ + series] = self.numbers.get(type_ + series, 0) + 1
        id_, number = self.next_document, str(count)
        self.next_document += 1
        return id_, f"seed{id_:012x}", type_, series, number, sort_number(type_, series, number)

    def _pay(self, batch: _Batch, customer: _Customer, paid: list[tuple[int, date, int]]) -> None:
        """One payment: mostly in the days before the first is due, sometimes late with charges."""
        chance = self.random.random()
        first = paid[0][1]
        wait = -int(chance * 8) if chance < 0.8 else int((chance - 0.8) * 200) + 1
        paid_on = min(first + timedelta(days=wait), self.today)
        amount = 0
        for document, due, cents in paid:
            fine = interest = 0
            if paid_on > due:
                charges = late_charges(Money(cents, _CURRENCY), due, paid_on, _TERMS)
                fine, interest = charges.fine.cents, charges.interest.cents
            batch.items.append((self.next_payment, document, cents, fine, interest))
            amount += cents + fine + interest
        day = paid_on.isoformat()
        batch.payments.append(
            (
                self.next_payment,
                f"seed{self.next_payment:012x}",
                customer.id,
                _METHODS[int(chance * 1_000) % len(_METHODS)],
                amount,
                f"{day} 12:00:00.000000",
                day,
            )
        )
        self.next_payment += 1

    def _write(self, batch: _Batch) -> None:
        self.target.write(
            "document",
            (
                *("id", "public_id", "type", "series", "number", "sort_number", "customer_id"),
                *("contract_id", "issue_date", "due_date", "total_cents", "balance_cents"),
                "cancelled",
            ),
            batch.documents,
            company_id=self.company,
            description="Mensalidade",
            currency=_CURRENCY,
            fine_paid=0,
            registered_elsewhere=0,
            bank="",
            convenio="",
            nosso_numero="",
        )
        self.target.write(
            "payment",
            ("id", "public_id", "customer_id", "method", "amount_cents", "created_at", "paid_on"),
            batch.payments,
            company_id=self.company,
            subject="",
            state=PaymentState.CONFIRMED.value,
            state_rank=RANK[PaymentState.CONFIRMED],
            currency=_CURRENCY,
            failure="",
            replaces_id=None,
        )
        self.target.write(
            "payment_item",
            ("payment_id", "document_id", "principal_cents", "fine_cents", "interest_cents"),
            batch.items,
            company_id=self.company,
            live=0,
        )


def _days(today: date, back: int) -> list[date]:
    """The days of the month `back` months ago, none after today."""
    year, month = divmod(today.year * 12 + today.month - 1 - back, 12)
    last = monthrange(year, month + 1)[1] if back else today.day
    return [date(year, month + 1, day) for day in range(1, last + 1)]


def _cpf(number: int) -> str:
    """A CPF of nine digits and its two check digits."""
    digits = [int(digit) for digit in f"{number:09}"]
    for _ in range(2):
        weights = range(len(digits) + 1, 1, -1)
        rest = sum(digit * weight for digit, weight in zip(digits, weights, strict=True)) % 11
        digits.append(0 if rest < 2 else 11 - rest)
    return "".join(map(str, digits))


def _is_there(target: Load, slug: str) -> bool:
    try:
        companies.by_slug(target.session, slug)
    except NotFound:
        return False
    return True


def _make_company(target: Load, seed: int, slug: str) -> tuple[int, int]:
    """The company and its carteira 'Fatura', which lets the customer choose between two banks."""
    company = loading.add_company(
        target.session,
        NewCompany(
            slug=slug,
            name=f"Carga {seed} Telecom",
            tax_id="11222333000181",
            country="BR",
            currency=_CURRENCY,
            zone=_ZONE,
            locale="pt_BR",
            address="Av. Norte, 100 – Recife – PE",
            contact=Contact("Financeiro", f"financeiro@{slug}.example", ""),
            fine_bp=_FINE_BP,
            interest_bp=_INTEREST_BP,
        ),
    )
    banks = [loading.add_bank_carteira(target.session, company, bank) for bank in _BANKS]
    fatura = loading.add_fatura(target.session, company, "Fatura", banks)
    loading.set_default_carteira(target.session, company, fatura)
    return company, fatura
