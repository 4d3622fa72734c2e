"""PDFs and codes, for the session's owner only: whoever else asks finds nothing."""

import asyncio
from typing import Annotated, Final

from fastapi import APIRouter, Response

from portal_app.api.auth import opens_to
from portal_app.domain.grants import Feature
from portal_app.services import documents, papers, receipts, second_factor
from portal_app.services.actors import Actor
from portal_app.services.rules import SECURING, granted

router = APIRouter(prefix="/files", include_in_schema=False)

Printing = Annotated[Actor, opens_to(granted(Feature.PRINT))]
Seeing = Annotated[Actor, opens_to(granted(Feature.SEE_DOCUMENTS))]
Securing = Annotated[Actor, opens_to(SECURING)]

_PRIVATE: Final = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex"}


@router.get("/boletos/{payment}.pdf")
async def boleto_pdf(actor: Printing, payment: str) -> Response:
    return _pdf(*await asyncio.to_thread(papers.boleto_pdf, actor, payment))


@router.get("/titles/{document}.pdf")
async def title_pdf(actor: Printing, document: str) -> Response:
    return _pdf(*await asyncio.to_thread(papers.title_pdf, actor, document))


@router.get("/documents/{document}.pdf")
async def document_pdf(actor: Printing, document: str) -> Response:
    return _pdf(*await asyncio.to_thread(documents.pdf, actor, document))


@router.get("/receipts/{receipt}.pdf")
async def receipt_pdf(actor: Printing, receipt: str) -> Response:
    return _pdf(*await asyncio.to_thread(receipts.pdf, actor, receipt))


@router.get("/boletos/{payment}/pix.svg")
async def boleto_pix(actor: Seeing, payment: str) -> Response:
    return _svg(await asyncio.to_thread(papers.pix_picture, actor, payment))


@router.get("/payments/{payment}/pix.svg")
async def payment_pix(actor: Seeing, payment: str) -> Response:
    return _svg(await asyncio.to_thread(papers.checkout_pix, actor, payment))


@router.get("/authenticator.svg")
async def authenticator(actor: Securing) -> Response:
    """The QR code of the app one is about to confirm; nothing once it is."""
    return _svg(await asyncio.to_thread(second_factor.picture, actor))


def _svg(picture: bytes) -> Response:
    return Response(picture, media_type="image/svg+xml", headers=_PRIVATE)


def _pdf(name: str, body: bytes) -> Response:
    headers = {**_PRIVATE, "Content-Disposition": f'inline; filename="{name}"'}
    return Response(body, media_type="application/pdf", headers=headers)
