"""What a redirect wants the next page to say: a code and facts, in a short-lived cookie.

The routes that take people's forms write it, the page they redirect to reads it. Both sides
hold it for a claim of the browser's: it picks among our own sentences and does nothing else.
"""

import json
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, unquote

COOKIE: Final = "portal_flash"
SECONDS: Final = 60
_LONGEST_FACT: Final = 320


def write(page: str, code: str, facts: Mapping[str, object]) -> str:
    """The cookie's value: `code` is said on `page` only."""
    told = {name: str(value)[:_LONGEST_FACT] for name, value in facts.items()}
    return quote(json.dumps({**told, "code": code, "page": page}))


def read(cookie: str, page: str) -> dict[str, str]:
    """What is to be said on this page: 'code' and facts. Anything unreadable says nothing.

    >>> read(write("/sign-in", "SIGN_IN_FAILED", {}), "/sign-in")["code"]
    'SIGN_IN_FAILED'
    >>> read(write("/sign-in", "SIGN_IN_FAILED", {}), "/account")
    {}
    """
    try:
        said: object = json.loads(unquote(cookie))
    except ValueError:
        return {}
    if not isinstance(said, dict):
        return {}
    facts = {str(name): str(fact) for name, fact in said.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return facts if facts.get("page") == page else {}
