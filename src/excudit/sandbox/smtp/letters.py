"""The mails that arrived, each one durable file in a folder."""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_string, policy
from email.message import EmailMessage
from pathlib import Path

_NAME = re.compile(r"\d{8}T\d{6}\.\d{6}Z-\d{6}")
_ENVELOPE = "X-Sandbox-Envelope"


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail as it arrived: who sent it to whom on the envelope, and the message itself."""

    name: str
    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage

    def part(self, kind: str) -> str:
        """The text of the "plain" or "html" part, "" where there is none."""
        part = self.message.get_body((kind,))
        if part is None or part.get_content_maintype() != "text":
            return ""
        return str(part.get_content())


class Letters:
    """A folder of `.eml` files, named by their time of arrival; the folder is all its state."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._lock = threading.Lock()
        self._count = sum(1 for _ in folder.glob("*.eml"))

    def keep(self, sender: str, recipients: list[str], content: bytes) -> str:
        """Store one mail: whole and on the disk when this returns, or not at all.

        Raises OSError when the disk refuses it.
        """
        with self._lock:
            self._count += 1
            name = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-{self._count:06d}"
        # JSON in ASCII, because an envelope address may hold any character (RFC 6531).
        envelope = json.dumps({"from": sender, "to": recipients})
        part = self._folder / f"{name}.part"
        with part.open("wb") as out:
            out.write(f"{_ENVELOPE}: {envelope}\r\n".encode())
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        part.rename(self._folder / f"{name}.eml")
        self._sync_folder()
        return name

    def __iter__(self) -> Iterator[Letter]:
        """All mails in the order of their arrival."""
        return (self._read(path) for path in sorted(self._folder.glob("*.eml")))

    def newest(self, limit: int) -> list[Letter]:
        """The last mails that arrived, newest first."""
        paths = sorted(self._folder.glob("*.eml"), reverse=True)
        return [self._read(path) for path in paths[:limit]]

    def find(self, name: str) -> Letter | None:
        """The mail of that name; None when there is none."""
        path = self._folder / f"{name}.eml"
        return self._read(path) if _NAME.fullmatch(name) and path.is_file() else None

    def source(self, name: str) -> bytes | None:
        """The mail as it came over the wire; None when there is none."""
        path = self._folder / f"{name}.eml"
        if not (_NAME.fullmatch(name) and path.is_file()):
            return None
        return path.read_bytes().partition(b"\r\n")[2]

    def __len__(self) -> int:
        return sum(1 for _ in self._folder.glob("*.eml"))

    def _read(self, path: Path) -> Letter:
        head, gap, body = path.read_bytes().partition(b"\r\n\r\n")
        # Headers may be UTF-8 (RFC 6532), which the standard parser of bytes does not decode.
        text = (head + gap).decode("utf-8", "replace") + body.decode("ascii", "surrogateescape")
        message = message_from_string(text, policy=policy.SMTPUTF8)
        envelope = json.loads(message[_ENVELOPE])
        del message[_ENVELOPE]
        return Letter(path.stem, envelope["from"], tuple(envelope["to"]), message)

    def _sync_folder(self) -> None:
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
