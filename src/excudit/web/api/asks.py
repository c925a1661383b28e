"""What calls of the API may say: bodies and parameters, checked before anything happens."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Header, Path, Query
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from excudit.domain.storable import storable as storable
from excudit.service import selection

Text = Annotated[str, AfterValidator(storable)]
Record = Annotated[
    dict[str, Any],
    AfterValidator(storable),
    Field(
        description="Attributes of a DOI as in DataCite's REST API (metadata schema 4.7). A draft "
        "may be incomplete; `POST /api/v1/records/check` tells everything that is missing.",
        examples=[{"titles": [{"title": "Sea surface temperature, station Alpha"}]}],
    ),
]
Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000),
    AfterValidator(storable),
    Field(description="Why; the owner, and after a withdrawal everybody, reads it."),
]
PublicationId = Annotated[str, Path(description="The publication's own id.")]
Limit = Annotated[int, Query(ge=1, le=500, description="How many entries at most.")]
Cursor = Annotated[
    str | None, Query(max_length=500, description="Where the page before ended: its `next`.")
]
IfMatch = Annotated[
    str | None,
    Header(max_length=500, description="The ETag of what you read: 412 when it changed since."),
]
IfNoneMatch = Annotated[
    str | None,
    Header(max_length=500, description="ETags that you have: 304 when one is still right."),
]
IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=200,
        pattern=r"^[!-~]+$",
        description="A name of your own for this call: repeated with the same body it gives the "
        "same publication, with another body 422.",
    ),
]


class Ask(BaseModel):
    """A body; unknown members are refused."""

    model_config = ConfigDict(extra="forbid")


Ref = Annotated[
    Text,
    Field(
        min_length=1,
        max_length=selection.REF_BYTES,
        description=f"The source's own reference, of at most {selection.REF_BYTES:,} bytes.",
    ),
]


class NewPublication(Ask):
    """Datasets to publish: exactly one of `ref` and `refs`."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"oneOf": [{"required": ["ref"]}, {"required": ["refs"]}]},
    )

    route: Annotated[Text, Field(max_length=100, description="A name of `GET /routes`.")]
    ref: Ref | None = None
    refs: Annotated[
        list[Ref] | None,
        Field(
            min_length=1,
            max_length=1000,
            description="Several datasets of the route's source, each once. The files of each "
            "stand below a folder of its own.",
        ),
    ] = None
    record: Record | None = None
    submit: Annotated[bool, Field(description="Also submit it: both or neither.")] = False
    from_basket: Annotated[
        bool, Field(description="Take the datasets out of your basket with it.")
    ] = False

    @model_validator(mode="after")
    def _one(self) -> NewPublication:
        if (self.ref is None) == (self.refs is None):
            raise ValueError("give exactly one of ref and refs")
        return self

    def chosen(self) -> list[str]:
        """The references, in the order given."""
        return self.refs or [self.ref or ""]


Seen = Annotated[
    str,
    Field(
        pattern=r"^([0-9a-f]{64})?$",
        description="The publication's `digest` that you looked at: 409 when it is another.",
    ),
]


class Approval(Ask):
    """A yes; with `digest`, to exactly this."""

    digest: Seen = ""
    reason: Annotated[
        Text,
        Field(max_length=10_000, description="Said along with it; the owner reads it."),
    ] = ""


class Because(Ask):
    """A decision with its reason."""

    reason: Reason


class TurnedDown(Because):
    """A no with its reason; with `digest`, to exactly this."""

    digest: Seen = ""


class Amendment(Because):
    """New public metadata with the reason for the change."""

    record: Record


class RecordToCheck(Ask):
    """A record to look at; nothing is stored."""

    record: Record
