"""CNAB 240, the 240-position files of collection: remessas read and written, retornos read."""

from portal_app.files.cnab240.banks import Beneficiary
from portal_app.files.cnab240.remessa import checker, problems, write
from portal_app.files.cnab240.remessa_read import Item, read
from portal_app.files.cnab240.retorno import read_retorno

__all__ = [
    "Beneficiary",
    "Item",
    "checker",
    "problems",
    "read",
    "read_retorno",
    "write",
]
