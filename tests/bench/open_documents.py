"""The first page of the open documents, out of millions."""

from portal_app.domain.documents import OpenFilter
from portal_app.services import documents
from portal_app.services.actors import Actor
from tests.bench import _seeded

_FLOOR = _seeded.Plain(
    "bare covering-index query",
    "SELECT id, due_date, balance_cents FROM document "
    "WHERE company_id = ? AND customer_id = ? AND balance_cents > 0 AND NOT cancelled "
    "ORDER BY due_date, issue_date, sort_number, id LIMIT 50",
    lambda actor: (actor.company.id, actor.scope.customer),
)


def main(argv: list[str]) -> None:
    wanted = _seeded.options(argv, "open-documents")
    _seeded.compare("first page", wanted, _first_page, _FLOOR)


def _first_page(actor: Actor) -> object:
    return documents.list_open(actor, OpenFilter())
