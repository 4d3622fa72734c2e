"""What Stripe never sent, over real HTTP: refused with 400, whatever it is, and nothing is kept.

Mutated, empty, far too long, no UTF-8, nested ten thousand deep; unsigned, signed by another, or
long ago. What the right secret signed, and is no event all the same, is refused as well: a broken
body is no excuse for a broken server.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import random
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from sqlalchemy import func, select
from sqlmodel import col

from portal_app.api.webhooks import LARGEST
from portal_app.db.engine import transaction
from portal_app.db.models import JobRow, ProviderEventRow
from portal_app.services import payments
from tests.company import actor
from tests.gateways.stripe_server import KEY, SECRET, StripeServer
from tests.proofs._figures import Figures, prove
from tests.proofs._place import Place
from tests.proofs._server import Caller, served, traces
from tests.proofs._town import Town

CALLS: Final = 500

_CALLERS: Final = 4
_OTHER: Final = "whsec_somebody_elses"
_LONG_AGO: Final = 3600
_DEEP: Final = 10_000
_RANDOM_BYTES: Final = 2_000


@dataclass(frozen=True, slots=True)
class BadCall:
    kind: str
    raw: bytes
    signature: str


def main(argv: Sequence[str]) -> bool:
    parser = ArgumentParser(prog="./portal prove bad-calls")
    parser.add_argument("--calls", type=int, default=CALLS)
    return prove(parser, argv, lambda place, told, seed: run(place, told.calls, seed))


def run(place: Place, calls: int, seed: int) -> Figures:
    began = time.monotonic()
    with StripeServer() as stripe:
        here = place.having(
            PORTAL_STRIPE_SECRET_KEY=KEY,
            PORTAL_STRIPE_WEBHOOK_SECRET=SECRET,
            PORTAL_STRIPE_API_BASE=stripe.base_url,
        )
        with here.entered():
            lots = random.Random(seed)
            good = _good_event(stripe, lots)
            with served(here) as port:
                bad = list(islice(bad_calls(good, lots), calls))
                answered = _answered(port, bad)
                wrong = _first_wrong(port, answered, good) or next(traces(here), "")
    counted = {
        "calls": len(bad),
        "kinds": dict(Counter(each.kind for each in bad)),
        "answers": {str(status): n for status, n in Counter(s for _, s in answered).items()},
        "seconds": round(time.monotonic() - began, 1),
    }
    return Figures("bad-calls", place.database, seed, wrong, counted)


def bad_calls(good: dict[str, Any], lots: random.Random) -> Iterator[BadCall]:
    """Made from a good event, each kind in turn, for ever."""
    while True:
        for kind, make in _KINDS.items():
            raw, signature = make(json.dumps(good).encode(), lots)
            yield BadCall(kind, raw, signature)


def _sign(raw: bytes, secret: str = SECRET, ago: int = 0) -> str:
    """As Stripe does, any bytes."""
    at = int(time.time()) - ago
    told = hmac.new(secret.encode(), f"{at}.".encode() + raw, hashlib.sha256).hexdigest()
    return f"t={at},v1={told}"


def _signed(raw: bytes) -> tuple[bytes, str]:
    return raw, _sign(raw)


def _flipped(raw: bytes, lots: random.Random) -> bytes:
    at = lots.randrange(len(raw))
    return raw[:at] + bytes([raw[at] ^ (1 << lots.randrange(8))]) + raw[at + 1 :]


def _forged(signature: str, lots: random.Random) -> str:
    """Still a header, and no signature of anything."""
    at = lots.randrange(len(signature))
    letter = lots.choice("0123456789abcdef,=v t".replace(signature[at], ""))
    forged = f"{signature[:at]}{letter}{signature[at + 1 :]}"
    return lots.choice(
        (forged, signature[:at], "", "t=,v1=", "v1=" * 50, f"t=1e9,{signature}", f"{signature}é")
    )


def _no_event(raw: bytes, lots: random.Random) -> bytes:
    """JSON of which something that makes an event an event is missing, or of another shape."""
    event = json.loads(raw)
    at, name = lots.choice(
        (
            (event, "object"),
            (event, "id"),
            (event, "type"),
            (event, "data"),
            (event["data"], "object"),
        )
    )
    strange = (None, 0, -1.5, True, [], {}, "", "\x00", "é", "x" * 300, [["evt_1"]])
    at[name] = lots.choice(strange)
    return json.dumps(event).encode()


def _deep(lots: random.Random) -> bytes:
    opening, closing = lots.choice((("[", "]"), ('{"a":', "}")))
    depth = lots.randint(_DEEP // 10, _DEEP)
    return (opening * depth + "1" + closing * lots.choice((0, depth))).encode()


def _no_text(lots: random.Random) -> bytes:
    return b"\xff\xfe" + lots.randbytes(lots.randrange(_RANDOM_BYTES))


_KINDS: Final[dict[str, Callable[[bytes, random.Random], tuple[bytes, str]]]] = {
    "a bit flipped": lambda raw, lots: (_flipped(raw, lots), _sign(raw)),
    "cut short": lambda raw, lots: (raw[: lots.randrange(len(raw))], _sign(raw)),
    "another signature": lambda raw, lots: (raw, _forged(_sign(raw), lots)),
    "another's secret": lambda raw, _: (raw, _sign(raw, _OTHER)),
    "signed long ago": lambda raw, _: (raw, _sign(raw, ago=_LONG_AGO)),
    "signed for later": lambda raw, _: (raw, _sign(raw, ago=-_LONG_AGO)),
    "unsigned": lambda raw, _: (raw, ""),
    "empty": lambda _raw, lots: lots.choice(((b"", ""), _signed(b""))),
    "too long": lambda raw, lots: _signed(raw + b" " * (LARGEST + lots.randrange(LARGEST))),
    "no text": lambda _, lots: _signed(_no_text(lots)),
    "no text, unsigned": lambda _, lots: (_no_text(lots), _sign(b"{}")),
    "deep": lambda _, lots: _signed(_deep(lots)),
    "deep, unsigned": lambda _, lots: (_deep(lots), _sign(b"{}")),
    "no event": lambda raw, lots: _signed(_no_event(raw, lots)),
    "no JSON": lambda raw, lots: _signed(raw[: lots.randrange(1, len(raw))]),
}


def _good_event(stripe: StripeServer, lots: random.Random) -> dict[str, Any]:
    """Of a payment that was paid, and not told yet."""
    town = Town()
    (selection,) = town.selections(town.in_reais[:1], lots)
    who = actor(selection.customer.name)
    shown = payments.quote(who, selection.documents)
    method = payments.ways(who, selection.documents).methods[0]
    started = payments.start(who, selection.documents, method, shown.total)
    stripe.pay(started.payment)
    return stripe.event("checkout.session.completed", started.payment)


def _answered(port: int, bad: Sequence[BadCall]) -> list[tuple[BadCall, int]]:
    with ThreadPoolExecutor(_CALLERS) as pool:
        parts = pool.map(lambda first: _post(port, bad[first::_CALLERS]), range(_CALLERS))
        return [answer for part in parts for answer in part]


def _post(port: int, bad: Sequence[BadCall]) -> list[tuple[BadCall, int]]:
    with closing(Caller(port)) as caller:
        return [(each, caller.post(each.raw, each.signature).status) for each in bad]


def _first_wrong(port: int, answered: Sequence[tuple[BadCall, int]], good: dict[str, Any]) -> str:
    """Anything but a 400, or a trace of it; the good event is still taken after all that."""
    for call, status in answered:
        if status != 400:
            return f"{call.kind} was answered {status}: {call.raw[:80]!r}, {call.signature[:80]!r}"
    kept = _kept()
    if kept != (0, 0):
        return f"of calls that were refused {kept} events and jobs are kept"
    raw = json.dumps(good).encode()
    with closing(Caller(port)) as caller:
        status = caller.post(raw, _sign(raw)).status
    if (status, _kept()) != (200, (1, 1)):
        return f"a good call was answered {status}, and {_kept()} events and jobs are kept"
    return ""


def _kept() -> tuple[int, int]:
    """Events, and jobs that ask about one."""
    asked = select(func.count()).select_from(JobRow).where(col(JobRow.key).contains("/event:"))
    with transaction(write=False) as session:
        events = session.execute(select(func.count()).select_from(ProviderEventRow)).scalar_one()
        return events, session.execute(asked).scalar_one()
