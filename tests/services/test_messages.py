"""The message itself: whatever names hold, its headers say one sender, one address, one line."""

from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from portal_app.domain.companies import Company, Contact
from portal_app.domain.customers import Customer
from portal_app.domain.documents import Document, DocumentType
from portal_app.domain.emails import Mail, MailKind, Recipient, RecipientState
from portal_app.domain.money import Money
from portal_app.domain.selection import QuoteItem
from portal_app.pdf.document import DocumentPaper
from portal_app.services.enclosures import Enclosure
from portal_app.services.messages import Outgoing, message_of
from tests.company import NOW, TODAY
from tests.domain.test_emails import ADDRESSES
from tests.post_office import attachment, plain_text, read

COMPANY = Company(
    id=1,
    slug="aguas",
    name="Águas, Luz & Cia. Ltda.",
    tax_id="12345678000195",
    country="BR",
    currency="BRL",
    zone="America/Recife",
    locale="pt_BR",
    address="Rua da Aurora, 1200",
    contact=Contact("Cobrança", "contas@aguas.example", "(81) 3030-1200"),
)
ANA = Customer(
    id=1,
    code="1",
    name="Ana <Lima> & Filhos",
    tax_id="10020030169",
    tax_id_valid=True,
    email="",
    phone="",
    street="",
    district="",
    city="",
    state="",
    postcode="",
)
BALANCE = Money(12990, "BRL")
DOCUMENT = Document(
    id=1,
    public_id="d1",
    customer=1,
    type=DocumentType.FT,
    number="FT 2026/1841",
    description="",
    issued=TODAY,
    due=date(2026, 12, 10),
    total=BALANCE,
    balance=BALANCE,
)
ZERO = Money(0, "BRL")
ENCLOSURE = Enclosure(
    paper=DocumentPaper(
        COMPANY, ANA, DOCUMENT, QuoteItem(1, DOCUMENT.number, BALANCE, ZERO, ZERO), TODAY, "pt_BR"
    ),
    file_name="FT-2026-1841.pdf",
    numbers=("FT 2026/1841",),
    amount=BALANCE,
    due=DOCUMENT.due,
    link="https://portal.example/pay/p1",
)
OUTGOING = Outgoing(
    recipient=Recipient(
        7,
        Mail(3, 1, MailKind.DOCUMENT, "document:1", "pt_BR", "user:1", NOW),
        "ana@example.com",
        RecipientState.QUEUED,
    ),
    company=COMPANY,
    customer=ANA,
    sender="contas@aguas.example",
    enclosure=ENCLOSURE,
)
NAMES = st.text(max_size=120) | st.sampled_from(
    ["a\r\nBcc: x@example.com", "x@example.com, y", '"', "=?utf-8?q?=0d=0aBcc:?=", "Ação, " * 20]
)


def test_said_again_it_is_the_same_message_from_the_same_sender() -> None:
    first, again = (read(message_of(OUTGOING, NOW).as_bytes()) for _ in range(2))

    assert first["Message-ID"] == again["Message-ID"] == "<20261122150000.3.7@aguas.example>"
    assert str(first["From"]) == '"Águas, Luz & Cia. Ltda." <contas@aguas.example>'
    assert attachment(first)[0] == "FT-2026-1841.pdf"


def test_names_are_words_in_the_html_and_never_elements() -> None:
    html = message_of(OUTGOING, NOW).get_body(("html",))

    assert html is not None
    assert "Ana &lt;Lima&gt; &amp; Filhos" in html.get_content()
    assert "<Lima>" not in html.get_content()


def test_a_long_list_of_documents_is_cut_short_in_words() -> None:
    many = replace(ENCLOSURE, numbers=tuple(f"FT 2026/{number}" for number in range(500)))

    text = plain_text(message_of(replace(OUTGOING, enclosure=many), NOW))

    assert "FT 2026/11 e mais 488" in text
    assert "FT 2026/12" not in text


def test_every_line_fits_a_mail_server() -> None:
    """RFC 5321 § 4.5.3.1.6: 1,000 octets with its end."""
    long = replace(ENCLOSURE, pix="0" * 2000, numbers=("FT " + "9" * 2000,))

    sent = message_of(replace(OUTGOING, enclosure=long), NOW).as_bytes()

    assert max(map(len, sent.split(b"\r\n"))) <= 998
    assert sent.isascii()


@settings(max_examples=60, deadline=None)
@given(name=NAMES, person=NAMES, number=NAMES, address=ADDRESSES, sender=ADDRESSES)
def test_no_name_becomes_a_header_or_an_address(
    name: str, person: str, number: str, address: str, sender: str
) -> None:
    outgoing = replace(
        OUTGOING,
        company=replace(COMPANY, name=name, contact=replace(COMPANY.contact, name=person)),
        customer=replace(ANA, name=person),
        sender=sender,
        recipient=replace(OUTGOING.recipient, address=address),
        enclosure=replace(ENCLOSURE, numbers=(number,)),
    )

    message = read(message_of(outgoing, NOW).as_bytes())

    assert [each.addr_spec for each in message["From"].addresses] == [sender]
    assert [each.addr_spec for each in message["To"].addresses] == [address]
    assert [each.addr_spec for each in message["Reply-To"].addresses] == ["contas@aguas.example"]
    assert sorted(message.keys()) == sorted(
        [
            *("From", "To", "Reply-To", "Date", "Message-ID", "Auto-Submitted", "Subject"),
            *("MIME-Version", "Content-Type"),
        ]
    )
    assert str(message["Subject"]).isprintable()
