"""CNAB 240, the 240-position files of collection: remessas read and written, retornos read."""

from portal_app.files.cnab240.remessa_read import Item, read

__all__ = ["Item", "read"]
