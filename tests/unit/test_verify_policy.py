"""A policy says whom to trust; one that could be misread is refused with the number of its line."""

import pytest

from services.audit.verify.errors import Malformed
from services.audit.verify.policy import Group, parse_policy, trust_log
from tests.unit.ledger_makers import LOG, ORIGIN, Signer, a_witness

LOG_LINE = f"log {LOG.key.vkey}"
W1, W2 = (f"witness w{number} {a_witness(number).key.vkey}" for number in (1, 2))


def test_a_policy_of_one_log_without_witnesses_asks_for_no_quorum() -> None:
    policy = trust_log(LOG.key.vkey)
    assert (policy.logs, policy.reaches_quorum([])) == ((LOG.key,), True)


def test_comments_blank_lines_tabs_and_addresses_are_allowed() -> None:
    text = f"# 政策\n\n \t# more\n\t{LOG_LINE}  https://ledger.example/ \n{W1}\thttps://w.example/\nquorum\tw1"
    policy = parse_policy(text.encode())
    assert policy.logs == (LOG.key,)
    assert policy.reaches_quorum([a_witness(1).key])
    assert not policy.reaches_quorum([])


def test_the_addresses_of_logs_and_witnesses_are_kept_by_name() -> None:
    lines = [f"{LOG_LINE} https://ledger.example/", f"{W1} https://w.example/sub", W2, "quorum w1"]
    policy = parse_policy("\n".join(lines).encode())
    assert policy.urls == {ORIGIN: "https://ledger.example/", "w1": "https://w.example/sub"}


def test_names_and_comments_are_octets_and_need_not_be_utf_8() -> None:
    witness = W1.encode().replace(b" w1 ", b" \xff ")
    policy = parse_policy(b"# \xe9t\xe9\n" + LOG_LINE.encode() + b"\n" + witness + b"\nquorum \xff\n")
    assert policy.reaches_quorum([a_witness(1).key])


@pytest.mark.parametrize(("count", "threshold"), [("any", 1), ("all", 2), ("1", 1), ("2", 2)])
def test_a_group_counts_its_members(count: str, threshold: int) -> None:
    policy = parse_policy(f"{W1}\n{W2}\ngroup g {count} w1 w2\nquorum g\n".encode())
    assert policy.groups == {"g": Group(threshold, ("w1", "w2"))}


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([], "exactly one quorum"),
        (["quorum none", "quorum none"], "exactly one quorum"),
        (["trust me", "quorum none"], "line 1: it is not a log"),
        ([LOG_LINE, "log", "quorum none"], "line 2: it is not a log"),
        ([f"{LOG_LINE} a b"], "line 1: it is not a log"),
        (["quorum none extra"], "line 1: it is not a log"),
        ([LOG_LINE, LOG_LINE], "line 2: the key of ledger.example/filings is given twice"),
        ([W1, W1.replace("w1 ", "other ")], "given twice"),
        ([W1, W2.replace("w2 ", "w1 ")], "the name 'w1' is taken"),
        ([W1.replace("w1 ", "none ")], "the name 'none' is taken"),
        ([f"log {a_witness(1).key.vkey}"], "of kind 4, 1 is expected"),
        ([f"witness w {LOG.key.vkey}"], "of kind 1, 4 is expected"),
        (["quorum w1", W1], "line 1: no line before it defines 'w1'"),
        ([W1, "group g any w1 w2", W2], "line 2: no line before it defines 'w2'"),
        ([W1, "group g any g"], "no line before it defines 'g'"),
        ([W1, "group g any none"], "no line before it defines 'none'"),
        ([W1, "group g any w1 w1"], "a group's member already"),
        ([W1, "group g any w1", "group h any w1"], "a group's member already"),
        ([W1, "group g any"], "it is not a log"),
        ([W1, "group g 0 w1"], "a group of 1 cannot ask for 0"),
        ([W1, "group g 2 w1"], "a group of 1 cannot ask for 2"),
        ([W1, "group g -1 w1"], "is not a number"),
        ([W1, "group g some w1"], "is not a number"),
        (["quorum none\r"], "control character"),
        ([f"{LOG_LINE} https://a", f"log {Signer(seed=bytes([9]) * 32).key.vkey} https://b"], "another address"),
        ([f"{LOG_LINE} https://a", f"{W1.replace('w1 ', f'{ORIGIN} ')} https://b"], "another address"),
    ],
)
def test_a_policy_that_could_be_misread_is_malformed(lines: list[str], reason: str) -> None:
    with pytest.raises(Malformed, match=reason):
        parse_policy("\n".join(lines).encode())
