"""A page for people: which DOIs there are, in which state, where they lead."""

from __future__ import annotations

from html import escape

from excudit.sandbox.datacite.call import Reply
from excudit.sandbox.datacite.store import Store

SHOWN = 500
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:2rem;max-width:70rem}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .8rem .3rem 0;"
    "border-bottom:1px solid #ddd;overflow-wrap:anywhere}"
)


def dois(store: Store, api: str, resolver: str) -> Reply:
    """The newest DOIs with state, title and URL, drafts included: nobody logs in to a sandbox."""
    rows = store.query(
        "select doi, state, owner, url, title, registered from dois order by updated desc limit ?",
        SHOWN,
    )
    total = store.query("select count(*) from dois")[0][0]
    listed = "".join(_row(api, resolver, *row) for row in rows)
    text = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Sandbox registry</title>'
        f"<style>{_STYLE}</style><h1>Sandbox registry</h1>"
        "<p>A stand-in for DataCite on this machine. Nothing here is real or public.</p>"
        f"<p>{total} DOIs{f', the newest {SHOWN} shown' if total > SHOWN else ''}.</p>"
        "<table><thead><tr><th>DOI</th><th>State</th><th>Title</th><th>URL</th><th>Repository</th>"
        f"<th>Resolves</th></tr></thead><tbody>{listed}</tbody></table></html>"
    )
    return Reply(200, text.encode(), {"Content-Type": "text/html; charset=utf-8"})


def _row(
    api: str,
    resolver: str,
    doi: str,
    state: str,
    owner: str,
    url: str | None,
    title: str | None,
    registered: str | None,
) -> str:
    name = escape(doi)
    link = f'<a href="{escape(url, quote=True)}">{escape(url)}</a>' if url else ""
    resolves = f'<a href="{resolver}/{name}">since {escape(registered)}</a>' if registered else "no"
    shown = f'<a href="{api}/dois/{name}">{name}</a>'
    cells = (shown, escape(state), escape(title or ""), link, escape(owner), resolves)
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
