"""Deposits and identifiers: what is ours at the targets, written down before and after."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, delete, insert, select, update

from excudit.domain.model import Deposit
from excudit.store import tables as t
from excudit.store.publications import now

# Built once: the steps of every run ask these.
_PUBLICATION: BindParameter[str] = bindparam("publication")
_TARGET: BindParameter[str] = bindparam("target")
_DOI = (
    select(t.identifiers.c.doi)
    .where(t.identifiers.c.publication == _PUBLICATION, t.identifiers.c.state != "foreign")
    .order_by(t.identifiers.c.chosen_at)
)
_DOI_AT = _DOI.where(t.identifiers.c.target == _TARGET)
_FIND = select(t.deposits).where(
    t.deposits.c.publication == _PUBLICATION, t.deposits.c.target == _TARGET
)


def save(connection: Connection, publication: str, deposit: Deposit) -> None:
    """Write down what a target said; replaces what was known of it."""
    values = {
        "key": deposit.key,
        "remote_id": deposit.remote_id,
        "state": deposit.state,
        "url": deposit.url,
        "doi": deposit.doi,
        "doi_state": deposit.doi_state,
        "remembered": dict(deposit.data),
        "updated_at": now(),
    }
    place = (t.deposits.c.publication == publication) & (t.deposits.c.target == deposit.target)
    if connection.execute(update(t.deposits).where(place).values(**values)).rowcount == 0:
        row = {"publication": publication, "target": deposit.target, **values}
        connection.execute(insert(t.deposits), row)
    if deposit.doi and deposit.doi_state:
        _learn(connection, publication, deposit)
        connection.execute(
            update(t.identifiers)
            .where(t.identifiers.c.doi == deposit.doi.lower())
            .values(state=deposit.doi_state)
        )


def _learn(connection: Connection, publication: str, deposit: Deposit) -> None:
    """A name that the target itself gave is written down when it is heard of."""
    known = select(t.identifiers.c.doi).where(t.identifiers.c.doi == deposit.doi.lower())
    if connection.execute(known).first() is None:
        row = {
            "doi": deposit.doi.lower(),
            "publication": publication,
            "target": deposit.target,
            "state": deposit.doi_state,
            "chosen_at": now(),
        }
        connection.execute(insert(t.identifiers), row)


def at(connection: Connection, target: str) -> list[str]:
    """The publications that have something at a target, oldest first."""
    query = (
        select(t.deposits.c.publication)
        .where(t.deposits.c.target == target, t.deposits.c.state.in_(("published", "withdrawn")))
        .order_by(t.deposits.c.publication)
    )
    return list(connection.execute(query).scalars())


def ask(connection: Connection, publication: str, target: str, at: float) -> bool:
    """Write down, before the first call, that a deposit is asked for at a target that gives the
    names itself. True when this is the first time. `at`: epoch seconds."""
    if find(connection, publication, target) is not None:
        return False
    deposit = Deposit(target, publication, "", "asked", data={"asked_at": at})
    save(connection, publication, deposit)
    return True


def forget(connection: Connection, publication: str, target: str, *, named: bool = True) -> None:
    """The draft is gone; a name that we chose (`named`) stays ours for the next try, one that the
    target gave went with the draft."""
    connection.execute(
        delete(t.deposits).where(
            t.deposits.c.publication == publication, t.deposits.c.target == target
        )
    )
    place = (t.identifiers.c.publication == publication) & (t.identifiers.c.target == target)
    left = place & t.identifiers.c.state.in_(("asked", "draft"))
    if named:
        connection.execute(update(t.identifiers).where(left).values(state="chosen"))
    else:
        connection.execute(delete(t.identifiers).where(left))


def find(connection: Connection, publication: str, target: str) -> Deposit | None:
    """The deposit of a publication at a target, as last written down."""
    place = {"publication": publication, "target": target}
    row = connection.execute(_FIND, place).mappings().first()
    return _deposit(row) if row else None


def of(connection: Connection, publication: str) -> list[Deposit]:
    """All deposits of a publication."""
    rows = connection.execute(
        select(t.deposits)
        .where(t.deposits.c.publication == publication)
        .order_by(t.deposits.c.target)
    ).mappings()
    return [_deposit(row) for row in rows]


def _deposit(row: Any) -> Deposit:
    return Deposit(
        target=row["target"],
        key=row["key"],
        remote_id=row["remote_id"],
        state=row["state"],
        url=row["url"],
        doi=row["doi"],
        doi_state=row["doi_state"],
        data=row["remembered"],
    )


def choose_doi(connection: Connection, publication: str, target: str, doi: str) -> str:
    """Write down the DOI chosen for a publication before any call; the first choice stays.

    Returns the DOI that counts.
    """
    known = doi_of(connection, publication, target)
    if known:
        return known
    row = {
        "doi": doi.lower(),
        "publication": publication,
        "target": target,
        "state": "chosen",
        "chosen_at": now(),
    }
    connection.execute(insert(t.identifiers), row)
    return doi.lower()


def doi_of(connection: Connection, publication: str, target: str | None = None) -> str:
    """The DOI chosen for a publication; "" while there is none."""
    place = {"publication": publication, "target": target}
    query = _DOI if target is None else _DOI_AT
    return connection.execute(query, place).scalars().first() or ""


def first_ask(connection: Connection, publication: str, target: str) -> bool:
    """Write down, before the first call, that a name is being asked for.

    True only when no call can have been sent under it: then there is nothing to look for, and
    DataCite is spared a look-up that must fail.
    """
    place = (t.identifiers.c.publication == publication) & (t.identifiers.c.target == target)
    asked = update(t.identifiers).where(place, t.identifiers.c.state == "chosen")
    return connection.execute(asked.values(state="asked")).rowcount == 1


def asked(connection: Connection, publication: str, target: str) -> bool:
    """Whether anything of ours may be at the target under a name of ours."""
    place = (t.identifiers.c.publication == publication) & (t.identifiers.c.target == target)
    may_be = t.identifiers.c.state.in_(("asked", "draft", "registered", "findable"))
    return connection.execute(select(t.identifiers.c.doi).where(place, may_be)).first() is not None


def give_up_doi(connection: Connection, doi: str) -> None:
    """The name turned out to belong to somebody else: never try it again."""
    connection.execute(
        update(t.identifiers).where(t.identifiers.c.doi == doi.lower()).values(state="foreign")
    )


def identifiers(connection: Connection, publication: str) -> list[dict[str, Any]]:
    """All names of a publication: doi, target, state."""
    rows = connection.execute(
        select(t.identifiers.c.doi, t.identifiers.c.target, t.identifiers.c.state)
        .where(t.identifiers.c.publication == publication)
        .order_by(t.identifiers.c.chosen_at)
    ).mappings()
    return [dict(row) for row in rows]
