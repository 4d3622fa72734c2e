"""What stands around every page of a signed-in reader: company, reader, tabs, number of open documents."""

from dataclasses import dataclass, replace

import reflex as rx
from reflex.event import Event, EventSpec
from reflex.utils.format import format_event_handler

from portal_app.domain.companies import Contact
from portal_app.domain.errors import NotFound
from portal_app.domain.grants import Feature, OwnFeature, Role, StaffFeature
from portal_app.services import documents, people, tasks
from portal_app.services.actors import Actor
from portal_app.services.rules import SIGNED_IN
from portal_app.ui import routes
from portal_app.ui.errors import NoticeState
from portal_app.ui.session import attempt, opens_to, rules, visitor


@dataclass(frozen=True)
class Reader:
    """Who reads, on whose pages, and which tabs the company opened to him."""

    company: str = ""
    initial: str = ""
    accent: str = ""
    name: str = ""
    initials: str = ""
    customer: str = ""
    is_staff: bool = False
    viewing: bool = False
    sees_documents: bool = False
    sees_history: bool = False
    sees_analysis: bool = False
    has_account: bool = False
    has_several: bool = False
    permissions: tuple[str, ...] = ()

    @classmethod
    def of(cls, actor: Actor) -> "Reader":
        return cls(
            company=actor.company.name,
            initial=actor.company.name[:1].upper(),
            accent=actor.company.accent,
            name=actor.name,
            initials=initials(actor.name),
            customer=actor.customer_name,
            is_staff=actor.role is not Role.CUSTOMER,
            viewing=actor.viewing,
            sees_documents=actor.may(Feature.SEE_DOCUMENTS),
            sees_history=actor.may(Feature.HISTORY),
            sees_analysis=actor.may(Feature.ANALYSIS),
            has_account=actor.may(Feature.ACCOUNT) or actor.may(OwnFeature.SECURITY),
            permissions=tuple(sorted(set(actor.features) & set(StaffFeature))),
        )


@dataclass(frozen=True)
class Asked:
    """Whom the company named for questions about money, with addresses for links."""

    name: str = ""
    email: str = ""
    phone: str = ""
    mail_to: str = ""
    call: str = ""

    @classmethod
    def of(cls, contact: Contact) -> "Asked":
        digits = "".join(sign for sign in contact.phone if sign.isdigit() or sign == "+")
        mail = f"mailto:{contact.email}"
        return cls(contact.name, contact.email, contact.phone, mail, f"tel:{digits}")


@opens_to(SIGNED_IN)
class ShellState(rx.State):
    """Loaded by every page with a shell."""

    reader: Reader = Reader()
    contact: Asked = Asked()
    back: str = routes.OPEN

    @rx.event
    async def load(self) -> EventSpec | None:
        # A notice belongs to the page it came up on.
        (await self.get_state(NoticeState))._clear()
        actor = visitor()
        self.reader = await self._reader(actor) if actor else Reader()
        self.contact = Asked.of(actor.company.contact) if actor else Asked()
        self.back = self.router.url.path.rstrip("/") or routes.OPEN
        if self.reader.sees_documents:
            counts = await attempt(self, documents.counts)
            (await self.get_state(CountState))._show(counts.value.all if counts.value else 0)
        if StaffFeature.WORK_TASKS in self.reader.permissions:
            waiting = await attempt(self, tasks.count_open)
            (await self.get_state(CountState))._show(waiting.value or 0)
        home = home_of(actor, self.back) if actor else ""
        return rx.redirect(home) if home else None

    async def _reader(self, actor: Actor) -> Reader:
        several = await attempt(self, people.has_several)
        return replace(Reader.of(actor), has_several=bool(several.value))


class CountState(rx.State):
    """How many documents are open, or tasks wait, as the tab says it; nothing for none."""

    open: str = ""

    def _show(self, count: int) -> None:
        self.open = str(count) if count else ""


def home_of(actor: Actor, path: str) -> str:
    """Where somebody belongs who is on a page of others; nothing for whoever is where he belongs."""
    if actor.must_enrol:
        return "" if path == routes.VERIFICATION else routes.VERIFICATION
    is_shared = path == routes.ACCOUNT or path.startswith(f"{routes.ACCOUNT}/")
    is_staffs = path.startswith((routes.STAFF, "/manager"))
    is_staff = actor.role is not Role.CUSTOMER
    if has_not_chosen(actor) and not is_shared:
        return "" if path == routes.ACCOUNTS else routes.ACCOUNTS
    if is_shared or is_staff is is_staffs:
        return ""
    return routes.STAFF if is_staff else routes.OPEN


def has_not_chosen(actor: Actor) -> bool:
    """Whether somebody of several customers must first say for whom he acts."""
    return actor.role is Role.CUSTOMER and actor.customer is None


def refused(event: str) -> list[Event]:
    """What becomes of a page that asked for what its reader may not do, or no longer may.

    Its tabs and the page itself are loaded anew, so that it says so; of what is no page there is
    nothing to be found.
    """
    actor = visitor()
    if actor is not None and has_not_chosen(actor):
        return Event.from_event_type([rx.redirect(routes.ACCOUNTS)])
    page = _page_of(event)
    if page and page != event:
        return [Event(format_event_handler(ShellState.event_handlers["load"])), Event(page)]
    notice = format_event_handler(NoticeState.event_handlers["refuse"])
    return [Event(notice, payload={"code": NotFound.code, "facts": {}})]


def _page_of(event: str) -> str:
    """What loads the page an event belongs to, of its own state or another of the same module."""
    own = f"{event.rpartition('.')[0]}.load"
    if own in rules():
        return own
    loads = (name for name in rules() if name.endswith(".load"))
    return next((load for load in loads if _module_of(load) == _module_of(event)), "")


def _module_of(event: str) -> str:
    """Reflex calls a state by its module and class: 'portal_app___ui___x___state____some_state'."""
    return event.rpartition(".")[0].rpartition("____")[0]


def initials(name: str) -> str:
    """First and last name's first letters.

    >>> initials("Ana Maria Lima"), initials("Nordeste"), initials("")
    ('AL', 'N', '')
    """
    words = name.split()
    return "".join(word[0] for word in dict.fromkeys(words[:1] + words[-1:])).upper()
