"""The smaller decisions: back to draft, give up, delete, stop, retry, next version."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from excudit.domain.errors import Conflict, NotFound
from excudit.domain.model import Actor
from excudit.domain.publication import Publication
from excudit.service import consequences, verbs
from excudit.service.consequences import Standing
from excudit.service.parts import Parts
from excudit.web import shell
from excudit.web.api.represent import visible
from excudit.web.identity import Wired
from excudit.web.pages.deciding import frame
from excudit.web.visitors import Person, Posted, SignedIn

ROUTER = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Turn:
    """One decision. `lost` and `kept` are sentences; where something is `lost`, it is asked for
    twice. `done`: the words after it."""

    action: str
    button: str
    lead: str
    lost: tuple[str, ...]
    kept: tuple[str, ...]
    done: str
    do: Callable[[Parts, Actor, str], Publication]

    @property
    def title(self) -> str:
        """What the page is called."""
        return self.button


def _back(action: str) -> Callable[[Parts, Actor, str], Publication]:
    return lambda parts, actor, publication: verbs.step_back(parts, actor, publication, action)


TURNS: dict[str, Turn] = {
    t.action.replace("_", "-"): t
    for t in (
        Turn(
            "recall",
            "Take back to draft",
            "It leaves the review and becomes a draft again, to be edited and submitted anew.",
            (),
            ("The record, the comments and the history stay.",),
            "It is a draft again.",
            _back("recall"),
        ),
        Turn(
            "cancel",
            "Cancel this publication",
            "It is given up for good; nothing of it was public, and nothing will be.",
            (
                "Its place in the review, and an approval if there was one.",
                "Its hold on the dataset: somebody else may publish it.",
            ),
            ("The record, the comments and the history stay to be read and copied.",),
            "It is cancelled.",
            _back("cancel"),
        ),
        Turn(
            "delete",
            "Delete this draft",
            "The draft is deleted. It was never submitted, or it was taken back.",
            (
                "The lists of files that were frozen for it, and the choice of datasets.",
                "Its hold on the dataset: somebody else may publish it.",
            ),
            (
                "The dataset itself is not touched.",
                "That there was a draft, who made it and who deleted it stays in the history.",
            ),
            "The draft is deleted.",
            _back("delete"),
        ),
        Turn(
            "stop",
            "Stop and undo",
            "The run stops at the next safe moment, and what it did outside is taken back.",
            ("The work of the run so far: it begins from the start the next time.",),
            ("The dataset, the record and the approval stay as they are. Nothing is public.",),
            "It was asked to stop.",
            verbs.stop,
        ),
        Turn(
            "retry",
            "Retry",
            "The run goes on at the step where it stands. It looks first at what is there already, "
            "so nothing is done twice.",
            (),
            (),
            "It goes on now.",
            verbs.retry,
        ),
        Turn(
            "new_version",
            "Begin a new version",
            "A draft for the next version of the same dataset begins, filled from this one. It "
            "gets a DOI of its own and names this one as the version before.",
            (),
            ("This version stays public under its own DOI.",),
            "This is the draft of the new version.",
            verbs.new_version,
        ),
    )
}


def _named(turn: str) -> Turn:
    if turn not in TURNS:
        raise NotFound("There is nothing at this address.")
    return TURNS[turn]


def _page(request: Request, parts: Parts, person: Person, publication: str, turn: Turn) -> Response:
    def values(standing: Standing) -> dict[str, Any]:
        stops = turn.action == "stop"
        return {
            "template": "deciding/turn.html",
            "turn": turn,
            "undone": consequences.undone_by_stop(standing) if stops else [],
        }

    return frame.look(request, parts, person, publication, turn.action, values)


def _asked(turn: str) -> Callable[..., Response]:
    def page(request: Request, parts: Wired, person: SignedIn, publication: str) -> Response:
        found = visible(parts, person.actor, publication)
        return _page(request, parts, person, found.id, _named(turn))

    return page


def _pressed(turn: str) -> Callable[..., Response]:
    def press(
        request: Request, parts: Wired, person: SignedIn, publication: str, form: Posted
    ) -> Response:
        found = visible(parts, person.actor, publication)
        named = _named(turn)
        if named.lost and frame.typed(form, "sure") != "yes":
            return _page(request, parts, person, found.id, named)
        return _do(parts, person, found, named)

    return press


def _do(parts: Parts, person: Person, found: Publication, turn: Turn) -> Response:
    try:
        after = turn.do(parts, person.actor, found.id)
    except Conflict as refused:
        begun = consequences.version_under_way(parts, found)
        if turn.action == "new_version" and begun:
            return frame.told(parts, person, begun, "The new version was begun already: here.")
        return frame.twice(parts, person, found.id, turn.action, refused)
    if turn.action == "delete":
        shell.say(parts, person, turn.done)
        return shell.go(parts, "/desk")
    return frame.told(parts, person, after.id, turn.done)


for _turn in TURNS:
    _path = "/publications/{publication}/" + _turn
    ROUTER.add_api_route(_path, _asked(_turn), methods=["GET"], name=f"{_turn}_page")
    ROUTER.add_api_route(_path, _pressed(_turn), methods=["POST"], name=_turn)
