"""The demo companies: enough of everything to see each screen, every date relative to today."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import cycle
from typing import Final

from portal_app.db import companies, grants, loading, users
from portal_app.db.engine import Session, transaction
from portal_app.db.grants import Owner
from portal_app.db.loading import (
    NewBankCarteira,
    NewCompany,
    NewContract,
    NewCustomer,
    NewDocument,
    NewUser,
    PastPayment,
)
from portal_app.db.users import Member
from portal_app.domain.allocation import Charged
from portal_app.domain.companies import Company, Contact
from portal_app.domain.documents import BillingMode, DocumentType
from portal_app.domain.grants import Feature, Level, MemberKind, Role, StaffFeature
from portal_app.domain.late_charges import LateTerms, late_charges
from portal_app.domain.money import Money
from portal_app.domain.payments import PaymentMethod
from portal_app.gateways import clock, passwords
from portal_app.locales import month

PASSWORD: Final = "demo-portal-2026"  # noqa: S105  printed at every start of the demo


@dataclass(frozen=True, slots=True)
class SignIn:
    """A login of the demo and what it shows."""

    login: str
    shows: str

    def __str__(self) -> str:
        return f"{self.login:<32} {PASSWORD}   {self.shows}"


SIGN_INS: Final = (
    SignIn("ana@nordeste.example", "subscriber: open, overdue and paid documents"),
    SignIn("bruno@nordeste.example", "subscriber with direct debit: rows that cannot be ticked"),
    SignIn("carla@nordeste.example", "business subscriber with more than one page of documents"),
    SignIn("elisa@nordeste.example", "subscriber whose contracts share no bank"),
    SignIn("vazio@nordeste.example", "subscriber with nothing open"),
    SignIn("contador@nordeste.example", "accountant of two subscribers: reads, pays nothing"),
    SignIn("atendimento@nordeste.example", "staff"),
    SignIn("gestor@nordeste.example", "manager"),
    SignIn("rui@lusitana.example", "subscriber in euros"),
    SignIn("gestor@lusitana.example", "manager"),
)

_NORDESTE: Final = NewCompany(
    slug="nordeste",
    name="Nordeste Telecom",
    tax_id="12345678000195",
    country="BR",
    currency="BRL",
    zone="America/Sao_Paulo",
    locale="pt_BR",
    address="Rua da Aurora, 1200, Boa Vista, 50040-090 Recife - PE",
    contact=Contact("Financeiro", "financeiro@nordeste.example", "(81) 3030-1200"),
    fine_bp=200,
    interest_bp=100,
)
_LUSITANA: Final = NewCompany(
    slug="lusitana",
    name="Lusitana Energia",
    tax_id="509123473",
    country="PT",
    currency="EUR",
    zone="Europe/Lisbon",
    locale="pt_PT",
    address="Avenida da Boavista, 1588, 4100-115 Porto",
    contact=Contact("Apoio financeiro", "financeiro@lusitana.example", "+351 220 100 158"),
)
_BANCO_DO_BRASIL: Final = NewBankCarteira(
    name="Banco do Brasil 17",
    bank="001",
    agencia="3128",
    agencia_dv="3",
    conta="28114",
    conta_dv="X",
    convenio="2883147",
    carteira="17",
    wants_pix=True,
)
_SICOOB: Final = NewBankCarteira(
    name="Sicoob 1",
    bank="756",
    agencia="4117",
    conta="90125",
    conta_dv="7",
    convenio="1723445",
    carteira="1",
    modalidade="01",
    confirms=False,
)
_ITAU: Final = NewBankCarteira(
    name="Itaú 109",
    bank="341",
    agencia="0915",
    conta="41207",
    conta_dv="6",
    convenio="",
    carteira="109",
)

_ANA: Final = NewCustomer(
    code="10020030169",
    name="Ana Lima",
    tax_id="10020030169",
    email="ana@nordeste.example",
    phone="(81) 99100-2003",
    street="Rua das Ninfas, 84, apto 302",
    district="Soledade",
    city="Recife",
    state="PE",
    postcode="50070-050",
)
_BRUNO: Final = NewCustomer(
    code="20408016183",
    name="Bruno Sales",
    tax_id="20408016183",
    email="bruno@nordeste.example",
    phone="(83) 99204-0801",
    street="Avenida Epitácio Pessoa, 1450",
    district="Estados",
    city="João Pessoa",
    state="PB",
    postcode="58030-001",
)
_CARLA: Final = NewCustomer(
    code="20486319000186",
    name="Mercado São João Ltda.",
    tax_id="20486319000186",
    email="carla@nordeste.example",
    phone="(84) 3200-4863",
    street="Rua João Pessoa, 267, loja 4",
    district="Cidade Alta",
    city="Natal",
    state="RN",
    postcode="59025-500",
)
_DAVI: Final = NewCustomer(
    code="31752684125",
    name="Davi Rocha",
    tax_id="31752684125",
    email="vazio@nordeste.example",
    phone="(82) 99317-5268",
    street="Rua do Comércio, 31",
    district="Centro",
    city="Maceió",
    state="AL",
    postcode="57020-000",
)
_ELISA: Final = NewCustomer(
    code="41290377570",
    name="Elisa Prado",
    tax_id="41290377570",
    email="elisa@nordeste.example",
    phone="(85) 99412-9037",
    street="Avenida Beira-Mar, 2200, apto 91",
    district="Meireles",
    city="Fortaleza",
    state="CE",
    postcode="60165-121",
)
_RUI: Final = NewCustomer(
    code="234567813",
    name="Rui Tavares",
    tax_id="234567813",
    email="rui@lusitana.example",
    phone="+351 912 345 678",
    street="Rua do Almada, 215, 3.º Dto",
    district="Cedofeita",
    city="Porto",
    state="Porto",
    postcode="4050-038",
)

_STAFF_ROLES: Final = (
    (
        "Atendimento",
        (
            StaffFeature.FIND_CUSTOMERS,
            StaffFeature.MAKE_LINKS,
            StaffFeature.INVITE_CUSTOMERS,
            StaffFeature.WORK_TASKS,
        ),
    ),
    (
        "Financeiro",
        (
            StaffFeature.FIND_CUSTOMERS,
            StaffFeature.WORK_TASKS,
            StaffFeature.REFUND,
            StaffFeature.CONFIGURE_BANKS,
            StaffFeature.IMPORT,
            StaffFeature.RELEASE_DEBITS,
        ),
    ),
)

_PAGED: Final = 64
_HISTORY_MONTHS: Final = 13


def load_if_empty() -> bool:
    """Load the demo into an empty database; False if there is a company already.

    Two processes may start at once: the second waits and finds it done.
    """
    with transaction(write=False) as session:
        if companies.list_ids(session):
            return False
    # Slow on purpose, so before anybody has to wait for the transaction.
    hashes = {one.login: passwords.hash_password(PASSWORD) for one in SIGN_INS}
    with transaction() as session:
        loading.wait_alone(session)
        if companies.list_ids(session):
            return False
        _load_nordeste(session, hashes)
        _load_lusitana(session, hashes)
    return True


def login_that_works() -> str | None:
    """The first demo login that is in the database, active, with its printed password."""
    with transaction(write=False) as session:
        found = [users.by_login(session, one.login) for one in SIGN_INS]
    for user in found:
        if user and user.active and passwords.matches(user.password_hash, PASSWORD):
            return user.login
    return None


def _load_nordeste(session: Session, hashes: dict[str, str]) -> None:
    books = _Books(session, _NORDESTE, hashes)
    banks = [books.bank(bank) for bank in (_BANCO_DO_BRASIL, _SICOOB, _ITAU)]
    fatura = books.fatura("Fatura", banks)
    ana = _load_ana(books, fatura)
    _load_bruno(books)
    carla = _load_carla(books, fatura, banks[0])
    _load_davi(books)
    elisa = _load_elisa(books, banks)
    books.accountant("contador@nordeste.example", "Paulo Contador", (ana, carla))
    # One of each level, none of which closes a page that the demo shows.
    firms = books.group("Empresas", carla)
    books.take(Feature.PAY_MB_WAY, Owner(Level.COMPANY))
    books.take(Feature.INVITE, Owner(Level.GROUP, firms))
    books.take(Feature.STATEMENT, Owner(Level.CUSTOMER, elisa))
    desk = books.staff_roles()
    books.staff("atendimento@nordeste.example", "Sofia Ramos", Role.STAFF, desk)
    books.staff("gestor@nordeste.example", "Marcos Teixeira", Role.MANAGER)


def _load_lusitana(session: Session, hashes: dict[str, str]) -> None:
    books = _Books(session, _LUSITANA, hashes)
    rui = books.subscriber(_RUI)
    home = books.contract(NewContract(rui, "70318", "Eletricidade e gás"))
    books.history(home, "Eletricidade", 6180)
    first = books.before(20)
    books.add(home, "FT", "Eletricidade", Dates(first - timedelta(days=18), first), 6430)
    books.add(home, "ND", "Verificação do contador", books.span(-13, 2), 2750)
    books.add(home, "FT", "Gás natural", books.span(-9, 9), 3815)
    books.add(home, "FT", "Eletricidade", books.span(0, 22), 5875)
    books.add(home, "NC", "Acerto de leitura", books.issued(-4), 940)
    books.staff_roles()
    books.staff("gestor@lusitana.example", "Helena Duarte", Role.MANAGER)


def _load_ana(books: _Books, fatura: int) -> int:
    ana = books.subscriber(_ANA)
    home = books.contract(NewContract(ana, "10482", "Fibra 500 Mb", fatura))
    books.history(home, "Linha móvel 20 GB", 5990)
    billed = _month_before(books.before(43))
    for number, issued, due in ((1841, -63, -43), (1990, -32, -12), (2114, -2, 18)):
        text = f"Fibra 500 Mb · {_month_text(billed)}"
        books.add(home, "FT", text, books.span(issued, due), 12990, number)
        billed = _month_after(billed)
    books.add(home, "ND", "Visita técnica", books.span(-10, 3), 8000, 77)
    router = books.add(home, "FS", "Roteador Wi-Fi 6 · parcela 2/6", books.span(-7, 23), 5900, 310)
    books.pay_part(home, router, 2000, books.before(3))
    books.add(home, "FT", "Ponto adicional de rede", books.span(0, 28), 21000, 2208)
    books.add(home, "NC", "Desconto por interrupção", books.issued(-5), 1500, 12)
    return ana


def _load_bruno(books: _Books) -> None:
    bruno = books.subscriber(_BRUNO)
    debit = books.contract(
        NewContract(bruno, "10655", "Fibra 300 Mb", billing_mode=BillingMode.DIRECT_DEBIT)
    )
    mobile = books.contract(NewContract(bruno, "10656", "Linha móvel 20 GB"))
    books.history(debit, "Fibra 300 Mb", 9990)
    books.add(debit, "FT", "Fibra 300 Mb", books.span(-14, 6), 9990)
    books.add(debit, "FT", "Fibra 300 Mb · instalação", books.span(-3, 27), 15000)
    books.add(mobile, "FT", "Linha móvel 20 GB", books.span(-11, 9), 5990)


def _load_carla(books: _Books, fatura: int, only_bank: int) -> int:
    carla = books.subscriber(_CARLA)
    shop = books.contract(NewContract(carla, "20077", "Link dedicado", fatura))
    depot = books.contract(NewContract(carla, "20078", "Telefonia do depósito", only_bank))
    for index in range(_PAGED):
        due = 2 * index - 50
        dates = books.span(min(due - 20, -(index % 9)), due)
        kind = "FC" if index % 5 == 4 else "FT"
        where, text = (depot, "Ramal") if index % 4 == 3 else (shop, "Link dedicado")
        books.add(where, kind, f"{text} {index + 1}", dates, 4990 + 137 * index)
    return carla


def _load_davi(books: _Books) -> None:
    davi = books.subscriber(_DAVI)
    books.history(books.contract(NewContract(davi, "10711", "Fibra 200 Mb")), "Fibra 200 Mb", 7990)


def _load_elisa(books: _Books, banks: Sequence[int]) -> int:
    elisa = books.subscriber(_ELISA)
    _, sicoob, itau = banks
    home = books.contract(NewContract(elisa, "10802", "Fibra 500 Mb", sicoob))
    beach = books.contract(NewContract(elisa, "10803", "Fibra 100 Mb", itau))
    books.add(home, "FT", "Fibra 500 Mb", books.span(-28, -8), 12990)
    books.add(home, "FT", "Fibra 500 Mb", books.span(0, 20), 12990)
    books.add(beach, "FT", "Fibra 100 Mb", books.span(-15, 5), 6990)
    return elisa


@dataclass(frozen=True, slots=True)
class Dates:
    issued: date
    due: date | None


@dataclass(frozen=True, slots=True)
class _Contract:
    id: int
    customer: int


class _Books:
    """Writes one company, numbering its documents. Days count from the company's today."""

    def __init__(self, session: Session, new: NewCompany, hashes: dict[str, str]) -> None:
        self._session = session
        self._hashes = hashes
        self._company: Company = companies.by_id(session, loading.add_company(session, new))
        self._terms = LateTerms.of_basis_points(new.fine_bp, new.interest_bp, new.country)
        self._today = clock.today(new.zone)
        self._now: datetime = clock.now()
        self._numbers: Counter[tuple[str, int]] = Counter()

    def bank(self, new: NewBankCarteira) -> int:
        return loading.add_bank_carteira(self._session, self._company.id, new)

    def fatura(self, name: str, banks: Sequence[int]) -> int:
        """The customer's choice of banks, also for contracts that say nothing."""
        fatura = loading.add_fatura(self._session, self._company.id, name, banks)
        loading.set_default_carteira(self._session, self._company.id, fatura)
        return fatura

    def subscriber(self, new: NewCustomer) -> int:
        """A customer who signs in with their own address."""
        customer = loading.add_customer(self._session, self._company.id, new)
        user = NewUser(new.email, new.name, self._hashes[new.email], Role.CUSTOMER, customer)
        loading.add_user(self._session, self._company.id, user)
        return customer

    def staff(self, login: str, name: str, role: Role, staff_role: int | None = None) -> None:
        user = NewUser(login, name, self._hashes[login], role, staff_role=staff_role)
        loading.add_user(self._session, self._company.id, user)

    def staff_roles(self) -> int:
        """Those of the front desk and of the financial department; the first one's id."""
        desk, _ = (
            loading.add_staff_role(self._session, self._company.id, name, permissions)
            for name, permissions in _STAFF_ROLES
        )
        return desk

    def accountant(self, login: str, name: str, customers: Sequence[int]) -> None:
        """Reads what is these customers' until a year from today."""
        company = self._company.id
        user = loading.add_user(
            self._session, company, NewUser(login, name, self._hashes[login], Role.CUSTOMER)
        )
        for customer in customers:
            member = Member(customer, MemberKind.ACCOUNTANT, self.before(-365))
            users.put_member(self._session, company, user, member)

    def group(self, name: str, customer: int) -> int:
        """A group with one customer in it."""
        group = grants.add_group(self._session, self._company.id, name)
        grants.move(self._session, self._company.id, [customer], group)
        return group

    def take(self, feature: Feature, owner: Owner) -> None:
        grants.put(self._session, self._company.id, owner, feature.value, allowed=False)

    def contract(self, new: NewContract) -> _Contract:
        contract = loading.add_contract(self._session, self._company.id, new)
        return _Contract(contract, new.customer)

    def before(self, days: int) -> date:
        return self._today - timedelta(days=days)

    def span(self, issued: int, due: int) -> Dates:
        return Dates(self.before(-issued), self.before(-due))

    def issued(self, days: int) -> Dates:
        return Dates(self.before(-days), None)

    def add(
        self,
        contract: _Contract,
        kind: str,
        description: str,
        dates: Dates,
        cents: int,
        number: int | None = None,
    ) -> Charged:
        """An open document of this year's series. Returns what it asks for."""
        bill = _Bill(DocumentType(kind), description, dates, self._today.year, cents, number)
        return self._document(contract, bill)

    def history(self, contract: _Contract, service: str, cents: int) -> None:
        """One invoice paid in each of the last months, the present one included; one of them late."""
        methods = cycle((PaymentMethod.TRANSFER, PaymentMethod.PIX, PaymentMethod.COUNTER))
        for first, method in zip(_months_until(self._today), methods, strict=False):
            on_time = min(8, self._today.day) if first.month == self._today.month else 8
            is_late = first.month == _month_before(_month_before(self._today)).month
            dates = Dates(first - timedelta(days=8), first.replace(day=10))
            text = f"{service} · {_month_text(_month_before(first))}"
            bill = _Bill(DocumentType.FT, text, dates, dates.issued.year, cents + first.month)
            day = first.replace(day=17 if is_late else on_time)
            self._pay(contract, self._document(contract, bill), method, day)

    def pay_part(self, contract: _Contract, owed: Charged, cents: int, day: date) -> None:
        amount = Money(cents, self._company.currency)
        past = PastPayment(contract.customer, PaymentMethod.COUNTER, day, amount, (owed,))
        loading.add_payment(self._session, self._company.id, past, self._now)

    def _pay(self, contract: _Contract, owed: Charged, method: PaymentMethod, day: date) -> None:
        charges = late_charges(owed.principal, owed.due, day, self._terms)
        whole = Charged(owed.document, owed.due, owed.principal, charges.fine, charges.interest)
        amount = owed.principal + charges.total
        past = PastPayment(contract.customer, method, day, amount, (whole,))
        loading.add_payment(self._session, self._company.id, past, self._now)

    def _document(self, contract: _Contract, bill: _Bill) -> Charged:
        total = Money(bill.cents, self._company.currency)
        new = NewDocument(
            customer=contract.customer,
            contract=contract.id,
            type=bill.type,
            series=str(bill.year),
            number=str(bill.number or self._next(bill)),
            description=bill.description,
            issued=bill.dates.issued,
            due=bill.dates.due,
            total=total,
        )
        document = loading.add_document(self._session, self._company.id, new, self._now)
        none = Money.zero(total.currency)
        return Charged(document, bill.dates.due, total, none, none)

    def _next(self, bill: _Bill) -> int:
        # Far from the numbers that Ana's documents are known by.
        self._numbers[bill.type, bill.year] += 1
        return 1000 + self._numbers[bill.type, bill.year]


@dataclass(frozen=True, slots=True)
class _Bill:
    type: DocumentType
    description: str
    dates: Dates
    year: int
    cents: int
    number: int | None = None


def _month_text(first: date) -> str:
    """'set/2026'."""
    return f"{month(first, 'pt_BR')}/{first.year}"


def _months_until(today: date) -> list[date]:
    """First days of the months of the history, oldest first."""
    months = [today.replace(day=1)]
    while len(months) < _HISTORY_MONTHS:
        months.append(_month_before(months[-1]))
    return months[::-1]


def _month_before(day: date) -> date:
    """The first day of the month before."""
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def _month_after(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
