"""What can be said of a title in a remessa."""

from enum import StrEnum


class Movement(StrEnum):
    """CNAB 240's codes: entry of a title, request to withdraw it, another due date."""

    ENTRY = "01"
    WITHDRAW = "02"
    MOVE_DUE = "06"
