"""The caller's basket, what would become of it, and the datasets to fill it from."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Body, Path, Query, Response
from pydantic import Field

from excudit.domain.errors import Rejected
from excudit.service import basket, picking, prospect, selection, verbs
from excudit.service.parts import Parts
from excudit.service.prospect import Prospect
from excudit.store import baskets
from excudit.store.baskets import Holder
from excudit.web.api import cursors
from excudit.web.api.asks import Ask, Cursor, Limit, PublicationId, Ref, Text
from excudit.web.api.models import Answer, ProblemShown, PublicationShown
from excudit.web.api.paging import next_page
from excudit.web.api.publications import tagged
from excudit.web.api.represent import address, visible
from excudit.web.api.rooms import room
from excudit.web.api.troubles import LOCATION, NEXT, troubles
from excudit.web.identity import Caller, Wired

ROUTER = room(tag="baskets")

Source = Annotated[Text, Field(min_length=1, max_length=100, description="The source's name.")]


class Chosen(Ask):
    """A dataset by its source and reference."""

    source: Source
    ref: Ref


class BasketWish(Ask):
    """Datasets for the basket."""

    datasets: Annotated[list[Chosen], Field(max_length=basket.LIMIT)]


class PickedShown(Answer):
    """A dataset in the basket; `files` and `bytes` are null until they were counted."""

    source: str
    ref: str
    title: str
    files: int | None
    bytes: int | None
    added_at: datetime | None


class TotalShown(Answer):
    """What the basket holds of one source; `counted` of its datasets are in `files` and `bytes`."""

    source: str
    datasets: int
    counted: int
    files: int
    bytes: int


class BasketShown(Answer):
    """A page of the basket, by source and reference, with the totals of all of it."""

    totals: list[TotalShown]
    datasets: list[PickedShown]
    next: str | None


class Taken(Answer):
    """What became of a wish: how many are new, how many were there, what could not be taken."""

    new: int
    known: int
    problems: list[ProblemShown]


class HolderShown(Answer):
    """Which publication has a dataset already; the members are empty where they are not for you
    to see."""

    state: str
    id: str
    title: str
    page: Annotated[str, Field(description="Its public page; empty while it has none.")]


class FoundShown(Answer):
    """A dataset that a source found."""

    source: str
    ref: str
    title: str
    owner: str
    access: str
    files: int | None
    bytes: int | None
    in_basket: bool
    held_by: HolderShown | None


class FoundAll(Answer):
    """The matches, best first. `complete` is false when there are more than could be told."""

    datasets: list[FoundShown]
    complete: bool


class LookedShown(Answer):
    """One dataset of a selection; an error among `problems` keeps it from being published."""

    ref: str
    title: str
    folder: Annotated[str, Field(description="Where its files will stand; empty: on top.")]
    files: int | None
    bytes: int | None
    held_by: HolderShown | None
    problems: list[ProblemShown]


class PlaceShown(Answer):
    """A target of the route. `asked`: whether it could be asked before anything is frozen."""

    name: str
    kind: str
    final: Annotated[str, Field(description="What publishing there makes irreversible.")]
    asked: bool
    problems: list[ProblemShown]


class ProspectShown(Answer):
    """What would become public of a selection. `to_complete` are problems of the prefilled
    record: they are mended in the draft."""

    route: str
    source: str
    blockers: int
    warnings: int
    title: str
    people: list[str]
    licences: list[str]
    address: Annotated[str, Field(description="Its page will stand below this.")]
    files: int
    bytes: int
    datasets: list[LookedShown]
    problems: list[ProblemShown]
    to_complete: list[ProblemShown]
    places: list[PlaceShown]


@ROUTER.get("/basket", responses={200: NEXT, **troubles(422)}, summary="Your basket")
def read_basket(
    parts: Wired, actor: Caller, response: Response, limit: Limit = 50, cursor: Cursor = None
) -> BasketShown:
    """It lasts over visits and devices; nobody else sees it."""
    after = cursors.source_and_ref(cursor) if cursor else None
    held = basket.contents(parts, actor, after=after, limit=limit)
    following = None
    if held.next:
        end = cursors.write(*held.next)
        following = next_page(address(parts, "basket"), {"limit": str(limit)}, end, response)
    return BasketShown(
        totals=[TotalShown.model_validate(t) for t in held.totals],
        datasets=[PickedShown.model_validate(p) for p in held.picked],
        next=following,
    )


_WISH = troubles(400, 403, 404, 413, 415, 422, 429, 501, 502)


@ROUTER.put("/basket", responses=_WISH, summary="Let the basket hold exactly this")
def replace_basket(parts: Wired, actor: Caller, wish: Annotated[BasketWish, Body()]) -> Taken:
    """All of it or nothing: with a dataset that you cannot have the basket stays as it was."""
    chosen = [(one.source, one.ref) for one in wish.datasets]
    return _taken(basket.replace(parts, actor, chosen))


@ROUTER.post("/basket", responses=_WISH, summary="Put datasets into the basket")
def add_to_basket(parts: Wired, actor: Caller, wish: Annotated[BasketWish, Body()]) -> Taken:
    """What cannot be taken is told and keeps no other out; twice is once."""
    done = basket.Added(0, 0)
    for source in dict.fromkeys(one.source for one in wish.datasets):
        refs = [one.ref for one in wish.datasets if one.source == source]
        more = basket.add(parts, actor, source, refs)
        done = basket.Added(
            done.new + more.new, done.known + more.known, (*done.problems, *more.problems)
        )
    return _taken(done)


def _taken(added: basket.Added) -> Taken:
    problems = [ProblemShown(**p.as_data()) for p in added.problems]
    return Taken(new=added.new, known=added.known, problems=problems)


@ROUTER.delete(
    "/basket", status_code=204, responses=troubles(422), summary="Take out of the basket"
)
def take_out_of_basket(
    parts: Wired,
    actor: Caller,
    source: Annotated[Text | None, Query(max_length=100)] = None,
    ref: Annotated[Text | None, Query(max_length=selection.REF_BYTES)] = None,
) -> None:
    """One dataset (`source` and `ref`), all of a source, or everything. Not there = done."""
    if source is not None and ref is not None:
        basket.remove(parts, actor, source, ref)
    elif ref is not None:
        raise Rejected("The reference alone names no dataset.", hint="Name the source as well.")
    else:
        basket.empty(parts, actor, source=source)


@ROUTER.get(
    "/basket/check",
    responses=troubles(403, 404, 422, 429, 501, 502),
    summary="What would become public",
)
def check_basket(
    parts: Wired, actor: Caller, route: Annotated[Text, Query(max_length=100)]
) -> ProspectShown:
    """Of the basket's datasets from the route's source, with all that stands against it. Nothing
    is made, nothing is called at a target."""
    source = parts.route(route).source
    with parts.database.read() as connection:
        most = selection.LIMIT + 1
        rows = baskets.page(connection, actor.name, source=source, limit=most)
    titles = {row.ref: row.title for row in rows}
    return _foreseen(parts, prospect.of(parts, actor, route, [*titles], titles=titles))


def _foreseen(parts: Parts, seen: Prospect) -> ProspectShown:
    return ProspectShown(
        route=seen.route,
        source=seen.source,
        blockers=seen.blockers,
        warnings=seen.warnings,
        title=prospect.title(seen.record),
        people=prospect.people(seen.record),
        licences=prospect.licences(seen.record),
        address=seen.address,
        files=seen.files,
        bytes=seen.bytes,
        datasets=[
            LookedShown(
                ref=d.ref,
                title=d.title,
                folder=d.folder,
                files=d.files,
                bytes=d.bytes,
                held_by=_holder(parts, d.holder),
                problems=[ProblemShown(**p.as_data()) for p in d.problems],
            )
            for d in seen.datasets
        ],
        problems=[ProblemShown(**p.as_data()) for p in seen.whole],
        to_complete=[ProblemShown(**p.as_data()) for p in seen.to_complete],
        places=[
            PlaceShown(
                name=p.name,
                kind=p.kind,
                final=p.final,
                asked=p.asked,
                problems=[ProblemShown(**found.as_data()) for found in p.problems],
            )
            for p in seen.places
        ],
    )


def _holder(parts: Parts, held: Holder | None) -> HolderShown | None:
    if held is None:
        return None
    told = held.mine_to_see or bool(held.slug)
    return HolderShown(
        state=held.state if told else "",
        id=held.publication if held.mine_to_see else "",
        title=held.title if told else "",
        page=parts.landing_url(held.slug) if held.slug else "",
    )


@ROUTER.get(
    "/sources/{source}/datasets",
    responses=troubles(403, 404, 422, 429, 501, 502),
    summary="Look into a source",
)
def look_into_source(
    parts: Wired,
    actor: Caller,
    source: Annotated[Text, Path(max_length=100, description="The source's name.")],
    text: Annotated[Text, Query(max_length=500, description="Words; empty: all.")] = "",
    limit: Limit = 50,
) -> FoundAll:
    """What it finds and you may see, best match first, and which publication has it already."""
    found = picking.search(parts, actor, source, text)
    if found.failed is not None and not found.datasets:
        raise found.failed
    shown = found.datasets[:limit]
    incomplete = found.capped or found.late or found.failed is not None
    return FoundAll(
        datasets=[
            FoundShown(
                source=row.dataset.source,
                ref=row.dataset.ref,
                title=row.dataset.title,
                owner=row.dataset.owner,
                access=row.dataset.access,
                files=row.dataset.file_count,
                bytes=row.dataset.bytes,
                in_basket=row.picked,
                held_by=_holder(parts, row.holder),
            )
            for row in picking.rows(parts, actor, source, shown)
        ],
        complete=not incomplete and len(found.datasets) <= limit,
    )


class CopyWish(Ask):
    """The datasets of a copy, of the route's source; absent: those of the original."""

    refs: Annotated[list[Ref] | None, Field(min_length=1, max_length=1000)] = None


@ROUTER.post(
    "/publications/{publication}/copy",
    tags=["actions"],
    status_code=201,
    responses={201: LOCATION, **troubles(400, 403, 404, 409, 413, 415, 422, 429, 501, 502)},
    summary="Copy to a new draft",
)
def copy(
    parts: Wired,
    actor: Caller,
    response: Response,
    publication: PublicationId,
    wish: Annotated[CopyWish | None, Body()] = None,
) -> PublicationShown:
    """A work of its own with this one's record, without its identifiers."""
    found = visible(parts, actor, publication)
    made = verbs.copy(parts, actor, found.id, refs=wish.refs if wish else None)
    response.headers["Location"] = address(parts, "publications", made.id)
    return tagged(parts, actor, made.id, response)
