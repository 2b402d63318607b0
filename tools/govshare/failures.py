"""What the command line says when it cannot do what was asked, and the exit code that goes with it.

0 done or verified; 1 not verified, or refused by who was asked; 2 unusable input. Knows no command.
"""

from botocore.exceptions import BotoCoreError, ClientError

from infra.local.home import LocalStackError
from services.audit.verify.errors import NotVerified

NOT_DONE, UNUSABLE = 1, 2


class Refused(Exception):
    """Who was asked did not do it: the API refused, failed, or could not be reached."""


class Unusable(Exception):
    """What was given cannot be worked with: a file that is not there, a policy that is none."""


EXIT_CODES: dict[type[Exception], int] = {
    NotVerified: NOT_DONE,
    Refused: NOT_DONE,
    BotoCoreError: NOT_DONE,
    ClientError: NOT_DONE,
    Unusable: UNUSABLE,
    LocalStackError: UNUSABLE,
    OSError: UNUSABLE,
}
