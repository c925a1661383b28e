"""The page of one section."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from starlette.responses import Response

from excudit.domain.publication import Publication
from excudit.metadata import citation
from excudit.service import consequences, drafts, findings, prefill, suggestions
from excudit.service.findings import Reading
from excudit.service.parts import Parts
from excudit.store.editions import Edition
from excudit.web import shell
from excudit.web.pages.form import findings as told
from excudit.web.pages.form import sheet as sheets
from excudit.web.pages.form import trees
from excudit.web.pages.form.findings import Finding
from excudit.web.pages.form.kinds import Section
from excudit.web.pages.form.saving import Sent, over
from excudit.web.pages.form.sections import SECTIONS, TARGETS
from excudit.web.visitors import Person

SUGGESTED = 8
LISTED = 30
"""Problems in one summary; the counts are of all."""


def path(publication: str, section: Section | str, anchor: str = "", **query: str) -> str:
    """Where a section of the form is, below the service's root."""
    key = section if isinstance(section, str) else section.key
    asked = urlencode({k: v for k, v in query.items() if v})
    where = f"/publications/{publication}/edit/{key}" + (f"?{asked}" if asked else "")
    return f"{where}#{anchor}" if anchor else where


def found_in(parts: Parts, publication: Publication, draft: Reading) -> list[Finding]:
    """The problems of a draft in the words of the form."""
    return told.told(findings.of(parts, publication, draft), draft.tree)


def section(
    request: Request,
    parts: Parts,
    person: Person,
    publication: Publication,
    section: Section,
    *,
    form: Sent | None = None,
    submitting: bool = False,
) -> Response:
    """The page; with `form` the one that was refused, with everything typed; `submitting` with
    all that stands between the draft and its submission."""
    asked = request.query_params
    draft = findings.read(publication.record)
    found = found_in(parts, publication, draft)
    checked = publication.edited or submitting or "checked" in asked
    sheet = _sheet(parts, publication, draft, section, asked, form)
    if checked:
        sheet.errors = told.beside(found, section.key)
    refused = dict(form.typed.refused) if form else {}
    for name, words in refused.items():
        sheet.errors = {**sheet.errors, name: [words]}
    base = form.base if form else sheet.texts
    if form:
        sheet.texts = over(base, form.typed.texts)
    history = drafts.history(parts, publication.id, limit=1)
    mine = [f for f in found if f.section == section.key] if section is not TARGETS else found
    values = {
        **around(parts, publication, draft, section, found if checked else [], history),
        "sheet": sheet,
        "base": trees.packed(base),
        "edition": form.edition if form else publication.edition,
        "failed": bool(refused) or submitting,
        "refused": [(_id(n), w) for n, w in refused.items()],
        "blocking": [line for f in found if f.blocks for line in [(link(publication, f), f.line)]]
        if submitting
        else [],
        "problems": [
            (
                _id(f.name) if f.section == section.key and f.name in sheet.errors else "",
                f,
                publication,
            )
            for f in (mine if checked else [])
        ][:LISTED],
        "problem_link": lambda f: link(publication, f),
        "untold": max(0, len(mine) - LISTED) if checked else 0,
        **_suggested(parts, publication),
        "may_decide": suggestions.may_decide(parts, person.actor, publication),
        "short": prefill.short,
        "hint": sheets.hint,
        "options": sheets.options,
    }
    if section is TARGETS:
        values |= targets(parts, publication, draft)
    status = 422 if values["failed"] else 200
    return shell.show(request, person, "form/section.html", values, status=status)


def _suggested(parts: Parts, publication: Publication) -> dict[str, Any]:
    """The first suggestions, which stand above the form; all are on a page of their own."""
    waiting = suggestions.open(parts, publication.id)
    return {
        "suggestions": waiting[:SUGGESTED],
        "more_suggestions": max(0, len(waiting) - SUGGESTED),
        "several": sum(1 for s in waiting if not s.conflict) > 1,
        "each": 600,
        "only": "",
    }


def _id(name: str) -> str:
    return name.replace(".", "-")


def link(publication: Publication, finding: Finding) -> str:
    """Where a problem is mended."""
    top = finding.name.partition(".")[0]
    query = {top: str(finding.row)} if finding.row else {}
    return path(publication.id, finding.section, _id(finding.name), checked="1", **query)


def _sheet(
    parts: Parts,
    publication: Publication,
    draft: Reading,
    section: Section,
    asked: Mapping[str, str],
    form: Sent | None,
) -> sheets.Sheet:
    record = trees.unfolded(draft.tree)
    add = asked.get("add", "")[:200]
    if form:
        asked = {
            n: str(min(rows))
            for n, rows in form.base.items()
            if isinstance(rows, dict) and rows and isinstance(min(rows), int)
        }
    windows = sheets.windows(
        section, record, asked, add.split(".")[0] if add.count(".") == 0 else ""
    )
    texts = sheets.view_of(section, record, windows)
    return sheets.Sheet(
        section,
        texts,
        windows,
        add=add,
        origins=prefill.origins(parts, publication),
        focus=sheets.focus(asked.get("at", "")[:200], texts, windows),
    )


def around(
    parts: Parts,
    publication: Publication,
    draft: Reading,
    section: Section,
    found: list[Finding],
    history: list[Edition],
) -> dict[str, Any]:
    """What stands around every section: the list of sections, the citation, when it was saved."""
    at = SECTIONS.index(section)
    looks = findings.as_it_looks(draft)
    return {
        "publication": publication,
        "section": section,
        "sections": SECTIONS,
        "counts": told.counts(found),
        "following": SECTIONS[at + 1] if at + 1 < len(SECTIONS) else None,
        "saved": history[0] if history and publication.edited else None,
        "looks": looks,
        "citation": citation.text(looks) if looks else "",
        "can_undo": bool(history) and drafts.can_undo(parts, publication.id),
        "base_path": f"/publications/{publication.id}/edit",
    }


def targets(parts: Parts, publication: Publication, draft: Reading) -> dict[str, Any]:
    """What the last section shows: where it goes, its DOI, how it will look."""
    known = {n.name for s in SECTIONS for n in s.members} | {"doi", "url"}
    return {
        "route": parts.settings.routes.get(publication.route),
        "at_once": consequences.publishes_by_itself(parts, publication),
        "targets": [
            (name, parts.targets[name].capabilities)
            for name in findings.targets(parts, publication)
        ],
        "doi": drafts.reserved(parts, publication.id),
        "can_reserve": bool(drafts.naming_targets(parts, publication)),
        "unknown": sorted(name for name in draft.tree if name not in known)[:LISTED],
    }
