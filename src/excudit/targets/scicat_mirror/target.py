"""A copy of a dataset in a second SciCat: the same PID, private until all of it is there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, BinaryIO, ClassVar
from urllib.parse import quote

from excudit.domain.errors import Conflict, NotFound, Rejected, Unsupported
from excudit.domain.model import Deposit, FileEntry, Receipt, Snapshot, Tombstone
from excudit.domain.problem import Problem
from excudit.ports import Capabilities, Watch
from excudit.scicat import SciCat
from excudit.settings import Site
from excudit.targets.scicat_mirror import checks, mapping, pictures
from excudit.targets.scicat_mirror.lists import Lists, Survey
from excudit.targets.scicat_mirror.mapping import FREE, HELD, WITHDRAWN, Mark
from excudit.targets.scicat_mirror.originals import Original, originals
from excudit.targets.scicat_mirror.settings import ScicatMirrorSettings

Row = Mapping[str, Any]
PRIVATE, PUBLIC, WAITING, GONE = "private", "public", "public, update waits", "withdrawn"


class ScicatMirrorTarget:
    """The public SciCat as one account, and the original one, read as another.

    A copy is known by a relationship to its original that also names the publication. A dataset
    under the same PID without it is somebody else's and never touched.
    """

    Settings: ClassVar[type[ScicatMirrorSettings]] = ScicatMirrorSettings
    capabilities: ClassVar[Capabilities] = Capabilities(
        kind="catalogue",
        final="What strangers have seen in the public catalogue cannot be unseen.",
        versions=True,
        amend=True,
        withdraw=True,
    )

    def __init__(
        self,
        name: str,
        settings: ScicatMirrorSettings,
        site: Site,
        *,
        take: Callable[[], float] | None = None,
    ) -> None:
        self.name = name
        self.settings = settings
        self._copy = SciCat(name, settings, site, take=take)
        self._origin = SciCat(f"{name}'s origin", settings.origin, site)
        once = settings.repeated == "once"
        self._lists = Lists(self._origin.blocks, self._copy.blocks, once=once)

    def close(self) -> None:
        """Close the connections; the target cannot be used any more."""
        self._copy.close()
        self._origin.close()

    def check(self, snapshot: Snapshot) -> Sequence[Problem]:
        """Members that are missing, and PIDs that somebody else holds there."""
        try:
            found = originals(snapshot)
        except Rejected as error:
            return [Problem("", error.message, error.hint, rule="scicat-mirror.source")]
        problems: list[Problem] = []
        for original in found:
            body = mapping.wanted(original, snapshot, self.settings)
            problems += mapping.missing(body, self.settings, original)
            problems += checks.repeated(original, self.settings)
            row = self._copy.find_dataset(original.pid)
            if row is not None and mapping.mark_of(row, original) is None:
                other = self._foreign(original)
                problems.append(Problem("", other.message, other.hint, rule="scicat-mirror.pid"))
        return problems

    def find(self, snapshot: Snapshot) -> Deposit | None:
        """The copies that bear this publication's mark. Raises Conflict when a PID is held by
        something that is no copy of ours."""
        rows = [(o, self._copy.find_dataset(o.pid)) for o in originals(snapshot)]
        marks = [(row, self._mark(row, o)) for o, row in rows if row is not None]
        mine = [row for row, mark in marks if mark.held_by(snapshot.key)]
        return self._deposit(snapshot, mine) if mine else None

    def name_doi(self) -> str:
        """ "": a mirror gives no identifiers."""
        return ""

    def reserve(self, snapshot: Snapshot, *, key: str, previous: Deposit | None = None) -> Deposit:
        """Make the copies, private and without lists; one that is public already stays as it is
        until `publish`.

        The same snapshot twice makes nothing twice: the PID is the name. Raises Conflict when it
        is held by another publication or by somebody else.
        """
        held = [self._opened(o, snapshot, previous) for o in originals(snapshot)]
        return self._deposit(snapshot, held, key=key)

    def _opened(self, original: Original, snapshot: Snapshot, previous: Deposit | None) -> Row:
        body = mapping.wanted(original, snapshot, self.settings)
        row = self._copy.find_dataset(original.pid)
        if row is None:
            try:
                return self._copy.create_dataset({**body, "isPublished": False})
            except Conflict:
                row = self._copy.dataset(original.pid)
        mark = self._mark(row, original)
        if mark.held_by(snapshot.key) or mark.free:
            return row if row.get("isPublished") else self._brought(row, body)
        if previous is not None and mark.held_by(previous.key):
            return row
        raise Conflict(
            f"{original.pid} at {self.name} is the copy of another publication ({mark.holder}).",
            hint="Publish the new state as the next version of that publication.",
        )

    def _brought(self, row: Row, body: Mapping[str, Any], **more: Any) -> Row:
        """The dataset with these members; what is so already is not sent."""
        if row.get("type") != body.get("type"):
            raise Conflict(
                f"{row['pid']} is {row.get('type')!r} at {self.name} and {body.get('type')!r} in "
                "the original; SciCat cannot change that.",
                hint="Have the copy deleted there, then publish again.",
            )
        told = {**mapping.changes(row, body), **more}
        return self._copy.change_dataset(str(row["pid"]), told) if told else row

    def put(self, deposit: Deposit, file: FileEntry, data: BinaryIO) -> Receipt:
        """Raises Unsupported: SciCat keeps lists of files, no files."""
        raise Unsupported(
            f"{self.name} is a catalogue and keeps no files.",
            hint="Add a repository to the targets of this route.",
        )

    def fill(self, deposit: Deposit, snapshot: Snapshot, watch: Watch) -> Deposit:
        """Bring lists and attachments to the copies that are private still. Idempotent; what is
        there is not sent again. Raises Drifted when they are not what was approved."""
        for original in originals(snapshot):
            row, _ = self._held(original, deposit, snapshot)
            if not row.get("isPublished"):
                body = mapping.wanted(original, snapshot, self.settings)
                self._complete(original, body, watch)
        return deposit

    def _complete(
        self, original: Original, body: Mapping[str, Any], watch: Watch | None = None
    ) -> Survey:
        """Lists and attachments as they must be, compared before and after."""
        found = self._lists.survey(original, public=self.settings.public_lists)
        if not found.complete:
            self._lists.bring(original, found, watch)
            found = self._lists.survey(original, public=self.settings.public_lists)
        seen = self._pictures(original, body, public=False)
        if not seen.complete(but_flags=True):
            pictures.bring(self._copy, seen)
            seen = self._pictures(original, body, public=False)
        if not (found.complete and seen.complete(but_flags=True)):
            raise Conflict(
                f"{original.pid} at {self.name} does not keep what was sent.",
                hint="Somebody else may write there; look at it, then retry.",
            )
        return found

    def _pictures(
        self, original: Original, body: Mapping[str, Any], *, public: bool
    ) -> pictures.Pictures:
        return pictures.survey(self._origin, self._copy, original, body, public=public)

    def publish(self, deposit: Deposit, snapshot: Snapshot) -> Deposit:
        """Complete the copies, compare them with the originals, and show them, the flag last.

        One that is public already is hidden while its lists change, and stays public otherwise.
        Public and equal = nothing is sent. Raises Drifted before anything is changed.
        """
        found = originals(snapshot)
        ready = [self._prepared(o, deposit, snapshot) for o in found]
        shown = [self._shown(o, snapshot, survey) for o, survey in zip(found, ready, strict=True)]
        digests = [survey.digest for survey in ready]
        return self._deposit(snapshot, shown, key=deposit.key, lists=digests)

    def _prepared(self, original: Original, deposit: Deposit, snapshot: Snapshot) -> Survey:
        row, _ = self._held(original, deposit, snapshot)
        body = mapping.wanted(original, snapshot, self.settings)
        found = self._lists.survey(original, public=self.settings.public_lists)
        seen = self._pictures(original, body, public=self.settings.public_lists)
        if found.complete and seen.complete(but_flags=True):
            return found
        if row.get("isPublished"):
            self._copy.change_dataset(original.pid, {"isPublished": False})
        return self._complete(original, body)

    def _shown(self, original: Original, snapshot: Snapshot, survey: Survey) -> Row:
        public = self.settings.public_lists
        self._lists.flag(survey.hidden, public=public)
        body = mapping.wanted(original, snapshot, self.settings)
        seen = self._pictures(original, body, public=public)
        if not seen.complete():
            pictures.bring(self._copy, seen)
        row = self._copy.dataset(original.pid)
        sums = {"size": survey.bytes, "numberOfFiles": survey.files}
        more: dict[str, Any] = {k: v for k, v in sums.items() if row.get(k) != v}
        more |= {} if row.get("isPublished") else {"isPublished": True}
        return self._brought(row, body, **more)

    def confirm(self, deposit: Deposit, snapshot: Snapshot) -> Sequence[Problem]:
        """Whether a stranger sees each copy as it was approved, with its lists."""
        return checks.as_a_stranger(self._copy, self.settings, deposit, snapshot)

    def amend(self, deposit: Deposit, snapshot: Snapshot) -> Deposit:
        """Bring the members of the copies to the snapshot's, by one change each; lists stay as
        they are. Equal = nothing is sent."""
        rows = []
        for original in originals(snapshot):
            row, mark = self._held(original, deposit, snapshot)
            if mark.free:
                raise Conflict(
                    f"{original.pid} was withdrawn from {self.name}.", hint="Publish it anew."
                )
            rows.append(self._brought(row, mapping.wanted(original, snapshot, self.settings)))
        return self._deposit(snapshot, rows, key=deposit.key, lists=deposit.data.get("lists"))

    def discard(self, deposit: Deposit) -> None:
        """Delete the private copies with all that hangs on them, or free them where the account
        may not delete; absent, or another publication's by now, = done. Raises Conflict when one
        is public, or hidden in the middle of an update."""
        before = str(deposit.data.get("update") or "")
        for pid, origin in deposit.data.get("copies", {}).items():
            row = self._copy.find_dataset(pid)
            holder = _holder(row, origin)
            public = bool(row and row.get("isPublished"))
            if row is None or holder not in (HELD + deposit.key, HELD + before):
                continue
            mine = holder == HELD + deposit.key
            if public == mine:
                raise Conflict(
                    f"{pid} at {self.name} is public, or hidden in the middle of an update.",
                    hint="Retry; or withdraw the publication instead.",
                )
            if mine:
                self._given_up(row, origin)

    def _given_up(self, row: Row, origin: str) -> None:
        pid = str(row["pid"])
        if not self.settings.may_delete:
            self._copy.change_dataset(pid, {"relationships": _marked(row, origin, FREE)})
            return
        self._lists.remove_all(pid)
        pictures.remove_all(self._copy, pid)
        self._copy.remove_dataset(pid)

    def withdraw(self, deposit: Deposit, snapshot: Snapshot, tombstone: Tombstone) -> Deposit:
        """Hide the copies, their lists and attachments. SciCat has no tombstones: the landing page
        tells why. Idempotent. Raises Conflict for a draft."""
        rows = []
        for original in originals(snapshot):
            row, mark = self._held(original, deposit, snapshot)
            if not row.get("isPublished") and not mark.free:
                raise Conflict(f"{original.pid} is a draft still.", hint="Discard it instead.")
            if row.get("isPublished"):
                told = _marked(row, mark.origin, WITHDRAWN)
                hidden = {"isPublished": False, "relationships": told}
                row = self._copy.change_dataset(original.pid, hidden)
            self._lists.flag_all(original.pid, public=False)
            pictures.hide_all(self._copy, original.pid)
            rows.append(row)
        return self._deposit(snapshot, rows, key=deposit.key)

    def probe(self) -> Sequence[Problem]:
        """For `doctor`: both catalogues well, both accounts known, API v4 at the public one."""
        return checks.probe(self._copy, self._origin)

    def _foreign(self, original: Original) -> Conflict:
        return Conflict(
            f"{self.name} holds another dataset under {original.pid}.",
            hint="Look at it there: it is no copy made by excudit, so it is not touched.",
        )

    def _mark(self, row: Row, original: Original) -> Mark:
        mark = mapping.mark_of(row, original)
        if mark is None:
            raise self._foreign(original)
        return mark

    def _held(self, original: Original, deposit: Deposit, snapshot: Snapshot) -> tuple[Row, Mark]:
        """The copy and its mark, if it is ours or that of the version before ours."""
        row = self._copy.find_dataset(original.pid)
        if row is None:
            raise NotFound(
                f"{original.pid} is not at {self.name} any more.",
                hint="Somebody deleted it there; stop this run and publish again.",
            )
        mark = self._mark(row, original)
        before = str(deposit.data.get("update") or "")
        if not (mark.held_by(snapshot.key) or (before and mark.held_by(before))):
            raise Conflict(
                f"{original.pid} at {self.name} belongs to another publication by now.",
                hint="Look at it there.",
            )
        return row, mark

    def _deposit(
        self, snapshot: Snapshot, rows: Sequence[Row], *, key: str = "", lists: Any = None
    ) -> Deposit:
        known = {o.pid: o for o in originals(snapshot)}
        first = next(iter(known))
        copies = {pid: mapping.origin_of(o) for pid, o in known.items()}
        marks = {str(r["pid"]): mapping.mark_of(r, known[str(r["pid"])]) for r in rows}
        others = [m.holder for m in marks.values() if m and not m.held_by(snapshot.key)]
        update = others[0].rpartition(HELD)[2] if others and not _any_free(marks) else ""
        data = {"copies": copies, **({"update": update} if update else {})}
        data |= {"lists": lists} if lists else {}
        return Deposit(
            target=self.name,
            key=key or snapshot.key,
            remote_id=first,
            state=_state(rows, marks, update),
            url=self.page(first),
            data=data,
        )

    def page(self, pid: str) -> str:
        """Where people see the copy."""
        name = quote(pid, safe="")
        if self.settings.frontend_url:
            return f"{self.settings.frontend_url.rstrip('/')}/datasets/{name}"
        return f"{self.settings.url}/api/v4/datasets/public/{name}"


def _any_free(marks: Mapping[str, Mark | None]) -> bool:
    return any(m is not None and m.free for m in marks.values())


def _state(rows: Sequence[Row], marks: Mapping[str, Mark | None], update: str) -> str:
    if _any_free(marks):
        return GONE
    if rows and all(r.get("isPublished") for r in rows):
        return WAITING if update else PUBLIC
    return PRIVATE


def _holder(row: Row | None, origin: str) -> str:
    found = [r for r in (row or {}).get("relationships") or () if r.get("identifier") == origin]
    return str(found[0].get("externalId") or "") if found else ""


def _marked(row: Row, origin: str, before: str) -> list[dict[str, Any]]:
    """The relationships with another word in front of the holder."""
    told = []
    for one in row.get("relationships") or ():
        kept = {k: v for k, v in one.items() if k != "_id"}
        holder = str(kept.get("externalId") or "")
        if kept.get("identifier") == origin and holder.startswith(HELD):
            kept["externalId"] = before + holder
        told.append(kept)
    return told
