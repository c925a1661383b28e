"""Notes as objects of a bucket, and names taken atomically there.

`If-None-Match: *` makes a note exactly once where the service honours it, which is probed once. One
that ignores it overwrites silently; there, whoever wants a name asks by a ticket of their own and
goes on only when no other ticket is there: safe wherever a list shows what was just written
(which S3 promises), though of two at once both may have to try again.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from excudit.domain.errors import Retryable
from excudit.storage.bucket import Bucket
from excudit.storage.notes import Note

STALE = timedelta(minutes=10)
_LONGEST = 1024 * 1024


class BucketNotes:
    """Notes below a prefix of a bucket."""

    def __init__(self, bucket: Bucket, prefix: str) -> None:
        self._bucket, self._prefix = bucket, prefix
        self._honours: bool | None = None

    def honours_conditions(self) -> bool:
        """Whether the service makes a thing only if it is not there; asked of it once."""
        if self._honours is None:
            key = self._key(f"probes/{secrets.token_hex(8)}")
            self._bucket.create(key, b"1")
            self._honours = not self._bucket.create(key, b"2")
            self._bucket.delete([key])
        return self._honours

    def create(self, name: str, note: Mapping[str, Any]) -> bool:
        if self.honours_conditions():
            return self._bucket.create(self._key(name), orjson.dumps(note))
        return self._create_alone(name, note)

    def _create_alone(self, name: str, note: Mapping[str, Any]) -> bool:
        line = self._key(f"tickets/{name}")
        ticket = f"{line}/{secrets.token_hex(8)}"
        self._bucket.put(ticket, b"")
        try:
            oldest = datetime.now(UTC) - STALE
            others = [t for t in self._bucket.below(line) if t.key != ticket and t.changed > oldest]
            if self._bucket.head(self._key(name)) is not None:
                return False
            if others:
                raise Retryable(
                    f"Somebody else asks for {name} at this moment.",
                    hint="It is tried again: this store of objects ignores conditional writes.",
                )
            self._bucket.put(self._key(name), orjson.dumps(note))
            return True
        finally:
            self._bucket.delete([ticket])

    def read(self, name: str) -> Note | None:
        found = self._bucket.get(self._key(name))
        return orjson.loads(found) if found is not None else None

    def write(self, name: str, note: Mapping[str, Any]) -> None:
        self._bucket.put(self._key(name), orjson.dumps(note))

    def remove(self, name: str) -> None:
        self._bucket.delete([self._key(name)])

    def names(self, kind: str) -> list[str]:
        return sorted(f"{kind}/{name}" for name in self._bucket.names(self._key(kind)))

    def save(self, name: str, lines: Iterable[bytes]) -> None:
        self._bucket.send(self._key(name), _pieces(lines))

    def lines(self, name: str) -> Iterator[bytes]:
        if self._bucket.head(self._key(name)) is None:
            return
        with self._bucket.open(self._key(name)) as stream:
            yield from stream

    def _key(self, name: str) -> str:
        return f"{self._prefix}/{name}".lstrip("/")


def _pieces(lines: Iterable[bytes]) -> Iterator[bytes]:
    held = bytearray()
    for line in lines:
        held += line
        if len(held) >= _LONGEST:
            yield bytes(held)
            held = bytearray()
    yield bytes(held)
