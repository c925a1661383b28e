"""Which folders a service may look into at all, and how it gets there without being led astray."""

from __future__ import annotations

import errno
import os
import posixpath
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from excudit.domain.errors import Denied, NotFound, Rejected, Unavailable
from excudit.domain.problem import Problem
from excudit.storage.names import shown
from excudit.storage.paths import steps
from excudit.storage.reach import FILE, FOLDER, unless_gone_for_all


class Roots:
    """The folders below which datasets may live.

    A reference is an absolute path. What lies outside the roots, or is reached through a symbolic
    link below a root, is Denied in the same words whether it exists or not. The roots themselves
    may be links: the operator named them.
    """

    def __init__(self, roots: Sequence[Path]) -> None:
        self._roots = tuple(posixpath.normpath(root.absolute()) for root in roots)

    def __iter__(self) -> Iterator[str]:
        return iter(self._roots)

    @contextmanager
    def open(self, ref: str) -> Iterator[int]:
        """A descriptor of the folder at `ref`, closed at the end.

        Raises Denied outside the roots, NotFound when it is not there, Rejected when it is no
        folder or may not be read, Unavailable when the storage is away.
        """
        root, steps = self._place(ref)
        fd = _open_root(root)
        try:
            for step in steps:
                below = _step(fd, step, ref)
                os.close(fd)
                fd = below
            yield fd
        finally:
            os.close(fd)

    def name(self, ref: str) -> str:
        """The one name of the folder at `ref` among all ways to write it, without looking whether
        it is there: "/data//a/" is "/data/a". Raises Denied outside the roots."""
        root, steps = self._place(ref)
        return "/".join((root.rstrip("/"), *steps)) or "/"

    def way(self, ref: str) -> tuple[str, ...]:
        """The names that lead to the folder from its root. Raises Denied outside the roots."""
        return tuple(self._place(ref)[1])

    def _place(self, ref: str) -> tuple[str, list[str]]:
        """The root that `ref` lies in, and the names that lead from there to it."""
        if shown(os.fsencode(ref)) != ref:
            raise _unusable(
                shown(os.fsencode(ref)), "Its path is not plain UTF-8.", "name-not-utf8"
            )
        parts = ref.split("/")
        if ref.startswith("/") and ".." not in parts and "\0" not in ref:
            path = posixpath.normpath("/" + ref.lstrip("/"))
            for root in self._roots:
                for name in dict.fromkeys((root, os.path.realpath(root))):
                    if path == name or path.startswith(name.rstrip("/") + "/"):
                        return root, [s for s in path[len(name) :].split("/") if s]
        raise denied(ref)


def denied(ref: str) -> Denied:
    """The one answer to every reference outside the roots: it tells nothing of what is there."""
    return Denied(
        f"{ref} is not in a folder that this source may read.",
        hint="Move the dataset below one of the source's `roots`, or have the operator add a root; "
        "symbolic links do not count.",
    )


def _open_root(root: str) -> int:
    try:
        return os.open(root, FOLDER & ~os.O_NOFOLLOW)
    except OSError as error:
        raise Unavailable(
            f"The source's folder {root} cannot be opened: {error.strerror}.",
            hint="Look whether its disk is mounted and whether the service's user may enter it.",
        ) from error


def _step(fd: int, name: str, ref: str) -> int:
    try:
        return os.open(name, FOLDER, dir_fd=fd)
    except FileNotFoundError as error:
        raise NotFound(
            f"There is no folder {ref}.", hint="Look whether it was moved, renamed or removed."
        ) from error
    except PermissionError as error:
        raise _unusable(ref, "The service may not read this folder.", "unreadable") from error
    except OSError as error:
        unless_gone_for_all(error, ref)
        if _is_link(fd, name):
            raise denied(ref) from None
        raise _unusable(ref, f"This is no folder: {error.strerror}.", "not-a-folder") from error


def _is_link(fd: int, name: str) -> bool:
    try:
        return stat.S_ISLNK(os.stat(name, dir_fd=fd, follow_symlinks=False).st_mode)
    except OSError:
        return False


_MENDS = {
    "unreadable": "Give the service's user permission to enter it and each folder above it.",
    "not-a-folder": "Name the folder that holds the dataset; put a single file into its own.",
    "name-not-utf8": "Rename the folder with visible characters in UTF-8.",
}


def _unusable(ref: str, message: str, rule: str) -> Rejected:
    mend = _MENDS[rule]
    return Rejected(
        f"{ref} cannot be published as it is: {message}",
        hint=mend,
        problems=(Problem("", message, mend, rule=rule),),
    )


def open_below(fd: int, path: str) -> BinaryIO:
    """The regular file at the relative `path` below the folder open at `fd`.

    No link is followed on the way. The caller closes it. Raises OSError as `os.open` does and for
    what is no regular file, and ValueError for a path that is not one of a `FileEntry`.
    """
    *folders, name = steps(path)
    here = os.dup(fd)
    try:
        for folder in folders:
            below = os.open(folder, FOLDER, dir_fd=here)
            os.close(here)
            here = below
        found = os.open(name, FILE, dir_fd=here)
    finally:
        os.close(here)
    if not stat.S_ISREG(os.fstat(found).st_mode):
        os.close(found)
        raise OSError(errno.EINVAL, "it is not a regular file")
    return os.fdopen(found, "rb")
