"""Plots as SVG. Words are drawn as text, so that they can be read aloud, searched and enlarged;
each kind of point has a shape of its own beside its colour."""

from __future__ import annotations

import io
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from excudit.domain.looks import Plot

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# What a drawing remembers of fonts and texts is not made for several threads.
_ALONE = threading.Lock()
_MARKS: dict[str, dict[str, Any]] = {
    "good": {"marker": ".", "s": 9, "color": "#2b5c8a"},
    "questionable": {"marker": "^", "s": 26, "color": "#a85b00"},
    "bad": {"marker": "x", "s": 26, "color": "#b00020"},
    "other": {"marker": "s", "s": 12, "color": "#666666"},
}
_STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "excudit",
    "font.family": "sans-serif",
    "font.size": 9.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
}


_DRAWN: dict[str, bytes] = {}
_KEPT = 64


def drawn(plot: Plot, key: str) -> bytes:
    """The plot as an SVG document; the last ones are remembered by `key`, which names the data."""
    if key not in _DRAWN:
        while len(_DRAWN) >= _KEPT:
            _DRAWN.pop(next(iter(_DRAWN)), None)
        _DRAWN[key] = _draw(plot)
    return _DRAWN[key]


def _draw(plot: Plot) -> bytes:
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with _ALONE, mpl.rc_context(_STYLE):
        figure = Figure(figsize=(7.2, 3.6 if plot.times else 4.4), layout="constrained")
        axes = figure.subplots()
        for series in plot.series:
            xs: list[Any] = _moments(series.x) if plot.times else list(series.x)
            label = f"{series.label}: {series.total:,}"
            axes.scatter(xs, list(series.y), label=label, **_MARKS[series.mark])
        _dress(axes, plot)
        out = io.BytesIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Title": plot.title})
    return out.getvalue()


def _moments(seconds: Any) -> list[datetime]:
    return [datetime.fromtimestamp(s, UTC).replace(tzinfo=None) for s in seconds]


def _dress(axes: Axes, plot: Plot) -> None:
    axes.set_xlabel(plot.x_label)
    axes.set_ylabel(plot.y_label)
    if plot.times:
        from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

        locator = AutoDateLocator()  # type: ignore[no-untyped-call]
        axes.xaxis.set_major_locator(locator)
        shape = ConciseDateFormatter(locator)  # type: ignore[no-untyped-call]
        axes.xaxis.set_major_formatter(shape)
    if plot.series:
        axes.legend(loc="best", frameon=True, framealpha=0.9, markerscale=1.2)
    else:
        axes.text(0.5, 0.5, "no values", ha="center", va="center", transform=axes.transAxes)
