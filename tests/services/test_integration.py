"""Importing: what a file says becomes customers and documents once, or is named."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from portal_app import locales
from portal_app.db.engine import transaction
from portal_app.db.models import ContractRow, CustomerRow, DocumentRow
from portal_app.domain import errors
from portal_app.domain.errors import FileBroken, FormatNotSupported, InvalidFile, NotFound
from portal_app.services import integration, ledger
from portal_app.services.integration import ImportReport
from portal_app.settings import ROOT
from tests.company import World, together
from tests.files.remessa import Segments, content, lines, title

HEADER = "customer_code;customer_name;tax_id;type;series;number;issue_date;due_date;amount;contract"
GOOD = "C-1;Marina Alves;52998224725;FT;2026;41;2026-11-20;2026-12-15;100,00;900"
SAMPLES = [
    file
    for file in sorted((ROOT.parent / "shared" / "samples" / "cnab").glob("*-cnab240.rem"))
    if "correspondente" not in file.name
]


@pytest.fixture
def folder(world: World, tmp_path: Path) -> Path:
    """Where a test puts its files, the companies loaded."""
    return tmp_path


def remessa(folder: Path, *titles: Segments, bank: str = "001") -> Path:
    file = folder / "a.rem"
    file.write_bytes(content(lines(*titles, bank=bank)))
    return file


def table(folder: Path, *rows: str) -> Path:
    file = folder / "a.csv"
    file.write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    return file


def bring(file: Path, *, company: str = "norte", dry_run: bool = False) -> ImportReport:
    report = integration.import_file(company, file, None, dry_run=dry_run)
    assert isinstance(report, ImportReport)
    return report


def codes(report: ImportReport) -> list[tuple[int, str]]:
    return [(refused.line, refused.code) for refused in report.refused]


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return (
        report.created_customers,
        report.created_documents,
        report.updated,
        report.unchanged,
    )


def stored() -> tuple[int, int, int]:
    with transaction() as session:
        tables = (CustomerRow, DocumentRow, ContractRow)
        found = [session.execute(select(func.count()).select_from(t)).scalar_one() for t in tables]
    return found[0], found[1], found[2]


def document(number: str) -> DocumentRow:
    with transaction() as session:
        query = select(DocumentRow).where(col(DocumentRow.number) == number)
        return session.scalars(query).one()


def customer(code: str) -> CustomerRow:
    with transaction() as session:
        return session.scalars(select(CustomerRow).where(col(CustomerRow.code) == code)).one()


def test_a_title_becomes_a_customer_and_a_document_registered_elsewhere(folder: Path) -> None:
    report = bring(remessa(folder, title()))

    assert counts(report) == (1, 1, 0, 0)
    assert report.created == 1
    assert report.refused == report.warnings == ()
    found = document("1001")
    assert (found.type, found.series, found.bank) == ("TIT", "", "001")
    assert (found.convenio, found.nosso_numero) == ("2883147", "28831470000000101")
    assert found.registered_elsewhere
    assert (found.total_cents, found.balance_cents) == (12990, 12990)
    assert customer("52998224725").name == "MARINA ALVES"
    assert ledger.verify().ok


def test_a_row_becomes_a_document_that_may_be_ticked(folder: Path) -> None:
    report = bring(table(folder, GOOD))

    assert counts(report) == (1, 1, 0, 0)
    found = document("41")
    assert not found.registered_elsewhere
    assert found.contract_id is not None
    assert customer("C-1").tax_id_valid
    assert ledger.verify().ok


def test_importing_twice_changes_nothing(folder: Path) -> None:
    for file, created in ((remessa(folder, title()), 1), (table(folder, GOOD), 1)):
        assert bring(file).created == created
        before = stored()

        again = bring(file)

        assert counts(again) == (0, 0, 0, 1)
        assert again.refused == ()
        assert stored() == before


def test_the_same_line_twice_in_a_file_counts_once(folder: Path) -> None:
    assert counts(bring(table(folder, GOOD, GOOD))) == (1, 1, 0, 1)
    # The remessa knows the same customer's address.
    assert counts(bring(remessa(folder, title(), title()))) == (0, 1, 1, 1)


def test_a_dry_run_reports_the_same_and_keeps_nothing(folder: Path) -> None:
    file = table(folder, GOOD, GOOD.replace("41", "42").replace("100,00", "1.234"))
    before = stored()

    rehearsed = bring(file, dry_run=True)

    assert stored() == before
    assert rehearsed == bring(file)
    assert codes(rehearsed) == [(3, "AMOUNT_AMBIGUOUS")]


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("100,00", "100,01", "amount"),
        ("2026-12-15", "2026-12-16", "due_date"),
        ("2026-11-20", "2026-11-21", "issue_date"),
        ("C-1;", "C-2;", "customer_code"),
    ],
)
def test_a_file_never_alters_a_document(folder: Path, old: str, new: str, field: str) -> None:
    bring(table(folder, GOOD))
    before = stored()

    report = bring(table(folder, GOOD.replace(old, new)))

    assert codes(report) == [(2, "CONFLICTING_DOCUMENT")]
    assert report.refused[0].details == {"document": "FT 2026/41", "field": field}
    assert document("41").total_cents == 10000
    assert stored() == before


def test_a_title_whose_amount_changed_is_refused(folder: Path) -> None:
    bring(remessa(folder, title()))

    report = bring(remessa(folder, title({"amount": "13000"})))

    assert codes(report) == [(3, "CONFLICTING_DOCUMENT")]
    assert document("1001").total_cents == 12990


def test_a_refused_line_leaves_no_customer_behind(folder: Path) -> None:
    before = stored()

    report = bring(table(folder, GOOD.replace("2026-12-15", "31/02/2026"), GOOD + ";x"))

    assert codes(report) == [(2, "DATE_INVALID"), (3, "CELL_COUNT")]
    assert stored() == before


def test_a_broken_frame_leaves_nothing_behind(folder: Path) -> None:
    file = folder / "cut.rem"
    many = lines(*(title({"nosso_numero": str(n), "number": str(n)}) for n in range(1, 700)))
    file.write_bytes(content(many[:-1]))
    before = stored()

    with pytest.raises(FileBroken):
        bring(file)

    assert stored() == before


def test_many_titles_in_several_batches_balance(folder: Path) -> None:
    titles = [title({"nosso_numero": str(n), "number": str(n)}) for n in range(1, 1203)]

    report = bring(remessa(folder, *titles))

    assert counts(report) == (1, 1202, 0, 0)
    assert ledger.verify().ok


def test_a_bad_tax_id_is_kept_with_one_warning(folder: Path) -> None:
    bad = {"tax_id": "12345678901"}
    second = {"nosso_numero": "28831470000000102", "number": "1002"}

    report = bring(remessa(folder, title(payer=bad), title(second, bad)))

    assert [warning.code for warning in report.warnings] == ["TAX_ID_INVALID"]
    assert report.created_documents == 2
    assert not customer("12345678901").tax_id_valid


def test_a_wrong_tax_id_may_be_put_right_and_a_right_one_not_replaced(folder: Path) -> None:
    bring(table(folder, GOOD.replace("52998224725", "12345678901")))

    mended = bring(table(folder, GOOD))
    other = bring(table(folder, GOOD.replace("52998224725", "11144477735")))

    assert counts(mended) == (0, 0, 1, 1)
    assert codes(other) == [(2, "CONFLICTING_CUSTOMER")]
    assert (customer("C-1").tax_id, customer("C-1").tax_id_valid) == ("52998224725", True)


def test_new_facts_of_a_customer_are_taken_and_empty_ones_erase_nothing(folder: Path) -> None:
    bring(remessa(folder, title()))

    report = bring(remessa(folder, title(payer={"city": "OLINDA", "street": ""})))

    assert counts(report) == (0, 0, 1, 1)
    found = customer("52998224725")
    assert (found.city, found.street) == ("OLINDA", "RUA DO SOL 10")


def test_a_title_finds_the_customer_the_erp_named_otherwise(folder: Path) -> None:
    bring(table(folder, GOOD))

    report = bring(remessa(folder, title()))

    assert report.created_customers == 0
    assert document("1001").customer_id == customer("C-1").id


def test_a_title_known_from_the_erp_is_the_same_debt(folder: Path) -> None:
    row = ";Marina Alves;52998224725;TIT;;1001;2026-11-20;2026-12-15;129,90;"
    bring(table(folder, row))

    report = bring(remessa(folder, title()))

    assert report.created_documents == 0
    assert document("1001").registered_elsewhere
    assert document("1001").nosso_numero == "28831470000000101"
    assert counts(bring(remessa(folder, title()))) == (0, 0, 0, 1)


def test_two_titles_of_one_number_are_both_kept(folder: Path) -> None:
    second = title({"nosso_numero": "28831470000000102"})
    file = remessa(folder, title(), second)

    report = bring(file)

    assert report.created_documents == 2
    assert [warning.code for warning in report.warnings] == ["NUMBER_TAKEN"]
    assert document("1001/28831470000000102").registered_elsewhere
    assert counts(bring(file)) == (0, 0, 0, 2)


def test_a_contract_of_somebody_else_is_refused(folder: Path) -> None:
    report = bring(table(folder, GOOD.replace(";900", ";10482")))

    assert codes(report) == [(2, "CONFLICTING_DOCUMENT")]
    assert report.refused[0].details["field"] == "contract"


def test_credit_notes_and_receipts_keep_the_books_right(folder: Path) -> None:
    rows = (GOOD, GOOD.replace("FT", "NC"), GOOD.replace("FT", "RC"))

    assert bring(table(folder, *rows)).created_documents == 3

    assert ledger.verify().ok
    with transaction() as session:
        query = select(col(DocumentRow.balance_cents)).where(
            col(DocumentRow.number) == "41", col(DocumentRow.type) == "RC"
        )
        assert session.scalars(query).one() == 0


def test_companies_do_not_meet(folder: Path) -> None:
    row = GOOD.replace("52998224725", "")
    bring(table(folder, row))

    report = bring(table(folder, row.replace("100,00", "7,00")), company="sul")

    assert counts(report) == (1, 1, 0, 0)


def test_two_imports_at_once_count_once(folder: Path) -> None:
    file = remessa(folder, title(), title({"nosso_numero": "2", "number": "2"}))

    reports = together(2, lambda _: bring(file))

    found = [report for report in reports if isinstance(report, ImportReport)]
    assert sorted(counts(report) for report in found) == [(0, 0, 0, 2), (1, 2, 0, 0)]


def test_a_remessa_into_a_company_in_euros_is_refused(folder: Path) -> None:
    with pytest.raises(InvalidFile) as refused:
        bring(remessa(folder, title()), company="sul")
    assert refused.value.details["reason"] == "currency"


def test_an_unknown_company_is_refused(folder: Path) -> None:
    with pytest.raises(NotFound):
        bring(table(folder, GOOD), company="leste")


@pytest.mark.parametrize("format_", ["cnab400", "saft-pt", "xlsx"])
def test_what_is_not_built_says_so(folder: Path, format_: str) -> None:
    with pytest.raises(FormatNotSupported):
        integration.import_file("norte", table(folder, GOOD), format_)


@pytest.mark.parametrize(
    ("name", "customers", "documents"),
    [("remessa-nordeste.rem", 6, 8), ("documentos.csv", 2, 10)],
)
def test_our_examples_are_taken_whole(
    world: World, name: str, customers: int, documents: int
) -> None:
    file = ROOT / "examples" / name

    report = bring(file)

    assert counts(report) == (customers, documents, 0, 0)
    assert report.refused == report.warnings == ()
    assert counts(bring(file)) == (0, 0, 0, documents)
    assert ledger.verify().ok


@pytest.mark.parametrize("files", [SAMPLES] if SAMPLES else [], ids=["all"])
def test_remessas_of_other_programs_become_documents_once(
    world: World, files: Sequence[Path]
) -> None:
    first = [bring(file) for file in files]
    again = [bring(file) for file in files]

    assert [report.created for report in first] == [1] * len(files)
    assert [report.unchanged for report in again] == [1] * len(files)
    assert all(report.refused == () for report in first + again)
    assert ledger.verify().ok


def test_every_code_of_a_line_has_its_sentence() -> None:
    kinds = [errors.InvalidLine, errors.InvalidFile, errors.LineNotice, errors.InvalidField]
    for kind in kinds:  # grows while it is walked: the whole tree
        kinds.extend(kind.__subclasses__())

    missing = {
        (kind.code, locale)
        for kind in (*kinds, errors.ConflictingDocument, errors.ConflictingCustomer)
        for locale in locales.COMPLETE
        if not locales.has(kind.code, locale)
    }

    assert missing == set()
