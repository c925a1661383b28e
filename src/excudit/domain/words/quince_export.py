"""The route `quince-export` in the words of QuinCe: eleven statuses and what can be done in each.

From "Data Export for Submission to External Repositories" (QuinCe): the tables of statuses and of
actions. `code` is QuinCe's own number of the status. Where QuinCe is the system of record (up to
110, and 120 to 140), the dataset's status there is followed; it has no rejection by the expert and
no archive, so ours is the record of both.
"""

from __future__ import annotations

from excudit.domain.lifecycle import Health
from excudit.domain.words.vocabulary import Offer, Status, Vocabulary

_QC = Offer(
    "manual_qc",
    "Manual QC",
    "Look at the data and set flags in QuinCe; when that is done, submit the dataset again.",
    ("edit", "submit"),
)
_EXPORT = Offer(
    "manual_export",
    "Manual export",
    "Download a copy in any format; whoever downloads it is responsible for its use.",
    ("export",),
)
_SUBMIT = Offer(
    "submit",
    "Submit for checking",
    "Stations of the network: ask the thematic centre's expert to check the dataset.",
    ("submit",),
)
_DIRECT = Offer(
    "automatic_export",
    "Automatic export",
    "Stations outside the network: the dataset is ready to be published without an expert's check.",
    ("submit",),
)
_CHECK = Offer(
    "expert_check",
    "Expert check",
    "Approve the dataset for export, or reject it: it goes back to Ready for QC and to the PI.",
    ("approve", "return"),
)
_ARCHIVE = Offer(
    "archive",
    "Archive",
    "Hide the dataset from the main list; everything about it stays retrievable.",
    ("archive",),
)
_LATER = ("manual_qc", "manual_export")
_MACHINES: tuple[Health, ...] = ("needs_attention", "cleanup_pending")

_ERROR = "Automatic processing failed; the support team was told and finds the cause."
_WAITING = "It waits for its turn to be processed."
_EXTRACTION = "The package is fetched from QuinCe; its files are opened, hashed and frozen."
_REDUCTION = "Figures and plots are calculated for those who judge the data."
_AUTOMATIC = "Every rule looks at every row."
_READY_FOR_QC = "A person has to look at the data, in QuinCe, before it is submitted again."
_COMPLETE = "All quality control is done; it can be submitted."
_EXPERT = "The thematic centre's expert has to look at it."
_READY = "It is ready for automatic export."
_EXPORTING = "It is being exported and published."
_EXPORTED = "It has been exported."
_OUT = "It was taken out of the export and is in its PI's hands again, in QuinCe."
_WITHDRAWN = "It had been exported and was withdrawn; a tombstone stays."

_STATUSES = (
    Status("ERROR", _ERROR, ("draft", "submitted", "approved", "publishing"), _MACHINES, code="-1"),
    Status("ERROR", _ERROR, ("changes_requested",), ("cleanup_pending",), code="-1"),
    Status("ERROR", _ERROR, ("publishing",), ("out_of_sync",), code="-1"),
    Status("Data extraction", _EXTRACTION, ("submitted",), steps=("freeze",), code="10"),
    Status("Data reduction", _REDUCTION, ("submitted",), steps=("look",), code="30"),
    Status("Automatic QC", _AUTOMATIC, ("submitted",), steps=("check",), code="20"),
    Status("Waiting", _WAITING, ("submitted",), code="0"),
    Status("Ready for QC", _READY_FOR_QC, ("changes_requested",), code="50", offers=("manual_qc",)),
    Status("Ready for QC", _OUT, ("rejected", "cancelled"), code="50", offers=("manual_qc",)),
    Status(
        "QC Complete",
        _COMPLETE,
        ("draft",),
        code="100",
        offers=(*_LATER, "submit", "automatic_export"),
    ),
    Status("Expert check", _EXPERT, ("in_review",), code="110", offers=(*_LATER, "expert_check")),
    Status("Ready for export", _READY, ("approved",), code="120", offers=_LATER),
    Status("Exporting", _EXPORTING, ("publishing",), code="130"),
    Status("Exported", _EXPORTED, ("published",), code="140", offers=(*_LATER, "archive")),
    Status("Exported", _WITHDRAWN, ("withdrawn",), code="140", offers=(*_LATER, "archive")),
)

_STEPS = {
    "freeze": "Data extraction",
    "look": "Data reduction",
    "check": "Automatic QC",
    "claim": "Take the dataset for export",
    "compare": "Compare with what the expert approved",
    "report": "Tell QuinCe that it is exported",
}

NETWORK = Vocabulary(
    statuses=_STATUSES,
    actions={
        "submit": "Submit for checking",
        "approve": "Approve for export",
        "return": "Reject",
        "export": "Manual export",
        "publish": "Export now",
        "archive": "Archive",
    },
    steps=_STEPS,
    offers=(_QC, _EXPORT, _SUBMIT, _CHECK, _ARCHIVE),
    # The expert's rejection leads back to quality control, never to an end.
    without=frozenset({"reject"}),
)

DIRECT = Vocabulary(
    statuses=_STATUSES,
    actions={**NETWORK.actions, "submit": "Automatic export"},
    steps={**_STEPS, "compare": "Compare with what was submitted"},
    offers=(_QC, _EXPORT, _DIRECT, _CHECK, _ARCHIVE),
    without=frozenset({"reject"}),
)
