"""The published checkpoint as an object: read it with its tag, and put cosignatures on it. Knows paths and bytes only.

The sequencer replaces it by larger ones at any time; whoever comes second sees the other's tag and begins again.
"""

from typing import Any

from botocore.exceptions import ClientError

from services.audit.batch import CHECKPOINT
from services.audit.objects import BRIEFLY, CONFLICT, TAKEN, TEXT, LogReader, s3


class PublishedCheckpoint(LogReader):
    """The latest checkpoint of a log in its bucket."""

    def latest(self) -> tuple[bytes, str]:
        """Return the published note and its tag. Raises LookupError before the first."""
        return self._read(CHECKPOINT)

    def replace(self, note: bytes, tag: str) -> bool:
        """Put `note` in the place of the one with this `tag`; False, and nothing written, when another stands there."""
        options: dict[str, Any] = TEXT | BRIEFLY | {"IfMatch": tag}
        try:
            s3().put_object(Bucket=self._bucket, Key=CHECKPOINT, Body=note, **options)
        except ClientError as error:
            if error.response["Error"]["Code"] in {TAKEN, CONFLICT}:
                return False
            raise
        return True
