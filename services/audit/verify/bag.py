"""Bags (BagIt, RFC 8493) in the one spelling that we write: every file in just one manifest, with its SHA-256.

A bag is its files by their path in it. Knows no zip, no folder, and nothing of what the files say.
"""

import re
from collections.abc import Iterable, Mapping
from hashlib import sha256

from services.audit.verify.errors import Malformed, NotVerified, about

Files = Mapping[str, bytes]

DECLARATION, INFO = "bagit.txt", "bag-info.txt"
MANIFEST, TAG_MANIFEST = "manifest-sha256.txt", "tagmanifest-sha256.txt"
PAYLOAD = "data/"
DECLARED = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
SAFE = re.compile(r"(?:[A-Za-z0-9_-][A-Za-z0-9._-]*/)*[A-Za-z0-9_-][A-Za-z0-9._-]*")  # no part begins with a dot
_LINE = re.compile(r"([0-9a-f]{64})  (\S+)")


def manifest_of(files: Files) -> bytes:
    """Return the manifest that lists files with their hashes, in the order of their paths."""
    lines = (f"{sha256(files[path]).hexdigest()}  {path}\n" for path in sorted(files))
    return "".join(lines).encode()


def oxum_of(files: Files) -> str:
    """Return how many bytes and files a bag's payload has, as its `Payload-Oxum` says it (RFC 8493 §2.2.2)."""
    payload = payload_of(files)
    return f"{sum(map(len, payload.values()))}.{len(payload)}"


def payload_of(files: Files) -> Files:
    """Return the files that the bag is for."""
    return {path: content for path, content in files.items() if path.startswith(PAYLOAD)}


def tags_of(files: Files, *, beside: Iterable[str] = ()) -> Files:
    """Return the tag files that the tag manifest lists: all but itself and those that came `beside` it later."""
    left_out = {TAG_MANIFEST, *beside}
    return {path: files[path] for path in files if not path.startswith(PAYLOAD) and path not in left_out}


def verify_bag(files: Files, *, beside: Iterable[str] = ()) -> None:
    """Raise NotVerified unless each file is in just one manifest, with its hash, and none is missing.

    Files `beside` the tag manifest are let be. Raises Malformed for what is no bag in our spelling.
    """
    for path in files:
        if not SAFE.fullmatch(path):
            raise Malformed(f"{path[:100]!r} is not a name that a file of a bag may have")
    if files.get(DECLARATION) != DECLARED:
        raise Malformed(f"{DECLARATION} is not that of a bag, version 1.0 in UTF-8")
    _verify_listed(files, TAG_MANIFEST, tags_of(files, beside=beside))
    _verify_listed(files, MANIFEST, payload_of(files))
    said = re.findall(rb"^Payload-Oxum: (.*)$", files.get(INFO, b""), re.MULTILINE)
    if said != [oxum_of(files).encode()]:
        raise NotVerified(f"{INFO} does not say how much the bag holds: {oxum_of(files)}")


def _verify_listed(files: Files, manifest: str, expected: Files) -> None:
    with about(manifest):
        if manifest not in files:
            raise NotVerified("it is missing")
        listed = _parse(files[manifest])
        for path in sorted(listed.keys() | expected.keys()):
            if path not in expected:
                raise NotVerified(f"{path} is listed and is not there")
            if path not in listed:
                raise NotVerified(f"{path} is there and is not listed")
            if sha256(expected[path]).hexdigest() != listed[path]:
                raise NotVerified(f"{path} has another hash than it lists")


def _parse(manifest: bytes) -> dict[str, str]:
    text = manifest.decode("utf-8", "replace")
    lines = [_LINE.fullmatch(line) for line in text.removesuffix("\n").split("\n")]
    listed = {line[2]: line[1] for line in lines if line}
    if not text.endswith("\n") or len(listed) < len(lines) or list(listed) != sorted(listed):
        raise Malformed("it is not a line for each file, in their order, of hash, two spaces and path")
    return listed
