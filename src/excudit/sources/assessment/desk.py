"""What is handed in, judged as a whole and made into the next revision of an assessment."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from excudit.domain.errors import Denied, Rejected, Unsupported
from excudit.domain.model import Actor
from excudit.domain.problem import Problem
from excudit.sources.assessment import received
from excudit.sources.assessment.cat import Cat, read_people
from excudit.sources.assessment.document import Assessment, read
from excudit.sources.assessment.keep import Keep, Kept, Person
from excudit.sources.assessment.mapping import person_of, title_of
from excudit.sources.assessment.rendering import render

LONGEST_ID = 200


@dataclass(slots=True)
class Handed:
    """What came, or was fetched. `vouched`: CAT itself says whose it is and whether it is public;
    `people` is None where nobody told."""

    document: bytes
    rendering: bytes | None = None
    people: tuple[Person, ...] | None = None
    owner: Person | None = None
    vouched: bool = False
    problems: list[Problem] = field(default_factory=list)


class Desk:
    """Takes documents for one source; keeps their bytes, but never says that they count."""

    def __init__(self, keep: Keep, cat: Cat | None, largest: int) -> None:
        self._keep, self._cat, self._largest = keep, cat, largest

    def revision(self, documents: Mapping[str, bytes], *, actor: Actor, ref: str) -> Kept:
        """The next revision. Raises Rejected with all problems of all parts, each part's name
        before its place, Denied for somebody else's assessment, NotFound."""
        handed = self._gathered(documents, ref)
        found, wrong = read(handed.document)
        handed.problems += (replace(p, where=f"/document{p.where}") for p in wrong)
        if found is None or handed.problems:
            raise Rejected(
                f"{len(handed.problems)} problem(s) with what was handed in.",
                problems=tuple(handed.problems),
                hint="Mend them and hand it in again; nothing was kept.",
            )
        name = _named(found, ref, actor)
        earlier = self._keep.newest(name)
        _must_be_theirs(earlier, found, handed, actor)
        return self._made(found, name, handed, actor, earlier)

    def _gathered(self, documents: Mapping[str, bytes], ref: str) -> Handed:
        unknown = sorted(set(documents) - {"document", "rendering", "people"})
        if unknown:
            raise Unsupported(f"An assessment has no part {', '.join(unknown)}.")
        if "document" in documents:
            handed = Handed(documents["document"])
        elif self._cat is not None and ref:
            document, people = self._cat.fetch(ref)
            handed = Handed(document, people=people, vouched=True)
        else:
            handed = self._standing(ref)
        if "rendering" in documents:
            handed.rendering = documents["rendering"]
            handed.problems += self._pdf_problems(handed.rendering)
        if "people" in documents:
            _with_people(handed, documents["people"])
        return handed

    def _standing(self, ref: str) -> Handed:
        kept = self._keep.get(ref)
        with self._keep.open(kept.document) as stream:
            content = stream.read()
        known = kept.public is not None
        return Handed(content, people=kept.people, owner=kept.owner, vouched=known)

    def _pdf_problems(self, content: bytes) -> list[Problem]:
        if len(content) > self._largest:
            words = f"The PDF has more than {self._largest // 1_000_000} MB."
            return [Problem("/rendering", words, "Hand in a smaller one.", rule="pdf.size")]
        return [replace(p, where="/rendering") for p in received.problems(content)]

    def _made(
        self, found: Assessment, name: str, handed: Handed, actor: Actor, earlier: Kept | None
    ) -> Kept:
        told = handed.people
        people = told if told is not None else earlier.people if earlier else ()
        by = person_of(actor.name, actor.full_name, actor.orcid)
        owner = handed.owner or (earlier.owner if earlier and not handed.vouched else None)
        owner = owner or (Person(found.owner) if handed.vouched and found.owner else by)
        everybody = {p.id: p for p in (owner, *people) if p.family or p.given}
        document = self._keep.put(handed.document)
        if handed.rendering is not None:
            rendering, made = self._keep.put(handed.rendering), False
        elif earlier is not None and earlier.document == document:
            rendering, made = earlier.rendering, earlier.made
        else:
            rendering, made = self._keep.put(render(found, name)), True
        return Kept(
            id=name,
            title=title_of(found.doc, name),
            document=document,
            rendering=rendering,
            made=made,
            by=everybody.get(actor.name, by),
            owner=everybody.get(owner.id, owner),
            public=found.public,
            people=people,
        )


def _with_people(handed: Handed, content: bytes) -> None:
    """Whom it is shared with, as the person who hands it in says; CAT's own word goes before."""
    if handed.vouched:
        return
    try:
        rows = read_people(content)
    except Rejected as error:
        own = error.problems or (Problem("", error.message, error.hint),)
        handed.problems += (replace(p, where=f"/people{p.where}") for p in own)
        return
    handed.people = tuple(person for person, role in rows if role in ("", "shared"))
    handed.owner = next((person for person, role in rows if role == "owner"), handed.owner)


def _must_be_theirs(earlier: Kept | None, found: Assessment, handed: Handed, actor: Actor) -> None:
    """Whoever hands it in owns it or shares it. The first to hand in what nobody vouches for owns
    it."""
    if handed.vouched:
        mine = actor.name in (found.owner, *(p.id for p in handed.people or ()))
    else:
        mine = earlier is None or earlier.knows(actor.name) or earlier.by.id == actor.name
    if not mine and "service" not in actor.roles:
        raise Denied("You do not have permission to access this resource.")


def _named(found: Assessment, ref: str, actor: Actor) -> str:
    """The id of the assessment: its own, else the one asked for, else one made from who assessed
    what against what, so that a changed document is known as the same assessment."""
    if ref and found.id and ref != found.id:
        raise Rejected(
            f"The document is the assessment {found.id}, not {ref}.",
            problems=(Problem("/document/id", f"{ref} was asked for.", "Hand in that one."),),
        )
    name = ref or found.id
    if len(name) > LONGEST_ID:
        raise Rejected(f"An id of an assessment has at most {LONGEST_ID} characters.")
    if name:
        return name
    doc = found.doc
    parts = [actor.name, doc.assessment_type.id, doc.actor.id, doc.organisation.id]
    parts += [doc.subject.type, doc.subject.id, doc.subject.name]
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "assessment:" + json.dumps(parts)))
