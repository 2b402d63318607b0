"""Archive packages in the audit table, and their bags in the bucket of files; it decides nothing.

| item                                        | pk                | sk                                 |
|---------------------------------------------|-------------------|------------------------------------|
| package, its events (the outbox)            | `<package id>`    | `STATE#package`, `EVENT#<seq>`     |
| a line of the list of packages              | `PACKAGES#<log>`  | `<state>/<changed at>/<package id>`|
| the latest package of a case                | `PACKAGED#<case>` | `PACKAGED`                         |

A bag lies at `archive/<package id>/<manifest's SHA-256>.zip`: a bag that was made again is another object.
"""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from services.audit.bulk import get_one, over
from services.audit.chain import CaseHead
from services.audit.items import case_name, value
from services.audit.objects import LINK_SECONDS, s3
from services.audit.package import Made, Package, State
from services.audit.package_views import PackageLine, line_of
from services.audit.verify.policy import Policy, trust_log
from services.shared.cases import Cases
from services.shared.dynamo import item_of, query_page
from services.shared.errors import Conflict, NotFound
from services.shared.once import Once
from services.shared.steps import Step

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

ZIP = "application/zip"


class PackageStore(Cases[Package]):
    """The packages of one log, with their events and their bags."""

    def __init__(self, table: str, bucket: str, log: str) -> None:
        super().__init__(table, bucket, "package", Package)
        self._log = log

    def latest(self, case: str) -> Package | None:
        """Return the latest package of a case, read consistently, or None."""
        found = get_one(self.table, _packaged(case))
        return self.get(str(found["package"])).record if found else None

    def save_step(self, before: Package | None, step: Step[Package], once: Once | None = None) -> None:
        """Write a package, its event and its line, or nothing. Raises Stale when someone else was first.

        A new package becomes the latest of its case, if that is still the one which it supersedes.
        """
        beside = [*_lines(self.table, self._log, before, step.record)]
        if before is None:
            package = step.record
            named = _packaged(package.archived_case) | {"package": package.id}
            expected = {"package": package.supersedes} if package.supersedes else {}
            beside.append({"Put": over(self.table, named, expected)})
        self.save(step, {}, once=once, beside=beside)

    def page(self, state: State | None, *, limit: int, after: str | None) -> tuple[list[PackageLine], str | None]:
        """Return a page of packages, of one state or of all, and the next page's token."""
        place = f"PACKAGES#{self._log}"
        first, last = (f"{state}/", f"{state}/~") if state else ("A", "~")  # each line begins with its state
        query = {
            "TableName": self.table,
            "KeyConditionExpression": "pk = :place AND sk BETWEEN :first AND :last",
            "ExpressionAttributeValues": item_of({":place": place, ":first": first, ":last": last}),
            "ConsistentRead": True,
            "ScanIndexForward": False,
            "Limit": limit,
        }
        found, token = query_page(query, after=after, key={"pk": place, "sk": None})
        return [PackageLine.model_validate_json(item["line"]) for item in found], token

    def head_of(self, case: str) -> CaseHead:
        """Return what the ledger keeps of a case's latest entry, read consistently. Raises NotFound."""
        found = get_one(self.table, case_name(case))
        if found is None:
            raise NotFound("there is no such case")
        return value(CaseHead, found)

    def policy(self) -> Policy:
        """Return the policy that trusts the log's own key, which the signer notes beside what it signed.

        Raises Conflict before the first.
        """
        found = get_one(self.table, {"pk": f"SIGNED#{self._log}", "sk": "SIGNED"}) or {}
        if "vkey" not in found:
            raise Conflict("账本尚未签名 / the log has signed nothing yet")
        return trust_log(str(found["vkey"]))

    def keep_bag(self, package_id: str, made: Made) -> None:
        """Write a bag; before its record, so that what fails in between leaves an object that nothing names."""
        key = _bag(package_id, made.manifest_sha256)
        s3().put_object(Bucket=self._bucket, Key=key, Body=made.body, ContentType=ZIP)

    def bag_link(self, package: Package) -> str:
        """Return an address at which a package's bag can be read for five minutes; nothing is asked of S3."""
        wanted = {
            "Bucket": self._bucket,
            "Key": _bag(package.id, package.manifest_sha256),
            "ResponseContentDisposition": f'attachment; filename="{package.id}.zip"',
        }
        return s3().generate_presigned_url("get_object", Params=wanted, ExpiresIn=LINK_SECONDS)


def _packaged(case: str) -> dict[str, str]:
    return {"pk": f"PACKAGED#{case}", "sk": "PACKAGED"}


def _bag(package_id: str, manifest_sha256: str) -> str:
    return f"archive/{package_id}/{manifest_sha256}.zip"


def _lines(table: str, log: str, before: Package | None, after: Package) -> Iterator["TransactWriteItemTypeDef"]:
    if before:
        yield {"Delete": {"TableName": table, "Key": item_of(_line(log, before))}}
    item = _line(log, after) | {"line": line_of(after).model_dump_json()}
    yield {"Put": {"TableName": table, "Item": item_of(item)}}


def _line(log: str, package: Package) -> dict[str, str]:
    return {"pk": f"PACKAGES#{log}", "sk": f"{package.state}/{package.changed_at.isoformat()}/{package.id}"}


def package_store() -> PackageStore:
    """Return the store of this function's table, bucket and log."""
    return PackageStore(os.environ["AUDIT_TABLE"], os.environ["FILES_BUCKET"], os.environ["LOG_ORIGIN"])
