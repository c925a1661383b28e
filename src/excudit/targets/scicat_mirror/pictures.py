"""Attachments of a copy: each has an id made from the original's, so none comes twice."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from excudit.domain.errors import Drifted
from excudit.scicat import SciCat, content_digest
from excudit.scicat.fields import plain
from excudit.targets.scicat_mirror.originals import Original

Tree = dict[str, Any]
_SHOWN = ("aid", "caption", "thumbnail")
_COMPARED = ("caption", "thumbnail", "ownerGroup", "accessGroups", "isPublished")
PREFIX = "excudit-"


@dataclass(slots=True)
class Pictures:
    """How a copy's attachments stand to the original's."""

    missing: list[Tree]
    changed: dict[str, Tree]
    surplus: list[str]

    def complete(self, *, but_flags: bool = False) -> bool:
        """Whether they are the same; `but_flags`: whether a stranger sees them does not count."""
        changed = [
            set(c) - ({"isPublished"} if but_flags else set()) for c in self.changed.values()
        ]
        return not (self.missing or self.surplus or any(changed))


def survey(
    origin: SciCat, copy: SciCat, original: Original, body: Mapping[str, Any], *, public: bool
) -> Pictures:
    """Compare, changing nothing. Raises Drifted when the original's are not those approved."""
    shown, due = [], {}
    for row in origin.attachments(original.pid):
        shown.append(content_digest({k: plain(row.get(k)) for k in _SHOWN}))
        made = _body(row, original, body, public=public)
        due[made["aid"]] = made
    if content_digest(sorted(shown)) != original.attachments:
        raise Drifted(
            f"The attachments of {original.pid} changed after they were approved.",
            hint="Look at the change and submit again.",
        )
    there = {str(r.get("aid") or r.get("_id")): r for r in copy.attachments(original.pid)}
    changed = {aid: _differences(row, due[aid]) for aid, row in there.items() if aid in due}
    return Pictures(
        missing=[one for aid, one in due.items() if aid not in there],
        changed={aid: told for aid, told in changed.items() if told},
        surplus=[aid for aid in there if aid not in due and aid.startswith(PREFIX)],
    )


def bring(copy: SciCat, found: Pictures) -> None:
    """Add, change and remove what differs. After a lost answer survey again."""
    for one in found.missing:
        # A second one with this id would be answered 500.
        if copy.find_attachment(one["aid"]) is None:
            copy.add_attachment(one)
    for aid, told in found.changed.items():
        copy.change_attachment(aid, told)
    for aid in found.surplus:
        copy.remove_attachment(aid)


def remove_all(copy: SciCat, pid: str) -> None:
    """Remove those that we made."""
    for row in list(copy.attachments(pid, fields=("aid",))):
        aid = str(row.get("aid") or row.get("_id"))
        if aid.startswith(PREFIX):
            copy.remove_attachment(aid)


def hide_all(copy: SciCat, pid: str) -> None:
    """Take them from strangers' eyes."""
    for row in list(copy.attachments(pid, fields=("aid", "isPublished"))):
        if row.get("isPublished"):
            copy.change_attachment(str(row.get("aid") or row["_id"]), {"isPublished": False})


def _body(
    row: Mapping[str, Any], original: Original, body: Mapping[str, Any], *, public: bool
) -> Tree:
    name = f"{original.url}|{original.pid}|{row.get('aid') or row.get('_id')}"
    told: Tree = {
        "aid": PREFIX + hashlib.sha256(name.encode()).hexdigest()[:32],
        "caption": str(row.get("caption") or "Attachment"),
        "ownerGroup": body["ownerGroup"],
        "accessGroups": list(body.get("accessGroups") or ()),
        "isPublished": public,
        "relationships": [
            {
                "targetId": original.pid,
                "targetType": "dataset",
                "relationType": "is attached to",
            }
        ],
    }
    return {**told, **({"thumbnail": row["thumbnail"]} if row.get("thumbnail") else {})}


def _differences(row: Mapping[str, Any], due: Mapping[str, Any]) -> Tree:
    blank = {"accessGroups": [], "isPublished": False}
    return {
        name: due[name]
        for name in _COMPARED
        if name in due and (row.get(name) or blank.get(name)) != due[name]
    }
