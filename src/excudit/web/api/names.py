"""What the pickers of the metadata form offer, and which mails one wants, for programs."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from fastapi import Path, Query
from pydantic import BaseModel, Field

from excudit.service import mail_choices, names
from excudit.web.api.asks import Ask, Text
from excudit.web.api.rooms import room
from excudit.web.api.troubles import troubles
from excudit.web.identity import Caller, Wired

ROUTER = room(tag="names")


class PickKind(StrEnum):
    """What can be picked."""

    people = "people"
    organisations = "organisations"
    licences = "licences"
    languages = "languages"
    subjects = "subjects"


class PickShown(BaseModel):
    """One choice."""

    value: Annotated[str, Field(description="What goes into the field that was typed in.")]
    name: str
    note: Annotated[str, Field(description="What tells two of the same name apart.")]
    id: Annotated[str, Field(description="ORCID, ROR, SPDX or BCP 47 identifier; may be empty.")]
    fills: Annotated[dict[str, str], Field(description="What goes into the fields beside it.")]


class Picks(BaseModel):
    """At most 20 choices, best first."""

    picks: list[PickShown]


@ROUTER.get("/names/{kind}", summary="Find names", responses=troubles(422))
def find_names(
    parts: Wired,
    actor: Caller,
    kind: Annotated[PickKind, Path(description="What is looked for.")],
    text: Annotated[
        str,
        Query(max_length=200, description="Beginnings of words, or of an ORCID iD or ROR id."),
    ] = "",
) -> Picks:
    """Names of which every typed word begins a word; nothing outside is asked."""
    found = names.find(parts, actor, kind.value, text)
    return Picks(
        picks=[
            PickShown(value=p.value, name=p.name, note=p.note, id=p.id, fills=dict(p.fills))
            for p in found
        ]
    )


class MailChoices(Ask):
    """How each kind of mail comes: "now", "digest" (once a day) or "off"."""

    mails: Annotated[
        dict[Annotated[Text, Field(max_length=60)], Annotated[Text, Field(max_length=20)]],
        Field(description="Kind of mail → now, digest or off.", max_length=100),
    ]


@ROUTER.get("/mail-preferences", summary="Show your mail preferences", responses=troubles())
def show_mail_choices(parts: Wired, actor: Caller) -> MailChoices:
    """Your choice for every kind of mail."""
    return MailChoices(mails=mail_choices.chosen(parts, actor))


@ROUTER.patch(
    "/mail-preferences",
    summary="Change your mail preferences",
    responses=troubles(400, 413, 415, 422),
)
def change_mail_choices(parts: Wired, actor: Caller, choices: MailChoices) -> MailChoices:
    """Choose for the kinds named; the others stay. What asks you to act cannot be off."""
    return MailChoices(mails=mail_choices.choose(parts, actor, choices.mails))
