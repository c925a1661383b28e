"""POSIX access control lists as the Linux kernel stores them, without any tool.

Extended attribute `system.posix_acl_access` (and `…_default` of folders): version 2 as u32, then
for each entry u16 tag, u16 permissions (r4 w2 x1), u32 id, little-endian, ordered by tag and id
(linux/posix_acl_xattr.h).
"""

from __future__ import annotations

import errno
import os
import struct
from dataclasses import dataclass

ACCESS = "system.posix_acl_access"
DEFAULT = "system.posix_acl_default"
OWNER, USER, OWN_GROUP, GROUP, MASK, OTHER = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20
_VERSION = struct.pack("<I", 2)
_ENTRY = struct.Struct("<HHI")
_NOBODY = 0xFFFFFFFF
_ABSENT = frozenset({errno.ENODATA, errno.EOPNOTSUPP})


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """Who (`tag`, and `id` of a named user or group) may do what (`perm`, r4 w2 x1)."""

    tag: int
    id: int
    perm: int


def unpack(text: bytes) -> list[Entry]:
    """The entries of an attribute."""
    return [Entry(tag, who, perm) for tag, perm, who in _ENTRY.iter_unpack(text[4:])]


def pack(entries: list[Entry]) -> bytes | None:
    """The attribute for these entries, its mask made anew; None where the mode says it all."""
    plain = [e for e in entries if e.tag != MASK]
    if not any(e.tag in (USER, GROUP) for e in plain):
        return None
    mask = 0
    for entry in plain:
        if entry.tag in (USER, OWN_GROUP, GROUP):
            mask |= entry.perm
    ordered = sorted([*plain, Entry(MASK, _NOBODY, mask)])
    return _VERSION + b"".join(_ENTRY.pack(e.tag, e.perm, e.id) for e in ordered)


def of_mode(mode: int) -> list[Entry]:
    """The three entries that permission bits stand for."""
    bits = ((OWNER, mode >> 6), (OWN_GROUP, mode >> 3), (OTHER, mode))
    return [Entry(tag, _NOBODY, perm & 7) for tag, perm in bits]


def mode_of(entries: list[Entry]) -> int:
    """The nine permission bits that stat(2) tells beside these entries: the mask stands for the
    group where there is one."""
    perms = {e.tag: e.perm for e in entries if e.tag not in (USER, GROUP)}
    group = perms.get(MASK, perms.get(OWN_GROUP, 0))
    return perms.get(OWNER, 0) << 6 | group << 3 | perms.get(OTHER, 0)


def read(fd: int, name: str) -> bytes | None:
    """The attribute of an open file or folder; None where it has none or the file system cannot
    keep any."""
    try:
        return os.getxattr(fd, name)
    except OSError as error:
        if error.errno in _ABSENT:
            return None
        raise


def write(fd: int, name: str, value: bytes | None) -> None:
    """Set it, or remove it with None. Raises OSError, EOPNOTSUPP where there are no lists."""
    if value is not None:
        os.setxattr(fd, name, value)
        return
    try:
        os.removexattr(fd, name)
    except OSError as error:
        if error.errno not in _ABSENT:
            raise


def kept_at(folder: str) -> bool:
    """Whether the file system of this folder keeps access control lists."""
    try:
        os.getxattr(folder, ACCESS)
    except OSError as error:
        return error.errno == errno.ENODATA
    return True
