"""A draft takes several calls to open: one that is refused for good must leave nothing behind."""

from __future__ import annotations

from collections.abc import Callable

from excudit.domain.errors import ExcuditError, Permanent, Uncertain
from excudit.targets.invenio.found import Found


def or_nothing(draft: Found, go_on: Callable[[], Found], delete: Callable[[Found], None]) -> Found:
    """What `go_on` makes of a draft that was just opened. Refused for good, the draft is deleted
    before that is raised; Uncertain when it cannot be."""
    try:
        return go_on()
    except Permanent as refused:
        try:
            delete(draft)
        except ExcuditError as error:
            raise Uncertain(
                f"{refused.message} The draft {draft.id} could not be deleted either.",
                hint=refused.hint,
                remote=error.remote or error.message,
            ) from refused
        raise
