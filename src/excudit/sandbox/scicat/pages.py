"""Pages to look at: what the catalogue holds, as its operator sees it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any
from urllib.parse import quote, unquote

import orjson

from excudit.sandbox.scicat.shapes import Tree
from excudit.sandbox.scicat.store import Store
from excudit.sandbox.serving import Reply, Request

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.3rem .6rem;"
    "border-bottom:1px solid #8884;vertical-align:top}.p{color:#070}.d{color:#a40}"
    "@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}a{color:#8bf}}"
)


def page(store: Store, request: Request, *, public: bool) -> Reply:
    """The list of all, or one dataset. On the public one, strangers see what is public."""
    parts = request.parts
    if parts[:1] == ("datasets",) and len(parts) > 1:
        row = store.one("dataset", unquote("/".join(parts[1:])))
        if row is None or (public and not row["isPublished"]):
            return _html(404, "Nothing here", "<p>There is no such dataset.</p>")
        return _html(200, str(row["datasetName"]), _dataset(store, row))
    if parts:
        return _html(404, "Nothing here", "<p>There is no such page.</p>")
    title = "Public catalogue (sandbox)" if public else "Catalogue (sandbox)"
    return _html(200, title, _all(store, public=public))


def _all(store: Store, *, public: bool) -> str:
    rows = [r for r in store.all("dataset") if r["isPublished"] or not public]
    text = _table(
        ("Dataset", "PID", "Owner", "Files", "Seen by"),
        [
            (
                f'<a href="/datasets/{quote(r["pid"], safe="")}">{escape(r["datasetName"])}</a>',
                escape(r["pid"]),
                escape(r["ownerGroup"]),
                str(r["numberOfFiles"]),
                _flag(r),
            )
            for r in rows
        ],
    )
    if public:
        return text
    jobs = [
        (escape(j["_id"]), escape(j["type"]), escape(j["statusCode"]), escape(j["statusMessage"]))
        for j in store.all("job")
    ]
    records = [
        (escape(p["_id"]), escape(p["title"]), escape(p["status"])) for p in store.all("published")
    ]
    return (
        text
        + "<h2>Jobs</h2>"
        + _table(("Job", "Type", "Status", "Message"), jobs)
        + "<h2>Published data</h2>"
        + _table(("DOI", "Title", "Status"), records)
    )


def _dataset(store: Store, row: Tree) -> str:
    hidden = {"_n", "_id", "__v", "datasetlifecycle"}
    told = [(escape(k), escape(_word(v))) for k, v in sorted(row.items()) if k not in hidden and v]
    files = [
        (escape(f["path"]), str(f["size"]), escape(str(f.get("chk", ""))))
        for b in store.all("block", row["pid"])
        for f in b["dataFileList"]
    ]
    pictures = "".join(
        f'<figure><img alt="" src="{escape(a.get("thumbnail", ""))}">'
        f"<figcaption>{escape(a['caption'])}</figcaption></figure>"
        for a in store.all("attachment", row["pid"])
    )
    shown = _table(("Path", "Bytes", "Checksum"), files[:500])
    return f"<p>{_flag(row)}</p>{_table(('', ''), told)}<h2>Data files</h2>{shown}{pictures}"


def _word(value: Any) -> str:
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _flag(row: Tree) -> str:
    return '<b class="p">everybody</b>' if row["isPublished"] else '<b class="d">its groups</b>'


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    head = "".join(f"<th>{h}</th>" for h in heads)
    body = "".join("<tr>" + "".join(f"<td>{c}</td>" for c in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _html(status: int, title: str, body: str) -> Reply:
    text = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style>'
        f'<h1>{escape(title)}</h1>{body}<p><a href="/">All datasets</a></p></html>'
    )
    return Reply(status, text.encode(), {"Content-Type": "text/html; charset=utf-8"})
