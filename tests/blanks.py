"""Prepared databases to copy, because preparing one takes longer than most tests: one of each kind
for a pytest process."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from excudit.store.database import Database

_KEPT: dict[str, str] = {}
_FOLDER = tempfile.TemporaryDirectory(prefix="excudit-blank-")


def copied(database: Database, kind: str = "web") -> bool:
    """Make the empty database a copy of the prepared one, where there is one of this kind yet."""
    place = _place(database, kind)
    if place not in _KEPT:
        return False
    if database.is_sqlite:
        shutil.copy(_KEPT[place], _file(database))
    else:
        name = make_url(database.url).database
        database.close()
        _admin(
            database,
            f"DROP DATABASE {name} WITH (FORCE)",
            f"CREATE DATABASE {name} TEMPLATE {_KEPT[place]}",
        )
    return True


def keep_blank(database: Database, kind: str = "web") -> None:
    """Keep a copy of this freshly prepared database for the tests to come."""
    database.close()
    if database.is_sqlite:
        blank = Path(_FOLDER.name, f"{kind}.db")
        shutil.copy(_file(database), blank)
        _KEPT[_place(database, kind)] = str(blank)
    else:
        blank_name = f"blank_{kind}_{os.getpid()}"
        _admin(
            database,
            f"DROP DATABASE IF EXISTS {blank_name}",
            f"CREATE DATABASE {blank_name} TEMPLATE {make_url(database.url).database}",
        )
        _KEPT[_place(database, kind)] = blank_name


def _place(database: Database, kind: str) -> str:
    where = "sqlite" if database.is_sqlite else str(make_url(database.url).query["host"])
    return f"{kind} {where}"


def _file(database: Database) -> str:
    return str(make_url(database.url).database)


def _admin(database: Database, *statements: str) -> None:
    host = make_url(database.url).query["host"]
    with psycopg.connect(f"postgresql://postgres@/postgres?host={host}") as connection:
        connection.autocommit = True
        for statement in statements:
            connection.execute(statement.encode())
