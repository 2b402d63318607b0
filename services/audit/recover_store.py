"""What a recovery reads and writes of the audit table, beyond what filing does; it decides nothing."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from services.audit.batch import Head
from services.audit.bulk import delete, get_all, over, write_all
from services.audit.chain import CaseHead
from services.audit.entry import Mark
from services.audit.items import case_item, case_name, mark_name, receipt_name, value, waiting_name
from services.audit.replay import Known, Move
from services.audit.store import AuditStore
from services.shared.dynamo import write

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import PutTypeDef

MOST_PUTS = 100  # of one transaction
ALL_PAGES = 1_000_000


class RecoveryStore(AuditStore):
    """The items of one log in a table that may be older than the log."""

    def known(self, marks: Sequence[Mark]) -> Known:
        """Return what the table knows of events that have these marks, read consistently."""
        cases = {mark.case: case_name(mark.case) for mark in marks}
        answers = {mark.event_id: receipt_name(mark.event_id) for mark in marks if mark.filing}
        names = [*(mark_name(mark.event_id) for mark in marks), *cases.values(), *answers.values()]
        found = {item["pk"]: item for item in get_all(self._table, names)}
        kept = [value(Mark, item) for item in found.values() if item["sk"] == "EVT"]
        return Known(
            marks={mark.event_id: mark for mark in kept},
            cases={case: value(CaseHead, found[name["pk"]]) for case, name in cases.items() if name["pk"] in found},
            answered={event for event, name in answers.items() if name["pk"] in found},
        )

    def move_cases(self, moves: Sequence[Move]) -> None:
        """Write the heads of cases, each over the one it was decided from. Raises Stale when one has moved since."""
        for at in range(0, len(moves), MOST_PUTS):
            write([{"Put": self._moved(move)} for move in moves[at : at + MOST_PUTS]])

    def take_out_filed(self) -> None:
        """Take the entries that are filed out of those that wait."""
        waiting = [each.mark.model_copy(update={"accepted_at": each.accepted_at}) for each in self.pending(ALL_PAGES)]
        filed = self.filed({mark.event_id for mark in waiting})
        names = [waiting_name(self._log, mark) for mark in waiting if mark.event_id in filed]
        write_all(self._table, [delete(name) for name in names])

    def restore_head(self, head: Head, before: Head) -> bool:
        """Write `head` over the one that was read; False, and nothing written, when it is not there any more."""
        return self._put(head, "HEAD", {"version": before.version} if before.version else {})

    def _moved(self, move: Move) -> "PutTypeDef":
        expected = {"case_seq": move.before.case_seq} if move.before.case_seq else {}
        return over(self._table, case_item(move.case, move.after), expected)
