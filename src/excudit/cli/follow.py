"""Following a publication on the terminal until it stands still."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from excudit.domain.publication import Publication
    from excudit.service.parts import Parts

POLL_S = 0.1
STILL = ("idle", "needs_attention", "out_of_sync", "cleanup_pending")
MARKS = {"ok": "✔", "later": "…", "refused": "✗", "person": "?", "bug": "✗", "stop": "■"}


Seen = set[tuple[str, str, int, bool, str]]
"""The attempts that were shown already."""


class Screen:
    """The timeline of one publication: a line per step as it ends, a bar for what runs."""

    def __init__(self, *, quiet: bool = False, seen: Seen | None = None) -> None:
        self._quiet = quiet
        self._seen: Seen = set() if seen is None else seen
        self._events = 0
        self._progress: Progress | None = None
        self._bar: TaskID | None = None
        self._bar_for = ""

    def __enter__(self) -> Screen:
        if not self._quiet:
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

            console = Console(stderr=False)
            self._progress = Progress(
                TextColumn("  {task.description}"),
                BarColumn(),
                TextColumn("{task.fields[amount]}"),
                TimeElapsedColumn(),
                console=console,
                transient=True,
                disable=not console.is_terminal,
            )
            self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._progress is not None:
            self._progress.stop()

    def say(self, text: str) -> None:
        """A line above the bar."""
        if self._progress is not None:
            self._progress.console.print(text, highlight=False, markup=False, soft_wrap=True)

    def show(self, attempts: list[dict[str, Any]], titles: dict[str, str]) -> None:
        """Draw what is new."""
        for a in attempts:
            key = (a["run"], a["step"], a["attempt"], a["undoing"], a["status"])
            if a["status"] == "running":
                self._run(a, titles)
            elif key not in self._seen:
                self._seen.add(key)
                self._ended(a, titles)

    def _ended(self, a: dict[str, Any], titles: dict[str, str]) -> None:
        outcome = a["outcome"] or {}
        title = titles.get(a["step"], a["step"])
        text = f"  {a['ended_at'].astimezone():%H:%M:%S}  {MARKS.get(a['status'], '·')} "
        text += f"Undo: {title}" if a["undoing"] else title
        took = a["ended_at"] - a["begun_at"]
        detail = _detail(outcome, a)
        self.say(f"{text}{detail}  ({took.total_seconds():.2f} s)")

    def _run(self, a: dict[str, Any], titles: dict[str, str]) -> None:
        if self._progress is None:
            return
        title = titles.get(a["step"], a["step"])
        if self._bar_for != a["step"]:
            if self._bar is not None:
                self._progress.remove_task(self._bar)
            self._bar = self._progress.add_task(title, total=None, amount="")
            self._bar_for = a["step"]
        if self._bar is not None:
            self._progress.update(
                self._bar,
                completed=a["done"],
                total=a["total"] or None,
                amount=amount(a["done"], a["total"], a["unit"]),
            )


def _detail(outcome: dict[str, Any], a: dict[str, Any]) -> str:
    error = outcome.get("error")
    if error:
        when = f" Next try in {outcome['wait_s']:.0f} s." if outcome.get("wait_s") else ""
        return f": {error['message']}{when}"
    result = outcome.get("result") or {}
    if "files" in result:
        files = "1 file" if result["files"] == 1 else f"{result['files']} files"
        return f": {files}, {amount(result['bytes'], 0, 'bytes')}"
    shown = ("doi", "state") if result.get("doi") else ("state", "url")
    words = [str(result[k]) for k in shown if result.get(k)]
    return f": {', '.join(words)}" if words else ""


def amount(done: int, total: int, unit: str) -> str:
    """So much of so much, in words."""
    if unit != "bytes":
        return f"{done} of {total} {unit}" if total else f"{done} {unit}".strip(" 0")
    from rich.filesize import decimal

    return f"{decimal(done)} of {decimal(total)}" if total else decimal(done)


def follow(
    parts: Parts,
    publication: str,
    *,
    quiet: bool = False,
    alive: Callable[[], None] | None = None,
    until: Callable[[], bool] | None = None,
    ready: Callable[[Publication], bool] | None = None,
    seen: Seen | None = None,
) -> None:
    """Show the timeline until the publication stands still: nothing runs and nothing waits.

    What is in `seen` is not shown again; what is shown is added to it. `alive` is called at every
    look and may raise to end it; `until` must hold, too, before it ends; `ready` may end it while
    something is still waited for, because people can act. Ctrl-C ends the looking, not the
    publication.
    """
    from excudit.store import publications, runs

    pause = threading.Event()
    with Screen(quiet=quiet, seen=seen) as screen:
        while True:
            with parts.database.read() as connection:
                found = publications.get(connection, publication)
                every = runs.of(connection, publication)
                tried = [a for run in every for a in runs.attempts(connection, run["id"])]
            titles = {s["key"]: s["title"] for run in every for s in run["steps"]}
            screen.show(tried, titles)
            still = found.health in STILL or (ready is not None and ready(found))
            if still and (until is None or until()):
                return
            if alive is not None:
                alive()
            pause.wait(POLL_S)
