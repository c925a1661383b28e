"""What exists outside this service of a publication: nothing, a draft, or something public."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from excudit.domain.model import Deposit
from excudit.domain.publication import Publication
from excudit.service.headline import Said
from excudit.service.steps import Run

Fate = Literal["nothing", "draft", "uncertain", "public", "removed", "withdrawn", "open"]

PAGE = "The landing page"
FATE_WORDS: dict[Fate, str] = {
    "nothing": "nothing there",
    "draft": "a draft, not public",
    "uncertain": "a call was sent; whether it is public is looked up before anything else",
    "public": "a public record",
    "removed": "nothing: the draft was removed",
    "withdrawn": "withdrawn: a tombstone",
    "open": "open to everybody",
}


@dataclass(frozen=True, slots=True)
class Side:
    """What exists at one place, and whether that is what it should be. `place` is the name of a
    target, `title` what people call it."""

    place: str
    title: str
    fate: Fate
    detail: str
    url: str
    right: bool


def places(
    publication: Publication,
    targets: Sequence[str],
    deposits: Sequence[Deposit],
    run: Run | None,
    called: Callable[[str], str] = str,
    *,
    unpublished: Collection[str] = (),
) -> list[Side]:
    """The landing page and every target, each with what is there. `unpublished`: follow-ups that
    have made nothing public yet."""
    known = {d.target: d for d in deposits}
    sides = [_page(publication)]
    for target in dict.fromkeys((*targets, *known)):
        there = known.get(target)
        fate = _fate(target, there, run, publication)
        if target in unpublished:
            fate = "draft" if there and there.remote_id else "nothing"
        detail = there.state if there else ""
        right = publication.state != "published" or fate == "public"
        right = right and (publication.state != "withdrawn" or fate == "withdrawn")
        title = called(target)
        sides.append(Side(target, title, fate, detail, there.url if there else "", right))
    return sides


def _page(publication: Publication) -> Side:
    if publication.withdrawn_at is not None:
        return Side(PAGE, PAGE, "withdrawn", "", "", right=True)
    fate: Fate = "open" if publication.page_open else "nothing"
    right = publication.state != "published" or publication.page_open
    return Side(PAGE, PAGE, fate, "", "", right)


def _fate(target: str, deposit: Deposit | None, run: Run | None, publication: Publication) -> Fate:
    words = (
        {s.key.partition(".")[0]: s.word for s in run.steps if s.target == target} if run else {}
    )
    if words.get("withdraw") == "ok" or (deposit and deposit.doi_state == "registered"):
        return "withdrawn"
    if deposit is not None and (deposit.doi_state == "findable" or words.get("publish") == "ok"):
        return "public"
    if publication.state in ("published", "withdrawn") and deposit is not None:
        return "public" if deposit.doi_state != "draft" else "draft"
    if run and run.committed and words.get("publish") in ("later", "held", "running", "fault"):
        return "uncertain"
    if deposit is not None:
        return "draft"
    return "removed" if words.get("reserve") == "undone" else "nothing"


def summary(sides: Sequence[Side]) -> Said:
    """The whole in one sentence."""
    elsewhere = sides[1:]
    by = {fate: [s.title for s in elsewhere if s.fate == fate] for fate in FATE_WORDS}
    if by["public"]:
        return Said("A public record exists at %(places)s.", {"places": _listed(by["public"])})
    if by["uncertain"]:
        text = "It is not certain whether the record at %(places)s is public already."
        return Said(text, {"places": _listed(by["uncertain"])})
    if by["withdrawn"]:
        return Said("Withdrawn at %(places)s.", {"places": _listed(by["withdrawn"])})
    if by["draft"]:
        text = "Nothing is public. A draft is kept at %(places)s."
        if sides[0].fate == "open":
            text = (
                "The landing page is open, but no DOI leads to it. A draft is kept at %(places)s."
            )
        return Said(text, {"places": _listed(by["draft"])})
    if by["removed"]:
        text = "Nothing is public. The draft at %(places)s was removed."
        return Said(text, {"places": _listed(by["removed"])})
    return Said("Nothing exists outside this service.")


def _listed(names: Sequence[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
