"""A page for people: all datasets with their statuses. Nobody logs in to a sandbox."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape

from excudit.sandbox.quince.state import NAMES, State
from excudit.sandbox.serving import Reply, Request

_HTML = {"Content-Type": "text/html; charset=utf-8"}
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .8rem .3rem 0;"
    "border-bottom:1px solid #ddd}"
)


def page(state: State, request: Request) -> Reply:
    """The list at "/", nothing else."""
    if request.parts:
        return Reply(404, _page("Not found", "<p>There is only the list.</p>"), _HTML)
    rows = "".join(
        f"<tr><td>{k.id}</td><td>{escape(k.name)}</td><td>{escape(k.instrument)}</td>"
        f"<td>{escape(k.user)}</td><td>{'yes' if k.nrt else ''}</td>"
        f"<td>{escape(NAMES.get(k.status, '?'))} ({k.status})"
        f"{', hidden' if state.hidden(k) else ''}</td>"
        f"<td>{datetime.fromtimestamp(k.touched, UTC):%Y-%m-%d %H:%M:%S}</td></tr>"
        for k in state.all()
    )
    head = "".join(
        f"<th>{word}</th>"
        for word in ("Id", "Dataset", "Instrument", "User", "NRT", "Status", "Since (UTC)")
    )
    now = f"{datetime.fromtimestamp(state.now(), UTC):%Y-%m-%d %H:%M:%S}"
    body = f"<p>By its clock it is {now} UTC.</p><table><tr>{head}</tr>{rows}</table>"
    return Reply(200, _page("Sandbox QuinCe", body), _HTML)


def _page(title: str, body: str) -> bytes:
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style><h1>{title}</h1>"
        f"<p>A stand-in on this machine. Nothing here is real or public.</p>{body}</html>"
    ).encode()
