"""Small pages for people: all records, one record, one draft. Nobody logs in to a sandbox."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from excudit.sandbox.invenio.exchange import Call, Reply
from excudit.sandbox.invenio.records import Records
from excudit.sandbox.invenio.views import key_path

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:50rem;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .8rem .3rem 0;"
    "border-bottom:1px solid #ddd;overflow-wrap:anywhere}"
)


def _page(title: str, body: str) -> Reply:
    text = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style><h1>{escape(title)}</h1>"
        "<p>A stand-in on this machine. Nothing here is real or public.</p>"
        f"{body}</html>"
    )
    return Reply(200, text.encode(), {"Content-Type": "text/html; charset=utf-8"})


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    top = "".join(f"<th>{cell}</th>" for cell in head)
    body = "".join(f"<tr>{''.join(f'<td>{c}</td>' for c in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _title(record: dict[str, Any]) -> str:
    return str(record["metadata"].get("title", "without a title"))


def index(records: Records, call: Call) -> Reply:
    rows = []
    for r in records.store.all("record")[:500]:
        where = "uploads" if r["state"] == "draft" else "records"
        name = f'<a href="/{where}/{r["id"]}">{escape(_title(r))}</a>'
        rows.append((name, r["state"], escape(r["doi"]), str(len(r["files"]))))
    return _page("Sandbox repository", _table(("Title", "State", "DOI", "Files"), rows))


def record(records: Records, call: Call) -> Reply:
    """The page of a record or of a draft."""
    found = records.store.get("record", call.parts[1])
    shown = {"records": "published", "uploads": "draft"}[call.parts[0]]
    if found is None or found["state"] != shown:
        page = _page("Not found", "<p>There is no such record.</p>")
        return Reply(404, page.body, page.headers)
    names = [c["person_or_org"].get("name", "") for c in found["metadata"].get("creators") or ()]
    facts = [
        ("State", found["state"]),
        ("DOI", escape(found["doi"] or "none yet")),
        ("All versions", escape(found["concept_doi"] or "none yet")),
        ("Creators", escape("; ".join(names))),
        ("Published", escape(found["metadata"].get("publication_date", ""))),
        ("Version", escape(found["metadata"].get("version", ""))),
    ]
    files = [
        (
            f'<a href="/api/records/{found["id"]}/files/{key_path(key)}/content">{escape(key)}</a>'
            if found["state"] == "published"
            else escape(key),
            f"{kept['size']} bytes",
            kept["status"],
        )
        for key, kept in found["files"].items()
    ]
    body = _table(("", ""), facts) + f"<div>{found['metadata'].get('description', '')}</div>"
    return _page(_title(found), body + _table(("File", "Size", "State"), files))
