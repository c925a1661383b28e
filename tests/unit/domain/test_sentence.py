"""Sentences that remember their values: plain texts to all others."""

from __future__ import annotations

import copy
import json

from excudit.domain import lifecycle
from excudit.domain.errors import Rejected
from excudit.domain.lifecycle import Situation
from excudit.domain.problem import Problem
from excudit.domain.sentence import Sentence


def test_a_sentence_is_its_own_english_text() -> None:
    said = Sentence("%(who)s has 100 %% of it", who="Ada")
    assert said == "Ada has 100 % of it"
    assert json.dumps({"said": said}) == '{"said": "Ada has 100 % of it"}'
    assert Sentence("100 % plain") == "100 % plain"


def test_a_sentence_differs_by_its_number() -> None:
    words = ("%(num)s file of %(who)s", "%(num)s files of %(who)s")
    one, many = (Sentence.counted(*words, n, who="Ada") for n in (1, 1200))
    assert (one, many) == ("1 file of Ada", "1,200 files of Ada")
    assert (many.text, many.many, many.number) == (*words, 1200)


def test_sentences_in_a_row_and_lists_keep_what_they_are_made_of() -> None:
    joined = Sentence.joined("No.", "", Sentence("Ask %(who)s.", who="Ada"))
    assert joined == "No. Ask Ada."
    assert [getattr(v, "text", "") for v in joined.values.values()] == ["No.", "Ask %(who)s."]
    listed = [str(Sentence.listed(*words)) for words in ("A", "AB", "ABC")]
    assert listed == ["A", "A or B", "A, B or C"]


def test_a_sentence_is_kept_as_json_and_read_again() -> None:
    inner = Sentence.counted("%(num)s file", "%(num)s files", 3)
    said = Sentence("%(doing)s: %(count)s", doing=inner, count=3)
    read = Sentence.from_data(json.loads(json.dumps(said.as_data())))
    assert isinstance(read, Sentence)
    assert read == said
    assert read.values["doing"].many == "%(num)s files"
    assert Sentence.from_data("as it was") == "as it was"


def test_errors_and_problems_keep_their_sentences_also_when_copied() -> None:
    error = Rejected(Sentence("No %(what)s.", what="file"), hint=Sentence("Ask %(who)s.", who="A"))
    problem = Problem("", Sentence("No %(what)s.", what="file"))
    for kept in (error.message, error.hint, problem.message, copy.deepcopy(problem).message):
        assert isinstance(kept, Sentence)
        assert kept.values


def test_the_lifecycle_says_in_parts_why_something_is_not_possible() -> None:
    refused = lifecycle.refusal("approve", Situation("draft"), ["curator"])
    assert refused == "Approve is possible in In review; this is Draft."
    assert isinstance(refused, Sentence)
    assert refused.text == "%(action)s is possible in %(states)s; this is %(state)s."
