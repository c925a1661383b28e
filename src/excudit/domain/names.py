"""People, organisations and subjects as the pickers know them, and how they are found.

A name is found when every typed word begins one of its words. Case and accents do not count
(Unicode NFKD, combining marks dropped, case folded).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["person", "organisation", "subject"]

WORD = 60
"""Characters of a word that count."""
WORDS = 8
"""Words of a question that count."""

_WORD = re.compile(r"[^\W_]+")
# Letters that Unicode does not take apart, as people without them on the keyboard type them.
_PLAIN = str.maketrans(
    {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i", "ħ": "h"}
)
_ORCID = re.compile(r"(?:https?://)?(?:www\.)?(?:orcid\.org/)?(\d{4}(?:-[\dX]{0,4}){1,3})", re.I)
_ORCID_BARE = re.compile(r"\d{15}[\dX]", re.I)
_ROR = re.compile(r"(?:https?://)?(?:www\.)?(?:ror\.org/)?(0[0-9a-hjkmnp-tv-z]{3,8})", re.I)


@dataclass(frozen=True, slots=True)
class Name:
    """One name. `id` is an ORCID or ROR URL, or "subject:" and the folded words; `note` tells two
    of the same name apart; `fills` is what a choice writes into a row, by the row's own words."""

    id: str
    kind: Kind
    name: str
    note: str = ""
    origin: str = ""
    fills: Mapping[str, str] = field(default_factory=dict)


def fold(text: str) -> str:
    """The text without case and accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(sign for sign in apart if not unicodedata.combining(sign))
    return bare.casefold().translate(_PLAIN)


def words_of(*texts: str) -> list[str]:
    """The folded words, each once, in their order."""
    every = (word[:WORD] for text in texts for word in _WORD.findall(fold(text)))
    return list(dict.fromkeys(every))


def asked_id(text: str) -> str:
    """The beginning of the ORCID or ROR URL that somebody typed or pasted; "" when it is none."""
    typed = text.strip()
    if _ORCID_BARE.fullmatch(typed):
        typed = "-".join(typed[i : i + 4] for i in range(0, 16, 4))
    found = _ORCID.fullmatch(typed)
    if found:
        return f"https://orcid.org/{found[1].upper()}"
    found = _ROR.fullmatch(typed)
    return f"https://ror.org/{found[1].lower()}" if found else ""


def split_person(name: str) -> tuple[str, str]:
    """Given and family name of "Family, Given" or "Given Family"."""
    family, comma, given = (part.strip() for part in name.partition(","))
    if comma:
        return given, family
    before, _, last = name.strip().rpartition(" ")
    return before.strip(), last


def fit(text: str, asked: Iterable[str]) -> tuple[int, int, int]:
    """How well a name fits the asked words, least first: words that are only begun, whether it
    begins otherwise, and its length."""
    words, wanted = words_of(text), list(asked)
    begun = sum(word not in words for word in wanted)
    return begun, int(words[: len(wanted)] != wanted), len(text)
