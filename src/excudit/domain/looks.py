"""What a source offers to look at before a dataset is judged: plots as numbers, tables as words.

Whoever shows them draws them; nothing here knows how.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Series:
    """Points of one kind. `mark` says what kind they are, for the shape and colour of the dot:
    "good", "questionable", "bad", "other". `total` is how many there are; `x` and `y` may be fewer,
    the extremes kept."""

    label: str
    mark: str
    x: Sequence[float]
    y: Sequence[float]
    total: int


@dataclass(frozen=True, slots=True)
class Plot:
    """One picture. `times` tells that `x` is in seconds since 1970, UTC."""

    key: str
    title: str
    x_label: str
    y_label: str
    series: tuple[Series, ...]
    times: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """Figures in words; the first cell of each row is its heading. `behind` is the key of the plot
    that says the same in a picture, "" = none."""

    key: str
    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    behind: str = ""


@dataclass(frozen=True, slots=True)
class Looks:
    """Everything there is to look at. `about` is what the data are, in one sentence; `notes` say
    what could not be shown."""

    about: str
    plots: tuple[Plot, ...] = ()
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()

    def as_data(self) -> dict[str, Any]:
        """Plain JSON; `from_data` is the inverse."""
        return asdict(self)


def from_data(data: Mapping[str, Any]) -> Looks:
    """The looks that `as_data` wrote."""
    return Looks(
        about=data["about"],
        plots=tuple(
            Plot(**{**p, "series": tuple(Series(**s) for s in p["series"])}) for p in data["plots"]
        ),
        tables=tuple(
            Table(**{**t, "head": tuple(t["head"]), "rows": tuple(map(tuple, t["rows"]))})
            for t in data["tables"]
        ),
        notes=tuple(data["notes"]),
    )
