"""Where documents are kept: their bytes under their SHA-256, and for each assessment one small
file for every revision, the newest of which counts. Nothing is ever written over or deleted."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from excudit.domain.errors import Denied, NotFound, Rejected, Unavailable

_PIECE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at CAT: who wrote the assessment, or whom it is shared with."""

    id: str
    given: str = ""
    family: str = ""
    orcid: str = ""


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes by their name, the SHA-256 in hex."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Kept:
    """One revision of an assessment. `by` handed it in; `made` = we rendered its PDF; `people`
    are those whom it is shared with; `public` is what CAT says, None where nobody asked it."""

    id: str
    title: str
    document: Blob
    rendering: Blob
    made: bool
    by: Person
    owner: Person
    public: bool | None = None
    people: tuple[Person, ...] = field(default=())

    @property
    def revision(self) -> str:
        """Changes whenever a file does."""
        both = f"{self.document.sha256} {self.rendering.sha256}"
        return hashlib.sha256(both.encode()).hexdigest()

    def knows(self, name: str) -> bool:
        """Whether this is the account of its owner, or of somebody it is shared with."""
        return name in (self.owner.id, *(p.id for p in self.people))


class Keep:
    """The folder of an `assessment` source. Safe from several threads and processes at once."""

    def __init__(self, folder: Path) -> None:
        self._blobs = folder / "blobs"
        self._assessments = folder / "assessments"

    def put(self, content: bytes) -> Blob:
        """Keep bytes, durably, before it returns; the same ones once. Raises Unavailable or
        Denied."""
        name = hashlib.sha256(content).hexdigest()
        place = self._blobs / name[:2] / name
        with _told(self._blobs):
            if not place.is_file():
                place.parent.mkdir(parents=True, exist_ok=True)
                _written(place.parent, content).replace(place)
                _sync(place.parent)
        return Blob(name, len(content))

    def open(self, blob: Blob) -> BinaryIO:
        """The bytes; the caller closes them. Raises Rejected when they are gone or cut."""
        place = self._blobs / blob.sha256[:2] / blob.sha256
        try:
            stream = place.open("rb")
        except FileNotFoundError:
            raise _lost(blob, "is gone") from None
        except OSError as error:
            raise Unavailable(f"{place} cannot be read: {error.strerror}.") from error
        if os.fstat(stream.fileno()).st_size != blob.size:
            stream.close()
            raise _lost(blob, "has another size")
        return stream

    def judge(self, blob: Blob) -> None:
        """Raises Rejected when the bytes are not the ones that were kept."""
        with self.open(blob) as stream:
            digest = hashlib.sha256()
            while piece := stream.read(_PIECE):
                digest.update(piece)
            if digest.hexdigest() != blob.sha256:
                raise _lost(blob, "changed on its disk")

    def newest(self, ref: str) -> Kept | None:
        """The newest revision; None when there is none."""
        with _told(self._assessments):
            numbers = self._numbers(ref)
            return _kept(self._place(ref) / _file(numbers[-1])) if numbers else None

    def revisions(self, ref: str) -> Iterator[Kept]:
        """All revisions, the newest first."""
        with _told(self._assessments):
            numbers = self._numbers(ref)
        return (_kept(self._place(ref) / _file(number)) for number in reversed(numbers))

    def get(self, ref: str) -> Kept:
        """The newest revision. Raises NotFound."""
        found = self.newest(ref)
        if found is None:
            raise NotFound(
                f"There is no Assessment with the following id: {ref}",
                hint="Hand it in first, or look at its id.",
            )
        return found

    def add(self, kept: Kept) -> None:
        """Make this the newest revision, durably; equal to the newest = nothing is written."""
        if self.newest(kept.id) == kept:
            return
        place = self._place(kept.id)
        with _told(self._assessments):
            place.mkdir(parents=True, exist_ok=True)
            part = _written(place, json.dumps(asdict(kept), ensure_ascii=False).encode())
            try:
                self._linked(place, kept.id, part)
            finally:
                part.unlink(missing_ok=True)
            _sync(place)
            _sync(self._assessments)

    def every(self) -> Iterator[Kept]:
        """The newest revision of each assessment, the one that was changed last first."""
        with _told(self._assessments):
            try:
                places = sorted(
                    os.scandir(self._assessments), key=lambda e: e.stat().st_mtime_ns, reverse=True
                )
            except FileNotFoundError:
                return
        for place in places:
            numbers = _numbers(Path(place.path))
            if numbers:
                yield _kept(Path(place.path) / _file(numbers[-1]))

    def _linked(self, place: Path, ref: str, part: Path) -> None:
        while True:
            number = max(self._numbers(ref), default=0) + 1
            with contextlib.suppress(FileExistsError):  # another process was faster
                os.link(part, place / _file(number))
                return

    def _numbers(self, ref: str) -> list[int]:
        return _numbers(self._place(ref))

    def _place(self, ref: str) -> Path:
        return self._assessments / hashlib.sha256(ref.encode()).hexdigest()


def _file(number: int) -> str:
    return f"{number:06}.json"


def _numbers(place: Path) -> list[int]:
    try:
        names = [found.name for found in place.iterdir()]
    except FileNotFoundError:
        return []
    return sorted(int(n[:-5]) for n in names if n.endswith(".json") and n[:-5].isdecimal())


def _written(folder: Path, content: bytes) -> Path:
    """The content in a new file of this folder, on disk."""
    part = folder / f".{uuid.uuid4()}.part"
    with part.open("xb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    return part


def _sync(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _kept(place: Path) -> Kept:
    data: dict[str, Any] = json.loads(place.read_bytes())
    people = tuple(Person(**p) for p in data.pop("people"))
    by, owner = Person(**data.pop("by")), Person(**data.pop("owner"))
    document, rendering = Blob(**data.pop("document")), Blob(**data.pop("rendering"))
    return Kept(by=by, owner=owner, people=people, document=document, rendering=rendering, **data)


def _lost(blob: Blob, how: str) -> Rejected:
    return Rejected(
        f"A kept document ({blob.sha256[:12]}…) {how}.", hint="Hand in the assessment again."
    )


@contextlib.contextmanager
def _told(place: Path) -> Iterator[None]:
    try:
        yield
    except PermissionError as error:
        raise Denied(
            f"The service may not use {place}.", hint="Give its user the folder."
        ) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            words = f"The disk of {place} is full."
            raise Unavailable(words, hint="Free some space.") from error
        raise Unavailable(f"{place} cannot be used: {error.strerror}.") from error
