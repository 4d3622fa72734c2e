"""The gate before every event, and `ask`, the only way from a state to a service.

Who is asking stands in an HttpOnly cookie and nowhere else. Reflex hands every
event to `Gate.preprocess` in the very task that then runs the handler, so what the
gate finds out travels in context variables and no state needs to hold it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context, ContextVar, copy_context
from dataclasses import dataclass
from functools import partial
from http.cookies import CookieError, SimpleCookie
from types import MappingProxyType
from typing import Concatenate, Final, Generic, ParamSpec, TypeVar

import reflex as rx
from reflex.event import Event
from reflex.state import BaseState, StateUpdate
from reflex.utils.format import format_event_handler
from reflex.utils.prerequisites import get_app

from portal_app import locales
from portal_app.domain.errors import NotGranted, NotSignedIn, PortalError
from portal_app.services import actors, flash
from portal_app.services.access import cookie_name, session_cookie
from portal_app.services.actors import Actor
from portal_app.services.rules import Rule
from portal_app.ui import routes

P = ParamSpec("P")
T = TypeVar("T")
S = TypeVar("S", bound=rx.State)

LANGUAGE_COOKIE: Final = "portal_language"
# People tick several boxes in a row; each write costs a quarter of a tick.
LATER: Final = 2.0

# Reflex's own events, by full name: they run for anybody, on a state that holds nothing of anybody.
_FRAMEWORK: Final = frozenset(
    f"reflex___state____{name}"
    for name in (
        "state.hydrate",
        "state.hydrate_and_load",
        "state.set_is_hydrated",
        "state.reflex___state____on_load_internal_state.on_load_internal",
        "state.reflex___state____on_load_internal_state.set_is_hydrated",
        "state.reflex___state____update_vars_internal_state.update_vars_internal",
        "on_load_internal_state.on_load_internal",
        "update_vars_internal_state.update_vars_internal",
    )
)

# SQLite does not look for a number above this one, it breaks.
_LARGEST: Final = 2**63 - 1

# Who may call what, by full event name; added by `opens_to`. What is not in it nobody may call.
_rules: dict[str, Rule] = {}

# What `ask_later` still has to ask, by person and service.
_later: dict[tuple[str, str], _Later] = {}

_outside: Final = ThreadPoolExecutor(16, thread_name_prefix="outside")

_actor: ContextVar[Actor | None] = ContextVar("actor", default=None)
_locale: ContextVar[str] = ContextVar("locale", default=locales.DEFAULT)
_log = logging.getLogger(__name__)


class SessionState(rx.State):
    """Whose data this client's states hold; only the gate writes it."""

    _identity: str = ""


class Gate(rx.Middleware):
    """Finds out who is asking before each event, and lets in whom the event's rule admits.

    `refused` says what somebody reads whose page asked for what was taken from him meanwhile.
    """

    def __init__(self, refused: Callable[[str], list[Event]]) -> None:
        self._refused = refused

    async def preprocess(
        self,
        app: rx.App,  # noqa: ARG002  Reflex passes it by name
        state: BaseState,
        event: Event,
    ) -> StateUpdate | None:
        root = state._get_root_state()
        headers = root.router.headers
        cookies = parse_cookies(headers.cookie)
        token = session_token(cookies)
        actor = await asyncio.to_thread(actors.actor_of, token) if token else None
        _actor.set(actor)
        wanted = cookies.get(cookie_name(LANGUAGE_COOKIE), "")
        _locale.set(choose_locale(wanted, actor, headers.accept_language))
        await _forget_others(root, actor)
        if event.name in _FRAMEWORK or (_admits(event.name, actor) and _may_be_ids(event.payload)):
            return None
        _log.info("%s is not let in at %s", actor.subject if actor else "nobody", event.name[:200])
        if actor is not None:
            return StateUpdate(events=self._refused(event.name))
        return StateUpdate(events=Event.from_event_type([rx.redirect(routes.SIGN_IN)]))


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What a service said: a value, or why not. `status` is 'ready', 'not_granted' or 'failed'."""

    value: T | None
    refusal: PortalError | None
    status: str

    def required(self) -> T:
        assert self.value is not None, "asked for only when ready"
        return self.value

    @property
    def sentence(self) -> str:
        """Why not, for the present reader; empty when ready or when a defect is the reason."""
        return locales.refusal(self.refusal, locale()) if self.refusal else ""


def current() -> Actor:
    """Who is asking; NotSignedIn if nobody is."""
    actor = _actor.get()
    if actor is None:
        raise NotSignedIn
    return actor


def visitor() -> Actor | None:
    """Who is asking on a page that is open to anybody."""
    return _actor.get()


def locale() -> str:
    """The language of the present event's reader, e.g. 'pt_BR'."""
    return _locale.get()


async def ask(
    _state: BaseState,
    service: Callable[Concatenate[Actor, P], T],
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """Call a service as whoever is asking, off the event loop. Refusals rise to ui/errors.py."""
    return await asyncio.to_thread(service, current(), *args, **kwargs)


async def attempt(
    state: BaseState,
    service: Callable[Concatenate[Actor, P], T],
    *args: P.args,
    **kwargs: P.kwargs,
) -> Answer[T]:
    """Like `ask`, for loading a page: a refusal or a failure is the answer, so the page can say it."""
    return await _answer(ask(state, service, *args, **kwargs), service.__qualname__)


async def attempt_outside(
    _state: BaseState,
    service: Callable[Concatenate[Actor, P], T],
    *args: P.args,
    **kwargs: P.kwargs,
) -> Answer[T]:
    """`attempt` of a service that waits for somebody else's machine, perhaps for long.

    In threads of its own: however silent that one is, nobody else waits for a thread.
    """
    actor, context = current(), copy_context()

    def call() -> T:
        return context.run(service, actor, *args, **kwargs)

    waiting = asyncio.get_running_loop().run_in_executor(_outside, call)
    return await _answer(waiting, service.__qualname__)


async def _answer(asked: Awaitable[T], name: str) -> Answer[T]:
    try:
        return Answer(await asked, None, "ready")
    except NotGranted as refusal:
        return Answer(None, refusal, "not_granted")
    except PortalError as refusal:
        return Answer(None, refusal, "failed")
    except Exception:  # noqa: BLE001  the page says "could not load"; the reason is for the log
        _log.exception("loading failed in %s", name)
        return Answer(None, None, "failed")


def ask_later(
    _state: BaseState,
    service: Callable[Concatenate[Actor, P], object],
    *args: P.args,
    **kwargs: P.kwargs,
) -> None:
    """Ask once this person asked nothing newer of the service for LATER seconds; the newest counts.

    It happens whatever becomes of the page meanwhile; `ask_now` does not wait for it to.
    """
    key = (current().subject, service.__qualname__)
    before = _later.get(key)
    if before:
        before.timer.cancel()
    ask = partial(service, current(), *args, **kwargs)
    _later[key] = _Later(key, ask, before.task if before else None)


async def ask_now(_state: BaseState, service: Callable[..., object]) -> None:
    """Do at once what `ask_later` still has to ask, and wait for it."""
    if waiting := _later.get((current().subject, service.__qualname__)):
        await asyncio.shield(waiting.begin())


class _Later:
    """A call whose time comes, after the one `before` it if that is under way."""

    def __init__(
        self, key: tuple[str, str], ask: Callable[[], object], before: asyncio.Task[None] | None
    ) -> None:
        self.task: asyncio.Task[None] | None = None
        self._key, self._ask, self._before = key, ask, before
        # Not in the event's own context, which would keep the whole event in memory until then.
        loop = asyncio.get_running_loop()
        self.timer = loop.call_later(LATER, self.begin, context=Context())

    def begin(self) -> asyncio.Task[None]:
        """Ask, unless that has begun already."""
        self.timer.cancel()
        if self.task is None:
            self.task = asyncio.create_task(self._run())
        return self.task

    async def _run(self) -> None:
        try:
            if self._before:
                await self._before
            await asyncio.to_thread(self._ask)
        except Exception:  # noqa: BLE001  nobody may wait for the answer, so the log is told
            _log.exception("asking later failed in %s", self._key[1])
        finally:
            if _later.get(self._key) is self:
                del _later[self._key]


async def still_here(state: BaseState) -> bool:
    """For background events: whether this very page is still open and its reader signed in.

    Checked anew each time; keeps the session alive.
    """
    if not _is_connected(state):
        return False
    token = session_token(parse_cookies(state.router.headers.cookie))
    actor = await asyncio.to_thread(actors.actor_of, token) if token else None
    before = _actor.get()
    _actor.set(actor)
    return actor is not None and before is not None and actor.identity == before.identity


def _is_connected(state: BaseState) -> bool:
    """Whether the socket that asked is still open; a reloaded page has another one."""
    sockets = get_app().app.event_namespace
    session = state.router.session
    return (
        sockets is not None and sockets.token_to_sid.get(session.client_token) == session.session_id
    )


def told(state: BaseState, page: str) -> dict[str, str]:
    """What the route that redirected to this page wants said: 'code' and facts, or nothing."""
    cookies = parse_cookies(state.router.headers.cookie)
    return flash.read(cookies.get(cookie_name(flash.COOKIE), ""), page)


def kept(state: BaseState, name: str) -> str:
    """What a route let the browser keep under this name; empty for nothing."""
    return parse_cookies(state.router.headers.cookie).get(cookie_name(f"portal_{name}"), "")


def token_of(state: BaseState) -> str:
    """The session's token, on a page that is open to whoever has no open session yet."""
    return session_token(parse_cookies(state.router.headers.cookie))


def opens_to(rule: Rule, **others: Rule) -> Callable[[type[S]], type[S]]:
    """Say who may call the handlers of a state: all of them `rule`, those named by another."""

    def declare(state: type[S]) -> type[S]:
        known = state.event_handlers
        assert others.keys() <= known.keys(), f"{state}: no handler {others.keys() - known.keys()}"
        for name, handler in known.items():
            if handler.fn.__module__ == state.__module__:
                _rules[format_event_handler(handler)] = others.get(name, rule)
        return state

    return declare


def rules() -> Mapping[str, Rule]:
    """Who may call what, by full event name."""
    return MappingProxyType(_rules)


def _may_be_ids(payload: Mapping[str, object]) -> bool:
    """Whether every number could be a row's id: a larger one is refused as what is not there."""
    return all(abs(value) <= _LARGEST for value in payload.values() if isinstance(value, int))


def _admits(event: str, actor: Actor | None) -> bool:
    rule = _rules.get(event)
    return rule is not None and rule.admits(actor)


def parse_cookies(header: str) -> dict[str, str]:
    """Cookies of a request header; a header nobody can read has none."""
    jar = SimpleCookie()
    try:
        jar.load(header or "")
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in jar.items()}


def session_token(cookies: dict[str, str]) -> str:
    return cookies.get(session_cookie(), "")


def choose_locale(wanted: str, actor: Actor | None, accepted: str) -> str:
    """The reader's choice, else the person's or company's language, else the browser's."""
    if wanted in locales.COMPLETE:
        return wanted
    if actor is not None:
        return actor.locale
    for part in (accepted or "").split(","):
        tag = part.split(";")[0].strip().replace("-", "_")
        found = next((each for each in locales.COMPLETE if each[:2] == tag[:2].lower()), None)
        if found:
            return found
    return locales.DEFAULT


async def _forget_others(root: BaseState, actor: Actor | None) -> None:
    """Another person, or nobody, on a state that holds somebody's data: empty it first."""
    session = await root.get_state(SessionState)
    identity = actor.identity if actor else ""
    if session._identity and session._identity != identity:
        root.reset()
    session._identity = identity
