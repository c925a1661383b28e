"""What the repository shows against what was sent: it may add, but not change."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any

from excudit.domain.problem import Problem


def differences(sent: Any, seen: Any, place: str = "") -> Iterator[str]:
    """The places at which something that was sent is not shown as sent."""
    if isinstance(sent, Mapping):
        shown = seen if isinstance(seen, Mapping) else {}
        for name, value in sent.items():
            yield from differences(value, shown.get(name), f"{place}/{name}")
    elif isinstance(sent, list):
        shown_list = seen if isinstance(seen, list) else []
        if len(shown_list) != len(sent):
            yield place
            return
        for i, (one, other) in enumerate(zip(sent, shown_list, strict=True)):
            yield from differences(one, other, f"{place}/{i}")
    elif _plain(sent) != _plain(seen):
        yield place


def problems(sent: Mapping[str, Any], seen: Mapping[str, Any], name: str) -> list[Problem]:
    """Differences as problems, one for each place. What the repository is free to reformat is a
    warning."""
    return [
        Problem(
            "",
            f"{name} shows another {place.strip('/').replace('/', ' ')} than was sent.",
            "Amend the publication; if it stays so, look at the record there.",
            severity="warning" if place.startswith("/description") else "error",
            rule="invenio.drift",
        )
        for place in dict.fromkeys(differences(sent, seen))
    ]


def _plain(value: Any) -> str:
    """Text without markup, spacing and case: licences and roles come back in other letters."""
    text = unescape(re.sub(r"<[^>]*>", " ", str("" if value is None else value)))
    return " ".join(text.split()).casefold()
