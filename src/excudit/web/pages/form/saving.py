"""A posted section on its way into the draft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData

from excudit.domain.errors import Rejected
from excudit.domain.model import Actor
from excudit.domain.names import split_person
from excudit.domain.publication import Publication
from excudit.service import drafts
from excudit.service.findings import today
from excudit.service.parts import Parts
from excudit.web.pages.form import posted, trees
from excudit.web.pages.form.completing import completed
from excudit.web.pages.form.kinds import Section
from excudit.web.pages.form.merge import Clash, Do, Merge, Move
from excudit.web.pages.form.trees import Texts

_MOVES: dict[str, Move] = {"add": "add", "remove": "remove", "up": "up", "down": "down"}


class Clashed(Exception):
    """Somebody else changed the same fields; nothing was saved."""

    def __init__(self, clashes: list[Clash]) -> None:
        super().__init__()
        self.clashes = clashes


@dataclass(frozen=True, slots=True)
class Sent:
    """A form as it was sent: `verb` and `rest` are those of the button ("up", "creators.3")."""

    section: Section
    base: Texts
    typed: posted.Typed
    edition: int
    verb: str
    rest: str
    choices: Mapping[tuple[str, str], str]

    @property
    def do(self) -> Do | None:
        """What is to be done with a row."""
        move = _MOVES.get(self.verb)
        if move is None:
            return None
        if move == "add":
            return Do(move, self.rest)
        rows, _, number = self.rest.rpartition(".")
        known = number.isascii() and number.isdigit() and len(number) < 8
        return Do(move, rows, int(number)) if known else None


def sent(section: Section, form: FormData) -> Sent:
    """The form of a section. Raises Rejected for one that is not ours."""
    try:
        tree = trees.unpacked(str(form.get("base", "")))
    except ValueError as error:
        raise Rejected(
            "This form is not complete, so nothing of it was saved.",
            hint="Go back, load the page again, and send it once more.",
        ) from error
    base = trees.fitting(section.members, tree)
    verb, _, rest = str(form.get("do", "save")).partition(":")
    edition = str(form.get("edition", ""))
    choices = {
        (name.removeprefix("take:"), str(form.get(name.replace("take:", "saw:", 1), ""))): str(v)
        for name, v in form.multi_items()
        if name.startswith("take:") and v in ("mine", "theirs")
    }
    return Sent(
        section,
        base,
        posted.read(section.members, form.multi_items(), base),
        int(edition) if edition.isascii() and edition.isdigit() and len(edition) < 10 else 0,
        verb,
        rest,
        choices,
    )


@dataclass(frozen=True, slots=True)
class Saved:
    """What came of it: `merged` when somebody else changed other fields meanwhile, `landed` where
    the row of the button stands now, `base` what the page shows from now on, `filled` what was
    completed."""

    publication: Publication
    merged: bool
    landed: tuple[str, int] | None
    base: Texts
    filled: Mapping[str, str]


def save(
    parts: Parts, actor: Actor, publication: str, form: Sent, *, by_itself: bool = False
) -> Saved:
    """Merge what was typed into the draft as it is now. `by_itself`: an automatic save, which
    keeps the rows' numbers. Raises Clashed, Denied or Conflict; then nothing is saved."""
    mine = completed(form.typed.texts, form.base)
    merge = Merge(do=form.do, choices=form.choices, tidy=not by_itself)

    def revise(now: Publication) -> Mapping[str, Any]:
        return revised(now.record, form, actor, merge, mine)

    saved = drafts.save(parts, actor, publication, revise, gather=by_itself)
    was = dict(posted.flat(form.typed.texts))
    filled = {name: text for name, text in posted.flat(mine) if was.get(name) != text}
    return Saved(saved, merge.foreign, merge.landed, _shown(form, mine), filled)


def revised(
    record: Mapping[str, Any], form: Sent, actor: Actor, merge: Merge, mine: Texts
) -> Mapping[str, Any]:
    """A record with what was typed in a section of it; the very same where nothing changed.
    Raises Clashed."""
    known = trees.unfolded(today(record))
    after = dict(merge.members(form.section.members, "", form.base, mine, known))
    if merge.clashes:
        raise Clashed(merge.clashes)
    if form.verb == "me":
        after[form.rest] = [*_list(after.get(form.rest)), person_of(actor)]
    if form.verb == "drop":
        after.pop(form.rest, None)
    return record if after == known else trees.folded(after)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _shown(form: Sent, mine: Texts) -> Texts:
    """What the page shows, without blank rows that are not in the record."""
    return _without_blank(form.base, over(form.base, mine))


def over(base: Texts, typed: Texts) -> Texts:
    """The base with what was typed over it."""
    if isinstance(typed, str) or isinstance(base, str):
        return typed
    return {**base, **{k: over(base.get(k, ""), t) if k in base else t for k, t in typed.items()}}


def _without_blank(base: Texts, after: Texts) -> Texts:
    if isinstance(after, str):
        return after
    known = base if isinstance(base, dict) else {}
    kept = {k: _without_blank(known.get(k, {}), t) for k, t in after.items()}
    rows = sorted(k for k in kept if isinstance(k, int))
    while rows and rows[-1] not in known and trees.blank(kept[rows[-1]]):
        del kept[rows.pop()]
    return kept


def person_of(actor: Actor) -> dict[str, Any]:
    """Whoever is signed in, as a creator."""
    given, family = split_person(actor.full_name.strip())
    person: dict[str, Any] = {"name": actor.full_name.strip() or actor.name}
    if given:
        person = {
            "name": f"{family}, {given}",
            "nameType": "Personal",
            "givenName": given,
            "familyName": family,
        }
    if actor.orcid:
        orcid = actor.orcid.rpartition("/")[2]
        person["nameIdentifiers"] = [
            {
                "nameIdentifier": f"https://orcid.org/{orcid}",
                "nameIdentifierScheme": "ORCID",
                "schemeUri": "https://orcid.org",
            }
        ]
    if actor.affiliation:
        person["affiliation"] = [{"name": actor.affiliation}]
    return person
