"""Proving who one is, over HTTP: what an address shows, what a cookie opens, what an answer gives away."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from http.cookies import SimpleCookie

import httpx
import pytest
from sqlalchemy import select, update
from sqlmodel import col

from portal_app.api import own_account
from portal_app.api.app import build
from portal_app.db.engine import transaction
from portal_app.db.models import MailRow, PasskeyRow, PortalUserRow, ProofRow
from portal_app.domain.proofs import Purpose
from portal_app.gateways import authenticators, clock
from portal_app.services import access, actors, flash, second_factor
from portal_app.settings import settings
from tests.authenticator import Device
from tests.company import NOW, PASSWORD, World
from tests.company import world as world
from tests.services.test_new_passwords import invited, sent
from tests.services.test_second_factor import Enrolled, enrol

KNOWN, UNKNOWN = "ana@example.com", "nobody@example.com"
WANTED = "another-password"
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture(autouse=True)
def companies(world: World) -> None:
    assert world.company


class Browser:
    """Keeps cookies and follows nothing."""

    def __init__(self) -> None:
        self.cookies: dict[str, str] = {}

    def get(self, path: str) -> httpx.Response:
        return asyncio.run(self._ask("GET", path, {}))

    def post(self, path: str, **fields: str) -> httpx.Response:
        return asyncio.run(self._ask("POST", path, fields))

    def told(self, page: str) -> str:
        """The code of what the page is to say."""
        return flash.read(self.cookies.get(access.cookie_name(flash.COOKIE), ""), page).get(
            "code", ""
        )

    @property
    def login(self) -> str:
        found = actors.actor_of(self.cookies.get(access.session_cookie(), ""))
        return found.login if found else ""

    async def _ask(self, method: str, path: str, fields: dict[str, str]) -> httpx.Response:
        transport = httpx.ASGITransport(build())
        headers = {"User-Agent": AGENT}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://portal", cookies=self.cookies, headers=headers
        ) as http:
            answer = await http.request(method, path, data=fields or None)
        # By hand: the clock stands still, and a jar would drop what ends by it.
        for header in answer.headers.get_list("set-cookie"):
            for name, morsel in SimpleCookie(header).items():
                self.cookies.pop(name, None)
                if morsel["max-age"] != "0":
                    self.cookies[name] = morsel.value
        return answer


@pytest.fixture
def browser() -> Browser:
    return Browser()


@pytest.fixture
def ana() -> Enrolled:
    with clock.fixed_at(NOW - timedelta(minutes=1)):
        return enrol("ana")


def written() -> list[str]:
    """What was written to anybody, once all that was asked for is done."""
    own_account._later.submit(lambda: None).result(30)
    with transaction(write=False) as session:
        return list(session.scalars(select(col(MailRow.kind))))


def begin(browser: Browser) -> None:
    browser.post("/auth/sign-in", login=KNOWN, password=PASSWORD)


@pytest.mark.parametrize("path", ["/auth/reset", "/auth/code"])
def test_whoever_asks_is_answered_alike_known_or_not(path: str) -> None:
    answers = {
        login: Browser().post(path, login=login) for login in (KNOWN, UNKNOWN, "bob@example.com")
    }

    def plain(login: str) -> tuple[int, str, str]:
        cookies = " ".join(answers[login].headers.get_list("set-cookie"))
        cookies = cookies.replace(login.replace("@", "%40"), "").replace(login, "")
        cookies = re.sub(r"expires=[^;]+", "", cookies)
        return answers[login].status_code, answers[login].headers["location"], cookies

    assert plain(KNOWN) == plain(UNKNOWN) == plain("bob@example.com")
    assert len(written()) == 1


def test_a_link_is_taken_out_of_the_address_and_uses_up_nothing(browser: Browser) -> None:
    secret = sent(Purpose.RESET)

    answer = browser.get(f"/r/{secret}")

    assert (answer.status_code, answer.headers["location"]) == (303, "/new-password")
    assert answer.headers["referrer-policy"] == "no-referrer"
    (cookie,) = (c for c in answer.headers.get_list("set-cookie") if secret in c)
    assert "HttpOnly" in cookie
    assert browser.get(f"/r/{secret}").headers["location"] == "/new-password"
    with transaction(write=False) as session:
        assert session.scalars(select(col(ProofRow.used_at))).all() == [None]


def test_the_form_sets_the_password_and_signs_in(browser: Browser) -> None:
    browser.get(f"/r/{sent(Purpose.RESET)}")

    browser.post("/auth/new-password", wanted="short")
    assert browser.told("/new-password") == "FIELD_INVALID"
    browser.post("/auth/new-password", wanted="flamengo123")
    assert browser.told("/new-password") == "PASSWORD_COMMON"
    answer = browser.post("/auth/new-password", wanted=WANTED)

    assert answer.headers["location"] == "/"
    assert browser.login == KNOWN
    assert "portal_proof" not in browser.cookies


def test_an_invitation_is_joined_the_same_way(browser: Browser) -> None:
    browser.get(f"/i/{invited()}")

    browser.post("/auth/new-password", wanted=WANTED)

    assert browser.login == KNOWN


@pytest.mark.parametrize("path", ["/r/", "/i/"])
def test_a_wrong_link_says_so_and_keeps_nothing(browser: Browser, path: str) -> None:
    browser.get(f"{path}{'x' * 43}")

    assert browser.told("/new-password") == "PROOF_INVALID"
    assert "portal_proof" not in browser.cookies


def test_an_invitation_is_no_link_for_a_new_password(browser: Browser) -> None:
    browser.get(f"/r/{invited()}")

    assert browser.told("/new-password") == "PROOF_INVALID"


def test_a_code_by_e_mail_signs_in(browser: Browser) -> None:
    browser.post("/auth/code", login=KNOWN)
    assert written() == ["sign_in_code"]
    code = sent(Purpose.CODE)

    browser.post("/auth/code-sign-in", code="00000000")
    assert browser.told("/sign-in-code") == "PROOF_INVALID"
    answer = browser.post("/auth/code-sign-in", code=code)

    assert answer.headers["location"] == "/"
    assert browser.login == KNOWN


def test_the_password_alone_opens_neither_page_nor_file_nor_form(
    browser: Browser, ana: Enrolled
) -> None:
    answer = browser.post("/auth/sign-in", login=KNOWN, password=PASSWORD)

    assert answer.headers["location"] == "/second-factor"
    assert ana.key
    assert browser.login == ""
    assert browser.get("/files/documents/anything.pdf").status_code == 401
    assert browser.get("/files/authenticator.svg").status_code == 401
    for form in ("/auth/factor/remove", "/auth/factor/begin", "/auth/passkeys/begin"):
        refused = browser.post(form, proof=PASSWORD)
        assert refused.headers["location"] == "/sign-in"
    assert second_factor.standing(ana.actor).has_app


def test_the_code_opens_everything(browser: Browser, ana: Enrolled) -> None:
    begin(browser)

    browser.post("/auth/second-factor", code="000000")
    assert browser.told("/second-factor") == "FACTOR_INVALID"
    answer = browser.post("/auth/second-factor", code=ana.code())

    assert answer.headers["location"] == "/"
    assert browser.login == KNOWN


def test_a_code_for_nobody_who_waits_is_refused(browser: Browser, ana: Enrolled) -> None:
    browser.post("/auth/second-factor", code=ana.code())

    assert browser.told("/second-factor") == "NOT_SIGNED_IN"


def test_an_app_is_set_up_by_forms_and_its_codes_travel_sealed(browser: Browser) -> None:
    begin(browser)
    browser.post("/auth/factor/begin", proof="wrong")
    assert browser.told("/account/verification") == "FACTOR_INVALID"
    browser.post("/auth/factor/begin", proof=PASSWORD)
    picture = browser.get("/files/authenticator.svg")
    found = actors.actor_of(browser.cookies[access.session_cookie()])
    assert found is not None
    key = second_factor.pending(found).key

    before = browser.cookies[access.session_cookie()]
    browser.post("/auth/factor/confirm", code=authenticators.code_at(key, clock.now()))

    assert picture.headers["content-type"] == "image/svg+xml"
    assert "no-store" in picture.headers["cache-control"]
    assert browser.told("/account/verification") == "FACTOR_ADDED"
    assert browser.cookies[access.session_cookie()] != before
    assert actors.actor_of(before) is None
    codes = second_factor.opened_codes(found, browser.cookies["portal_codes"])
    assert len(codes) == second_factor.RECOVERY_CODES
    assert not any(code in browser.cookies["portal_codes"] for code in codes)
    assert browser.get("/files/authenticator.svg").status_code == 404
    browser.post("/auth/factor/codes-kept")
    assert "portal_codes" not in browser.cookies


def test_a_passkey_is_made_and_signs_in(browser: Browser) -> None:
    device, visitor = Device(), Browser()
    begin(browser)
    begun = browser.post("/auth/passkeys/begin", proof=PASSWORD)
    browser.post("/auth/passkeys/add", credential=device.make(begun.json()))
    assert browser.told("/account/verification") == "PASSKEY_ADDED"

    asked = visitor.post("/auth/passkeys/challenge")
    answer = visitor.post("/auth/passkeys/sign-in", credential=device.use(asked.json()))

    assert answer.headers["location"] == "/"
    assert visitor.login == KNOWN
    with transaction(write=False) as session:
        assert session.scalars(select(col(PasskeyRow.name))).all() == ["Firefox · Linux"]


def test_a_passkey_is_the_second_factor_too_and_ends_what_waited(
    browser: Browser, ana: Enrolled
) -> None:
    assert ana.key
    owner, device = Browser(), Device()
    owner.cookies = {access.session_cookie(): ana.token}
    begun = owner.post("/auth/passkeys/begin", proof=PASSWORD)
    owner.post("/auth/passkeys/add", credential=device.make(begun.json()))
    begin(browser)
    waiting = browser.cookies[access.session_cookie()]

    asked = browser.post("/auth/passkeys/challenge")
    browser.post("/auth/passkeys/sign-in", credential=device.use(asked.json()))

    assert browser.login == KNOWN
    assert second_factor.waiting(waiting) is None


def test_a_form_whose_session_is_over_leads_to_signing_in(browser: Browser) -> None:
    answer = browser.post("/auth/passkeys/remove", passkey="1", proof=PASSWORD)

    assert answer.headers["location"] == "/sign-in"
    assert browser.told("/sign-in") == "NOT_SIGNED_IN"


def test_another_site_s_form_is_refused() -> None:
    async def ask() -> int:
        transport = httpx.ASGITransport(build())
        async with httpx.AsyncClient(transport=transport, base_url="http://portal") as http:
            headers = {"Origin": "http://elsewhere.example"}
            answer = await http.post("/auth/reset", data={"login": KNOWN}, headers=headers)
            return answer.status_code

    assert asyncio.run(ask()) == 403
    assert written() == []


def test_a_browser_is_known_again_by_its_cookie(browser: Browser) -> None:
    begin(browser)
    kept = browser.cookies["portal_device"]
    browser.post("/auth/sign-out")
    begin(browser)
    assert (browser.cookies["portal_device"], written()) == (kept, [])

    begin(Browser())

    assert written() == ["new_device"]


def test_under_https_no_other_host_sets_our_cookies(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_PUBLIC_URL", "https://portal")
    settings.cache_clear()

    answers = [
        browser.post("/auth/sign-in", login=KNOWN, password=PASSWORD),
        browser.post("/auth/code", login=KNOWN),
        browser.get(f"/r/{sent(Purpose.RESET)}"),
        browser.post("/auth/passkeys/challenge"),
    ]

    cookies = [c for answer in answers for c in answer.headers.get_list("set-cookie")]
    assert len(cookies) >= 6
    for cookie in cookies:
        assert cookie.startswith("__Host-portal_"), cookie
        assert "Secure" in cookie
        assert "HttpOnly" in cookie
        assert "Path=/" in cookie


def test_nobody_disabled_meanwhile_gets_in_by_a_link(browser: Browser) -> None:
    browser.get(f"/r/{sent(Purpose.RESET)}")
    with transaction() as session:
        session.execute(update(PortalUserRow).values(active=False))

    browser.post("/auth/new-password", wanted=WANTED)

    assert browser.told("/new-password") == "PROOF_INVALID"
