"""The tree of errors."""

from __future__ import annotations

import inspect

from excudit.domain import errors
from reference.tables import code, plain, table

TAKEN_BACK = "ends the run and takes back what was done"
WHAT_FOLLOWS = {
    "Unavailable": "waits and tries again; after several in a row the target is left alone",
    "RateLimited": "waits as long as was asked, without counting the attempt",
    "Uncertain": "waits a moment, then looks at the target before it acts again",
    "Rejected": f"{TAKEN_BACK}; all problems are shown",
    "Drifted": f"{TAKEN_BACK}; the owner is asked, with the differences",
    "NotFound": TAKEN_BACK,
    "Denied": TAKEN_BACK,
    "Conflict": TAKEN_BACK,
    "Unsupported": TAKEN_BACK,
    "Unrecorded": "parks the run as out of sync; the sweep lets it go on by itself",
    "NeedsPerson": "parks the run; a person answers and retries",
}


def text() -> str:
    """The tree, and each error's sentence."""
    tree = (errors.__doc__ or "").split("\n\n")[1]
    rows = [
        [code(kind), plain(_sentence(cls)), WHAT_FOLLOWS.get(kind, "")]
        for kind, cls in errors.KINDS.items()
    ]
    heads = ["Error", "What people read", "What a run does, before the point of no return"]
    return f"```text\n{inspect.cleandoc(tree)}\n```\n\n" + table(heads, rows)


def _sentence(cls: type[errors.ExcuditError]) -> str:
    return (inspect.getdoc(cls) or "").splitlines()[0]
