"""The numbers of titles beside those that some other program took, and what finding one costs."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from sqlalchemy import insert
from sqlmodel import col, select

from portal_app.db.engine import transaction
from portal_app.db.models import DocumentRow
from portal_app.domain.boleto.bank import Title, plain
from portal_app.domain.boleto.banks import BANKS
from portal_app.services import boletos
from tests.company import World, actor
from tests.services.test_second_copies import counted_queries


def imported(world: World, bank: str, convenio: str, numbers: Iterable[str]) -> None:
    """Titles that another program registered, by the numbers its file stated."""
    with transaction() as session:
        of_bia = col(DocumentRow.id) == world.documents["of_bia"]
        like = session.scalars(select(DocumentRow).where(of_bia)).one()
        row = like.model_dump(exclude={"id"}) | {"bank": bank, "convenio": convenio}
        named = (
            {"public_id": number, "number": number, "sort_number": number, "nosso_numero": number}
            for number in numbers
        )
        session.execute(insert(DocumentRow), [row | each for each in named])


def issue(world: World, document: str, bank: str) -> str:
    """A boleto for one document by that bank; its number as printed."""
    offer = boletos.offer(actor("ana"), [world.documents[document]])
    chosen = next(each for each in offer.banks if each.carteira == world.banks[bank])
    ids = [world.documents[document]]
    public_id = boletos.issue(actor("ana"), ids, chosen.carteira, chosen.total)
    return boletos.view(actor("ana"), public_id).nosso_numero


def of_bb(sequence: int) -> str:
    return f"2883147{sequence:010}"


def test_a_free_number_is_found_as_soon_beside_many_titles_as_beside_one(world: World) -> None:
    imported(world, "001", "2883147", [of_bb(1)])
    with counted_queries() as few:
        assert issue(world, "later", "001") == of_bb(2)

    imported(world, "001", "2883147", map(of_bb, range(3, 600)))
    with counted_queries() as many:
        assert issue(world, "soon", "001") == of_bb(600)

    assert len(many) == len(few)


def test_a_number_left_free_between_others_is_used(world: World) -> None:
    imported(world, "001", "2883147", map(of_bb, (1, 2, 3, 5, 6)))

    assert issue(world, "later", "001") == of_bb(4)
    assert issue(world, "soon", "001") == of_bb(7)


@pytest.mark.parametrize("rest", ["", "01014"])
def test_a_number_padded_by_another_program_is_taken(world: World, rest: str) -> None:
    title = Title(sequence=0, agencia="4117", convenio="1723445")
    printed = [BANKS["756"].nosso_numero(replace(title, sequence=n)) for n in range(1, 5)]
    stated = [plain(number).zfill(10 if rest else 8) + rest for number in printed[:3]]
    imported(world, "756", "001723445", stated)

    assert issue(world, "later", "756") == printed[3]
