"""Rules on titles, subjects, descriptions, rights and languages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Protocol

from excudit.domain.problem import Problem
from excudit.domain.record import Record, Title
from excudit.metadata.rules import broken

RIGHTS_LENGTH = 2000

_FILE_NAME = re.compile(r"[^\s/]+\.[A-Za-z][A-Za-z0-9]{1,4}")
_PLACEHOLDER = re.compile(r"\(?:(?:tba|none|null|una[a-z]|unkn)\)?")
_MARKUP = re.compile(r"<(?!br>)/?[A-Za-z][^<>]*>")
_EXTENSION = r"(?:-[0-9a-wyz](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?"
_LANGUAGE = re.compile(
    r"(?:(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?"
    rf"(?:-(?:[a-z0-9]{{5,8}}|[0-9][a-z0-9]{{3}}))*{_EXTENSION}"
    r"|x(?:-[a-z0-9]{1,8})+|i-[a-z]{2,8}|sgn-[a-z]{2}-[a-z]{2}|en-gb-oed|art-lojban)",
    re.IGNORECASE,
)


class _Spoken(Protocol):
    @property
    def lang(self) -> str: ...


def judge(record: Record) -> Iterator[Problem]:
    """All that is wrong with the texts of a record."""
    yield from _titles(record)
    yield from _subjects(record)
    for index, one in enumerate(record.descriptions):
        where = f"/descriptions/{index}/description"
        if not one.description or one.description.isspace():
            yield broken("blank-text", where, "A description is blank.", "Write or remove it.")
        elif "<" in one.description and _MARKUP.search(one.description):
            message = "The description has markup; readers see it as text."
            yield broken("html", where, message, "Keep <br> only.")
    for index, rights in enumerate(record.rights_list):
        if len(rights.rights) > RIGHTS_LENGTH:
            message = f"The text has {len(rights.rights)} characters, {RIGHTS_LENGTH} are allowed."
            mend = "Name the licence, and give its address in rightsUri."
            yield broken("rights-length", f"/rightsList/{index}/rights", message, mend)
    yield from _languages(record)


def _titles(record: Record) -> Iterator[Problem]:
    yield from _blank_titles(record.titles, "/titles")
    for index, related in enumerate(record.related_items):
        yield from _blank_titles(related.titles, f"/relatedItems/{index}/titles")
    main = [i for i, title in enumerate(record.titles) if not title.title_type]
    if not main:
        message = "Every title has a titleType; none is the main title."
        yield broken("main-title", "/titles", message, "Remove one titleType.")
    for index in main:
        words = record.titles[index].title.strip()
        if _FILE_NAME.fullmatch(words) or _PLACEHOLDER.fullmatch(words):
            mend = "Write a title that says what the data are."
            message = f"{words!r} says nothing to a reader."
            yield broken("title-placeholder", f"/titles/{index}/title", message, mend)


def _blank_titles(titles: tuple[Title, ...], where: str) -> Iterator[Problem]:
    for index, title in enumerate(titles):
        if not title.title or title.title.isspace():
            here = f"{where}/{index}/title"
            yield broken("blank-text", here, "A title is blank.", "Write it or remove it.")


def _subjects(record: Record) -> Iterator[Problem]:
    seen: dict[object, int] = {}
    for index, one in enumerate(record.subjects):
        where = f"/subjects/{index}"
        if not one.subject or one.subject.isspace():
            yield broken("blank-text", f"{where}/subject", "A subject is blank.", "Remove it.")
        key = (one.subject.casefold(), one.subject_scheme, one.value_uri, one.lang)
        if key in seen:
            message = f"The subject {one.subject!r} stands twice."
            yield broken("duplicate", where, message, "Remove one.")
        seen.setdefault(key, index)


def _languages(record: Record) -> Iterator[Problem]:
    if record.language:
        yield from _language(record.language, "/language")
    spoken: tuple[tuple[str, Sequence[_Spoken]], ...] = (
        ("creators", record.creators),
        ("titles", record.titles),
        ("subjects", record.subjects),
        ("contributors", record.contributors),
        ("rightsList", record.rights_list),
        ("descriptions", record.descriptions),
    )
    inner: list[tuple[str, Sequence[_Spoken]]] = []
    for index, related in enumerate(record.related_items):
        inner += [
            (f"relatedItems/{index}/creators", related.creators),
            (f"relatedItems/{index}/titles", related.titles),
            (f"relatedItems/{index}/contributors", related.contributors),
        ]
    for name, parts in (*spoken, *inner):
        for index, part in enumerate(parts):
            if part.lang:
                yield from _language(part.lang, f"/{name}/{index}/lang")
    if record.publisher.lang:
        yield from _language(record.publisher.lang, "/publisher/lang")


def _language(tag: str, where: str) -> Iterator[Problem]:
    if not _LANGUAGE.fullmatch(tag):
        mend = 'Write it as in BCP 47, e.g. "en" or "pt-BR".'
        yield broken("language-tag", where, f"{tag!r} is not a language tag.", mend)
