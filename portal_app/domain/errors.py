"""Every refusal the portal can make, as one tree with stable codes.

PortalError
├── InvalidInput            the request itself is wrong; nothing was done
│   ├── FieldsInvalid       several fields of a form at once
│   ├── InvalidField        a value that cannot be what it claims to be
│   │   ├── FieldMissing · FieldTooLong · FieldNotNumeric
│   │   ├── InvalidAmount · InvalidDate · InvalidAddress
│   │   │   └── AmountNotPositive · AmountTooLarge · AmountAmbiguous
│   │   ├── InvalidRecipient  one of the addresses an e-mail is to go to
│   │   ├── PasswordCommon    a new password that others try first
│   │   ├── UnknownBank · UnknownCarteira
│   │   └── UnknownType · UnknownCurrency
│   ├── InvalidPeriod
│   ├── InvalidBarcode      a linha digitável or barcode whose check digits fail
│   ├── InvalidPix          a BR Code that is none, or whose CRC fails
│   ├── EventInvalid        a provider's call that it did not sign, or nobody can read
│   ├── InvalidLine         a line of a file; the others are read all the same
│   │   ├── LineCut · LineTooLong · LineUnreadable · CellCount · CountMismatch
│   │   ├── RecordUnknown · SegmentUnknown · SegmentWithoutTitle · SegmentAlone
│   │   ├── OtherBank · OtherLote · OutOfOrder
│   │   ├── MovementNotImported · PayerMissing · TitleIncomplete
│   │   └── AccountUnknown · AccountAmbiguous
│   └── InvalidFile         a file refused whole
│       └── FileHeaderMissing · FileBroken · FormatNotSupported
├── NotFound                never was, or is somebody else's: the same answer
├── NotGranted              the company has not opened this feature to the customer
├── NotSignedIn
│   ├── SignInFailed · SignInDelayed
│   ├── LinkInvalid · ProofInvalid · FactorInvalid · PasskeyInvalid
│   └── AssuranceTooLow     a link session asked for what needs a password
├── LineNotice              read and kept, yet somebody should look at it: a warning
│   ├── TaxIdInvalid · DueDateMissing · IssueDateMissing
│   ├── SegmentIgnored · AbatementIgnored · NumberTaken · OtherBeneficiary
│   ├── OwnDataKept
│   └── MovementUnknown · TitleUnknown · RecordIgnored
├── Unreachable             the world outside did not take what was said, or nobody knows
│   ├── BankUnavailable · BankAnswerUnreadable · BankAccessDenied
│   ├── ProviderUnavailable · ProviderAccessDenied
│   └── MailUnavailable · MailOutcomeUnknown
└── Conflict                the request is sound, the state of things forbids it
    ├── ConflictingDocument · ConflictingCustomer
    ├── NothingSelected · TooManyDocuments · MixedCurrencies
    ├── NotPayable · InAttempt · QuoteChanged
    ├── SeparatePayments · NoActiveBank · MethodUnavailable
    ├── PayerIncomplete · BoletoHeldBack · TooManyMails · MailNotConfigured
    ├── NumberingExhausted  the convênio has no nosso número left
    ├── NumberUsed          a nosso número would be given a second time
    ├── AccountHasTitles    its boletos would be looked for under another bank or convênio
    ├── NotOverdue · NotSupported · OrderRefused
    ├── ProviderRefused · PaymentStillOpen · AlreadyPaid
    ├── NotRefundable · RefundUnderWay · RefundChanged
    ├── SealBroken          sealed with a key the portal no longer has
    ├── NotYourself · LastManager · LastOwner · UserExists · TooManyPeople
    ├── OwnFactorMissing · KeepsLess  somebody has yet to confirm what it does
    ├── NotYourself · OwnFactorMissing · LastManager · LastOwner · UserExists · TooManyPeople
    ├── NameTaken · RoleInUse
    ├── GrantChangedMeanwhile · ContactChangedMeanwhile · TooManyCustomers
    ├── IllegalMove         a state that cannot follow the present one
    ├── StaleClaim          a job finished by a worker that no longer holds it
    ├── TooSoon             somebody asks for the same again within a minute
    └── UnbalancedEntry     a journal entry whose lines do not sum to zero

A class says what happened (`code`, stable for ever) and the safe facts
(`details`); it holds no sentence (`ui/texts.py`) and no HTTP status
(`api/errors.py`).
"""

from __future__ import annotations

from typing import ClassVar, cast


class PortalError(Exception):
    """A refusal. `details` hold only what the asker may read."""

    code: ClassVar[str] = "PORTAL_ERROR"

    def __init__(self, **details: object) -> None:
        super().__init__(self.code)
        self.details = details

    def __str__(self) -> str:
        facts = ", ".join(f"{name}={value!r}" for name, value in self.details.items())
        return f"{self.code}({facts})" if facts else self.code


def name_of(error: BaseException) -> str:
    """The code of a refusal, else the class: what went wrong, without anybody's data."""
    return error.code if isinstance(error, PortalError) else type(error).__name__


class InvalidInput(PortalError):
    code = "INVALID_INPUT"


class InvalidField(InvalidInput):
    """`details`: field, and value where it is safe to repeat."""

    code = "FIELD_INVALID"


class FieldsInvalid(InvalidInput):
    """All that is wrong with a form. `details`: refused, an InvalidField for each of its fields."""

    code = "FIELDS_INVALID"

    @property
    def refused(self) -> tuple[InvalidField, ...]:
        return cast("tuple[InvalidField, ...]", self.details["refused"])


class FieldMissing(InvalidField):
    code = "FIELD_MISSING"


class FieldTooLong(InvalidField):
    """`details`: field, longest (the number of characters it holds)."""

    code = "FIELD_TOO_LONG"


class FieldNotNumeric(InvalidField):
    code = "FIELD_NOT_NUMERIC"


class InvalidAmount(InvalidField):
    code = "AMOUNT_INVALID"


class AmountNotPositive(InvalidAmount):
    code = "AMOUNT_NOT_POSITIVE"


class AmountTooLarge(InvalidAmount):
    """`details`: field, most (Money)."""

    code = "AMOUNT_TOO_LARGE"


class AmountAmbiguous(InvalidAmount):
    """'1.234' is either a thousand or three decimals."""

    code = "AMOUNT_AMBIGUOUS"


class InvalidDate(InvalidField):
    code = "DATE_INVALID"


class InvalidAddress(InvalidField):
    """An e-mail address that is not exactly one address."""

    code = "ADDRESS_INVALID"


class InvalidRecipient(InvalidField):
    """`details`: field (`recipient_1` …), reason.

    `missing`, `malformed`, `several` (two in one field), `repeated`, `too_many`.
    """

    code = "RECIPIENT_INVALID"


class PasswordCommon(InvalidField):
    """Among the commonest, or made of whose it is and where he uses it. `details`: field."""

    code = "PASSWORD_COMMON"


class UnknownBank(InvalidField):
    code = "BANK_UNKNOWN"


class UnknownCarteira(InvalidField):
    code = "CARTEIRA_UNKNOWN"


class UnknownType(InvalidField):
    code = "TYPE_UNKNOWN"


class UnknownCurrency(InvalidField):
    code = "CURRENCY_UNKNOWN"


class InvalidPeriod(InvalidInput):
    """The first day comes after the last. `details`: first, last."""

    code = "PERIOD_REVERSED"


class InvalidBarcode(InvalidInput):
    """`details`: reason.

    `length`, `digits`, `field_1` … `field_3`, `general`, `arrecadacao`; or `bank`, `due`,
    `amount` where a paper would say something else than its code.
    """

    code = "BARCODE_INVALID"


class InvalidPix(InvalidInput):
    """`details`: reason (`crc`, `length`, `order`, `field`, `gui`), field where there is one."""

    code = "PIX_INVALID"


class EventInvalid(InvalidInput):
    """`details`: reason (`signature`, `body`)."""

    code = "EVENT_INVALID"


class InvalidFile(InvalidInput):
    """A file refused whole. `details`: reason, line where there is one."""

    code = "FILE_INVALID"


class FileHeaderMissing(InvalidFile):
    """`details`: line; reason `columns` and missing (their names) where it is about a CSV's."""

    code = "FILE_HEADER_MISSING"


class FileBroken(InvalidFile):
    """A bank file whose frame of headers and trailers does not hold.

    `details`: reason (`lote_header`, `lote_trailer`, `file_trailer`, `after_trailer`,
    `cut`, `bank`), line.
    """

    code = "FILE_BROKEN"


class FormatNotSupported(InvalidFile):
    """`details`: format."""

    code = "FORMAT_NOT_SUPPORTED"


class InvalidLine(InvalidInput):
    """A line of a file that was not understood; nothing of it was kept."""

    code = "LINE_INVALID"


class AccountUnknown(InvalidLine):
    """A bank's file is about an account that is not registered. `details`: bank, agreement."""

    code = "ACCOUNT_UNKNOWN"


class AccountAmbiguous(InvalidLine):
    """... or about one of several of that name. `details`: bank, agreement."""

    code = "ACCOUNT_AMBIGUOUS"


class LineCut(InvalidLine):
    """`details`: length, expected."""

    code = "LINE_CUT"


class LineTooLong(InvalidLine):
    """`details`: expected."""

    code = "LINE_TOO_LONG"


class LineUnreadable(InvalidLine):
    """Control characters, or quotes that are never closed."""

    code = "LINE_UNREADABLE"


class CellCount(InvalidLine):
    """`details`: found, expected."""

    code = "CELL_COUNT"


class CountMismatch(InvalidLine):
    """A trailer counts otherwise than we do. `details`: stated, found."""

    code = "COUNT_MISMATCH"


class RecordUnknown(InvalidLine):
    """`details`: record (its type)."""

    code = "RECORD_UNKNOWN"


class SegmentUnknown(InvalidLine):
    """`details`: segment."""

    code = "SEGMENT_UNKNOWN"


class SegmentWithoutTitle(InvalidLine):
    """`details`: segment."""

    code = "SEGMENT_WITHOUT_TITLE"


class SegmentAlone(InvalidLine):
    """Segments T and U are a pair, and the other is missing. `details`: segment."""

    code = "SEGMENT_ALONE"


class OtherBank(InvalidLine):
    """`details`: bank, expected."""

    code = "OTHER_BANK"


class OtherLote(InvalidLine):
    """`details`: lote, expected."""

    code = "OTHER_LOTE"


class OutOfOrder(InvalidLine):
    """A line whose number does not follow the last one's: it may be there twice.

    `details`: number, after.
    """

    code = "LINE_OUT_OF_ORDER"


class MovementNotImported(InvalidLine):
    """`details`: movement."""

    code = "MOVEMENT_NOT_IMPORTED"


class PayerMissing(InvalidLine):
    """A title without the segment that names its payer."""

    code = "PAYER_MISSING"


class TitleIncomplete(InvalidLine):
    """Another line of the title was refused. `details`: other_line."""

    code = "TITLE_INCOMPLETE"


class LineNotice(PortalError):
    """A warning, never raised: the line was kept."""

    code = "LINE_NOTICE"


class TaxIdInvalid(LineNotice):
    """`details`: customer (its code)."""

    code = "TAX_ID_INVALID"


class DueDateMissing(LineNotice):
    code = "DUE_DATE_MISSING"


class IssueDateMissing(LineNotice):
    """`details`: day, the file's own, taken instead."""

    code = "ISSUE_DATE_MISSING"


class SegmentIgnored(LineNotice):
    """`details`: segment."""

    code = "SEGMENT_IGNORED"


class AbatementIgnored(LineNotice):
    """`details`: amount."""

    code = "ABATEMENT_IGNORED"


class NumberTaken(LineNotice):
    """Another title has the number. `details`: number, kept_as."""

    code = "NUMBER_TAKEN"


class OtherBeneficiary(LineNotice):
    """`details`: tax_id (the file's)."""

    code = "OTHER_BENEFICIARY"


class OwnDataKept(LineNotice):
    """A file says otherwise than what a customer changed himself, which stays.

    `details`: customer (its code), fields.
    """

    code = "OWN_DATA_KEPT"


class MovementUnknown(LineNotice):
    """`details`: movement."""

    code = "MOVEMENT_UNKNOWN"


class TitleUnknown(LineNotice):
    """A retorno speaks of a title that is none of ours. `details`: nosso_numero, movement."""

    code = "TITLE_UNKNOWN"


class RecordIgnored(LineNotice):
    """`details`: record."""

    code = "RECORD_IGNORED"


class Unreachable(PortalError):
    code = "UNREACHABLE"


class BankUnavailable(Unreachable):
    """Not reached, too busy, or nobody knows whether it heard.

    `details`: bank, retry_after (seconds, where the bank said how long).
    """

    code = "BANK_UNAVAILABLE"


class BankAnswerUnreadable(BankUnavailable):
    """It answered something this version does not understand. `details`: bank."""

    code = "BANK_ANSWER_UNREADABLE"


class BankAccessDenied(Unreachable):
    """Credentials or certificate are missing, wrong or expired.

    `details`: bank, reason (docs/banks/api.md lists them), the file or field it is about.
    """

    code = "BANK_ACCESS_DENIED"


class ProviderUnavailable(Unreachable):
    """The payment provider was not reached, was too busy, or nobody knows whether it heard.

    `details`: reason (a status or the trouble's name).
    """

    code = "PROVIDER_UNAVAILABLE"


class ProviderAccessDenied(Unreachable):
    """Our key, or the company's account, is wrong. `details`: reason."""

    code = "PROVIDER_ACCESS_DENIED"


class MailUnavailable(Unreachable):
    """Nothing was handed over: it is safe to try again. `details`: reason (the server's own code)."""

    code = "MAIL_UNAVAILABLE"


class MailOutcomeUnknown(Unreachable):
    """The line broke after the hand-over began: the message may have gone out."""

    code = "MAIL_OUTCOME_UNKNOWN"


class NotFound(PortalError):
    code = "NOT_FOUND"


class NotGranted(PortalError):
    """`details`: feature."""

    code = "NOT_GRANTED"


class NotSignedIn(PortalError):
    code = "NOT_SIGNED_IN"


class SignInFailed(NotSignedIn):
    """One answer for a wrong password, an unknown login and a disabled user."""

    code = "SIGN_IN_FAILED"


class SignInDelayed(NotSignedIn):
    """`details`: seconds to wait."""

    code = "SIGN_IN_DELAYED"


class LinkInvalid(NotSignedIn):
    """Altered, expired, revoked or unknown: one answer."""

    code = "LINK_INVALID"


class ProofInvalid(NotSignedIn):
    """A secret sent by e-mail, or a code: wrong, used, expired or replaced by a newer one."""

    code = "PROOF_INVALID"


class FactorInvalid(NotSignedIn):
    """A second factor, or the password asked for again: wrong, or used before."""

    code = "FACTOR_INVALID"


class PasskeyInvalid(NotSignedIn):
    """A passkey's answer that proves nothing, whatever is wrong with it."""

    code = "PASSKEY_INVALID"


class AssuranceTooLow(NotSignedIn):
    code = "ASSURANCE_TOO_LOW"


class Conflict(PortalError):
    code = "CONFLICT"


class ConflictingDocument(Conflict):
    """A file says otherwise than what is stored. `details`: document, field."""

    code = "CONFLICTING_DOCUMENT"


class ConflictingCustomer(Conflict):
    """`details`: customer (its code), field."""

    code = "CONFLICTING_CUSTOMER"


class NothingSelected(Conflict):
    code = "NOTHING_SELECTED"


class TooManyDocuments(Conflict):
    """`details`: most."""

    code = "TOO_MANY_DOCUMENTS"


class MixedCurrencies(Conflict):
    code = "MIXED_CURRENCIES"


class NotPayable(Conflict):
    """`details`: document (its number), reason (a `Block` value)."""

    code = "DOCUMENT_NOT_PAYABLE"


class InAttempt(Conflict):
    """A document already stands in a live payment. `details`: document, payment (public id)."""

    code = "DOCUMENT_IN_ATTEMPT"


class QuoteChanged(Conflict):
    """The price is no longer the one that was shown. `details`: shown, now (Money)."""

    code = "QUOTE_CHANGED"


class SeparatePayments(Conflict):
    """No bank serves all ticked contracts. `details`: groups (lists of document numbers)."""

    code = "PAY_SEPARATELY"


class NoActiveBank(Conflict):
    code = "NO_ACTIVE_BANK"


class MethodUnavailable(Conflict):
    """`details`: method."""

    code = "METHOD_UNAVAILABLE"


class PayerIncomplete(Conflict):
    """A bank would refuse this customer as payer. `details`: fields that are missing or wrong."""

    code = "PAYER_INCOMPLETE"


class BoletoHeldBack(Conflict):
    """PDF and code wait for the bank. `details`: state."""

    code = "BOLETO_HELD_BACK"


class TooManyMails(Conflict):
    """`details`: most, minutes (until the next may go out)."""

    code = "TOO_MANY_MAILS"


class MailNotConfigured(Conflict):
    """The company has no sender's address."""

    code = "MAIL_NOT_CONFIGURED"


class NotOverdue(Conflict):
    code = "NOT_OVERDUE"


class NotSupported(Conflict):
    """The bank, or its carteira, does not do this. `details`: action."""

    code = "NOT_SUPPORTED"


class OrderRefused(Conflict):
    """The bank would refuse the title. `details`: fields."""

    code = "ORDER_REFUSED"


class ProviderRefused(Conflict):
    """The payment provider certainly did nothing. `details`: reason (its own code)."""

    code = "PROVIDER_REFUSED"


class PaymentStillOpen(Conflict):
    """Its provider has not said that nobody can pay it any more. `details`: payment (public id)."""

    code = "PAYMENT_STILL_OPEN"


class AlreadyPaid(Conflict):
    """The attempt that was to be given up brought its money. `details`: payment (public id)."""

    code = "PAYMENT_ALREADY_PAID"


class NotRefundable(Conflict):
    """Nothing of the payment can go back by its provider."""

    code = "NOT_REFUNDABLE"


class RefundUnderWay(Conflict):
    """Money of the payment is on its way back; nobody knows yet what becomes of it."""

    code = "REFUND_UNDER_WAY"


class RefundChanged(Conflict):
    """Another sum is left of the payment than was shown. `details`: left (Money)."""

    code = "REFUND_CHANGED"


class NumberUsed(Conflict):
    """`details`: next, the least number that was never given."""

    code = "NUMBER_USED"


class AccountHasTitles(Conflict):
    """`details`: bank, convenio, as somebody wants them to be."""

    code = "ACCOUNT_HAS_TITLES"


class GrantChangedMeanwhile(Conflict):
    """Somebody else changed what a change was based on."""

    code = "GRANT_CHANGED_MEANWHILE"


class ContactChangedMeanwhile(Conflict):
    """Contact data are no longer those that were shown. `details`: fields (their names)."""

    code = "CONTACT_CHANGED_MEANWHILE"


class TooManyCustomers(Conflict):
    """`details`: most, of how many customers one change may be."""

    code = "TOO_MANY_CUSTOMERS"


class NumberingExhausted(Conflict):
    """`details`: bank (its code), last (the greatest number the convênio carries)."""

    code = "NUMBERING_EXHAUSTED"


class SealBroken(Conflict):
    """`details`: what."""

    code = "SEAL_BROKEN"


class NotYourself(Conflict):
    """Nobody takes his own rights away, or gives himself others."""

    code = "NOT_YOURSELF"


class OwnFactorMissing(Conflict):
    """A manager without a second factor is about to require one of all, and has not confirmed it."""

    code = "OWN_FACTOR_MISSING"


class KeepsLess(Conflict):
    """A shorter time to keep things deletes the older ones, and nobody has confirmed that.

    `details`: before, after (months).
    """

    code = "KEEPS_LESS"


class LastManager(Conflict):
    """Without him nobody could manage the company's users any more."""

    code = "LAST_MANAGER"


class LastOwner(Conflict):
    """Without him nobody could invite the customer's people any more."""

    code = "LAST_OWNER"


class UserExists(Conflict):
    """Somebody of the company signs in with this address already."""

    code = "USER_EXISTS"


class TooManyPeople(Conflict):
    """`details`: most."""

    code = "TOO_MANY_PEOPLE"


class NameTaken(Conflict):
    """`details`: name."""

    code = "NAME_TAKEN"


class RoleInUse(Conflict):
    """`details`: people (how many have it)."""

    code = "ROLE_IN_USE"


class IllegalMove(Conflict):
    """`details`: present, wanted."""

    code = "ILLEGAL_MOVE"


class StaleClaim(Conflict):
    code = "STALE_CLAIM"


class TooSoon(Conflict):
    """`details`: seconds to wait."""

    code = "TOO_SOON"


class UnbalancedEntry(Conflict):
    code = "UNBALANCED_ENTRY"
