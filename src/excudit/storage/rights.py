"""Who may do what in a folder on a file system: written down, taken away, given, put back.

What was set is read back: a file system that takes a permission and does not keep it is noticed.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import orjson

from excudit.domain.errors import NeedsPerson
from excudit.domain.problem import Problem
from excudit.storage import acl
from excudit.storage.acl import Entry
from excudit.storage.findings import Findings
from excudit.storage.names import shown
from excudit.storage.reach import FOLDER
from excudit.storage.troubles import telling

Keep = Literal["revoke", "read", "write"]
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_ROOT = 0


@dataclass(frozen=True, slots=True)
class Rights:
    """Owner, group, mode (twelve bits) and access control lists of one file or folder."""

    folder: bool
    uid: int
    gid: int
    mode: int
    access: bytes | None = None
    default: bytes | None = None


def read(fd: int) -> Rights:
    """The rights of an open file or folder."""
    state = os.fstat(fd)
    folder = stat.S_ISDIR(state.st_mode)
    default = acl.read(fd, acl.DEFAULT) if folder else None
    access = acl.read(fd, acl.ACCESS)
    return Rights(folder, state.st_uid, state.st_gid, stat.S_IMODE(state.st_mode), access, default)


def set_rights(fd: int, wanted: Rights, path: str) -> None:
    """Bring an open file or folder to `wanted` and read it back. Raises OSError, NeedsPerson when
    the file system did not keep them."""
    now = read(fd)
    if now == wanted:
        return
    if (now.uid, now.gid) != (wanted.uid, wanted.gid):
        os.fchown(fd, wanted.uid, wanted.gid)
    if wanted.access is None and now.access is not None:
        acl.write(fd, acl.ACCESS, None)
    os.fchmod(fd, wanted.mode)
    if wanted.access is not None:
        acl.write(fd, acl.ACCESS, wanted.access)
    if wanted.folder and now.default != wanted.default:
        acl.write(fd, acl.DEFAULT, wanted.default)
    kept = read(fd)
    if kept != wanted:
        raise NeedsPerson(
            f"Does the file system keep permissions? Those of {path or 'the folder'} were set "
            f"to {_words(wanted)}, and it says {_words(kept)}.",
            hint="Mount it with permissions and ACLs, or name another folder, then retry.",
        )


def _words(rights: Rights) -> str:
    lists = " with ACL" if rights.access else ""
    return f"{rights.mode:04o}{lists} of {rights.uid}:{rights.gid}"


def every(root: str, go_on: Callable[[], None]) -> Iterator[tuple[str, int]]:
    """Each file and folder below `root` and last `root` itself (""), open; no link followed.

    Links, pipes and devices are passed over. The descriptor is closed after its turn.
    """
    for here, _, files, fd in os.fwalk(root, topdown=False, follow_symlinks=False):
        below = os.path.relpath(here, root)
        below = "" if below == "." else below + "/"
        for name in files:
            go_on()
            state = os.stat(name, dir_fd=fd, follow_symlinks=False)
            if stat.S_ISREG(state.st_mode):
                opened = os.open(name, _OPEN, dir_fd=fd)
                try:
                    yield below + name, opened
                finally:
                    os.close(opened)
        yield below.rstrip("/"), fd


def record(root: str, go_on: Callable[[], None]) -> Iterator[bytes]:
    """One JSON line for each file and folder, for `restore`. Raises Rejected at the end for files
    with several hard links: who holds another name of one could change it unseen."""
    findings = Findings()
    with telling("read", root):
        for path, fd in every(root, go_on):
            if not stat.S_ISDIR(os.fstat(fd).st_mode) and os.fstat(fd).st_nlink > 1:
                findings.add(_linked(path))
            yield _line(path, read(fd))
    findings.raise_errors(root)


def _linked(path: str) -> Problem:
    return Problem(
        shown(os.fsencode(path)),
        "The file has a second name (a hard link) somewhere else.",
        "Replace it by a copy of its own.",
        rule="hard-link",
    )


def _line(path: str, rights: Rights) -> bytes:
    told = {
        "path": os.fsencode(path).decode("latin-1"),
        "folder": rights.folder,
        "uid": rights.uid,
        "gid": rights.gid,
        "mode": rights.mode,
        "access": rights.access.hex() if rights.access else None,
        "default": rights.default.hex() if rights.default else None,
    }
    return orjson.dumps(told) + b"\n"


def _rights(told: dict[str, Any]) -> Rights:
    access, default = (bytes.fromhex(told[k]) if told[k] else None for k in ("access", "default"))
    return Rights(told["folder"], told["uid"], told["gid"], told["mode"], access, default)


def restore(root: str, lines: Iterable[bytes], go_on: Callable[[], None]) -> None:
    """Give each file and folder the rights that `record` wrote; what is gone is passed over, what
    is new keeps its own."""
    with telling("given its former permissions", root):
        top = os.open(root, FOLDER)
        try:
            for line in lines:
                go_on()
                told = orjson.loads(line)
                path = os.fsdecode(told["path"].encode("latin-1"))
                _give_back(top, path, _rights(told))
        finally:
            os.close(top)


def _give_back(top: int, path: str, rights: Rights) -> None:
    try:
        fd = _reach(top, path)
    except (FileNotFoundError, NotADirectoryError):
        return
    try:
        if stat.S_ISDIR(os.fstat(fd).st_mode) == rights.folder:
            set_rights(fd, _as_far_as_possible(rights, fd), path)
    finally:
        os.close(fd)


def _as_far_as_possible(rights: Rights, fd: int) -> Rights:
    """Only the superuser gives files away; a copy made by anybody else stays that user's own."""
    if os.geteuid() == _ROOT:
        return rights
    state = os.fstat(fd)
    return replace(rights, uid=state.st_uid, gid=state.st_gid)


def _reach(top: int, path: str) -> int:
    here = os.dup(top)
    for name in filter(None, path.split("/")):
        try:
            below = os.open(name, _OPEN, dir_fd=here)
        finally:
            os.close(here)
        here = below
    return here


def change(root: str, wanted: Callable[[Rights], Rights], go_on: Callable[[], None]) -> None:
    """Bring everything to what `wanted` makes of its rights, files first, the folder itself last.

    Idempotent when `wanted` is. Raises Denied, NeedsPerson when they were not kept.
    """
    with telling("given other permissions", root):
        for path, fd in every(root, go_on):
            set_rights(fd, wanted(read(fd)), path)


def under_review(keep: Keep, curators: int | None, lists: bool) -> Callable[[Rights], Rights]:
    """What everybody but the service may do in custody: nothing ("revoke"), read, or what they
    could ("write"). `curators` is a group that may do everything; `lists`: whether the file system
    keeps access control lists.

    As superuser the service takes ownership, because an owner can always give back to themselves.
    """
    most = {"revoke": 0, "read": 5, "write": 7}[keep]

    def wanted(rights: Rights) -> Rights:
        full = 7 if rights.folder or rights.mode & 0o100 else 6
        mine, taken = _mine(rights, keep != "write")
        entries = acl.unpack(rights.access) if rights.access else acl.of_mode(rights.mode)
        told: list[Entry] = []
        for entry in entries:
            if entry.tag == acl.OWNER:
                told.append(replace(entry, perm=full if mine.uid == os.geteuid() else entry.perm))
                if taken and keep == "read" and lists:
                    told.append(Entry(acl.USER, rights.uid, entry.perm & most))
            elif entry.tag != acl.MASK:
                told.append(replace(entry, perm=entry.perm & most))
        named = [e for e in told if e.perm or e.tag not in (acl.USER, acl.GROUP)]
        if curators is not None and lists:
            named = [e for e in named if (e.tag, e.id) != (acl.GROUP, curators)]
            named.append(Entry(acl.GROUP, curators, full))
        default = rights.default if keep == "write" else None
        return _with(replace(mine, default=default), sorted(named))

    return wanted


def _mine(rights: Rights, take: bool) -> tuple[Rights, bool]:
    me = os.geteuid()
    if take and me == _ROOT and rights.uid != me:
        return replace(rights, uid=me), True
    return rights, False


def _with(rights: Rights, entries: list[Entry]) -> Rights:
    packed = acl.pack(entries)
    bits = acl.mode_of(acl.unpack(packed) if packed else entries)
    return replace(rights, access=packed, mode=(rights.mode & 0o1000) | bits)


def public(rights: Rights) -> Rights:
    """Everybody reads, nobody writes but the service."""
    mine, _ = _mine(rights, True)
    bits = 0o555 if rights.folder or rights.mode & 0o100 else 0o444
    own = 0o200 if mine.uid == os.geteuid() else 0
    return replace(mine, mode=bits | own, access=None, default=None)


def private(rights: Rights) -> Rights:
    """Nobody but the service reads."""
    mine, _ = _mine(rights, True)
    bits = 0o700 if rights.folder or rights.mode & 0o100 else 0o600
    return replace(mine, mode=bits, access=None, default=None)


def unreadable(root: str, limit: int = 20) -> list[str]:
    """Paths of `root` that a stranger may not read, were they there; at most `limit`."""
    found: list[str] = []
    for path, fd in every(root, lambda: None):
        mode = os.fstat(fd).st_mode
        wanted = 0o005 if stat.S_ISDIR(mode) else 0o004
        if mode & wanted != wanted:
            found.append(path or root)
        if len(found) >= limit:
            break
    return found


def shut_above(root: str) -> list[str]:
    """Folders above `root` that a stranger may not enter."""
    there = (above for above in _above(root) if os.path.isdir(above))
    return [above for above in there if not os.stat(above).st_mode & 0o001]


def _above(root: str) -> Iterator[str]:
    folder = os.path.dirname(root)
    while folder != "/":
        yield folder
        folder = os.path.dirname(folder)
