"""Where the page stands after a button: which rows it shows, and what gets the focus."""

from __future__ import annotations

from typing import Any

from excudit.web.pages.form.kinds import Rows
from excudit.web.pages.form.saving import Sent


def query(sent: Sent, landed: tuple[str, int] | None) -> dict[str, str]:
    """The query of the section's address; `landed` is where the row of the button stands now."""
    found = windows(sent)
    if sent.verb == "page":
        name, _, start = sent.rest.partition(".")
        found[name] = start
    elif sent.verb == "me":
        found[sent.rest] = "9999999"
    elif landed:
        _landing(sent, *landed, found)
    return found


def _landing(sent: Sent, rows: str, at: int, query: dict[str, str]) -> None:
    """Where the focus goes after a row was added, moved or removed. No fragment: the browser
    would leave the focus to it."""
    if "." not in rows:
        query[rows] = str(at)
    if sent.verb == "add":
        query["add"], query["at"] = rows, _first_field(sent, rows, at)
    else:
        query["at"] = f"{rows}.{at}.{sent.verb}"


def _first_field(sent: Sent, rows: str, at: int) -> str:
    nodes = sent.section.members
    node: Any = None
    for step in rows.split("."):
        if step.isdigit():
            continue
        node = next((n for n in nodes if n.name == step), None)
        nodes = node.entry if isinstance(node, Rows) else getattr(node, "members", ())
    first = nodes[0].name if nodes else ""
    return f"{rows}.{at}.{first}".rstrip(".")


def windows(sent: Sent) -> dict[str, str]:
    """The first rows that the page showed."""
    found = {}
    for node in sent.section.members:
        rows = sent.base.get(node.name)
        if isinstance(node, Rows) and isinstance(rows, dict) and rows and min(rows):
            found[node.name] = str(min(rows))
    return found
