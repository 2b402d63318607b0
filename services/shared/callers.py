"""Who is calling: an officer of an organisation with claims, nobody in particular, or the system itself."""

from enum import StrEnum

from services.shared.model import Model


class Claim(StrEnum):
    """What a token may say of an officer within the own organisation."""

    OFFICER = "officer"  # acts
    APPROVER = "approver"  # the internal body: submits and signs
    ADMINISTRATOR = "administrator"  # organisations and settings
    AUDITOR = "auditor"  # reads evidence


class Caller(Model):
    """The officer behind a call. `organisation` is a code of data/organisations.json, `officer` an opaque id."""

    organisation: str
    officer: str
    claims: frozenset[Claim]

    @property
    def anonymous(self) -> bool:
        """Whether no token was shown."""
        return self.organisation == ""


ANONYMOUS = Caller(organisation="", officer="", claims=frozenset())
SYSTEM = Caller(organisation="system", officer="system", claims=frozenset({Claim.OFFICER}))
