"""Telling a folder how its publication ended: one small JSON file, written whole or not at all."""

from __future__ import annotations

import json

from excudit.domain.errors import Denied, ExcuditError, NeedsPerson, Unavailable
from excudit.domain.model import Outcome
from excudit.storage.folders import Folder
from excudit.storage.own_files import OUTCOME

_LONGEST = 64 * 1024


def write_outcome(folder: Folder, ref: str, outcome: Outcome, key: str) -> None:
    """Leave the DOI and the landing page's address in the folder.

    Idempotent: the same outcome twice is written once. Raises Denied when the folder is read-only,
    Unavailable when the disk is full.
    """
    told = {
        "doi": outcome.doi,
        "doi_url": f"https://doi.org/{outcome.doi}" if outcome.doi else "",
        "landing_url": outcome.landing_url,
        "publication": key,
    }
    content = json.dumps(told, ensure_ascii=False, indent=2).encode() + b"\n"
    if folder.peek(OUTCOME, _LONGEST) == content:
        return
    try:
        folder.write(OUTCOME, content)
    except (Denied, NeedsPerson) as error:
        raise _refused(ref, error) from error


def _refused(ref: str, error: ExcuditError) -> ExcuditError:
    if isinstance(error, Denied):
        return Denied(
            f"{OUTCOME} cannot be written into {ref}: {error.message}",
            hint="Let the service's user write into the folder, or set write_back = false for "
            "this source. The publication itself is complete.",
        )
    return Unavailable(
        f"{OUTCOME} cannot be written into {ref}: {error.message}",
        hint="Make room on that disk. The publication itself is complete.",
    )
