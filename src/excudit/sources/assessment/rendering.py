"""An assessment as a PDF to cite: tagged (PDF/UA-1), with bookmarks, equal bytes for equal input.

The words of the document reach the template as data, never as markup.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import noto_cjk_sans_otc
import typst

from excudit.domain.errors import Rejected
from excudit.domain.identifiers import is_ror
from excudit.sources.assessment.document import Assessment, CriterionRead, Document, Test
from excudit.sources.assessment.mapping import number, title_of
from excudit.sources.assessment.questions import answered

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_GRADES = {1: "pass", 0: "fail", None: "n/a"}


@cache
def _fonts() -> typst.Fonts:
    """The fonts of two wheels and no others: what the machine has must not change the bytes."""
    chinese = str(Path(noto_cjk_sans_otc.__file__).parent)
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=True, font_paths=[chinese]
    )


@cache
def _template() -> bytes:
    return files("excudit.sources.assessment").joinpath("assessment.typ").read_bytes()


def render(assessment: Assessment, ref: str) -> bytes:
    """The PDF. The same assessment gives the same bytes with the same versions of the wheels.

    Raises Rejected where the words cannot be set, such as for a sign that no font has.
    """
    shown = json.dumps(_shown(assessment, ref), ensure_ascii=False)
    for standards in (["1.7", "ua-1"], ["1.7"]):
        try:
            made = typst.Compiler(
                _template(), font_paths=_fonts(), ignore_system_fonts=True
            ).compile(
                format="pdf",
                sys_inputs={"shown": shown},
                pdf_standards=standards,  # type: ignore[arg-type]
                timestamp=_stamp(assessment.doc),
            )
        except typst.TypstError as error:
            if "could not be displayed" in str(error) and len(standards) > 1:
                continue  # a sign that no font has is shown as a box rather than not at all
            raise Rejected(
                "The assessment could not be set as a PDF.",
                hint="Hand in a PDF of your own with it.",
                remote=str(error)[:500],
            ) from error
        assert isinstance(made, bytes)
        return made
    raise AssertionError("the last standard raises or returns")


def _stamp(doc: Document) -> datetime:
    """When the assessment was last changed, so that equal input has an equal date."""
    try:
        moment = datetime.fromisoformat(doc.timestamp.strip())
    except ValueError:
        return _EPOCH
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).replace(microsecond=0) if aware.year >= 1970 else _EPOCH


def _shown(assessment: Assessment, ref: str) -> dict[str, Any]:
    doc = assessment.doc
    every = [c for p in doc.principles for c in p.criteria]
    musts = [c for c in every if _is_must(c)]
    others = [c for c in every if not _is_must(c)]
    ror = doc.organisation.id.strip()
    return {
        "title": title_of(doc, ref),
        "name": doc.name.strip() or title_of(doc, ref),
        "id": ref,
        "draft": assessment.public is False,
        "policy": doc.assessment_type.name.strip(),
        "compliance": {True: "pass", False: "fail", None: "n/a"}[doc.result.compliance],
        "ranking": number(doc.result.ranking),
        "actor": doc.actor.name.strip(),
        "organisation": doc.organisation.name.strip(),
        "ror": _address(f"https://ror.org/{ror}" if is_ror(ror) else ""),
        "subject": {"name": doc.subject.name.strip(), "type": doc.subject.type.strip(),
                    **_address(doc.subject.id)},
        "date": doc.timestamp.strip()[:10],
        "version": doc.version.strip(),
        "principles": [
            {
                "id": p.id.strip(),
                "name": p.name.strip(),
                "description": p.description.strip(),
                "criteria": [_criterion(c) for c in p.criteria],
            }
            for p in doc.principles
        ],
        "counts": {
            "principles": len(doc.principles),
            "criteria": len(every),
            "musts": len(musts),
            "musts_passed": sum(c.metric.result == 1 for c in musts),
            "others": len(others),
            "others_passed": sum(c.metric.result == 1 for c in others),
        },
    }  # fmt: skip


def _is_must(criterion: CriterionRead) -> bool:
    return criterion.imperative.strip().upper() == "MUST"


def _criterion(criterion: CriterionRead) -> dict[str, Any]:
    metric = criterion.metric
    return {
        "id": criterion.id.strip(),
        "name": criterion.name.strip(),
        "imperative": criterion.imperative.strip().upper(),
        "grade": _grade(metric.result),
        "description": criterion.description.strip(),
        "metric": {
            "id": metric.id.strip(),
            "name": metric.name.strip(),
            "value": number(metric.value),
            "benchmark": number(metric.benchmark_value),
        },
        "tests": [_test(test) for test in metric.tests],
    }


def _grade(result: float | int | None) -> str:
    return _GRADES.get(result, "fail")  # type: ignore[arg-type]


def _test(test: Test) -> dict[str, Any]:
    said = answered(test)
    return {
        "id": test.id.strip(),
        "name": test.name.strip(),
        "question": said.question,
        "answers": [list(pair) for pair in said.answers],
        "evidence_label": said.evidence_label,
        "evidence": [
            {**_address(e.url), "description": e.description.strip()}
            for e in test.evidence_url or ()
        ],
    }


def _address(text: str) -> dict[str, str]:
    """The text as it stands, and as a link only where it is http or https."""
    plain = text.strip()
    web = plain.lower().startswith(("http://", "https://"))
    return {"text": plain, "link": plain if web else ""}
