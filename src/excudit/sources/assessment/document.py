"""An assessment document as CAT writes it: read, and everything that is wrong with it at once.

Unknown members survive, because what is published are the bytes that were received.
"""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from excudit.domain.problem import Problem
from excudit.domain.storable import UNSTORABLE
from excudit.sources.assessment.scores import Criterion, Scored, compliance, differences, ranking

LARGEST = 10 * 1000 * 1000
DEEPEST = 60


def _text(value: Any) -> Any:
    return "" if value is None else value


Text = Annotated[str, BeforeValidator(_text), Field(max_length=20_000)]
Number = float | int | None
Answer = bool | float | int | str | None


class Loose(BaseModel):
    """A part of the document; what is not known of it is left alone."""

    model_config = ConfigDict(extra="allow", frozen=True)


class Named(Loose):
    """Something with an identifier and a name."""

    id: Text = ""
    name: Text = ""


class Subject(Named):
    """What was assessed."""

    type: Text = ""


class Result(Loose):
    """The outcome: `compliance` None = not known yet."""

    compliance: bool | None = None
    ranking: Number = None


class Evidence(Loose):
    """An address that shows why a test was answered so."""

    url: str = Field(max_length=4096)
    description: Text = ""


class Test(Named):
    """One question, as it was answered."""

    description: Text = ""
    type: Text = ""
    text: Text = ""
    params: Text = ""
    tool_tip: Text = ""
    value: Answer = None
    result: Number = None
    evidence_url: list[Evidence] | None = None


class Metric(Named):
    """What a criterion is measured by."""

    type: Text = ""
    label_algorithm_type: Text = ""
    label_type_metric: Text = ""
    benchmark_value: Number = None
    value: Number = None
    result: Number = None
    tests: list[Test] = Field(default_factory=list)


class CriterionRead(Named):
    """What was asked for; `imperative` is MUST, SHOULD or MAY."""

    description: Text = ""
    imperative: Text = Field(pattern=r"(?i)^\s*(must|should|may)\s*$")
    metric: Metric


class Principle(Named):
    """A group of criteria."""

    description: Text = ""
    criteria: list[CriterionRead] = Field(default_factory=list)


class Document(Loose):
    """The assessment itself (`assessment_doc`)."""

    id: Text = ""
    name: Text = ""
    version: Text = ""
    status: Text = ""
    timestamp: Text = ""
    assessment_type: Named = Named()
    actor: Named = Named()
    organisation: Named = Named()
    subject: Subject = Subject()
    result: Result = Result()
    principles: list[Principle] = Field(min_length=1)


class Wrapper(Loose):
    """What CAT answers: the document, and what its server knows of it."""

    id: str = Field(min_length=1, max_length=200)
    user_id: Text = ""
    published: bool = False
    assessment_doc: Document


class Assessment(BaseModel):
    """A sound document. `public` is None where it came without its server's word on it."""

    model_config = ConfigDict(frozen=True)

    id: str
    owner: str
    public: bool | None
    doc: Document
    notes: tuple[Problem, ...] = ()


def read(content: bytes) -> tuple[Assessment | None, list[Problem]]:
    """The assessment in these bytes, or everything that is wrong with them, each at its place.

    The document may stand alone or in its server's wrapper.
    """
    if len(content) > LARGEST:
        return None, [Problem("", "The document has more than 10 MB.", "Hand in a smaller one.")]
    try:
        tree = json.loads(content.decode("utf-8-sig"), parse_constant=_no_number)
    except UnicodeDecodeError as error:
        return None, [Problem("", f"Byte {error.start} is not UTF-8.", "Save the file as UTF-8.")]
    except json.JSONDecodeError as error:
        words = f"This is not JSON: {error.msg}."
        here = Problem("", words, "Mend the file.", line=error.lineno, column=error.colno)
        return None, [here]
    except (ValueError, RecursionError):
        return None, [Problem("", "This is not JSON.", "Numbers must be finite, and not nested.")]
    if problems := _unstorable(tree, "", 0):
        return None, problems
    return _understood(tree)


def _no_number(word: str) -> float:
    raise ValueError(word)


def _understood(tree: Any) -> tuple[Assessment | None, list[Problem]]:
    if not isinstance(tree, dict):
        return None, [Problem("", "An assessment is a JSON object.", "Hand in the whole document.")]
    wrapped = "assessment_doc" in tree
    try:
        if wrapped:
            found = Wrapper.model_validate(tree)
            doc = found.assessment_doc
            own: tuple[str, str, bool | None] = (found.id, found.user_id, found.published)
        else:
            doc = Document.model_validate(tree)
            own = (doc.id, "", None)
    except ValidationError as error:
        return None, _problems(error)
    prefix = "/assessment_doc" if wrapped else ""
    notes = [*_gaps(doc, prefix), *_mismatches(doc, prefix)]
    return Assessment(id=own[0], owner=own[1], public=own[2], doc=doc, notes=tuple(notes)), []


def _problems(error: ValidationError) -> list[Problem]:
    """Pydantic's findings, one for each place."""
    found: dict[str, Problem] = {}
    for one in error.errors(include_input=False, include_url=False):
        names = [str(n) for n in one["loc"] if n not in ("bool", "float", "int", "str")]
        place = "".join("/" + n.replace("~", "~0").replace("/", "~1") for n in names)
        words = one["msg"][0].upper() + one["msg"][1:].rstrip(".") + "."
        if one["type"] == "string_pattern_mismatch":
            words = "An imperative is MUST, SHOULD or MAY."
        found.setdefault(place, Problem(place, words, rule="assessment.form"))
    return list(found.values())


def _gaps(doc: Document, prefix: str) -> list[Problem]:
    gaps = []
    if not any((doc.name.strip(), doc.organisation.name.strip(), doc.actor.name.strip())):
        mend = "Name the assessment, the organisation or the actor."
        gaps.append(Problem(f"{prefix}/name", "The assessment has no name.", mend, "warning"))
    if doc.result.compliance is None:
        words = "Whether it complies is not known yet: a MUST criterion is unanswered."
        place = f"{prefix}/result/compliance"
        gaps.append(Problem(place, words, "Answer all tests, or publish it so.", "warning"))
    for at, url in _evidence(doc, prefix):
        if not url.lower().startswith(("http://", "https://")):
            words = "Only http and https addresses are published as links."
            gaps.append(Problem(at, words, "It is shown as plain text.", "warning"))
    return gaps


def _evidence(doc: Document, prefix: str) -> list[tuple[str, str]]:
    return [
        (
            f"{prefix}/principles/{p}/criteria/{c}/metric/tests/{t}/evidence_url/{e}/url",
            evidence.url.strip(),
        )
        for p, principle in enumerate(doc.principles)
        for c, criterion in enumerate(principle.criteria)
        for t, test in enumerate(criterion.metric.tests)
        for e, evidence in enumerate(test.evidence_url or ())
    ]


def evidence_urls(doc: Document) -> list[str]:
    """Every address of evidence once, in the order of the document, http and https alone."""
    urls = (url for _, url in _evidence(doc, ""))
    kept = (url for url in urls if url.lower().startswith(("http://", "https://")))
    return list(dict.fromkeys(kept))


def criteria(doc: Document) -> list[Criterion]:
    """All criteria as they are scored, by their place: their ids may repeat."""
    return [
        Criterion(
            f"/principles/{p}/criteria/{c}",
            criterion.imperative.strip().upper() == "MUST",
            Scored(
                criterion.metric.type.strip(),
                criterion.metric.label_algorithm_type.strip(),
                criterion.metric.benchmark_value,
                criterion.metric.value,
                criterion.metric.result,
                tuple(test.result for test in criterion.metric.tests),
            ),
        )
        for p, principle in enumerate(doc.principles)
        for c, criterion in enumerate(principle.criteria)
    ]


def _mismatches(doc: Document, prefix: str) -> list[Problem]:
    """Where what is written is not what follows from the answers: for the curator to see."""
    every = criteria(doc)
    told = [
        ("/result/compliance", doc.result.compliance, compliance(every)),
        ("/result/ranking", doc.result.ranking, ranking(every)),
        *differences(every),
    ]
    return [
        Problem(
            prefix + place,
            f"It says {_said(said)}, but {_said(follows)} follows from the answers.",
            "Look at the answers; it is published as it was received.",
            "warning",
            "assessment.score",
        )
        for place, said, follows in told
        if said != follows
    ]


def _said(value: Any) -> str:
    return "nothing" if value is None else str(value).lower()


def _unstorable(tree: Any, place: str, depth: int) -> list[Problem]:
    if depth > DEEPEST:
        return [Problem(place, "The document is nested too deeply.", "Make it flatter.")]
    if isinstance(tree, str):
        words = "The text holds a NUL character or half a surrogate pair."
        return [Problem(place, words, "Remove it.")] if UNSTORABLE.search(tree) else []
    if isinstance(tree, dict):
        bad = [Problem(place, "A name cannot be kept.", "") for k in tree if UNSTORABLE.search(k)]
        named = ((f"{place}/{k.replace('~', '~0').replace('/', '~1')}", v) for k, v in tree.items())
        return bad + [p for at, value in named for p in _unstorable(value, at, depth + 1)]
    if isinstance(tree, list):
        return [p for i, v in enumerate(tree) for p in _unstorable(v, f"{place}/{i}", depth + 1)]
    return []
