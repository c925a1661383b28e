"""The lifecycle table as a picture and as tables."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from excudit.domain.lifecycle import (
    GUARD_SENTENCES,
    HEALTHS,
    STATE_WORDS,
    STATES,
    TRANSITIONS,
    Transition,
)
from reference.tables import code, table

LEFT, TOP, ROW, COLUMN, BOX = 160, 185, 44, 34, 130
FONT = 'font-family="system-ui, sans-serif" font-size="13"'
PEOPLE, SERVICE, SAME = "#1f6f8b", "#8b5a1f", "#777777"

HEALTH_WORDS = {
    "idle": "nothing runs",
    "running": "a run is under way",
    "waiting": "a run waits for a time or an answer, by itself",
    "needs_attention": "a run stands still until somebody acts",
    "out_of_sync": "it is public at one place and not everywhere yet",
    "cleanup_pending": "an undo did not succeed yet and is tried again",
}


def tables() -> str:
    """States, actions, further conditions and healths."""
    states = table(["State", "Shown as"], ([code(s), STATE_WORDS[s]] for s in STATES))
    actions = table(
        ["Action", "Button", "From", "To", "Who", "Only if"],
        (
            [
                code(t.action),
                t.label,
                ", ".join(map(code, t.before)),
                "the same" if t.after == "same" else code(t.after),
                ", ".join(sorted(t.roles)),
                ", ".join(map(code, t.guards)),
            ]
            for t in TRANSITIONS
        ),
    )
    guards = table(
        ["Condition", "Refused with"], ([code(g), f"… {s}."] for g, s in GUARD_SENTENCES.items())
    )
    healths = table(["Health", "Meaning"], ([code(h), HEALTH_WORDS[h]] for h in HEALTHS))
    parts = {"States": states, "Actions": actions, "Conditions": guards, "Health": healths}
    return "\n".join(f"## {title}\n\n{text}" for title, text in parts.items())


def picture() -> str:
    """One row for each state, one arrow for each action."""
    width = LEFT + COLUMN * len(TRANSITIONS) + 40
    height = TOP + ROW * len(STATES) + 10
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" {FONT}>',
            "<title>The lifecycle of a publication</title>",
            f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
            *_rows(width),
            *(line for i, t in enumerate(TRANSITIONS) for line in _column(i, t)),
            "</svg>",
            "",
        ]
    )


def _y(state: str) -> int:
    return TOP + ROW * STATES.index(state) + ROW // 2  # type: ignore[arg-type]


def _rows(width: int) -> Iterator[str]:
    for state in STATES:
        y = _y(state)
        yield f'<line x1="{LEFT - 20}" y1="{y}" x2="{width - 10}" y2="{y}" stroke="#e2e2e2"/>'
        yield (
            f'<rect x="8" y="{y - 14}" width="{BOX}" height="28" rx="6" fill="#eef5f7"'
            ' stroke="#1f6f8b"/>'
        )
        name = escape(STATE_WORDS[state])
        yield f'<text x="{8 + BOX // 2}" y="{y + 4}" text-anchor="middle" fill="#222">{name}</text>'


def _column(number: int, t: Transition) -> Iterator[str]:
    x = LEFT + COLUMN * number + COLUMN // 2
    colour = SAME if t.after == "same" else SERVICE if t.roles == {"service"} else PEOPLE
    yield (
        f'<text transform="translate({x + 4} {TOP - 8}) rotate(-55)" fill="{colour}">'
        f"{escape(t.label)}</text>"
    )
    for state in t.before:
        hollow = "#ffffff" if t.after == "same" else colour
        yield f'<circle cx="{x}" cy="{_y(state)}" r="4" fill="{hollow}" stroke="{colour}"/>'
        if t.after != "same":
            yield from _arrow(x, _y(state), _y(t.after), colour)


def _arrow(x: int, start: int, end: int, colour: str) -> Iterator[str]:
    way = 1 if end > start else -1
    yield f'<line x1="{x}" y1="{start}" x2="{x}" y2="{end - 6 * way}" stroke="{colour}"/>'
    points = f"{x},{end} {x - 4},{end - 8 * way} {x + 4},{end - 8 * way}"
    yield f'<polygon points="{points}" fill="{colour}"/>'
