"""Who is billed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Customer:
    """Who is billed. `address` is street, district, city, state, postcode as far as known."""

    id: int
    code: str
    name: str
    tax_id: str
    tax_id_valid: bool
    email: str
    phone: str
    street: str
    district: str
    city: str
    state: str
    postcode: str
    contracts: tuple[str, ...] = ()
