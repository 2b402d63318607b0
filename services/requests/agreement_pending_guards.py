"""What must hold before a version to come is proposed, signed, dropped or put in force.

Each guard yields every fault it finds; what is not possible as things stand, whatever is sent, is a Conflict.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from services.requests.agreement import Agreement, activation_of
from services.requests.agreement_acts import Amendment, AmendmentSignature, Renewal
from services.requests.agreement_parts import PendingKind, PendingVersion
from services.requests.agreement_pending import (
    agreed_from,
    amendment,
    as_amended,
    filings_of_pending,
    pending_of,
    renewed,
    settled_on,
)
from services.requests.entry import OFF_SYSTEM, Sensitivity
from services.requests.sharing_rules import rule_faults
from services.requests.terms import faults_in
from services.shared.canonical import canonical
from services.shared.errors import Conflict, Problem
from services.shared.events import MAX_BYTES
from services.shared.lifecycle import Act, Party
from services.shared.working_days import day_in_beijing

if TYPE_CHECKING:
    from services.requests.request import Request

Faults = Iterator[Problem]
AROUND = 5_000  # bytes of an event beside the terms in its body


def nothing_is_pending(agreement: Agreement, _: Act) -> Iterable[Problem]:
    """One version to come at a time."""
    if agreement.pending is not None:
        raise Conflict("已有待生效的版本 / a version is pending: sign it, or drop it first")
    return ()


def an_amendment_is_pending(agreement: Agreement, _: Act) -> Iterable[Problem]:
    """There is an amendment to sign."""
    if agreement.pending is None or agreement.pending.kind is not PendingKind.AMENDMENT:
        raise Conflict("没有待签署的变更 / no amendment is pending")
    return ()


def may_still_be_dropped(agreement: Agreement, _: Act) -> Iterable[Problem]:
    """What both have signed is filed, and waits for its receipts alone."""
    if not pending_of(agreement).unsigned:
        raise Conflict("双方已签署并备案 / both have signed and filed it: propose another version once it is in force")
    return ()


def classifies_what_it_brings(agreement: Agreement, act: Act) -> Faults:
    """Every item is classified, by the provider alone; what is sensitive stays so, and secrets never enter (R1)."""
    body: Amendment = act.body
    if body.classification and act.party is not Party.PROVIDER:
        yield Problem(pointer="/classification", detail="由提供单位确定 / it is for the provider to classify items")
    for item, kind in body.classification.items():
        yield from _classification_faults(agreement, body, item, kind)
    known = agreement.classification | body.classification
    for item in body.terms.content.items:
        if item not in known:
            detail = (
                f"“{item}”未定敏感性，请由提供单位提出变更 / '{item}' is not classified: let the provider propose it"
            )
            yield Problem(pointer="/classification", detail=detail)


def amendment_fits(agreement: Agreement, act: Act) -> Faults:
    """Amended terms fit the entry and its class like any offer, differ from what is in force, and are not over already.

    The entry is what it was when it was asked for: what it has come to hold since is asked for anew.
    """
    body: Amendment = act.body
    request: Request = act.given.request
    settled = settled_on(request, body.terms, agreement.classification | body.classification)
    today = day_in_beijing(act.at)
    yield from faults_in(body.terms, request.entry)
    yield from rule_faults(agreed_from(body.terms, today), request.entry.basic_class, settled.sensitivities())
    if settled.latest.terms_hash == agreement.terms_hash and settled.classification == agreement.classification:
        yield Problem(pointer="/terms", detail="与现行条款相同 / these terms are in force already")
    if body.terms.validity.valid_until < today:
        yield Problem(pointer="/terms/validity/valid_until", detail="早于今天 / this day is over")


def amendment_can_be_told(agreement: Agreement, act: Act) -> Faults:
    """Terms in force are told in one event: what is too long for it would never come into force."""
    would_be = as_amended(agreement, amendment(agreement, act), act.at)
    if len(canonical(activation_of(would_be, would_be.duty))) > MAX_BYTES - AROUND:
        yield Problem(pointer="/terms/content/items", detail="内容过多 / more than one agreement can hold")


def names_pending_version(agreement: Agreement, act: Act) -> Faults:
    """A signature names the hash of the version, and of the confidentiality agreement that goes with it (S-095)."""
    pending, body = pending_of(agreement), act.body
    right = AmendmentSignature(terms_hash=pending.terms_hash, confidentiality_hash=pending.confidentiality_hash)
    for name in ("terms_hash", "confidentiality_hash"):
        if getattr(body, name) != (wanted := getattr(right, name)):
            yield Problem(pointer=f"/{name}", detail=f"待签署的是 {wanted} / what is to be signed is {wanted}")


def renews_alike(agreement: Agreement, act: Act) -> Faults:
    """A renewal is to a later end, within the rules of its class, and both sides name the same."""
    body: Renewal = act.body
    if agreement.pending is not None:
        yield from _same_end(agreement.pending, body)
        return
    if body.valid_until <= agreement.terms.validity.valid_until:
        detail = f"须晚于{agreement.terms.validity.valid_until} / later than {agreement.terms.validity.valid_until}"
        yield Problem(pointer="/valid_until", detail=detail)
    terms, entry = renewed(agreement.terms, body.valid_until), act.given.request.entry
    for fault in rule_faults(agreed_from(terms, day_in_beijing(act.at)), entry.basic_class, agreement.classification):
        yield Problem(pointer=fault.pointer.replace("/terms/validity", ""), detail=fault.detail)


def receipts_of_the_version_are_in(agreement: Agreement, act: Act) -> Faults:
    """A version is in force only once both have signed it and the ledger holds its filings (I5, I10)."""
    if agreement.pending is None or agreement.pending.unsigned:
        yield Problem(pointer="/pending", detail="尚未由双方签署 / no version is signed by both")
        return
    for authority, filed in filings_of_pending(agreement, agreement.pending).items():
        if filed is None or filed.event_id not in act.given.receipts:
            yield Problem(pointer="/filings", detail=f"尚无回执 / the receipt of {authority} is not there yet")


def _classification_faults(agreement: Agreement, body: Amendment, item: str, kind: Sensitivity) -> Faults:
    pointer = f"/classification/{item.replace('~', '~0').replace('/', '~1')}"
    known = agreement.classification.get(item, Sensitivity.NONE)
    if item not in body.terms.content.items:
        yield Problem(pointer=pointer, detail="条款中没有此项 / no such item is in these terms")
    if kind in OFF_SYSTEM:
        yield Problem(
            pointer=pointer, detail="国家秘密和工作秘密不得进入本系统 / state and work secrets never enter here"
        )
    if known is not Sensitivity.NONE and kind is not known:
        yield Problem(pointer=pointer, detail=f"已定为 {known} / it is classified already: {known}")


def _same_end(pending: PendingVersion, body: Renewal) -> Faults:
    agreed = pending.terms.validity.valid_until
    if pending.kind is PendingKind.AMENDMENT:
        raise Conflict("已有待生效的变更 / an amendment is pending: sign it, or drop it first")
    if body.valid_until != agreed:
        yield Problem(pointer="/valid_until", detail=f"对方所签为{agreed} / the other side has signed {agreed}")
