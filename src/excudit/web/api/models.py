"""What calls of the API answer. The words are those of the screens and of the mails."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from excudit.domain.lifecycle import Health, State


class Answer(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)


class ProblemShown(BaseModel):
    """One thing that is wrong with an input."""

    where: Annotated[
        str, Field(description="JSON pointer, or a file's path; absent: all of it.")
    ] = ""
    message: str
    mend: str = ""
    severity: Literal["error", "warning"] = "error"
    rule: str = ""
    line: int | None = None
    column: int | None = None


class Trouble(BaseModel):
    """Why a call failed (problem details, RFC 9457)."""

    type: Annotated[str, Field(description="A page about failures of this kind.")]
    title: str
    status: int
    detail: str
    instance: str
    kind: Annotated[str, Field(description="The class of failure, e.g. Rejected, Conflict.")]
    hint: Annotated[str, Field(description="How to mend it.")] = ""
    remote: Annotated[str, Field(description="What another service said, word for word.")] = ""
    problems: list[ProblemShown] = []
    incident: Annotated[str, Field(description="The number under which the log tells more.")] = ""


class Link(Answer):
    """An address to call, and how."""

    href: str
    method: Literal["GET", "POST", "PUT", "DELETE"] = "GET"
    label: str = ""


class StepShown(Answer):
    """A step of a run."""

    key: str
    title: str
    target: str
    final: Annotated[str, Field(description="Why it cannot be taken back; empty when it can.")]
    status: str
    attempts: int
    begun_at: datetime | None
    ended_at: datetime | None
    done: int
    total: int
    unit: str
    error: dict[str, Any] | None
    result: Any = None


class RunShown(Answer):
    """A run of a plan."""

    id: str
    plan: str
    status: str
    position: str
    begun_at: datetime
    ended_at: datetime | None
    next_try_at: datetime | None
    past_final: bool
    error: dict[str, Any] | None
    steps: list[StepShown]


class Brief(Answer):
    """A publication in a list."""

    id: str
    title: str
    route: str
    state: State
    state_words: str
    health: Health
    status: Annotated[
        str, Field(description="The state in the words of its route; `state_words` where none.")
    ]
    status_meaning: Annotated[str, Field(description="What that word means; empty where none.")]
    status_code: Annotated[
        str, Field(description="What the outside system calls it; empty where it has no name.")
    ]
    owner: str
    version: int
    edition: int
    created_at: datetime
    updated_at: datetime
    links: dict[str, Link]


class DepositShown(Answer):
    """The publication at one target."""

    target: str
    remote_id: str
    state: str
    url: str
    doi: str
    doi_state: str


class IdentifierShown(Answer):
    """A name that was chosen for the publication."""

    doi: str
    target: str
    state: str


class DatasetRef(Answer):
    """Where the dataset lives."""

    source: str
    ref: str
    title: str


class VersionRef(Answer):
    """One version of the same work."""

    id: str
    version: int
    state: State


class OfferShown(Answer):
    """Something that the people of a route can do where a publication stands, in their words."""

    key: str
    label: str
    meaning: str


class PublicationShown(Brief):
    """Everything about a publication, with what can be done with it now."""

    next: Annotated[str, Field(description="What happens next and who must act.")]
    offers: Annotated[
        list[OfferShown],
        Field(description="What the route's people do here, in their words; empty where none."),
    ]
    publish_at: Annotated[
        datetime | None, Field(description="Not before this moment is it published.")
    ]
    published_at: datetime | None
    withdrawn_at: datetime | None
    withdrawn_reason: str
    landing_url: str
    doi: str
    identifiers: list[IdentifierShown]
    deposits: list[DepositShown]
    datasets: list[DatasetRef]
    files: int
    bytes: int
    digest: Annotated[str, Field(description="Of what was frozen; an approval binds to it.")]
    versions: list[VersionRef]
    record: dict[str, Any]
    run: RunShown | None
    refused: Annotated[
        dict[str, str], Field(description="The actions that are not possible now, and why.")
    ]


class Publications(Answer):
    """A page of publications, newest change first."""

    publications: list[Brief]
    next: Annotated[str | None, Field(description="Address of the next page; null at the end.")]


class EventShown(Answer):
    """One thing that happened."""

    id: int
    at: datetime
    actor: str
    action: str
    before: str
    after: str
    reason: str
    run: str
    details: dict[str, Any]


class Events(Answer):
    """A page of all that happened, first to last."""

    events: list[EventShown]
    next: Annotated[str | None, Field(description="Address of the next page; null at the end.")]


class FileShown(Answer):
    """A frozen file."""

    position: int
    path: str
    size: Annotated[int, Field(description="Bytes.")]
    sha256: str
    media_type: str


class Files(Answer):
    """A page of frozen files, in the order of their paths."""

    files: list[FileShown]
    next: str | None


class MailShown(Answer):
    """A mail and how far it is."""

    id: int
    kind: str
    recipient: str
    subject: str
    status: str
    sent_at: datetime | None
    error: str


class Mails(Answer):
    """A page of the mails of a publication, first to last."""

    mails: list[MailShown]
    next: Annotated[str | None, Field(description="Address of the next page; null at the end.")]


class Runs(Answer):
    """The runs of a publication, first to last."""

    runs: list[RunShown]


class RouteShown(Answer):
    """A way to the public that this service offers."""

    name: str
    title: str
    source: str
    targets: list[str]
    review: str
    publish: str
    links: dict[str, Link]


class Routes(Answer):
    """All routes."""

    routes: list[RouteShown]


class DatasetShown(Answer):
    """A dataset that a source found."""

    source: str
    ref: str
    title: str
    revision: str


class Datasets(Answer):
    """Datasets, best match first."""

    datasets: list[DatasetShown]


class Checked(Answer):
    """What was found in a record. `publishable`: no problem blocks."""

    publishable: bool
    problems: list[ProblemShown]


class SeriesShown(Answer):
    """Points of one kind; `x` and `y` may be fewer than `total`, the extremes kept."""

    label: str
    mark: str
    x: list[float]
    y: list[float]
    total: int


class PlotShown(Answer):
    """A plot as numbers; with `times` its `x` is in seconds since 1970, UTC."""

    key: str
    title: str
    x_label: str
    y_label: str
    series: list[SeriesShown]
    times: bool


class TableShown(Answer):
    """A table in words; `behind` names the plot that says the same."""

    key: str
    caption: str
    head: list[str]
    rows: list[list[str]]
    behind: str


class LooksShown(Answer):
    """Everything there is to look at."""

    about: str = ""
    plots: list[PlotShown] = []
    tables: list[TableShown] = []
    notes: list[str] = []
