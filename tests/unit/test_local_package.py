"""What functions are made of: the same bytes for the same content, and nothing that does not belong there."""

import io
import zipfile

from infra.local import package


def names(bundle: bytes) -> set[str]:
    return set(zipfile.ZipFile(io.BytesIO(bundle)).namelist())


def test_the_same_content_is_the_same_bytes_in_whatever_order_it_came() -> None:
    assert package.archive({"a": b"1", "b": b"2"}) == package.archive({"b": b"2", "a": b"1"})


def test_other_content_has_another_name() -> None:
    one, other = (package.fingerprint(package.archive({"a": content})) for content in (b"1", b"2"))

    assert one != other


def test_code_is_imported_as_services_and_finds_the_reference_data_beside_it() -> None:
    assert {"services/__init__.py", "services/shared/__init__.py", "data/organisations.json"} <= names(package.code())


def test_no_compiled_file_no_makefile_and_no_sample_travels() -> None:
    assert not [name for name in names(package.code()) if name.endswith((".pyc", "Makefile", ".jsonl"))]
