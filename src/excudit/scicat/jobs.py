"""SciCat's jobs: how its users ask us, and how they are told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from excudit.http import path_of
from excudit.scicat.api import MERGE, Api

SUBMITTED = "jobSubmitted"
RUNNING = "inProgress"
DONE = "finishedSuccessful"
PARTLY = "finishedWithDatasetErrors"
FAILED = "finishedUnsuccessful"
OPEN = (SUBMITTED, RUNNING)
# v4 applies `limit` before `skip`, so jobs cannot be paged: one large page, and a `where` that
# finished jobs leave.
_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Asked:
    """One job. `pids` are its datasets, in order, each once."""

    id: str
    type: str
    status: str
    message: str
    pids: tuple[str, ...]
    email: str = ""
    owner: str = ""
    group: str = ""
    result: Mapping[str, Any] = field(default_factory=dict)


def job_of(row: Mapping[str, Any]) -> Asked:
    """A job from v4 or v3."""
    params = row.get("jobParams") if isinstance(row.get("jobParams"), dict) else {}
    listed = (params or {}).get("datasetList") or row.get("datasetList") or ()
    pids = dict.fromkeys(str(d["pid"]) for d in listed if isinstance(d, dict) and d.get("pid"))
    return Asked(
        id=str(row.get("id") or row.get("_id") or ""),
        type=str(row.get("type") or ""),
        status=str(row.get("statusCode") or row.get("jobStatusMessage") or ""),
        message=str(row.get("statusMessage") or ""),
        pids=tuple(pids),
        email=str(row.get("contactEmail") or row.get("emailJobInitiator") or ""),
        owner=str(row.get("ownerUser") or ""),
        group=str(row.get("ownerGroup") or ""),
        result=row.get("jobResultObject") or {},
    )


class Jobs:
    """The jobs of one SciCat (v4)."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def get(self, job: str) -> Asked:
        """One job, as it is now. Raises NotFound; Denied for somebody else's."""
        return job_of(self._api.get("v4", "jobs", job))

    def open(self, type_: str) -> Iterator[Asked]:
        """Jobs of a type that are not finished, oldest first, a thousand at most."""
        yield from self._where({"type": type_, "statusCode": {"$in": list(OPEN)}})

    def open_for(self, type_: str, pid: str) -> Iterator[Asked]:
        """Jobs of a type about a dataset that are not finished."""
        about = {"type": type_, "jobParams.datasetList.pid": pid}
        yield from self._where({**about, "statusCode": {"$in": list(OPEN)}})

    def _where(self, where: Mapping[str, Any]) -> Iterator[Asked]:
        rows = self._api.listed("v4", "jobs", where=where, sort="createdAt", page=_PAGE, most=_PAGE)
        yield from map(job_of, rows)

    def tell(self, job: Asked, status: str, message: str, result: Mapping[str, Any]) -> bool:
        """Set status, message and result; what is so already is not sent, because each change may
        send mails there. Returns whether anything was sent."""
        same = {k: job.result.get(k) for k in result} == dict(result)
        if (job.status, job.message) == (status, message) and same:
            return False
        body = {"statusCode": status, "statusMessage": message, "jobResultObject": dict(result)}
        path = path_of("api", "v4", "jobs", job.id)
        self._api.call("PATCH", path, json=body, content_type=MERGE)
        return True
