"""Whether a SciCat can be used as it is set up."""

from __future__ import annotations

from excudit.domain.errors import ExcuditError
from excudit.domain.problem import Problem
from excudit.scicat import SciCat
from excudit.sources.scicat.settings import ScicatSourceSettings


def probe(scicat: SciCat, settings: ScicatSourceSettings) -> list[Problem]:
    """Each problem with its mend; empty when all is well. Reads only."""
    try:
        if not scicat.healthy():
            return [_told("/url", f"{scicat.url} says that it is not well.", "Ask its operators.")]
        who = scicat.known()
    except ExcuditError as error:
        where = "/username" if error.kind in ("Denied", "Rejected") else "/url"
        return [_told(where, error.message, error.hint)]
    found = []
    try:
        next(scicat.datasets(settings.where, most=1, fields=("pid",)), None)
        if settings.job_type:
            next(scicat.jobs.open(settings.job_type), None)
    except ExcuditError as error:
        found.append(_told("/where", error.message, error.hint))
    if settings.people == "account":
        try:
            scicat.user_token(who.username, life="1s")
        except ExcuditError as error:
            mend = 'Make the account an admin there, or choose people = "email".'
            found.append(_told("/people", error.message, mend))
    return found


def _told(where: str, message: str, mend: str) -> Problem:
    return Problem(where, message, mend, rule="scicat.probe")
