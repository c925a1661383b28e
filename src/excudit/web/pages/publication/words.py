"""Times, sizes and typed texts as the pages of a publication show them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from itertools import islice
from typing import Any

from markupsafe import Markup, escape

from excudit.metadata.field_words import FIELDS, UNSHOWN, in_words, label
from excudit.metadata.web_links import web_url, work_url
from excudit.service.acting import Acts
from excudit.service.timeline import Entry
from excudit.web import weight
from excudit.web.figures import count, size

_ADDRESS = re.compile(r"https?://[^\s<>\"']+", re.IGNORECASE)
_ENDS = ".,;:!?)]}»”"
_NOTHING: tuple[Any, ...] = (None, "", [], {})
MEMBERS = 40
FIRST = 20
FIRST_BYTES = 3_500
"""So many fields are shown together, each with so many entries and bytes of HTML."""
ON_A_PAGE = 1_000
"""Entries of one field on a page of their own."""


def took(time: timedelta) -> str:
    """A duration: "under 1 s", "42 s", "3 min 5 s", "2 h 10 min"."""
    seconds = int(time.total_seconds())
    if seconds < 1:
        return "under 1 s"
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    if hours:
        return f"{hours} h {minutes} min"
    if minutes:
        return f"{minutes} min {left} s" if left and minutes < 10 else f"{minutes} min"
    return f"{left} s"


def amount(done: int, total: int, unit: str) -> str:
    """How far something is: "3.1 GB of 12 GB", "12 of 40 files"."""
    if unit == "bytes":
        return f"{size(done)} of {size(total)}" if total else size(done)
    what = unit or "steps"
    return f"{done:,} of {total:,} {what}" if total else f"{done:,} {what}"


def produced(made: Mapping[str, Any]) -> list[str]:
    """What a step made, in words."""
    said = []
    if isinstance(made.get("files"), int):
        said.append(count(made["files"], "file"))
    if isinstance(made.get("bytes"), int):
        said.append(size(made["bytes"]))
    if made.get("doi"):
        said.append(f"DOI {made['doi']}")
    elif made.get("remote_id"):
        said.append(f"deposit {made['remote_id']}")
    if made.get("state"):
        said.append(f"now {made['state']} there")
    return said


def linked(text: str) -> Markup:
    """A text as typed, its web addresses as links; everything else escaped."""
    parts: list[Markup] = []
    end = 0
    for found in _ADDRESS.finditer(text):
        address = found.group().rstrip(_ENDS)
        url = web_url(address)
        if not url:
            continue
        parts += [escape(text[end : found.start()]), _link(url, address)]
        end = found.start() + len(address)
    return Markup("").join([*parts, escape(text[end:])])


def _link(url: str, words: str) -> Markup:
    return Markup('<a href="{}" rel="nofollow noreferrer">{}</a>').format(url, words)


def place(where: str, record: Mapping[str, Any]) -> str:
    """Where a problem is: a field by its name, a file by its path."""
    return label(where, record) if where.startswith("/") else where


def fields(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A record as people read it: each field that is there with its first entries, as `field`."""
    members = (*FIELDS, *sorted(record.keys() - FIELDS.keys() - UNSHOWN))
    known = (m for m in members if record.get(m) not in _NOTHING)
    shown = [
        field(record, m, most=FIRST, bytes_of_html=FIRST_BYTES) for m in islice(known, MEMBERS)
    ]
    return [one for one in shown if one["entries"]]


def field(
    record: Mapping[str, Any],
    member: str,
    *,
    after: int = 0,
    most: int = ON_A_PAGE,
    bytes_of_html: int = weight.TEXTS,
) -> dict[str, Any]:
    """One field: its entries from the number `after` on, each with its language and address where
    it has one; `next` is the number of the first that is not shown, none at the end."""
    value = record.get(member)
    every = value if isinstance(value, list) else [value] if value not in _NOTHING else []
    entries = [*_entries(every[after : after + most], bytes_of_html)]
    fit = weight.fitting(entries, lambda e: (e["words"], e["url"]), most=bytes_of_html, around=60)
    return {
        "member": member,
        "label": FIELDS.get(member, label(f"/{member}")),
        "entries": [e for e in entries[:fit] if e["words"]],
        "count": len(every),
        "next": after + fit if after + fit < len(every) else None,
        "cut": any(e["cut"] for e in entries[:fit]),
    }


def _entries(value: Sequence[Any], most: int) -> Iterable[dict[str, Any]]:
    for entry in value:
        known = entry if isinstance(entry, Mapping) else {}
        lang = known.get("lang")
        words = in_words(entry)
        shown = weight.cut(words, most)
        yield {
            "words": shown,
            "cut": shown != words,
            "lang": lang if isinstance(lang, str) and re.fullmatch("[A-Za-z-]{2,30}", lang) else "",
            "url": _address_of(known),
        }


def _address_of(entry: Mapping[str, Any]) -> str:
    kind = entry.get("relatedIdentifierType")
    if entry.get("relatedIdentifier"):
        return work_url(str(entry["relatedIdentifier"]), str(kind or ""))
    for member in ("rightsUri", "valueUri", "awardUri"):
        if isinstance(entry.get(member), str) and web_url(entry[member]):
            return web_url(entry[member])
    return ""


def acting(acts: Acts, called: Mapping[str, str]) -> str:
    """The name of who acts, "" when only the role is known."""
    return called.get(acts.name, acts.name)


def between(entries: Sequence[Entry]) -> dict[str, Any]:
    """What is folded away: how much, and from when to when."""
    moments = [e.at for e in entries if e.at is not None]
    return {
        "events": sum(e.event.times for e in entries if e.event),
        "runs": sum(1 for e in entries if e.run),
        "first": min(moments, default=None),
        "last": max(moments, default=None),
    }
