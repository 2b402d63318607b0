"""A bundle of evidence from the first call to the seal: what its maker may see is gathered, verified, sealed in the
ledger, and verified again with no network; what is not filed, not allowed or not true makes no bundle.

The functions answer behind an HTTP server on loopback, which also serves the log's public tiles.
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar
from zipfile import ZipFile

import bagit
import pytest

from services.audit import listen
from services.audit.verify.bag import TAG_MANIFEST
from services.audit.verify.bundle import SEALS, verify_bundle
from services.audit.verify.bundle_index import CHECKPOINT, SEAL_ENTRY, Index, parse_index
from services.audit.verify.errors import NotVerified
from services.audit.verify.receipt import parse_receipt
from services.shared.erasure import erasure_case, erasure_id
from services.shared.organisations import ARCHIVES_BUREAU, OFFICE, SECRECY_BUREAU, SUPERVISION_BUREAU
from tests.erasing import Written, a_comment, a_refusal, erase
from tests.filing import a_case, a_sequencer, log, policy, standing_ledger, take_in
from tests.routes import handler_of
from tests.sharing import PROVIDER, REFUSAL
from tests.support import Pump, Reply, call, token
from tests.witnesses import Witnesses, serving
from tools.govshare.bags import read_bag, write_bag
from tools.govshare.bundles import Inquiry, Trust, gather, seal
from tools.govshare.client import Api
from tools.govshare.commands import main
from tools.govshare.failures import Refused

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


class Platform(BaseHTTPRequestHandler):
    """The gateway before the functions, and the CDN before the log, one call after the other.

    `after` is done once a write was answered; what is `altered` by its path is not what the functions said.
    """

    after: ClassVar[list[Callable[[], object]]]
    altered: ClassVar[dict[str, Callable[[Any], Any]]]

    def do_GET(self) -> None:
        if self.path.startswith("/tile/"):
            assert "Authorization" not in self.headers
            return self._send(200, {}, log().read(self.path.removeprefix("/")))
        return self._answer(self._called("GET"))

    def do_POST(self) -> None:
        self._answer(self._called("POST", self.rfile.read(int(self.headers["Content-Length"])).decode()))
        for act in Platform.after:
            act()

    def _called(self, method: str, sent: str | None = None) -> Reply:
        return call(handler_of(self.path), method, self.path, raw=sent, headers=dict(self.headers))

    def _answer(self, reply: Reply) -> None:
        body = reply.body
        for path, alter in Platform.altered.items():
            body = alter(body) if self.path.startswith(path) else body
        text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
        self._send(reply.status, {"Location": reply.headers.get("location", "")}, text.encode())

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@pytest.fixture(scope="module", autouse=True)
def stack() -> Iterator[dict[str, str]]:
    """One stack for all tests here; what a test changes it has made for itself."""
    with standing_ledger() as made:
        yield made


@pytest.fixture(scope="module")
def file_all(stack: dict[str, str]) -> Callable[[], None]:
    """What files everything that happened."""
    pumps = [Pump(stack[table], listen.intake) for table in ("RequestsTable", "CatalogTable", "AuditTable")]

    def run() -> None:
        for pump in pumps:
            pump.run()
        a_sequencer().run()

    return run


@pytest.fixture(scope="module")
def address(file_all: Callable[[], None]) -> Iterator[str]:
    """The address of the platform; it files at once what is written through it."""
    with HTTPServer(("127.0.0.1", 0), Platform) as server, pytest.MonkeyPatch.context() as patch:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        patch.setenv("PUBLIC_LOG_BASE_URL", f"http://127.0.0.1:{server.server_port}")
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def api(address: str, file_all: Callable[[], None]) -> str:
    """The same, once it answers as it should."""
    Platform.after, Platform.altered = [file_all], {}
    return address


@pytest.fixture(scope="module")
def refusal(stack: dict[str, str], file_all: Callable[[], None]) -> Written:
    """The words of a refusal, whose case is filed: of four entries the first and the last had words."""
    refusal = a_refusal(stack["RequestsTable"])
    file_all()
    return refusal


@pytest.fixture(scope="module")
def erased(stack: dict[str, str], file_all: Callable[[], None]) -> Written:
    """The words of another, which were erased."""
    refusal = a_refusal(stack["RequestsTable"])
    erase("/requests/erasures", refusal.asked(), PROVIDER)
    file_all()
    return refusal


@pytest.fixture(scope="module")
def trust(stack: dict[str, str]) -> Trust:
    """Whom the maker and the verifier of a bundle trust."""
    vkey = listen.sign({"action": "vkey"}, None)["vkey"]
    return Trust(policy(), f"log {vkey}\nquorum none\n".encode())


@pytest.fixture(scope="module")
def policy_file(tmp_path_factory: pytest.TempPathFactory, trust: Trust) -> Path:
    """The policy as a file of whoever verifies."""
    path = tmp_path_factory.mktemp("kept") / "policy.txt"
    path.write_bytes(trust.text)
    return path


@pytest.fixture(scope="module")
def bundle(
    tmp_path_factory: pytest.TempPathFactory,
    address: str,
    refusal: Written,
    erased: Written,
    file_all: Callable[[], None],
    policy_file: Path,
) -> Path:
    """The office's bundle of both cases, for an accountability case on a duty."""
    Platform.after, Platform.altered = [file_all], {}
    out = tmp_path_factory.mktemp("made") / "jc-2026-15.zip"
    assert made_by(address, OFFICE, refusal.case, erased.case, out=out, policy_file=policy_file) == 0
    return out


def govshare(*arguments: object) -> int:
    """Run a command; return its exit code."""
    return main([str(argument) for argument in arguments])


def made_by(api: str, organisation: str, *cases: str, out: Path, policy_file: Path, ground: str = "duty") -> int:
    """Make a sealed bundle as an officer of a bureau."""
    about = ("--accountability-case", "JC-2026-15", "--ground", ground, "--unit", PROVIDER)
    to = ("--out", out, "--policy", policy_file, "--api", api, "--token", token(organisation))
    return govshare("evidence-bundle", *cases, *about, *to)


def index_of(out: Path) -> Index:
    return parse_index(read_bag(out)["data/index.json"])


def inquiry(*cases: str) -> Inquiry:
    return Inquiry("JC-2026-15", "duty", (PROVIDER,), cases)


def calling(api: str, organisation: str = OFFICE) -> Api:
    return Api(api, token(organisation), pauses=())


def test_a_bundle_is_made_sealed_and_verified(
    bundle: Path, refusal: Written, erased: Written, policy_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert govshare("verify", "bundle", bundle, "--policy", policy_file) == 0

    said = capsys.readouterr().out
    assert said.startswith("verified: evidence for JC-2026-15 (duty), made by informatization_office at 20")
    assert f": case {refusal.case} (entries 1 to 4), case {erased.case} (entries 1 to 4); payloads: 1 there" in said
    assert ", 1 erased, 2 not for its maker to read; sealed by entry " in said


def test_its_seal_is_an_entry_that_the_bureau_that_made_it_reads(bundle: Path) -> None:
    path = "/audit/evidence?accountability_case=JC-2026-15"
    (sealed,) = call(handler_of(path), "GET", path, token=token(SUPERVISION_BUREAU)).body["items"]

    entry = json.loads(read_bag(bundle)[SEAL_ENTRY])

    assert (entry["case"], entry["body"]["entries"], entry["parties"]) == (sealed["id"], 9, [OFFICE])


def test_others_take_it_for_a_bag(bundle: Path, tmp_path: Path) -> None:
    with ZipFile(bundle) as archive:
        archive.extractall(tmp_path)

    assert bagit.Bag(str(tmp_path / "jc-2026-15")).validate(processes=1)


def test_all_its_proofs_lead_to_one_checkpoint_beside_the_receipts_as_they_were_given(bundle: Path) -> None:
    bag = read_bag(bundle)

    receipts = [parse_receipt(content) for path, content in bag.items() if path.endswith("tlog-proof")]
    proofs = [parse_receipt(content) for path, content in bag.items() if path.endswith("bundle.tlog-proof")]
    assert {proof.checkpoint for proof in proofs} == {bag[CHECKPOINT]}
    assert len({receipt.checkpoint for receipt in receipts}) > 1
    assert (len(proofs), len(receipts)) == (9, 9 + 9 + 1)


def test_what_was_erased_is_listed_and_its_erasure_is_proven(bundle: Path, erased: Written) -> None:
    index = index_of(bundle)

    line = index.cases[1].payloads[-1]
    assert (line.seq, line.withheld, line.erased_by) == (4, "erased", erasure_id(erased.event))
    assert [case.case for case in index.erasures] == [erasure_case(erased.event)]
    assert f"data/cases/{erased.case}/4.payload.json" not in read_bag(bundle)


def test_what_was_written_is_there_as_far_as_its_maker_may_read_it(
    api: str, bundle: Path, refusal: Written, trust: Trust
) -> None:
    with closing(calling(api, SUPERVISION_BUREAU)) as client:
        supervision = gather(client, inquiry(refusal.case), trust, NOON)

    path = f"data/cases/{refusal.case}/4.payload.json"
    assert json.loads(read_bag(bundle)[path])["reason"] == REFUSAL["reason"]
    assert [(line.seq, line.withheld) for line in index_of(bundle).cases[0].payloads] == [(1, "not_readable"), (4, "")]
    assert path not in supervision
    (case,) = parse_index(supervision["data/index.json"]).cases
    assert {line.withheld for line in case.payloads} == {"not_readable"}


def test_the_words_of_a_catalogue_case_are_found_where_its_owner_keeps_them(
    api: str, stack: dict[str, str], file_all: Callable[[], None], trust: Trust
) -> None:
    comment = a_comment(stack["CatalogTable"])
    file_all()
    with closing(calling(api)) as client:
        bag = gather(client, inquiry(comment.case), trust, NOON)

    words = [json.loads(content) for path, content in bag.items() if path.endswith("payload.json")]
    assert {"comment": "口径清楚,与统计制度一致。"} in words


def test_an_erasure_that_is_named_as_a_case_is_not_there_twice(api: str, erased: Written, trust: Trust) -> None:
    with closing(calling(api)) as client:
        bag = gather(client, inquiry(erased.case, erasure_case(erased.event)), trust, NOON)

    assert parse_index(bag["data/index.json"]).erasures == ()


def test_the_same_evidence_at_the_same_time_is_the_same_bag(api: str, refusal: Written, trust: Trust) -> None:
    with closing(calling(api)) as client:
        assert gather(client, inquiry(refusal.case), trust, NOON) == gather(client, inquiry(refusal.case), trust, NOON)


def test_a_leak_is_sealed_by_the_secrecy_bureau_from_what_it_sees(
    api: str, file_all: Callable[[], None], tmp_path: Path, policy_file: Path
) -> None:
    events = [
        event.model_copy(update={"parties": (PROVIDER, SECRECY_BUREAU)} if event.case_seq in {2, 3, 5} else {})
        for event in a_case(5)
    ]
    take_in(*events)
    file_all()

    out = tmp_path / "leak.zip"
    assert made_by(api, SECRECY_BUREAU, events[0].case, out=out, policy_file=policy_file, ground="leak") == 0
    assert index_of(out).cases[0].runs == ((2, 3), (5, 5))


def test_a_case_with_an_entry_that_is_not_filed_makes_no_bundle(
    api: str, tmp_path: Path, policy_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = a_case(2)
    take_in(first)
    a_sequencer().run()
    take_in(second)

    assert made_by(api, OFFICE, first.case, out=tmp_path / "x.zip", policy_file=policy_file) == 1
    assert "entry 2 is not filed yet; try again in a moment" in capsys.readouterr().err
    assert not (tmp_path / "x.zip").exists()


def test_an_erasure_that_is_not_filed_makes_no_bundle(
    api: str, stack: dict[str, str], trust: Trust, file_all: Callable[[], None]
) -> None:
    refusal = a_refusal(stack["RequestsTable"])
    file_all()
    erase("/requests/erasures", refusal.asked(), PROVIDER)

    with closing(calling(api)) as client, pytest.raises(Refused, match="the erasure is not filed yet"):
        gather(client, inquiry(refusal.case), trust, NOON)


def test_a_case_that_the_maker_does_not_see_makes_no_bundle(api: str, refusal: Written, trust: Trust) -> None:
    with closing(calling(api, SECRECY_BUREAU)) as client, pytest.raises(Refused, match="there is no such case"):
        gather(client, inquiry(refusal.case), trust, NOON)


def another_entry(body: Any) -> Any:
    return body | {"entry": body["entry"] | {"actor": "o-somebody-else"}} if "entry" in body else body


def other_words(body: Any) -> Any:
    return body | {"content": {"reason": "另有原因"}} if "content" in body else body


def fewer_entries(body: Any) -> Any:
    return body | {"items": body["items"][:1] + body["items"][2:]} if "items" in body else body


@pytest.mark.parametrize(
    ("path", "lie", "sentence"),
    [
        ("/audit/filings/", another_entry, "entry 2 of the case: its prev_hash is"),
        ("/requests/", other_words, "what was written with it has not the hash that is filed"),
        ("/audit/receipts/", lambda text: text.replace("index ", "index 1"), "receipt of entry"),
    ],
)
def test_what_the_api_says_wrongly_makes_no_bundle(
    api: str, refusal: Written, trust: Trust, path: str, lie: Callable[[Any], Any], sentence: str
) -> None:
    Platform.altered[path] = lie

    with closing(calling(api)) as client, pytest.raises(NotVerified, match=sentence):
        gather(client, inquiry(refusal.case), trust, NOON)


def test_an_entry_that_the_api_leaves_out_shows_as_a_gap(api: str, refusal: Written, trust: Trust) -> None:
    Platform.altered["/audit/filings?"] = fewer_entries
    with closing(calling(api)) as client:
        bag = gather(client, inquiry(refusal.case), trust, NOON)

    assert parse_index(bag["data/index.json"]).cases[0].runs == ((1, 1), (3, 4))


def test_who_may_not_seal_is_told_and_keeps_what_is_gathered(
    api: str, refusal: Written, tmp_path: Path, policy_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "unsealed.zip"

    assert made_by(api, ARCHIVES_BUREAU, refusal.case, out=out, policy_file=policy_file) == 1

    said = capsys.readouterr().err
    assert "expected 201, got 403" in said
    assert f"{out} is not sealed, `govshare evidence-seal {out}` goes on" in said
    assert not {*SEALS} & read_bag(out).keys()
    assert govshare("verify", "bundle", out, "--policy", policy_file) == 1


def test_who_died_before_the_receipt_came_goes_on_with_the_same_seal(
    api: str, refusal: Written, tmp_path: Path, policy_file: Path, trust: Trust
) -> None:
    out = tmp_path / "late.zip"
    with closing(calling(api)) as client:
        write_bag(out, gather(client, inquiry(refusal.case), trust, NOON))
        sealed = seal(client, read_bag(out), trust.policy)

    reached = ("--policy", policy_file, "--api", api, "--token", token(OFFICE))
    assert govshare("evidence-seal", out, *reached) == 0

    assert read_bag(out) == sealed
    assert govshare("verify", "bundle", out, "--policy", policy_file) == 0


def test_the_seal_s_receipt_is_waited_for_and_then_given_up(
    api: str, refusal: Written, trust: Trust, file_all: Callable[[], None]
) -> None:
    Platform.after = []
    with closing(calling(api)) as client:
        bag = gather(client, inquiry(refusal.case), trust, NOON)
        with pytest.raises(Refused, match="expected 200, got 404: there is no such event"):
            seal(client, bag, trust.policy, waits=(0.0, 0.0))

        def waits() -> Iterator[float]:
            yield 0.0
            Pump(os.environ["AUDIT_TABLE"], listen.intake, ("evidence.",)).run()
            yield 0.0
            file_all()
            yield 0.0

        sealed = seal(client, bag, trust.policy, waits=waits())

    assert verify_bundle(sealed, trust.policy).seal.index > 0
    assert sealed[TAG_MANIFEST] == bag[TAG_MANIFEST]


def test_under_a_policy_with_witnesses_the_quorum_vouches_for_all_of_it(
    api: str,
    refusal: Written,
    tmp_path: Path,
    trust: Trust,
    file_all: Callable[[], None],
) -> None:
    with serving(tmp_path, "w1", trust.policy) as line:
        witnesses = Witnesses([line], "quorum w1\n")
        witnesses.ask()
        strict = Trust(witnesses.with_log(trust.policy), trust.text)

        take_in(*a_case(1))
        a_sequencer().run()  # the published checkpoint has not reached its quorum
        Platform.after = [file_all, witnesses.ask]
        with closing(calling(api)) as client:
            bag = gather(client, inquiry(refusal.case), strict, NOON)
            sealed = seal(client, bag, strict.policy, waits=(0.0,))

    assert verify_bundle(sealed, strict.policy).contents.checkpoint.size > 0
