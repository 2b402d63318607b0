"""Sets by API what emulators drop from templates, as the templates say it, and checks that it stands.

Nothing is repeated here by hand: another table or bucket in the template is settled without a change to this file.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from infra.local.home import LocalStackError
from infra.local.places import Place
from infra.local.templates import Template, literal, of_type

Value = dict[str, Any]


@dataclass(frozen=True)
class Setting:
    """One property of a type of resource: how it is read back, in the template's form, and how it is set."""

    kind: str
    property: str
    read: Callable[[Place, str], Value]
    write: Callable[[Place, str, Value], object]


def settle(place: Place, template: Template, resources: Mapping[str, str]) -> list[str]:
    """Make every dropped setting of `template` stand; return those that had to be set, as `Table.Property`.

    `resources` are the stack's physical ids by logical id. Raises LocalStackError when one does not take.
    """
    written = []
    for setting in SETTINGS:
        for name, properties in of_type(template, setting.kind).items():
            where = f"{name}.{setting.property}"
            wanted = literal(properties.get(setting.property), where)
            if wanted and name in resources and setting.read(place, resources[name]) != wanted:
                _write(setting, place, resources[name], wanted, where)
                written.append(where)
    return written


def _write(setting: Setting, place: Place, resource: str, wanted: Value, where: str) -> None:
    try:
        setting.write(place, resource, wanted)
    except ClientError as error:
        raise LocalStackError(f"{where} cannot be set: {error.response['Error']['Message']}") from error
    if (stands := setting.read(place, resource)) != wanted:
        raise LocalStackError(f"{where} does not stand: {wanted} was set, {stands} is there")


def _time_to_live(place: Place, table: str) -> Value:
    found = place.dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    return {
        "AttributeName": found.get("AttributeName"),
        "Enabled": found["TimeToLiveStatus"] in ("ENABLED", "ENABLING"),
    }


def _set_time_to_live(place: Place, table: str, wanted: Value) -> object:
    return place.dynamodb.update_time_to_live(
        TableName=table,
        TimeToLiveSpecification={"AttributeName": wanted["AttributeName"], "Enabled": wanted["Enabled"]},
    )


def _recovery(place: Place, table: str) -> Value:
    found = place.dynamodb.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    status = found.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus")
    return {"PointInTimeRecoveryEnabled": status == "ENABLED"}


def _set_recovery(place: Place, table: str, wanted: Value) -> object:
    return place.dynamodb.update_continuous_backups(
        TableName=table,
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": wanted["PointInTimeRecoveryEnabled"]},
    )


def _lock(place: Place, bucket: str) -> Value:
    try:
        return dict(place.s3.get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"])
    except ClientError as error:
        if "ObjectLockConfigurationNotFound" not in str(error):
            raise
        return {}


def _set_lock(place: Place, bucket: str, wanted: Value) -> object:
    return place.s3.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration=wanted)  # type: ignore[arg-type]  # as the template says it


SETTINGS = (
    Setting("AWS::DynamoDB::Table", "TimeToLiveSpecification", _time_to_live, _set_time_to_live),
    Setting("AWS::DynamoDB::Table", "PointInTimeRecoverySpecification", _recovery, _set_recovery),
    Setting("AWS::S3::Bucket", "ObjectLockConfiguration", _lock, _set_lock),
)
