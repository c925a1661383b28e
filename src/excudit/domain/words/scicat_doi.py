"""The route `scicat-doi` in the words of SciCat's published data.

SciCat knows four: private, public, registered, amended; what is between them is said in the steps
of its publishing guide. The DOI is internal until the record is registered.
"""

from __future__ import annotations

from excudit.domain.words.vocabulary import Status, Vocabulary

_STANDS = "It stands still; somebody has to look at it. What is public already is listed."

WORDS = Vocabulary(
    statuses=(
        Status("private", "The form is being filled in; nothing is public.", ("draft",)),
        Status("private", "It is being checked; nothing is public.", ("submitted",)),
        Status("private, in review", "A second person looks at it.", ("in_review",)),
        Status("private", "Something is to be mended; see why.", ("changes_requested",)),
        Status("private", _STANDS, ("approved",), ("needs_attention", "cleanup_pending")),
        Status("private", "It was approved; nothing is public yet.", ("approved",)),
        Status(
            "pending registration",
            "The quality control is asked; the DOI is internal, and nothing is public.",
            ("publishing",),
            steps=("ask.quality", "quality"),
        ),
        Status(
            "private",
            "The record is made; its DOI is internal, and nothing is public.",
            ("publishing",),
            steps=("claim", "compare", "reserve.", "files.", "fill.", "page"),
        ),
        Status("partly public", _STANDS, ("publishing",), ("needs_attention", "out_of_sync")),
        Status(
            "public",
            "All datasets are public; the DOI is handed to DataCite.",
            ("publishing",),
        ),
        Status("amended", "It was corrected after registration.", ("published",), (), ("amend",)),
        Status("registered", "The DOI leads to it; only admins change it.", ("published",)),
        Status("rejected", "It was turned down; nothing is public.", ("rejected",)),
        Status("cancelled", "It was taken back; nothing is public.", ("cancelled",)),
        Status("withdrawn", "It was taken back; a tombstone stays.", ("withdrawn",)),
    ),
    actions={
        "submit": "Hand in the selection",
        "publish": "Publish and register",
        "amend": "Correct the published record",
    },
    steps={
        "freeze": "Freeze the selection",
        "check": "Verify the selection and the form",
        "compare": "Compare with what was reviewed",
        "reserve.scicat": "Make the record, with an internal DOI",
        "reserve.datacite": "Reserve the DOI at DataCite",
        "ask.quality": "Ask the quality control",
        "publish.scicat": "Make all datasets public",
        "publish.datacite": "Register the DOI",
        "confirm.scicat": "Look whether everybody sees the datasets",
        "confirm.datacite": "Look whether the DOI leads to it",
        "conclude.scicat": "Tell SciCat that it is registered",
    },
)
