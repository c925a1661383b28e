"""The route `scicat-mirror` in the words of SciCat's jobs.

The job asked for the copy, so its people know these four: jobSubmitted, inProgress,
finishedSuccessful, finishedUnsuccessful.
"""

from __future__ import annotations

from excudit.domain.words.vocabulary import Status, Vocabulary

_ASKED = "The job is known here; the copy has not been begun yet."
_TO_MEND = "There are problems to mend in the original dataset; nothing is public."
_STANDS = "It stands still; somebody has to look at it."
_HALF = "The copy is public, but not all of it is as it must be; somebody has to look at it."
_CLEANING = "It failed before anything was public; what was begun is being removed."

WORDS = Vocabulary(
    statuses=(
        Status("jobSubmitted", "It has not been asked to be copied yet.", ("draft",)),
        Status(
            "finishedUnsuccessful",
            _CLEANING,
            ("approved", "changes_requested", "rejected", "cancelled"),
            ("cleanup_pending",),
        ),
        Status("finishedUnsuccessful", _TO_MEND, ("changes_requested",)),
        Status(
            "finishedUnsuccessful", "It was turned down or given up.", ("rejected", "cancelled")
        ),
        Status("finishedUnsuccessful", _STANDS, ("approved",), ("needs_attention",)),
        Status("inProgress", _STANDS, ("submitted", "in_review"), ("needs_attention",)),
        Status("inProgress", "Its datasets are read and checked.", ("submitted",), ("running",)),
        Status("jobSubmitted", _ASKED, ("submitted",)),
        Status("inProgress", "A reviewer looks at it.", ("in_review",)),
        Status("inProgress", "It was approved and will be copied.", ("approved",)),
        Status(
            "inProgress",
            _HALF,
            ("publishing",),
            ("needs_attention", "out_of_sync"),
            ("publish.", "confirm.", "report"),
        ),
        Status("inProgress", _STANDS, ("publishing",), ("needs_attention", "out_of_sync")),
        Status(
            "inProgress",
            "The copy is private still, and is filled.",
            ("publishing",),
            steps=("reserve.", "fill."),
        ),
        Status("inProgress", "The copy is made public.", ("publishing",), steps=("publish.",)),
        Status(
            "inProgress",
            "The copy is looked at as a stranger sees it.",
            ("publishing",),
            steps=("confirm.", "report"),
        ),
        Status("inProgress", "The dataset is copied.", ("publishing",)),
        Status(
            "finishedWithDatasetErrors", _HALF, ("published",), ("needs_attention", "out_of_sync")
        ),
        Status("finishedSuccessful", "The copy is public, and the job knows.", ("published",)),
        Status("withdrawn", "The copy was taken back; a tombstone stays.", ("withdrawn",)),
    ),
    actions={
        "submit": "Copy to the public SciCat",
        "publish": "Copy to the public SciCat",
        "retry": "Try again to copy",
        "new_version": "Copy what changed",
        "withdraw": "Take the copy back",
        "amend": "Correct the copy",
    },
    steps={
        "freeze": "Read the dataset, its file lists and attachments",
        "check": "Check that the public SciCat can take it",
        "compare": "Compare with what was read before",
        "fill.": "Copy file lists and attachments",
        "page": "Open the landing page",
        "report": "Tell the job",
    },
)
