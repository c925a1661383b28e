"""QuinCe's export API: six calls, empty error bodies, everything said by the status code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from excudit.domain.errors import (
    Conflict,
    Denied,
    ExcuditError,
    NotFound,
    Unavailable,
    Uncertain,
)
from excudit.http import Answer, Basic, Remote, Timeouts, user_agent
from excudit.settings import Site
from excudit.sources.quince.settings import QuinceSettings

ZIP = "application/octet-stream"
Verb = Literal["touchExport", "completeExport", "abandonExport"]


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the export list: a dataset in the status 120."""

    id: int
    name: str
    instrument: str
    user: str

    @property
    def ref(self) -> str:
        """How the source calls it."""
        return f"{self.id}/{self.name}"


class Api:
    """One account at one server. Nothing is asked of it while it is made."""

    def __init__(self, name: str, settings: QuinceSettings, site: Site) -> None:
        self._name = name
        self._remote = Remote(
            name,
            settings.url,
            agent=user_agent(site),
            auth=Basic(settings.username, settings.password.read),
            timeouts=Timeouts(read_s=settings.timeout_s, total_s=settings.timeout_s),
            max_bytes=64 * 1024 * 1024,
        )

    def close(self) -> None:
        """Close the connections."""
        self._remote.close()

    def listed(self) -> list[Listed]:
        """All datasets in 120 that the server shows, in one request. Raises Denied when the
        account is wrong or lacks the API permission, Unavailable for anything that is no list."""
        answer = self._remote.send("GET", "/api/export/exportList")
        if answer.status in (401, 403):
            why = "does not know the account" if answer.status == 401 else "has not the permission"
            raise Denied(
                f"{self._name} {why} of this source ({answer.status}).",
                hint="Check username and password; the account needs QuinCe's API permission.",
            )
        if answer.status != 200:
            raise self._remote.failure(answer)
        lines = answer.value if isinstance(answer.value, list) else None
        if lines is None:
            raise answer.unsure("gave no export list, perhaps a page to log in")
        try:
            return [_line(line) for line in lines]
        except (KeyError, TypeError, ValueError) as error:
            raise answer.unsure(f"gave a list that cannot be read ({error})") from error

    def download(self, name: str, sink: Callable[[bytes], object]) -> None:
        """The package of a dataset in 120 or 140, by its name; claims nothing. Raises Conflict in
        any other status or for a name that several datasets have, NotFound, Unavailable."""
        answer = self._packed("downloadDataset", {"datasetName": name}, sink, safe=True)
        if answer.status == 409:
            raise Conflict(
                f"{self._name} has several datasets of the name {name}.",
                hint="Rename one of them in QuinCe; a package is fetched by its name.",
            )
        self._require_package(answer, name)

    def export(self, id_: int, name: str, sink: Callable[[bytes], object]) -> None:
        """The package, and the dataset goes to 130 after it was built. Raises Conflict when it is
        not in 120, NotFound, Uncertain when it may be in 130 and the package was not got."""
        self._require_package(
            self._packed("exportDataset", {"id": str(id_)}, sink, safe=False), name
        )

    def tell(self, verb: Verb, id_: int) -> Literal["done", "not in 130", "gone"]:
        """Touch, complete or abandon. Raises Denied, Unavailable, or Uncertain when the answer was
        lost."""
        answer = self._remote.send(
            "POST",
            f"/api/export/{verb}",
            form={"id": str(id_)},
            accept="*/*",
            safe=verb == "touchExport",
        )
        if answer.status == 200 and answer.body:
            # The real answer is empty; a page to log in is not.
            raise answer.unsure("answered with a page where nothing was due")
        if answer.status == 200:
            return "done"
        if answer.status == 404:
            return "gone"
        if answer.status == 403:
            self.listed()  # tells a missing permission from a wrong status
            return "not in 130"
        raise self._failure(answer)

    def _packed(
        self, call: str, form: dict[str, str], sink: Callable[[bytes], object], *, safe: bool
    ) -> Answer:
        return self._remote.send(
            "POST", f"/api/export/{call}", form=form, accept=ZIP, safe=safe, sink=sink
        )

    def _require_package(self, answer: Answer, name: str) -> None:
        if answer.status == 200 and answer.media_type == ZIP:
            return
        if answer.status == 404:
            raise NotFound(
                f"{self._name} has no dataset {name} any more.",
                hint="Look in QuinCe whether it was deleted or renamed.",
            )
        if answer.status == 403:
            self.listed()  # raises Denied when it is the permission that is missing
            raise Conflict(
                f"{name} does not wait for export at {self._name}.",
                hint="It is being exported, calculated or checked there; look at its status.",
            )
        if answer.status == 200:
            raise answer.unsure("answered with a page where a package was due")
        raise self._failure(answer)

    def _failure(self, answer: Answer) -> ExcuditError:
        if answer.status == 401:
            return Denied(
                f"{self._name} does not know the account of this source (401).",
                hint="Check username and password.",
            )
        if answer.status >= 500:
            kind = Unavailable if answer.safe else Uncertain
            return kind(f"{self._name} failed ({answer.status}, {answer.asked}).")
        return self._remote.failure(answer)


def _line(line: Any) -> Listed:
    instrument = line.get("instrument") or {}
    return Listed(
        int(line["id"]),
        str(line["name"]),
        str(instrument.get("name", "")),
        str(instrument.get("user", "")),
    )
