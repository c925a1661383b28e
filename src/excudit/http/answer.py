"""What another service said, looked at before it is believed."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import orjson

from excudit.domain.errors import ExcuditError, Unavailable, Uncertain
from excudit.http.secrets import redact

WORDS = 2000


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `value` is the parsed body where `is_json`, else None.

    `asked` is "METHOD /path"; `safe` tells that asking again changes nothing at the other side;
    `secrets` are what must not be seen in `words`.
    """

    remote: str
    asked: str
    safe: bool
    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    value: Any = field(repr=False)
    is_json: bool
    secrets: frozenset[str] = field(repr=False)

    @property
    def media_type(self) -> str:
        """The content type without its parameters, lower case; "" = none was given."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def words(self) -> str:
        """The other side's own words: text as it stands, HTML as plain text; cut to 2000 signs."""
        text = self.body[: WORDS * 4].decode("utf-8", "replace")
        if "html" in self.media_type or text.lstrip()[:1] == "<":
            text = re.sub(r"(?is)<(script|style)\b.*?</\1>|<[^>]*>", " ", text)
            text = " ".join(html.unescape(text).split())
        return redact(text.strip(), self.secrets)[:WORDS]

    @property
    def location(self) -> str:
        """Where a redirect points to; "" = nowhere."""
        return redact(self.headers.get("location", ""), self.secrets)

    @property
    def retry_after_s(self) -> float:
        """Retry-After in seconds, from both forms of RFC 9110 §10.2.3; 0 = it did not say."""
        said = self.headers.get("retry-after", "").strip()
        if said.isdigit():
            return float(said)
        try:
            when = parsedate_to_datetime(said)
        except ValueError:
            return 0.0
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        return max((when - datetime.now(UTC)).total_seconds(), 0.0)

    def unsure(self, what: str) -> ExcuditError:
        """The error for an answer that leaves open what happened: reads may simply be repeated."""
        return unsure(self.safe)(f"{self.remote} {what} ({self.asked}).", remote=self.words)


def unsure(safe: bool) -> type[ExcuditError]:
    """A read that got no answer may simply be repeated; after a write one has to look first."""
    return Unavailable if safe else Uncertain


def parse(content_type: str, body: bytes) -> tuple[Any, bool]:
    """The value of a JSON body and True; None and False when it is none, whatever it claims."""
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        return None, False
    try:
        return orjson.loads(body), True
    except orjson.JSONDecodeError:
        return None, False
