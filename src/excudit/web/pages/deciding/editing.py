"""The form of a draft as the editor of an amendment: the whole record goes along with the page,
and nothing is kept by the service before it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import FormData

from excudit.domain.errors import NotFound
from excudit.domain.model import Actor
from excudit.domain.problem import Problem
from excudit.service import findings
from excudit.service.findings import Found
from excudit.web.pages.form import findings as told
from excudit.web.pages.form import landing, saving, trees
from excudit.web.pages.form import sheet as sheets
from excudit.web.pages.form.completing import completed
from excudit.web.pages.form.kinds import Section
from excudit.web.pages.form.merge import Merge
from excudit.web.pages.form.saving import Sent
from excudit.web.pages.form.sections import BASICS, BY_KEY, SECTIONS, TARGETS

EDITABLE = tuple(s for s in SECTIONS if s is not TARGETS)


@dataclass(frozen=True, slots=True)
class Edited:
    """What the page is to show: a section of the record, the rows that were asked for, and what
    cannot be taken as it was typed."""

    record: Mapping[str, Any]
    section: Section = BASICS
    query: Mapping[str, str] = field(default_factory=dict)
    sent: Sent | None = None

    @property
    def refused(self) -> Mapping[str, str]:
        """Fields whose text cannot be taken: name → why."""
        return self.sent.typed.refused if self.sent else {}


def edited(record: Mapping[str, Any], form: FormData, actor: Actor) -> Edited:
    """The record with the section that was sent, and what its button asked for. Raises Rejected
    for a form that is not whole, NotFound for a section that is not there."""
    key = str(form.get("section", ""))
    if not key:
        return Edited(record)
    section = _named(key)
    fields = [(n, v) for n, v in form.multi_items() if n != "base"]
    sent = saving.sent(section, FormData([*fields, ("base", str(form.get("shown", "")))]))
    if sent.typed.refused:
        return Edited(record, section, sent=sent)
    merge = Merge(do=sent.do, tidy=True)
    mine = completed(sent.typed.texts, sent.base)
    after = saving.revised(record, sent, actor, merge, mine)
    if sent.verb == "go":
        return Edited(after, _named(sent.rest))
    return Edited(after, section, landing.query(sent, merge.landed))


def _named(key: str) -> Section:
    section = BY_KEY.get(key)
    if section not in EDITABLE:
        raise NotFound("There is no such section of the form.")
    return section


def shown(now: Edited, problems: tuple[Problem, ...]) -> dict[str, Any]:
    """What the template needs of the section."""
    record = trees.unfolded(findings.today(now.record))
    found = told.told([Found(p) for p in problems], record)
    asked = now.query if now.sent is None else landing.windows(now.sent)
    add = asked.get("add", "")
    windows = sheets.windows(now.section, record, asked, add if "." not in add else "")
    texts = sheets.view_of(now.section, record, windows)
    sheet = sheets.Sheet(
        now.section,
        texts,
        windows,
        add=add,
        errors=told.beside(found, now.section.key),
        focus=sheets.focus(asked.get("at", "")[:200], texts, windows),
    )
    base = texts
    if now.sent is not None:
        base = now.sent.base
        sheet.texts = saving.over(base, now.sent.typed.texts)
        sheet.errors = {**sheet.errors, **{n: [w] for n, w in now.refused.items()}}
    return {
        "section": now.section,
        "sections": EDITABLE,
        "sheet": sheet,
        "shown": trees.packed(base),
        "counts": told.counts(found),
        "hint": sheets.hint,
        "options": sheets.options,
        "problems": [
            (f.name.replace(".", "-") if f.section == now.section.key else "", f.line)
            for f in found
        ],
        "refused": [(n.replace(".", "-"), w) for n, w in now.refused.items()],
    }
