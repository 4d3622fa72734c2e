"""Check and draw a file of published boleto examples: `./portal boleto verify` and `pdf`.

Its shape is that of tests/vectors/boleto.json. Nothing here touches a company's
rows, so there is no actor.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final, cast

from portal_app.domain.boleto.bank import Bank, Title
from portal_app.domain.boleto.banks import BANKS
from portal_app.domain.boleto.barcode import (
    codigo_de_barras,
    fator_vencimento,
    linha_digitavel,
    parse_linha,
    parts_of,
)
from portal_app.domain.boleto.check_digits import digits
from portal_app.domain.boleto.sheet import BoletoSheet, Party
from portal_app.domain.errors import (
    FieldMissing,
    InvalidDate,
    InvalidField,
    InvalidFile,
    PortalError,
    UnknownBank,
)
from portal_app.domain.money import Money
from portal_app.pdf.boleto import draw_boleto, write_boletos, write_carne

_COMPLETE: Final = "completo"
_CHECK_DIGITS_ONLY: Final = "so_dv"
# The id becomes a file name.
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_CONTRACT: Final = (
    *("agencia", "agencia_dv", "conta", "conta_dv", "convenio", "carteira", "modalidade"),
    *("variacao", "produto", "operacao", "emissao", "tipo_cobranca", "posto", "ano", "byte"),
    "seu_numero",
)
_PAYEE: Final = Party("Beneficiário de exemplo Ltda.", "11222333000181", ("Rua do Exemplo, 100",))
_PAYER: Final = Party("Pagador de exemplo", "11144477735", ("Rua do Pagador, 200",))


@dataclass(frozen=True, slots=True)
class Example:
    """One entry of the file, its shape checked, its values not yet."""

    id: str
    banco: str
    is_complete: bool
    entrada: Mapping[str, object]
    esperado: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Failure:
    """`found` is what was computed, or the code and details of the refusal."""

    id: str
    key: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """`passed` and `failed` count examples; one example may fail in several keys.

    `without_code` names the examples that state neither barcode nor line and so
    gave nothing to derive; they are among the passed.
    """

    passed: int
    failed: int
    failures: tuple[Failure, ...]
    without_code: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotDrawn:
    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class DrawReport:
    """`drawn` counts examples; one file may hold many."""

    files: tuple[Path, ...]
    drawn: int
    not_drawn: tuple[NotDrawn, ...]


def verify(path: Path) -> VerifyReport:
    """Compute every example; raise InvalidFile where the file itself cannot be read."""
    examples = _read(path)
    failures = {example.id: _failures(example) for example in examples}
    failed = sum(1 for found in failures.values() if found)
    return VerifyReport(
        passed=len(examples) - failed,
        failed=failed,
        failures=tuple(failure for found in failures.values() for failure in found),
        without_code=tuple(
            example.id
            for example in examples
            if not example.is_complete
            and not example.esperado.keys() & {"codigo_barras", "linha_digitavel"}
        ),
    )


def draw(path: Path, out_dir: Path, *, merged: bool = False, carne: bool = False) -> DrawReport:
    """Write `<id>.pdf` for each complete example with amount and due date.

    Or all of them in `boletos.pdf` (merged), in `carne.pdf` (carne), or in both.
    """
    sheets, not_drawn = _sheets(_read(path))
    files: list[Path] = []
    if sheets and merged:
        files.append(_written(out_dir / "boletos.pdf", partial(write_boletos, sheets.values())))
    if sheets and carne:
        files.append(_written(out_dir / "carne.pdf", partial(write_carne, sheets.values())))
    if not (merged or carne):
        for name, sheet in sheets.items():
            files.append(_written(out_dir / f"{name}.pdf", partial(_write_boleto, sheet)))
    return DrawReport(tuple(files), len(sheets), not_drawn)


def _sheets(examples: Sequence[Example]) -> tuple[dict[str, BoletoSheet], tuple[NotDrawn, ...]]:
    sheets: dict[str, BoletoSheet] = {}
    not_drawn: list[NotDrawn] = []
    for example in examples:
        try:
            sheets[example.id] = _sheet(example)
        except PortalError as refusal:
            not_drawn.append(NotDrawn(example.id, str(refusal)))
    return sheets, tuple(not_drawn)


def _written(file: Path, write: Callable[[BinaryIO], object]) -> Path:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("wb") as target:
            write(target)
    except OSError as error:
        raise InvalidFile(reason="out_dir_unusable") from error
    return file


def _write_boleto(sheet: BoletoSheet, target: BinaryIO) -> None:
    target.write(draw_boleto(sheet))


def _failures(example: Example) -> list[Failure]:
    return _complete_failures(example) if example.is_complete else _derived_failures(example)


def _complete_failures(example: Example) -> list[Failure]:
    if example.banco not in BANKS:
        return [Failure(example.id, "banco", example.banco, UnknownBank.code)]
    computed: dict[str, Callable[[], str]] = {
        "nosso_numero": lambda: _nosso_numero(example),
        "campo_livre": lambda: _bank(example).campo_livre(_title(example)),
        "codigo_barras": lambda: _barcode(example),
        "linha_digitavel": lambda: linha_digitavel(_barcode(example)),
    }
    return _differences(
        example, {key: computed.get(key, lambda: "") for key in example.esperado}, example.esperado
    )


def _derived_failures(example: Example) -> list[Failure]:
    """Derive again what the given code states: the bank's own rule is not known here."""
    stated = example.esperado
    barcode = stated.get("codigo_barras", "")
    if not barcode and "linha_digitavel" not in stated:
        return []
    try:
        barcode = barcode or parse_linha(stated["linha_digitavel"])
        parts = parts_of(barcode)
    except PortalError as refusal:
        return [Failure(example.id, "codigo_barras", barcode, str(refusal))]
    expected = {"banco": example.banco[:3]}
    computed: dict[str, Callable[[], str]] = {"banco": lambda: parts.bank}
    if "vencimento" in example.entrada:
        expected["fator"] = str(parts.fator)
        computed["fator"] = lambda: str(fator_vencimento(_due(example)))
    if "valor" in example.entrada:
        expected["valor"] = str(parts.cents)
        computed["valor"] = lambda: str(_amount(example).cents)
    if "linha_digitavel" in stated:
        expected["linha_digitavel"] = stated["linha_digitavel"]
        computed["linha_digitavel"] = lambda: linha_digitavel(barcode)
    if "campo_livre" in stated:
        expected["campo_livre"] = stated["campo_livre"]
        computed["campo_livre"] = lambda: parts.campo_livre
    return _differences(example, computed, expected)


def _differences(
    example: Example, computed: Mapping[str, Callable[[], str]], expected: Mapping[str, str]
) -> list[Failure]:
    found = {key: _outcome(compute) for key, compute in computed.items()}
    return [
        Failure(example.id, key, expected[key], value)
        for key, value in found.items()
        if value != expected[key]
    ]


def _outcome(compute: Callable[[], str]) -> str:
    try:
        return compute()
    except PortalError as refusal:
        return str(refusal)


def _nosso_numero(example: Example) -> str:
    """As expected where slips of the bank print it so, else as our own paper does."""
    bank, title = _bank(example), _title(example)
    expected = example.esperado["nosso_numero"]
    forms = {form(title) for form in bank.also_printed}
    return expected if expected in forms else bank.nosso_numero(title)


def _barcode(example: Example) -> str:
    # Not `barcode_of`: one published example is of R$ 0,00, which nobody may collect.
    fator, cents = fator_vencimento(_due(example)), _amount(example).cents
    return codigo_de_barras(
        example.banco, fator, cents, _bank(example).campo_livre(_title(example))
    )


def _sheet(example: Example) -> BoletoSheet:
    if not example.is_complete:
        raise InvalidField(field="nivel", value=_CHECK_DIGITS_ONLY)
    bank, title, due = _bank(example), _title(example), _due(example)
    return BoletoSheet(
        bank_code=bank.code,
        bank_dv=bank.dv,
        bank_name=bank.name,
        barcode=_barcode(example),
        payee=_PAYEE,
        payer=_PAYER,
        agencia_codigo=bank.agencia_codigo(title),
        nosso_numero=bank.nosso_numero(title),
        document_number=title.seu_numero or example.id,
        document_date=due,
        processing_date=due,
        due=due,
        amount=_amount(example),
        carteira=title.carteira,
        payment_place="Exemplo publicado: não pagar",
    )


def _bank(example: Example) -> Bank:
    if example.banco not in BANKS:
        raise UnknownBank(field="banco", value=example.banco)
    return BANKS[example.banco]


def _title(example: Example) -> Title:
    contract = {name: _text(example, name) for name in _CONTRACT}
    title = Title(
        sequence=int(digits("nosso_numero", _text(example, "nosso_numero"), 20)),
        parcela=int(digits("parcela", _text(example, "parcela") or "1", 3)),
        nn17=example.entrada.get("nn17") is True,
    )
    return replace(title, **contract)


def _due(example: Example) -> date:
    text = _text(example, "vencimento")
    if not text:
        raise FieldMissing(field="vencimento")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidDate(field="vencimento", value=text[:40]) from error


def _amount(example: Example) -> Money:
    text = _text(example, "valor")
    if not text:
        raise FieldMissing(field="valor")
    return Money.parse(text, "BRL", field="valor")


def _text(example: Example, name: str) -> str:
    """A field of `entrada`, empty where it is not there; a JSON number may have lost its zeros."""
    value = example.entrada.get(name, "")
    if not isinstance(value, str):
        raise InvalidField(field=name, value=str(value)[:40])
    return value


def _read(path: Path) -> list[Example]:
    try:
        content: object = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidFile(reason="unreadable") from error
    except UnicodeDecodeError as error:
        raise InvalidFile(reason="encoding") from error
    except json.JSONDecodeError as error:
        raise InvalidFile(reason="json", line=error.lineno) from error
    except (ValueError, RecursionError) as error:
        raise InvalidFile(reason="json") from error
    entries = _mapping(content, "root").get("vetores")
    if not isinstance(entries, list):
        raise InvalidFile(reason="vetores")
    examples = [
        _example(entry, number) for number, entry in enumerate(cast("list[object]", entries), 1)
    ]
    if len({example.id for example in examples}) < len(examples):
        raise InvalidFile(reason="id_repeated")
    return examples


def _example(entry: object, number: int) -> Example:
    fields = _mapping(entry, "entry", number)
    name, banco, nivel = fields.get("id"), fields.get("banco"), fields.get("nivel")
    if not isinstance(name, str) or not _ID.fullmatch(name):
        raise InvalidFile(reason="id", entry=number)
    if not isinstance(banco, str) or not banco:
        raise InvalidFile(reason="banco", entry=number)
    if nivel not in (_COMPLETE, _CHECK_DIGITS_ONLY):
        raise InvalidFile(reason="nivel", entry=number)
    esperado = _mapping(fields.get("esperado"), "esperado", number)
    if not esperado or not all(isinstance(value, str) for value in esperado.values()):
        raise InvalidFile(reason="esperado", entry=number)
    return Example(
        id=name,
        banco=banco,
        is_complete=nivel == _COMPLETE,
        entrada=_mapping(fields.get("entrada"), "entrada", number),
        esperado=cast("Mapping[str, str]", esperado),
    )


def _mapping(value: object, reason: str, number: int = 0) -> dict[str, object]:
    if not isinstance(value, dict):
        raise InvalidFile(reason=reason, **({"entry": number} if number else {}))
    return cast("dict[str, object]", value)
