"""SciCat's six shapes of errors, told apart by the kind of JSON alone.

{"message": …, "error": …, "statusCode": …}       most errors
the same with a list of messages                  a body that was not valid
{"message": …, "statusCode": …}                   a login that failed
{"status": …, "message": …}                       jobs; 422 with JSON inside "error"
"a bare text"                                     published data, every 500
[{"instancePath": …, "message": …}, …]            the site's own schema; 4.5: a list of texts
"""

from __future__ import annotations

from typing import Any

import orjson

from excudit.domain.errors import Conflict, Denied, ExcuditError, NotFound, Rejected, Unsupported
from excudit.domain.problem import Problem
from excudit.http import Answer

ACCOUNT = "Check the account in the settings and its groups there; `excudit doctor` tests them."
ROLE = "Forbidden resource"
_NO_JOB = "Invalid job id"


def said(value: Any) -> tuple[str, ...]:
    """SciCat's own sentences in a parsed body; none for an empty one."""
    match value:
        case str():
            return (value,) if value else ()
        case list():
            return tuple(words for one in value for words in _finding(one))
        case dict():
            inner = value.get("error")
            more = said(_inside(inner)) if isinstance(inner, str) and inner[:1] == "[" else ()
            return (*said(value.get("message", "")), *more)
        case _:
            return ()


def problems(value: Any, rule: str = "scicat.refused") -> tuple[Problem, ...]:
    """The findings as problems; those of the site's schema with their place."""
    if isinstance(value, list):
        return tuple(
            Problem(str(_place(one)), words, rule=rule) for one in value for words in _finding(one)
        )
    return tuple(Problem("", words, rule=rule) for words in said(value))


def judge(answer: Answer) -> ExcuditError | None:
    """What an unwanted answer of SciCat means; None where HTTP alone says it."""
    words = said(answer.value)
    told = "; ".join(words).rstrip(".")
    where = f"{answer.remote} ({answer.asked})"
    if answer.status == 401:
        return Denied(f"{where} does not accept the login: {told}.", hint=ACCOUNT, remote=told)
    if answer.status == 403:
        return Denied(f"{where} refused: {told or ROLE}.", hint=ACCOUNT, remote=told)
    if answer.status == 404 and told.startswith("Cannot "):
        return Unsupported(f"{where}: this SciCat has no such route.", remote=told)
    if answer.status == 404 or (answer.status == 400 and told == _NO_JOB):
        return NotFound(f"{where}: {told or 'not there'}.", remote=told)
    if answer.status in {409, 412} or (answer.status == 400 and isinstance(answer.value, str)):
        hint = "Look at it in SciCat; somebody else may have changed it."
        return Conflict(f"{where}: {told}.", hint=hint, remote=told)
    if answer.status == 424:
        return answer.unsure(f"says that the registry refused or did not answer: {told}")
    if answer.status in {400, 413, 422}:
        hint = "Mend what SciCat names, then try again."
        found = problems(answer.value)
        return Rejected(f"{where} refused: {told}.", hint=hint, remote=told, problems=found)
    return None


def _finding(one: Any) -> tuple[str, ...]:
    if isinstance(one, dict):
        if "nonExistFiles" in one:
            return (f"{one.get('pid', '')} has no files {', '.join(one['nonExistFiles'])}",)
        return (str(one.get("message") or one.get("reason") or orjson.dumps(one).decode()),)
    return (str(one),)


def _place(one: Any) -> str:
    if not isinstance(one, dict):
        return ""
    missing = one.get("params", {}).get("missingProperty")
    return str(one.get("instancePath", "")) + (f"/{missing}" if missing else "")


def _inside(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
