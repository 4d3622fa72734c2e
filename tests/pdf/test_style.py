"""Text that fits its place."""

import re
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from reportlab.pdfbase.pdfmetrics import stringWidth

from portal_app.domain.money import Money
from portal_app.pdf import style
from portal_app.pdf.operators import Type, place

western = st.text(st.characters(codec="cp1252", exclude_categories=["Cc"]), max_size=60)


@given(text=st.text(max_size=60))
def test_whatever_is_said_has_letters(text: str) -> None:
    shown = style.printable(text)

    assert style.encoded(text).decode(style.LETTERS) == shown
    assert shown.isprintable()
    assert style.printable(shown) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ação nº 1 – € 2 “três”…", "Ação nº 1 – € 2 “três”…"),
        ("Łódź", "?ódz"),
        ("a\nb\tc\x00d\u00a0e\u00adf", "a b c d e f"),
        ("中\ud800", "??"),
        ("", ""),
    ],
)
def test_other_letters_lose_their_marks_or_become_a_question(text: str, shown: str) -> None:
    assert style.printable(text) == shown


@given(text=western, font=st.sampled_from([style.REGULAR, style.BOLD]))
def test_widths_are_those_of_the_font(text: str, font: str) -> None:
    shown = style.printable(text)

    assert style.units(style.encoded(text), font) == pytest.approx(stringWidth(shown, font, 1000))


@given(text=western, width=st.floats(3, 100), size=st.floats(5, 20))
def test_what_is_shortened_fits_and_begins_as_before(text: str, width: float, size: float) -> None:
    kept = style.shortened(text, style.REGULAR, size, width)

    shown = style.printable(text)
    if style.text_width(shown, style.REGULAR, size) <= width:
        assert kept == shown
    else:
        assert kept.endswith("…")
        assert shown.startswith(kept[:-1])
        assert style.text_width(kept, style.REGULAR, size) <= max(
            width, style.text_width("…", style.REGULAR, size)
        )


@given(text=western, width=st.floats(3, 100))
def test_a_fitting_size_is_no_larger_than_it_must_be(text: str, width: float) -> None:
    size = style.fitting_size(text, style.REGULAR, 8.0, width)

    assert size <= 8.0
    assert style.text_width(text, style.REGULAR, size) <= width + 1e-9


@given(
    text=western,
    room=st.floats(3, 100),
    least=st.sampled_from([0.0, 6.0]),
    narrow=st.sampled_from([1.0, 0.76]),
    align=st.sampled_from([0.0, 0.5, 1.0]),
)
def test_a_text_stays_in_its_place(
    text: str, room: float, least: float, narrow: float, align: float
) -> None:
    letters = style.encoded(text)
    assume(letters)
    put = place((100.0, 50.0), room, Type(size=8, least=least, narrow=narrow), align)

    set_ = re.fullmatch(
        rb"/F1 ([\d.]+) Tf ([\d.]+) 0 0 1 (-?[\d.]+) 141\.73 Tm\((.*)\)Tj\n",
        put(letters),
        re.DOTALL,
    )

    assert set_ is not None
    size, stretch, left = (float(number) for number in set_.groups()[:3])
    said = re.sub(rb"\\(.)", rb"\1", set_[4])
    width = style.units(said, style.REGULAR) * size * stretch / 1000 * 25.4 / 72
    start = left * 25.4 / 72
    assert size <= 8
    assert width <= room * 1.02 + 0.02 or said == style.encoded("…")
    assert start == pytest.approx(100 - align * width, abs=0.1)
    assert said == letters or (least and said.endswith(style.encoded("…")))


def test_nothing_said_writes_nothing() -> None:
    assert place((0, 0), 10, Type())(b"") == b""


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (style.money(Money(123456789, "BRL")), "R$ 1.234.567,89"),
        (style.money(Money(5, "EUR")), "€ 0,05"),
        (style.number(Money(-123456, "BRL")), "-1.234,56"),
        (style.day(date(2026, 3, 9)), "09/03/2026"),
        (style.day(None), ""),
        (style.tax_id("11144477735"), "111.444.777-35"),
        (style.tax_id("12ABC34501DE35"), "12.ABC.345/01DE-35"),
        (style.tax_id("500100144"), "500100144"),
    ],
)
def test_amounts_days_and_tax_ids_read_as_in_portuguese(said: str, shown: str) -> None:
    assert said == shown
