"""What must hold before a row of the negotiation's table may be taken. Each guard yields every fault it finds."""

from collections.abc import Iterator
from typing import NamedTuple

from services.requests.acts import Classification, Draft, Escalation, Named, Refusal
from services.requests.confidentiality import confidentiality_hash, is_sensitive
from services.requests.entry import OFF_SYSTEM, Entry
from services.requests.request import Kind, Request
from services.requests.sharing_rules import rule_faults
from services.requests.terms import Terms, faults_in
from services.requests.wording import empty_reason
from services.shared.canonical import canonical
from services.shared.errors import Problem
from services.shared.lifecycle import Act, Party
from services.shared.organisations import Tier, organisation
from services.shared.reference import duties_of, excludes_sharing, find_clause

Faults = Iterator[Problem]
MOST_OF_AN_OFFER = 40_000  # bytes: what is agreed goes into one event, of 60,000
MOST_OF_ALL_OFFERS = 250_000  # bytes: they lie in one record, and an item holds 400 KB


class Given(NamedTuple):
    """What is loaded beside a request: the receipts in its case (event ids), and the entry as it stands now."""

    receipts: frozenset[str] = frozenset()
    entry: Entry | None = None


def offer_fits_entry(request: Request, act: Act) -> Faults:
    """The terms on offer fit the entry that is asked for, and the rules of its class of basic information (S-023)."""
    terms = act.body.terms
    yield from faults_in(terms, request.entry)
    yield from rule_faults(terms, request.entry.basic_class, request.sensitivities_in(terms))
    yield from _size_faults(request, terms)


def asks_for_the_same_entry(request: Request, act: Act) -> Faults:
    """A draft is revised, not turned to another entry: that would be another request."""
    body: Draft = act.body
    if body.resource != request.entry.id:
        yield Problem(pointer="/resource", detail=f"this request asks for {request.entry.id}; draft another one")


def entry_stands(request: Request, act: Act) -> Faults:
    """The entry is still published when the request leaves the house, as another's, and the terms fit it as it is."""
    given: Given = act.given
    entry, terms = given.entry, request.latest.terms
    if entry is None or not entry.published:
        yield Problem(pointer="/resource", detail="this entry is no longer in the catalogue")
        return
    if entry.provider == request.requester:
        yield Problem(pointer="/resource", detail="this entry is your own by now")
    yield from faults_in(terms, entry)
    yield from rule_faults(terms, entry.basic_class, entry.known_sensitivities())


def duty_is_own(request: Request, act: Act) -> Faults:
    """The duty served is one of the requester's own (S-045)."""
    duty = act.body.duty if isinstance(act.body, Draft) else request.duty
    if duty not in {own.code for own in duties_of(request.requester)}:
        yield Problem(pointer="/duty", detail=f"'{duty}' is not a duty of {request.requester}")


def flows_back_to_a_district(request: Request, act: Act) -> Faults:
    """What flows back goes from the city to one of its districts (Decree 809: 回流)."""
    kind = act.body.kind if isinstance(act.body, Draft) else request.kind
    if kind is not Kind.RETURN_FLOW:
        return
    asking, giving = organisation(request.requester), organisation(request.provider)
    if not (asking and asking.tier is Tier.DISTRICT and giving and giving.tier is Tier.MUNICIPAL):
        yield Problem(
            pointer="/kind", detail="回流由区向市级部门申请 / a return flow is asked for by a district of a city body"
        )


def urgency_has_reason(request: Request, act: Act) -> Faults:
    """A claim of urgency says what is urgent, not that it is (S-011)."""
    urgency = act.body.urgency if isinstance(act.body, Draft) else request.urgency
    if urgency and (told := empty_reason(urgency.reason)):
        yield Problem(pointer="/urgency/reason", detail=told)


def is_returned_once(request: Request, _: Act) -> Faults:
    """Everything that an application lacks is told in one notice (一次性告知)."""
    if request.notice is not None:
        yield Problem(
            pointer="/gaps",
            detail="已一次性告知过，不得再次退回 / everything that it lacked was told in one notice before",
        )


def names_latest_offer_of_other_side(request: Request, act: Act) -> Faults:
    """Agreement names the hash of the latest offer, made by the other side (I4)."""
    body: Named = act.body
    if body.terms_hash != request.latest.terms_hash:
        yield Problem(pointer="/terms_hash", detail=f"the latest offer is {request.latest.terms_hash}")
    if request.latest.by is act.party:
        yield Problem(pointer="/terms_hash", detail="the latest offer is your own; it is for the other side to agree")


def offer_still_fits(request: Request, _: Act) -> Faults:
    """What is agreed to keeps the rules of its class, as classified by now (S-023); a ruling is above them."""
    if request.is_ruled:
        return
    yield from rule_faults(request.latest.terms, request.entry.basic_class, request.sensitivities())


def names_agreed_terms(request: Request, act: Act) -> Faults:
    """A signature names the hash of the terms that were agreed."""
    body: Named = act.body
    if body.terms_hash != request.latest.terms_hash:
        yield Problem(pointer="/terms_hash", detail=f"the agreed terms are {request.latest.terms_hash}")


def names_confidentiality_terms(request: Request, act: Act) -> Faults:
    """The confidentiality agreement is signed by the hash of its own text."""
    body: Named = act.body
    if body.terms_hash != (right := confidentiality_hash(request)):
        yield Problem(pointer="/terms_hash", detail=f"the confidentiality agreement is {right}")


def classifies_requested_items(request: Request, act: Act) -> Faults:
    """Only items on the table are classified, and no secret enters the system (Decree 809 Art. 3)."""
    body: Classification = act.body
    for item, sensitivity in body.items.items():
        pointer = f"/items/{item.replace('~', '~0').replace('/', '~1')}"
        if item not in request.latest.terms.content.items:
            yield Problem(pointer=pointer, detail=f"'{item}' is not asked for")
        if sensitivity in OFF_SYSTEM:
            yield Problem(pointer=pointer, detail="state and work secrets are handled elsewhere and never enter here")


def every_item_classified(request: Request, _: Act) -> Faults:
    """Every item is classified before an agreement is drafted."""
    for item, sensitivity in request.sensitivities().items():
        if sensitivity is None:
            yield Problem(pointer="/classification", detail=f"'{item}' is not classified yet")


def has_statutory_basis(_: Request, act: Act) -> Faults:
    """Sharing is the rule: only a clause that excludes sharing is a basis for refusing (S-081, Decree 809 Art. 15)."""
    body: Refusal = act.body
    if find_clause(body.instrument, body.clause) is None:
        yield Problem(pointer="/clause", detail="no such clause is in the register of legal instruments")
    elif not excludes_sharing(body.instrument, body.clause):
        yield Problem(pointer="/clause", detail="this clause does not exclude sharing")


def says_why_in_words(_: Request, act: Act) -> Faults:
    """The bare word "sensitive" is no situation and no reason (S-013)."""
    body: Refusal = act.body
    for field in ("situation", "reason"):
        if told := empty_reason(getattr(body, field)):
            yield Problem(pointer=f"/{field}", detail=told)


def ground_is_given(request: Request, act: Act) -> Faults:
    """A matter that is called unsettled was mediated; a second failure is one (S-088)."""
    body: Escalation = act.body
    dispute = request.coordination
    if body.ground == "unsettled" and (dispute is None or dispute.proposal is None):
        yield Problem(pointer="/ground", detail="nothing was proposed yet; mediate first, or name another ground")
    if body.ground == "second_failure" and (dispute is None or dispute.number == 1):
        yield Problem(pointer="/ground", detail="this is the first coordination in this case")


def no_ruling_binds(request: Request, _: Act) -> Faults:
    """What the leading group ruled binds both; neither reopens it (S-088)."""
    if request.is_ruled:
        yield Problem(
            pointer="/reason", detail="领导小组的决定对双方有约束力 / the leading group's ruling binds both sides"
        )


def no_sensitive_item(request: Request, _: Act) -> Faults:
    """No item asks for a confidentiality agreement (S-095)."""
    if is_sensitive(request):
        yield Problem(pointer="/classification", detail="an item is sensitive: a confidentiality agreement comes first")


def sensitive_item(request: Request, _: Act) -> Faults:
    """Some item asks for a confidentiality agreement."""
    if not is_sensitive(request):
        yield Problem(pointer="/classification", detail="no item is sensitive")


def who_drafts(request: Request) -> frozenset[Party]:
    """Return who draws up the agreement: the provider, and the system what was agreed without its word."""
    by_itself = request.routed or request.is_ruled
    return frozenset({Party.PROVIDER, Party.SYSTEM}) if by_itself else frozenset({Party.PROVIDER})


def _size_faults(request: Request, terms: Terms) -> Faults:
    """Terms that no event could tell would never come into force; offers that no record could hold cannot be made."""
    size = len(canonical(terms))
    held = size + sum(len(canonical(offer.terms)) for offer in request.offers)
    if size > MOST_OF_AN_OFFER:
        told = f"条款共{size}字节,最多{MOST_OF_AN_OFFER} / {size} bytes of terms; {MOST_OF_AN_OFFER} is the most"
        yield Problem(pointer="/terms", detail=told)
    elif held > MOST_OF_ALL_OFFERS:
        most = MOST_OF_ALL_OFFERS
        told = f"历次方案共{held}字节,最多{most} / {held} bytes of offers in this case; {most} is the most"
        yield Problem(pointer="/terms", detail=told)
