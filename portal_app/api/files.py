"""PDFs and codes, for the session's owner only: whoever else asks finds nothing."""

import asyncio
from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Response

from portal_app.api.auth import opens_to
from portal_app.domain.documents import Period
from portal_app.domain.grants import Feature, OwnFeature, StaffFeature
from portal_app.services import (
    audit_search,
    documents,
    own_data,
    papers,
    receipts,
    second_factor,
)
from portal_app.services.actors import Actor
from portal_app.services.audit_search import Filter
from portal_app.services.rules import SECURING, granted, own, permitted

router = APIRouter(prefix="/files", include_in_schema=False)

Printing = Annotated[Actor, opens_to(granted(Feature.PRINT))]
Seeing = Annotated[Actor, opens_to(granted(Feature.SEE_DOCUMENTS))]
Securing = Annotated[Actor, opens_to(SECURING)]
Auditing = Annotated[Actor, opens_to(permitted(StaffFeature.SEE_AUDIT))]
Owning = Annotated[Actor, opens_to(own(OwnFeature.PRIVACY))]
Ids = Annotated[list[int] | None, Query(max_length=50)]
Abouts = Annotated[list[str] | None, Query(max_length=1000)]

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


def audit_filter(
    person: Ids = None,
    customer: Ids = None,
    about: Abouts = None,
    action: str = "",
    first: date | None = None,
    last: date | None = None,
) -> Filter:
    """The filter of an address; one with nothing in it asks for everything."""
    return Filter(
        people=None if person is None else tuple(person),
        action=action,
        customers=None if customer is None else tuple(customer),
        abouts=None if about is None else tuple(about),
        period=Period(first, last),
    )


@router.get("/audit.csv")
async def audit_csv(actor: Auditing, wanted: Annotated[Filter, Depends(audit_filter)]) -> Response:
    name, body = await asyncio.to_thread(audit_search.export, actor, wanted, actor.locale)
    return _attached(name, body, "text/csv; charset=utf-8")


@router.get("/my-data.zip")
async def my_data(actor: Owning) -> Response:
    name, body = await asyncio.to_thread(own_data.export, actor)
    return _attached(name, body, "application/zip")


def _svg(picture: bytes) -> Response:
    return Response(picture, media_type="image/svg+xml", headers=_PRIVATE)


def _pdf(name: str, body: bytes) -> Response:
    headers = {**_PRIVATE, "Content-Disposition": f'inline; filename="{name}"'}
    return Response(body, media_type="application/pdf", headers=headers)


def _attached(name: str, body: bytes, media_type: str) -> Response:
    headers = {**_PRIVATE, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, media_type=media_type, headers=headers)
