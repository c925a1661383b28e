"""The `query` parameter of lists: the part of Elasticsearch's query string that clients use.

Words and "phrases", `field:value` with `*` and `?`, AND (also by default), OR, NOT, parentheses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from typing import Any

Match = Callable[[dict[str, Any]], bool]

_TOKEN = re.compile(
    r"""\s*(?:(?P<open>\()|(?P<close>\))|(?P<field>[A-Za-z_][\w.\-]*):
    |"(?P<phrase>[^"]*)"|(?P<word>(?:\\.|[^\s()":])+))""",
    re.VERBOSE,
)
_WORDS = re.compile(r"[^\s,;()\"]+")


class Broken(Exception):
    """The query cannot be parsed."""


def parse(text: str) -> Match:
    """A test for indexed attributes. Raises Broken."""
    return _Parser(text).whole()


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens = list(_tokens(text))
        self.place = 0

    def whole(self) -> Match:
        match = self.either()
        if self.place < len(self.tokens):
            raise Broken(f"unexpected {self.tokens[self.place][1]!r}")
        return match

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.place] if self.place < len(self.tokens) else ("end", "")

    def take(self) -> tuple[str, str]:
        token = self.peek()
        self.place += 1
        return token

    def either(self) -> Match:
        matches = [self.both()]
        while self.peek() == ("word", "OR"):
            self.take()
            matches.append(self.both())
        return lambda shown: any(match(shown) for match in matches)

    def both(self) -> Match:
        matches = [self.one()]
        while self.peek()[0] not in ("end", "close") and self.peek() != ("word", "OR"):
            if self.peek() == ("word", "AND"):
                self.take()
            matches.append(self.one())
        return lambda shown: all(match(shown) for match in matches)

    def one(self) -> Match:
        kind, text = self.take()
        if (kind, text) == ("word", "NOT"):
            negated = self.one()
            return lambda shown: not negated(shown)
        if kind == "open":
            inner = self.either()
            if self.take()[0] != "close":
                raise Broken("a parenthesis is not closed")
            return inner
        if kind == "field":
            path, (kind, text) = text, self.take()
        else:
            path = ""
        if kind not in ("word", "phrase") or (kind, text) in (("word", "AND"), ("word", "OR")):
            raise Broken(f"a term was expected, not {text!r}" if text else "a term was expected")
        return _term(path, text, phrase=kind == "phrase")


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    place = 0
    stripped = text.rstrip()
    while place < len(stripped):
        found = _TOKEN.match(stripped, place)
        if found is None:
            raise Broken(f"cannot parse {stripped[place:].strip()!r}")
        kind = str(found.lastgroup)
        yield kind, found[kind] or ""
        place = found.end()


def _term(path: str, text: str, *, phrase: bool) -> Match:
    wanted = re.sub(r"\\(.)", r"\1", text).lower()

    def matches(shown: dict[str, Any]) -> bool:
        for value in _leaves(shown, path.split(".") if path else []):
            low = str(value).lower()
            if phrase and wanted in low:
                return True
            if not phrase and any(fnmatchcase(w, wanted) for w in (low, *_WORDS.findall(low))):
                return True
        return False

    return matches


def _leaves(value: Any, path: list[str]) -> Iterator[Any]:
    if isinstance(value, list):
        for member in value:
            yield from _leaves(member, path)
    elif isinstance(value, dict):
        for key, member in value.items():
            if not path:
                yield from _leaves(member, [])
            elif key.lower() == path[0].replace("_", "").lower():
                yield from _leaves(member, path[1:])
    elif value is not None and not path:
        yield value
