"""What calls about reviewing say and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints

from excudit.domain.lifecycle import State
from excudit.service import bulk, labels, suggestions
from excudit.service.places import LONGEST
from excudit.web.api.asks import Ask, Text, storable
from excudit.web.api.models import Answer, Brief

Account = Annotated[Text, Field(max_length=200, description='An account; "" = nobody.')]
Comment = Annotated[Text, Field(max_length=10_000, description="Why; the authors can read it.")]
LabelName = Annotated[
    Text, Field(min_length=1, max_length=200, description="However it is capitalised.")
]


class Assignment(Ask):
    """Who is to review it."""

    reviewer: Account
    seen: Annotated[
        Account | None,
        Field(description="The reviewer that you saw: 409 when it is another by now."),
    ] = None


class LabelAsked(Ask):
    """The label that a publication is to have."""

    label: Annotated[Text, Field(max_length=200, description='"" = none.')]
    comment: Comment = ""


class NewLabel(Ask):
    """A label to define."""

    name: Annotated[Text, Field(min_length=1, max_length=labels.LONGEST)]
    meaning: Annotated[Text, Field(max_length=labels.LONGEST_MEANING)] = ""


class LabelChange(Ask):
    """What is to change about a label; what is absent stays."""

    name: LabelName
    meaning: Annotated[Text | None, Field(max_length=labels.LONGEST_MEANING)] = None
    retired: Annotated[bool | None, Field(description="True: nobody can set it any more.")] = None


class LabelShown(Answer):
    """A status word that curators defined."""

    name: str
    meaning: str
    created_by: str
    created_at: datetime
    retired_at: datetime | None
    used: Annotated[int, Field(description="How many publications have it now.")]


class LabelsShown(Answer):
    """All labels by name."""

    labels: list[LabelShown]


class Labeling(Answer):
    """A label that a publication got, or lost (`label` is empty)."""

    at: datetime
    actor: str
    label: str
    comment: str


class Labelings(Answer):
    """The labels of a publication, newest first."""

    labelings: list[Labeling]


class NewSuggestion(Ask):
    """A better value for a place of the record."""

    field: Annotated[
        Text,
        Field(
            min_length=2,
            max_length=LONGEST,
            description='JSON pointer into the record; "-" is the place after a last entry.',
            examples=["/titles/0/title"],
        ),
    ]
    after: Annotated[
        Any,
        AfterValidator(storable),
        Field(description="The value as JSON; null: nothing is to be there."),
    ] = None
    note: Annotated[Text, Field(max_length=suggestions.LONGEST_NOTE)] = ""


class SuggestionShown(Answer):
    """A suggestion; null values say that nothing was, is, or is to be there."""

    id: str
    at: datetime
    author: str
    field: str
    label: Annotated[str, Field(description="The place in words.")]
    before: Any
    after: Any
    now: Annotated[Any, Field(description="What stands there at present.")]
    conflict: Annotated[bool, Field(description="The place was changed since.")]
    note: str
    status: Literal["open", "accepted", "declined", "taken_back"]
    decided_by: str
    decided_at: datetime | None


class SuggestionsShown(Answer):
    """The suggestions for a publication, first to last."""

    suggestions: list[SuggestionShown]


class QueueRow(Brief):
    """A publication in the review queue."""

    source: str
    reviewer: str
    round: int
    label: str
    approved_by: Annotated[str, Field(description='The person who approved; "" = none.')]
    waiting_since: datetime | None
    standing: Annotated[str, Field(description="The state in words, with who has it.")]
    next: Annotated[
        Literal["claim", "review", "own", ""],
        Field(description='What you can do; "own": somebody else must decide on it.'),
    ]


class QueueShown(Answer):
    """A page of the review queue, oldest first."""

    publications: list[QueueRow]
    total: Annotated[int, Field(description="Matches; 1001 says: more than 1000.")]
    next: Annotated[str | None, Field(description="Address of the next page; null at the end.")]


class NewBulk(Ask):
    """One decision on many publications; nothing is done yet."""

    action: Literal["assign", "label", "approve", "return", "reject"]
    publications: Annotated[
        list[Annotated[Text, StringConstraints(pattern=r"^[0-9a-f-]{36}$")]],
        Field(min_length=1, max_length=bulk.MOST, description="Their ids."),
    ]


class BulkGiven(Ask):
    """The confirmation of a bulk."""

    count: Annotated[int, Field(ge=0, le=bulk.MOST, description="The bulk's `count`.")]
    reason: Comment = ""
    reviewer: Account = ""
    label: Annotated[Text, Field(max_length=200)] = ""


class BulkRow(Answer):
    """One publication of a bulk."""

    publication: str
    title: str
    state: State
    status: Literal["planned", "impossible", "done", "failed"]
    words: Annotated[str, Field(description="Why it is not possible, or why it failed.")]


class BulkShown(Answer):
    """A bulk, and what became of each of its rows."""

    id: str
    action: str
    begun: bool
    count: Annotated[int, Field(description="For how many it is possible.")]
    rows: list[BulkRow]
