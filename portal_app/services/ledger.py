"""Verify: every entry sums to zero, every balance is the sum of its entries, no receipt is missing."""

from dataclasses import dataclass

from portal_app.db import companies, ledger, receipts
from portal_app.db.engine import Session, transaction
from portal_app.db.ledger import WrongRow


@dataclass(frozen=True, slots=True)
class LedgerReport:
    """What was looked at, and the first row found wrong."""

    documents: int
    entries: int
    first_wrong: WrongRow | None

    @property
    def ok(self) -> bool:
        return self.first_wrong is None


def verify() -> LedgerReport:
    """Prove the ledger of the whole installation, company by company. An operator's command."""
    documents = entries = 0
    with transaction(write=False) as session:
        for company in companies.list_ids(session):
            of_documents, of_entries = ledger.count(session, company)
            documents += of_documents
            entries += of_entries
            wrong = ledger.first_wrong(session, company) or _first_gap(session, company)
            if wrong is not None:
                return LedgerReport(documents, entries, wrong)
    return LedgerReport(documents, entries, None)


def _first_gap(session: Session, company: int) -> WrongRow | None:
    """A year's receipts that are fewer than the numbers that were taken for them."""
    gap = receipts.first_gap(session, company)
    return WrongRow("receipt_series", int(gap.series), gap.count, gap.taken) if gap else None
