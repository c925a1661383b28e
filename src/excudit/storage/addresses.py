"""Addresses of folders: "/path", "file:///path" or "s3://bucket/prefix"."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from urllib.parse import quote, unquote

from excudit.domain.errors import Unsupported


@dataclass(frozen=True, slots=True)
class Address:
    """Where a folder stands. `bucket` is "" on a file system; `path` is absolute there, else the
    prefix without "/" at its ends."""

    bucket: str
    path: str

    def __str__(self) -> str:
        if self.bucket:
            return f"s3://{self.bucket}/{self.path}".rstrip("/")
        return "file://" + quote(self.path)

    @property
    def plain(self) -> str:
        """As people write it: a path, or "s3://…"."""
        return str(self) if self.bucket else self.path

    @property
    def name(self) -> str:
        """Its last part."""
        return posixpath.basename(self.path)

    @property
    def parent(self) -> Address:
        """The folder that it stands in."""
        return Address(self.bucket, posixpath.dirname(self.path))

    def __truediv__(self, name: str) -> Address:
        return Address(self.bucket, f"{self.path}/{name}".lstrip("/" if self.bucket else ""))

    def holds(self, other: Address) -> bool:
        """Whether `other` is the same folder or lies below it."""
        if self.bucket != other.bucket:
            return False
        own = self.path.rstrip("/")
        return not own or other.path == own or other.path.startswith(own + "/")


def parse(text: str) -> Address:
    """The address that a text names. Raises Unsupported for anything else."""
    if text.startswith("s3://"):
        bucket, _, prefix = text.removeprefix("s3://").partition("/")
        parts = [part for part in prefix.split("/") if part]
        if bucket and not {".", ".."} & set(parts):
            return Address(bucket, "/".join(parts))
    path = unquote(text.removeprefix("file://")) if text.startswith("file:///") else text
    if path.startswith("/") and ".." not in path.split("/"):
        return Address("", posixpath.normpath("/" + path.lstrip("/")))
    raise Unsupported(
        f"{text!r} is no address of a folder.",
        hint="Write an absolute path, file:///path or s3://bucket/prefix.",
    )
