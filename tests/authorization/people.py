"""Everybody who may come to a door, each with a session, and what there is to be stolen.

Ana and Bia are customers of one company, Rui is one of another. Whatever is theirs carries a word
or an amount of their own, so that it is known for theirs wherever it turns up. Everybody else acts
for Ana or works for her company, unless his name says otherwise (table.py says who they are).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import select, update
from sqlmodel import col

from portal_app.db import companies, grants, loading, sessions, tasks, users
from portal_app.db.engine import Session, transaction
from portal_app.db.grants import Owner
from portal_app.db.loading import NewUser, PastPayment
from portal_app.db.models import (
    AccessLinkRow,
    BoletoRow,
    ContractRow,
    CustomerRow,
    DocumentRow,
    MailRow,
    MembershipRow,
    PaymentRow,
    PortalUserRow,
    ReceiptRow,
    SessionRow,
    TaskRow,
)
from portal_app.db.sessions import NewSession, Stage
from portal_app.db.users import Member
from portal_app.domain.allocation import Charged
from portal_app.domain.documents import DocumentType
from portal_app.domain.grants import Feature, Level, MemberKind, Role, StaffFeature
from portal_app.domain.money import Money
from portal_app.domain.payments import PaymentMethod
from portal_app.gateways import clock
from portal_app.services import actors, boletos, links, owed_receipts, payments
from portal_app.services.actors import LONGEST, Actor
from tests import company
from tests.authorization.table import PAYS, only, without
from tests.company import NOW, TODAY, World

OTHERS: Final = ("bia", "rui")
# Words that stand in every name, number and address of somebody's, and nowhere else.
WORDS: Final = {"ana": "Quaresma", "bia": "Wanderley", "rui": "Xistoval"}
NAMES: Final = {"ana": "Anacleta", "bia": "Bibiana", "rui": "Ruivaldo"}
STAFF_WORDS: Final = {"norte": "Nortenhice", "sul": "Sulistice"}
# Cents of documents of all types; as printed no two have an amount in common.
_CENTS: Final = {"ana": 7113700, "bia": 8224800, "rui": 9335900}


@dataclass
class Person:
    """Somebody at a door. `token` is his session's, '' for none; `sees` whose things he may see."""

    token: str = ""
    sees: frozenset[str] = frozenset()


@dataclass
class Town:
    """Who there is, and ids to guess: of each owner, and such as never were."""

    world: World
    people: dict[str, Person] = field(default_factory=dict)
    numbers: dict[str, list[int]] = field(default_factory=dict)
    ids: dict[str, list[str]] = field(default_factory=dict)
    markers: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def foreign(self, name: str) -> list[str]:
        """What this person may never receive."""
        sees = self.people[name].sees
        return [
            word for owner, words in self.markers.items() if owner not in sees for word in words
        ]


def found_town() -> Town:
    """Everybody and everything, in an empty database, at company.NOW."""
    world = company.build()
    _rename(world)
    for owner in WORDS:
        _own_things(world, owner)
    _pay_things(world)
    town = Town(world)
    _Settlers(town).settle()
    _collect(town)
    return town


def _rename(world: World) -> None:
    """Put each owner's word where people read it."""
    with transaction() as session:
        for owner, word in WORDS.items():
            id_, name = world.customers[owner], NAMES[owner]
            _set(session, CustomerRow, id_, name=name, code=f"C-{word}")
            for row in _rows(session, ContractRow, customer_id=id_):
                row.number, row.description = f"{row.number}-{word}", f"Fibra {word}"
            for row in _rows(session, DocumentRow, customer_id=id_):
                row.series = word
            found = users.by_login(session, f"{owner}@example.com")
            assert found is not None
            _set(session, PortalUserRow, found.id, name=name)


def _own_things(world: World, owner: str) -> None:
    """A document of each type, one of them a title made elsewhere, and tasks about them."""
    norte = owner != "rui"
    id_ = world.company if norte else world.other_company
    whose = (world.customers[owner], world.contracts[owner])
    currency, cents = ("BRL" if norte else "EUR"), _CENTS[owner]
    with transaction() as session:
        for number, kind in enumerate(DocumentType, start=9001):
            due = None if kind in {DocumentType.NC, DocumentType.RC} else 7
            total = Money(cents + number % 100, currency)
            made = company._document(session, id_, whose, kind.value, number, due, total)
            elsewhere: dict[str, Any] = {}
            if kind is DocumentType.TIT:
                elsewhere = {
                    "registered_elsewhere": True,
                    "bank": "001",
                    "convenio": "2883147",
                    "nosso_numero": f"2883147000000{cents % 10000}",
                }
            _set(session, DocumentRow, made, series=WORDS[owner], **elsewhere)
            world.documents[f"{owner}_{kind.value}"] = made
        word = STAFF_WORDS["norte" if norte else "sul"]
        for number in range(2):
            subject = f"{word}:{owner}:{number}"
            tasks.put(session, id_, "boleto_over", subject, NOW, details={"reason": word})


def _pay_things(world: World) -> None:
    """Of each owner: a payment with its receipt, and where there is one a boleto and a Pix."""
    for owner in WORDS:
        id_ = world.company if owner != "rui" else world.other_company
        document = world.documents[f"{owner}_FS"]
        total = Money(_CENTS[owner] + 2, "BRL" if owner != "rui" else "EUR")
        nothing = Money.zero(total.currency)
        past = PastPayment(
            world.customers[owner],
            PaymentMethod.PIX if owner != "rui" else PaymentMethod.MB_WAY,
            TODAY,
            total,
            [Charged(document, None, total, nothing, nothing)],
        )
        with transaction() as session:
            paid = loading.add_payment(session, id_, past, NOW)
            owed_receipts.owe(session, companies.by_id(session, id_), paid)
    for owner in ("ana", "bia"):
        asks = company.actor(owner)
        boleto, pix = (world.documents[f"{owner}_{kind}"] for kind in ("FT", "FC"))
        bank = boletos.offer(asks, [boleto]).banks[0]
        boletos.issue(asks, [boleto], bank.carteira, bank.total)
        total = payments.quote(asks, [pix]).total
        payments.start(asks, [pix], PaymentMethod.PIX, total)
    company.run_jobs()
    with clock.fixed_at(NOW + timedelta(seconds=21)):
        company.run_jobs()
    with transaction() as session:
        # As if the bank had made one for each.
        session.execute(update(BoletoRow).values(pix="00020101021226830014br.gov.bcb.pix"))


def _collect(town: Town) -> None:
    world = town.world
    with transaction(write=False) as session:
        for owner in WORDS:
            whose = {"customer_id": world.customers[owner]}
            documents = _rows(session, DocumentRow, **whose)
            paid = _rows(session, PaymentRow, **whose)
            stated = _rows(session, ReceiptRow, **whose)
            mails = _rows(session, MailRow, **whose)
            id_ = world.company if owner != "rui" else world.other_company
            waiting = _rows(session, TaskRow, company_id=id_)
            # The first to be paid by boleto, the title, the last, and all that came of paying.
            shown = (documents[-7], documents[-3], documents[-1], *paid, *stated)
            customer = session.get_one(CustomerRow, world.customers[owner])
            town.ids[owner] = [row.public_id for row in (*shown, customer)]
            town.numbers[owner] = [
                world.customers[owner],
                *(row.id for row in (*documents[-2:], *paid[-1:], *mails[-1:])),
                *(row.id for row in waiting if owner in row.subject),
                *(row.user_id for row in _rows(session, MembershipRow, **whose)[:1]),
                *(row.id for row in _rows(session, AccessLinkRow, **whose)[:1]),
            ]
            town.markers |= _markers(owner)
        # To customers the company's own people are strangers as much as other customers are.
        for owner, id_ in (("bia", world.company), ("rui", world.other_company)):
            own = _rows(session, PortalUserRow, company_id=id_, role=Role.MANAGER.value)
            town.numbers[owner].append(own[0].id)
    town.markers |= {f"tasks of {name}": (word,) for name, word in STAFF_WORDS.items()}
    town.ids["nobody"] = [secrets.token_urlsafe(16) for _ in town.ids["ana"]]
    town.numbers["nobody"] = [900_001 + number for number in range(len(town.numbers["ana"]))]


def _markers(owner: str) -> dict[str, tuple[str, ...]]:
    """What is read of somebody: the name, any document, and documents but the one of a link."""
    word = WORDS[owner]
    return {
        f"{owner}'s name": (NAMES[owner],),
        owner: (word,),
        f"{owner}'s rest": (f"{word}/1841", f"{word}/9002", f"{word}/9003", *_printed(owner)),
    }


def _whole(owner: str) -> frozenset[str]:
    return frozenset(_markers(owner))


def _printed(owner: str) -> Iterator[str]:
    """The amounts of an owner's documents but the first, as either language prints them."""
    for number in range(2, 8):
        reais = f"{(_CENTS[owner] + number) / 100:.2f}"
        whole, cents = reais.split(".")
        for thousands, comma in (".,", ",.", " ,", " ,"):
            yield f"{whole[:-3]}{thousands}{whole[-3:]}{comma}{cents}"


class _Settlers:
    """Makes the people, one after the other."""

    def __init__(self, town: Town) -> None:
        self._town, self._world = town, town.world
        world = town.world
        self._norte, self._sul = world.company, world.other_company
        self._ana = world.customers["ana"]
        self._all_of_norte = _whole("ana") | _whole("bia") | {"tasks of norte"}

    def settle(self) -> None:
        with transaction() as session:
            self._customers(session)
            self._narrowed(session)
            self._staff(session)
            self._gone(session)
        self._links()

    def _customers(self, session: Session) -> None:
        for name, owner in (("owner", "ana"), ("other customer", "bia"), ("other company", "rui")):
            found = users.by_login(session, f"{owner}@example.com")
            assert found is not None
            opened = _open(session, found.company, found.id, customer=self._world.customers[owner])
            self._is(name, opened, _whole(owner))
        for name, kind in (("member", MemberKind.MEMBER), ("accountant", MemberKind.ACCOUNTANT)):
            made = self._user(session, name, Role.CUSTOMER)
            users.put_member(session, self._norte, made, Member(self._ana, kind, None))
            self._is(name, _open(session, self._norte, made, customer=self._ana), _whole("ana"))
        two = self._user(session, "two", Role.CUSTOMER)
        for owner in ("ana", "bia"):
            member = Member(self._world.customers[owner], MemberKind.OWNER, None)
            users.put_member(session, self._norte, two, member)
        self._is(
            "two customers, as one",
            _open(session, self._norte, two, customer=self._ana),
            _whole("ana") | {"bia's name"},
        )
        names = frozenset({"ana's name", "bia's name"})
        self._is("two customers, none chosen", _open(session, self._norte, two), names)

    def _narrowed(self, session: Session) -> None:
        """Users of Ana's from whom something was taken."""
        lacks: dict[str, Sequence[Feature]] = {without(each.value): [each] for each in Feature}
        paying = [each for each in Feature if each.value in PAYS]
        lacks["pays nothing"] = paying
        lacks["pays by card only"] = [each for each in paying if each is not Feature.PAY_CARD]
        lacks["nothing granted"] = list(Feature)
        for name, taken in lacks.items():
            made = self._user(session, name, Role.CUSTOMER)
            users.put_member(session, self._norte, made, Member(self._ana, MemberKind.OWNER, None))
            for each in taken:
                owner = Owner(Level.USER, made)
                grants.put(session, self._norte, owner, each.value, allowed=False)
            sees = frozenset({"ana's name"}) if name == "nothing granted" else _whole("ana")
            self._is(name, _open(session, self._norte, made, customer=self._ana), sees)

    def _staff(self, session: Session) -> None:
        every = self._all_of_norte
        made = self._user(session, "staff", Role.STAFF)
        self._is("staff", _open(session, self._norte, made), every)
        roles: dict[str, Sequence[StaffFeature]] = {
            only(each.value): [each] for each in StaffFeature
        }
        roles["no permission"] = []
        roles["every permission"] = list(StaffFeature)
        for name, permissions in roles.items():
            role = loading.add_staff_role(session, self._norte, name, permissions)
            made = self._user(session, name, Role.STAFF, role)
            sees = every if permissions else frozenset[str]()
            self._is(name, _open(session, self._norte, made), sees)
        manager = self._user(session, "manager", Role.MANAGER)
        self._is("manager", _open(session, self._norte, manager), every)
        viewing = _open(session, self._norte, manager, viewed=self._ana)
        self._is("manager viewing", viewing, _whole("ana"))
        sul = NewUser("manager.sul@example.com", "Manager", company.password_hash(), Role.MANAGER)
        foreign = loading.add_user(session, self._sul, sul)
        of_sul = _whole("rui") | {"tasks of sul"}
        self._is("other company's manager", _open(session, self._sul, foreign), of_sul)

    def _gone(self, session: Session) -> None:
        """Those who were somebody once, or are not yet."""
        ana = users.by_login(session, "ana@example.com")
        assert ana is not None
        mine: dict[str, Any] = {"company": self._norte, "user": ana.id, "customer": self._ana}
        self._is("nobody", "")
        self._is("made up session", secrets.token_urlsafe(32))
        ended = _open(session, **mine)
        sessions.end(session, self._norte, actors.hash_of(ended), NOW)
        self._is("session ended", ended)
        self._is("session idle", _open(session, **mine, ago=actors.IDLE + timedelta(seconds=1)))
        long = _open(session, **mine, ago=LONGEST)
        _touched(session, long)
        self._is("session of yesterday", long)
        self._is("second factor awaited", _open(session, **mine, stage=Stage.FACTOR))
        disabled = self._user(session, "disabled", Role.MANAGER)
        _set(session, PortalUserRow, disabled, active=False)
        self._is("user disabled", _open(session, self._norte, disabled))
        over = self._user(session, "over", Role.CUSTOMER)
        last = TODAY - timedelta(days=1)
        member = Member(self._ana, MemberKind.ACCOUNTANT, last)
        users.put_member(session, self._norte, over, member)
        self._is("accountant, over", _open(session, self._norte, over, customer=self._ana))
        left = self._user(session, "left", Role.CUSTOMER)
        self._is("member no more", _open(session, self._norte, left, customer=self._ana))
        plain = self._user(session, "plain", Role.STAFF)
        self._is("viewing, not allowed", _open(session, self._norte, plain, viewed=self._ana))

    def _links(self) -> None:
        """Sessions of links, made and opened as people do."""
        code = f"C-{WORDS['ana']}"
        self._is("link", links.open_(_link(code)).token, _whole("ana"))
        one = links.open_(_link(code, (f"FT {WORDS['ana']}/9001",))).token
        self._is("link to one document", one, frozenset({"ana", "ana's name"}))
        revoked = _link(code)
        token = links.open_(revoked).token
        links.revoke("norte", revoked)
        self._is("link revoked", token)
        with clock.fixed_at(NOW - timedelta(days=400)):
            old = _link(code)
            self._is("link expired", links.open_(old).token)

    def _user(self, session: Session, name: str, role: Role, staff_role: int | None = None) -> int:
        login = f"{name.replace(' ', '.').replace(':', '')}.norte@example.com"
        new = NewUser(login, "Somebody", company.password_hash(), role, staff_role=staff_role)
        return loading.add_user(session, self._norte, new)

    def _is(self, name: str, token: str, sees: frozenset[str] = frozenset()) -> None:
        assert name not in self._town.people, name
        self._town.people[name] = Person(token, sees)


def actor_of(person: Person) -> Actor | None:
    return actors.actor_of(person.token)


def _open(
    session: Session,
    company: int,
    user: int,
    *,
    customer: int | None = None,
    viewed: int | None = None,
    stage: Stage = Stage.OPEN,
    ago: timedelta = timedelta(),
) -> str:
    """The token of a session begun so long ago and not used since."""
    token = secrets.token_urlsafe(32)
    begins = NOW - ago
    new = NewSession(
        actors.hash_of(token), begins, begins + LONGEST, user, None, customer, viewed, stage
    )
    sessions.add(session, company, new)
    session.flush()
    return token


def _touched(session: Session, token: str) -> None:
    session.execute(
        update(SessionRow)
        .where(col(SessionRow.id_hash) == actors.hash_of(token))
        .values(seen_at=NOW)
    )


def _link(code: str, numbers: Sequence[str] = ()) -> str:
    return links.create("norte", code, numbers).rpartition("/l/")[2]


def _rows(session: Session, table: type[Any], **where: object) -> list[Any]:
    query = select(table).filter_by(**where).order_by(table.id)
    return list(session.scalars(query))


def _set(session: Session, table: type[Any], id_: int, **values: object) -> None:
    session.execute(update(table).where(col(table.id) == id_).values(**values))
