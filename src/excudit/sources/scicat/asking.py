"""SciCat's jobs as requests for publication, and what they are told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from excudit.domain.errors import Denied
from excudit.domain.model import Outcome
from excudit.ports import Request
from excudit.scicat import Asked, SciCat
from excudit.scicat.jobs import DONE, FAILED, PARTLY, RUNNING


class Asking:
    """The jobs of one type. Several jobs about one dataset are one request, and all are told."""

    def __init__(self, scicat: SciCat, job_type: str) -> None:
        self._scicat, self._type = scicat, job_type

    def requests(self) -> Iterator[Request]:
        """Datasets of open jobs, each once, in the order of the jobs."""
        found: dict[str, Request] = {}
        for job in self._scicat.jobs.open(self._type) if self._type else ():
            said = job.message if job.status == RUNNING else ""
            for pid in job.pids:
                known = found.get(pid)
                same = said if known is None or known.said == said else ""
                email = known.email if known else job.email
                if not _ended(job, pid):
                    found[pid] = Request(pid, email, same)
        yield from found.values()

    def tell(self, pid: str, outcome: Outcome, key: str) -> None:
        """Write how it ended into every open job about the dataset."""
        url = _url(outcome)
        told: dict[str, Any] = {"workflowId": key, "publicationUrl": url, "doi": outcome.doi}
        told["published"] = outcome.published
        told |= {"message": outcome.message} if outcome.message else {}
        for job in self._open(pid):
            self._write(job, pid, told, outcome)

    def show(self, pid: str, words: str, key: str) -> None:
        """Say in every open job about the dataset how it stands."""
        for job in self._open(pid):
            result = {"workflowId": key}
            self._patch(job, RUNNING, words, result)

    def _open(self, pid: str) -> Iterator[Asked]:
        if self._type:
            yield from self._scicat.jobs.open_for(self._type, pid)

    def _write(self, job: Asked, pid: str, told: Mapping[str, Any], outcome: Outcome) -> None:
        if len(job.pids) < 2:
            status = DONE if outcome.published else FAILED
            self._patch(job, status, _words(outcome), {k: v for k, v in told.items() if v != ""})
            return
        datasets = {**(job.result.get("datasets") or {}), _name(pid): dict(told)}
        ended = [datasets.get(_name(one)) for one in job.pids]
        if not all(ended):
            left = sum(1 for one in ended if not one)
            self._patch(job, RUNNING, f"{left} dataset(s) left.", {"datasets": datasets})
            return
        good = sum(1 for one in ended if one and one["published"])
        status = DONE if good == len(ended) else PARTLY if good else FAILED
        words = f"{good} of {len(ended)} datasets are published."
        self._patch(job, status, words, {"datasets": datasets})

    def _patch(self, job: Asked, status: str, words: str, result: Mapping[str, Any]) -> None:
        try:
            self._scicat.jobs.tell(job, status, words, result)
        except Denied as error:
            raise Denied(
                f"The job {job.id} cannot be told: {error.message}",
                hint="Put the account into UPDATE_JOB_PRIVILEGED_GROUPS of SciCat. The publication "
                "itself is not touched.",
                remote=error.remote,
            ) from error


def _ended(job: Asked, pid: str) -> bool:
    """Whether one of several datasets of a job was told its end already."""
    return _name(pid) in (job.result.get("datasets") or {})


def _name(pid: str) -> str:
    """A PID as a key of Mongo, which takes neither "." nor "$"."""
    return pid.replace(".", "_").replace("$", "_")


def _url(outcome: Outcome) -> str:
    """Where a reader goes: the copy at a catalogue, else our landing page."""
    copies = [d.url for d in outcome.deposits if d.url and not d.doi]
    return copies[0] if copies else outcome.landing_url


def _words(outcome: Outcome) -> str:
    if outcome.published:
        return f"Published: {_url(outcome)}" + (f" ({outcome.doi})" if outcome.doi else "")
    return outcome.message or "Not published."
