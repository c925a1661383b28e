"""The names of the pickers: kept, found by the beginning of any word, forgotten."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from excudit.domain.names import Kind, Name, asked_id, fit, words_of
from excudit.store import tables_people as t

FORGOTTEN = "forgotten"
CANDIDATES = 500
"""Names that are looked at to find the best; more than that fit only what says very little."""
BEST = 100
COMMON = 1000
_END = "\U0010ffff"

Worded = tuple[Name, Sequence[str]]
"""A name and the words, folded, by which it is found."""


def search(connection: Connection, kind: Kind, text: str, limit: int = 20) -> list[Name]:
    """Names of which every typed word begins a word, or whose identifier begins as typed; best
    first."""
    wanted = asked_id(text)
    if wanted:
        found = _by_id(connection, kind, wanted, limit)
        if found:
            return found
    asked = words_of(text)[:8]
    if not asked:
        return []
    rows = _by_words(connection, kind, asked)
    return sorted(rows, key=lambda name: (*fit(name.name, asked), name.name, name.id))[:limit]


def _by_id(connection: Connection, kind: Kind, start: str, limit: int) -> list[Name]:
    c = t.names.c
    query = (
        select(t.names)
        .where(c.id >= start, c.id < start + _END, c.kind == kind, c.origin != FORGOTTEN)
        .order_by(c.id)
        .limit(limit)
    )
    return [_name(row) for row in connection.execute(query).mappings()]


def _by_words(connection: Connection, kind: Kind, asked: list[str]) -> list[Name]:
    rarest, *others = sorted(asked, key=lambda word: _how_many(connection, kind, word))
    w = t.name_words
    query = select(w.c.name, w.c.word).where(w.c.kind == kind, _begins(w, rarest))
    for word in others:
        also = w.alias()
        query = query.where(
            select(1).where(also.c.name == w.c.name, _begins(also, word)).correlate(w).exists()
        )
    # In the order of the index words that are typed whole come first.
    near = query.order_by(w.c.word, w.c.name).limit(CANDIDATES).subquery()
    best = (
        select(t.names)
        .join(near, near.c.name == t.names.c.id)
        .order_by(near.c.word != rarest, func.length(t.names.c.name), t.names.c.id)
        .limit(BEST)
    )
    return list({row["id"]: _name(row) for row in connection.execute(best).mappings()}.values())


def _begins(words: Any, start: str) -> ColumnElement[bool]:
    return and_(words.c.word >= start, words.c.word < start + _END)


def _how_many(connection: Connection, kind: Kind, word: str) -> int:
    w = t.name_words
    some = select(w.c.name).where(w.c.kind == kind, _begins(w, word)).limit(COMMON).subquery()
    return connection.execute(select(func.count()).select_from(some)).scalar_one()


def _name(row: Any) -> Name:
    return Name(**row)


def get(connection: Connection, name: str) -> Name | None:
    """One name by its identifier; None when it is not there."""
    row = connection.execute(select(t.names).where(t.names.c.id == name)).mappings().first()
    return _name(row) if row else None


def put(connection: Connection, worded: Iterable[Worded]) -> int:
    """Keep these names with these words and no others; how many were new or changed.

    Idempotent; forgotten people stay forgotten. A few thousand at a time.
    """
    # Everywhere in the same order, or two write units may lock each other out.
    wanted = {
        name.id: (replace(name, name=name.name[:500], note=name.note[:500]), set(words))
        for name, words in sorted(worded, key=lambda pair: pair[0].id)
    }
    ids = list(wanted)
    known = {
        row["id"]: _name(row)
        for row in connection.execute(select(t.names).where(t.names.c.id.in_(ids))).mappings()
    }
    wanted = {
        key: pair for key, pair in wanted.items() if key not in known or _kept(known[key], pair[0])
    }
    fresh = [name for key, (name, _) in wanted.items() if key not in known]
    changed = [name for key, (name, _) in wanted.items() if key in known and known[key] != name]
    if fresh:
        connection.execute(insert(t.names), [_row(name) for name in fresh])
    for name in changed:
        connection.execute(update(t.names).where(t.names.c.id == name.id).values(_row(name)))
    reworded = _put_words(connection, wanted)
    return len({name.id for name in (*fresh, *changed)} | reworded)


def learn(connection: Connection, worded: Iterable[Worded]) -> None:
    """`put` that gives way: what another write unit learns at the same moment is left to it."""
    try:
        with connection.begin_nested():
            put(connection, worded)
    except IntegrityError:
        return


def _kept(known: Name, fresh: Name) -> bool:
    return known.origin != FORGOTTEN and known.kind == fresh.kind


def _put_words(connection: Connection, wanted: dict[str, tuple[Name, set[str]]]) -> set[str]:
    w = t.name_words.c
    query = select(w.kind, w.word, w.name).where(w.name.in_(list(wanted)))
    there = {tuple(row) for row in connection.execute(query)}
    meant = {(name.kind, word, key) for key, (name, words) in wanted.items() for word in words}
    gone, fresh = there - meant, meant - there
    if gone:
        connection.execute(
            delete(t.name_words).where(
                w.kind == bindparam("b_kind"),
                w.word == bindparam("b_word"),
                w.name == bindparam("b_name"),
            ),
            [dict(zip(("b_kind", "b_word", "b_name"), row, strict=True)) for row in sorted(gone)],
        )
    if fresh:
        keys = ("kind", "word", "name")
        rows = [dict(zip(keys, row, strict=True)) for row in sorted(fresh)]
        connection.execute(insert(t.name_words), rows)
    return {row[2] for row in gone | fresh}


def _row(name: Name) -> dict[str, Any]:
    return {
        "id": name.id,
        "kind": name.kind,
        "name": name.name,
        "note": name.note,
        "origin": name.origin,
        "fills": dict(name.fills),
    }


def drop(connection: Connection, ids: Sequence[str]) -> int:
    """Take these names away; how many were there. Forgotten people stay as they are."""
    mine = and_(t.names.c.id.in_(ids), t.names.c.origin != FORGOTTEN)
    there = select(t.names.c.id).where(mine)
    connection.execute(delete(t.name_words).where(t.name_words.c.name.in_(there)))
    return connection.execute(delete(t.names).where(mine)).rowcount


def forget(connection: Connection, name: str) -> bool:
    """Keep nothing of a name but its identifier, so that it is not learned again; False when it
    was not known at all (it is kept out from now on)."""
    found = get(connection, name)
    connection.execute(delete(t.name_words).where(t.name_words.c.name == name))
    blank = {"name": "", "note": "", "origin": FORGOTTEN, "fills": {}}
    if found is not None:
        connection.execute(update(t.names).where(t.names.c.id == name).values(blank))
        return found.origin != FORGOTTEN
    kind = "person" if name.startswith("https://orcid.org/") else "organisation"
    connection.execute(insert(t.names), {"id": name, "kind": kind, **blank})
    return False


def count(connection: Connection, kind: Kind) -> int:
    """How many names of a kind there are."""
    query = select(func.count()).select_from(t.names).where(t.names.c.kind == kind)
    return connection.execute(query).scalar_one()


def unknown_or_learned(connection: Connection, ids: Iterable[str]) -> list[str]:
    """Those of the identifiers that no file and no wish to be forgotten has settled."""
    every = sorted(ids)
    settled = select(t.names.c.id).where(
        t.names.c.id.in_(every), t.names.c.origin.in_(("ror", "file", FORGOTTEN))
    )
    gone = set(connection.execute(settled).scalars())
    return [key for key in every if key not in gone]
