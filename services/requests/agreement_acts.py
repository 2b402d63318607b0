"""What can be done with an agreement, and what each action takes."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from services.requests.acts import Commented, Hash, Nothing, Reasoned
from services.requests.entry import Sensitivity
from services.requests.terms import Terms
from services.shared.coordination import Basis
from services.shared.model import Model
from services.shared.texts import Line, Text


class AgreementAction(StrEnum):
    """What can be done with an agreement, beside what is done in its coordination; the last four are the system's."""

    SUSPEND = "suspend"
    RESUME = "resume"
    PROPOSE_AMENDMENT = "propose_amendment"
    SIGN_AMENDMENT = "sign_amendment"
    DROP_AMENDMENT = "drop_amendment"
    RENEW = "renew"
    REPORT_NON_PERFORMANCE = "report_non_performance"
    SUSPECT_BREACH = "suspect_breach"
    CLEAR = "clear"
    CONFIRM_BREACH = "confirm_breach"
    FULFIL = "fulfil"
    TERMINATE = "terminate"
    RULE_TERMINATION = "rule_termination"
    RECORD_PROVISION = "record_provision"
    RECORD_CUSTODY = "record_custody"
    DISPOSE = "dispose"
    ARCHIVE = "archive"
    PUT_IN_FORCE = "put_in_force"
    EXPIRE = "expire"
    MARK_EXPIRING = "mark_expiring"
    MARK_OVERDUE = "mark_overdue"


Lines = Annotated[tuple[Line, ...], Field(max_length=50)]


class Suspend(Model):
    """Why it is suspended, and by which day that is looked at again."""

    reason: Text
    review_by: date


class Amendment(Model):
    """A version to come: whole terms, never a patch, and why; the provider says of new items how sensitive they are."""

    terms: Terms
    reason: Text
    classification: Annotated[dict[Line, Sensitivity], Field(max_length=200, default_factory=dict)]


class AmendmentSignature(Model):
    """A signature under a version to come, and under its confidentiality agreement where one goes with it."""

    terms_hash: Hash
    confidentiality_hash: Hash | None = None


class Renewal(Model):
    """A signature under the same terms with a later last day."""

    valid_until: date


class NonPerformanceReport(Model):
    """What is not provided as agreed, and why (S-086)."""

    situation: Text
    reason: Text


class Suspicion(Model):
    """On what evidence a breach is suspected."""

    evidence: Text


class Finding(Model):
    """What an inquiry found."""

    finding: Text


class BreachFinding(Finding):
    """That a breach was found, and whether information got out with it."""

    leak: bool


class TerminationRuling(Basis):
    """A ruling that an agreement ends: its basis and reason; the leading group's is made in a meeting."""

    meeting: Line | None = None


class FirstProvision(Model):
    """On which day the provider first provided what was agreed."""

    provided_on: date


class Custody(Model):
    """How what was obtained is kept: where, who gets at it, until when, how it is destroyed, who else works with it."""

    place: Text
    access: Annotated[Lines, Field(min_length=1)]
    retention_until: date
    destruction: Text
    entrusted: Lines = ()


class Disposal(Model):
    """A disposal certificate; `remains` says what is kept all the same, and `because` why, both or neither."""

    method: Text
    disposed_on: date
    remains: Text | None = None
    because: Text | None = None
    entrusted: Lines = ()
    attested_by: Line


BODIES: dict[AgreementAction, type[Model]] = {
    AgreementAction.SUSPEND: Suspend,
    AgreementAction.RESUME: Commented,
    AgreementAction.PROPOSE_AMENDMENT: Amendment,
    AgreementAction.SIGN_AMENDMENT: AmendmentSignature,
    AgreementAction.DROP_AMENDMENT: Reasoned,
    AgreementAction.RENEW: Renewal,
    AgreementAction.REPORT_NON_PERFORMANCE: NonPerformanceReport,
    AgreementAction.SUSPECT_BREACH: Suspicion,
    AgreementAction.CLEAR: Finding,
    AgreementAction.CONFIRM_BREACH: BreachFinding,
    AgreementAction.FULFIL: Commented,
    AgreementAction.TERMINATE: Reasoned,
    AgreementAction.RULE_TERMINATION: TerminationRuling,
    AgreementAction.RECORD_PROVISION: FirstProvision,
    AgreementAction.RECORD_CUSTODY: Custody,
    AgreementAction.DISPOSE: Disposal,
    AgreementAction.ARCHIVE: Nothing,
}
WITHOUT_WORDS = (Nothing, AmendmentSignature, Renewal, FirstProvision)  # their events say all of them
