"""Every mail that excudit sends, as one table: event → recipients, subject, context keys.

Compose, the tests and the reference documentation read the same table. Each event's words are in
`templates/EVENT.j2`, one source for the text and the HTML part.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Key:
    """One value that a mail is made of.

    `example` shows its type; a time is an aware datetime or a string. An optional key that is not
    given leaves its sentence out.
    """

    name: str
    meaning: str
    example: Any
    required: bool = True


@dataclass(frozen=True, slots=True)
class MailEvent:
    """One kind of mail. `subject` is filled with the context's `title` and `doi`.

    `must`: why nobody can switch it off, "" = everybody can.
    """

    name: str
    when: str
    recipients: str
    subject: str
    keys: tuple[Key, ...]
    must: str = ""


ASKS = "It asks you to act; without it your publication would wait for you unseen."
TROUBLE = "It tells of trouble that only a person can end."

_AT = datetime(2026, 3, 2, 14, 10, tzinfo=UTC)

COMMON: tuple[Key, ...] = (
    Key("title", "title of the publication", "CO2 in the North Atlantic, cruise 2025-03"),
    Key("link", "path of the exact page on this site, without query", "/publications/0195a1"),
    Key("why", "why this recipient gets the mail, after “because”", "you are the depositor"),
    Key("preferences", "path of the mail preferences page", "/preferences", required=False),
)

_BY = Key("by", "name of the person who did it, or “excudit”", "Ada Lovelace")
_REASON = Key(
    "reason", "the reason as it was typed, may have several lines", "The units\nare gone."
)
_WHY_NOT = Key("reason", _REASON.meaning, "No longer needed.", required=False)
_DOI = Key("doi", "the DOI without resolver", "10.5072/k7qz-4m2p", required=False)
_CAUSE = Key("cause", "the cause in words that users read", "The other side did not answer.")
_REMOTE = Key("remote", "the remote's own words, redacted", "503 upstream down", required=False)
_STEP = Key("step", "label of the step", "Copy and verify files")
_TARGET = Key("target", "title of the target concerned", "Zenodo")
_NEXT_TRY = Key("next_try", "when the service tries again by itself", _AT, required=False)
_YOURS = Key("yours", "whether the recipient acts next", True)
_ACTING = Key(
    "acting", "who acts next, a sentence", "The operators of this service act next.", required=False
)
_DRAFTS = Key(
    "drafts",
    "what became of each draft: mappings of target and fate (“removed” or “kept”)",
    ({"target": "Zenodo", "fate": "removed"}, {"target": "DataCite", "fate": "kept"}),
    required=False,
)

_PARTICULARS = Key(
    "particulars",
    "what it is about and where it happened: triples of label, words and address",
    (("Dataset", "5f0c2d1e", ""), ("Deposit", "185547", "https://zenodo.example/uploads/185547")),
    required=False,
)
_RETRY = Key("retry", "the words on the button that tries again", "Retry", required=False)
_HEALS = Key("heals", "whether the service tries again by itself", True, required=False)

EVENTS: dict[str, MailEvent] = {
    e.name: e
    for e in (
        MailEvent(
            "submitted",
            "a request passed its checks and waits for a review",
            "depositor, curators",
            "Submitted: {title}",
            (
                _BY,
                _YOURS,
                Key("round", "number of the review round, from 1", 2, required=False),
                Key("days", "days to the usual answer", 5, required=False),
            ),
            ASKS,
        ),
        MailEvent(
            "returned",
            "a reviewer, or a check, asks for changes",
            "depositor",
            "Changes needed: {title}",
            (
                _BY,
                _REASON,
                _PARTICULARS,
                _DRAFTS,
                Key("round", "number of the review round, from 1", 2, required=False),
            ),
            ASKS,
        ),
        MailEvent(
            "assigned",
            "a request was given to a reviewer by somebody else",
            "reviewer",
            "Waiting for you: {title}",
            (_BY, Key("depositor", "name of who asked for the publication", "Grace Hopper")),
            ASKS,
        ),
        MailEvent(
            "suggested",
            "a reviewer suggests another value for a field",
            "depositor",
            "Suggested change: {title}",
            (_BY, Key("about", "label of the field", "Methods")),
            ASKS,
        ),
        MailEvent(
            "invited",
            "somebody was added as a collaborator",
            "the collaborator",
            "You can work on: {title}",
            (_BY,),
        ),
        MailEvent(
            "labelled",
            "a label was set or taken off, where the route tells the depositor",
            "depositor",
            "Label changed: {title}",
            (
                _BY,
                Key("label", "the label that it has now", "embargo checked", required=False),
                Key("comment", "what was said with it", "Until the paper is out.", required=False),
            ),
        ),
        MailEvent(
            "scheduled",
            "the publish date was set, moved or lifted",
            "depositor, curators",
            "Publish date: {title}",
            (_BY, Key("when", "the moment before which nothing is public", _AT, required=False)),
        ),
        MailEvent(
            "comment",
            "somebody wrote a comment that the other side may see",
            "other side",
            "Question about {title}",
            (
                _BY,
                Key("comment", "the comment as it was typed", "Which instrument\nwas it?"),
                Key("about", "label of the field it points to", "Methods", required=False),
            ),
        ),
        MailEvent(
            "approved",
            "a request was approved, by a person or by the route's rule",
            "depositor",
            "Approved: {title}",
            (
                _BY,
                _YOURS,
                _ACTING,
                Key("by_hand", "whether somebody must press Publish", False, required=False),
                Key("when", "when the service publishes", _AT, required=False),
            ),
        ),
        MailEvent(
            "rejected",
            "a request was rejected",
            "depositor",
            "Not accepted: {title}",
            (
                _BY,
                _REASON,
                Key("objection", "how to object", "Write to the data board.", required=False),
            ),
        ),
        MailEvent(
            "published",
            "it is public and a stranger can see it",
            "depositor, curator, contacts",
            "Published: {title} – {doi}",
            (
                _BY,
                _DOI,
                _PARTICULARS,
                Key("citation", "how to cite it", "Lovelace, A. (2026). CO2 …", required=False),
                Key(
                    "places",
                    "where it is public: mappings of name and url",
                    ({"name": "Zenodo", "url": "https://zenodo.example/records/12?x=1&y=2"},),
                ),
            ),
        ),
        MailEvent(
            "failed_before_publication",
            "a run was undone before anything was public",
            "depositor, curator",
            "Publication stopped: {title}",
            (_STEP, _CAUSE, _REMOTE, _DRAFTS, _PARTICULARS, _YOURS, _ACTING),
            TROUBLE,
        ),
        MailEvent(
            "failed_at_final_step",
            "a run waits at a step that cannot be undone",
            "depositor, curator, operators",
            "Waiting at {target}: {title}",
            (
                _TARGET,
                _STEP,
                _CAUSE,
                _REMOTE,
                _NEXT_TRY,
                _PARTICULARS,
                _RETRY,
                _YOURS,
                _ACTING,
            ),
            TROUBLE,
        ),
        MailEvent(
            "out_of_sync",
            "one side is public and another does not know it yet",
            "depositor, curator, operators",
            "Published, but record incomplete: {title}",
            (
                _TARGET,
                Key("source", "title of the place whose record is not updated", "SciCat"),
                _DOI,
                _CAUSE,
                _REMOTE,
                _NEXT_TRY,
                _PARTICULARS,
                _HEALS,
                _YOURS,
                _ACTING,
            ),
            TROUBLE,
        ),
        MailEvent(
            "cleanup_pending",
            "an undo failed and is tried again",
            "curator, operators",
            "Cleanup pending: {title}",
            (_TARGET, _CAUSE, _REMOTE, _NEXT_TRY, _YOURS, _ACTING),
            TROUBLE,
        ),
        MailEvent(
            "asked",
            "a run waits for an answer from outside",
            "depositor, curators",
            "Waiting for an answer: {title}",
            (_STEP,),
        ),
        MailEvent(
            "solved",
            "what an earlier mail complained about is over",
            "whoever got the earlier mail",
            "Solved: {title}",
            (
                _PARTICULARS,
                Key("what", "what is well now, one sentence", "The record at SciCat is updated."),
            ),
        ),
        MailEvent(
            "reminder",
            "somebody has not acted for the time the site sets",
            "the person who acts",
            "Waiting for you: {title}",
            (
                Key("since", "since when it waits", _AT),
                Key("next_action", "what to do, an imperative", "Approve or return it"),
                Key("stop", "how to stop reminders", "Unassign yourself from it."),
            ),
            ASKS,
        ),
        MailEvent(
            "cancelled",
            "a request was taken back for good",
            "depositor, curator",
            "Cancelled: {title}",
            (_BY, _WHY_NOT, _DRAFTS),
        ),
        MailEvent(
            "amended",
            "the public metadata were changed",
            "depositor, contacts",
            "Updated: {title}",
            (
                _BY,
                _WHY_NOT,
                _DOI,
                Key(
                    "changes",
                    "what changed: mappings of label, before and after (“” = not there)",
                    (
                        {"label": "Title", "before": "CO2, criuse", "after": "CO2, cruise"},
                        {"label": "Rights", "before": "", "after": "CC-BY-4.0"},
                    ),
                    required=False,
                ),
            ),
        ),
        MailEvent(
            "withdrawn",
            "a tombstone stands in its place",
            "depositor, contacts",
            "Withdrawn: {title}",
            (_BY, _REASON, _DOI, Key("tombstone", "path of the tombstone page", "/d/0195a1")),
        ),
    )
}
