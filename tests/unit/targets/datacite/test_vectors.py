"""Every official example record goes to the registry and comes back without drift."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from excudit.domain.record import Record
from excudit.metadata import datacite_json, datacite_xml
from excudit.sandbox.datacite import Registry
from excudit.targets.datacite import DataCiteTarget
from registries import Desk, snapshot_of

PARSERS = {".json": datacite_json.parse, ".xml": datacite_xml.parse}


def records(shared: Path) -> Iterator[tuple[Path, Record]]:
    for folder in ("json", "xml", "pairs"):
        for path in sorted((shared / "data" / "datacite" / folder).rglob("*.[jx]*")):
            record, _ = PARSERS[path.suffix](path.read_bytes())
            if record is not None:
                yield path, record


def test_no_official_record_drifts_on_its_way_through_the_registry(
    shared: Path, registry: Registry, target: DataCiteTarget
) -> None:
    drifted: dict[str, list[str]] = {}
    seen = 0
    for path, record in records(shared):
        snapshot = replace(snapshot_of(target), record=record)
        deposit = target.publish(target.reserve(snapshot, key=snapshot.key), snapshot)
        problems = target.confirm(deposit, snapshot)
        if problems:
            drifted[str(path.relative_to(shared))] = [str(problem) for problem in problems]
        seen += 1
    assert drifted == {}
    assert seen > 100
    assert Desk(registry.api_url).counts() == {"findable": seen}
