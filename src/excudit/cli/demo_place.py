"""The demo's own folder: whose it is, what was begun in it, and who works in it now."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from excudit.domain.errors import Conflict, Rejected, Unavailable

MARKER = "excudit-demo"
SERVICE_LOCK = "service.lock"
ENDING_S = 30.0


class Place:
    """A folder for one demo at a time. What a demo began in it, the next one goes on with."""

    def __init__(self, folder: Path, dataset: Path | None, route: str) -> None:
        self.folder = folder
        self._marker = folder / MARKER
        self._begun = {"dataset": str(dataset), "route": route}
        if dataset is not None:
            _apart(folder, dataset)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Nobody else's until the end. Raises Rejected when the folder is something else's or
        cannot be written, Conflict when another demo runs in it."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if not self._marker.exists() and any(self.folder.iterdir()):
                raise Rejected(
                    f"{self.folder} is not a demo's folder.",
                    hint="Choose another one with --dir, a new or an empty one.",
                )
            descriptor = os.open(self._marker, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise Rejected(
                f"{self.folder} cannot be the demo's folder: {error.strerror}.",
                hint="Choose another one with --dir.",
            ) from error
        try:
            if not _locked(descriptor):
                raise Conflict(
                    f"Another demo runs in {self.folder} now.",
                    hint="End it with Ctrl-C, or choose another folder with --dir.",
                )
            yield
        finally:
            os.close(descriptor)

    def tidy(self, *, fresh: bool) -> None:
        """Keep what an interrupted demo of the same dataset began; clear away all else."""
        os.close(self.service_lock())
        if not fresh and self._told() == self._begun:
            return
        self._marker.write_text("clearing", encoding="utf-8")
        for entry in self.folder.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            elif entry != self._marker:
                entry.unlink()
        self._marker.write_text(json.dumps(self._begun), encoding="utf-8")

    def finished(self) -> None:
        """The next demo starts over."""
        self._marker.write_text("finished", encoding="utf-8")

    def service_lock(self) -> int:
        """A descriptor to give to the service: while it lives, nobody starts another one here.

        Waits for the service of a demo that was killed. Raises Unavailable when it does not end.
        """
        descriptor = os.open(self.folder / SERVICE_LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        deadline, pause = time.monotonic() + ENDING_S, threading.Event()
        while not _locked(descriptor):
            if time.monotonic() > deadline:
                os.close(descriptor)
                raise Unavailable(
                    f"The service of an earlier demo still runs in {self.folder}.",
                    hint="End that process, or choose another folder with --dir.",
                )
            pause.wait(0.05)
        return descriptor

    def _told(self) -> object:
        try:
            return json.loads(self._marker.read_text(encoding="utf-8"))
        except ValueError:
            return None


def _apart(folder: Path, dataset: Path) -> None:
    """The demo writes into its folder and clears it: the dataset must lie elsewhere."""
    place = folder.resolve()
    if place.is_relative_to(dataset):
        raise Rejected(
            f"The demo's folder {place} lies in the dataset itself.",
            hint="Choose one outside of it with --dir.",
        )
    if dataset.is_relative_to(place):
        raise Rejected(
            f"The dataset lies in the demo's own folder {place}, which the demo clears.",
            hint="Choose another folder with --dir.",
        )


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
