"""One S3 bucket: everything that excudit asks of it, in the words of `domain.errors`.

Bytes go by obstore, which streams and repeats safe requests by itself.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, BinaryIO, cast

import obstore
from obstore import exceptions
from obstore.store import S3Store

from excudit.domain.errors import Denied, Unavailable, Uncertain
from excudit.settings import Secret, Strict

PART = 8 * 1024 * 1024
_KEPT: dict[tuple[str, str, str], Bucket] = {}
_LOCK = threading.Lock()


class S3Access(Strict):
    """How S3 is reached.

    `endpoint`: the address of the service, "" = Amazon's for the region. `region`: as the service
    names it. `access_key` and `secret_key`: where they are kept; none = what the machine itself is
    given (environment, instance role).
    """

    endpoint: str = ""
    region: str = "us-east-1"
    access_key: Secret | None = None
    secret_key: Secret | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """One object: its whole key, size in bytes, entity tag and time of change."""

    key: str
    size: int
    tag: str
    changed: datetime


def bucket(name: str, access: S3Access | None) -> Bucket:
    """The bucket, one client for each place and account in the process."""
    access = access or S3Access()
    key = (name, access.endpoint, access.model_dump_json())
    with _LOCK:
        if key not in _KEPT:
            _KEPT[key] = Bucket(name, access)
        return _KEPT[key]


class Bucket:
    """Safe to use from several threads at once. Raises Unavailable when the service does not
    answer, Denied when it does not let us in; what is not there is None or nothing."""

    def __init__(self, name: str, access: S3Access) -> None:
        self.name = name
        self.access = access
        options: dict[str, Any] = {"region": access.region, "conditional_put": "etag"}
        if access.endpoint:
            options["endpoint"] = access.endpoint
        if access.access_key and access.secret_key:
            options["access_key_id"] = access.access_key.read().get_secret_value()
            options["secret_access_key"] = access.secret_key.read().get_secret_value()
        self._store = S3Store(
            name,
            client_options={
                "allow_http": access.endpoint.startswith("http://"),
                "timeout": timedelta(hours=6),
                "connect_timeout": timedelta(seconds=5),
                "read_timeout": timedelta(seconds=60),
            },
            retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=20)},
            **options,
        )

    def __repr__(self) -> str:
        return f"Bucket({self.name!r})"

    def get(self, key: str) -> bytes | None:
        """A small object whole."""
        try:
            with self._telling(key):
                return bytes(obstore.get(self._store, key).bytes())
        except FileNotFoundError:
            return None

    def head(self, key: str) -> Kept | None:
        """What is known of an object without its bytes."""
        try:
            with self._telling(key):
                return _kept(obstore.head(self._store, key))
        except FileNotFoundError:
            return None

    def open(self, key: str, offset: int = 0) -> BinaryIO:
        """The bytes of an object from `offset`, streamed. Raises FileNotFoundError."""
        with self._telling(key):
            options: Any = {"range": {"offset": offset}} if offset else {}
            found = obstore.get(self._store, key, options=options)
            return cast(BinaryIO, io.BufferedReader(_Stream(self, key, iter(found.stream(PART)))))

    def put(self, key: str, content: bytes) -> None:
        """Write or replace a small object."""
        with self._telling(key):
            obstore.put(self._store, key, content, use_multipart=False)

    def create(self, key: str, content: bytes) -> bool:
        """Write a small object if there is none (If-None-Match: *); whether it was written.

        A service that ignores the condition always says True: `conditions` tells.
        """
        try:
            with self._telling(key):
                obstore.put(self._store, key, content, mode="create")
        except exceptions.AlreadyExistsError:
            return False
        return True

    def send(self, key: str, pieces: Iterable[bytes]) -> None:
        """Write or replace an object of any size, streamed; it is there whole or not at all."""
        with self._telling(key):
            obstore.put(self._store, key, pieces, chunk_size=PART, max_concurrency=2)

    def copy(self, key: str, to: str) -> None:
        """Copy an object inside the bucket, by the service itself. Raises FileNotFoundError."""
        with self._telling(key):
            obstore.copy(self._store, key, to)

    def delete(self, keys: Sequence[str]) -> None:
        """Remove objects. Absent = done."""
        with self._telling(keys[0] if keys else ""):
            for key in keys:
                try:
                    obstore.delete(self._store, key)
                except FileNotFoundError:
                    continue

    def below(self, prefix: str) -> Iterator[Kept]:
        """All objects below `prefix` ("a/b" lists "a/b/…"), ordered by the bytes of their keys."""
        with self._telling(prefix):
            for page in obstore.list(self._store, prefix, chunk_size=1000):
                yield from (_kept(found) for found in page)

    def folders(self, prefix: str) -> list[str]:
        """The names of folders directly below `prefix`."""
        with self._telling(prefix):
            found = obstore.list_with_delimiter(self._store, prefix or None)
        return [p.rstrip("/").rpartition("/")[2] for p in found["common_prefixes"]]

    def names(self, prefix: str) -> list[str]:
        """The names of objects directly below `prefix`."""
        with self._telling(prefix):
            found = obstore.list_with_delimiter(self._store, prefix or None)
        return [o["path"].rpartition("/")[2] for o in found["objects"]]

    @contextmanager
    def _telling(self, key: str) -> Iterator[None]:
        place = f"s3://{self.name}/{key}"
        try:
            yield
        except (exceptions.PermissionDeniedError, exceptions.UnauthenticatedError) as error:
            raise Denied(
                f"The store of objects does not let the service use {place}.",
                hint="Check the keys in the settings and what they may do; `excudit doctor` looks.",
                remote=_words(error),
            ) from None
        except (exceptions.AlreadyExistsError, exceptions.PreconditionError):
            raise exceptions.AlreadyExistsError(place) from None
        except exceptions.BaseError as error:
            raise _outage(place, _words(error)) from None


def _outage(place: str, words: str) -> Unavailable | Uncertain:
    return Unavailable(
        f"The store of objects did not answer as it should for {place}.",
        hint="Look whether its endpoint is right and it is up; it is tried again.",
        remote=words,
    )


def _words(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:500] if str(error).strip() else ""


def _kept(found: Any) -> Kept:
    return Kept(found["path"], found["size"], found["e_tag"] or "", found["last_modified"])


class _Stream(io.RawIOBase):
    """Pieces as a file. Read to its end or given up."""

    def __init__(self, owner: Bucket, key: str, pieces: Iterator[bytes]) -> None:
        super().__init__()
        self._owner, self._key, self._pieces, self._held = owner, key, pieces, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._held:
            with self._owner._telling(self._key):
                self._held = memoryview(next(self._pieces, b""))
        count = min(len(buffer), len(self._held))
        buffer[:count] = self._held[:count]
        self._held = self._held[count:]
        return count
