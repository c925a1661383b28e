"""Check of a full record with its XML, against PyPI `datacite`'s `validate` and `tostring`.

Both sides get the same content as the JSON that each understands, and both write XML. Ours also
applies every semantic rule. Rounds alternate, so that a busy machine slows both.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from datacite import schema45

from excudit.domain.record import Record
from excudit.metadata import datacite_json, datacite_xml
from excudit.metadata.check import check_record
from excudit.testing.records import full_record

ROUNDS = 7
LEAST_RATIO = 10.0


def run() -> dict[str, Any]:
    """Checks per second of both sides and their ratio (median of rounds); `ok` from ratio 10."""
    ours, theirs = full_record(), _for_schema_45(full_record())
    text = json.dumps(ours).encode()
    assert schema45.validate(theirs), "the peer must accept its record"
    assert [p for p in check_record(Record.model_validate(ours)) if p.severity == "error"] == []

    sides: dict[str, tuple[Callable[[], object], int]] = {
        "ours": (lambda: _check(ours), 400),
        "ours_from_text": (lambda: _check_text(text), 200),
        "theirs": (lambda: (schema45.validate(theirs), schema45.tostring(theirs)), 15),
    }
    rounds = [{name: _seconds(*side) for name, side in sides.items()} for _ in range(ROUNDS)]
    ratio = statistics.median(one["theirs"] / one["ours"] for one in rounds)
    from_text = statistics.median(one["theirs"] / one["ours_from_text"] for one in rounds)
    return {
        "record_bytes": len(text),
        "xml_bytes": len(_check(ours)),
        "rounds": ROUNDS,
        **{
            f"{name}_per_s": round(1 / statistics.median(r[name] for r in rounds)) for name in sides
        },
        "ratio": round(ratio, 1),
        "ratio_from_text": round(from_text, 1),
        "floor": LEAST_RATIO,
        "ok": ratio >= LEAST_RATIO,
    }


def _check(attributes: dict[str, Any]) -> bytes:
    record = Record.model_validate(attributes)
    check_record(record)
    return datacite_xml.to_xml(record)


def _check_text(text: bytes) -> bytes:
    record, _ = datacite_json.parse(text)
    assert record is not None
    check_record(record)
    return datacite_xml.to_xml(record)


def _seconds(work: Callable[[], object], times: int) -> float:
    work()
    start = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - start) / times


def _for_schema_45(record: dict[str, Any]) -> dict[str, Any]:
    """The same content in the names and types of the peer's JSON Schema 4.5."""
    record["alternateIdentifiers"] = [
        {"alternateIdentifier": one["identifier"], "alternateIdentifierType": one["identifierType"]}
        for one in record.pop("identifiers")
    ]
    record["publicationYear"] = str(record["publicationYear"])
    for related in record["relatedItems"]:
        related["publicationYear"] = str(related["publicationYear"])
    record["schemaVersion"] = "http://datacite.org/schema/kernel-4"
    return record


if __name__ == "__main__":
    json.dump(run(), sys.stdout, indent=2)
    sys.stdout.write("\n")
