"""Who may do what, from the two tables that decide it; and the keys."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from excudit.domain.lifecycle import STATE_WORDS, STATES, TRANSITIONS, State
from excudit.domain.permissions import PERMISSIONS, SCOPES, SITE
from excudit.web.pages.about import KEYS
from reference.tables import code, plain, table

LETTERS = {"owner": "O", "collaborator": "C", "reviewer": "R", "curator": "K", "admin": "A"}
SITE_WORDS = {
    "queue": "See the review queue",
    "define_labels": "Define labels",
    "operate": "See the operations page, retry, pause and resume",
    "audit": "Read and export the audit log",
    "people": "Give and take roles, disable accounts",
}


def text() -> str:
    """A table of actions and states with the roles in its cells, then the site and the scopes."""
    legend = ", ".join(f"**{letter}** {role}" for role, letter in LETTERS.items())
    moving = _grid((t.label, t.action, t.before, t.roles) for t in TRANSITIONS)
    beside = _grid((p.label, p.action, p.states, p.roles) for p in PERMISSIONS)
    site = table(["What", "Who"], ([SITE_WORDS[a], ", ".join(sorted(SITE[a]))] for a in SITE))
    scopes = table(["Scope", "Allows"], ([code(s), plain(w)] for s, w in SCOPES.items()))
    return (
        f"{legend}.\n\n## What moves a publication on\n\n{moving}"
        f"\n## What is done beside it\n\n{beside}"
        f"\n## The site\n\n{site}\n## Tokens of programs\n\n{scopes}"
    )


def keys() -> str:
    """Every key that does something, as the help page shows it."""
    return table(
        ["Key", "What it does"], ([" ".join(map(code, k.split())), plain(w)] for k, w in KEYS)
    )


def _grid(rows: Iterator[tuple[str, str, tuple[State, ...], Collection[str]]]) -> str:
    return table(
        ["Action", *(STATE_WORDS[s] for s in STATES)],
        (
            [f"{label} {code(action)}", *(_who(roles) if s in states else "" for s in STATES)]
            for label, action, states, roles in rows
            if set(roles) != {"service"}
        ),
    )


def _who(roles: Collection[str]) -> str:
    return " ".join(letter for role, letter in LETTERS.items() if role in roles)
