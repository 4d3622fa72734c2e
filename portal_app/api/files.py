"""PDFs, for the session's owner only: whoever else asks finds nothing."""

import asyncio

from fastapi import APIRouter, Response

from portal_app.api.auth import SignedIn
from portal_app.services import documents, papers

router = APIRouter(prefix="/files", include_in_schema=False)


@router.get("/boletos/{payment}.pdf")
async def boleto_pdf(actor: SignedIn, payment: str) -> Response:
    return _pdf(*await asyncio.to_thread(papers.boleto_pdf, actor, payment))


@router.get("/titles/{document}.pdf")
async def title_pdf(actor: SignedIn, document: str) -> Response:
    return _pdf(*await asyncio.to_thread(papers.title_pdf, actor, document))


@router.get("/documents/{document}.pdf")
async def document_pdf(actor: SignedIn, document: str) -> Response:
    return _pdf(*await asyncio.to_thread(documents.pdf, actor, document))


def _pdf(name: str, body: bytes) -> Response:
    headers = {
        "Content-Disposition": f'inline; filename="{name}"',
        "Cache-Control": "private, no-store",
        "X-Robots-Tag": "noindex",
    }
    return Response(body, media_type="application/pdf", headers=headers)
