"""How people prove who they are: lost passwords, invitations, codes, second factors, passkeys.

Forms only, answered by a redirect. A secret that came by e-mail is taken out of the address at
once, and nothing is ever done by following a link.
"""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Annotated, Final
from urllib.parse import quote, unquote

from fastapi import APIRouter, Form, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from portal_app.api import cookies
from portal_app.api.answers import drop, keep, keep_session, let_in, refuse, tell, to
from portal_app.api.auth import SameOrigin, opens_to, origin_of, session_token
from portal_app.domain.errors import PortalError, ProofInvalid
from portal_app.domain.proofs import GOOD_FOR, Purpose
from portal_app.services import access, new_passwords, passkeys, proofs, second_factor
from portal_app.services.access import Opened
from portal_app.services.actors import Actor
from portal_app.services.rules import ANYBODY, SECURING

PROOF: Final = "portal_proof"
CODE: Final = "portal_code"
CODES: Final = "portal_codes"
CEREMONY: Final = "portal_ceremony"

_SIGN_IN: Final = "/sign-in"
_NEW_PASSWORD: Final = "/new-password"  # noqa: S105  a path
_SIGN_IN_CODE: Final = "/sign-in-code"
_SECOND_FACTOR: Final = "/second-factor"
_VERIFICATION: Final = "/account/verification"
_LONGEST_FIELD: Final = 320
_PROOF_SECONDS: Final = 3600
_CODE_SECONDS: Final = int(GOOD_FOR[Purpose.CODE].total_seconds())
_CODES_SECONDS: Final = 600
_CEREMONY_SECONDS: Final = 120

Anybody = opens_to(ANYBODY)
Own = Annotated[Actor, opens_to(SECURING)]
Login = Annotated[str, Form(max_length=_LONGEST_FIELD)]
Secret = Annotated[str, Form(max_length=1000)]
Answered = Annotated[str, Form(max_length=20_000)]

router = APIRouter(include_in_schema=False)
_log = logging.getLogger(__name__)
# E-mails are written after the answer is given: whoever asks cannot tell by its time who exists.
_later: Final = ThreadPoolExecutor(1, thread_name_prefix="asked-for")


@router.post("/auth/reset", dependencies=[SameOrigin, Anybody])
async def ask_for_password(request: Request, login: Login = "") -> RedirectResponse:
    """Always the same answer, whether there is such a login or not."""
    try:
        await asyncio.to_thread(new_passwords.ask, Purpose.RESET, login, origin_of(request))
    except PortalError as refusal:
        return refuse(_NEW_PASSWORD, refusal)
    _write_later(Purpose.RESET, login)
    return drop(tell(_NEW_PASSWORD, "RESET_ASKED"), PROOF)


@router.get("/r/{secret}", dependencies=[Anybody])
async def open_reset(secret: str) -> RedirectResponse:
    return await _open(Purpose.RESET, secret)


@router.get("/i/{secret}", dependencies=[Anybody])
async def open_invitation(secret: str) -> RedirectResponse:
    return await _open(Purpose.INVITE, secret)


@router.post("/auth/new-password", dependencies=[SameOrigin, Anybody])
async def choose_password(request: Request, wanted: Secret = "") -> RedirectResponse:
    """The only place where what came by e-mail is used up."""
    purpose, secret = new_passwords.kept_proof(cookies.read(request, PROOF))
    origin = origin_of(request)
    try:
        opened = await asyncio.to_thread(new_passwords.choose, purpose, secret, wanted, origin)
    except ProofInvalid as refusal:
        return drop(refuse(_NEW_PASSWORD, refusal), PROOF)
    except PortalError as refusal:
        return refuse(_NEW_PASSWORD, refusal)
    return drop(await _enter(request, opened), PROOF)


@router.post("/auth/code", dependencies=[SameOrigin, Anybody])
async def ask_for_code(request: Request, login: Login = "") -> RedirectResponse:
    """Always the same answer, whether there is such a login or not."""
    try:
        await asyncio.to_thread(new_passwords.ask, Purpose.CODE, login, origin_of(request))
    except PortalError as refusal:
        return refuse(_SIGN_IN_CODE, refusal)
    _write_later(Purpose.CODE, login)
    return keep(tell(_SIGN_IN_CODE, "CODE_ASKED"), CODE, quote(login), _CODE_SECONDS)


@router.post("/auth/code-sign-in", dependencies=[SameOrigin, Anybody])
async def sign_in_by_code(
    request: Request, code: Annotated[str, Form(max_length=40)] = ""
) -> RedirectResponse:
    login = unquote(cookies.read(request, CODE))[:_LONGEST_FIELD]
    origin = origin_of(request)
    try:
        opened = await asyncio.to_thread(new_passwords.sign_in_by_code, login, code, origin)
    except PortalError as refusal:
        return refuse(_SIGN_IN_CODE, refusal)
    return drop(await _enter(request, opened), CODE)


@router.post("/auth/second-factor", dependencies=[SameOrigin, Anybody])
async def prove_factor(
    request: Request, code: Annotated[str, Form(max_length=80)] = ""
) -> RedirectResponse:
    token, origin = session_token(request), origin_of(request)
    try:
        opened = await asyncio.to_thread(second_factor.enter, token, code, origin)
    except PortalError as refusal:
        return refuse(_SECOND_FACTOR, refusal)
    return let_in(opened)


@router.post("/auth/factor/begin", dependencies=[SameOrigin])
async def begin_factor(actor: Own, proof: Secret = "") -> RedirectResponse:
    try:
        await asyncio.to_thread(second_factor.begin, actor, proof)
    except PortalError as refusal:
        return refuse(_VERIFICATION, refusal)
    return to(_VERIFICATION)


@router.post("/auth/factor/confirm", dependencies=[SameOrigin])
async def confirm_factor(
    request: Request, actor: Own, code: Annotated[str, Form(max_length=40)] = ""
) -> RedirectResponse:
    try:
        opened, codes = await asyncio.to_thread(
            second_factor.confirm, actor, session_token(request), code
        )
    except PortalError as refusal:
        return refuse(_VERIFICATION, refusal)
    return await _show_codes(actor, codes, opened, "FACTOR_ADDED")


@router.post("/auth/factor/remove", dependencies=[SameOrigin])
async def remove_factor(actor: Own, proof: Secret = "") -> RedirectResponse:
    try:
        await asyncio.to_thread(second_factor.remove, actor, proof)
    except PortalError as refusal:
        return refuse(_VERIFICATION, refusal)
    return tell(_VERIFICATION, "FACTOR_REMOVED")


@router.post("/auth/factor/codes", dependencies=[SameOrigin])
async def renew_codes(actor: Own, proof: Secret = "") -> RedirectResponse:
    try:
        codes = await asyncio.to_thread(second_factor.renew_codes, actor, proof)
    except PortalError as refusal:
        return refuse(_VERIFICATION, refusal)
    return await _show_codes(actor, codes, None, "CODES_RENEWED")


@router.post("/auth/factor/codes-kept", dependencies=[SameOrigin, opens_to(SECURING)])
async def codes_kept() -> RedirectResponse:
    """They were written down: the page is loaded anew, without them."""
    return drop(to(_VERIFICATION), CODES)


@router.post("/auth/passkeys/challenge", dependencies=[SameOrigin, Anybody])
async def challenge() -> Response:
    return _begun(await asyncio.to_thread(passkeys.begin_sign_in))


@router.post("/auth/passkeys/sign-in", dependencies=[SameOrigin, Anybody])
async def sign_in_by_passkey(request: Request, credential: Answered = "") -> RedirectResponse:
    named, origin = cookies.read(request, CEREMONY), origin_of(request)
    try:
        opened = await asyncio.to_thread(passkeys.sign_in, named, credential, origin)
    except PortalError as refusal:
        return drop(refuse(_SIGN_IN, refusal), CEREMONY)
    return drop(await _enter(request, opened), CEREMONY)


@router.post("/auth/passkeys/begin", dependencies=[SameOrigin])
async def begin_passkey(actor: Own, proof: Secret = "") -> Response:
    try:
        begun = await asyncio.to_thread(passkeys.begin_adding, actor, proof)
    except PortalError as refusal:
        return refuse(_VERIFICATION, refusal)
    return _begun(begun)


@router.post("/auth/passkeys/add", dependencies=[SameOrigin])
async def add_passkey(
    request: Request,
    actor: Own,
    credential: Answered = "",
    name: Annotated[str, Form(max_length=200)] = "",
) -> RedirectResponse:
    named = cookies.read(request, CEREMONY)
    name = name.strip() or origin_of(request).device
    token = session_token(request)
    try:
        opened, codes = await asyncio.to_thread(passkeys.add, actor, token, named, credential, name)
    except PortalError as refusal:
        return refuse(_VERIFICATION, refusal)
    return drop(await _show_codes(actor, codes, opened, "PASSKEY_ADDED"), CEREMONY)


@router.post("/auth/passkeys/remove", dependencies=[SameOrigin])
async def remove_passkey(
    actor: Own,
    passkey: Annotated[int, Form()],
    proof: Secret = "",
) -> RedirectResponse:
    try:
        await asyncio.to_thread(passkeys.remove, actor, passkey, proof)
    except PortalError as refusal:
        return refuse(_VERIFICATION, refusal)
    return tell(_VERIFICATION, "PASSKEY_REMOVED")


async def _open(purpose: Purpose, secret: str) -> RedirectResponse:
    """Keep the secret for the page that uses it; looking at it takes nothing."""
    try:
        await asyncio.to_thread(proofs.look, purpose, secret)
    except PortalError as refusal:
        return drop(refuse(_NEW_PASSWORD, refusal), PROOF)
    return keep(to(_NEW_PASSWORD), PROOF, f"{purpose}.{secret}", _PROOF_SECONDS)


async def _enter(request: Request, opened: Opened) -> RedirectResponse:
    """Another session in place of whatever was open here."""
    await asyncio.to_thread(access.sign_out, session_token(request))
    return let_in(opened)


async def _show_codes(
    actor: Actor, codes: tuple[str, ...], opened: Opened | None, code: str
) -> RedirectResponse:
    """To the page that shows the recovery codes once; they travel sealed."""
    answer = tell(_VERIFICATION, code)
    if opened is not None:
        keep_session(answer, opened)
    if codes:
        sealed = await asyncio.to_thread(second_factor.seal_codes, actor, codes)
        keep(answer, CODES, sealed, _CODES_SECONDS)
    return answer


def _begun(begun: passkeys.Begun) -> JSONResponse:
    answer = JSONResponse(begun.options, headers={"Cache-Control": "no-store"})
    cookies.keep(answer, CEREMONY, begun.cookie, _CEREMONY_SECONDS)
    return answer


def _write_later(purpose: Purpose, login: str) -> None:
    _later.submit(copy_context().run, _write, purpose, login)


def _write(purpose: Purpose, login: str) -> None:
    try:
        new_passwords.send(purpose, login)
    except Exception:  # noqa: BLE001  nobody waits for the answer, so the log is told
        _log.exception("an e-mail somebody asked for was not written")
