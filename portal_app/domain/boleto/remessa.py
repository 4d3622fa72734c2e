"""What can be said of a title in a remessa."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portal_app.domain.boleto.order import Order, with_due
from portal_app.domain.errors import FieldMissing


class Movement(StrEnum):
    """CNAB 240's codes: entry of a title, request to withdraw it, another due date."""

    ENTRY = "01"
    WITHDRAW = "02"
    MOVE_DUE = "06"


@dataclass(frozen=True, slots=True)
class Instruction:
    """A movement and the title it is about; MOVE_DUE moves its due date to `due`."""

    movement: Movement
    order: Order
    due: date | None = None

    @property
    def stated(self) -> Order:
        """The title as the bank is told of it."""
        if self.movement is not Movement.MOVE_DUE:
            return self.order
        if self.due is None:
            raise FieldMissing(field="due_date")
        return with_due(self.order, self.due)
