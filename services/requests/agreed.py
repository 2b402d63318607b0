"""What two departments have agreed on, as one frozen value: the text and the policy are both drawn from it. Pure."""

from datetime import date
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from services.requests.terms import Terms, terms_hash
from services.shared.model import Model
from services.shared.texts import Code

Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
CaseId = Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
OneLine = Annotated[str, StringConstraints(pattern="^[^\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+$")]


class Called(Model):
    """A code with what it is called in Chinese on the day of the text."""

    code: Code
    zh: OneLine


class Agreed(Model):
    """An agreement's content: who shares what with whom, on which terms, and who answers for what (S-009).

    `responsible` answers for what is provided, `risk_bearer` for what was obtained (R14 of Decree 809). `version`
    counts the agreement's versions from 1; `duty` is the requester's, which the information serves (S-045). Where it
    is `confidential`, a confidentiality agreement goes with it, named by its hash once there is one (S-095). Names are
    those of the day `named_on`.
    """

    case: CaseId
    version: Annotated[int, Field(ge=1)] = 1
    requester: Called
    provider: Called
    resource: Code
    title: str
    duty: Called
    terms: Terms
    terms_hash: Hash
    responsible: Called
    risk_bearer: Called
    confidential: bool
    confidentiality_hash: Hash | None = None
    activated_on: date | None = None
    named_on: date

    @model_validator(mode="after")
    def _hash_is_of_the_terms(self) -> Self:
        if self.terms_hash != terms_hash(self.terms):
            raise ValueError("the hash is not that of the terms")
        if self.confidentiality_hash and not self.confidential:
            raise ValueError("no confidentiality agreement goes with it, so there is no hash of one")
        return self
