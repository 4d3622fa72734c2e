"""The whole analysis panel of the present month, out of millions of documents."""

from portal_app.domain.analysis import month_of
from portal_app.services import analysis
from portal_app.services.actors import Actor
from tests.bench import _seeded

_FLOOR = _seeded.Plain(
    "bare covering-index query",
    "SELECT count(*), sum(total_cents) FROM document "
    "WHERE company_id = ? AND customer_id = ? AND NOT cancelled",
    lambda actor: (actor.company.id, actor.scope.customer),
)


def main(argv: list[str]) -> None:
    _seeded.compare("panel", _seeded.options(argv, "analysis"), _panel, _FLOOR)


def _panel(actor: Actor) -> object:
    return analysis.panels(actor, month_of(actor.today))
