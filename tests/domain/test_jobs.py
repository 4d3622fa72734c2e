"""Back-off between failures, and when a person must look."""

from datetime import UTC, datetime, timedelta

from portal_app.domain.jobs import LEASE, MOST_FAILURES, lease_until, retry_at

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_each_failure_doubles_the_wait_up_to_a_quarter_of_an_hour() -> None:
    waits = [retry_at(NOW, failures) for failures in range(1, MOST_FAILURES)]

    assert [wait - NOW for wait in waits if wait] == [
        timedelta(seconds=seconds) for seconds in (5, 10, 20, 40, 80, 160, 320)
    ]


def test_after_the_eighth_failure_the_job_is_given_up() -> None:
    assert MOST_FAILURES == 8
    assert retry_at(NOW, MOST_FAILURES) is None
    assert retry_at(NOW, MOST_FAILURES + 1) is None


def test_a_lease_is_a_minute() -> None:
    assert timedelta(seconds=60) == LEASE
    assert lease_until(NOW) == NOW + timedelta(minutes=1)
