"""What the catalogue does in its own time: each message of the queue is a job, and a table says which function does it.

A job may come twice or break off anywhere; doing it again goes on from there. What fails comes again, and in the end
lies in the dead letters.
"""

from collections.abc import Callable, Mapping
from typing import Any

from services.catalog.export_work import export
from services.catalog.exports import JOB
from services.catalog.import_check_work import check
from services.catalog.import_commit_work import commit
from services.catalog.job_store import Job, come_again
from services.shared.observe import count, logger, traced
from services.shared.queue import Failures

JOBS: dict[str, Callable[[Job], None]] = {
    "import_check": check,
    "import_commit": commit,
    JOB: export,
}


@traced
def handler(event: Mapping[str, Any], _context: object) -> Failures:
    """Do a batch of jobs; report those that failed."""
    failed = [record["messageId"] for record in event["Records"] if not _done(record)]
    if failed:
        count("JobsFailed", len(failed))
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}


def _done(record: Mapping[str, Any]) -> bool:
    try:
        job = Job.model_validate_json(record["body"])
        JOBS[job.name](job)
    except Exception:  # noqa: BLE001 - whatever it was, the message comes again and in the end is set aside
        logger.exception("job failed", extra={"body": record["body"]})
        come_again(record["receiptHandle"])
        return False
    logger.info("job done", extra={"job": job.name, "about": job.about, "part": job.part})
    return True
