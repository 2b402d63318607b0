"""The small profile of ODRL 2.2 in which an agreement is written as JSON-LD, every part a closed model. Pure.

Nothing is fetched to read it: the context stands in the document. What ODRL has no word for is named in `gs:`, as in
the catalogue's export.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from services.shared.model import Model

NAMED = {"@type": "@id"}
CONTEXT: Mapping[str, Any] = {
    "odrl": "http://www.w3.org/ns/odrl/2/",
    "gs": "urn:govshare:terms:",
    "dcterms": "http://purl.org/dc/terms/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "uid": "@id",
    **{
        name: {"@id": f"odrl:{name}"} | NAMED
        for name in (
            *("profile", "permission", "prohibition", "obligation", "assigner", "assignee", "target", "source"),
            *("action", "constraint", "refinement", "leftOperand", "operator", "informedParty"),
        )
    },
    "rightOperand": {"@id": "odrl:rightOperand"},
    "title": {"@id": "dcterms:title"},
    **{name: {"@id": f"gs:{name}"} | NAMED for name in ("legalDuty", "responsible", "riskBearer", "about")},
    **{
        name: {"@id": f"gs:{name}"} for name in ("agreementVersion", "termsHash", "confidential", "confidentialityHash")
    },
    "activatedOn": {"@id": "gs:activatedOn", "@type": "xsd:date"},
}


class LinkedData(Model):
    """A part of the document; its names in JSON-LD are aliases of ours."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)


class Operand(StrEnum):
    """What a constraint is about."""

    ITEM = "gs:item"
    SPATIAL = "odrl:spatial"
    DATE_TIME = "odrl:dateTime"
    ROWS = "gs:rows"
    RECIPIENT = "gs:recipientUnit"
    PURPOSE = "odrl:purpose"
    PURPOSE_TEXT = "gs:purposeText"
    CHANNEL = "gs:channel"
    FREQUENCY = "gs:frequency"
    FORMAT = "gs:format"


class Operator(StrEnum):
    """How a constraint holds."""

    EQUAL = "odrl:eq"
    ANY_OF = "odrl:isAnyOf"
    FROM = "odrl:gteq"
    UNTIL = "odrl:lteq"
    AFTER = "odrl:gt"


class Name(LinkedData):
    """A reference to something by its IRI."""

    id: Annotated[str, Field(alias="@id")]


class Day(LinkedData):
    """A day, as a literal of XML Schema."""

    value: Annotated[date, Field(alias="@value")]
    type: Annotated[Literal["xsd:date"], Field(alias="@type")]


class Words(LinkedData):
    """A text, whatever it looks like."""

    value: Annotated[str, Field(alias="@value")]


class Listed(LinkedData):
    """Texts or names in their order."""

    values: Annotated[tuple[Name, ...] | tuple[Words, ...], Field(alias="@list", min_length=1)]


Right = Name | Day | Words | Listed


class Constraint(LinkedData):
    """What holds: left operand, operator, right operand."""

    type: Annotated[Literal["odrl:Constraint"], Field(alias="@type")] = "odrl:Constraint"
    left_operand: Annotated[Operand, Field(alias="leftOperand")]
    operator: Operator
    right_operand: Annotated[Right, Field(alias="rightOperand")]


class Target(LinkedData):
    """What is shared: a part of a resource, its refinements saying which."""

    type: Annotated[Literal["odrl:AssetCollection"], Field(alias="@type")] = "odrl:AssetCollection"
    source: str
    title: str
    refinement: tuple[Constraint, ...]


class Rule(LinkedData):
    """What `assigner` and `assignee` have to do with each other; the assignee is who may, must or must not."""

    assigner: str
    assignee: str


class Permission(Rule):
    """What the requester may do, and within what."""

    type: Annotated[Literal["odrl:Permission"], Field(alias="@type")] = "odrl:Permission"
    action: Literal["odrl:use"] = "odrl:use"
    target: Target
    constraint: tuple[Constraint, ...]


class Prohibition(Rule):
    """What the requester must not do with the resource."""

    type: Annotated[Literal["odrl:Prohibition"], Field(alias="@type")] = "odrl:Prohibition"
    action: Literal["odrl:distribute", "odrl:transfer"]
    target: str


class Duty(Rule):
    """What one side must do; `informed_party` is whom it tells, `about` what of."""

    type: Annotated[Literal["odrl:Duty"], Field(alias="@type")] = "odrl:Duty"
    action: Literal["odrl:inform", "odrl:delete", "gs:keepInCustody", "gs:provide"]
    target: str
    informed_party: Annotated[str | None, Field(alias="informedParty")] = None
    about: Literal["gs:usageFiling", "gs:provisionFiling", "gs:effectFeedback", "gs:disposalCertificate"] | None = None
    constraint: tuple[Constraint, ...] | None = None


class Policy(LinkedData):
    """An agreement as an ODRL policy: the machine's face of what the text says, of the same terms and hash."""

    context: Annotated[dict[str, str | dict[str, str]], Field(alias="@context")]
    type: Annotated[Literal["odrl:Agreement"], Field(alias="@type")] = "odrl:Agreement"
    uid: Annotated[str, Field(pattern=r"^urn:uuid:[0-9a-f\-]{36}$")]
    profile: Literal["urn:govshare:odrl:1"] = "urn:govshare:odrl:1"
    agreement_version: Annotated[int, Field(alias="agreementVersion", ge=1)]
    terms_hash: Annotated[str, Field(alias="termsHash", pattern=r"^[0-9a-f]{64}$")]
    legal_duty: Annotated[str, Field(alias="legalDuty")]
    responsible: str
    risk_bearer: Annotated[str, Field(alias="riskBearer")]
    confidential: bool
    confidentiality_hash: Annotated[str | None, Field(alias="confidentialityHash", pattern=r"^[0-9a-f]{64}$")] = None
    activated_on: Annotated[date | None, Field(alias="activatedOn")] = None
    permission: tuple[Permission]
    prohibition: tuple[Prohibition, ...]
    obligation: tuple[Duty, ...]


def document(policy: Policy) -> dict[str, Any]:
    """Return a policy as the JSON of its JSON-LD document."""
    return policy.model_dump(mode="json", by_alias=True, exclude_none=True)


def policy_in(sent: Mapping[str, Any]) -> Policy:
    """Return the policy that a document states. Raises ValueError when it is not just such a document."""
    policy = Policy.model_validate(sent)
    if document(policy) != sent or policy.context != CONTEXT:
        raise ValueError("not a document of this profile")
    return policy


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of the profile's documents."""
    return Policy.model_json_schema(by_alias=True)
