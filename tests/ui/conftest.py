"""What tests of the screens' states stand on: a reader, and answers in place of services."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import reflex as rx

from portal_app.domain.companies import Company, Contact
from portal_app.domain.errors import PortalError
from portal_app.domain.grants import Assurance, Feature, Role
from portal_app.services.actors import Actor
from portal_app.ui import session
from portal_app.ui.session import Answer

COMPANY = Company(
    id=1,
    slug="nordeste",
    name="Nordeste Telecom",
    tax_id="11222333000181",
    country="BR",
    currency="BRL",
    zone="America/Sao_Paulo",
    locale="pt_BR",
    address="Rua do Sol, 1, Recife",
    contact=Contact("Financeiro", "financeiro@nordeste.example", "(81) 3030-1200"),
)


@contextmanager
def reading_as(actor: Actor) -> Iterator[Actor]:
    """Whom the states take for the one who asks, meanwhile."""
    token = session._actor.set(actor)
    try:
        yield actor
    finally:
        session._actor.reset(token)


@pytest.fixture
def reader() -> Iterator[Actor]:
    """A customer of Nordeste Telecom, who asks in Portuguese."""
    actor = Actor(
        company=COMPANY,
        role=Role.CUSTOMER,
        assurance=Assurance.PASSWORD,
        features=frozenset(Feature),
        subject="user:1",
        session=1,
        name="Ana Lima",
        login="ana@nordeste.example",
        locale="pt_BR",
        customer=1,
    )
    with reading_as(actor):
        yield actor


@pytest.fixture
def root() -> rx.State:
    """All states as the server makes them for one client."""
    return rx.State(_reflex_internal_init=True)  # pyright: ignore[reportCallIssue]


class Services:
    """Stands for `ask` and `attempt`: answers as told, and remembers what was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self._answer: Callable[..., object] = lambda *_: None

    def say(self, answer: Callable[..., object]) -> None:
        self._answer = answer

    async def ask(
        self, _state: object, _service: Callable[..., object], *args: Any, **kwargs: Any
    ) -> object:
        self.asked.append(args)
        return self._answer(*args, **kwargs)

    async def attempt(
        self, state: object, service: Callable[..., object], *args: Any, **kwargs: Any
    ) -> Answer[object]:
        try:
            return Answer(await self.ask(state, service, *args, **kwargs), None, "ready")
        except PortalError as refusal:
            return Answer(None, refusal, "failed")


@pytest.fixture
def services() -> Services:
    return Services()
