"""The description that goes with the file, as XML, and the words for whoever submits it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from lxml import etree

from excudit.domain.model import Snapshot
from excudit.targets.socat.settings import SocatSettings
from excudit.targets.socat.table import Preamble


def links(snapshot: Snapshot, settings: SocatSettings) -> dict[str, str]:
    """Where the same data are published: the Carbon Portal's page and identifier, which are made
    from the bytes (the first 18 of the SHA-256, base64url), and our DOI."""
    found: dict[str, str] = {}
    wanted = f"dataset/{settings.archived_format}/"
    kept = next((f for f in snapshot.files if f.path.startswith(wanted)), None)
    if settings.archived_format and kept is not None:
        digest = base64.urlsafe_b64encode(bytes.fromhex(kept.sha256)[:18]).decode()
        found["page"] = settings.archive_url + digest
        found["pid"] = f"{settings.handle_prefix}/{digest}"
    if snapshot.doi:
        found["doi"] = snapshot.doi
    return found


def xml(snapshot: Snapshot, above: Preamble, linked: Mapping[str, str]) -> bytes:
    """Expocode, platform, people, dates, bounds and links, in the elements of OADS."""
    facts = snapshot.facts
    root = etree.Element("metadata")
    _add(root, "title", snapshot.record.titles[0].title if snapshot.record.titles else "")
    cruise = etree.SubElement(root, "expocode")
    cruise.text = above.expocode
    for number, name in enumerate(above.investigators):
        person = etree.SubElement(root, "person")
        _add(person, "name", name)
        _add(person, "role", "investigator")
        _add(person, "organization", above.organisations[min(number, len(above.organisations) - 1)])
    platform = etree.SubElement(root, "platform")
    _add(platform, "name", above.platform)
    _add(platform, "type", above.type)
    _add(platform, "identifier", str((facts.get("platform") or {}).get("code", "")))
    period: Mapping[str, Any] = facts.get("period") or {}
    _add(root, "startdate", str(period.get("start", ""))[:10])
    _add(root, "enddate", str(period.get("end", ""))[:10])
    bounds: Mapping[str, Any] = facts.get("bounds") or {}
    for side in ("west", "east", "north", "south"):
        _add(root, f"{side}bd", f"{bounds[side]:g}" if side in bounds else "")
    for kind, value in linked.items():
        link = etree.SubElement(root, "link", type=kind)
        link.text = value
    _add(root, "description", _storable(str(facts.get("comments", ""))))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _add(parent: etree._Element, name: str, text: str) -> None:
    if text:
        etree.SubElement(parent, name).text = _storable(text)


def _storable(text: str) -> str:
    """Without the characters that XML cannot hold."""
    return "".join(c for c in text if c in "\t\n" or (c >= " " and not "\ud800" <= c <= "\udfff"))


def checklist(
    above: Preamble, settings: SocatSettings, rows: int, linked: Mapping[str, str]
) -> str:
    """What a person does with the package, step by step."""
    file = f"{above.expocode}.tsv"
    said = "\n".join(f"   {kind}: {value}" for kind, value in linked.items()) or "   none"
    return f"""Submit {above.expocode} to SOCAT

1. Open {settings.dashboard_url} and sign in with your SOCAT account.
2. Upload {file} ({rows:,} rows) as TAB-SEPARATED VALUES, UTF-8, as a new dataset.
   Where the dataset exists already, look who owns it and ask before you overwrite it.
3. Let the dashboard identify the columns; type in those that it does not know.
4. Upload {above.expocode}.xml as its metadata.
5. Name where the data are archived:
{said}
6. Look at the preview, then submit for QC. This is a scientific act; no program does it for you.
7. Answer the question on the publication's page: submitted, and later the QC flag.
"""
