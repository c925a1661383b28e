"""Publications at other places of their life, so that the demo's pages have something to show.

They are begun after the one that the demo publishes, and only in a demo that stays up.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from excudit.cli.demo_people import CURATOR, OWNER, REVIEWER

if TYPE_CHECKING:
    from excudit.domain.publication import Publication
    from excudit.service.parts import Parts

ROUTE = "folder-reviewed"
RETURNED = "Please say in the abstract which mesh the nets had, and how the animals were counted."
ASKED = "Is the abundance per haul or per cubic metre?"
BETTER = "Zooplankton in vertical net hauls on the Nordvik shelf, May 2024"


def library() -> Path:
    """The folder with all sample datasets."""
    import excudit.sandbox

    return Path(excudit.sandbox.__file__).parent / "samples"


def begin(parts: Parts, settled: Callable[[str], None]) -> None:
    """A draft, a submission that waits for a reviewer, and one that was sent back with a comment
    and a suggestion. `settled` waits until a publication stands still. Not idempotent."""
    _begun(parts, "harbour-tides", submitting=False)
    settled(_begun(parts, "moored-chain").id)
    _sent_back(parts, _begun(parts, "plankton-nets").id, settled)


def _begun(parts: Parts, name: str, *, submitting: bool = True) -> Publication:
    from excudit.service import beginnings

    ref = str(library() / name)
    return beginnings.create(parts, OWNER, ROUTE, ref, submitting=submitting)


def _sent_back(parts: Parts, publication: str, settled: Callable[[str], None]) -> None:
    from excudit.service import suggestions, talk, verbs

    settled(publication)
    talk.comment(parts, REVIEWER, publication, ASKED, field="/descriptions/0/description")
    suggestions.suggest(parts, CURATOR, publication, "/titles/0/title", BETTER)
    verbs.turn_down(parts, REVIEWER, publication, "return", RETURNED)
    settled(publication)
