"""What lies in the log's bucket, as its listing tells: archived checkpoints, and what was written beyond the last."""

from collections.abc import Iterator
from datetime import datetime

from services.audit.batch import MOST, archived
from services.audit.objects import LogReader, s3
from services.audit.verify.layout import WIDTH, bundle_path, decode_bundle

FOLDER = archived(0)[:-1]
AFTER_DIGITS = ":"  # sorts after every digit, as "/" sorts before


class LogListing(LogReader):
    """The objects of one log, found by looking."""

    def archived(self, after: int) -> Iterator[tuple[int, datetime]]:
        """Yield size and time of each archived checkpoint larger than `after`, in their order.

        `after` is a size of the log, so that the next one is a batch away at most.
        """
        while found := [each for span in _spans(after + 1, after + MOST) for each in self._archived(*span)]:
            yield from found
            after = found[-1][0]

    def beyond(self, size: int) -> list[bytes]:
        """Return the entries that a batch after `size` has written; the last bundles may be missing."""
        entries: list[bytes] = []
        for index, width in self.bundles_from(size):
            entries += decode_bundle(self.read(bundle_path(index, width)))[max(0, size - index * WIDTH) :]
        return entries

    def _archived(self, first: int, last: int) -> Iterator[tuple[int, datetime]]:
        """Yield those from `first` to `last`, which have as many digits; a listing mixes them with longer ones."""
        length = len(archived(first))
        after = f"{archived(first)[:-1]}/"
        while page := self._page(after):
            for key, at in page:
                if key > archived(last):
                    return
                if len(key) == length and key >= archived(first):
                    yield int(key.removeprefix(FOLDER)), at
            after = key if len(key) < length else key[:length] + AFTER_DIGITS

    def _page(self, after: str) -> list[tuple[str, datetime]]:
        found = s3().list_objects_v2(Bucket=self._bucket, Prefix=FOLDER, StartAfter=after).get("Contents", [])
        return [(each["Key"], each["LastModified"]) for each in found]


def _spans(first: int, last: int) -> Iterator[tuple[int, int]]:
    """Divide numbers into those with as many digits."""
    while first <= last:
        end = min(last, 10 ** len(str(first)) - 1)
        yield first, end
        first = end + 1
