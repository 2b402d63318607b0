"""Agreements: routes only. Load, decide, save. What can be done with one stands in the table ACTS."""

import json
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal, NamedTuple

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from services.requests import (
    agreement_acts,
    agreement_dispute,
    agreement_documents,
    agreement_steps,
    agreement_views,
    feedback_steps,
    report_steps,
)
from services.requests.agreement import Agreement, AgreementState
from services.requests.agreement_documents import Wording
from services.requests.agreement_life import may_see
from services.requests.agreement_sight import may_list, may_read, sees_in_part
from services.requests.agreement_steps import NAME, NONE, agreement_in
from services.requests.case import Case
from services.requests.case_record import CaseRecord
from services.requests.odrl import odrl_of
from services.requests.odrl_model import document
from services.requests.store import request_store
from services.requests.telling import Step
from services.shared import coordination, http
from services.shared.callers import Caller
from services.shared.canonical import now
from services.shared.dynamo import item_of, page_token
from services.shared.errors import Forbidden, Invalid, NotFound, Problem
from services.shared.lifecycle import Act, Party
from services.shared.model import Model
from services.shared.organisations import SECRECY_BUREAU
from services.shared.payloads import Opened
from services.shared.views import HistoryPage, history_page

router = http.make_router()

HERE = "/agreements"
LINKED_DATA = "application/ld+json"


class Acting(NamedTuple):
    """One action: what it takes, what it is in its own table, how a case is taken through it, and on which record."""

    body: type[Model]
    action: StrEnum
    take: Callable[[Case, Act], Step]
    record: Callable[[Case, Any], CaseRecord]


def acting(
    bodies: Mapping[Any, type[Model]],
    take: Callable[[Case, Act], Step],
    record: Callable[[Case, Any], CaseRecord] = lambda case, _: agreement_in(case),
) -> dict[str, Acting]:
    """Return the actions of one area by their addresses; If-Match names the version of the `record` that they move."""
    return {str(action): Acting(body, action, take, record) for action, body in bodies.items()}


ACTS: dict[str, Acting] = {
    **acting(agreement_acts.BODIES, agreement_steps.take),
    **acting(coordination.BODIES, agreement_dispute.coordinate),
    **acting(report_steps.BODIES, report_steps.take, lambda case, said: report_steps.period_in(case, said.period)),
    **acting(feedback_steps.BODIES, feedback_steps.take, feedback_steps.meant),
}
BODIES = {name: each.body for name, each in ACTS.items()}
AgreementAct = StrEnum("AgreementAct", {name.upper(): name for name in ACTS})  # type: ignore[misc]  # mypy cannot follow an enum made from others

Side = Annotated[
    Literal["requester", "provider"] | None,
    Query(alias="as", description="The caller's organisation's own, as which side; `requester` without"),
]
Standing = Annotated[AgreementState | None, Query(description="For the offices: everybody's that stand in this state")]
Version = Annotated[Wording, Query(description="The terms in force, or those of the version to be signed")]


@router.get("/agreements")
def list_agreements(
    as_: Side = None, state: Standing = None, limit: http.Limit = 20, next: http.Next = None
) -> Response[agreement_views.AgreementPage]:
    """List agreements, latest change first: one's own as one of the sides, or what an office follows.

    For the secrecy bureau, without `as`, those that were filed with it.
    """
    caller, store = http.officer_of(router), request_store()
    if state is not None:
        _check_may_list(state, as_, caller)
        found, token = store.standing("agreement", state, limit=limit, after=next)
    elif caller.organisation == SECRECY_BUREAU and as_ is None:
        found, token = store.docket("agreement", SECRECY_BUREAU, limit=limit, after=next)
    else:
        mine = Party(as_ or Party.REQUESTER)
        found, token = store.page("agreement", caller.organisation, mine, limit=limit, after=next)
    lines = (agreement_views.line_of(each, caller) for each in found if isinstance(each, Agreement))
    return http.answer(agreement_views.AgreementPage(items=tuple(lines), next=token))


@router.get("/agreements/<agreement_id>")
def read_agreement(agreement_id: str) -> Response[agreement_views.AgreementView]:
    """Read an agreement: its terms, marks and filings, whom it waits for, and what the caller may do."""
    return _shown(_visible(agreement_id))


@router.post("/agreements/<agreement_id>/<action>")
def take_action(
    agreement_id: str,
    action: AgreementAct,
    body: Annotated[dict[str, Any] | None, Body()] = None,
    if_match: http.IfMatch = None,
) -> Response[agreement_views.AgreementView]:
    """Move an agreement, its coordination or what is reported under it along; each action takes its own body."""
    caller, asked = http.officer_of(router), ACTS[action.value]
    said = http.body_of(asked.body, body)
    case = _visible(agreement_id)
    http.check_version(asked.record(case, said).version, if_match)
    step = asked.take(case, Act(asked.action, said, caller, now()))
    request_store().save(step)
    return _shown(case.after(step.records))


@router.get("/agreements/<agreement_id>/text")
def read_text(agreement_id: str, version: Version = Wording.IN_FORCE) -> Response[agreement_documents.AgreementText]:
    """Read the agreement's text in Chinese, in force or as it would be with the version that is to be signed."""
    return http.answer(agreement_documents.text_view(_whole(agreement_id), version))


@router.get("/agreements/<agreement_id>/odrl")
def read_policy(agreement_id: str, version: Version = Wording.IN_FORCE) -> Response[str]:
    """Read the agreement as an ODRL 2.2 policy, in JSON-LD, of the same terms as its text."""
    said = agreement_documents.agreed_in(_whole(agreement_id), version)
    policy = json.dumps(document(odrl_of(said)), ensure_ascii=False)
    return Response(status_code=200, content_type=LINKED_DATA, body=policy)


@router.get("/agreements/<agreement_id>/confidentiality")
def read_confidentiality(
    agreement_id: str, version: Version = Wording.IN_FORCE
) -> Response[agreement_documents.ConfidentialityDocument]:
    """Read the confidentiality agreement: its text, hash, signatures, and the secrecy bureau's receipt.

    Before the agreement is in force too; for the bureau once it was filed.
    """
    caller, case = http.officer_of(router), _case(agreement_id)
    agreement = case.named(NAME, Agreement)
    return http.answer(agreement_documents.confidentiality_view(case, agreement, version, caller))


@router.get("/agreements/<agreement_id>/history")
def read_history(agreement_id: str, limit: http.Limit = 100, next: http.Next = None) -> Response[HistoryPage]:
    """List the events since the activation that the caller may read, in order, each with its receipt's address."""
    case, caller = _visible(agreement_id), http.officer_of(router)
    after = next or _before_the_activation(case)
    events, token = request_store().history(agreement_id, limit=limit, after=after)
    mine = (event for event in events if may_read(agreement_in(case), caller, event))
    return http.answer(history_page(mine, token, HERE))


@router.get("/agreements/<agreement_id>/payloads/<event_id>")
def read_payload(agreement_id: str, event_id: str) -> Response[Opened]:
    """Read what was written with an event, with the salt that lets the reader recompute its filed hash."""
    caller = http.officer_of(router)
    return http.answer(request_store().payload(agreement_id, event_id, reader=caller.organisation))


def _check_may_list(state: AgreementState, as_: str | None, caller: Caller) -> None:
    if as_ is not None:
        detail = "与 as 不能同用 / not together with `as`"
        raise Invalid("the request is not valid", [Problem(pointer="/query/state", detail=detail)])
    if not may_list(state, caller.organisation):
        raise Forbidden(
            "只有相关主管部门可以查看 / only the offices that follow agreements in this state may list them"
        )


def _case(agreement_id: str) -> Case:
    try:
        return request_store().get(agreement_id)
    except NotFound as error:
        raise NotFound(NONE) from error


def _visible(agreement_id: str) -> Case:
    caller, case = http.officer_of(router), _case(agreement_id)
    if not may_see(agreement_in(case), caller):
        raise NotFound(NONE)
    return case


def _whole(agreement_id: str) -> Agreement:
    """Return an agreement for those who see all of its terms; the secrecy bureau does not."""
    agreement = agreement_in(_visible(agreement_id))
    if sees_in_part(agreement, http.officer_of(router)):
        raise Forbidden("只可查看安全保密协议 / only the confidentiality agreement is for the secrecy bureau to see")
    return agreement


def _before_the_activation(case: Case) -> str | None:
    place = {"pk": case.request.id, "sk": f"EVENT#{case.request.version - 1:08}"}
    return page_token(item_of(place))


def _shown(case: Case) -> Response[agreement_views.AgreementView]:
    agreement = agreement_in(case)
    view = agreement_views.view_of(agreement, case.request, case.receipts, http.caller_of(router))
    return http.answer(view, version=view.version)
