"""New passwords: which others would try first, and which nobody would."""

import string
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_app import locales
from portal_app.domain.common_words import COMMON
from portal_app.domain.errors import PasswordCommon
from portal_app.domain.leaked_passwords import LEAKED, is_leaked
from portal_app.domain.passwords import ensure_uncommon

WORDS = ("ana.lima@nordeste.example", "Ána Beatriz Lima", "Nordeste Telecom", "Padaria Sol & Mar")
ALPHANUMERIC = string.ascii_letters + string.digits
# None of them in any list of passwords; nobody's names.
_DRAWN = """
abacaxi andaime barbante bigorna caldeira camurca cerrote dobradica escafandro farinha funil
gaveta girafa helice jangada ladrilho marreta moringa novelo ouvido parafuso peneira quiabo
rabanete sanfona tijolo torneira umbigo varanda xarope zabumba cedilha besouro cotovelo
"""


def is_taken(password: str, words: tuple[str, ...] = WORDS) -> bool:
    try:
        ensure_uncommon(password, words)
    except PasswordCommon:
        return False
    return True


@pytest.mark.parametrize(
    "password",
    [
        # What leaks and reports name, in English and in Portuguese.
        *("12345678910", "qwertyuiop", "1q2w3e4r5t", "password123", "iloveyou12", "1020304050"),
        *("flamengo123", "benfica1904", "brasil2026", "senha12345", "meuamor1234", "mudar12345"),
        *("deusefiel10", "gabriel2010", "saudade2020", "minhasenha", "Corinthians", "joaoemaria"),
        # Trivial variants.
        *("P@ssw0rd123", "Senha@2026", "#Welcome-2026!", "Brasil#2026", "Coração@2026"),
        *("ognemalf123", "senhasenha", "Verão2026!!", "FLAMENGO!!!!", "123mudar321"),
        # Rows of keys, repeats, dates.
        *("aaaaaaaaaa", "abcabcabcabc", "zaq12wsxcde", "9876543210", "10/05/1987", "a" * 200),
        # Leaked, though nothing shows it.
        *("vrbgqns997", "VRBGQNS997", "uqa9ebw445", "prewedpoka", "polinochka", "pikkunappi9c"),
        # The person, his login, his company, the customer, the product.
        *("ana.lima@nordeste.example", "ana.lima2026", "AnaBeatrizLima", "lima-beatriz-1"),
        *(
            "nordestetelecom",
            "Nordeste@2026",
            "telecom!!nordeste",
            "padaria.sol.mar",
            "n0rd3st3123",
        ),
        *("emdia-portal", "Em Dia 2026", "portal2026!"),
    ],
)
def test_what_others_would_try_first_is_refused(password: str) -> None:
    assert not is_taken(password)


@pytest.mark.parametrize(
    "password",
    [
        *(
            "cavalo grampo bateria certo",
            "correct horse battery staple",
            "tijolo-funil-girafa-quiabo",
        ),
        *("xK4#pz!9Qw", "vN8sTq2rLw7b", "8f14e45fceea167a", "0k7-Yw2m-Zq9h"),
        # A name beside something nobody guesses.
        *("Nordeste tijolo funil quiabo", "lima7#Gq9!xKpz"),
        # Of common words too, if they are four.
        *("amor praia gato chave", "sol lua mar flamengo"),
        # In another alphabet.
        *("лошадь скрепка батарея", "馬電池正確的釘書針大象"),
    ],
)
def test_what_nobody_would_guess_is_taken(password: str) -> None:
    assert is_taken(password)


def test_only_the_names_of_whom_it_is_for_count() -> None:
    assert not is_taken("padaria.sol.mar")
    assert is_taken("padaria.sol.mar", ("rui@example.com", "Rui Dias"))


def test_the_list_has_what_asvs_asks() -> None:
    """6.2.4: at least 3,000 that fit our rule."""
    assert len(LEAKED) >= 3_000
    assert is_leaked("porsche944")
    assert not is_leaked("tijolo-funil-girafa-quiabo")


@pytest.mark.parametrize("length", [10, 12, 16, 40, 72, 200])
def test_random_characters_are_taken(length: int) -> None:
    draw = Random(length)

    refused = [
        password
        for password in ("".join(draw.choices(ALPHANUMERIC, k=length)) for _ in range(300))
        if not is_taken(password)
    ]

    assert not refused


@given(
    st.lists(st.sampled_from(_DRAWN.split()), min_size=4, max_size=6, unique=True),
    st.sampled_from(" -."),
)
def test_four_words_drawn_at_random_are_taken(words: list[str], between: str) -> None:
    assert is_taken(between.join(words))


@given(st.sampled_from(COMMON), st.integers(0, 9999), st.sampled_from(["", "@", "#", "!", "-"]))
def test_a_common_word_with_a_number_is_refused(word: str, number: int, sign: str) -> None:
    assert not is_taken(f"{word.title()}{sign}{number}")


@given(st.text(max_size=250), st.lists(st.text(max_size=40), max_size=6))
def test_no_text_breaks_it(password: str, words: list[str]) -> None:
    is_taken(password, tuple(words))


@pytest.mark.parametrize(
    ("locale", "says"), [("pt_BR", "quatro palavras"), ("en", "four unrelated words")]
)
def test_the_refusal_says_what_to_do(locale: str, says: str) -> None:
    assert says in locales.refusal(PasswordCommon(field="password"), locale)
