"""What a stranger finds of a published folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from urllib.parse import quote

from excudit.domain.errors import Unavailable
from excudit.domain.model import FileEntry, Snapshot
from excudit.domain.problem import Problem
from excudit.http import Remote
from excudit.storage import rights
from excudit.storage.folders import Folder

MOST = 100


def missing(payload: Folder, snapshot: Snapshot, skip: frozenset[str]) -> list[Problem]:
    """Files that are not there, have another size, or do not belong there; nothing is read."""
    found = list(islice(_missing(payload, snapshot, skip), MOST))
    return [
        Problem(path, words, "Look at the folder.", rule="shelf.files") for path, words in found
    ]


def _missing(
    payload: Folder, snapshot: Snapshot, skip: frozenset[str]
) -> Iterator[tuple[str, str]]:
    has = payload.sizes(skip) if payload.exists() else iter(())
    wants = iter(snapshot.files)
    want, here = next(wants, None), next(has, None)
    while want is not None or here is not None:
        if here is None or (want is not None and want.path.encode() < here[0].encode()):
            assert want is not None
            yield want.path, "The file is missing."
            want = next(wants, None)
        elif want is None or want.path != here[0]:
            yield here[0], "The file does not belong here."
            here = next(has, None)
        else:
            if want.size != here[1]:
                yield want.path, f"The file has {here[1]} bytes, not {want.size}."
            want, here = next(wants, None), next(has, None)


def unreachable(root: Folder) -> list[Problem]:
    """Folders above the curated area that a stranger on the same machine may not enter."""
    if root.address.bucket:
        return []
    return [
        Problem(
            "",
            f"Nobody else may enter {above}, so nobody could read what is published below it.",
            "Give others execute permission on it, or name the public_url of a web server that "
            "may read it.",
            rule="shelf.unreachable",
        )
        for above in rights.shut_above(root.address.path)
    ]


def closed(root: Folder) -> list[Problem]:
    """Files that a stranger on the same machine may not read."""
    if root.address.bucket:
        return []
    return [
        Problem(
            path,
            "A stranger may not read it.",
            "Give others read permission, and on each folder above it execute permission.",
            rule="shelf.permission",
        )
        for path in rights.unreadable(root.address.path)
    ]


def sample(snapshot: Snapshot, most: int) -> Sequence[FileEntry]:
    """The first files, some spread over the rest, and the largest; at most `most`."""
    every = max(1, len(snapshot.files) // most + 1)
    chosen: dict[str, FileEntry] = {}
    largest: FileEntry | None = None
    for number, file in enumerate(snapshot.files):
        if number % every == 0:
            chosen[file.path] = file
        if largest is None or file.size > largest.size:
            largest = file
    if largest is not None:
        chosen[largest.path] = largest
    return tuple(chosen.values())[: most + 1]


def ask(remote: Remote, prefix: str, files: Sequence[FileEntry], *, mirror: bool) -> list[Problem]:
    """Ask for files as a stranger. Raises Unavailable for a mirror that has not got them yet."""
    found = []
    for file in files:
        path = f"{quote(prefix)}/{quote(file.path)}"
        status, length = _size(remote, path, file)
        if status == 200 and length in ("", str(file.size)):
            continue
        words = f"{remote.base_url}{path} answers {status}"
        words += f" with {length} bytes, not {file.size}." if status == 200 else "."
        if mirror or status >= 500:
            raise Unavailable(words, hint="It is looked at again; look at the server if it stays.")
        mend = (
            "Let the web server or the bucket's policy show what is public; see the shelf's page."
        )
        found.append(Problem(file.path, words, mend, rule="shelf.stranger"))
    return found


def _size(remote: Remote, path: str, file: FileEntry) -> tuple[int, str]:
    """Status and length; a server that does not let strangers ask for the head alone is asked for
    the first byte."""
    answer = remote.send("HEAD", path, accept="*/*")
    if answer.status not in (403, 405, 501):
        return answer.status, answer.headers.get("content-length", "")
    first = {"Range": "bytes=0-0"} if file.size else {}
    answer = remote.send("GET", path, accept="*/*", headers=first)
    if answer.status == 206:
        return 200, answer.headers.get("content-range", "").rpartition("/")[2]
    return answer.status, answer.headers.get("content-length", "")
