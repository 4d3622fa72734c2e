"""Claims jobs and runs them one after another: a thread of the app, or alone (`./portal worker`)."""

import logging
import signal
import threading
import time
import traceback
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from contextvars import copy_context
from types import FrameType
from typing import Final

from portal_app.domain.errors import StaleClaim, name_of
from portal_app.domain.jobs import LEASE
from portal_app.jobs.handlers import HANDLERS, Handler
from portal_app.jobs.schedule import SCHEDULE
from portal_app.services import jobs
from portal_app.services.jobs import Claim

STOPS_WITHIN: Final = 6.0

_RENEW_EVERY: Final = LEASE.total_seconds() / 3
_PLAN_EVERY: Final = 60.0
# A job put meanwhile is found within the longest wait, one already known at its time.
_SHORTEST_WAIT: Final = 0.05
_LONGEST_WAIT: Final = 0.5
_WAIT_AFTER_TROUBLE: Final = 5.0

_log = logging.getLogger(__name__)


class Runner:
    """One worker. Any number may run, here or on other machines: each job has one holder."""

    def __init__(
        self, handlers: Mapping[str, Handler] = HANDLERS, renew_every: float = _RENEW_EVERY
    ) -> None:
        self._handlers = handlers
        self._renew_every = renew_every
        self._planned_at: float | None = None

    def run_once(self) -> bool:
        """Run the next due job; False if there was none."""
        claimed = jobs.claim()
        if claimed is None:
            return False
        try:
            self._run(claimed)
        except StaleClaim:
            # The lease ran out and another worker has the job: what was done here is undone.
            _log.warning("job %d %s: somebody else has it now", claimed.id, claimed.kind)
        return True

    def run_forever(self, stop: threading.Event | None = None) -> None:
        """Run jobs until told to stop; the one in hand is finished first."""
        stop = stop or threading.Event()
        wait = _SHORTEST_WAIT
        while not stop.is_set():
            try:
                self._plan()
                busy = self.run_once()
                pause = 0.0 if busy else _pause(wait)
            except Exception as trouble:  # noqa: BLE001  the database may be back in a moment
                _log.error("the worker waits: %s", _without_facts(trouble))
                busy, pause = False, _WAIT_AFTER_TROUBLE
            wait = _SHORTEST_WAIT if busy else min(2 * wait, _LONGEST_WAIT)
            stop.wait(pause)

    def _run(self, claimed: Claim) -> None:
        started = time.monotonic()
        try:
            with _renewed(claimed, self._renew_every):
                self._handlers[claimed.kind](claimed)
        except StaleClaim:
            raise
        except Exception as error:  # noqa: BLE001  whatever a job does, it must not end the worker
            outcome = "given up" if jobs.fail(claimed, name_of(error)) else "failed"
            _log.error(
                "job %d %s: %s: %s", claimed.id, claimed.kind, outcome, _without_facts(error)
            )
        else:
            took = time.monotonic() - started
            _log.info("job %d %s: done in %.3f s", claimed.id, claimed.kind, took)

    def _plan(self) -> None:
        now = time.monotonic()
        if self._planned_at is None or now - self._planned_at >= _PLAN_EVERY:
            jobs.plan(SCHEDULE)
            self._planned_at = now


def run_forever() -> None:
    """The worker alone: until SIGTERM or SIGINT, finishing the job in hand."""
    stop = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        Runner().run_forever(stop)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def start_in_thread() -> Callable[[], None]:
    """Run jobs in a thread of this process. The answer stops it, waiting for the job in hand."""
    stop = threading.Event()
    thread = threading.Thread(target=Runner().run_forever, args=(stop,), name="jobs", daemon=True)
    thread.start()

    def end() -> None:
        stop.set()
        thread.join(STOPS_WITHIN)

    return end


@contextmanager
def _renewed(claimed: Claim, every: float) -> Generator[None]:
    """Keep the job ours while it runs longer than a lease."""
    finished = threading.Event()
    context = copy_context()
    helper = threading.Thread(
        target=lambda: context.run(_renew_until, finished, claimed, every),
        name=f"lease of job {claimed.id}",
        daemon=True,
    )
    helper.start()
    try:
        yield
    finally:
        finished.set()
        helper.join()


def _renew_until(finished: threading.Event, claimed: Claim, every: float) -> None:
    while not finished.wait(every):
        try:
            jobs.renew(claimed)
        except StaleClaim:
            # Finished this very moment, or taken by another: its own last step will tell.
            return
        except Exception as trouble:  # noqa: BLE001  the next renewal may still be in time
            _log.error("job %d: lease not renewed: %s", claimed.id, _without_facts(trouble))


def _pause(wait: float) -> float:
    until_next = jobs.seconds_to_next()
    return wait if until_next is None else max(_SHORTEST_WAIT, min(wait, until_next))


def _without_facts(error: Exception) -> str:
    """What and where, but not the message, which may hold somebody's data."""
    return f"{name_of(error)}\n{''.join(traceback.format_tb(error.__traceback__))}"
