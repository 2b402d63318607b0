"""`govshare evaluate`: how well the search and the duplicate check do on anybody's files, by measures done by hand.

tests/data/duplicate_pairs.jsonl and duplicate_pairs_more.jsonl: 来源:北京市公共数据开放平台; `duplicate` says what a
reader of both entries decided, and nothing was fitted to the second.
"""

import json
from math import isclose, log2
from pathlib import Path
from typing import Any

import pytest

from tools.govshare import scores
from tools.govshare.commands import main
from tools.govshare.evaluating import Row, evaluate_duplicates, evaluate_search, findable, read
from tools.govshare.failures import UNUSABLE, Unusable

ROOT = Path(__file__).parents[2]
SAMPLE, JUDGED = ROOT / "data" / "beijing_catalogue.jsonl", ROOT / "tests" / "data"
ROWS = [
    {"id": "n-1", "title": "公证处名录", "items": [{"name": "公证处名称", "type": "字符型"}], "downloads": 7},
    {"id": "n-2", "title": "公证处名录", "items": [{"name": "公证处名称"}], "colour": "red"},
    {"id": "p-1", "title": "停车场泊位"},
    {"id": "m-1", "title": "博物馆", "source": "anybody"},
]
QUERIES = [
    {"qid": "1", "type": "keyword", "query": "停车场", "relevant": ["p-1"], "judge": "anybody"},
    {"qid": "2", "type": "keyword", "query": "公证", "relevant": ["n-1", "m-1"]},
    {"qid": "3", "query": "博物馆", "relevant": ["n-2"]},
    {"qid": "4", "query": "无人认定", "relevant": []},
]
PAIRS = [{"a": "n-1", "b": "n-2", "duplicate": 1, "why": "same"}, {"a": "n-1", "b": "m-1", "duplicate": 0}]
TEN = [f"r-{number}" for number in range(10)]


def written(path: Path, *lines: Any) -> Path:
    path.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines))
    return path


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    """A file of four rows, in the shape of data/."""
    return written(tmp_path / "rows.jsonl", *ROWS)


def evaluate(what: str, catalogue: Path, judged: Path, *more: str) -> int:
    option = {"search": "--queries", "duplicates": "--pairs"}[what]
    return main(["evaluate", what, "--catalogue", str(catalogue), option, str(judged), *more])


def test_recall_is_of_as_many_as_ten_places_can_hold() -> None:
    assert scores.recall(["a", "x", "b"], {"a", "b", "c"}) == 2 / 3
    assert scores.recall(["a"], {"a", "b"}) == 0.5
    assert scores.recall(TEN, {*TEN, "more", "still more"}) == 1
    assert scores.recall([*TEN, "late"], {"late"}) == 0
    assert scores.recall([], {"a"}) == 0


def test_the_reciprocal_rank_is_one_over_the_place_of_the_first_relevant_one() -> None:
    assert [scores.reciprocal_rank(["x", "y", "a", "b"], each) for each in ({"a", "b"}, {"x"}, {"z"})] == [1 / 3, 1, 0]
    assert scores.reciprocal_rank([*TEN, "late"], {"late"}) == 1 / 11


def test_the_discounted_gain_is_of_the_best_order_that_there_could_be() -> None:
    assert scores.ndcg(["a", "b", "x"], {"a", "b"}) == 1
    assert isclose(scores.ndcg(["x", "a"], {"a"}), 1 / log2(3))
    assert isclose(scores.ndcg(["a", "x", "b"], {"a", "b"}), (1 + 1 / 2) / (1 + 1 / log2(3)))
    assert scores.ndcg(TEN, {*TEN, "more"}) == 1
    assert scores.ndcg(["x"], {"a"}) == scores.ndcg([*TEN, "late"], {"late"}) == 0


def test_average_precision_is_the_mean_precision_at_each_duplicate() -> None:
    assert scores.average_precision([True, True, False]) == 1
    assert isclose(scores.average_precision([True, False, True]), (1 + 2 / 3) / 2)
    assert isclose(scores.average_precision([False, False, True]), 1 / 3)
    assert scores.average_precision([False]) == scores.average_precision([]) == 0


def test_queries_are_measured_each_by_itself_and_averaged_by_type(catalogue: Path, tmp_path: Path) -> None:
    report = evaluate_search(catalogue, written(tmp_path / "queries.jsonl", *QUERIES))

    assert [(kind, each.queries) for kind, each in report.by_type.items()] == [("keyword", 2), ("", 1)]
    assert (report.by_type["keyword"].recall_at_10, report.by_type[""].recall_at_10) == (0.75, 0)
    assert report.overall.recall_at_10 == report.by_type["keyword"].recall_at_10 * 2 / 3
    gain = 1 / log2(3) / (1 + 1 / log2(3))  # 公证 finds the newer id, n-2, first
    assert isclose(report.by_type["keyword"].ndcg_at_10, (1 + gain) / 2)
    assert report.by_type["keyword"].mrr == (1 + 1 / 2) / 2


def test_the_search_is_reported_as_json_by_the_names_of_its_measures(
    catalogue: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate("search", catalogue, written(tmp_path / "queries.jsonl", *QUERIES), "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert said.keys() == {"overall", "by_type"}
    assert said["overall"].keys() == {"queries", "recall@10", "MRR", "nDCG@10"}
    assert said["overall"]["queries"] == 3


def test_duplicates_are_reported_as_json_by_the_names_of_their_measures(
    catalogue: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate("duplicates", catalogue, written(tmp_path / "pairs.jsonl", *PAIRS), "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said.pop("pairs"), said.pop("duplicates"), said.pop("threshold")) == (2, 1, 70)
    assert said == dict.fromkeys(("precision", "recall", "F1", "average_precision", "partner_in_top_10"), 1.0)


@pytest.mark.parametrize(("what", "judged"), [("search", QUERIES), ("duplicates", PAIRS)])
def test_without_json_the_same_is_a_table(
    catalogue: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], what: str, judged: list[dict[str, Any]]
) -> None:
    assert evaluate(what, catalogue, written(tmp_path / "judged.jsonl", *judged)) == 0
    said = capsys.readouterr().out
    assert all(name in said for name in {"search": ["recall@10", "MRR"], "duplicates": ["F1", "precision"]}[what])


def test_a_row_needs_an_id_and_a_title_and_of_all_else_what_is_not_known_is_passed_over(tmp_path: Path) -> None:
    (bare,) = read(written(tmp_path / "bare.jsonl", "", {"id": "r-1", "title": "公证处", "any": [{"thing": 1}]}), Row)
    assert (findable(bare).id, findable(bare).title, findable(bare).nobodys) == ("r-1", "公证处", True)


@pytest.mark.parametrize("line", ["{", "[1]", '"text"', '{"id": "r-1"}', '{"id": "r-1", "title": null}', "{'id': 1}"])
@pytest.mark.parametrize("what", ["search", "duplicates"])
def test_a_broken_line_is_named_with_its_number(
    catalogue: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], what: str, line: str
) -> None:
    broken = written(tmp_path / "broken.jsonl", ROWS[0], "", line, ROWS[1])
    judged = written(tmp_path / "judged.jsonl", *(QUERIES if what == "search" else PAIRS))
    assert evaluate(what, broken, judged) == evaluate(what, catalogue, broken) == UNUSABLE
    catalogue_is, judged_is = capsys.readouterr().err.splitlines()
    assert catalogue_is.startswith(f"{broken}:3: ")
    assert judged_is.startswith(f"{broken}:1: ")


@pytest.mark.parametrize(
    "line", ['{"id": "a", "title": "a\\ud800"}', f'{{"id": "a", "title": "a", "n": {"9" * 5000}}}', "[" * 100_000]
)
def test_a_line_that_no_reader_can_take_is_unusable(tmp_path: Path, line: str) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text(line)
    with pytest.raises(Unusable, match=r"rows\.jsonl:1: "):
        read(rows, Row)


def test_a_line_ends_where_json_lines_end_and_not_at_other_separators(tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"id": "a", "title": "公\u2028证"}\n{"id": "b", "title": "\x85"}\r\n')
    assert [row.title for row in read(rows, Row)] == ["公\u2028证", "\x85"]


def test_pairs_that_name_unknown_rows_are_refused_and_the_rows_named(
    catalogue: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs = written(tmp_path / "pairs.jsonl", *PAIRS, {"a": "n-1", "b": "who", "duplicate": 0})
    assert evaluate("duplicates", catalogue, pairs) == UNUSABLE
    assert capsys.readouterr().err == f"{pairs} names rows that are not in the catalogue: who\n"


def test_a_file_that_is_not_there_or_is_no_text_or_judges_nothing_is_unusable(catalogue: Path, tmp_path: Path) -> None:
    bytes_only = tmp_path / "bytes.jsonl"
    bytes_only.write_bytes(b"\xff\xfe")
    for file in (tmp_path / "none.jsonl", bytes_only):
        with pytest.raises(Unusable, match="cannot be read"):
            evaluate_search(catalogue, file)
    with pytest.raises(Unusable, match="no query with a relevant row"):
        evaluate_search(catalogue, written(tmp_path / "queries.jsonl", QUERIES[3]))


def test_real_duplicates_are_told_from_real_others_and_a_check_finds_both_of_a_pair() -> None:
    assert evaluate_duplicates(SAMPLE, JUDGED / "duplicate_pairs.jsonl").f1 >= 0.83
    more = evaluate_duplicates(SAMPLE, JUDGED / "duplicate_pairs_more.jsonl")
    assert (more.pairs, more.duplicates) == (270, 100)
    assert more.f1 >= 0.83
    assert more.precision >= 0.80
    assert more.partner_in_top_10 >= 0.93
