"""What the engine says of its runs, written down for screens, and what the end of a run means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from excudit.domain.errors import NotFound
from excudit.domain.lifecycle import Health
from excudit.domain.model import SERVICE
from excudit.domain.publication import Publication
from excudit.engine.outcome import Ending, Outcome
from excudit.service import acting, acts, following, gates, healing, notifying, resume, verbs
from excudit.service.parts import Parts
from excudit.store import events, publications, runs, snapshots
from excudit.store import gates as stored_gates
from excudit.store.database import Connection

REMEMBERED = 10_000
CLEANUP_S = 60.0  # an undo that failed several times is left alone for a minute first


class RunLedger:
    """`engine.ledger.Ledger` on the application's tables. Every call is one transaction and may
    come again."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._runs: dict[str, tuple[str, frozenset[str]]] = {}

    def begun(self, run: str, step: str, attempt: int, *, undoing: bool) -> None:
        """An attempt begins."""
        with self._parts.database.write() as connection:
            # Everywhere the publication before its run, or two write units may lock each other out.
            publication, _ = self._known(connection, run)
            publications.set_going(connection, publication)
            self._begin(connection, run, step, attempt, undoing)

    def _begin(
        self, connection: Connection, run: str, step: str, attempt: int, undoing: bool
    ) -> None:
        _, finals = self._known(connection, run)
        runs.attempt_begun(
            connection,
            run,
            step,
            attempt,
            undoing=undoing,
            final=step in finals and not undoing,
            at=publications.now(),
        )

    def _known(self, connection: Connection, run: str) -> tuple[str, frozenset[str]]:
        """The publication of a run and its final steps; both never change."""
        if run not in self._runs:
            row = runs.get(connection, run)
            if row is None:
                raise NotFound(f"There is no run {run}.")
            if len(self._runs) > REMEMBERED:
                self._runs.clear()
            finals = frozenset(s["key"] for s in row["steps"] if s.get("final"))
            self._runs[run] = (row["publication"], finals)
        return self._runs[run]

    def ended(
        self,
        run: str,
        step: str,
        attempt: int,
        outcome: Outcome,
        *,
        undoing: bool,
        following: str = "",
    ) -> None:
        """An attempt ended; the following step begins with it."""
        at = publications.now()
        with self._parts.database.write() as connection:
            runs.attempt_ended(
                connection,
                run,
                step,
                attempt,
                undoing=undoing,
                status=outcome.kind,
                outcome=outcome.as_data(),
                at=at,
            )
            if following:
                self._begin(connection, run, following, 1, undoing)
            elif outcome.kind == "later" and not runs.over(connection, run):
                due = at + timedelta(seconds=outcome.wait_s)
                publication, _ = self._known(connection, run)
                publications.set_health(connection, publication, "waiting")
                runs.change(connection, run, status="waiting", next_try_at=due, error=outcome.error)

    def progressed(self, run: str, step: str, done: int, total: int, unit: str) -> None:
        """The running attempt is so far."""
        with self._parts.database.write() as connection:
            runs.progress(connection, run, step, done=done, total=total, unit=unit)

    def stop_requested(self, run: str) -> bool:
        """Was this run asked to stop?"""
        with self._parts.database.read() as connection:
            return runs.stop_requested(connection, run)

    def finished(self, run: str, ending: Ending) -> None:
        """Turn the end of a run into the publication's next state, once."""
        with self._parts.database.write() as connection:
            known, _ = self._known(connection, run)
            publication = publications.get(connection, known, lock=True)
            row = runs.get(connection, run)
            if row is None or row["ended_at"] is not None or row["status"] == "parked":
                return
            if runs.at_gate(row):
                return
            stands = _stands(publication, row, ending)
            runs.change(
                connection,
                run,
                status=ending.kind,
                position=ending.step or row["position"],
                error=ending.error or (row["given"].get("refused") or {}).get("error"),
                cleanup=list(ending.cleanup),
                next_try_at=None,
                ended_at=None if stands else publications.now(),
                past_final=row["past_final"] or ending.after_final,
            )
            end = End(connection, self._parts, publication, row, ending)
            if ending.kind not in ("parked", "waiting"):
                stored_gates.close(connection, known, runs.chain_of(row))
            ENDINGS.get((row["plan"], ending.kind), OTHERWISE.get(ending.kind, _parked))(end)
            if ending.cleanup and ending.kind != "parked":
                _clean_up_later(end)
            if publication.route in self._parts.settings.routes:
                following.go_on(connection, self._parts, known)


def _stands(publication: Publication, row: Mapping[str, Any], ending: Ending) -> bool:
    """Whether the run keeps its place as the one of its publication. At a gate it keeps it until
    it is public, for an answer may take months; a follow-up holds nothing back."""
    if row["plan"] == "follow-up":
        return False
    if ending.kind == "waiting":
        return publication.state not in gates.PUBLIC
    return ending.kind == "parked"


@dataclass(frozen=True, slots=True)
class End:
    """One end of a run, for the functions of the table below."""

    connection: Connection
    parts: Parts
    publication: Publication
    row: Mapping[str, Any]
    ending: Ending

    def act(self, action: str, **values: Any) -> Publication:
        """A transition of the lifecycle, by the service."""
        return acts.act(
            self.connection,
            self.parts,
            SERVICE,
            self.publication.id,
            action,
            run=self.row["id"],
            details=self.details,
            by_service=True,
            **values,
        )

    def tell(self, action: str) -> None:
        """An event without a change of state."""
        acts.tell(
            self.connection,
            self.parts,
            publications.get(self.connection, self.publication.id),
            actor=SERVICE,
            action=action,
            run=self.row["id"],
            details=self.details,
        )

    def health(self, health: Health) -> None:
        """How the publication is now."""
        publications.set_health(self.connection, self.publication.id, health)

    @property
    def details(self) -> dict[str, Any]:
        """What the event and the mail say of it; `by` and `reason` of what went well are those of
        who began it, `before` is the snapshot that was public before."""
        step = next((s for s in self.row["steps"] if s["key"] == self.ending.step), None)
        well = self.ending.kind == "done"
        return {
            "step": self.ending.step,
            "step_title": step["title"] if step else "",
            "target": step.get("target", "") if step else "",
            "error": dict(self.ending.error) if self.ending.error else None,
            "cleanup": list(self.ending.cleanup),
            "past_final": self.ending.after_final,
            "by": self.row["began_by"] if well else "",
            "reason": str(self.row["given"].get("reason", "")) if well else "",
            "before": str(self.row["given"].get("before", "")) if well else "",
        }


def _taken_in(end: End) -> None:
    route = end.parts.route(end.publication.route)
    end.health("idle")
    if route.review != "auto":
        end.act("take_in")
        return
    frozen = snapshots.get(end.connection, str(end.publication.snapshot))
    end.act("accept", approved_digest=frozen.digest)
    if route.publish == "auto" and not end.publication.waits(publications.now()):
        verbs.publish_in(end.connection, end.parts, SERVICE, end.publication.id)


def _sent_back(end: End) -> None:
    end.health("needs_attention")
    end.act("send_back")


def _stopped_early(end: End) -> None:
    end.health("idle")
    publications.unclaim(end.connection, end.act("stopped"))


def _published(end: End) -> None:
    end.health("idle")
    _solved_if_parked(end)
    if not notifying.is_told(end.connection, end.publication.id):
        end.tell("published")


def _undone(end: End) -> None:
    mendable = (end.ending.error or {}).get("kind") in ("Drifted", "Rejected")
    end.health("needs_attention")
    end.act("refuse" if mendable else "undo")
    if mendable and not end.ending.cleanup:
        acts.give_back(end.connection, end.parts, end.publication, actor=SERVICE)


def _given_back(end: End) -> None:
    before = runs.of(end.connection, end.publication.id)[-2:-1]
    failed = any(r["status"] == "undone" or r["given"].get("refused") for r in before)
    # What failed before still waits for a person.
    end.health("needs_attention" if failed else "idle")
    _solved_if_parked(end)
    end.tell("given_back")


def _at_gate(end: End) -> None:
    gates.stand(end.connection, end.parts, end.publication, end.row, end.ending.step)


def _stopped(end: End) -> None:
    if end.row["given"].get("refused"):
        resume.tell_refused(end.connection, end.parts, end.row)
        found = publications.get(end.connection, end.publication.id)
        if found.state == "changes_requested":
            acts.give_back(end.connection, end.parts, end.publication, actor=SERVICE)
        return
    end.health("idle")
    end.act("undo")


def _refused_outright(end: End) -> bool:
    """Whether the first final step was refused, so that nothing is public, on a route that does not
    keep drafts for a retry; then they are removed."""
    run = runs.get(end.connection, end.row["id"])
    route = end.parts.settings.routes.get(end.publication.route)
    if run is None or route is None or route.on_refusal != "undo" or run["plan"] != "publish":
        return False
    if not run["past_final"] or acting.committed(run) or end.publication.state != "publishing":
        return False
    resume.refused(end.connection, end.parts, SERVICE, run, dict(end.ending.error or {}))
    return True


def _parked(end: End) -> None:
    if _refused_outright(end):
        return
    public = end.publication.state in ("published", "withdrawn") or _is_unrecorded(end)
    end.health("out_of_sync" if public else "needs_attention")
    if not healing.is_again(end.row):
        end.tell("out_of_sync" if public else "attention")


def _is_unrecorded(end: End) -> bool:
    """Whether it is public and only the database has not taken it."""
    return (end.ending.error or {}).get("kind") == "Unrecorded"


def _followed(end: End) -> None:
    end.health("idle")
    _solved_if_parked(end)
    end.tell("followed_up")


def _stands_aside(end: End) -> None:
    refused = end.row["given"].get("refused")
    if refused:
        resume.tell_refused(end.connection, end.parts, end.row)
        return
    end.health("out_of_sync")
    end.tell("out_of_sync")


def _amended(end: End) -> None:
    end.health("idle")
    _solved_if_parked(end)
    told = (e.action for e in events.of(end.connection, end.publication.id))
    if "published" not in told:  # it took the place of a publishing run that stood still
        end.tell("published")
    end.tell("amended")


def _withdrawn(end: End) -> None:
    stored_gates.close(end.connection, end.publication.id)
    end.health("idle")
    end.act("tombstone")
    _solved_if_parked(end)


def _cleaned(end: End) -> None:
    earlier = runs.of(end.connection, end.publication.id)
    taken_back = [r["status"] for r in earlier if r["plan"] != "cleanup"][-1:]
    # What failed before the cleanup still waits for a person.
    end.health("needs_attention" if taken_back == ["undone"] else "idle")
    end.tell("solved")
    if end.publication.state == "changes_requested":
        acts.give_back(end.connection, end.parts, end.publication, actor=SERVICE)


def _solved_if_parked(end: End) -> None:
    """One mail when a person was needed, and one when it is solved."""
    *earlier, _ = runs.of(end.connection, end.publication.id)
    if end.row["plan"] == "follow-up":
        earlier = [r for r in earlier if r["given"].get("target") == end.row["given"]["target"]]
    if earlier and earlier[-1]["status"] == "parked":
        end.tell("solved")


def _clean_up_later(end: End) -> None:
    run = runs.begin(
        end.connection,
        end.publication.id,
        "cleanup",
        list(end.row["steps"]),
        actor=SERVICE.name,
    )
    due = publications.now() + timedelta(seconds=CLEANUP_S)
    left = list(end.ending.cleanup)
    runs.change(end.connection, run, status="waiting", next_try_at=due, cleanup=left)
    end.parts.client.enqueue(
        end.connection,
        run,
        acts.plan_of(end.row),
        subject=end.publication.id,
        queue=acts.queue_for(end.parts, end.publication, end.row),
        mode="undo",
        steps=end.ending.cleanup,
        delay_s=CLEANUP_S,
    )
    end.health("cleanup_pending")
    end.tell("cleanup_pending")


# What is not here stands still and tells a person.
ENDINGS: dict[tuple[str, str], Callable[[End], None]] = {
    ("take-in", "done"): _taken_in,
    ("take-in", "undone"): _sent_back,
    ("take-in", "stopped"): _stopped_early,
    ("take-in", "cleaned"): _stopped_early,
    ("publish", "done"): _published,
    ("publish", "undone"): _undone,
    ("publish", "stopped"): _stopped,
    ("publish", "cleaned"): _stopped,
    ("give-back", "done"): _given_back,
    ("follow-up", "done"): _followed,
    ("follow-up", "undone"): _stands_aside,
    ("follow-up", "stopped"): _stands_aside,
    ("follow-up", "cleaned"): _stands_aside,
    ("amend", "done"): _amended,
    ("withdraw", "done"): _withdrawn,
    ("cleanup", "cleaned"): _cleaned,
    ("cleanup", "stopped"): _cleaned,
}
OTHERWISE: dict[str, Callable[[End], None]] = {"waiting": _at_gate}
