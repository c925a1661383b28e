"""What a test asked and what was answered, in the words that people read."""

from __future__ import annotations

from dataclasses import dataclass

from excudit.sources.assessment.document import Answer, Test

YES_OR_NO = frozenset({"binary", "Binary-Binary", "Binary-Manual", "Binary-Manual-Evidence"})


@dataclass(frozen=True, slots=True)
class Answered:
    """`answers`: pairs of parameter ("" = none is named) and answer. `evidence_label`: what
    evidence is asked for in, "" where none is."""

    question: str
    answers: tuple[tuple[str, str], ...]
    evidence_label: str


def answered(test: Test) -> Answered:
    """A test by its type, as CAT shows it: types come with stray spaces."""
    kind = test.type.strip()
    question, _, label = (part.strip() for part in test.text.partition("|"))
    wants_evidence = kind.endswith("-Evidence")
    if kind in YES_OR_NO:
        answers: tuple[tuple[str, str], ...] = (("", _yes_or_no(test)),)
    else:
        name = test.params.split("|")[0].strip()
        answers = ((name, _plain(test.value)),)
    return Answered(question, answers, (label or "Evidence") if wants_evidence else "")


def _yes_or_no(test: Test) -> str:
    if test.result is None:
        return "n.a."
    return "yes" if test.result else "no"


def _plain(value: Answer) -> str:
    if value is None:
        return "n.a."
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip() or "n.a."
