"""GET /dois from the search index: filters, pages, cursors, facets."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

import orjson

from excudit.sandbox.datacite import search_query
from excudit.sandbox.datacite.call import Call, Refused, Reply, json_reply
from excudit.sandbox.datacite.reads import Reader, page
from excudit.sandbox.datacite.store import Doi
from excudit.sandbox.datacite.views import attributes, relationships

_ONLY_DETAIL = (
    *("xml", "prefix", "suffix", "alternateIdentifiers"),
    *("viewsOverTime", "downloadsOverTime", "citationsOverTime"),
)
_SORTS = {
    "updated": "updated",
    "created": "created",
    "registered": "registered",
    "name": "doi",
    "doi": "doi",
    "published": "year",
}
_FACETS = {
    "states": "state",
    "resourceTypes": "kind",
    "created": "substr(created, 1, 4)",
    "published": "year",
    "registered": "substr(registered, 1, 4)",
    "providers": "lower(substr(owner, 1, instr(owner, '.') - 1))",
    "clients": "lower(owner)",
    "prefixes": "prefix",
    "schemaVersions": "schema",
}


@dataclass(slots=True)
class _Search:
    """A condition in SQL with its values, and what SQL cannot tell."""

    where: list[str]
    values: list[Any]
    match: search_query.Match | None = None

    @property
    def sql(self) -> str:
        return " and ".join(self.where)

    def add(self, condition: str, *values: Any) -> None:
        self.where.append(condition)
        self.values.extend(values)


def dois(call: Call, reader: Reader) -> Reply:
    """The DOIs that the caller may see, as the index knows them."""
    search = _search(call, reader)
    cursor = call.query.get("page[cursor]")
    number, size = page(call)
    if search.match is not None:
        found = _matching(reader, search)
        search = _Search([f"doi in ({','.join('?' * len(found))})"], list(found))
    total = reader.store.query(f"select count(*) from search where {search.sql}", *search.values)  # noqa: S608
    count = int(total[0][0])
    rows = (
        _by_cursor(reader, search, cursor, size)
        if cursor
        else _by_number(reader, search, call, number, size)
    )
    shown, more = rows[:size], len(rows) > size
    meta: dict[str, Any] = {"total": count, "totalPages": -(-count // size)}
    if not cursor:
        meta["page"] = number
    if not call.flag("disable-facets"):
        meta |= _facets(reader, search)
    links = {"self": _link(call)}
    if more and (cursor or (number + 1) * size <= 10_000):
        step = _token(shown[-1]) if cursor else str(number + 1)
        links["next"] = _link(call, **{"page[cursor]" if cursor else "page[number]": step})
    body = {"data": [_entry(call, row) for row in shown], "meta": meta, "links": links}
    return json_reply(200, body)


def _search(call: Call, reader: Reader) -> _Search:
    search = _Search(["(state = 'findable' or owner = ?)"], [_name(reader)])
    query = call.query
    if owner := query.get("client-id") or query.get("repository-id"):
        search.add("lower(owner) = ?", owner.lower())
    if provider := query.get("provider-id"):
        search.add("lower(owner) like ?", f"{provider.lower()}.%")
    for name in ("prefix", "state"):
        if query.get(name):
            _one_of(search, name, query[name])
    for name in ("created", "registered"):
        if query.get(name):
            _one_of(search, f"substr({name}, 1, 4)", query[name])
    if query.get("query"):
        try:
            search.match = search_query.parse(query["query"])
        except search_query.Broken as error:
            title = f"Failed to parse query [{query['query']}]: {error}"
            raise Refused(json_reply(400, {"errors": {"title": title}})) from error
    return search


def _name(reader: Reader) -> str:
    return reader.caller.symbol if reader.caller else ""


def _one_of(search: _Search, column: str, told: str) -> None:
    values = [value.strip() for value in told.split(",")]
    search.add(f"{column} in ({','.join('?' * len(values))})", *values)


def _matching(reader: Reader, search: _Search) -> list[str]:
    match = search.match
    assert match is not None
    rows = reader.store.query(f"select body from search where {search.sql}", *search.values)  # noqa: S608
    found = (_doi(row[0]) for row in rows)
    return [doi.doi for doi in found if match({**attributes(doi), "clientId": doi.owner.lower()})]


def _by_number(
    reader: Reader, search: _Search, call: Call, number: int, size: int
) -> list[tuple[Any, ...]]:
    told = call.query.get("sort", "-updated")
    column = _SORTS.get(told.lstrip("-"), "updated")
    order = "desc" if told.startswith("-") or told.lstrip("-") not in _SORTS else "asc"
    return reader.store.query(
        f"select body from search where {search.sql} order by {column} {order}, doi {order} "  # noqa: S608
        "limit ? offset ?",
        *(*search.values, size + 1, (number - 1) * size),
    )


def _by_cursor(reader: Reader, search: _Search, cursor: str, size: int) -> list[tuple[Any, ...]]:
    created, doi = _read_token(cursor)
    return reader.store.query(
        f"select body from search where {search.sql} and (created, doi) > (?, ?) "  # noqa: S608
        "order by created, doi limit ?",
        *(*search.values, created, doi, size + 1),
    )


def _token(row: tuple[Any, ...]) -> str:
    last = _doi(row[0])
    return base64.urlsafe_b64encode(f"{last.created},{last.doi}".encode()).decode()


def _read_token(cursor: str) -> tuple[str, str]:
    """Where to go on; any cursor that is not one of ours begins at the beginning."""
    try:
        text = base64.urlsafe_b64decode(cursor.encode()).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return "", ""
    created, _, doi = text.partition(",")
    return created, doi


def _doi(body: str) -> Doi:
    return Doi(**orjson.loads(body))


def _entry(call: Call, row: tuple[Any, ...]) -> dict[str, Any]:
    doi = _doi(row[0])
    flags = {flag: call.flag(flag) for flag in ("publisher", "affiliation")}
    shown = attributes(doi, **flags)
    if not call.flag("detail"):
        shown = {name: value for name, value in shown.items() if name not in _ONLY_DETAIL}
    if wanted := call.query.get("fields[dois]"):
        names = {name.strip() for name in wanted.split(",")}
        shown = {name: value for name, value in shown.items() if name in names}
    return {
        "id": doi.doi,
        "type": "dois",
        "attributes": shown,
        "relationships": relationships(doi),
    }


def _facets(reader: Reader, search: _Search) -> dict[str, Any]:
    return {name: _facet(reader, search, column) for name, column in _FACETS.items()}


def _facet(reader: Reader, search: _Search, column: str) -> list[dict[str, Any]]:
    rows = reader.store.query(
        f"select {column} as value, count(*) from search where {search.sql} "  # noqa: S608
        "group by value having value is not null order by count(*) desc, value limit 10",
        *search.values,
    )
    return [{"id": str(value), "title": str(value), "count": count} for value, count in rows]


def _link(call: Call, **changed: str) -> str:
    told = dict(parse_qsl(call.raw_query)) | changed
    query = f"?{urlencode(told)}" if told else ""
    return f"{call.base}/dois{query}"
