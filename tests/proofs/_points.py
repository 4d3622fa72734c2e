"""Where a process may be killed between the charge and the e-mail, or on the way back, and what marks each place.

The product knows nothing of this: its functions are wrapped, in the process that is to die.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import Any, Final

from sqlalchemy import event
from sqlalchemy.orm import Session

from portal_app.db import jobs as stored_jobs
from portal_app.db import mails, payments, receipts, returns
from portal_app.domain.emails import RecipientState
from portal_app.gateways.demo import DemoGateway
from portal_app.services import incoming, jobs, mail, refunds

Reach = Callable[["Point"], None]
"""Called at each point; may not return."""

_WRITTEN: Final = "written"


class Point(StrEnum):
    FREEZING = "attempt frozen, not committed"
    FROZEN = "attempt committed, page not asked for"
    OPENING = "page about to be asked for"
    OPENED = "page opened, nothing stored"
    STORED = "page stored, customer not told"
    CHARGED = "charged, nobody told"
    CLAIMED = "job claimed"
    LOOKED = "report fetched, nothing taken"
    POSTING = "money posted, not committed"
    POSTED = "money committed"
    NUMBERED = "receipt number taken, nothing written"
    ISSUING = "receipt written, not committed"
    ISSUED = "receipt committed"
    MARKING = "mail marked as being sent, not committed"
    MARKED = "mail committed as being sent, not handed over"
    HANDED = "mail handed over, not settled"
    SETTLING = "mail settled, not committed"
    SETTLED = "mail settled"
    ASKING = "refund asked for, not committed"
    ASKED = "refund committed, not sent"
    SENDING = "refund about to be sent"
    SENT = "refund sent, nothing stored"
    TAKING = "refund taken, not committed"
    TAKEN = "refund taken"


def _always(*_: Any) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Call:
    """A function with a point right before it, right after it (unless it answers None), or both."""

    owner: Any
    name: str
    before: Point | None = None
    after: Point | None = None

    def wrapped(self, inner: Callable[..., Any], reach: Reach) -> Callable[..., Any]:
        @wraps(inner)
        def outer(*args: Any, **kwargs: Any) -> Any:
            if self.before:
                reach(self.before)
            answer = inner(*args, **kwargs)
            if self.after and answer is not None:
                reach(self.after)
            return answer

        return outer


@dataclass(frozen=True, slots=True)
class Write:
    """A function that writes in its caller's transaction: points around that one's commit."""

    owner: Any
    name: str
    before: Point | None
    after: Point
    counts: Callable[..., bool] = _always

    def wrapped(self, inner: Callable[..., Any], _reach: Reach) -> Callable[..., Any]:
        @wraps(inner)
        def outer(session: Session, *args: Any, **kwargs: Any) -> Any:
            answer = inner(session, *args, **kwargs)
            if self.counts(*args):
                session.info.setdefault(_WRITTEN, []).append(self)
            return answer

        return outer


def _is_open(_company: int, _payment: int, report: Any, *_: Any) -> bool:
    return bool(report.url)


def _becomes(wanted: RecipientState) -> Callable[..., bool]:
    return lambda _company, _recipient, state, *_: state is wanted


def _is_refund(_company: int, kind: str, *_: Any) -> bool:
    return kind == refunds.JOB


POINTS: Final[tuple[Call | Write, ...]] = (
    Write(payments, "add", Point.FREEZING, Point.FROZEN),
    Call(DemoGateway, "open", Point.OPENING, Point.OPENED),
    Write(payments, "note_checkout", None, Point.STORED, _is_open),
    Call(DemoGateway, "decide", after=Point.CHARGED),
    Call(jobs, "claim", after=Point.CLAIMED),
    Call(DemoGateway, "look", after=Point.LOOKED),
    Write(stored_jobs, "put", Point.ASKING, Point.ASKED, _is_refund),
    Call(DemoGateway, "refund", Point.SENDING, Point.SENT),
    Write(returns, "put_refund", Point.TAKING, Point.TAKEN),
    Write(incoming, "post", Point.POSTING, Point.POSTED),
    Call(receipts, "take_number", after=Point.NUMBERED),
    Write(receipts, "add", Point.ISSUING, Point.ISSUED),
    Write(mails, "move", Point.MARKING, Point.MARKED, _becomes(RecipientState.SENDING)),
    Call(mail, "hand_over", after=Point.HANDED),
    Write(mails, "move", Point.SETTLING, Point.SETTLED, _becomes(RecipientState.SENT)),
)


def watch(reach: Reach) -> None:
    """From now on this process tells of every point it comes to."""
    for each in POINTS:
        setattr(each.owner, each.name, each.wrapped(getattr(each.owner, each.name), reach))

    def committing(session: Session) -> None:
        for write in _written(session):
            if write.before:
                reach(write.before)

    def committed(session: Session) -> None:
        for write in _written(session):
            reach(write.after)

    event.listen(Session, "before_commit", committing)
    event.listen(Session, "after_commit", committed)


def _written(session: Session) -> Sequence[Write]:
    """By the transaction that ends; nothing at the end of a mere savepoint."""
    return () if session.in_nested_transaction() else session.info.get(_WRITTEN, ())
