"""CNAB 400, the 400-position files that older agreements still bring: retornos read."""

from portal_app.files.cnab400.retorno import read_retorno

__all__ = ["read_retorno"]
