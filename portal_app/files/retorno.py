"""A retorno of either length: what its bank reports."""

from typing import BinaryIO

from portal_app.domain.errors import FormatNotSupported
from portal_app.files import cnab240, cnab400, source
from portal_app.files.reported import Retorno


def read(stream: BinaryIO) -> Retorno:
    """The facts of a CNAB 240 or 400 retorno, told from its content; InvalidFile if it is none."""
    kind = source.detect(source.opening(stream), "")
    if kind == "cnab240":
        return cnab240.read_retorno(source.lines(stream))
    if kind == "cnab400":
        return cnab400.read_retorno(source.lines(stream))
    raise FormatNotSupported(format=kind)
