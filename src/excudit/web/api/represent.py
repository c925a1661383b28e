"""Publications as the API shows them: with links to what can be done, reasons for the rest."""

from __future__ import annotations

import hashlib
from typing import Any

from excudit.domain.errors import NotFound
from excudit.domain.model import Actor
from excudit.domain.publication import Publication
from excudit.service import queries, verbs
from excudit.service.parts import Parts
from excudit.web.api.models import Brief, Link, PublicationShown

PREFIX = "/api/v1"
READINGS = ("events", "files", "runs", "mails")


def address(parts: Parts, *path: str) -> str:
    """An absolute address in the API, from the configured base URL only."""
    return "/".join((parts.settings.site.base_url.rstrip("/") + PREFIX, *path))


def brief(parts: Parts, publication: Publication) -> Brief:
    """A publication as an entry of a list."""
    here = address(parts, "publications", publication.id)
    return Brief(**queries.brief(parts, publication), links={"self": Link(href=here)})


def whole(parts: Parts, actor: Actor, publication: str) -> tuple[PublicationShown, str]:
    """A publication as its own address shows it, with its ETag. Raises NotFound.

    The tag begins with the edition, which edits compare, and ends with a digest of the rest,
    because runs go on without an edit.
    """
    known = queries.detail(parts, publication, actor)
    actions: dict[str, dict[str, Any]] = known.pop("actions")
    here = address(parts, "publications", publication)
    links = {"self": Link(href=here)}
    links |= {name: Link(href=f"{here}/{name}") for name in READINGS}
    if known["landing_url"]:
        links["page"] = Link(href=known["landing_url"])
    links |= {
        name: _action(here, name, action["label"])
        for name, action in actions.items()
        if action["why_not"] is None
    }
    refused = {n: a["why_not"] for n, a in actions.items() if a["why_not"] is not None}
    shown = PublicationShown(**known, links=links, refused=refused)
    digest = hashlib.sha256(shown.model_dump_json().encode()).hexdigest()[:16]
    return shown, f'"{shown.edition}.{digest}"'


def _action(here: str, name: str, label: str) -> Link:
    if name == "edit":
        return Link(href=f"{here}/record", method="PUT", label=label)
    if name == "export":
        return Link(href=f"{here}/export", label=label)
    if name == "delete":
        return Link(href=here, method="DELETE", label=label)
    return Link(href=f"{here}/{name.replace('_', '-')}", method="POST", label=label)


def edition_of(tag: str) -> int | None:
    """The edition in an entity tag of ours; None in anything else."""
    number = tag.strip('"').partition(".")[0]
    return int(number) if number.isascii() and number.isdigit() and len(number) < 10 else None


def visible(parts: Parts, actor: Actor, publication: str) -> Publication:
    """`verbs.visible`, for any text that an address may hold."""
    if len(publication) != 36 or not publication.replace("-", "").isalnum():
        raise NotFound(f"There is no publication {publication[:80]}.")
    return verbs.visible(parts, actor, publication)
