"""The route `assessment-zenodo` in the words of the Compliance Assessment Toolkit (CAT).

Its six stages: create deposit, upload PDF, store information, publish deposit, update database,
send mail.
"""

from __future__ import annotations

from excudit.domain.words.vocabulary import Status, Vocabulary

_COMPLETED = "The assessment is published, the database knows, and everybody was told."
_TELLING = "The assessment is published, the database knows, and everybody is being told."
_INIT = "It was accepted; no deposit has been created yet."
_CREATED = "The deposit exists; the PDF is on its way to it."
_UPLOADED = "The PDF is in the deposit, which is a draft still, and its information is stored."
_PUBLISHED = "The deposit is published; the database is not yet up to date."
_FAILED = "It failed before publication; the deposit was deleted."
_PERSON = "It stands still before publication; a person has to look at it."
_CLEANING = "It failed before publication; the deposit is still being deleted."

WORDS = Vocabulary(
    statuses=(
        Status("DRAFT", "It has not been asked to be published yet.", ("draft",)),
        Status(
            "PROCESS FAILED", _CLEANING, ("approved", "changes_requested"), ("cleanup_pending",)
        ),
        Status("PROCESS FAILED", _FAILED, ("approved",), ("needs_attention",)),
        Status("PROCESS FAILED", "There are problems to mend first.", ("changes_requested",)),
        Status("PROCESS FAILED", "It was given up.", ("rejected", "cancelled")),
        Status("DEPOSIT PUBLISHED", _PUBLISHED, ("publishing",), ("out_of_sync",)),
        Status("FILE UPLOADED TO DEPOSIT", _UPLOADED, ("publishing",), steps=("publish.",)),
        Status(
            "PROCESS FAILED",
            _PERSON,
            ("publishing",),
            ("needs_attention",),
            steps=("claim", "compare", "reserve.", "files.", "page"),
        ),
        Status("DEPOSIT CREATED", _CREATED, ("publishing",), steps=("files.", "page")),
        Status("DEPOSIT PUBLISHED", _PUBLISHED, ("publishing",), steps=("confirm.", "report")),
        Status("PROCESS INIT", _INIT, ("submitted", "in_review", "approved", "publishing")),
        Status("PROCESS COMPLETED", _COMPLETED, ("published",), ("idle",)),
        Status("PROCESS COMPLETED", _TELLING, ("published",), steps=("notify",)),
        Status("PROCESS COMPLETED", _COMPLETED, ("published",), plans=("amend", "withdraw")),
        Status("DEPOSIT PUBLISHED", _PUBLISHED, ("published",)),
        Status("WITHDRAWN", "It was taken back; a tombstone stays.", ("withdrawn",)),
    ),
    actions={
        "submit": "Publish assessment",
        "publish": "Publish assessment",
        "retry": "Publish deposit",
        "new_version": "Publish the changed assessment",
    },
    steps={
        "claim": "Take the assessment into custody",
        "freeze": "Freeze the assessment and its PDF",
        "check": "Check the assessment",
        "compare": "Compare with what was asked for",
        "reserve.": "Create deposit",
        "files.": "Upload PDF",
        "page": "Store information",
        "publish.": "Publish deposit",
        "confirm.": "Update database",
        "report": "Report back",
        "notify": "Send mail",
    },
    stages=(
        "Create deposit",
        "Upload PDF",
        "Store information",
        "Publish deposit",
        "Update database",
        "Send mail",
    ),
)
