"""What emulators drop from templates stands all the same, and an address that is not there is a 404."""

import pytest

from infra.local.places import Kind
from tests.e2e.city import City

TABLES = ["CatalogTable", "RequestsTable", "AuditTable"]


@pytest.mark.parametrize("table", TABLES)
def test_every_table_forgets_expired_items_and_can_go_back_in_time(city: City, table: str) -> None:
    client, name = city.aws("dynamodb"), city.outputs[table]
    ttl = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    assert (ttl["TimeToLiveStatus"], ttl["AttributeName"]) == ("ENABLED", "expires_at")
    backups = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"


def test_the_log_is_under_object_lock(city: City) -> None:
    locked = city.aws("s3").get_object_lock_configuration(Bucket=city.outputs["LogBucket"])
    assert locked["ObjectLockConfiguration"]["ObjectLockEnabled"] == "Enabled"


def test_an_address_that_is_not_there_is_a_404(city: City) -> None:
    answer = city.http.get("/nothing/here")
    assert answer.status_code == 404
    if city.kind is Kind.MINISTACK:  # LocalStack takes a gateway response's status and drops its body
        assert answer.json()["title"] == "NotFound"


def test_the_open_document_describes_the_deployed_routes(city: City) -> None:
    document = city.http.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert "/requests/{request_id}/{action}" in document["paths"]
