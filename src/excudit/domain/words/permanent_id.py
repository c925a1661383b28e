"""The route `permanent-id` in the words of the curators of a data commons.

Any other word is a label of the curators', shown in place of these while it stands.
"""

from __future__ import annotations

from excudit.domain.words.vocabulary import Status, Vocabulary

DRAFT = "Draft"
SUBMITTED = "Submitted"
PENDING = "Pending"
EVALUATION = "Evaluation"
APPROVED = "Approved"
COMPLETION = "Completion"
FAILED = "Failed"
REJECTED = "Rejected"
CANCELLED = "Cancelled"
WITHDRAWN = "Withdrawn"

MEANINGS: dict[str, str] = {
    SUBMITTED: "Asked for; the folder was moved to staging, and no curator has acted yet.",
    PENDING: "The curators wait for an answer.",
    EVALUATION: "The curators check metadata and structure.",
    APPROVED: "Approved, and handed in for an identifier.",
    COMPLETION: "The identifier was given, and the folder is in the public space.",
    FAILED: "No identifier could be got yet; the curators see why and repeat it.",
    REJECTED: "The curators said no; the folder was given back.",
    CANCELLED: "It was taken back; the folder was given back.",
    WITHDRAWN: "It is public no more; its landing page says why.",
}
SEEDED = (SUBMITTED, PENDING, EVALUATION, APPROVED, COMPLETION, FAILED, REJECTED)
"""The words that clients are offered."""


def _row(word: str, *states: str, **more: tuple[str, ...]) -> Status:
    return Status(word, MEANINGS.get(word, "Not asked for yet."), states, **more)  # type: ignore[arg-type]


WORDS = Vocabulary(
    statuses=(
        _row(DRAFT, "draft"),
        _row(SUBMITTED, "submitted"),
        _row(EVALUATION, "in_review"),
        _row(PENDING, "changes_requested"),
        _row(FAILED, "approved", "publishing", healths=("needs_attention", "cleanup_pending")),
        _row(APPROVED, "approved", "publishing"),
        _row(COMPLETION, "published"),
        _row(REJECTED, "rejected"),
        _row(CANCELLED, "cancelled"),
        _row(WITHDRAWN, "withdrawn"),
    ),
    actions={
        "submit": "Request a permanent ID",
        "return": "Ask for changes (Pending)",
        "publish": "Create the DOI",
        "cancel": "Withdraw the request",
    },
    steps={
        "claim": "Move the folder to staging",
        "freeze": "Freeze metadata and files",
        "check": "Check the metadata template and the folder",
        "reserve.datacite": "Reserve the DOI",
        "reserve.shelf": "Reserve the name in the curated space",
        "files.shelf": "Move the folder to the curated space",
        "publish.shelf": "Let the public read it",
        "publish.datacite": "Make the DOI findable",
        "confirm.shelf": "Look whether the data are public, on mirrors too",
        "confirm.datacite": "Look whether DataCite shows it and the DOI leads to it",
        "report": "Write the identifier back to the folder",
    },
)
