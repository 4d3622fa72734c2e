"""The hand-over of an e-mail, said to real servers: what is taken, refused, put off, unknown."""

import socket
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from urllib.parse import quote

import pytest

from portal_app.domain.errors import MailOutcomeUnknown, MailUnavailable
from portal_app.gateways import mail
from portal_app.gateways.mail import Reply, hand_over
from tests.post_office import (
    PASSWORD,
    USER,
    PostOffice,
    certificate,
    only_with_password,
    open_office,
    read,
    use,
)

SENDER = "cobranca@norte.example"
ANA = "ana@example.com"
SIGNED_IN = f"{USER}:{quote(PASSWORD)}@"


def message(text: str = "Bom dia\n") -> EmailMessage:
    made = EmailMessage(policy=SMTP)
    made["From"] = SENDER
    # Only the envelope decides who gets it.
    made["To"] = "somebody.else@example.net"
    made["Subject"] = "Fatura"
    made["Message-ID"] = "<20261122150000.1.7@norte.example>"
    made.set_content(text)
    return made


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Iterator[PostOffice]:
    served = PostOffice()
    with open_office(served, monkeypatch):
        yield served


@contextmanager
def rude_server(monkeypatch: pytest.MonkeyPatch, *answers: bytes) -> Iterator[None]:
    """Says one thing after another whatever it hears, then hangs up."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as heard:
            for answer in answers[:-1]:
                connection.sendall(answer + b"\r\n")
                heard.readline()
            connection.sendall(answers[-1] + b"\r\n")
            connection.shutdown(socket.SHUT_WR)
            heard.read()

    thread = threading.Thread(target=serve)
    thread.start()
    use(monkeypatch, f"smtp://127.0.0.1:{listener.getsockname()[1]}")
    yield
    listener.close()
    thread.join(5)


def test_a_message_goes_to_the_address_alone(office: PostOffice) -> None:
    reply = hand_over(message(), SENDER, ANA)

    assert reply == Reply(taken=True, code="250 2.0.0")
    ((to, body),) = office.received
    assert to == ANA
    assert read(body)["Subject"] == "Fatura"


def test_lines_that_begin_with_a_dot_arrive_as_they_were(office: PostOffice) -> None:
    text = ".\n..\n.hidden\nMAIL FROM:<x@example.com>\n."

    hand_over(message(text), SENDER, ANA)

    (taken,) = office.messages()
    assert taken.get_content().splitlines() == text.splitlines()


def test_an_address_that_is_refused_for_good_gives_the_servers_code(office: PostOffice) -> None:
    office.refuses[ANA] = "550 5.1.1 ana@example.com: no such user here"

    assert hand_over(message(), SENDER, ANA) == Reply(taken=False, code="550 5.1.1")
    assert office.received == []


def test_a_message_that_is_refused_for_good_gives_the_servers_code(office: PostOffice) -> None:
    office.answers_data = "552 too big"

    assert hand_over(message(), SENDER, ANA) == Reply(taken=False, code="552")


def test_an_address_that_is_put_off_may_be_tried_again(office: PostOffice) -> None:
    office.puts_off[ANA] = 1

    with pytest.raises(MailUnavailable) as refused:
        hand_over(message(), SENDER, ANA)

    assert refused.value.details == {"reason": "451 4.7.1"}
    assert hand_over(message(), SENDER, ANA).taken
    assert len(office.received) == 1


def test_a_message_that_is_put_off_may_be_tried_again(office: PostOffice) -> None:
    office.answers_data = "452 4.3.1 disk full"

    with pytest.raises(MailUnavailable):
        hand_over(message(), SENDER, ANA)


@pytest.mark.parametrize("step", ["mail", "rcpt"])
def test_a_line_cut_before_the_message_may_be_tried_again(office: PostOffice, step: str) -> None:
    office.at = step

    with pytest.raises(MailUnavailable):
        hand_over(message(), SENDER, ANA)

    assert office.received == []


def test_a_line_cut_after_the_message_leaves_its_outcome_unknown(office: PostOffice) -> None:
    office.at = "data"

    with pytest.raises(MailOutcomeUnknown):
        hand_over(message(), SENDER, ANA)

    assert len(office.received) == 1


def test_a_server_that_never_answers_leaves_the_outcome_unknown(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.at = "silent"
    monkeypatch.setattr(mail, "TAKES_WITHIN", 0.3)

    with pytest.raises(MailOutcomeUnknown):
        hand_over(message(), SENDER, ANA)


@pytest.mark.parametrize("last", [(b"354 go on",), (b"354 go on", b"it is done")])
def test_no_answer_or_one_nobody_understands_leaves_the_outcome_unknown(
    monkeypatch: pytest.MonkeyPatch, last: tuple[bytes, ...]
) -> None:
    up_to_the_message = (b"220 hello", b"250 ok", b"250 ok", b"250 ok")

    with rude_server(monkeypatch, *up_to_the_message, *last), pytest.raises(MailOutcomeUnknown):
        hand_over(message(), SENDER, ANA)


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ((b"554 no service here",), "554"),
        ((b"220 hello", b"250 ok", b"421 4.3.2 closing"), "421 4.3.2"),
        ((b"220 hello", b"250 ok", b"550 5.7.1 sender not allowed"), "550 5.7.1"),
        ((b"220 hello", b"250 ok", b"250 ok", b"250 ok", b"451 later"), "451"),
        ((b"nonsense",), "SMTPConnectError"),
    ],
)
def test_whatever_goes_wrong_before_the_message_may_be_tried_again(
    monkeypatch: pytest.MonkeyPatch, answers: tuple[bytes, ...], reason: str
) -> None:
    with rude_server(monkeypatch, *answers), pytest.raises(MailUnavailable) as refused:
        hand_over(message(), SENDER, ANA)

    assert refused.value.details == {"reason": reason}


def test_a_server_that_is_not_there_may_be_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    use(monkeypatch, f"smtp://127.0.0.1:{port}")

    with pytest.raises(MailUnavailable) as refused:
        hand_over(message(), SENDER, ANA)

    assert refused.value.details == {"reason": "ConnectionRefusedError"}


def test_a_password_is_given_where_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    served = PostOffice()
    options = only_with_password(certificate(tmp_path, monkeypatch))
    with open_office(served, monkeypatch, **options) as port:
        with pytest.raises(MailUnavailable) as refused:
            hand_over(message(), SENDER, ANA)
        use(monkeypatch, f"smtp://{SIGNED_IN}127.0.0.1:{port}")

        assert hand_over(message(), SENDER, ANA).taken
    assert refused.value.details == {"reason": "530 5.7.0"}


def test_a_wrong_password_hands_nothing_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    served = PostOffice()
    options = only_with_password(certificate(tmp_path, monkeypatch))
    with open_office(served, monkeypatch, **options) as port:
        use(monkeypatch, f"smtp+starttls://{USER}:wrong@127.0.0.1:{port}")

        with pytest.raises(MailUnavailable) as refused:
            hand_over(message(), SENDER, ANA)

    assert refused.value.details == {"reason": "535 5.7.8"}


@pytest.mark.parametrize("scheme", ["smtp", "smtp+starttls"])
def test_the_line_is_encrypted_where_the_server_offers_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, scheme: str
) -> None:
    served = PostOffice()
    context = certificate(tmp_path, monkeypatch)
    with open_office(served, monkeypatch, tls_context=context) as port:
        use(monkeypatch, f"{scheme}://127.0.0.1:{port}")

        assert hand_over(message(), SENDER, ANA).taken
    assert served.encrypted == [True]


def test_a_certificate_for_another_name_is_not_trusted_where_encryption_was_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    served = PostOffice()
    context = certificate(tmp_path, monkeypatch, "mail.example")
    with open_office(served, monkeypatch, tls_context=context) as port:
        use(monkeypatch, f"smtp+starttls://127.0.0.1:{port}")

        with pytest.raises(MailUnavailable) as refused:
            hand_over(message(), SENDER, ANA)

    assert refused.value.details == {"reason": "SSLCertVerificationError"}
    assert served.received == []


def test_a_server_without_encryption_is_told_nothing_where_it_was_asked_for(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, mail.settings().smtp_url.get_secret_value().replace("smtp", "smtp+starttls"))

    with pytest.raises(MailUnavailable) as refused:
        hand_over(message(), SENDER, ANA)

    assert refused.value.details == {"reason": "SMTPNotSupportedError"}
    assert office.encrypted == []


def test_a_line_may_be_encrypted_from_its_first_byte(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    served = PostOffice()
    context = certificate(tmp_path, monkeypatch)
    with open_office(served, monkeypatch, ssl_context=context) as port:
        use(monkeypatch, f"smtps://127.0.0.1:{port}")

        assert hand_over(message(), SENDER, ANA).taken


def test_without_a_server_the_message_becomes_a_file_for_its_owner_alone(tmp_path: Path) -> None:
    for _ in range(2):
        assert hand_over(message(), SENDER, ANA) == Reply(taken=True)

    (file,) = (tmp_path / "var" / "outbox").iterdir()
    assert file.name == "20261122150000.1.7.eml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert read(file.read_bytes()).get_content().strip() == "Bom dia"


def test_a_file_that_cannot_be_written_may_be_tried_again(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "outbox").write_text("in the way")

    with pytest.raises(MailUnavailable) as refused:
        hand_over(message(), SENDER, ANA)

    assert refused.value.details == {"reason": "FileExistsError"}
