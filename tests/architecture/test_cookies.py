"""Cookies are set in one place, so that none is set without what protects it."""

import ast
from pathlib import Path

import pytest
from fastapi import Response

from portal_app.api import cookies
from portal_app.settings import ROOT, settings

_HOME = ROOT / "portal_app" / "api" / "cookies.py"
_SETTING = {"set_cookie", "delete_cookie"}


@pytest.mark.parametrize(
    "file",
    [file for file in sorted((ROOT / "portal_app").rglob("*.py")) if file != _HOME],
    ids=lambda file: str(file.relative_to(ROOT)),
)
def test_no_other_module_sets_a_cookie(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    set_here = [n for n in ast.walk(tree) if isinstance(n, ast.Attribute) and n.attr in _SETTING]

    assert not set_here, "portal_app/api/cookies.py: keep, drop"


@pytest.mark.parametrize("public_url", ["https://portal.example", "http://localhost:8000"])
def test_a_cookie_is_this_hosts_and_no_scripts(
    monkeypatch: pytest.MonkeyPatch, public_url: str
) -> None:
    monkeypatch.setenv("PORTAL_PUBLIC_URL", public_url)
    settings.cache_clear()
    answer = Response()

    cookies.keep(answer, "portal_x", "y", 60)
    cookies.drop(answer, "portal_x")

    for told in answer.headers.getlist("set-cookie"):
        assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(told.split("; "))
        assert "Domain" not in told
        assert told.startswith("__Host-portal_x=") == public_url.startswith("https")
        assert ("Secure" in told) == public_url.startswith("https")
