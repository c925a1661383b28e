"""The copy as it must be: a pure function of what was approved and of the rules."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from excudit.domain.model import Snapshot
from excudit.domain.problem import Problem
from excudit.domain.record import Record
from excudit.scicat import plain_dataset
from excudit.scicat.fields import REQUIRED
from excudit.targets.scicat_mirror.originals import Original
from excudit.targets.scicat_mirror.settings import Rewrite, ScicatMirrorSettings

Tree = dict[str, Any]
HELD = "urn:uuid:"
FREE = "free:"
WITHDRAWN = "withdrawn:"
# Nobody's business but the original site's.
_DROPPED = frozenset({"sharedWith", "instrumentGroup"})
# SciCat refuses to change these, or gives them a value of its own.
FIXED = frozenset({"pid", "type"})
_OWN_VALUE = frozenset({"classification"})


@dataclass(frozen=True, slots=True)
class Mark:
    """That a dataset is a copy, of what, and for which publication. `holder` is "urn:uuid:KEY", or
    after "free:" or "withdrawn:" the one that held it."""

    origin: str
    holder: str

    def held_by(self, key: str) -> bool:
        """Whether it belongs to this publication, withdrawn or not."""
        return self.holder in (HELD + key, WITHDRAWN + HELD + key)

    @property
    def free(self) -> bool:
        """Whether another publication may have it."""
        return self.holder.startswith((FREE, WITHDRAWN))


def origin_of(original: Original) -> str:
    """Where the original stands, as provenance that everybody may read."""
    return original.page or f"{original.url}/datasets/{quote(original.pid, safe='')}"


def mark_of(row: Mapping[str, Any], original: Original) -> Mark | None:
    """The mark in a dataset; None = it is no copy of this original."""
    for one in row.get("relationships") or ():
        holder = str(one.get("externalId") or "")
        if one.get("identifier") == origin_of(original) and HELD in holder:
            return Mark(origin_of(original), holder)
    return None


def wanted(
    original: Original, snapshot: Snapshot, rules: ScicatMirrorSettings, *, holder: str = ""
) -> Tree:
    """All members of the copy. `holder` = the snapshot's key unless told otherwise."""
    told = {k: v for k, v in original.members.items() if k not in _DROPPED}
    owner = str(told.get("ownerGroup") or "")
    told["ownerGroup"] = rewritten(owner, rules.owner_groups, owner)
    groups = [rewritten(str(g), rules.access_groups, "") for g in told.get("accessGroups") or ()]
    told["accessGroups"] = sorted({g for g in groups if g})
    folder = str(told.get("sourceFolder") or "")
    told["sourceFolder"] = rewritten(folder, rules.source_folders, folder)
    if rules.source_folder_host:
        told["sourceFolderHost"] = rules.source_folder_host
    if rules.curated:
        told |= _curated(snapshot.record)
    ours = holder or HELD + snapshot.key
    told["relationships"] = _relations(original, snapshot, ours)
    return plain_dataset(told)


def rewritten(text: str, rules: Sequence[Rewrite], otherwise: str) -> str:
    """The text by the first rule that fits the whole of it."""
    for rule in rules:
        if match := re.fullmatch(rule.match, text):
            return match.expand(rule.to)
    return otherwise


def _curated(record: Record) -> Tree:
    told: Tree = {}
    main = [t.title for t in record.titles if not t.title_type]
    abstracts = [d.description for d in record.descriptions if d.description_type == "Abstract"]
    if main:
        told["datasetName"] = main[0]
    if abstracts:
        told["description"] = abstracts[0]
    if record.subjects:
        told["keywords"] = [s.subject for s in record.subjects]
    return told


def _relations(original: Original, snapshot: Snapshot, holder: str) -> list[Tree]:
    kept = [
        r
        for r in original.members.get("relationships") or ()
        if HELD not in str(r.get("externalId") or "")
    ]
    found = [*kept, _relation(origin_of(original), "URL", "IsIdenticalTo", holder)]
    if snapshot.doi:
        found.append(_relation(f"https://doi.org/{snapshot.doi}", "DOI", "IsIdenticalTo", ""))
    return found


def _relation(identifier: str, kind: str, relation: str, external: str) -> Tree:
    told = {"identifier": identifier, "identifierType": kind, "relationship": relation}
    return {**told, "entityType": "dataset", **({"externalId": external} if external else {})}


def missing(
    body: Mapping[str, Any], rules: ScicatMirrorSettings, original: Original
) -> list[Problem]:
    """Members without which the public SciCat refuses a dataset."""
    where = f" ({original.page})" if original.page else ""
    return [
        Problem(
            "",
            f"The dataset {original.pid} has no {name}, which the public SciCat requires.",
            f"Add {name} to the dataset in the original SciCat{where}, then ask again.",
            rule=f"scicat-mirror.{name}",
        )
        for name in dict.fromkeys([*REQUIRED, *rules.required])
        if not body.get(name)
    ]


def changes(row: Mapping[str, Any], body: Mapping[str, Any]) -> Tree:
    """The merge patch (RFC 7386) that brings a dataset to `body`; {} = it is so already."""
    seen = plain_dataset(row)
    gone = set(seen) - set(body) - FIXED - _OWN_VALUE
    told = {k: _patch(seen.get(k), v) for k, v in body.items() if seen.get(k) != v}
    told |= {k: [] if isinstance(seen[k], list) else None for k in gone}
    return {k: v for k, v in told.items() if k not in FIXED}


def _patch(old: Any, new: Any) -> Any:
    """Merging leaves what is not named, so members that went away are named with null."""
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return new
    told = {k: _patch(old.get(k), v) for k, v in new.items() if old.get(k) != v}
    return {**told, **dict.fromkeys(set(old) - set(new))}
